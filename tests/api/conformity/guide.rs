//! The guides do what they say: every command of those for certification bodies runs. `make sdk-test` runs the programs
//! of the first steps.

use lvcai_tests::{BODY, Client, CommandOutput, Starting, WorkingFolder, program, workspace};
use std::net::TcpListener;
use std::process::{Command, Stdio};

const GUIDES: [&str; 2] = ["certification-body.md", "certification-body.zh-CN.md"];
const FIRST_STEPS: [&str; 2] = ["first-steps.md", "first-steps.zh-CN.md"];

fn guide(name: &str) -> String {
    std::fs::read_to_string(workspace().join("api/docs/guides").join(name)).unwrap()
}

/// The text of the blocks marked `sh`, in order.
fn commands(text: &str) -> String {
    let mut commands = String::new();
    let mut within = false;
    for line in text.lines() {
        match line {
            "```sh" => within = true,
            "```" => within = false,
            _ if within => commands.extend([line, "\n"]),
            _ => {}
        }
    }
    commands
}

/// The same without blank lines and comments, which are in the guide's language.
fn bare(commands: &str) -> Vec<&str> {
    commands.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")).collect()
}

/// What the commands record as an example, in the language of each guide: it becomes public as it is.
const SAMPLES: [(&str, &str); 2] = [
    ("认证机构批准书", "approval of the body"),
    ("该暂停本应针对另一张证书", "the suspension was meant for another certificate"),
];

/// The commands with their examples in English.
fn in_english(commands: &str) -> String {
    SAMPLES.iter().fold(commands.to_owned(), |text, (zh, en)| text.replace(zh, en))
}

/// Runs the commands in one shell that ends at the first failure.
fn run(folder: &WorkingFolder, registry: &str, commands: &str) -> CommandOutput {
    let lvcai = folder.command(&[]);
    let settings = lvcai.get_envs().filter_map(|(name, value)| Some((name, value?)));
    let path = std::env::vars().find_map(|(name, value)| (name == "PATH").then_some(value)).unwrap();
    let mut shell = Command::new("bash");
    shell.args(["-euo", "pipefail", "-c", commands]).current_dir(folder.path(".")).stdin(Stdio::null()).envs(settings);
    shell.env("PATH", format!("{}:{path}", program().parent().unwrap().display()));
    shell.env("LVCAI_ISSUER", registry).env("REGISTRY", registry).env("BODY", BODY);
    shell.output().unwrap().into()
}

fn works(name: &str) {
    let folder = WorkingFolder::new();
    folder.keys();
    // The address is the audience of assertions, so it has to be known before the start.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let registry = format!("http://127.0.0.1:{port}");
    let mut serve = folder.command(&["serve"]);
    serve.env("LVCAI_ADDRESS", format!("127.0.0.1:{port}")).env("LVCAI_ISSUER", &registry);
    let serving = Starting::of(serve).ready();

    let said = run(&folder, &registry, &commands(&guide(name))).expect(0);

    for wanted in
        ["\"refused\":0", "Idempotency-Replayed: true", "\"same\":3", "/problems/not-accredited", "BEGIN:VEVENT"]
    {
        let found = said.out.to_lowercase().contains(&wanted.to_lowercase());
        assert!(found, "{name}: no {wanted} in {}\n{}", said.out, said.err);
    }
    let anybody = Client::anonymous(&serving.url);
    let held = anybody.get(&format!("/v1/certificates?certification_body={BODY}")).expect(200);
    let numbers: Vec<_> =
        held.body["items"].as_array().unwrap().iter().map(|it| it["number"].as_str().unwrap()).collect();
    let wanted = ["GUIDE-T1", "GUIDE-B3", "GUIDE-B2", "GUIDE-B1", "GUIDE/2025-003", "GUIDE/2025-002", "GUIDE/2025-001"];
    assert_eq!(numbers, wanted);
    let first = held.body["items"][6]["id"].as_str().unwrap();
    let versions = anybody.get(&format!("/v1/certificates/{first}/versions")).expect(200);
    let events: Vec<_> =
        versions.body["items"].as_array().unwrap().iter().map(|it| it["event"].as_str().unwrap()).collect();
    let steps = ["unit_cancelled", "status_corrected", "suspended", "restored", "suspended", "issued"];
    assert_eq!(events, steps.map(|it| format!("certificate.{it}")));
}

#[test]
fn every_command_of_the_guide_in_english_runs() {
    works(GUIDES[0]);
}

#[test]
fn every_command_of_the_guide_in_chinese_runs() {
    works(GUIDES[1]);
}

#[test]
fn both_guides_hold_the_same_commands() {
    let [english, chinese] = GUIDES.map(|it| commands(&guide(it)));

    assert!(bare(&english).len() > 40, "{english}");
    assert_eq!(bare(&english), bare(&in_english(&chinese)));
}

/// Every block of a guide, with the language that it is marked with.
fn blocks(text: &str) -> Vec<&str> {
    text.split("\n```").skip(1).step_by(2).collect()
}

#[test]
fn both_first_steps_hold_the_same_programs() {
    let [english, chinese] = FIRST_STEPS.map(guide);
    let languages: Vec<_> = blocks(&english).into_iter().filter_map(|it| it.lines().next()).collect();

    assert_eq!(languages, ["sh", "sh", "ts", "sh", "python", "sh", "java", "sh", "go", "sh", "rust", "sh"]);
    assert_eq!(blocks(&english), blocks(&chinese));
}
