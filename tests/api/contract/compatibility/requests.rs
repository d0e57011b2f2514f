//! What clients send: whatever the older document allowed must still be taken.

use super::Comparison;
use super::form::Form;
use super::place::Place;
use serde_json::Value;

/// Limits, whether a greater one is the wider, and how a sentence names it.
const LIMITS: [(&str, bool); 6] = [
    ("maxLength", true),
    ("minLength", false),
    ("maximum", true),
    ("minimum", false),
    ("maxItems", true),
    ("minItems", false),
];

impl Comparison<'_> {
    /// Compares the schemas of something that clients send.
    pub(super) fn request(&mut self, at: &Place, blessed: &Value, current: &Value) {
        let (blessed, current) = (Form::of(self.blessed, blessed), Form::of(self.current, current));
        if !self.enter(&blessed, &current) {
            return;
        }
        self.sent_types(at, &blessed, &current);
        self.sent_values(at, &blessed, &current);
        self.sent_limits(at, &blessed, &current);
        self.sent_texts(at, &blessed, &current);
        self.sent_fields(at, &blessed, &current);
        self.strange_words(at, &blessed, &current);
        if let (Some(blessed), Some(current)) = (blessed.word("items"), current.word("items")) {
            self.request(&at.each(), blessed, current);
        }
        self.leave(&blessed, &current);
    }

    /// Whether two schemas are looked at; not when they are being looked at already.
    pub(super) fn enter(&mut self, blessed: &Form, current: &Form) -> bool {
        let (Some(blessed), Some(current)) = (&blessed.component, &current.component) else { return true };
        let pair = (blessed.clone(), current.clone());
        let first = !self.within.contains(&pair);
        self.within.extend(Some(pair).filter(|_| first));
        first
    }

    /// The end of what [`Comparison::enter`] began.
    pub(super) fn leave(&mut self, blessed: &Form, current: &Form) {
        if blessed.component.is_some() && current.component.is_some() {
            self.within.pop();
        }
    }

    /// A word that the rules do not know must stay what it is.
    pub(super) fn strange_words(&mut self, at: &Place, blessed: &Form, current: &Form) {
        for word in blessed.strange_differences(current) {
            let name = at.name_in_answer();
            self.tell(&at.operation, format!("`{word}` of {name} is another now: no rule tells whom that breaks"));
        }
    }

    fn sent_types(&mut self, at: &Place, blessed: &Form, current: &Form) {
        let (name, refusal) = (at.name(), at.refusal);
        if blessed.types.contains("null") && !current.allows("null") {
            self.tell(
                &at.operation,
                format!("{name} may not be null now: clients that send null are refused with {refusal}"),
            );
        }
        let lost = blessed.types.iter().any(|it| it != "null" && !current.allows(it));
        if lost || (blessed.types.is_empty() && !current.types.is_empty()) {
            let (was, is) = (blessed.kind(), current.kind());
            self.tell(
                &at.operation,
                format!("{name} is {is} now, not {was}: clients that send {was} are refused with {refusal}"),
            );
        }
    }

    fn sent_values(&mut self, at: &Place, blessed: &Form, current: &Form) {
        let Some(values) = current.values() else { return };
        let (name, refusal) = (at.name(), at.refusal);
        let Some(known) = blessed.values() else {
            return self.tell(
                &at.operation,
                format!("{name} takes only certain values now: clients that send others are refused with {refusal}"),
            );
        };
        for value in known.iter().filter(|it| !values.contains(it)) {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.tell(
                &at.operation,
                format!("the value `{value}` of {name} is refused now: clients that send it get {refusal}"),
            );
        }
    }

    fn sent_limits(&mut self, at: &Place, blessed: &Form, current: &Form) {
        for (word, greater_is_wider) in LIMITS {
            let Some(is) = current.limit(word) else { continue };
            let was = blessed.limit(word);
            // Nothing is shorter than 0, said or not.
            let narrower = match was {
                Some(was) if greater_is_wider => is < was,
                Some(was) => is > was,
                None => greater_is_wider || word == "minimum" || is > 0.0,
            };
            if narrower {
                let was = was.map_or_else(|| "without a limit".to_owned(), |it| it.to_string());
                let (name, refusal) = (at.name(), at.refusal);
                self.tell(
                    &at.operation,
                    format!("`{word}` of {name} is {is} now, it was {was}: clients that keep to the old limit are refused with {refusal}"),
                );
            }
        }
    }

    fn sent_texts(&mut self, at: &Place, blessed: &Form, current: &Form) {
        let (name, refusal) = (at.name(), at.refusal);
        for word in ["pattern", "format"] {
            let (was, is) = (blessed.word(word), current.word(word));
            if is.is_some() && was != is && !is_wider_integer(was, is) {
                let is = is.and_then(Value::as_str).unwrap_or_default();
                self.tell(
                    &at.operation,
                    format!("the {word} of {name} is `{is}` now: clients whose values were in form may be refused with {refusal}"),
                );
            }
        }
        if blessed.word("default").is_some() && blessed.word("default") != current.word("default") {
            self.tell(
                &at.operation,
                format!("the default of {name} is another now: clients that leave it out get something else"),
            );
        }
    }

    fn sent_fields(&mut self, at: &Place, blessed: &Form, current: &Form) {
        for (field, was) in blessed.fields() {
            let place = at.field(field);
            let name = place.name();
            match current.field(field) {
                Some(is) => self.request(&place, was, is),
                None if current.is_closed() => self.tell(
                    &at.operation,
                    format!("{name} is gone: clients that send it are refused with {}", at.refusal),
                ),
                None => self.tell(&at.operation, format!("{name} is gone: clients that send it are not heard")),
            }
        }
        for (field, _) in current.fields().filter(|(field, _)| current.requires(field) && !blessed.requires(field)) {
            let name = at.field(field).name();
            self.tell(
                &at.operation,
                format!("{name} is required now: clients that do not send it are refused with {}", at.refusal),
            );
        }
        self.sent_other_fields(at, blessed, current);
    }

    fn sent_other_fields(&mut self, at: &Place, blessed: &Form, current: &Form) {
        if current.is_closed() && !blessed.is_closed() {
            let name = at.name();
            self.tell(
                &at.operation,
                format!("{name} takes no other fields now: clients that send more are refused with {}", at.refusal),
            );
        }
        for word in ["additionalProperties", "propertyNames"] {
            match (blessed.word(word), current.word(word)) {
                (Some(was @ Value::Object(_)), Some(is @ Value::Object(_))) => self.request(&at.each(), was, is),
                (None | Some(Value::Bool(true)), Some(Value::Object(_))) => {
                    let name = at.name();
                    self.tell(
                        &at.operation,
                        format!(
                            "{name} takes only certain other fields now: clients that send others are refused with {}",
                            at.refusal
                        ),
                    );
                }
                _ => {}
            }
        }
    }
}

/// Whether every whole number of the one format is one of the other.
pub(super) fn is_wider_integer(narrow: Option<&Value>, wide: Option<&Value>) -> bool {
    (narrow.and_then(Value::as_str), wide.and_then(Value::as_str)) == (Some("int32"), Some("int64"))
}
