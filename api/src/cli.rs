//! The command line of `lvcai`.
//!
//! What it says is for the person at the terminal; what it logs is for the operator.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks to its terminal")]

mod accredit;
mod client;
mod clock;
mod demo;
mod error;
mod import;
mod open;
mod serve;
mod verify;

use crate::keys::Keys;
use crate::openapi;
use clap::{Parser, Subcommand};
use error::CliError;
use lvcai_config::Config;
use std::process::ExitCode;

/// The green building-materials registry.
#[derive(Debug, Parser)]
#[command(name = "lvcai", version, about = "The green building-materials registry (绿材)")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the registry. Settings come from the environment: see `lvcai config`.
    Serve,
    /// Serve a registry with demo data, made on the first start.
    Demo,
    /// Import a list that a city published (xlsx or csv).
    Import(import::Import),
    /// Verify a publication document, offline.
    Verify(verify::Verify),
    /// Add, rotate, revoke and list clients.
    #[command(subcommand)]
    Client(client::Command),
    /// Record what a certification body is accredited for.
    Accredit(accredit::Accredit),
    /// Write what has become due: expiries, and renewal windows that open. `serve` does it by itself.
    Clock,
    /// Make the private keys that the keys folder lacks.
    Keys,
    /// Print the OpenAPI document.
    Openapi,
    /// Print the settings in effect.
    Config,
}

/// Runs the command line.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    match execute(cli.command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("lvcai: {error}");
            ExitCode::FAILURE
        }
    }
}

fn execute(command: Command) -> Result<ExitCode, CliError> {
    let config = Config::from_environment()?;
    env_logger::Builder::new().parse_filters(&config.log).init();
    match command {
        Command::Serve => serve::run(&config),
        Command::Demo => demo::run(&config),
        Command::Import(import) => import.run(&config),
        Command::Verify(verify) => verify.run(),
        Command::Client(command) => client::run(&config, command),
        Command::Accredit(accredit) => accredit.run(&config),
        Command::Clock => clock::run(&config),
        Command::Keys => {
            Keys::create(&config.keys)?;
            println!("{}", config.keys.display());
            Ok(ExitCode::SUCCESS)
        }
        Command::Openapi => {
            print!("{}", openapi::document().to_yaml()?);
            Ok(ExitCode::SUCCESS)
        }
        Command::Config => {
            println!("{:#?}", config.shown());
            Ok(ExitCode::SUCCESS)
        }
    }
}
