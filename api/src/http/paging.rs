//! Lists by the page, and the cursors that lead from one page to the next.
//!
//! A cursor is opaque, authenticated, and bound to the list, its filter, who asks and the cut. The tag keeps it from
//! being made up or used with another filter, so that a page can neither skip nor leak; the cut keeps the pages of one
//! list together while the data changes.

use crate::http::answer::{self, Answer};
use crate::http::caller::{Anybody, Asker};
use crate::http::failure::Failure;
use crate::http::params::{self, NoParams, Shared};
use crate::http::request::Query;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use lvcai_domain::ProblemKind;
use lvcai_store::{AsOf, Conn, Id, Page, Result};
use lvcai_trust::MacKey;
use percent_encoding::percent_decode_str;
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

/// Which page of a list, and as of when.
#[derive(Debug, Clone, Deserialize, IntoParams)]
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
    #[serde(default, deserialize_with = "params::read_as_of")]
    #[param(value_type = Option<String>, pattern = r"^([0-9]{1,19}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,18}(Z|[+-][0-9]{2}:[0-9]{2}))$")]
    pub(crate) as_of: AsOf,
}

impl Shared for PageParams {
    const NAMES: &'static [&'static str] = &["limit", "cursor", "as_of"];
}

/// Which page of a list that has no past.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PresentPageParams {
    /// How many items a page has.
    #[serde(default = "params::default_limit", deserialize_with = "params::limit")]
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: i64,
    /// Where the page before ended: its `page.next`, unchanged.
    cursor: Option<String>,
}

impl Shared for PresentPageParams {
    const NAMES: &'static [&'static str] = &["limit", "cursor"];
}

impl From<PresentPageParams> for PageParams {
    fn from(PresentPageParams { limit, cursor }: PresentPageParams) -> Self {
        Self { limit, cursor, as_of: AsOf::Now }
    }
}

/// What a list is ordered by, as a cursor keeps it.
pub(crate) trait Key: Send + 'static {
    /// The key as text.
    fn text(&self) -> String;
}

impl Key for String {
    fn text(&self) -> String {
        self.clone()
    }
}

impl Key for Id {
    fn text(&self) -> String {
        self.0.to_string()
    }
}

impl Key for i32 {
    fn text(&self) -> String {
        self.to_string()
    }
}

impl Key for i64 {
    fn text(&self) -> String {
        self.to_string()
    }
}

/// A list: under which filter, who asks, which page of it.
pub(crate) type List<F = NoParams, A = Anybody, P = PageParams> = Query<A, F, P>;

impl<F: Serialize, A: Asker, P: Clone + Into<PageParams>> List<F, A, P> {
    /// Refuses a cursor that is not of this list. Only those need it that look at more before they read the page.
    pub(crate) fn check_cursor(&self) -> Result<(), Failure> {
        self.cursor().map(drop)
    }

    /// Answers the page: `work` reads as many items as it is told, each with the key that the list is ordered by.
    pub(crate) async fn page<K: Key>(
        &self,
        work: impl FnMut(&mut Conn, &Page) -> Result<Vec<(K, String)>> + Send + 'static,
    ) -> Answer {
        let PageParams { limit, .. } = self.shared.clone().into();
        self.read_page(work, limit > params::default_limit()).await
    }

    /// The same for what takes long however short the page is.
    pub(crate) async fn long_page<K: Key>(
        &self,
        work: impl FnMut(&mut Conn, &Page) -> Result<Vec<(K, String)>> + Send + 'static,
    ) -> Answer {
        self.read_page(work, true).await
    }

    async fn read_page<K: Key>(
        &self,
        mut work: impl FnMut(&mut Conn, &Page) -> Result<Vec<(K, String)>> + Send + 'static,
        long: bool,
    ) -> Answer {
        let PageParams { limit: asked, as_of, .. } = self.shared.clone().into();
        let (as_of, after) = match self.cursor()? {
            Some(Cursor { cut, after }) => (AsOf::Seq(cut), Some(after)),
            None => (as_of, None),
        };
        // One item more than asked shows whether more follow.
        let limit = asked + 1;
        let asked = usize::try_from(asked).unwrap_or(usize::MAX);
        // The page is put together where its items were read, so that no more of them wait than there are readers.
        let read = move |conn: &mut Conn, cut| {
            let mut items = work(conn, &Page { cut, after: after.clone(), limit })?;
            let more = items.len() > asked;
            items.truncate(asked);
            let last = items.last().filter(|_| more).map(|(key, _)| key.text());
            Ok((joined(items), last))
        };
        let registry = &self.state.registry;
        let (cut, (items, last)) =
            if long { registry.read_long_at(as_of, read).await? } else { registry.read_at(as_of, read).await? };
        let next = last.map(|after| Cursor { cut, after }.seal(self.key(), &self.scope()));
        Ok(answer::page(&self.request, cut, &items, next.as_deref()))
    }

    fn cursor(&self) -> Result<Option<Cursor>, Failure> {
        let PageParams { cursor, .. } = self.shared.clone().into();
        let open = |text: String| Cursor::open(&text, self.key(), &self.scope()).ok_or(ProblemKind::BadCursor);
        Ok(cursor.map(open).transpose()?)
    }

    fn key(&self) -> &MacKey {
        &self.state.keys.cursor
    }

    /// Everything that decides what the list holds, as one text to bind cursors to.
    fn scope(&self) -> String {
        let PageParams { as_of, .. } = self.shared.clone().into();
        let path = percent_decode_str(self.request.path()).decode_utf8_lossy();
        let filter = serde_json::to_string(&self.params).unwrap_or_default();
        format!("{path} {} {filter} {as_of:?}", self.by.scope())
    }
}

/// The bodies of a page, separated by commas. Each is given back when it is copied: there are megabytes of them.
fn joined<K>(items: Vec<(K, String)>) -> String {
    let mut joined = String::with_capacity(items.iter().map(|(_, body)| body.len() + 1).sum());
    for (_, body) in items {
        if !joined.is_empty() {
            joined.push(',');
        }
        joined.push_str(&body);
    }
    joined
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
