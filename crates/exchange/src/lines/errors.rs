//! Why a batch as a whole is refused.

use std::io;

use lvcai_domain::Bilingual;

use crate::errors::ReadError;

/// A batch whose lines cannot be told apart.
#[derive(Debug, thiserror::Error)]
pub enum LinesError {
    /// The input cannot be read at all.
    #[error("the input cannot be read: {0}")]
    Io(#[from] io::Error),
    /// There are more lines than allowed.
    #[error("there are more than {limit} lines")]
    TooManyLines {
        /// How many are allowed.
        limit: u64,
    },
    /// The input is no JSON array from some place on.
    #[error("not a JSON array: line {line}, column {column}: {why}")]
    Broken {
        /// The line, from 1.
        line: u64,
        /// The column, in bytes from 1.
        column: u64,
        /// What is wrong there, in English.
        why: String,
    },
    /// The file is not read as a table.
    #[error(transparent)]
    Table(ReadError),
    /// No row names three fields of the report, the certificate's number among them.
    #[error("no sheet has a header row with 证书编号 and two more known fields")]
    NoHeader,
    /// Two sheets have a header row, so that row numbers would be ambiguous.
    #[error("both sheet \"{first}\" and sheet \"{second}\" hold certificates: send one sheet at a time")]
    SeveralTables {
        /// The sheet that was read.
        first: String,
        /// The other one.
        second: String,
    },
}

impl LinesError {
    /// What to do about it, where the rule that is broken does not say it.
    pub fn fix(&self) -> Option<Bilingual> {
        let said = |zh: &str, en: &str| Some(Bilingual::new(zh, en));
        match self {
            Self::Io(_) | Self::Broken { .. } | Self::TooManyLines { .. } => None,
            Self::Table(ReadError::NotAList { found }) => {
                said(&format!("{}。", found.fix_zh()), &format!("Please {}.", found.fix_en()))
            }
            Self::Table(_) => said(
                "请用 Excel 或 WPS 打开后另存为新的 xlsx，或提交 UTF-8、GB18030 编码的 csv。",
                "Open it in Excel or WPS and save it as a new xlsx, or send a csv in UTF-8 or GB18030.",
            ),
            Self::NoHeader => said(
                "表头须含证书编号和另外两个字段，列名见 /v1/code-lists/certificate-fields。",
                "The header has 证书编号 and two more fields; /v1/code-lists/certificate-fields names them.",
            ),
            Self::SeveralTables { .. } => said("每次只提交一个工作表。", "Send one sheet at a time."),
        }
    }

    /// The reason, in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::Io(_) => "无法读取输入，请重新提交".to_owned(),
            Self::TooManyLines { limit } => format!("行数超过上限 {limit}"),
            Self::Broken { line, column, .. } => format!("第 {line} 行第 {column} 列处不是有效的 JSON 数组"),
            Self::Table(error) => error.zh(),
            Self::NoHeader => "没有找到表头：至少要有证书编号和另外两个已知字段".to_owned(),
            Self::SeveralTables { first, second } => {
                format!("工作表“{first}”和“{second}”都有证书数据，请每次只提交一个工作表")
            }
        }
    }
}
