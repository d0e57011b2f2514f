//! What a batch is answered.

use crate::batches::{Done, LineNote, LineTold, PassedRow, UnreadColumn};
use crate::conformity::certificates::record::Certificates;
use crate::http::FaultDocument;
use lvcai_domain::impact::Impact;
use lvcai_domain::{ApprovalNumber, CertificateId, CertificateNumber, Event};
use lvcai_store::batches::{LineResult, Outcome};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use utoipa::ToSchema;

/// What became of a line
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LineOutcome {
    /// Its position in the input, from 1: the element of an array, the line of a file, the row of a sheet.
    line: u64,
    /// The number, where the line has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<CertificateNumber>)]
    number: Option<String>,
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

/// What became of a batch
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BatchReport {
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

impl BatchReport {
    /// The report, with the certificates that look like new ones by the normalised number of these.
    pub(super) fn new(done: Done<Certificates>, mut alike: HashMap<String, Vec<CertificateId>>) -> Self {
        let Done { owner, outcomes, summary, mut notes, mut impacts, telling, sums } = done;
        let line = |it: Outcome| {
            let told = LineTold::of(&it, notes.remove(&it.line).unwrap_or_default(), &telling);
            let new = it.number.as_ref().filter(|_| it.became == LineResult::Created);
            let new = new.and_then(|it| it.parse::<CertificateNumber>().ok());
            let look_alikes = new.and_then(|it| alike.remove(&it.normalised())).unwrap_or_default();
            let impact = impacts.remove(&it.line);
            LineOutcome { look_alikes, impact, ..LineOutcome::new(it, told) }
        };
        Self {
            certification_body: owner,
            lines: outcomes.len(),
            created: sums.created,
            changed: sums.changed,
            restored: sums.events.get(Event::CertificateRestored.name()).copied().unwrap_or_default(),
            events: sums.events,
            unchanged: sums.unchanged,
            refused: sums.refused,
            unread_columns: UnreadColumn::all(&summary, telling.language),
            passed_rows: PassedRow::all(&summary),
            outcomes: outcomes.into_iter().map(line).collect(),
        }
    }
}

impl LineOutcome {
    fn new(outcome: Outcome, told: LineTold) -> Self {
        let Outcome { line, number, became: outcome, subject: certificate, version, seq, event, .. } = outcome;
        let LineTold { problem, detail, errors, notes } = told;
        let (look_alikes, impact) = (Vec::new(), None);
        Self {
            line,
            number,
            outcome,
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
