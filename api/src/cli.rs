//! The command line of `lvcai`.
//!
//! What it says is for the person at the terminal; what it logs is for the operator.
#![expect(clippy::print_stderr, reason = "a command line talks to its terminal")]

mod accredit;
mod audit;
mod backup;
mod certification_body;
mod client;
mod clock;
mod demo;
mod error;
mod help;
mod import;
mod language;
mod open;
mod organisation;
mod out;
mod report;
mod resume;
mod serve;
mod verify;

use crate::keys::Keys;
use crate::openapi;
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use error::CliError;
use language::Language;
use lvcai_config::Config;
use std::process::ExitCode;

/// The green building-materials registry (绿材).
#[derive(Debug, Parser)]
#[command(name = "lvcai", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the registry. Settings come from the environment: see `lvcai config`.
    Serve,
    /// Serve a registry with demo data, made on the first start. Settings come from the environment: see
    /// `lvcai config`.
    Demo,
    /// Import a list that a city published (xlsx, xls or csv).
    Import(import::Import),
    /// Verify a publication document, offline.
    Verify(verify::Verify),
    /// Add, rotate, revoke and list clients.
    #[command(subcommand)]
    Client(client::Command),
    /// Register organisations and give them roles.
    #[command(subcommand)]
    Organisation(organisation::Command),
    /// Register, rename and amend certification bodies from a file.
    #[command(subcommand)]
    CertificationBody(certification_body::Command),
    /// Record what a certification body is accredited for.
    Accredit(accredit::Accredit),
    /// Hold the database, or a backup, against its digests, leaves and signatures; name each row that is wrong.
    Audit(audit::Audit),
    /// Copy the database into a file, while it is served.
    Backup(backup::Backup),
    /// Put a backup in the place of a database that is not there.
    Restore(backup::Restore),
    /// Let writing go on after it was halted: a doubtful clock, or a database behind the last signed position.
    Resume(resume::Resume),
    /// Write what has become due: expiries, and renewal windows that open. `serve` does it by itself.
    Clock,
    /// Make the private keys that the keys folder lacks, and the registry itself where its file is not there yet.
    Keys,
    /// Print the OpenAPI document.
    Openapi {
        /// In the words of OpenAPI 3.0.3, as JSON.
        #[arg(long)]
        older: bool,
    },
    /// Print the settings in effect.
    Config,
}

/// Runs the command line.
pub fn run() -> ExitCode {
    let language = Language::of_terminal();
    let matches = help::in_language(Cli::command(), language).get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    match execute(cli.command, language) {
        Ok(code) => code,
        Err(error) if out::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            error::tell(&error, language);
            ExitCode::FAILURE
        }
    }
}

fn execute(command: Command, language: Language) -> Result<ExitCode, CliError> {
    for variable in Config::unknown_variables() {
        let en = "is not known and was ignored; `lvcai config` prints those that are";
        eprintln!("lvcai: {variable} {}", language.of("不是已知的变量，已忽略；lvcai config 列出全部变量", en));
    }
    let config = Config::from_environment()?;
    // actix tells of each head that is no HTTP as an error. That is its sender's, and anybody can fill a log with it.
    env_logger::Builder::new().filter_module("actix_http", log::LevelFilter::Off).parse_filters(&config.log).init();
    match command {
        Command::Serve => serve::run(&config),
        Command::Demo => demo::run(&config),
        Command::Import(import) => import.run(&config),
        Command::Verify(verify) => verify.run(),
        Command::Client(command) => client::run(&config, command),
        Command::Organisation(command) => organisation::run(&config, command),
        Command::CertificationBody(command) => certification_body::run(&config, command),
        Command::Accredit(accredit) => accredit.run(&config),
        Command::Audit(audit) => Ok(audit.run(&config)),
        Command::Backup(backup) => backup.run(&config),
        Command::Restore(restore) => restore.run(&config),
        Command::Resume(resume) => resume.run(&config),
        Command::Clock => clock::run(&config),
        Command::Keys => {
            Keys::create(&config.keys)?;
            open::make(&config)?;
            out::line(config.keys.display())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Openapi { older } => {
            let document = openapi::document();
            out::line(if older { openapi::as_3_0(document).to_string() } else { openapi::yaml(&document) }.trim_end())?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Config => {
            config.shown().iter().try_for_each(|(name, value)| out::line(format_args!("{name}={value}")))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use help::in_language;
    use lvcai_auth::Scope;

    fn is_chinese(text: &str) -> bool {
        text.chars().any(|it| ('\u{4e00}'..='\u{9fff}').contains(&it))
    }

    fn silent(command: &clap::Command, path: &str, found: &mut Vec<String>) {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        if !is_chinese(&about) {
            found.push(path.to_owned());
        }
        for arg in command.get_arguments() {
            if !is_chinese(&arg.get_help().map(ToString::to_string).unwrap_or_default()) {
                found.push(format!("{path} {}", arg.get_id()));
            }
        }
        command.get_subcommands().for_each(|it| silent(it, &format!("{path} {}", it.get_name()), found));
    }

    #[test]
    fn every_command_and_argument_has_its_help_in_chinese() {
        let mut found = Vec::new();
        silent(&in_language(Cli::command(), Language { chinese: true }), "lvcai", &mut found);

        assert!(found.is_empty(), "no Chinese in {found:#?}");
    }

    #[test]
    fn the_help_of_clients_lists_every_scope_in_both_languages() {
        for chinese in [true, false] {
            let mut command = in_language(Cli::command(), Language { chinese });
            let add = command.find_subcommand_mut("client").unwrap().find_subcommand_mut("add").unwrap();
            let help = add.render_help().to_string();

            for scope in Scope::ALL {
                assert!(help.contains(scope.wire()), "{scope}: {help}");
            }
            assert_eq!(help.contains("用法："), chinese, "{help}");
        }
    }
}
