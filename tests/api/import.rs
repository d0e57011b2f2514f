//! Lists that cities published come in through `lvcai import`, row by row, or are refused whole.

mod bombs;
mod damaged;
mod told;
mod undo;
mod whole_file;
mod workbook;

use crate::ledger::ledger_rows::entries;
use lvcai_domain::Role;
use lvcai_store::Clock;
use lvcai_tests::{BODY, Client, CommandOutput, Database, Serving, WorkingFolder, address, record, scopes_of};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use workbook::Workbook;

const AUTHORITY: &str = "大庆市住房和城乡建设局";

/// A folder with the authority that vouches for lists, whose people read Chinese.
fn folder() -> WorkingFolder {
    let folder = WorkingFolder::on(Database::fresh(), vec![("LC_ALL".to_owned(), "zh_CN.UTF-8".into())]);
    folder.keys();
    folder.client(
        &["--organisation-name", AUTHORITY, "--role", "authority"],
        "bureau-1",
        &scopes_of(Role::Authority),
        "",
    );
    folder
}

fn import(folder: &WorkingFolder, arguments: &[&str]) -> CommandOutput {
    folder.run(&[&["import", "list.xlsx", "--authority", AUTHORITY], arguments].concat())
}

/// What became of each row, from the csv of `--report`: outcome, product, certificate, why.
fn report(folder: &WorkingFolder, name: &str) -> BTreeMap<u32, Vec<String>> {
    let csv = std::fs::read_to_string(folder.path(name)).unwrap();
    let mut lines = csv.trim_start_matches('\u{feff}').lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(
        header,
        ["行", "工作表", "结果", "产品标识", "证书标识", "企业名称", "产品名称", "证书编号", "说明", "导入编号"]
    );
    lines
        .map(|line| {
            let mut cells: Vec<String> = line.split(',').map(|cell| cell.trim_matches('"').to_owned()).collect();
            let words = [("已导入", "imported"), ("无变化", "unchanged"), ("保留", "kept"), ("拒绝", "refused")];
            cells[2] = words.iter().find(|it| it.0 == cells[2]).unwrap().1.to_owned();
            (cells[0].parse().unwrap(), cells[2..].to_vec())
        })
        .collect()
}

/// Every item of a list, page by page.
fn all(client: &Client, list: &str) -> Vec<serde_json::Value> {
    let (mut items, mut path) = (Vec::new(), Some(format!("{list}?limit=500")));
    while let Some(page) = path {
        let page = client.get(&page).expect(200);
        items.extend(page.body["items"].as_array().unwrap().iter().cloned());
        path = page.body["page"]["next"].as_str().map(|next| format!("{list}?limit=500&cursor={next}"));
    }
    items
}

fn texts(items: &[serde_json::Value], field: &str) -> BTreeSet<String> {
    items.iter().map(|item| item[field].as_str().unwrap().to_owned()).collect()
}

fn anybody(serving: &Serving) -> Client {
    Client::anonymous(&serving.url)
}

#[test]
fn what_nobody_can_read_is_refused_in_its_row() {
    let folder = folder();
    let row = |product: &str, models: &str, number: &str| {
        format!("大庆甲门窗有限公司,{product},{models},建筑门窗及配件,三星,{number},2030-06-04,中国建筑科学研究院\n")
    };
    let list = "企业名称,产品名称,规格型号,产品类别,认证等级,证书编号,有效期至,认证机构\n".to_owned()
        + &row("内平开\u{E863}窗", "65系列", "CABR-1")
        + &row("内平开锟斤拷窗", "65系列", "CABR-2")
        + &row("内平开窗", "65\u{E863}系列", "CABR-3")
        + &row("内平开窗", "65系列", "CABR-4");
    std::fs::write(folder.path("list.csv"), list).unwrap();

    folder.run(&["import", "list.csv", "--authority", AUTHORITY, "--report", "report.csv"]).expect(0);

    let report = report(&folder, "report.csv");
    let outcomes: Vec<&str> = report.values().map(|cells| cells[0].as_str()).collect();
    assert_eq!(outcomes, ["refused", "refused", "refused", "imported"], "{report:?}");
    assert!(report.values().take(3).all(|cells| cells[6].contains("无法辨认")), "{report:?}");
}

#[test]
fn a_workbook_with_every_quirk_is_taken_row_by_row() {
    let (folder, book) = (folder(), Workbook::with(2_000));
    book.save(&folder.path("list.xlsx"));
    let before = entries(&folder.database).len();

    let dry = import(&folder, &["--dry-run", "--report", "dry.csv"]).expect(0);

    assert_eq!(entries(&folder.database).len(), before, "a dry run has changed something");
    let said = import(&folder, &["--report", "first.csv"]).expect(0);
    let good = book.wanted.values().filter(|(outcome, _)| *outcome == "imported").count();
    let summary = format!("导入 {good} 行，无变化 0 行，按认证机构记录保留 0 行，拒绝 {} 行", 2_000 - good);
    for name in ["dry.csv", "first.csv"] {
        let report = report(&folder, name);
        assert_eq!(report.keys().collect::<Vec<_>>(), book.wanted.keys().collect::<Vec<_>>(), "{name}");
        for (row, (outcome, why)) in &book.wanted {
            let told = &report[row];
            assert_eq!(told[0], *outcome, "row {row} of {name}: {told:?}");
            // Of a row that was taken it is told what was done to its cells.
            let noted = *outcome == "imported" && told[6].split('；').all(|it| it.is_empty() || it.ends_with("请核对"));
            assert!(told[6].contains(why) && (noted || !why.is_empty()), "row {row} of {name}: {told:?}");
            assert_eq!(
                told[1].starts_with("prod_") && told[2].starts_with("cert_"),
                *outcome == "imported",
                "row {row}"
            );
            let shown =
                said.out.lines().any(|line| line.trim_start().starts_with(&format!("{row} ")) && line.contains(why));
            assert!(*outcome == "imported" || shown, "row {row} is not in the table");
        }
    }
    assert!(said.out.contains(&summary), "{}", said.out.lines().last().unwrap());
    assert!(dry.out.contains(&format!("试运行：{summary}")), "{}", dry.out.lines().last().unwrap());
    assert!(said.err.contains("已读 2000 行"), "no progress: {}", said.err);
    what_stands(&folder, &book);

    let after = entries(&folder.database).len();
    let again = import(&folder, &["--report", "again.csv"]).expect(0);

    let summary = format!("导入 0 行，无变化 {good} 行，按认证机构记录保留 0 行，拒绝 {} 行", 2_000 - good);
    assert!(again.out.contains(&summary), "{}", again.out.lines().last().unwrap());
    assert_eq!(entries(&folder.database).len(), after, "the same list again has changed something");
    crate::ledger::check_order(&entries(&folder.database));
}

/// What the registry shows is what the good rows say, and nothing of the others.
fn what_stands(folder: &WorkingFolder, book: &Workbook) {
    let serving = folder.serve();
    let client = anybody(&serving);
    let certificates = all(&client, "/v1/certificates");
    let shown: BTreeMap<String, String> = certificates
        .iter()
        .map(|it| (it["number"].as_str().unwrap().to_owned(), it["valid_until"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!((shown.len(), &shown), (certificates.len(), &book.certificates));
    assert!(certificates.iter().all(|it| it["record_source"] == "city_list" && it["reported_status"] == "01"));
    let products = all(&client, "/v1/products");
    assert_eq!(texts(&products, "name"), book.products);
    assert!(products.iter().all(|it| it["record_source"] == "city_list" && it["status"] == "admitted"));
    let organisations = all(&client, "/v1/organisations");
    let of_the_list = |name: &String| name.starts_with("大庆第") || name.starts_with("不良第");
    let made: BTreeSet<String> = texts(&organisations, "name").into_iter().filter(of_the_list).collect();
    assert_eq!(made, book.enterprises, "enterprises of refused rows are there, or others are not");
    let found = client.get("/v1/products?q=%E5%A4%A7%E5%BA%86%E7%AC%AC0%E5%BB%BA&limit=500").expect(200);
    assert!(!found.body["items"].as_array().unwrap().is_empty(), "imported products are found");
}

/// A list of three rows, each with a certificate and a kind, of the certification body.
fn short(rows: &[(&str, &str, &str, &str)]) -> Vec<u8> {
    let lines = rows.iter().zip(1..).map(|((enterprise, product, number, kind), serial)| {
        format!("{serial},{enterprise},{product},65系列,{kind},三星,{number},2030-06-04,中国建筑科学研究院,\r\n")
    });
    let header = "序号,企业名称,产品名称,规格型号,产品类别,认证等级/星级,证书编号,有效期至,认证机构,备注\r\n";
    std::iter::once(header.to_owned()).chain(lines).collect::<String>().into_bytes()
}

#[test]
fn a_bodys_own_record_is_never_overwritten_and_a_refused_row_leaves_nothing() {
    let folder = folder();
    let serving = folder.serve();
    folder.accredit(BODY);
    let body = folder
        .client(&["--organisation", BODY], "holder-1", &scopes_of(Role::CertificationBody), &serving.url)
        .authenticated(&Clock::Wall);
    let own = body.put(&address(BODY, "A-1"), &record()).expect(201);
    body.put(&address(BODY, "A-2"), &record()).expect(201);
    let rows = [
        ("大庆示例门窗有限公司", "内开窗", "A-1", "建筑门窗及配件"),
        ("大庆乙厂", "混凝土", "A-2", "预拌混凝土"),
        ("大庆丙厂", "外开窗", "A-3", "建筑门窗及配件"),
    ];
    std::fs::write(folder.path("list.xlsx"), short(&rows)).unwrap();

    import(&folder, &["--report", "first.csv"]).expect(0);

    let outcomes: Vec<String> = report(&folder, "first.csv").into_values().map(|it| it[0].clone()).collect();
    assert_eq!(outcomes, ["kept", "refused", "imported"]);
    let client = anybody(&serving);
    let now = client.get(&format!("/v1/certificates/{}", own.id())).expect(200);
    assert_eq!((now.header("registry-version"), &now.text), ("1", &own.text));
    let names = texts(&all(&client, "/v1/organisations"), "name");
    assert!(names.contains("大庆示例门窗有限公司") && names.contains("大庆丙厂") && !names.contains("大庆乙厂"));
    assert_eq!(texts(&all(&client, "/v1/products"), "name"), ["内开窗", "外开窗"].map(str::to_owned).into());

    // What the body says afterwards of a certificate that only a city had named.
    let confirmed = body.put(&address(BODY, "A-3"), &record()).expect(200);
    assert_eq!(confirmed.body["record_source"], "certification_body");
    import(&folder, &["--report", "second.csv"]).expect(0);
    let outcomes: Vec<String> = report(&folder, "second.csv").into_values().map(|it| it[0].clone()).collect();
    assert_eq!(outcomes, ["kept", "refused", "kept"]);
    assert_eq!(client.get(&format!("/v1/certificates/{}", confirmed.id())).text, confirmed.text);
}

#[test]
fn a_number_has_one_holder_and_no_other_firm_gains_by_it() {
    let folder = folder();
    let serving = folder.serve();
    folder.accredit(BODY);
    let body = folder
        .client(&["--organisation", BODY], "holder-1", &scopes_of(Role::CertificationBody), &serving.url)
        .authenticated(&Clock::Wall);
    let mut withdrawn = record();
    withdrawn.as_object_mut().unwrap().extend(
        json!({ "star": 2, "valid_until": "2029-06-04", "reported_status": "03", "status_reason": "0209" })
            .as_object()
            .unwrap()
            .clone(),
    );
    body.put(&address(BODY, "A-1"), &record()).expect(201);
    body.put(&address(BODY, "A-4"), &withdrawn).expect(201);
    let kind = "建筑门窗及配件";
    let told = |file: &str, rows: &[(&str, &str, &str, &str)], result: i32| {
        std::fs::write(folder.path("list.xlsx"), short(rows)).unwrap();
        import(&folder, &["--report", file]).expect(result);
        report(&folder, file).into_values().map(|it| (it[0].clone(), it[6].clone())).collect::<Vec<_>>()
    };

    let first = told(
        "first.csv",
        &[
            ("大庆冒名厂", "内开窗", "A-1", kind),
            ("大庆丙厂", "外开窗", "A-3", kind),
            ("大庆丁厂", "推拉窗", "A-3", kind),
            ("大庆示例门窗有限公司", "平开窗", "A-4", kind),
        ],
        0,
    );
    let later = told("later.csv", &[("大庆丁厂", "推拉窗", "A-3", kind)], 1);

    let outcomes: Vec<&str> = first.iter().map(|it| it.0.as_str()).collect();
    assert_eq!(outcomes, ["refused", "imported", "refused", "kept"]);
    assert!(first[0].1.contains("大庆示例门窗有限公司") && first[2].1.contains("大庆丙厂"), "{first:?}");
    assert!(
        ["认证等级", "有效期至", "证书状态：清单为 01，认证机构的记录为 03"].iter().all(|it| first[3].1.contains(it)),
        "{first:?}"
    );
    assert!(later[0].0 == "refused" && later[0].1.contains("大庆丙厂"), "{later:?}");
    let names = texts(&all(&anybody(&serving), "/v1/organisations"), "name");
    assert!(!names.contains("大庆冒名厂") && !names.contains("大庆丁厂"));
}

#[test]
fn one_name_for_products_of_two_kinds_is_two_products() {
    let folder = folder();
    let rows = [("大庆甲厂", "节能型材", "A-1", "建筑门窗及配件"), ("大庆甲厂", "节能型材", "A-2", "预拌混凝土")];
    std::fs::write(folder.path("list.xlsx"), short(&rows)).unwrap();

    let said = import(&folder, &[]).expect(0);

    assert!(said.out.contains("导入 2 行，无变化 0 行，按认证机构记录保留 0 行，拒绝 0 行"), "{}", said.out);
    assert!(import(&folder, &[]).expect(0).out.contains("导入 0 行，无变化 2 行"));
}

#[test]
fn rows_of_several_sheets_are_told_apart() {
    let folder = folder();
    let mut book = rust_xlsxwriter::Workbook::new();
    for (sheet, number) in [("第一批", "A-1"), ("第二批", "A-2")] {
        let sheet = book.add_worksheet().set_name(sheet).unwrap();
        let header = ["企业名称", "产品名称", "产品类别", "认证等级", "证书编号", "有效期至", "认证机构"];
        let kind = if number == "A-1" { "没有的种类" } else { "预拌混凝土" };
        let row = ["大庆甲厂", "混凝土", kind, "三星", number, "2030-06-04", "中国建筑科学研究院"];
        for (at, cells) in [(0, header), (1, row)] {
            for (column, cell) in (0..).zip(cells) {
                sheet.write_string(at, column, cell).unwrap();
            }
        }
    }
    book.save(folder.path("list.xlsx")).unwrap();

    let said = import(&folder, &["--all"]).expect(0);

    let line = |number: &str| said.out.lines().find(|line| line.contains(number)).unwrap_or_default().to_owned();
    assert!(line("A-1").contains("拒绝") && line("A-2").contains("已导入"), "{}", said.out);
    assert!(line("A-1").contains("第一批") && line("A-2").contains("第二批"), "the sheet is not told: {}", said.out);
}

#[test]
fn a_list_that_names_a_certificate_past_its_end_again_says_nothing_new() {
    let folder = folder();
    let list = "企业名称,产品名称,产品类别,认证等级,证书编号,有效期至,认证机构\n\
                大庆甲厂,外开窗,建筑门窗及配件,三星,A-1,2024-06-04,中国建筑科学研究院\n";
    std::fs::write(folder.path("list.csv"), list).unwrap();
    let import = || folder.run(&["import", "list.csv", "--authority", AUTHORITY]).expect(0).out;
    let clock = || folder.run(&["clock"]).expect(0).out;

    let said = [import(), clock(), import(), clock()];

    let counts = ["导入 1 行，无变化 0 行", "1 张证书到期", "导入 0 行，无变化 1 行", "0 张证书到期"];
    assert!(said.iter().zip(counts).all(|(said, count)| said.starts_with(count)), "{said:?}");
}

#[test]
fn an_authority_that_is_none_cannot_vouch() {
    let folder = folder();
    std::fs::write(folder.path("list.xlsx"), short(&[("大庆甲厂", "外开窗", "A-3", "建筑门窗及配件")])).unwrap();
    let before = entries(&folder.database).len();

    for (authority, why) in [("没有的局", "没有的局"), (BODY, BODY)] {
        let said = folder.run(&["import", "list.xlsx", "--authority", authority]);
        assert!(said.code != Some(0) && said.err.contains(why), "{authority}: {} {}", said.out, said.err);
        assert!(!said.err.contains("with --role"), "import has no such option: {}", said.err);
    }
    let certifier = folder.run(&["import", "list.xlsx", "--authority", "中国建筑科学研究院"]);
    assert_ne!(certifier.code, Some(0), "a certification body has vouched as an authority: {}", certifier.out);
    assert_eq!(entries(&folder.database).len(), before);
}
