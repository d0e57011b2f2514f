//! The number that the value of an item states, in whichever notation its laboratory writes numbers.
//!
//! A value states a number when it is one number and, at most, its unit or its uncertainty. A range (`3-5`), a grade
//! (`A级`, `B1`), a limit (`≤0.1`), an approximation and a remark are none, whatever digits they hold: what they say as
//! a number would be somebody's reading of them.

use unicode_normalization::UnicodeNormalization;

use crate::values::Decimal;

/// A number as a value states it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Figure {
    pub(super) number: Decimal,
    /// Written with a power of ten: how many zeros it ends in is a matter of the notation.
    is_scaled: bool,
}

impl Figure {
    /// The number that a value states; `unit` is what the report names as its unit.
    pub(super) fn of(value: &str, unit: Option<&str>) -> Option<Self> {
        let text = plain(value);
        let (sign, unsigned) = text.split_at(text.len() - text.trim_start_matches(['+', '-']).len());
        let (digits, rest) = digits(unsigned.trim_start())?;
        let (digits, power, rest) = power(digits, rest.trim_start())?;
        let (digits, is_scaled) =
            power.map_or_else(|| Some((digits.clone(), false)), |it| Some((shifted(&digits, it)?, true)))?;
        let number = format!("{sign}{digits}").parse().ok()?;
        let rest = uncertainty(rest.trim_start()).trim_start();
        let is_unit = rest.is_empty() || unit.is_some_and(|it| plain(it) == rest) || is_unit(rest);
        is_unit.then_some(Self { number, is_scaled })
    }

    /// Whether a number says the same.
    pub(super) fn is(&self, number: &Decimal) -> bool {
        self.number == *number || self.is_scaled && self.number.equals(number)
    }
}

/// Half-width, with one kind of minus; powers written `^3`, as superscripts are; no blanks but those between digits.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut is_raised = false;
    for c in text.trim().chars() {
        let raised = "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺".chars().position(|it| it == c).and_then(|at| "0123456789-+".chars().nth(at));
        if raised.is_some() && !is_raised {
            plain.push('^');
        }
        is_raised = raised.is_some();
        match raised.unwrap_or(c) {
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE63}' | '\u{FF0D}' => plain.push('-'),
            'µ' => plain.push('μ'),
            // Of the other forms some only look like numbers: ① and Ⅱ.
            c @ ('\u{3300}'..='\u{33FF}' | '\u{FF01}'..='\u{FF5E}' | '℃' | '\u{3000}') => plain.extend(c.nfkc()),
            c if c.is_whitespace() => plain.push(' '),
            c => plain.push(c),
        }
    }
    plain
}

/// The digits with which a text begins, without what separates thousands.
fn digits(text: &str) -> Option<(String, &str)> {
    let run = |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (whole, mut rest) = text.split_at(run(text));
    let mut digits = whole.to_owned();
    let is_head = matches!(whole.len(), 1..=3) && !whole.starts_with('0');
    while let Some(after) = rest.strip_prefix([',', ' ']).filter(|it| is_head && run(it) == 3) {
        let (group, behind) = after.split_at(3);
        digits.push_str(group);
        rest = behind;
    }
    if let Some(after) = rest.strip_prefix('.').filter(|it| run(it) > 0) {
        let (part, behind) = after.split_at(run(after));
        digits = format!("{digits}.{part}");
        rest = behind;
    }
    (!whole.is_empty()).then_some((digits, rest))
}

/// The power of ten behind a number: `×10^3`, `E-3`, or `^3` where the number is 10 itself.
fn power(digits: String, rest: &str) -> Option<(String, Option<i32>, &str)> {
    if let Some(after) = rest.strip_prefix('^') {
        let (power, rest) = exponent(after)?;
        return (digits == "10").then(|| ("1".to_owned(), Some(power), rest));
    }
    let times = rest.strip_prefix(['×', 'x', 'X', '*', '·']).map(str::trim_start);
    if let Some(after) = times.and_then(|it| it.strip_prefix("10")) {
        let (power, rest) = exponent(after.strip_prefix('^').unwrap_or(after))?;
        return Some((digits, Some(power), rest));
    }
    // `5e` and `5 EU` are no powers.
    match rest.strip_prefix(['e', 'E']).and_then(exponent) {
        Some((power, rest)) => Some((digits, Some(power), rest)),
        None => Some((digits, None, rest)),
    }
}

fn exponent(text: &str) -> Option<(i32, &str)> {
    let unsigned = text.trim_start_matches(['+', '-']);
    let rest = unsigned.trim_start_matches(|c: char| c.is_ascii_digit());
    let (power, rest) = text.split_at(text.len() - rest.len());
    Some((power.parse().ok().filter(|it| (-30..=30).contains(it))?, rest))
}

/// A number with its point moved.
fn shifted(digits: &str, power: i32) -> Option<String> {
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let point = i32::try_from(whole.len()).ok()?.checked_add(power)?;
    let mut all = format!("{whole}{part}");
    if point < 1 {
        all.insert_str(0, &"0".repeat(usize::try_from(1 - point).ok()?));
    }
    let point = usize::try_from(point.max(1)).ok()?;
    all.extend(std::iter::repeat_n('0', point.saturating_sub(all.len())));
    let (whole, part) = all.split_at_checked(point)?;
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") })
}

/// What follows an uncertainty, `±0.05`, if there is one.
fn uncertainty(rest: &str) -> &str {
    rest.strip_prefix('±').and_then(|it| digits(it.trim_start())).map_or(rest, |(_, rest)| rest)
}

/// Whether a text is a unit: letters and signs, of which digits are powers only.
fn is_unit(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic() || matches!(c, '%' | '‰' | '°' | 'μ' | 'Ω' | '′' | '″');
    let mut before = ' ';
    let is_right = |c: char| {
        let right = match c {
            '1'..='3' => is_letter(before) || matches!(before, '^' | '-'),
            '^' | '-' => is_letter(before) || before == '^' || before == ')',
            '/' | '·' | '.' | '*' | '(' | ')' | ' ' => true,
            c => is_letter(c),
        };
        before = c;
        right
    };
    text.starts_with(is_letter) && text.chars().all(is_right)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str, unit: Option<&str>) -> Option<String> {
        Figure::of(value, unit).map(|it| it.number.to_string())
    }

    #[test]
    fn a_number_is_read_in_every_notation() {
        for (value, number) in [
            ("0.050", "0.050"),
            ("０．０５０", "0.050"),
            ("−3.5", "-3.5"),
            ("－3.5", "-3.5"),
            ("+3.5", "+3.5"),
            ("1,200.5", "1200.5"),
            ("1 200 000", "1200000"),
            ("1.20×10³", "1200"),
            ("1.20 x 10^3", "1200"),
            ("1.2*10-3", "0.0012"),
            ("1.2×10⁻³", "0.0012"),
            ("1.2E-3", "0.0012"),
            ("12.5e+2", "1250"),
            ("10⁴", "10000"),
            ("10^-2", "0.01"),
            ("0.050 mg/m³", "0.050"),
            ("35.2MPa", "35.2"),
            ("12 N/mm2", "12"),
            ("45 %", "45"),
            ("23.4℃", "23.4"),
            ("0.12 W/(m·K)", "0.12"),
            ("1.20±0.05", "1.20"),
            ("1.20 ± 0.05 mg/L", "1.20"),
            ("2.1kJ·m-2", "2.1"),
        ] {
            assert_eq!(read(value, None).as_deref(), Some(number), "{value}");
        }
        assert_eq!(read("30分钟", Some("分钟")).as_deref(), Some("30"));
    }

    #[test]
    fn what_only_holds_digits_states_no_number() {
        for value in [
            "3-5",
            "3~5",
            "3～5",
            "3—5",
            "3至5",
            "A级/B1",
            "B1",
            "1级",
            "Ⅱ级",
            "Ⅱ",
            "三级",
            "①",
            "½",
            "1/2",
            "0/5",
            "≤0.1",
            "0.1以下",
            "<0.01",
            "不大于0.1",
            "约0.1",
            "≈0.1",
            "未检出（0.01）",
            "0.05（合格）",
            "合格",
            "5,3",
            "1,2345",
            "0,050",
            "1 2",
            "10×20",
            "10mm×20mm",
            "GB 8624",
            "2.1.3",
            "1.2.",
            "",
            "/",
            "+-3",
            "10A1B9",
            "2^3",
            "C30",
            "3#",
            "5以上",
            "30分钟",
            "±0.05",
            "1×10",
            "100:3",
            "1;2",
        ] {
            assert_eq!(read(value, None), None, "{value}");
        }
    }
}
