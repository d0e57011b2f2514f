//! The entries of the ledger: without gaps, in order, each the one that its leaf was hashed from.

use super::finding::{Auditor, PAGE, report};
use crate::error::Result;
use crate::ledger::{self, Entry, Head};
use jiff::Timestamp;
use lvcai_database::Conn;
use lvcai_domain::Irregularity;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The entries that want a version, until one is found.
pub(super) struct Covered {
    /// One bit for each position.
    found: Vec<u64>,
    /// The positions that have an entry; gaps have been reported already.
    entries: Vec<u64>,
}

impl Covered {
    fn new(head: i64) -> Self {
        let words = usize::try_from(head.max(0) / 64 + 1).unwrap_or_default();
        Self { found: vec![0; words], entries: vec![0; words] }
    }

    fn place(seq: i64) -> Option<(usize, u64)> {
        Some((usize::try_from(seq / 64).ok()?, 1 << (seq % 64)))
    }

    fn set(bits: &mut [u64], seq: i64) -> bool {
        let Some((word, bit)) = Self::place(seq) else { return false };
        let Some(word) = bits.get_mut(word) else { return false };
        let was = *word & bit != 0;
        *word |= bit;
        was
    }

    /// Notes that an entry has its version; says whether it had one already.
    pub(super) fn cover(&mut self, seq: i64) -> bool {
        Self::set(&mut self.found, seq)
    }

    /// The positions whose entries have no version.
    pub(super) fn uncovered(&self) -> impl Iterator<Item = i64> {
        let missing = self.entries.iter().zip(&self.found).map(|(entries, found)| entries & !found);
        (0..).zip(missing).flat_map(|(word, bits): (i64, u64)| {
            (0..64).filter(move |bit| bits & (1 << bit) != 0).map(move |bit| word * 64 + bit)
        })
    }
}

/// What the entries before tell of the next one.
struct Before {
    seq: i64,
    at: Timestamp,
    /// The command that goes on; none behind a cut.
    open: Option<Uuid>,
}

/// Checks every entry, and where they end.
pub(super) fn check(conn: &mut Conn, head: Head, auditor: &mut dyn Auditor) -> Result<Covered> {
    let mut covered = Covered::new(head.seq);
    let mut before = Before { seq: 0, at: Timestamp::MIN, open: None };
    // The command of every cut, since one that comes back after its cut was carried out twice.
    let mut ended: BTreeMap<Uuid, i64> = BTreeMap::new();
    loop {
        let page = ledger::entries(conn, before.seq, PAGE)?;
        if page.is_empty() {
            break;
        }
        for entry in &page {
            check_entry(entry, &before, auditor);
            if entry.cut
                && let Some(first) = ended.insert(entry.command.0, entry.seq)
            {
                let seen = format!("its command had its cut at {first}");
                report(auditor, Irregularity::Cut, format!("ledger {}", entry.seq), seen);
            }
            Covered::set(&mut covered.entries, entry.seq);
            before = Before { seq: entry.seq, at: entry.at.into(), open: Some(entry.command.0).filter(|_| !entry.cut) };
        }
        auditor.progress("ledger", before.seq, head.seq);
    }
    check_end(&before, head, auditor);
    Ok(covered)
}

fn check_entry(entry: &Entry, before: &Before, auditor: &mut dyn Auditor) {
    let row = || format!("ledger {}", entry.seq);
    if entry.seq != before.seq + 1 {
        let seen = format!("{} to {}", before.seq + 1, entry.seq - 1);
        report(auditor, Irregularity::Gap, format!("ledger {}", before.seq + 1), seen);
    }
    if Timestamp::from(entry.at) < before.at {
        report(auditor, Irregularity::Order, row(), "");
    }
    if before.open.is_some_and(|command| command != entry.command.0) {
        report(auditor, Irregularity::Cut, format!("ledger {}", before.seq), "its command ends without a cut");
    }
    let leaf = entry.leaf().map(|leaf| leaf.bytes().to_vec());
    if leaf.ok().as_ref() != Some(&entry.leaf_sha256) {
        report(auditor, Irregularity::Leaf, row(), entry.subject.clone());
    }
}

fn check_end(last: &Before, head: Head, auditor: &mut dyn Auditor) {
    if last.open.is_some() {
        report(auditor, Irregularity::Cut, format!("ledger {}", last.seq), "the last command ends without a cut");
    }
    if last.seq != head.seq {
        let seen = format!("the head says {}, the last entry is {}", head.seq, last.seq);
        report(auditor, Irregularity::Head, format!("ledger_head {}", head.seq), seen);
    } else if last.seq > 0 && last.at != head.at {
        let seen = format!("the head says {}, the last entry {}", head.at, last.at);
        report(auditor, Irregularity::Head, format!("ledger_head {}", head.seq), seen);
    }
}
