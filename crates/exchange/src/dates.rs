//! Reads the ways in which lists write a day, and a span of days.
//!
//! A month or a year alone is no day, and 长期 is no date: neither is guessed.

use jiff::civil::Date;

use crate::text::narrow;

/// Reads one day: `2025-06-05`, `2025/6/5`, `2025.6.5`, `2025年6月5日` or `20250605`, with or without a time.
pub(crate) fn day(text: &str) -> Option<Date> {
    let text = narrow(text);
    let mut scan = Scan { rest: text.trim() };
    let date = scan.date()?;
    scan.rest.is_empty().then_some(date)
}

/// Reads the last day of a validity: one day, or the end of `2020-06-05至2025-06-04` in any such writing.
pub(crate) fn last_day(text: &str) -> Option<Date> {
    let text = narrow(text);
    let mut scan = Scan { rest: text.trim() };
    scan.skip(&["有效期", "自", "至", ":"]);
    let first = scan.date()?;
    scan.skip(&["起", "止"]);
    if scan.rest.is_empty() {
        return Some(first);
    }
    let before = scan.rest.len();
    scan.skip(&["至", "到", "-", "~", "—", "–", "〜"]);
    let linked = scan.rest.len() < before;
    let last = scan.date()?;
    scan.skip(&["止"]);
    (linked && scan.rest.is_empty() && first <= last).then_some(last)
}

/// The day that a spreadsheet keeps as this serial number, in the date system that starts with 1900.
///
/// Which system it is cannot be seen from the number, so it is told and never taken.
pub(crate) fn serial(text: &str) -> Option<Date> {
    let number = narrow(text).trim().parse::<f64>().ok()?;
    // From 1980 to 2100: days since 30 December 1899, which makes up for the 29 February 1900 that never was.
    let days = (29_221.0..=73_415.0).contains(&number).then(|| number.floor().to_string().parse::<i64>().ok())??;
    Date::new(1899, 12, 30).ok()?.checked_add(jiff::Span::new().days(days)).ok()
}

/// What stands between the parts of a date: input methods write dashes of every length.
const SEPARATORS: &[char] = &['-', '/', '.', '—', '–', '‐', '−'];

struct Scan<'a> {
    rest: &'a str,
}

impl<'a> Scan<'a> {
    /// Passes any of the words, in any order, and blanks.
    fn skip(&mut self, words: &[&str]) {
        self.rest = self.rest.trim_start();
        while let Some(rest) = words.iter().find_map(|word| self.rest.strip_prefix(word)) {
            self.rest = rest.trim_start();
        }
    }

    fn date(&mut self) -> Option<Date> {
        let year = self.digits();
        let (year, month, day) = if year.len() == 8 {
            (year.get(..4)?, year.get(4..6)?, year.get(6..)?)
        } else {
            self.one_of(&[SEPARATORS, &['年']].concat())?;
            let month = self.digits();
            self.one_of(&[SEPARATORS, &['月']].concat())?;
            let day = self.digits();
            self.one_of(&['日', '号']);
            (year, month, day)
        };
        self.weekday();
        self.time();
        let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
        (year.len() == 4 && (1980..=2100).contains(&date.year())).then_some(date)
    }

    /// Passes the day of the week, which spreadsheets show in long dates.
    fn weekday(&mut self) {
        let rest = self.rest.trim_start();
        let named = ["星期", "周", "礼拜"].iter().find_map(|it| rest.strip_prefix(it));
        if let Some(rest) = named.and_then(|it| it.strip_prefix(['一', '二', '三', '四', '五', '六', '日', '天']))
        {
            self.rest = rest;
        }
    }

    /// Passes a time of day, which spreadsheets add when they save csv, and the zone of China behind it.
    fn time(&mut self) {
        let mut scan = Scan { rest: self.rest.trim_start().trim_start_matches('T') };
        scan.skip(&["上午", "下午", "凌晨", "中午", "晚上"]);
        let hour = scan.digits();
        if !hour.is_empty() && scan.rest.starts_with(':') {
            let rest = scan.rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ':' || c == '.');
            self.rest = ["+08:00", "+0800"].iter().find_map(|it| rest.strip_prefix(it)).unwrap_or(rest);
        }
    }

    fn digits(&mut self) -> &'a str {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        digits
    }

    fn one_of(&mut self, wanted: &[char]) -> Option<()> {
        self.rest = self.rest.trim_start().strip_prefix(wanted)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn days_that_do_not_exist_are_not_read() {
        for text in
            ["长期", "2025年6月", "2025-02-30", "20251301", "45813", "9999-12-31", "25-6-5", "2025-6-5x", "2025"]
        {
            assert_eq!(last_day(text), None, "{text}");
            assert_eq!(day(text), None, "{text}");
        }
        assert_eq!(last_day("2025-06-04至2020-06-05"), None);
        assert_eq!(last_day("2020-06-05 2025-06-04"), None);
    }

    #[test]
    fn a_serial_number_is_told_by_its_day() {
        assert_eq!([serial("45813"), serial("45813.75")], [Some(date(2025, 6, 5)); 2]);
        for text in ["20250605", "2025", "长期", "100", "-45813"] {
            assert_eq!(serial(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_day_is_read_from_every_writing(y in 1980_i16..=2100, m in 1_i8..=12, d in 1_i8..=31) {
            let Ok(wanted) = Date::new(y, m, d) else { return Ok(()) };
            let wide = |text: String| -> String {
                text.chars().map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c)).collect()
            };
            for text in [
                format!("{y}-{m:02}-{d:02}"), format!("{y}/{m}/{d}"), format!("{y}年{m}月{d}日"), format!("{y}.{m}.{d}"),
                format!("{y}{m:02}{d:02}"), format!(" {y} 年 {m} 月 {d} 日"), format!("{y}-{m:02}-{d:02} 00:00:00"),
                format!("{y}-{m:02}-{d:02}T00:00:00.000"), wide(format!("{y}/{m}/{d}")),
                format!("{y}—{m:02}—{d:02}"), format!("{y}‐{m}‐{d}"), format!("{y}年{m}月{d}日星期四"),
                format!("{y}/{m}/{d} 上午12:00:00"), format!("{y}-{m:02}-{d:02}T00:00:00+08:00"),
            ] {
                prop_assert_eq!(day(&text), Some(wanted), "{}", &text);
                prop_assert_eq!(last_day(&text), Some(wanted), "{}", &text);
            }
        }

        #[test]
        fn the_end_of_a_span_counts(days in 0_i32..9000, link in "(至|-|--|~|—|——| 到 |起至)") {
            let from = date(2020, 6, 5);
            let until = from.saturating_add(jiff::Span::new().days(days));
            for text in [
                format!("{from}{link}{until}"),
                format!("{}{link}{}", from.strftime("%Y年%-m月%-d日"), until.strftime("%Y年%-m月%-d日")),
                format!("{}{link}{}", from.strftime("%Y.%m.%d"), until.strftime("%Y.%m.%d")),
                format!("自{}{link}{}止", from.strftime("%Y%m%d"), until.strftime("%Y%m%d")),
            ] {
                prop_assert_eq!(last_day(&text), Some(until), "{}", &text);
                prop_assert_eq!(day(&text), None, "{}", &text);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in "[0-9年月日至.:/T自起止 \\-]{0,40}") {
            let _ = (day(&text), last_day(&text));
        }
    }
}
