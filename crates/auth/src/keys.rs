//! The public keys a client registers: few, strong, and each with one algorithm (RFC 8725 §3.1).

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{
        AlgorithmParameters, CommonParameters, EllipticCurve, Jwk, JwkSet, KeyOperations, PublicKeyUse,
        RSAKeyParameters, ThumbprintHash,
    },
};
use lvcai_domain::{Client, ClientKey, ClientKeySet};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{borrow::Cow, collections::HashSet, mem::take};

/// The algorithms that keys of clients sign with; Ed25519 has two names (RFC 8037, RFC 9864).
pub const ALGORITHMS: [&str; 4] = ["ES256", "EdDSA", "Ed25519", "RS256"];
const MAX_KID: usize = 128;
/// Members that only private or symmetric keys have (RFC 7518 §6).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Why a key set cannot be registered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is no JSON object with an array `keys`.
    #[error("a JWKS is expected: a JSON object with an array `keys`")]
    NotASet,
    /// It has no key or too many.
    #[error("a client registers 1 to 10 keys, not {0}")]
    Count(usize),
    /// One key is not acceptable.
    #[error("keys/{index}: {fault}")]
    Key {
        /// Its position, from 0.
        index: usize,
        /// What is wrong with it.
        fault: KeyFault,
    },
}

/// What is wrong with one key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFault {
    /// It holds a private member.
    #[error("the private member `{0}` must never leave its owner; make a new key and send its public half")]
    Private(&'static str),
    /// It is of no type we accept, or lacks a member.
    #[error("neither EC P-256, OKP Ed25519 nor RSA with all its public members")]
    Unsupported,
    /// Its numbers are no public key.
    #[error("its members are not a valid public key")]
    Invalid,
    /// It is an RSA key below 2048 or above 8192 bits.
    #[error("an RSA key has 2048 to 8192 bits")]
    RsaSize,
    /// Its `alg` is not the one its type has here.
    #[error("`alg` must be {0} or absent")]
    Algorithm(&'static str),
    /// Its `use` or `key_ops` exclude verification.
    #[error("`use` must be `sig`, `key_ops` must hold `verify`, or be absent")]
    Use,
    /// Its `kid` is empty or too long.
    #[error("`kid` has 1 to 128 characters")]
    Kid,
    /// Another key has its `kid`.
    #[error("`kid` is used by another key of the set")]
    Repeated,
    /// It is another key of the set once more.
    #[error("the set has this key already: a client that changes its keys registers the old one and a new one")]
    Same,
    /// It is not the only one without a `kid`.
    #[error("where several keys are registered each has a `kid`, by which an assertion says which of them signed it")]
    Unnamed,
}

impl KeyError {
    /// What is wrong, in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::NotASet => "应为 JWKS：含有数组 keys 的 JSON 对象".to_owned(),
            Self::Count(count) => format!("一个客户端登记 1 至 {} 个密钥，而非 {count} 个", Client::MAX_KEYS),
            Self::Key { index, fault } => format!("keys/{index}：{}", fault.zh()),
        }
    }
}

impl KeyFault {
    /// What is wrong, in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::Private(member) => {
                return format!("私钥成员 {member} 不得离开其持有人；请生成新的密钥，只提交公钥部分");
            }
            Self::Algorithm(name) => return format!("alg 须为 {name} 或不填"),
            Self::Unsupported => "不是成员齐全的 EC P-256、OKP Ed25519 或 RSA 公钥",
            Self::Invalid => "各成员不构成有效的公钥",
            Self::RsaSize => "RSA 密钥须为 2048 至 8192 位",
            Self::Use => "use 须为 sig，key_ops 须含 verify，或不填",
            Self::Kid => "kid 须为 1 至 128 个字符",
            Self::Repeated => "kid 与同一组中另一密钥的相同",
            Self::Same => "同一组中已有此密钥：更换密钥时登记旧密钥和一个新密钥",
            Self::Unnamed => "登记多个密钥时，每个都须有 kid，断言以其指明由哪一个签名",
        }
        .to_owned()
    }
}

/// A client's validated keys. Its JSON is the JWKS with `kid`, `use` and `alg` filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ClientKeys(JwkSet);

impl ClientKeys {
    /// Reads a JWKS.
    ///
    /// # Errors
    /// `NotASet` when it is no JSON; otherwise as [`Self::from_value`].
    pub fn parse(jwks: &str) -> Result<Self, KeyError> {
        serde_json::from_str(jwks).map_err(|_| KeyError::NotASet).and_then(|it| Self::from_value(&it))
    }

    /// Reads a JWKS that is already JSON.
    ///
    /// # Errors
    /// `NotASet` without an array `keys`, `Count` when that has no key or more than ten, `Key` with the first key
    /// that is not acceptable.
    pub fn from_value(jwks: &Value) -> Result<Self, KeyError> {
        let values = jwks.get("keys").and_then(Value::as_array).ok_or(KeyError::NotASet)?;
        if values.is_empty() || values.len() > Client::MAX_KEYS {
            return Err(KeyError::Count(values.len()));
        }
        let unnamed = |(_, value): &(usize, &Value)| value.get("kid").is_none();
        if let Some((index, _)) = values.iter().enumerate().filter(unnamed).nth(1) {
            return Err(KeyError::Key { index, fault: KeyFault::Unnamed });
        }
        let (mut kids, mut thumbprints) = (HashSet::new(), HashSet::new());
        let mut keys = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            let key = accepted(value).map_err(|fault| KeyError::Key { index, fault })?;
            if !kids.insert(key.common.key_id.clone()) {
                return Err(KeyError::Key { index, fault: KeyFault::Repeated });
            }
            if !thumbprints.insert(key.thumbprint(ThumbprintHash::SHA256).ok()) {
                return Err(KeyError::Key { index, fault: KeyFault::Same });
            }
            keys.push(key);
        }
        Ok(Self(JwkSet { keys }))
    }

    /// The keys that a client has registered.
    ///
    /// # Errors
    /// As [`Self::from_value`].
    pub fn of(keys: &ClientKeySet) -> Result<Self, KeyError> {
        serde_json::to_value(keys).map_err(|_| KeyError::NotASet).and_then(|it| Self::from_value(&it))
    }

    /// The keys as a client registers them.
    ///
    /// # Errors
    /// `NotASet` where a key lacks a member that every key has here, which is a defect.
    pub fn registered(&self) -> Result<ClientKeySet, KeyError> {
        let keys = self.0.keys.iter().map(|key| registered(key).ok_or(KeyError::NotASet));
        Ok(ClientKeySet { keys: keys.collect::<Result<_, _>>()? })
    }

    /// Whether a key has the name.
    pub(crate) fn knows(&self, kid: &str) -> bool {
        self.0.find(kid).is_some()
    }

    /// The keys that an assertion may be signed with, each with its algorithm: the one of the name, or all of them
    /// where there is no such name. A client that changes its keys has two for a while, and its tool may name neither.
    pub(crate) fn meant(&self, kid: Option<&str>) -> impl Iterator<Item = (Algorithm, DecodingKey)> {
        let kid = kid.filter(|kid| self.knows(kid));
        let meant = self.0.keys.iter().filter(move |key| kid.is_none() || key.common.key_id.as_deref() == kid);
        meant.filter_map(|key| {
            let algorithm = key.common.key_algorithm.and_then(|it| Algorithm::try_from(it).ok())?;
            Some((algorithm, DecodingKey::from_jwk(key).ok()?))
        })
    }
}

/// Reads one key that a client registers.
///
/// # Errors
/// What is wrong with it.
pub fn client_key(value: &Value) -> Result<ClientKey, KeyFault> {
    accepted(value).and_then(|key| registered(&key).ok_or(KeyFault::Unsupported))
}

fn registered(key: &Jwk) -> Option<ClientKey> {
    serde_json::to_value(key).and_then(serde_json::from_value).ok()
}

/// Checks a public key and gives it a name, an algorithm and a use.
pub(crate) fn accepted(value: &Value) -> Result<Jwk, KeyFault> {
    if let Some(member) = PRIVATE.into_iter().find(|it| value.get(it).is_some()) {
        return Err(KeyFault::Private(member));
    }
    let mut key = Jwk::deserialize(with_known_algorithm(value).as_ref()).map_err(|_| KeyFault::Unsupported)?;
    let (algorithm, name) = algorithm_of(&key.algorithm)?;
    let CommonParameters { key_id, key_algorithm, key_operations, public_key_use, .. } = take(&mut key.common);
    if key_algorithm.is_some_and(|it| it != algorithm.into()) {
        return Err(KeyFault::Algorithm(name));
    }
    if public_key_use.is_some_and(|it| it != PublicKeyUse::Signature)
        || key_operations.is_some_and(|it| !it.contains(&KeyOperations::Verify))
    {
        return Err(KeyFault::Use);
    }
    let kid = match key_id {
        Some(kid) if kid.is_empty() || kid.chars().count() > MAX_KID => return Err(KeyFault::Kid),
        Some(kid) => kid,
        None => key.thumbprint(ThumbprintHash::SHA256).map_err(|_| KeyFault::Invalid)?,
    };
    // Certificates and other members are dropped: only the bare key is trusted.
    key.common.key_id = Some(kid);
    key.common.key_algorithm = Some(algorithm.into());
    key.common.public_key_use = Some(PublicKeyUse::Signature);
    Ok(key)
}

/// The key with the older of the two names of its algorithm (RFC 9864), which the library knows.
fn with_known_algorithm(value: &Value) -> Cow<'_, Value> {
    if value.get("alg").and_then(Value::as_str) != Some("Ed25519") {
        return Cow::Borrowed(value);
    }
    let mut known = value.clone();
    if let Some(alg) = known.get_mut("alg") {
        *alg = "EdDSA".into();
    }
    Cow::Owned(known)
}

/// Checks the key itself and gives the one algorithm it may be used with.
fn algorithm_of(parameters: &AlgorithmParameters) -> Result<(Algorithm, &'static str), KeyFault> {
    match parameters {
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            let point = [&[4][..], &coordinate(&key.x)?, &coordinate(&key.y)?].concat();
            ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).map_err(|_| KeyFault::Invalid)?;
            Ok((Algorithm::ES256, "ES256"))
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            ParsedPublicKey::new(&ED25519, coordinate(&key.x)?).map_err(|_| KeyFault::Invalid)?;
            Ok((Algorithm::EdDSA, "EdDSA or Ed25519"))
        }
        AlgorithmParameters::RSA(key) => rsa(key).map(|()| (Algorithm::RS256, "RS256")),
        _ => Err(KeyFault::Unsupported),
    }
}

fn decoded(text: &str) -> Result<Vec<u8>, KeyFault> {
    BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| KeyFault::Invalid)
}

fn coordinate(text: &str) -> Result<[u8; 32], KeyFault> {
    decoded(text)?.try_into().map_err(|_| KeyFault::Invalid)
}

fn rsa(key: &RSAKeyParameters) -> Result<(), KeyFault> {
    let (n, e) = (decoded(&key.n)?, decoded(&key.e)?);
    // Leading zeros would hide a short modulus; they are not allowed anyway (RFC 7518 §6.3.1.1).
    let odd = |it: &[u8]| it.first().is_some_and(|it| *it != 0) && it.last().is_some_and(|it| it % 2 == 1);
    if !odd(&n) || !odd(&e) || e == [1] || e.len() > 4 {
        return Err(KeyFault::Invalid);
    }
    let bits_2048 = n.len() > 256 || (n.len() == 256 && n.first().is_some_and(|it| *it >= 0x80));
    if bits_2048 && n.len() <= 1024 { Ok(()) } else { Err(KeyFault::RsaSize) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate_client_key;
    use proptest::prelude::*;
    use serde_json::json;

    fn ec() -> Value {
        let (_, jwks) = generate_client_key().unwrap();
        serde_json::from_str::<Value>(&jwks).unwrap()["keys"][0].clone()
    }

    fn rsa(bytes: usize) -> Value {
        json!({"kty": "RSA", "n": BASE64_URL_SAFE_NO_PAD.encode(vec![0xff; bytes]), "e": "AQAB"})
    }

    fn with(mut key: Value, name: &str, value: Value) -> Value {
        key[name] = value;
        key
    }

    fn without(mut key: Value, name: &str) -> Value {
        key.as_object_mut().unwrap().remove(name);
        key
    }

    fn fault(key: &Value) -> KeyFault {
        match ClientKeys::from_value(&json!({"keys": [key]})).unwrap_err() {
            KeyError::Key { index: 0, fault } => fault,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn name_algorithm_and_use_are_filled_in() {
        let bare = ["alg", "use"].into_iter().fold(ec(), without);
        let ed = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});

        let keys = ClientKeys::from_value(&json!({"keys": [bare, ed, with(rsa(256), "kid", json!("r"))]})).unwrap();

        let stored = serde_json::to_value(&keys).unwrap();
        assert_eq!(stored["keys"][1]["kid"], "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(serde_json::to_value(keys.registered().unwrap()).unwrap(), stored);
        assert_eq!(ClientKeys::of(&keys.registered().unwrap()), Ok(keys.clone()));
        assert_eq!(
            stored["keys"].as_array().unwrap().iter().map(|it| it["alg"].as_str().unwrap()).collect::<Vec<_>>(),
            ["ES256", "EdDSA", "RS256"]
        );
        assert_eq!(ClientKeys::from_value(&stored), Ok(keys), "the stored form reads back");
    }

    #[test]
    fn weak_foreign_and_private_keys_are_refused() {
        assert_eq!(fault(&rsa(128)), KeyFault::RsaSize);
        assert_eq!(fault(&rsa(255)), KeyFault::RsaSize);
        assert_eq!(fault(&rsa(1025)), KeyFault::RsaSize);
        assert_eq!(fault(&with(rsa(256), "e", json!("AQ"))), KeyFault::Invalid);
        assert_eq!(fault(&with(ec(), "d", json!("AA"))), KeyFault::Private("d"));
        assert_eq!(fault(&with(rsa(256), "p", json!("AA"))), KeyFault::Private("p"));
        assert_eq!(fault(&json!({"kty": "oct", "k": "AA"})), KeyFault::Private("k"));
        assert_eq!(fault(&with(ec(), "crv", json!("P-384"))), KeyFault::Unsupported);
        assert_eq!(fault(&with(ec(), "crv", json!("secp256k1"))), KeyFault::Unsupported);
        assert_eq!(fault(&without(ec(), "y")), KeyFault::Unsupported);
        assert_eq!(fault(&json!("key")), KeyFault::Unsupported);
    }

    #[test]
    fn a_point_off_the_curve_is_no_key() {
        let x = ec()["x"].clone();
        assert_eq!(fault(&with(ec(), "x", x)), KeyFault::Invalid);
        assert_eq!(fault(&with(ec(), "x", json!("AA"))), KeyFault::Invalid);
    }

    #[test]
    fn a_key_has_one_algorithm_and_one_use() {
        assert_eq!(fault(&with(ec(), "alg", json!("ES384"))), KeyFault::Algorithm("ES256"));
        assert_eq!(fault(&with(ec(), "alg", json!("HS256"))), KeyFault::Algorithm("ES256"));
        assert_eq!(fault(&with(rsa(256), "alg", json!("PS256"))), KeyFault::Algorithm("RS256"));
        let ed = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
        let stored = ClientKeys::from_value(&json!({"keys": [with(ed, "alg", json!("Ed25519"))]})).unwrap();
        assert_eq!(serde_json::to_value(&stored).unwrap()["keys"][0]["alg"], "EdDSA");
        assert_eq!(fault(&with(ec(), "alg", json!("Ed25519"))), KeyFault::Algorithm("ES256"));
        assert_eq!(fault(&with(ec(), "use", json!("enc"))), KeyFault::Use);
        assert_eq!(fault(&with(ec(), "key_ops", json!(["sign"]))), KeyFault::Use);
        assert_eq!(fault(&with(ec(), "kid", json!(""))), KeyFault::Kid);
    }

    #[test]
    fn of_several_keys_one_at_most_is_without_a_name() {
        let bare = || without(ec(), "kid");
        let set = |keys: Vec<Value>| ClientKeys::from_value(&json!({"keys": keys}));

        assert!(set(vec![bare(), ec()]).is_ok() && set(vec![bare()]).is_ok());
        let refused = set(vec![bare(), ec(), bare()]).unwrap_err();
        assert_eq!(refused, KeyError::Key { index: 2, fault: KeyFault::Unnamed });
        assert!(refused.zh().contains("kid") && !refused.zh().is_ascii());
    }

    #[test]
    fn a_set_holds_one_to_ten_keys_with_names_of_their_own() {
        let set = |keys: Vec<Value>| ClientKeys::from_value(&json!({"keys": keys}));
        let named = |kid: &str| with(ec(), "kid", json!(kid));

        assert_eq!(set(vec![]), Err(KeyError::Count(0)));
        assert_eq!(set((0..11).map(|it| named(&it.to_string())).collect()), Err(KeyError::Count(11)));
        assert_eq!(
            set(vec![named("a"), named("b"), named("a")]),
            Err(KeyError::Key { index: 2, fault: KeyFault::Repeated })
        );
        let (one, again) = (with(ec(), "kid", json!("a")), ec());
        let again = with(with(again, "x", one["x"].clone()), "y", one["y"].clone());
        assert_eq!(set(vec![one, again]), Err(KeyError::Key { index: 1, fault: KeyFault::Same }));
        assert_eq!(ClientKeys::parse("[]"), Err(KeyError::NotASet));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text: String, kty in "EC|OKP|RSA|oct", member: String) {
            let _ = ClientKeys::parse(&text);
            let _ = ClientKeys::from_value(&json!({"keys": [
                {"kty": kty, "crv": "P-256", "x": member, "y": text, "n": text, "e": member}
            ]}));
        }
    }
}
