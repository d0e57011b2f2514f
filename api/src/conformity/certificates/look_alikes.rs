//! New certificates whose numbers are easily taken for others': told and no refusal, since both may be right.

use crate::http::Write;
use actix_web::HttpResponse;
use actix_web::http::header::{HeaderName, HeaderValue};
use lvcai_domain::{CertificateId, CertificateNumber};
use lvcai_store::{AsOf, Conn, Result, certificates};
use std::collections::HashMap;

/// Where the answer to a push tells them.
const LOOK_ALIKES: HeaderName = HeaderName::from_static("registry-look-alikes");

/// The certificates whose numbers look like new ones, by the normalised number.
pub(super) async fn look_alikes(
    write: &Write,
    numbers: Vec<CertificateNumber>,
) -> Result<HashMap<String, Vec<CertificateId>>> {
    let read = move |conn: &mut Conn, cut| certificates::look_alikes(conn, &numbers, cut);
    let (_, alike) = write.state.registry.read_at(AsOf::Now, read).await?;
    let ids = |told: Vec<certificates::LookAlike>| told.into_iter().map(|it| it.id).collect();
    Ok(alike.into_iter().map(|(number, told)| (number, ids(told))).collect())
}

/// Tells in an answer which certificates look like the new one.
pub(super) fn tell(answer: &mut HttpResponse, alike: HashMap<String, Vec<CertificateId>>) {
    let alike = alike.into_values().flatten().map(|id| id.to_string()).collect::<Vec<_>>().join(", ");
    if let Some(alike) = HeaderValue::from_str(&alike).ok().filter(|it| !it.is_empty()) {
        answer.headers_mut().insert(LOOK_ALIKES, alike);
    }
}
