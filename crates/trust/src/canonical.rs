//! Canonical JSON (RFC 8785): one value, one text, so that a digest of the text names the value.

use serde::Serialize;
use serde_json::Value;

/// The largest integer that every JSON reader keeps, 2⁵³ − 1 (RFC 7493 §2.2).
const MAX_EXACT: i64 = (1 << 53) - 1;

/// Why a value has no canonical JSON.
#[derive(Debug, thiserror::Error)]
pub enum CanonicalError {
    /// The value is no JSON: not finite, or a map with keys that are not text.
    #[error("the value is not JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// RFC 8785 would round the integer.
    #[error("the integer {0} exceeds 2^53 - 1; write it as a string")]
    Inexact(serde_json::Number),
}

/// Writes the canonical JSON of a value.
///
/// # Errors
/// `Json` when the value is no JSON or holds a `RawValue`, `Inexact` when an integer would be rounded.
pub fn canonical<T: Serialize>(value: &T) -> Result<String, CanonicalError> {
    let text = serde_json_canonicalizer::to_string(value)?;
    // Only a run of sixteen digits can be such an integer, so the closer look is rare.
    if text.split(|it: char| !it.is_ascii_digit()).any(|run| run.len() >= 16) {
        refuse_inexact(&serde_json::to_value(value)?)?;
    }
    Ok(text)
}

/// Says whether a text is exactly the canonical JSON of what it means.
pub fn is_canonical(text: &str) -> bool {
    serde_json_canonicalizer::pipe(text).is_ok_and(|canonical| canonical == text)
}

fn refuse_inexact(value: &Value) -> Result<(), CanonicalError> {
    match value {
        Value::Number(number) if !number.is_f64() => match number.as_i64() {
            Some(integer) if (-MAX_EXACT..=MAX_EXACT).contains(&integer) => Ok(()),
            _ => Err(CanonicalError::Inexact(number.clone())),
        },
        Value::Array(items) => items.iter().try_for_each(refuse_inexact),
        Value::Object(members) => members.values().try_for_each(refuse_inexact),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn the_example_of_rfc_8785_section_3_2_2_has_the_stated_bytes() {
        let text = r#"{
            "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
            "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
            "literals": [null, true, false]
        }"#;
        let value: Value = serde_json::from_str(text).unwrap();

        let canonical = canonical(&value).unwrap();

        assert_eq!(
            canonical,
            r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#
        );
        assert!(is_canonical(&canonical));
        assert!(!is_canonical(text));
    }

    #[test]
    fn members_are_sorted_by_utf_16_as_in_section_3_2_3() {
        let value = json!({
            "\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7
        });

        let canonical = canonical(&value).unwrap();

        assert_eq!(
            canonical,
            "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}"
        );
    }

    #[test]
    fn numbers_are_written_as_in_appendix_b() {
        let vectors: [(u64, &str); 20] = [
            (0x0000000000000000, "0"),
            (0x8000000000000000, "0"),
            (0x0000000000000001, "5e-324"),
            (0x8000000000000001, "-5e-324"),
            (0x7fefffffffffffff, "1.7976931348623157e+308"),
            (0xffefffffffffffff, "-1.7976931348623157e+308"),
            (0x4340000000000000, "9007199254740992"),
            (0xc340000000000000, "-9007199254740992"),
            (0x4430000000000000, "295147905179352830000"),
            (0x44b52d02c7e14af5, "9.999999999999997e+22"),
            (0x44b52d02c7e14af6, "1e+23"),
            (0x44b52d02c7e14af7, "1.0000000000000001e+23"),
            (0x444b1ae4d6e2ef4e, "999999999999999700000"),
            (0x444b1ae4d6e2ef4f, "999999999999999900000"),
            (0x444b1ae4d6e2ef50, "1e+21"),
            (0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"),
            (0x3eb0c6f7a0b5ed8d, "0.000001"),
            (0x41b3de4355555553, "333333333.3333332"),
            (0xbecbf647612f3696, "-0.0000033333333333333333"),
            (0x43143ff3c1cb0959, "1424953923781206.2"),
        ];
        for (bits, text) in vectors {
            assert_eq!(canonical(&f64::from_bits(bits)).unwrap(), text);
        }
        assert!(canonical(&f64::NAN).is_err());
        assert!(canonical(&f64::INFINITY).is_err());
    }

    #[test]
    fn an_integer_that_would_be_rounded_is_refused() {
        assert_eq!(canonical(&MAX_EXACT).unwrap(), "9007199254740991");
        assert!(matches!(canonical(&json!({"a": [MAX_EXACT + 1]})), Err(CanonicalError::Inexact(_))));
        assert!(matches!(canonical(&u64::MAX), Err(CanonicalError::Inexact(_))));
        assert_eq!(canonical(&json!("9007199254740993")).unwrap(), "\"9007199254740993\"");
    }

    #[test]
    fn repeated_members_and_spaces_are_not_canonical() {
        for text in [r#"{"a":1,"a":1}"#, r#"{"a": 1}"#, "1.0", "-0", "1 ", "\"\\u0041\"", ""] {
            assert!(!is_canonical(text), "{text}");
        }
    }

    fn json_value() -> impl Strategy<Value = Value> {
        // An integral float below 10²¹ is written without exponent and read back as an integer.
        let float =
            any::<f64>().prop_filter("stays a float", |it| it.is_finite() && (it.fract() != 0.0 || it.abs() >= 1e21));
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-MAX_EXACT..=MAX_EXACT).prop_map(Value::from),
            float.prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|it| Value::Object(it.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn reading_the_canonical_text_gives_the_value_and_the_text_again(value in json_value()) {
            let text = canonical(&value).unwrap();
            let read: Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(&read, &value);
            prop_assert_eq!(canonical(&read).unwrap(), text);
        }
    }
}
