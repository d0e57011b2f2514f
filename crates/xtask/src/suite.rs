//! The tests: everything on SQLite, then the registry seen from outside once more on PostgreSQL.

use crate::cluster::{Cluster, Durability};
use crate::error::Error;
use crate::process::{cargo, run, succeeds};
use crate::report::{Outcome, Report};
use crate::server::programs;

/// The variable by which the tests learn of a server; without it they use SQLite.
const DATABASE: &str = "LVCAI_TEST_DATABASE_URL";

/// Runs the tests and prints how they went.
///
/// # Errors
///
/// `Because` when one of the runs failed.
pub(crate) fn run_tests(arguments: &[String]) -> Result<(), Error> {
    let mut report = Report::default();
    steps(&mut report, arguments);
    report.close()
}

/// The runs, as steps of a report; arguments go to the runner.
pub(crate) fn steps(report: &mut Report, arguments: &[String]) {
    let nextest = succeeds(cargo().args(["nextest", "--version"]));
    report.step("tests on SQLite", || {
        let mut tests = cargo();
        if nextest {
            tests.args(["nextest", "run", "--workspace"]);
        } else {
            tests.args(["test", "--workspace", "--lib", "--bins", "--tests"]);
        }
        run(tests.env_remove(DATABASE).args(arguments)).map(|()| Outcome::Passed)
    });
    report.step("tests on PostgreSQL", || {
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
        run(tests.env(DATABASE, cluster.url()).args(arguments)).map(|()| Outcome::Passed)
    });
    report.step("documentation tests", || {
        if !arguments.is_empty() {
            return Ok(Outcome::Skipped("only some tests were asked for".to_owned()));
        }
        run(cargo().env_remove(DATABASE).args(["test", "--doc", "--workspace"])).map(|()| Outcome::Passed)
    });
}
