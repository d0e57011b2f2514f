//! Keys as openssl and other tools write them.

use super::*;
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};
use serde_json::json;

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", BASE64_STANDARD.encode(der))
}

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Whether what a key signs is verified by its public half.
fn works(key: &str, (algorithm, public): (&'static dyn VerificationAlgorithm, &[u8])) -> bool {
    let token = PrivateKey::parse(key).unwrap().jwt(&json!({ "iss": "clnt_1" })).unwrap();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
    UnparsedPublicKey::new(algorithm, public).verify(message.as_bytes(), &signature).is_ok()
}

#[test]
fn an_ec_key_is_taken_as_pkcs8_as_sec1_and_as_jwk() {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = pair.public_key().as_ref();
    let (x, y) = (base64url(&point[1..33]), base64url(&point[33..]));
    let public: (&'static dyn VerificationAlgorithm, &[u8]) = (&ECDSA_P256_SHA256_FIXED, point);
    let sec1: aws_lc_rs::encoding::EcPrivateKeyRfc5915Der<'_> = pair.private_key().as_der().unwrap();
    let secret: aws_lc_rs::encoding::EcPrivateKeyBin<'_> =
        aws_lc_rs::encoding::AsBigEndian::as_be_bytes(&pair.private_key()).unwrap();
    let parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": x, "y": y, "d": base64url(secret.as_ref())});

    assert!(works(&pem("PRIVATE KEY", pair.to_pkcs8v1().unwrap().as_ref()), public));
    assert!(works(&format!("{parameters}{}", pem("EC PRIVATE KEY", sec1.as_ref())), public));
    assert!(works(&jwk.to_string(), public));
    assert!(works(&json!({ "keys": [jwk] }).to_string(), public));
}

#[test]
fn ed25519_and_rsa_keys_are_taken_too() {
    let ed = Ed25519KeyPair::generate().unwrap();
    let public: (&'static dyn VerificationAlgorithm, &[u8]) = (&ED25519, ed.public_key().as_ref());
    let seed: aws_lc_rs::encoding::Curve25519SeedBin<'_> =
        aws_lc_rs::encoding::AsBigEndian::as_be_bytes(&ed.seed().unwrap()).unwrap();
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(public.1), "d": base64url(seed.as_ref())});
    assert!(works(&pem("PRIVATE KEY", ed.to_pkcs8v1().unwrap().as_ref()), public));
    assert!(works(&jwk.to_string(), public));

    let rsa = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let pkcs8: aws_lc_rs::encoding::Pkcs8V1Der<'_> = rsa.as_der().unwrap();
    let public = rsa.public_key().as_ref();
    assert!(works(&pem("PRIVATE KEY", pkcs8.as_ref()), (&RSA_PKCS1_2048_8192_SHA256, public)));
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
