//! A list as it was read: its rows and what was left out.
//!
//! Values are plain text and dates; what they mean to the registry is decided elsewhere.

use jiff::civil::Date;

use crate::faults::Fault;

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The entries, in the order of the file.
    pub rows: Vec<ListRow>,
    /// Every sheet, read or not; a csv file is one sheet without a name.
    pub sheets: Vec<Sheet>,
    /// Headers of all columns, each once, at most one thousand.
    pub headers: Vec<String>,
    /// Headers of columns that were not read, each once, at most one hundred.
    pub ignored_columns: Vec<String>,
    /// Titles, section headings and notes of the sheets read, at most one hundred.
    pub captions: Vec<Caption>,
}

/// One entry of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListRow {
    /// Row in the sheet, from 1; in a csv file the line on which the entry begins.
    pub row: u32,
    /// The sheet's name; empty for csv.
    pub sheet: String,
    /// 序号, as written.
    pub serial: String,
    /// 企业名称, possibly from the row above.
    pub enterprise: String,
    /// 统一社会信用代码, half-width, upper case, unchecked.
    pub uscc: Option<String>,
    /// 产品名称.
    pub product_name: String,
    /// 规格型号, split at `、;；,，` and line breaks outside brackets.
    pub models: Vec<String>,
    /// 产品类别.
    pub kind: String,
    /// 认证等级, 1 to 3.
    pub star: Option<u8>,
    /// 证书编号, half-width letters and digits, otherwise as written.
    pub certificate_number: String,
    /// 发证日期.
    pub issued_on: Option<Date>,
    /// 有效期至: the last day, and of a range the end.
    pub valid_until: Option<Date>,
    /// 认证机构.
    pub certification_body: String,
    /// 备注.
    pub remark: String,
    /// What is wrong with the row.
    pub faults: Vec<Fault>,
}

/// One sheet of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Its name; empty for csv.
    pub name: String,
    /// What became of it.
    pub outcome: SheetOutcome,
}

/// What became of a sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SheetOutcome {
    /// It was read.
    Read {
        /// How many entries it gave.
        rows: u64,
    },
    /// It was ignored, having no header row.
    NoHeader,
    /// It was ignored, being hidden: its readers did not see it.
    Hidden,
    /// It was ignored, being a chart or dialogue.
    NotATable,
}

/// A row that is text about the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    /// The sheet's name; empty for csv.
    pub sheet: String,
    /// Row in the sheet, from 1.
    pub row: u32,
    /// Its cells, joined by spaces.
    pub text: String,
}

impl ListRow {
    /// About how much memory the row takes.
    pub(crate) fn weight(&self) -> usize {
        let texts = [
            &self.sheet,
            &self.serial,
            &self.enterprise,
            &self.product_name,
            &self.kind,
            &self.certificate_number,
            &self.certification_body,
            &self.remark,
        ];
        let uscc = self.uscc.as_ref().map_or(0, String::len);
        let faults: usize = self.faults.iter().map(|it| size_of::<Fault>() + it.value.len()).sum();
        texts.into_iter().map(String::len).sum::<usize>() + uscc + faults + weight_of(&self.models)
    }
}

/// About how much memory texts take.
pub(crate) fn weight_of(texts: &[String]) -> usize {
    texts.iter().map(|it| size_of::<String>() + it.len()).sum()
}
