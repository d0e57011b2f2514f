//! A disk whose power can be cut: what was written and not synced is then gone, or there in part.

use crate::program::preload;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// How large the pieces are of which some reach the disk before they are synced: a page of memory.
const PAGE: usize = 4096;

/// A disk for the files of the processes that are started with its environment.
pub struct Disk {
    kept: tempfile::TempDir,
}

impl Disk {
    /// A disk with nothing on it, which every user may write to.
    pub fn new() -> Self {
        let kept = tempfile::tempdir().unwrap();
        fs::set_permissions(kept.path(), fs::Permissions::from_mode(0o777)).unwrap();
        Self { kept }
    }

    /// What a process is started with whose files are on this disk.
    pub fn environment(&self) -> Vec<(String, OsString)> {
        vec![
            ("LD_PRELOAD".to_owned(), preload("power.c").into()),
            ("POWER_SHIM_FOLDER".to_owned(), self.kept.path().into()),
        ]
    }

    /// Cuts the power: from now on nothing is kept. The processes must be killed, and then [`Disk::lose`] be called.
    pub fn cut(&self) {
        File::create(self.off()).unwrap();
    }

    /// Gives every file of folders the content that the disk has of it, and the power back. `survives` says for each
    /// page that was written and not synced whether it has reached the disk all the same.
    pub fn lose(&self, folders: &[&Path], survives: &mut impl FnMut() -> bool) {
        for file in folders.iter().flat_map(|it| regular_files(it)) {
            let image = self.image(&file);
            let (written, synced) = (fs::read(&file).unwrap(), fs::read(&image).unwrap_or_default());
            let found = mixed(&written, &synced, survives);
            // The inode is what the image is named by, so the file is not made anew.
            for place in [&file, &image] {
                let mut place = File::options().write(true).create(true).truncate(true).open(place).unwrap();
                place.write_all(&found).unwrap();
            }
            fs::set_permissions(&image, fs::Permissions::from_mode(0o666)).unwrap();
        }
        fs::remove_file(self.off()).unwrap();
    }

    fn off(&self) -> PathBuf {
        self.kept.path().join("off")
    }

    /// Where the disk has a file, by the same name as in `power.c`.
    fn image(&self, file: &Path) -> PathBuf {
        let is = file.metadata().unwrap();
        let born = is.created().unwrap().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        self.kept.path().join(format!("{}-{}.{:09}", is.ino(), born.as_secs(), born.subsec_nanos()))
    }
}

impl Default for Disk {
    fn default() -> Self {
        Self::new()
    }
}

/// The synced content with those pages of the written that survive.
fn mixed(written: &[u8], synced: &[u8], survives: &mut impl FnMut() -> bool) -> Vec<u8> {
    let mut found = synced.to_vec();
    for (place, page) in written.chunks(PAGE).enumerate() {
        let (from, to) = (place * PAGE, place * PAGE + page.len());
        if synced.get(from..to) != Some(page) && survives() {
            found.resize(found.len().max(to), 0);
            found[from..to].copy_from_slice(page);
        }
    }
    found
}

fn regular_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            found.extend(regular_files(&entry.path()));
        } else if kind.is_file() {
            found.push(entry.path());
        }
    }
    found
}
