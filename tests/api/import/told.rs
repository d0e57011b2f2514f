//! What an import tells: in the language of its reader, of numbers that look alike, and of what stands in its way.

use super::{AUTHORITY, entries, folder, report};
use lvcai_tests::{CommandOutput, WorkingFolder};
use std::io::Read as _;
use std::process::Command;

const HEADER: &str = "企业名称,产品名称,规格型号,产品类别,认证等级,证书编号,有效期至,认证机构\n";

/// A row with a certificate.
fn row(product: &str, number: &str) -> String {
    format!("大庆甲门窗有限公司,{product},65系列,建筑门窗及配件,三星,{number},2030-06-04,中国建筑科学研究院\n")
}

fn write(folder: &WorkingFolder, rows: &[String]) {
    std::fs::write(folder.path("list.csv"), HEADER.to_owned() + &rows.concat()).unwrap();
}

fn import(folder: &WorkingFolder, arguments: &[&str]) -> CommandOutput {
    folder.run(&[&["import", "list.csv", "--authority", AUTHORITY], arguments].concat())
}

#[test]
fn the_report_is_in_the_language_of_its_reader() {
    let folder = folder();
    write(&folder, &[row("外开窗", "CABR-1"), row("内开窗", "CABR-2").replace("三星", "")]);
    let mut command = folder.command(&["import", "list.csv", "--authority", AUTHORITY, "--report", "en.csv"]);

    let said = CommandOutput::from(command.env("LC_ALL", "C").output().unwrap()).expect(0);
    import(&folder, &["--report", "zh.csv"]).expect(0);

    let english = std::fs::read_to_string(folder.path("en.csv")).unwrap();
    let mut lines = english.trim_start_matches('\u{feff}').lines();
    let header = "row,sheet,outcome,product,certificate,enterprise,product name,certificate number,explanation,import";
    assert_eq!(lines.next(), Some(header));
    assert!(lines.next().is_some_and(|it| it.starts_with("2,,imported,prod_")), "{english}");
    let refused = "认证等级: This scheme needs a star. Give the star: 1, 2 or 3.";
    assert!(lines.next().is_some_and(|it| it.starts_with("3,,refused,") && it.contains(refused)), "{english}");
    assert!(said.out.contains("1 imported") && said.err.contains("2 rows read from"), "{said:?}");
    let chinese = report(&folder, "zh.csv");
    assert_eq!(chinese[&2][0], "unchanged");
    assert!(chinese[&3][6].contains("认证等级：该认证制度须注明星级，填写星级 1、2 或 3"), "{chinese:?}");
}

#[test]
fn a_new_number_that_looks_like_another_one_is_told_and_taken() {
    let folder = folder();
    write(&folder, &[row("外开窗", "CABR-01(02)-2025")]);
    import(&folder, &["--report", "first.csv"]).expect(0);
    assert_eq!(report(&folder, "first.csv")[&2][6], "");
    write(
        &folder,
        &[row("外开窗", "CABR-01(02)-2025"), row("内开窗", "CABR-O1(02)-2025"), row("天窗", "B-1"), row("门", "B-l")],
    );

    for dry_run in [&["--dry-run", "--report", "second.csv"][..], &["--report", "second.csv"]] {
        let said = import(&folder, dry_run).expect(0);

        let told = report(&folder, "second.csv");
        assert_eq!(
            told.values().map(|it| it[0].as_str()).collect::<Vec<_>>(),
            ["unchanged", "imported", "imported", "imported"]
        );
        assert_eq!(told[&2][6], "", "a known number is told of anew");
        for (row, other) in [(3, "CABR-01(02)-2025"), (4, "B-L"), (5, "B-1")] {
            assert!(told[&row][6].contains(&format!("与另一证书的编号形似：{other}")), "{row}: {told:?}");
            assert!(said.out.lines().any(|it| it.starts_with(&row.to_string()) && it.contains("形似")), "{}", said.out);
        }
    }
}

#[test]
fn a_header_that_the_list_lacks_is_refused_before_anything_is_written() {
    let folder = folder();
    write(&folder, &[row("外开窗", "CABR-1")]);
    let before = entries(&folder.database).len();

    let said =
        import(&folder, &["--column", "绿标编号=number", "--column", "规格型号=models", "--report", "report.csv"]);

    assert!(said.code == Some(1) && said.err.contains("清单中没有列名“绿标编号”"), "{}", said.err);
    assert!(said.err.contains("现有列名：企业名称、产品名称、规格型号、"), "{}", said.err);
    assert!(!folder.path("report.csv").exists());
    let twice = import(&folder, &["--column", "规格型号=models", "--column", "规格型号=remark"]);
    assert!(twice.code == Some(1) && twice.err.contains("规格型号"), "{}", twice.err);
    assert_eq!(entries(&folder.database).len(), before);
}

#[test]
fn a_report_that_takes_nothing_is_refused_before_and_one_that_breaks_off_is_told_after() {
    let folder = folder();
    write(&folder, &[row("外开窗", "CABR-1")]);
    let before = entries(&folder.database).len();

    let full = import(&folder, &["--report", "/dev/full"]);

    assert!(
        full.code == Some(1) && full.err.contains("/dev/full") && full.err.contains("未执行任何操作"),
        "{}",
        full.err
    );
    assert_eq!(entries(&folder.database).len(), before);
    let pipe = folder.path("pipe.csv");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    // A reader that goes away once the report is begun.
    let reader = std::thread::spawn(move || std::fs::File::open(pipe).unwrap().read_exact(&mut [0; 3]).unwrap());
    let broken = import(&folder, &["--report", "pipe.csv"]);
    reader.join().unwrap();

    assert!(broken.code == Some(1) && broken.err.contains("没有写完整"), "{}", broken.err);
    assert!(broken.out.contains("CABR-1") && broken.out.contains("导入 1 行"), "{}", broken.out);
    assert!(broken.out.contains("导入编号：impt_"), "{}", broken.out);
    assert!(entries(&folder.database).len() > before);
}
