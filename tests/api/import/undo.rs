//! An import is named where it is told, listed, and taken back by one command.

use super::{AUTHORITY, all, anybody, entries, folder, report};
use crate::process::certifier;
use lvcai_tests::{BODY, address, record};

const LIST: &str = "企业名称,产品名称,产品类别,认证等级,证书编号,有效期至,认证机构\n\
                    大庆甲厂,外开窗,建筑门窗及配件,三星,A-1,2030-06-04,中国建筑科学研究院\n\
                    大庆乙厂,内开窗,建筑门窗及配件,三星,A-2,长期,中国建筑科学研究院\n";

#[test]
fn an_import_is_named_listed_and_taken_back() {
    let folder = folder();
    std::fs::write(folder.path("list.csv"), LIST).unwrap();
    let import =
        |more: &[&str]| folder.run(&[&["import", "list.csv", "--authority", AUTHORITY], more].concat()).expect(0);
    assert!(!import(&["--dry-run"]).out.contains("impt_"), "a dry run has a name");

    let said = import(&["--report", "first.csv", "--document", "庆工信发〔2026〕1号"]);

    let place = said.out.find("impt_").unwrap();
    let id = said.out[place..].split_whitespace().next().unwrap().to_owned();
    assert_eq!(report(&folder, "first.csv")[&2].last(), Some(&id));
    let listed = folder.run(&["import", "list"]).expect(0).out;
    assert!(listed.contains(&id) && listed.contains("庆工信发〔2026〕1号") && listed.contains("1/0/0/1"), "{listed}");
    assert!(!import(&[]).out.contains("impt_"), "the same list again records nothing");
    let undo = |more: &[&str]| {
        let what = ["import", "undo", &id, "--reason", "误导入", "--document", "庆工信发〔2026〕3号"];
        folder.run(&[&what[..], more].concat()).expect(0).out
    };
    let taken = "撤回：企业 1 家、产品 1 个、证书 1 张、证据 1 条；保留 0 条";
    let before = entries(&folder.database).len();
    assert_eq!(undo(&["--dry-run"]).trim(), format!("试运行：{taken}"));
    assert_eq!(entries(&folder.database).len(), before);
    assert_eq!(undo(&["--report", "undone.csv"]).trim(), taken);
    let after = entries(&folder.database).len();
    assert!(undo(&[]).contains("没有可撤回的记录"));

    assert_eq!((after - before, entries(&folder.database).len()), (5, after));
    let undone = std::fs::read_to_string(folder.path("undone.csv")).unwrap();
    assert!(undone.contains("记录,结果,说明") && undone.contains("收回误录证书"), "{undone}");
    let serving = folder.serve();
    assert!(
        all(&anybody(&serving), "/v1/products").is_empty() && all(&anybody(&serving), "/v1/certificates").is_empty()
    );
    drop(serving);
    assert!(folder.run(&["import", "list"]).expect(0).out.contains("撤回（保留 0 条）"));
    folder.run(&["audit"]).expect(0);
}

#[test]
fn what_was_taken_back_looks_like_nothing_any_more() {
    let folder = folder();
    std::fs::write(folder.path("list.csv"), LIST.replace("A-1", "AB-O1")).unwrap();
    folder.run(&["import", "list.csv", "--authority", AUTHORITY]).expect(0);
    let serving = folder.serve();
    let body = certifier(&folder, &serving);
    let number = |it: &str| address(BODY, it);

    assert!(body.put(&number("AB-01"), &record()).expect(201).header("registry-look-alikes").starts_with("cert_"));

    let listed = folder.run(&["import", "list"]).expect(0).out;
    let id = listed.split_whitespace().find(|it| it.starts_with("impt_")).unwrap();
    folder.run(&["import", "undo", id, "--reason", "误导入", "--document", "庆工信发〔2026〕3号"]).expect(0);

    // AB-01 is left to look like, and the record that was taken back is not.
    let told = body.put(&number("AB-0l"), &record()).expect(201).header("registry-look-alikes").to_owned();
    assert_eq!(told.matches("cert_").count(), 1, "{told}");
}

#[test]
fn an_authority_needs_no_client_to_vouch_for_a_list() {
    let folder = lvcai_tests::WorkingFolder::new();
    folder.keys();
    std::fs::write(folder.path("list.csv"), LIST).unwrap();
    let import = || folder.run(&["import", "list.csv", "--authority", "示例局"]);

    let unknown = import();
    assert!(unknown.code == Some(1) && unknown.err.contains("lvcai organisation add --name 示例局 --role authority"));
    folder.run(&["organisation", "add", "--name", "示例局", "--role", "authority"]).expect(0);

    assert!(import().expect(0).out.contains("1 imported"));
}
