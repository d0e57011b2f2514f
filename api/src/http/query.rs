//! What a request asks without a body: by whom, with which parameters; and the reads of one record.

use crate::http::answer::{self, Answer};
use crate::http::caller::{Anybody, Asker};
use crate::http::failure::Failure;
use crate::http::in_order::{Ordered, after_earlier};
use crate::http::params::{self, NoParams, ReadParams, Shared};
use crate::service::AppState;
use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use lvcai_domain::ProblemKind;
use lvcai_store::{Conn, HistoryEntry, Result, StoredVersion};
use serde::de::DeserializeOwned;

/// A request: by whom, with the operation's own parameters and with those that it shares with others.
#[derive(Debug)]
pub(crate) struct Query<A = Anybody, P = NoParams, S = NoParams> {
    /// Who asks.
    pub(crate) by: A,
    /// The operation's own parameters.
    pub(crate) params: P,
    /// The parameters that it shares with others.
    pub(crate) shared: S,
    /// The request.
    pub(crate) request: HttpRequest,
    /// The state of the handlers.
    pub(crate) state: Data<AppState>,
}

/// A read at a cut.
pub(crate) type Read<A = Anybody, P = NoParams> = Query<A, P, ReadParams>;

impl<A: Asker, P: DeserializeOwned + 'static, S: Shared + 'static> FromRequest for Query<A, P, S> {
    type Error = Failure;
    type Future = Ordered<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asked = request.clone();
        after_earlier(request, async move {
            let by = A::ask(&asked).await?;
            let (params, shared) = params::parse_with(asked.query_string())?;
            let state = asked.app_data::<Data<AppState>>().cloned().ok_or(ProblemKind::Internal)?;
            Ok(Self { by, params, shared, request: asked, state })
        })
    }
}

impl<A, P> Read<A, P> {
    /// Reads at the cut that was asked for, and says which it is.
    pub(crate) async fn at_cut<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Conn, i64) -> Result<T> + Send + 'static,
    ) -> Result<(i64, T)> {
        self.state.registry.read_at(self.shared.as_of, work).await
    }

    /// Answers one record, or 404.
    pub(crate) async fn record(
        &self,
        work: impl FnMut(&mut Conn, i64) -> Result<Option<StoredVersion>> + Send + 'static,
    ) -> Answer {
        answer::record(&self.request, self.at_cut(work).await?)
    }

    /// Answers the versions of a record, or 404 when there are none to see.
    pub(crate) async fn versions(
        &self,
        work: impl FnMut(&mut Conn, i64) -> Result<Vec<HistoryEntry>> + Send + 'static,
    ) -> Answer {
        answer::versions(&self.request, self.at_cut(work).await?)
    }
}
