//! Taking an import back: new entries that withdraw what it recorded, as far as nothing rests on it since.
//!
//! What the import made is read from the ledger itself: the entries of its command. Nothing is deleted, and past cuts
//! show what they showed. What stands in the way of each record is gathered here; which fate follows is `domain`'s.

mod facts;

use crate::conformity::evidence::EvidenceRecord;
use crate::error::Result;
use crate::ledger::{Change, Decision, View};
use crate::publishing::list_imports;
use facts::{Facts, Made};
use lvcai_domain::list_import::Since;
use lvcai_domain::list_import::{
    Fate, LEFT, is_taken_over, never_counted, retired, retracted_certificate, retracted_organisation,
};
use lvcai_domain::{
    Certificate, Event, EvidenceStatus, LeftBecause, LeftRecord, ListImport, ListImportId, Organisation,
    OrganisationId, ProblemKind, Product, ProductStatus, RecordCounts, Undone,
};
use std::collections::HashSet;
use uuid::Uuid;

/// Why, by which document and by whom an import is taken back.
#[derive(Debug, Clone)]
pub struct Undoing {
    /// Why.
    pub note: String,
    /// The document that orders it (文号).
    pub authority_document: String,
    /// The authority.
    pub by: OrganisationId,
}

/// What becomes of a record of an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoneRecord {
    /// The record.
    pub subject: String,
    /// The event that takes it back; `None` where it is left.
    pub event: Option<Event>,
    /// Why it is left.
    pub left: Option<LeftBecause>,
}

/// Decides to take an import back; the record of the import is answered. Where there is nothing left to take back, it
/// is unchanged.
///
/// # Errors
///
/// Refuses an import that does not exist.
pub fn undo(view: &mut View<'_>, id: ListImportId, undoing: &Undoing) -> Result<Decision> {
    let stored = list_imports::read(view.conn, id, view.cut)?.ok_or(ProblemKind::NotFound)?;
    let (mut changes, _) = decide(view, id, undoing)?;
    if changes.is_empty() {
        return Ok(Decision::unchanged(id, stored));
    }
    let first = changes.remove(0);
    Ok(Decision::changes(first, changes))
}

/// The same with what becomes of each record.
///
/// # Errors
///
/// As [`undo`].
pub fn undone(view: &mut View<'_>, id: ListImportId, undoing: &Undoing) -> Result<Decision<Vec<UndoneRecord>>> {
    let (changes, records) = decide(view, id, undoing)?;
    Ok(Decision::with_outcome(records, changes))
}

fn decide(view: &mut View<'_>, id: ListImportId, undoing: &Undoing) -> Result<(Vec<Change>, Vec<UndoneRecord>)> {
    let stored = list_imports::read(view.conn, id, view.cut)?.ok_or(ProblemKind::NotFound)?;
    let before: ListImport = stored.parse()?;
    let facts = Facts::gather(view, id)?;
    let mut undo =
        Undo { undoing, changes: Vec::new(), records: Vec::new(), counts: RecordCounts::default(), restored: 0 };
    let ended = undo.evidence(&facts);
    undo.products(view, &facts, &ended);
    undo.certificates(view, &facts, &ended);
    undo.organisations(view, &facts);
    if undo.changes.is_empty() {
        return Ok((Vec::new(), undo.records));
    }
    let change = Change::amend(Event::ListImportUndone, undo.record(before, view));
    let changes = std::iter::once(change).chain(undo.changes);
    let document = Some(undoing.authority_document.clone());
    Ok((changes.map(|it| it.ordered_by(document.clone())).collect(), undo.records))
}

/// What has been decided so far.
struct Undo<'a> {
    undoing: &'a Undoing,
    changes: Vec<Change>,
    records: Vec<UndoneRecord>,
    counts: RecordCounts,
    restored: u32,
}

impl Undo<'_> {
    /// Notes what becomes of a record, and says whether it is taken back.
    fn takes_back(&mut self, subject: &str, since: Since, event: Event) -> bool {
        let (event, left) = match since.fate() {
            Fate::Withdrawn => (Some(event), None),
            Fate::Left(because) => (None, Some(because)),
            Fate::Gone => return false,
        };
        self.records.push(UndoneRecord { subject: subject.to_owned(), event, left });
        event.is_some()
    }

    /// Ends the evidence; answers which.
    fn evidence(&mut self, facts: &Facts) -> HashSet<Uuid> {
        let mut ended = HashSet::new();
        for Made { subject, changed, now, .. } in &facts.evidence {
            let evidence = &now.fact.0;
            let since = Since {
                gone: matches!(evidence.status, EvidenceStatus::Ended | EvidenceStatus::Rejected),
                published: facts.published.contains(&evidence.product.uuid()),
                amended: *changed,
                ..Since::default()
            };
            if self.takes_back(subject, since, Event::EvidenceEnded) {
                ended.insert(evidence.id.uuid());
                self.counts.evidence += 1;
                let (owner, certifier) = now.fact.1;
                let evidence = never_counted(evidence.clone(), self.undoing.by);
                let day = evidence.effective_on;
                let record = EvidenceRecord { evidence, owner, certifier };
                self.changes.push(Change::amend(Event::EvidenceEnded, record).effective_on(day));
            }
        }
        ended
    }

    fn products(&mut self, view: &View<'_>, facts: &Facts, ended: &HashSet<Uuid>) {
        for made in &facts.products {
            let now: &Product = &made.now.fact;
            let before = made.before.as_ref().map(|it| &it.fact);
            let since = Since {
                gone: now.status == ProductStatus::Retired || before == Some(now),
                published: facts.published.contains(&now.id.uuid()),
                amended: made.changed,
                evidence: facts.rests_on(&facts.of_products, now.id.uuid(), before.is_some(), ended),
                ..Since::default()
            };
            let event = if before.is_some() { Event::ProductAmended } else { Event::ProductRetired };
            if self.takes_back(&made.subject, since, event) {
                match before {
                    Some(before) => {
                        self.restored += 1;
                        self.changes.push(Change::amend(event, before.clone()));
                    }
                    None => {
                        self.counts.products += 1;
                        self.changes.push(Change::amend(event, retired(now.clone())).effective_on(view.today()));
                    }
                }
            }
        }
    }

    fn certificates(&mut self, view: &View<'_>, facts: &Facts, ended: &HashSet<Uuid>) {
        for made in &facts.certificates {
            let now: &Certificate = &made.now.fact;
            let before = made.before.as_ref();
            let restored = before.is_some_and(|it| it.fact == *now);
            let since = Since {
                gone: now.retracted_on.is_some() || restored,
                taken_over: is_taken_over(now),
                amended: made.changed,
                evidence: facts.rests_on(&facts.of_certificates, now.id.uuid(), before.is_some(), ended),
                ..Since::default()
            };
            let event = if before.is_some() { Event::CertificateCorrected } else { Event::CertificateRetracted };
            if self.takes_back(&made.subject, since, event) {
                // It holds from the day of what it takes back, so that no day between shows that any more.
                let day = made.now.since;
                let (after, day) = match before {
                    Some(before) => {
                        self.restored += 1;
                        (before.fact.clone(), day.min(before.since))
                    }
                    None => {
                        self.counts.certificates += 1;
                        (retracted_certificate(now.clone(), view.today()), day)
                    }
                };
                self.changes.push(Change::amend(event, after).effective_on(day));
            }
        }
    }

    fn organisations(&mut self, view: &View<'_>, facts: &Facts) {
        let products = self.changes.iter().filter_map(|it| it.of::<Product>());
        let retiring: HashSet<Uuid> =
            products.filter(|it| it.status == ProductStatus::Retired).map(|it| it.id.uuid()).collect();
        for made in &facts.organisations {
            let now: &Organisation = &made.now.fact;
            let since = Since {
                gone: now.retracted_on.is_some(),
                amended: made.changed,
                referenced: facts.is_referred_to(now.id.uuid(), &retiring),
                ..Since::default()
            };
            if self.takes_back(&made.subject, since, Event::OrganisationRetracted) {
                self.counts.organisations += 1;
                let after = retracted_organisation(now.clone(), view.today());
                self.changes.push(Change::amend(Event::OrganisationRetracted, after));
            }
        }
    }

    /// The record of the import, with all that was taken back of it by now.
    fn record(&self, before: ListImport, view: &View<'_>) -> ListImport {
        let left = self.records.iter().filter_map(|it| Some((it.subject.clone(), it.left?)));
        let left: Vec<_> = left.map(|(subject, because)| LeftRecord { subject, reason: because }).collect();
        let so_far = before.undone.as_ref();
        let sum = |of: fn(&RecordCounts) -> u32| of(&self.counts) + so_far.map_or(0, |it| of(&it.withdrawn));
        let undone = Undone {
            undone_on: view.today(),
            note: self.undoing.note.clone(),
            authority_document: self.undoing.authority_document.clone(),
            withdrawn: RecordCounts {
                organisations: sum(|it| it.organisations),
                products: sum(|it| it.products),
                certificates: sum(|it| it.certificates),
                evidence: sum(|it| it.evidence),
            },
            restored: self.restored + so_far.map_or(0, |it| it.restored),
            left_count: u32::try_from(left.len()).unwrap_or(u32::MAX),
            left: left.into_iter().take(LEFT).collect(),
        };
        ListImport { undone: Some(undone), ..before }
    }
}
