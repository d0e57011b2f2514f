//! Steps that run one after the other, and the table at their end.

use crate::error::Error;
use std::time::{Duration, Instant};

/// How a step went when it did not fail.
pub(crate) enum Outcome {
    /// It was done and found nothing wrong.
    Passed,
    /// It was not done, and why.
    Skipped(String),
}

/// What ran, how it went and how long it took.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<(String, Result<Outcome, Error>, Duration)>,
    remarks: Vec<(String, Vec<String>)>,
}

impl Report {
    /// Runs a step; one that fails does not keep the next from running.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce() -> Result<Outcome, Error>) {
        println!("\n== {name}");
        let began = Instant::now();
        let result = work();
        match &result {
            Err(error) => eprintln!("{name}: {error}"),
            Ok(Outcome::Skipped(reason)) => println!("skipped: {reason}"),
            Ok(Outcome::Passed) => {}
        }
        self.rows.push((name.to_owned(), result, began.elapsed()));
    }

    /// Adds lines that are printed before the table.
    pub(crate) fn remark(&mut self, title: &str, lines: Vec<String>) {
        if !lines.is_empty() {
            self.remarks.push((title.to_owned(), lines));
        }
    }

    /// Prints the remarks and the table.
    pub(crate) fn close(self) -> Result<(), Error> {
        for (title, lines) in &self.remarks {
            println!("\n{title}\n{}", lines.join("\n"));
        }
        println!();
        for (name, result, duration) in &self.rows {
            let (word, remark) = match result {
                Ok(Outcome::Passed) => ("passed", String::new()),
                Ok(Outcome::Skipped(reason)) => ("skipped", reason.clone()),
                Err(error) => ("FAILED", error.to_string()),
            };
            println!("{}", format!("{word:<8} {:>7.1} s  {name:<24} {remark}", duration.as_secs_f64()).trim_end());
        }
        match self.rows.iter().filter(|(_, result, _)| result.is_err()).count() {
            0 => Ok(()),
            failed => Err(Error::because(format!("{failed} of {} steps failed", self.rows.len()))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Report};
    use crate::error::Error;

    #[test]
    fn a_failed_step_lets_the_others_run_and_fails_the_whole() {
        let mut report = Report::default();
        let mut ran = false;

        report.step("first", || Err(Error::because("no")));
        report.step("second", || {
            ran = true;
            Ok(Outcome::Passed)
        });

        assert!(ran);
        assert!(report.close().is_err());
    }

    #[test]
    fn a_skipped_step_fails_nothing() {
        let mut report = Report::default();

        report.step("only", || Ok(Outcome::Skipped("nothing to do".to_owned())));

        assert!(report.close().is_ok());
    }
}
