//! Clients of the API, made from `openapi.yaml` by the generators that its users have.
//!
//! Each must compile as it is made, and pass the scenario of its folder in `tests/sdk` against a demo. A client that
//! needed a patch would be a fault of the document.

mod first_steps;
mod kit;

use crate::cluster::{Cluster, Durability};
use crate::demo::Demo;
use crate::error::Error;
use crate::openapi::FILE;
use crate::process::{root, run};
use crate::report::{Outcome, Report};
use crate::server::programs;
use first_steps::PROGRAMS;
use kit::{Kit, Need, copy};
use std::fs::{self, File};
use std::process::Command;

/// A generator and how its client is tried; the commands run in the client's folder.
struct Client {
    /// Its folder, in `tests/sdk` and in `target/sdk`.
    name: &'static str,
    needs: &'static [Need],
    generate: &'static str,
    /// Compiles or type-checks.
    check: &'static str,
    /// Gets the address of the demo and the folder of its clients' keys as well.
    scenario: &'static str,
}

const CLIENTS: [Client; 7] = [
    Client {
        name: "openapi-fetch",
        needs: &[Need::Npm],
        generate: "openapi-typescript ../openapi.yaml --output registry.d.ts",
        check: "tsc",
        scenario: "node out/scenario.js",
    },
    Client {
        name: "hey-api",
        needs: &[Need::Npm],
        generate: "openapi-ts",
        check: "tsc",
        scenario: "node out/scenario.js",
    },
    Client {
        name: "openapi-python-client",
        needs: &[Need::Pip],
        generate: "openapi-python-client generate --path ../openapi.yaml --meta none --output-path registry",
        check: "python -m compileall -q registry",
        scenario: "python scenario.py",
    },
    Client {
        name: "openapi-generator-python",
        needs: &[Need::Pip, Need::Java],
        generate: "openapi-generator-cli generate -i ../openapi.yaml -o . -g python --package-name registry",
        check: "python -m compileall -q registry",
        scenario: "python scenario.py",
    },
    Client {
        name: "openapi-generator-go",
        needs: &[Need::Pip, Need::Java, Need::Go],
        // Without the prefix the constants of two enumerations are called the same.
        generate: "openapi-generator-cli generate -i ../openapi.yaml -o src/registry -g go --package-name registry \
                   --additional-properties enumClassPrefix=true",
        check: "sh go.sh build -o scenario scenario.go",
        scenario: "env ./scenario",
    },
    Client {
        name: "openapi-generator-java",
        needs: &[Need::Pip, Need::Java, Need::JavaLibraries],
        generate: "openapi-generator-cli generate -i ../openapi.yaml -o . -g java --library native \
                   --invoker-package registry --api-package registry.api --model-package registry.model \
                   --additional-properties openApiNullable=false,useSingleRequestParameter=true",
        check: "sh java.sh javac -encoding UTF-8 -nowarn -proc:none -d classes @sources",
        scenario: "sh java.sh java Scenario",
    },
    Client {
        name: "progenitor",
        needs: &[],
        // Its build script generates; what it is built with is kept from one time to the next.
        generate: "cargo build -q --locked --target-dir ../progenitor-built",
        check: "cargo build -q --locked --target-dir ../progenitor-built",
        scenario: "env ../progenitor-built/debug/scenario",
    },
];

/// Generates every client that can be generated here.
pub(crate) fn make() -> Result<(), Error> {
    let kit = Kit::prepare()?;
    let mut report = Report::default();
    for client in &CLIENTS {
        report.step(client.name, || with(&kit, client.needs, || client.make(&kit)));
    }
    report.close()
}

/// Generates the clients and tries them, and prints how they went.
pub(crate) fn test() -> Result<(), Error> {
    let mut report = Report::default();
    steps(&mut report);
    report.close()
}

/// The document as other programs read it, and each client on each database, as steps of a report.
pub(crate) fn steps(report: &mut Report) {
    let mut prepared = None;
    report.step("what clients need", || {
        prepared = Some(Kit::prepare()?);
        Ok(Outcome::Passed)
    });
    let Some(kit) = prepared else { return };
    report.step("openapi-spec-validator", || of_python(&kit, "openapi-spec-validator", &[FILE]));
    for client in &CLIENTS {
        report.step(client.name, || {
            with(&kit, client.needs, || {
                client.make(&kit)?;
                run(&mut client.command(&kit, client.check))
            })
        });
    }
    for program in &PROGRAMS {
        report
            .step(&format!("first steps in {}", program.language), || with(&kit, program.needs, || program.make(&kit)));
    }
    on_each_database(report, &kit, |report, database, demo| {
        let (url, keys) = (demo.url(), demo.clients().display().to_string());
        report.step(&format!("openapi.yaml as YAML 1.1, {database}"), || {
            of_python(&kit, "python document.py", &[FILE, &url])
        });
        for client in &CLIENTS {
            report.step(&format!("{}, {database}", client.name), || {
                with(&kit, client.needs, || run(client.command(&kit, client.scenario).args([&url, &keys])))
            });
        }
        for program in &PROGRAMS {
            report.step(&format!("first steps in {}, {database}", program.language), || {
                with(&kit, program.needs, || program.try_on(&kit, demo))
            });
        }
        fuzz(report, &kit, (database, demo), FUZZED);
    });
}

/// Sends what the document allows and what it does not, for half an hour in all, and prints how it went.
pub(crate) fn fuzz_at_length() -> Result<(), Error> {
    let mut report = Report::default();
    let kit = Kit::prepare()?;
    on_each_database(&mut report, &kit, |report, database, demo| {
        fuzz(report, &kit, (database, demo), FUZZED_AT_LENGTH);
    });
    report.close()
}

/// Who is fuzzed in every run, and for how many seconds each.
const FUZZED: (&[&str], &str) = (&["nobody", "drafter", "certification-body"], "30");

/// Who is fuzzed at length: everybody.
const FUZZED_AT_LENGTH: (&[&str], &str) =
    (&["nobody", "drafter", "approver", "certification-body", "enterprise", "laboratory", "auditor"], "130");

/// The document by schemathesis: `tests/sdk/hooks.py` has what it must know beside it.
fn fuzz(report: &mut Report, kit: &Kit, (database, demo): (&str, &Demo), (who, seconds): (&[&str], &str)) {
    for who in who {
        report.step(&format!("schemathesis as {who}, {database}"), || {
            of_python(kit, "python fuzz.py", &[&demo.url(), who, seconds])
        });
    }
}

/// Does the work with a demo on SQLite, and with one on PostgreSQL.
fn on_each_database(report: &mut Report, kit: &Kit, mut work: impl FnMut(&mut Report, &str, &Demo)) {
    for database in ["SQLite", "PostgreSQL"] {
        // The cluster ends with the demo that it is for.
        let mut started = None;
        report.step(&format!("a demo on {database}"), || {
            let cluster = match database {
                "PostgreSQL" => Some(Cluster::start(&programs()?, Durability::None)?),
                _ => None,
            };
            let demo = Demo::start(kit.folder().join("demo"), cluster.as_ref().map(Cluster::url))?;
            started = Some((demo, cluster));
            Ok(Outcome::Passed)
        });
        if let Some((demo, _cluster)) = &started {
            work(report, database, demo);
        }
    }
}

/// Runs a program of Python's in the folder of the kit.
fn of_python(kit: &Kit, program: &str, arguments: &[&str]) -> Result<Outcome, Error> {
    with(kit, &[Need::Pip], || run(kit.command(program, kit.folder()).args(arguments)))
}

/// Does the work where what it needs is here.
fn with(kit: &Kit, needs: &[Need], work: impl FnOnce() -> Result<(), Error>) -> Result<Outcome, Error> {
    match kit.lacks(needs) {
        Some(why) => Ok(Outcome::Skipped(why)),
        None => work().map(|()| Outcome::Passed),
    }
}

impl Client {
    /// Generates into a folder that holds nothing else but the scenario.
    fn make(&self, kit: &Kit) -> Result<(), Error> {
        let folder = kit.folder().join(self.name);
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(Error::system(format!("empty {}", folder.display())))?;
        }
        copy(&root().join(kit::SOURCES).join(self.name), &folder)?;
        // Generators tell of every file; what they say is kept for the one who looks for a fault.
        let log = folder.join("generate.log");
        let file = || File::options().create(true).append(true).open(&log).map_err(Error::system("keep what is said"));
        let mut generate = self.command(kit, self.generate);
        let made = run(generate.stdout(file()?).stderr(file()?));
        made.inspect_err(|_| eprintln!("it says why in {}", log.display()))
    }

    fn command(&self, kit: &Kit, line: &str) -> Command {
        kit.command(line, &kit.folder().join(self.name))
    }
}
