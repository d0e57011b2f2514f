//! The command line for people.

use crate::process::certifier;
use lvcai_tests::{BODY, CommandOutput, Starting, WorkingFolder, address, record};
use serde_json::json;
use std::io::Read as _;
use std::process::{Command, Stdio};

#[test]
fn a_mistyped_path_makes_no_registry() {
    let folder = WorkingFolder::new();
    if folder.database.is_postgres() {
        return;
    }
    std::fs::write(folder.path("empty.db"), "").unwrap();
    for path in ["typo/lvcai.db", "lvcai.bd", "empty.db"] {
        for arguments in [
            &["client", "list"][..],
            &["clock"],
            &["audit"],
            &["backup", "b.db"],
            &["resume", "--reason", "x"],
            &["organisation", "add", "--name", "某局", "--role", "authority"],
        ] {
            let mut command = folder.command(arguments);
            let said =
                CommandOutput::from(command.env("LVCAI_DATABASE_URL", format!("sqlite:{path}")).output().unwrap());

            assert!(matches!(said.code, Some(1 | 2)), "{path} {arguments:?}: {}", said.out);
            assert!(!said.err.contains("panicked"), "{}", said.err);
            assert!(!folder.path("typo").exists() && !folder.path("lvcai.bd").exists(), "{arguments:?}");
            assert_eq!(std::fs::metadata(folder.path("empty.db")).unwrap().len(), 0, "{arguments:?}");
            assert!(!folder.path("b.db").exists() && !folder.path("b.db.part").exists());
        }
    }
    let made = folder.run(&["keys"]).expect(0);
    assert!(made.err.contains("a new registry was made"), "{}", made.err);
    folder.run(&["client", "list"]).expect(0);
}

#[cfg(unix)]
#[test]
fn files_are_their_owners() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = WorkingFolder::new();
    folder.keys();
    let serving = folder.serve();
    certifier(&folder, &serving).put(&address(BODY, "A-1"), &record()).expect(201);
    folder.run(&["backup", "registry.backup"]).expect(0);

    let mut paths = vec![folder.path("registry.backup"), folder.path("keys/signed-head.json")];
    if let Some(path) = folder.database.url.strip_prefix("sqlite:") {
        paths.extend(["", "-wal", "-shm"].map(|ending| format!("{path}{ending}").into()));
    }
    for path in paths {
        let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", path.display());
    }
}

#[test]
fn a_pipe_that_closes_ends_a_command_quietly() {
    let folder = WorkingFolder::new();
    for arguments in [&["openapi"][..], &["config"]] {
        let mut command = folder.command(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();

        assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn a_port_in_use_names_the_variable_that_chooses_another() {
    let folder = WorkingFolder::new();
    folder.keys();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();

    for variable in ["LVCAI_ADDRESS", "LVCAI_ADMIN_ADDRESS"] {
        let mut command = folder.command(&["serve"]);
        let said = CommandOutput::from(command.env(variable, &address).output().unwrap()).expect(1);
        assert!(said.err.contains(&address) && said.err.contains(variable), "{}", said.err);
    }
}

#[test]
fn settings_are_printed_as_variables_and_a_mistyped_one_is_named() {
    let folder = WorkingFolder::new();

    let said = CommandOutput::from(folder.command(&["config"]).env("LVCAI_ADRESS", "1").output().unwrap()).expect(0);

    assert!(said.err.contains("LVCAI_ADRESS"), "{}", said.err);
    let names: Vec<_> = said.out.lines().map(|line| line.split_once('=').unwrap().0).collect();
    assert_eq!(names, lvcai_config::VARIABLES);
    let readme = std::fs::read_to_string(lvcai_tests::workspace().join("README.md")).unwrap();
    assert!(names.iter().all(|it| readme.contains(&format!("| `{it}` |"))));
}

#[test]
fn whoever_reads_chinese_is_told_in_chinese() {
    let folder = WorkingFolder::new();
    folder.keys();
    let chinese = |arguments: &[&str]| {
        let mut command = folder.command(arguments);
        CommandOutput::from(command.env("LANG", "zh_CN.UTF-8").env_remove("LC_ALL").output().unwrap())
    };

    assert!(chinese(&["--help"]).expect(0).out.contains("启动登记库"));
    assert!(chinese(&["client", "add", "--help"]).expect(0).out.contains("推送认证证书"));
    let unknown = chinese(&[
        "client",
        "add",
        "--organisation",
        "CNCA-R-2099-999",
        "--holder",
        "h",
        "--scopes",
        "lists:open",
        "--generate",
        ".",
    ]);
    assert!(unknown.expect(1).err.contains("没有批准号"));
    let refused = chinese(&["client", "revoke", "clnt_01900000-0000-7000-8000-000000000007"]).expect(1);
    assert!(refused.err.contains("没有此资源"), "{}", refused.err);
    let english = CommandOutput::from(folder.command(&["--help"]).env("LC_ALL", "C").output().unwrap());
    assert!(english.out.contains("Serve the registry"));
}

#[test]
fn scopes_that_are_not_known_are_told_with_those_that_are() {
    let folder = WorkingFolder::new();
    let add = ["client", "add", "--organisation", BODY, "--holder", "h", "--scopes", "bogus", "--generate", "."];

    let said = folder.run(&add).expect(2);

    assert!(said.err.contains("bogus") && said.err.contains("certificates:push"), "{}", said.err);
}

#[test]
fn an_identifier_that_is_none_is_told_with_what_to_give() {
    let folder = WorkingFolder::new();
    let commands: [&[&str]; 5] = [
        &["client", "assertion", "foo", "--key", "x"],
        &["client", "revoke", "prod_01900000-0000-7000-8000-000000000007"],
        &["import", "undo", "foo", "--reason", "r", "--document", "d"],
        &["organisation", "roles", "", "--give", "authority"],
        &["accredit", "foo", "--scope", "x", "--from", "2026-01-01", "--until", "2026-12-31", "--source", "s"],
    ];
    for command in commands {
        let english = CommandOutput::from(folder.command(command).env("LC_ALL", "C").output().unwrap()).expect(2);
        assert!(english.err.contains("exactly as") || english.err.contains("CNCA-"), "{}", english.err);
        let chinese =
            CommandOutput::from(folder.command(command).env("LC_ALL", "zh_CN.UTF-8").output().unwrap()).expect(2);
        assert!(chinese.err.contains("原样使用") || chinese.err.contains("批准号"), "{}", chinese.err);
        assert!(!chinese.err.contains("-form"), "{}", chinese.err);
    }
}

#[test]
fn a_client_is_held_by_somebody() {
    let folder = WorkingFolder::new();
    folder.keys();
    for holder in ["", " ", "\u{200b}"] {
        let add = ["client", "add", "--organisation", BODY, "--holder", holder, "--scopes", "lists:open"];
        let said = folder.run(&[&add[..], &["--generate", "."]].concat()).expect(1);
        assert!(said.err.contains("/holder"), "{}", said.err);
    }
    assert_eq!(folder.run(&["client", "list"]).expect(0).out, "");
}

#[test]
fn an_assertion_is_signed_with_any_key_that_may_be_registered() {
    let folder = WorkingFolder::new();
    let openssl = |arguments: &str| {
        let done = Command::new("openssl").args(arguments.split(' ')).current_dir(folder.path(".")).output().unwrap();
        assert!(done.status.success(), "{arguments}: {}", String::from_utf8_lossy(&done.stderr));
    };
    openssl("ecparam -name prime256v1 -genkey -out sec1.pem");
    openssl("genpkey -algorithm ed25519 -out ed.pem");
    openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem");
    openssl("rsa -in rsa.pem -traditional -out pkcs1.pem");
    openssl("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out weak.pem");
    openssl("ecparam -name secp384r1 -genkey -out p384.pem");
    openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out p384-pkcs8.pem");
    openssl("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes256 -pass pass:x -out locked.pem");
    openssl("pkey -in ed.pem -pubout -out public.pem");
    let assertion =
        |key: &str| folder.run(&["client", "assertion", "clnt_01900000-0000-7000-8000-000000000007", "--key", key]);

    for key in ["sec1.pem", "ed.pem", "rsa.pem", "pkcs1.pem"] {
        assert_eq!(assertion(key).expect(0).out.trim().split('.').count(), 3, "{key}");
    }
    for (key, why) in [
        ("p384.pem", "P-256"),
        ("p384-pkcs8.pem", "P-256"),
        ("locked.pem", "encrypted"),
        ("public.pem", "public key"),
        ("weak.pem", "2048"),
        ("missing.pem", "missing.pem"),
    ] {
        let said = assertion(key).expect(1);
        assert!(said.err.contains(why), "{key}: {}", said.err);
    }
}

#[test]
fn the_operator_registers_an_authority_without_a_client() {
    let folder = WorkingFolder::new();
    folder.keys();
    let add = ["organisation", "add", "--name", "大庆市工业和信息化局", "--role", "authority"];

    let id = folder.run(&add).expect(0).out;

    assert_eq!(folder.run(&add).expect(0).out, id, "it is registered once");
    folder.run(&["organisation", "roles", id.trim(), "--give", "auditor", "--take", "authority"]).expect(0);
    let serving = Starting::of(folder.command(&["serve"])).ready();
    let read =
        lvcai_tests::Client::anonymous(&serving.url).get(&format!("/v1/organisations/{}", id.trim())).expect(200);
    assert_eq!(read.body["roles"], serde_json::json!(["auditor"]));
}

#[test]
fn a_former_key_that_is_none_stops_the_start_with_a_sentence() {
    let folder = WorkingFolder::new();
    folder.keys();
    let whole = json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" });
    let with = |name: &str, value: serde_json::Value| {
        let mut key = whole.clone();
        key[name] = value;
        key
    };
    let broken = [
        with("x", json!("short")),
        with("kid", json!("another")),
        with("kty", json!("EC")),
        with("valid_from", json!("1.1.2026")),
        json!([]),
        json!({}),
    ];
    for key in broken {
        std::fs::write(folder.path("keys").join("publication-old.jwk.json"), key.to_string()).unwrap();

        let said = folder.run(&["serve"]).expect(1).err;

        assert!(said.contains("publication-old.jwk.json"), "{key}: {said}");
    }
    std::fs::write(folder.path("keys").join("publication-old.jwk.json"), whole.to_string()).unwrap();
    drop(folder.serve());
}

#[test]
fn what_is_not_http_fills_no_log() {
    use std::io::Write as _;
    let folder = WorkingFolder::new();
    folder.keys();
    let serving = folder.serve();
    for bytes in ["\0\0\0\0\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "x\r\n\r\n"] {
        let mut stream = std::net::TcpStream::connect(serving.url.trim_start_matches("http://")).unwrap();
        stream.write_all(bytes.as_bytes()).unwrap();
        drop(stream.read_to_end(&mut Vec::new()));
    }

    assert!(!serving.said().contains("ERROR"), "{}", serving.said());
}
