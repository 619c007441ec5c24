//! What an answer means that is not 200: of the registry, or of its token server.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use serde::Deserialize;

use crate::image::{Repository, Tag, TagRef};
use crate::net::{Credential, Response, clean};

use super::exchange::Fault;
use super::{RegistryError, Server};

/// The largest part of an error's body that is read for its message, in bytes.
const ERROR_BYTES_MAX: usize = 64 * 1024;

/// What was asked, for the message.
pub(super) struct Asked<'a> {
    pub(super) repository: &'a Repository,
    pub(super) tag: Option<TagRef<'a>>,
    pub(super) server: Server,
    pub(super) with_login: bool,
    /// The login and the token that the server may know, and say back.
    pub(super) credentials: [Option<&'a Credential>; 2],
}

/// Reads why a request was not answered with 200.
pub(super) async fn fault(asked: Asked<'_>, mut response: Response) -> Fault {
    let status = response.status();
    let retry_after = retry_after(&response);
    let is_registry = asked.server == Server::Registry;
    let (repository, with_login) = (asked.repository.clone(), asked.with_login);
    let said = match status {
        300..=399 | 404 if is_registry => "".into(),
        _ => said(&asked, &mut response).await,
    };
    let server = asked.server;
    Fault::Final(match status {
        300..=399 if is_registry => {
            let target = response.location().map_or_else(|| "another address".into(), |origin| origin.to_string());
            RegistryError::Redirected { repository, target: target.into() }
        }
        401 | 403 => RegistryError::Denied { repository, server, with_login, said },
        404 if is_registry => match asked.tag {
            Some(tag) => RegistryError::NoSuchTag { repository, tag: Tag::from(tag) },
            None => RegistryError::NoSuchRepository { repository },
        },
        429 => {
            let error = RegistryError::RateLimited { repository, server, retry_after };
            return Fault::Passing { error, retry_after };
        }
        500..=599 => {
            let error = RegistryError::Failing { repository, server, status, said };
            return Fault::Passing { error, retry_after };
        }
        _ => RegistryError::Refused { repository, server, status, said },
    })
}

/// Returns how long the server wants to be left alone, where it says so.
fn retry_after(response: &Response) -> Option<Duration> {
    let now = response.headers("date").next().and_then(date);
    response.headers("retry-after").find_map(|value| wait(value.trim(), now))
}

/// Reads the value of `Retry-After` (RFC 9110, section 10.2.3): seconds, or a date. A date counts from the `Date` of
/// the same answer, so that it means what the server means whatever our clock says; without one it means nothing.
fn wait(value: &str, now: Option<Timestamp>) -> Option<Duration> {
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let wait = date(value)?.duration_since(now?);
    Some(wait.try_into().unwrap_or(Duration::ZERO))
}

fn date(value: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(value.trim()).ok()
}

/// Returns what the body of an error says, safe to show: the distribution API's errors, a token server's, or a short
/// plain text.
async fn said(asked: &Asked<'_>, response: &mut Response) -> Box<str> {
    let body = response.start_of_body(ERROR_BYTES_MAX).await;
    let text = match serde_json::from_slice::<ErrorBody>(&body) {
        Ok(body) => body.text(),
        // A page for people says nothing, and what a token server sends in no known form may be what it was sent.
        Err(_) if body.trim_ascii_start().starts_with(b"<") || matches!(asked.server, Server::Tokens(_)) => {
            String::new()
        }
        Err(_) => String::from_utf8_lossy(&body).into_owned(),
    };
    let text = asked.credentials.iter().flatten().fold(text, |text, credential| credential.redact(text));
    clean(text.as_bytes()).into()
}

/// The errors of the distribution specification, and what token servers say instead, as far as they are shown.
#[derive(Deserialize)]
struct ErrorBody {
    #[serde(default)]
    errors: Vec<ErrorEntry>,
    /// Docker Hub, GitLab.
    #[serde(default)]
    details: String,
    /// RFC 6749, section 5.2.
    #[serde(default)]
    error_description: String,
}

#[derive(Deserialize)]
struct ErrorEntry {
    #[serde(default)]
    code: String,
    #[serde(default)]
    message: String,
}

impl ErrorBody {
    fn text(&self) -> String {
        match self.errors.first() {
            Some(error) => format!("{} {}", error.code, error.message),
            None if self.details.is_empty() => self.error_description.clone(),
            None => self.details.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, now: Option<&str>) -> Option<u64> {
        wait(value, now.map(|now| date(now).unwrap())).map(|wait| wait.as_secs())
    }

    #[test]
    fn a_wait_is_seconds_or_a_date() {
        let now = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(check("120", None), Some(120));
        assert_eq!(check("Sun, 06 Nov 1994 08:51:37 GMT", now), Some(120));
        assert_eq!(check("Sun, 06 Nov 1994 08:00:00 GMT", now), Some(0));
        assert_eq!(check("Wed, 31 Dec 9000 23:59:59 GMT", now).map(|wait| wait > 1 << 37), Some(true));
        for nothing in ["", "-1", "1.5", "soon", "Sun, 06 Nov 1994", "Mon, 06 Nov 1994 08:51:37 GMT"] {
            assert_eq!(check(nothing, now), None, "{nothing}");
        }
        assert_eq!(check("Sun, 06 Nov 1994 08:51:37 GMT", None), None);
    }
}
