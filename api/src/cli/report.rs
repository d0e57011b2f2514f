//! The report of a command: a csv file with what became of each row.
//!
//! It is opened, and written to, before the command does anything: that it cannot be written must not be found out
//! when all is done.

use super::error::{CliError, said};
use lvcai_exchange::{Csv, Table};
use std::fs::File;
use std::path::{Path, PathBuf};

/// A report that is begun.
pub(super) struct Report {
    path: PathBuf,
    csv: Csv<File>,
}

impl Report {
    /// Begins a report, if one is wanted.
    ///
    /// # Errors
    ///
    /// Says that it cannot be written, and that nothing has been done.
    pub(super) fn begin(path: Option<&Path>) -> Result<Option<Self>, CliError> {
        let begin = |path: &Path| Ok(Self { path: path.to_owned(), csv: Csv::begin(File::create(path)?)? });
        let refused = |path: &Path, error: std::io::Error| {
            let path = path.display();
            said(
                format!("报告 {path} 无法写入（{error}），未执行任何操作；请检查路径、权限和磁盘空间"),
                format!(
                    "the report {path} cannot be written ({error}), and nothing was done; check path, rights and space"
                ),
            )
        };
        path.map(|path| begin(path).map_err(|error| refused(path, error))).transpose()
    }

    /// Writes the rows. What the command did stands whether this succeeds or not, so its caller tells of that first.
    ///
    /// # Errors
    ///
    /// Says that the report is not whole.
    pub(super) fn write(self, table: &Table<'_>) -> Result<(), CliError> {
        let path = self.path;
        self.csv.write(table).map_err(|error| {
            let path = path.display();
            said(
                format!("以上结果有效，但报告 {path} 没有写完整（{error}）；各行的结果见上表"),
                format!("what is told above stands, but the report {path} is not whole ({error}); the rows are in the table above"),
            )
        })
    }
}
