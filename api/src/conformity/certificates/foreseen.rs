//! What a change of a certificate would touch, told where it is only validated.

use crate::http::{Failure, Write};
use lvcai_domain::evidence::Source;
use lvcai_domain::impact::Impact;
use lvcai_domain::{Certificate, CertificateId, ProblemKind};
use lvcai_store::{Decision, Preview, Receipt, View, impact};
use lvcai_trust::Digest;
use serde::Serialize;
use utoipa::ToSchema;

/// A certificate after a step
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SteppedCertificate {
    /// The certificate.
    #[serde(flatten)]
    certificate: Certificate,
    /// For `validate_only`: what the step would touch.
    #[serde(skip_serializing_if = "Option::is_none")]
    impact: Option<Impact>,
}

/// Carries out what is decided about one certificate, or tells what it would touch.
pub(super) async fn carry_out(
    write: &Write,
    digest: &Digest,
    decide: impl FnMut(&mut View<'_>) -> lvcai_store::Result<Decision> + Send + 'static,
) -> Result<Receipt, Failure> {
    if !write.validate_only {
        return Ok(write.execute(digest, decide).await?);
    }
    let Preview { mut receipt, changes } = write.preview(decide).await?;
    let (id, cut) = (receipt.subject.parse::<CertificateId>().map_err(|_| ProblemKind::Internal)?, receipt.cut);
    let impact =
        write.state.registry.read(move |conn| impact::impact(conn, Source::Certificate(id), &changes, cut)).await?;
    let certificate = serde_json::from_str(&receipt.body).map_err(lvcai_store::Error::from)?;
    let told = SteppedCertificate { certificate, impact: Some(impact) };
    receipt.body = serde_json::to_string(&told).map_err(lvcai_store::Error::from)?;
    Ok(receipt)
}
