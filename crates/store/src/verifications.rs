//! Verifications: gathers the facts about questions. How they are judged is `lvcai_domain::verdict`.

mod prefetched;

use crate::conformity::{certificates, evidence, test_reports};
use crate::error::Result;
use crate::ledger::{Moment, Viewer, Visible};
use crate::products;
use crate::publishing::publications::Reference;
use crate::publishing::{listings, publications};
use lvcai_database::Conn;
use lvcai_domain::evidence::{Proof, Source};
use lvcai_domain::verdict::{
    Basis, Eligibility, Reason, ReasonCode, ScopeCheck, Sourced, Verdict, by_certificate, by_evidence, by_listing,
    by_report,
};
use lvcai_domain::{Certificate, Evidence, Listing, Product, ProductId, Publication};
use prefetched::Prefetched;
use std::collections::BTreeSet;

pub use lvcai_domain::verdict::{Question, Terms};

/// Judges questions, each by itself. Unknown and ambiguous are verdicts.
pub fn judge(conn: &mut Conn, questions: &[Question], terms: &Terms) -> Result<Vec<Verdict>> {
    let prefetched = Prefetched::of(conn, questions, terms.cut)?;
    questions.iter().map(|question| judge_one(conn, &prefetched, question, terms)).collect()
}

fn judge_one(conn: &mut Conn, prefetched: &Prefetched, question: &Question, terms: &Terms) -> Result<Verdict> {
    let certificate = match &question.number {
        None => None,
        Some(number) => match prefetched.found(number, question.body.as_ref()).as_slice() {
            [one] => Some(*one),
            found => {
                let found = found.iter().map(|it| it.known.fact.id).collect();
                return Ok(terms.no_single_match(number, found, prefetched.look_alikes(number)));
            }
        },
    };
    if let (None, Some(id)) = (&certificate, question.product)
        && product(conn, id, terms.cut)?.is_none()
    {
        return Ok(terms.unknown_product(Some(id)));
    }
    let mut verdict = match (terms.basis, certificate) {
        (Basis::Listing, certificate) => of_listings(conn, question, terms, certificate.map(|it| &it.known))?,
        (Basis::Certificate, Some(found)) if question.product.is_none() => {
            by_certificate(question, terms, &found.known, found.in_effect(conn, terms)?.as_deref())
        }
        (Basis::Certificate, certificate) => of_evidence(conn, question, terms, certificate.map(|it| &it.known))?,
    };
    if question.names_scope() {
        verdict.scope = ScopeCheck::Checked;
    }
    verdict.sample = verdict.sample || rests_on_a_sample(conn, &verdict)?;
    Ok(verdict)
}

fn product(conn: &mut Conn, id: ProductId, cut: i64) -> Result<Option<Product>> {
    products::read(conn, id, cut, Viewer::Public)?.map(|it| it.parse()).transpose()
}

/// Whether the product or the publication that a verdict names is a sample; the certificate was looked at.
fn rests_on_a_sample(conn: &mut Conn, verdict: &Verdict) -> Result<bool> {
    if let Some(id) = verdict.product
        && product(conn, id, verdict.as_of)?.is_some_and(|it| it.sample)
    {
        return Ok(true);
    }
    let (Some(list), Some(number)) = (&verdict.list, verdict.publication) else { return Ok(false) };
    let public = Visible { cut: verdict.as_of, viewer: Viewer::Public };
    let listed = publications::read(conn, list, Reference::Number(number), public)?;
    Ok(listed.map(|it| it.parse::<Publication>()).transpose()?.is_some_and(|it| it.sample))
}

/// A product by its evidence, or whatever a certificate makes green: eligible when one evidence makes it so.
fn of_evidence(
    conn: &mut Conn,
    question: &Question,
    terms: &Terms,
    only: Option<&Sourced<Certificate>>,
) -> Result<Verdict> {
    let mut found = evidence::public_of(conn, question.product, only.map(|known| known.fact.id), terms.cut)?;
    // The first eligible verdict is answered. One on a certificate says more, such as the star, so those come first.
    found.sort_by_key(|(item, _)| item.test_report.is_some());
    let mut best: Option<Verdict> = None;
    for (item, seq) in found.into_iter().filter(|(item, _)| item.counts(terms.on)) {
        let verdict = of_one_evidence(conn, question, terms, &Sourced { fact: item, seq })?;
        let verdict = best.map_or(verdict.clone(), |best| best.or_better(verdict));
        if verdict.verdict == Eligibility::Eligible {
            return Ok(verdict);
        }
        best = Some(verdict);
    }
    Ok(best.unwrap_or_else(|| {
        let none = terms.no_evidence(question.product);
        only.map_or(none.clone(), |known| none.with_certificate(&known.fact))
    }))
}

fn of_one_evidence(
    conn: &mut Conn,
    question: &Question,
    terms: &Terms,
    evidence: &Sourced<Evidence>,
) -> Result<Verdict> {
    let Some(product) = product(conn, evidence.fact.product, terms.cut)? else {
        return Ok(terms.unknown_product(None));
    };
    Ok(match of_proof(conn, question, terms, &evidence.fact)? {
        Some(judged) => by_evidence(question, evidence, &product, judged),
        None => terms.no_evidence(None),
    })
}

/// The verdict on what an evidence rests on, with the record that was in effect on the day.
fn of_proof(
    conn: &mut Conn,
    question: &Question,
    terms: &Terms,
    evidence: &Evidence,
) -> Result<Option<(Verdict, Proof)>> {
    Ok(match evidence.source() {
        Some(Source::Certificate(id)) => {
            let Some(stored) = certificates::read(conn, id, terms.cut)? else { return Ok(None) };
            let now = Sourced { seq: stored.seq, fact: stored.parse()? };
            let then = certificates::in_effect(conn, id, terms.cut, terms.on)?;
            let verdict = by_certificate(question, terms, &now, then.as_ref());
            Some((verdict, Proof::from(then.unwrap_or(now).fact)))
        }
        Some(Source::TestReport(id)) => {
            let Some(stored) = test_reports::read(conn, id, terms.cut)? else { return Ok(None) };
            let now = Sourced { seq: stored.seq, fact: stored.parse()? };
            let then = test_reports::in_effect(conn, id, terms.cut, terms.on)?;
            Some(by_report(terms, evidence, &now, then.as_ref()))
        }
        None => None,
    })
}

/// By the city's listing: of the product named, or of any that the certificate makes green.
fn of_listings(
    conn: &mut Conn,
    question: &Question,
    terms: &Terms,
    certificate: Option<&Sourced<Certificate>>,
) -> Result<Verdict> {
    let list = terms.list.as_deref().unwrap_or_default();
    let mut candidates: BTreeSet<ProductId> = question.product.into_iter().collect();
    if let (None, Some(known)) = (question.product, certificate) {
        let resting = evidence::public_of(conn, None, Some(known.fact.id), terms.cut)?;
        candidates.extend(resting.into_iter().map(|(it, _)| it.product));
    }
    let mut verdict = terms.verdict_of(Eligibility::NotEligible, Reason::plain(ReasonCode::NotListed));
    verdict.product = question.product;
    for product in candidates {
        let moment = Moment { cut: terms.cut, day: terms.on };
        let Some(then) = listings::in_effect(conn, list, product, moment)? else { continue };
        if let Some(known) = certificate
            && !listings::rests_on(conn, &then.fact, known.fact.id, terms.cut)?
        {
            continue;
        }
        verdict = of_one_listing(conn, question, terms, &then)?;
        if verdict.verdict == Eligibility::Eligible {
            break;
        }
    }
    Ok(match certificate {
        Some(known) => {
            let valid_until = verdict.valid_until;
            let verdict = verdict.with_certificate(&known.fact);
            Verdict { valid_until: valid_until.or(verdict.valid_until), ..verdict }
        }
        None => verdict,
    })
}

fn of_one_listing(conn: &mut Conn, question: &Question, terms: &Terms, then: &Sourced<Listing>) -> Result<Verdict> {
    let verdict = by_listing(terms, then);
    if verdict.verdict != Eligibility::Eligible || !question.names_scope() {
        return Ok(verdict);
    }
    let asked = Question { product: Some(then.fact.product), ..question.clone() };
    Ok(verdict.with_scope_of(&of_evidence(conn, &asked, terms, None)?))
}
