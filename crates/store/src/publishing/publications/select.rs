//! Which products qualify for a publication, and by which evidence.

use crate::conformity::holders::Firms;
use crate::error::{Error, Result};
use crate::ledger::{CHUNK, Moment, View, Viewer, in_effect, known_at, narrow};
use crate::schema::{certificates, evidence, later_certificates, products, test_reports};
use diesel::prelude::*;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::evidence::Proof;
use lvcai_domain::holder::strangers;
use lvcai_domain::{
    Evidence, EvidenceStatus, Fault, Problem, ProblemKind, Product, ProductId, ProductStatus, PublicationEntry,
    Qualification, ReportConclusion, ReportedStatus, Rule, Scheme, Shortfall, TestReportStatus,
};
use std::collections::BTreeMap;

/// How the products of a publication are chosen.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Exactly these.
    pub products: Option<Vec<ProductId>>,
    /// Of this kind.
    pub kind: Option<String>,
    /// By a certificate of this scheme.
    pub scheme: Option<Scheme>,
    /// By a certificate of at least this star.
    pub star_min: Option<i32>,
}

/// A product that qualifies today, with everything that makes it so, the best evidence first.
pub(super) struct Qualified {
    pub(super) product: Product,
    pub(super) product_version: i32,
    pub(super) enterprise_name: String,
    pub(super) by: Vec<Qualification>,
}

/// Finds the admitted products of a selection that qualify on a day: through a
/// confirmed evidence whose certificate or test report holds and covers the product.
pub(super) fn qualified(
    conn: &mut Conn,
    selection: &Selection,
    moment: Moment,
) -> Result<BTreeMap<ProductId, Qualified>> {
    let mut found = Found::default();
    match &selection.products {
        None => collect(conn, selection, None, moment, &mut found)?,
        Some(ids) => {
            for chunk in ids.chunks(CHUNK) {
                let ids: Vec<Id> = chunk.iter().map(|id| Id(id.uuid())).collect();
                collect(conn, selection, Some(ids), moment, &mut found)?;
            }
        }
    }
    for qualified in found.qualified.values_mut() {
        qualified.by.sort_by_key(Qualification::rank);
    }
    Ok(found.qualified)
}

/// Product, its version, evidence, what it rests on, its version.
type Joined = (String, i32, String, String, i32);

fn collect(
    conn: &mut Conn,
    selection: &Selection,
    only: Option<Vec<Id>>,
    moment: Moment,
    found: &mut Found,
) -> Result<()> {
    // A test report has neither scheme nor star: who selects by one of them wants certificates alone.
    if selection.scheme.is_none() && selection.star_min.is_none() {
        for row in by_report(conn, selection, only.clone(), moment.cut)? {
            let proof = Proof::TestReport(serde_json::from_str(&row.3)?);
            found.add(conn, row, proof, moment)?;
        }
    }
    for row in by_certificate(conn, selection, only, moment)? {
        let proof = Proof::Certificate(serde_json::from_str(&row.3)?);
        found.add(conn, row, proof, moment)?;
    }
    Ok(())
}

fn by_certificate(
    conn: &mut Conn,
    selection: &Selection,
    only: Option<Vec<Id>>,
    moment: Moment,
) -> Result<Vec<Joined>> {
    let (cut, today) = (moment.cut, moment.day.to_string());
    Ok(on_conn!(conn, c => {
        let mut query = products::table
            .inner_join(evidence::table.on(evidence::product.eq(products::id)))
            .inner_join(certificates::table.on(certificates::id.eq(evidence::certificate)))
            .filter(known_at!(products, cut).and(products::status.eq(ProductStatus::Admitted.name())))
            .filter(known_at!(evidence, cut).and(evidence::status.eq(EvidenceStatus::Confirmed.name())))
            // The version in effect today counts, also where a later one is scheduled.
            .filter(in_effect!(certificates, later_certificates, cut, &today).and(certificates::status.eq(ReportedStatus::Valid.code())))
            .filter(certificates::valid_until.ge(&today))
            .into_boxed();
        narrow!(query, only, |ids| products::id.eq_any(ids));
        narrow!(query, &selection.kind, |kind| products::kind.eq(kind));
        narrow!(query, selection.scheme, |scheme| certificates::scheme.eq(scheme.name()));
        narrow!(query, selection.star_min, |star| certificates::star_level.ge(star));
        query
            .select((products::body, products::version, evidence::body, certificates::body, certificates::version))
            .load(c)
    })?)
}

fn by_report(conn: &mut Conn, selection: &Selection, only: Option<Vec<Id>>, cut: i64) -> Result<Vec<Joined>> {
    Ok(on_conn!(conn, c => {
        let mut query = products::table
            .inner_join(evidence::table.on(evidence::product.eq(products::id)))
            .inner_join(test_reports::table.on(test_reports::id.eq(evidence::test_report)))
            .filter(known_at!(products, cut).and(products::status.eq(ProductStatus::Admitted.name())))
            .filter(known_at!(evidence, cut).and(evidence::status.eq(EvidenceStatus::Confirmed.name())))
            .filter(known_at!(test_reports, cut))
            .filter(test_reports::status.ne(TestReportStatus::Voided.name()).and(test_reports::verdict.ne(ReportConclusion::Fail.name())))
            .into_boxed();
        narrow!(query, only, |ids| products::id.eq_any(ids));
        narrow!(query, &selection.kind, |kind| products::kind.eq(kind));
        query
            .select((products::body, products::version, evidence::body, test_reports::body, test_reports::version))
            .load(c)
    })?)
}

/// The products found so far, and the firms that they name.
#[derive(Default)]
struct Found {
    qualified: BTreeMap<ProductId, Qualified>,
    firms: Firms,
}

impl Found {
    /// Takes up a row, if it qualifies the product and is no other firm's.
    fn add(&mut self, conn: &mut Conn, row: Joined, proof: Proof, moment: Moment) -> Result<()> {
        let (product, product_version, evidence, _, version) = row;
        let product: Product = serde_json::from_str(&product)?;
        let evidence: Evidence = serde_json::from_str(&evidence)?;
        let of = self.firms.of(conn, &product, moment.cut)?;
        let own = evidence.distinct_holder.is_some() || strangers(proof.parties(), &of).is_empty();
        let qualification = Qualification::of(&product, evidence, (proof, version), moment.day);
        if let Some(qualification) = qualification.filter(|_| own) {
            let enterprise_name = of.enterprise.name;
            let new = Qualified { product, product_version, enterprise_name, by: Vec::new() };
            self.qualified.entry(new.product.id).or_insert(new).by.push(qualification);
        }
        Ok(())
    }
}

/// Freezes the entries of a selection.
///
/// # Errors
///
/// Refuses named products that do not qualify, and a selection of nothing.
pub(super) fn entries(view: &mut View<'_>, selection: &Selection) -> Result<Vec<PublicationEntry>> {
    let moment = view.moment();
    let mut found = qualified(view.conn, selection, moment)?;
    let order: Vec<ProductId> = match &selection.products {
        Some(ids) => ids.clone(),
        None => found.keys().copied().collect(),
    };
    let mut faults = Vec::new();
    let mut entries = Vec::new();
    for (index, id) in order.into_iter().enumerate() {
        let pointer = format!("/products/{index}");
        match found.remove(&id) {
            Some(qualified) => entries.push(entry(qualified)?),
            None => {
                let why = if entries.iter().any(|it: &PublicationEntry| it.product == id) {
                    Shortfall::Twice
                } else {
                    shortfall(view, id)?
                };
                let fault = Fault::new(pointer, Rule::UnknownReference).fix(why.fix_zh(), why.fix_en());
                faults.push(fault.detail(format!("{}：{id}", why.zh()), format!("{} ({id})", why.en())));
            }
        }
    }
    if !faults.is_empty() {
        return Err(Error::Refused(Problem { faults, ..ProblemKind::NotEligible.into() }));
    }
    if entries.is_empty() {
        return Err(Problem::from(ProblemKind::NotEligible)
            .detail("没有产品符合该条件", "no product qualifies for this selection")
            .into());
    }
    let numbered = entries.into_iter().zip(1..).map(|(entry, position)| PublicationEntry { position, ..entry });
    Ok(numbered.collect())
}

/// Why a product does not qualify.
fn shortfall(view: &mut View<'_>, id: ProductId) -> Result<Shortfall> {
    let product = crate::products::read(view.conn, id, view.cut, Viewer::Everything)?;
    let product = product.map(|it| it.parse::<Product>()).transpose()?;
    let evidence = crate::conformity::evidence::public_of(view.conn, Some(id), None, view.cut)?;
    let evidence: Vec<_> = evidence.into_iter().map(|(it, _)| it.status).collect();
    Ok(Shortfall::of(product.as_ref(), &evidence))
}

fn entry(qualified: Qualified) -> Result<PublicationEntry> {
    let Qualified { product, product_version, enterprise_name, by } = qualified;
    let best = by.first().ok_or_else(|| Error::Database("a qualified product without evidence".into()))?;
    Ok(PublicationEntry::freeze(&product, product_version, enterprise_name, best))
}
