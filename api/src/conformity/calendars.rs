//! `/v1/certification-bodies/{certification_body}/calendar`: the days of a body's certificates, for the calendar programs of its customers.

use crate::http::{Answer, Anybody, Language, OnDay, Query, ReadParams, answer, params, path_id};
use actix_web::get;
use actix_web::web::Path;
use icalendar::{Calendar, Component as _, Event, EventStatus, Property};
use jiff::ToSpan as _;
use jiff::civil::Date;
use lvcai_domain::{ApprovalNumber, Fault, Problem, ProblemKind, ReportedStatus, Rule, deadline};
use lvcai_store::calendars::{self, Ending};
use lvcai_store::{Conn, Moment};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

/// How many days a calendar looks ahead when nobody says: a year, and a month to plan in.
const DAYS: i32 = 400;

/// How many certificates a calendar has at most: twice as many events, some ten megabytes.
const CERTIFICATES: i64 = 10_000;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(read_calendar);
}

#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CalendarParams {
    /// The first day on which a certificate of the calendar may end: its renewal window may have opened before. When
    /// absent `valid_on`.
    #[serde(default, deserialize_with = "params::any_day")]
    #[param(value_type = Option<Date>)]
    from: Option<Date>,
    /// The last day of the calendar. 400 days after `from` when absent.
    #[serde(default, deserialize_with = "params::any_day")]
    #[param(value_type = Option<Date>)]
    until: Option<Date>,
}

/// Read the calendar of a certification body (读取认证机构的证书到期日历)
///
/// iCalendar (RFC 5545) to subscribe to: for each certificate that ends from `from` on, the day on which its renewal
/// window opens (90 days before the end) and its last day, as far as they are not after `until`, both of the whole day.
/// `URL` is the certificate's address; `REFRESH-INTERVAL` a day. There are no alarms, which are for whoever subscribes
/// to set: a body has thousands of certificates. `UID` is made of the
/// certificate's id alone, `SEQUENCE` is the version of its record, `DTSTAMP` and `LAST-MODIFIED` the instant at which
/// that was recorded. What was withdrawn or cancelled is `CANCELLED` until its last day has passed; what has expired is
/// left out. Texts are in zh-CN or en by `Accept-Language`. More than 10,000 certificates are refused: ask for fewer
/// days.
#[utoipa::path(
    tag = "certification bodies",
    operation_id = "read_calendar",
    params(("certification_body" = ApprovalNumber, Path, description = "The approval number (批准号)"), CalendarParams, ReadParams, OnDay),
    responses((status = 200, description = "The calendar", body = String, content_type = "text/calendar")),
)]
#[get("/certification-bodies/{certification_body}/calendar")]
async fn read_calendar(body: Path<String>, read: Query<Anybody, CalendarParams, (ReadParams, OnDay)>) -> Answer {
    let body: ApprovalNumber = path_id(&body)?;
    let language = Language::of(&read.request);
    let CalendarParams { from, until } = read.params;
    let issuer = read.state.keys.tokens.issuer.clone();
    let work = move |conn: &mut Conn, moment: Moment| {
        let from = from.unwrap_or(moment.day);
        let until = until.unwrap_or_else(|| from.saturating_add(DAYS.days()));
        if until < from {
            let fault = Fault::new("until", Rule::DateOrder);
            return Err(Problem::from(ProblemKind::UnknownParameter).fault(fault).into());
        }
        // Of what ends later, the renewal may open within the span.
        let ends = from..=deadline::renewable_from(until);
        let Some(endings) = calendars::expiring(conn, &body, &ends, moment, CERTIFICATES + 1)? else {
            return Err(ProblemKind::NotFound.into());
        };
        if i64::try_from(endings.len()).is_ok_and(|it| it > CERTIFICATES) {
            return Err(too_many().into());
        }
        Ok(written(&body, &endings, until, (&issuer, language)))
    };
    let (moment, calendar) = read.at_moment(work).await?;
    let mut response = answer::read_as("text/calendar; charset=utf-8", &read.request, moment.cut, calendar);
    answer::tell_day(&mut response, moment.day);
    Ok(answer::in_language(response, language))
}

fn too_many() -> Problem {
    let fault = Fault::new("until", Rule::OutOfRange).detail(
        format!("这些日期内到期的证书超过 {CERTIFICATES} 张，请缩短时段"),
        format!("more than {CERTIFICATES} certificates end in these days; ask for fewer days"),
    );
    Problem::from(ProblemKind::UnknownParameter).fault(fault)
}

/// The calendar as text. Nothing in it is of today, so the same records are always the same bytes.
fn written(body: &ApprovalNumber, endings: &[Ending], until: Date, (issuer, language): (&str, Language)) -> String {
    let mut calendar = Calendar::empty();
    for (name, value) in [
        ("VERSION", "2.0"),
        ("PRODID", "-//Lvcai//Green building materials registry//EN"),
        ("CALSCALE", "GREGORIAN"),
        ("METHOD", "PUBLISH"),
    ] {
        calendar.append_property(Property::new(name, value));
    }
    let refresh = |name| Property::new(name, "P1D").add_parameter("VALUE", "DURATION").done();
    calendar.append_property(refresh("REFRESH-INTERVAL"));
    calendar.name(&format!("{body} {}", language.of_two("证书有效期", "certificates")));
    for ending in endings {
        calendar.push(event(ending, Occasion::RenewalOpens, (issuer, language)));
        if ending.certificate.last_day() <= until {
            calendar.push(event(ending, Occasion::LastDay, (issuer, language)));
        }
    }
    calendar.to_string()
}

/// What a day is to a certificate.
#[derive(Debug, Clone, Copy)]
enum Occasion {
    RenewalOpens,
    LastDay,
}

fn event(ending: &Ending, occasion: Occasion, (issuer, language): (&str, Language)) -> Event {
    let Ending { certificate, version, recorded_at } = ending;
    let (name, day, what) = match occasion {
        Occasion::RenewalOpens => (
            "renewal",
            deadline::renewal_opens_on(certificate),
            language.of_two("可申请续期换证", "renewal may be applied for"),
        ),
        Occasion::LastDay => ("expiry", certificate.last_day(), language.of_two("有效期最后一天", "last day")),
    };
    let status = match certificate.reported_status {
        ReportedStatus::Withdrawn | ReportedStatus::Cancelled => EventStatus::Cancelled,
        ReportedStatus::Valid | ReportedStatus::Suspended | ReportedStatus::Expired => EventStatus::Confirmed,
    };
    let recorded = recorded_at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let on = |name: &str, day: Date| {
        Property::new(name, day.strftime("%Y%m%d").to_string()).add_parameter("VALUE", "DATE").done()
    };
    Event::new()
        .uid(&format!("{}-{name}@lvcai", certificate.id))
        .add_property("SEQUENCE", version.to_string())
        .add_property("DTSTAMP", &recorded)
        .add_property("LAST-MODIFIED", &recorded)
        .append_property(on("DTSTART", day))
        .append_property(on("DTEND", day.saturating_add(1.day())))
        .summary(&format!("{} {what} · {}", certificate.number, certificate.product_name))
        .description(&format!("{}{}", language.of_two("持证人：", "Holder: "), certificate.holder.name))
        .append_property(Property::new("URL", format!("{issuer}/v1/certificates/{}", certificate.id)))
        .status(status)
        // RFC 5545 §3.8.2.7: the event does not make its reader busy on that day.
        .add_property("TRANSP", "TRANSPARENT")
        .done()
}
