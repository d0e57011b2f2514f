//! Reads the status of a certificate in the ways that tables write it.

use lvcai_domain::ReportedStatus;
use lvcai_domain::reference::code_list;

use crate::text::compact;

/// Other words for a status.
const ALSO: &[(&str, &str)] = &[("正常", "01"), ("正常有效", "01"), ("在有效期内", "01"), ("有效期内", "01")];

/// A status, by its code (`02`, `2`), its name (`暂停`, `已暂停`), or both (`02暂停`, `暂停（02）`), which must agree.
pub(crate) fn read(text: &str) -> Option<ReportedStatus> {
    let text = compact(text);
    let mut found = None;
    for piece in pieces(&text) {
        let status = one(&piece)?;
        if found.is_some_and(|it| it != status) {
            return None;
        }
        found = Some(status);
    }
    found
}

/// The code and the words of a text, each for itself.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut digits = None;
    for c in text.chars() {
        let is_digit = c.is_ascii_digit();
        if !c.is_alphanumeric() || digits.is_some_and(|it| it != is_digit) {
            pieces.push(String::new());
        }
        digits = c.is_alphanumeric().then_some(is_digit);
        if let Some(piece) = pieces.last_mut().filter(|_| c.is_alphanumeric()) {
            piece.push(c);
        }
    }
    pieces.retain(|it| !it.is_empty());
    pieces
}

fn one(piece: &str) -> Option<ReportedStatus> {
    let wanted = if piece.len() == 1 && piece.bytes().all(|it| it.is_ascii_digit()) {
        format!("0{piece}")
    } else {
        piece.trim_start_matches(['已', '被']).to_owned()
    };
    let items = code_list("certificate-statuses").map(|list| list.items.as_slice()).unwrap_or_default();
    let item = items.iter().find(|item| item.code == wanted || item.name_zh == wanted).map(|item| item.code.as_str());
    let code = item.or_else(|| ALSO.iter().find(|it| it.0 == wanted).map(|it| it.1))?;
    ReportedStatus::ALL.iter().copied().find(|it| it.code() == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_where_code_and_words_agree() {
        for (text, wanted) in [
            ("02", Some("02")),
            ("2", Some("02")),
            ("02暂停", Some("02")),
            ("暂停（02）", Some("02")),
            ("02-暂停", Some("02")),
            ("已注销", Some("04")),
            ("被撤销", Some("03")),
            ("正常", Some("01")),
            ("有效（正常）", Some("01")),
            ("０１ 有效", Some("01")),
            ("过期失效", Some("05")),
            ("02撤销", None),
            ("有效（暂停）", None),
            ("失效", None),
            ("06", None),
            ("", None),
        ] {
            assert_eq!(read(text).map(|it| it.code()), wanted, "{text}");
        }
    }
}
