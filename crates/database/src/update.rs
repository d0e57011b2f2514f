//! UPDATE statements that are prepared once.

use diesel::RunQueryDsl;
use diesel::backend::Backend;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression};
use diesel::query_builder::{AsChangeset, AstPass, Query, QueryFragment, QueryId};
use diesel::query_source::{QuerySource, Table};
use diesel::result::QueryResult;
use diesel::sql_types::BoolOrNullableBool;

/// An UPDATE whose text is the same whatever its values, and what it answers of each row.
///
/// diesel's own may have another text each time and is prepared anew for each run: on SQLite that takes longer than the
/// run, on PostgreSQL it is one more round trip.
#[derive(Debug, Clone, Copy)]
pub struct Update<From, Set, Predicate, Returning> {
    from: From,
    set: Set,
    predicate: Predicate,
    returning: Returning,
}

/// Sets columns of the rows of which the predicate is true, and answers something of each.
pub fn update<T, Set, Predicate, Returning>(
    table: &T,
    set: Set,
    predicate: Predicate,
    returning: Returning,
) -> Update<T::FromClause, Set::Changeset, Predicate, Returning>
where
    T: Table,
    Set: AsChangeset<Target = T>,
    Predicate: AppearsOnTable<T>,
    Predicate::SqlType: BoolOrNullableBool,
    Returning: SelectableExpression<T>,
{
    Update { from: QuerySource::from_clause(table), set: set.as_changeset(), predicate, returning }
}

impl<From, Set, Predicate, Returning, DB> QueryFragment<DB> for Update<From, Set, Predicate, Returning>
where
    DB: Backend,
    From: QueryFragment<DB>,
    Set: QueryFragment<DB>,
    Predicate: QueryFragment<DB>,
    Returning: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("UPDATE ");
        self.from.walk_ast(out.reborrow())?;
        out.push_sql(" SET ");
        self.set.walk_ast(out.reborrow())?;
        out.push_sql(" WHERE ");
        self.predicate.walk_ast(out.reborrow())?;
        out.push_sql(" RETURNING ");
        self.returning.walk_ast(out)
    }
}

/// Statements are found again by their text.
impl<From, Set, Predicate, Returning> QueryId for Update<From, Set, Predicate, Returning> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<From, Set, Predicate, Returning: Expression> Query for Update<From, Set, Predicate, Returning> {
    type SqlType = Returning::SqlType;
}

impl<From, Set, Predicate, Returning, C> RunQueryDsl<C> for Update<From, Set, Predicate, Returning> {}
