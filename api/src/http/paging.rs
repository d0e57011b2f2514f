//! Lists by the page, and the cursors that lead from one page to the next.
//!
//! A cursor is opaque, authenticated, and bound to the list, its filter, who asks and the cut. The tag keeps it from
//! being made up or used with another filter, so that a page can neither skip nor leak; the cut keeps the pages of one
//! list together while the data changes.

use crate::http::answer::{self, Answer, Total};
use crate::http::caller::{Anybody, Asker};
use crate::http::days::{Asks, OnDayOrLatest};
use crate::http::failure::Failure;
use crate::http::params::{self, NoParams, Pair, Shared, read_named};
use crate::http::request::Query;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::civil::Date;
use lvcai_domain::{Fault, ProblemKind};
use lvcai_store::{AsOf, Asked, Conn, Id, Moment, Page, Result};
use lvcai_trust::MacKey;
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Where a list was left off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cursor {
    cut: i64,
    /// The day on which the items hold: pages that straddle midnight are of one day.
    day: Date,
    after: String,
}

impl Cursor {
    fn text(&self) -> String {
        format!("{} {} {}", self.cut, self.day, self.after)
    }

    fn seal(&self, key: &MacKey, filter: &str) -> String {
        let tag = key.tag(self.sealed(filter).as_bytes());
        let mut bytes = tag.to_vec();
        bytes.extend(self.text().into_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    fn sealed(&self, filter: &str) -> String {
        format!("{} {filter}", self.text())
    }

    fn open(text: &str, key: &MacKey, filter: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (tag, rest) = bytes.split_at_checked(16)?;
        let (cut, rest) = std::str::from_utf8(rest).ok()?.split_once(' ')?;
        let (day, after) = rest.split_once(' ')?;
        let cursor = Self { cut: cut.parse().ok()?, day: day.parse().ok()?, after: after.to_owned() };
        key.verify(cursor.sealed(filter).as_bytes(), tag).then_some(cursor)
    }
}

/// How many items are counted at most: a count costs no more than twenty pages of the largest size.
const COUNTED: usize = 10_000;

/// How a list is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Count {
    /// One by one, up to 10,000.
    Exact,
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
    #[param(pattern = "^[A-Za-z0-9_-]{24,}$")]
    pub(crate) cursor: Option<String>,
    /// A ledger position or an instant (RFC 3339): the registry as it was known then. Now when absent.
    #[serde(default, deserialize_with = "params::read_as_of")]
    #[param(value_type = Option<String>, pattern = r"^([0-9]{1,19}|[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3])(:[0-5][0-9]){2}(\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9]))$")]
    pub(crate) as_of: AsOf,
    /// Counts all items of the list, up to 10,000: `page.total`, or `page.total_over` where there are more.
    #[param(inline)]
    pub(crate) count: Option<Count>,
}

impl Shared for PageParams {
    fn names() -> Vec<&'static str> {
        vec!["limit", "cursor", "as_of", "count"]
    }

    fn from_pairs(pairs: &[Pair]) -> Result<Self, Fault> {
        read_named(pairs, &Self::names())
    }
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
    #[param(pattern = "^[A-Za-z0-9_-]{24,}$")]
    cursor: Option<String>,
}

impl Shared for PresentPageParams {
    fn names() -> Vec<&'static str> {
        vec!["limit", "cursor"]
    }

    fn from_pairs(pairs: &[Pair]) -> Result<Self, Fault> {
        read_named(pairs, &Self::names())
    }
}

impl Asks for PageParams {
    fn asked(&self) -> Asked {
        self.as_of.into()
    }
}

impl Asks for PresentPageParams {
    fn asked(&self) -> Asked {
        AsOf::Now.into()
    }
}

/// Parameters that say which page of a list to read, and what the list asks about.
pub(crate) trait Pages: Asks {
    /// How many items the page has.
    fn limit(&self) -> i64;

    /// Where the page before ended.
    fn cursor(&self) -> Option<&str>;

    /// Whether the items of all pages are counted.
    fn counts(&self) -> bool {
        false
    }
}

impl Pages for PageParams {
    fn limit(&self) -> i64 {
        self.limit
    }

    fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }

    fn counts(&self) -> bool {
        self.count.is_some()
    }
}

impl Pages for PresentPageParams {
    fn limit(&self) -> i64 {
        self.limit
    }

    fn cursor(&self) -> Option<&str> {
        self.cursor.as_deref()
    }
}

impl<S: Pages, D> Pages for (S, D)
where
    (S, D): Asks,
{
    fn limit(&self) -> i64 {
        self.0.limit()
    }

    fn cursor(&self) -> Option<&str> {
        self.0.cursor()
    }

    fn counts(&self) -> bool {
        self.0.counts()
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

/// A list of what holds from a day on.
pub(crate) type ListOn<F = NoParams, A = Anybody> = List<F, A, (PageParams, OnDayOrLatest)>;

impl<F: Serialize, A: Asker, P: Pages> List<F, A, P> {
    /// Refuses a cursor that is not of this list. Only those need it that look at more before they read the page.
    pub(crate) fn check_cursor(&self) -> Result<(), Failure> {
        self.cursor().map(drop)
    }

    /// Answers the page: `work` reads as many items as it is told, each with the key that the list is ordered by.
    pub(crate) async fn page<K: Key>(
        &self,
        work: impl FnMut(&mut Conn, &Page) -> Result<Vec<(K, String)>> + Send + 'static,
    ) -> Answer {
        self.read_page(work, self.shared.counts() || self.shared.limit() > params::default_limit()).await
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
        let (asked, after) = match self.cursor()? {
            Some(Cursor { cut, day, after }) => (Asked { as_of: AsOf::Seq(cut), valid_on: Some(day) }, Some(after)),
            None => (self.shared.asked(), None),
        };
        let counts = self.shared.counts();
        // One item more than asked shows whether more follow.
        let limit = self.shared.limit() + 1;
        let wanted = usize::try_from(self.shared.limit()).unwrap_or(usize::MAX);
        // The page is put together where its items were read, so that no more of them wait than there are readers.
        let read = move |conn: &mut Conn, Moment { cut, day }| {
            let total = if counts { Some(total(&work(conn, &Page::counted(cut, day, COUNTED))?)) } else { None };
            let mut items = work(conn, &Page { after: after.clone(), ..Page::first(cut, day, limit) })?;
            let more = items.len() > wanted;
            items.truncate(wanted);
            let last = items.last().filter(|_| more).map(|(key, _)| key.text());
            Ok((joined(items), total, last))
        };
        let registry = &self.state.registry;
        let (moment, (items, total, last)) =
            if long { registry.read_long_on(asked, read).await? } else { registry.read_on(asked, read).await? };
        let Moment { cut, day } = moment;
        let next = last.map(|after| Cursor { cut, day, after }.seal(self.key(), &self.scope()));
        let told = self.shared.tells_day().then_some(day);
        Ok(answer::page(&self.request, (cut, told), (&items, total), next.as_deref()))
    }

    fn cursor(&self) -> Result<Option<Cursor>, Failure> {
        let open = |text: &str| Cursor::open(text, self.key(), &self.scope()).ok_or(ProblemKind::BadCursor);
        Ok(self.shared.cursor().map(open).transpose()?)
    }

    fn key(&self) -> &MacKey {
        &self.state.keys.cursor
    }

    /// Everything that decides what the list holds, as one text to bind cursors to.
    fn scope(&self) -> String {
        let asked = self.shared.asked();
        let path = percent_decode_str(self.request.path()).decode_utf8_lossy();
        let filter = serde_json::to_string(&self.params).unwrap_or_default();
        format!("{path} {} {filter} {asked:?}", self.by.scope())
    }
}

/// How many items there are, of which one more was looked for than is counted.
fn total<T>(counted: &[T]) -> Total {
    if counted.len() > COUNTED { Total::Over(COUNTED) } else { Total::Of(counted.len()) }
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
    use jiff::civil::date;
    use lvcai_trust::MacKey;

    #[test]
    fn a_cursor_opens_only_with_its_key_and_its_filter() {
        let (key, other) = (MacKey::new(b"one"), MacKey::new(b"two"));
        let cursor = Cursor { cut: 7, day: date(2026, 3, 2), after: "a b".to_owned() };
        let text = cursor.seal(&key, "kind=gbm-09");

        assert_eq!(Cursor::open(&text, &key, "kind=gbm-09"), Some(cursor));
        assert_eq!(Cursor::open(&text, &key, "kind=gbm-10"), None);
        assert_eq!(Cursor::open(&text, &other, "kind=gbm-09"), None);
        assert_eq!(Cursor::open("", &key, ""), None);
    }
}
