//! Client assertions that were used: each `jti` works once (RFC 7523 §3).

use crate::error::Result;
use crate::ledger::{Registry, swept_before};
use crate::schema::used_assertions;
use diesel::prelude::*;
use jiff::{SignedDuration, Timestamp};
use lvcai_database::{Id, Instant, on_conn};
use lvcai_domain::ClientId;
use uuid::Uuid;

impl Registry {
    /// Marks a client assertion as used by a request; `false` when another used it before. It is remembered for longer
    /// than any process with a clock that is let write would take it.
    ///
    /// The mark is no command that the ledger knows, so after a lost COMMIT it is made again: by the request it is
    /// known to be its own.
    ///
    /// # Errors
    ///
    /// As [`Registry::execute`].
    pub async fn use_assertion(
        &self,
        client: ClientId,
        jti: String,
        expires_at: Timestamp,
        request: Uuid,
    ) -> Result<bool> {
        let (client, request) = (Id(client.uuid()), Id(request));
        self.write(move |conn, now| {
            let stale = used_assertions::expires_at.lt(Instant::from(swept_before(now, SignedDuration::ZERO)));
            let row = (
                used_assertions::client.eq(client),
                used_assertions::jti.eq(&jti),
                used_assertions::expires_at.eq(Instant::from(expires_at)),
                used_assertions::request.eq(request),
            );
            let mark = used_assertions::table.find((client, &jti)).select(used_assertions::request);
            let used_by: Option<Id> = on_conn!(conn, c => {
                diesel::delete(used_assertions::table.filter(stale)).execute(c)?;
                diesel::insert_into(used_assertions::table).values(row).on_conflict_do_nothing().execute(c)?;
                mark.get_result(c)?
            });
            Ok(used_by == Some(request))
        })
        .await
    }
}
