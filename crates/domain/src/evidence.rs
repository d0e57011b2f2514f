//! Evidence: the link that makes a product green.
//!
//! A product is green only through a confirmed evidence whose certificate
//! covers its kind and models; a certificate alone says nothing of a product.

use crate::{Certificate, CertificateId, EvidenceId, OrganisationId, Product, ProductId, search};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far an evidence has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceStatus {
    /// Claimed by the enterprise; seen by it, the body and the authority.
    Proposed,
    /// Confirmed by the body or the authority; public.
    Confirmed,
    /// Refused by the body or the authority.
    Rejected,
    /// Confirmed once, and ended.
    Ended,
}

impl EvidenceStatus {
    /// Its name on the wire and in a column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Confirmed => "confirmed",
            Self::Rejected => "rejected",
            Self::Ended => "ended",
        }
    }

    /// The step that leads here, by its name on the wire.
    pub const fn step(self) -> &'static str {
        match self {
            Self::Proposed => "propose",
            Self::Confirmed => "confirm",
            Self::Rejected => "reject",
            Self::Ended => "end",
        }
    }

    /// What may follow.
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Proposed => &[Self::Confirmed, Self::Rejected],
            Self::Confirmed => &[Self::Ended],
            Self::Rejected | Self::Ended => &[],
        }
    }
}

/// An evidence
///
/// That a certificate covers a product: claimed by one, confirmed by another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Evidence {
    /// Names the evidence.
    pub id: EvidenceId,
    /// The product that it makes green.
    pub product: ProductId,
    /// The certificate that says so.
    pub certificate: CertificateId,
    /// The models of the product that it covers. Empty when it covers them all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// How far it has come.
    pub status: EvidenceStatus,
    /// Who claimed it.
    pub claimed_by: OrganisationId,
    /// Who decided on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<OrganisationId>,
    /// The day from which it counts.
    pub effective_on: Date,
    /// The first day on which it no longer counts, once ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_on: Option<Date>,
}

/// Why a certificate does not cover a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gap {
    /// They are of different kinds.
    Kind,
    /// A model is named that the product or the certificate does not have.
    Model(String),
}

/// Whether `certificate` covers `product` in `models` (all of its models when empty).
///
/// A certificate that names no model covers its kind as a whole.
///
/// # Errors
///
/// The first [`Gap`].
pub fn covers(certificate: &Certificate, product: &Product, models: &[String]) -> Result<(), Gap> {
    if certificate.kind != product.kind {
        return Err(Gap::Kind);
    }
    let named = if models.is_empty() { &product.models } else { models };
    for model in named {
        if !has(&product.models, model) || !certificate.covers(model) {
            return Err(Gap::Model(model.clone()));
        }
    }
    if certificate.is_void() { Err(Gap::Kind) } else { Ok(()) }
}

/// Whether `models` names `model`, leaving case and width aside.
pub fn has(models: &[String], model: &str) -> bool {
    let wanted = search::normalise(model);
    models.iter().any(|it| search::normalise(it) == wanted)
}
