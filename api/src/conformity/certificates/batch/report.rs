//! What a batch is answered.

use crate::http::{FaultDocument, Language, Telling};
use lvcai_domain::impact::Impact;
use lvcai_domain::{ApprovalNumber, CertificateId, CertificateNumber, Event};
use lvcai_exchange::lines::{DroppedColumn, Note, Summary};
use lvcai_store::certificates::{LineResult, Outcome};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use utoipa::ToSchema;

/// What became of a line
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::conformity::certificates) struct LineOutcome {
    /// Its position in the input, from 1: the element of an array, the line of a file, the row of a sheet.
    line: u64,
    /// The number, where the line has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<CertificateNumber>,
    /// What became of it.
    #[schema(value_type = String, example = "created")]
    outcome: LineResult,
    /// The certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<CertificateId>)]
    certificate: Option<String>,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<i32>,
    /// The ledger entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<i64>,
    /// What happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "certificate.issued")]
    event: Option<String>,
    /// Why it was refused: the address of the problem's documentation.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://registry.example/problems/invalid")]
    problem: Option<String>,
    /// What was wrong with it, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The fields at fault; pointers are into the line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FaultDocument>,
    /// What was done to values of a table so that they could be read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<LineNote>,
    /// Of a new certificate: those whose numbers are easily taken for its own (a letter O for a zero, an l for a one).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    look_alikes: Vec<CertificateId>,
    /// For `validate_only`: what the line would touch by itself; absent where that is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    impact: Option<Impact>,
}

/// What was done to a value of a table so that it could be read
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::conformity::certificates) struct LineNote {
    /// The field, a pointer into the line; empty where the whole row is meant.
    pointer: String,
    /// What was done: `merged`, `line-break`, `in-attachment`, `several-reasons`, `hidden-row`, `hidden-column` or `struck-out`.
    note: String,
    /// The same in words, with the cell and what it shows.
    detail: String,
}

/// A row that was taken for no line
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::conformity::certificates) struct PassedRow {
    /// Its position in the input.
    line: u64,
    /// What it says.
    text: String,
}

/// A column that was not read
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::conformity::certificates) struct UnreadColumn {
    /// Its header.
    header: String,
    /// Why: `personal`, `transport-only`, `repeated` or `unknown`.
    reason: String,
    /// The same in words.
    detail: String,
}

/// What became of a batch
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::conformity::certificates) struct BatchReport {
    /// Whose certificates.
    certification_body: ApprovalNumber,
    /// How many lines there were.
    lines: usize,
    /// How many certificates are new.
    created: usize,
    /// How many have a new version.
    changed: usize,
    /// How many of these were suspended and are valid again: many at once may be an old export.
    restored: usize,
    /// How many lines came to each event.
    #[schema(example = json!({ "certificate.issued": 20, "certificate.restored": 5 }))]
    events: BTreeMap<String, usize>,
    /// How many were so already.
    unchanged: usize,
    /// How many lines were refused.
    refused: usize,
    /// The columns of a table that were not read.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unread_columns: Vec<UnreadColumn>,
    /// The rows of a table that are no lines: totals, notes and signatures below it, explanations of the template.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    passed_rows: Vec<PassedRow>,
    /// The lines, in order.
    outcomes: Vec<LineOutcome>,
}

/// What was read beside the lines themselves: the notes on them by their positions, the certificates that look like new
/// ones by the number of these, and what lines would touch by their positions.
pub(super) struct WasRead {
    pub(super) summary: Summary,
    pub(super) notes: HashMap<u64, Vec<Note>>,
    pub(super) alike: HashMap<String, Vec<CertificateId>>,
    pub(super) impacts: HashMap<u64, Impact>,
}

impl BatchReport {
    pub(super) fn new(body: ApprovalNumber, outcomes: Vec<Outcome>, read: WasRead, telling: &Telling) -> Self {
        let WasRead { summary, mut notes, mut alike, mut impacts } = read;
        let passed = summary.passed_rows.into_iter();
        let count = |became| outcomes.iter().filter(|it| it.became == became).count();
        let mut events: BTreeMap<String, usize> = BTreeMap::new();
        for event in outcomes.iter().filter_map(|it| it.event.as_ref()) {
            *events.entry(event.clone()).or_default() += 1;
        }
        Self {
            certification_body: body,
            lines: outcomes.len(),
            created: count(LineResult::Created),
            changed: count(LineResult::Changed),
            restored: events.get(Event::CertificateRestored.name()).copied().unwrap_or_default(),
            events,
            unchanged: count(LineResult::Unchanged),
            refused: count(LineResult::Refused),
            unread_columns: unread(&summary.dropped_columns, telling.language),
            passed_rows: passed.map(|it| PassedRow { line: it.number, text: it.text }).collect(),
            outcomes: outcomes
                .into_iter()
                .map(|it| {
                    let notes = notes.remove(&it.line).unwrap_or_default();
                    let new = it.number.as_ref().filter(|_| it.became == LineResult::Created);
                    let look_alikes = new.and_then(|it| alike.remove(&it.normalised())).unwrap_or_default();
                    let impact = impacts.remove(&it.line);
                    LineOutcome { look_alikes, impact, ..LineOutcome::new(it, notes, telling) }
                })
                .collect(),
        }
    }
}

pub(in crate::conformity::certificates) fn unread(columns: &[DroppedColumn], language: Language) -> Vec<UnreadColumn> {
    let unread = |it: &DroppedColumn| UnreadColumn {
        header: it.header.clone(),
        reason: it.reason.id().to_owned(),
        detail: language.of_two(it.reason.zh(), it.reason.en()).to_owned(),
    };
    columns.iter().map(unread).collect()
}

impl LineOutcome {
    fn new(outcome: Outcome, notes: Vec<Note>, telling: &Telling) -> Self {
        let language = telling.language;
        let Outcome { line, number, became, certificate, version, seq, event, problem } = outcome;
        let detail = problem.as_ref().and_then(|it| it.detail.as_ref()).map(|it| language.pick(it).to_owned());
        let errors =
            problem.iter().flat_map(|it| &it.faults).map(|fault| FaultDocument::new(fault, language)).collect();
        let problem = problem.map(|it| telling.address(it.kind));
        let note = |it: Note| LineNote {
            pointer: it.pointer,
            note: it.code.id().to_owned(),
            detail: language.pick(&it.detail).to_owned(),
        };
        let notes = notes.into_iter().map(note).collect();
        let (look_alikes, impact) = (Vec::new(), None);
        Self {
            line,
            number,
            outcome: became,
            certificate,
            version,
            seq,
            event,
            problem,
            detail,
            errors,
            notes,
            look_alikes,
            impact,
        }
    }
}
