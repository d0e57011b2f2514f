//! Certificates whose numbers are easily taken for one another: a letter O for a zero, an l for a one.

use crate::error::Result;
use crate::ledger::{CHUNK, known_at};
use crate::schema::certificates;
use diesel::prelude::*;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::{CertificateId, CertificateNumber};
use std::collections::{BTreeSet, HashMap};

/// How many are told of one number.
const TOLD: usize = 10;

/// A certificate whose number is easily taken for another's.
#[derive(Debug, Clone)]
pub struct LookAlike {
    /// Names it.
    pub id: CertificateId,
    /// Its normalised number.
    pub number: String,
}

/// The certificates with other numbers that look like these, by the normalised number, in the order of their
/// identifiers.
pub fn look_alikes<'a>(
    conn: &mut Conn,
    numbers: impl IntoIterator<Item = &'a CertificateNumber>,
    cut: i64,
) -> Result<HashMap<String, Vec<LookAlike>>> {
    let numbers: Vec<_> = numbers.into_iter().map(|it| (it.look_alike(), it.normalised())).collect();
    let keys: BTreeSet<&String> = numbers.iter().map(|(look_alike, _)| look_alike).collect();
    let mut known: HashMap<String, Vec<(String, Id)>> = HashMap::new();
    for keys in keys.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
        let rows: Vec<(String, String, Id)> = on_conn!(conn, c => certificates::table
            .filter(certificates::look_alike.eq_any(keys))
            .filter(known_at!(certificates, cut).and(certificates::retracted_on.eq("")))
            .order(certificates::id.asc())
            .select((certificates::look_alike, certificates::number_key, certificates::id))
            .load(c))?;
        for (look_alike, number, id) in rows {
            known.entry(look_alike).or_default().push((number, id));
        }
    }
    let others = |(look_alike, number): (String, String)| {
        let all = known.get(&look_alike).into_iter().flatten().filter(|(other, _)| *other != number);
        let told = all.take(TOLD).map(|(number, id)| LookAlike { id: id.0.into(), number: number.clone() });
        let told: Vec<_> = told.collect();
        (number, told)
    };
    Ok(numbers.into_iter().map(others).filter(|(_, told)| !told.is_empty()).collect())
}
