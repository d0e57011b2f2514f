//! The registry that is measured: the released binary, its data and its server, and the floor beside it.

use super::http;
use crate::cluster::free_port;
use crate::error::Error;
use crate::process::{cargo, command, output, quietly, run};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A certification body of the reference data, whose client pushes.
pub(crate) const BODY: &str = "CNCA-R-2002-001";
/// The authority that vouches for what is imported.
const AUTHORITY: &str = "测试局";
/// How long a server may take to answer for the first time.
const START: Duration = Duration::from_secs(60);

/// The programs that are measured.
pub(crate) struct Programs {
    lvcai: PathBuf,
    bench: PathBuf,
}

impl Programs {
    /// Builds both as they are released.
    pub(crate) fn build() -> Result<Self, Error> {
        let packages = ["build", "--release", "-p", "lvcai-api", "-p", "lvcai-xtask"];
        run(cargo().args(packages).args([
            "--features",
            "lvcai-xtask/bench",
            "--bin",
            "lvcai",
            "--bin",
            "lvcai-bench",
        ]))?;
        let this = std::env::current_exe().map_err(Error::system("find xtask itself"))?;
        // This program is in target/debug, whatever `target` is called.
        let target = this.ancestors().nth(2).map(Path::to_path_buf);
        let folder = target.ok_or_else(|| Error::because("xtask is in no target folder"))?.join("release");
        Ok(Self { lvcai: folder.join("lvcai"), bench: folder.join("lvcai-bench") })
    }

    /// Starts a server that answers with so many bytes.
    pub(crate) fn hello(&self, size: usize) -> Result<Server, Error> {
        let port = free_port()?;
        Server::start(command(&self.bench).args(["hello", &port.to_string(), &size.to_string()]), port, "/")
    }
}

/// A registry in a folder of its own.
pub(crate) struct Registry<'programs> {
    programs: &'programs Programs,
    folder: PathBuf,
    database: String,
    port: u16,
    admin: u16,
}

impl<'programs> Registry<'programs> {
    /// Makes its keys.
    pub(crate) fn make(programs: &'programs Programs, folder: &Path, database: String) -> Result<Self, Error> {
        let folder = folder.to_path_buf();
        let registry = Self { programs, folder, database, port: free_port()?, admin: free_port()? };
        quietly(registry.lvcai().arg("keys"))?;
        Ok(registry)
    }

    /// Imports the files on behalf of an authority made for it; returns how long that took.
    pub(crate) fn fill(&self, files: &[PathBuf]) -> Result<Duration, Error> {
        // `lvcai client add` registers the organisation with its client.
        self.client(&["--organisation-name", AUTHORITY, "--role", "authority", "--scopes", "products:admit"])?;
        let began = Instant::now();
        for file in files {
            println!("importing {}", file.display());
            let said = quietly(self.lvcai().arg("import").arg(file).args(["--authority", AUTHORITY]))?;
            let last = said.lines().last().unwrap_or_default();
            if !last.ends_with(" 0 refused") {
                return Err(Error::because(format!("{} was not imported whole: {last}", file.display())));
            }
        }
        Ok(began.elapsed())
    }

    /// Serves until the answer is dropped.
    pub(crate) fn serve(&self) -> Result<Server, Error> {
        Server::start(self.lvcai().arg("serve"), self.port, "/v1/products?limit=1")
    }

    /// A token with which a client of [`BODY`] pushes.
    pub(crate) fn token(&self, port: u16) -> Result<String, Error> {
        let approval = ["--scope", "star_certification", "--from", "2020-01-01", "--until", "2040-12-31"];
        quietly(self.lvcai().args(["accredit", BODY, "--source", "bench"]).args(approval))?;
        let client = self.client(&["--organisation", BODY, "--scopes", "certificates:push"])?;
        let issuer = format!("http://127.0.0.1:{port}");
        let key = self.folder.join("clients").join(format!("{client}.pem"));
        let assertion = output(command(&self.programs.bench).args(["assertion", &client, &issuer]).arg(key))?;
        let kind = http::encoded("urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        let form =
            format!("grant_type=client_credentials&client_assertion_type={kind}&client_assertion={}", assertion.trim());
        let form_type = "content-type: application/x-www-form-urlencoded";
        let answer = http::send(port, ("POST", "/oauth/token"), form_type, &form)?;
        let token = http::member(&answer, "access_token").map(str::to_owned);
        token.ok_or_else(|| Error::because("the registry answered without a token"))
    }

    /// Copies what a batch wrote into tables like the registry's own; returns how many certificates, and how long the
    /// database took to write them.
    pub(crate) fn bulk(&self, prefix: &str) -> Result<(usize, Duration), Error> {
        let scratch = if self.database.starts_with("sqlite:") {
            format!("sqlite:{}", self.folder.join("scratch.db").display())
        } else {
            let sign = if self.database.contains('?') { '&' } else { '?' };
            format!("{}{sign}options=-csearch_path%3Dscratch", self.database)
        };
        let said = output(command(&self.programs.bench).args(["bulk", &self.database, &scratch, prefix]))?;
        let figures = said.trim().split_once(' ').and_then(|(count, took)| {
            Some((count.parse().ok()?, Duration::try_from_secs_f64(took.parse().ok()?).ok()?))
        });
        figures.ok_or_else(|| Error::because(format!("the bulk load said {said}")))
    }

    /// Registers a client and returns its id.
    fn client(&self, arguments: &[&str]) -> Result<String, Error> {
        let keys = self.folder.join("clients");
        let mut add = self.lvcai();
        let said = output(add.args(["client", "add", "--holder", "bench", "--generate"]).arg(keys).args(arguments))?;
        Ok(said.trim().to_owned())
    }

    fn lvcai(&self) -> Command {
        let mut lvcai = command(&self.programs.lvcai);
        lvcai.env("LVCAI_DATABASE_URL", &self.database).env("LVCAI_KEYS", self.folder.join("keys"));
        lvcai.env("LVCAI_ADDRESS", format!("127.0.0.1:{}", self.port)).env("LVCAI_LOG", "warn");
        lvcai.env("LVCAI_ADMIN_ADDRESS", format!("127.0.0.1:{}", self.admin));
        lvcai
    }
}

/// A process that listens; it is ended when this is dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it listens, on the loopback interface.
    pub(crate) port: u16,
}

impl Server {
    fn start(command: &mut Command, port: u16, path: &str) -> Result<Self, Error> {
        let child =
            command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().map_err(Error::system("start a server"))?;
        let mut server = Self { child, port };
        let began = Instant::now();
        while let Err(error) = http::get(port, path) {
            if server.child.try_wait().is_ok_and(|it| it.is_some()) || began.elapsed() > START {
                return Err(Error::because(format!("a server did not start: {error}")));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(server)
    }
}

impl Server {
    /// The most memory that it has held at once, in MiB.
    pub(crate) fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        line.unwrap_or(0_u64) / 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.child.kill().and_then(|()| self.child.wait()) {
            eprintln!("a server was not seen to end: {error}");
        }
    }
}
