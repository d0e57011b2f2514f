//! `lvcai backup` and `lvcai restore`: the database in a file, whole, while others write.
//!
//! SQLite writes it itself (`VACUUM INTO`); of PostgreSQL its own `pg_dump` and `pg_restore` are called, which have to
//! be installed and not older than the server.

use super::audit;
use super::error::{CliError, said};
use super::language::Language;
use super::open::must_be_there;
use super::out;
use crate::keys::Keys;
use crate::watch::Watch;
use clap::Args;
use lvcai_config::{Config, split_password};
use lvcai_store::audit::Held;
use lvcai_store::{Clock, Conn, ledger};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// Where the backup is written.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The file. It must not exist.
    file: PathBuf,
}

/// Which backup is put in place.
#[derive(Debug, Args)]
pub(super) struct Restore {
    /// A file that `lvcai backup` has written.
    file: PathBuf,
    /// Audit what is put in place, and fail where a row is wrong.
    #[arg(long)]
    verify: bool,
}

impl Backup {
    /// Writes the backup and prints where its ledger ends.
    pub(super) fn run(&self, config: &Config) -> Result<ExitCode, CliError> {
        must_be_there(config)?;
        let file = &self.file;
        if file.exists() {
            return Err(said(format!("{} 已存在", file.display()), format!("{} exists already", file.display())));
        }
        // Under another name until it is whole, and for its owner alone: it holds drafts.
        let draft = PathBuf::from(format!("{}.part", file.display()));
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let part = options.open(&draft).map_err(|error| format!("{}: {error}", draft.display()))?;
        let written = write(config, &draft).and_then(|()| {
            part.sync_all()?;
            Ok(std::fs::rename(&draft, file)?)
        });
        if let Err(error) = written {
            drop(std::fs::remove_file(&draft));
            return Err(error);
        }
        if config.embedded() {
            let seq = ledger::head(&mut Conn::open_to_read(&format!("sqlite:{}", file.display()))?)?.seq;
            out::said(
                format_args!("{}：账本止于第 {seq} 条", file.display()),
                format_args!("{}: the ledger ends at {seq}", file.display()),
            )?;
        } else {
            out::line(file.display())?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn write(config: &Config, file: &Path) -> Result<(), CliError> {
    let mut conn = Conn::open(&config.database_url)?;
    if config.embedded() {
        return Ok(conn.copy_into(&file.display().to_string())?);
    }
    let schema = conn.schema()?.filter(|it| it != "public");
    let mut dump = tool("pg_dump", &config.database_url);
    dump.args(["--format=custom", "--no-owner", "--no-privileges", "--file"]).arg(file);
    if let Some(schema) = schema {
        dump.arg("--schema").arg(schema);
    }
    run(dump)
}

impl Restore {
    /// Puts the backup in place. A database that is there is not touched.
    pub(super) fn run(&self, config: &Config) -> Result<ExitCode, CliError> {
        if !self.file.is_file() {
            return Err(said(
                format!("没有文件 {}", self.file.display()),
                format!("there is no file {}", self.file.display()),
            ));
        }
        match config.database_url.strip_prefix("sqlite:") {
            Some(path) => self.put_file(config, Path::new(path)),
            None => self.put_dump(config),
        }
    }

    /// Copies the file, audits the copy and gives it its name.
    fn put_file(&self, config: &Config, target: &Path) -> Result<ExitCode, CliError> {
        let beside = |ending: &str| PathBuf::from(format!("{}{ending}", target.display()));
        for path in [target.to_owned(), beside("-wal"), beside("-shm")] {
            if path.exists() {
                return Err(said(
                    format!("{} 已存在：请先停止服务并将其移走", path.display()),
                    format!("{} is there: stop the registry and move it away first", path.display()),
                ));
            }
        }
        if let Some(folder) = target.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let part = beside(".part");
        std::fs::copy(&self.file, &part)?;
        #[cfg(unix)]
        std::fs::set_permissions(&part, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        File::open(&part)?.sync_all()?;
        let wrong = self.audit(config, &format!("sqlite:{}", part.display()));
        if !matches!(wrong, Ok(0)) {
            drop(std::fs::remove_file(&part));
            wrong?;
            out::said("备份有不符之处，未恢复", "rows of the backup are wrong: nothing was put in place")?;
            return Ok(ExitCode::FAILURE);
        }
        std::fs::rename(&part, target)?;
        self.tell(config)
    }

    /// Has the dump written into a database without a registry, in one transaction.
    fn put_dump(&self, config: &Config) -> Result<ExitCode, CliError> {
        if lvcai_database::is_registry(&config.database_url)? {
            return Err(said(
                "数据库中已有登记库：请恢复到空数据库",
                "there is a registry in the database already: restore into an empty one",
            ));
        }
        let mut restore = tool("pg_restore", &config.database_url);
        restore.args(["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]).arg(&self.file);
        run(restore)?;
        if self.audit(config, &config.database_url)? > 0 {
            out::said("已恢复，但有不符之处", "it was put in place, and rows of it are wrong")?;
            return Ok(ExitCode::FAILURE);
        }
        self.tell(config)
    }

    /// How many rows are wrong; none is looked at where that was not asked for.
    fn audit(&self, config: &Config, address: &str) -> Result<usize, CliError> {
        if !self.verify {
            // A file that is no registry is none, asked for or not.
            ledger::head(&mut Conn::open_to_read(address)?)?;
            return Ok(0);
        }
        let keys = Keys::of_documents(&config.keys)?.map(|keys| keys.public);
        audit::check(address, &Held { keys, signed: None }, Language::of_terminal())
    }

    /// Says where the ledger ends, and what of what was signed is lost with that.
    fn tell(&self, config: &Config) -> Result<ExitCode, CliError> {
        let seq = ledger::head(&mut Conn::open_to_read(&config.database_url)?)?.seq;
        out::said(format_args!("已恢复：账本止于第 {seq} 条"), format_args!("restored: the ledger ends at {seq}"))?;
        let signed = Watch::open(&config.keys, Clock::Wall)?.signed()?;
        if let Some((signed, _)) = signed.filter(|(signed, _)| *signed > seq) {
            let lost = signed - seq;
            out::said(
                format_args!(
                    "密钥目录已签名至第 {signed} 条，缺 {lost} 条：确认后执行 lvcai resume --reason 才可继续写入"
                ),
                format_args!(
                    "the keys folder has signed up to {signed}: {lost} entries are lost, and nothing is written until \
                     `lvcai resume --reason` says so"
                ),
            )?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// A program of PostgreSQL for the database at an address. The password does not show in the list of processes.
fn tool(program: &'static str, url: &str) -> Command {
    let (address, password) = split_password(url);
    let mut command = Command::new(program);
    command.arg("--dbname").arg(address);
    if let Some(password) = password {
        let decoded = percent_encoding::percent_decode_str(&password).decode_utf8_lossy().into_owned();
        command.env("PGPASSWORD", decoded);
    }
    command
}

fn run(mut command: Command) -> Result<(), CliError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().map_err(|error| {
        said(
            format!("无法运行 {program}（{error}）：请安装与服务器版本相当的 PostgreSQL 客户端程序"),
            format!("cannot run {program} ({error}): install the client programs of PostgreSQL, as new as the server"),
        )
    })?;
    if status.success() {
        return Ok(());
    }
    Err(said(format!("{program} 失败（{status}）"), format!("{program} failed ({status})")))
}
