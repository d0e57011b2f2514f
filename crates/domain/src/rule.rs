//! The closed catalogue of reasons for which a value is refused.
//!
//! A rule has an id that clients may rely on, and a text and a remedy in Chinese and in English.
//! It says nothing about where the value stood: the pointer is the caller's.

crate::catalogue! {
    /// A reason for which a value is refused.
    pub enum Rule named by id, with {
        /// What to do about it, in Chinese.
        fix_zh: &'static str,
        /// What to do about it, in English.
        fix_en: &'static str,
    }

    Required "required"
        "缺少必填字段" "A required field is missing."
        "补充该字段。" "Add the field."
    UnknownField "unknown-field"
        "不认识的字段" "The field is not known."
        "删除该字段，或改为文档所列的字段名。" "Remove the field, or use a name from the documentation."
    ReadOnly "read-only"
        "该字段由登记系统给出，不能更改" "The registry gives this field; it cannot be changed."
        "删除该字段，或按读取到的值原样填写。" "Leave the field out, or send it as it was read."
    WrongType "wrong-type"
        "值的类型不正确" "The value has the wrong type."
        "改用文档规定的类型。" "Use the type given in the documentation."
    MalformedJson "malformed-json"
        "JSON 语法错误" "The text is not valid JSON."
        "修正语法后重新提交；请求体须为 UTF-8 编码的 JSON。" "Correct the syntax and send UTF-8 encoded JSON."
    TooLong "too-long"
        "文本过长" "The text is too long."
        "缩短到规定的长度以内。" "Shorten it to the stated length."
    TooShort "too-short"
        "文本过短" "The text is too short."
        "补足到规定的长度。" "Lengthen it to the stated minimum."
    TooManyItems "too-many-items"
        "条目过多" "There are too many items."
        "减少条目，或分多次提交。" "Send fewer items, or split them over several requests."
    TooFewItems "too-few-items"
        "条目过少" "There are too few items."
        "补足到规定的条目数。" "Add items up to the stated minimum."
    OutOfRange "out-of-range"
        "数值超出范围" "The number is out of range."
        "改为规定范围内的数值。" "Use a number within the stated range."
    Pattern "pattern"
        "格式不符合规定" "The text does not match the required pattern."
        "按文档给出的格式填写。" "Write it in the form shown in the documentation."
    NotAllowed "not-allowed"
        "不是允许的取值" "The value is not one of those allowed."
        "从允许的取值中选择一个。" "Choose one of the allowed values."
    NulCharacter "nul-character"
        "文本含有控制字符" "The text holds a control character."
        "删除控制字符（包括 NUL）。" "Remove control characters, NUL included."
    Duplicate "duplicate"
        "重复的值" "The value is given more than once."
        "只保留一个。" "Keep one of them."
    UsccForm "uscc-form"
        "不是 18 位统一社会信用代码" "This is not an 18-character unified social credit code."
        "填写 18 位代码：数字和大写字母，不含 I、O、S、V、Z，第 3 至 8 位为数字。"
        "Give 18 digits and letters without I, O, S, V and Z; characters 3 to 8 are digits."
    UsccCheckDigit "uscc-check-digit"
        "统一社会信用代码的校验码不正确" "The check character of the unified social credit code is wrong."
        "对照营业执照逐位核对。" "Compare every character with the business licence."
    GtinForm "gtin-form"
        "不是全球贸易项目代码" "This is not a GTIN."
        "填写 8、12、13 或 14 位数字。" "Give 8, 12, 13 or 14 digits."
    GtinCheckDigit "gtin-check-digit"
        "全球贸易项目代码的校验位不正确" "The check digit of the GTIN is wrong."
        "对照商品条码逐位核对。" "Compare every digit with the bar code."
    ApprovalNumberForm "approval-number-form"
        "不是认证机构批准号" "This is not an approval number of a certification body."
        "按 CNCA-R-2002-001 或 CNCA-RF-2002-01 的格式填写。" "Write it like CNCA-R-2002-001 or CNCA-RF-2002-01."
    StandardNumberForm "standard-number-form"
        "不是标准编号" "This is not the number of a standard."
        "按 GB/T 18600-2009 的格式填写，保留 /T；年份可省略。"
        "Write it like GB/T 18600-2009 and keep the /T; the year may be left out."
    DecimalForm "decimal-form"
        "不是十进制数" "This is not a decimal number."
        "用字符串填写，如 \"0.050\"；不用指数，小数点前后各不超过 15 位。"
        "Give a string such as \"0.050\", without exponent and with at most 15 digits on either side of the point."
    DateForm "date-form"
        "不是日期" "This is not a date."
        "按 2026-03-01 的格式填写真实存在的日期；记录中的日期在 1980 年至 2100 年之间，没有的日期不填。"
        "Give a date that exists, like 2026-03-01; those of a record lie from 1980 to 2100, and one that there is not is left out."
    InstantForm "instant-form"
        "不是时刻" "This is not an instant."
        "按 2026-03-01T08:00:00Z 的格式填写（RFC 3339）。" "Write it like 2026-03-01T08:00:00Z (RFC 3339)."
    IdForm "id-form"
        "不是本库的标识" "This is not an identifier of this registry."
        "原样使用本库返回的标识。" "Use an identifier exactly as the registry returned it."
    CertificateNumberForm "certificate-number-form"
        "不是证书编号" "This is not a certificate number."
        "照证书填写 1 至 100 个字符：字母、数字、汉字、空格和 - _ / ( ) [ ] 〔 〕 【 】 . +；“无”“详见附件”等不是编号，一次只填一个编号。"
        "Copy 1 to 100 characters from the certificate: letters, digits, Chinese characters, spaces and - _ / ( ) [ ] 〔 〕 【 】 . +; a word for none or a reference to an annex is no number, and each number stands alone."
    CmaNumberForm "cma-number-form"
        "不是检验检测机构资质认定编号" "This is not a CMA number."
        "填写 12 位数字。" "Give 12 digits."
    CnasNumberForm "cnas-number-form"
        "不是实验室认可编号" "This is not the number of a CNAS accreditation of a laboratory."
        "按 CNAS L0001 的格式填写。" "Write it like CNAS L0001."
    ReportNumberForm "report-number-form"
        "不是检验检测报告编号" "This is not the number of a test report."
        "照报告填写 1 至 100 个字符：字母、数字、汉字、空格和 - _ / ( ) . + : # [ ] 〔 〕 【 】；“无”“详见附件”等不是编号。"
        "Copy 1 to 100 characters from the report: letters, digits, Chinese characters, spaces and - _ / ( ) . + : # [ ] 〔 〕 【 】; a word for none or a reference to an annex is no number."
    CmaNotValid "cma-not-valid"
        "该日不在检验检测机构资质认定的有效期内" "The laboratory's CMA certificate does not hold on that day."
        "核对报告签发日期；资质认定有效期由主管部门登记和更新。"
        "Check the day of issue; the validity of the CMA certificate is the authority's to register and extend."
    KindUnknown "kind-unknown"
        "没有这个建材种类" "There is no such kind of building material."
        "使用种类目录中的代码。" "Use a code from the list of kinds."
    CodeUnknown "code-unknown"
        "没有这个代码" "There is no such code."
        "使用相应代码表中的代码。" "Use a code from the code list."
    DateOrder "date-order"
        "结束日期早于开始日期" "The end lies before the start."
        "核对两个日期。" "Check both dates."
    StarNotAllowed "star-not-allowed"
        "该认证制度不分星级" "This scheme has no stars."
        "删除星级。" "Leave the star out."
    StarRequired "star-required"
        "该认证制度须注明星级" "This scheme needs a star."
        "填写星级 1、2 或 3。" "Give the star: 1, 2 or 3."
    UnknownReference "unknown-reference"
        "引用的对象不存在" "The value names something that does not exist."
        "先登记该对象，或改正标识。" "Register it first, or correct the identifier."
    ScopeNotPermitted "scope-not-permitted"
        "组织的角色不允许此权限" "No role of the organisation permits this scope."
        "从 allowed 所列权限中选择；组织的角色由主管部门登记。" "Choose from `allowed`; the authority records an organisation's roles."
    KeyForm "key-form"
        "这不是可以登记的公钥" "This is no public key that can be registered."
        "提交 P-256、Ed25519 或 2048 至 8192 位 RSA 公钥的 JWK；多个密钥时各有 kid。"
        "Send the JWK of a public key: P-256, Ed25519, or RSA from 2048 to 8192 bits; where there are several, each has a `kid`."
    HolderDiffers "holder-differs"
        "证书或检验检测报告是其他企业的" "The certificate or test report is another firm's."
        "使用本企业自己的证书；确属委托生产等情形的，由认证机构或主管部门以 distinct_holder 说明理由后确认。"
        "Use one of the product's own enterprise; where it is rightly another's, the body or the authority confirms it and says why in `distinct_holder`."
    DiffersFromBody "differs-from-body"
        "清单与认证机构自己的记录不一致" "The list differs from the certification body's own record."
        "以认证机构的记录为准；请向公布清单的单位核实。" "The body's record stands; ask whoever published the list."
    BodyNameMismatch "body-name-mismatch"
        "机构名称与批准号不符" "The name of the certification body does not match its approval number."
        "核对批准号；机构更名须先由主管部门登记。" "Check the approval number; the authority records a change of name."
    UnverifiedName "unverified-name"
        "按未经核实的名称认定" "The body was found by a name that nobody has verified."
        "与批准部门的公告核对；由主管部门登记已核实的名称。"
        "Compare it with the approving authority's publication; the authority records the verified name."
    LooksAlike "looks-alike"
        "证书编号与其他证书的编号形似" "The number looks like that of another certificate."
        "对照证书核对字母 O 与数字 0、字母 I 和 l 与数字 1。"
        "Compare it with the certificate: the letter O and 0, the letters I and l and 1."
    TextForm "text-form"
        "文本没有可读的文字，或含有不成对的代理字符" "The text has nothing to read or holds a lone surrogate."
        "填写可见的文字，使用完整的 Unicode 字符。" "Write visible text in whole Unicode characters."
    NotAName "not-a-name"
        "这不是名称" "This is no name."
        "填写名称本身：名称含有汉字或字母，不能只是符号、数字、“无”或“详见附件”一类的指引。"
        "Write the name itself: it has letters or Chinese characters, and does not only say that there is none or that it stands elsewhere, as in an annex."
    InvisibleCharacter "invisible-character"
        "文本含有看不见的字符" "The text holds a character that nobody can see."
        "删除零宽、双向控制、变体选择等不可见字符，重新键入该文本。"
        "Remove zero-width characters, directional marks, variation selectors and the like; typing the text anew helps."
    UnreadableCharacter "unreadable-character"
        "文本含有无法辨认的字符" "The text holds a character that nobody can read."
        "文本中有替代符（�）、私用区或未分配的字符，或“锟斤拷”一类乱码：按 UTF-8 编码重新键入，生僻字使用 Unicode 正式编码。"
        "It holds a replacement character, one of private use, one that Unicode has not assigned, or Chinese garbled by a wrong encoding: type it anew in UTF-8, rare characters by their Unicode code points."
    UsccIsCitizenNumber "uscc-citizen-number"
        "这是公民身份号码，不是统一社会信用代码" "This is the number of a citizen's identity card and no unified social credit code."
        "填写营业执照上的 18 位代码；不得登记个人身份号码。" "Give the 18 characters of the business licence; numbers of persons are not to be registered."
    OrganisationCodeForm "organisation-code-form"
        "不是组织机构代码" "This is not an organisation code."
        "填写 9 位代码，如 71667540-9：前 8 位为数字或大写字母，第 9 位为校验码；已有统一社会信用代码的填 uscc。"
        "Give nine characters like 71667540-9: eight digits or letters and a check character; who has a unified social credit code gives `uscc` instead."
    OrganisationCodeMismatch "organisation-code-mismatch"
        "组织机构代码与统一社会信用代码不符" "The organisation code is not the one inside the unified social credit code."
        "统一社会信用代码的第 9 至 17 位即组织机构代码：核对二者，或只填统一社会信用代码。"
        "Characters 9 to 17 of the unified social credit code are the organisation code: compare the two, or give the former alone."
    YearNotInCalendar "year-not-in-calendar"
        "该年的节假日安排尚未收录" "The holiday arrangement of that year is not known."
        "待国务院办公厅公布该年安排并收录后再计算。" "Wait until the year's arrangement is published and loaded."
}

impl Rule {
    /// Finds a rule by its identifier.
    pub fn from_id(id: &str) -> Option<Self> {
        id.parse().ok()
    }
}

impl std::error::Error for Rule {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rule_is_found_by_its_own_kebab_case_id() {
        let ids: BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.id()).collect();

        assert_eq!(ids.len(), Rule::ALL.len());
        for rule in Rule::ALL {
            assert_eq!(Rule::from_id(rule.id()), Some(*rule));
            assert!(rule.id().bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{rule}");
        }
        assert_eq!(Rule::from_id("no-such-rule"), None);
    }

    #[test]
    fn every_text_is_in_its_own_language() {
        let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
        for rule in Rule::ALL {
            assert!(rule.zh().chars().any(is_han) && rule.fix_zh().chars().any(is_han), "{rule}");
            assert!(!rule.en().chars().any(is_han) && !rule.fix_en().chars().any(is_han), "{rule}");
            assert!(!rule.en().is_empty() && !rule.fix_en().is_empty(), "{rule}");
        }
    }
}
