//! Rust as far as rules of the repository look at it: words and signs with their lines, without what stands in
//! comments, strings and characters.

/// A word or a sign of the code. `::` is one sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    /// Its text.
    pub(super) text: &'a str,
    /// Its line, from 1.
    pub(super) line: usize,
}

/// The code of a source, everything else blank; lines stay where they are.
pub(super) fn code(source: &str) -> String {
    let letters: Vec<char> = source.chars().collect();
    let (mut code, mut at) = (String::with_capacity(source.len()), 0);
    while at < letters.len() {
        let end = end_of_text(&letters, at);
        if end == at {
            code.push(letters[at]);
            at += 1;
            continue;
        }
        code.extend(letters[at..end].iter().map(|it| if *it == '\n' { '\n' } else { ' ' }));
        at = end;
    }
    code
}

/// The end of the comment, string or character that begins here; here when none does.
fn end_of_text(letters: &[char], at: usize) -> usize {
    let is = |offset: usize| letters.get(at + offset).copied().unwrap_or('\0');
    let in_word = at > 0 && is_word(letters[at - 1]);
    match is(0) {
        '/' if is(1) == '/' => (at..letters.len()).find(|it| letters[*it] == '\n').unwrap_or(letters.len()),
        '/' if is(1) == '*' => end_of_comment(letters, at),
        '"' => end_of_quoted(letters, at, '"'),
        'r' if !in_word => end_of_raw(letters, at + 1).unwrap_or(at),
        'b' | 'c' if !in_word && is(1) == 'r' => end_of_raw(letters, at + 2).unwrap_or(at),
        '\'' if is(1) == '\\' || is(2) == '\'' => end_of_quoted(letters, at, '\''),
        _ => at,
    }
}

/// Comments stand within comments.
fn end_of_comment(letters: &[char], begin: usize) -> usize {
    let (mut depth, mut at) = (0, begin);
    while at < letters.len() {
        match (letters[at], letters.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) if depth == 1 => return at + 2,
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    letters.len()
}

fn end_of_quoted(letters: &[char], begin: usize, quote: char) -> usize {
    let mut at = begin + 1;
    while at < letters.len() && letters[at] != quote {
        at += if letters[at] == '\\' { 2 } else { 1 };
    }
    letters.len().min(at + 1)
}

/// The end of a raw string whose hashes or quote stand here; nothing for a raw word as `r#type`.
fn end_of_raw(letters: &[char], begin: usize) -> Option<usize> {
    let hashes = letters[begin..].iter().take_while(|it| **it == '#').count();
    if letters.get(begin + hashes) != Some(&'"') {
        return None;
    }
    let ends = |at: &usize| {
        letters[*at] == '"' && letters[at + 1..].iter().take(hashes).filter(|it| **it == '#').count() == hashes
    };
    let close = (begin + hashes + 1..letters.len()).find(ends)?;
    Some(close + 1 + hashes)
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The words and signs of code.
pub(super) fn tokens(code: &str) -> Vec<Token<'_>> {
    let (mut tokens, mut line, mut rest) = (Vec::new(), 1, code);
    while let Some(first) = rest.chars().next() {
        let length = match first {
            _ if is_word(first) => rest.find(|it| !is_word(it)).unwrap_or(rest.len()),
            _ if rest.starts_with("::") => 2,
            _ => first.len_utf8(),
        };
        let (text, after) = rest.split_at(length);
        if !first.is_whitespace() {
            tokens.push(Token { text, line });
        }
        line += usize::from(first == '\n');
        rest = after;
    }
    tokens
}

/// The place after the brace that closes the one at a place.
pub(super) fn after_block(tokens: &[Token<'_>], open: usize) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text {
            "{" => depth += 1,
            "}" if depth == 1 => return at + 1,
            "}" => depth -= 1,
            _ => {}
        }
    }
    tokens.len()
}

#[test]
fn what_is_not_code_is_blank_and_keeps_its_lines() {
    let blank = |source: &str| code(source).split_whitespace().collect::<Vec<_>>().join(" ");

    assert_eq!(blank("a // b\nc"), "a c");
    assert_eq!(blank("a /* b /* c */ d */ e"), "a e");
    assert_eq!(blank(r#"a("b \" { c", d)"#), "a( , d)");
    assert_eq!(blank("a(r#\"b \" {\"#, br\"c\", b\"d\", c\"e\")"), "a( , , b , c )");
    assert_eq!(blank("'{' b'}' '\\'' '\\u{7b}' x"), "b x");
    assert_eq!(blank("fn f<'a>(x: &'a str, y: &'static str) {}"), "fn f<'a>(x: &'a str, y: &'static str) {}");
    assert_eq!(blank("r#type = for\"x\""), "r#type = for");
    assert_eq!(code("a /*\n*/ \"\n\" b").lines().count(), 3);
}

#[test]
fn words_and_signs_know_their_lines() {
    let code = "use a::b;\n{c1}";

    let found: Vec<(&str, usize)> = tokens(code).iter().map(|it| (it.text, it.line)).collect();

    assert_eq!(found, [("use", 1), ("a", 1), ("::", 1), ("b", 1), (";", 1), ("{", 2), ("c1", 2), ("}", 2)]);
}
