//! `/v1/lists/{list}/publications`

use crate::http::params::integer;
use crate::http::{
    Answer, Audience, Body, Caller, Failure, Items, List, NoParams, PageParams, Read, ReadParams, VersionOf, Write,
    answer, checks, path_id, path_key,
};
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Path;
use actix_web::{HttpResponse, get, post};
use lvcai_auth::Scope;
use lvcai_domain::{
    ProblemKind, ProductId, Publication, PublicationEntry, PublicationId, PublicationStatus, Scheme, Star,
};
use lvcai_store::publications::{DraftFields, Filter, Order, PublisherAction, Reference, Selection, Signer};
use lvcai_store::{Error, View, Visible, lists, publications};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_publications)
        .service(read_publication)
        .service(list_publication_versions)
        .service(list_entries)
        .service(read_document)
        .service(draft_publication)
        .service(step_publication);
}

/// A publication to be drafted
///
/// Its entries are the products that qualify today: those named, or all that the filter finds.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "title": "大庆市绿色建材产品信息（第一批）", "authority_document": "庆工信发〔2026〕1号", "filter": { "kind": "gbm-09" } }))]
struct PublicationInput {
    /// Its title.
    #[validate(length(min = 1, max = 200), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    /// The number of the document that orders it (文号), where there is one.
    #[validate(length(min = 1, max = 100), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 100)]
    authority_document: Option<String>,
    /// Exactly these products, in this order.
    #[validate(length(min = 1, max = 5000))]
    #[schema(min_items = 1, max_items = 5000)]
    products: Option<Vec<ProductId>>,
    /// Which certificates qualify a product.
    #[validate(nested)]
    filter: Option<PublicationFilter>,
}

/// Which certificates qualify a product for a publication
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
struct PublicationFilter {
    /// The kind.
    #[validate(length(min = 1, max = 40), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 40)]
    kind: Option<String>,
    /// The scheme.
    scheme: Option<Scheme>,
    /// The least star.
    star_min: Option<Star>,
}

fn reference(text: &str) -> Result<Reference, Failure> {
    match integer::<i32>(text) {
        Some(number) if number > 0 => Ok(Reference::Number(number)),
        Some(_) => Err(ProblemKind::NotFound.into()),
        None => path_id::<PublicationId>(text).map(Reference::Id),
    }
}

#[derive(Debug, Clone, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// How far it has come.
    status: Option<PublicationStatus>,
    /// The order; by number when absent, the highest first, and what has none last.
    #[param(inline)]
    sort: Option<Sort>,
}

/// In which order publications are listed.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
enum Sort {
    /// The highest number first.
    #[serde(rename = "-number")]
    Number,
    /// What was drafted last first.
    #[serde(rename = "-id")]
    Drafted,
}

/// List the publications of a list (查询名单的批次)
///
/// What is not published is seen by its publisher, the authorities and the auditors.
#[utoipa::path(
    tag = "lists",
    operation_id = "list_publications",
    params(("list" = String, Path, description = "The list", example = "green-building-materials"), ListParams, PageParams),
    security((), ("bearer" = [])),
    responses((status = 200, description = "A page, in the order of `sort`", body = Items<Publication>)),
)]
#[get("/lists/{list}/publications")]
async fn list_publications(slug: Path<String>, list: List<ListParams, Audience>) -> Answer {
    let viewer = list.by.viewer;
    let ListParams { status, sort } = list.params;
    let order = match sort {
        None | Some(Sort::Number) => Order::Number,
        Some(Sort::Drafted) => Order::Drafted,
    };
    list.page(move |conn, page| {
        let slug = path_key(&slug)?;
        lists::read(conn, &slug, page.cut)?.ok_or(Error::from(ProblemKind::NotFound))?;
        publications::list(conn, &slug, Filter { status, order }, page, viewer)
    })
    .await
}

/// Read a publication (读取批次)
#[utoipa::path(
    tag = "lists",
    operation_id = "read_publication",
    params(
        ("list" = String, Path, description = "The list", example = "green-building-materials"),
        ("publication" = String, Path, description = "Its number, or its id before it has one", example = "1"),
        ReadParams,
    ),
    security((), ("bearer" = [])),
    responses((status = 200, description = "The publication", body = Publication)),
)]
#[get("/lists/{list}/publications/{publication}")]
async fn read_publication(path: Path<(String, String)>, read: Read<Audience>) -> Answer {
    let viewer = read.by.viewer;
    let (list, publication) = path.into_inner();
    let publication = reference(&publication)?;
    let read = read
        .record(move |conn, cut| publications::read(conn, &path_key(&list)?, publication, Visible { cut, viewer }))
        .await?;
    Ok(cached(publication, read))
}

/// A publication that is asked for by its number is published, and what is published never changes.
fn cached(asked: Reference, answer: HttpResponse) -> HttpResponse {
    if matches!(asked, Reference::Number(_)) { answer::for_ever(answer) } else { answer }
}

/// List the versions of a publication (查询批次历史版本)
#[utoipa::path(
    tag = "lists",
    operation_id = "list_publication_versions",
    params(
        ("list" = String, Path, description = "The list", example = "green-building-materials"),
        ("publication" = String, Path, description = "Its number, or its id before it has one", example = "1"),
        ReadParams,
    ),
    security((), ("bearer" = [])),
    responses((status = 200, description = "The versions, the newest first", body = Items<VersionOf<Publication>>)),
)]
#[get("/lists/{list}/publications/{publication}/versions")]
async fn list_publication_versions(path: Path<(String, String)>, read: Read<Audience>) -> Answer {
    let viewer = read.by.viewer;
    let (list, publication) = path.into_inner();
    let publication = reference(&publication)?;
    read.versions(move |conn, cut| {
        publications::versions(conn, &path_key(&list)?, publication, Visible { cut, viewer })
    })
    .await
}

/// List the entries of a publication (查询批次条目)
#[utoipa::path(
    tag = "lists",
    operation_id = "list_entries",
    params(
        ("list" = String, Path, description = "The list", example = "green-building-materials"),
        ("publication" = String, Path, description = "Its number, or its id before it has one", example = "1"),
        PageParams,
    ),
    security((), ("bearer" = [])),
    responses((status = 200, description = "A page, by position", body = Items<PublicationEntry>)),
)]
#[get("/lists/{list}/publications/{publication}/entries")]
async fn list_entries(path: Path<(String, String)>, list: List<NoParams, Audience>) -> Answer {
    list.check_cursor()?;
    let (slug, publication) = path.into_inner();
    let publication = reference(&publication)?;
    let viewer = list.by.viewer;
    let entries = list.page(move |conn, page| {
        let found = publications::read(conn, &path_key(&slug)?, publication, Visible { cut: page.cut, viewer })?;
        let found: Publication = found.ok_or(Error::from(ProblemKind::NotFound))?.parse()?;
        publications::entries(conn, found.id, page)
    });
    Ok(cached(publication, entries.await?))
}

/// A signed document: a flattened JWS (RFC 7515 §7.2.2)
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is stored as it was signed, and described here")]
struct SignedDocument {
    /// The protected header, base64url: `alg` is `EdDSA`, `kid` names the key, `typ` is `lvcai-publication+json`.
    protected: String,
    /// A `PublicationDocument` as canonical JSON (RFC 8785), base64url.
    payload: String,
    /// The signature, base64url.
    signature: String,
}

/// Read the signed document of a publication (读取批次的签名文件)
///
/// One file: a flattened JWS (RFC 7515 §7.2.2, EdDSA) with the canonical JSON (RFC 8785) of list, publication and
/// entries inside. Its key is in `/.well-known/jwks.json`.
#[utoipa::path(
    tag = "lists",
    operation_id = "read_document",
    params(
        ("list" = String, Path, description = "The list", example = "green-building-materials"),
        ("publication" = String, Path, description = "Its number", example = "1"),
        ReadParams,
    ),
    responses((status = 200, description = "The document", body = SignedDocument, content_type = "application/jose+json")),
)]
#[get("/lists/{list}/publications/{publication}/document")]
async fn read_document(path: Path<(String, String)>, read: Read) -> Answer {
    let (list, publication) = path.into_inner();
    let Reference::Number(number) = reference(&publication)? else { return Err(ProblemKind::NotFound.into()) };
    let (cut, document) =
        read.at_cut(move |conn, cut| publications::document(conn, &path_key(&list)?, number, cut)).await?;
    let mut response = answer::read(&read.request, cut, document.ok_or(ProblemKind::NotFound)?);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/jose+json"));
    Ok(answer::for_ever(response))
}

fn action_of(caller: &Caller, list: String) -> PublisherAction {
    PublisherAction { list, by: caller.signatory(), authority: caller.is_authority() }
}

/// Draft a publication (起草批次)
///
/// By the authority that publishes the list. The draft is private; its entries are frozen.
#[utoipa::path(
    tag = "lists",
    operation_id = "draft_publication",
    params(("list" = String, Path, description = "The list", example = "green-building-materials")),
    request_body = PublicationInput,
    security(("bearer" = ["publications:draft"])),
    responses((status = 201, description = "Drafted", body = Publication, headers(("Location" = String, description = "Its address")))),
    extensions(("x-problems" = json!(["not-eligible"]))),
)]
#[post("/lists/{list}/publications")]
async fn draft_publication(write: Write, list: Path<String>, body: Body<PublicationInput>) -> Answer {
    write.caller.may(Scope::PublicationsDraft)?;
    let list = path_key(&list)?;
    let action = action_of(&write.caller, list.clone());
    let PublicationInput { title, authority_document, products, filter } = body.value;
    let PublicationFilter { kind, scheme, star_min } = filter.unwrap_or_default();
    let selection = Selection { products, kind, scheme, star_min: star_min.map(|star| i32::from(star.get())) };
    let issue = DraftFields { title, authority_document, sample: false };
    let decide = move |view: &mut View<'_>| publications::draft(view, &action, &issue, &selection);
    let receipt = write.create(&body.digest, decide).await?;
    Ok(answer::receipt(receipt, |id| format!("/v1/lists/{list}/publications/{id}")))
}

/// A step of a publication.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum PublicationStep {
    /// Approve the draft: by a client of another holder than the drafter's.
    Approve,
    /// Publish what was approved: number, sign, list.
    Publish,
    /// Give it up.
    Cancel,
}

/// A step of a publication
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "step": "approve" }))]
struct PublicationTransition {
    /// The step. `approve` takes the scope `publications:approve`, `publish` `publications:publish`, `cancel` `publications:draft`.
    step: PublicationStep,
}

/// Approve, publish or cancel a publication (批准、发布或取消批次)
///
/// Drafting and approving take clients of two different holders. Publishing numbers it, signs its document and lists
/// its products in one command; what no longer qualifies is refused.
#[utoipa::path(
    tag = "lists",
    operation_id = "step_publication",
    params(
        ("list" = String, Path, description = "The list", example = "green-building-materials"),
        ("publication" = PublicationId, Path, description = "The publication"),
    ),
    request_body = PublicationTransition,
    security(("bearer" = ["publications:approve"]), ("bearer" = ["publications:publish"]), ("bearer" = ["publications:draft"])),
    responses((status = 200, description = "Done", body = Publication)),
    extensions(("x-problems" = json!(["not-eligible", "second-holder-required"]))),
)]
#[post("/lists/{list}/publications/{publication}/transitions")]
async fn step_publication(write: Write, path: Path<(String, String)>, body: Body<PublicationTransition>) -> Answer {
    let step = body.value.step;
    write.caller.may(match step {
        PublicationStep::Approve => Scope::PublicationsApprove,
        PublicationStep::Publish => Scope::PublicationsPublish,
        PublicationStep::Cancel => Scope::PublicationsDraft,
    })?;
    let (list, id) = path.into_inner();
    let list = path_key(&list)?;
    let id: PublicationId = path_id(&id)?;
    let action = action_of(&write.caller, list.clone());
    let keys = write.state.keys.clone();
    let decide = move |view: &mut View<'_>| match step {
        PublicationStep::Approve => publications::approve(view, &action, id),
        PublicationStep::Cancel => publications::cancel(view, &action, id),
        PublicationStep::Publish => {
            publications::publish(view, &action, id, Signer { issuer: &keys.tokens.issuer, key: &keys.publication })
        }
    };
    let (of, viewer) = (list.clone(), write.caller.viewer());
    let stands = move |view: &mut View<'_>| {
        publications::read(view.conn, &of, Reference::Id(id), Visible { cut: view.cut, viewer })
    };
    let receipt = write.execute(&body.digest, write.conditions.guard(stands, decide)).await?;
    Ok(answer::receipt(receipt, |id| format!("/v1/lists/{list}/publications/{id}")))
}
