//! What is told of the lines of a batch, whatever noun they are of.

use crate::http::{FaultDocument, Language, Telling};
use lvcai_exchange::lines::{DroppedColumn, Note, Summary};
use lvcai_store::batches::{LineResult, Outcome};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What was done to a value of a table so that it could be read
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LineNote {
    /// The field, a pointer into the line; empty where the whole row is meant.
    pointer: String,
    /// What was done: `merged`, `line-break`, `in-attachment`, `several-reasons`, `hidden-row`, `hidden-column` or `struck-out`.
    note: String,
    /// The same in words, with the cell and what it shows.
    detail: String,
}

/// A row that was taken for no line
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PassedRow {
    /// Its position in the input.
    line: u64,
    /// What it says.
    text: String,
}

/// A column that was not read
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UnreadColumn {
    /// Its header.
    header: String,
    /// Why: `personal`, `transport-only`, `repeated` or `unknown`.
    reason: String,
    /// The same in words.
    detail: String,
}

impl UnreadColumn {
    pub(crate) fn all(summary: &Summary, language: Language) -> Vec<Self> {
        let unread = |it: &DroppedColumn| Self {
            header: it.header.clone(),
            reason: it.reason.id().to_owned(),
            detail: language.of_two(it.reason.zh(), it.reason.en()).to_owned(),
        };
        summary.dropped_columns.iter().map(unread).collect()
    }
}

impl PassedRow {
    pub(crate) fn all(summary: &Summary) -> Vec<Self> {
        summary.passed_rows.iter().map(|it| Self { line: it.number, text: it.text.clone() }).collect()
    }
}

/// Why a line was refused, and what was done to it, in the words of the answer.
pub(crate) struct LineTold {
    /// The address of the problem's documentation.
    pub(crate) problem: Option<String>,
    pub(crate) detail: Option<String>,
    pub(crate) errors: Vec<FaultDocument>,
    pub(crate) notes: Vec<LineNote>,
}

impl LineTold {
    pub(crate) fn of(outcome: &Outcome, notes: Vec<Note>, telling: &Telling) -> Self {
        let (language, problem) = (telling.language, outcome.problem.as_ref());
        let note = |it: Note| LineNote {
            pointer: it.pointer,
            note: it.code.id().to_owned(),
            detail: language.pick(&it.detail).to_owned(),
        };
        Self {
            problem: problem.map(|it| telling.address(it.kind)),
            detail: problem.and_then(|it| it.detail.as_ref()).map(|it| language.pick(it).to_owned()),
            errors: problem.map(|it| FaultDocument::all(it, language)).unwrap_or_default(),
            notes: notes.into_iter().map(note).collect(),
        }
    }
}

/// How many lines came to what.
pub(crate) struct Sums {
    pub(crate) created: usize,
    pub(crate) changed: usize,
    pub(crate) unchanged: usize,
    pub(crate) refused: usize,
    pub(crate) events: BTreeMap<String, usize>,
}

impl Sums {
    pub(super) fn of(outcomes: &[Outcome]) -> Self {
        let count = |became| outcomes.iter().filter(|it| it.became == became).count();
        let mut events: BTreeMap<String, usize> = BTreeMap::new();
        for event in outcomes.iter().filter_map(|it| it.event.as_ref()) {
            *events.entry(event.clone()).or_default() += 1;
        }
        Self {
            created: count(LineResult::Created),
            changed: count(LineResult::Changed),
            unchanged: count(LineResult::Unchanged),
            refused: count(LineResult::Refused),
            events,
        }
    }
}
