//! Publications: drafted by one holder, approved by another, numbered, signed, immutable.

mod select;
mod steps;

pub use select::Selection;
pub use steps::{DraftFields, PublisherAction, Signer, approve, cancel, draft, publish};

use crate::error::Result;
use crate::ledger::{
    HistoryEntry, Page, StoredVersion, Versioned, Viewer, Visible, known_at, load_page, narrow, row, versioned,
};
use crate::schema::{publication_entries, publications};
use diesel::prelude::*;
use lvcai_database::{Conn, Id, insert_all, on_conn};
use lvcai_domain::{OrganisationId, Publication, PublicationEntry, PublicationId, PublicationStatus};
use lvcai_trust::canonical;
use serde::Serialize;

versioned!(publications: Id);

row! {
    publications: Id = Id(it.publication.id.uuid()), of |it: &PublicationRecord, new| {
        public: bool = it.public(),
        list: String = it.publication.list.clone(),
        number: i32 = it.publication.number.unwrap_or_default(),
        status: &'static str = it.publication.status.name(),
        publisher: Id = Id(it.publisher.uuid()),
        document: Option<String> = it.document.clone(),
    }
}

#[derive(Insertable)]
#[diesel(table_name = publication_entries, treat_none_as_default_value = false)]
struct EntryRow {
    publication: Id,
    position: i32,
    product: Id,
    body: String,
}

/// A publication with what is kept beside its body.
#[derive(Serialize)]
#[serde(transparent)]
struct PublicationRecord {
    publication: Publication,
    #[serde(skip)]
    publisher: OrganisationId,
    /// The entries, when the publication is new.
    #[serde(skip)]
    entries: Vec<PublicationEntry>,
    /// The signed document, once published.
    #[serde(skip)]
    document: Option<String>,
}

impl Versioned for PublicationRecord {
    fn subject(&self) -> String {
        self.publication.id.to_string()
    }

    fn public(&self) -> bool {
        self.publication.status == PublicationStatus::Published
    }

    fn write_dependents(&self, conn: &mut Conn, _version: i32, _seq: i64) -> QueryResult<()> {
        let id = Id(self.publication.id.uuid());
        let row = |entry: &PublicationEntry| {
            let body = canonical(entry).map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))?;
            Ok(EntryRow { publication: id, position: entry.position, product: Id(entry.product.uuid()), body })
        };
        let rows: Vec<EntryRow> = self.entries.iter().map(row).collect::<QueryResult<_>>()?;
        insert_all!(conn, publication_entries::table, &rows)
    }
}

/// How a publication is asked for: by its number once published, by its id from the first draft on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference {
    /// Its number within the list.
    Number(i32),
    /// Its identifier.
    Id(PublicationId),
}

/// Reads a publication of a list at a cut, as far as the viewer may see it.
pub fn read(
    conn: &mut Conn,
    list: &str,
    reference: Reference,
    Visible { cut, viewer }: Visible,
) -> Result<Option<StoredVersion>> {
    let publisher = viewer.organisation();
    let found: Option<(StoredVersion, bool, Id)> = on_conn!(conn, c => {
        let mut query = publications::table
            .filter(publications::list.eq(list))
            .filter(known_at!(publications, cut))
            .into_boxed();
        query = match reference {
            Reference::Number(number) => query.filter(publications::number.eq(number).and(publications::public.eq(true))),
            Reference::Id(id) => query.filter(publications::id.eq(Id(id.uuid()))),
        };
        query
            .select((
                (publications::version, publications::seq_from, publications::body),
                publications::public,
                publications::publisher,
            ))
            .get_result(c)
            .optional()
    })?;
    Ok(found
        .filter(|(_, public, of)| *public || *of == publisher || viewer.sees_everything())
        .map(|(stored, ..)| stored))
}

/// Reads the versions of a publication known at a cut, as far as the viewer may see them.
pub fn versions(conn: &mut Conn, list: &str, reference: Reference, visible: Visible) -> Result<Vec<HistoryEntry>> {
    let Visible { cut, viewer } = visible;
    let Some(stored) = read(conn, list, reference, visible)? else { return Ok(Vec::new()) };
    let publication: Publication = stored.parse()?;
    let own = viewer == Viewer::Organisation(publication.drafted_by.organisation);
    let mut versions = history(conn, Id(publication.id.uuid()), cut)?;
    versions.retain(|version| version.nonce.is_none() || own || viewer.sees_everything());
    Ok(versions)
}

/// In which order publications are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// That of the highest number first; what has no number comes last.
    #[default]
    Number,
    /// What was drafted last first.
    Drafted,
}

/// What the publications of a list are narrowed by, and their order.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// How far it has come.
    pub status: Option<PublicationStatus>,
    /// The order.
    pub order: Order,
}

/// Lists the publications of a list at a cut. The key of a page is the number and the identifier of its last item.
pub fn list(conn: &mut Conn, list: &str, filter: Filter, page: &Page, viewer: Viewer) -> Result<Vec<(String, String)>> {
    let after = page.after.as_deref().and_then(|after| {
        let (number, id) = after.split_once(' ')?;
        Some((number.parse::<i32>().ok()?, Id(uuid::Uuid::try_parse(id).ok()?)))
    });
    let rows: Vec<((i32, Id), String)> = on_conn!(conn, c => {
        let mut query = publications::table
            .filter(publications::list.eq(list))
            .filter(known_at!(publications, page.cut))
            .into_boxed();
        if !viewer.sees_everything() {
            query = query.filter(publications::public.eq(true).or(publications::publisher.eq(viewer.organisation())));
        }
        narrow!(query, filter.status, |status| publications::status.eq(status.name()));
        if let Some((number, id)) = after {
            query = match filter.order {
                Order::Drafted => query.filter(publications::id.lt(id)),
                Order::Number => {
                    let lower = publications::number.lt(number).or(publications::id.lt(id));
                    query.filter(publications::number.le(number).and(lower))
                }
            };
        }
        let query = match filter.order {
            Order::Drafted => query.order(publications::id.desc()),
            Order::Number => query.order((publications::number.desc(), publications::id.desc())),
        };
        load_page!(c, query, page, ((publications::number, publications::id), publications::body))
    })?;
    Ok(rows.into_iter().map(|((number, id), body)| (format!("{number} {}", id.0), body)).collect())
}

/// Lists entries of a publication by their position. The key of a page is the position.
pub fn entries(conn: &mut Conn, id: PublicationId, page: &Page) -> Result<Vec<(i32, String)>> {
    let after: i32 = page.after.as_deref().and_then(|after| after.parse().ok()).unwrap_or(0);
    Ok(on_conn!(conn, c => publication_entries::table
        .filter(publication_entries::publication.eq(Id(id.uuid())).and(publication_entries::position.gt(after)))
        .order(publication_entries::position.asc())
        .limit(page.limit)
        .select((publication_entries::position, publication_entries::body))
        .load(c))?)
}

/// Reads the signed document of a published publication at a cut.
pub fn document(conn: &mut Conn, list: &str, number: i32, cut: i64) -> Result<Option<String>> {
    let document: Option<Option<String>> = on_conn!(conn, c => publications::table
        .filter(publications::list.eq(list).and(publications::number.eq(number)).and(publications::public.eq(true)))
        .filter(known_at!(publications, cut))
        .select(publications::document)
        .get_result(c)
        .optional())?;
    Ok(document.flatten())
}

/// The number of the latest published publication of a list at a cut, 0 when there is none.
pub fn latest(conn: &mut Conn, list: &str, cut: i64) -> Result<i32> {
    let number: Option<i32> = on_conn!(conn, c => publications::table
        .filter(publications::list.eq(list))
        .filter(known_at!(publications, cut))
        .select(diesel::dsl::max(publications::number))
        .get_result(c))?;
    Ok(number.unwrap_or(0))
}
