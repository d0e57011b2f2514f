//! A throw-away PostgreSQL cluster of our own.
//!
//! It is held by a second process of xtask in a process group of its own, which waits for the end of its standard
//! input. However the first process ends (success, failure, Ctrl-C, a kill), the pipe closes with it, the keeper stops
//! the server it started, deletes the folder and ends; so no signal is handled anywhere.

use crate::error::Error;
use crate::process::{command, find, quietly};
use crate::server::{identity, is_root, programs};
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::{DirBuilderExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

/// The command of xtask that a person does not call.
pub(crate) const KEEPER: &str = "keep-cluster";

/// Whether a commit waits for the disk.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// As in production.
    Full,
    /// Not at all: the tests do not outlive the machine.
    None,
}

/// A running cluster; it ends when this is dropped.
pub(crate) struct Cluster {
    keeper: Child,
    open: Option<ChildStdin>,
    url: String,
}

impl Cluster {
    /// Makes and starts a cluster.
    pub(crate) fn start(bin: &Path, durability: Durability) -> Result<Self, Error> {
        let word = if durability == Durability::Full { "full" } else { "none" };
        let this = std::env::current_exe().map_err(Error::system("find xtask itself"))?;
        let mut keeper = command(this)
            .arg(KEEPER)
            .arg(bin)
            .arg(word)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(Error::system("start the keeper of the PostgreSQL cluster"))?;
        let open = keeper.stdin.take();
        let mut url = String::new();
        if let Some(said) = keeper.stdout.take() {
            BufReader::new(said).read_line(&mut url).map_err(Error::system("hear from the keeper of the cluster"))?;
        }
        let cluster = Self { keeper, open, url: url.trim().to_owned() };
        if cluster.url.is_empty() {
            return Err(Error::because("the PostgreSQL cluster did not start"));
        }
        Ok(cluster)
    }

    /// Where it listens, with its superuser and its one database.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.open.take());
        if let Err(error) = self.keeper.wait() {
            eprintln!("the keeper of the PostgreSQL cluster was not seen to end: {error}");
        }
    }
}

/// Runs a cluster until Ctrl-C.
pub(crate) fn foreground() -> Result<(), Error> {
    let mut cluster = Cluster::start(&programs()?, Durability::None)?;
    println!("{}", cluster.url());
    println!("a throw-away cluster; Ctrl-C ends and deletes it");
    // This program holds the keeper's standard input open, so the keeper ends first only when the server has failed.
    let open = cluster.open.take();
    let ended = cluster.keeper.wait();
    drop(open);
    ended.map(drop).map_err(Error::system("wait for the keeper of the cluster"))
}

/// The keeper: makes the cluster, prints its address, and ends it at the end of standard input.
pub(crate) fn keep(bin: &str, durability: &str) -> Result<(), Error> {
    let home = Home::make(PathBuf::from(bin), Account::choose()?)?;
    let port = home.start(durability == "full")?;
    // The reader of this line may be gone. Standard input is then at its end too, and the cluster ends with it.
    let _ = writeln!(std::io::stdout(), "postgres://postgres@127.0.0.1:{port}/postgres");
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
    Ok(())
}

/// The unprivileged user who runs the server; nobody when we are unprivileged ourselves.
struct Account {
    name: String,
    user: u32,
    group: u32,
}

impl Account {
    fn choose() -> Result<Option<Self>, Error> {
        if !is_root() {
            return Ok(None);
        }
        let found = ["postgres", "nobody"].into_iter().find_map(Self::named);
        found
            .map(Some)
            .ok_or_else(|| Error::because("PostgreSQL refuses root, and there is no user `postgres` or `nobody`"))
    }

    fn named(name: &str) -> Option<Self> {
        let user = identity(&["-u", name])?.parse().ok()?;
        let group = identity(&["-g", name])?.parse().ok()?;
        Some(Self { name: name.to_owned(), user, group })
    }

    /// The command as this user, through whichever program is there.
    fn wrap(&self, program: &Path, arguments: &[&str]) -> Command {
        if find("setpriv").is_some() {
            let ids = [format!("--reuid={}", self.user), format!("--regid={}", self.group)];
            let mut wrapped = command("setpriv");
            wrapped.args(ids).args(["--clear-groups", "--"]).arg(program).args(arguments);
            return wrapped;
        }
        if find("runuser").is_some() {
            let mut wrapped = command("runuser");
            wrapped.args(["-u", &self.name, "--"]).arg(program).args(arguments);
            return wrapped;
        }
        let program = program.to_string_lossy();
        let words = std::iter::once(program.as_ref()).chain(arguments.iter().copied());
        let line = words.map(|it| format!("'{}'", it.replace('\'', r"'\''"))).collect::<Vec<_>>().join(" ");
        let mut wrapped = command("su");
        wrapped.args(["-s", "/bin/sh", "-c", &line, &self.name]);
        wrapped
    }
}

/// The folder of a cluster; the server is stopped and the folder deleted when this is dropped.
struct Home {
    folder: PathBuf,
    bin: PathBuf,
    account: Option<Account>,
}

impl Home {
    fn make(bin: PathBuf, account: Option<Account>) -> Result<Self, Error> {
        // Root's own temporary folder may be closed to the user who runs the server.
        let parent = if account.is_some() { PathBuf::from("/tmp") } else { std::env::temp_dir() };
        let folder = parent.join(format!("lvcai-pg-{}", std::process::id()));
        DirBuilder::new().mode(0o700).create(&folder).map_err(Error::system(format!("make {}", folder.display())))?;
        let home = Self { folder, bin, account };
        if let Some(account) = &home.account {
            chown(&home.folder, Some(account.user), Some(account.group)).map_err(Error::system(format!(
                "give {} to {}",
                home.folder.display(),
                account.name
            )))?;
        }
        Ok(home)
    }

    fn start(&self, durable: bool) -> Result<u16, Error> {
        let data = self.data();
        self.run(
            "initdb",
            &["--auth=trust", "--no-locale", "--encoding=UTF8", "--no-sync", "-U", "postgres", "-D", &data],
        )?;
        let port = free_port()?;
        let settings = self.settings(port, durable);
        let configuration = Path::new(&data).join("postgresql.conf");
        OpenOptions::new()
            .append(true)
            .open(&configuration)
            .and_then(|mut it| it.write_all(settings.as_bytes()))
            .map_err(Error::system(format!("write {}", configuration.display())))?;
        let log = self.log();
        self.run("pg_ctl", &["start", "-w", "-t", "60", "-D", &data, "-l", &log]).map_err(|error| {
            let log = fs::read_to_string(&log).unwrap_or_default();
            Error::because(format!("{error}; its log ends with: {}", log.lines().last().unwrap_or("nothing")))
        })?;
        Ok(port)
    }

    fn settings(&self, port: u16, durable: bool) -> String {
        let waits = if durable { "on" } else { "off" };
        let sockets = self.folder.display();
        format!(
            "\nlisten_addresses = '127.0.0.1'\nport = {port}\nunix_socket_directories = '{sockets}'\n\
             fsync = {waits}\nsynchronous_commit = {waits}\nfull_page_writes = {waits}\n\
             max_connections = 300\nshared_buffers = 256MB\n"
        )
    }

    /// Stops the server whose number is in this folder, if there is one.
    fn stop(&self) {
        let data = self.data();
        if Path::new(&data).join("postmaster.pid").exists()
            && let Err(error) = self.run("pg_ctl", &["stop", "-w", "-t", "30", "-m", "immediate", "-D", &data])
        {
            eprintln!("{error}");
        }
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<String, Error> {
        let program = self.bin.join(program);
        let mut command = match &self.account {
            Some(account) => account.wrap(&program, arguments),
            None => {
                let mut plain = command(&program);
                plain.args(arguments);
                plain
            }
        };
        quietly(command.current_dir(&self.folder))
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    fn log(&self) -> String {
        self.folder.join("log").display().to_string()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        self.stop();
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("cannot delete {}: {error}", self.folder.display());
        }
    }
}

/// A port of the loopback interface that is free at this moment.
pub(crate) fn free_port() -> Result<u16, Error> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(Error::system("find a free port"))?;
    Ok(listener.local_addr().map_err(Error::system("find a free port"))?.port())
}
