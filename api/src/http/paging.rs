//! Paging cursors: opaque, authenticated, and bound to their filter and their cut.
//!
//! The tag keeps a cursor from being made up or used with another filter, so
//! that a page can neither skip nor leak; the cut keeps the pages of one list
//! together while the data changes.

use crate::http::failure::Failure;
use crate::http::params;
use crate::service::Service;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use lvcai_domain::ProblemKind;
use lvcai_store::{AsOf, Page, Result};
use lvcai_trust::MacKey;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

/// Where a list was left off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cursor {
    cut: i64,
    after: String,
}

impl Cursor {
    fn seal(&self, key: &MacKey, filter: &str) -> String {
        let tag = key.tag(self.sealed(filter).as_bytes());
        let mut bytes = tag.to_vec();
        bytes.extend(format!("{} {}", self.cut, self.after).into_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    fn sealed(&self, filter: &str) -> String {
        format!("{} {} {filter}", self.cut, self.after)
    }

    fn open(text: &str, key: &MacKey, filter: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (tag, rest) = bytes.split_at_checked(16)?;
        let (cut, after) = std::str::from_utf8(rest).ok()?.split_once(' ')?;
        let cursor = Self { cut: cut.parse().ok()?, after: after.to_owned() };
        key.verify(cursor.sealed(filter).as_bytes(), tag).then_some(cursor)
    }
}

/// A list request: which page, as of when, under which filter.
#[derive(Debug, Clone)]
pub(crate) struct Paging {
    filter: String,
    limit: i64,
    as_of: AsOf,
    cursor: Option<Cursor>,
}

impl Paging {
    /// Takes the paging parameters of a request. `filter` is everything else
    /// that decides what the list holds, and who asks.
    pub(crate) fn new(
        service: &Service,
        filter: String,
        (limit, as_of): (i64, AsOf),
        cursor: Option<&str>,
    ) -> Result<Self, Failure> {
        let cursor = match cursor {
            None => None,
            Some(text) => Some(Cursor::open(text, &service.keys.cursor, &filter).ok_or(ProblemKind::BadCursor)?),
        };
        Ok(Self { filter, limit, as_of, cursor })
    }

    /// Up to where the list shall know the registry: the cursor's cut, where there is one.
    pub(crate) fn as_of(&self) -> AsOf {
        self.cursor.as_ref().map_or(self.as_of, |cursor| AsOf::Seq(cursor.cut))
    }

    /// The part of the list to read: one item more than asked, to see whether more follow.
    pub(crate) fn page(&self, cut: i64) -> Page {
        Page { cut, after: self.cursor.as_ref().map(|it| it.after.clone()), limit: self.limit + 1 }
    }

    /// The bytes of the page and the cursor of the next, from items with their keys.
    pub(crate) fn finish(&self, key: &MacKey, cut: i64, mut items: Vec<(String, String)>) -> (String, Option<String>) {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let after = items.last().filter(|_| more).map(|(after, _)| after.clone());
        let next = after.map(|after| Cursor { cut, after }.seal(key, &self.filter));
        let bodies: Vec<String> = items.into_iter().map(|(_, body)| body).collect();
        let next_json = next.as_ref().map_or_else(|| "null".to_owned(), |next| format!("\"{next}\""));
        (format!("{{\"items\":[{}],\"page\":{{\"as_of\":{cut},\"next\":{next_json}}}}}", bodies.join(",")), next)
    }
}

/// Which page of a list, and as of when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParams {
    /// How many items a page has.
    #[serde(default = "params::default_limit", deserialize_with = "params::limit")]
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub(crate) limit: i64,
    /// Where the page before ended: its `page.next`, unchanged.
    pub(crate) cursor: Option<String>,
    /// A ledger position or an instant (RFC 3339): the registry as it was known then. Now when absent.
    #[serde(default, deserialize_with = "params::as_of")]
    #[param(value_type = Option<String>, example = "412")]
    pub(crate) as_of: AsOf,
}

impl PageParams {
    /// The paging of a list that nothing but `of` narrows.
    pub(crate) fn paging(&self, service: &Service, of: &str) -> Result<Paging, Failure> {
        Paging::new(service, format!("{of} {:?}", self.as_of), (self.limit, self.as_of), self.cursor.as_deref())
    }
}

/// The parameters that decide what a list holds, as one text to bind cursors to.
pub(crate) fn filter(params: &impl Serialize, as_of: AsOf) -> String {
    format!("{} {as_of:?}", serde_json::to_string(params).unwrap_or_default())
}

/// Items with their identifiers as keys.
pub(crate) fn keyed(items: Vec<(lvcai_store::Id, String)>) -> Vec<(String, String)> {
    items.into_iter().map(|(id, body)| (id.0.to_string(), body)).collect()
}

#[cfg(test)]
mod tests {
    use super::Cursor;
    use lvcai_trust::MacKey;

    #[test]
    fn a_cursor_opens_only_with_its_key_and_its_filter() {
        let (key, other) = (MacKey::new(b"one"), MacKey::new(b"two"));
        let cursor = Cursor { cut: 7, after: "a b".to_owned() };
        let text = cursor.seal(&key, "kind=gbm-09");

        assert_eq!(Cursor::open(&text, &key, "kind=gbm-09"), Some(cursor));
        assert_eq!(Cursor::open(&text, &key, "kind=gbm-10"), None);
        assert_eq!(Cursor::open(&text, &other, "kind=gbm-09"), None);
        assert_eq!(Cursor::open("", &key, ""), None);
    }
}
