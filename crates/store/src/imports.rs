//! Imports of lists that cities published: hearsay, marked as such.
//!
//! A file is one command: all of its good rows or none. What a certification
//! body has pushed itself is never overwritten; what the registry does not
//! know is reported, not invented. What an import recorded can be taken back.

mod outcome;
mod plan;
pub mod reference;
mod undo;

use crate::error::Result;
use crate::ledger::{Change, CommandContext, Decision, Registry, View};
use lvcai_domain::city_list::CityListRow;
use lvcai_domain::{Event, ImportedRows, ListImport, ListImportId, OrganisationId, RecordCounts};
use plan::ImportPlan;

pub use outcome::{Import, Outcome, RowOutcome};
pub use undo::{Undoing, UndoneRecord, undo, undone};

/// Where a list is from, and on whose behalf it is imported.
#[derive(Debug, Clone)]
pub struct ListSource {
    /// Names the import.
    pub id: ListImportId,
    /// The authority that vouches for it.
    pub authority: OrganisationId,
    /// The document that orders it (文号).
    pub authority_document: Option<String>,
    /// SHA-256 of the file, in hex.
    pub file_sha256: String,
    /// How many rows were refused before: they cannot be read.
    pub unreadable: usize,
}

/// Imports rows on behalf of an authority; a dry run decides alone. A bad row is an outcome, no error.
pub async fn import(registry: &Registry, rows: Vec<CityListRow>, source: ListSource, dry_run: bool) -> Result<Import> {
    let context = CommandContext { validate_only: dry_run, ..CommandContext::of(&source.authority.to_string()) };
    let decide = move |view: &mut View<'_>| {
        let mut plan = ImportPlan::default();
        let outcomes = rows.iter().map(|row| plan.take(view, row, source.authority)).collect::<Result<Vec<_>>>()?;
        let look_alikes = plan.look_alikes(view)?;
        let told = |row: RowOutcome| {
            let look_alikes = row.certificate.and_then(|id| look_alikes.get(&id)).cloned();
            RowOutcome { look_alikes, ..row }
        };
        let mut import = plan.import(outcomes.into_iter().map(told).collect());
        let mut changes = plan.changes(view)?;
        if !changes.is_empty() {
            let record = record(&import, &source, view);
            import.id = (!dry_run).then_some(record.id);
            // It stands first, so that the entries behind it are those of the import.
            changes.insert(0, Change::create(Event::ListImportRecorded, record));
        }
        let document = &source.authority_document;
        let changes = changes.into_iter().map(|it| it.ordered_by(document.clone())).collect();
        Ok(Decision::with_outcome(import, changes))
    };
    registry.carry_out(context, decide).await
}

fn record(import: &Import, source: &ListSource, view: &View<'_>) -> ListImport {
    let count = |many: usize| u32::try_from(many).unwrap_or(u32::MAX);
    let rows = |wanted: fn(&Outcome) -> bool| count(import.count(wanted));
    ListImport {
        id: source.id,
        authority: source.authority,
        authority_document: source.authority_document.clone(),
        file_sha256: source.file_sha256.clone(),
        imported_on: view.today(),
        rows: ImportedRows {
            imported: rows(|it| matches!(it, Outcome::Imported)),
            unchanged: rows(|it| matches!(it, Outcome::Unchanged)),
            kept: rows(|it| matches!(it, Outcome::KeptBodysRecord)),
            refused: rows(|it| matches!(it, Outcome::Refused(_))) + count(source.unreadable),
        },
        made: RecordCounts {
            organisations: count(import.enterprises),
            products: count(import.products),
            certificates: count(import.certificates),
            evidence: count(import.evidence),
        },
        undone: None,
    }
}
