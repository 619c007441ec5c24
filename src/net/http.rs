//! The HTTP client for one endpoint.

use std::fmt;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use tracing::debug;

use super::endpoint::origin_of;
use super::reach::PublicOnly;
use super::{Credential, Endpoint, NetError, Origin, Reach, Scheme};

/// The largest set of certificates in bytes: four times what a system ships.
pub const CA_BYTES_MAX: usize = 1024 * 1024;
/// The largest head of an answer in bytes that is accepted.
pub const HEADER_BYTES_MAX: usize = 64 * 1024;
/// [`HEADER_BYTES_MAX`] as HTTP/2 counts it.
const HTTP2_HEADER_BYTES_MAX: u32 = 64 * 1024;
/// What servers see in their logs.
const USER_AGENT: &str = concat!("deployment-automator/", env!("CARGO_PKG_VERSION"));

/// How long a server may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the name, the connection and TLS: 5 s.
    pub connect: Duration,
    /// For the head of the answer, the connection included, and between any two pieces of its body: 15 s.
    pub idle: Duration,
    /// For one request from its start to the last byte of its answer: 60 s.
    pub request: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), idle: Duration::from_secs(15), request: Duration::from_mins(1) }
    }
}

/// What a form is sent as.
const FORM: &str = "application/x-www-form-urlencoded";

/// What is asked: this room only reads, be it by a POST, which is how a refresh token is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The whole answer.
    Get,
    /// Its head alone.
    Head,
    /// The whole answer to a form.
    Post,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
        })
    }
}

/// One request.
#[derive(Clone, Copy, Debug)]
pub struct Request<'r> {
    /// Whether the body is wanted.
    pub method: Method,
    /// The path below the endpoint; begins with `/`.
    pub path: &'r str,
    /// The query without its `?`; never logged, since servers put tokens into it.
    pub query: Option<&'r str>,
    /// The form that is posted; a refresh token is added to it.
    pub form: Option<&'r str>,
    /// The media types that are understood.
    pub accept: &'static str,
    /// Who is asking; nobody in particular where it is `None`.
    pub credential: Option<&'r Credential>,
    /// The largest body in bytes, counted after decompression.
    pub body_bytes_max: u64,
}

/// A client for one endpoint: keeps its connections, and sends nothing anywhere else.
///
/// Proxies are those of the usual variables (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`); loopback is
/// never asked through one.
#[derive(Debug)]
pub struct Http {
    endpoint: Endpoint,
    client: reqwest::Client,
}

impl Http {
    /// Makes the client. `ca` is a PEM file's content: certificates that are trusted beside the system's.
    pub fn new(endpoint: Endpoint, ca: Option<&[u8]>, timeouts: Timeouts, reach: Reach) -> Result<Self, NetError> {
        // The TLS library wants one provider of cryptography for the whole process. The first call sets it, at once
        // and for all; every later one, from any thread, changes nothing.
        let _installed_before = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(timeouts.connect)
            .read_timeout(timeouts.idle)
            .timeout(timeouts.request)
            .http2_max_header_list_size(HTTP2_HEADER_BYTES_MAX);
        if endpoint.origin().is_loopback() {
            builder = builder.no_proxy();
            if endpoint.origin().scheme() == Scheme::Http {
                // Nothing will speak TLS, so nothing fails where the system has no certificates.
                builder = builder.tls_certs_only([]);
            }
        }
        if reach == Reach::Public {
            // An address is no name and asks no resolver: `Audience::reach` has judged it already.
            builder = builder.dns_resolver(PublicOnly { host: endpoint.origin().host().into() });
        }
        let roots = |cause: &str| NetError::Roots { origin: endpoint.origin().clone(), cause: cause.into() };
        if let Some(pem) = ca {
            let certificates = reqwest::Certificate::from_pem_bundle(pem)
                .map_err(|_| roots("the content of `caFile` is not PEM certificates"))?;
            if certificates.is_empty() {
                return Err(roots("the content of `caFile` has no certificate"));
            }
            builder = builder.tls_certs_merge(certificates);
        }
        let client = builder.build().map_err(|error| match NetError::of(endpoint.origin(), &error) {
            NetError::Tls { cause, .. } | NetError::Broken { cause, .. } => roots(&cause),
            other => other,
        })?;
        Ok(Self { endpoint, client })
    }

    /// Sends `request` and returns the head of the answer, whatever its status; the body is read afterwards.
    pub async fn send(&self, request: Request<'_>) -> Result<Response, NetError> {
        let origin = self.endpoint.origin();
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Head => reqwest::Method::HEAD,
            Method::Post => reqwest::Method::POST,
        };
        let url = self.endpoint.url(request.path, request.query);
        let mut builder = self.client.request(method, url).header(ACCEPT, request.accept);
        if request.credential.is_some_and(|credential| !credential.may_go_to(origin)) {
            return Err(NetError::Credential { origin: origin.clone() });
        }
        if let Some(header) = request.credential.and_then(Credential::header) {
            let mut value =
                HeaderValue::from_bytes(header.expose()).map_err(|_| NetError::Token { origin: origin.clone() })?;
            value.set_sensitive(true);
            builder = builder.header(AUTHORIZATION, value);
        }
        if let Some(form) = request.form {
            let form = request.credential.map_or_else(|| form.to_owned(), |credential| credential.in_form(form));
            builder = builder.header(CONTENT_TYPE, FORM).body(form);
        }
        let inner = builder.send().await.map_err(|error| NetError::of(origin, &error))?;
        let status = inner.status().as_u16();
        debug!(method = %request.method, status, "{origin}{} answered {status} to {}", request.path, request.method);
        let headers = inner.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum::<usize>();
        if headers > HEADER_BYTES_MAX {
            return Err(NetError::Headers { origin: origin.clone(), limit: HEADER_BYTES_MAX });
        }
        Ok(Response { inner, endpoint: self.endpoint.clone(), limit: request.body_bytes_max, read: 0 })
    }
}

/// An answer whose body has still to be read.
#[derive(Debug)]
pub struct Response {
    inner: reqwest::Response,
    endpoint: Endpoint,
    limit: u64,
    read: u64,
}

impl Response {
    /// Returns the status.
    pub fn status(&self) -> u16 {
        self.inner.status().as_u16()
    }

    /// Returns the values of a header that are plain text, in their order.
    pub fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        self.inner.headers().get_all(name).iter().filter_map(|value| value.to_str().ok())
    }

    /// Returns the origin that a redirect leads to, where it leads to one.
    pub fn location(&self) -> Option<Origin> {
        let location = self.headers("location").next()?;
        self.inner.url().join(location).ok().and_then(|url| origin_of(&url).ok())
    }

    /// Returns how many bytes of the body were read, counted after decompression.
    pub fn bytes_read(&self) -> u64 {
        self.read
    }

    /// Returns the next piece of the body, or `None` at its end. More than the request allowed is an error.
    pub async fn chunk(&mut self) -> Result<Option<impl AsRef<[u8]> + use<>>, NetError> {
        let origin = self.endpoint.origin();
        let chunk = self.inner.chunk().await.map_err(|error| NetError::of(origin, &error))?;
        self.read = self.read.saturating_add(chunk.as_ref().map_or(0, |chunk| chunk.len() as u64));
        if self.read > self.limit {
            return Err(NetError::TooLarge { origin: origin.clone(), limit: self.limit });
        }
        Ok(chunk)
    }

    /// Returns the whole body.
    pub async fn body(&mut self) -> Result<Vec<u8>, NetError> {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            body.extend_from_slice(chunk.as_ref());
        }
        Ok(body)
    }

    /// Returns about the first `limit` bytes of the body, or what came of them before the connection broke: enough
    /// of a message, never a reason to fail.
    pub async fn start_of_body(&mut self, limit: usize) -> Vec<u8> {
        let mut start = Vec::new();
        while start.len() < limit {
            match self.chunk().await {
                Ok(Some(chunk)) => start.extend_from_slice(chunk.as_ref()),
                Ok(None) | Err(_) => break,
            }
        }
        start.truncate(limit);
        start
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Audience;
    use crate::secret::Secret;

    #[tokio::test]
    async fn a_credential_for_another_origin_is_not_sent() {
        let endpoint = |text| Endpoint::parse(text, true).unwrap();
        let secret = || Secret::new(b"x".to_vec());
        let other = endpoint("http://127.0.0.1:1").origin().clone();
        let http = Http::new(endpoint("http://127.0.0.1:2"), None, Timeouts::default(), Reach::Anywhere).unwrap();
        let audience = || Audience::only(other.clone());
        for credential in [
            Credential::basic(audience(), &secret(), secret()).unwrap(),
            Credential::bearer(other.clone(), secret()).unwrap(),
            Credential::refresh(audience(), secret()),
        ] {
            let request = Request {
                method: Method::Post,
                path: "/v2/",
                query: None,
                form: Some(""),
                accept: "*/*",
                credential: Some(&credential),
                body_bytes_max: 0,
            };
            let refused = http.send(request).await.unwrap_err();
            assert_eq!(refused.to_string(), "the credential is not for http://127.0.0.1:2");
        }
    }
}
