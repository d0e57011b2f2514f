//! Blanks and line breaks of a text, which say nothing: every door of the registry writes them in one way.

/// Everything that ends a line.
const BREAKS: [char; 7] = ['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'];

/// Trims a text, and joins its lines and runs of blanks; a line break leaves a blank only between two ASCII characters.
pub fn one_line(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for line in text.split(BREAKS) {
        for (place, word) in line.split_whitespace().enumerate() {
            let ascii = |c: Option<char>| c.is_some_and(|it| it.is_ascii());
            let apart = place > 0 || ascii(joined.chars().next_back()) && ascii(word.chars().next());
            if apart {
                joined.push(' ');
            }
            joined.push_str(word);
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn blanks_and_line_breaks_are_written_in_one_way() {
        for (text, line) in [
            ("  内平开塑料窗\u{3000}", "内平开塑料窗"),
            ("内平开\r\n塑料窗", "内平开塑料窗"),
            ("Casement\nwindow,  PVC\t(65)", "Casement window, PVC (65)"),
            ("一般项目：\n\n门窗制造。\u{2028}销售", "一般项目：门窗制造。销售"),
            ("\u{a0}\n", ""),
            ("a\u{0}b", "a\u{0}b"),
        ] {
            assert_eq!(one_line(text), line, "{text:?}");
        }
    }
}
