//! The page of the operations in a browser: `tests/browser`, where node and a chromium can be had.

use crate::error::Error;
use crate::process::{command, find, lvcai, root, run, succeeds};
use crate::report::Outcome;

/// Where the test and what it needs from npm are.
const FOLDER: &str = "tests/browser";

/// What chromium is called on the systems we know.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// Runs the test, and says so where it cannot be run.
pub(crate) fn foreground() -> Result<(), Error> {
    if let Outcome::Skipped(why) = test()? {
        println!("skipped: {why}");
    }
    Ok(())
}

/// Runs the test, where it can be run.
pub(crate) fn test() -> Result<Outcome, Error> {
    let Some(browser) = BROWSERS.into_iter().find_map(find) else {
        return Ok(Outcome::Skipped("chromium is not installed".to_owned()));
    };
    if find("node").is_none() || find("npm").is_none() {
        return Ok(Outcome::Skipped("node and npm are not installed".to_owned()));
    }
    let folder = root().join(FOLDER);
    let install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    if !succeeds(command("npm").args(install).current_dir(&folder)) {
        return Ok(Outcome::Skipped(format!("npm cannot fetch what {FOLDER} needs")));
    }
    run(command("node").arg("docs.mjs").arg(lvcai()?).arg(browser).current_dir(&folder))?;
    Ok(Outcome::Passed)
}
