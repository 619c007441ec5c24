//! Token logins: servers on loopback that give out tokens in every way, and a real registry that checks them.

use super::*;
use crate::support::tokens::Issuer;

/// The header by which a server wants a token from itself.
fn bearer(seen: &Seen, more: &str) -> String {
    let host = seen.header("host").unwrap();
    format!("WWW-Authenticate: Bearer realm=\"http://{host}/token\",service=\"tests\"{more}\r\n")
}

fn unauthorized(seen: &Seen) -> Answer {
    Answer::of(401, &bearer(seen, ""), r#"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#)
}

/// Answers with a token that is good for five minutes.
fn grant(token: &str) -> Answer {
    Answer::ok(&serde_json::json!({ "token": token, "expires_in": 300 }).to_string())
}

/// Starts a registry that is its own token server. It gives `token` to everybody and wants it for everything, where
/// `script` does not answer differently.
pub(super) async fn server(token: &str, script: impl Fn(&Seen) -> Option<Answer> + Send + Sync + 'static) -> Hostile {
    let token = token.to_owned();
    Hostile::start(move |seen| {
        if let Some(answer) = script(seen) {
            return answer;
        }
        let wanted = format!("Bearer {token}");
        match seen.header("authorization") {
            _ if seen.target.starts_with("/token") => grant(&token),
            Some(given) if given == wanted => Answer::page(&["1"], ""),
            // As ghcr.io does: no challenge for those who bring the wrong thing.
            Some(given) if given.starts_with("Basic ") => Answer::of(403, "", "invalid token"),
            _ => unauthorized(seen),
        }
    })
    .await
}

pub(super) fn client_with_refresh_token(server: &Hostile, folder: &TempDir, token: &str) -> Client {
    let file = folder.path().join("refresh");
    std::fs::write(&file, format!("{token}\n")).unwrap();
    let mut settings = settings(server.address);
    settings.credentials = Some(Credentials::Refresh { token: SecretSource::File(file) });
    client(settings)
}

/// Returns how often a token was asked for.
fn asked(server: &Hostile) -> usize {
    server.targets().iter().filter(|target| target.starts_with("/token")).count()
}

const LIST: &str = "/v2/app/tags/list?n=1000";
const TOKEN: &str = "/token?service=tests&scope=repository%3Aapp%3Apull";

// The way to a token.

#[tokio::test]
async fn a_token_is_asked_for_once_and_used_for_everything() {
    let server = server("one", |_| None).await;
    let client = client(settings(server.address));
    assert_eq!(list_with(&client, &server).await, "1");
    assert_eq!(list_with(&client, &server).await, "1");
    client.digest(&repository(server.address, "app"), tag("1")).await.unwrap();
    let digest = "/v2/app/manifests/1";
    assert_eq!(server.targets(), [LIST, TOKEN, LIST, LIST, digest, digest]);
    assert!(server.seen()[..2].iter().all(|seen| seen.header("authorization").is_none()));
}

#[tokio::test]
async fn what_one_repository_wanted_is_asked_for_another_at_once() {
    let server = server("one", |_| None).await;
    let client = client(settings(server.address));
    for name in ["app", "team/other"] {
        assert_eq!(outcome(client.list(&repository(server.address, name)).await, server.address), "1");
    }
    let other = ["/token?service=tests&scope=repository%3Ateam%2Fother%3Apull", "/v2/team/other/tags/list?n=1000"];
    assert_eq!(server.targets()[3..], other);
}

#[tokio::test]
async fn many_who_want_one_token_ask_once() {
    let server = server("one", |_| None).await;
    let client = client(settings(server.address));
    let app = repository(server.address, "app");
    let lists = (0..20).map(|_| {
        let (client, app) = (client.clone(), app.clone());
        tokio::spawn(async move { client.list(&app).await.unwrap().len() })
    });
    for list in lists.collect::<Vec<_>>() {
        assert_eq!(list.await.unwrap(), 1);
    }
    assert_eq!(asked(&server), 1);
}

#[tokio::test]
async fn the_scopes_are_those_of_the_challenge() {
    let scopes = ",scope=\"repository:app:metadata_read,pull registry:catalog:*\",error=\"x\"";
    let server = server("one", move |seen| {
        let is_bare = seen.target == LIST && seen.header("authorization").is_none();
        is_bare.then(|| Answer::of(401, &bearer(seen, scopes), ""))
    })
    .await;
    assert_eq!(list(&server).await, "1");
    let scopes = "scope=repository%3Aapp%3Ametadata_read%2Cpull&scope=registry%3Acatalog%3A%2A";
    assert_eq!(server.targets()[1], format!("/token?service=tests&{scopes}"));
}

#[tokio::test]
async fn the_challenge_may_stand_in_any_header_and_the_realm_may_have_a_query() {
    let server = server("one", |seen| {
        let header = format!(
            "WWW-Authenticate: Negotiate, Digest realm=\"a, Bearer realm=b\"\r\nWWW-AUTHENTICATE: basic realm=c, \
             bEARER Realm=\"http://{}/token?a=b\"\r\n",
            seen.header("host").unwrap()
        );
        (seen.number == 0).then(|| Answer::of(401, &header, ""))
    })
    .await;
    assert_eq!(list(&server).await, "1");
    assert_eq!(server.targets()[1], "/token?a=b&scope=repository%3Aapp%3Apull");
}

// Logins.

#[tokio::test]
async fn a_password_goes_to_the_token_server_and_not_to_the_registry() {
    let (server, folder) = (server("one", |_| None).await, tempfile::tempdir().unwrap());
    let client = client_with_login(&server, &folder);
    assert_eq!(list_with(&client, &server).await, "1");
    let sent: Vec<_> = server.seen().into_iter().map(|seen| seen.header("authorization").map(str::to_owned)).collect();
    // "robot:s3cret-canary" in base64.
    assert_eq!(sent, [None, Some("Basic cm9ib3Q6czNjcmV0LWNhbmFyeQ==".to_owned()), Some("Bearer one".to_owned())]);
    login(&folder, "robot", "changed");
    assert_eq!(list_with(&client, &server).await, "1");
    assert_eq!(server.seen()[3].header("authorization").unwrap(), "Basic cm9ib3Q6Y2hhbmdlZA==", "its token is another");
}

#[tokio::test]
async fn a_refresh_token_is_posted() {
    let (server, folder) = (server("one", |_| None).await, tempfile::tempdir().unwrap());
    assert_eq!(list_with(&client_with_refresh_token(&server, &folder, "re+fr&sh"), &server).await, "1");
    let [_, asked, _] = server.seen().try_into().unwrap();
    assert_eq!((asked.method.as_str(), asked.target.as_str()), ("POST", "/token"));
    assert_eq!(asked.header("content-type").unwrap(), "application/x-www-form-urlencoded");
    assert_eq!(
        asked.body,
        "grant_type=refresh_token&client_id=deployment-automator&scope=repository%3Aapp%3Apull&service=tests\
         &refresh_token=re%2Bfr%26sh"
    );
    assert_eq!(asked.header("authorization"), None);
}

#[tokio::test]
async fn a_registry_of_passwords_takes_no_refresh_token() {
    let folder = tempfile::tempdir().unwrap();
    let server = Hostile::start(|_| Answer::of(401, "WWW-Authenticate: Basic realm=\"x\"\r\n", "")).await;
    let refused = list_with(&client_with_refresh_token(&server, &folder, "r3fresh-canary"), &server).await;
    let expected = "refused: the registry of `HOST/app` wants a user and a password, not a token; give `usernameFile` and \
        `passwordFile` instead of the token";
    assert_eq!(refused, expected);
}

#[tokio::test]
async fn a_registry_that_wants_basic_is_asked_bare_only_once() {
    let server = Hostile::start(|seen| match seen.header("authorization") {
        None => Answer::of(401, "WWW-Authenticate: Basic realm=\"x\"\r\n", ""),
        Some(_) => Answer::page(&["1"], ""),
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let client = client_with_login(&server, &folder);
    for _ in 0..2 {
        assert_eq!(list_with(&client, &server).await, "1");
    }
    assert_eq!(server.targets(), [LIST, LIST, LIST]);
}

#[tokio::test]
async fn a_registry_that_hides_or_shows_without_asking_gets_the_login() {
    for status in [200, 403, 404] {
        let server = Hostile::start(move |seen| match seen.header("authorization") {
            None => Answer::of(status, "", r#"{"tags":["public"]}"#),
            Some(_) => Answer::page(&["1"], ""),
        })
        .await;
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(list_with(&client_with_login(&server, &folder), &server).await, "1", "{status}");
    }
}

// Tokens that end.

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once() {
    let server = server("two", |seen| (seen.number == 1).then(|| grant("one"))).await;
    let client = client(settings(server.address));
    // What was only just given out is not asked for again.
    let denied = list_with(&client, &server).await;
    assert!(denied.starts_with("refused: the registry of `HOST/app` refused a request without a login: "), "{denied}");
    assert_eq!(asked(&server), 1);
    assert_eq!(list_with(&client, &server).await, "1");
    assert_eq!(server.targets()[3..], [LIST, TOKEN, LIST]);
}

#[tokio::test]
async fn a_token_that_ends_between_two_pages_is_renewed() {
    let server = server("one", |seen| match (seen.number, query(seen, "last")) {
        (2, _) => Some(Answer::page(&["0"], "?last=0")),
        (3, _) => Some(unauthorized(seen)),
        _ => None,
    })
    .await;
    assert_eq!(list(&server).await, "0 1");
    assert_eq!(asked(&server), 2);
}

#[tokio::test]
async fn a_registry_that_takes_each_token_only_once_is_believed_in_the_end() {
    let server = server("one", |seen| match (seen.header("authorization"), seen.number) {
        (Some(_), 2 | 5) => Some(Answer::page(&[seen.number.to_string()], &format!("?last={}", seen.number))),
        (Some(_), 3 | 6) => Some(unauthorized(seen)),
        _ => None,
    })
    .await;
    let denied = list(&server).await;
    let expected = "refused: the registry of `HOST/app` refused a request without a login: \"UNAUTHORIZED authentication \
        required\"; name a login for this registry under `auth`";
    assert_eq!(denied, expected);
    assert_eq!(asked(&server), 2);
}

// Token servers that fail.

/// Returns the outcome of listing with a login where the token server answers so, and how often it was asked.
async fn check_token(answer: impl Fn() -> Answer + Send + Sync + 'static) -> (String, usize) {
    let server = server("one", move |seen| seen.target.starts_with("/token").then(&answer)).await;
    let folder = tempfile::tempdir().unwrap();
    let outcome = list_with(&client_with_login(&server, &folder), &server).await;
    (outcome, asked(&server))
}

#[tokio::test]
async fn a_token_server_that_refuses_the_login_is_named() {
    let (denied, asked) = check_token(|| Answer::of(401, "", r#"{"details":"incorrect username or password"}"#)).await;
    let expected = "refused: the token server http://HOST of `HOST/app` refused our login: \"incorrect username or \
        password\"; check the login's files and what it may pull";
    assert_eq!((denied.as_str(), asked), (expected, 1));
    let known = r#"{"details":"no: s3cret-canary cm9ib3Q6czNjcmV0LWNhbmFyeQ== cm9ib3Q6czNjcmV0LWNhbmFyeQ%3D%3D"}"#;
    let (echo, _) = check_token(|| Answer::of(403, "", known)).await;
    assert!(echo.contains("\"no: [redacted] [redacted] [redacted]\""), "{echo}");
    let (other, _) = check_token(|| Answer::of(403, "", "password=s3cret\\/canary")).await;
    assert!(!other.contains("canary"), "what is in no known form is not shown: {other}");
    let (missing, _) = check_token(|| Answer::of(404, "", "")).await;
    let expected = "refused: the token server http://HOST of `HOST/app` answered 404; report it to whoever runs the token \
        server";
    assert_eq!(missing, expected);
}

#[tokio::test]
async fn a_token_server_that_is_down_is_tried_again_a_few_times() {
    let (down, asked) = check_token(|| Answer::of(500, "", "")).await;
    let expected = "unavailable: `HOST/app` cannot be read now: its token server http://HOST answered 500; try again \
        later; the fault is the token server's";
    assert_eq!((down.as_str(), asked), (expected, 4));
    let (limited, asked) = check_token(|| Answer::of(429, "Retry-After: 3600\r\n", "")).await;
    assert!(
        limited.starts_with("unavailable: the token server http://HOST of `HOST/app` limits our rate for 3600 s; ")
    );
    assert_eq!(asked, 1);
}

#[tokio::test]
async fn what_is_no_token_is_an_error() {
    for (body, reason) in [
        (r#"{"token":"a\nb: c"}"#, "the token for http://HOST is not one that can be sent"),
        (r#"{"token":"a b"}"#, "the token for http://HOST is not one that can be sent"),
        (r#"{"expires_in":300}"#, "it holds no token"),
        ("<html>", "it is no JSON object with a token"),
    ] {
        let (odd, asked) = check_token(|| Answer::ok(body)).await;
        let expected = format!(
            "refused: the token server http://HOST of `HOST/app` gave a wrong answer: {reason}; report it to whoever runs \
             the token server"
        );
        assert_eq!((odd, asked), (expected, 1));
    }
    let begin = "HTTP/1.1 200 OK\r\n\r\n{\"token\":\"";
    let (endless, _) = check_token(|| Answer::Flood(begin.into(), vec![b'x'; 1 << 16])).await;
    assert!(endless.contains("http://HOST answered with more than 65536 bytes"), "{endless}");
}

// Retry-After.

#[tokio::test]
async fn a_date_to_come_back_at_counts_from_the_servers_own_clock() {
    let headers = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 09:49:37 GMT\r\n";
    let server = Hostile::start(|_| Answer::of(429, headers, "")).await;
    let limited = list(&server).await;
    assert!(limited.starts_with("unavailable: the registry of `HOST/app` limits our rate for 3600 s; "), "{limited}");
    assert_eq!(server.seen().len(), 1);
}

// Debian's docker-registry, which checks each token's signature.

#[tokio::test(flavor = "multi_thread")]
async fn a_docker_registry_with_a_token_server_is_read() {
    let issuer = Issuer::new();
    let tokens = issuer.serve().await;
    let realm = format!("http://{}/auth", tokens.address);
    let server = DockerRegistry::start_with_token_auth(&issuer, &realm, "team/app");
    server.push("team/app", "1.0.0").await;
    let digest = server.push("team/app", "2.0.0").await;
    let (app, folder) = (repository(server.addr(), "team/app"), tempfile::tempdir().unwrap());
    let mut settings = settings(server.addr());
    settings.token_hosts = vec![TokenHost::parse(&tokens.address.to_string()).unwrap()];
    settings.credentials = Some(login(&folder, USER, PASSWORD));
    let client = client(settings.clone());
    assert_eq!(outcome(client.list(&app).await, server.addr()), "1.0.0 2.0.0");
    assert_eq!(client.digest(&app, tag("2.0.0")).await.unwrap(), digest);
    assert_eq!(tokens.targets(), ["/auth?service=registry.test&scope=repository%3Ateam%2Fapp%3Apull"]);
    settings.credentials = None;
    let denied =
        outcome(super::client(settings).list(&app).await, server.addr()).replace(&tokens.address.to_string(), "TOKENS");
    let expected = "refused: the token server http://TOKENS of `HOST/team/app` refused a request without a login: \
        \"UNAUTHORIZED who are you?\"; name a login for this registry under `auth`";
    assert_eq!(denied, expected);
}
