//! What may be wrong with one cell of a table: a closed catalogue, the same for every reader.
//!
//! These are faults of form alone, seen without knowing the registry.

use lvcai_domain::may_hold_citizen_number;

/// Something wrong with one value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The column's usual header, in Chinese.
    pub column: &'static str,
    /// Where the cell is, such as `F2`; empty where it is no single cell.
    pub cell: String,
    /// What is wrong.
    pub code: FaultCode,
    /// The value as it stood in the cell, at most 100 characters of it.
    pub value: String,
}

lvcai_domain::catalogue! {
    /// What is wrong with a value.
    pub enum FaultCode named by id, with {
        /// What to do about it, in Chinese.
        fix_zh: &'static str,
        /// What to do about it, in English.
        fix_en: &'static str,
    }

    Missing "missing" "缺少该值" "The value is missing." "请补填" "Add it"
    BadDate "bad-date" "不是可识别的日期" "The value is not a date." "请写成 2030-06-04 的形式" "Write it like 2030-06-04"
    SerialDate "serial-date" "是日期序列号，不是日期" "The value is the serial number of a day, not a day."
        "请把单元格设为日期格式，或写成 2030-06-04 的形式" "Format the cell as a date, or write it like 2030-06-04"
    BadStar "bad-star" "不是一星、二星或三星" "The value is not one, two or three stars." "请写一星、二星或三星" "Write 1, 2 or 3"
    BadStatus "bad-status" "证书不是有效状态，不能从清单登记" "The list says that the certificate is not valid."
        "请由认证机构报送该证书的状态" "The certification body has to report the status"
    TooLong "too-long" "文字过长，已截断" "The text is too long and was cut off." "请缩短" "Shorten it"
    NameTooLong "name-too-long" "超过 200 个字符" "The text has more than 200 characters." "请缩短到 200 个字符以内" "Shorten it to 200"
    LostZero "lost-zero" "邮政编码不足 6 位，开头的 0 可能已丢失" "The postal code lacks a digit, perhaps the 0 at its beginning."
        "请把该列设为文本，填写 6 位编码" "Make the column text and enter all six digits"
    ControlCharacter "control-character" "含有控制字符，已删除" "Control characters were removed."
        "请重新键入" "Type it anew"
    FormulaError "formula-error" "单元格是公式错误" "The cell holds a formula error." "请改正公式，或改为文字" "Correct the formula, or make it text"
    FormulaWithoutValue "formula-without-value" "公式没有计算结果" "The cell holds a formula without a value."
        "请用 Excel 或 WPS 打开并保存，或改为文字" "Open and save the file in Excel or WPS, or make it text"
    LostDigits "lost-digits" "单元格是数字，末位可能已丢失" "The cell is a number that may have lost its last digits."
        "请把该列设为文本，重新填写完整的编号" "Make the column text and enter all digits anew"
    BecameDate "became-date" "单元格被存成了日期" "The spreadsheet took the value for a date."
        "请把该列设为文本后重新填写" "Make the column text and enter the value anew"
    HiddenByFormat "hidden-by-format" "单元格的数字格式使显示的内容与所存的数字不同" "The number format shows something else than the number."
        "请把单元格改为文本" "Make the cell text"
    ErrorWord "error-word" "内容是导出程序或表格软件的错误标记" "The value is an error mark of a spreadsheet or an exporter."
        "请填写实际内容" "Write what it should be"
    Elsewhere "elsewhere" "内容只是指向别处（同上、同左）" "The value only points at another cell."
        "请写出完整内容" "Write it out"
    UnclearComma "unclear-comma" "逗号可能是千位分隔符，也可能是分隔型号" "A comma may separate thousands or models."
        "请用顿号分隔型号，数字中不用逗号" "Separate the models by 、 and write numbers without commas"
    SeveralNumbers "several-numbers" "一个单元格中有多个证书编号" "The cell holds several certificate numbers."
        "请每个编号写一行" "Write one number to a row"
    TooManyCells "too-many-cells" "有内容不在任何表头之下，可能有未加引号的分隔符" "A value stands below no header; a separator may lack its quotes."
        "请为该列补上表头，或给含有分隔符的内容加上引号" "Name the column, or quote the values that hold the separator"
    LineBreak "line-break" "证书编号中有换行，已连接" "The number was broken over lines and has been joined." "请核对" "Check it"
    FullWidth "full-width" "证书编号中的全角字符已转为半角"
        "Full-width characters of the number were made half-width." "请核对" "Check it"
    Inherited "inherited" "空白，沿用上一行的值" "The cell is empty; the value is that of the row above." "请核对" "Check it"
    Merged "merged" "合并单元格，取合并区域的值" "The cell is part of a merged one, whose value it has." "请核对" "Check it"
    SameAsAbove "same-as-above" "“同上”已按上一行的值读取" "The cell says `as above`; the value is that of the row above." "请核对" "Check it"
    InAttachment "in-attachment" "内容在附件中，没有登记型号" "The models are in an attachment; none is recorded." "请核对" "Check it"
    SeveralReasons "several-reasons" "有多个原因，取第一个，全部写入备注" "There are several reasons: the first counts, all are in the remark." "请核对" "Check it"
    MarkedName "marked-name" "名称带有标注或序号，已按名称登记" "The name bears a mark or a number, and was taken as it is." "请核对" "Check it"
    HiddenRow "hidden-row" "该行被隐藏或被筛选掉，仍已读取" "The row is hidden or filtered out, and was read all the same." "请核对" "Check it"
    HiddenColumn "hidden-column" "所在列已隐藏，仍已读取" "The column is hidden, and was read all the same." "请核对" "Check it"
    OrganisationCode "organisation-code" "是 9 位组织机构代码，不是统一社会信用代码，没有登记代码" "This is an organisation code of nine characters; no code is recorded." "请核对" "Check it"
    StruckOut "struck-out" "该行有删除线，仍已读取" "The row is struck through, and was read all the same." "请核对" "Check it"
}

impl FaultCode {
    /// Whether this only tells what was done to the value, which is usable.
    pub const fn is_notice(self) -> bool {
        matches!(
            self,
            Self::LineBreak
                | Self::FullWidth
                | Self::Inherited
                | Self::Merged
                | Self::SameAsAbove
                | Self::InAttachment
                | Self::SeveralReasons
                | Self::MarkedName
                | Self::HiddenRow
                | Self::HiddenColumn
                | Self::OrganisationCode
                | Self::StruckOut
        )
    }
}

/// The beginning of a text as messages quote it. They are kept for years, the numbers of citizens never.
pub(crate) fn quoted(text: &str) -> String {
    if may_hold_citizen_number(text) { "***".to_owned() } else { text.chars().take(100).collect() }
}

impl Fault {
    pub(crate) fn new(column: &'static str, code: FaultCode, value: &str) -> Self {
        let on_one_line = quoted(value).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        Self { column, cell: String::new(), code, value: on_one_line }
    }

    pub(crate) fn at(self, cell: String) -> Self {
        Self { cell, ..self }
    }

    /// What is wrong with which cell and what to do, in Chinese.
    pub fn zh(&self) -> String {
        let cell = if self.cell.is_empty() { String::new() } else { format!("（{}）", self.cell) };
        let value = if self.value.is_empty() { String::new() } else { format!("“{}”", self.value) };
        format!("{value}{cell}{}，{}", self.code.zh(), self.code.fix_zh())
    }

    /// The same in English.
    pub fn en(&self) -> String {
        let cell = if self.cell.is_empty() { String::new() } else { format!("{}: ", self.cell) };
        let value = if self.value.is_empty() { String::new() } else { format!("“{}”: ", self.value) };
        format!("{cell}{value}{} {}.", self.code.en(), self.code.fix_en())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_says_twice_what_to_do() {
        for code in FaultCode::ALL {
            assert!(!code.zh().contains(code.fix_zh()) && !code.en().contains(code.fix_en()), "{code}");
        }
        let joined = Fault::new("证书编号", FaultCode::LineBreak, "A-\n1").zh();
        assert_eq!(joined.matches("请核对").count(), 1, "{joined}");
    }
}
