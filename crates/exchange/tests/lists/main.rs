//! Lists as cities publish them are read as a person reads them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what the tests are made of may panic like the tests"
)]

mod hostile;
mod sample;

use std::io::{Cursor, Read, Write};
use std::path::PathBuf;

use jiff::civil::date;
use lvcai_exchange::FaultCode::{
    BadDate, BadStar, BecameDate, ControlCharacter, FormulaError, FullWidth, Inherited, LineBreak, LostDigits, Missing,
    SerialDate, SeveralNumbers, TooLong,
};
use lvcai_exchange::{Content, FaultCode, Limits, List, ListRow, Measure, Named, ReadError, SheetOutcome, read_list};
use sample::{Sample, Wanted};
use tempfile::TempDir;

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, data: impl AsRef<[u8]>) -> Result<List, ReadError> {
        let path = self.path("list.dat");
        std::fs::write(&path, data).unwrap();
        read_list(&path, &Limits::default(), &Named::default(), &mut |_| {})
    }
}

fn read(csv: &str) -> List {
    Place::new().read(csv).unwrap()
}

fn as_wanted(row: &ListRow) -> Wanted {
    let ListRow { row, enterprise, product_name, models, star, certificate_number, valid_until, .. } = row.clone();
    (row, enterprise, product_name, models, star.unwrap(), certificate_number, valid_until.unwrap())
}

fn codes(row: &ListRow) -> Vec<(&'static str, FaultCode)> {
    row.faults.iter().map(|it| (it.column, it.code)).collect()
}

#[test]
fn a_workbook_with_every_quirk_is_read() {
    let (place, sample) = (Place::new(), Sample::with(2_000));
    sample.xlsx(&place.path("list.xlsx"));
    let mut heard = Vec::new();

    let list = read_list(&place.path("list.xlsx"), &Limits::default(), &Named::default(), &mut |rows| heard.push(rows))
        .unwrap();

    assert_eq!(heard, [1_000, 2_000, 2_000]);
    assert_eq!(list.rows.len(), 2_000);
    for (row, wanted) in list.rows.iter().zip(&sample.wanted) {
        assert_eq!(as_wanted(row), *wanted);
        assert!(row.faults.iter().all(|it| it.code.is_notice()), "{:?}", row.faults);
    }
    assert_eq!(list.rows[1].serial, "1");
    let outcomes: Vec<_> = list.sheets.iter().map(|it| (it.name.as_str(), it.outcome)).collect();
    let read = SheetOutcome::Read { rows: 2_000 };
    assert_eq!(outcomes, [("封面", SheetOutcome::NoHeader), ("名录", read), ("旧", SheetOutcome::Hidden)]);
    assert_eq!(list.ignored_columns, ["联系人"]);
    let captions: Vec<_> = list.captions.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(captions[..2], ["大庆市绿色建材产品名录（第一批）", "更新至2025年6月5日"]);
    assert_eq!(captions[2..], ["合计 2000", "注：本名录按批次动态调整。"]);
}

#[test]
fn the_same_list_as_csv_is_read_alike_in_every_encoding() {
    let (place, sample) = (Place::new(), Sample::with(2_000));
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let text = sample.csv(',');
    let gb18030 = encoding_rs::GB18030.encode(&text).0.into_owned();
    let files = [
        text.clone().into_bytes(),
        [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
        gb18030,
        [b"\xFF\xFE".to_vec(), utf16(&text)].concat(),
        sample.csv(';').into_bytes(),
        sample.csv('\t').into_bytes(),
    ];
    for (index, file) in files.iter().enumerate() {
        let list = place.read(file).unwrap();

        assert_eq!(list.rows.len(), 2_000, "{index}");
        for (row, wanted) in list.rows.iter().zip(&sample.wanted) {
            let row = ListRow { row: wanted.0, ..row.clone() };
            assert_eq!(as_wanted(&row), *wanted, "{index}");
        }
    }
}

#[test]
fn rows_are_numbered_as_the_lines_of_the_file() {
    let list = read("\n题\n\n企业名称,产品名称,证书编号\n\n\"甲\n乙\",p,1\n丙,q,2\r\n\r\n丁,r,3\n");

    assert_eq!(list.rows.iter().map(|it| it.row).collect::<Vec<_>>(), [6, 8, 10]);
}

#[test]
fn a_row_without_a_number_of_its_own_continues_the_row_above() {
    let list = read(
        "序号,企业名称,产品名称,规格型号,证书编号,备注\n\
         1,甲,砂浆,M5,A-1,\n\
         ,,,M10；M15,,\n\
         \n\
         序号,企业名称,规格型号,产品名称,证书编号,备注\n\
         ,,,抹灰砂浆,/,见附件\n\
         ,,M20,砌块,A-2,\n\
         二、门窗\n\
         ,,M25,,,\n",
    );

    assert_eq!(list.rows.len(), 3);
    assert_eq!(list.rows[0].models, ["M5", "M10", "M15"]);
    assert_eq!(list.rows[0].product_name, "砂浆、抹灰砂浆");
    assert_eq!(list.rows[0].remark, "见附件");
    assert_eq!(codes(&list.rows[0]), []);
    assert_eq!((list.rows[1].enterprise.as_str(), list.rows[1].serial.as_str()), ("甲", "1"));
    assert_eq!(codes(&list.rows[1]), [("企业名称", Inherited)]);
    let missing = ["企业名称", "产品名称", "证书编号"].map(|it| (it, Missing));
    assert_eq!(codes(&list.rows[2]), missing, "nothing is inherited across a section heading");
    assert_eq!(list.captions[0].text, "二、门窗");
}

#[test]
fn what_belongs_to_the_enterprise_is_inherited_with_it_only() {
    let list = read(
        "序号,企业名称,信用代码,产品名称,证书编号\n\
         1,甲,９１２３０６００ma1b2c3d4x,p,A-1\n\
         2,,,q,A-2\n\
         3,乙,,r,A-3\n",
    );

    let uscc: Vec<_> = list.rows.iter().map(|it| it.uscc.as_deref()).collect();
    assert_eq!(uscc, [Some("91230600MA1B2C3D4X"), Some("91230600MA1B2C3D4X"), None]);
    assert_eq!(list.rows.iter().map(|it| it.serial.as_str()).collect::<Vec<_>>(), ["1", "2", "3"]);
}

#[test]
fn in_a_list_without_numbers_each_product_stands_for_itself() {
    let list = read("企业名称,产品名称,规格型号\n甲,砂浆,M5\n,砌块,A3\n,,A5\n");

    let products: Vec<_> = list.rows.iter().map(|it| (it.product_name.as_str(), it.models.len())).collect();
    assert_eq!(products, [("砂浆", 1), ("砌块", 2)]);
}

#[test]
fn a_bad_row_gives_faults_and_the_others_are_read() {
    let long = "长".repeat(4_001);
    let list = read(&format!(
        "企业名称,产品名称,认证等级,证书编号,有效期至,发证日期\n\
         甲\u{7},{long},五星,\"A-\n1\",长期,2025年6月\n\
         乙,,三星,A-1、A-2,,2025-06-05\n\
         丙,q,,Ａ-3,2025-06-05,\n\
         丁,r,,2.01307E+15,2025-06-05,\n"
    ));

    assert_eq!(
        codes(&list.rows[0]),
        [
            ("企业名称", ControlCharacter),
            ("产品名称", TooLong),
            ("证书编号", LineBreak),
            ("发证日期", BadDate),
            ("有效期至", BadDate),
            ("认证等级", BadStar),
        ]
    );
    assert_eq!(list.rows[0].certificate_number, "A-1");
    assert_eq!(list.rows[0].product_name.chars().count(), 4_000);
    assert_eq!(codes(&list.rows[1]), [("证书编号", SeveralNumbers), ("有效期至", Missing), ("产品名称", Missing)]);
    assert_eq!(codes(&list.rows[2]), [("证书编号", FullWidth)]);
    assert_eq!((list.rows[2].certificate_number.as_str(), &*list.rows[2].faults[0].value), ("A-3", "Ａ-3"));
    assert_eq!(codes(&list.rows[3]), [("证书编号", LostDigits)]);
    assert!(FaultCode::ALL.iter().all(|it| !it.zh().is_empty() && it.en().ends_with('.')));
}

#[test]
fn excel_values_are_read_as_shown() {
    let place = Place::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let day = rust_xlsxwriter::Format::new().set_num_format("yyyy/m/d");
    for (column, name) in (0..).zip(["企业名称", "产品名称", "证书编号", "有效期至"]) {
        sheet.write_string(0, column, name).unwrap();
    }
    for (row, number) in [(1, 20_130_107.0), (2, 2_013_010_702_607_951.0)] {
        sheet.write_string(row, 0, "甲").unwrap().write_string(row, 1, "p").unwrap();
        sheet.write_number(row, 2, number).unwrap().write_number_with_format(row, 3, 45813.75, &day).unwrap();
    }
    sheet.write_formula(3, 0, rust_xlsxwriter::Formula::new("=NA()").set_result("#N/A")).unwrap();
    sheet.write_string(3, 1, "q").unwrap().write_number_with_format(3, 2, 45813, &day).unwrap();
    sheet.write_number(3, 3, 45813).unwrap();
    let plain = book.save_to_buffer().unwrap();

    let list = place.read(&plain).unwrap();
    let of_1904 =
        place.read(patched(&plain, "xl/workbook.xml", "<workbookPr ", "<workbookPr date1904=\"1\" ")).unwrap();

    assert_eq!(list.rows[0].certificate_number, "20130107");
    assert_eq!(list.rows[0].valid_until, Some(date(2025, 6, 5)));
    assert_eq!(of_1904.rows[0].valid_until, Some(date(2029, 6, 6)));
    assert_eq!(codes(&list.rows[1]), [("证书编号", LostDigits)]);
    assert_eq!(codes(&list.rows[2]), [("企业名称", FormulaError), ("证书编号", BecameDate), ("有效期至", SerialDate)]);
}

/// Writes the package again with one text in one part replaced.
fn patched(data: &[u8], part: &str, from: &str, to: &str) -> Vec<u8> {
    let mut old = zip::ZipArchive::new(Cursor::new(data)).unwrap();
    let mut new = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..old.len() {
        let mut file = old.by_index(index).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        if name == part {
            assert!(text.contains(from), "{text}");
            text = text.replace(from, to);
        }
        new.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        new.write_all(text.as_bytes()).unwrap();
    }
    new.finish().unwrap().into_inner()
}

#[test]
fn what_is_not_a_list_is_named() {
    let place = Place::new();
    let archive = |part: &str| {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file(part, zip::write::SimpleFileOptions::default()).unwrap();
        zip.finish().unwrap().into_inner()
    };
    let cases: [(&[u8], Content); 12] = [
        (b"%PDF-1.7\n%\xE2\xE3", Content::Pdf),
        (&archive("word/document.xml"), Content::Word),
        (&archive("a.txt"), Content::Archive),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0B\0o\0o\0k\0", Content::OldExcel),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0", Content::Encrypted),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0", Content::OldWord),
        (b"\x89PNG\r\n\x1A\n\0", Content::Image),
        (b"\xEF\xBB\xBF \n<HTML><table>", Content::Html),
        (b" \r\n", Content::Empty),
        (b"", Content::Empty),
        (b"a,b\0c", Content::Binary),
        (b"\xFF\xFF\xFF", Content::Binary),
    ];
    for (data, wanted) in cases {
        match place.read(data) {
            Err(ReadError::NotAList { found }) => assert_eq!(found, wanted),
            other => panic!("{wanted:?}: {other:?}"),
        }
    }
    assert!(matches!(place.read("a,b,c\n1,2,3\n"), Err(ReadError::NoHeader)));
    assert!(matches!(
        read_list(place.0.path(), &Limits::default(), &Named::default(), &mut |_| {}),
        Err(ReadError::Io(_))
    ));
}

#[test]
fn each_limit_is_enforced() {
    let place = Place::new();
    let path = place.path("list.xlsx");
    Sample::with(100).xlsx(&path);
    let ample = Limits::default;
    let cases = [
        (Limits { file_bytes: 1_000, ..ample() }, Measure::FileBytes),
        (Limits { unpacked_bytes: 10_000, ..ample() }, Measure::UnpackedBytes),
        (Limits { parts: 5, ..ample() }, Measure::Parts),
        (Limits { sheets: 2, ..ample() }, Measure::Sheets),
        (Limits { shared_strings: 50, ..ample() }, Measure::SharedStrings),
        (Limits { tags: 1_000, ..ample() }, Measure::Tags),
        (Limits { rows: 99, ..ample() }, Measure::Rows),
        (Limits { columns: 7, ..ample() }, Measure::Columns),
        (Limits { text_bytes: 1_000, ..ample() }, Measure::TextBytes),
    ];
    for (limits, measure) in cases {
        match read_list(&path, &limits, &Named::default(), &mut |_| {}) {
            Err(ReadError::TooLarge { what, .. }) => assert_eq!(what, measure),
            other => panic!("{measure:?}: {other:?}"),
        }
    }
}
