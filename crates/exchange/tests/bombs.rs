//! Files made to exhaust the reader are refused, and in little memory.
//!
//! One process of its own: its peak memory is what the tests measure.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what the tests are made of may panic like the tests")]

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use lvcai_exchange::lines::{Form, LineLimits, read_lines};
use lvcai_exchange::{Content, Limits, List, Measure, Named, ReadError, read_list};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const ROOT: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Relationships><Relationship Id="r1" Type="http://x/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const RELATIONS: &str = r#"<Relationships><Relationship Id="r1" Type="http://x/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<workbook><sheets><sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>"#;
const STYLES: &str = "<styleSheet><cellXfs><xf numFmtId=\"0\"/></cellXfs></styleSheet>";
const STRINGS: &str = "<sst uniqueCount=\"1\"><si><t>x</t></si></sst>";
const SHEET: &str = "<worksheet><sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row></sheetData></worksheet>";
const HEADER: &str = r#"<row r="1"><c r="A1" t="str"><v>企业名称</v></c><c r="B1" t="str"><v>产品名称</v></c><c r="C1" t="str"><v>证书编号</v></c></row>"#;

/// A part's text, repeated between a beginning and an end.
struct Part<'a> {
    begin: &'a str,
    body: &'a str,
    times: usize,
    end: &'a str,
}

const fn once(text: &str) -> Part<'_> {
    Part { begin: text, body: "", times: 0, end: "" }
}

/// The tests of this file take turns, so that the peak is that of one.
static TURN: Mutex<()> = Mutex::new(());

struct Bomb {
    place: TempDir,
}

impl Bomb {
    fn new() -> Self {
        Self { place: TempDir::new().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.place.path().join("list.xlsx")
    }

    /// Writes a workbook with some parts in place of the usual ones.
    fn pack(&self, parts: &[(&str, Part<'_>)]) -> PathBuf {
        let usual = [
            ("[Content_Types].xml", "<Types/>"),
            ("_rels/.rels", ROOT),
            ("xl/workbook.xml", WORKBOOK),
            ("xl/_rels/workbook.xml.rels", RELATIONS),
            ("xl/styles.xml", STYLES),
            ("xl/sharedStrings.xml", STRINGS),
            ("xl/worksheets/sheet1.xml", SHEET),
        ];
        let mut zip = ZipWriter::new(BufWriter::new(File::create(self.path()).unwrap()));
        let options =
            SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).compression_level(Some(1));
        for (name, text) in usual.into_iter().filter(|(name, _)| !parts.iter().any(|it| it.0 == *name)) {
            zip.start_file(name, options).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        for (name, part) in parts {
            zip.start_file(*name, options).unwrap();
            zip.write_all(part.begin.as_bytes()).unwrap();
            let chunk = part.body.repeat(if part.body.len() < 1_000 { 10_000.min(part.times.max(1)) } else { 1 });
            let per_chunk = chunk.len() / part.body.len().max(1);
            for _ in 0..part.times / per_chunk.max(1) {
                zip.write_all(chunk.as_bytes()).unwrap();
            }
            zip.write_all(part.end.as_bytes()).unwrap();
        }
        zip.finish().unwrap().flush().unwrap();
        self.path()
    }
}

fn read(path: &Path) -> Result<List, ReadError> {
    // Fewer tags than the default, since they are slow to make without optimisation.
    let outcome = read_list(path, &Limits { tags: 1_500_000, ..Limits::default() }, &Named::default(), &mut |_| {});
    let peak = peak_kib();
    assert!(peak < 400 * 1024, "peak memory {peak} KiB");
    outcome
}

/// The peak memory of this process.
fn peak_kib() -> u64 {
    let mut status = String::new();
    File::open("/proc/self/status").unwrap().read_to_string(&mut status).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn refused(path: &Path, wanted: Measure) {
    match read(path) {
        Err(ReadError::TooLarge { what, .. }) => assert_eq!(what, wanted),
        other => panic!("{wanted:?}: {other:?}"),
    }
}

#[test]
fn a_sheet_that_inflates_to_a_gigabyte_is_refused() {
    let _turn = TURN.lock();
    let row = format!("<row><c t=\"str\"><v>{}</v></c></row>", "甲乙丙丁".repeat(300));
    let times = (1 << 30) / row.len();
    let sheet = Part { begin: "<worksheet><sheetData>", body: &row, times, end: "</sheetData></worksheet>" };

    refused(&Bomb::new().pack(&[("xl/worksheets/sheet1.xml", sheet)]), Measure::UnpackedBytes);
}

#[test]
fn a_zip_bomb_of_many_parts_is_refused() {
    let _turn = TURN.lock();
    let blank = " ".repeat(1 << 20);
    let names: Vec<String> = (0..100).map(|it| format!("xl/media/{it}.png")).collect();
    let parts: Vec<_> =
        names.iter().map(|it| (it.as_str(), Part { begin: "", body: &blank, times: 3, end: "" })).collect();

    refused(&Bomb::new().pack(&parts), Measure::UnpackedBytes);
}

#[test]
fn parts_that_are_kept_in_memory_are_bounded() {
    let _turn = TURN.lock();
    let part = |begin, body, end| Part { begin, body, times: 500_000, end };
    let blank = Part { times: 1_500_000, ..part("<worksheet><sheetData><row>", "<c/>", "") };
    let strings = Part { times: 1_010_000, ..part("<sst>", "<si/>", "</sst>") };
    let styles = part("<styleSheet><cellXfs>", "<xf/>", "</cellXfs></styleSheet>");
    let names = part("<workbook>", "<definedName name=\"\">x</definedName>", "</workbook>");
    let text = Part { begin: "<worksheet><sheetData><row><c t=\"str\"><v>", body: "x", times: 100_000_000, end: "" };
    let cases = [
        ("xl/worksheets/sheet1.xml", blank, Measure::Tags),
        ("xl/sharedStrings.xml", strings, Measure::SharedStrings),
        ("xl/styles.xml", styles, Measure::Tags),
        ("xl/workbook.xml", names, Measure::Tags),
        ("xl/worksheets/sheet1.xml", text, Measure::HeldBytes),
    ];
    for (name, part, measure) in cases {
        refused(&Bomb::new().pack(&[(name, part)]), measure);
    }
}

#[test]
fn what_a_file_says_of_itself_is_not_believed() {
    let _turn = TURN.lock();
    let strings = once("<sst a='>' uniqueCount = '99999999999'></sst>");
    refused(&Bomb::new().pack(&[("xl/sharedStrings.xml", strings)]), Measure::SharedStrings);

    let nested = Part { begin: "<worksheet><sheetData>", body: "<a>", times: 65, end: "" };
    let hidden =
        once("<worksheet><sheetData><row><c t='str'><v>a<!-- </v></c><c> --></v></c></row></sheetData></worksheet>");
    for sheet in [nested, hidden] {
        let outcome = read(&Bomb::new().pack(&[("xl/worksheets/sheet1.xml", sheet)]));
        assert!(matches!(outcome, Err(ReadError::Damaged(_))));
    }

    for root in [
        ROOT.replace("xl/workbook.xml", "/XL/worksheets/sheet1.xml"),
        ROOT.replace("xl/workbook.xml", "x&#108;/media/a.xml"),
        ROOT.replace("UTF-8", "iso-2022-jp"),
    ] {
        assert!(matches!(read(&Bomb::new().pack(&[("_rels/.rels", once(&root))])), Err(ReadError::Damaged(_))));
    }
}

#[test]
fn a_directory_of_many_entries_is_refused() {
    let _turn = TURN.lock();
    let names: Vec<String> = (0..2_001).map(|it| format!("a/{it}")).collect();
    let parts: Vec<_> = names.iter().map(|it| (it.as_str(), once(""))).collect();
    refused(&Bomb::new().pack(&parts), Measure::Parts);

    let bomb = Bomb::new();
    let mut data = std::fs::read(bomb.pack(&[])).unwrap();
    data.resize(1 << 20, b' ');
    data.extend(b"PK\x06\x06");
    data.extend([0; 28]);
    data.extend(1_000_000_u64.to_le_bytes());
    std::fs::write(bomb.path(), data).unwrap();
    refused(&bomb.path(), Measure::Parts);
}

#[test]
fn a_value_far_away_makes_no_grid() {
    let _turn = TURN.lock();
    let sheet = |cells: &str| {
        format!("<worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData>{HEADER}{cells}</sheetData></worksheet>")
    };
    let far = sheet("<row r=\"1048576\"><c r=\"A1048576\"><v>1</v></c></row>");
    let list = read(&Bomb::new().pack(&[("xl/worksheets/sheet1.xml", once(&far))])).unwrap();
    assert_eq!(list.rows.iter().map(|it| it.row).collect::<Vec<_>>(), [1_048_576]);

    let wide = sheet("<row r=\"1048576\"><c r=\"XFD1048576\"><v>1</v></c></row>");
    refused(&Bomb::new().pack(&[("xl/worksheets/sheet1.xml", once(&wide))]), Measure::Columns);

    for reference in ["ZZZZZZZZZZZ1", "A99999999999", "A0"] {
        let odd = sheet(&format!("<row><c r=\"{reference}\"><v>1</v></c></row>"));
        assert!(read(&Bomb::new().pack(&[("xl/worksheets/sheet1.xml", once(&odd))])).is_err());
    }
}

#[test]
fn one_shared_text_in_many_cells_is_not_kept_without_end() {
    let _turn = TURN.lock();
    let strings = format!("<sst><si><t>{}</t></si></sst>", "长".repeat(2_000));
    let begin = format!("<worksheet><sheetData>{HEADER}");
    let row = "<row><c t=\"s\"><v>0</v></c><c t=\"s\"><v>0</v></c><c t=\"s\"><v>0</v></c></row>";
    let sheet = Part { begin: &begin, body: row, times: 10_000, end: "</sheetData></worksheet>" };
    let parts = [("xl/sharedStrings.xml", once(&strings)), ("xl/worksheets/sheet1.xml", sheet)];

    refused(&Bomb::new().pack(&parts), Measure::TextBytes);
}

#[test]
fn blank_rows_without_end_cost_nothing() {
    let _turn = TURN.lock();
    let begin = format!("<worksheet><sheetData>{HEADER}");
    let row = "<row><c s=\"0\"/><c s=\"0\"/><c s=\"0\"/></row>";
    let sheet = Part { begin: &begin, body: row, times: 200_000, end: "</sheetData></worksheet>" };

    assert_eq!(read(&Bomb::new().pack(&[("xl/worksheets/sheet1.xml", sheet)])).unwrap().rows, []);
}

#[test]
fn what_is_just_small_enough_is_read_in_bounded_memory() {
    let _turn = TURN.lock();
    let long = "<si><t>".to_owned() + &"长".repeat(280) + "</t></si>";
    let strings = Part { begin: "<sst>", body: &long, times: 250_000, end: "</sst>" };
    let font = "<font><b/><i/><u/><sz val=\"9\"/><name val=\"x\"/></font>";
    let fonts = Part { begin: "<styleSheet><fonts>", body: font, times: 40_000, end: "</fonts></styleSheet>" };
    let xf = "<xf numFmtId=\"14\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/>";
    let styles = Part { begin: "<styleSheet><cellXfs>", body: xf, times: 290_000, end: "</cellXfs></styleSheet>" };
    let piece = "x".repeat(1_000_000) + "<b/>";
    let begin = format!("<worksheet><sheetData>{HEADER}<row><c t=\"inlineStr\"><is><t>");
    let text = Part { begin: &begin, body: &piece, times: 33, end: "</t></is></c></row></sheetData></worksheet>" };
    for (name, part) in [
        ("xl/sharedStrings.xml", strings),
        ("xl/styles.xml", fonts),
        ("xl/styles.xml", styles),
        ("xl/worksheets/sheet1.xml", text),
    ] {
        let outcome = read(&Bomb::new().pack(&[(name, part)]));
        assert!(!matches!(outcome, Err(ReadError::TooLarge { .. })), "{outcome:?}");
    }
}

#[test]
fn a_renamed_pdf_is_refused() {
    let _turn = TURN.lock();
    let bomb = Bomb::new();
    let mut file = File::create(bomb.path()).unwrap();
    file.write_all(b"%PDF-1.7\n").unwrap();
    io::copy(&mut io::repeat(b'x').take(60 << 20), &mut file).unwrap();

    assert!(matches!(read(&bomb.path()), Err(ReadError::NotAList { found: Content::Pdf })));
}

#[test]
fn csv_of_one_record_or_one_line_or_endless_size_is_refused() {
    let _turn = TURN.lock();
    let bomb = Bomb::new();
    let head = "企业名称,产品名称,证书编号\n";
    for (body, size, measure) in
        [(b',', 60_u64, Measure::RecordBytes), (b',', 1, Measure::Columns), (b'x', 65, Measure::FileBytes)]
    {
        let mut file = File::create(bomb.path()).unwrap();
        file.write_all(head.as_bytes()).unwrap();
        io::copy(&mut io::repeat(body).take(size << 20), &mut file).unwrap();
        file.write_all(b"x\n").unwrap();
        drop(file);
        refused(&bomb.path(), measure);
    }
}

/// A text without end that needs no memory of its own.
struct Endless {
    begin: &'static [u8],
    left: u64,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.begin.is_empty() {
            return self.begin.read(buffer);
        }
        let read = io::repeat(b'[').take(self.left).read(buffer)?;
        self.left -= u64::try_from(read).unwrap();
        Ok(read)
    }
}

impl Seek for Endless {
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        Ok(0)
    }
}

#[test]
fn a_line_without_end_is_not_held() {
    let _turn = TURN.lock();
    for (form, begin) in [(Form::JsonLines, &b"[1]\n"[..]), (Form::JsonArray, b"[1,"), (Form::JsonArray, b"[\"")] {
        let before = peak_kib();
        let source = Endless { begin, left: 8 << 20 };

        let mut lines = 0;
        let outcome = read_lines(source, form, &LineLimits::default(), &mut |_| {
            lines += 1;
            ControlFlow::Continue(())
        });

        assert!(peak_kib() < before + 4 * 1024, "{form:?}");
        match form {
            Form::JsonLines => assert_eq!((lines, outcome.unwrap().lines), (2, 2)),
            _ => assert!(outcome.is_err()),
        }
    }
}
