//! Calendars, read by a library that did not write them.

use calcard::common::PartialDateTime;
use calcard::icalendar::{ICalendar, ICalendarComponent, ICalendarProperty, ICalendarStatus, ICalendarValue};
use lvcai_store::expiry;
use lvcai_tests::{BODY, OTHER_BODY, Story, address, record};
use serde_json::json;

/// The calendar of the body of the stories.
const CALENDAR: &str = "/v1/certification-bodies/CNCA-R-2006-148/calendar";

/// An event as a calendar program shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Event {
    uid: String,
    day: String,
    end: String,
    summary: String,
    sequence: i64,
    stamps: [String; 2],
    cancelled: bool,
}

fn events(text: &str) -> Vec<Event> {
    let calendar = ICalendar::parse(text).unwrap();
    calendar.components.iter().filter(|it| it.component_type.is_event()).map(event).collect()
}

fn event(it: &ICalendarComponent) -> Event {
    let value = |name| it.property(&name).unwrap().values[0].clone();
    let text = |name| value(name).as_text().unwrap().to_owned();
    Event {
        uid: it.uid().unwrap().to_owned(),
        day: day(&value(ICalendarProperty::Dtstart)),
        end: day(&value(ICalendarProperty::Dtend)),
        summary: text(ICalendarProperty::Summary),
        sequence: value(ICalendarProperty::Sequence).as_integer().unwrap(),
        stamps: [ICalendarProperty::Dtstamp, ICalendarProperty::LastModified].map(|name| instant(&value(name))),
        cancelled: it.status() == Some(&ICalendarStatus::Cancelled),
    }
}

/// A date, which has no hour.
fn day(value: &ICalendarValue) -> String {
    let PartialDateTime { year, month, day, hour: None, .. } = value.as_partial_date_time().unwrap() else {
        panic!("{value:?} is no day")
    };
    format!("{:04}-{:02}-{:02}", year.unwrap(), month.unwrap(), day.unwrap())
}

/// An instant in UTC.
fn instant(value: &ICalendarValue) -> String {
    let at = value.as_partial_date_time().unwrap();
    assert_eq!((at.tz_hour, at.tz_minute), (Some(0), Some(0)));
    let date = format!("{:04}-{:02}-{:02}", at.year.unwrap(), at.month.unwrap(), at.day.unwrap());
    format!("{date}T{:02}:{:02}:{:02}Z", at.hour.unwrap(), at.minute.unwrap(), at.second.unwrap())
}

/// A certificate of the body that ends on a day.
fn ending(story: &Story, number: &str, valid_until: &str) -> String {
    let mut record = record();
    record["valid_until"] = json!(valid_until);
    story.body.put(&address(BODY, number), &record).expect(201).id()
}

#[test]
fn a_certificate_has_its_last_day_and_its_renewal_in_the_calendar_of_its_body() {
    let story = Story::begin();
    let certificate = ending(&story, "CABR-1", "2026-12-31");
    let later = ending(&story, "CABR-LATER", "2027-07-05");
    ending(&story, "CABR-FAR", "2027-07-06");

    let answer = story.anybody.get(CALENDAR).expect(200);

    assert_eq!(answer.header("content-type"), "text/calendar; charset=utf-8");
    let common = Event {
        uid: format!("{certificate}-renewal@lvcai"),
        day: "2026-10-02".to_owned(),
        end: "2026-10-03".to_owned(),
        summary: "CABR-1 可申请续期换证 · 内平开塑料窗".to_owned(),
        sequence: 1,
        stamps: ["2026-03-02T02:00:00Z", "2026-03-02T02:00:00Z"].map(str::to_owned),
        cancelled: false,
    };
    let last = Event {
        uid: format!("{certificate}-expiry@lvcai"),
        day: "2026-12-31".to_owned(),
        end: "2027-01-01".to_owned(),
        summary: "CABR-1 有效期最后一天 · 内平开塑料窗".to_owned(),
        ..common.clone()
    };
    let renewal = Event {
        uid: format!("{later}-renewal@lvcai"),
        day: "2027-04-06".to_owned(),
        end: "2027-04-07".to_owned(),
        summary: "CABR-LATER 可申请续期换证 · 内平开塑料窗".to_owned(),
        ..common.clone()
    };
    assert_eq!(events(&answer.text), [common, last, renewal], "all days of 400, and none after them");
    let span = story.anybody.get(&format!("{CALENDAR}?from=2027-01-01&until=2027-07-05")).expect(200);
    assert_eq!(events(&span.text).len(), 3, "both days of the span count");
    let other = story.anybody.get(&format!("/v1/certification-bodies/{OTHER_BODY}/calendar")).expect(200);
    assert_eq!(events(&other.text), []);
}

#[test]
fn an_event_leads_to_its_certificate_and_a_calendar_says_when_to_ask_again() {
    let story = Story::begin();
    let certificate = ending(&story, "CABR-1", "2026-12-31");

    let text = story.anybody.get(CALENDAR).expect(200).text;

    let unfolded = text.replace("\r\n ", "");
    let url = format!("URL:{}/v1/certificates/{certificate}\r\n", lvcai_tests::ISSUER);
    assert_eq!(unfolded.matches(&url).count(), 2, "{unfolded}");
    assert!(unfolded.contains("REFRESH-INTERVAL;VALUE=DURATION:P1D\r\n"), "{unfolded}");
}

#[test]
fn a_calendar_keeps_its_names_while_its_records_change() {
    let story = Story::begin();
    let certificate = ending(&story, "CABR-1", "2026-06-01");
    let before = events(&story.anybody.get(CALENDAR).expect(200).text);
    story.server.at("2026-03-05T02:00:00Z");
    let mut corrected = record();
    corrected["valid_until"] = json!("2026-06-30");
    corrected["product_name"] = json!("更名后的窗");
    story.body.put(&address(BODY, "CABR-1"), &corrected).expect(200);

    let after = events(&story.anybody.get(CALENDAR).expect(200).text);

    let uids = |events: &[Event]| events.iter().map(|it| it.uid.clone()).collect::<Vec<_>>();
    assert_eq!(uids(&after), uids(&before));
    assert_eq!(after.iter().map(|it| it.day.as_str()).collect::<Vec<_>>(), ["2026-04-01", "2026-06-30"]);
    assert!(after.iter().all(|it| it.sequence == 2 && it.stamps[1] == "2026-03-05T02:00:00Z"));
    story.step(&certificate, &json!({ "step": "suspend", "reason": "0203" })).expect(200);
    assert!(events(&story.anybody.get(CALENDAR).expect(200).text).iter().all(|it| !it.cancelled && it.sequence == 3));
}

#[test]
fn what_ended_early_is_cancelled_and_what_expired_is_gone() {
    let story = Story::begin();
    let withdrawn = ending(&story, "CABR-1", "2026-06-01");
    ending(&story, "CABR-2", "2026-03-09");
    story.step(&withdrawn, &json!({ "step": "withdraw", "reason": "0209" })).expect(200);
    story.server.at("2026-03-10T02:00:00Z");
    story.server.wait(expiry::tick(&story.server.registry)).unwrap();

    let shown = events(&story.anybody.get(&format!("{CALENDAR}?from=2026-03-01")).expect(200).text);

    assert_eq!(shown.len(), 2);
    assert!(shown.iter().all(|it| it.cancelled && it.uid.starts_with(&withdrawn)), "{shown:?}");
}

#[test]
fn a_calendar_is_the_same_bytes_until_a_record_changes() {
    let story = Story::begin();
    ending(&story, "CABR-1", "2026-12-31");
    let first = story.anybody.get(CALENDAR).expect(200);
    story.server.at("2026-03-02T09:00:00Z");

    let again = story.anybody.get(CALENDAR).expect(200);

    assert_eq!((&again.text, again.header("etag")), (&first.text, first.header("etag")));
    let etag = first.header("etag");
    let unchanged = story.anybody.send("GET", CALENDAR, &[("if-none-match", etag)], None).expect(304);
    assert_eq!((unchanged.text.as_str(), unchanged.header("etag")), ("", etag));
    let head = story.anybody.send("HEAD", CALENDAR, &[], None).expect(200);
    assert_eq!((head.header("etag"), head.text.as_str()), (etag, ""));
    ending(&story, "CABR-2", "2026-12-30");
    assert_eq!(events(&story.anybody.get(CALENDAR).expect(200).text).len(), 4);
    let then = story.anybody.get(&format!("{CALENDAR}?as_of={}", first.seq())).expect(200);
    assert_eq!((then.text, then.headers["registry-seq"].clone()), (first.text, first.headers["registry-seq"].clone()));
}

#[test]
fn every_text_comes_back_as_it_was_and_no_line_is_too_long() {
    let story = Story::begin();
    let mut record = record();
    let name = "门,窗;幕墙\\\"隔热\":断桥铝合金内平开下悬窗（带纱扇）六五系列七零系列八零系列九零系列,一体化附框 2026";
    record["product_name"] = json!(name);
    record["valid_until"] = json!("2026-12-31");
    story.body.put(&address(BODY, "CABR-01(02)-(2025)-CGP-035"), &record).expect(201);

    let text = story.anybody.get(CALENDAR).expect(200).text;

    assert!(text.split_terminator("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])), "{text}");
    assert!(events(&text).iter().all(|it| it.summary.ends_with(name)), "{text}");
}

#[test]
fn a_calendar_speaks_the_language_asked_for() {
    let story = Story::begin();
    ending(&story, "CABR-1", "2026-12-31");

    let english = story.anybody.send("GET", CALENDAR, &[("accept-language", "en")], None).expect(200);

    let summaries: Vec<_> = events(&english.text).into_iter().map(|it| it.summary).collect();
    assert_eq!(summaries, ["CABR-1 renewal may be applied for · 内平开塑料窗", "CABR-1 last day · 内平开塑料窗"]);
    assert_eq!(english.header("content-language"), "en");
    assert!(english.header("vary").contains("accept-language"), "{}", english.header("vary"));
    assert_ne!(english.header("etag"), story.anybody.get(CALENDAR).header("etag"));
}

#[test]
fn a_calendar_that_cannot_be_is_refused_by_name() {
    let story = Story::begin();

    story.anybody.get("/v1/certification-bodies/CNCA-R-1999-001/calendar").problem(404, "not-found");
    story.anybody.get("/v1/certification-bodies/nobody/calendar").problem(404, "not-found");
    story.anybody.get(&format!("/v1/certification-bodies/{BODY}/calendar.ics")).problem(404, "not-found");
    let span = story.anybody.get(&format!("{CALENDAR}?from=2026-03-02&until=2026-03-01"));

    assert_eq!(span.problem(400, "unknown-parameter").body["errors"][0]["source"]["parameter"], "until");
}
