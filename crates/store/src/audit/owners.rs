//! Columns that repeat what another noun says: whose an evidence and a publication are, and who certified.

use super::finding::{Auditor, report};
use crate::error::Result;
use crate::ledger::OPEN;
use crate::schema::test_reports;
use crate::schema::{certificates, certification_bodies, evidence, laboratories, lists, products, publications};
use diesel::prelude::*;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::{Irregularity, Laboratory};
use std::collections::BTreeSet;
use uuid::Uuid;

/// A row by its identifier and version, and what a column of it holds.
type Held = (Id, i32, Id);

/// Checks that an evidence belongs to the owner of its product and to whoever answers for what it rests on, and a
/// publication to the publisher of its list.
pub(super) fn check(conn: &mut Conn, auditor: &mut dyn Auditor) -> Result<()> {
    let of_others: Vec<Held> = on_conn!(conn, c => evidence::table
        .inner_join(products::table.on(products::id.eq(evidence::product).and(products::seq_to.eq(OPEN))))
        .filter(evidence::owner.ne(products::owner))
        .select((evidence::id, evidence::version, evidence::owner))
        .load(c))?;
    tell(auditor, "evidence evid", "owner", of_others);
    let of_others: Vec<Held> = on_conn!(conn, c => publications::table
        .filter(diesel::dsl::not(diesel::dsl::exists(
            lists::table.filter(lists::id.eq(publications::list).and(lists::publisher.eq(publications::publisher))),
        )))
        .select((publications::id, publications::version, publications::publisher))
        .load(c))?;
    tell(auditor, "publications publ", "publisher", of_others);
    let certified = certified_by_others(conn)?;
    tell(auditor, "evidence evid", "certifier", certified);
    let tested = tested_by_others(conn)?;
    tell(auditor, "evidence evid", "certifier", tested);
    Ok(())
}

fn tell(auditor: &mut dyn Auditor, row: &str, column: &str, of_others: Vec<Held>) {
    for (id, version, held) in of_others {
        let row = format!("{row}_{} version {version}, column {column}", id.0);
        report(auditor, Irregularity::Column, row, held.0.to_string());
    }
}

/// Evidence by a certificate whose body was never the organisation that the column names.
fn certified_by_others(conn: &mut Conn) -> Result<Vec<Held>> {
    Ok(on_conn!(conn, c => evidence::table
        .inner_join(certificates::table.on(
            certificates::id.eq(evidence::certificate).and(certificates::seq_to.eq(OPEN)),
        ))
        .filter(diesel::dsl::not(diesel::dsl::exists(certification_bodies::table.filter(
            certification_bodies::id
                .eq(certificates::certification_body)
                .and(certification_bodies::organisation.eq(evidence::certifier)),
        ))))
        .select((evidence::id, evidence::version, evidence::certifier))
        .load(c))?)
}

/// Evidence by a test report whose laboratory was never the organisation that the column names.
fn tested_by_others(conn: &mut Conn) -> Result<Vec<Held>> {
    let laboratories: Vec<(String, String)> =
        on_conn!(conn, c => laboratories::table.select((laboratories::id, laboratories::body)).load(c))?;
    // A body that is none has been reported with its digest.
    let organisation = |body: &str| Some(serde_json::from_str::<Laboratory>(body).ok()?.organisation.uuid());
    let are: BTreeSet<(String, Uuid)> =
        laboratories.into_iter().filter_map(|(id, body)| Some((id, organisation(&body)?))).collect();
    let reports: Vec<(Held, String)> = on_conn!(conn, c => evidence::table
        .inner_join(test_reports::table.on(
            test_reports::id.eq(evidence::test_report).and(test_reports::seq_to.eq(OPEN)),
        ))
        .select(((evidence::id, evidence::version, evidence::certifier), test_reports::laboratory))
        .load(c))?;
    let of_others = |(held, laboratory): (Held, String)| {
        let named = (laboratory, held.2.0);
        (!are.contains(&named)).then_some(held)
    };
    Ok(reports.into_iter().filter_map(of_others).collect())
}
