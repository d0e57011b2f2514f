//! `/v1/products`

use crate::http::checks::Check;
use crate::http::{
    Answer, Audience, Body, Items, List, MergePatch, OnDay, PageParams, Read, ReadParams, VersionOf, Write, answer,
    checks, params, path_id,
};
use actix_web::web::Path;
use actix_web::{get, patch, post};
use lvcai_auth::Scope;
use lvcai_domain::{
    CertificateId, Fault, Gtin, Indicator, OrganisationId, Problem, ProblemKind, Product, ProductId, ProductStatus,
    RecordSource, Rule, StandardNumber, Star,
};
use lvcai_store::{View, lists, products};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use validator::Validate;

/// What the document says of these nouns.
pub(crate) const TAGS: &[(&str, &str)] = &[("products", "Building products")];

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_products)
        .service(read_product)
        .service(list_product_versions)
        .service(draft_product)
        .service(amend_product)
        .service(admit_product);
}

/// A product to be taken up
#[derive(Debug, Clone, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "65系列内平开塑料窗", "kind": "gbm-09", "models": ["65系列"], "trademark": "示例",
    "standards": ["GB/T 28887-2012"],
    "indicators": [{ "name": "传热系数", "value": "1.3", "unit": "W/(m²·K)", "method": "GB/T 8484-2020" }]
}))]
pub(crate) struct ProductInput {
    /// The enterprise it belongs to; the caller's own organisation when absent. Only the authority may name another.
    #[serde(skip_serializing_if = "Option::is_none")]
    enterprise: Option<OrganisationId>,
    /// Who has it made (制造商), where that is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    manufacturer: Option<OrganisationId>,
    /// Where it is made (生产厂), where that is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    factory: Option<OrganisationId>,
    /// What it is called (产品名称).
    #[validate(length(min = 1, max = 200), custom(function = "checks::name"))]
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Its kind (建材种类), a code of `/v1/kinds`.
    #[validate(length(min = 1, max = 40), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 40)]
    kind: String,
    /// Its models (规格型号).
    #[serde(default)]
    #[validate(length(max = 500), custom(function = "checks::texts"))]
    #[schema(max_items = 500)]
    models: Vec<String>,
    /// Its trade mark (商标).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[validate(length(min = 1, max = 100), custom(function = "checks::text"))]
    #[schema(min_length = 1, max_length = 100)]
    trademark: Option<String>,
    /// Its GTIN (商品条码).
    #[serde(skip_serializing_if = "Option::is_none")]
    gtin: Option<Gtin>,
    /// The standards it is made to (执行标准).
    #[serde(default)]
    #[validate(length(max = 50))]
    #[schema(max_items = 50)]
    standards: Vec<StandardNumber>,
    /// Measured and declared properties.
    #[serde(default)]
    #[validate(length(max = 200), custom(function = "indicators"))]
    #[schema(max_items = 200)]
    indicators: Vec<Indicator>,
}

fn indicators(indicators: &[Indicator]) -> Check {
    checks::each(indicators.iter().enumerate().flat_map(|(index, it)| {
        let texts = [("name", &it.name, 100), ("unit", &it.unit, 40)];
        texts.map(|(field, text, max)| checks::under(&format!("/{index}/{field}"), checks::short(text, max)))
    }))
}

impl ProductInput {
    /// The product as it shall be; what a client may not say is kept from `before`.
    fn product(self, enterprise: OrganisationId, by: OrganisationId, before: Option<&Product>) -> Product {
        let Self { enterprise: _, manufacturer, factory, name, kind, models, trademark, gtin, standards, indicators } =
            self;
        let stated_by = if by == enterprise { RecordSource::Enterprise } else { RecordSource::Authority };
        let product = Product {
            id: before.map_or_else(ProductId::mint, |it| it.id),
            enterprise,
            manufacturer,
            factory,
            name,
            kind,
            models,
            trademark,
            gtin,
            standards,
            indicators,
            status: before.map_or(ProductStatus::Draft, |it| it.status),
            record_source: before.map_or(stated_by, |it| it.record_source),
            sample: before.is_some_and(|it| it.sample),
        };
        // Who says again what is so already states nothing new.
        if before == Some(&product) { product } else { Product { record_source: stated_by, ..product } }
    }
}

#[derive(Debug, Clone, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListParams {
    /// Words that name, models, trade mark or enterprise hold, in any order, wherever they stand: spaces, punctuation,
    /// width, case and traditional characters make no difference, and a number is found by its beginning (`42.5` in
    /// `P·O42.5`, `100` in `DN100`). At most seven.
    #[serde(default, deserialize_with = "params::short")]
    #[param(max_length = 200, example = "塑料窗", value_type = Option<String>)]
    q: Option<String>,
    /// The kind, a code of `/v1/kinds`.
    #[serde(default, deserialize_with = "params::kind")]
    #[param(value_type = Option<String>, example = "gbm-09")]
    kind: Option<String>,
    /// The enterprise that owns it.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<OrganisationId>)]
    enterprise: Option<OrganisationId>,
    /// How far it has come; all but the retired when absent. Drafts are seen by their owner and the authority.
    status: Option<ProductStatus>,
    /// The GTIN.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<Gtin>)]
    gtin: Option<Gtin>,
    /// The least star among the certificates of its evidence, as confirmed on the day.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<Star>)]
    star_min: Option<Star>,
    /// A certificate on which evidence of it rests that is confirmed on the day.
    #[serde(default, deserialize_with = "params::value")]
    #[param(value_type = Option<CertificateId>)]
    certificate: Option<CertificateId>,
    /// A list in which it stands on the day.
    #[param(example = "green-building-materials")]
    listed_in: Option<String>,
}

/// List and search products (检索产品)
///
/// The newest first. All filters must hold. `valid_on` is the day for `listed_in`, `star_min` and `certificate`, and
/// refused without them: products have no days of their own.
#[utoipa::path(
    tag = "products",
    operation_id = "list_products",
    params(ListParams, PageParams, OnDay),
    security((), ("bearer" = [])),
    responses((status = 200, description = "A page, the newest first", body = Items<Product>)),
)]
#[get("/products")]
async fn list_products(list: List<ListParams, Audience, (PageParams, OnDay)>) -> Answer {
    let params = list.params.clone();
    let viewer = list.by.viewer;
    let filter = products::Filter {
        words: params.q,
        kind: params.kind,
        enterprise: params.enterprise,
        status: params.status,
        gtin: params.gtin,
        star_min: params.star_min.map(|star| i32::from(star.get())),
        certificate: params.certificate,
        listed_in: params.listed_in,
    };
    let of_a_day = filter.listed_in.is_some() || filter.star_min.is_some() || filter.certificate.is_some();
    if list.shared.1.valid_on.is_some() && !of_a_day {
        return Err(needless_day().into());
    }
    // Many products may have to be looked at for either, however few are answered.
    let searches = filter.words.is_some() || filter.star_min.is_some();
    let read = move |conn: &mut _, page: &_| {
        if let Some(slug) = &filter.listed_in {
            lists::must_be_known(conn, slug, "listed_in")?;
        }
        products::list(conn, &filter, page, viewer)
    };
    if searches { list.long_page(read).await } else { list.page(read).await }
}

fn needless_day() -> Problem {
    let fault = Fault::new("valid_on", Rule::NotAllowed).detail(
        "仅与 listed_in、star_min 或 certificate 一并给出：产品本身没有按日生效的状态",
        "it goes with listed_in, star_min or certificate: a product itself has no days",
    );
    Problem::from(ProblemKind::UnknownParameter).fault(fault)
}

/// Read a product (读取产品)
#[utoipa::path(
    tag = "products",
    operation_id = "read_product",
    params(("id" = ProductId, Path, description = "The product"), ReadParams),
    security((), ("bearer" = [])),
    responses((status = 200, description = "The product", body = Product)),
)]
#[get("/products/{id}")]
async fn read_product(id: Path<String>, read: Read<Audience>) -> Answer {
    let viewer = read.by.viewer;
    let id: ProductId = path_id(&id)?;
    read.record(move |conn, cut| products::read(conn, id, cut, viewer)).await
}

/// List the versions of a product (查询产品历史版本)
#[utoipa::path(
    tag = "products",
    operation_id = "list_product_versions",
    params(("id" = ProductId, Path, description = "The product"), ReadParams),
    security((), ("bearer" = [])),
    responses((status = 200, description = "The versions, the newest first", body = Items<VersionOf<Product>>)),
)]
#[get("/products/{id}/versions")]
async fn list_product_versions(id: Path<String>, read: Read<Audience>) -> Answer {
    let viewer = read.by.viewer;
    let id: ProductId = path_id(&id)?;
    read.versions(move |conn, cut| products::versions(conn, id, cut, viewer)).await
}

/// Create a draft product (新建产品草稿)
///
/// A draft is seen by its enterprise and the authority until the authority admits it.
#[utoipa::path(
    tag = "products",
    operation_id = "draft_product",
    request_body = ProductInput,
    security(("bearer" = ["products:write"])),
    responses((status = 201, description = "Drafted", body = Product, headers(("Location" = String, description = "Its address")))),
)]
#[post("/products")]
async fn draft_product(write: Write, body: Body<ProductInput>) -> Answer {
    write.caller.may(Scope::ProductsWrite)?;
    let new = body.value;
    let caller = &write.caller;
    let enterprise = new.enterprise.unwrap_or(caller.organisation);
    if enterprise != caller.organisation && !caller.is_authority() {
        return Err(Problem::from(ProblemKind::Forbidden).fault(Fault::new("/enterprise", Rule::NotAllowed)).into());
    }
    let product = new.product(enterprise, caller.organisation, None);
    let receipt = write.create(&body.digest, move |view| products::create(view, &product)).await?;
    Ok(answer::receipt(receipt, |id| format!("/v1/products/{id}")))
}

/// Amend a product (变更产品)
///
/// A merge patch (RFC 7396) by its enterprise or the authority; `null` takes a field away.
#[utoipa::path(
    tag = "products",
    operation_id = "amend_product",
    params(("id" = ProductId, Path, description = "The product")),
    request_body(content = ref("#/components/schemas/ProductPatch"), content_type = "application/merge-patch+json", description = "The fields to change", example = json!({ "trademark": "示例", "standards": ["GB/T 28887-2012"], "gtin": null })),
    security(("bearer" = ["products:write"])),
    responses((status = 200, description = "Amended, or unchanged", body = Product)),
    extensions(("x-problems" = json!(["illegal-step"])), ("x-merge-patch" = json!({ "ProductPatch": "ProductInput" }))),
)]
#[patch("/products/{id}")]
async fn amend_product(write: Write, id: Path<String>, patch: Body<MergePatch>) -> Answer {
    write.caller.may(Scope::ProductsWrite)?;
    let id: ProductId = path_id(&id)?;
    let conditions = write.conditions.clone();
    conditions.require_if_match()?;
    let Body { value: patch, digest } = patch;
    let by = write.caller.author();
    let decide = move |view: &mut View<'_>| {
        products::amend(view, (id, by), |stored, before| {
            conditions.check(Some(stored))?;
            let new: ProductInput = patch.apply(&stored.body, &["id", "status", "record_source", "sample"])?;
            if new.enterprise != Some(before.enterprise) {
                return Err(Fault::new("/enterprise", Rule::NotAllowed).into());
            }
            Ok(new.product(before.enterprise, by.organisation, Some(before)))
        })
    };
    let receipt = write.execute(&digest, decide).await?;
    Ok(answer::receipt(receipt, |id| format!("/v1/products/{id}")))
}

/// What an authority decides about a draft.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ProductStep {
    /// Admit it to the public database (入库).
    Admit,
}

/// A step of a product
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "step": "admit" }))]
struct ProductTransition {
    /// The step.
    step: ProductStep,
}

/// Admit a product (产品入库)
///
/// For the authority: from now on anybody sees it.
#[utoipa::path(
    tag = "products",
    operation_id = "admit_product",
    params(("id" = ProductId, Path, description = "The product", example = "prod_01900000-0000-7000-8000-000000000012")),
    request_body = ProductTransition,
    security(("bearer" = ["products:admit"])),
    responses((status = 200, description = "Admitted", body = Product)),
)]
#[post("/products/{id}/transitions")]
async fn admit_product(write: Write, id: Path<String>, body: Body<ProductTransition>) -> Answer {
    write.caller.may(Scope::ProductsAdmit)?;
    write.caller.must_be_authority()?;
    let id: ProductId = path_id(&id)?;
    let ProductStep::Admit = body.value.step;
    let viewer = write.caller.viewer();
    let stands = move |view: &mut View<'_>| products::read(view.conn, id, view.cut, viewer);
    let decide = write.conditions.guard(stands, move |view| products::admit(view, id));
    let receipt = write.execute(&body.digest, decide).await?;
    Ok(answer::receipt(receipt, |id| format!("/v1/products/{id}")))
}
