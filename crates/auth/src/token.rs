//! Access tokens: ES256, `typ: at+jwt` (RFC 9068), ten minutes.
//!
//! Whether the client was revoked since is for the caller: a token says only what was granted.

use crate::{
    JwsError, Scopes,
    jws::{self, NumericDate},
};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::{Engine, prelude::BASE64_STANDARD};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, encode,
    jwk::{Jwk, PublicKeyUse, ThumbprintHash},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

/// How long a token lives.
pub const TTL: SignedDuration = SignedDuration::from_secs(600);
const TYPE: &str = "at+jwt";

/// The token key cannot be read, made or used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a usable P-256 private key: an unencrypted PKCS#8 PEM block `PRIVATE KEY` is expected")]
pub struct TokenKeyError;

/// The private key that signs access tokens, shared by all replicas.
#[derive(Clone, Debug)]
pub struct TokenKey {
    encoding: EncodingKey,
    decoding: DecodingKey,
    jwk: Jwk,
    kid: String,
}

impl TokenKey {
    /// Makes a new key.
    ///
    /// # Errors
    /// `TokenKeyError` when there is no randomness.
    pub fn generate() -> Result<Self, TokenKeyError> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| TokenKeyError)?;
        let der = pair.to_pkcs8v1().map_err(|_| TokenKeyError)?;
        Self::of(EncodingKey::from_ec_der(der.as_ref()))
    }

    /// Reads a key from PEM.
    ///
    /// # Errors
    /// `TokenKeyError` when it is no P-256 key in PKCS#8.
    pub fn from_pem(pem: &str) -> Result<Self, TokenKeyError> {
        EncodingKey::from_ec_pem(pem.as_bytes()).map_err(|_| TokenKeyError).and_then(Self::of)
    }

    /// Writes the private key as PEM.
    pub fn to_pem(&self) -> String {
        // 48 bytes are one line of 64 characters.
        let lines: Vec<_> = self.encoding.as_bytes().chunks(48).map(|it| BASE64_STANDARD.encode(it)).collect();
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
    }

    /// Names the key: its RFC 7638 thumbprint.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Gives the public key, for the JWKS.
    pub fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    fn of(encoding: EncodingKey) -> Result<Self, TokenKeyError> {
        let mut jwk = Jwk::from_encoding_key(&encoding, Algorithm::ES256).map_err(|_| TokenKeyError)?;
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| TokenKeyError)?;
        jwk.common.key_id = Some(kid.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        let decoding = DecodingKey::from_jwk(&jwk).map_err(|_| TokenKeyError)?;
        Ok(Self { encoding, decoding, jwk, kid })
    }
}

/// Makes an ES256 key for a client: its private PEM and the JWKS to register.
///
/// # Errors
/// `TokenKeyError` when there is no randomness.
pub fn generate_client_key() -> Result<(String, String), TokenKeyError> {
    let key = TokenKey::generate()?;
    Ok((key.to_pem(), json!({ "keys": [key.jwk()] }).to_string()))
}

/// What a token is to grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The client.
    pub client_id: String,
    /// The organisation for which it acts.
    pub organisation: String,
    /// The opaque name of who holds its keys.
    pub holder: String,
    /// What it may do.
    pub scopes: Scopes,
    /// The key that must be proved to be had with each use of the token, by its thumbprint (RFC 9449); none where
    /// whoever bears it may use it.
    pub bound_to: Option<String>,
}

/// What a verified token grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// The client.
    pub client_id: String,
    /// The organisation for which it acts.
    pub organisation: String,
    /// The opaque name of who holds its keys.
    pub holder: String,
    /// What it may do.
    pub scopes: Scopes,
    /// From when on the token is worth nothing.
    pub expires_at: Timestamp,
    /// The token's name.
    pub jti: String,
    /// The key that must be proved to be had, by its thumbprint; none for a bearer token.
    pub bound_to: Option<String>,
}

/// Why a token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is no JWS of our key.
    #[error(transparent)]
    Jws(#[from] JwsError),
    /// Its `typ` is not `at+jwt`.
    #[error("not an access token: `typ` must be `at+jwt`")]
    WrongType,
    /// It is of another issuer or for another audience.
    #[error("the token is of another issuer or for another audience")]
    Foreign,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
}

/// Who makes and checks tokens.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// Our name as issuer, an https URL.
    pub issuer: String,
    /// The API for which the tokens are.
    pub audience: String,
    /// The key that signs.
    pub key: TokenKey,
}

#[derive(Serialize)]
struct NewClaims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    client_id: &'a str,
    organisation: &'a str,
    holder: &'a str,
    scope: String,
    iat: i64,
    exp: i64,
    jti: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
}

/// To which key a token is bound (RFC 7800, RFC 9449 §6.1).
#[derive(Serialize, Deserialize)]
struct Confirmation {
    jkt: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    client_id: String,
    organisation: String,
    holder: String,
    scope: String,
    exp: NumericDate,
    jti: String,
    cnf: Option<Confirmation>,
}

impl Issuer {
    /// Makes a token and says for how many seconds it is good.
    pub fn issue(&self, grant: &Grant, now: Timestamp) -> Result<(String, i64), TokenKeyError> {
        let (iat, expires_in) = (now.as_second(), TTL.as_secs());
        let claims = NewClaims {
            iss: &self.issuer,
            aud: &self.audience,
            sub: &grant.client_id,
            client_id: &grant.client_id,
            organisation: &grant.organisation,
            holder: &grant.holder,
            scope: grant.scopes.to_string(),
            iat,
            exp: iat.saturating_add(expires_in),
            jti: Uuid::new_v4().to_string(),
            cnf: grant.bound_to.clone().map(|jkt| Confirmation { jkt }),
        };
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.key.kid.clone());
        let token = encode(&header, &claims, &self.key.encoding).map_err(|_| TokenKeyError)?;
        Ok((token, expires_in))
    }

    /// Checks a token.
    ///
    /// # Errors
    /// One variant of `TokenError` for each rule it breaks, the signature before the claims.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Access, TokenError> {
        let header = jws::header(token)?;
        if header.typ.as_deref() != Some(TYPE) {
            return Err(TokenError::WrongType);
        }
        if header.kid.as_deref() != Some(self.key.kid()) {
            return Err(JwsError::UnknownKey.into());
        }
        let claims: Claims = jws::claims(token, Algorithm::ES256, &self.key.decoding)?;
        if claims.iss != self.issuer || claims.aud != self.audience {
            return Err(TokenError::Foreign);
        }
        let NumericDate(expires_at) = claims.exp;
        if expires_at <= now {
            return Err(TokenError::Expired);
        }
        Ok(Access {
            client_id: claims.client_id,
            organisation: claims.organisation,
            holder: claims.holder,
            scopes: Scopes::known(&claims.scope),
            expires_at,
            jti: claims.jti,
            bound_to: claims.cnf.map(|it| it.jkt),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;
    use std::sync::LazyLock;

    static NOW: LazyLock<Timestamp> = LazyLock::new(|| "2026-03-01T00:00:00.25Z".parse().unwrap());
    static ISSUER: LazyLock<Issuer> = LazyLock::new(|| Issuer {
        issuer: "https://registry.example".to_owned(),
        audience: "https://registry.example/v1".to_owned(),
        key: TokenKey::generate().unwrap(),
    });

    fn grant() -> Grant {
        Grant {
            client_id: "cli_1".to_owned(),
            organisation: "org_1".to_owned(),
            holder: "holder-1".to_owned(),
            scopes: "certificates:push read:private".parse().unwrap(),
            bound_to: None,
        }
    }

    fn token() -> String {
        ISSUER.issue(&grant(), *NOW).unwrap().0
    }

    fn after(seconds: i64) -> Timestamp {
        *NOW + SignedDuration::from_secs(seconds)
    }

    fn signed(header: &Header, key: &EncodingKey) -> Result<Access, TokenError> {
        let claims = json!({"iss": ISSUER.issuer, "aud": ISSUER.audience, "sub": "cli_1", "client_id": "cli_1",
            "organisation": "org_1", "holder": "h", "scope": "", "exp": NOW.as_second() + 60, "jti": "a"});
        ISSUER.verify(&encode(header, &claims, key).unwrap(), *NOW)
    }

    fn header(alg: Algorithm) -> Header {
        let mut header = Header::new(alg);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(ISSUER.key.kid().to_owned());
        header
    }

    #[test]
    fn a_token_grants_what_was_granted_for_ten_minutes() {
        let (token, expires_in) = ISSUER.issue(&grant(), *NOW).unwrap();
        let (twin, _) = ISSUER.issue(&grant(), *NOW).unwrap();

        let access = ISSUER.verify(&token, after(599)).unwrap();

        assert_eq!(expires_in, 600);
        assert_eq!((access.client_id.as_str(), access.organisation.as_str()), ("cli_1", "org_1"));
        assert_eq!((access.holder.as_str(), access.scopes), ("holder-1", grant().scopes));
        assert_eq!(access.expires_at.to_string(), "2026-03-01T00:10:00Z");
        assert_eq!(ISSUER.verify(&token, after(600)), Err(TokenError::Expired));
        assert_ne!(access.jti, ISSUER.verify(&twin, *NOW).unwrap().jti);
    }

    #[test]
    fn a_token_says_to_which_key_it_is_bound() {
        let bound_to = Some("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k".to_owned());
        let (token, _) = ISSUER.issue(&Grant { bound_to: bound_to.clone(), ..grant() }, *NOW).unwrap();

        assert_eq!(ISSUER.verify(&token, *NOW).unwrap().bound_to, bound_to);
        assert_eq!(jws::peek::<Value>(&token).unwrap()["cnf"], json!({ "jkt": bound_to }), "RFC 9449 §6.1");
    }

    #[test]
    fn the_header_is_the_one_of_rfc_9068() {
        let header: Value = serde_json::to_value(jsonwebtoken::decode_header(token()).unwrap()).unwrap();

        assert_eq!(header, json!({"typ": "at+jwt", "alg": "ES256", "kid": ISSUER.key.kid()}));
    }

    #[test]
    fn foreign_tokens_are_refused() {
        let other = |issuer: &str, audience: &str, key: &TokenKey| {
            let issuer = Issuer { issuer: issuer.to_owned(), audience: audience.to_owned(), key: key.clone() };
            ISSUER.verify(&issuer.issue(&grant(), *NOW).unwrap().0, *NOW).unwrap_err()
        };
        let stranger = TokenKey::generate().unwrap();
        let named_like_ours = TokenKey { kid: ISSUER.key.kid.clone(), ..stranger.clone() };

        assert_eq!(other("https://other.example", &ISSUER.audience, &ISSUER.key), TokenError::Foreign);
        assert_eq!(other(&ISSUER.issuer, "https://other.example/v1", &ISSUER.key), TokenError::Foreign);
        assert_eq!(other(&ISSUER.issuer, &ISSUER.audience, &stranger), JwsError::UnknownKey.into());
        assert_eq!(other(&ISSUER.issuer, &ISSUER.audience, &named_like_ours), JwsError::Signature.into());
    }

    #[test]
    fn another_type_or_algorithm_is_refused() {
        let key = &ISSUER.key.encoding;
        let secret = EncodingKey::from_secret(ISSUER.key.decoding.try_get_as_bytes().unwrap());
        let with = |change: fn(&mut Header)| {
            let mut header = header(Algorithm::ES256);
            change(&mut header);
            signed(&header, key).map(|it| it.jti)
        };

        assert_eq!(with(|_| ()), Ok("a".to_owned()));
        assert_eq!(with(|it| it.typ = None), Err(TokenError::WrongType));
        assert_eq!(with(|it| it.typ = Some("JWT".to_owned())), Err(TokenError::WrongType));
        assert_eq!(with(|it| it.kid = None), Err(JwsError::UnknownKey.into()));
        assert_eq!(with(|it| it.crit = Some(vec!["exp".to_owned()])), Err(JwsError::Critical.into()));
        assert_eq!(signed(&header(Algorithm::HS256), &secret), Err(JwsError::WrongAlgorithm.into()));
    }

    #[test]
    fn a_key_reads_back_from_its_pem_and_does_not_show_itself() {
        let pem = ISSUER.key.to_pem();

        assert_eq!(TokenKey::from_pem(&pem).unwrap().jwk(), ISSUER.key.jwk());
        assert_eq!(TokenKey::from_pem(&pem).unwrap().to_pem(), pem);
        assert!(pem.lines().all(|line| line.len() <= 64));
        assert!(format!("{:?}", ISSUER.key).contains("redacted"));
        let p384 = EcdsaKeyPair::generate(&aws_lc_rs::signature::ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
        assert_eq!(
            TokenKey::of(EncodingKey::from_ec_der(p384.to_pkcs8v1().unwrap().as_ref())).unwrap_err(),
            TokenKeyError
        );
    }

    proptest! {
        #[test]
        fn a_changed_token_is_refused(at: prop::sample::Index, with in "[A-Za-z0-9_-]") {
            let token = token();
            let at = at.index(token.len());
            let mut changed = token.clone();
            changed.replace_range(at..=at, &with);
            prop_assume!(changed != token);
            prop_assert!(ISSUER.verify(&changed, *NOW).is_err());
        }

        #[test]
        fn no_text_makes_it_panic(text: String) {
            prop_assert!(ISSUER.verify(&text, *NOW).is_err());
        }
    }
}
