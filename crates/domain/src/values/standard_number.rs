//! The number of a standard, normalised without guessing.
//!
//! `/T` is never dropped or added and a year is never invented: GB 123, GB/T 123 and GB/T 123-2020 are three references.

use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

use crate::rule::Rule;

text_value! {
    /// Number of a standard; without a year it refers to the latest edition
    ///
    /// Full width, lower case, `_` for a slash or a space, any kind of dash and a missing space are accepted;
    /// the form kept is `GB/T 18600-2009`.
    StandardNumber,
    pattern = r"^[A-Z]{1,5}[0-9]{0,6}(/[0-9A-Z]{0,11}[A-Z]){0,2}[ /][0-9][0-9A-Z.-]{0,29}$",
    example = "T/CECS 10026-2019"
}

impl StandardNumber {
    /// The year of the edition; absent from an undated reference.
    pub fn year(&self) -> Option<&str> {
        split_year(&self.0).1
    }

    /// The number without its year, which all editions share.
    pub fn undated(&self) -> &str {
        split_year(&self.0).0
    }
}

impl FromStr for StandardNumber {
    type Err = Rule;

    fn from_str(text: &str) -> Result<Self, Rule> {
        let text = plain(text);
        let (prefix, number) = split_prefix(&text).ok_or(Rule::StandardNumberForm)?;
        let is_local = prefix.starts_with("DB");
        if !is_prefix(prefix) || !is_number(number, is_local) {
            return Err(Rule::StandardNumberForm);
        }
        // A mandatory local standard is written DB23/1270-2019: the slash stands where others have a space.
        let is_bare_local = is_local && !prefix.contains('/') && prefix.ends_with(|c: char| c.is_ascii_digit());
        let between = if is_bare_local { '/' } else { ' ' };
        Ok(Self(format!("{prefix}{between}{number}")))
    }
}

/// Half width, upper case, one kind of dash, and spaces only where they separate.
fn plain(text: &str) -> String {
    let text = text.nfkc().collect::<String>().to_ascii_uppercase();
    let mut chars = text.trim().chars().peekable();
    let mut plain = String::new();
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
            // File names write GB_T_18600: a slash before letters, a space before digits.
            '_' if chars.peek().is_some_and(char::is_ascii_alphabetic) => '/',
            '_' => ' ',
            _ => c,
        });
    }
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = words.replace(" /", "/").replace("/ ", "/").replace(" -", "-").replace("- ", "-");
    match words.strip_prefix("DB ") {
        Some(local) => format!("DB{local}"),
        None => words,
    }
}

/// Splits `GB/T 18600-2009` and `GB/T18600-2009` where the number begins.
fn split_prefix(text: &str) -> Option<(&str, &str)> {
    if let Some(parts) = text.split_once(' ') {
        return Some(parts);
    }
    let last = text.rfind('/').map_or(0, |slash| slash + 1);
    let digit = last + text.get(last..)?.find(|c: char| c.is_ascii_digit())?;
    let (prefix, number) = text.split_at(digit);
    let is_local = prefix.starts_with("DB");
    Some((prefix.strip_suffix('/').filter(|_| is_local).unwrap_or(prefix), number))
}

fn is_prefix(prefix: &str) -> bool {
    let mut segments = prefix.split('/');
    let first = segments.next().unwrap_or_default();
    let others: Vec<_> = segments.collect();
    let letters = |text: &str| (1..=5).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase());
    let division = |text: &str| (2..=6).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    // GBT, JGT, JCT … have lost the slash of /T; putting it back would be a guess.
    let has_lost_slash = others.is_empty() && first.len() == 3 && first.ends_with('T');
    let is_first = letters(first) || first.strip_prefix("DB").is_some_and(division);
    let is_other = |text: &&str| {
        text.len() <= 12
            && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            && text.ends_with(|c: char| c.is_ascii_uppercase())
    };
    is_first
        && !has_lost_slash
        && (first.len() > 1 || !others.is_empty())
        && others.len() <= 2
        && others.iter().all(is_other)
}

/// Whether this is a number such as `18600-2009`, `4806.1` or, in local standards, `15-101-2014`.
fn is_number(number: &str, is_local: bool) -> bool {
    let is_part = |part: &str| {
        let part = part.strip_suffix(|c: char| c.is_ascii_uppercase()).unwrap_or(part);
        part.split('.').all(|digits| (1..=6).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()))
    };
    let (undated, _) = split_year(number);
    number.len() <= 30 && undated.split('-').all(is_part) && (is_local || !undated.contains('-'))
}

/// Splits off a final `-2009`.
fn split_year(text: &str) -> (&str, Option<&str>) {
    let is_year = |year: &str| {
        year.len() == 4
            && (year.starts_with("19") || year.starts_with("20"))
            && year.bytes().all(|b| b.is_ascii_digit())
    };
    match text.rsplit_once('-') {
        Some((undated, year)) if is_year(year) => (undated, Some(year)),
        _ => (text, None),
    }
}
