//! The private keys: files in one folder, the same for all replicas, never in the database.
//!
//! `token.pem` signs access tokens (ES256), `publication.pem` signs publication
//! documents (Ed25519), `cursor.key` authenticates paging cursors. Former
//! publication keys stay as `publication-*.jwk.json`, so that what they signed
//! can be verified for ever.

use lvcai_auth::{Issuer, TokenKey};
use lvcai_domain::Bilingual;
use lvcai_trust::{Jwk, Jwks, MacKey, SigningKey};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The least length of the secret of cursors, in characters: 128 bits in hexadecimal digits.
const CURSOR_KEY_LENGTH: usize = 32;

/// The keys of one registry.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Issues and verifies access tokens.
    pub tokens: Issuer,
    /// Signs publication documents.
    pub publication: Arc<SigningKey>,
    /// Public keys of publication documents, the present one first.
    pub publications: Jwks,
    /// Authenticates cursors.
    pub cursor: MacKey,
}

/// The keys of signed documents.
#[derive(Debug, Clone)]
pub(crate) struct DocumentKeys {
    /// Signs.
    pub(crate) private: Arc<SigningKey>,
    /// What may have signed: the present key and the former ones.
    pub(crate) public: Jwks,
}

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A file is missing.
    #[error("there is no key {0}; `lvcai keys` makes the keys of a new registry, replicas share the same folder")]
    Missing(PathBuf),
    /// A file cannot be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
    /// A file does not hold the key it should.
    #[error("{0} does not hold the key it should: {1}")]
    Malformed(PathBuf, String),
}

impl KeysError {
    /// The error in both languages.
    pub(crate) fn said(&self) -> Bilingual {
        let zh = match self {
            Self::Missing(path) => {
                format!("缺少密钥 {}；新登记库用 lvcai keys 生成密钥，各副本共用同一目录", path.display())
            }
            Self::File(path, error) => format!("{}：{error}", path.display()),
            Self::Malformed(path, error) => format!("{} 不是应有的密钥：{error}", path.display()),
        };
        Bilingual::new(zh, self.to_string())
    }
}

impl Keys {
    /// Reads the keys of a folder for the registry at the address `issuer`.
    ///
    /// # Errors
    ///
    /// [`KeysError`] names the file.
    pub fn read(folder: &Path, issuer: &str) -> Result<Self, KeysError> {
        let token = folder.join("token.pem");
        let key = TokenKey::from_pem(&text(&token)?).map_err(|it| KeysError::Malformed(token, it.to_string()))?;
        let Some(documents) = Self::of_documents(folder)? else {
            return Err(KeysError::Missing(folder.join("publication.pem")));
        };
        let cursor = folder.join("cursor.key");
        let secret = text(&cursor)?;
        if secret.trim().len() < CURSOR_KEY_LENGTH {
            return Err(KeysError::Malformed(cursor, format!("{CURSOR_KEY_LENGTH} characters or more are expected")));
        }
        let tokens = Issuer { issuer: issuer.to_owned(), audience: issuer.to_owned(), key };
        let DocumentKeys { private, public } = documents;
        let cursor = MacKey::new(secret.trim().as_bytes());
        Ok(Self { tokens, publication: private, publications: public, cursor })
    }

    /// Reads the keys of documents alone; none where the folder has no `publication.pem`.
    pub(crate) fn of_documents(folder: &Path) -> Result<Option<DocumentKeys>, KeysError> {
        let path = folder.join("publication.pem");
        if !path.exists() {
            return Ok(None);
        }
        let private = SigningKey::from_pem(&text(&path)?).map_err(|it| KeysError::Malformed(path, it.to_string()))?;
        let mut public = Jwks { keys: vec![private.jwk()] };
        public.keys.extend(former(folder)?);
        Ok(Some(DocumentKeys { private: Arc::new(private), public }))
    }

    /// Makes the keys that a folder lacks, readable by their owner alone.
    ///
    /// # Errors
    ///
    /// [`KeysError`] names the file.
    pub fn create(folder: &Path) -> Result<(), KeysError> {
        std::fs::create_dir_all(folder).map_err(|error| KeysError::File(folder.to_owned(), error))?;
        let broken = |name: &str| KeysError::Malformed(folder.join(name), "the key could not be generated".to_owned());
        write_new(&folder.join("token.pem"), || Ok(TokenKey::generate().map_err(|_| broken("token.pem"))?.to_pem()))?;
        write_new(&folder.join("publication.pem"), || {
            SigningKey::generate().and_then(|key| key.to_pem()).map_err(|_| broken("publication.pem"))
        })?;
        // Two random UUIDs carry 244 random bits.
        write_new(&folder.join("cursor.key"), || Ok(format!("{}{}", uuid::Uuid::new_v4(), uuid::Uuid::new_v4())))
    }
}

fn text(path: &Path) -> Result<String, KeysError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(KeysError::Missing(path.to_owned())),
        Err(error) => Err(KeysError::File(path.to_owned(), error)),
    }
}

/// Writes a private file; of two processes that start together one makes it, whole, and both read the same.
pub(crate) fn write_new(path: &Path, content: impl FnOnce() -> Result<String, KeysError>) -> Result<(), KeysError> {
    if path.exists() {
        return Ok(());
    }
    let failed = |error| KeysError::File(path.to_owned(), error);
    // A file under its own name is never seen half written, not even after a power cut.
    let draft = path.with_extension(format!("{}.new", uuid::Uuid::new_v4()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let content = content()?;
    let written = options.open(&draft).and_then(|mut file| {
        file.write_all(content.as_bytes())?;
        file.sync_all()?;
        std::fs::hard_link(&draft, path)
    });
    drop(std::fs::remove_file(&draft));
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(failed(error)),
        _ => Ok(()),
    }
}

fn former(folder: &Path) -> Result<Vec<Jwk>, KeysError> {
    let entries = std::fs::read_dir(folder).map_err(|error| KeysError::File(folder.to_owned(), error))?;
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    let is_former = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("publication-") && name.ends_with(".jwk.json")
    };
    let read = |path: PathBuf| {
        let json = text(&path)?;
        let key = Jwk::parse(&json).map_err(|error| KeysError::Malformed(path.clone(), error.to_string()))?;
        match key.unfit_for_documents() {
            Some(why) => Err(KeysError::Malformed(path, why.to_owned())),
            None => Ok(key),
        }
    };
    paths.into_iter().filter(is_former).map(read).collect()
}
