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
    #[error("the file is {}, not an xlsx, xls or csv list: {}", found.en(), found.fix_en())]
    NotAList {
        /// What it is.
        found: Content,
    },
    /// A bound of [`Limits`](crate::Limits) is passed.
    #[error("the file has more than {limit} {}", what.en())]
    TooLarge {
        /// What there is too much of.
        what: Measure,
        /// How much is allowed.
        limit: u64,
    },
    /// The workbook is broken or made to mislead.
    #[error("the workbook is damaged ({0}); open it in Excel or WPS and save it as a new xlsx")]
    Damaged(String),
    /// A quoted field of a csv does not end where a field ends.
    #[error(
        "the quoted field that begins on line {line} is not closed, or takes in the rows below; close its quote, or \
         double the quotes that belong to the text"
    )]
    BrokenQuotes {
        /// The line on which the field begins, from 1.
        line: u32,
    },
    /// No row names three known columns, 产品名称 or 证书编号 among them.
    #[error("no sheet has a header row with 产品名称 or 证书编号 and two more known columns")]
    NoHeader,
}

impl ReadError {
    /// The reason and the remedy, in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::Io(_) => "无法读取文件，请检查文件是否存在、是否有读取权限".to_owned(),
            Self::NotAList { found } => {
                format!("文件不是 xlsx、xls 或 csv 清单，而是{}；{}", found.zh(), found.fix_zh())
            }
            Self::TooLarge { what, limit } => format!("{}超过上限 {limit}，请拆分文件或删除多余内容", what.zh()),
            Self::Damaged(_) => "工作簿已损坏或结构异常，请用 Excel 或 WPS 打开后另存为新的 xlsx 文件".to_owned(),
            Self::BrokenQuotes { line } => {
                format!("第 {line} 行开始的带引号的内容没有结束，或吞入了后面的行；请补上引号，文字中的引号须写成两个")
            }
            Self::NoHeader => "没有找到表头：至少要有三个已知列，其中包括产品名称，或证书编号和企业名称".to_owned(),
        }
    }

    pub(crate) fn damaged(why: impl Into<Box<dyn Error>>) -> Self {
        Self::Damaged(why.into().to_string())
    }
}

lvcai_domain::catalogue! {
    /// What a file is instead of a list. The English text is as it follows `the file is`.
    pub enum Content named by id, with {
        /// What to do about it, in Chinese.
        fix_zh: &'static str,
        /// What to do about it, in English.
        fix_en: &'static str,
    }

    Encrypted "encrypted" "加密的 Office 文件" "a password-protected Office file"
        "请去掉打开密码后另存为 xlsx" "remove the password and save it as xlsx"
    OldExcel "old-excel" "Excel 95 或更早版本的文件" "a file of Excel 95 or before"
        "请用 Excel 或 WPS 打开后另存为 xlsx" "open it in Excel or WPS and save it as xlsx"
    OldWord "old-office" "旧版 Office 文件（doc、ppt 等）" "an old Office file (doc, ppt or the like)"
        "请把表格复制到工作簿中，另存为 xlsx" "copy the table into a workbook and save it as xlsx"
    BinaryExcel "binary-excel" "二进制 Excel 文件（xlsb）" "binary Excel (xlsb)"
        "请用 Excel 或 WPS 打开后另存为 xlsx" "open it in Excel or WPS and save it as xlsx"
    OpenDocument "open-document" "开放文档格式文件（ods、odt）" "OpenDocument (ods, odt)"
        "请打开后另存为 xlsx" "open it and save it as xlsx"
    Word "word" "文字文档（docx）" "Word (docx)"
        "请把表格复制到工作簿中，另存为 xlsx" "copy the table into a workbook and save it as xlsx"
    PowerPoint "powerpoint" "演示文稿（pptx）" "PowerPoint (pptx)"
        "请把表格复制到工作簿中，另存为 xlsx" "copy the table into a workbook and save it as xlsx"
    Html "html" "网页（HTML）" "HTML"
        "这类文件常以 xls 为扩展名；请用 Excel 或 WPS 打开后另存为 xlsx" "open it in Excel or WPS and save it as xlsx"
    Xml "xml" "XML 文件" "XML"
        "请用 Excel 或 WPS 打开后另存为 xlsx" "open it in Excel or WPS and save it as xlsx"
    Markup "markup" "标记语言文件" "markup"
        "请提交 xlsx 或 csv 文件" "send an xlsx or csv file"
    Pdf "pdf" "PDF 文件" "PDF"
        "请提交原来的表格文件" "send the table from which it was made"
    Ofd "ofd" "OFD 版式文件" "OFD"
        "请提交原来的表格文件" "send the table from which it was made"
    Rtf "rtf" "RTF 文档" "RTF"
        "请把表格复制到工作簿中，另存为 xlsx" "copy the table into a workbook and save it as xlsx"
    Image "image" "图片" "an image"
        "请提交原来的表格文件" "send the table of which it is a picture"
    Archive "archive" "压缩包" "an archive"
        "请解压后提交其中的 xlsx 或 csv 文件" "unpack it and send the xlsx or csv file inside"
    Program "program" "程序文件" "a program"
        "请提交 xlsx 或 csv 文件" "send an xlsx or csv file"
    Empty "empty" "空文件" "empty"
        "请检查导出是否成功" "check whether the export succeeded"
    Binary "binary" "二进制数据，或编码不明的文字" "binary data or text in an unknown encoding"
        "请提交 xlsx，或 UTF-8、GB18030 编码的 csv" "send an xlsx, or a csv in UTF-8 or GB18030"
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
    Marks "marks" "合并区域或无结果公式的数目" "merged cells or formulas without value"
    SpannedCells "spanned-cells" "工作表区域的单元格数（含空白）" "cells in the area of its sheets, blank ones included"
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
