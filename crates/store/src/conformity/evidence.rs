//! Evidence.

mod claims;

use crate::conformity::{certificates, test_reports};
use crate::error::Result;
use crate::ledger::{
    CHUNK, HistoryEntry, Moment, Page, StoredVersion, Versioned, Viewer, in_effect, known_at, load_page, narrow, row,
    versioned,
};
use crate::schema::{evidence, later_evidence};
use diesel::prelude::*;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::evidence::{Proof, Source};
use lvcai_domain::{
    CertificateId, Evidence, EvidenceId, EvidenceStatus, OrganisationId, ProductId, TestReportId, Timeline,
};
use serde::Serialize;
use std::collections::HashMap;
use uuid::Uuid;

pub use claims::{Claim, EvidenceDecision, claim, decide};
pub use lvcai_domain::claim::Terms;

versioned!(evidence: Id);

row! {
    evidence: Id = Id(it.evidence.id.uuid()), of |it: &EvidenceRecord, new| {
        public: bool = it.public(),
        product: Id = Id(it.evidence.product.uuid()),
        // It rests on a certificate or on a report; the other column is the nil UUID, so that both are NOT NULL.
        certificate: Id = Id(it.evidence.certificate.map_or(Uuid::nil(), CertificateId::uuid)),
        owner: Id = Id(it.owner.uuid()),
        certifier: Id = Id(it.certifier.uuid()),
        status: &'static str = it.evidence.status.name(),
        effective_on: String = new.effective_on.to_string(),
        test_report: Id = Id(it.evidence.test_report.map_or(Uuid::nil(), TestReportId::uuid)),
    }
}

/// An evidence with the two organisations that may see it before it is public. They are no part of its body.
#[derive(Serialize)]
#[serde(transparent)]
pub(crate) struct EvidenceRecord {
    pub(crate) evidence: Evidence,
    /// The enterprise of the product.
    #[serde(skip)]
    pub(crate) owner: OrganisationId,
    /// The organisation of the certification body, or of the laboratory.
    #[serde(skip)]
    pub(crate) certifier: OrganisationId,
}

impl Versioned for EvidenceRecord {
    fn subject(&self) -> String {
        self.evidence.id.to_string()
    }

    fn public(&self) -> bool {
        matches!(self.evidence.status, EvidenceStatus::Confirmed | EvidenceStatus::Ended)
    }
}

/// Reads the newest version of an evidence known at a cut, as far as the viewer may see it.
pub fn read(conn: &mut Conn, id: EvidenceId, cut: i64, viewer: Viewer) -> Result<Option<StoredVersion>> {
    read_on(conn, id, Moment::newest(cut), viewer)
}

/// Reads the version of an evidence that is in effect on a day, as far as the viewer may see it.
pub fn read_on(conn: &mut Conn, id: EvidenceId, moment: Moment, viewer: Viewer) -> Result<Option<StoredVersion>> {
    Ok(visible(conn, id, moment)?.filter(|(_, seen)| seen.by(viewer)).map(|(stored, _)| stored))
}

/// Reads the versions of an evidence known at a cut, as far as the viewer may see them.
pub fn versions(conn: &mut Conn, id: EvidenceId, cut: i64, viewer: Viewer) -> Result<Vec<HistoryEntry>> {
    let Some((_, seen)) = visible(conn, id, Moment::newest(cut))? else { return Ok(Vec::new()) };
    let mut versions = history(conn, Id(id.uuid()), cut)?;
    versions.retain(|version| version.nonce.is_none() || seen.privately_by(viewer));
    Ok(versions)
}

/// Who may see an evidence.
#[derive(Debug, Clone, Copy, Queryable)]
struct Visibility {
    public: bool,
    owner: Id,
    certifier: Id,
}

impl Visibility {
    fn by(self, viewer: Viewer) -> bool {
        self.public || self.privately_by(viewer)
    }

    fn privately_by(self, viewer: Viewer) -> bool {
        viewer.sees_everything() || [self.owner, self.certifier].contains(&viewer.organisation())
    }
}

fn visible(conn: &mut Conn, id: EvidenceId, moment: Moment) -> Result<Option<(StoredVersion, Visibility)>> {
    Ok(on_conn!(conn, c => evidence::table
        .filter(evidence::id.eq(Id(id.uuid())))
        .filter(evidence::seq_from.le(moment.cut).and(evidence::effective_on.le(moment.day.to_string())))
        .order(evidence::version.desc())
        .limit(1)
        .select((
            (evidence::version, evidence::seq_from, evidence::body),
            (evidence::public, evidence::owner, evidence::certifier),
        ))
        .get_result(c)
        .optional())?)
}

/// What a list of evidence is narrowed by.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// The product.
    pub product: Option<ProductId>,
    /// The certificate.
    pub certificate: Option<CertificateId>,
    /// The test report.
    pub test_report: Option<TestReportId>,
    /// The enterprise of the product.
    pub enterprise: Option<OrganisationId>,
    /// How far it has come.
    pub status: Option<EvidenceStatus>,
}

/// Lists the evidence in effect on a day, as known at a cut, the newest first.
pub fn list(conn: &mut Conn, filter: &Filter, page: &Page, viewer: Viewer) -> Result<Vec<(Id, String)>> {
    let day = page.day.to_string();
    Ok(on_conn!(conn, c => {
        let mut query = evidence::table
            .filter(in_effect!(evidence, later_evidence, page.cut, &day))
            .into_boxed();
        if !viewer.sees_everything() {
            let own = viewer.organisation();
            query = query.filter(evidence::public.eq(true).or(evidence::owner.eq(own)).or(evidence::certifier.eq(own)));
        }
        narrow!(query, filter.product, |product| evidence::product.eq(Id(product.uuid())));
        narrow!(query, filter.certificate, |certificate| evidence::certificate.eq(Id(certificate.uuid())));
        narrow!(query, filter.test_report, |report| evidence::test_report.eq(Id(report.uuid())));
        narrow!(query, filter.enterprise, |enterprise| evidence::owner.eq(Id(enterprise.uuid())));
        narrow!(query, filter.status, |status| evidence::status.eq(status.name()));
        narrow!(query, page.after_id(), |after| evidence::id.lt(after));
        load_page!(c, query.order(evidence::id.desc()), page, (evidence::id, evidence::body))
    })?)
}

/// Reads the confirmed and the ended evidence of a product, of a certificate or of both at a cut, oldest first, each
/// with its ledger entry.
pub(crate) fn public_of(
    conn: &mut Conn,
    product: Option<ProductId>,
    certificate: Option<CertificateId>,
    cut: i64,
) -> Result<Vec<(Evidence, i64)>> {
    let rows: Vec<(String, i64)> = on_conn!(conn, c => {
        let mut query = evidence::table
            .filter(known_at!(evidence, cut))
            .filter(evidence::public.eq(true))
            .into_boxed();
        narrow!(query, product, |product| evidence::product.eq(Id(product.uuid())));
        narrow!(query, certificate, |certificate| evidence::certificate.eq(Id(certificate.uuid())));
        query.order(evidence::id.asc()).select((evidence::body, evidence::seq_from)).load(c)
    })?;
    rows.into_iter().map(|(body, seq)| Ok((serde_json::from_str(&body)?, seq))).collect()
}

/// Reads an evidence, unless `decided` is what becomes of it, and what it rests on with what is known at a cut of its
/// past and of the days to come.
pub(crate) fn with_proof(
    conn: &mut Conn,
    id: EvidenceId,
    decided: Option<&EvidenceRecord>,
    cut: i64,
) -> Result<Option<(Evidence, Timeline<Proof>)>> {
    let stored = match decided {
        Some(record) => Some(record.evidence.clone()),
        None => read(conn, id, cut, Viewer::Everything)?.map(|it| it.parse()).transpose()?,
    };
    let Some(evidence) = stored else { return Ok(None) };
    let proof = match evidence.source() {
        Some(Source::Certificate(id)) => certificates::timeline(conn, id, cut)?.map(Proof::from),
        Some(Source::TestReport(id)) => test_reports::timeline(conn, id, cut)?.map(Proof::from),
        None => Timeline::default(),
    };
    Ok(Some((evidence, proof)))
}

/// Reads what an evidence rests on, as it is at a cut.
pub(crate) fn proof(conn: &mut Conn, evidence: &Evidence, cut: i64) -> Result<Option<Proof>> {
    Ok(match evidence.source() {
        Some(Source::Certificate(id)) => {
            certificates::read(conn, id, cut)?.map(|it| it.parse()).transpose()?.map(Proof::Certificate)
        }
        Some(Source::TestReport(id)) => {
            test_reports::read(conn, id, cut)?.map(|it| it.parse()).transpose()?.map(Proof::TestReport)
        }
        None => None,
    })
}

/// Ids of one of the columns of what an evidence rests on, each with a product that confirmed or ended evidence
/// connects it with.
macro_rules! connected {
    ($conn:expr, $column:ident, $ids:expr, $cut:expr) => {{
        let mut connected: Vec<(Id, Id)> = Vec::new();
        for ids in $ids.chunks(CHUNK) {
            connected.extend::<Vec<(Id, Id)>>(on_conn!($conn, c => evidence::table
                .filter(evidence::$column.eq_any(ids))
                .filter(known_at!(evidence, $cut))
                .filter(evidence::public.eq(true))
                .select((evidence::$column, evidence::product))
                .load(c))?);
        }
        connected
    }};
}

/// The products that confirmed or ended evidence connects with certificates and test reports, at a cut. What is
/// connected with none is not in it.
pub(crate) fn products_of(conn: &mut Conn, sources: &[Source], cut: i64) -> Result<HashMap<Source, Vec<ProductId>>> {
    let (mut certificates, mut reports) = (Vec::new(), Vec::new());
    for source in sources {
        match source {
            Source::Certificate(id) => certificates.push(Id(id.uuid())),
            Source::TestReport(id) => reports.push(Id(id.uuid())),
        }
    }
    let mut products: HashMap<Source, Vec<ProductId>> = HashMap::new();
    for (id, product) in connected!(conn, certificate, certificates, cut) {
        products.entry(Source::Certificate(id.0.into())).or_default().push(product.0.into());
    }
    for (id, product) in connected!(conn, test_report, reports, cut) {
        products.entry(Source::TestReport(id.0.into())).or_default().push(product.0.into());
    }
    Ok(products)
}
