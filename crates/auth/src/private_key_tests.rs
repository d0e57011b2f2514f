//! Keys as openssl and other tools write them.

use super::*;
use crate::{ClientKeys, sign_assertion, verify_assertion};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeySize, PublicKeyComponents};

const ISSUER: &str = "https://registry.example";

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", BASE64_STANDARD.encode(der))
}

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Whether a key signs an assertion that its public half verifies.
fn works(key: &str, public: &Value) -> bool {
    let now = "2026-03-01T00:00:00Z".parse().unwrap();
    let keys = ClientKeys::from_value(&json!({ "keys": [public] })).unwrap();
    let assertion = sign_assertion(key, "clnt_1", ISSUER, now).unwrap();
    verify_assertion(&assertion, "clnt_1", &keys, ISSUER, now).is_ok()
}

#[test]
fn an_ec_key_is_taken_as_pkcs8_as_sec1_and_as_jwk() {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = pair.public_key().as_ref();
    let (x, y) = (base64url(&point[1..33]), base64url(&point[33..]));
    let public = json!({"kty": "EC", "crv": "P-256", "x": x, "y": y});
    let sec1: aws_lc_rs::encoding::EcPrivateKeyRfc5915Der<'_> = pair.private_key().as_der().unwrap();
    let secret: aws_lc_rs::encoding::EcPrivateKeyBin<'_> =
        aws_lc_rs::encoding::AsBigEndian::as_be_bytes(&pair.private_key()).unwrap();
    let parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    let mut jwk = public.clone();
    jwk["d"] = json!(base64url(secret.as_ref()));

    assert!(works(&pem("PRIVATE KEY", pair.to_pkcs8v1().unwrap().as_ref()), &public));
    assert!(works(&format!("{parameters}{}", pem("EC PRIVATE KEY", sec1.as_ref())), &public));
    assert!(works(&jwk.to_string(), &public));
    assert!(works(&json!({ "keys": [jwk] }).to_string(), &public));
}

#[test]
fn ed25519_and_rsa_keys_are_taken_too() {
    let ed = Ed25519KeyPair::generate().unwrap();
    let public = json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(ed.public_key())});
    assert!(works(&pem("PRIVATE KEY", ed.to_pkcs8v1().unwrap().as_ref()), &public));
    let seed: aws_lc_rs::encoding::Curve25519SeedBin<'_> =
        aws_lc_rs::encoding::AsBigEndian::as_be_bytes(&ed.seed().unwrap()).unwrap();
    let mut jwk = public.clone();
    jwk["d"] = json!(base64url(seed.as_ref()));
    assert!(works(&jwk.to_string(), &public));

    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let numbers = PublicKeyComponents::<Vec<u8>>::from(rsa.public_key());
    let public = json!({"kty": "RSA", "n": base64url(numbers.n), "e": base64url(numbers.e)});
    let pkcs8: aws_lc_rs::encoding::Pkcs8V1Der<'_> = rsa.as_der().unwrap();
    assert!(works(&pem("PRIVATE KEY", pkcs8.as_ref()), &public));
}

#[test]
fn what_is_wrong_with_a_key_is_said() {
    let fault = |key: &str| PrivateKey::parse(key).err();
    let p384 = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();

    assert_eq!(fault(&pem("PRIVATE KEY", p384.to_pkcs8v1().unwrap().as_ref())), Some(PrivateKeyError::Curve));
    assert_eq!(fault(&pem("ENCRYPTED PRIVATE KEY", b"x")), Some(PrivateKeyError::Encrypted));
    let old =
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: x\n\nAA==\n-----END RSA PRIVATE KEY-----";
    assert_eq!(fault(old), Some(PrivateKeyError::Encrypted));
    assert_eq!(fault(&pem("PUBLIC KEY", b"x")), Some(PrivateKeyError::Public));
    assert_eq!(fault(&pem("OPENSSH PRIVATE KEY", b"x")), Some(PrivateKeyError::Unsupported));
    assert_eq!(fault(&pem("PRIVATE KEY", b"x")), Some(PrivateKeyError::Unsupported));
    assert_eq!(fault(""), Some(PrivateKeyError::NoKey));
    assert_eq!(fault("{}"), Some(PrivateKeyError::NoKey));
    assert_eq!(fault(r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#), Some(PrivateKeyError::Public));
    assert_eq!(fault(r#"{"kty":"EC","crv":"P-384","d":"AA"}"#), Some(PrivateKeyError::Curve));
    assert_eq!(fault(r#"{"kty":"oct","k":"AA","d":"AA"}"#), Some(PrivateKeyError::Unsupported));
    assert_eq!(fault(r#"{"kty":"EC","crv":"P-256","d":"AA","x":"AA","y":"AA"}"#), Some(PrivateKeyError::Invalid));
    assert_eq!(
        fault(&json!({"kty": "RSA", "d": "AA", "n": base64url([255; 128])}).to_string()),
        Some(PrivateKeyError::RsaSize(1024))
    );
    for error in [PrivateKeyError::Encrypted, PrivateKeyError::RsaSize(1024), PrivateKeyError::NoKey] {
        assert!(!error.zh().is_ascii() && error.to_string().is_ascii());
    }
}
