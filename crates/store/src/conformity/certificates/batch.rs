//! Certificates pushed by the thousand, and a body's full list beside ours.

use super::steps::{Codes, complete, put_one_of};
use super::{CurrentCertificate, all_of_body, find_many};
use crate::batches::{Kept, Pushed};
use crate::error::Result;
use crate::ledger::{Decision, View};
use crate::parties::certification_bodies;
use lvcai_domain::certificate::{PushedRecord, differences};
use lvcai_domain::{
    ApprovalNumber, CertificateNumber, CertificationBody, Difference, OrganisationId, Problem, ProblemKind,
};
use std::collections::HashMap;

impl Pushed for PushedRecord {
    type Number = CertificateNumber;
    type OwnerNumber = ApprovalNumber;
    type Owner = CertificationBody;
    type Held = CurrentCertificate;
    type Shared = Codes;

    fn number(&self) -> &CertificateNumber {
        &self.certificate.number
    }

    fn own(view: &mut View<'_>, owner: &ApprovalNumber, by: OrganisationId) -> Result<CertificationBody> {
        certification_bodies::own(view, owner, by)
    }

    fn find_many(
        view: &mut View<'_>,
        owner: &ApprovalNumber,
        numbers: &[String],
    ) -> Result<HashMap<String, CurrentCertificate>> {
        let moment = view.moment();
        find_many(view.conn, owner, numbers, moment)
    }

    fn last_entry(held: &CurrentCertificate) -> i64 {
        held.stored.seq
    }

    fn decide(
        &self,
        view: &mut View<'_>,
        owner: &CertificationBody,
        held: Option<CurrentCertificate>,
        shared: &mut Codes,
    ) -> Result<Decision> {
        put_one_of(view, owner, held, self, shared)
    }

    fn compare(
        &self,
        view: &mut View<'_>,
        owner: &CertificationBody,
        held: Option<CurrentCertificate>,
    ) -> Result<Option<(String, Vec<Difference>)>> {
        let held = held.filter(|it| it.latest.retracted_on.is_none());
        let theirs = complete(view, owner, held.as_ref(), self)?;
        let Some(CurrentCertificate { present: ours, .. }) = held else { return Ok(None) };
        Ok(Some((ours.id.to_string(), differences(&ours, &theirs)?)))
    }

    fn all(view: &mut View<'_>, owner: &ApprovalNumber) -> Result<Vec<Kept<CertificateNumber>>> {
        let all = all_of_body(view.conn, owner, view.cut)?.into_iter();
        Ok(all.map(|it| Kept { number: it.number, id: it.id.to_string(), status: it.reported_status.code() }).collect())
    }

    fn changed_since(entry: i64) -> Problem {
        Problem::from(ProblemKind::PreconditionFailed).detail(
            format!("该证书在 unchanged_since 之后已有变更（位置 {entry}）；请重新导出"),
            format!("the certificate was changed after `unchanged_since`, by the entry {entry}; export anew"),
        )
    }
}
