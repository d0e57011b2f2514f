//! Certificates: the mirror of what certification bodies decide.
//!
//! [`put`] and [`transition`] are where a step is taken; what it means is decided in `lvcai_domain::certificate::step`.

mod batch;
mod look_alikes;
mod steps;

pub use look_alikes::{LookAlike, look_alikes};
pub use lvcai_domain::certificate::{PushedRecord, Target, Transition};
pub use steps::{put, transition};

use crate::error::Result;
use crate::ledger::{
    CHUNK, Moment, Page, StoredVersion, Versioned, day, effective_dated, in_effect, known_at, load_page, narrow, row,
    versioned,
};
use crate::schema::{certificates, later_certificates};
use diesel::prelude::*;
use jiff::civil::Date;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::certificate::HeldRecords;
use lvcai_domain::verdict::Sourced;
use lvcai_domain::{
    ApprovalNumber, Certificate, CertificateId, CertificateNumber, RecordSource, ReportedStatus, Scheme,
};
use std::collections::HashMap;

versioned!(certificates: Id, read by id: CertificateId => Id(id.uuid()));
effective_dated!(certificates, Certificate, CertificateId);

row! {
    certificates: Id = Id(it.id.uuid()), of |it: &Certificate, new| {
        effective_on: String = new.effective_on.to_string(),
        certification_body: String = it.certification_body.to_string(),
        number_key: String = it.number.normalised(),
        look_alike: String = it.number.look_alike(),
        scheme: &'static str = it.scheme.name(),
        kind: String = it.kind.clone(),
        star_level: i32 = it.star.map_or(0, |star| i32::from(star.get())),
        status: &'static str = it.reported_status.code(),
        valid_until: String = it.last_day().to_string(),
        record_source: &'static str = it.record_source.name(),
        retracted_on: String = it.retracted_on.map(|day| day.to_string()).unwrap_or_default(),
        predecessor_key: String = it.predecessor.as_ref().map(|it| it.number.normalised()).unwrap_or_default(),
    }
}

impl Versioned for Certificate {
    fn subject(&self) -> String {
        self.id.to_string()
    }
}

/// Finds the certificates of a number at a cut, whatever its spelling, of one body or of all.
pub fn find_by_number(
    conn: &mut Conn,
    number: &CertificateNumber,
    body: Option<&ApprovalNumber>,
    cut: i64,
) -> Result<Vec<Sourced<Certificate>>> {
    let rows: Vec<(i64, String)> = on_conn!(conn, c => {
        let mut query = certificates::table
            .filter(certificates::number_key.eq(number.normalised()))
            .filter(known_at!(certificates, cut))
            .into_boxed();
        narrow!(query, body, |body| certificates::certification_body.eq(body.to_string()));
        query.order(certificates::id.asc()).select((certificates::seq_from, certificates::body)).load(c)
    })?;
    rows.into_iter().map(|(seq, body)| Ok(Sourced { fact: serde_json::from_str(&body)?, seq })).collect()
}

/// A certificate as the registry holds it.
#[derive(Debug, Clone)]
pub struct CurrentCertificate {
    /// The present record: where a step is scheduled, the one that holds until then.
    pub present: Certificate,
    /// The latest record.
    pub latest: Certificate,
    /// From which day the latest record counts.
    pub since: Date,
    /// The stored bytes of the latest record.
    pub stored: StoredVersion,
}

impl CurrentCertificate {
    /// The two records, as the rules ask for them.
    fn records(&self) -> HeldRecords<'_> {
        HeldRecords { present: &self.present, latest: &self.latest }
    }
}

/// What names a certificate: its number and whose number it is.
#[derive(Debug, Clone, Copy)]
pub struct CertificateKey<'a> {
    /// The certification body.
    pub body: &'a ApprovalNumber,
    /// The number, whatever its spelling.
    pub number: &'a CertificateNumber,
}

/// The columns of a current version: since when it counts, its number, its entry, its bytes.
type CurrentRow = (String, i32, i64, String);

/// The select list of a [`CurrentRow`].
macro_rules! current_row {
    () => {
        (certificates::effective_on, certificates::version, certificates::seq_from, certificates::body)
    };
}

/// Finds the certificate that a body holds under a number.
pub fn find(conn: &mut Conn, key: CertificateKey<'_>, moment: Moment) -> Result<Option<CurrentCertificate>> {
    let row: Option<CurrentRow> = on_conn!(conn, c => certificates::table
        .filter(certificates::number_key.eq(key.number.normalised()))
        .filter(certificates::certification_body.eq(key.body.to_string()))
        .filter(known_at!(certificates, moment.cut))
        .select(current_row!())
        .get_result(c)
        .optional())?;
    row.map(|row| with_present(conn, row, moment)).transpose()
}

/// The same for many numbers at once, by the normalised number.
pub(crate) fn find_many(
    conn: &mut Conn,
    body: &ApprovalNumber,
    numbers: &[String],
    moment: Moment,
) -> Result<HashMap<String, CurrentCertificate>> {
    let mut found = HashMap::with_capacity(numbers.len());
    for numbers in numbers.chunks(CHUNK) {
        let rows: Vec<(String, CurrentRow)> = on_conn!(conn, c => certificates::table
            .filter(certificates::number_key.eq_any(numbers))
            .filter(certificates::certification_body.eq(body.to_string()))
            .filter(known_at!(certificates, moment.cut))
            .select((certificates::number_key, current_row!()))
            .load(c))?;
        for (number, row) in rows {
            found.insert(number, with_present(conn, row, moment)?);
        }
    }
    Ok(found)
}

/// The same by its identifier.
pub(crate) fn find_by_id(conn: &mut Conn, id: CertificateId, moment: Moment) -> Result<Option<CurrentCertificate>> {
    let row: Option<CurrentRow> = on_conn!(conn, c => certificates::table
        .filter(certificates::id.eq(Id(id.uuid())).and(known_at!(certificates, moment.cut)))
        .select(current_row!())
        .get_result(c)
        .optional())?;
    row.map(|row| with_present(conn, row, moment)).transpose()
}

fn with_present(conn: &mut Conn, row: CurrentRow, moment: Moment) -> Result<CurrentCertificate> {
    let (since, version, seq, body) = row;
    let since = day(&since)?;
    let latest: Certificate = serde_json::from_str(&body)?;
    let scheduled = since > moment.day;
    let now = if scheduled { in_effect(conn, latest.id, moment.cut, moment.day)? } else { None };
    let present = now.map_or_else(|| latest.clone(), |known| known.fact);
    Ok(CurrentCertificate { present, latest, since, stored: StoredVersion { version, seq, body } })
}

/// Every certificate that a body holds at a cut, but for those that a list told by mistake.
fn all_of_body(conn: &mut Conn, body: &ApprovalNumber, cut: i64) -> Result<Vec<Certificate>> {
    let bodies: Vec<String> = on_conn!(conn, c => certificates::table
        .filter(certificates::certification_body.eq(body.to_string()))
        .filter(known_at!(certificates, cut).and(certificates::retracted_on.eq("")))
        .order(certificates::id.asc())
        .select(certificates::body)
        .load(c))?;
    bodies.iter().map(|it| Ok(serde_json::from_str(it)?)).collect()
}

/// Whether a record has the words of a development version before the first release, which no reader knows any more.
pub fn in_earlier_words(conn: &mut Conn) -> Result<bool> {
    let earlier = certificates::table.filter(certificates::record_source.eq("body"));
    Ok(on_conn!(conn, c => diesel::select(diesel::dsl::exists(earlier)).get_result(c))?)
}

/// From so many certificates on, a page of the newest whose numbers begin alike is found sooner by looking at them one
/// by one than by sorting all that the index finds (as for words: [`crate::search_index`]).
const FREQUENT: i64 = 2000;

/// In which order certificates are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Those that the registry has known for the shortest time first.
    #[default]
    Newest,
    /// Those that end first.
    EndingFirst,
    /// Those that end last.
    EndingLast,
}

/// What a list of certificates is narrowed by, and its order.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The certification body.
    pub body: Option<ApprovalNumber>,
    /// The beginning of the normalised number.
    pub number: Option<String>,
    /// The kind.
    pub kind: Option<String>,
    /// The scheme.
    pub scheme: Option<Scheme>,
    /// The reported status.
    pub status: Option<ReportedStatus>,
    /// The least star.
    pub star_min: Option<i32>,
    /// A day by which it will have ended.
    pub expires_before: Option<Date>,
    /// The number of the certificate that it renews or takes over.
    pub predecessor: Option<CertificateNumber>,
    /// Who states what the record says.
    pub record_source: Option<RecordSource>,
    /// The order.
    pub order: Order,
}

/// Puts a query in its order, from where the page before ended. The day by itself, beside the comparison of both, lets
/// the index begin there.
macro_rules! ordered {
    ($query:ident, $order:expr, $page:ident) => {{
        let mut query = $query;
        match $order {
            Order::Newest => {
                narrow!(query, $page.after_id(), |after| certificates::id.lt(after));
                query.order(certificates::id.desc())
            }
            Order::EndingFirst => {
                if let Some((day, id)) = after_ending($page) {
                    let later = certificates::valid_until.gt(day).or(certificates::id.gt(id));
                    query = query.filter(certificates::valid_until.ge(day).and(later));
                }
                query.order((certificates::valid_until.asc(), certificates::id.asc()))
            }
            Order::EndingLast => {
                if let Some((day, id)) = after_ending($page) {
                    let earlier = certificates::valid_until.lt(day).or(certificates::id.lt(id));
                    query = query.filter(certificates::valid_until.le(day).and(earlier));
                }
                query.order((certificates::valid_until.desc(), certificates::id.desc()))
            }
        }
    }};
}

/// Lists the certificates in effect on a day, as known at a cut. The key of a page is the last day and the identifier of
/// its last item, or the identifier alone, as the order is.
#[expect(clippy::cognitive_complexity, reason = "a list of filters, one a line, which on_conn! writes twice")]
pub fn list(conn: &mut Conn, filter: &Filter, page: &Page) -> Result<Vec<(String, String)>> {
    // A range instead of LIKE: the B-tree serves it and `%` means itself.
    let range = filter.number.as_ref().map(|number| (number, format!("{number}\u{10FFFF}")));
    let frequent = range.as_ref().map(|(number, end)| is_frequent(conn, number, end)).transpose()?.unwrap_or_default();
    let day = page.day.to_string();
    let rows: Vec<((String, Id), String)> = on_conn!(conn, c => {
        let mut query = certificates::table
            .filter(in_effect!(certificates, later_certificates, page.cut, &day))
            .filter(certificates::retracted_on.eq(""))
            .into_boxed();
        narrow!(query, &filter.body, |body| certificates::certification_body.eq(body.to_string()));
        if let Some((number, end)) = &range {
            query = if frequent {
                // `concat("")` hides the column from its index on purpose, so that the newest are looked at first.
                let key = certificates::number_key.concat("");
                query.filter(key.ge(number).and(key.lt(end)))
            } else {
                query.filter(certificates::number_key.ge(number).and(certificates::number_key.lt(end)))
            };
        }
        narrow!(query, &filter.kind, |kind| certificates::kind.eq(kind));
        narrow!(query, filter.scheme, |scheme| certificates::scheme.eq(scheme.name()));
        narrow!(query, filter.status, |status| certificates::status.eq(status.code()));
        narrow!(query, filter.star_min, |star| certificates::star_level.ge(star));
        narrow!(query, filter.expires_before, |day| certificates::valid_until.lt(day.to_string()));
        narrow!(query, &filter.predecessor, |number| certificates::predecessor_key.eq(number.normalised()));
        narrow!(query, filter.record_source, |source| certificates::record_source.eq(source.name()));
        let query = ordered!(query, filter.order, page);
        load_page!(c, query, page, ((certificates::valid_until, certificates::id), certificates::body))
    })?;
    let key = |(day, id): (String, Id)| match filter.order {
        Order::Newest => id.0.to_string(),
        Order::EndingFirst | Order::EndingLast => format!("{day} {}", id.0),
    };
    Ok(rows.into_iter().map(|(row, body)| (key(row), body)).collect())
}

/// The last day and the identifier after which a page begins that is ordered by the day.
fn after_ending(page: &Page) -> Option<(&str, Id)> {
    let (day, id) = page.after.as_deref()?.split_once(' ')?;
    Some((day, Id(uuid::Uuid::try_parse(id).ok()?)))
}

/// Whether so many numbers begin alike that the index is of no help.
fn is_frequent(conn: &mut Conn, number: &str, end: &str) -> Result<bool> {
    let some: Vec<i32> = on_conn!(conn, c => certificates::table
        .filter(certificates::number_key.ge(number).and(certificates::number_key.lt(end)))
        .select(certificates::version)
        .limit(FREQUENT)
        .load(c))?;
    Ok(i64::try_from(some.len()).is_ok_and(|count| count >= FREQUENT))
}
