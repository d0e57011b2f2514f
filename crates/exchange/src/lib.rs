//! Bounded readers and writers of the lists that cities publish, as xlsx, xls and csv, and of the certificates that
//! certification bodies push in batches.
//!
//! The latter are in [`lines`]; all else here is about lists.
//! [`read_list`] takes a file that nobody vouches for, finds the table in it and gives its rows, each with the
//! faults found in it.
//! Every quantity it holds in memory has a bound in [`Limits`].
//! It neither judges a row (that is `domain`'s work) nor keeps it (`store`'s): it knows no database and no network.
//!
//! # What a row of a list is
//!
//! 1. A row is a *header* when it names at least three known columns, among them 产品名称, or 证书编号 with
//!    企业名称; with the row above it where that is the first of two levels.
//!    Rows before the first header are captions.
//!    A later header replaces the earlier one, so that columns may change places after a page break.
//! 2. A row without a value in a known column is skipped.
//!    `/`, `\`, dashes and words such as `NULL` say that there is no value.
//! 3. A row without names that begins like a total, a note or a signature (合计, 共 3 条, 注：, 制表 …) is a caption; so
//!    is a row with a single value that begins with 一、 or （一）, or that stands under 序号 and is not a number.
//! 4. A row that holds nothing but 规格型号, 产品名称 or 备注 *continues* the row above it, across blank rows and
//!    repeated headers but not across a caption.
//!    Its models are added to that row; other product names and remarks are joined to that row's with `、`.
//!    Where the list has no column 证书编号, a row with a product name stands for itself.
//! 5. Every other row is an entry.
//!    A cell that is merged with one above has its value, one that says 同上 the value above.
//!    Where 企业名称, 产品类别 or 认证机构 is blank it takes that of the entry above, and with 企业名称 go
//!    统一社会信用代码 and 序号.
//!    Each says so by a notice ([`FaultCode::is_notice`]); nothing else is inherited, and nothing across a caption.
//!
//! # What has become of a value
//!
//! A formula without a value, an error word, a number that lost digits is neither blank nor a value: it is lost, and
//! the entry is refused with the cell, what it shows and what to do.
//! All readers have the one notion of it, [`FaultCode`].

mod bodies;
mod cells;
mod columns;
mod damage;
mod dates;
mod delimited;
mod errors;
mod faults;
mod formats;
mod headers;
mod legacy;
mod limits;
pub mod lines;
mod list;
mod marks;
mod notes;
mod number_format;
mod package;
mod quotes;
mod reading;
mod rows;
mod sheet;
mod span;
mod status;
mod struck;
mod table;
mod text;
mod vocabulary;
mod workbook;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

pub use bodies::{BodyList, BodyRow, read_bodies};
pub use columns::{Column, Named, NamedRefusal};
pub use errors::{Content, Measure, ReadError};
pub use faults::{Fault, FaultCode};
pub use limits::Limits;
pub use list::{Caption, List, ListRow, Sheet, SheetOutcome};
pub use table::{Csv, Table, write_table};

use formats::Format;
use reading::Reading;
use rows::Rows;

/// Reads the list in a file, whatever its name ends in.
///
/// `named` are columns under headers that the vocabulary does not have.
/// `progress` hears the number of rows read so far, every thousand rows and at the end.
///
/// # Errors
///
/// [`ReadError::NotAList`] when the content is something else than xlsx, xls or csv, [`ReadError::NoHeader`] when no
/// sheet holds a table that it knows, [`ReadError::TooLarge`] when a limit is passed, [`ReadError::Damaged`] when
/// a workbook cannot be read, [`ReadError::Io`] when the file cannot.
/// A bad row is no error: it carries its faults.
pub fn read_list(
    path: &Path,
    limits: &Limits,
    named: &Named,
    progress: &mut dyn FnMut(u64),
) -> Result<List, ReadError> {
    let file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file").into());
    }
    let mut reading = Reading::new(limits, named, progress);
    read_table(file, &mut reading)?;
    reading.finish()
}

/// Reads the rows of an xlsx, xls or csv file, whatever it is called.
fn read_table(file: impl Read, rows: &mut dyn Rows) -> Result<(), ReadError> {
    let data = load(file, rows.limits().file_bytes)?;
    match formats::sniff(&data)? {
        Format::Package => workbook::read(&data, rows),
        Format::Legacy => legacy::read(&data, rows),
        Format::Text => delimited::read(data, rows),
    }
}

/// Takes the whole file into memory, so that what is checked is what is read.
fn load(file: impl Read, limit: u64) -> Result<Vec<u8>, ReadError> {
    let mut data = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut data)?;
    Measure::FileBytes.within(data.len(), limit)?;
    Ok(data)
}
