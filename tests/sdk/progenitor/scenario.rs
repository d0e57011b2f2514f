//! The registry from Rust, with the client that progenitor makes.
//!
//! scenario URL FOLDER      FOLDER holds the keys of the demo's clients

#[allow(clippy::all, dead_code, unused_imports)]
mod registry {
    include!(concat!(env!("OUT_DIR"), "/registry.rs"));
}

use chrono::NaiveDate;
use futures::TryStreamExt as _;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use registry::types::{
    CertificateInput, CertificateStep, CertificateTransition, CertifiedUnitInput, PartyInput, PushCertificatesMode,
    ReportedStatusInput, SchemeInput, TokenRequest, Problem, QuestionVerdict, Verification, VerificationQuestion, builder,
};
use registry::{Client, Error};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const BODY: &str = "CNCA-R-2006-148";
const NUMBER: &str = "SDK/〔2026〕progenitor-1";

/// A token by private_key_jwt: the client signs who it is with its own key, once for each token.
async fn token(anybody: &Client, url: &str, folder: &Path) -> Result<String> {
    let name = "certification-body";
    let who: Value = serde_json::from_str(&std::fs::read_to_string(folder.join("clients.json"))?)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    // `aud` is the issuer, exactly as /.well-known/oauth-authorization-server names it.
    let claims = json!({
        "iss": who[name], "sub": who[name], "aud": url, "jti": uuid::Uuid::new_v4().to_string(), "exp": now + 60
    });
    let key = EncodingKey::from_ec_pem(&std::fs::read(folder.join(format!("{name}.pem")))?)?;
    let request = TokenRequest::builder()
        .grant_type("client_credentials")
        .client_assertion_type("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        .client_assertion(encode(&Header::new(Algorithm::ES256), &claims, &key)?);
    Ok(anybody.issue_token().body(TokenRequest::try_from(request)?).send().await?.into_inner().access_token)
}

/// A client of the registry that sends a token, where it has one, and asks for English.
fn client(url: &str, token: Option<&str>) -> Result<Client> {
    let mut headers = reqwest::header::HeaderMap::new();
    headers.insert("accept-language", "en".parse()?);
    if let Some(token) = token {
        headers.insert("authorization", format!("Bearer {token}").parse()?);
    }
    Ok(Client::new_with_client(url, reqwest::Client::builder().default_headers(headers).build()?))
}

/// A day of the Gregorian calendar.
fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// A certificate as its body records it.
fn record() -> builder::CertificateInput {
    let holder = PartyInput::builder().name("大庆示例门窗有限公司");
    let unit = CertifiedUnitInput::builder().name("65系列内平开窗").models(vec!["65系列".parse().expect("a model")]);
    CertificateInput::builder()
        .scheme(SchemeInput::StarCertification)
        .kind(Some("gbm-09".parse().expect("a kind")))
        .star(Some(std::num::NonZeroU64::new(3).expect("a star").into()))
        .holder(holder)
        .product_name("内平开塑料窗")
        .units(vec![unit.try_into().expect("a unit")])
        .issued_on(day("2026-01-05"))
        .valid_until(day("2031-01-04"))
        .reported_status(ReportedStatusInput::X01)
}

/// The verdict on the certificate, today.
async fn verdict(client: &Client) -> Result<QuestionVerdict> {
    let question = VerificationQuestion::builder()
        .certificate_number(Some(NUMBER.parse()?))
        .certification_body(Some(BODY.parse()?));
    let questions = Verification::builder().items(vec![VerificationQuestion::try_from(question)?]);
    let verdicts = client.verify().body(Verification::try_from(questions)?).send().await?.into_inner();
    verdicts.verdicts.into_iter().next().ok_or_else(|| "no verdict".into())
}

fn main() -> Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(scenario())
}

async fn scenario() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (url, folder) = (arguments.next().ok_or("the address")?, arguments.next().ok_or("the folder")?);
    let anybody = client(&url, None)?;

    // Reads of what is public need no token. Search in Chinese:
    let found = anybody.list_products().q("内平开").send().await?.into_inner();
    assert!(!found.items.is_empty());

    // Read all pages: `next` is the cursor of the next one, and absent on the last.
    let (mut all, mut next) = (Vec::new(), None::<String>);
    loop {
        let mut page = anybody.list_products().limit(std::num::NonZeroU64::MIN);
        if let Some(cursor) = &next {
            page = page.cursor(cursor.as_str());
        }
        let page = page.send().await?.into_inner();
        all.extend(page.items);
        next = page.page.next;
        if next.is_none() {
            break;
        }
    }
    assert!(all.len() >= 2);

    // From here on as a certification body.
    let client = client(&url, Some(&token(&anybody, &url, Path::new(&folder)).await?))?;

    // Push a certificate. The client encodes the number, whatever it holds.
    let push = client.push_certificate().certification_body(BODY).number(NUMBER);
    let pushed = push.body(CertificateInput::try_from(record())?).send().await?;
    assert!(pushed.headers().contains_key("content-location"));
    let pushed = pushed.into_inner();
    assert_eq!(*pushed.number, NUMBER);
    assert_eq!(*verdict(&client).await?.eligibility, "eligible");

    // A batch: each line has its own outcome, and one that is refused says why.
    let lines = [
        record().number(Some("SDK/〔2026〕progenitor-2".parse()?)),
        record().number(Some("SDK/〔2026〕progenitor-3".parse()?)).valid_until(day("2020-01-01")),
    ];
    let lines: Vec<CertificateInput> = lines.into_iter().map(CertificateInput::try_from).collect::<std::result::Result<_, _>>()?;
    let batch = client.push_certificates().certification_body(BODY).mode(PushCertificatesMode::Each).body(lines);
    let batch = batch.idempotency_key(uuid::Uuid::new_v4().to_string()).send().await?.into_inner();
    assert_eq!((batch.created, batch.refused), (1, 1));
    assert_eq!(batch.outcomes[1].errors[0].source.pointer.as_deref(), Some("/valid_until"));

    // Take a step: the certificate is suspended from today, and the verdict follows.
    let suspend = CertificateTransition::builder().step(CertificateStep::Suspend).reason(Some("0203".parse()?));
    let step = client.step_certificate().id(pushed.id).idempotency_key(uuid::Uuid::new_v4().to_string());
    let step = step.body(CertificateTransition::try_from(suspend)?).send().await?.into_inner();
    assert_eq!(*step.reported_status, "02");
    let suspended = verdict(&client).await?;
    assert_eq!(*suspended.eligibility, "not_eligible");
    assert_eq!(*suspended.reasons[0].code, "certificate_suspended");

    // A record that is not right is answered by a problem (RFC 9457): know it by its type, and the field by its source.
    let holder = PartyInput::builder().name("大庆示例门窗有限公司").uscc(Some("91230607716675409X".parse()?));
    let wrong = client.push_certificate().certification_body(BODY).number("SDK/〔2026〕progenitor-4");
    let wrong = wrong.body(CertificateInput::try_from(record().holder(holder))?).send().await;
    let Err(Error::ErrorResponse(problem)) = wrong else { panic!("a check character that is wrong was taken") };
    // The client knows no type of `application/problem+json`, and gives what was sent.
    let sent: Vec<bytes::Bytes> = problem.into_inner().into_inner().try_collect().await?;
    let problem: Problem = serde_json::from_slice(&sent.concat())?;
    assert!(problem.type_.ends_with("/problems/invalid"));
    assert_eq!(problem.errors[0].source.pointer.as_deref(), Some("/holder/uscc"));

    // A value that this client does not know, of a registry newer than it, is a text like any other.
    let newer = serde_json::to_string(&suspended)?.replace("certificate_suspended", "certificate_mislaid");
    assert_eq!(*serde_json::from_str::<QuestionVerdict>(&newer)?.reasons[0].code, "certificate_mislaid");
    Ok(())
}
