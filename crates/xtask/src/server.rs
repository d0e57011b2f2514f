//! The PostgreSQL server's programs: where they are, or how they come here.
//!
//! A server that already runs on the machine is never used: only the programs are.

use crate::error::Error;
use crate::process::{command, find, quietly, run, succeeds};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where distributions put versions side by side.
const VERSIONED: [&str; 4] =
    ["/usr/lib/postgresql", "/usr/local/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"];
/// Where there is one version at most.
const PLAIN: [&str; 4] = ["/opt/homebrew/bin", "/usr/local/pgsql/bin", "/usr/local/bin", "/usr/bin"];
/// Keeps Debian's package from making and starting a cluster of its own.
const CREATE_CLUSTER: &str = "/etc/postgresql-common/createcluster.conf";

/// The folder that holds `initdb` and `pg_ctl`; installs them where that can be done.
pub(crate) fn programs() -> Result<PathBuf, Error> {
    if let Some(bin) = present() {
        return Ok(bin);
    }
    install()?;
    present().ok_or_else(|| Error::because("`initdb` and `pg_ctl` were installed but are nowhere to be found"))
}

fn present() -> Option<PathBuf> {
    // The programs look for each other beside themselves, so a link in PATH is followed to where they are.
    let linked = find("initdb").and_then(|it| it.canonicalize().ok()).and_then(|it| it.parent().map(Path::to_path_buf));
    let versioned = VERSIONED.iter().filter_map(|it| newest(Path::new(it)));
    linked.into_iter().chain(versioned).chain(PLAIN.map(PathBuf::from)).find(|it| complete(it))
}

fn complete(bin: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres"].iter().all(|it| bin.join(it).is_file())
}

/// The programs of the newest version below a folder: `15/bin`, `postgresql@17/bin`.
fn newest(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    let versions = entries.filter_map(|it| Some((version(it.file_name().to_str()?)?, it.path().join("bin"))));
    versions.filter(|(_, bin)| complete(bin)).max_by_key(|(version, _)| *version).map(|(_, bin)| bin)
}

fn version(name: &str) -> Option<u32> {
    name.strip_prefix("postgresql@").unwrap_or(name).parse().ok()
}

fn install() -> Result<(), Error> {
    let wanted = "PostgreSQL's server programs (`initdb`, `pg_ctl`) are not installed";
    if find("apt-get").is_none() {
        return Err(Error::because(format!("{wanted}: install the package `postgresql` or `postgresql-server`")));
    }
    let Some(privilege) = privilege() else {
        return Err(Error::because(format!("{wanted}: run `apt-get install postgresql` as root")));
    };
    println!("{wanted}: installing them");
    if !Path::new(CREATE_CLUSTER).exists() {
        let folder = Path::new(CREATE_CLUSTER).parent().unwrap_or(Path::new("/"));
        run(privilege.command("mkdir").arg("-p").arg(folder))?;
        let script = format!("echo create_main_cluster=false > {CREATE_CLUSTER}");
        run(privilege.command("sh").args(["-c", &script]))?;
    }
    privilege.install("postgresql")
}

/// Installs one of the distribution's packages.
pub(crate) fn install_package(package: &str) -> Result<(), Error> {
    match privilege().filter(|_| find("apt-get").is_some()) {
        Some(privilege) => privilege.install(package),
        None => Err(Error::because(format!("`{package}` is missing: install the package `{package}`"))),
    }
}

/// How a command is run as root.
#[derive(Clone, Copy)]
enum Privilege {
    Root,
    Sudo,
}

impl Privilege {
    fn command(self, program: &str) -> Command {
        match self {
            Self::Root => command(program),
            Self::Sudo => {
                let mut command = command("sudo");
                command.args(["-n", program]);
                command
            }
        }
    }

    fn install(self, package: &str) -> Result<(), Error> {
        let apt = || {
            let mut apt = self.command("env");
            apt.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"]);
            apt
        };
        run(apt().arg("update"))?;
        run(apt().args(["install", "-y", "--no-install-recommends", package]))
    }
}

fn privilege() -> Option<Privilege> {
    if is_root() {
        return Some(Privilege::Root);
    }
    succeeds(command("sudo").args(["-n", "true"])).then_some(Privilege::Sudo)
}

/// Whether this is root, which PostgreSQL's server refuses to be.
pub(crate) fn is_root() -> bool {
    identity(&["-u"]).is_some_and(|it| it == "0")
}

/// What `id` says.
pub(crate) fn identity(arguments: &[&str]) -> Option<String> {
    quietly(command("id").args(arguments)).ok()
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_are_read_from_the_names_of_their_folders() {
        assert_eq!(version("15"), Some(15));
        assert_eq!(version("postgresql@17"), Some(17));
        assert_eq!(version("postgresql"), None);
    }
}
