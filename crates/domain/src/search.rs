//! How text becomes search tokens, and how a question becomes terms, alike for both databases.
//!
//! Runs of Chinese become overlapping pairs of characters and the last character alone; other runs become words.
//! Ranking, paging and the statement itself belong to `store`.

use unicode_normalization::UnicodeNormalization;

/// The mark before every run of a [`content`]; no run holds it.
pub const BEGINNING: char = '\n';

/// More terms than this add nothing but cost; the rest of a question is left out.
pub const MAX_TERMS: usize = 8;

/// One run of a question, which must occur in a found text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The normalised run, to be rechecked as a substring of the [`content`]; a word begins with [`BEGINNING`].
    pub text: String,
    /// Tokens that must follow each other in this order.
    pub phrase: Vec<String>,
    /// What the token after the phrase must begin with.
    pub prefix: Option<String>,
}

#[derive(Clone, Copy, PartialEq)]
enum Script {
    Cjk,
    Word,
}

/// One form for full and half width, case and spacing.
pub fn normalise(text: &str) -> String {
    // Character by character: lower-casing a whole string treats a final Σ differently, which breaks substrings.
    let lower: String = text.nfkc().flat_map(char::to_lowercase).nfkc().collect();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether `models` names `model`, leaving case and width aside.
pub fn has(models: &[String], model: &str) -> bool {
    let wanted = normalise(model);
    models.iter().any(|it| normalise(it) == wanted)
}

/// What a question is rechecked against: every run behind a mark, so that a word matches from its beginning alone.
pub fn content(text: &str) -> String {
    runs(&normalise(text)).into_iter().map(|(_, run)| format!("{BEGINNING}{run}")).collect()
}

/// The tokens to index, in the order of the text; they hold letters and digits only.
pub fn tokens(text: &str) -> Vec<String> {
    let runs = runs(&normalise(text));
    runs.iter()
        .flat_map(|(script, run)| match script {
            Script::Word => words(run),
            Script::Cjk => pairs(run).into_iter().chain(run.chars().last().map(String::from)).collect(),
        })
        .collect()
}

/// The terms of a question, at most [`MAX_TERMS`]; none when it holds no letter and no digit.
pub fn query(text: &str) -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    for (script, run) in runs(&normalise(text)) {
        let mut phrase = if script == Script::Cjk { pairs(&run) } else { words(&run) };
        let prefix = match script {
            Script::Cjk if phrase.is_empty() => Some(run.clone()),
            Script::Cjk => None,
            Script::Word => phrase.pop(),
        };
        let text = if script == Script::Word { format!("{BEGINNING}{run}") } else { run };
        let term = Term { text, phrase, prefix };
        if terms.len() < MAX_TERMS && !terms.contains(&term) {
            terms.push(term);
        }
    }
    terms
}

/// The runs of one script; a point between two digits belongs to its run.
fn runs(normalised: &str) -> Vec<(Script, String)> {
    let chars: Vec<char> = normalised.chars().collect();
    let is_digit = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(char::is_ascii_digit);
    let scripts: Vec<(Option<Script>, char)> = chars
        .iter()
        .enumerate()
        .map(|(at, c)| match c {
            '.' if is_digit(at.checked_sub(1)) && is_digit(at.checked_add(1)) => (Some(Script::Word), *c),
            c => (script(*c), *c),
        })
        .collect();
    scripts
        .chunk_by(|(left, _), (right, _)| left == right)
        .filter_map(|run| Some((run.first()?.0?, run.iter().map(|(_, c)| c).collect())))
        .collect()
}

fn script(c: char) -> Option<Script> {
    let is_cjk = matches!(c,
        '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}');
    match (c.is_alphanumeric(), is_cjk) {
        (false, _) => None,
        (true, true) => Some(Script::Cjk),
        (true, false) => Some(Script::Word),
    }
}

fn pairs(run: &str) -> Vec<String> {
    run.chars().zip(run.chars().skip(1)).map(|(left, right)| String::from_iter([left, right])).collect()
}

fn words(run: &str) -> Vec<String> {
    run.split('.').map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What both databases must agree with.
    fn finds(question: &str, text: &str) -> bool {
        let tokens = tokens(text);
        query(question).iter().all(|term| {
            let (phrase, prefix) = (&term.phrase, term.prefix.as_deref().unwrap_or_default());
            let is_match = |at: usize| {
                tokens[at..].starts_with(phrase)
                    && tokens.get(at + phrase.len()).map_or("", String::as_str).starts_with(prefix)
            };
            (0..tokens.len()).any(is_match) && content(text).contains(&term.text)
        })
    }

    fn term(text: &str, phrase: &[&str], prefix: Option<&str>) -> Term {
        let phrase = phrase.iter().map(|token| (*token).to_owned()).collect();
        Term { text: text.to_owned(), phrase, prefix: prefix.map(str::to_owned) }
    }

    #[test]
    fn text_becomes_pairs_and_words() {
        assert_eq!(normalise(" ＰＶＣ　Ｐ·O 42．5\t㎡ "), "pvc p·o 42.5 m2");
        assert_eq!(tokens("雨虹牌P·O 42.5水泥"), ["雨虹", "虹牌", "牌", "p", "o", "42", "5", "水泥", "泥"]);
        assert_eq!(tokens("水"), ["水"]);
        assert!(tokens(" -*\"()%_ ").is_empty());
    }

    #[test]
    fn a_question_becomes_terms() {
        assert_eq!(query("水"), [term("水", &[], Some("水"))]);
        assert_eq!(query("水泥"), [term("水泥", &["水泥"], None)]);
        assert_eq!(query("混凝土 C30"), [term("混凝土", &["混凝", "凝土"], None), term("\nc30", &[], Some("c30"))]);
        assert_eq!(query("42.5 42.5"), [term("\n42.5", &["42"], Some("5"))]);
        assert_eq!(query("a b c d e f g h i j").len(), MAX_TERMS);
        assert!(query("\" OR *").iter().all(|term| term.text == "\nor"));
    }

    #[test]
    fn what_a_person_types_is_found() {
        let text = "ＸＸ牌 普通硅酸盐水泥 P·O 42.5（散装）";
        for question in ["水泥", "硅酸盐", "泥", "水", "42", "42.5", "p·o", "xx 牌", "散装 水泥", "水泥P"]
        {
            assert!(finds(question, text), "{question}");
        }
        // A space in the text parts two runs, so the last of these is not found.
        for question in ["泥水", "2.5", "盐酸", "牌水", "牌普通"] {
            assert!(!finds(question, text), "{question}");
        }
        assert!(!finds("水泥土", "水泥,泥土"));
        assert!(!finds("42.5", "142.5 42 5"));
    }

    /// Text in which runs of several scripts, widths and separators meet.
    fn mixed_text() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "([水泥门窗玻璃混凝土一二〇々豈]{1,5}|[A-Za-zＡ-Ｚ]{1,4}|[0-9]{1,3}(\\.[0-9])?|[ 、（）·.　-]|か|ガ|한|𠀀){1,12}",
        ]
    }

    proptest! {
        #[test]
        fn every_part_of_a_run_of_chinese_is_found(text in mixed_text(), from in any::<usize>(), length in 1_usize..7) {
            for (script, run) in runs(&normalise(&text)) {
                let chars: Vec<char> = run.chars().collect();
                let from = from % chars.len();
                let part: String = chars[from..].iter().take(length).collect();
                prop_assert!(script != Script::Cjk || finds(&part, &text), "{part} in {text}");
            }
        }

        #[test]
        fn every_beginning_of_a_word_is_found(text in mixed_text(), length in 1_usize..7) {
            for (script, run) in runs(&normalise(&text)) {
                let part: String = run.chars().take(length).collect();
                prop_assert!(script != Script::Word || finds(&part, &text), "{part} in {text}");
            }
        }

        #[test]
        fn tokens_hold_letters_and_digits_only(text in any::<String>()) {
            let terms = query(&text);
            prop_assert!(terms.len() <= MAX_TERMS);
            let of_terms = terms.into_iter().flat_map(|term| term.phrase.into_iter().chain(term.prefix));
            for token in tokens(&text).into_iter().chain(of_terms) {
                prop_assert!(!token.is_empty() && token.chars().all(char::is_alphanumeric), "{token:?}");
            }
        }

        #[test]
        fn normalising_twice_changes_nothing(text in mixed_text()) {
            prop_assert_eq!(normalise(&normalise(&text)), normalise(&text));
        }
    }
}
