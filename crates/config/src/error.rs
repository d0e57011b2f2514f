//! A variable that cannot be understood.

/// What a variable must be, in Chinese and in English.
pub(crate) type Wanted = (&'static str, &'static str);

/// A variable that cannot be understood.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{variable} is `{value}`, which is not {}", .wanted.1)]
pub struct ConfigError {
    pub(crate) variable: &'static str,
    pub(crate) value: String,
    pub(crate) wanted: Wanted,
}

impl ConfigError {
    /// The same in Chinese.
    pub fn zh(&self) -> String {
        format!("{} 的值为“{}”，应为{}", self.variable, self.value, self.wanted.0)
    }
}
