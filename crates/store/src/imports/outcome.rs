//! What came of the rows of a list.

use lvcai_domain::{CertificateId, Fault, ListImportId, ProductId};

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
    /// Which other certificates its own, a new one, is easily taken for.
    pub look_alikes: Option<Fault>,
    /// The product it is about, where it was taken.
    pub product: Option<ProductId>,
    /// The certificate it is about, where it was taken.
    pub certificate: Option<CertificateId>,
}

impl RowOutcome {
    /// A row that was not taken.
    pub fn refused(row: u32, faults: Vec<Fault>) -> Self {
        let (notes, contradicts) = (Vec::new(), Vec::new());
        let outcome = Outcome::Refused(faults);
        Self { row, outcome, notes, contradicts, look_alikes: None, product: None, certificate: None }
    }
}

/// What came of a list.
#[derive(Debug, Clone, Default)]
pub struct Import {
    /// What names the import, where something was written.
    pub id: Option<ListImportId>,
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

impl Import {
    /// How many rows became this.
    pub fn count(&self, wanted: fn(&Outcome) -> bool) -> usize {
        self.rows.iter().filter(|it| wanted(&it.outcome)).count()
    }
}
