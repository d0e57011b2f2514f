//! Problems as the registry tells them (RFC 9457).

use serde::Deserialize;
use std::fmt;

/// Why the registry refused a request. Slugs and rules that this crate has never heard of are kept as they are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Problem {
    /// The address of this kind of problem, where the registry documents it.
    pub r#type: String,
    /// The kind of problem in words.
    pub title: String,
    /// The status of HTTP.
    pub status: u16,
    /// What was wrong with this request in particular.
    pub detail: Option<String>,
    /// The fields at fault.
    pub errors: Vec<Fault>,
    /// The id of the request, to name when asking about it.
    pub request_id: String,
}

/// A field at fault.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Fault {
    /// Where it is.
    pub source: Source,
    /// The rule that is broken.
    pub rule: String,
    /// What is wrong, in words.
    pub detail: String,
    /// What to do about it.
    pub fix: String,
    /// The values that would have been accepted, where they can be listed.
    pub allowed: Vec<String>,
}

/// What of a request is at fault: one of the three.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Source {
    /// A JSON Pointer (RFC 6901) into the body.
    pub pointer: Option<String>,
    /// The name of a parameter.
    pub parameter: Option<String>,
    /// The name of a header.
    pub header: Option<String>,
}

impl Problem {
    /// The kind of problem for programs: the last segment of its address, as `illegal-step`.
    pub fn slug(&self) -> &str {
        self.r#type.rsplit('/').next().unwrap_or_default()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.slug(), self.status, self.title)?;
        if let Some(detail) = &self.detail {
            write!(f, " {detail}")?;
        }
        for fault in &self.errors {
            write!(f, " [{} {}: {} {}]", fault.source, fault.rule, fault.detail, fault.fix)?;
        }
        Ok(())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = self.pointer.as_ref().or(self.parameter.as_ref()).or(self.header.as_ref());
        f.write_str(place.map_or("", String::as_str))
    }
}
