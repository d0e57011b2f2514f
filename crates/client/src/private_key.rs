//! The private key of a client, in whichever form its tool has written it: PEM (PKCS#8, SEC1, PKCS#1) or JWK.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
};
use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// Why a private key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrivateKeyError {
    /// It is protected by a password.
    #[error("the key is encrypted: `openssl pkey -in KEY.pem -out PLAIN.pem` writes it without password")]
    Encrypted,
    /// It is the public half.
    #[error("this is a public key or a certificate; the private key is needed")]
    Public,
    /// It is an EC key of another curve.
    #[error("an EC key of another curve than P-256, which the registry does not take")]
    Curve,
    /// It is an RSA key below 2048 or above 8192 bits.
    #[error("an RSA key has 2048 to 8192 bits, this one has {0}")]
    RsaSize(usize),
    /// It is a key of another kind.
    #[error("neither P-256, Ed25519 nor RSA: the registry takes no other keys")]
    Unsupported,
    /// It is no key at all.
    #[error("no private key: PEM (PKCS#8, SEC1, PKCS#1) or a JWK is expected")]
    NoKey,
    /// Its numbers are no key.
    #[error("its content is not a valid private key")]
    Invalid,
}

impl PrivateKeyError {
    /// The same in Chinese.
    pub fn zh(&self) -> String {
        match self {
            Self::Encrypted => {
                "密钥有口令保护：请用 openssl pkey -in KEY.pem -out PLAIN.pem 写出无口令的密钥".to_owned()
            }
            Self::Public => "这是公钥或证书，需要私钥".to_owned(),
            Self::Curve => "EC 密钥不是 P-256 曲线，登记库不接受".to_owned(),
            Self::RsaSize(bits) => format!("RSA 密钥须为 2048 至 8192 位，此密钥为 {bits} 位"),
            Self::Unsupported => "不是 P-256、Ed25519 或 RSA 密钥，登记库不接受其他密钥".to_owned(),
            Self::NoKey => "没有私钥：应为 PEM（PKCS#8、SEC1、PKCS#1）或 JWK".to_owned(),
            Self::Invalid => "内容不是有效的私钥".to_owned(),
        }
    }
}

/// A private key that signs with the one algorithm that its kind has at the registry.
pub(crate) enum PrivateKey {
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl PrivateKey {
    /// Reads a key.
    pub(crate) fn parse(text: &str) -> Result<Self, PrivateKeyError> {
        let text = text.trim_start_matches('\u{feff}').trim();
        if text.starts_with('{') {
            return of_jwk(&serde_json::from_str(text).map_err(|_| PrivateKeyError::NoKey)?);
        }
        let key = of_pem(text)?;
        match &key {
            Self::Rsa(pair) if !(256..=1024).contains(&pair.public_modulus_len()) => {
                Err(PrivateKeyError::RsaSize(pair.public_modulus_len() * 8))
            }
            _ => Ok(key),
        }
    }

    /// The name of its algorithm.
    pub(crate) fn algorithm(&self) -> &'static str {
        match self {
            Self::Ec(_) => "ES256",
            Self::Ed(_) => "EdDSA",
            Self::Rsa(_) => "RS256",
        }
    }

    /// Its public half, a JWK.
    pub(crate) fn public_jwk(&self) -> Value {
        let coordinate = |it: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(it);
        match self {
            Self::Ec(pair) => {
                // An uncompressed point: one byte of form, then both coordinates.
                let (_, point) = pair.public_key().as_ref().split_at(1);
                let (x, y) = point.split_at(point.len() / 2);
                json!({ "kty": "EC", "crv": "P-256", "x": coordinate(x), "y": coordinate(y) })
            }
            Self::Ed(pair) => json!({ "kty": "OKP", "crv": "Ed25519", "x": coordinate(pair.public_key().as_ref()) }),
            Self::Rsa(pair) => {
                let key = pair.public_key();
                let (n, e) = (key.modulus(), key.exponent());
                let bytes = [n.big_endian_without_leading_zero(), e.big_endian_without_leading_zero()].map(coordinate);
                let [n, e] = bytes;
                json!({ "kty": "RSA", "n": n, "e": e })
            }
        }
    }

    /// Signs claims as a JWT (RFC 7519) in its compact form.
    pub(crate) fn jwt(&self, claims: &Value) -> Result<String, PrivateKeyError> {
        self.jws(&json!({ "alg": self.algorithm(), "typ": "JWT" }), claims)
    }

    /// Signs claims under a header that names the key's algorithm.
    pub(crate) fn jws(&self, header: &Value, claims: &Value) -> Result<String, PrivateKeyError> {
        let [header, claims] = [header, claims].map(|it| BASE64_URL_SAFE_NO_PAD.encode(it.to_string()));
        let message = format!("{header}.{claims}");
        Ok(format!("{message}.{}", self.sign(message.as_bytes())?))
    }

    /// Signs, as JOSE writes it.
    fn sign(&self, message: &[u8]) -> Result<String, PrivateKeyError> {
        let random = SystemRandom::new();
        let signature = match self {
            Self::Ec(pair) => pair.sign(&random, message).map_err(|_| PrivateKeyError::Invalid)?.as_ref().to_vec(),
            Self::Ed(pair) => pair.sign(message).as_ref().to_vec(),
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(|_| PrivateKeyError::Invalid)?;
                signature
            }
        };
        Ok(BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

/// Reads the first private key among the blocks: `openssl ecparam -genkey` writes its parameters before it.
fn of_pem(text: &str) -> Result<PrivateKey, PrivateKeyError> {
    let Some((label, block)) = blocks(text).find(|(label, _)| label.ends_with("PRIVATE KEY")) else {
        let public = ["PUBLIC KEY", "CERTIFICATE"].iter().any(|it| text.contains(it));
        return Err(if public { PrivateKeyError::Public } else { PrivateKeyError::NoKey });
    };
    if label == "ENCRYPTED PRIVATE KEY" || block.contains("ENCRYPTED") {
        return Err(PrivateKeyError::Encrypted);
    }
    let base64: String = block.split_ascii_whitespace().collect();
    let der = BASE64_STANDARD.decode(base64).map_err(|_| PrivateKeyError::Invalid)?;
    match label {
        "PRIVATE KEY" => of_pkcs8(&der),
        "EC PRIVATE KEY" => of_sec1(&der),
        "RSA PRIVATE KEY" => RsaKeyPair::from_der(&der).map(PrivateKey::Rsa).map_err(|_| rsa_fault(&der)),
        _ => Err(PrivateKeyError::Unsupported),
    }
}

/// The blocks of a PEM file: label and what stands between its lines.
fn blocks(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("-----BEGIN ").skip(1).filter_map(|rest| {
        let (label, rest) = rest.split_once("-----")?;
        Some((label, rest.split_once("-----END ")?.0))
    })
}

fn of_pkcs8(der: &[u8]) -> Result<PrivateKey, PrivateKeyError> {
    if let Ok(pair) = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der) {
        return Ok(PrivateKey::Ec(pair));
    }
    if let Ok(pair) = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der) {
        return Ok(PrivateKey::Ed(pair));
    }
    if let Ok(pair) = RsaKeyPair::from_pkcs8(der) {
        return Ok(PrivateKey::Rsa(pair));
    }
    // The object identifiers of RSA, of EC keys and of Ed25519 (RFC 8017, RFC 5480, RFC 8410).
    let holds = |oid: &[u8]| der.windows(oid.len()).any(|it| it == oid);
    Err(match () {
        () if holds(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]) => rsa_fault(der),
        () if is_of_another_curve(|algorithm| EcdsaKeyPair::from_pkcs8(algorithm, der).is_ok()) => {
            PrivateKeyError::Curve
        }
        () if holds(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]) && !holds(P256) => PrivateKeyError::Curve,
        () if holds(P256) || holds(&[0x2b, 0x65, 0x70]) => PrivateKeyError::Invalid,
        () => PrivateKeyError::Unsupported,
    })
}

/// The object identifier of P-256.
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

fn of_sec1(der: &[u8]) -> Result<PrivateKey, PrivateKeyError> {
    EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, der).map(PrivateKey::Ec).map_err(|_| {
        let p256 = der.windows(P256.len()).any(|it| it == P256);
        if p256 { PrivateKeyError::Invalid } else { PrivateKeyError::Curve }
    })
}

fn is_of_another_curve(reads: impl Fn(&'static EcdsaSigningAlgorithm) -> bool) -> bool {
    [&ECDSA_P384_SHA384_FIXED_SIGNING, &ECDSA_P521_SHA512_FIXED_SIGNING].into_iter().any(reads)
}

/// What is wrong with an RSA key that the library does not take: it has too few bits, as far as its length tells.
fn rsa_fault(der: &[u8]) -> PrivateKeyError {
    // A PKCS#1 key has some 4.5 times the bytes of its modulus.
    let bits = [512, 768, 1024, 1536, 2048].into_iter().find(|bits| der.len() < bits / 8 * 5).unwrap_or(16_384);
    if !(2048..=8192).contains(&bits) { PrivateKeyError::RsaSize(bits) } else { PrivateKeyError::Invalid }
}

fn of_jwk(jwk: &Value) -> Result<PrivateKey, PrivateKeyError> {
    if let Some([only]) = jwk.get("keys").and_then(Value::as_array).map(Vec::as_slice) {
        return of_jwk(only);
    }
    let member = |name: &str| {
        let text = jwk.get(name).and_then(Value::as_str).ok_or(PrivateKeyError::Invalid)?;
        BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| PrivateKeyError::Invalid)
    };
    let named = |name: &str| jwk.get(name).and_then(Value::as_str);
    if named("kty").is_none() {
        return Err(PrivateKeyError::NoKey);
    }
    if jwk.get("d").is_none() {
        return Err(PrivateKeyError::Public);
    }
    match (named("kty"), named("crv")) {
        (Some("EC"), Some("P-256")) => {
            let point = [vec![4], member("x")?, member("y")?].concat();
            let pair =
                EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, &member("d")?, &point);
            pair.map(PrivateKey::Ec).map_err(|_| PrivateKeyError::Invalid)
        }
        (Some("EC"), _) => Err(PrivateKeyError::Curve),
        (Some("OKP"), Some("Ed25519")) => {
            let pair = Ed25519KeyPair::from_seed_and_public_key(&member("d")?, &member("x")?);
            pair.map(PrivateKey::Ed).map_err(|_| PrivateKeyError::Invalid)
        }
        (Some("RSA"), _) => {
            let bits = member("n")?.len() * 8;
            if !(2048..=8192).contains(&bits) {
                return Err(PrivateKeyError::RsaSize(bits));
            }
            let numbers = ["n", "e", "d", "p", "q", "dp", "dq", "qi"].into_iter().map(member);
            let numbers: Vec<_> = numbers.collect::<Result<_, _>>()?;
            RsaKeyPair::from_der(&pkcs1(&numbers)).map(PrivateKey::Rsa).map_err(|_| PrivateKeyError::Invalid)
        }
        _ => Err(PrivateKeyError::Unsupported),
    }
}

/// Writes the numbers of an RSA key as PKCS#1 (RFC 8017, A.1.2).
fn pkcs1(numbers: &[Vec<u8>]) -> Vec<u8> {
    let version = element(2, &[0]);
    let integer = |number: &Vec<u8>| {
        let digits = number.iter().copied().skip_while(|it| *it == 0).collect::<Vec<_>>();
        // A leading bit would make it negative.
        let sign = digits.first().is_none_or(|it| *it >= 0x80).then_some(0);
        element(2, &sign.into_iter().chain(digits).collect::<Vec<_>>())
    };
    element(0x30, &std::iter::once(version).chain(numbers.iter().map(integer)).flatten().collect::<Vec<_>>())
}

/// Writes an element of DER.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length: Vec<u8> = length.into_iter().skip_while(|it| *it == 0).collect();
    let mut written = vec![tag];
    match length.as_slice() {
        [] => written.push(0),
        [short] if *short < 0x80 => written.push(*short),
        long => {
            written.push(0x80 | u8::try_from(long.len()).unwrap_or_default());
            written.extend(long);
        }
    }
    written.extend(content);
    written
}

#[cfg(test)]
mod tests;
