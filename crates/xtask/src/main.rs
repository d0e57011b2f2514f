//! make's hands: what the targets of the Makefile do.
//!
//! It depends on no other crate of ours, so that it is built in a moment and works while the rest does not compile.
//! Environment variables of the registry are not read here, only set for the programs that it starts.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it speaks to the person at the terminal")]

mod bench;
mod browser;
mod cluster;
mod demo;
mod error;
mod openapi;
mod process;
mod ready;
mod report;
mod sdk;
mod server;
mod suite;
mod timings;

use error::Error;
use std::process::ExitCode;

const USAGE: &str = "one of: test [filter…] · endure · postgres · ready · openapi · examples · bless · docs-test · sdk · sdk-test · fuzz-api · bench [sqlite|postgres]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<(), Error> {
    let Some((command, rest)) = arguments.split_first() else { return Err(Error::Usage(USAGE)) };
    match (command.as_str(), rest) {
        ("test", filters) => suite::run_tests(filters),
        ("endure", []) => suite::endure(),
        ("postgres", []) => cluster::foreground(),
        ("ready", []) => ready::run_all(),
        ("openapi", []) => openapi::write(),
        ("docs-test", []) => browser::foreground(),
        ("sdk", []) => sdk::make(),
        ("sdk-test", []) => sdk::test(),
        ("fuzz-api", []) => sdk::fuzz_at_length(),
        ("examples", []) => openapi::examples(),
        ("bless", []) => openapi::bless(),
        ("bench", []) => bench::run("sqlite"),
        ("bench", [database]) => bench::run(database),
        (cluster::KEEPER, [bin, durability]) => cluster::keep(bin, durability),
        _ => Err(Error::Usage(USAGE)),
    }
}
