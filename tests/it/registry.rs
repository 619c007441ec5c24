//! Reading registries: Debian's docker-registry, the embedded one, and servers that do everything wrong.

mod realms;
mod scripted;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use deployment_automator::demo::registry::{EmbeddedRegistry, Options};
use deployment_automator::image::{Digest, Registry, Repository, TagList, TagRef};
use deployment_automator::registry::{Client, Credentials, Patience, RegistryError, RegistrySettings, TokenHost};
use deployment_automator::secret::SecretSource;
use tempfile::TempDir;

use crate::support::certificates::{Authority, Certificate};
use crate::support::docker_registry::{self, DockerRegistry, PASSWORD, USER};
use crate::support::hostile::{Answer, Hostile, Seen};

// Helpers: they alone know the API.

fn settings(address: impl ToString + Copy) -> RegistrySettings {
    let mut settings = RegistrySettings::new(Registry::parse(&address.to_string()).unwrap());
    settings.plain_http = true;
    settings
}

/// Returns a client that waits only milliseconds between two attempts.
fn client(settings: RegistrySettings) -> Client {
    let quick = (Duration::from_millis(1), Duration::from_millis(50));
    Client::with_patience(
        vec![settings],
        Patience { first_wait: quick.0, longest_wait: quick.1, ..Patience::default() },
    )
    .unwrap()
}

fn repository(address: impl ToString + Copy, path: &str) -> Repository {
    Repository::parse(&format!("{}/{path}", address.to_string())).unwrap()
}

/// Writes a login into files and returns where they are.
fn login(folder: &TempDir, user: &str, password: &str) -> Credentials {
    let write = |name: &str, content: &str| {
        std::fs::write(folder.path().join(name), format!("{content}\n")).unwrap();
        SecretSource::File(folder.path().join(name))
    };
    Credentials::Basic { username: write("user", user), password: write("password", password) }
}

/// Returns the tags, sorted and joined, or the error with its remedy and `HOST` for the address.
fn outcome(listed: Result<TagList, RegistryError>, address: impl ToString + Copy) -> String {
    match listed {
        Ok(tags) => {
            let mut tags: Vec<&str> = tags.iter().map(TagRef::as_str).collect();
            tags.sort_unstable();
            tags.join(" ")
        }
        Err(error) => failure(&error, address),
    }
}

fn failure(error: &RegistryError, address: impl ToString + Copy) -> String {
    let kind = if error.is_unavailable() { "unavailable" } else { "refused" };
    format!("{kind}: {error}; {}", error.remedy()).replace(&address.to_string(), "HOST")
}

/// Returns the outcome of listing `app` from a server that answers by this script.
async fn check(script: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> String {
    let server = Hostile::start(script).await;
    list(&server).await
}

async fn list(server: &Hostile) -> String {
    list_with(&client(settings(server.address)), server).await
}

async fn list_with(client: &Client, server: &Hostile) -> String {
    outcome(client.list(&repository(server.address, "app")).await, server.address)
}

/// Returns the outcome of asking for the digest of `app:1` of a server that answers by this script.
async fn check_digest(script: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> String {
    let server = Hostile::start(script).await;
    let found = client(settings(server.address)).digest(&repository(server.address, "app"), tag("1")).await;
    found.map_or_else(|error| failure(&error, server.address), |digest| digest.to_string())
}

fn tag(text: &str) -> TagRef<'_> {
    TagRef::parse(text).unwrap()
}

/// Returns `count` tags from `v{from}` on.
fn tags(from: usize, count: usize) -> Vec<String> {
    (from..from + count).map(|number| format!("v{number:06}")).collect()
}

fn query<'q>(seen: &'q Seen, name: &str) -> Option<&'q str> {
    let (_, query) = seen.target.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

// Debian's docker-registry.

#[tokio::test]
async fn a_docker_registry_is_read_completely() {
    let server = DockerRegistry::start();
    let app = repository(server.addr(), "team/app");
    for name in ["1.0.0", "1.1.0", "latest"] {
        server.push("team/app", name).await;
    }
    let digest = server.push("team/app", "2.0.0").await;
    let client = client(settings(server.addr()));
    assert_eq!(outcome(client.list(&app).await, ""), "1.0.0 1.1.0 2.0.0 latest");
    assert_eq!(client.digest(&app, tag("2.0.0")).await.unwrap(), digest);
    assert_ne!(client.digest(&app, tag("1.0.0")).await.unwrap(), digest);
}

#[tokio::test]
async fn a_docker_registry_says_what_it_has_not() {
    let server = DockerRegistry::start();
    server.push("app", "1").await;
    let client = client(settings(server.addr()));
    let missing = client.list(&repository(server.addr(), "other")).await.unwrap_err();
    let expected = "refused: there is no repository `HOST/other`; check the policy's `image`, and whether it needs a \
        login to be seen";
    assert_eq!(failure(&missing, server.addr()), expected);
    let missing = client.digest(&repository(server.addr(), "app"), tag("2")).await.unwrap_err();
    let expected = "refused: there is no tag `2` in `HOST/app`; check whether the tag was deleted";
    assert_eq!(failure(&missing, server.addr()), expected);
}

#[tokio::test]
async fn a_login_is_read_from_its_files_at_each_use() {
    let server = DockerRegistry::start_with_basic_auth();
    let app = repository(server.addr(), "app");
    let digest = server.push("app", "1").await;
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(server.addr());
    let without = client(settings.clone());
    settings.credentials = Some(login(&folder, USER, "wrong"));
    let with = client(settings);
    assert_eq!(
        outcome(without.list(&app).await, server.addr()),
        "refused: the registry of `HOST/app` refused a request without a login: \"UNAUTHORIZED authentication \
         required\"; name a login for this registry under `auth`"
    );
    assert_eq!(
        outcome(with.list(&app).await, server.addr()),
        "refused: the registry of `HOST/app` refused our login: \"UNAUTHORIZED authentication required\"; check the \
         login's files and what it may pull"
    );
    login(&folder, USER, PASSWORD);
    assert_eq!(outcome(with.list(&app).await, server.addr()), "1");
    assert_eq!(with.digest(&app, tag("1")).await.unwrap(), digest);
}

#[tokio::test]
async fn a_login_that_cannot_be_read_is_named() {
    let mut settings = settings("127.0.0.1:1");
    let missing = SecretSource::File("/nonexistent/password".into());
    settings.credentials = Some(Credentials::Basic { username: missing.clone(), password: missing });
    let error = client(settings).list(&repository("127.0.0.1:1", "app")).await.unwrap_err();
    assert_eq!(
        failure(&error, "127.0.0.1:1"),
        "refused: the login or certificates for `HOST` cannot be read: the file `/nonexistent/password` cannot be read: \
         No such file or directory (os error 2); check the path or the variable, and who may read it"
    );
}

/// Returns the outcome of listing over https from a registry with this certificate, where `trusted` is known.
async fn check_tls(certificate: &Certificate, trusted: Option<&Authority>) -> String {
    let server = DockerRegistry::start_with_tls(certificate);
    server.push("app", "1").await;
    let mut settings = settings(server.addr());
    settings.plain_http = false;
    settings.ca = trusted.map(|authority| SecretSource::File(authority.certificate()));
    outcome(client(settings).list(&repository(server.addr(), "app")).await, server.addr())
}

const FAR: &str = "20991231235959Z";

#[tokio::test]
async fn https_needs_an_authority_that_is_known() {
    // Both have the same name.
    let (ours, other) = (Authority::new(), Authority::new());
    let certificate = ours.issue("IP:127.0.0.1", FAR);
    assert_eq!(check_tls(&certificate, Some(&ours)).await, "1");
    let unknown = "refused: `HOST/app` cannot be read: https://HOST is not trusted: invalid peer certificate: \
        UnknownIssuer; name the PEM file of the authority that signed its certificate in `caFile`";
    assert_eq!(check_tls(&certificate, None).await, unknown);
    assert_eq!(check_tls(&certificate, Some(&other)).await, unknown.replace("UnknownIssuer", "BadSignature"));
}

#[tokio::test]
async fn https_needs_a_certificate_that_is_right() {
    let ours = Authority::new();
    for (certificate, cause, remedy) in [
        (ours.issue("IP:127.0.0.1", "20200201000000Z"), "expired", "renew the server's certificate, and check this"),
        (ours.issue("DNS:registry.example.com", FAR), "registry.example.com", "use a name that the certificate is for"),
        (ours.own(), "CaUsedAsEndEntity", "give the server a certificate that an authority signed"),
    ] {
        let refused = check_tls(&certificate, Some(&ours)).await;
        assert!(refused.starts_with("refused: `HOST/app` cannot be read: https://HOST is not trusted: "), "{refused}");
        assert!(refused.contains(cause) && refused.contains(&format!("; {remedy}")), "{refused}");
    }
}

#[tokio::test]
async fn certificates_that_are_none_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("ca.pem");
    for (content, cause) in [
        ("hello", "the content of `caFile` has no certificate"),
        (
            "-----BEGIN CERTIFICATE-----\n%\n-----END CERTIFICATE-----\n",
            "the content of `caFile` is not PEM certificates",
        ),
    ] {
        std::fs::write(&file, content).unwrap();
        let mut settings = settings("127.0.0.1:1");
        settings.ca = Some(SecretSource::File(file.clone()));
        let listed = client(settings).list(&repository("127.0.0.1:1", "app")).await;
        let outcome = outcome(listed, "127.0.0.1:1");
        assert!(outcome.contains(&format!("no certificates to check http://HOST by: {cause}; install")), "{outcome}");
    }
}

#[tokio::test]
async fn https_is_not_tried_as_http_nor_http_as_https() {
    let server = Hostile::start(|_| Answer::ok(r#"{"tags":["1"]}"#)).await;
    let mut https = settings(server.address);
    https.plain_http = false;
    let refused = list_with(&client(https), &server).await;
    assert!(refused.starts_with("refused: `HOST/app` cannot be read: https://HOST is not trusted: "), "{refused}");
    assert!(refused.ends_with("; check the port; if the server has no https, say `plainHttp: true` for this host"));
}

// The embedded registry.

#[tokio::test]
async fn the_embedded_registry_is_honest() {
    let options = Options { login: Some(("robot".into(), "s3cret".into())), page_max: Some(7) };
    let server = EmbeddedRegistry::start_with(options).await.unwrap();
    let app = server.repository("team/app").unwrap();
    let names = tags(0, 50);
    let digests: Vec<Digest> = names.iter().map(|name| server.push(&app, tag(name))).collect();
    assert_eq!(server.push(&app, tag(&names[3])), digests[3]);
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(server.addr());
    settings.credentials = Some(login(&folder, "robot", "s3cret"));
    let client = client(settings);
    assert_eq!(outcome(client.list(&app).await, ""), names.join(" "));
    for (name, digest) in names.iter().zip(&digests) {
        assert_eq!(&client.digest(&app, tag(name)).await.unwrap(), digest);
    }
    login(&folder, "robot", "wrong");
    assert!(matches!(client.list(&app).await, Err(RegistryError::Denied { .. })));
}

#[tokio::test]
async fn the_embedded_registry_serves_whole_images() {
    let server = EmbeddedRegistry::start().await.unwrap();
    let digest = server.push(&server.repository("team/app").unwrap(), tag("1"));
    let get = async |path: String| {
        let url = format!("http://{}/v2/team/app/{path}", server.addr());
        docker_registry::client().get(url).send().await.unwrap().error_for_status().unwrap().bytes().await.unwrap()
    };
    let by_tag = get("manifests/1".to_owned()).await;
    assert_eq!(Digest::sha256_of(&by_tag), digest);
    assert_eq!(get(format!("manifests/{digest}")).await, by_tag);
    let manifest: serde_json::Value = serde_json::from_slice(&by_tag).unwrap();
    let config = manifest["config"]["digest"].as_str().unwrap();
    assert_eq!(Digest::sha256_of(&get(format!("blobs/{config}")).await).as_str(), config);
}

#[tokio::test]
async fn an_embedded_registry_ends_when_it_is_dropped() {
    let server = EmbeddedRegistry::start().await.unwrap();
    let app = server.repository("app").unwrap();
    server.push(&app, tag("1"));
    let client = client(settings(server.addr()));
    assert_eq!(outcome(client.list(&app).await, ""), "1");
    drop(server);
    let ended = async {
        while !matches!(client.list(&app).await, Err(RegistryError::Unreachable { .. })) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), ended).await.unwrap();
}

// Where credentials go, and where nothing goes.

async fn canary() -> Hostile {
    Hostile::start(|_| Answer::page(&["stolen"], "")).await
}

/// Returns a client with a login for this server.
fn client_with_login(server: &Hostile, folder: &TempDir) -> Client {
    let mut settings = settings(server.address);
    settings.credentials = Some(login(folder, "robot", "s3cret-canary"));
    client(settings)
}

#[tokio::test]
async fn a_link_to_another_host_contacts_nobody() {
    let (evil, folder) = (canary().await, tempfile::tempdir().unwrap());
    let next = format!("http://{}/v2/app/tags/list?last=1", evil.address);
    let server = Hostile::start(move |seen| match (seen.header("authorization"), query(seen, "last")) {
        (None, _) => Answer::of(401, "WWW-Authenticate: Basic\r\n", ""),
        (Some(_), None) => Answer::page(&["1"], &next),
        (Some(_), Some(_)) => Answer::page(&["2"], ""),
    })
    .await;
    assert_eq!(list_with(&client_with_login(&server, &folder), &server).await, "1 2");
    let first = "/v2/app/tags/list?n=1000";
    assert_eq!(server.targets(), [first, first, "/v2/app/tags/list?last=1"]);
    assert!(evil.seen().is_empty());
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for status in [301, 302, 303, 307, 308] {
        let (evil, folder) = (canary().await, tempfile::tempdir().unwrap());
        let location = format!("Location: http://u:p@{}/v2/app/tags/list\r\n", evil.address);
        let server = Hostile::start(move |_| Answer::of(status, &location, "")).await;
        let client = client_with_login(&server, &folder);
        let listed = list_with(&client, &server).await.replace(&evil.address.to_string(), "EVIL");
        let expected = "refused: the registry of `HOST/app` redirects to http://EVIL, which is not followed; name the \
            address that answers as the registry's `endpoint`";
        assert_eq!(listed, expected);
        let digest = client.digest(&repository(server.address, "app"), tag("1")).await;
        assert!(matches!(digest, Err(RegistryError::Redirected { .. })), "{digest:?}");
        assert!(evil.seen().is_empty());
    }
}

#[tokio::test]
async fn what_a_server_says_is_made_safe_and_the_login_is_cut_out() {
    let folder = tempfile::tempdir().unwrap();
    let server = Hostile::start(|seen| {
        let sent = seen.header("authorization").unwrap_or_default();
        Answer::of(403, "", &format!("no\x1b[2J way\nwith {sent} alias s3cret-canary"))
    })
    .await;
    let denied = list_with(&client_with_login(&server, &folder), &server).await.to_ascii_lowercase();
    assert!(
        denied.contains(
            "refused our login: \"no [2j way with basic [redacted] alias [redacted]\"; check the login's files"
        ),
        "{denied}"
    );
}

#[tokio::test]
async fn a_login_is_in_no_log_at_any_level() {
    let log = Arc::new(std::sync::Mutex::new(Vec::new()));
    let writer = Arc::clone(&log);
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || Log(Arc::clone(&writer)));
    let guard = tracing::subscriber::set_default(subscriber.finish());
    let folder = tempfile::tempdir().unwrap();
    let server = Hostile::start(|seen| match (seen.number, query(seen, "token")) {
        (0, _) => Answer::of(500, "", "broken"),
        (_, None) => Answer::page(&["1"], "?token=page-canary"),
        (_, Some(_)) => Answer::page(&["2"], ""),
    })
    .await;
    assert_eq!(list_with(&client_with_login(&server, &folder), &server).await, "1 2");
    let server = tokens::server("t0ken-canary", |_| None).await;
    assert_eq!(list_with(&client_with_login(&server, &folder), &server).await, "1");
    let refresh = tokens::client_with_refresh_token(&server, &folder, "r3fresh-canary");
    assert_eq!(list_with(&refresh, &server).await, "1");
    drop(guard);
    let log = String::from_utf8(log.lock().unwrap().clone()).unwrap();
    for said in ["/v2/app/tags/list answered 500 to GET", "listed 2 tags", "wants a token for", "answered 200 to POST"]
    {
        assert!(log.contains(said), "{said}: {log}");
    }
    // "robot:s3cret-canary" in base64.
    for secret in ["s3cret-canary", "cm9ib3Q6czNjcmV0LWNhbmFyeQ==", "page-canary", "t0ken-canary", "r3fresh-canary"] {
        assert!(!log.contains(secret), "{log}");
    }
}

struct Log(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Set where this program was started by itself, to see what its environment does.
const AGAIN: &str = "AUTOMATOR_TEST_AGAIN";

/// Runs one of these tests in a process of its own, with this environment.
async fn run_again(test: &str, environment: &[(&str, &str)]) {
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", &format!("registry::{test}")]).env_remove("no_proxy").env_remove("NO_PROXY");
    again.env(AGAIN, "1").envs(environment.iter().copied());
    let output = tokio::task::spawn_blocking(move || again.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[tokio::test]
async fn the_proxy_of_the_environment_is_asked_but_not_for_loopback() {
    if std::env::var_os(AGAIN).is_some() {
        assert_eq!(check(|_| Answer::page(&["direct"], "")).await, "direct");
        let app = repository("registry.invalid", "app");
        assert_eq!(outcome(client(settings("registry.invalid")).list(&app).await, ""), "proxied");
        return;
    }
    let proxy = Hostile::start(|_| Answer::page(&["proxied"], "")).await;
    let address = format!("http://{}", proxy.address);
    run_again("the_proxy_of_the_environment_is_asked_but_not_for_loopback", &[("http_proxy", &address)]).await;
    assert_eq!(proxy.targets(), ["http://registry.invalid/v2/app/tags/list?n=1000"]);
}

#[tokio::test]
async fn a_system_without_certificates_can_still_read_from_loopback() {
    if std::env::var_os(AGAIN).is_some() {
        assert_eq!(check(|_| Answer::page(&["1"], "")).await, "1");
        let mut settings = settings("127.0.0.1:1");
        settings.plain_http = false;
        let listed = client(settings).list(&repository("127.0.0.1:1", "app")).await;
        let expected = "refused: `HOST/app` cannot be read: no certificates to check https://HOST by: ";
        assert!(outcome(listed, "127.0.0.1:1").starts_with(expected));
        return;
    }
    let none = [("SSL_CERT_FILE", "/nonexistent"), ("SSL_CERT_DIR", "/nonexistent")];
    run_again("a_system_without_certificates_can_still_read_from_loopback", &none).await;
}
