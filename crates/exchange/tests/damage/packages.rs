//! A workbook is found by its relationships, whatever its parts are called.

use lvcai_exchange::{Content, ReadError};

use crate::files::{Sheet, list, pack, relations};

fn sheet() -> Sheet {
    Sheet::of(&[&["企业名称", "产品名称", "证书编号", "有效期至"], &["甲", "窗", "n000:7", "nyyyy-mm-dd:47638"]])
}

/// The parts with some renamed and others written anew.
fn renamed(names: &[(&str, &str)], texts: &[(&str, String)]) -> Vec<u8> {
    let mut parts = sheet().parts();
    for (name, text) in &mut parts {
        if let Some((_, new)) = texts.iter().find(|it| it.0 == name.as_str()) {
            text.clone_from(new);
        }
        if let Some((_, new)) = names.iter().find(|it| it.0 == name.as_str()) {
            *name = (*new).to_owned();
        }
    }
    pack(&parts)
}

fn is_read(data: &[u8]) {
    let rows = list(data).unwrap().rows;
    assert_eq!(rows[0].faults, []);
    assert_eq!(
        (rows[0].certificate_number.as_str(), rows[0].valid_until.unwrap().to_string().as_str()),
        ("007", "2030-06-04")
    );
}

#[test]
fn parts_may_have_any_name() {
    is_read(&sheet().xlsx());
    is_read(&renamed(
        &[("xl/workbook.xml", "xl/workbook22.xml"), ("xl/_rels/workbook.xml.rels", "xl/_rels/workbook22.xml.rels")],
        &[("_rels/.rels", relations(&[("officeDocument", "/xl/workbook22.xml")]))],
    ));
    is_read(&renamed(
        &[
            ("_rels/.rels", "_rels\\.rels"),
            ("xl/workbook.xml", "xl\\workbook.xml"),
            ("xl/_rels/workbook.xml.rels", "xl\\_rels\\workbook.xml.rels"),
            ("xl/styles.xml", "xl\\styles.xml"),
            ("xl/worksheets/sheet1.xml", "xl\\worksheets\\sheet1.xml"),
        ],
        &[],
    ));
    is_read(&renamed(
        &[("xl/styles.xml", "xl/styles2.xml"), ("xl/worksheets/sheet1.xml", "data/Sheet.xml")],
        &[("xl/_rels/workbook.xml.rels", relations(&[("worksheet", "../data/sheet.xml"), ("styles", "styles2.xml")]))],
    ));
}

#[test]
fn what_is_no_workbook_says_what_to_do_in_chinese() {
    let word = renamed(
        &[("xl/workbook.xml", "word/document.xml")],
        &[("_rels/.rels", relations(&[("officeDocument", "word/document.xml")]))],
    );
    let binary = renamed(
        &[("xl/workbook.xml", "xl/workbook.bin")],
        &[("_rels/.rels", relations(&[("officeDocument", "xl/workbook.bin")]))],
    );
    for (data, wanted) in [
        (word, Content::Word),
        (binary, Content::BinaryExcel),
        (b"<html><table>".to_vec(), Content::Html),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0B\0o\0o\0k\0".to_vec(), Content::OldExcel),
        (pack(&[("content.xml".to_owned(), String::new())]), Content::OpenDocument),
        (Vec::new(), Content::Empty),
    ] {
        match list(&data) {
            Err(error @ ReadError::NotAList { found }) => {
                assert_eq!(found, wanted);
                let words = error.zh().replace("xlsx", "").replace("xlsb", "").replace("xls", "").replace("csv", "");
                let latin: Vec<_> = words.split(|c: char| !c.is_ascii_lowercase()).filter(|it| it.len() > 4).collect();
                assert!(latin.is_empty(), "{words}");
            }
            other => panic!("{wanted:?}: {other:?}"),
        }
    }
}
