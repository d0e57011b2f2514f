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
    /// Its texts; what stands over several columns is repeated over each.
    texts: Vec<String>,
    /// Where its own texts begin.
    own: Vec<bool>,
    /// What its columns name, where it is a header.
    header: Vec<Heading>,
}

impl Above {
    /// Remembers a row that is no header.
    pub(crate) fn row(number: u32, cells: &[Cell]) -> Self {
        let own: Vec<String> = cells.iter().map(header_text).collect();
        let mut texts = Vec::with_capacity(own.len());
        let mut last = String::new();
        for text in &own {
            if !text.is_empty() {
                last.clone_from(text);
            }
            texts.push(last.clone());
        }
        Self { row: number, texts, own: own.iter().map(|it| !it.is_empty()).collect(), header: Vec::new() }
    }

    /// Remembers a row that is a header.
    pub(crate) fn header(number: u32, cells: &[Cell], header: &[Heading]) -> Self {
        Self { header: header.to_vec(), ..Self::row(number, cells) }
    }

    /// What the columns of a row name, with the row above where that is part of the header; none where the row
    /// cannot be a header.
    pub(crate) fn headings(&self, number: u32, cells: &[Cell]) -> Option<Vec<Heading>> {
        let is_next = self.row > 0 && number == self.row.saturating_add(1);
        let width = if is_next { cells.len().max(self.texts.len()) } else { cells.len() };
        let own: Vec<String> =
            cells.iter().map(header_text).chain(std::iter::repeat(String::new())).take(width).collect();
        let mut headings = Vec::with_capacity(width);
        let (mut filled, mut known) = (0, 0);
        for (position, text) in own.into_iter().enumerate() {
            let parent = if is_next { self.texts.get(position).map_or("", String::as_str) } else { "" };
            let heading = self.heading(position, text, parent);
            filled += usize::from(!matches!(cells.get(position), None | Some(Cell::Blank)));
            known += usize::from(heading.word.is_some() && matches!(cells.get(position), Some(Cell::Text(_))));
            headings.push(heading);
        }
        // Below a header a row of values may have a word that is a header too; most of a second level must be such.
        let below_header = is_next && !self.header.is_empty();
        let enough = if below_header { known > 0 && known * 2 >= filled } else { known >= 2 };
        enough.then_some(headings)
    }

    fn heading(&self, position: usize, text: String, parent: &str) -> Heading {
        let topic = ["信息", "情况", "内容", "基本"].iter().fold(parent.to_owned(), |it, word| it.replace(word, ""));
        let within =
            [parent, &topic].iter().find_map(|it| if it.is_empty() { None } else { word(&format!("{it}{text}")) });
        if !text.is_empty() {
            let word = within.or_else(|| word(&text));
            return Heading { text, word };
        }
        if let Some(header) = self.header.get(position).filter(|_| !parent.is_empty()) {
            return header.clone();
        }
        // What stands over several columns names none of them.
        let alone = self.own.get(position) == Some(&true) && self.own.get(position + 1) != Some(&false);
        let word = if alone { word(parent) } else { None };
        Heading { text: word.map(|_| parent.to_owned()).unwrap_or_default(), word }
    }
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
        let above = Above::row(1, &cells(&["序号", "企业名称", "产品信息", "", "证书信息", "", ""]));
        let wanted = ["序号", "认证委托人名称(主)", "产品名称及单元(主)", "型号规格", "证书编号", "证书发证日期", ""];
        let below = cells(&["", "", "产品名称", "型号", "编号", "发证日期", "附图"]);
        assert_eq!(names(above.headings(2, &below)), wanted);

        let top = cells(&["序号", "企业名称", "产品名称", "型号", "证书信息", "", ""]);
        let header = Above::default().headings(1, &top).unwrap();
        let above = Above::header(1, &top, &header);
        let below = cells(&["", "", "", "", "编号", "发证日期", "附图"]);
        assert_eq!(names(above.headings(2, &below)), wanted);
    }

    #[test]
    fn values_below_a_header_are_none() {
        let top = cells(&["产品名称", "型号规格", "证书编号"]);
        let above = Above::header(1, &top, &Above::default().headings(1, &top).unwrap());
        assert_eq!(above.headings(2, &cells(&["产品", "65系列", "A-1"])), None);
        assert_eq!(Above::row(1, &top).headings(5, &cells(&["", "65系列", "A-1"])), None);
    }
}
