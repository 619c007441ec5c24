//! An honest registry on loopback: small enough to start in a millisecond, for the demonstration, the tests and
//! the benchmarks.
//!
//! It answers the part of the OCI distribution API that is needed to read (lists with `n` and `last`, manifests,
//! blobs) and keeps everything in memory. It takes nothing over the network and never misbehaves: servers that
//! do belong to the tests.

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, LINK, WWW_AUTHENTICATE};
use axum::http::{HeaderName, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Serialize;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::image::{Digest, ImageError, Repository, Tag, TagRef};

const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG_TYPE: &str = "application/vnd.oci.image.config.v1+json";
const DIGEST_HEADER: HeaderName = HeaderName::from_static("docker-content-digest");

/// What an embedded registry may be told.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A user and password that every request has to bring; anybody may read without it.
    pub login: Option<(String, String)>,
    /// The most tags in one page, whatever is asked for; without it only `n` limits a page.
    pub page_max: Option<usize>,
}

/// A registry that runs until it is dropped.
#[derive(Debug)]
pub struct EmbeddedRegistry {
    address: SocketAddr,
    content: Arc<Mutex<Content>>,
    /// Ends the server when it is dropped.
    _stop: oneshot::Sender<()>,
}

/// What was pushed.
#[derive(Debug, Default)]
struct Content {
    repositories: BTreeMap<String, BTreeMap<Tag, Digest>>,
    /// Manifests and configurations, each with its media type.
    blobs: BTreeMap<Digest, (&'static str, Vec<u8>)>,
}

/// A page of tags as the distribution specification has it.
#[derive(Serialize)]
struct Page<'p> {
    name: &'p str,
    tags: Vec<&'p str>,
}

impl EmbeddedRegistry {
    /// Starts an empty registry on a free port of loopback, open to everybody.
    pub async fn start() -> io::Result<Self> {
        Self::start_with(Options::default()).await
    }

    /// Starts an empty registry on a free port of loopback.
    pub async fn start_with(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let content = Arc::new(Mutex::new(Content::default()));
        let (stop, stopped) = oneshot::channel::<()>();
        let server = Arc::new(Server { content: Arc::clone(&content), options });
        let router = Router::new().fallback(answer).with_state(server);
        tokio::spawn(async move {
            let stopped = async move { stopped.await.unwrap_or_default() };
            // It ends when this side is dropped, or not at all: it has no other error.
            let _ended = axum::serve(listener, router).with_graceful_shutdown(stopped).await;
        });
        Ok(Self { address, content, _stop: stop })
    }

    /// Returns the address: `127.0.0.1` and the port.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Returns the repository of this registry with the path `path`, under the name that references give it.
    pub fn repository(&self, path: &str) -> Result<Repository, ImageError> {
        Repository::parse(&format!("{}/{path}", self.address))
    }

    /// Pushes a small image under `tag`, or moves the tag to it, and returns its digest. The same path and tag
    /// always make the same image, and any other path or tag another one.
    pub fn push(&self, repository: &Repository, tag: TagRef<'_>) -> Digest {
        let (config, manifest) = image(repository.path(), tag.as_str());
        let (config_digest, digest) = (Digest::sha256_of(&config), Digest::sha256_of(&manifest));
        let mut content = lock(&self.content);
        content.blobs.insert(config_digest, (CONFIG_TYPE, config));
        content.blobs.insert(digest.clone(), (MANIFEST_TYPE, manifest));
        let tags = content.repositories.entry(repository.path().to_owned()).or_default();
        tags.insert(Tag::from(tag), digest.clone());
        digest
    }
}

/// Returns the configuration and the manifest of an image without layers that nobody else has.
fn image(path: &str, tag: &str) -> (Vec<u8>, Vec<u8>) {
    let config = json!({
        "architecture": "amd64",
        "os": "linux",
        "config": { "Labels": { "org.opencontainers.image.title": path, "org.opencontainers.image.version": tag } },
        "rootfs": { "type": "layers", "diff_ids": [] },
    });
    let config = config.to_string().into_bytes();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": { "mediaType": CONFIG_TYPE, "digest": Digest::sha256_of(&config).as_str(), "size": config.len() },
        "layers": [],
    });
    (config, manifest.to_string().into_bytes())
}

fn lock(content: &Mutex<Content>) -> MutexGuard<'_, Content> {
    content.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Server {
    content: Arc<Mutex<Content>>,
    options: Options,
}

/// Answers one request.
async fn answer(State(server): State<Arc<Server>>, request: Request) -> Response {
    if !server.lets_in(&request) {
        let challenge = [(WWW_AUTHENTICATE, "Basic realm=\"embedded\"")];
        return (challenge, error(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", "a login is required")).into_response();
    }
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return error(StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED", "this registry is only read");
    }
    let Some(rest) = request.uri().path().strip_prefix("/v2/") else {
        return error(StatusCode::NOT_FOUND, "UNSUPPORTED", "there is nothing outside of /v2/");
    };
    let content = lock(&server.content);
    if rest.is_empty() {
        document(&json!({})).into_response()
    } else if let Some(path) = rest.strip_suffix("/tags/list") {
        content.page(path, request.uri().query().unwrap_or_default(), server.options.page_max)
    } else if let Some((path, reference)) = rest.rsplit_once("/manifests/") {
        content.manifest(path, reference)
    } else if let Some((_, digest)) = rest.rsplit_once("/blobs/") {
        content.blob(digest, "BLOB_UNKNOWN")
    } else {
        error(StatusCode::NOT_FOUND, "UNSUPPORTED", "there is no such route")
    }
}

impl Server {
    fn lets_in(&self, request: &Request) -> bool {
        let Some((user, password)) = &self.options.login else { return true };
        let wanted = format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}")));
        request.headers().get(AUTHORIZATION).is_some_and(|given| given.as_bytes() == wanted.as_bytes())
    }
}

impl Content {
    /// Answers with the tags after `last` in the order of their bytes, at most `n` of them and `page_max`.
    fn page(&self, path: &str, query: &str, page_max: Option<usize>) -> Response {
        let Some(tags) = self.repositories.get(path) else {
            return error(StatusCode::NOT_FOUND, "NAME_UNKNOWN", "there is no such repository");
        };
        let asked = value(query, "n").map(str::parse::<usize>).transpose();
        let Ok(asked) = asked else {
            return error(StatusCode::BAD_REQUEST, "PAGINATION_NUMBER_INVALID", "`n` is not a number");
        };
        let size = asked.into_iter().chain(page_max).min().unwrap_or(usize::MAX);
        let from = value(query, "last").and_then(|last| Tag::parse(last).ok());
        let from = from.map_or(Bound::Unbounded, Bound::Excluded);
        let mut rest = tags.range((from, Bound::Unbounded)).map(|(tag, _)| tag.as_str());
        let page: Vec<&str> = rest.by_ref().take(size).collect();
        let link = page
            .last()
            .filter(|_| rest.next().is_some())
            .map(|last| [(LINK, format!("</v2/{path}/tags/list?n={size}&last={last}>; rel=\"next\""))]);
        (link, document(&Page { name: path, tags: page })).into_response()
    }

    fn manifest(&self, path: &str, reference: &str) -> Response {
        let tag = Tag::parse(reference).ok();
        let tagged = tag.and_then(|tag| self.repositories.get(path)?.get(&tag));
        self.blob(tagged.map_or(reference, Digest::as_str), "MANIFEST_UNKNOWN")
    }

    fn blob(&self, digest: &str, unknown: &str) -> Response {
        let found = Digest::parse(digest).ok().and_then(|digest| self.blobs.get(&digest));
        let Some((media_type, bytes)) = found else {
            return error(StatusCode::NOT_FOUND, unknown, "there is no such content");
        };
        ([(CONTENT_TYPE, *media_type), (DIGEST_HEADER, digest)], bytes.clone()).into_response()
    }
}

/// Returns the value of a name in a query; tags and numbers need no escapes.
fn value<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// Returns an error in the form of the distribution specification.
fn error(status: StatusCode, code: &str, message: &str) -> Response {
    (status, document(&json!({ "errors": [{ "code": code, "message": message }] }))).into_response()
}

fn document<S: Serialize>(value: &S) -> impl IntoResponse + use<S> {
    let body = serde_json::to_vec(value).expect("because these values are maps with names of text");
    ([(CONTENT_TYPE, "application/json")], body)
}
