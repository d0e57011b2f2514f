//! What became of the lines of a batch.

use crate::error::Result;
use crate::ledger::{Answer, Change, Decision};
use lvcai_domain::{Problem, ProblemKind};
use serde::{Deserialize, Serialize};

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineResult {
    /// A record that is new.
    Created,
    /// A new version of a record.
    Changed,
    /// It was so already.
    Unchanged,
    /// Nothing was changed, for the reasons given.
    Refused,
}

/// The outcome of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Its position in the input, from 1.
    pub line: u64,
    /// The number, where the line has one.
    pub number: Option<String>,
    /// What became of it.
    pub became: LineResult,
    /// The record. Answers that an earlier release kept under a key call it a certificate.
    #[serde(alias = "certificate")]
    pub subject: Option<String>,
    /// Its version.
    pub version: Option<i32>,
    /// The ledger entry.
    pub seq: Option<i64>,
    /// What happened.
    pub event: Option<String>,
    /// Why it was refused.
    pub problem: Option<Problem>,
}

/// What a line would change, with what follows from it.
pub struct Foreseen {
    /// Its position in the input.
    pub line: u64,
    /// Its own change first.
    pub changes: Vec<Change>,
}

/// What became of a chunk.
#[derive(Serialize, Deserialize)]
pub struct ChunkResult {
    /// The lines, in order.
    pub outcomes: Vec<Outcome>,
    /// The head after it.
    pub cut: i64,
    /// Whether this is what was answered before.
    #[serde(skip)]
    pub replayed: bool,
    /// Where it was only decided on: what each line would change, as if it alone were carried out.
    #[serde(skip)]
    pub foreseen: Vec<Foreseen>,
}

impl ChunkResult {
    /// As much of it as is kept: refusals can be larger than the lines that they refuse.
    pub(super) fn without_refusals(&self) -> Self {
        let outcomes = self.outcomes.iter().filter(|it| it.problem.is_none()).cloned().collect();
        Self { outcomes, cut: self.cut, replayed: self.replayed, foreseen: Vec::new() }
    }
}

impl Outcome {
    /// What becomes of a line that is decided: all but what writing it will tell.
    pub(super) fn of(line: u64, number: Option<String>, decided: &Result<Decision, Problem>) -> Self {
        let (subject, version, seq, event, problem) = (None, None, None, None, None);
        let bare = Self { line, number, became: LineResult::Refused, subject, version, seq, event, problem };
        match decided {
            Err(problem) => Self { problem: Some(problem.clone()), ..bare },
            Ok(Decision { outcome: Answer::Unchanged(subject, stored), .. }) => Self {
                became: LineResult::Unchanged,
                subject: Some(subject.clone()),
                version: Some(stored.version),
                seq: Some(stored.seq),
                ..bare
            },
            Ok(Decision { changes, outcome: Answer::Changed }) => {
                let first = changes.first();
                let is_new = first.is_some_and(|it| it.creates);
                Self {
                    became: if is_new { LineResult::Created } else { LineResult::Changed },
                    subject: first.map(|it| it.noun.subject()),
                    event: first.map(|it| it.event.name().to_owned()),
                    ..bare
                }
            }
        }
    }

    /// The line was refused when the batch was first carried out, and would not be today.
    pub(super) fn not_done(self) -> Self {
        if self.problem.is_some() {
            return self;
        }
        let problem = Problem::from(ProblemKind::Conflict).detail(
            "该行在首次提交时被拒收；以新的幂等键重新提交",
            "the line was refused when the batch was first sent: send it again under a new key",
        );
        let Self { line, number, .. } = self;
        let (subject, version, seq, event) = (None, None, None, None);
        Self { line, number, became: LineResult::Refused, subject, version, seq, event, problem: Some(problem) }
    }
}
