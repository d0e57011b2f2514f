//! Verifications: gathers the facts about questions. How they are judged is `lvcai_domain::verdict`.
//!
//! The certificates of all numbers are read first, in few statements: one request holds a reader while it is judged.

use crate::conformity::{certificates, evidence, test_reports};
use crate::error::Result;
use crate::ledger::{CHUNK, Moment, Viewer, Visible, known_at};
use crate::products;
use crate::publishing::publications::Reference;
use crate::publishing::{listings, publications};
use crate::schema::certificates as table;
use diesel::prelude::*;
use lvcai_database::{Conn, on_conn};
use lvcai_domain::evidence::{Proof, Source};
use lvcai_domain::verdict::{
    Basis, Eligibility, Reason, ReasonCode, Sourced, Verdict, by_certificate, by_evidence, by_listing, by_report,
};
use lvcai_domain::{
    ApprovalNumber, Certificate, CertificateId, CertificateNumber, Evidence, Listing, Product, ProductId, Publication,
};
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

pub use lvcai_domain::verdict::{Question, Terms};

/// Judges questions, each by itself. Unknown and ambiguous are verdicts.
pub fn judge(conn: &mut Conn, questions: &[Question], terms: &Terms) -> Result<Vec<Verdict>> {
    let prefetched = Prefetched::of(conn, questions, terms.cut)?;
    let one = |question: &Question| Ok(question.answered(judge_one(conn, &prefetched, question, terms)?));
    questions.iter().map(one).collect()
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
    let verdict = match (terms.basis, certificate) {
        (Basis::Listing, certificate) => of_listings(conn, question, terms, certificate.map(|it| &it.known))?,
        (Basis::Certificate, Some(found)) if question.product.is_none() => {
            by_certificate(question, terms, &found.known, found.in_effect(conn, terms)?.as_deref())
        }
        (Basis::Certificate, certificate) => of_evidence(conn, question, terms, certificate.map(|it| &it.known))?,
    };
    // By an evidence the product was looked at.
    let unseen = verdict.product.filter(|_| verdict.evidence.is_none());
    let sample = unseen.map(|id| product(conn, id, terms.cut)).transpose()?.flatten().is_some_and(|it| it.sample);
    Ok(Verdict { sample: verdict.sample || sample, ..verdict })
}

fn product(conn: &mut Conn, id: ProductId, cut: i64) -> Result<Option<Product>> {
    products::read(conn, id, cut, Viewer::Public)?.map(|it| it.parse()).transpose()
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
    for (item, seq) in found.into_iter().filter(|(item, _)| item.counts(terms.valid_on)) {
        let verdict = of_one_evidence(conn, question, terms, &Sourced { fact: item, seq })?;
        let verdict = best.map_or(verdict.clone(), |best| best.or_better(verdict));
        if verdict.eligibility == Eligibility::Eligible {
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
            let then = certificates::in_effect(conn, id, terms.cut, terms.valid_on)?;
            let verdict = by_certificate(question, terms, &now, then.as_ref());
            Some((verdict, Proof::from(then.unwrap_or(now).fact)))
        }
        Some(Source::TestReport(id)) => {
            let Some(stored) = test_reports::read(conn, id, terms.cut)? else { return Ok(None) };
            let now = Sourced { seq: stored.seq, fact: stored.parse()? };
            let then = test_reports::in_effect(conn, id, terms.cut, terms.valid_on)?;
            Some(by_report(question, terms, evidence, &now, then.as_ref()))
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
        let moment = Moment { cut: terms.cut, day: terms.valid_on };
        let Some(then) = listings::in_effect(conn, list, product, moment)? else { continue };
        if let Some(known) = certificate
            && !listings::rests_on(conn, &then.fact, known.fact.id, terms.cut)?
        {
            continue;
        }
        verdict = of_one_listing(conn, question, terms, &then)?;
        if verdict.eligibility == Eligibility::Eligible {
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
    let asked = Question { product: Some(then.fact.product), ..question.clone() };
    let verdict = by_listing(terms, then).resting_on(of_evidence(conn, &asked, terms, None)?);
    let sample = verdict.sample || is_sample(conn, &then.fact, terms.cut)?;
    Ok(Verdict { sample, ..verdict })
}

/// Whether the publication that listed a product is a sample.
fn is_sample(conn: &mut Conn, listing: &Listing, cut: i64) -> Result<bool> {
    let public = Visible { cut, viewer: Viewer::Public };
    let listed = publications::read(conn, &listing.list, Reference::Number(listing.publication_number), public)?;
    Ok(listed.map(|it| it.parse::<Publication>()).transpose()?.is_some_and(|it| it.sample))
}

/// A certificate of a number that is asked about.
#[derive(Debug)]
struct Found {
    /// The newest record at the cut.
    known: Sourced<Certificate>,
    /// The day from which it is in effect, as it is kept: text that sorts as days do.
    effective_on: String,
}

impl Found {
    /// The record that was in effect on the day asked about: most often the newest, which is here already.
    fn in_effect(&self, conn: &mut Conn, terms: &Terms) -> Result<Option<Cow<'_, Sourced<Certificate>>>> {
        if self.effective_on <= terms.valid_on.to_string() {
            return Ok(Some(Cow::Borrowed(&self.known)));
        }
        Ok(certificates::in_effect(conn, self.known.fact.id, terms.cut, terms.valid_on)?.map(Cow::Owned))
    }
}

/// What is known of the numbers that are asked about.
#[derive(Debug)]
struct Prefetched {
    /// By the normalised number, in the order of their identifiers.
    found: HashMap<String, Vec<Found>>,
    /// By the normalised number that was not found.
    look_alikes: HashMap<String, Vec<certificates::LookAlike>>,
}

impl Prefetched {
    /// Reads the certificates of all the questions at a cut.
    fn of(conn: &mut Conn, questions: &[Question], cut: i64) -> Result<Self> {
        let numbers = || questions.iter().filter_map(|question| question.number.as_ref());
        let found = numbered(conn, &numbers().map(CertificateNumber::normalised).collect(), cut)?;
        let mut prefetched = Self { found, look_alikes: HashMap::new() };
        let unknown = questions.iter().filter(|it| {
            it.number.as_ref().is_some_and(|number| prefetched.found(number, it.body.as_ref()).is_empty())
        });
        prefetched.look_alikes = certificates::look_alikes(conn, unknown.filter_map(|it| it.number.as_ref()), cut)?;
        Ok(prefetched)
    }

    /// The certificates of a number, of one body or of all.
    fn found(&self, number: &CertificateNumber, body: Option<&ApprovalNumber>) -> Vec<&Found> {
        let all = self.found.get(&number.normalised()).map(Vec::as_slice).unwrap_or_default();
        all.iter().filter(|it| body.is_none_or(|body| it.known.fact.certification_body == *body)).collect()
    }

    /// The certificates whose numbers look like this one.
    fn look_alikes(&self, number: &CertificateNumber) -> Vec<CertificateId> {
        self.look_alikes.get(&number.normalised()).into_iter().flatten().map(|it| it.id).collect()
    }
}

fn numbered(conn: &mut Conn, keys: &BTreeSet<String>, cut: i64) -> Result<HashMap<String, Vec<Found>>> {
    let mut found: HashMap<String, Vec<Found>> = HashMap::new();
    for keys in keys.iter().collect::<Vec<_>>().chunks(CHUNK) {
        let rows: Vec<(String, String, i64, String)> = on_conn!(conn, c => table::table
            .filter(table::number_key.eq_any(keys))
            .filter(known_at!(table, cut).and(table::retracted_on.eq("")))
            .order(table::id.asc())
            .select((table::number_key, table::effective_on, table::seq_from, table::body))
            .load(c))?;
        for (key, effective_on, seq, body) in rows {
            let known = Sourced { fact: serde_json::from_str(&body)?, seq };
            found.entry(key).or_default().push(Found { known, effective_on });
        }
    }
    Ok(found)
}
