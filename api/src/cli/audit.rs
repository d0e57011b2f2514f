//! `lvcai audit`: holds a database against its own digests, leaves and signatures.

use super::error::CliError;
use super::language::Language;
use super::open::must_be_there;
use super::out;
use crate::keys::Keys;
use crate::watch::Watch;
use clap::Args;
use lvcai_config::{Config, check_address};
use lvcai_store::audit::{self, Auditor, Finding, Held};
use lvcai_store::{Clock, Conn};
use lvcai_trust::Jwks;
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How often the progress is told where nobody watches a terminal.
const EVERY: Duration = Duration::from_secs(5);

/// What is audited.
#[derive(Debug, Args)]
pub(super) struct Audit {
    /// The address of a backup, such as sqlite:backup.db; the registry of the settings when absent.
    #[arg(long)]
    database: Option<String>,
    /// The public keys of documents (JWKS); those of the keys folder when absent.
    #[arg(long)]
    jwks: Option<PathBuf>,
}

impl Audit {
    /// Prints each row that is wrong. The exit code is 0 when there is none, 1 when there is, 2 when it cannot be told.
    pub(super) fn run(&self, config: &Config) -> ExitCode {
        match self.audit(config) {
            Ok(0) => ExitCode::SUCCESS,
            Ok(_) => ExitCode::FAILURE,
            Err(error) => {
                super::error::tell(&error, Language::of_terminal());
                ExitCode::from(2)
            }
        }
    }

    fn audit(&self, config: &Config) -> Result<usize, CliError> {
        let keys = match &self.jwks {
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
                Some(Jwks::parse(&text).map_err(|error| format!("{}: {error}", path.display()))?)
            }
            None => Keys::of_documents(&config.keys)?.map(|keys| keys.public),
        };
        let own = self.database.is_none();
        if own {
            must_be_there(config)?;
        }
        // A backup is behind the signed head by its nature.
        let signed = if own { Watch::open(&config.keys, Clock::Wall)?.signed()? } else { None };
        if let Some(address) = &self.database {
            check_address("--database", address)?;
        }
        let address = self.database.as_deref().unwrap_or(&config.database_url);
        check(address, &Held { keys, signed }, Language::of_terminal())
    }
}

/// Audits the database at an address and prints what is found; answers how many rows are wrong.
pub(super) fn check(address: &str, held: &Held, language: Language) -> Result<usize, CliError> {
    let mut conn = Conn::open_to_read(address)?;
    let mut told = Told::new(language);
    let head = audit::run(&mut conn, held, &mut told)?;
    told.end();
    if held.keys.is_none() {
        let en = "there are no keys (LVCAI_KEYS, --jwks): the signatures of documents were not verified";
        eprintln!("{}", language.of("没有密钥（LVCAI_KEYS、--jwks）：未验证名单文件的签名", en));
    }
    let zh = format!("账本止于第 {} 条：{} 处不符", head.seq, told.found);
    out::line(language.of(&zh, &format!("the ledger ends at {}: {} rows are wrong", head.seq, told.found)))?;
    Ok(told.found)
}

/// Prints findings and progress.
struct Told {
    language: Language,
    found: usize,
    last: Instant,
    every: Duration,
    line: bool,
}

impl Told {
    fn new(language: Language) -> Self {
        let line = std::io::stderr().is_terminal();
        let every = if line { Duration::from_millis(200) } else { EVERY };
        Self { language, found: 0, last: Instant::now(), every, line }
    }

    /// Ends the line that is written over again and again.
    fn end(&self) {
        if self.line {
            eprint!("\r\x1b[K");
        }
    }
}

impl Auditor for Told {
    fn found(&mut self, finding: Finding) {
        self.found += 1;
        self.end();
        let Finding { irregularity, row, seen } = finding;
        let said = self.language.of(irregularity.zh(), irregularity.en());
        let seen = if seen.is_empty() { seen } else { format!(" ({seen})") };
        // Whoever reads may have seen enough.
        drop(writeln!(std::io::stdout(), "{irregularity}  {row}: {said}{seen}"));
    }

    fn progress(&mut self, table: &str, done: i64, of: i64) {
        if self.last.elapsed() < self.every {
            return;
        }
        self.last = Instant::now();
        let of = if of > done { format!(" / {of}") } else { String::new() };
        if self.line {
            eprint!("\r\x1b[K{table} {done}{of}");
        } else {
            eprintln!("{table} {done}{of}");
        }
    }
}
