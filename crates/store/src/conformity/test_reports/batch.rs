//! Test reports pushed by the thousand, and a laboratory's full list beside ours.

use super::decide;
use crate::batches::{Kept, Pushed};
use crate::error::Result;
use crate::ledger::{CHUNK, Decision, StoredVersion, View, known_at};
use crate::parties::laboratories;
use crate::schema::test_reports;
use diesel::prelude::*;
use lvcai_database::on_conn;
use lvcai_domain::test_report::{PushedReport, differences};
use lvcai_domain::{CmaNumber, Difference, Laboratory, OrganisationId, Problem, ProblemKind, ReportNumber, TestReport};
use std::collections::HashMap;

impl Pushed for PushedReport {
    type Number = ReportNumber;
    type OwnerNumber = CmaNumber;
    type Owner = Laboratory;
    type Held = StoredVersion;
    type Shared = ();

    fn number(&self) -> &ReportNumber {
        &self.report.number
    }

    fn own(view: &mut View<'_>, owner: &CmaNumber, by: OrganisationId) -> Result<Laboratory> {
        laboratories::own(view, owner, by)
    }

    fn find_many(view: &mut View<'_>, owner: &CmaNumber, numbers: &[String]) -> Result<HashMap<String, StoredVersion>> {
        let mut found = HashMap::with_capacity(numbers.len());
        for numbers in numbers.chunks(CHUNK) {
            let rows: Vec<(String, StoredVersion)> = on_conn!(view.conn, c => test_reports::table
                .filter(test_reports::number_key.eq_any(numbers))
                .filter(test_reports::laboratory.eq(owner.as_str()))
                .filter(known_at!(test_reports, view.cut))
                .select((test_reports::number_key, (test_reports::version, test_reports::seq_from, test_reports::body)))
                .load(c))?;
            found.extend(rows);
        }
        Ok(found)
    }

    fn last_entry(held: &StoredVersion) -> i64 {
        held.seq
    }

    fn decide(
        &self,
        view: &mut View<'_>,
        owner: &Laboratory,
        held: Option<StoredVersion>,
        (): &mut (),
    ) -> Result<Decision> {
        decide(view, owner, held, self.stated()?)
    }

    fn compare(
        &self,
        _: &mut View<'_>,
        _: &Laboratory,
        held: Option<StoredVersion>,
    ) -> Result<Option<(String, Vec<Difference>)>> {
        let theirs = self.stated()?;
        let Some(ours) = held.map(|it| it.parse::<TestReport>()).transpose()? else { return Ok(None) };
        Ok(Some((ours.id.to_string(), differences(&ours, theirs)?)))
    }

    fn all(view: &mut View<'_>, owner: &CmaNumber) -> Result<Vec<Kept<ReportNumber>>> {
        let bodies: Vec<String> = on_conn!(view.conn, c => test_reports::table
            .filter(test_reports::laboratory.eq(owner.as_str()))
            .filter(known_at!(test_reports, view.cut))
            .order(test_reports::id.asc())
            .select(test_reports::body)
            .load(c))?;
        let kept = |body: &String| {
            let it: TestReport = serde_json::from_str(body)?;
            Ok(Kept { number: it.number, id: it.id.to_string(), status: it.status.name() })
        };
        bodies.iter().map(kept).collect()
    }

    fn changed_since(entry: i64) -> Problem {
        Problem::from(ProblemKind::PreconditionFailed).detail(
            format!("该报告在 unchanged_since 之后已有变更（位置 {entry}）；请重新导出"),
            format!("the report was changed after `unchanged_since`, by the entry {entry}; export anew"),
        )
    }
}
