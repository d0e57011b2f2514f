//! Evidence.

use crate::certificates;
use crate::registry::{Decision, View};
use crate::schema::evidence;
use crate::versions::{Change, Kept, OPEN, Place, Stored, Version, Viewer, versioned};
use crate::{Error, Page, Result, certification_bodies, listings, products};
use diesel::prelude::*;
use jiff::civil::Date;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::evidence::{Gap, covers};
use lvcai_domain::{
    Certificate, CertificateId, CertificationBody, Evidence, EvidenceId, EvidenceStatus, Fault, OrganisationId,
    Problem, ProblemKind, Product, ProductId, ProductStatus, Rule,
};
use lvcai_trust::canonical;

versioned!(evidence, Id);

#[derive(Insertable)]
#[diesel(table_name = evidence)]
struct Row {
    id: Id,
    version: i32,
    seq_from: i64,
    seq_to: i64,
    public: bool,
    product: Id,
    certificate: Id,
    owner: Id,
    certifier: Id,
    status: &'static str,
    effective_on: String,
    body: String,
}

/// An evidence with the two organisations that may see it before it is public.
pub(crate) struct Filed {
    pub(crate) evidence: Evidence,
    /// The enterprise of the product.
    pub(crate) owner: OrganisationId,
    /// The organisation of the certification body.
    pub(crate) certifier: OrganisationId,
}

impl Kept for Filed {
    fn subject(&self) -> String {
        self.evidence.id.to_string()
    }

    fn body(&self) -> Result<String> {
        Ok(canonical(&self.evidence)?)
    }

    fn public(&self) -> bool {
        matches!(self.evidence.status, EvidenceStatus::Confirmed | EvidenceStatus::Ended)
    }

    fn succeed(&self, conn: &mut Conn, seq: i64) -> QueryResult<i32> {
        succeed(conn, Id(self.evidence.id.uuid()), seq)
    }

    fn write(&self, conn: &mut Conn, at: Place) -> QueryResult<()> {
        let row = Row {
            id: Id(self.evidence.id.uuid()),
            version: at.version,
            seq_from: at.seq,
            seq_to: OPEN,
            public: self.public(),
            product: Id(self.evidence.product.uuid()),
            certificate: Id(self.evidence.certificate.uuid()),
            owner: Id(self.owner.uuid()),
            certifier: Id(self.certifier.uuid()),
            status: self.evidence.status.name(),
            effective_on: at.effective_on.to_string(),
            body: at.body,
        };
        on_conn!(conn, c => diesel::insert_into(evidence::table).values(row).execute(c))?;
        Ok(())
    }
}

/// Reads an evidence at a cut, as far as the viewer may see it.
///
/// # Errors
///
/// Fails when the database does.
pub fn read(conn: &mut Conn, id: EvidenceId, cut: i64, viewer: Viewer) -> Result<Option<Stored>> {
    Ok(filed(conn, id, cut)?.filter(|(_, seen)| seen.by(viewer)).map(|(stored, _)| stored))
}

/// Reads the versions of an evidence known at a cut, as far as the viewer may see them.
///
/// # Errors
///
/// Fails when the database does.
pub fn versions(conn: &mut Conn, id: EvidenceId, cut: i64, viewer: Viewer) -> Result<Vec<Version>> {
    let Some((_, seen)) = filed(conn, id, cut)? else { return Ok(Vec::new()) };
    let mut versions = history(conn, Id(id.uuid()), cut)?;
    versions.retain(|version| version.nonce.is_none() || seen.privately_by(viewer));
    Ok(versions)
}

/// Who may see an evidence.
#[derive(Debug, Clone, Copy, Queryable)]
struct Seen {
    public: bool,
    owner: Id,
    certifier: Id,
}

impl Seen {
    fn by(self, viewer: Viewer) -> bool {
        self.public || self.privately_by(viewer)
    }

    fn privately_by(self, viewer: Viewer) -> bool {
        viewer.sees_everything() || [self.owner, self.certifier].contains(&viewer.organisation())
    }
}

fn filed(conn: &mut Conn, id: EvidenceId, cut: i64) -> Result<Option<(Stored, Seen)>> {
    Ok(on_conn!(conn, c => evidence::table
        .filter(evidence::id.eq(Id(id.uuid())).and(evidence::seq_from.le(cut)).and(evidence::seq_to.gt(cut)))
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
    /// How far it has come.
    pub status: Option<EvidenceStatus>,
}

/// Lists evidence at a cut, the newest first.
///
/// # Errors
///
/// Fails when the database does.
pub fn list(conn: &mut Conn, filter: &Filter, page: &Page, viewer: Viewer) -> Result<Vec<(Id, String)>> {
    Ok(on_conn!(conn, c => {
        let mut query = evidence::table
            .filter(evidence::seq_from.le(page.cut).and(evidence::seq_to.gt(page.cut)))
            .into_boxed();
        if !viewer.sees_everything() {
            let own = viewer.organisation();
            query = query.filter(evidence::public.eq(true).or(evidence::owner.eq(own)).or(evidence::certifier.eq(own)));
        }
        if let Some(product) = filter.product {
            query = query.filter(evidence::product.eq(Id(product.uuid())));
        }
        if let Some(certificate) = filter.certificate {
            query = query.filter(evidence::certificate.eq(Id(certificate.uuid())));
        }
        if let Some(status) = filter.status {
            query = query.filter(evidence::status.eq(status.name()));
        }
        if let Some(after) = page.after_id() {
            query = query.filter(evidence::id.lt(after));
        }
        query.order(evidence::id.desc()).limit(page.limit).select((evidence::id, evidence::body)).load(c)
    })?)
}

/// Reads the confirmed and the ended evidence of a product, or of a certificate, at a cut, oldest first.
pub(crate) fn public_of(conn: &mut Conn, filter: &Filter, cut: i64) -> Result<Vec<(Evidence, i64)>> {
    let rows: Vec<(String, i64)> = on_conn!(conn, c => {
        let mut query = evidence::table
            .filter(evidence::seq_from.le(cut).and(evidence::seq_to.gt(cut)))
            .filter(evidence::public.eq(true))
            .into_boxed();
        if let Some(product) = filter.product {
            query = query.filter(evidence::product.eq(Id(product.uuid())));
        }
        if let Some(certificate) = filter.certificate {
            query = query.filter(evidence::certificate.eq(Id(certificate.uuid())));
        }
        query.order(evidence::id.asc()).select((evidence::body, evidence::seq_from)).load(c)
    })?;
    rows.into_iter().map(|(body, seq)| Ok((serde_json::from_str(&body)?, seq))).collect()
}

/// A claim that a certificate covers a product.
#[derive(Debug, Clone)]
pub struct Claim {
    /// The product.
    pub product: ProductId,
    /// The certificate.
    pub certificate: CertificateId,
    /// The models that it covers; all when empty.
    pub models: Vec<String>,
    /// The day from which it counts; today when absent.
    pub effective_on: Option<Date>,
    /// Who claims it.
    pub by: OrganisationId,
    /// Whether the claimant is the authority, which may confirm at once.
    pub authority: bool,
}

/// Decides on a claim: the certificate's own body and the authority confirm by
/// claiming, the product's enterprise proposes, and nobody else may.
///
/// # Errors
///
/// Refuses what does not exist, what is not the claimant's, a kind or a model
/// that is not covered, and a claim that stands already.
pub fn claim(view: &mut View<'_>, claim: &Claim) -> Result<Decision> {
    let viewer = if claim.authority { Viewer::Everything } else { Viewer::Organisation(claim.by) };
    let certificate = certificates::read(view.conn, claim.certificate, view.cut)?;
    let certificate: Certificate = certificate.ok_or_else(|| unknown("/certificate"))?.parse()?;
    let certifier = certifier(view, &certificate)?;
    // A body names products that the enterprise has not had admitted yet.
    let seen = if certifier == claim.by { Viewer::Everything } else { viewer };
    let product = products::read(view.conn, claim.product, view.cut, seen)?;
    let product: Product = product.ok_or_else(|| unknown("/product"))?.parse()?;
    let status = match claim.by {
        by if by == certifier || claim.authority => EvidenceStatus::Confirmed,
        by if by == product.enterprise => EvidenceStatus::Proposed,
        _ => return Err(products::not_owner().into()),
    };
    check_cover(&certificate, &product, &claim.models)?;
    if status == EvidenceStatus::Confirmed {
        check_admitted(&product)?;
    }
    if status == EvidenceStatus::Proposed && claim.effective_on.is_some() {
        let fault = Fault::new("/effective_on", Rule::NotAllowed);
        return Err(fault.detail("由确认者决定自何日起计", "who confirms it says from which day it counts").into());
    }
    let effective_on = claim.effective_on.unwrap_or_else(|| view.today());
    check_day(&certificate, effective_on, view.today())?;
    check_new(view, claim)?;
    let evidence = Evidence {
        id: EvidenceId::mint(),
        product: product.id,
        certificate: certificate.id,
        models: claim.models.clone(),
        status,
        claimed_by: claim.by,
        decided_by: (status == EvidenceStatus::Confirmed).then_some(claim.by),
        effective_on,
        ended_on: None,
    };
    let event = if status == EvidenceStatus::Confirmed { "evidence.confirmed" } else { "evidence.proposed" };
    let filed = Filed { evidence, owner: product.enterprise, certifier };
    Ok(Decision::Create(vec![Change::new(event, filed).effective_on(effective_on)]))
}

/// What is confirmed is public, and so must be what it is about.
fn check_admitted(product: &Product) -> Result<()> {
    if product.status == ProductStatus::Admitted {
        return Ok(());
    }
    let problem = Problem::from(ProblemKind::IllegalStep).fault(Fault::new("/product", Rule::NotAllowed));
    Err(problem.detail("产品尚未入库，先办理入库", "the product is a draft; it must be admitted first").into())
}

/// An evidence counts neither before its certificate was issued nor from a day to come.
fn check_day(certificate: &Certificate, day: Date, today: Date) -> Result<()> {
    let issued = certificate.first_issued_on.or(certificate.issued_on);
    if day > today || issued.is_some_and(|issued| day < issued) {
        return Err(Fault::new("/effective_on", Rule::OutOfRange).into());
    }
    Ok(())
}

fn check_cover(certificate: &Certificate, product: &Product, models: &[String]) -> Result<()> {
    match covers(certificate, product, models) {
        Ok(()) => Ok(()),
        Err(Gap::Kind) => Err(Fault::new("/certificate", Rule::NotAllowed)
            .detail(
                format!("证书种类 {} 与产品种类 {} 不同", certificate.kind, product.kind),
                format!("the certificate is of kind {}, the product of {}", certificate.kind, product.kind),
            )
            .allowed([&product.kind])
            .into()),
        Err(Gap::Model(model)) => Err(Fault::new("/models", Rule::NotAllowed)
            .detail(
                format!("产品与证书未同时列出型号 {model}"),
                format!("the model {model} is not named by both product and certificate"),
            )
            .into()),
    }
}

fn check_new(view: &mut View<'_>, claim: &Claim) -> Result<()> {
    let filter = Filter { product: Some(claim.product), certificate: Some(claim.certificate), status: None };
    let page = Page { cut: view.cut, after: None, limit: 500 };
    for (_, body) in list(view.conn, &filter, &page, Viewer::Everything)? {
        let other: Evidence = serde_json::from_str(&body)?;
        if matches!(other.status, EvidenceStatus::Proposed | EvidenceStatus::Confirmed) && other.models == claim.models
        {
            let id = other.id;
            return Err(Problem::from(ProblemKind::Conflict)
                .detail(format!("证据 {id} 已作同样主张"), format!("the evidence {id} claims the same"))
                .into());
        }
    }
    Ok(())
}

fn unknown(pointer: &str) -> Problem {
    Fault::new(pointer, Rule::UnknownReference).into()
}

fn certifier(view: &mut View<'_>, certificate: &Certificate) -> Result<OrganisationId> {
    let body = certification_bodies::read(view.conn, &certificate.certification_body, view.cut)?;
    let body: CertificationBody =
        body.ok_or_else(|| Error::Database("a certificate without its body".into()))?.parse()?;
    Ok(body.organisation)
}

/// What is decided about an evidence, and by whom.
#[derive(Debug, Clone, Copy)]
pub struct Ruling {
    /// Where it goes.
    pub to: EvidenceStatus,
    /// For a confirmation: the day from which it counts; today when absent.
    pub effective_on: Option<Date>,
    /// Who decides.
    pub by: OrganisationId,
    /// Whether that is the authority, which may decide on any.
    pub authority: bool,
}

/// Decides on a proposed or a confirmed evidence: confirm, reject, end. The
/// listings that rest on it follow in the same command.
///
/// # Errors
///
/// Refuses who is neither the certificate's body nor the authority, and steps that are not legal.
pub fn decide(view: &mut View<'_>, id: EvidenceId, ruling: &Ruling) -> Result<Decision> {
    let Ruling { to, effective_on, by, authority } = *ruling;
    let viewer = if authority { Viewer::Everything } else { Viewer::Organisation(by) };
    let (stored, seen) =
        filed(view.conn, id, view.cut)?.filter(|(_, seen)| seen.by(viewer)).ok_or(ProblemKind::NotFound)?;
    let before: Evidence = stored.parse()?;
    if !authority && seen.certifier != Id(by.uuid()) {
        return Err(products::not_owner().into());
    }
    if !before.status.next().contains(&to) {
        let legal = before.status.next().iter().map(|it| it.step());
        let fault = Fault::new("/step", Rule::NotAllowed).allowed(legal);
        return Err(Problem::from(ProblemKind::IllegalStep).fault(fault).into());
    }
    let today = view.today();
    let after = Evidence { status: to, decided_by: Some(by), ..before };
    let (event, after, day) = match to {
        EvidenceStatus::Confirmed => {
            let day = effective_on.unwrap_or(today);
            recheck(view, &after, day)?;
            ("evidence.confirmed", Evidence { effective_on: day, ..after }, day)
        }
        _ if effective_on.is_some() => return Err(Fault::new("/effective_on", Rule::NotAllowed).into()),
        EvidenceStatus::Ended => ("evidence.ended", Evidence { ended_on: Some(today), ..after }, today),
        EvidenceStatus::Rejected | EvidenceStatus::Proposed => ("evidence.rejected", after, today),
    };
    let follow = listings::follow_evidence(view, &after)?;
    let filed = Filed { evidence: after, owner: seen.owner.0.into(), certifier: seen.certifier.0.into() };
    let mut changes = vec![Change::new(event, filed).effective_on(day)];
    changes.extend(follow);
    Ok(Decision::Amend(changes))
}

/// What was covered when it was proposed must be covered still.
fn recheck(view: &mut View<'_>, evidence: &Evidence, day: Date) -> Result<()> {
    let certificate = certificates::read(view.conn, evidence.certificate, view.cut)?.ok_or(ProblemKind::NotFound)?;
    let product =
        products::read(view.conn, evidence.product, view.cut, Viewer::Everything)?.ok_or(ProblemKind::NotFound)?;
    let product = product.parse()?;
    check_admitted(&product)?;
    let certificate = certificate.parse()?;
    check_day(&certificate, day, view.today())?;
    check_cover(&certificate, &product, &evidence.models)
}
