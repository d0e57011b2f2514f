//! Column types that are native to each database and the same to a statement.
//!
//! An identifier is `uuid` on PostgreSQL and `BLOB(16)` on SQLite, an instant
//! `timestamptz` and an `INTEGER` of microseconds: both sort as they should.
//! Naming the object identifiers spares diesel a look-up per connection.

use diesel::backend::Backend;
use diesel::deserialize::{FromSql, FromSqlRow, Result as Read};
use diesel::expression::AsExpression;
use diesel::pg::Pg;
use diesel::query_builder::QueryId;
use diesel::serialize::{IsNull, Output, Result as Written, ToSql};
use diesel::sql_types::{BigInt, Binary, SqlOrd, SqlType};
use diesel::sqlite::Sqlite;
use uuid::Uuid;

/// The column type of an identifier.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Binary"))]
pub struct IdColumn;

/// The column type of an instant.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185), sqlite_type(name = "Long"))]
pub struct InstantColumn;

impl SqlOrd for IdColumn {}
impl SqlOrd for InstantColumn {}

/// An identifier as a column keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = IdColumn)]
pub struct Id(pub Uuid);

/// An instant as a column keeps it, in whole microseconds.
///
/// PostgreSQL keeps no finer. Rounding on the way in means that what was
/// written is what is read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = InstantColumn)]
pub struct Instant(jiff::Timestamp);

impl From<jiff::Timestamp> for Instant {
    fn from(at: jiff::Timestamp) -> Self {
        Self(jiff::Timestamp::from_microsecond(at.as_microsecond()).unwrap_or(at))
    }
}

impl From<Instant> for jiff::Timestamp {
    fn from(instant: Instant) -> Self {
        instant.0
    }
}

/// Microseconds from 1970-01-01, the origin of ours, to 2000-01-01, PostgreSQL's.
const POSTGRES_ORIGIN: i64 = 946_684_800_000_000;

impl ToSql<IdColumn, Pg> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> Written {
        std::io::Write::write_all(out, self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl ToSql<IdColumn, Sqlite> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> Written {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<IdColumn, Pg> for Id {
    fn from_sql(raw: <Pg as Backend>::RawValue<'_>) -> Read<Self> {
        Ok(Self(Uuid::from_slice(raw.as_bytes())?))
    }
}

impl FromSql<IdColumn, Sqlite> for Id {
    fn from_sql(raw: <Sqlite as Backend>::RawValue<'_>) -> Read<Self> {
        let bytes: Vec<u8> = FromSql::<Binary, Sqlite>::from_sql(raw)?;
        Ok(Self(Uuid::from_slice(&bytes)?))
    }
}

impl ToSql<InstantColumn, Pg> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> Written {
        let micros = self.0.as_microsecond() - POSTGRES_ORIGIN;
        ToSql::<BigInt, Pg>::to_sql(&micros, &mut out.reborrow())
    }
}

impl ToSql<InstantColumn, Sqlite> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> Written {
        out.set_value(self.0.as_microsecond());
        Ok(IsNull::No)
    }
}

impl FromSql<InstantColumn, Pg> for Instant {
    fn from_sql(raw: <Pg as Backend>::RawValue<'_>) -> Read<Self> {
        let micros: i64 = FromSql::<BigInt, Pg>::from_sql(raw)?;
        Ok(Self(jiff::Timestamp::from_microsecond(micros + POSTGRES_ORIGIN)?))
    }
}

impl FromSql<InstantColumn, Sqlite> for Instant {
    fn from_sql(raw: <Sqlite as Backend>::RawValue<'_>) -> Read<Self> {
        let micros: i64 = FromSql::<BigInt, Sqlite>::from_sql(raw)?;
        Ok(Self(jiff::Timestamp::from_microsecond(micros)?))
    }
}
