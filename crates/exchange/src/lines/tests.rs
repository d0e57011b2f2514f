//! Lines of JSON are told apart, whatever is in them, within the limits.

use std::io::Cursor;

use lvcai_domain::Rule;
use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn limits() -> LineLimits {
    LineLimits { lines: 20, line_bytes: 64, ..LineLimits::default() }
}

/// The lines read, each as its JSON or the rules it breaks, and how the reading ended.
type Read = (Vec<(u64, Result<String, Vec<Rule>>)>, Result<Summary, LinesError>);

fn read_within(limits: &LineLimits, form: Form, data: impl AsRef<[u8]>) -> Read {
    let mut lines = Vec::new();
    let outcome = read_lines(Cursor::new(data), form, limits, &mut |line| {
        lines.push((line.number, line.json.map_err(|faults| faults.into_iter().map(|it| it.rule).collect())));
        ControlFlow::Continue(())
    });
    (lines, outcome)
}

fn read(form: Form, data: impl AsRef<[u8]>) -> Read {
    read_within(&limits(), form, data)
}

fn good(lines: &[(u64, &str)]) -> Vec<(u64, Result<String, Vec<Rule>>)> {
    lines.iter().map(|(number, json)| (*number, Ok((*json).to_owned()))).collect()
}

#[test]
fn elements_of_an_array_are_lines() {
    let data = "\u{feff} [ {\"a\":\"],}\\\"[\"} ,\n[1,[2]],\"\\\\\",-1.5e3,null , {\n} ]\r\n ";

    let (lines, outcome) = read(Form::JsonArray, data);

    let wanted =
        [(1, "{\"a\":\"],}\\\"[\"}"), (2, "[1,[2]]"), (3, "\"\\\\\""), (4, "-1.5e3"), (5, "null"), (6, "{\n}")];
    assert_eq!(lines, good(&wanted));
    assert_eq!(outcome.unwrap().lines, 6);
    assert_eq!(read(Form::JsonArray, " [ \n ] ").1.unwrap(), Summary::default());
}

#[test]
fn a_broken_array_is_refused_where_it_breaks() {
    for (data, line, column) in [
        ("", 1, 1),
        ("{}", 1, 1),
        ("[", 1, 2),
        ("[1", 1, 3),
        ("[1,", 1, 4),
        ("[1,]", 1, 4),
        ("[,1]", 1, 2),
        ("[1 2]", 1, 4),
        ("[1] 2", 1, 5),
        ("[1}]", 1, 3),
        ("[1,\n {}},{}]", 2, 4),
        ("[\n  {\"a\":1,}\n]", 2, 10),
        ("[\n  {\"a\":\n    x}\n]", 3, 5),
        ("[\"a", 1, 4),
        ("[{\"a\":\"b}, 1]", 1, 14),
        ("[01]", 1, 3),
    ] {
        match read(Form::JsonArray, data).1 {
            Err(LinesError::Broken { line: l, column: c, why }) => assert_eq!((l, c), (line, column), "{data}: {why}"),
            other => panic!("{data}: {other:?}"),
        }
    }
}

#[test]
fn a_line_of_json_lines_breaks_alone() {
    let data = b"\xEF\xBB\xBF{\"a\":1}\r\n\n \t \n{\"a\":\n[1] x\n\"\xFF\"\n[2]";

    let (lines, outcome) = read(Form::JsonLines, data);

    let malformed = || Err(vec![Rule::MalformedJson]);
    assert_eq!(
        lines,
        [(1, Ok("{\"a\":1}".into())), (4, malformed()), (5, malformed()), (6, malformed()), (7, Ok("[2]".into()))]
    );
    assert_eq!(outcome.unwrap().lines, 5);
}

#[test]
fn a_long_line_is_a_fault_and_the_next_one_is_read() {
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(60));
    let fits = format!("\"{}\"", "x".repeat(62));
    let too_long = || Err(vec![Rule::TooLong]);

    let (lines, _) = read(Form::JsonArray, format!("[{long},1,{fits},\"\\\"{long}]"));
    assert_eq!(lines[..3], [(1, too_long()), (2, Ok("1".into())), (3, Ok(fits.clone()))]);
    let (lines, _) = read(Form::JsonLines, format!("{long}\n1\n{fits}\n{long}"));
    assert_eq!(lines, [(1, too_long()), (2, Ok("1".into())), (3, Ok(fits)), (4, too_long())]);
}

#[test]
fn an_element_that_is_not_utf_8_is_a_fault() {
    let (lines, outcome) = read(Form::JsonArray, b"[\"\xFF\",1]");

    assert_eq!(lines, [(1, Err(vec![Rule::MalformedJson])), (2, Ok("1".into()))]);
    assert!(outcome.is_ok());
}

#[test]
fn one_line_too_many_is_refused_and_a_stop_is_heard() {
    for (form, data) in [(Form::JsonArray, format!("[{}0]", "0,".repeat(20))), (Form::JsonLines, "0\n\n".repeat(21))] {
        let (lines, outcome) = read(form, &data);
        assert_eq!(lines.len(), 20);
        assert!(matches!(outcome, Err(LinesError::TooManyLines { limit: 20 })));

        let mut seen = 0;
        let stopped = read_lines(Cursor::new(&data), form, &limits(), &mut |_| {
            seen += 1;
            if seen == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(stopped.unwrap().lines, 3);
    }
}

#[test]
fn a_file_is_read_again_from_its_beginning() {
    let mut data = Cursor::new("[1,2]");
    for _ in 0..2 {
        let summary = read_lines(&mut data, Form::JsonArray, &limits(), &mut |_| ControlFlow::Continue(()));
        assert_eq!(summary.unwrap().lines, 2);
    }
}

#[test]
fn depth_costs_no_stack() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for (form, data) in [(Form::JsonArray, format!("[{deep}]")), (Form::JsonLines, deep.clone())] {
        let (lines, _) = read_within(&LineLimits::default(), form, data);
        assert_eq!(lines, good(&[(1, &deep)]));
    }
    let (_, outcome) = read_within(&LineLimits::default(), Form::JsonArray, "[".repeat(3_000_000));
    assert!(matches!(outcome, Err(LinesError::Broken { .. })));
}

/// Any JSON value that fits a line.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[\\PC\\\\\"\\[\\]{},\n]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-z\"\\]},]{0,4}", inner, 0..3)
                .prop_map(|it| Value::Object(it.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_in_every_form(values in prop::collection::vec(value(), 0..10)) {
        let compact = serde_json::to_string(&values).unwrap();
        let pretty = serde_json::to_string_pretty(&values).unwrap();
        let lines = values.iter().map(|it| format!("{it}\n")).collect::<String>();
        for (form, data) in [(Form::JsonArray, compact), (Form::JsonArray, pretty), (Form::JsonLines, lines)] {
            let (read, outcome) = read_within(&LineLimits::default(), form, data);
            prop_assert_eq!(outcome.unwrap().lines, u64::try_from(values.len()).unwrap());
            let read: Vec<Value> = read.into_iter().map(|(_, it)| serde_json::from_str(&it.unwrap()).unwrap()).collect();
            prop_assert_eq!(&read, &values);
        }
    }

    #[test]
    fn no_bytes_make_it_panic_or_pass_a_limit(
        noise in prop::collection::vec(any::<u8>(), 0..400),
        text in "[\\[\\]{}\",:01 a\n\\\\]{0,400}",
    ) {
        for data in [noise.clone(), text.clone().into_bytes(), [b"[", &noise[..]].concat(), format!("[{text}]").into()] {
            for form in [Form::JsonArray, Form::JsonLines, Form::Table] {
                let (lines, outcome) = read(form, &data);
                prop_assert!(lines.len() <= 20);
                prop_assert!(lines.iter().filter_map(|it| it.1.as_ref().ok()).all(|it| it.len() <= 64));
                prop_assert!(lines.iter().filter_map(|it| it.1.as_ref().ok()).all(|it| held::check(it).is_ok()));
                prop_assert!(lines.is_sorted_by(|one, next| one.0 < next.0));
                if let Ok(summary) = outcome {
                    prop_assert_eq!(summary.lines, u64::try_from(lines.len()).unwrap());
                }
            }
        }
    }

    #[test]
    fn an_array_is_broken_exactly_when_it_is_no_json(text in "[\\[\\]{}\",:01 an\n\\\\]{0,40}") {
        let text = format!("[{text}]");
        let (_, outcome) = read(Form::JsonArray, &text);
        let is_json = serde_json::from_str::<Vec<serde::de::IgnoredAny>>(&text).is_ok();
        prop_assert_eq!(!matches!(outcome, Err(LinesError::Broken { .. })), is_json, "{}", text);
    }
}
