//! Everything that must hold before a change is handed in; CI runs nothing else.

use crate::browser;
use crate::error::Error;
use crate::openapi::{FILE, compare};
use crate::process::{cargo, command, find, run, succeeds};
use crate::report::{Outcome, Report};
use crate::sdk;
use crate::suite;

/// The linters of the API's document, pinned: a new rule arrives by a commit, not by a day.
const REDOCLY: &str = "@redocly/cli@2.77.0";
const SPECTRAL: &str = "@stoplight/spectral-cli@6.16.3";

/// Runs every check, each even when one before it failed.
pub(crate) fn run_all() -> Result<(), Error> {
    let mut report = Report::default();
    report.step("formatting", || passed(cargo().args(["fmt", "--all", "--check"])));
    // The feature only adds the benchmark's second program to what is looked at.
    let lints = ["clippy", "--workspace", "--all-targets", "--features", "lvcai-xtask/bench", "--", "-D", "warnings"];
    report.step("lints", || passed(cargo().args(lints)));
    report.step("documentation", || {
        let words = ["doc", "--workspace", "--no-deps", "--document-private-items"];
        passed(cargo().env("RUSTDOCFLAGS", "-D warnings").args(words))
    });
    suite::steps(&mut report, &[]);
    report.step("openapi.yaml", compare);
    report.step("redocly", || lint(REDOCLY, &["lint", "--config", ".redocly.yaml", FILE]));
    report.step("spectral", || {
        lint(SPECTRAL, &["lint", "--ruleset", ".spectral.yaml", "--fail-severity", "error", FILE])
    });
    sdk::steps(&mut report);
    report.step("the page in a browser", browser::test);
    report.step("licences, sources", || deny(&["bans", "licenses", "sources"]));
    report.step("advisories", || deny(&["advisories"]));
    report.close()
}

fn passed(command: &mut std::process::Command) -> Result<Outcome, Error> {
    run(command).map(|()| Outcome::Passed)
}

/// Runs a linter from its package, where the package can be had.
fn lint(package: &str, arguments: &[&str]) -> Result<Outcome, Error> {
    if find("npx").is_none() {
        return Ok(Outcome::Skipped("npx is not installed".to_owned()));
    }
    let npx = || {
        let mut npx = command("npx");
        npx.env("REDOCLY_TELEMETRY", "off").env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true").args(["--yes", package]);
        npx
    };
    if !succeeds(npx().arg("--version")) {
        return Ok(Outcome::Skipped(format!("npx cannot fetch {package}")));
    }
    passed(npx().args(arguments))
}

/// Runs checks of cargo-deny (its configuration is `.deny.toml`), where it is installed and its data can be had.
fn deny(checks: &[&str]) -> Result<Outcome, Error> {
    if !succeeds(cargo().args(["deny", "--version"])) {
        return Ok(Outcome::Skipped("cargo-deny is not installed".to_owned()));
    }
    let mut check = cargo();
    check.args(["deny", "check", "--hide-inclusion-graph"]);
    if checks.contains(&"advisories") {
        if !succeeds(cargo().args(["deny", "fetch", "db"])) {
            return Ok(Outcome::Skipped("the advisories cannot be fetched".to_owned()));
        }
        check.arg("--disable-fetch");
    }
    passed(check.args(checks))
}
