//! The lines of an upload, as what they push.

use super::{Noun, NumberOf, OwnerOf};
use crate::http::{Failure, Write, json, path_id};
use actix_web::web::Path;
use lvcai_domain::{Fault, Problem, Rule};
use lvcai_exchange::lines;
use lvcai_store::batches::{Line, Number, Pushed, named_twice};
use lvcai_store::{AsOf, View};
use serde::Deserialize;
use std::collections::HashMap;

/// The owner that an address names, which must be the caller's own. It is asked before anything is uploaded.
pub(super) async fn own<N: Noun>(write: &Write, owner: &Path<String>) -> Result<OwnerOf<N>, Failure> {
    let owner: OwnerOf<N> = path_id(owner)?;
    let (asked, organisation) = (owner.clone(), write.caller.organisation);
    let own = move |view: &mut View<'_>| N::Record::own(view, &asked, organisation).map(|_| ());
    write.state.registry.view_at(AsOf::Now, own).await?;
    Ok(owner)
}

/// Reads the lines of one batch, in which a number may stand once.
pub(super) struct Lines<N: Noun> {
    owner: OwnerOf<N>,
    common: N::Common,
    /// Where each number stands.
    seen: HashMap<String, u64>,
}

/// As much of a record as tells which it is, whatever else is wrong with it.
#[derive(Deserialize)]
struct Numbered<T> {
    number: T,
}

impl<N: Noun> Lines<N> {
    pub(super) fn new(owner: OwnerOf<N>, common: N::Common) -> Self {
        Self { owner, common, seen: HashMap::new() }
    }

    /// What a line pushes.
    pub(super) fn read(&mut self, line: lines::Line) -> Line<N::Record> {
        let pushed = self.pushed(&line);
        let number = match &pushed {
            Ok(pushed) => Some(pushed.number().clone()),
            Err(_) => {
                let told = line.json.ok().and_then(|json| serde_json::from_str::<Numbered<NumberOf<N>>>(&json).ok());
                told.map(|it| it.number).or_else(|| line.record?.parse::<NumberOf<N>>().ok())
            }
        };
        Line { line: line.number, number, pushed }
    }

    fn pushed(&mut self, line: &lines::Line) -> Result<N::Record, Problem> {
        let json = line.json.as_ref().map_err(|faults| Problem::from(faults.clone()))?;
        let input: N::Input = json::parse(json.as_bytes())?;
        let number = N::number(&input).ok_or_else(|| Fault::new("/number", Rule::Required))?;
        let first = *self.seen.entry(number.normalised()).or_insert(line.number);
        if first != line.number {
            return Err(named_twice(first));
        }
        Ok(N::pushed(input, self.owner.clone(), number, &self.common))
    }
}
