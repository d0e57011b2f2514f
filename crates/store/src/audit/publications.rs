//! Publications: their entries are those that were approved, their documents verify and say what was published.

use super::finding::{Auditor, report};
use crate::error::Result;
use crate::ledger::OPEN;
use crate::schema::{publication_entries, publications};
use diesel::prelude::*;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::{Irregularity, Publication, PublicationDocument, PublicationEntry, PublicationStatus};
use lvcai_trust::{Digest, Jwks, canonical, verify_document};

/// The signed document that was published last; none before the first.
///
/// # Errors
///
/// [`crate::Error::Database`] when it cannot be read.
pub fn newest_document(conn: &mut Conn) -> Result<Option<String>> {
    let newest: Option<Option<String>> = on_conn!(conn, c => publications::table
        .filter(publications::document.is_not_null())
        .order(publications::seq_from.desc())
        .limit(1)
        .select(publications::document)
        .get_result(c)
        .optional())?;
    Ok(newest.flatten())
}

/// Checks every publication as it is now.
pub(super) fn check(conn: &mut Conn, keys: Option<&Jwks>, auditor: &mut dyn Auditor) -> Result<()> {
    let ids: Vec<Id> = on_conn!(conn, c => publications::table
        .filter(publications::seq_to.eq(OPEN))
        .order(publications::id.asc())
        .select(publications::id)
        .load(c))?;
    let of = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    for (done, id) in (1..).zip(ids) {
        check_one(conn, id, keys, auditor)?;
        auditor.progress("publication_entries", done, of);
    }
    let orphans: Vec<(Id, i32)> = on_conn!(conn, c => publication_entries::table
        .filter(diesel::dsl::not(diesel::dsl::exists(
            publications::table.filter(publications::id.eq(publication_entries::publication)),
        )))
        .select((publication_entries::publication, publication_entries::position))
        .load(c))?;
    for (publication, position) in orphans {
        let row = format!("publication_entries publ_{} position {position}", publication.0);
        report(auditor, Irregularity::Entries, row, "there is no such publication");
    }
    Ok(())
}

fn check_one(conn: &mut Conn, id: Id, keys: Option<&Jwks>, auditor: &mut dyn Auditor) -> Result<()> {
    let current = publications::id.eq(id).and(publications::seq_to.eq(OPEN));
    let (body, document): (String, Option<String>) = on_conn!(conn, c => publications::table
        .filter(current)
        .select((publications::body, publications::document))
        .get_result(c))?;
    let row = format!("publications publ_{}", id.0);
    // A body that is none has been reported with its digest.
    let Ok(publication) = serde_json::from_str::<Publication>(&body) else { return Ok(()) };
    let rows: Vec<(i32, Id, String)> = on_conn!(conn, c => publication_entries::table
        .filter(publication_entries::publication.eq(id))
        .order(publication_entries::position.asc())
        .select((publication_entries::position, publication_entries::product, publication_entries::body))
        .load(c))?;
    let entries: Vec<PublicationEntry> = rows.iter().filter_map(|(.., body)| serde_json::from_str(body).ok()).collect();
    for ((position, product, _), entry) in rows.iter().zip(&entries) {
        if entry.position != *position || entry.product.uuid() != product.0 {
            let row = format!("publication_entries publ_{} position {position}", id.0);
            report(auditor, Irregularity::Entries, row, "its columns say something else than its body");
        }
    }
    if Digest::of(canonical(&entries)?.as_bytes()).to_string() != publication.entries_sha256 {
        report(auditor, Irregularity::Entries, row.clone(), format!("{} entries", rows.len()));
    }
    if let Err(seen) = check_document(document.as_deref(), &publication, &entries, keys) {
        report(auditor, Irregularity::Document, row, seen);
    }
    Ok(())
}

/// Whether a document is there when it must be, and says what was published.
fn check_document(
    document: Option<&str>,
    publication: &Publication,
    entries: &[PublicationEntry],
    keys: Option<&Jwks>,
) -> Result<(), String> {
    let published = publication.status == PublicationStatus::Published;
    let (Some(document), true) = (document, published) else {
        return if published == document.is_some() {
            Ok(())
        } else {
            Err("there must be one exactly when published".to_owned())
        };
    };
    let Some(keys) = keys else { return Ok(()) };
    let verified = verify_document(document, keys).map_err(|error| error.to_string())?;
    let day = publication.published_on.map(|day| day.to_string()).unwrap_or_default();
    verified.holds(PublicationDocument::TYPE, &day).map_err(|error| error.to_string())?;
    let signed: PublicationDocument = serde_json::from_str(&verified.payload).map_err(|error| error.to_string())?;
    let held = PublicationDocument { publication: publication.clone(), entries: entries.to_vec(), ..signed };
    // The bytes, so that a member which this program does not know is a difference too.
    if canonical(&held).is_ok_and(|held| held == verified.payload) {
        return Ok(());
    }
    Err("what is signed is not what the publication says".to_owned())
}
