//! What clients read: whatever the older document promised must still be there.

use super::form::Form;
use super::place::Place;
use super::requests::is_wider_integer;
use super::{Comparison, GROWING};
use serde_json::Value;

impl Comparison<'_> {
    /// Compares the schemas of something that clients read.
    pub(super) fn answer(&mut self, at: &Place, blessed: &Value, current: &Value) {
        let (blessed, current) = (Form::of(self.blessed, blessed), Form::of(self.current, current));
        if !self.enter(&blessed, &current) {
            return;
        }
        self.read_types(at, &blessed, &current);
        self.read_values(at, &blessed, &current);
        self.read_texts(at, &blessed, &current);
        self.read_fields(at, &blessed, &current);
        self.strange_words(at, &blessed, &current);
        for word in ["items", "additionalProperties"] {
            match (blessed.word(word), current.word(word)) {
                (Some(was @ Value::Object(_)), Some(is @ Value::Object(_))) => self.answer(&at.each(), was, is),
                (Some(Value::Object(_)), _) => {
                    let name = at.each().name_in_answer();
                    self.tell(&at.operation, format!("{name} may be anything now: clients that read it break"));
                }
                _ => {}
            }
        }
        self.leave(&blessed, &current);
    }

    fn read_types(&mut self, at: &Place, blessed: &Form, current: &Form) {
        let name = at.name_in_answer();
        if current.types.contains("null") && !blessed.allows("null") {
            self.tell(&at.operation, format!("{name} may be null now: clients that read it as a value break"));
        }
        let new = current.types.iter().any(|it| it != "null" && !blessed.allows(it));
        if new || (current.types.is_empty() && !blessed.types.is_empty()) {
            let (was, is) = (blessed.kind(), current.kind());
            self.tell(&at.operation, format!("{name} is {is} now, not {was}: clients that read {was} break"));
        }
    }

    fn read_values(&mut self, at: &Place, blessed: &Form, current: &Form) {
        let Some(known) = blessed.values() else { return };
        let name = at.name_in_answer();
        let Some(values) = current.values() else {
            return self.tell(
                &at.operation,
                format!("{name} may have any value now: clients that tell the values apart break"),
            );
        };
        if blessed.component.as_deref().is_some_and(|it| GROWING.contains(&it)) {
            return;
        }
        for value in values.iter().filter(|it| !known.contains(it)) {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            self.tell(
                &at.operation,
                format!("{name} may be `{value}` now: clients that tell the values apart do not know it"),
            );
        }
    }

    fn read_texts(&mut self, at: &Place, blessed: &Form, current: &Form) {
        for word in ["pattern", "format"] {
            let (was, is) = (blessed.word(word), current.word(word));
            if was.is_some() && was != is && !is_wider_integer(is, was) {
                let (name, was) = (at.name_in_answer(), was.and_then(Value::as_str).unwrap_or_default());
                self.tell(
                    &at.operation,
                    format!("{name} no longer has the {word} `{was}`: clients that read it so break"),
                );
            }
        }
    }

    fn read_fields(&mut self, at: &Place, blessed: &Form, current: &Form) {
        for (field, was) in blessed.fields() {
            let place = at.field(field);
            let (name, whole) = (place.name(), &at.whole);
            let Some(is) = current.field(field) else {
                self.tell(&at.operation, format!("{whole} no longer has {name}: clients that read it break"));
                continue;
            };
            if blessed.requires(field) && !current.requires(field) {
                self.tell(&at.operation, format!("{whole} may leave out {name} now: clients that rely on it break"));
            }
            self.answer(&place, was, is);
        }
    }
}
