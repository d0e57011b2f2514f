//! The core: a change is decided, numbered and written here, and every read is at a cut.
//!
//! It knows none of the registry's nouns. A noun says how it is kept (`Versioned`), what follows from a change of one
//! for another is a rule that the ledger is given ([`Consequences`]).

mod clock;
mod command;
mod effective;
mod entries;
mod execution;
mod guard;
mod head;
mod journal;
mod origin;
mod reading;
mod registry;
mod versions;
mod writer;

pub use clock::Clock;
pub use command::{Answer, CommandContext, Decision, IdempotencyKey, Preview, Receipt, View};
pub use entries::{AnyVersioned, Change, Entry, Recorded, entries, knows};
pub use execution::{Concerned, Consequences};
pub use guard::{Guard, Observed, Unguarded, leaf_at, observe};
pub use head::{Head, cut, head, instant, moment};
pub use journal::{Filter, journal};
pub use origin::Origin;
pub use reading::{AsOf, Asked, Author, HistoryEntry, Moment, NEWEST, Page, StoredVersion, Viewer, Visible};
pub use registry::Registry;
pub use writer::Writer;

pub(crate) use clock::swept_before;
pub(crate) use effective::{day, effective_dated, in_effect, timeline};
pub(crate) use execution::{foresee_each, store_answer, stored_answer, write_each, write_together};
pub(crate) use head::lock;
pub(crate) use reading::{CHUNK, known_at, load_page, narrow, not_owner};
pub(crate) use versions::{HasRow, NewVersion, OPEN, VersionRow, Versioned, named, row, versioned};
pub(crate) use writer::Tx;
