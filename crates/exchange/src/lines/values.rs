//! Reads the values of a report in the ways that bodies write them.
//!
//! A value is read or refused by a rule; none is guessed.

use std::sync::LazyLock;

use jiff::civil::Date;
use lvcai_domain::reference::{self, CodeItem};
use lvcai_domain::{CertificateNumber, Decimal, ReportedStatus, Rule, StandardNumber, Uscc};

use crate::faults::FaultCode;
use crate::text::{compact, models, narrow};
use crate::{dates, text};

/// A value that is not read, and what would have been.
pub(super) struct Refusal {
    pub(super) rule: Rule,
    pub(super) allowed: Vec<String>,
    /// What has become of the value before it was read.
    pub(super) code: Option<FaultCode>,
}

impl From<Rule> for Refusal {
    fn from(rule: Rule) -> Self {
        Self { rule, allowed: Vec::new(), code: None }
    }
}

impl From<FaultCode> for Refusal {
    fn from(code: FaultCode) -> Self {
        let rule = match code {
            FaultCode::ControlCharacter => Rule::NulCharacter,
            FaultCode::TooLong => Rule::TooLong,
            FaultCode::SerialDate => Rule::DateForm,
            _ => Rule::WrongType,
        };
        // The rule's own text says of these what there is to say.
        let code = Some(code).filter(|_| !matches!(rule, Rule::NulCharacter | Rule::TooLong));
        Self { rule, allowed: Vec::new(), code }
    }
}

/// Tells whether a field is a day.
pub(super) fn is_day(place: &str) -> bool {
    place.ends_with("_on") || matches!(place, "/valid_until" | "/suspension_planned_end")
}

/// A day; the end of a validity may be written as a span, of which the last day counts.
pub(super) fn day(place: &str, text: &str) -> Result<Date, Refusal> {
    let day = if place == "/valid_until" { dates::last_day(text) } else { dates::day(text) };
    day.ok_or_else(|| match dates::serial(text) {
        Some(_) => FaultCode::SerialDate.into(),
        None => Rule::DateForm.into(),
    })
}

/// Tells whether a text is the day of zeros by which databases say that there is none.
pub(super) fn is_zero_day(text: &str) -> bool {
    let text = compact(text);
    text.starts_with("0000") && text.chars().all(|c| matches!(c, '0' | '-' | '/' | '.' | ':' | 'T'))
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
    text::star(text).ok_or_else(|| one_of(["1", "2", "3"]))
}

/// A status, by its code or its Chinese name.
pub(super) fn status(text: &str) -> Result<ReportedStatus, Refusal> {
    crate::status::read(text).ok_or_else(|| one_of(ReportedStatus::ALL.iter().map(|it| it.code())))
}

/// The reasons of a status, each by its code, its exact text or both; the report has several in a cell.
pub(super) fn status_reasons(status: Option<ReportedStatus>, text: &str) -> Result<Vec<&'static str>, Refusal> {
    reasons(status.and_then(ReportedStatus::reason_action).as_slice(), text)
}

/// The reasons for a change, likewise.
///
/// Bodies have two vocabularies, their own and that of the report; a text that stands in both has the code of the
/// former.
pub(super) fn change_reasons(text: &str) -> Result<Vec<&'static str>, Refusal> {
    reasons(&["change", "change-report"], text)
}

fn reasons(actions: &[&str], text: &str) -> Result<Vec<&'static str>, Refusal> {
    // A text of the list may hold a comma itself, so the whole is tried first.
    if let Some(whole) = exactly(actions, &plain(text)) {
        return Ok(vec![whole.code]);
    }
    // Codes alone may be joined by anything: `0203/0205`, `0203（0205）`.
    let codes_alone =
        text.chars().all(|c| c.is_ascii_digit() || !c.is_alphanumeric() || matches!(c, '和' | '及' | '与'));
    let separates =
        |c: char| matches!(c, '；' | ';' | '、' | ',' | '，' | '\n' | '|') || codes_alone && !c.is_ascii_digit();
    let mut reasons = Vec::new();
    for piece in text.split(separates).filter(|it| !it.trim().is_empty()) {
        let found = reason(actions, piece)?;
        if !reasons.contains(&found) {
            reasons.push(found);
        }
    }
    Ok(reasons)
}

fn reason(actions: &[&str], text: &str) -> Result<&'static str, Refusal> {
    let text = plain(text);
    let (digits, words) = coded(&text);
    // With the code before it the text may be shortened or changed, but not be that of another reason.
    let by_code = || known(actions).find(|it| it.code == code(digits));
    let names = |it: &Reason| words.split(|c: char| !c.is_ascii_digit()).any(|digits| digits == it.code);
    let other = || known(actions).any(|it| it.text == words || names(it));
    let found = exactly(actions, &text).or_else(|| by_code().filter(|_| !digits.is_empty() && !other()));
    let allowed = || known(actions).map(|it| it.code.to_owned()).collect();
    found.map(|it| it.code).ok_or_else(|| Refusal { rule: Rule::CodeUnknown, allowed: allowed(), code: None })
}

/// A reason by its code, by its text, or by both: `0203 监督检查…`, or `03监督检查…` as some programs shorten it.
fn exactly(actions: &[&str], text: &str) -> Option<&'static Reason> {
    let (digits, words) = coded(text);
    let by_code = known(actions).find(|it| it.code == code(text));
    let by_text = || known(actions).find(|it| it.text == text);
    let by_both =
        || known(actions).find(|it| it.text == words && (it.code == code(digits) || it.code.ends_with(digits)));
    by_code.or_else(by_text).or_else(by_both)
}

fn known(actions: &[&str]) -> impl Iterator<Item = &'static Reason> {
    actions.iter().flat_map(|action| REASONS.iter().filter(move |it| it.action == *action))
}

/// The code before a text, and the text.
fn coded(text: &str) -> (&str, &str) {
    let words = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = text.get(..text.len() - words.len()).unwrap_or_default();
    (digits, words.trim_start_matches([':', '.', '、', '-', '_', ' ']))
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

/// How many persons there are: `120`, `120人`, `1,200`, `120.0`.
pub(super) fn count(text: &str) -> Result<u32, Refusal> {
    let text = compact(text);
    let text = text.strip_suffix('人').unwrap_or(&text);
    let text = text.strip_suffix(".0").unwrap_or(text);
    let mut groups = text.split(',');
    let first = groups.next().unwrap_or_default();
    let whole = groups.all(|it| it.len() == 3) && (first.len() <= 3 || !text.contains(','));
    text.replace(',', "").parse().ok().filter(|_| whole).ok_or_else(|| Rule::WrongType.into())
}

/// A decimal number, as written; degrees may bear their sign.
pub(super) fn decimal(text: &str) -> Result<String, Refusal> {
    let text = narrow(text);
    let text = text.trim().trim_end_matches(['°', '度']);
    Ok(text.parse::<Decimal>()?.to_string())
}

/// The code of an organisation and the name of the field for it: a unified one, or one of nine characters (GB 11714).
pub(super) fn organisation_code(text: &str) -> Result<Option<(&'static str, String)>, Refusal> {
    let text = compact(text).to_ascii_uppercase();
    let bare = text.replace('-', "");
    if bare.bytes().all(|it| it == b'0') || matches!(bare.as_str(), "无" | "暂无" | "境外" | "国外") {
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
        if let Some(standard) = standard(&piece)
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

/// The number with which a text begins, before the name of the standard in Chinese.
fn standard(piece: &str) -> Option<String> {
    let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c) || c == '《';
    let number = piece.split(is_han).next().unwrap_or_default();
    number.trim().parse::<StandardNumber>().ok().map(String::from)
}

fn items(list: &str) -> &'static [CodeItem] {
    reference::code_list(list).map(|list| list.items.as_slice()).unwrap_or_default()
}

fn one_of<'a>(allowed: impl IntoIterator<Item = &'a str>) -> Refusal {
    Refusal { rule: Rule::NotAllowed, allowed: allowed.into_iter().map(str::to_owned).collect(), code: None }
}
