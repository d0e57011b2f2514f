//! Which tests take longest, from the report that the runner writes.

use crate::process::target;
use std::fs;
use std::path::PathBuf;

/// How many of a run are shown.
const SHOWN: usize = 10;

/// Where the runner writes what it measured of a profile; `.config/nextest.toml` names the file.
fn path(profile: &str) -> PathBuf {
    target().join("nextest").join(profile).join("junit.xml")
}

/// Forgets what an earlier run wrote.
pub(crate) fn forget(profile: &str) {
    // There is no file before the first run.
    let _ = fs::remove_file(path(profile));
}

/// The slowest tests of the run that has just ended, a line each; none where the runner wrote nothing.
pub(crate) fn slowest(profile: &str) -> Vec<String> {
    let report = fs::read_to_string(path(profile)).unwrap_or_default();
    longest(&report).into_iter().map(|(seconds, name)| format!("{seconds:>7.1} s  {name}")).collect()
}

fn longest(report: &str) -> Vec<(f64, String)> {
    let mut tests: Vec<(f64, String)> = report.split("<testcase ").skip(1).filter_map(test).collect();
    tests.sort_by(|left, right| right.0.total_cmp(&left.0));
    tests.truncate(SHOWN);
    tests
}

fn test(element: &str) -> Option<(f64, String)> {
    let head = element.split('>').next()?;
    let attribute = |name: &str| {
        let (_, rest) = head.split_once(&format!("{name}=\""))?;
        rest.split('"').next()
    };
    Some((attribute(" time")?.parse().ok()?, attribute("name")?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::longest;

    #[test]
    fn the_slowest_tests_come_first() {
        let report = r#"<testsuites time="9.0"><testsuite name="api" time="9.0">
            <testcase name="a::quick" classname="api" timestamp="2026-11-26T08:00:00Z" time="0.25"></testcase>
            <testcase name="a::slow" classname="api" timestamp="2026-11-26T08:00:00Z" time="8.75"><system-out>x</system-out></testcase>
            </testsuite></testsuites>"#;

        assert_eq!(longest(report), [(8.75, "a::slow".to_owned()), (0.25, "a::quick".to_owned())]);
    }

    #[test]
    fn what_is_no_report_has_no_tests() {
        assert_eq!(longest(""), []);
    }
}
