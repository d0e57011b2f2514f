//! What the database takes by itself: the rows of a batch in one transaction, into tables and indexes like its own.
//!
//! SQLite gets a prepared INSERT for each row, PostgreSQL a COPY for each table.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use lvcai_database::{Conn, migrate};
use std::error::Error;
use std::io::Read;
use std::time::{Duration, Instant};

diesel::table! {
    certificates (id, version) {
        id -> Binary,
        version -> Integer,
        seq_from -> BigInt,
        seq_to -> BigInt,
        effective_on -> Text,
        certification_body -> Text,
        number_key -> Text,
        look_alike -> Text,
        scheme -> Text,
        kind -> Text,
        star_level -> Integer,
        status -> Text,
        valid_until -> Text,
        record_source -> Text,
        predecessor_key -> Text,
        body -> Text,
    }
}

diesel::table! {
    ledger (seq) {
        seq -> BigInt,
        at -> BigInt,
        event -> Text,
        subject -> Text,
        subject_version -> Integer,
        body_sha256 -> Binary,
        command -> Binary,
        cut -> Integer,
        actor -> Text,
        authority_document -> Nullable<Text>,
        effective_on -> Nullable<Text>,
        nonce -> Nullable<Binary>,
        leaf_sha256 -> Binary,
    }
}

diesel::allow_tables_to_appear_in_same_query!(certificates, ledger);

#[derive(Queryable, Insertable)]
#[diesel(table_name = certificates)]
struct Certificate {
    id: Vec<u8>,
    version: i32,
    seq_from: i64,
    seq_to: i64,
    effective_on: String,
    certification_body: String,
    number_key: String,
    look_alike: String,
    scheme: String,
    kind: String,
    star_level: i32,
    status: String,
    valid_until: String,
    record_source: String,
    predecessor_key: String,
    body: String,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = ledger, treat_none_as_default_value = false)]
struct Entry {
    seq: i64,
    at: i64,
    event: String,
    subject: String,
    subject_version: i32,
    body_sha256: Vec<u8>,
    command: Vec<u8>,
    cut: i32,
    actor: String,
    authority_document: Option<String>,
    effective_on: Option<String>,
    nonce: Option<Vec<u8>>,
    leaf_sha256: Vec<u8>,
}

/// Copies the first versions of the certificates whose numbers begin so, with their entries, from one database into
/// another; prints how many certificates, and the seconds that the writing took.
pub(crate) fn copy(from: &str, into: &str, prefix: &str) -> Result<(), Box<dyn Error>> {
    let wanted = format!("version = 1 AND body LIKE '%\"number\":\"{prefix}%'");
    if let Conn::Postgres(mut conn) = Conn::open(from)? {
        conn.batch_execute("DROP SCHEMA IF EXISTS scratch CASCADE; CREATE SCHEMA scratch")?;
    }
    migrate(into)?;
    let (count, took) = match (Conn::open(from)?, Conn::open(into)?) {
        (Conn::Sqlite(mut from), mut into @ Conn::Sqlite(_)) => insert(&mut from, &mut into, &wanted)?,
        (Conn::Postgres(first), mut into @ Conn::Postgres(_)) => {
            // Diesel leaves a connection from which it copied in the midst of that command, so each table has its own.
            let Conn::Postgres(second) = Conn::open(from)? else { return Err("two kinds of database".into()) };
            stream([first, second], &mut into, &wanted)?
        }
        _ => return Err("two kinds of database".into()),
    };
    println!("{count} {}", took.as_secs_f64());
    Ok(())
}

fn insert(from: &mut SqliteConnection, into: &mut Conn, wanted: &str) -> Result<(usize, Duration), Box<dyn Error>> {
    let of_batch = || certificates::table.filter(diesel::dsl::sql::<Bool>(wanted));
    let rows: Vec<Certificate> = of_batch().load(from)?;
    let seqs = of_batch().select(certificates::seq_from);
    let entries: Vec<Entry> = ledger::table.filter(ledger::seq.eq_any(seqs)).load(from)?;
    let began = Instant::now();
    into.begin()?;
    if let Conn::Sqlite(into) = into {
        for (row, entry) in rows.iter().zip(&entries) {
            diesel::insert_into(certificates::table).values(row).execute(into)?;
            diesel::insert_into(ledger::table).values(entry).execute(into)?;
        }
    }
    into.commit()?;
    Ok((rows.len().min(entries.len()), began.elapsed()))
}

fn stream(from: [PgConnection; 2], into: &mut Conn, wanted: &str) -> Result<(usize, Duration), Box<dyn Error>> {
    // Tables of the session hide those of the registry by their names.
    let batch = format!(
        "CREATE TEMP TABLE certificates AS SELECT * FROM certificates WHERE {wanted}; \
         CREATE TEMP TABLE ledger AS SELECT * FROM ledger WHERE seq IN (SELECT seq_from FROM certificates)"
    );
    let [mut first, mut second] = from;
    first.batch_execute(&batch)?;
    second.batch_execute(&batch)?;
    let (mut rows, mut entries) = (Vec::new(), Vec::new());
    diesel::copy_to(certificates::table).load_raw(&mut first)?.read_to_end(&mut rows)?;
    diesel::copy_to(ledger::table).load_raw(&mut second)?.read_to_end(&mut entries)?;
    let failed = |error: std::io::Error| diesel::result::Error::SerializationError(Box::new(error));
    let mut count = 0;
    let began = Instant::now();
    into.begin()?;
    if let Conn::Postgres(into) = into {
        count = diesel::copy_from(certificates::table)
            .from_raw_data(certificates::table, |copy| copy.write_all(&rows).map_err(failed))
            .execute(into)?;
        diesel::copy_from(ledger::table)
            .from_raw_data(ledger::table, |copy| copy.write_all(&entries).map_err(failed))
            .execute(into)?;
    }
    into.commit()?;
    Ok((count, began.elapsed()))
}
