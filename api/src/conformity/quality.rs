//! `/v1/certification-bodies/{certification_body}/quality`

use crate::http::{Answer, Caller, Language, NoParams, OnDay, Query, ReadParams, answer, path_id};
use actix_web::get;
use actix_web::web::Path;
use jiff::ToSpan as _;
use jiff::civil::Date;
use lvcai_domain::quality::Finding;
use lvcai_domain::{ApprovalNumber, CertificationBody, ProblemKind};
use lvcai_store::quality::{Month, Open};
use lvcai_store::{Moment, Viewer, certification_bodies, quality};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

/// How far back the figures to compare with lie.
const BACK_DAYS: i64 = 30;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(read_quality);
}

/// How many records leave something open
#[derive(Debug, Serialize, ToSchema)]
struct FindingCount {
    /// What they leave open.
    #[schema(example = "holder-without-uscc")]
    rule: String,
    /// The same in words.
    title: String,
    /// How many do on the day.
    certificates: i64,
    /// How many did thirty days before.
    thirty_days_ago: i64,
}

/// How often a rule was broken
#[derive(Debug, Serialize, ToSchema)]
struct RuleCount {
    /// The rule, or the problem where it names none.
    #[schema(example = "star-required")]
    rule: String,
    /// How often.
    count: i64,
}

/// What was refused in a month
#[derive(Debug, Serialize, ToSchema)]
struct RefusedMonth {
    /// The first day of the month, in Asia/Shanghai.
    begins: Date,
    /// How often each rule was broken.
    rules: Vec<RuleCount>,
}

/// How good a body's data is
#[derive(Debug, Serialize, ToSchema)]
struct Quality {
    /// The certification body.
    certification_body: ApprovalNumber,
    /// The ledger position at which its records were read.
    as_of: i64,
    /// The day for which its records were judged.
    valid_on: Date,
    /// How many certificates the registry holds of it.
    certificates: i64,
    /// How many it held thirty days ago.
    certificates_thirty_days_ago: i64,
    /// What its records leave open.
    findings: Vec<FindingCount>,
    /// What was refused of its pushes, by month, that of the day last.
    refused: Vec<RefusedMonth>,
}

/// Read a certification body's data quality report (读取认证机构的数据质量)
///
/// What its records leave open on the day and did thirty days before, and which rules its pushes broke in the six months
/// until then. Refusals stand outside the ledger and are kept for two years: `as_of` changes nothing about them.
/// For the body itself, the authority and the auditor.
#[utoipa::path(
    tag = "certification bodies",
    operation_id = "read_certification_body_quality",
    params(("certification_body" = ApprovalNumber, Path, description = "The approval number (批准号)"), ReadParams, OnDay),
    security(("bearer" = [])),
    responses(
        (status = 200, description = "The figures", body = Quality),
    ),
    extensions(("x-problems" = json!(["forbidden"]))),
)]
#[get("/certification-bodies/{certification_body}/quality")]
async fn read_quality(body: Path<String>, query: Query<Caller, NoParams, (ReadParams, OnDay)>) -> Answer {
    let number: ApprovalNumber = path_id(&body)?;
    let own = query.by.organisation;
    let language = Language::of(&query.request);
    let everything = query.by.viewer() == Viewer::Everything;
    let now = query.state.registry.clock().now();
    let as_of = query.shared.0.as_of;
    let read = move |conn: &mut _, moment: Moment| {
        let Moment { cut, day } = moment;
        let stored = certification_bodies::read(conn, &number, cut)?.ok_or(ProblemKind::NotFound)?;
        let body: CertificationBody = stored.parse()?;
        if !everything && body.organisation != own {
            return Err(ProblemKind::Forbidden.into());
        }
        let before = quality::cut_before(conn, as_of, now, BACK_DAYS)?;
        let before = Moment { cut: before, day: day.saturating_sub(BACK_DAYS.days()) };
        let then = quality::open(conn, &number, before)?;
        let present = quality::open(conn, &number, moment)?;
        let refused = quality::refused(conn, body.organisation, day)?;
        Ok(Quality::new(number.clone(), moment, (&present, &then), refused, language))
    };
    let (moment, quality) = query.at_moment(read).await?;
    let body = serde_json::to_string(&quality).map_err(|_| ProblemKind::Internal)?;
    let mut response = answer::read(&query.request, moment.cut, body);
    answer::tell_day(&mut response, moment.day);
    Ok(answer::in_language(response, language))
}

impl Quality {
    fn new(
        certification_body: ApprovalNumber,
        moment: Moment,
        (present, then): (&Open, &Open),
        refused: Vec<Month>,
        language: Language,
    ) -> Self {
        let count = |open: &Open, finding: &Finding| open.findings.get(finding).copied().unwrap_or_default();
        let finding = |it: &Finding| FindingCount {
            rule: it.id().to_owned(),
            title: language.of_two(it.zh(), it.en()).to_owned(),
            certificates: count(present, it),
            thirty_days_ago: count(then, it),
        };
        let rules = |it: Month| RefusedMonth {
            begins: it.begins,
            rules: it.rules.into_iter().map(|(rule, count)| RuleCount { rule, count }).collect(),
        };
        Self {
            certification_body,
            as_of: moment.cut,
            valid_on: moment.day,
            certificates: present.certificates,
            certificates_thirty_days_ago: then.certificates,
            findings: Finding::ALL.iter().map(finding).collect(),
            refused: refused.into_iter().map(rules).collect(),
        }
    }
}
