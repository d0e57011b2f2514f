//! Lists: the items of all pages, one after the other.

use crate::error::Error;
use crate::request::Request;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::VecDeque;

/// The items of a list. Pages are read when they are needed, all at the cut of the first, so that none is skipped or
/// repeated while others write. After an error it ends.
#[derive(Debug)]
#[must_use = "an iterator reads nothing until it is used"]
pub struct Items<T> {
    request: Request,
    read: VecDeque<T>,
    page: Option<Page>,
    ended: bool,
}

/// What a page says of its list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[non_exhaustive]
pub struct Page {
    /// The cut of the ledger at which all pages of the list are read.
    pub as_of: i64,
    /// The day on which what is listed holds, where it has days: `YYYY-MM-DD`.
    pub valid_on: Option<String>,
    /// The items of all pages, where `count` was `exact` and they are not too many.
    pub total: Option<i64>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

#[derive(Deserialize)]
struct List<T> {
    items: VecDeque<T>,
    page: Option<Page>,
}

impl<T: DeserializeOwned> Items<T> {
    pub(crate) fn new(request: Request) -> Self {
        Self { request, read: VecDeque::new(), page: None, ended: false }
    }

    /// Adds a parameter: a filter, `sort`, `as_of`, `valid_on`, or `limit`, which says how many a page has.
    pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.request = self.request.query(name, value);
        self
    }

    /// What the last page that was read says of the list; the first is read where none was.
    ///
    /// # Errors
    ///
    /// Those of [`Request::send`].
    pub fn page(&mut self) -> Result<Option<&Page>, Error> {
        if self.page.is_none() && !self.ended {
            self.turn()?;
        }
        Ok(self.page.as_ref())
    }

    /// Reads the next page. A list that has but one page (code lists, versions) may say nothing of it.
    fn turn(&mut self) -> Result<(), Error> {
        self.ended = true;
        let List { items, page } = self.request.answer()?.parse()?;
        if let Some(next) = page.as_ref().and_then(|it| it.next.clone()) {
            self.request.set_query("cursor", next);
            self.ended = false;
        }
        self.read = items;
        self.page = page;
        Ok(())
    }
}

impl<T: DeserializeOwned> Iterator for Items<T> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.read.is_empty() && !self.ended {
            if let Err(error) = self.turn() {
                return Some(Err(error));
            }
        }
        self.read.pop_front().map(Ok)
    }
}

impl<T: DeserializeOwned> std::iter::FusedIterator for Items<T> {}
