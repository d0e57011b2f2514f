//! Reads the values of a report in the ways that bodies write them.
//!
//! A value is read or refused by a rule; none is guessed.

use std::sync::LazyLock;

use jiff::civil::Date;
use lvcai_domain::reference::{self, CodeItem};
use lvcai_domain::{CertificateNumber, Decimal, ReportedStatus, Rule, StandardNumber, Uscc};

use crate::cells::{compact, models, narrow};
use crate::{cells, dates};

/// A value that is not read, and what would have been.
pub(super) struct Refusal {
    pub(super) rule: Rule,
    pub(super) allowed: Vec<String>,
}

impl From<Rule> for Refusal {
    fn from(rule: Rule) -> Self {
        Self { rule, allowed: Vec::new() }
    }
}

/// Tells whether a field is a day.
pub(super) fn is_day(place: &str) -> bool {
    place.ends_with("_on") || matches!(place, "/valid_until" | "/suspension_planned_end")
}

/// A day; the end of a validity may be written as a span, of which the last day counts.
pub(super) fn day(place: &str, text: &str) -> Result<Date, Refusal> {
    let day = if place == "/valid_until" { dates::last_day(text) } else { dates::day(text) };
    day.ok_or_else(|| Rule::DateForm.into())
}

/// The number of a certificate, as written.
pub(super) fn number(text: &str) -> Result<String, Refusal> {
    Ok(text.parse::<CertificateNumber>()?.to_string())
}

/// A scheme, by its code or one of its Chinese names.
pub(super) fn scheme(text: &str) -> Result<String, Refusal> {
    let plain = |text: &str| compact(text).replace(['(', ')'], "");
    let wanted = plain(text);
    let items = items("certificate-schemes");
    let is_wanted = |item: &&CodeItem| {
        let others = item.attributes.get("also_zh").map(String::as_str).unwrap_or_default();
        let mut names = [item.code.as_str(), item.name_zh.as_str()].into_iter().chain(others.split('、'));
        names.any(|name| plain(name) == wanted)
    };
    let found = items.iter().find(is_wanted).map(|item| item.code.clone());
    found.ok_or_else(|| one_of(items.iter().map(|item| item.code.as_str())))
}

/// A kind, by its code or its exact name.
pub(super) fn kind(text: &str) -> Result<&'static str, Refusal> {
    let code = compact(text).to_ascii_lowercase();
    let kind = reference::kind(&code).or_else(|| reference::kind_by_name(text));
    kind.map(|it| it.code.as_str()).ok_or_else(|| Rule::KindUnknown.into())
}

/// A star, or that there is none.
pub(super) fn star(text: &str) -> Result<Option<u8>, Refusal> {
    cells::star(text).ok_or_else(|| one_of(["1", "2", "3"]))
}

/// A status, by its code or its Chinese name.
pub(super) fn status(text: &str) -> Result<ReportedStatus, Refusal> {
    let wanted = code(&compact(text));
    let items = items("certificate-statuses");
    let found = items.iter().find(|item| item.code == wanted || item.name_zh == wanted);
    let status = found.and_then(|item| ReportedStatus::ALL.iter().copied().find(|it| it.code() == item.code));
    status.ok_or_else(|| one_of(ReportedStatus::ALL.iter().map(|it| it.code())))
}

/// A reason of a status, by its code or its exact text.
pub(super) fn status_reason(status: Option<ReportedStatus>, text: &str) -> Result<&'static str, Refusal> {
    let action = status.and_then(ReportedStatus::reason_action);
    reason(action.as_slice(), text)
}

/// A reason for a change, by its code or its exact text.
///
/// Bodies have two vocabularies, their own and that of the report; a text that stands in both has the code of the
/// former.
pub(super) fn change_reason(text: &str) -> Result<&'static str, Refusal> {
    reason(&["change", "change-report"], text)
}

fn reason(actions: &[&str], text: &str) -> Result<&'static str, Refusal> {
    let text = plain(text);
    let wanted = code(&text);
    let known = || actions.iter().flat_map(|action| REASONS.iter().filter(move |it| it.action == *action));
    let found = known().find(|it| it.code == wanted).or_else(|| known().find(|it| it.text == text));
    let allowed = || known().map(|it| it.code.to_owned()).collect();
    found.map(|it| it.code).ok_or_else(|| Refusal { rule: Rule::CodeUnknown, allowed: allowed() })
}

/// A reason that a certificate of some scheme may have.
struct Reason {
    action: &'static str,
    code: &'static str,
    text: String,
}

static REASONS: LazyLock<Vec<Reason>> = LazyLock::new(|| {
    let of_a_scheme = items("certificate-reasons").iter().filter(|item| item.attributes.contains_key("schemes"));
    let reason = |item: &'static CodeItem| {
        let (action, code) = (item.attributes.get("action")?, item.attributes.get("reason_code")?);
        Some(Reason { action, code, text: plain(&item.name_zh) })
    };
    of_a_scheme.filter_map(reason).collect()
});

/// A text without blanks, full width and a final stop.
fn plain(text: &str) -> String {
    let text = compact(text);
    text.trim_end_matches(['。', ';', '.']).to_owned()
}

/// A code, to which a spreadsheet may owe its leading zero; codes have an even number of digits.
fn code(text: &str) -> String {
    let is_short = text.len() % 2 == 1 && text.bytes().all(|it| it.is_ascii_digit());
    if is_short { format!("0{text}") } else { text.to_owned() }
}

/// How many persons there are.
pub(super) fn count(text: &str) -> Result<u32, Refusal> {
    let text = compact(text);
    text.strip_suffix('人').unwrap_or(&text).parse().map_err(|_| Rule::WrongType.into())
}

/// A decimal number, as written.
pub(super) fn decimal(text: &str) -> Result<String, Refusal> {
    Ok(narrow(text).trim().parse::<Decimal>()?.to_string())
}

/// The code of an organisation and the name of the field for it: a unified one, or one of nine characters (GB 11714).
pub(super) fn organisation_code(text: &str) -> Result<Option<(&'static str, String)>, Refusal> {
    let text = compact(text).to_ascii_uppercase();
    let bare = text.replace('-', "");
    if bare.bytes().all(|it| it == b'0') {
        return Ok(None);
    }
    if bare.len() == 9 && bare.bytes().all(|it| it.is_ascii_digit() || it.is_ascii_uppercase()) {
        return Ok(Some(("organisation_code", bare)));
    }
    Ok(Some(("uscc", text.parse::<Uscc>()?.to_string())))
}

/// The standards in a text, each once, and what else it says.
pub(super) fn standards(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut standards, mut others) = (Vec::new(), Vec::new());
    for piece in models(text) {
        let bare = piece.split('《').next().unwrap_or_default();
        if let Ok(standard) = bare.parse::<StandardNumber>().map(String::from)
            && !standards.contains(&standard)
        {
            standards.push(standard);
        }
        if piece.parse::<StandardNumber>().is_err() {
            others.push(piece);
        }
    }
    (standards, others)
}

fn items(list: &str) -> &'static [CodeItem] {
    reference::code_list(list).map(|list| list.items.as_slice()).unwrap_or_default()
}

fn one_of<'a>(allowed: impl IntoIterator<Item = &'a str>) -> Refusal {
    Refusal { rule: Rule::NotAllowed, allowed: allowed.into_iter().map(str::to_owned).collect() }
}
