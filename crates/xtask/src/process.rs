//! Other programs: finding them, running them, reading what they print.

use crate::error::Error;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Where cargo builds.
pub(crate) fn target() -> PathBuf {
    variable("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |it| root().join(it))
}

/// A program, to be started at the root of the repository.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// cargo, as the person would have called it.
pub(crate) fn cargo() -> Command {
    let mut command = command("cargo");
    for (name, _) in std::env::vars_os() {
        // Set by `cargo run` for us; build scripts that watch them would run again on every change of entrance.
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// A variable of the environment that is set and is text.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).and_then(|it| it.into_string().ok()).filter(|it| !it.is_empty())
}

/// The path of a program that `PATH` leads to.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|it| it.join(program)).find(|it| it.is_file())
}

/// The registry's program, built beside the tests as they build it: by itself it has fewer features of the same crates,
/// and everything would be compiled twice.
pub(crate) fn lvcai() -> Result<PathBuf, Error> {
    run(cargo().args(["build", "-q", "--package", "lvcai-tests", "--package", "lvcai-api", "--bin", "lvcai"]))?;
    Ok(target().join("debug/lvcai"))
}

/// Runs a program whose output goes to the terminal.
pub(crate) fn run(command: &mut Command) -> Result<(), Error> {
    let line = line(command);
    println!("$ {line}");
    let status = command.status().map_err(Error::system(format!("start `{line}`")))?;
    if status.success() { Ok(()) } else { Err(Error::Failed { line, status }) }
}

/// Runs a program and returns what it printed; its complaints go to the terminal.
pub(crate) fn output(command: &mut Command) -> Result<String, Error> {
    let line = line(command);
    let output = command.stderr(Stdio::inherit()).output().map_err(Error::system(format!("start `{line}`")))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(Error::Failed { line, status: output.status })
    }
}

/// Whether a program can be started and succeeds; what it prints is dropped.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|it| it.success())
}

/// Runs a program in silence; its last line is the error when it fails.
pub(crate) fn quietly(command: &mut Command) -> Result<String, Error> {
    let line = line(command);
    let output = command.stdin(Stdio::null()).output().map_err(Error::system(format!("start `{line}`")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    let last = complaint.lines().rfind(|it| !it.trim().is_empty()).unwrap_or("it said nothing");
    Err(Error::because(format!("`{line}` failed: {last}")))
}

fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args()).map(OsStr::to_string_lossy);
    words.collect::<Vec<_>>().join(" ")
}
