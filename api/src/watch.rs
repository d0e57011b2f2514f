//! Whether the registry may be written to: the clock can be right, and the database is not behind what was signed.
//!
//! What speaks against it is `lvcai_domain::watch`'s to say. Here the clocks are read and the last position is kept,
//! signed, beside the keys. Until the operator resumes, every write is refused and the registry is not ready.

mod signed_head;
mod uptime;

use crate::keys::{Keys, KeysError};
use lvcai_domain::Bilingual;
use lvcai_domain::watch::{Accepted, Alarm, Clocks, Doubt, halted};
use lvcai_store::ledger::{self, Head};
use lvcai_store::{Clock, Conn, Guard, Observed, Registry};
use lvcai_trust::Digest;
use signed_head::{Keeper, SignedHead, Stamp, Statement};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use uptime::Proof;

/// How often the clocks are compared while nothing is written.
const EVERY: Duration = Duration::from_secs(5);

/// After how many comparisons the clock is noted down as right.
const NOTED_EVERY: u32 = 12;

/// Watches over one registry.
#[derive(Debug)]
pub struct Watch {
    /// Where the last position is kept; none where this process has no key to sign it with.
    keeper: Option<Keeper>,
    clock: Clock,
    known: Mutex<Known>,
}

/// What is known of the file and of the doubts.
#[derive(Debug, Default)]
struct Known {
    stamp: Option<Stamp>,
    signed: Option<SignedHead>,
    broken: Option<String>,
    /// The position whose leaf was compared with the database.
    compared: Option<i64>,
    doubts: Vec<Doubt>,
}

/// What the operator has done about the doubts.
#[derive(Debug)]
pub struct Resumed {
    /// What spoke against going on.
    pub doubts: Vec<Doubt>,
    /// The position from which it goes on.
    pub seq: i64,
}

impl Watch {
    /// Watches with the keys of a folder, or over the clock alone where the folder has none.
    ///
    /// # Errors
    ///
    /// [`KeysError`] names a key that cannot be used.
    pub fn open(folder: &Path, clock: Clock) -> Result<Self, KeysError> {
        let keeper = Keys::of_documents(folder)?.map(|keys| Keeper::new(folder, keys));
        Ok(Self { keeper, clock, known: Mutex::default() })
    }

    /// What spoke against writing when it was last looked at.
    pub fn doubts(&self) -> Vec<Doubt> {
        self.known().doubts.clone()
    }

    /// The position that was signed last, with its leaf; none where none was.
    ///
    /// # Errors
    ///
    /// [`KeysError`] when what is kept cannot be believed.
    pub fn signed(&self) -> Result<Option<(i64, Option<Digest>)>, KeysError> {
        let Some(keeper) = &self.keeper else { return Ok(None) };
        let signed = keeper.read().map_err(|error| KeysError::Malformed(keeper.path(), error))?;
        Ok(signed.map(|it| (it.seq, it.leaf)))
    }

    /// Looks at the clocks and at the head.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub fn look(&self, conn: &mut Conn) -> lvcai_store::Result<Vec<Doubt>> {
        let observed = ledger::observe(conn, self.clock.now())?;
        self.judge(conn, observed)
    }

    /// Looks now and then until it is dropped, and notes down that the clock is right.
    pub async fn run_forever(self: std::sync::Arc<Self>, registry: Registry) {
        for turn in 0_u32.. {
            let watch = std::sync::Arc::clone(&self);
            let looked = registry.read(move |conn| watch.turn(conn, turn % NOTED_EVERY == 0)).await;
            if let Err(error) = looked {
                log::warn!("the clocks could not be compared: error={error}");
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    fn turn(&self, conn: &mut Conn, note: bool) -> lvcai_store::Result<()> {
        let observed = ledger::observe(conn, self.clock.now())?;
        if self.judge(conn, observed)?.is_empty() && note {
            self.keep(conn, observed.head, true);
        }
        Ok(())
    }

    /// States that writing goes on, whatever speaks against it, from where the database ends.
    ///
    /// # Errors
    ///
    /// When the database does not answer or the statement cannot be kept.
    pub fn resume(&self, conn: &mut Conn, reason: &str) -> lvcai_store::Result<Resumed> {
        let failed = |error: String| lvcai_store::Error::Database(error.into());
        let observed = ledger::observe(conn, self.clock.now())?;
        let doubts = self.judge(conn, observed)?;
        let Observed { head, now, database } = observed;
        if doubts.is_empty() {
            return Ok(Resumed { doubts, seq: head.seq });
        }
        let keeper = self.keeper.as_ref().ok_or_else(|| failed("the keys folder has no publication.pem".to_owned()))?;
        let _lock = keeper.lock();
        let before = keeper.read().unwrap_or_default().unwrap_or_default();
        let has = |alarm| doubts.iter().any(|it| it.alarm == alarm);
        let mut accepted = before.accepted();
        if has(Alarm::ClockBehind) {
            accepted.recorded = Some(head.at);
        }
        if let Some(database) = database.filter(|_| has(Alarm::ClockOffDatabase)) {
            accepted.database_ahead = database.duration_since(now);
        }
        let mut statements = before.statements;
        statements.push(Statement {
            at: now,
            reason: reason.to_owned(),
            doubts: doubts.iter().map(|it| format!("{}: {}", it.alarm, it.seen.en)).collect(),
            seq_before: before.seq,
            seq_after: head.seq,
        });
        let after = SignedHead {
            seq: head.seq,
            leaf: ledger::leaf_at(conn, head.seq)?,
            recorded_at: Some(head.at),
            proof: Some(Proof::now(now)),
            anchor: Some(Proof::now(now)),
            statements,
            ..SignedHead::default()
        };
        keeper.write(&after.accepting(accepted), true).map_err(|error| failed(error.to_string()))?;
        Ok(Resumed { doubts, seq: head.seq })
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the file anew where it was written since.
    fn refresh(&self, known: &mut Known) {
        let Some(keeper) = &self.keeper else { return };
        let stamp = keeper.stamp();
        if stamp == known.stamp && (stamp.is_some() || known.signed.is_none()) {
            return;
        }
        let (signed, broken) = match keeper.read() {
            Ok(signed) => (signed, None),
            Err(error) => (None, Some(error)),
        };
        *known = Known { stamp, signed, broken, compared: None, doubts: std::mem::take(&mut known.doubts) };
    }

    fn judge(&self, conn: &mut Conn, observed: Observed) -> lvcai_store::Result<Vec<Doubt>> {
        let mut known = self.known();
        self.refresh(&mut known);
        let Observed { head, now, database } = observed;
        let proof = known.signed.as_ref().and_then(|it| it.proof.as_ref());
        let clocks = Clocks {
            now,
            recorded: Some(head.at).filter(|_| head.seq > 0),
            database,
            by_uptime: known.signed.as_ref().and_then(SignedHead::expected),
            proven: proof.map(|it| it.at),
            accepted: known.signed.as_ref().map_or_else(Accepted::default, SignedHead::accepted),
        };
        let mut doubts: Vec<Doubt> = clocks.doubt().into_iter().collect();
        doubts.extend(head_doubt(&mut known, conn, head)?);
        if known.doubts != doubts {
            for Doubt { alarm, seen } in &doubts {
                log::error!("nothing is written until `lvcai resume`: {alarm}: {}", seen.en);
            }
            known.doubts.clone_from(&doubts);
        }
        Ok(doubts)
    }

    /// Signs the head and keeps it.
    fn keep(&self, conn: &mut Conn, head: Head, lasting: bool) {
        let Some(keeper) = &self.keeper else { return };
        let mut known = self.known();
        let _lock = keeper.lock();
        self.refresh(&mut known);
        let before = known.signed.clone().unwrap_or_default();
        let leaf = if before.seq == head.seq { Ok(before.leaf) } else { ledger::leaf_at(conn, head.seq) };
        let written = leaf.map_err(std::io::Error::other).and_then(|leaf| {
            // Another process may have signed a later position meanwhile.
            let signed = if head.seq < before.seq {
                before
            } else {
                SignedHead { seq: head.seq, leaf, recorded_at: Some(head.at), ..before }
            };
            let signed = signed.proven(self.clock.now());
            keeper.write(&signed, lasting).map(|()| signed)
        });
        match written {
            Ok(signed) => {
                known.compared = Some(signed.seq);
                known.stamp = keeper.stamp();
                known.signed = Some(signed);
            }
            Err(error) => log::warn!("the last position could not be signed and kept beside the keys: error={error}"),
        }
    }
}

/// What speaks against the database: it ends before the signed position, or has another entry there.
fn head_doubt(known: &mut Known, conn: &mut Conn, head: Head) -> lvcai_store::Result<Option<Doubt>> {
    if let Some(error) = &known.broken {
        let seen = Bilingual::new(format!("signed-head.json：{error}"), format!("signed-head.json: {error}"));
        return Ok(Some(Doubt { alarm: Alarm::SignedHeadBroken, seen }));
    }
    let Some(signed) = &known.signed else { return Ok(None) };
    if head.seq < signed.seq {
        let (seq, ends, lost) = (signed.seq, head.seq, signed.seq - head.seq);
        let at = signed.recorded_at.map(|at| format!("{at:.0}")).unwrap_or_default();
        let seen = Bilingual::new(
            format!("已签名至第 {seq} 条（{at}），数据库止于第 {ends} 条，缺 {lost} 条；此间可能已签发过名单批次"),
            format!(
                "position {seq} of {at} is signed, the database ends at {ends}: {lost} entries are lost, and numbers \
                 of publications that were signed in them would be signed again"
            ),
        );
        return Ok(Some(Doubt { alarm: Alarm::PositionsLost, seen }));
    }
    if signed.seq > 0 && known.compared != Some(signed.seq) {
        if ledger::leaf_at(conn, signed.seq)? != signed.leaf {
            let seen = Bilingual::new(format!("第 {} 条", signed.seq), format!("position {}", signed.seq));
            return Ok(Some(Doubt { alarm: Alarm::LeafDiffers, seen }));
        }
        known.compared = Some(signed.seq);
    }
    Ok(None)
}

impl Guard for Watch {
    fn admit(&self, conn: &mut Conn, observed: Observed) -> lvcai_store::Result<()> {
        let doubts = self.judge(conn, observed)?;
        if doubts.is_empty() { Ok(()) } else { Err(halted(&doubts).into()) }
    }

    fn committed(&self, conn: &mut Conn, head: Head) {
        self.keep(conn, head, false);
    }
}
