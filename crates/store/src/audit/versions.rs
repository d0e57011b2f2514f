//! The versions of a table: each has its entry, whose digest is that of its body, and they follow each other.

use super::entries::Covered;
use super::finding::{Auditor, PAGE, report};
use super::tables::Table;
use crate::error::Result;
use crate::ledger::OPEN;
use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use lvcai_database::{Conn, on_conn};
use lvcai_domain::{Event, Irregularity};
use lvcai_trust::Digest;
use serde_json::Value;

/// A version with the entry at its position.
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
    /// The columns beside the body, as a JSON array of texts.
    #[diesel(sql_type = Text)]
    columns: String,
    #[diesel(sql_type = Nullable<Text>)]
    subject: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    subject_version: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    digest: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    nonce: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    effective_on: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    event: Option<String>,
}

/// Checks every version of a table.
pub(super) fn check(conn: &mut Conn, table: &Table, covered: &mut Covered, auditor: &mut dyn Auditor) -> Result<()> {
    let (mut last, mut done): (Option<Row>, i64) = (None, 0);
    loop {
        let statement = statement(conn, table, last.as_ref());
        let page: Vec<Row> = on_conn!(conn, c => sql_query(statement).load(c))?;
        if page.is_empty() {
            break;
        }
        for row in page {
            check_chain(table, last.as_ref(), &row, auditor);
            check_row(table, &row, auditor);
            if row.subject.is_some() && covered.cover(row.seq_from) {
                let seen = format!("position {} has another version already", row.seq_from);
                report(auditor, Irregularity::NoEntry, named(table, &row), seen);
            }
            last = Some(row);
            done += 1;
        }
        auditor.progress(table.name, done, done);
    }
    if let Some(row) = last.filter(|it| it.seq_to != OPEN) {
        report(auditor, Irregularity::Chain, named(table, &row), "the last version of its subject has been ended");
    }
    Ok(())
}

fn named(table: &Table, row: &Row) -> String {
    format!("{} {} version {}", table.name, subject(table, row), row.version)
}

/// The subject as an entry names it.
fn subject(table: &Table, row: &Row) -> String {
    match uuid::Uuid::try_parse(&row.id) {
        Ok(uuid) if table.uuid => format!("{}{uuid}", table.prefix),
        _ => format!("{}{}", table.prefix, row.id),
    }
}

/// Reads the page behind a row, in the order of subjects and versions.
fn statement(conn: &Conn, table: &Table, after: Option<&Row>) -> String {
    let postgres = matches!(conn, Conn::Postgres(_));
    let uuid = |column: &str| {
        if postgres { format!("replace({column}::text, '-', '')") } else { format!("lower(hex({column}))") }
    };
    let plain = |column: &str| format!("CAST({column} AS TEXT)");
    let bytes = |column: &str| {
        if postgres {
            format!("encode({column}, 'hex')")
        } else {
            format!("iif({column} IS NULL, NULL, lower(hex({column})))")
        }
    };
    let own = table.columns.iter().map(|it| {
        let column = format!("t.{}", it.name);
        if it.uuid { uuid(&column) } else { plain(&column) }
    });
    // The truth values of PostgreSQL as SQLite has them.
    let public = table.public.then(|| plain(if postgres { "t.public::int" } else { "t.public" }));
    let dated = table.dated.then(|| plain("t.effective_on"));
    let columns: Vec<_> = own.chain(public).chain(dated).collect();
    let array = if postgres { "json_build_array" } else { "json_array" };
    let behind = after.map(|row| {
        let id = match (table.uuid, postgres) {
            (true, true) => format!("'{}'::uuid", row.id),
            (true, false) => format!("X'{}'", row.id),
            (false, _) => format!("'{}'", row.id.replace('\'', "''")),
        };
        format!("WHERE (t.id, t.version) > ({id}, {})", row.version)
    });
    format!(
        "SELECT {id} AS id, t.version, t.seq_from, t.seq_to, t.body, CAST({array}({columns}) AS TEXT) AS columns, \
         l.subject, l.subject_version, {digest} AS digest, {nonce} AS nonce, l.effective_on, l.event \
         FROM {name} t LEFT JOIN ledger l ON l.seq = t.seq_from {behind} ORDER BY t.id, t.version LIMIT {PAGE}",
        id = if table.uuid { uuid("t.id") } else { plain("t.id") },
        columns = columns.join(", "),
        digest = bytes("l.body_sha256"),
        nonce = bytes("l.nonce"),
        name = table.name,
        behind = behind.unwrap_or_default(),
    )
}

/// Whether a version follows the one before it, or is the first of its subject.
fn check_chain(table: &Table, before: Option<&Row>, row: &Row, auditor: &mut dyn Auditor) {
    let wrong = match before {
        Some(before) if before.id == row.id => before.version + 1 != row.version || before.seq_to != row.seq_from,
        Some(before) if before.seq_to != OPEN => {
            let seen = "the last version of its subject has been ended";
            report(auditor, Irregularity::Chain, named(table, before), seen);
            row.version != 1
        }
        _ => row.version != 1,
    };
    if wrong || row.seq_to <= row.seq_from {
        let seen = format!("from {} to {}", row.seq_from, row.seq_to);
        report(auditor, Irregularity::Chain, named(table, row), seen);
    }
}

/// Whether a version is the one that its entry is of, and its columns say what its body says.
fn check_row(table: &Table, row: &Row, auditor: &mut dyn Auditor) {
    if row.subject.as_deref() != Some(subject(table, row).as_str()) || row.subject_version != Some(row.version) {
        let seen = format!("position {}", row.seq_from);
        return report(auditor, Irregularity::NoEntry, named(table, row), seen);
    }
    let nonce = row.nonce.as_deref().map(bytes).unwrap_or_default();
    let digest = Digest::of_parts(&[&nonce, row.body.as_bytes()]).to_string();
    if row.digest.as_deref() != Some(digest.as_str()) {
        report(auditor, Irregularity::Body, named(table, row), format!("position {}", row.seq_from));
    }
    let body: Value = serde_json::from_str(&row.body).unwrap_or_default();
    let held: Vec<Value> = serde_json::from_str(&row.columns).unwrap_or_default();
    for ((name, expected), held) in expected(table, row, &body).into_iter().zip(held) {
        let held = match held {
            Value::String(text) => text,
            other => other.to_string(),
        };
        if expected.is_some_and(|it| it != held) {
            report(auditor, Irregularity::Column, format!("{}, column {name}", named(table, row)), held);
        }
    }
}

/// What the columns of a row must hold, in the order of the statement; none where anything may stand.
fn expected(table: &Table, row: &Row, body: &Value) -> Vec<(&'static str, Option<String>)> {
    let mut all: Vec<_> = table.columns.iter().map(|it| (it.name, (it.expected)(body))).collect();
    if table.public {
        all.push(("public", Some(u8::from(row.nonce.is_none()).to_string())));
    }
    if table.dated {
        // A certificate that is told again because its renewal window has opened goes on holding since the day it did.
        let told_again = row.event.as_deref() == Some(Event::CertificateRenewalOpened.name());
        all.push(("effective_on", row.effective_on.clone().filter(|_| !told_again)));
    }
    all
}

/// The bytes of hexadecimal digits.
fn bytes(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}
