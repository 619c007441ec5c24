//! Where a registry may send us for a token: two servers, one of them evil, and a login that never reaches it.

use super::*;

/// The ways to ask: with a password, with a refresh token, and as nobody.
#[derive(Clone, Copy, Debug)]
enum As {
    User,
    Refresh,
    Nobody,
}

const ALL: [As; 3] = [As::User, As::Refresh, As::Nobody];

/// Starts a server that counts who comes, and would give a token to anybody.
async fn evil() -> Hostile {
    Hostile::start(|_| Answer::ok(r#"{"token":"stolen"}"#)).await
}

/// Starts a registry that answers everything but a token with 401 and this, where `EVIL` stands for the address of the
/// other server and its port, and `REG` for its own; to a request for a token it redirects to the other.
async fn registry(evil: &Hostile, headers: &str, body: &str) -> Hostile {
    let (host, port) = (evil.address.to_string(), evil.address.port().to_string());
    let (headers, body) = (headers.to_owned(), body.to_owned());
    Hostile::start(move |seen| {
        let own = seen.header("host").unwrap();
        let fill = |text: &str| text.replace("PORT", &port).replace("EVIL", &host).replace("REG", own);
        if seen.target.starts_with("/token") {
            return Answer::of(302, &fill("Location: http://EVIL/token\r\n"), "");
        }
        Answer::of(401, &fill(&headers), &fill(&body))
    })
    .await
}

async fn list_as(who: As, server: &Hostile, token_hosts: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = settings(server.address);
    settings.token_hosts = token_hosts.iter().map(|host| TokenHost::parse(host).unwrap()).collect();
    settings.credentials = match who {
        As::User => Some(login(&folder, "robot", "s3cret-canary")),
        As::Refresh => {
            std::fs::write(folder.path().join("token"), "s3cret-canary").unwrap();
            Some(Credentials::Refresh { token: SecretSource::File(folder.path().join("token")) })
        }
        As::Nobody => None,
    };
    list_with(&client(settings), server).await
}

/// Returns what comes of these headers and this body in each of the three ways; nobody may come to the evil server.
async fn check(headers: &str, body: &str) -> [String; 3] {
    let mut outcomes = Vec::new();
    for who in ALL {
        let evil = evil().await;
        let server = registry(&evil, headers, body).await;
        let outcome = list_as(who, &server, &["auth.example.com"]).await;
        assert!(outcome.starts_with("refused: "), "{who:?} {headers}: {outcome}");
        assert!(evil.seen().is_empty(), "{who:?} {headers}: {:?}", evil.seen());
        outcomes
            .push(outcome.replace(&evil.address.to_string(), "EVIL").replace(&evil.address.port().to_string(), "PORT"));
    }
    outcomes.try_into().unwrap()
}

async fn check_realm(realm: &str) -> [String; 3] {
    check(&format!("WWW-Authenticate: Bearer realm=\"{realm}\",service=\"tests\"\r\n"), "").await
}

#[tokio::test]
async fn http_on_another_port_or_host_is_not_asked() {
    for (realm, origin) in [
        ("http://EVIL/token", "http://EVIL"),
        ("HTTP://EVIL/token", "http://EVIL"),
        ("http:EVIL/token", "http://EVIL"),
        ("http://2130706433:PORT/token", "http://EVIL"),
        ("http://127.1:PORT/token", "http://EVIL"),
        ("http://localhost:PORT/token", "http://localhost:PORT"),
        ("http://localhost.:PORT/token", "http://localhost.:PORT"),
        ("http://0.0.0.0:PORT/token", "http://0.0.0.0:PORT"),
        ("http://[::ffff:127.0.0.1]:PORT/token", "http://[::ffff:7f00:1]:PORT"),
        ("http://169.254.169.254/latest/meta-data", "http://169.254.169.254"),
        ("http://REG.evil.example/token", ""),
    ] {
        for outcome in check_realm(realm).await {
            let expected = format!("sends us elsewhere for a token: the token server {origin}");
            let is_address = outcome.contains("its token server cannot be asked: the address cannot be used");
            assert!(outcome.contains(&expected) || (origin.is_empty() && is_address), "{realm}: {outcome}");
            assert!(is_address || outcome.contains("`tokenHosts`"), "{realm}: {outcome}");
        }
    }
}

#[tokio::test]
async fn https_elsewhere_gets_no_login_and_inside_no_question() {
    let foreign = |origin: &str| {
        format!(
            "refused: the registry of `HOST/app` sends us elsewhere for a token: the credential is not for {origin}; if it is \
             this registry's token server, add its host to the registry's `tokenHosts`"
        )
    };
    for (realm, origin) in [
        ("https://EVIL/token", "https://EVIL"),
        ("https://localhost:PORT/token", "https://localhost:PORT"),
        ("https://0.0.0.0:PORT/token", "https://0.0.0.0:PORT"),
        ("https://[::1]:PORT/token", "https://[::1]:PORT"),
        ("https://[::ffff:127.0.0.1]:PORT/token", "https://[::ffff:7f00:1]:PORT"),
        ("https://169.254.169.254/token", "https://169.254.169.254"),
        ("https://10.0.0.1/token", "https://10.0.0.1"),
    ] {
        let [user, refresh, nobody] = check_realm(realm).await;
        assert_eq!([user, refresh], [foreign(origin), foreign(origin)]);
        assert!(
            nobody.contains(&format!("{origin} has no public address; if it is this registry's token server, add")),
            "{nobody}"
        );
    }
    for realm in ["https://xn--uth-qla.example.com/", "https://auth.example.com./", "https://auth.example.com:8443/"] {
        let server = registry(&evil().await, &format!("WWW-Authenticate: Bearer realm=\"{realm}\"\r\n"), "").await;
        let refused = list_as(As::User, &server, &["auth.example.com"]).await;
        assert_eq!(refused, foreign(realm.trim_end_matches('/')));
    }
}

#[tokio::test]
async fn what_is_no_address_of_a_token_server_is_not_asked() {
    for realm in ["http://REG@EVIL/token", "http://u:p@REG/token", "file:///etc/passwd", "token", "", "//EVIL/token"] {
        for outcome in check_realm(realm).await {
            let expected = "gave a wrong answer: its token server cannot be asked: the address cannot be used: ";
            assert!(outcome.contains(expected), "{realm}: {outcome}");
        }
    }
    // A backslash is a slash, and what follows it is a path: the registry's own.
    for outcome in check_realm(r"http://REG\\@EVIL/token").await {
        assert!(outcome.contains("the token server http://HOST of `HOST/app` refused"), "{outcome}");
    }
}

#[tokio::test]
async fn a_token_server_that_redirects_is_not_followed() {
    for outcome in check_realm("http://REG/token").await {
        assert!(outcome.contains("the token server http://HOST of `HOST/app` answered 302; "), "{outcome}");
    }
}

#[tokio::test]
async fn only_the_header_names_a_token_server_and_the_first_counts() {
    for body in ["Bearer realm=\"http://EVIL/token\"", r#"{"realm":"http://EVIL/token"}"#] {
        for outcome in check("", body).await {
            assert!(outcome.contains("the registry of `HOST/app` refused"), "{outcome}");
        }
    }
    let evil_first = "WWW-Authenticate: Bearer realm=\"http://EVIL/token\", Bearer realm=\"http://REG/token\"\r\n";
    let evil_beside =
        "WWW-Authenticate: Basic realm=\"http://EVIL/\"\r\nWWW-Authenticate: Bearer realm=\"https://EVIL/\"\r\n";
    for headers in [evil_first, evil_beside] {
        for outcome in check(headers, "").await {
            assert!(outcome.contains("sends us elsewhere for a token: "), "{outcome}");
        }
    }
}

#[tokio::test]
async fn a_token_goes_to_the_registry_and_the_login_to_a_named_host() {
    for who in ALL {
        let tokens = Hostile::start(|_| Answer::ok(r#"{"token":"t0ken"}"#)).await;
        let realm = format!("WWW-Authenticate: Bearer realm=\"http://{}/\"\r\n", tokens.address);
        let server = Hostile::start(move |seen| match seen.header("authorization") {
            Some(given) => {
                assert_eq!(given, "Bearer t0ken");
                Answer::page(&["1"], "")
            }
            None => Answer::of(401, &realm, ""),
        })
        .await;
        let address = tokens.address.to_string();
        assert_eq!(list_as(who, &server, &[&address]).await, "1");
        let [seen] = tokens.seen().try_into().unwrap();
        assert!(!seen.head.contains("t0ken"));
        match who {
            As::User => assert_eq!(seen.header("authorization"), Some("Basic cm9ib3Q6czNjcmV0LWNhbmFyeQ==")),
            As::Refresh => assert!(seen.body.ends_with("&refresh_token=s3cret-canary")),
            As::Nobody => assert_eq!((seen.header("authorization"), seen.body.as_str()), (None, "")),
        }
        assert!(server.seen().iter().all(|seen| !format!("{seen:?}").contains("canary")));
    }
}
