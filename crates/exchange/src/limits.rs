//! How much of a file is read before it is refused.
//!
//! Numbers only: each is enforced where the thing it bounds is read.

/// The bounds of one reading. The defaults fit the largest lists published, several times over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file itself, which is held in memory: 64 MiB.
    pub file_bytes: u64,
    /// Bytes to which all parts of an xlsx unpack, counted while unpacking: 256 MiB.
    pub unpacked_bytes: u64,
    /// Files inside an xlsx, and at the same time central-directory records: 2,000.
    pub parts: u64,
    /// Sheets of an xlsx: 64.
    pub sheets: u64,
    /// Different texts in an xlsx: 1,000,000.
    pub shared_strings: u64,
    /// XML tags in the sheets of an xlsx, hence cells, blank ones included: 12,000,000.
    pub tags: u64,
    /// Entries of the list: 100,000.
    pub rows: u64,
    /// Columns up to which a row may hold values: 64.
    pub columns: u64,
    /// Characters of one cell, as many as the reporting template allows; what is beyond is a fault, not an error: 4,000.
    pub cell_chars: usize,
    /// Bytes of text in all rows together, since one shared text may stand in any number of cells: 96 MiB.
    pub text_bytes: u64,
}

const MIB: u64 = 1024 * 1024;

impl Default for Limits {
    fn default() -> Self {
        Self {
            file_bytes: 64 * MIB,
            unpacked_bytes: 256 * MIB,
            parts: 2_000,
            sheets: 64,
            shared_strings: 1_000_000,
            tags: 12_000_000,
            rows: 100_000,
            columns: 64,
            cell_chars: 4_000,
            text_bytes: 96 * MIB,
        }
    }
}
