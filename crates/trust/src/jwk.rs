//! Public keys on the wire: JWK and JWKS (RFC 7517), with the days between which a key signed.
//!
//! `jsonwebtoken` has such types; they know no validity and lose a key type they do not know.

use crate::{Digest, base64url, canonical, from_base64url};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A public key; members it does not know are ignored, as RFC 7517 asks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Jwk {
    /// The key type: `OKP`, `EC`, `RSA`.
    pub kty: String,
    /// The curve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
    /// The x coordinate, or an Ed25519 public key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// The y coordinate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    /// The RSA modulus.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// The RSA exponent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub e: Option<String>,
    /// The key's name in signatures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// What the key is for: `sig`.
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
    /// The one algorithm of the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// The first day on which the key signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// The last day on which the key signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
}

impl Jwk {
    /// Describes an Ed25519 key that signs.
    pub(crate) fn ed25519(public: &[u8]) -> Self {
        let text = |it: &str| Some(it.to_owned());
        let key = Self {
            kty: "OKP".to_owned(),
            crv: text("Ed25519"),
            x: Some(base64url(public)),
            usage: text("sig"),
            alg: text("EdDSA"),
            ..Self::default()
        };
        Self { kid: key.thumbprint(), ..key }
    }

    /// Gives the public key if this is an Ed25519 key that may sign.
    pub(crate) fn ed25519_public(&self) -> Option<[u8; 32]> {
        let fits = self.kty == "OKP"
            && self.crv.as_deref() == Some("Ed25519")
            // The older name and that of RFC 9864.
            && self.alg.as_deref().is_none_or(|it| it == "EdDSA" || it == "Ed25519")
            && self.usage.as_deref().is_none_or(|it| it == "sig");
        let public = from_base64url(self.x.as_deref().filter(|_| fits)?)?;
        public.try_into().ok()
    }

    /// Says what keeps the key from verifying documents; none where nothing does.
    pub fn unfit_for_documents(&self) -> Option<&'static str> {
        let is_day = |it: &Option<String>| {
            let digits = |it: &str| {
                it.bytes().enumerate().all(|(at, b)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() })
            };
            it.as_deref().is_none_or(|it| it.len() == 10 && digits(it))
        };
        if self.ed25519_public().is_none() {
            return Some("a public key is expected: kty OKP, crv Ed25519, alg EdDSA, use sig, and 32 bytes as x");
        }
        if self.kid.is_none() || self.kid != self.thumbprint() {
            return Some("kid is not the thumbprint of the key (RFC 7638)");
        }
        if !is_day(&self.valid_from) || !is_day(&self.valid_until) {
            return Some("valid_from and valid_until are days: YYYY-MM-DD");
        }
        (self.valid_from.is_some() && self.valid_until.is_some() && self.valid_from > self.valid_until)
            .then_some("valid_from is after valid_until")
    }

    /// Computes the SHA-256 thumbprint (RFC 7638); none for a key type we do not know.
    pub fn thumbprint(&self) -> Option<String> {
        let members: &[(&str, &Option<String>)] = match self.kty.as_str() {
            "OKP" => &[("crv", &self.crv), ("x", &self.x)],
            "EC" => &[("crv", &self.crv), ("x", &self.x), ("y", &self.y)],
            "RSA" => &[("e", &self.e), ("n", &self.n)],
            _ => return None,
        };
        let mut required = BTreeMap::from([("kty", self.kty.as_str())]);
        for (name, value) in members {
            required.insert(name, value.as_deref()?);
        }
        Some(base64url(Digest::of(canonical(&required).ok()?.as_bytes()).bytes()))
    }

    /// Says whether the key signed on a day (`YYYY-MM-DD`); both ends belong to the period.
    pub fn valid_on(&self, day: &str) -> bool {
        // ISO dates sort as text.
        self.valid_from.as_deref().is_none_or(|from| from <= day)
            && self.valid_until.as_deref().is_none_or(|until| day <= until)
    }
}

/// A set of public keys.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Jwks {
    /// The keys.
    pub keys: Vec<Jwk>,
}

impl Jwk {
    /// Reads a key, which is an object: serde would take an array of its members as well.
    fn of(value: Value) -> serde_json::Result<Self> {
        serde_json::from_value(Map::<String, Value>::deserialize(value)?.into())
    }

    /// Reads a key from its text.
    ///
    /// # Errors
    /// When it is no JSON object, or lacks its type.
    pub fn parse(text: &str) -> serde_json::Result<Self> {
        Self::of(serde_json::from_str(text)?)
    }
}

impl Jwks {
    /// Reads a set from its text, as strictly as a key.
    ///
    /// # Errors
    /// When it is no JSON object with an array `keys` of keys.
    pub fn parse(text: &str) -> serde_json::Result<Self> {
        let mut set: Map<String, Value> = serde_json::from_str(text)?;
        let keys = Vec::<Value>::deserialize(set.remove("keys").unwrap_or_default())?;
        Ok(Self { keys: keys.into_iter().map(Jwk::of).collect::<Result<_, _>>()? })
    }

    /// Finds the key of a name.
    pub fn find(&self, kid: &str) -> Option<&Jwk> {
        self.keys.iter().find(|key| key.kid.as_deref() == Some(kid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thumbprints_are_those_of_rfc_7638_and_rfc_8037() {
        let rsa: Jwk = serde_json::from_str(
            r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#,
        )
        .unwrap();
        assert_eq!(rsa.thumbprint().unwrap(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");

        let okp: Jwk =
            serde_json::from_str(r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)
                .unwrap();
        assert_eq!(okp.thumbprint().unwrap(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn an_array_is_neither_a_set_nor_a_key() {
        let key = r#"{"kty":"OKP","crv":"Ed25519","x":"AA"}"#;

        assert!(Jwks::parse(&format!(r#"{{"keys":[{key}],"more":1}}"#)).is_ok_and(|set| set.keys.len() == 1));
        assert!(Jwk::parse(key).is_ok());
        for array in [format!("[[{key}]]"), format!("[{key}]"), r#"{"keys":[["OKP","Ed25519","AA"]]}"#.to_owned()] {
            assert!(Jwks::parse(&array).is_err(), "{array}");
        }
        assert!(Jwk::parse(r#"["OKP","Ed25519","AA",null,null,null,null,null,null,null,null]"#).is_err());
        assert!(Jwks::parse("{}").is_err() && Jwks::parse(r#"{"keys":{}}"#).is_err());
    }

    #[test]
    fn a_key_type_of_tomorrow_is_kept_but_has_no_thumbprint() {
        let key: Jwk = serde_json::from_str(r#"{"kty":"SM2","x":"AA","kid":"a","x5c":[]}"#).unwrap();

        assert_eq!(key.thumbprint(), None);
        assert_eq!(serde_json::to_string(&key).unwrap(), r#"{"kty":"SM2","x":"AA","kid":"a"}"#);
    }

    #[test]
    fn a_key_is_valid_from_its_first_to_its_last_day() {
        let day = |it: &str| Some(it.to_owned());
        let key = Jwk { valid_from: day("2026-01-01"), valid_until: day("2026-12-31"), ..Jwk::default() };

        assert!(key.valid_on("2026-01-01") && key.valid_on("2026-12-31"));
        assert!(!key.valid_on("2025-12-31") && !key.valid_on("2027-01-01"));
        assert!(Jwk::default().valid_on("2027-01-01"));
    }
}
