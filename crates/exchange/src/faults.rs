//! What may be wrong with one row of a list: a closed catalogue.
//!
//! These are faults of form alone, seen without knowing the registry.

/// Something wrong with one value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The column's usual header, in Chinese.
    pub column: &'static str,
    /// What is wrong.
    pub code: FaultCode,
    /// The value as it stood in the cell, at most 100 characters of it.
    pub value: String,
}

lvcai_domain::catalogue! {
    /// What is wrong with a value.
    pub enum FaultCode named by id

    Missing "missing" "缺少该值" "The value is missing."
    BadDate "bad-date" "不是可识别的日期" "The value is not a date."
    BadStar "bad-star" "不是一星、二星或三星" "The value is not one, two or three stars."
    TooLong "too-long" "文字过长，已截断" "The text is too long and was cut off."
    ControlCharacter "control-character" "含有控制字符，已删除" "Control characters were removed."
    FormulaError "formula-error" "单元格是公式错误" "The cell holds a formula error."
    Altered "altered" "值已被 Excel 改写（长数字失去末位，或被当成日期）"
        "The spreadsheet altered the value: a long number lost its last digits, or became a date."
    SeveralNumbers "several-numbers" "一个单元格中有多个证书编号" "The cell holds several certificate numbers."
    LineBreak "line-break" "证书编号中有换行，已连接，请核对" "The number was broken over lines and has been joined."
    FullWidth "full-width" "证书编号中的全角字符已转为半角，请核对"
        "Full-width characters of the number were made half-width."
    Inherited "inherited" "空白，沿用上一行的值" "The cell is empty; the value is that of the row above."
}

impl FaultCode {
    /// Whether this only tells what was done to the value, which is usable.
    pub const fn is_notice(self) -> bool {
        matches!(self, Self::LineBreak | Self::FullWidth | Self::Inherited)
    }
}

impl Fault {
    pub(crate) fn new(column: &'static str, code: FaultCode, value: &str) -> Self {
        Self { column, code, value: value.chars().take(100).collect() }
    }
}
