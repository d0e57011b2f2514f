//! How text becomes search tokens, and how a question becomes terms, alike for both databases.
//!
//! A term is found wherever it stands in the folded text, in which spaces and punctuation are left out and each number
//! has a mark before it. A number is therefore found by its beginning: `42.5` in `P·O42.5` and not in `142.5`. Tokens
//! only bring up candidates: each place of the text begins one of three characters, or of two where they are no Latin
//! letters and digits. Ranking, paging and the statement itself belong to `store`.

use crate::spelling;

/// The form that texts are kept in. Who changes what [`content`], [`tokens`] or `spelling` make of a text counts it up,
/// and what is kept is made anew at the next start.
pub const FORM: i32 = 2;

/// The mark before every number.
const NUMBER: char = ' ';

/// What parts the fields of a [`content`]; no term holds it.
const FIELD: char = '\n';

/// More terms than this add nothing but cost; the rest of a question is left out.
pub const MAX_TERMS: usize = 8;

/// One run of a question, which must occur in a found text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The run, to be rechecked as a substring of the [`content`].
    pub text: String,
    /// Tokens that must follow each other in this order.
    pub phrase: Vec<String>,
    /// What the token after the phrase must begin with.
    pub prefix: Option<String>,
}

#[derive(Clone, Copy, PartialEq)]
enum Script {
    /// Latin letters and digits, in which a word is long.
    Latin,
    /// Chinese before all, in which it is short.
    Other,
}

/// What a question is rechecked against: the fields of a text, folded.
pub fn content<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    fields.into_iter().map(|field| format!("{}{FIELD}", marked(&spelling::fold(field)))).collect()
}

/// The tokens of a [`content`] to index, in its order; they hold letters and digits only.
pub fn tokens(content: &str) -> Vec<String> {
    content.split(FIELD).flat_map(runs).flat_map(|(script, run)| grams(script, &run)).collect()
}

/// The terms of a question, at most [`MAX_TERMS`]; none when it holds no letter and no digit.
pub fn query(text: &str) -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    let folded = spelling::fold(text);
    for (script, run) in folded.split(parts_words).flat_map(|word| runs(&marked(word))) {
        let mut phrase = grams(script, &run);
        let whole = phrase.iter().take_while(|token| token.chars().count() == script.length()).count();
        let prefix = if whole == 0 { phrase.first().cloned() } else { None };
        phrase.truncate(whole);
        let term = Term { text: run, phrase, prefix };
        if terms.len() < MAX_TERMS && !terms.contains(&term) {
            terms.push(term);
        }
    }
    terms
}

/// Whether a character of a folded question parts two words that may stand in any order. A dot stays within its word:
/// `P·O` is one, and so is `42.5`.
fn parts_words(c: char) -> bool {
    !c.is_alphanumeric() && !matches!(c, '·' | '.')
}

/// A folded field without what is neither letter nor digit, and with a mark before each number.
fn marked(folded: &str) -> String {
    let chars: Vec<char> = folded.chars().collect();
    let is_digit = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
    let is_point =
        |at: usize| chars.get(at) == Some(&'.') && is_digit(at.checked_sub(1)) && is_digit(at.checked_add(1));
    let mut marked = String::with_capacity(folded.len());
    for (at, c) in chars.iter().enumerate().filter(|(at, c)| c.is_alphanumeric() || is_point(*at)) {
        let goes_on = at.checked_sub(1).is_some_and(|before| is_digit(Some(before)) || is_point(before));
        if c.is_ascii_digit() && !goes_on {
            marked.push(NUMBER);
        }
        marked.push(*c);
    }
    marked
}

/// The runs of one script; marks and points belong to that of the number.
fn runs(marked: &str) -> Vec<(Script, String)> {
    let chars: Vec<char> = marked.chars().collect();
    let runs = chars.chunk_by(|left, right| script(*left) == script(*right));
    runs.filter_map(|run| Some((script(*run.first()?), run.iter().collect()))).collect()
}

fn script(c: char) -> Script {
    if c.is_ascii() { Script::Latin } else { Script::Other }
}

impl Script {
    /// How many characters a token has, which must be letters of few bytes where they are three.
    const fn length(self) -> usize {
        match self {
            Self::Latin => 3,
            Self::Other => 2,
        }
    }
}

/// The token that begins at each letter and digit of a run; the last ones are shorter.
fn grams(script: Script, run: &str) -> Vec<String> {
    let chars: Vec<char> = run.chars().filter(|c| c.is_alphanumeric()).collect();
    (0..chars.len()).map(|at| chars.iter().skip(at).take(script.length()).collect()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What both databases must agree with.
    fn finds(question: &str, text: &str) -> bool {
        let content = content([text]);
        let tokens = tokens(&content);
        query(question).iter().all(|term| {
            let (phrase, prefix) = (&term.phrase, term.prefix.as_deref().unwrap_or_default());
            let is_match = |at: usize| {
                tokens[at..].starts_with(phrase)
                    && tokens.get(at + phrase.len()).map_or("", String::as_str).starts_with(prefix)
            };
            (0..tokens.len()).any(is_match) && content.contains(&term.text)
        })
    }

    fn term(text: &str, phrase: &[&str], prefix: Option<&str>) -> Term {
        let phrase = phrase.iter().map(|token| (*token).to_owned()).collect();
        Term { text: text.to_owned(), phrase, prefix: prefix.map(str::to_owned) }
    }

    #[test]
    fn text_becomes_pairs_and_threes() {
        assert_eq!(content(["雨虹牌P·O 42.5（水泥）", "M5"]), "雨虹牌po 42.5水泥\nm 5\n");
        assert_eq!(
            tokens(&content(["雨虹牌P·O 42.5（水泥）", "M5"])),
            ["雨虹", "虹牌", "牌", "po4", "o42", "425", "25", "5", "水泥", "泥", "m5", "5"]
        );
        assert!(tokens(&content([" -*\"()%_ "])).is_empty());
    }

    #[test]
    fn a_question_becomes_terms() {
        assert_eq!(query("水"), [term("水", &[], Some("水"))]);
        assert_eq!(query("水泥"), [term("水泥", &["水泥"], None)]);
        assert_eq!(query("混凝土 C30"), [term("混凝土", &["混凝", "凝土"], None), term("c 30", &["c30"], None)]);
        assert_eq!(query("42.5 42.5"), [term(" 42.5", &["425"], None)]);
        assert_eq!(query("P·O"), [term("po", &[], Some("po"))]);
        assert_eq!(query("a b c d e f g h i j").len(), MAX_TERMS);
        assert!(query("\" OR *").iter().all(|term| term.text == "or"));
        for nothing in ["", " ", "×", "·", "•", "%", "🪟", "-", "*", "。", "\u{200B}"] {
            assert_eq!(query(nothing), [], "{nothing}");
        }
    }

    #[test]
    fn what_a_person_types_is_found() {
        let text = "ＸＸ牌 普通硅酸盐水泥 P·O 42.5（散装）";
        for question in [
            "水泥",
            "硅酸盐",
            "泥",
            "水",
            "42",
            "42.5",
            "p·o",
            "xx 牌",
            "散装 水泥",
            "水泥P",
            "PO42.5",
            "P•O42.5",
            "P.O 42.5",
            "普通硅酸鹽水泥",
            "O42.5",
            "牌普通",
            "水\u{200B}泥",
        ] {
            assert!(finds(question, text), "{question}");
        }
        for question in ["泥水", "2.5", "盐酸", "牌水", "P·C", "42.5R"] {
            assert!(!finds(question, text), "{question}");
        }
        for (question, text) in [
            ("100", "DN100"),
            ("65", "GC65"),
            ("gc 65", "GC65"),
            ("110", "dn110"),
            ("9.5x1200x3000", "纸面石膏板 9.5mm×1200mm×3000mm"),
            ("9.5mm", "纸面石膏板 9.5mm×1200mm×3000mm"),
            ("1200*3000", "9.5×1200×3000"),
            ("9.5 × 1200", "9.5×1200×3000"),
            ("钢质户门甲级", "钢质户门 甲级"),
            ("防水涂料单组分", "防水涂料（单组分）"),
            ("门窗", "鋁合金門窗"),
            ("臺灣", "台湾"),
            ("大庆示例", "大庆·示例建材厂"),
            ("大庆•示例", "大庆‧示例建材厂"),
            ("SBS", "改性SBS卷材"),
            ("Ⅱ型", "II型"),
        ] {
            assert!(finds(question, text), "{question} in {text}");
        }
        assert!(!finds("水泥土", "水泥,泥土"));
        assert!(!finds("42.5", "142.5 42 5"));
        assert!(!finds("00", "DN100"));
    }

    #[test]
    fn nothing_is_found_across_two_fields() {
        let content = content(["钢质户门", "甲级"]);
        assert!(query("钢质户门甲级").iter().all(|term| !content.contains(&term.text)));
    }

    /// Text in which runs of several scripts, widths and separators meet.
    fn mixed_text() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "([水泥门窗玻璃混凝土一二〇々豈門臺]{1,5}|[A-Za-zＡ-Ｚ]{1,4}|[0-9]{1,3}(\\.[0-9])?(mm)?|[ 、（）·.×x　-]|か|ガ|한|𠀀){1,12}",
        ]
    }

    proptest! {
        /// Recall is 1.000: whatever a scan of the folded text finds, the index finds.
        #[test]
        fn every_part_of_the_folded_text_is_found(text in mixed_text(), from in any::<usize>(), length in 1_usize..9) {
            let folded = content([text.as_str()]);
            let chars: Vec<char> = folded.chars().collect();
            let part: String = chars.iter().skip(from % chars.len()).take(length).collect();
            let scanned = query(&part).iter().all(|term| folded.contains(&term.text));
            prop_assert_eq!(finds(&part, &text), scanned, "{} in {}", part, text);
        }

        #[test]
        fn every_part_of_a_run_of_letters_is_found(text in mixed_text(), from in any::<usize>(), length in 1_usize..7) {
            for (_, run) in runs(&marked(&spelling::fold(&text))) {
                let chars: Vec<char> = run.chars().filter(|c| c.is_alphabetic()).collect();
                if chars.len() == run.chars().count() {
                    let part: String = chars[from % chars.len()..].iter().take(length).collect();
                    prop_assert!(finds(&part, &text), "{part} in {text}");
                }
            }
        }

        #[test]
        fn tokens_hold_letters_and_digits_only(text in any::<String>()) {
            let terms = query(&text);
            prop_assert!(terms.len() <= MAX_TERMS);
            let of_terms = terms.into_iter().flat_map(|term| term.phrase.into_iter().chain(term.prefix));
            for token in tokens(&content([text.as_str()])).into_iter().chain(of_terms) {
                prop_assert!(!token.is_empty() && token.chars().all(char::is_alphanumeric), "{token:?}");
            }
        }
    }
}
