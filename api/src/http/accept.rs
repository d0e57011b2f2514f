//! `Accept`: whether a client takes what an operation answers.

/// Whether a list of media ranges (RFC 9110 §12.5.1) admits one of these types.
///
/// Of the ranges that fit a type the most specific decides. One that cannot be read fits none: Java writes `*; q=.2`.
pub(crate) fn admits(accept: &str, offered: &[String]) -> bool {
    accept.trim().is_empty() || offered.iter().any(|it| is_admitted(accept, it))
}

fn is_admitted(accept: &str, offered: &str) -> bool {
    let fitting = || accept.split(',').map(range).map(|(range, taken)| (precision(&range, offered), taken));
    let best = fitting().map(|(precision, _)| precision).max().unwrap_or_default();
    best > 0 && fitting().any(|(precision, taken)| precision == best && taken)
}

/// A range without its parameters, and whether its weight is more than nothing.
fn range(text: &str) -> (String, bool) {
    let mut parts = text.split(';').map(|it| it.trim().to_ascii_lowercase());
    let name = parts.next().unwrap_or_default();
    let weight = parts.find_map(|it| it.strip_prefix("q=").and_then(|it| it.trim().parse::<f32>().ok()));
    (name, weight.is_none_or(|it| it > 0.0))
}

/// How precisely a range names a type; 0 when it does not.
fn precision(range: &str, offered: &str) -> u8 {
    let of_its_kind = |it: &str| offered.split_once('/').is_some_and(|(kind, _)| kind == it);
    match range {
        "*/*" => 1,
        it if it == offered => 3,
        it if it.strip_suffix("/*").is_some_and(of_its_kind) => 2,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    fn admits(accept: &str) -> bool {
        super::admits(accept, &["application/json".to_owned(), "text/calendar".to_owned()])
    }

    #[test]
    fn a_range_admits_what_it_names() {
        for accept in [
            "",
            "*/*",
            "application/*",
            "application/json",
            "APPLICATION/JSON; charset=utf-8",
            "text/calendar",
            "text/html, application/xhtml+xml, */*;q=0.8",
            "text/html, *; q=.2, */*; q=.2",
            "text/html, application/json;q=0.001",
            "application/json;q=0, text/*",
        ] {
            assert!(admits(accept), "{accept}");
        }
    }

    #[test]
    fn the_most_specific_range_decides() {
        for accept in [
            "text/html",
            "application/xml, text/html",
            "application/json;q=0",
            "application/json;q=0, text/calendar;q=0.0, */*",
            "application/*;q=0, text/html",
            "json",
            "application",
            "*",
        ] {
            assert!(!admits(accept), "{accept}");
        }
    }
}
