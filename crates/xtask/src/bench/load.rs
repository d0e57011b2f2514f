//! The load, made by wrk on the same machine, and what it came to.

use crate::error::Error;
use crate::process::{command, find, output};
use crate::server::install_package;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What one thread of wrk asks, and how.
#[derive(Clone, Copy)]
pub(crate) enum Script {
    /// GET the paths of a file, in random order.
    Paths,
    /// POST one body.
    Post,
    /// PUT certificates, each with its own number.
    Push,
}

impl Script {
    fn text(self) -> String {
        let own = match self {
            Self::Paths => include_str!("paths.lua"),
            Self::Post => include_str!("post.lua"),
            Self::Push => include_str!("push.lua"),
        };
        [own, include_str!("done.lua")].concat()
    }
}

/// One row of the table.
pub(crate) struct Measured {
    /// What was asked for.
    pub(crate) name: String,
    clients: usize,
    /// Answers in a second, of any kind.
    pub(crate) per_second: f64,
    p50: f64,
    p99: f64,
    errors: u64,
}

/// Makes load and measures it.
pub(crate) struct Load {
    folder: PathBuf,
    seconds: u32,
    threads: usize,
}

impl Load {
    /// Finds wrk, or installs it where that can be done.
    pub(crate) fn prepare(folder: &Path, seconds: u32) -> Result<Self, Error> {
        if find("wrk").is_none() {
            install_package("wrk")?;
        }
        // Half of the machine makes the load, the other half answers it.
        let threads = std::thread::available_parallelism().map_or(1, |it| it.get().div_ceil(2));
        Ok(Self { folder: folder.to_path_buf(), seconds, threads })
    }

    /// Runs a script against a port of the loopback interface.
    pub(crate) fn measure(
        &self,
        name: &str,
        (port, clients): (u16, usize),
        (script, arguments): (Script, &[&str]),
    ) -> Result<Measured, Error> {
        println!("measuring: {name}");
        let file = self.folder.join("script.lua");
        fs::write(&file, script.text()).map_err(Error::system(format!("write {}", file.display())))?;
        let run = |seconds: u32| {
            let mut wrk = command("wrk");
            wrk.args([format!("-t{}", self.threads), format!("-c{clients}"), format!("-d{seconds}s")]);
            wrk.args(["--timeout", "30s", "-s"]).arg(&file).arg(format!("http://127.0.0.1:{port}/"));
            output(wrk.arg("--").args(arguments))
        };
        if !matches!(script, Script::Push) {
            run(1)?;
        }
        let said = run(self.seconds)?;
        parse((name, clients), &said).ok_or_else(|| Error::because(format!("wrk gave no result for {name}: {said}")))
    }
}

fn parse((name, clients): (&str, usize), said: &str) -> Option<Measured> {
    let line = said.lines().find_map(|it| it.strip_prefix("result "))?;
    let numbers: Vec<f64> = line.split(' ').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [requests, duration, p50, p99, _] = *numbers.as_slice() else { return None };
    let errors = line.split(' ').next_back()?.parse().ok()?;
    let per_second = requests / (duration / 1e6);
    Some(Measured { name: name.to_owned(), clients, per_second, p50: p50 / 1e3, p99: p99 / 1e3, errors })
}

/// Prints the table; ratios are to the first row.
pub(crate) fn table(rows: &[Measured]) {
    let floor = rows.first().map_or(1.0, |it| it.per_second);
    println!(
        "{:<36} {:>8} {:>11} {:>9} {:>8} {:>8} {:>7}",
        "", "clients", "requests/s", "of hello", "p50 ms", "p99 ms", "errors"
    );
    for Measured { name, clients, per_second, p50, p99, errors } in rows {
        let ratio = per_second / floor;
        println!("{name:<36} {clients:>8} {per_second:>11.1} {ratio:>9.4} {p50:>8.2} {p99:>8.2} {errors:>7}");
    }
}

/// How many of something a second.
pub(super) fn per_second(count: usize, duration: Duration) -> f64 {
    u32::try_from(count).map_or(0.0, f64::from) / duration.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn the_line_of_the_script_is_read_among_wrks_own() {
        let said = "Running 10s test\nresult 20000 10000000 1500 9000 3\n";

        let measured = parse(("any", 64), said).unwrap();

        assert!((measured.per_second - 2_000.0).abs() < 1e-6);
        assert!((measured.p50 - 1.5).abs() < 1e-6);
        assert!((measured.p99 - 9.0).abs() < 1e-6);
        assert_eq!(measured.errors, 3);
    }

    #[test]
    fn silence_is_no_result() {
        assert!(parse(("any", 64), "Running 10s test\n").is_none());
    }
}
