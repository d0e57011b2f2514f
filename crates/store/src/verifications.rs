//! Verdicts: gathers the facts about one question and judges them.

mod gathered;

use crate::conformity::{certificates, evidence, test_reports};
use crate::error::Result;
use crate::ledger::{Moment, Viewer, Visible};
use crate::products;
use crate::publishing::publications::Reference;
use crate::publishing::{listings, publications};
use gathered::{Found, Gathered};
use jiff::civil::Date;
use lvcai_database::Conn;
use lvcai_domain::evidence::{Gap, Proof, has, proven};
use lvcai_domain::verdict::{
    Basis, Eligibility, Known, Reason, ReasonCode, ScopeCheck, Verdict, certificate_holds, listing_stands, report_holds,
};
use lvcai_domain::{
    ApprovalNumber, Certificate, CertificateNumber, ClimateZone, Evidence, Listing, Product, ProductId, Publication,
    TestReportId, Unit,
};
use std::collections::BTreeSet;

/// One question: a certificate, a product, or whether the one makes the other green.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// The certificate, by its number.
    pub number: Option<CertificateNumber>,
    /// The body, where several may use the number.
    pub body: Option<ApprovalNumber>,
    /// The product.
    pub product: Option<ProductId>,
    /// The model at hand.
    pub model: Option<String>,
    /// The climate zone it shall serve in.
    pub climate_zone: Option<ClimateZone>,
}

/// For which day, as of which cut, and on what basis.
#[derive(Debug, Clone)]
pub struct Terms {
    /// The day it must hold.
    pub on: Date,
    /// The cut.
    pub cut: i64,
    /// What the verdict rests on.
    pub basis: Basis,
    /// The list, for basis listing.
    pub list: Option<String>,
}

/// Judges questions, each by itself.
/// Unknown and ambiguous are verdicts.
pub fn judge(conn: &mut Conn, questions: &[Question], terms: &Terms) -> Result<Vec<Verdict>> {
    let gathered = Gathered::of(conn, questions, terms.cut)?;
    questions.iter().map(|question| judge_one(conn, &gathered, question, terms)).collect()
}

fn judge_one(conn: &mut Conn, gathered: &Gathered, question: &Question, terms: &Terms) -> Result<Verdict> {
    let certificate = match &question.number {
        None => None,
        Some(number) => match gathered.found(number, question.body.as_ref()).as_slice() {
            [one] => Some(*one),
            found => return Ok(unfound(gathered, number, found, terms)),
        },
    };
    if let (None, Some(id)) = (&certificate, question.product)
        && products::read(conn, id, terms.cut, Viewer::Public)?.is_none()
    {
        let reason = Reason::plain(ReasonCode::ProductUnknown);
        return Ok(Verdict { product: Some(id), ..blank(terms, Eligibility::Unknown, reason) });
    }
    let mut verdict = match (terms.basis, certificate) {
        (Basis::Listing, certificate) => by_listing(conn, question, terms, certificate.map(|it| &it.known))?,
        (Basis::Certificate, Some(found)) if question.product.is_none() => {
            by_certificate(question, terms, &found.known, found.in_effect(conn, terms)?.as_deref())
        }
        (Basis::Certificate, certificate) => by_evidence(conn, question, terms, certificate.map(|it| &it.known))?,
    };
    if question.model.is_some() || question.climate_zone.is_some() {
        verdict.scope = ScopeCheck::Checked;
    }
    verdict.sample = verdict.sample || rests_on_a_sample(conn, &verdict)?;
    Ok(verdict)
}

/// Whether the product or the publication that a verdict names is a sample; the certificate was looked at.
fn rests_on_a_sample(conn: &mut Conn, verdict: &Verdict) -> Result<bool> {
    if let Some(id) = verdict.product
        && let Some(product) = products::read(conn, id, verdict.as_of, Viewer::Public)?
        && product.parse::<Product>()?.sample
    {
        return Ok(true);
    }
    let (Some(list), Some(number)) = (&verdict.list, verdict.publication) else { return Ok(false) };
    let listed = publications::read(
        conn,
        list,
        Reference::Number(number),
        Visible { cut: verdict.as_of, viewer: Viewer::Public },
    )?;
    Ok(listed.map(|it| it.parse::<Publication>()).transpose()?.is_some_and(|it| it.sample))
}

fn blank(terms: &Terms, verdict: Eligibility, reason: Reason) -> Verdict {
    Verdict {
        verdict,
        reasons: vec![reason],
        on: terms.on,
        as_of: terms.cut,
        basis: terms.basis,
        scope: ScopeCheck::ScopeUnchecked,
        list: terms.list.clone(),
        listing: None,
        publication: None,
        product: None,
        evidence: None,
        certificate: None,
        test_report: None,
        certificate_number: None,
        certification_body: None,
        record_source: None,
        reported_status: None,
        star: None,
        valid_until: None,
        candidates: Vec::new(),
        sample: false,
    }
}

/// The number names no certificate, or several.
fn unfound(gathered: &Gathered, number: &CertificateNumber, found: &[&Found], terms: &Terms) -> Verdict {
    if !found.is_empty() {
        let candidates = found.iter().map(|it| it.known.fact.id).collect();
        let reason = Reason::plain(ReasonCode::CertificateAmbiguous);
        return Verdict { candidates, ..blank(terms, Eligibility::Ambiguous, reason) };
    }
    let candidates = gathered.look_alikes(number);
    let mut verdict = blank(terms, Eligibility::Unknown, Reason::plain(ReasonCode::CertificateUnknown));
    if !candidates.is_empty() {
        verdict.reasons.push(Reason::plain(ReasonCode::LookAlike));
    }
    Verdict { candidates, certificate_number: Some(number.clone()), ..verdict }
}

/// Adds what is known of the certificate, as it was on the day where that is known.
fn with_certificate(verdict: Verdict, certificate: &Certificate) -> Verdict {
    Verdict {
        certificate: Some(certificate.id),
        certificate_number: Some(certificate.number.clone()),
        certification_body: Some(certificate.certification_body.clone()),
        record_source: Some(certificate.record_source),
        reported_status: Some(certificate.reported_status),
        star: certificate.star,
        sample: verdict.sample || certificate.sample,
        valid_until: Some(certificate.last_day()),
        ..verdict
    }
}

/// By the record of today and the one that was in effect on the day.
fn by_certificate(
    question: &Question,
    terms: &Terms,
    now: &Known<Certificate>,
    then: Option<&Known<Certificate>>,
) -> Verdict {
    let (eligibility, reason) = certificate_holds(now, then, terms.on);
    let shown = &then.unwrap_or(now).fact;
    let verdict = with_certificate(blank(terms, eligibility, reason), shown);
    match uncovered(&shown.units, question, terms.on) {
        Some(code) if eligibility == Eligibility::Eligible => refused(verdict, code),
        _ => verdict,
    }
}

fn refused(mut verdict: Verdict, code: ReasonCode) -> Verdict {
    verdict.verdict = Eligibility::NotEligible;
    verdict.reasons.insert(0, Reason::plain(code));
    verdict
}

/// What the question names and no unit of the certificate covers: one unit must cover all of it.
fn uncovered(units: &[Unit], question: &Question, on: Date) -> Option<ReasonCode> {
    let model = |unit: &&Unit| question.model.as_ref().is_none_or(|it| unit.covers(it, on));
    let zone = |unit: &&Unit| question.climate_zone.is_none_or(|it| unit.serves(it, on));
    let left = || units.iter().filter(|it| !it.is_over(on));
    if units.is_empty() || left().any(|unit| model(&unit) && zone(&unit)) {
        return None;
    }
    Some(if left().any(|unit| model(&unit)) { ReasonCode::ClimateZoneNotCovered } else { ReasonCode::ModelNotCovered })
}

/// A product by its evidence: eligible when one of them makes it so.
fn by_evidence(
    conn: &mut Conn,
    question: &Question,
    terms: &Terms,
    only: Option<&Known<Certificate>>,
) -> Result<Verdict> {
    let mut found = evidence::public_of(conn, question.product, only.map(|known| known.fact.id), terms.cut)?;
    // A certificate says more than a report does, so it is asked first.
    found.sort_by_key(|(item, _)| item.test_report.is_some());
    let mut best: Option<Verdict> = None;
    for (item, seq) in found {
        if !item.counts(terms.on) {
            continue;
        }
        let verdict = by_one(conn, question, terms, &Known { fact: item, seq })?;
        if verdict.verdict == Eligibility::Eligible {
            return Ok(verdict);
        }
        // An undetermined evidence weighs more than one that is known not to hold.
        if best.as_ref().is_none_or(|it| it.verdict == Eligibility::NotEligible) {
            best = Some(verdict);
        }
    }
    let none = || {
        let verdict = blank(terms, Eligibility::NotEligible, Reason::plain(ReasonCode::NoConfirmedEvidence));
        let verdict = Verdict { product: question.product, ..verdict };
        only.map_or(verdict.clone(), |known| with_certificate(verdict, &known.fact))
    };
    Ok(best.unwrap_or_else(none))
}

fn by_one(conn: &mut Conn, question: &Question, terms: &Terms, evidence: &Known<Evidence>) -> Result<Verdict> {
    let Known { fact: item, seq } = evidence;
    let Some(product) = products::read(conn, item.product, terms.cut, Viewer::Public)? else {
        return Ok(blank(terms, Eligibility::Unknown, Reason::plain(ReasonCode::ProductUnknown)));
    };
    let product: Product = product.parse()?;
    let proven_by = match (item.certificate, item.test_report) {
        (Some(_), _) => by_its_certificate(conn, question, terms, item)?,
        (None, Some(report)) => by_report(conn, terms, item, report)?,
        (None, None) => None,
    };
    let Some((verdict, proof)) = proven_by else {
        return Ok(blank(terms, Eligibility::NotEligible, Reason::plain(ReasonCode::NoConfirmedEvidence)));
    };
    let verdict = Verdict { product: Some(product.id), evidence: Some(item.id), ..verdict };
    if verdict.verdict != Eligibility::Eligible {
        return Ok(verdict);
    }
    let gap = match proven(&proof, &product, item, terms.on) {
        Err(Gap::Kind) => Some(ReasonCode::KindNotCovered),
        Err(Gap::Model(_)) => Some(ReasonCode::ModelNotCovered),
        Ok(()) if !model_claimed(question, item, &product) => Some(ReasonCode::ModelNotCovered),
        Ok(()) => None,
    };
    Ok(match gap {
        Some(code) => Verdict {
            reasons: vec![Reason { seq: Some(*seq), ..Reason::plain(code) }],
            verdict: Eligibility::NotEligible,
            ..verdict
        },
        None => verdict,
    })
}

/// The verdict on the certificate of an evidence, with the record that was in effect.
fn by_its_certificate(
    conn: &mut Conn,
    question: &Question,
    terms: &Terms,
    evidence: &Evidence,
) -> Result<Option<(Verdict, Proof)>> {
    let Some(id) = evidence.certificate else { return Ok(None) };
    let Some(stored) = certificates::read(conn, id, terms.cut)? else { return Ok(None) };
    let now = Known { seq: stored.seq, fact: stored.parse()? };
    let then = certificates::in_effect(conn, id, terms.cut, terms.on)?;
    let verdict = by_certificate(question, terms, &now, then.as_ref());
    Ok(Some((verdict, Proof::Certificate(Box::new(then.unwrap_or(now).fact)))))
}

/// The verdict on the test report of an evidence, with the record that was in effect.
fn by_report(
    conn: &mut Conn,
    terms: &Terms,
    evidence: &Evidence,
    id: TestReportId,
) -> Result<Option<(Verdict, Proof)>> {
    let Some(stored) = test_reports::read(conn, id, terms.cut)? else { return Ok(None) };
    let now = Known { seq: stored.seq, fact: stored.parse()? };
    let then = test_reports::in_effect(conn, id, terms.cut, terms.on)?;
    let proof = Proof::TestReport(Box::new(then.as_ref().unwrap_or(&now).fact.clone()));
    let until = evidence.valid_until(&proof);
    let (eligibility, reason) = report_holds(&now, then.as_ref(), (until, terms.on));
    let verdict = blank(terms, eligibility, reason);
    Ok(Some((Verdict { test_report: Some(id), valid_until: Some(until), ..verdict }, proof)))
}

/// Whether the evidence covers the model asked about.
fn model_claimed(question: &Question, evidence: &Evidence, product: &Product) -> bool {
    let Some(model) = &question.model else { return true };
    has(if evidence.models.is_empty() { &product.models } else { &evidence.models }, model)
}

/// By the city's listing: of the product named, or of any that the certificate makes green.
fn by_listing(
    conn: &mut Conn,
    question: &Question,
    terms: &Terms,
    certificate: Option<&Known<Certificate>>,
) -> Result<Verdict> {
    let list = terms.list.as_deref().unwrap_or_default();
    let mut candidates: BTreeSet<ProductId> = question.product.into_iter().collect();
    if let (None, Some(known)) = (question.product, certificate) {
        let resting = evidence::public_of(conn, None, Some(known.fact.id), terms.cut)?;
        candidates.extend(resting.into_iter().map(|(it, _)| it.product));
    }
    let mut verdict = blank(terms, Eligibility::NotEligible, Reason::plain(ReasonCode::NotListed));
    verdict.product = question.product;
    for product in candidates {
        let Some(then) = listings::in_effect(conn, list, product, Moment { cut: terms.cut, day: terms.on })? else {
            continue;
        };
        if let Some(known) = certificate
            && !listings::rests_on(conn, &then.fact, known.fact.id, terms.cut)?
        {
            continue;
        }
        verdict = by_one_listing(conn, question, terms, &then)?;
        if verdict.verdict == Eligibility::Eligible {
            break;
        }
    }
    Ok(match certificate {
        Some(known) => {
            let valid_until = verdict.valid_until;
            let verdict = with_certificate(verdict, &known.fact);
            Verdict { valid_until: valid_until.or(verdict.valid_until), ..verdict }
        }
        None => verdict,
    })
}

fn by_one_listing(conn: &mut Conn, question: &Question, terms: &Terms, then: &Known<Listing>) -> Result<Verdict> {
    let (eligibility, reason) = listing_stands(Some(then), terms.on);
    let listing = &then.fact;
    let verdict = Verdict {
        listing: Some(listing.id),
        publication: Some(listing.publication),
        product: Some(listing.product),
        valid_until: Some(listing.valid_until),
        ..blank(terms, eligibility, reason)
    };
    if eligibility != Eligibility::Eligible || (question.model.is_none() && question.climate_zone.is_none()) {
        return Ok(verdict);
    }
    // The list says that it stands; what it stands for is the evidence's to say.
    let asked = Question { product: Some(listing.product), ..question.clone() };
    let evidence = by_evidence(conn, &asked, terms, None)?;
    Ok(match evidence.reasons.first().map(|it| it.code) {
        Some(code @ (ReasonCode::ModelNotCovered | ReasonCode::ClimateZoneNotCovered)) => refused(verdict, code),
        _ => verdict,
    })
}
