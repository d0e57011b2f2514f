//! Digests that name bytes, and a keyed tag that shows that a text is ours.

use aws_lc_rs::{constant_time, digest, hmac};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The SHA-256 of some bytes, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Digest([u8; 32]);

/// The text or the bytes are no digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a digest has 32 bytes, written as 64 lower-case hexadecimal digits")]
pub struct DigestError;

impl Digest {
    /// Hashes bytes.
    pub fn of(data: &[u8]) -> Self {
        Self::of_parts(&[data])
    }

    /// Hashes the parts as if joined; their borders are not part of the digest.
    pub fn of_parts(parts: &[&[u8]]) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        parts.iter().for_each(|part| context.update(part));
        Self(leading(context.finish().as_ref()))
    }

    /// Hashes a leaf of a transparency log: a zero byte, then the data (RFC 6962 §2.1, C2SP tlog).
    pub fn leaf(data: &[u8]) -> Self {
        Self::of_parts(&[&[0], data])
    }

    /// Gives the bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Hashes what comes piece by piece.
pub struct Hasher(digest::Context);

impl Default for Hasher {
    fn default() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }
}

impl Hasher {
    /// Takes the next piece; the borders are not part of the digest.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// Gives the digest of all of it.
    pub fn finish(self) -> Digest {
        Digest(leading(self.0.finish().as_ref()))
    }
}

/// Copies the first `N` bytes of a longer output.
fn leading<const N: usize>(output: &[u8]) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.iter_mut().zip(output).for_each(|(to, from)| *to = *from);
    bytes
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        // `from_str_radix` alone would take `+f` and upper case.
        if text.len() != 64 || !text.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(DigestError);
        }
        let mut bytes = [0; 32];
        for (index, byte) in bytes.iter_mut().enumerate() {
            let pair = text.get(2 * index..2 * index + 2).ok_or(DigestError)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| DigestError)?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<&[u8]> for Digest {
    type Error = DigestError;

    fn try_from(bytes: &[u8]) -> Result<Self, DigestError> {
        bytes.try_into().map(Self).map_err(|_| DigestError)
    }
}

impl TryFrom<String> for Digest {
    type Error = DigestError;

    fn try_from(text: String) -> Result<Self, DigestError> {
        text.parse()
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.to_string()
    }
}

/// A secret with which short texts are tagged, such as paging cursors.
#[derive(Clone)]
pub struct MacKey(hmac::Key);

impl MacKey {
    /// Takes the secret.
    pub fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// Tags data: the first half of its HMAC-SHA-256 (RFC 2104 §5).
    pub fn tag(&self, data: &[u8]) -> [u8; 16] {
        leading(hmac::sign(&self.0, data).as_ref())
    }

    /// Says whether the tag is this key's for the data, in constant time.
    pub fn verify(&self, data: &[u8], tag: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(&self.tag(data), tag).is_ok()
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn the_digest_of_abc_is_the_one_of_fips_180() {
        let digest = Digest::of(b"abc");

        assert_eq!(digest.to_string(), ABC);
        assert_eq!(Digest::of_parts(&[b"a", b"", b"bc"]), digest);
        assert_eq!(serde_json::to_string(&digest).unwrap(), format!("\"{ABC}\""));
        assert_eq!(Digest::try_from(&digest.bytes()[..]), Ok(digest));
    }

    #[test]
    fn the_leaf_of_nothing_is_the_one_every_log_has() {
        assert_eq!(Digest::leaf(b"").to_string(), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    }

    #[test]
    fn a_digest_is_written_in_one_way_only() {
        for text in [ABC.to_uppercase(), format!(" {ABC}"), ABC[1..].to_owned(), ABC.replacen("ba", "+a", 1)] {
            assert_eq!(text.parse::<Digest>(), Err(DigestError), "{text}");
        }
        assert!(Digest::try_from(&[0; 31][..]).is_err());
        assert!(serde_json::from_str::<Digest>("\"abc\"").is_err());
    }

    #[test]
    fn a_tag_is_the_first_half_of_rfc_4231s_and_only_its_own_data_has_it() {
        let key = MacKey::new(&[0x0b; 20]);

        let tag = key.tag(b"Hi There");

        assert_eq!(tag, 0xb0344c61d8db38535ca8afceaf0bf12b_u128.to_be_bytes());
        assert!(key.verify(b"Hi There", &tag));
        assert!(!key.verify(b"Hi there", &tag));
        assert!(!key.verify(b"Hi There", &tag[..15]));
        assert!(!MacKey::new(b"other").verify(b"Hi There", &tag));
        assert_eq!(format!("{key:?}"), "MacKey");
    }

    proptest! {
        #[test]
        fn a_digest_reads_back_and_other_texts_never_panic(bytes: [u8; 32], text: String) {
            let digest = Digest(bytes);
            prop_assert_eq!(digest.to_string().parse(), Ok(digest));
            let _ = text.parse::<Digest>();
        }
    }
}
