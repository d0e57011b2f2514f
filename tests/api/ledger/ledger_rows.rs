//! The rows behind the answers, read as any client of the database would.

use diesel::sql_types::{BigInt, Integer, Text};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use lvcai_database::{Conn, on_conn};
use lvcai_store::ledger::Entry;
use lvcai_tests::{Database, Server};
use lvcai_trust::Digest;
use std::collections::BTreeMap;

/// One row of a table that keeps versions.
#[derive(Debug)]
pub(crate) struct Version {
    pub(crate) table: String,
    pub(crate) id: String,
    pub(crate) version: i32,
    pub(crate) seq_from: i64,
    pub(crate) seq_to: i64,
    pub(crate) body: String,
    /// Every column but `seq_to`, as text.
    pub(crate) row: String,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = BigInt)]
    seq_from: i64,
    #[diesel(sql_type = BigInt)]
    seq_to: i64,
    #[diesel(sql_type = Text)]
    body: String,
    #[diesel(sql_type = Text)]
    row: String,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// The whole ledger.
pub(crate) fn ledger(server: &Server) -> Vec<Entry> {
    entries(&server.database)
}

/// The whole ledger of a database.
pub(crate) fn entries(database: &Database) -> Vec<Entry> {
    lvcai_store::ledger::entries(&mut database.conn(), 0, i64::MAX).unwrap()
}

/// Every version of everything, by position.
pub(crate) fn every_version(server: &Server) -> Vec<Version> {
    let mut conn = server.database.conn();
    let mut versions: Vec<Version> = tables(&mut conn).iter().flat_map(|table| of_table(&mut conn, table)).collect();
    versions.sort_by_key(|version| version.seq_from);
    versions
}

/// The tables that keep versions: those whose rows begin to hold somewhere. Texts of the index are no noun.
fn tables(conn: &mut Conn) -> Vec<String> {
    let sql = match conn {
        Conn::Postgres(_) => {
            "SELECT table_name::text AS name FROM information_schema.columns
             WHERE table_schema = current_schema() AND column_name = 'seq_from' AND table_name <> 'product_texts'"
        }
        Conn::Sqlite(_) => {
            "SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
             WHERE m.type = 'table' AND c.name = 'seq_from' AND m.name <> 'product_texts'"
        }
    };
    let names: Vec<Name> = on_conn!(conn, c => sql_query(sql).load(c)).unwrap();
    names.into_iter().map(|it| it.name).collect()
}

fn of_table(conn: &mut Conn, table: &str) -> Vec<Version> {
    let sql = match conn {
        Conn::Postgres(_) => format!(
            "SELECT id::text AS id, version, seq_from, seq_to, body, (to_jsonb(t) - 'seq_to')::text AS row FROM {table} t"
        ),
        Conn::Sqlite(c) => {
            let columns = format!("SELECT name FROM pragma_table_info('{table}') WHERE name <> 'seq_to'");
            let columns: Vec<Name> = sql_query(columns).load(c).unwrap();
            let quoted: Vec<_> = columns.iter().map(|it| format!("quote({})", it.name)).collect();
            let row = quoted.join(" || ',' || ");
            format!("SELECT quote(id) AS id, version, seq_from, seq_to, body, {row} AS row FROM {table}")
        }
    };
    let rows: Vec<Row> = on_conn!(conn, c => sql_query(&sql).load(c)).unwrap();
    rows.into_iter()
        .map(|Row { id, version, seq_from, seq_to, body, row }| Version {
            table: table.to_owned(),
            id,
            version,
            seq_from,
            seq_to,
            body,
            row,
        })
        .collect()
}

/// What stands at a position: one row for each subject.
pub(crate) fn snapshot(versions: &[Version], at: i64) -> BTreeMap<(String, String), String> {
    let standing = versions.iter().filter(|version| version.seq_from <= at && version.seq_to > at);
    let rows: Vec<_> =
        standing.map(|version| ((version.table.clone(), version.id.clone()), version.row.clone())).collect();
    let count = rows.len();
    let snapshot: BTreeMap<_, _> = rows.into_iter().collect();
    assert_eq!(snapshot.len(), count, "a subject stands twice at {at}");
    snapshot
}

/// The envelope of an entry in RFC 8785, put together by hand from its columns.
pub(crate) fn envelope(entry: &Entry) -> String {
    let text = |text: &str| serde_json::to_string(text).unwrap();
    let maybe = |value: Option<&str>| value.map_or_else(|| "null".to_owned(), text);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let hidden = entry.nonce.as_deref();
    let subject = match hidden {
        Some(nonce) => Digest::of(&[nonce, entry.subject.as_bytes()].concat()).to_string(),
        None => entry.subject.clone(),
    };
    let (event, actor) = match hidden {
        Some(_) => ("private.recorded", None),
        None => (entry.event.as_str(), Some(entry.actor.as_str())),
    };
    // A document's number or a day would tell of what a private entry is about.
    let open = |value: &Option<String>| maybe(value.as_deref().filter(|_| hidden.is_none()));
    [
        format!("{{\"actor\":{},\"at\":\"{}\",", maybe(actor), micros(entry)),
        format!("\"authority_document\":{},", open(&entry.authority_document)),
        format!("\"body_sha256\":\"{}\",", hex(&entry.body_sha256)),
        format!("\"command\":\"{}\",\"cut\":{},", entry.command.0, entry.cut),
        format!("\"effective_on\":{},\"event\":{},", open(&entry.effective_on), text(event)),
        format!("\"seq\":{},\"subject\":{},", entry.seq, text(&subject)),
        format!("\"subject_version\":{}}}", entry.subject_version),
    ]
    .concat()
}

fn micros(entry: &Entry) -> String {
    let at = jiff::Timestamp::from(entry.at);
    let whole = at.as_microsecond().div_euclid(1_000_000);
    let fraction = at.as_microsecond().rem_euclid(1_000_000);
    let second = jiff::Timestamp::from_second(whole).unwrap();
    format!("{}.{fraction:06}Z", second.strftime("%Y-%m-%dT%H:%M:%S"))
}
