//! Tokens: asked for at the token server that a registry names, and kept while they are good.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use tokio::time::Instant;
use tracing::debug;

use crate::image::Repository;
use crate::net::{Credential, Http, Identity, Method, NetError, Realm, Request, Response, form};
use crate::secret::Secret;

use super::challenge::Wanted;
use super::exchange::{Fault, Host};
use super::refusal::{self, Asked};
use super::{RegistryError, Server};

/// The largest answer of a token server in bytes.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;
/// The most tokens that are kept for one registry; past them all are forgotten, and asked for again.
const TOKENS_MAX: usize = 1000;
/// What a token is good for where the server says nothing (the distribution project's token specification), and the least
/// that is believed, in seconds.
const LIFE_MIN_S: f64 = 60.0;
/// The longest that a token is believed to be good, in seconds, whatever the server says.
const LIFE_MAX_S: f64 = 3600.0;
/// The part of its life after which a token is asked for anew, so that it does not end under way.
const LIFE_USED: f64 = 0.9;
/// Who we say we are where the protocol wants a name (RFC 6749).
const CLIENT_ID: &str = "deployment-automator";

/// The tokens of one registry. Each is asked for once at a time, however many want it.
#[derive(Default)]
pub(super) struct Tokens(Mutex<BTreeMap<Key, Arc<Slot>>>);

/// What a token is for, and who has asked for it.
type Key = (Wanted, Option<Identity>);
type Slot = tokio::sync::Mutex<Option<Token>>;

struct Token {
    credential: Arc<Credential>,
    /// When it is asked for anew.
    renew_at: Instant,
}

impl Token {
    fn new(credential: Credential, asked_at: Instant, life: Duration) -> Self {
        Self { credential: Arc::new(credential), renew_at: asked_at + life.mul_f64(LIFE_USED) }
    }

    fn is_good(&self, now: Instant, refused: Option<&Arc<Credential>>) -> bool {
        now < self.renew_at && refused.is_none_or(|refused| !Arc::ptr_eq(refused, &self.credential))
    }
}

impl Tokens {
    /// Returns a token that is thought to be good and is not `refused`, from here or from the token server.
    pub(super) async fn get(
        &self,
        host: &Host,
        repository: &Repository,
        credential: Option<&Credential>,
        wanted: &Wanted,
        refused: Option<&Arc<Credential>>,
    ) -> Result<Arc<Credential>, Fault> {
        let slot = self.slot((wanted.clone(), credential.map(Credential::identity)));
        let mut slot = slot.lock().await;
        if let Some(token) = slot.as_ref().filter(|token| token.is_good(Instant::now(), refused)) {
            return Ok(Arc::clone(&token.credential));
        }
        let token = Question { host, repository, credential, wanted }.ask().await?;
        let credential = Arc::clone(&token.credential);
        *slot = Some(token);
        Ok(credential)
    }

    fn slot(&self, key: Key) -> Arc<Slot> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= TOKENS_MAX && !slots.contains_key(&key) {
            slots.clear();
        }
        Arc::clone(slots.entry(key).or_default())
    }
}

/// One question for a token.
struct Question<'q> {
    host: &'q Host,
    repository: &'q Repository,
    credential: Option<&'q Credential>,
    wanted: &'q Wanted,
}

impl Question<'_> {
    async fn ask(&self) -> Result<Token, Fault> {
        let realm = Realm::parse(&self.wanted.realm).map_err(|error| {
            self.bad_answer(Server::Registry, &format!("its token server cannot be asked: {error}"))
        })?;
        let reach = self
            .host
            .audience()
            .reach(realm.origin(), self.credential.is_some())
            .map_err(|source| Fault::Final(RegistryError::Realm { repository: self.repository.clone(), source }))?;
        let (server, registry, repository) = (realm.origin(), self.host.origin(), self.repository);
        let how = if self.credential.is_some() { "with its login" } else { "without a login" };
        debug!(%repository, "{registry} wants a token for {repository}: asking {server} {how}");
        let http = self.host.token_http(repository, &realm, reach)?;
        let asked_at = Instant::now();
        let response = self.send(&http, &realm).await;
        let mut response = response.map_err(|error| Fault::of_net(repository, error))?;
        let server = Server::Tokens(server.clone());
        if response.status() != 200 {
            let asked = Asked {
                repository,
                tag: None,
                server,
                credentials: [self.credential, None],
                with_login: self.credential.is_some(),
            };
            return Err(refusal::fault(asked, response).await);
        }
        let body = response.body().await.map_err(|error| Fault::of_net(repository, error))?;
        let (token, life) = read(&Secret::new(body)).map_err(|reason| self.bad_answer(server.clone(), reason))?;
        let credential =
            Credential::bearer(registry.clone(), token).map_err(|error| self.bad_answer(server, &error.to_string()))?;
        debug!(%repository, life_s = life.as_secs(), "the token for {repository} is good for {} s", life.as_secs());
        Ok(Token::new(credential, asked_at, life))
    }

    /// Asks as the distribution project's specifications say: a user and a password by GET, which needs neither, and a
    /// refresh token by POST (OAuth 2).
    async fn send(&self, http: &Http, realm: &Realm) -> Result<Response, NetError> {
        let Wanted { service, scopes, .. } = self.wanted;
        let service = service.iter().map(|service| ("service", service.as_str()));
        let (method, query, posted) = if self.credential.is_some_and(Credential::is_refresh) {
            let scopes = scopes.join(" ");
            let pairs = [("grant_type", "refresh_token"), ("client_id", CLIENT_ID), ("scope", &scopes)];
            (Method::Post, realm.query().to_owned(), Some(form("", pairs.into_iter().chain(service))))
        } else {
            let scopes = scopes.iter().map(|scope| ("scope", scope.as_str()));
            (Method::Get, form(realm.query(), service.chain(scopes)), None)
        };
        let request = Request {
            method,
            path: realm.path(),
            query: Some(&query).filter(|query| !query.is_empty()).map(String::as_str),
            form: posted.as_deref(),
            accept: "application/json",
            credential: self.credential,
            body_bytes_max: ANSWER_BYTES_MAX,
        };
        http.send(request).await
    }

    fn bad_answer(&self, server: Server, reason: &str) -> Fault {
        let (repository, reason) = (self.repository.clone(), reason.into());
        Fault::Final(RegistryError::BadAnswer { repository, server, reason })
    }
}

/// What a token server answers, as far as it matters. Nothing of it is shown, not even in an error.
#[derive(Deserialize)]
struct TokenBody {
    token: Option<String>,
    /// The same under the name that OAuth 2 gives it.
    access_token: Option<String>,
    expires_in: Option<Value>,
}

/// Reads a token and how long it is good.
fn read(body: &Secret) -> Result<(Secret, Duration), &'static str> {
    let body: TokenBody = serde_json::from_slice(body.expose()).map_err(|_| "it is no JSON object with a token")?;
    let tokens = [body.token, body.access_token];
    let token = tokens.into_iter().flatten().find(|token| !token.is_empty()).ok_or("it holds no token")?;
    let life_s = body.expires_in.as_ref().and_then(Value::as_f64).unwrap_or(LIFE_MIN_S);
    Ok((Secret::new(token.into_bytes()), Duration::from_secs_f64(life_s.clamp(LIFE_MIN_S, LIFE_MAX_S))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str) -> String {
        match read(&Secret::new(body.as_bytes().to_vec())) {
            Ok((token, life)) => format!("{} {}", String::from_utf8_lossy(token.expose()), life.as_secs()),
            Err(reason) => reason.to_owned(),
        }
    }

    #[test]
    fn a_token_is_good_for_nine_tenths_of_its_life_and_until_it_is_refused() {
        let origin = crate::net::Endpoint::parse("https://registry.example.com", false).unwrap().origin().clone();
        let credential = || Credential::bearer(origin.clone(), Secret::new(b"same".to_vec())).unwrap();
        let now = Instant::now();
        let token = Token::new(credential(), now, Duration::from_mins(5));
        assert!(token.is_good(now + Duration::from_secs(269), None));
        assert!(!token.is_good(now + Duration::from_secs(270), None));
        assert!(!token.is_good(now, Some(&token.credential)));
        assert!(token.is_good(now, Some(&Arc::new(credential()))), "another one was refused");
    }

    #[test]
    fn only_so_many_tokens_are_kept() {
        let tokens = Tokens::default();
        let slot = |number: usize| {
            let wanted = Wanted { realm: number.to_string(), service: None, scopes: Vec::new() };
            tokens.slot((wanted, None))
        };
        let first = slot(0);
        for number in 1..TOKENS_MAX {
            slot(number);
        }
        assert!(Arc::ptr_eq(&first, &slot(0)));
        slot(TOKENS_MAX);
        assert!(!Arc::ptr_eq(&first, &slot(0)));
        assert!(tokens.0.lock().unwrap().len() <= TOKENS_MAX);
    }

    #[test]
    fn a_token_has_one_of_two_names() {
        assert_eq!(check(r#"{"token":"a","expires_in":300}"#), "a 300");
        assert_eq!(check(r#"{"access_token":"b","expires_in":300,"refresh_token":"c"}"#), "b 300");
        assert_eq!(check(r#"{"token":"a","access_token":"b","expires_in":300}"#), "a 300");
        assert_eq!(check(r#"{"token":"","access_token":"b","expires_in":300}"#), "b 300");
        for nothing in ["{}", r#"{"token":null}"#, r#"{"token":""}"#] {
            assert_eq!(check(nothing), "it holds no token");
        }
        for odd in ["", "[]", "<html>", r#"{"token":7}"#, r#"{"token":"a","token":"b"}"#] {
            assert_eq!(check(odd), "it is no JSON object with a token");
        }
    }

    #[test]
    fn a_token_is_good_for_a_minute_to_an_hour() {
        for (said, life) in [
            ("0", 60),
            ("-1", 60),
            ("59.9", 60),
            ("61", 61),
            ("3600", 3600),
            ("1e18", 3600),
            ("\"300\"", 60),
            ("null", 60),
        ] {
            assert_eq!(check(&format!(r#"{{"token":"a","expires_in":{said}}}"#)), format!("a {life}"), "{said}");
        }
        assert_eq!(check(r#"{"token":"a"}"#), "a 60");
    }
}
