//! Client assertions that were used: each `jti` works once (RFC 7523 §3).

use crate::error::Result;
use crate::ledger::{Registry, swept_before};
use crate::schema::used_assertions;
use diesel::prelude::*;
use jiff::{SignedDuration, Timestamp};
use lvcai_database::{Id, Instant, on_conn};
use lvcai_domain::ClientId;

impl Registry {
    /// Marks a client assertion as used; `false` when it was used before. It is remembered for longer than any
    /// process with a clock that is let write would take it.
    ///
    /// # Errors
    ///
    /// As [`Registry::execute`].
    pub async fn use_assertion(&self, client: ClientId, jti: String, expires_at: Timestamp) -> Result<bool> {
        let row = (
            used_assertions::client.eq(Id(client.uuid())),
            used_assertions::jti.eq(jti),
            used_assertions::expires_at.eq(Instant::from(expires_at)),
        );
        self.write(move |conn, now| {
            let stale = used_assertions::expires_at.lt(Instant::from(swept_before(now, SignedDuration::ZERO)));
            let fresh = on_conn!(conn, c => {
                diesel::delete(used_assertions::table.filter(stale)).execute(c)?;
                diesel::insert_into(used_assertions::table).values(row.clone()).on_conflict_do_nothing().execute(c)?
            });
            Ok(fresh == 1)
        })
        .await
    }
}
