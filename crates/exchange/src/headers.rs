//! Finds header rows, of one level or of two, and what each of their columns names.
//!
//! A column is known by its header alone, never by what stands below it.

use crate::cells::Cell;
use crate::vocabulary::{Word, header_text, word};

/// A column of a header row: its text and what it names.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Heading {
    pub(crate) text: String,
    pub(crate) word: Option<Word>,
}

/// The row above the one that may be a header.
#[derive(Clone, Debug, Default)]
pub(crate) struct Above {
    row: u32,
    texts: Vec<String>,
    /// What its columns name, where it is a header.
    header: Vec<Heading>,
}

/// The texts of a row by which it may be a header.
pub(crate) fn texts(cells: &[Cell]) -> Vec<String> {
    cells.iter().map(header_text).collect()
}

impl Above {
    /// Remembers a row that is no header.
    pub(crate) fn row(row: u32, texts: Vec<String>) -> Self {
        Self { row, texts, header: Vec::new() }
    }

    /// Remembers a row that is a header.
    pub(crate) fn header(row: u32, texts: Vec<String>, header: &[Heading]) -> Self {
        Self { row, texts, header: header.to_vec() }
    }

    /// What the columns of a row name, with the row above where that is part of the header; none where the row
    /// cannot be a header.
    pub(crate) fn headings(&self, number: u32, cells: &[Cell], texts: &[String]) -> Option<Vec<Heading>> {
        let own: Vec<Option<Word>> = texts.iter().map(|it| word(it)).collect();
        let is_next = self.row > 0 && number == self.row.saturating_add(1);
        let below_header = is_next && !self.header.is_empty();
        // 名称 and 地址 are words below 生产者 only.
        if own.iter().all(Option::is_none) && !below_header {
            return None;
        }
        let parents = if is_next { self.repeated(texts.len()) } else { Vec::new() };
        let width = texts.len().max(parents.len());
        let mut headings = Vec::with_capacity(width);
        let mut known = 0;
        for position in 0..width {
            let text = texts.get(position).map_or("", String::as_str);
            let parent = parents.get(position).copied().unwrap_or_default();
            let heading = self.heading(position, (text, own.get(position).copied().flatten()), parent);
            known += usize::from(heading.word.is_some() && !text.is_empty());
            headings.push(heading);
        }
        // Below a header a row of values may have a word that is a header too; most of a second level must be such.
        let filled = cells.iter().filter(|it| **it != Cell::Blank).count();
        let enough = if below_header { known > 0 && known * 2 >= filled } else { known >= 2 };
        enough.then_some(headings)
    }

    /// Its texts, each repeated over the blank columns on its right, over which it stands: the last one as far as the
    /// row below goes, unless it is a title.
    fn repeated(&self, below: usize) -> Vec<&str> {
        let width = if self.is_title() { self.texts.len() } else { self.texts.len().max(below) };
        let mut last = "";
        let mut all = Vec::with_capacity(width);
        for text in self.texts.iter().map(String::as_str).chain(std::iter::repeat("")).take(width) {
            last = if text.is_empty() { last } else { text };
            all.push(last);
        }
        all
    }

    fn is_title(&self) -> bool {
        self.texts.iter().filter(|it| !it.is_empty()).count() < 2
    }

    fn heading(&self, position: usize, (text, own): (&str, Option<Word>), parent: &str) -> Heading {
        if !text.is_empty() {
            let word = within(parent, text).or(own);
            return Heading { text: text.to_owned(), word };
        }
        if let Some(header) = self.header.get(position).filter(|_| !parent.is_empty()) {
            return header.clone();
        }
        // What stands over several columns names none of them.
        let is_filled = |at: usize| self.texts.get(at).map(|it| !it.is_empty());
        let alone = is_filled(position) == Some(true) && is_filled(position + 1) != Some(false);
        let word = if alone { word(parent) } else { None };
        // A text that nobody knows is a header all the same, but for a title, which is alone in its row.
        let is_header = word.is_some() || is_filled(position) == Some(true) && !self.is_title();
        Heading { text: if is_header { parent.to_owned() } else { String::new() }, word }
    }
}

/// The word of a text below another: 编号 below 证书信息 is 证书编号.
fn within(parent: &str, text: &str) -> Option<Word> {
    if parent.is_empty() {
        return None;
    }
    let topic = ["信息", "情况", "内容", "基本"].iter().fold(parent.to_owned(), |it, word| it.replace(word, ""));
    word(&format!("{parent}{text}")).or_else(|| if topic.is_empty() { None } else { word(&format!("{topic}{text}")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(texts: &[&str]) -> Vec<Cell> {
        texts.iter().map(|it| Cell::text(it, 100)).collect()
    }

    fn names(headings: Option<Vec<Heading>>) -> Vec<String> {
        let name = |it: &Heading| match it.word {
            Some(Word::Field(field)) => field.field_zh.clone(),
            Some(Word::Serial) => "序号".to_owned(),
            Some(Word::Body) => "认证机构".to_owned(),
            None => String::new(),
        };
        headings.unwrap_or_default().iter().map(name).collect()
    }

    #[test]
    fn two_levels_make_one_header() {
        let above = Above::row(1, texts(&cells(&["序号", "企业名称", "产品信息", "", "证书信息", "", ""])));
        let wanted = ["序号", "认证委托人名称(主)", "产品名称及单元(主)", "型号规格", "证书编号", "证书发证日期", ""];
        let below = cells(&["", "", "产品名称", "型号", "编号", "发证日期", "附图"]);
        assert_eq!(names(above.headings(2, &below, &texts(&below))), wanted);

        let top = cells(&["序号", "企业名称", "产品名称", "型号", "证书信息", "", ""]);
        let header = Above::default().headings(1, &top, &texts(&top)).unwrap();
        let above = Above::header(1, texts(&top), &header);
        let below = cells(&["", "", "", "", "编号", "发证日期", "附图"]);
        assert_eq!(names(above.headings(2, &below, &texts(&below))), wanted);
    }

    #[test]
    fn values_below_a_header_are_none() {
        let top = cells(&["产品名称", "型号规格", "证书编号"]);
        let above = Above::header(1, texts(&top), &Above::default().headings(1, &top, &texts(&top)).unwrap());
        let none = |above: &Above, number, row: &[&str]| {
            let row = cells(row);
            above.headings(number, &row, &texts(&row)).is_none()
        };
        assert!(none(&above, 2, &["产品", "65系列", "A-1"]));
        assert!(none(&Above::row(1, texts(&top)), 5, &["", "65系列", "A-1"]));
    }
}
