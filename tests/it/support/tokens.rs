//! Tokens that a real registry believes: JSON web tokens, signed by openssl.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use serde_json::json;

use super::certificates::openssl;
use super::docker_registry::{PASSWORD, USER};
use super::hostile::{Answer, Hostile};

/// Who signs.
pub(crate) const ISSUER: &str = "tokens.test";
/// For whom.
pub(crate) const SERVICE: &str = "registry.test";

/// A key that signs tokens, in a folder of its own that goes with it.
pub(crate) struct Issuer {
    folder: Arc<tempfile::TempDir>,
}

impl Issuer {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        openssl(
            folder.path(),
            "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=tokens",
        );
        Self { folder: Arc::new(folder) }
    }

    /// Returns the certificate that a registry has to know.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    /// Returns a token for scopes such as `repository:app:pull`, good for five minutes.
    pub(crate) fn token(&self, scopes: &[&str]) -> String {
        let certificate = std::fs::read_to_string(self.certificate()).unwrap();
        let certificate: String = certificate.lines().filter(|line| !line.starts_with('-')).collect();
        let header = json!({ "typ": "JWT", "alg": "RS256", "x5c": [certificate] });
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let access = scopes.iter().map(|scope| {
            let [kind, name, actions] = scope.split(':').collect::<Vec<_>>().try_into().unwrap();
            json!({ "type": kind, "name": name, "actions": actions.split(',').collect::<Vec<_>>() })
        });
        let claims = json!({
            "iss": ISSUER, "aud": SERVICE, "sub": "test", "jti": "1", "iat": now, "nbf": now - 10, "exp": now + 300,
            "access": access.collect::<Vec<_>>(),
        });
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let signed = format!("{}.{}", encode(header.to_string().as_bytes()), encode(claims.to_string().as_bytes()));
        let signature = self.sign(signed.as_bytes());
        format!("{signed}.{}", encode(&signature))
    }

    /// Starts a token server that gives whoever knows [`USER`]'s password a token for the scope that is asked for.
    pub(crate) async fn serve(&self) -> Hostile {
        let issuer = Self { folder: Arc::clone(&self.folder) };
        let login = format!("Basic {}", BASE64_STANDARD.encode(format!("{USER}:{PASSWORD}")));
        Hostile::start(move |seen| {
            if seen.header("authorization") != Some(&login) {
                return Answer::of(401, "", r#"{"errors":[{"code":"UNAUTHORIZED","message":"who are you?"}]}"#);
            }
            let (_, query) = seen.target.split_once('?').unwrap();
            let query = query.replace("%3A", ":").replace("%2F", "/");
            let scope = query.strip_prefix(&format!("service={SERVICE}&scope=")).unwrap();
            Answer::ok(&json!({ "access_token": issuer.token(&[scope]), "expires_in": 300 }).to_string())
        })
        .await
    }

    fn sign(&self, text: &[u8]) -> Vec<u8> {
        let mut command = Command::new("openssl");
        command.current_dir(self.folder.path()).args(["dgst", "-sha256", "-sign", "key.pem"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        output.stdout
    }
}
