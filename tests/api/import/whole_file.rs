//! What a whole list has in common may be said once, what is nearly known is offered, and what was done is told.

use super::{AUTHORITY, all, anybody, entries, folder, report, texts};
use lvcai_tests::{CommandOutput, WorkingFolder};

/// Imports a csv with more arguments.
fn import(folder: &WorkingFolder, csv: &str, arguments: &[&str]) -> CommandOutput {
    std::fs::write(folder.path("list.csv"), csv).unwrap();
    folder.run(&[&["import", "list.csv", "--authority", AUTHORITY], arguments].concat())
}

const BARE: &str = "厂子,绿标产品名,绿标编号,有效期至\n大庆甲厂,外开窗,A-1,2030-06-04\n";
const NAMED: [&str; 6] =
    ["--column", "厂子=enterprise", "--column", "绿标产品名=product", "--column", "绿标编号=证书编号"];

#[test]
fn columns_kind_body_and_star_may_be_said_once_for_the_file() {
    let folder = folder();
    let serving = folder.serve();

    let alone = import(&folder, BARE, &[]);
    assert!(alone.code != Some(0) && alone.err.contains("没有找到表头"), "{}", alone.err);
    let without = import(&folder, BARE, &NAMED);
    assert!(without.out.contains("--kind") && without.out.contains("--certification-body"), "{}", without.out);
    let rest =
        ["--kind", "gbm-09", "--certification-body", "CNCA-R-2006-148", "--star", "3", "--scheme", "legacy_label"];
    let said = import(&folder, BARE, &[&NAMED[..], &rest].concat()).expect(0);

    assert!(said.out.contains("导入 1 行"), "{}", said.out);
    let certificate = anybody(&serving).get("/v1/certificates").expect(200).body["items"][0].clone();
    assert_eq!([&certificate["kind"], &certificate["scheme"]], ["gbm-09", "legacy_label"]);
    assert_eq!((certificate["star"].as_i64(), certificate["number"].as_str()), (Some(3), Some("A-1")));
    for (argument, why) in [("厂子=owner", "enterprise"), ("厂子", "HEADER=FIELD")] {
        let refused = import(&folder, BARE, &["--column", argument]);
        assert!(refused.code != Some(0) && refused.err.contains(why), "{}", refused.err);
    }
}

#[test]
fn what_is_nearly_known_is_offered_and_not_taken() {
    let folder = folder();
    let csv = "企业名称,产品名称,产品类别,认证等级,证书编号,有效期至,认证机构\n\
               大庆甲厂,外开窗,建筑门窗,三星,A-1,2030-06-04,中国建筑科研院\n";

    let said = import(&folder, csv, &["--report", "first.csv"]);

    assert_eq!(said.code, Some(1));
    let why = &report(&folder, "first.csv")[&2][6];
    let like = "CNCA-R-2006-148 中国建筑科学研究院";
    assert!(why.contains("gbm-09 建筑门窗及配件") && why.contains("相近的有：") && why.contains(like), "{why}");
}

#[test]
fn bodies_are_found_by_the_names_on_todays_certificates_and_what_is_unverified_is_told() {
    let folder = folder();
    let serving = folder.serve();
    let bodies = [
        ("中国建筑科学研究院有限公司", "CNCA-R-2006-148", true),
        ("中国质量认证中心有限公司", "CNCA-R-2002-001", true),
        ("国检测试控股集团股份有限公司", "CNCA-R-2002-109", true),
        ("方圆标志认证集团有限公司（CQM）", "CNCA-R-2002-002", false),
        ("cnca-r-2002-105", "CNCA-R-2002-105", false),
        ("中环联合(北京)认证中心有限公司", "CNCA-R-2002-105", false),
        ("中国建筑科学研究院（CNCA-R-2006-148）", "CNCA-R-2006-148", false),
    ];
    let header = "企业名称,产品名称,产品类别,认证等级,证书编号,有效期至,认证机构\n".to_owned();
    let row = |(at, body): (usize, &str)| format!("大庆甲厂,外开窗{at},建筑门窗及配件,三星,A-{at},2030-06-04,{body}\n");
    let rows: String = bodies.iter().map(|it| it.0).enumerate().map(row).collect();
    let branch = row((8, "方圆标志认证集团有限公司（大庆分公司）"));

    import(&folder, &(header + &rows + &branch), &["--report", "first.csv"]).expect(0);

    let report = report(&folder, "first.csv");
    for (row, (name, _, unverified)) in (2..).zip(bodies) {
        let cells = &report[&row];
        assert_eq!((cells[0].as_str(), cells[6].contains("未经核实")), ("imported", unverified), "{name}: {cells:?}");
    }
    let branch = &report[&9];
    assert!(branch[0] == "refused" && branch[6].contains("CNCA-R-2002-002"), "{branch:?}");
    let certificates = all(&anybody(&serving), "/v1/certificates");
    for (at, (name, number, _)) in bodies.iter().enumerate() {
        let it = certificates.iter().find(|it| it["number"] == format!("A-{at}")).unwrap();
        assert_eq!(it["certification_body"], *number, "{name}");
    }
}

#[test]
fn what_was_done_to_a_row_is_told_and_what_is_lost_is_refused() {
    let folder = folder();
    let serving = folder.serve();
    let csv = "企业名称,产品名称,规格型号,产品类别,认证等级,证书编号,有效期至,认证机构\n\
               大庆甲厂,外开窗,65系列,建筑门窗及配件,三星,A-1,2030-06-04,中国建筑科学研究院\n\
               同上,内开窗,详见附件,建筑门窗及配件,三星,A-2,2030-06-04,中国建筑科学研究院\n\
               ,推拉窗,70系列,,三星,A-3,2030-06-04,中国建筑科学研究院\n\
               #N/A,百叶窗,70系列,建筑门窗及配件,三星,A-4,45813,中国建筑科学研究院\n\
               ,天窗,70系列,建筑门窗及配件,三星,A-5,2030-06-04,中国建筑科学研究院\n";

    import(&folder, csv, &["--report", "first.csv"]).expect(0);

    let report = report(&folder, "first.csv");
    let outcomes: Vec<&str> = report.values().map(|it| it[0].as_str()).collect();
    assert_eq!(outcomes, ["imported", "imported", "imported", "refused", "refused"]);
    for (row, words) in [
        (3, &["同上", "A3", "详见附件", "C3"][..]),
        (4, &["企业名称：“大庆甲厂”（A4）", "产品类别：“建筑门窗及配件”（D4）", "沿用上一行"]),
        (5, &["#N/A", "A5", "45813（2025-06-05）", "G5", "日期序列号"]),
        (6, &["企业名称", "A6", "缺少该值"]),
    ] {
        let why = &report[&row][6];
        assert!(words.iter().all(|it| why.contains(it)), "row {row}: {why}");
    }
    let organisations = texts(&all(&anybody(&serving), "/v1/organisations"), "name");
    assert!(organisations.contains("大庆甲厂") && !organisations.contains("同上") && !organisations.contains("#N/A"));
    let products = all(&anybody(&serving), "/v1/products");
    assert!(products.iter().all(|it| !it["models"].to_string().contains("附件")), "{products:?}");
}

#[test]
fn a_file_that_cannot_be_read_and_a_report_that_cannot_be_written_change_nothing() {
    let folder = folder();
    let before = entries(&folder.database).len();
    let csv = "企业名称,产品名称,产品类别,认证等级,证书编号,有效期至,认证机构\n\
               大庆甲厂,外开窗,建筑门窗及配件,三星,A-1,2030-06-04,中国建筑科学研究院\n";

    let said = import(&folder, csv, &["--report", "nowhere/first.csv"]);
    assert!(said.code == Some(1) && said.err.contains("nowhere/first.csv"), "{}", said.err);
    let quoted = csv.replace("大庆甲厂", "\"大庆甲厂");
    let said = import(&folder, &quoted, &[]);
    assert!(said.code == Some(1) && said.err.contains("第 2 行") && said.err.contains("line 2"), "{}", said.err);

    assert_eq!(entries(&folder.database).len(), before);
}
