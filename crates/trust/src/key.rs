//! The registry's document key: Ed25519 in a PKCS#8 PEM file (RFC 8410).

use crate::{Jwk, base64url};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::{Engine, prelude::BASE64_STANDARD};
use std::fmt;

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// Why a signing key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// There is no `PRIVATE KEY` block.
    #[error("the text holds no PEM block `PRIVATE KEY` (PKCS#8)")]
    NotPem,
    /// The block is another kind of key.
    #[error("the PEM block is not an unencrypted Ed25519 key (RFC 8410)")]
    NotEd25519,
    /// The library could not make or write the key.
    #[error("the key could not be made or written")]
    Unavailable,
}

/// A private key that signs documents. It never shows itself in `Debug`.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    kid: String,
}

impl SigningKey {
    /// Makes a new key.
    ///
    /// # Errors
    /// `Unavailable` when there is no randomness.
    pub fn generate() -> Result<Self, KeyError> {
        Ed25519KeyPair::generate().map_err(|_| KeyError::Unavailable).and_then(Self::of)
    }

    /// Reads a key from PEM.
    ///
    /// # Errors
    /// `NotPem` without a block `PRIVATE KEY` in base64, `NotEd25519` when the block holds another key.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let (_, rest) = pem.split_once(BEGIN).ok_or(KeyError::NotPem)?;
        let (body, _) = rest.split_once(END).ok_or(KeyError::NotPem)?;
        let body: String = body.split_ascii_whitespace().collect();
        let der = BASE64_STANDARD.decode(body).map_err(|_| KeyError::NotPem)?;
        Ed25519KeyPair::from_pkcs8(&der).map_err(|_| KeyError::NotEd25519).and_then(Self::of)
    }

    /// Writes the private key as PEM.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        let der = self.pair.to_pkcs8v1().map_err(|_| KeyError::Unavailable)?;
        // 48 bytes of DER are one line.
        Ok(format!("{BEGIN}\n{}\n{END}\n", BASE64_STANDARD.encode(der)))
    }

    /// Names the key: its RFC 7638 thumbprint.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Gives the public key.
    pub fn jwk(&self) -> Jwk {
        Jwk::ed25519(self.pair.public_key().as_ref())
    }

    /// Signs bytes, as JOSE writes it.
    pub(crate) fn sign(&self, message: &[u8]) -> String {
        base64url(self.pair.sign(message))
    }

    fn of(pair: Ed25519KeyPair) -> Result<Self, KeyError> {
        let kid = Jwk::ed25519(pair.public_key().as_ref()).kid.ok_or(KeyError::Unavailable)?;
        Ok(Self { pair, kid })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The key of RFC 8037 appendix A.1 in its RFC 8410 envelope.
    pub(crate) const RFC_8037: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
";

    #[test]
    fn the_key_of_rfc_8037_signs_as_printed_there() {
        let key = SigningKey::from_pem(RFC_8037).unwrap();

        assert_eq!(key.jwk().x.unwrap(), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(key.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(
            key.sign(b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"),
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        );
    }

    #[test]
    fn a_key_reads_back_from_its_pem_and_does_not_show_itself() {
        let key = SigningKey::generate().unwrap();
        let pem = key.to_pem().unwrap();

        assert_eq!(SigningKey::from_pem(&pem).unwrap().kid(), key.kid());
        assert_eq!(SigningKey::from_pem(RFC_8037).unwrap().to_pem().unwrap(), RFC_8037);
        assert_eq!(format!("{key:?}"), format!("SigningKey {{ kid: {:?}, .. }}", key.kid()));
    }

    #[test]
    fn what_is_no_ed25519_key_is_refused() {
        let public = RFC_8037.replace("PRIVATE", "PUBLIC");
        let short = RFC_8037.replace("MC4C", "MC4D");

        assert_eq!(SigningKey::from_pem("").unwrap_err(), KeyError::NotPem);
        assert_eq!(SigningKey::from_pem(&public).unwrap_err(), KeyError::NotPem);
        assert_eq!(SigningKey::from_pem(&short).unwrap_err(), KeyError::NotEd25519);
    }
}
