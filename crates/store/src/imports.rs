//! Imports of lists that cities published: hearsay, marked as such.
//!
//! A file is one command: all of its good rows or none. What a certification
//! body has pushed itself is never overwritten; what the registry does not
//! know is reported, not invented.

pub mod reference;

mod plan;

use crate::error::Result;
use crate::ledger::{CommandContext, Decision, Registry, View};
use lvcai_domain::city_list::CityListRow;
use lvcai_domain::{CertificateId, Fault, OrganisationId, ProductId};
use plan::ImportPlan;

/// What became of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Something of it is new.
    Imported,
    /// All of it was known.
    Unchanged,
    /// The certification body's own record stands; the row's was not taken.
    KeptBodysRecord,
    /// It was not taken, for these reasons.
    Refused(Vec<Fault>),
}

/// A row with what became of it.
#[derive(Debug, Clone)]
pub struct RowOutcome {
    /// Its number, as the caller counts.
    pub row: u32,
    /// What became of it.
    pub outcome: Outcome,
    /// What was supposed so that it could be taken.
    pub notes: Vec<Fault>,
    /// In what it contradicts the certification body's own record, where that was kept.
    pub contradicts: Vec<Fault>,
    /// The product it is about, where it was taken.
    pub product: Option<ProductId>,
    /// The certificate it is about, where it was taken.
    pub certificate: Option<CertificateId>,
}

impl RowOutcome {
    /// A row that was not taken.
    pub fn refused(row: u32, faults: Vec<Fault>) -> Self {
        let (notes, contradicts) = (Vec::new(), Vec::new());
        Self { row, outcome: Outcome::Refused(faults), notes, contradicts, product: None, certificate: None }
    }
}

/// What came of a list.
#[derive(Debug, Clone, Default)]
pub struct Import {
    /// The rows, in order.
    pub rows: Vec<RowOutcome>,
    /// How many enterprises were registered.
    pub enterprises: usize,
    /// How many products were registered.
    pub products: usize,
    /// How many certificates were recorded.
    pub certificates: usize,
    /// How many products were linked with a certificate.
    pub evidence: usize,
}

/// Imports rows on behalf of an authority; a dry run decides alone. A bad row is an outcome, no error.
pub async fn import(
    registry: &Registry,
    rows: Vec<CityListRow>,
    authority: OrganisationId,
    dry_run: bool,
) -> Result<Import> {
    let context = CommandContext { validate_only: dry_run, ..CommandContext::of(&authority.to_string()) };
    let decide = move |view: &mut View<'_>| {
        let mut plan = ImportPlan::default();
        let outcomes = rows.iter().map(|row| plan.take(view, row, authority)).collect::<Result<Vec<_>>>()?;
        let import = plan.import(outcomes);
        Ok(Decision::with_outcome(import, plan.changes(view)?))
    };
    registry.carry_out(context, decide).await
}
