//! Why a file as a whole is refused.
//!
//! What is wrong with a single row is a [`Fault`](crate::Fault) and never an error.

use std::error::Error;
use std::io;

/// A file that is not read as a list.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be read at all.
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
    /// The content is of another kind, whatever the name says.
    #[error("the file is {found}, not an xlsx or csv list")]
    NotAList {
        /// What it is, in English.
        found: &'static str,
    },
    /// A bound of [`Limits`](crate::Limits) is passed.
    #[error("the file has more than {limit} {}", what.en())]
    TooLarge {
        /// What there is too much of.
        what: Measure,
        /// How much is allowed.
        limit: u64,
    },
    /// The xlsx is broken or made to mislead.
    #[error("the xlsx file is damaged: {0}")]
    Damaged(String),
    /// No row names three known columns, 产品名称 or 证书编号 among them.
    #[error("no sheet has a header row with 产品名称 or 证书编号 and two more known columns")]
    NoHeader,
}

impl ReadError {
    /// The reason, in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::Io(error) => format!("无法读取文件：{error}"),
            Self::NotAList { found } => format!("文件不是 xlsx 或 csv 清单，而是 {found}"),
            Self::TooLarge { what, limit } => format!("{}超过上限 {limit}", what.zh()),
            Self::Damaged(why) => format!("xlsx 文件已损坏：{why}"),
            Self::NoHeader => "没有找到表头：至少要有三个已知列，其中包括产品名称或证书编号".to_owned(),
        }
    }

    pub(crate) fn damaged(why: impl Into<Box<dyn Error>>) -> Self {
        Self::Damaged(why.into().to_string())
    }
}

lvcai_domain::catalogue! {
    /// What a limit counts. The English text is as it follows a number.
    pub enum Measure named by id

    FileBytes "file-bytes" "文件字节数" "bytes"
    UnpackedBytes "unpacked-bytes" "解压后字节数" "bytes when unpacked"
    Parts "parts" "压缩包内文件数" "files inside"
    Sheets "sheets" "工作表数" "sheets"
    SharedStrings "shared-strings" "共享字符串数" "shared strings"
    Tags "tags" "XML 标签数" "XML tags"
    HeldBytes "held-bytes" "单个单元格或部件的字节数" "bytes in one cell or part"
    Rows "rows" "行数" "rows"
    Columns "columns" "列数" "columns"
    RecordBytes "record-bytes" "单行字节数" "bytes in one row"
    TextBytes "text-bytes" "全部文字字节数" "bytes of text"
}

impl Measure {
    /// Refuses a count beyond its limit.
    pub(crate) fn within(self, count: impl TryInto<u64>, limit: u64) -> Result<(), ReadError> {
        if count.try_into().unwrap_or(u64::MAX) > limit {
            return Err(ReadError::TooLarge { what: self, limit });
        }
        Ok(())
    }
}
