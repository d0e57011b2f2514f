//! The last position that was written, with its leaf, signed and kept beside the keys: what a database is held against
//! that may have been put back from an old copy.

use super::uptime::Proof;
use crate::keys::DocumentKeys;
use jiff::{SignedDuration, Timestamp};
use lvcai_domain::watch::Accepted;
use lvcai_trust::{Digest, canonical, sign_document, verify_document};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The name of the file in the keys folder. It is written with each group of commands and not synced, for that would
/// cost as much as the commit: a power cut may leave it empty or torn.
const FILE: &str = "signed-head.json";

/// The name of its copy that the disk has: a minute old at most, and read where the other cannot be.
const LASTING: &str = "signed-head.lasting.json";

/// What kind of signed document it is.
const TYPE: &str = "lvcai-signed-head+json";

/// What was written last, and what the operator has stated.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct SignedHead {
    /// The position of the last entry.
    pub(crate) seq: i64,
    /// The hash of its leaf.
    pub(crate) leaf: Option<Digest>,
    /// When it was recorded.
    pub(crate) recorded_at: Option<Timestamp>,
    /// When the clock was last right.
    pub(crate) proof: Option<Proof>,
    /// What the clock is held against: an instant noted within the last day of the machine's uptime, and no later one, so
    /// that a clock which moves by little each time is held against where it was.
    pub(crate) anchor: Option<Proof>,
    /// Up to which instant entries in the future are accepted.
    pub(crate) accepted_recorded: Option<Timestamp>,
    /// By how many seconds the clock of the database is accepted to be ahead.
    pub(crate) accepted_database_ahead: i64,
    /// What the operator has stated, the oldest first.
    pub(crate) statements: Vec<Statement>,
}

/// That writing goes on in spite of doubts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Statement {
    /// When.
    pub(crate) at: Timestamp,
    /// Why, in the operator's words.
    pub(crate) reason: String,
    /// What spoke against it.
    pub(crate) doubts: Vec<String>,
    /// The signed position until then.
    pub(crate) seq_before: i64,
    /// The position from which the registry goes on.
    pub(crate) seq_after: i64,
}

impl SignedHead {
    /// What the operator has accepted about the clocks.
    pub(crate) fn accepted(&self) -> Accepted {
        Accepted {
            recorded: self.accepted_recorded,
            database_ahead: SignedDuration::from_secs(self.accepted_database_ahead),
        }
    }

    /// The same with the clock noted as right at an instant.
    pub(crate) fn proven(self, at: Timestamp) -> Self {
        let proof = Proof::now(at);
        let anchor = self.anchor.filter(Proof::holds).unwrap_or_else(|| proof.clone());
        Self { proof: Some(proof), anchor: Some(anchor), ..self }
    }

    /// What time it is by the machine's uptime, where that is known.
    pub(crate) fn expected(&self) -> Option<Timestamp> {
        self.anchor.as_ref().and_then(Proof::expected).or_else(|| self.proof.as_ref().and_then(Proof::expected))
    }

    /// The same with other things accepted.
    pub(crate) fn accepting(self, accepted: Accepted) -> Self {
        let Accepted { recorded, database_ahead } = accepted;
        Self { accepted_recorded: recorded, accepted_database_ahead: database_ahead.as_secs(), ..self }
    }
}

/// The file, and which keys may have signed it.
#[derive(Debug)]
pub(crate) struct Keeper {
    folder: PathBuf,
    keys: DocumentKeys,
}

/// What tells one writing of the file from another.
pub(crate) type Stamp = (SystemTime, u64);

impl Keeper {
    pub(crate) fn new(folder: &Path, keys: DocumentKeys) -> Self {
        Self { folder: folder.to_owned(), keys }
    }

    /// Where the file is.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join(FILE)
    }

    /// Tells whether the file was written since.
    pub(crate) fn stamp(&self) -> Option<Stamp> {
        let metadata = self.path().metadata().ok()?;
        Some((metadata.modified().ok()?, metadata.len()))
    }

    /// Reads the file, or else its lasting copy; none where there is neither yet.
    ///
    /// # Errors
    ///
    /// Says why what is there cannot be believed.
    pub(crate) fn read(&self) -> Result<Option<SignedHead>, String> {
        match self.read_one(FILE) {
            Ok(Some(head)) => Ok(Some(head)),
            unread => match self.read_one(LASTING)? {
                None => unread,
                Some(head) => {
                    log::warn!("{FILE} cannot be read, so its lasting copy counts: error={:?}", unread.err());
                    Ok(Some(head))
                }
            },
        }
    }

    fn read_one(&self, name: &str) -> Result<Option<SignedHead>, String> {
        let text = match std::fs::read_to_string(self.folder.join(name)) {
            // A power cut may leave the name without the content: that says as little as no file.
            Ok(text) if text.is_empty() => return Ok(None),
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.to_string()),
        };
        let verified = verify_document(text.trim(), &self.keys.public).map_err(|error| error.to_string())?;
        if verified.typ != TYPE {
            return Err(format!("a document of type {}", verified.typ));
        }
        serde_json::from_str(&verified.payload).map(Some).map_err(|error| error.to_string())
    }

    /// Signs and writes the file, whole or not at all; `lasting` writes the copy that the disk has as well.
    ///
    /// # Errors
    ///
    /// What the file system says.
    pub(crate) fn write(&self, head: &SignedHead, lasting: bool) -> std::io::Result<()> {
        let payload = canonical(head).map_err(std::io::Error::other)?;
        let text = sign_document(&self.keys.private, &payload, TYPE).map_err(std::io::Error::other)?;
        if lasting {
            self.write_one(LASTING, &text, true)?;
        }
        self.write_one(FILE, &text, false)
    }

    fn write_one(&self, name: &str, text: &str, synced: bool) -> std::io::Result<()> {
        let draft = self.folder.join(format!("{name}.{}.new", std::process::id()));
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&draft)?;
        file.write_all(text.as_bytes())?;
        if synced {
            file.sync_all()?;
        }
        std::fs::rename(&draft, self.folder.join(name))
    }

    /// Keeps other processes from writing until it is dropped. A file system without locks goes without.
    pub(crate) fn lock(&self) -> Option<File> {
        let file = File::options().create(true).append(true).open(self.folder.join("signed-head.lock")).ok()?;
        file.lock().ok()?;
        Some(file)
    }
}
