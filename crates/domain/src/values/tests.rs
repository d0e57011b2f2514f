//! What every value promises, and the facts each was built from.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::PartialSchema;

use super::*;
use crate::rule::Rule;

/// Real codes; the last is valid although a public document gives it to the wrong firm.
const VALID_USCC: [&str; 12] = [
    "91371323760038087M",
    "91350100M000100Y43",
    "91230607716675409L",
    "91110000710925462X",
    "9144030071526726XG",
    "914403001922038216",
    "91110000102551540H",
    "91110000633797400C",
    "91110000802100433B",
    "91110108551385082Q",
    "91330100799655058B",
    "911101018012144040",
];

const INVALID_USCC: [(&str, Rule); 10] = [
    ("000000000000000000", Rule::UsccForm),
    ("91230600000000000C", Rule::UsccForm),
    ("230699198009150034", Rule::UsccIsCitizenNumber),
    ("11010519491231002X", Rule::UsccIsCitizenNumber),
    ("91310115MA1H8R7C6D", Rule::UsccCheckDigit),
    ("91350100M000100Y4A", Rule::UsccCheckDigit),
    ("91350100M000100YIO", Rule::UsccForm),
    ("000000000", Rule::UsccForm),
    ("91A30607716675409L", Rule::UsccForm),
    ("91230607716675409L ", Rule::UsccForm),
];

const VALID_GTIN: [&str; 4] = ["6291041500213", "00012345600012", "96385074", "036000291452"];

fn parse<T: FromStr<Err = Rule>>(text: &str) -> Result<T, Rule> {
    text.parse()
}

/// A value that parses is written in a form that parses to itself, in JSON as well.
fn keeps_its_form<T>(text: &str)
where
    T: FromStr<Err = Rule> + Display + Debug + PartialEq + Serialize + DeserializeOwned,
{
    let json = serde_json::Value::from(text);
    match text.parse::<T>() {
        Ok(value) => {
            assert_eq!(value.to_string().parse::<T>(), Ok(serde_json::from_value(json).unwrap()));
            assert_eq!(serde_json::to_value(&value).unwrap(), serde_json::Value::from(value.to_string()));
            assert_eq!(value.to_string().parse::<T>().unwrap().to_string(), value.to_string());
        }
        Err(rule) => assert_eq!(serde_json::from_value::<T>(json).unwrap_err().to_string(), rule.id()),
    }
}

fn every_value_keeps_its_form(text: &str) {
    keeps_its_form::<ApprovalNumber>(text);
    keeps_its_form::<CertificateNumber>(text);
    keeps_its_form::<CmaNumber>(text);
    keeps_its_form::<CnasNumber>(text);
    keeps_its_form::<Decimal>(text);
    keeps_its_form::<Gtin>(text);
    keeps_its_form::<ReportNumber>(text);
    keeps_its_form::<StandardNumber>(text);
    keeps_its_form::<Uscc>(text);
}

/// Asserts that changing any one character of `text` to another of `alphabet` is noticed.
fn notices_every_substitution<T: FromStr<Err = Rule> + Debug>(text: &str, alphabet: &str) {
    for (at, old) in text.char_indices() {
        for new in alphabet.chars().filter(|new| *new != old) {
            let mut changed = text.to_owned();
            changed.replace_range(at..=at, &new.to_string());
            assert!(changed.parse::<T>().is_err(), "{changed}");
        }
    }
}

#[test]
fn real_usccs_are_accepted_and_wrong_ones_named() {
    for code in VALID_USCC {
        let uscc: Uscc = code.parse().unwrap();
        assert_eq!(uscc.as_str(), code);
        assert_eq!(parse::<Uscc>(&code.to_lowercase()), Ok(uscc));
    }
    for (code, rule) in INVALID_USCC {
        assert_eq!(parse::<Uscc>(code), Err(rule), "{code}");
    }
}

#[test]
fn one_wrong_character_in_a_uscc_or_gtin_is_always_noticed() {
    for code in VALID_USCC {
        notices_every_substitution::<Uscc>(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    }
    for code in VALID_GTIN {
        assert_eq!(parse::<Gtin>(code).unwrap().as_str(), format!("{code:0>14}"));
        notices_every_substitution::<Gtin>(code, "0123456789");
    }
    assert_eq!(parse::<Gtin>("6291041500214"), Err(Rule::GtinCheckDigit));
    assert_eq!(parse::<Gtin>("629104150021"), Err(Rule::GtinCheckDigit));
    assert_eq!(parse::<Gtin>("629104150"), Err(Rule::GtinForm));
}

#[test]
fn approval_and_cma_numbers_have_one_form() {
    for text in ["CNCA-R-2002-001", "CNCA-RF-2002-07", "CNCA-R-2024-1364"] {
        assert_eq!(parse::<ApprovalNumber>(text).unwrap().as_str(), text);
    }
    assert_eq!(parse::<ApprovalNumber>(" cnca-r-2002-001 ").unwrap().as_str(), "CNCA-R-2002-001");
    for text in ["CNCA-R-2002-1", "CNCA-R-02-001", "CNCA-X-2002-001", "CNCA-R-2002-00001", "CNCA-R-2002-001-1", ""] {
        assert_eq!(parse::<ApprovalNumber>(text), Err(Rule::ApprovalNumberForm), "{text}");
    }
    assert!(parse::<CmaNumber>("230800020001").is_ok());
    for text in ["23080002000", "2308000200011", "２３０８０００２０００１", "23080002000A"] {
        assert_eq!(parse::<CmaNumber>(text), Err(Rule::CmaNumberForm), "{text}");
    }
}

#[test]
fn standard_numbers_are_normalised_without_guessing() {
    let kept = [
        ("T/CECS 10026-2019", "T/CECS 10026-2019"),
        ("Ｔ／ＣＥＣＳ　10026－2019", "T/CECS 10026-2019"),
        ("gb/t 2260–2007", "GB/T 2260-2007"),
        ("GB/T2260—2007", "GB/T 2260-2007"),
        ("GB_T 2260-2007", "GB/T 2260-2007"),
        ("GB_T_2260-2007", "GB/T 2260-2007"),
        ("GB_18580-2025", "GB 18580-2025"),
        ("GB / T  2260 - 2007", "GB/T 2260-2007"),
        ("GB 2260-2007", "GB 2260-2007"),
        ("GB/T 2260", "GB/T 2260"),
        ("DB23/T 123-2020", "DB23/T 123-2020"),
        ("DB 23/T123-2020", "DB23/T 123-2020"),
        ("DB23/ 1270-2019", "DB23/1270-2019"),
        ("DBJ/T 15-101-2014", "DBJ/T 15-101-2014"),
        ("Q/ABC 001-2020", "Q/ABC 001-2020"),
        ("Q/ABC001S-2020", "Q/ABC 001S-2020"),
        ("GB 4806.1-2016", "GB 4806.1-2016"),
        ("GB4806.1-2016", "GB 4806.1-2016"),
        ("JGJ 113-2015", "JGJ 113-2015"),
    ];
    for (given, expected) in kept {
        assert_eq!(parse::<StandardNumber>(given).unwrap().as_str(), expected, "{given}");
    }
    for text in [
        "",
        "GB",
        "2260-2007",
        "GBT 2260-2007",
        "GBT2260-2007",
        "GB/123",
        "T 10026-2019",
        "GB/T 2260-07",
        "GB/T2260 2007",
        "GB/T 2260-20071",
        "GB/T 2260..1",
        "GB/T -2007",
        "CNCA-CGP-04:2020",
        "国标 123",
    ] {
        assert_eq!(parse::<StandardNumber>(text), Err(Rule::StandardNumberForm), "{text}");
    }
    let dated: StandardNumber = "GB 4806.1-2016".parse().unwrap();
    assert_eq!((dated.undated(), dated.year()), ("GB 4806.1", Some("2016")));
    assert_eq!(parse::<StandardNumber>("GB 4806.1").unwrap().year(), None);
}

#[test]
fn decimals_keep_their_text() {
    let decimal = |text: &str| parse::<Decimal>(text).unwrap();

    assert_eq!(decimal("0.050").as_str(), "0.050");
    assert_ne!(decimal("0.050"), decimal("0.05"));
    for text in ["", ".5", "5.", "1e3", "--1", "1,000", "１", "NaN", "1.2.3", "1234567890123456", "0.1234567890123456"]
    {
        assert_eq!(parse::<Decimal>(text), Err(Rule::DecimalForm), "{text}");
    }
}

#[test]
fn micros_round_half_to_even() {
    for (text, micros) in [
        ("0.050", Some(50_000)),
        ("-1.5", Some(-1_500_000)),
        ("0.0000005", Some(0)),
        ("0.0000015", Some(2)),
        ("0.0000025", Some(2)),
        ("0.000002500000001", Some(3)),
        ("-0.0000005", Some(0)),
        ("-0.0000015", Some(-2)),
        ("-0.0000025", Some(-2)),
        ("9223372036854.775807", Some(i64::MAX)),
        ("-9223372036854.775808", Some(i64::MIN)),
        ("9223372036854.775808", None),
        ("999999999999999.999999999999999", None),
    ] {
        assert_eq!(parse::<Decimal>(text).unwrap().micros(), micros, "{text}");
    }
}

#[test]
fn certificate_numbers_keep_what_was_written() {
    let number = |text: &str| parse::<CertificateNumber>(text).unwrap();

    for text in [
        "CABR-01(02)-(2025)-CGP-035",
        "CABR-CFC-01(02)-2025(20030)1",
        "00216Q10097R1S",
        "00114E22766R2L/3502",
        "2013010702607951",
        "R2_130800590SHA-001",
        "国建字（2024）第 7 号",
    ] {
        assert_eq!(number(text).as_str(), text);
    }
    let full_width = number("ＣＡＢＲ－01（02）—（2025） –cgp-０35 ");
    assert_eq!(full_width.as_str(), "ＣＡＢＲ－01（02）—（2025） –cgp-０35");
    assert_eq!(full_width.normalised(), "CABR-01(02)-(2025)-CGP-035");

    let (typo, meant) = (number("14714Q20014ROS"), number("14714Q20014R0S"));
    assert_eq!(typo.look_alike(), meant.look_alike());
    assert_ne!(typo.normalised(), meant.normalised());
    assert_ne!(typo, meant);

    for text in ["", "  ", "---", "A\0B", "A\tB", "A?B", "①", "é", &"A".repeat(101)] {
        assert_eq!(parse::<CertificateNumber>(text), Err(Rule::CertificateNumberForm), "{text:?}");
    }
}

#[test]
fn a_star_is_one_two_or_three() {
    assert_eq!(serde_json::to_value(Star::ALL).unwrap(), serde_json::json!([1, 2, 3]));
    for star in Star::ALL {
        assert_eq!(star.to_string().parse(), Ok(star));
    }
    for number in [0, 4, -1, 300] {
        assert_eq!(serde_json::from_value::<Star>(number.into()).unwrap_err().to_string(), "out-of-range");
    }
    assert_eq!(parse::<Star>("4"), Err(Rule::OutOfRange));
    assert_eq!(parse::<Star>("三"), Err(Rule::WrongType));
}

#[test]
fn cnas_numbers_are_those_of_laboratories() {
    assert!(parse::<CnasNumber>("CNAS L0001").is_ok());
    for text in ["CNAS IB0001", "CNAS C001", "CNAS L", "cnas l0001", "CNASL0001", "CNAS L1234567"] {
        assert_eq!(parse::<CnasNumber>(text), Err(Rule::CnasNumberForm), "{text}");
    }
}

#[test]
fn a_report_number_stays_as_written_and_is_compared_plainly() {
    let number = parse::<ReportNumber>(" 黑建检〔2026〕第0117号 ").unwrap();

    assert_eq!(number.as_str(), "黑建检〔2026〕第0117号");
    for spelling in ["黑建检[2026]第0117号", "黑建检（２０２６）第 0117 号", "黑建检［2026］第0117号"]
    {
        assert_eq!(parse::<ReportNumber>(spelling).unwrap().normalised(), number.normalised(), "{spelling}");
    }
    assert_eq!(parse::<ReportNumber>("no：wt－1＃2").unwrap().normalised(), "NO:WT-1#2");
    for text in ["", "〔〕", "WT\u{0}1", "WT!1", &"1".repeat(101)] {
        assert_eq!(parse::<ReportNumber>(text), Err(Rule::ReportNumberForm), "{text}");
    }
}

#[test]
fn every_example_in_the_documentation_is_valid() {
    fn example<T: PartialSchema>() -> String {
        let schema = serde_json::to_value(T::schema()).unwrap();
        assert!(schema["pattern"].is_string() && schema["description"].is_string());
        schema["examples"][0].as_str().unwrap().to_owned()
    }
    assert!(parse::<ApprovalNumber>(&example::<ApprovalNumber>()).is_ok());
    assert!(parse::<CertificateNumber>(&example::<CertificateNumber>()).is_ok());
    assert!(parse::<CmaNumber>(&example::<CmaNumber>()).is_ok());
    assert!(parse::<CnasNumber>(&example::<CnasNumber>()).is_ok());
    assert!(parse::<Decimal>(&example::<Decimal>()).is_ok());
    assert!(parse::<Gtin>(&example::<Gtin>()).is_ok());
    assert!(parse::<ReportNumber>(&example::<ReportNumber>()).is_ok());
    assert!(parse::<StandardNumber>(&example::<StandardNumber>()).is_ok());
    assert!(parse::<Uscc>(&example::<Uscc>()).is_ok());
}

proptest! {
    #[test]
    fn no_text_is_too_strange(text in any::<String>()) {
        every_value_keeps_its_form(&text);
    }

    #[test]
    fn text_that_looks_right_keeps_its_form(
        text in prop_oneof![
            "[ 0-9A-Za-z_/().+（）Ｏ０—–－汉\u{3000}-]{0,24}",
            "(GB|gb|JC|JG|DB23|DB 23|Q|T|DBJ)[/／_ ]?(T|ABC|CECS)?[ _\u{3000}]?[0-9]{1,6}(\\.[0-9])?[-–—－](19|20)[0-9]{2}",
            "(cnca|CNCA)-(R|RF)-[0-9]{4}-[0-9]{1,5}",
            "[+-]?[0-9]{1,16}(\\.[0-9]{1,16})?",
            "[0-9]{8,14}",
        ],
    ) {
        every_value_keeps_its_form(&text);
    }

    #[test]
    fn a_uscc_made_right_is_accepted_and_notices_a_substitution(
        stem in "91[0-9]{6}[0-9A-HJ-NPQRTUWXY]{9}", at in 0_usize..18, new in "[0-9A-Z]",
    ) {
        let right = "0123456789ABCDEFGHJKLMNPQRTUWXY".chars()
            .map(|check| format!("{stem}{check}")).filter(|code| parse::<Uscc>(code).is_ok()).collect::<Vec<_>>();
        prop_assert_eq!(right.len(), 1);

        let mut changed = right[0].clone();
        changed.replace_range(at..=at, &new);
        prop_assert_eq!(parse::<Uscc>(&changed).is_ok(), changed == right[0]);
    }

    #[test]
    fn normalising_a_certificate_number_twice_changes_nothing(text in "[ 0-9A-Za-z_/().+（）Ｏ０—–－汉豈\u{3000}-]{1,24}") {
        if let Ok(number) = parse::<CertificateNumber>(&text) {
            let again: CertificateNumber = number.normalised().parse().unwrap();
            prop_assert_eq!(again.normalised(), number.normalised());
            prop_assert_eq!(again.look_alike(), number.look_alike());
            prop_assert!(!number.look_alike().is_empty());
        }
    }

    #[test]
    fn decimals_agree_with_integers(a in -1_000_000_000_i64..1_000_000_000) {
        let decimal = |n: i64| {
            let sign = if n < 0 { "-" } else { "" };
            parse::<Decimal>(&format!("{sign}{}.{:06}", n.abs() / 1_000_000, n.abs() % 1_000_000)).unwrap()
        };
        prop_assert_eq!(decimal(a).micros(), Some(a));
    }
}

#[test]
fn what_was_kept_before_a_rule_was_made_stays_readable() {
    fn is_kept<T: FromStr<Err = Rule> + DeserializeOwned>(text: &str) {
        assert!(text.parse::<T>().is_err(), "{text}");
        assert!(serde_json::from_value::<T>(text.into()).is_ok(), "{text}");
    }

    is_kept::<Uscc>("000000000000000000");
    is_kept::<Uscc>("230699198009150034");
    for text in ["无", "详见附件", "null", "见附件1", "合计", "小计"] {
        is_kept::<CertificateNumber>(text);
        is_kept::<ReportNumber>(text);
    }
}

#[test]
fn the_kind_of_bracket_makes_no_difference_to_a_number() {
    let number = |text: &str| parse::<CertificateNumber>(text).unwrap();

    for spelling in [
        "建材〔2025〕1号",
        "建材[2025]1号",
        "建材【2025】1号",
        "建材［2025］1号",
        "建材（2025）1号",
        "建材〔2025〕1号\u{200B}",
        "\u{FEFF}建材〔2025〕\u{200B}1号 ",
    ] {
        assert_eq!(number(spelling).normalised(), number("建材(2025)1号").normalised(), "{spelling}");
    }
    assert_eq!(number("建材〔2025〕1号\u{200B}").as_str(), "建材〔2025〕1号");
    let report = |text: &str| parse::<ReportNumber>(text).unwrap().normalised();
    assert_eq!(report("黑建检【2026】第0117号"), report("黑建检〔2026〕第0117号"));
    for two in ["CABR-1、CABR-2", "CABR-1,CABR-2", "CABR-1;CABR-2"] {
        assert_eq!(parse::<CertificateNumber>(two), Err(Rule::CertificateNumberForm));
    }
}

#[test]
fn the_number_of_a_citizen_is_known_however_it_is_written() {
    for text in [
        "230699198009150034",
        "２３０６９９１９８００９１５００３４",
        "11010519491231002x",
        "230699 19800915 0034",
        "230699-19800915-0034",
        "230699198009150000",
        "2.30699198009150",
    ] {
        assert!(may_hold_citizen_number(text), "{text}");
    }
    for text in VALID_USCC.into_iter().chain(["12345", "2026-01-01", "", "CNCA-R-2021-999", "230699198013150034"]) {
        assert!(!may_hold_citizen_number(text), "{text}");
    }
}
