//! Debian's docker-registry on a free loopback port, and the little of the push side of its API that fills it.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use deployment_automator::image::Digest;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::json;

use super::certificates::Certificate;
use super::tokens::{ISSUER, Issuer, SERVICE};

/// The user of a registry with Basic authentication.
pub(crate) const USER: &str = "automator";
/// The user's password; it is good for nothing but these tests.
pub(crate) const PASSWORD: &str = "loopback-only";
/// The user's line in the password file: bcrypt at its lowest cost.
const HTPASSWD: &str = "automator:$2b$05$abcdefghijklmnopqrstuucJNoj1zsjPrqk/a2HjbuRSfW87b9Cb2\n";

const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG_TYPE: &str = "application/vnd.oci.image.config.v1+json";

/// A docker-registry that runs until it is dropped, with all that it stores.
pub(crate) struct DockerRegistry {
    process: Child,
    address: SocketAddr,
    base: String,
    login: Login,
    client: reqwest::Client,
    _folder: tempfile::TempDir,
}

/// How it wants to be logged in to.
enum Login {
    Nothing,
    Basic,
    /// This token is good for pushing.
    Bearer(String),
}

impl DockerRegistry {
    /// Starts one that is open to everybody, over http.
    pub(crate) fn start() -> Self {
        Self::start_with(Login::Nothing, None, None)
    }

    /// Starts one that wants tokens signed by `issuer`, and names `realm` as the place where they are to be had; over
    /// http. Images are pushed into `repository`.
    pub(crate) fn start_with_token_auth(issuer: &Issuer, realm: &str, repository: &str) -> Self {
        let push = issuer.token(&[&format!("repository:{repository}:pull,push")]);
        let auth = json!({ "token": {
            "realm": realm, "service": SERVICE, "issuer": ISSUER, "rootcertbundle": issuer.certificate(),
        } });
        Self::start_with(Login::Bearer(push), Some(auth), None)
    }

    /// Starts one that wants the login [`USER`], [`PASSWORD`], over http.
    pub(crate) fn start_with_basic_auth() -> Self {
        Self::start_with(Login::Basic, None, None)
    }

    /// Starts one that is open to everybody, over https.
    pub(crate) fn start_with_tls(certificate: &Certificate) -> Self {
        Self::start_with(Login::Nothing, None, Some(certificate))
    }

    fn start_with(login: Login, auth: Option<serde_json::Value>, tls: Option<&Certificate>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut http = json!({ "addr": "127.0.0.1:0", "secret": "loopback" });
        if let Some(Certificate { certificate, key }) = tls {
            http["tls"] = json!({ "certificate": certificate, "key": key });
        }
        let mut config = json!({
            "version": "0.1",
            "log": { "level": "info", "formatter": "text" },
            "storage": { "filesystem": { "rootdirectory": folder.path().join("storage") } },
            "http": http,
        });
        if let Some(auth) = auth {
            config["auth"] = auth;
        }
        if matches!(login, Login::Basic) {
            let file = folder.path().join("htpasswd");
            std::fs::write(&file, HTPASSWD).unwrap();
            config["auth"] = json!({ "htpasswd": { "realm": "test", "path": file } });
        }
        let file = folder.path().join("config.yml");
        std::fs::write(&file, config.to_string()).unwrap();
        let mut command = Command::new("docker-registry");
        command.arg("serve").arg(file).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = command.spawn().expect("docker-registry is missing: apt-get install docker-registry");
        let address = read_address(&mut process);
        let base = format!("{}://{address}/v2", if tls.is_some() { "https" } else { "http" });
        Self { process, address, base, login, client: client(), _folder: folder }
    }

    /// Returns where it listens; also its name in references.
    pub(crate) fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Pushes a small image under `tag` and returns its digest. Each repository and tag makes another image.
    pub(crate) async fn push(&self, repository: &str, tag: &str) -> Digest {
        let labels = json!({ "test.repository": repository, "test.tag": tag });
        let config = json!({
            "architecture": "amd64", "os": "linux",
            "config": { "Labels": labels }, "rootfs": { "type": "layers", "diff_ids": [] },
        });
        let config = config.to_string();
        let config_digest = Digest::sha256_of(config.as_bytes());
        self.push_blob(repository, &config_digest, config.clone()).await;
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST_TYPE, "layers": [],
            "config": { "mediaType": CONFIG_TYPE, "digest": config_digest.as_str(), "size": config.len() },
        });
        let manifest = manifest.to_string();
        let digest = Digest::sha256_of(manifest.as_bytes());
        let put = self.client.put(format!("{}/{repository}/manifests/{tag}", self.base));
        self.send(put.header("Content-Type", MANIFEST_TYPE).body(manifest), StatusCode::CREATED).await;
        digest
    }

    async fn push_blob(&self, repository: &str, digest: &Digest, content: String) {
        let post = self.client.post(format!("{}/{repository}/blobs/uploads/", self.base));
        let begun = self.send(post, StatusCode::ACCEPTED).await;
        let upload = begun.headers()["location"].to_str().unwrap();
        let put = self.client.put(format!("{upload}&digest={digest}"));
        self.send(put.header("Content-Type", "application/octet-stream").body(content), StatusCode::CREATED).await;
    }

    async fn send(&self, request: RequestBuilder, expected: StatusCode) -> reqwest::Response {
        let request = match &self.login {
            Login::Nothing => request,
            Login::Basic => request.basic_auth(USER, Some(PASSWORD)),
            Login::Bearer(token) => request.bearer_auth(token),
        };
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), expected, "{}", response.url());
        response
    }
}

impl Drop for DockerRegistry {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// Returns the address that the process says it listens on, and goes on reading what it says.
fn read_address(process: &mut Child) -> SocketAddr {
    let mut lines = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
    let mut said = String::new();
    let address = lines.by_ref().find_map(|line| {
        said.push_str(&line);
        said.push('\n');
        let (_, after) = line.split_once("listening on ")?;
        after.split(['"', ',']).next()?.parse().ok()
    });
    std::thread::spawn(move || lines.for_each(drop));
    address.unwrap_or_else(|| panic!("docker-registry did not start:\n{said}"))
}

/// Returns a client for tests; it believes any certificate, since what it talks to is on loopback.
pub(crate) fn client() -> reqwest::Client {
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().tls_danger_accept_invalid_certs(true).build().unwrap()
}
