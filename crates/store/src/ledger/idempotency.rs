//! Answers kept under the keys by which clients name their requests, so that a repeat answers and does not act again.

use super::clock::swept_before;
use super::command::IdempotencyKey;
use super::writer::Tx;
use crate::error::Result;
use crate::schema::idempotency;
use diesel::prelude::*;
use jiff::SignedDuration;
use lvcai_database::{Conn, Id, Instant, on_conn};
use lvcai_domain::ProblemKind;

/// How long an answer is kept for its idempotency key.
const RETENTION: SignedDuration = SignedDuration::from_hours(24 * 14);

/// Reads what was answered under a key.
///
/// # Errors
///
/// Refuses a key that was used for another request.
pub(crate) fn stored_answer(conn: &mut Conn, key: &IdempotencyKey) -> Result<Option<String>> {
    let found: Option<(Vec<u8>, String)> = on_conn!(conn, c => idempotency::table
        .find((Id(key.client.uuid()), &key.key))
        .select((idempotency::request_sha256, idempotency::answer))
        .get_result(c)
        .optional())?;
    let Some((request, answer)) = found else { return Ok(None) };
    if request != key.request.bytes() {
        return Err(ProblemKind::IdempotencyReuse.into());
    }
    Ok(Some(answer))
}

/// Stores an answer under its key, in the transaction of what it answers.
pub(crate) fn store_answer(tx: &mut Tx<'_>, key: &IdempotencyKey, answer: &str) -> Result<()> {
    let row = (
        idempotency::client.eq(Id(key.client.uuid())),
        idempotency::key.eq(&key.key),
        idempotency::request_sha256.eq(key.request.bytes().to_vec()),
        idempotency::answer.eq(answer),
        idempotency::created_at.eq(Instant::from(tx.head.at)),
    );
    let stale = Instant::from(swept_before(tx.now, RETENTION));
    on_conn!(tx.conn, c => {
        diesel::delete(idempotency::table.filter(idempotency::created_at.lt(stale))).execute(c)?;
        diesel::insert_into(idempotency::table).values(row).execute(c)?
    });
    Ok(())
}
