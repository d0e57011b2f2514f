//! Which products qualify for a publication, and by which evidence.

use crate::registry::View;
use crate::schema::{certificates, evidence, products};
use crate::{Error, Result, organisations};
use diesel::prelude::*;
use jiff::civil::Date;
use lvcai_database::{Conn, Id, on_conn};
use lvcai_domain::evidence::covers;
use lvcai_domain::{
    Certificate, Entry, Evidence, Fault, Organisation, OrganisationId, Problem, ProblemKind, Product, ProductId, Rule,
    Scheme,
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
    pub(super) by: Vec<(Evidence, Certificate, i32)>,
}

/// Bind limits of both databases are far above this.
const CHUNK: usize = 500;

/// Finds the admitted products of a selection that qualify on a day: through a
/// confirmed evidence whose certificate is valid and covers the product.
pub(super) fn qualified(
    conn: &mut Conn,
    selection: &Selection,
    (cut, today): (i64, Date),
) -> Result<BTreeMap<ProductId, Qualified>> {
    let mut found = BTreeMap::new();
    match &selection.products {
        None => take(conn, selection, None, (cut, today), &mut found)?,
        Some(ids) => {
            for chunk in ids.chunks(CHUNK) {
                let ids: Vec<Id> = chunk.iter().map(|id| Id(id.uuid())).collect();
                take(conn, selection, Some(ids), (cut, today), &mut found)?;
            }
        }
    }
    for qualified in found.values_mut() {
        // Most stars, then the latest end; identifiers settle what is left.
        qualified.by.sort_by_key(|(evidence, certificate, _)| {
            (std::cmp::Reverse((certificate.star, certificate.last_day())), evidence.id)
        });
    }
    Ok(found)
}

fn take(
    conn: &mut Conn,
    selection: &Selection,
    only: Option<Vec<Id>>,
    (cut, today): (i64, Date),
    found: &mut BTreeMap<ProductId, Qualified>,
) -> Result<()> {
    type Joined = (String, i32, String, String, i32);
    let rows: Vec<Joined> = on_conn!(conn, c => {
        let mut query = products::table
            .inner_join(evidence::table.on(evidence::product.eq(products::id)))
            .inner_join(certificates::table.on(certificates::id.eq(evidence::certificate)))
            .filter(products::seq_from.le(cut).and(products::seq_to.gt(cut)).and(products::status.eq("admitted")))
            .filter(evidence::seq_from.le(cut).and(evidence::seq_to.gt(cut)).and(evidence::status.eq("confirmed")))
            .filter(certificates::seq_from.le(cut).and(certificates::seq_to.gt(cut)).and(certificates::status.eq("01")))
            .filter(certificates::valid_until.ge(today.to_string()))
            // A restoration that is still to come does not count yet.
            .filter(certificates::effective_on.le(today.to_string()))
            .into_boxed();
        if let Some(ids) = only {
            query = query.filter(products::id.eq_any(ids));
        }
        if let Some(kind) = &selection.kind {
            query = query.filter(products::kind.eq(kind));
        }
        if let Some(scheme) = selection.scheme {
            query = query.filter(certificates::scheme.eq(scheme.name()));
        }
        if let Some(star) = selection.star_min {
            query = query.filter(certificates::star_level.ge(star));
        }
        query
            .select((products::body, products::version, evidence::body, certificates::body, certificates::version))
            .load(c)
    })?;
    for (product, product_version, evidence, certificate, certificate_version) in rows {
        let product: Product = serde_json::from_str(&product)?;
        let evidence: Evidence = serde_json::from_str(&evidence)?;
        let certificate: Certificate = serde_json::from_str(&certificate)?;
        if covers(&certificate, &product, &evidence.models).is_ok() {
            let entry = found.entry(product.id).or_insert(Qualified { product, product_version, by: Vec::new() });
            entry.by.push((evidence, certificate, certificate_version));
        }
    }
    Ok(())
}

/// Freezes the entries of a selection.
///
/// # Errors
///
/// Refuses named products that do not qualify, and a selection of nothing.
pub(super) fn entries(view: &mut View<'_>, selection: &Selection) -> Result<Vec<Entry>> {
    let today = view.today();
    let mut found = qualified(view.conn, selection, (view.cut, today))?;
    let order: Vec<ProductId> = match &selection.products {
        Some(ids) => ids.clone(),
        None => found.keys().copied().collect(),
    };
    let mut faults = Vec::new();
    let mut names = BTreeMap::new();
    let mut entries = Vec::new();
    for (index, id) in order.into_iter().enumerate() {
        let pointer = format!("/products/{index}");
        match found.remove(&id) {
            Some(qualified) => entries.push(entry(view, &mut names, &qualified)?),
            None => faults.push(Fault::new(pointer, Rule::UnknownReference).detail(
                format!("{id} 未入库、重复，或今日没有经确认且有效的证据"),
                format!("{id} is not admitted, is named twice, or has no confirmed evidence that holds today"),
            )),
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
    let numbered = entries.into_iter().zip(1..).map(|(entry, position)| Entry { position, ..entry });
    Ok(numbered.collect())
}

fn entry(view: &mut View<'_>, names: &mut BTreeMap<OrganisationId, String>, qualified: &Qualified) -> Result<Entry> {
    let Qualified { product, product_version, by } = qualified;
    let (evidence, certificate, certificate_version) =
        by.first().ok_or_else(|| Error::Database("a qualified product without evidence".into()))?;
    let enterprise_name = match names.get(&product.enterprise) {
        Some(name) => name.clone(),
        None => {
            let stored = organisations::read(view.conn, product.enterprise, view.cut)?.ok_or(ProblemKind::NotFound)?;
            let name = stored.parse::<Organisation>()?.name;
            names.insert(product.enterprise, name.clone());
            name
        }
    };
    Ok(Entry {
        position: 0,
        product: product.id,
        product_version: *product_version,
        product_name: product.name.clone(),
        kind: product.kind.clone(),
        models: if evidence.models.is_empty() { product.models.clone() } else { evidence.models.clone() },
        enterprise: product.enterprise,
        enterprise_name,
        evidence: evidence.id,
        certificate: certificate.id,
        certificate_version: *certificate_version,
        certificate_number: certificate.number.clone(),
        certification_body: certificate.certification_body.clone(),
        scheme: certificate.scheme,
        star: certificate.star,
        valid_until: certificate.last_day(),
    })
}
