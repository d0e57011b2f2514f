//! What the generators and the scenarios need from elsewhere: packages of npm and of pip, in `target/sdk`, and compilers.

use crate::error::Error;
use crate::openapi::{FILE, older};
use crate::process::{command, find, root, succeeds, target};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The scenarios, and the versions of all packages.
pub(crate) const SOURCES: &str = "tests/sdk";
/// The document for generators that read no newer one.
const OLDER: &str = "openapi-3.0.json";
/// Where the packages are, below the folder of the kit.
const PROGRAMS: [&str; 2] = ["node_modules/.bin", "venv/bin"];

/// Something that a client is made or tried with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// The packages of `package.json`.
    Npm,
    /// The packages of `requirements.txt`.
    Pip,
    /// A JDK, by which openapi-generator runs too.
    Java,
    /// What the client of Java imports, but for what is inside openapi-generator.
    JavaLibraries,
    /// Go.
    Go,
}

/// The libraries of Java, as Debian's packages `libgeronimo-annotation-1.3-spec-java` and `libhttpmime-java` have them.
const JAVA_LIBRARIES: [&str; 2] = ["/usr/share/java/geronimo-annotation-1.3-spec.jar", "/usr/share/java/httpmime.jar"];

/// What is here of it.
pub(crate) struct Kit {
    folder: PathBuf,
    lacking: Vec<(Need, String)>,
}

impl Kit {
    /// Fetches what can be fetched.
    pub(crate) fn prepare() -> Result<Self, Error> {
        let folder = target().join("sdk");
        let npm = installed(&folder, "package-lock.json", npm);
        let pip = installed(&folder, "requirements.txt", pip);
        let here = |here: bool, what: &str| if here { Ok(()) } else { Err(format!("{what} not installed")) };
        let java = here(find("javac").is_some(), "a JDK is");
        let libraries = JAVA_LIBRARIES.iter().all(|it| Path::new(it).is_file());
        let libraries = here(libraries, "libgeronimo-annotation-1.3-spec-java and libhttpmime-java are");
        let go = here(find("go").is_some(), "go is");
        let lacking =
            [(Need::Npm, npm), (Need::Pip, pip), (Need::Java, java), (Need::JavaLibraries, libraries), (Need::Go, go)];
        let lacking = lacking.into_iter().filter_map(|(need, why)| Some((need, why.err()?))).collect();
        copy(&root().join(SOURCES), &folder)?;
        fs::copy(root().join(FILE), folder.join(FILE)).map_err(Error::system(format!("copy {FILE}")))?;
        fs::write(folder.join(OLDER), older()?).map_err(Error::system(format!("write {OLDER}")))?;
        Ok(Self { folder, lacking })
    }

    /// Where everything is made.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Why something that is needed is not here.
    pub(crate) fn lacks(&self, needs: &[Need]) -> Option<String> {
        self.lacking.iter().find(|(need, _)| needs.contains(need)).map(|(_, why)| why.clone())
    }

    /// A command in a folder that sees the programs of the packages before all others.
    pub(crate) fn command(&self, line: &str, folder: &Path) -> Command {
        let mut words = line.split_whitespace();
        let program = words.next().unwrap_or_default();
        let ours = PROGRAMS.map(|it| self.folder.join(it));
        let own = ours.iter().map(|it| it.join(program)).find(|it| it.is_file());
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(ours.into_iter().chain(std::env::split_paths(&path))).unwrap_or(path);
        let mut command = command(own.unwrap_or_else(|| program.into()));
        command.args(words).current_dir(folder).env("PATH", path);
        command
    }
}

/// Installs packages anew where the file that pins them is another than the last time.
fn installed(folder: &Path, pins: &str, install: impl FnOnce(&Path) -> Result<(), String>) -> Result<(), String> {
    let stamp = folder.join(format!("{pins}.installed"));
    let wanted = fs::read(root().join(SOURCES).join(pins)).map_err(|it| format!("{SOURCES}/{pins}: {it}"))?;
    if fs::read(&stamp).is_ok_and(|it| it == wanted) {
        return Ok(());
    }
    copy(&root().join(SOURCES), folder).map_err(|it| it.to_string())?;
    install(folder)?;
    fs::write(&stamp, wanted).map_err(|it| format!("{}: {it}", stamp.display()))
}

fn npm(folder: &Path) -> Result<(), String> {
    if find("node").is_none() || find("npm").is_none() {
        return Err("node and npm are not installed".to_owned());
    }
    println!("npm fetches what {SOURCES} needs");
    let install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    let done = succeeds(command("npm").args(install).current_dir(folder));
    if done { Ok(()) } else { Err(format!("npm cannot fetch what {SOURCES} needs")) }
}

fn pip(folder: &Path) -> Result<(), String> {
    if !succeeds(command("python3").args(["-m", "venv", "--clear", "venv"]).current_dir(folder)) {
        return Err("python3 with venv is not installed".to_owned());
    }
    println!("pip fetches what {SOURCES} needs");
    let install = ["install", "--quiet", "--disable-pip-version-check", "--requirement", "requirements.txt"];
    let done = succeeds(command(folder.join("venv/bin/pip")).args(install).current_dir(folder));
    if done { Ok(()) } else { Err(format!("pip cannot fetch what {SOURCES} needs")) }
}

/// Copies the files of a folder.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    let doing = || format!("copy {}", from.display());
    fs::create_dir_all(to).map_err(Error::system(doing()))?;
    for entry in fs::read_dir(from).map_err(Error::system(doing()))? {
        let file = entry.map_err(Error::system(doing()))?.path();
        if let Some(name) = file.file_name().filter(|_| file.is_file()) {
            fs::copy(&file, to.join(name)).map_err(Error::system(doing()))?;
        }
    }
    Ok(())
}
