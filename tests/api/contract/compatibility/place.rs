//! Where in a document a difference stands, as a sentence names it.

/// A part of an operation: a parameter, its body or one of its answers, or something within them.
#[derive(Clone)]
pub(super) struct Place {
    /// `POST /v1/evidence`.
    pub(super) operation: String,
    /// `the body`, `the parameter "limit"`, `the answer 200`.
    pub(super) whole: String,
    /// With which status a request is refused that is not in form here.
    pub(super) refusal: u16,
    /// `units[].name`, empty for the whole.
    path: String,
}

impl Place {
    /// A whole part of an operation.
    pub(super) fn whole(operation: &str, whole: impl Into<String>, refusal: u16) -> Self {
        Self { operation: operation.to_owned(), whole: whole.into(), refusal, path: String::new() }
    }

    /// A field of what is here.
    pub(super) fn field(&self, name: &str) -> Self {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Self { path, ..self.clone() }
    }

    /// Each element of the array, or each value of the map, that is here.
    pub(super) fn each(&self) -> Self {
        Self { path: format!("{}[]", self.path), ..self.clone() }
    }

    /// How a sentence about a request names it.
    pub(super) fn name(&self) -> String {
        if self.path.is_empty() { self.whole.clone() } else { format!("`{}`", self.path) }
    }

    /// How a sentence about an answer names it: what it is of stands beside it.
    pub(super) fn name_in_answer(&self) -> String {
        if self.path.is_empty() { self.whole.clone() } else { format!("`{}` of {}", self.path, self.whole) }
    }
}
