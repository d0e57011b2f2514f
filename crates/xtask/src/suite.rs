//! The tests: everything on SQLite, then the registry seen from outside once more on PostgreSQL.

use crate::cluster::{Cluster, Durability};
use crate::error::Error;
use crate::process::{cargo, command, lvcai, quietly, run, succeeds};
use crate::report::{Outcome, Report};
use crate::server::programs;
use crate::timings;
use std::process::Command;

/// The variable by which the tests learn of a server; without it they use SQLite.
const DATABASE: &str = "LVCAI_TEST_DATABASE_URL";

/// Runs the tests and prints how they went.
pub(crate) fn run_tests(arguments: &[String]) -> Result<(), Error> {
    let mut report = Report::default();
    steps(&mut report, arguments);
    report.close()
}

/// The tests that find more the longer they run, for hours instead of minutes, on both databases.
pub(crate) fn endure() -> Result<(), Error> {
    let tests = || {
        let mut tests = cargo();
        tests.args(["nextest", "run", "--workspace", "--profile", "endure", "--no-capture"]);
        tests.envs([("LVCAI_TEST_ROUNDS", "100"), ("LVCAI_MODEL_STEPS", "10000"), ("LVCAI_DAMAGE_STEPS", "2000")]);
        tests
    };
    let mut report = Report::default();
    report.step("build of the tests", || build(true));
    report.step("on SQLite", || passed(tests().env_remove(DATABASE)));
    report.step("on PostgreSQL", || {
        let cluster = Cluster::start(&programs()?, Durability::None)?;
        passed(tests().args(["--package", "lvcai-tests"]).env(DATABASE, cluster.url()))
    });
    report.close()
}

/// The runs, as steps of a report; arguments go to the runner.
pub(crate) fn steps(report: &mut Report, arguments: &[String]) {
    let nextest = succeeds(cargo().args(["nextest", "--version"]));
    report.step("build of the tests", || build(nextest));
    timed(report, "tests on SQLite", "default", || on_sqlite(nextest, arguments));
    timed(report, "tests on PostgreSQL", "postgres", || on_postgres(nextest, arguments));
    report.step("documentation tests", || {
        if !arguments.is_empty() {
            return Ok(Outcome::Skipped("only some tests were asked for".to_owned()));
        }
        passed(cargo().env_remove(DATABASE).args(["test", "--doc", "--workspace"]))
    });
}

/// A step of which the slowest tests are told, from what the runner's profile wrote.
fn timed(report: &mut Report, name: &str, profile: &str, work: impl FnOnce() -> Result<Outcome, Error>) {
    timings::forget(profile);
    report.step(name, work);
    report.remark(&format!("the slowest {name}"), timings::slowest(profile));
}

/// Builds what the runs need, so that no test is measured while it waits for the compiler.
fn build(nextest: bool) -> Result<Outcome, Error> {
    let mut tests = cargo();
    if nextest {
        tests.args(["nextest", "run", "--workspace", "--no-run"]);
    } else {
        tests.args(["test", "--workspace", "--no-run"]);
    }
    run(&mut tests)?;
    // The program that tests start.
    lvcai().map(|_| Outcome::Passed)
}

fn on_sqlite(nextest: bool, arguments: &[String]) -> Result<Outcome, Error> {
    let mut tests = cargo();
    if nextest {
        tests.args(["nextest", "run", "--workspace"]);
    } else {
        tests.args(["test", "--workspace", "--lib", "--bins", "--tests"]);
    }
    tests.envs(memory().map(|it| ("TMPDIR", it)));
    passed(tests.env_remove(DATABASE).args(arguments))
}

/// A folder in memory with room for the tests' databases, where there is one: each commit of SQLite waits for the disk,
/// and no test outlives the machine.
fn memory() -> Option<&'static str> {
    const FOLDER: &str = "/dev/shm";
    const ENOUGH_KIB: u64 = 2 << 20;
    let free = quietly(command("df").args(["--output=avail", "-k", FOLDER])).ok()?;
    free.lines().last()?.trim().parse::<u64>().ok().filter(|it| *it >= ENOUGH_KIB).map(|_| FOLDER)
}

fn on_postgres(nextest: bool, arguments: &[String]) -> Result<Outcome, Error> {
    let bin = programs()?;
    println!("with the programs in {}", bin.display());
    let cluster = Cluster::start(&bin, Durability::None)?;
    let mut tests = cargo();
    if nextest {
        // The profile keeps the same build and runs only the tests that see a database; see .config/nextest.toml.
        tests.args(["nextest", "run", "--workspace", "--profile", "postgres", "--no-tests", "pass"]);
    } else {
        tests.args(["test", "--package", "lvcai-tests", "--lib", "--tests"]);
    }
    passed(tests.env(DATABASE, cluster.url()).args(arguments))
}

fn passed(command: &mut Command) -> Result<Outcome, Error> {
    run(command).map(|()| Outcome::Passed)
}
