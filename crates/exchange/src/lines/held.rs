//! The bytes of one line, no more of them than may be kept.

use lvcai_domain::{Fault, Rule};
use serde::de::IgnoredAny;

/// One line, or as much of it as the limit allows.
pub(super) struct Held {
    pub(super) bytes: Vec<u8>,
    /// Whether there was more.
    pub(super) is_cut: bool,
    limit: usize,
}

impl Held {
    pub(super) fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), is_cut: false, limit }
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.is_cut = false;
    }

    pub(super) fn push(&mut self, byte: u8) {
        if self.bytes.len() < self.limit {
            self.bytes.push(byte);
        } else {
            self.is_cut = true;
        }
    }

    /// The whole line as text.
    pub(super) fn text(&self) -> Result<&str, Fault> {
        if self.is_cut {
            return Err(too_long(self.limit));
        }
        std::str::from_utf8(&self.bytes).map_err(|error| {
            let at = error.valid_up_to() + 1;
            Fault::new("", Rule::MalformedJson)
                .detail(format!("第 {at} 个字节起不是 UTF-8"), format!("not UTF-8 from byte {at} on"))
        })
    }
}

/// Says that a line is longer than may be kept.
pub(super) fn too_long(limit: usize) -> Fault {
    Fault::new("", Rule::TooLong)
        .detail(format!("该行超过 {limit} 字节"), format!("the line is longer than {limit} bytes"))
}

/// Checks that a text is one JSON value; it does so without recursion, however deep the value is nested.
pub(super) fn check(text: &str) -> serde_json::Result<()> {
    serde_json::from_str::<IgnoredAny>(text).map(|_| ())
}
