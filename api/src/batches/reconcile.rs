//! An owner's full list beside ours.

use super::lines::{Lines, own};
use super::{Noun, NumberOf, OwnerOf};
use crate::http::answer::in_language;
use crate::http::upload::Forms;
use crate::http::{Failure, Telling, Upload, Write};
use actix_web::web::{Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use lvcai_domain::{Difference, OrganisationId, Problem};
use lvcai_exchange::lines::Summary;
use lvcai_store::batches::{self, Compared, Kept, Line, Number, Pushed};
use lvcai_store::{AsOf, Registry, View, clients};
use serde::Serialize;
use std::collections::HashSet;
use std::ops::ControlFlow;
use utoipa::ToSchema;

/// How many lines an owner's list may have.
const LINES: u64 = 100_000;

/// How many lines are compared on one connection before others have their turn.
const CHUNK: usize = 500;

/// What the registry and the list say in a field
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Values {
    /// The field, as a JSON Pointer into the record.
    #[schema(example = "/valid_until")]
    field: String,
    /// What the registry holds; `null` where it has nothing.
    #[schema(value_type = Value, example = "2028-06-04")]
    ours: serde_json::Value,
    /// What the list says; `null` where it says nothing.
    #[schema(value_type = Value, example = "2030-06-04")]
    theirs: serde_json::Value,
}

impl From<Difference> for Values {
    fn from(it: Difference) -> Self {
        Self { field: it.pointer, ours: it.ours, theirs: it.theirs }
    }
}

/// A line that says nothing that could be compared.
pub(crate) struct Unreadable<T> {
    pub(crate) line: u64,
    pub(crate) number: Option<T>,
    pub(crate) problem: Problem,
}

/// A record that the registry holds otherwise.
pub(crate) struct Different<T> {
    pub(crate) line: u64,
    pub(crate) number: T,
    pub(crate) id: String,
    pub(crate) found: Vec<Difference>,
}

/// How an owner's list and ours differ.
pub(crate) struct Reconciled<N: Noun> {
    pub(crate) owner: OwnerOf<N>,
    /// The position at which ours were read.
    pub(crate) as_of: i64,
    pub(crate) lines: usize,
    pub(crate) same: usize,
    pub(crate) missing: Vec<(u64, NumberOf<N>)>,
    pub(crate) different: Vec<Different<NumberOf<N>>>,
    pub(crate) extra: Vec<Kept<NumberOf<N>>>,
    pub(crate) unreadable: Vec<Unreadable<NumberOf<N>>>,
    pub(crate) summary: Summary,
    pub(crate) telling: Telling,
}

/// Compares a list for a caller who may see it.
pub(crate) async fn reconcile<N: Noun>(
    request: &HttpRequest,
    write: &Write,
    (owner, payload): (Path<String>, Payload),
    common: N::Common,
    forms: Forms,
) -> Result<Reconciled<N>, Failure> {
    write.caller.may(N::SCOPE)?;
    let owner = own::<N>(write, &owner).await?;
    let upload = Upload::receive(request, write, payload, (forms, LINES)).await?;
    let mut reader = Lines::<N>::new(owner.clone(), common);
    let reading = tokio::task::spawn_blocking(move || {
        let mut lines = Vec::new();
        let summary = upload.lines(&mut |line| {
            lines.push(reader.read(line));
            ControlFlow::Continue(())
        })?;
        Ok::<_, Problem>((lines, summary))
    });
    let (lines, summary) = reading.await.map_err(|error| lvcai_store::Error::Database(Box::new(error)))??;
    let (by, standing, asked) = (write.caller.organisation, write.caller.standing(), owner.clone());
    let registry = &write.state.registry;
    let ours = move |view: &mut View<'_>| {
        clients::must_stand(view, &standing)?;
        N::Record::own(view, &asked, by)?;
        Ok((view.cut, N::Record::all(view, &asked)?))
    };
    let (as_of, ours) = registry.view_at(AsOf::Now, ours).await?;
    // A line that cannot be compared names its record all the same: what is there is not extra.
    let theirs: HashSet<String> = lines.iter().filter_map(|it| it.number.as_ref()).map(Number::normalised).collect();
    let mut told = Reconciled {
        owner,
        as_of,
        lines: lines.len(),
        same: 0,
        missing: Vec::new(),
        different: Vec::new(),
        extra: ours.into_iter().filter(|it| !theirs.contains(&it.number.normalised())).collect(),
        unreadable: Vec::new(),
        summary,
        telling: Telling::of(request),
    };
    told.compare(registry, lines, by).await?;
    Ok(told)
}

impl<N: Noun> Reconciled<N> {
    /// The answer, in the noun's own words.
    pub(crate) fn answer<R: Serialize>(self, report: impl FnOnce(Self) -> R) -> HttpResponse {
        let (as_of, language) = (self.as_of, self.telling.language);
        let response = HttpResponse::Ok().insert_header(("registry-seq", as_of.to_string())).json(report(self));
        in_language(response, language)
    }

    async fn compare(
        &mut self,
        registry: &Registry,
        lines: Vec<Line<N::Record>>,
        by: OrganisationId,
    ) -> Result<(), Failure> {
        let mut lines = lines.into_iter().peekable();
        while lines.peek().is_some() {
            let (chunk, owner): (Vec<_>, _) = (lines.by_ref().take(CHUNK).collect(), self.owner.clone());
            let work = move |view: &mut View<'_>| batches::compare(view, &owner, by, &chunk);
            for compared in registry.view_at(AsOf::Seq(self.as_of), work).await? {
                self.add(compared);
            }
        }
        Ok(())
    }

    fn add(&mut self, Compared { line, number, result }: Compared<NumberOf<N>>) {
        match (result, number) {
            (Err(problem), number) => self.unreadable.push(Unreadable { line, number, problem }),
            (Ok(Some((_, found))), _) if found.is_empty() => self.same += 1,
            (Ok(Some((id, found))), Some(number)) => self.different.push(Different { line, number, id, found }),
            (Ok(None), Some(number)) => self.missing.push((line, number)),
            // What could be read has a number.
            (Ok(_), None) => {}
        }
    }
}
