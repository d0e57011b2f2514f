//! Files made to exhaust the importer are refused, and in little memory.

use super::{entries, folder};
use lvcai_tests::{CommandOutput, WorkingFolder};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::Stdio;
use std::time::Duration;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const ROOT: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships><Relationship Id="r1" Type="http://x/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const RELATIONS: &str = r#"<Relationships><Relationship Id="r1" Type="http://x/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<workbook><sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>"#;
const STYLES: &str = "<styleSheet><cellXfs><xf numFmtId=\"0\"/></cellXfs></styleSheet>";
const HEADER: &str = r#"<row r="1"><c r="A1" t="str"><v>企业名称</v></c><c r="B1" t="str"><v>产品名称</v></c><c r="C1" t="str"><v>证书编号</v></c></row>"#;

const MIB: usize = 1 << 20;

/// Writes a workbook whose sheet, and one part more, hold a text many times over.
fn pack(folder: &WorkingFolder, sheet: (&str, usize), strings: (&str, usize)) {
    let mut zip = ZipWriter::new(BufWriter::new(File::create(folder.path("list.xlsx")).unwrap()));
    let options =
        SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).compression_level(Some(1));
    let mut part = |name: &str, begin: &str, (body, bytes): (&str, usize), end: &str| {
        zip.start_file(name, options).unwrap();
        zip.write_all(begin.as_bytes()).unwrap();
        let chunk = body.repeat(MIB / body.len().max(1));
        for _ in 0..bytes / MIB {
            zip.write_all(chunk.as_bytes()).unwrap();
        }
        zip.write_all(end.as_bytes()).unwrap();
    };
    for (name, text) in [
        ("[Content_Types].xml", "<Types/>"),
        ("_rels/.rels", ROOT),
        ("xl/workbook.xml", WORKBOOK),
        ("xl/_rels/workbook.xml.rels", RELATIONS),
        ("xl/styles.xml", STYLES),
    ] {
        part(name, text, ("", 0), "");
    }
    part("xl/sharedStrings.xml", "<sst>", strings, "</sst>");
    part("xl/worksheets/sheet1.xml", &format!("<worksheet><sheetData>{HEADER}"), sheet, "</sheetData></worksheet>");
    zip.finish().unwrap().flush().unwrap();
}

/// Imports and watches the memory of the process: what it said, and its peak in MiB.
fn watched(folder: &WorkingFolder) -> (CommandOutput, usize) {
    let mut command = folder.command(&["import", "list.xlsx", "--authority", super::AUTHORITY]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let (done, watched) = std::sync::mpsc::channel::<()>();
    let watching = std::thread::spawn(move || {
        let mut peak = 0;
        loop {
            let text = std::fs::read_to_string(&status).unwrap_or_default();
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<usize>().ok());
            peak = peak.max(kib.unwrap_or_default() / 1024);
            if watched.recv_timeout(Duration::from_millis(2)) != Err(std::sync::mpsc::RecvTimeoutError::Timeout) {
                return peak;
            }
        }
    });
    let said = CommandOutput::from(child.wait_with_output().unwrap());
    drop(done);
    (said, watching.join().unwrap())
}

#[track_caller]
fn refused(folder: &WorkingFolder, why: &str) {
    let before = entries(&folder.database).len();

    let (said, peak) = watched(folder);

    let said = said.expect(1);
    assert!(said.err.contains(why), "{}", said.err);
    assert!(!said.err.contains("panicked"), "{}", said.err);
    assert!(peak > 0 && peak < 500, "peak memory {peak} MiB");
    assert_eq!(entries(&folder.database).len(), before);
}

#[test]
fn a_sheet_that_inflates_to_a_gigabyte_is_refused_in_little_memory() {
    let folder = folder();
    pack(&folder, ("<row r=\"2\"><c r=\"A2\"><v>1</v></c></row>", 1024 * MIB), ("", 0));

    refused(&folder, "more than");
}

#[test]
fn a_zip_bomb_of_texts_is_refused_in_little_memory() {
    let folder = folder();
    pack(&folder, ("", 0), ("<si><t>x</t></si>", 512 * MIB));

    refused(&folder, "more than");
}

#[test]
fn a_gigabyte_in_one_cell_is_refused_in_little_memory() {
    let folder = folder();
    pack(&folder, ("", 0), ("x", 300 * MIB));

    refused(&folder, "more than");
}

#[test]
fn what_is_no_list_is_refused_whatever_its_name() {
    let folder = folder();
    let files: [(&[u8], &str); 7] = [
        (b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n1 0 obj\n<<>>\nendobj\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not an xlsx, xls or csv list"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0\0\0\0\0\0\0", "not an xlsx, xls or csv list"),
        (b"PK\x03\x04truncated", "damaged"),
        (b"MZ\x90\0\x03\0\0\0", "not an xlsx, xls or csv list"),
        (b"", "list"),
        ("姓名,电话\n张三,1\n".as_bytes(), "header"),
    ];
    for (content, why) in files {
        std::fs::write(folder.path("list.xlsx"), content).unwrap();

        let said = super::import(&folder, &[]).expect(1);

        assert!(said.err.contains(why) && !said.err.contains("panicked"), "{why}: {}", said.err);
    }
    assert!(super::import(&folder, &["--dry-run"]).code == Some(1));
}

#[test]
fn a_csv_of_endless_lines_is_refused_in_little_memory() {
    let folder = folder();
    let mut file = BufWriter::new(File::create(folder.path("list.xlsx")).unwrap());
    file.write_all("企业名称,产品名称,证书编号\n".as_bytes()).unwrap();
    let chunk = "甲,乙,丙\n".repeat(MIB / 12);
    for _ in 0..70 {
        file.write_all(chunk.as_bytes()).unwrap();
    }
    file.flush().unwrap();
    drop(file);

    refused(&folder, "more than");
}
