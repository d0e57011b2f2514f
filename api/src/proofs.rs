//! Proofs of possession that were used: each counts once for as long as it would be taken (RFC 9449 §11.1).
//!
//! They are remembered by this process alone, and only here: a proof is for one request and one minute. What a replay
//! to another process could do is what its `Idempotency-Key` and `If-Match` allow.

use jiff::Timestamp;
use lvcai_auth::{Proof, REMEMBERED};
use lvcai_trust::Digest;
use std::collections::HashSet;
use std::mem::take;
use std::sync::{Mutex, PoisonError};

/// How many of one generation are remembered: 5,500 a second for as long as it lasts, in at most 40 MiB.
const MOST: usize = 500_000;

/// The proofs that were used lately, in two generations: one may be forgotten once it is [`REMEMBERED`] old.
#[derive(Debug, Default)]
pub(crate) struct Proofs(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    began: Timestamp,
    present: HashSet<Digest>,
    before: HashSet<Digest>,
}

/// Whether a proof may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    First,
    Again,
    /// There were too many lately to know.
    Unknown,
}

impl Proofs {
    /// Marks a proof as used.
    pub(crate) fn mark(&self, proof: &Proof, now: Timestamp) -> Use {
        let name = Digest::of(format!("{} {}", proof.thumbprint, proof.jti).as_bytes());
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let age = now.duration_since(known.began);
        if age >= REMEMBERED {
            let present = take(&mut known.present);
            // Where nobody came for so long, those before have run out as well.
            let before = if age < REMEMBERED + REMEMBERED { present } else { HashSet::new() };
            *known = Generations { began: now, present: HashSet::new(), before };
        }
        if known.before.contains(&name) {
            return Use::Again;
        }
        if known.present.len() >= MOST {
            return if known.present.contains(&name) { Use::Again } else { Use::Unknown };
        }
        if known.present.insert(name) { Use::First } else { Use::Again }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    fn proof(jti: &impl ToString) -> Proof {
        Proof { thumbprint: "key".to_owned(), jti: jti.to_string() }
    }

    fn at(seconds: i64) -> Timestamp {
        "2026-03-01T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
    }

    #[test]
    fn a_proof_counts_once_for_as_long_as_it_would_be_taken() {
        let proofs = Proofs::default();
        let mut last = Vec::new();
        for second in 0..1000_i64 {
            // Of another second each, sent again until it would no longer be taken.
            assert_eq!(proofs.mark(&proof(&second), at(second)), Use::First);
            last.push(second);
            for old in last.iter().rev().take(90) {
                assert_eq!(proofs.mark(&proof(old), at(second)), Use::Again, "{old} at {second}");
            }
        }
        let other = Proof { thumbprint: "another".to_owned(), ..proof(&999) };
        assert_eq!(proofs.mark(&other, at(1000)), Use::First, "a name is of its key");
        assert_eq!(proofs.mark(&proof(&0), at(5000)), Use::First, "which nobody would take so late");
    }

    #[test]
    fn too_many_are_refused_and_not_forgotten() {
        let proofs = Proofs::default();
        for it in 0..MOST {
            assert_eq!(proofs.mark(&proof(&it), at(0)), Use::First);
        }
        assert_eq!(proofs.mark(&proof(&MOST), at(1)), Use::Unknown);
        assert_eq!(proofs.mark(&proof(&0), at(1)), Use::Again);
        assert_eq!(proofs.mark(&proof(&MOST), at(90)), Use::First, "a minute and a half later there is room");
    }
}
