//! Tokens that are bound to a key: who sends one proves with each request that they have it (DPoP, RFC 9449).

use crate::http::failure::Failure;
use crate::http::headers;
use crate::proofs::Use;
use crate::service::AppState;
use actix_web::http::header;
use actix_web::{HttpMessage as _, HttpRequest};
use lvcai_auth::{ALGORITHMS, Access, ProvedRequest, verify_proof};
use lvcai_domain::{Problem, ProblemKind};

/// The header of a proof.
const HEADER: &str = "DPoP";

/// Marks a request that came as HEAD and is routed as the GET: its proof is for the method that was sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct CameAsHead;

/// How a token is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    /// Whoever bears it may use it (RFC 6750).
    Bearer,
    /// With a proof of the key to which it is bound.
    Dpop,
}

impl Scheme {
    /// The scheme of a name.
    pub(super) fn named(name: &str) -> Option<Self> {
        let named = |scheme: &str| name.eq_ignore_ascii_case(scheme);
        if named("Bearer") {
            return Some(Self::Bearer);
        }
        named(HEADER).then_some(Self::Dpop)
    }
}

/// Why a request proves nothing, in Chinese and in English.
pub(crate) struct Unproved {
    pub(crate) zh: String,
    pub(crate) en: String,
}

impl Unproved {
    fn because(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

/// The key that a request proves to have, by its thumbprint; none where it brings no proof. `bound_to` is the one that
/// it must be.
///
/// It is asked once who asks is known: a proof that counts is remembered, and nobody fills the memory from outside.
///
/// # Errors
///
/// Refuses a request with several proofs, and [`ProblemKind::Busy`] where too many were used to know this one.
pub(crate) fn proved_key(
    state: &AppState,
    request: &HttpRequest,
    token: Option<&str>,
    bound_to: Option<&str>,
) -> Result<Result<Option<String>, Unproved>, Failure> {
    let Some(sent) = headers::one(request, HEADER)? else { return Ok(Ok(None)) };
    let now = state.registry.clock().now();
    // Behind a proxy the registry does not know by which address it was called, but by which it wants to be.
    let url = format!("{}{}", state.keys.tokens.issuer, request.path());
    let method = if request.extensions().contains::<CameAsHead>() { "HEAD" } else { request.method().as_str() };
    let proved = ProvedRequest { method, url: &url, token };
    // What is not text is no JWT either, and refused as one.
    let proof = match verify_proof(sent.to_str().unwrap_or_default(), proved, now) {
        Ok(proof) => proof,
        Err(error) => return Ok(Err(Unproved::because(error.zh(), error.to_string()))),
    };
    if bound_to.is_some_and(|it| it != proof.thumbprint) {
        let zh = "签名的密钥不是令牌所绑定的密钥";
        return Ok(Err(Unproved::because(zh, "it is signed by another key than the one to which the token is bound")));
    }
    match state.proofs.mark(&proof, now) {
        Use::First => Ok(Ok(Some(proof.thumbprint))),
        Use::Again => {
            let zh = "已用过：每次请求须另行生成，jti 不得重复";
            Ok(Err(Unproved::because(zh, "it was used before: make one for each request, with another `jti`")))
        }
        Use::Unknown => Err(ProblemKind::Busy.into()),
    }
}

/// Requires that whoever sends a bound token has its key, and that one that is not bound is sent as a bearer's
/// (RFC 9449 §7.1).
pub(super) fn require(
    state: &AppState,
    request: &HttpRequest,
    (scheme, token): (Scheme, &str),
    access: &Access,
) -> Result<(), Failure> {
    let bound_to = match (scheme, &access.bound_to) {
        (Scheme::Bearer, None) => return Ok(()),
        (Scheme::Dpop, Some(key)) => key,
        (Scheme::Bearer, Some(_)) => {
            return Err(refused(
                "invalid_token",
                "该令牌与密钥绑定：以 Authorization: DPoP 发送，并附 DPoP 证明",
                "the token is bound to a key: send it as `Authorization: DPoP` with a proof in the header `DPoP`",
            ));
        }
        (Scheme::Dpop, None) => {
            return Err(refused(
                "invalid_token",
                "该令牌未与密钥绑定：以 Authorization: Bearer 发送",
                "the token is bound to no key: send it as `Authorization: Bearer`",
            ));
        }
    };
    let refused = |zh: &str, en: &str| {
        refused("invalid_dpop_proof", &format!("DPoP 证明：{zh}"), &format!("the proof in the header `DPoP`: {en}"))
    };
    match proved_key(state, request, Some(token), Some(bound_to))? {
        Ok(Some(_)) => Ok(()),
        Ok(None) => Err(refused("缺少", "it is missing")),
        Err(Unproved { zh, en }) => Err(refused(&zh, &en)),
    }
}

fn refused(error: &str, zh: &str, en: &str) -> Failure {
    let told = format!("DPoP error=\"{error}\", algs=\"{}\"", ALGORITHMS.join(" "));
    Failure::from(Problem::from(ProblemKind::Unauthenticated).detail(zh, en)).header(header::WWW_AUTHENTICATE, told)
}
