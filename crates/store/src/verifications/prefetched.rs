//! The certificates of all numbers of a request, in few statements: one request
//! holds a reader while it is judged.

use crate::conformity::certificates;
use crate::error::Result;
use crate::ledger::{CHUNK, known_at};
use crate::schema::certificates as table;
use diesel::prelude::*;
use lvcai_database::Conn;
use lvcai_database::{Id, on_conn};
use lvcai_domain::verdict::Sourced;
use lvcai_domain::verdict::{Question, Terms};
use lvcai_domain::{ApprovalNumber, Certificate, CertificateId, CertificateNumber};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

/// How many look-alikes are shown of one number.
const LOOK_ALIKES: usize = 10;

/// A certificate of a number that is asked about.
#[derive(Debug)]
pub(super) struct Found {
    /// The newest record at the cut.
    pub(super) known: Sourced<Certificate>,
    /// The day from which it is in effect, as it is kept: text that sorts as days do.
    effective_on: String,
}

impl Found {
    /// The record that was in effect on the day asked about: most often the newest, which is here already.
    pub(super) fn in_effect(&self, conn: &mut Conn, terms: &Terms) -> Result<Option<Cow<'_, Sourced<Certificate>>>> {
        if self.effective_on <= terms.on.to_string() {
            return Ok(Some(Cow::Borrowed(&self.known)));
        }
        Ok(certificates::in_effect(conn, self.known.fact.id, terms.cut, terms.on)?.map(Cow::Owned))
    }
}

/// What is known of the numbers that are asked about.
#[derive(Debug)]
pub(super) struct Prefetched {
    /// By the normalised number, in the order of their identifiers.
    found: HashMap<String, Vec<Found>>,
    /// By the look-alike of the number, in the order of their identifiers.
    look_alikes: HashMap<String, Vec<CertificateId>>,
}

impl Prefetched {
    /// Reads the certificates of all the questions at a cut.
    pub(super) fn of(conn: &mut Conn, questions: &[Question], cut: i64) -> Result<Self> {
        let numbers = || questions.iter().filter_map(|question| question.number.as_ref());
        let found = numbered(conn, &numbers().map(CertificateNumber::normalised).collect(), cut)?;
        let mut prefetched = Self { found, look_alikes: HashMap::new() };
        let unknown = questions.iter().filter(|it| {
            it.number.as_ref().is_some_and(|number| prefetched.found(number, it.body.as_ref()).is_empty())
        });
        let unknown = unknown.filter_map(|it| it.number.as_ref()).map(CertificateNumber::look_alike).collect();
        prefetched.look_alikes = alike(conn, &unknown, cut)?;
        Ok(prefetched)
    }

    /// The certificates of a number, of one body or of all.
    pub(super) fn found(&self, number: &CertificateNumber, body: Option<&ApprovalNumber>) -> Vec<&Found> {
        let all = self.found.get(&number.normalised()).map(Vec::as_slice).unwrap_or_default();
        all.iter().filter(|it| body.is_none_or(|body| it.known.fact.certification_body == *body)).collect()
    }

    /// The certificates whose numbers look like this one.
    pub(super) fn look_alikes(&self, number: &CertificateNumber) -> Vec<CertificateId> {
        self.look_alikes.get(&number.look_alike()).cloned().unwrap_or_default()
    }
}

fn numbered(conn: &mut Conn, keys: &BTreeSet<String>, cut: i64) -> Result<HashMap<String, Vec<Found>>> {
    let mut found: HashMap<String, Vec<Found>> = HashMap::new();
    for keys in keys.iter().collect::<Vec<_>>().chunks(CHUNK) {
        let rows: Vec<(String, String, i64, String)> = on_conn!(conn, c => table::table
            .filter(table::number_key.eq_any(keys))
            .filter(known_at!(table, cut))
            .order(table::id.asc())
            .select((table::number_key, table::effective_on, table::seq_from, table::body))
            .load(c))?;
        for (key, effective_on, seq, body) in rows {
            let known = Sourced { fact: serde_json::from_str(&body)?, seq };
            found.entry(key).or_default().push(Found { known, effective_on });
        }
    }
    Ok(found)
}

fn alike(conn: &mut Conn, keys: &BTreeSet<String>, cut: i64) -> Result<HashMap<String, Vec<CertificateId>>> {
    let mut found: HashMap<String, Vec<CertificateId>> = HashMap::new();
    for keys in keys.iter().collect::<Vec<_>>().chunks(CHUNK) {
        let rows: Vec<(String, Id)> = on_conn!(conn, c => table::table
            .filter(table::look_alike.eq_any(keys))
            .filter(known_at!(table, cut))
            .order(table::id.asc())
            .select((table::look_alike, table::id))
            .load(c))?;
        for (key, id) in rows {
            let alike = found.entry(key).or_default();
            if alike.len() < LOOK_ALIKES {
                alike.push(id.0.into());
            }
        }
    }
    Ok(found)
}
