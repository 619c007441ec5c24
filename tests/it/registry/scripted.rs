//! Servers on loopback that page, answer and fail in every way that registries have.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use deployment_automator::image::Digest;
use deployment_automator::net::Timeouts;
use deployment_automator::registry::{Client, Patience};
use tokio::sync::Barrier;

use super::*;

// Pages, as registries send them.

#[tokio::test]
async fn a_refused_page_size_is_lowered_and_remembered() {
    let server = Hostile::start(|seen| match query(seen, "n") {
        Some("100") => Answer::page(&tags(0, 3), ""),
        _ => Answer::of(413, "", r#"{"errors":[{"code":"TOO_MANY_TAGS_REQUESTED"}]}"#),
    })
    .await;
    let client = client(settings(server.address));
    assert_eq!(list_with(&client, &server).await, "v000000 v000001 v000002");
    assert_eq!(list_with(&client, &server).await, "v000000 v000001 v000002");
    assert_eq!(server.targets(), ["/v2/app/tags/list?n=1000", "/v2/app/tags/list?n=100", "/v2/app/tags/list?n=100"]);
}

#[tokio::test]
async fn a_registry_that_takes_no_page_size_is_asked_without() {
    let script = |seen: &Seen| match query(seen, "n") {
        Some(_) => Answer::of(405, "", ""),
        None => Answer::page(&["1"], ""),
    };
    assert_eq!(check(script).await, "1");
}

#[tokio::test]
async fn a_repository_that_is_refused_at_any_page_size_is_an_error_and_teaches_nothing() {
    let server = Hostile::start(|seen| match seen.number {
        0..=2 => Answer::of(400, "", r#"{"errors":[{"code":"NAME_INVALID","message":"invalid name"}]}"#),
        _ => Answer::page(&["1"], ""),
    })
    .await;
    let client = client(settings(server.address));
    let refused = "refused: the registry of `HOST/app` answered 400: \"NAME_INVALID invalid name\"; check that this \
        address is a registry's";
    assert_eq!(list_with(&client, &server).await, refused);
    assert_eq!(list_with(&client, &server).await, "1");
    assert_eq!(server.targets()[3], "/v2/app/tags/list?n=1000");
}

/// Answers with 2,500 tags like a registry that sends at most 1,000 of those after `last`, with this link.
fn clamping(seen: &Seen, link: impl Fn(&str) -> String) -> Answer {
    let all = tags(0, 2500);
    let rest =
        query(seen, "last").map_or(all.as_slice(), |last| &all[all.iter().position(|tag| tag == last).unwrap() + 1..]);
    match rest.get(..1000) {
        Some(page) if rest.len() > 1000 => Answer::page(page, &link(&page[999])),
        _ => Answer::page(rest, ""),
    }
}

#[tokio::test]
async fn links_are_followed_to_the_end() {
    let all = tags(0, 2500).join(" ");
    assert_eq!(check(|seen| clamping(seen, |last| format!("/v2/app/tags/list?last={last}"))).await, all);
    // Behind a proxy: another path, another port, nothing but the query.
    assert_eq!(
        check(|seen| clamping(seen, |last| format!("http://127.0.0.1/repository/x/app?last={last}"))).await,
        all
    );
    assert_eq!(check(|seen| clamping(seen, |last| format!("?n=1000&last={last}"))).await, all);
}

#[tokio::test]
async fn a_list_cut_at_the_page_size_without_a_link_is_read_on() {
    assert_eq!(check(|seen| clamping(seen, |_| String::new())).await, tags(0, 2500).join(" "));
}

#[tokio::test]
async fn a_list_cut_at_the_page_size_without_link_and_last_is_asked_for_whole() {
    let script = |seen: &Seen| Answer::page(&tags(0, if query(seen, "n").is_some() { 1000 } else { 1500 }), "");
    assert_eq!(check(script).await, tags(0, 1500).join(" "));
}

#[tokio::test]
async fn a_list_cut_below_the_page_size_without_a_link_is_read_on() {
    let script = |seen: &Seen| {
        let all = tags(0, 250);
        let from = query(seen, "last").map_or(0, |last| all.iter().position(|tag| tag == last).unwrap() + 1);
        Answer::page(&all[from..all.len().min(from + 100)], "")
    };
    assert_eq!(check(script).await, tags(0, 250).join(" "));
}

#[tokio::test]
async fn exactly_a_page_of_tags_is_a_complete_list() {
    let honest = |seen: &Seen| Answer::page(&tags(0, if query(seen, "last").is_some() { 0 } else { 1000 }), "");
    assert_eq!(check(honest).await, tags(0, 1000).join(" "));
    let ignoring = |_: &Seen| Answer::page(&tags(0, 1000), "");
    assert_eq!(check(ignoring).await, tags(0, 1000).join(" "));
}

#[tokio::test]
async fn a_page_of_all_tags_is_taken_as_it_is() {
    let server = Hostile::start(|_| Answer::page(&tags(0, 10_000), "")).await;
    assert_eq!(list(&server).await, tags(0, 10_000).join(" "));
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn tags_that_come_twice_count_once() {
    let script = |seen: &Seen| match query(seen, "last") {
        None => Answer::page(&["1", "2", "2"], "?last=2"),
        Some(_) => Answer::page(&["2", "3", "1"], ""),
    };
    assert_eq!(check(script).await, "1 2 3");
}

#[tokio::test]
async fn no_tags_are_an_empty_list() {
    for body in [r#"{"name":"app","tags":null}"#, r#"{"name":"app","tags":[]}"#, r#"{"name":"app"}"#] {
        assert_eq!(check(move |_| Answer::ok(body)).await, "", "{body}");
    }
}

// A list that was cut short is an error.

const INCOMPLETE: &str = "refused: the tags of `HOST/app` are incomplete: ";

#[tokio::test]
async fn pages_that_lead_nowhere_are_an_error() {
    let loops = check(|seen| Answer::page(&tags(seen.number, 1), "?last=same")).await;
    assert!(loops.starts_with(&format!("{INCOMPLETE}page 2 leads back to a page that was already read; ")), "{loops}");
    let repeats = check(|seen| Answer::page(&["1"], &format!("?last={}", seen.number))).await;
    assert!(
        repeats.starts_with(&format!("{INCOMPLETE}page 2 brought no tag that was not there before; ")),
        "{repeats}"
    );
    let unusable = check(|_| Answer::page(&["1"], "/v2/app/tags/list")).await;
    assert!(unusable.starts_with(&format!("{INCOMPLETE}page 1 names a next page that cannot be asked for; ")));
    let nameless = check(|_| Answer::page(&["../x"; 1000], "")).await;
    assert!(nameless.starts_with(&format!("{INCOMPLETE}page 1 holds no tag to go on from; ")), "{nameless}");
}

#[tokio::test]
async fn a_page_that_is_gone_is_an_error() {
    let script = |seen: &Seen| match seen.number {
        0 => Answer::page(&["1"], "?last=1"),
        _ => Answer::of(404, "", r#"{"errors":[{"code":"NAME_UNKNOWN"}]}"#),
    };
    let gone = check(script).await;
    assert!(gone.starts_with(&format!("{INCOMPLETE}page 2 is gone; ")), "{gone}");
}

#[tokio::test]
async fn pages_without_end_are_an_error() {
    let server = Hostile::start(|seen| Answer::page(&tags(seen.number, 1), &format!("?last={}", seen.number))).await;
    let endless = list(&server).await;
    assert!(endless.starts_with(&format!("{INCOMPLETE}there are more than 2000 pages; ")), "{endless}");
    assert_eq!(server.seen().len(), 2000);
}

const JSON_HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

#[tokio::test]
async fn a_page_without_end_is_an_error_at_the_bound() {
    let begin = format!("{JSON_HEAD}Content-Length: 250000000\r\n\r\n{{\"tags\":[\"");
    let server = Hostile::start(move |_| Answer::Flood(begin.clone().into_bytes(), vec![b'x'; 1 << 20])).await;
    let endless = list(&server).await;
    assert!(endless.starts_with(&format!("{INCOMPLETE}they are larger than 67108864 bytes; ")), "{endless}");
    assert!(server.sent() < 80 << 20, "{} bytes were taken", server.sent());
}

#[tokio::test]
async fn tags_without_end_are_an_error_at_the_bound() {
    let begin = format!("{JSON_HEAD}\r\n{{\"tags\":[\"v\"").into_bytes();
    let server = Hostile::start(move |_| Answer::Flood(begin.clone(), b",\"*\"".repeat(10_000))).await;
    let endless = list(&server).await;
    assert!(endless.starts_with(&format!("{INCOMPLETE}there are more than 1000000 tags; ")), "{endless}");
}

#[tokio::test]
async fn the_bound_counts_what_was_unpacked() {
    let mut plain = br#"{"tags":[],"a":""#.to_vec();
    plain.resize(70 << 20, b'x');
    let packed = gzip(&plain);
    assert!(packed.len() < 1 << 20);
    let head = format!("{JSON_HEAD}Content-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", packed.len());
    let answer = [head.as_bytes(), &packed].concat();
    let bomb = check(move |_| Answer::Bytes(answer.clone())).await;
    assert!(bomb.starts_with(&format!("{INCOMPLETE}they are larger than 67108864 bytes; ")), "{bomb}");
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(plain).unwrap();
    let output = std::process::Command::new("gzip").args(["-1", "-c"]).arg(file.path()).output();
    output.expect("gzip is missing: apt-get install gzip").stdout
}

#[tokio::test]
async fn a_list_may_take_only_so_long() {
    let server = Hostile::start(|_| Answer::Silence).await;
    let patience = Patience { list: Duration::from_millis(50), ..Patience::default() };
    let client = Client::with_patience(vec![settings(server.address)], patience).unwrap();
    let slow = list_with(&client, &server).await;
    assert!(slow.starts_with("unavailable: the tags of `HOST/app` did not arrive within "), "{slow}");
}

// Answers that are no lists.

#[tokio::test]
async fn what_is_no_tag_is_left_out() {
    let hostile =
        ["1.0.0\n::set-output name=x::y", "../../etc/passwd", "\u{1b}[31mred", "\u{202e}rtl", "$(id)", "-o", ""];
    let long = "x".repeat(129);
    let all: Vec<&str> = hostile.into_iter().chain([long.as_str(), "1.0.0", "null", "1e3", "yes"]).collect();
    let body = serde_json::json!({ "tags": all }).to_string();
    assert_eq!(check(move |_| Answer::ok(&body)).await, "1.0.0 1e3 null yes");
}

#[tokio::test]
async fn an_answer_that_is_no_list_is_an_error() {
    for (body, reason) in [
        ("<html>Welcome!</html>", "an object expected at byte 0"),
        ("", "more expected at byte 0"),
        (r#"["1"]"#, "an object expected at byte 0"),
        (r#"{"tags":"1"}"#, "a list of tags or `null` expected at byte 8"),
        (r#"{"tags":[1]}"#, "a tag in quotes expected at byte 9"),
        (r#"{"tags":["1","2""#, "more expected at byte 16"),
    ] {
        let expected = format!(
            "refused: the registry of `HOST/app` gave a wrong answer: it is no list of tags: {reason}; check that this \
             address is a registry's"
        );
        assert_eq!(check(move |_| Answer::ok(body)).await, expected);
    }
}

#[tokio::test]
async fn a_head_without_end_is_an_error() {
    let header = format!("X-Long: {}\r\n", "x".repeat(60_000));
    let huge = check(move |_| Answer::of(200, &header.repeat(2), "{}")).await;
    let expected = "refused: `HOST/app` cannot be read: http://HOST answered with more than 65536 bytes of headers; ";
    assert!(huge.starts_with(expected), "{huge}");
    let server = Hostile::start(|_| {
        let begin = "HTTP/1.1 200 OK\r\nX-Long: ".to_owned().into_bytes();
        Answer::Flood(begin, vec![b'x'; 1 << 16])
    })
    .await;
    let endless = list(&server).await;
    assert!(
        endless.starts_with("unavailable: `HOST/app` cannot be read now: the answer of http://HOST broke"),
        "{endless}"
    );
    assert!(server.sent() < 16 << 20, "{} bytes were taken", server.sent());
}

// Faults that pass, and those that do not.

#[tokio::test]
async fn a_limited_rate_is_waited_out() {
    let script = |seen: &Seen| match seen.number {
        0 | 1 => Answer::of(429, "Retry-After: 0\r\n", ""),
        _ => Answer::page(&["1"], ""),
    };
    assert_eq!(check(script).await, "1");
}

#[tokio::test]
async fn a_limited_rate_that_lasts_is_not_waited_out() {
    let server = Hostile::start(|_| Answer::of(429, "Retry-After: 3600\r\n", "")).await;
    let expected = "unavailable: the registry of `HOST/app` limits our rate for 3600 s; scan less often, or log in: most \
        registries allow more then";
    assert_eq!(list(&server).await, expected);
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_fault_of_the_server_is_tried_again_a_few_times() {
    let script = |seen: &Seen| match seen.number {
        0 => Answer::of(500, "", ""),
        1 => Answer::of(503, "", ""),
        _ => Answer::page(&["1"], ""),
    };
    assert_eq!(check(script).await, "1");
    let server = Hostile::start(|_| Answer::of(502, "", "<html>bad gateway</html>")).await;
    let expected = "unavailable: `HOST/app` cannot be read now: its registry answered 502; try again later; the fault is \
        the registry's";
    assert_eq!(list(&server).await, expected);
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn a_page_that_breaks_off_is_read_again() {
    let server = Hostile::start(|seen| match seen.number {
        0 => Answer::Bytes(format!("{JSON_HEAD}Content-Length: 99\r\n\r\n{{\"tags\":[\"1\",\"2\"").into_bytes()),
        1 => Answer::page(&["1", "2", "3"], "?last=3"),
        _ => Answer::page(&["4"], ""),
    })
    .await;
    assert_eq!(list(&server).await, "1 2 3 4");
}

#[tokio::test]
async fn a_page_that_always_breaks_off_is_no_list() {
    let half = format!("{JSON_HEAD}Content-Length: 99\r\n\r\n{{\"tags\":[\"1\"]}}").into_bytes();
    let server = Hostile::start(move |_| Answer::Bytes(half.clone())).await;
    let broken = list(&server).await;
    let expected = "unavailable: `HOST/app` cannot be read now: the answer of http://HOST broke off: ";
    assert!(broken.starts_with(expected), "{broken}");
    assert_eq!(server.seen().len(), 4);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let listed = client(settings(free)).list(&repository(free, "app")).await;
    assert_eq!(
        outcome(listed, free),
        "unavailable: `HOST/app` cannot be read now: http://HOST cannot be reached: Connection refused (os error 111); \
         check that the server runs, its port, and the firewall and proxy on the way"
    );
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let server = Hostile::start(|_| Answer::Silence).await;
    let mut patience = Patience { first_wait: Duration::from_millis(1), ..Patience::default() };
    patience.timeouts.idle = Duration::from_millis(50);
    let mut settings = settings(server.address);
    let http = Client::with_patience(vec![settings.clone()], patience).unwrap();
    let silent = list_with(&http, &server).await;
    let expected = "unavailable: `HOST/app` cannot be read now: http://HOST took too long to answer; ";
    assert!(silent.starts_with(expected), "{silent}");
    assert_eq!(server.seen().len(), 4);
    settings.plain_http = false;
    patience.timeouts = Timeouts { connect: Duration::from_millis(50), ..Timeouts::default() };
    let https = Client::with_patience(vec![settings], patience).unwrap();
    let silent = list_with(&https, &server).await;
    let expected = "unavailable: `HOST/app` cannot be read now: https://HOST took too long to be connected to; ";
    assert!(silent.starts_with(expected), "{silent}");
}

#[tokio::test]
async fn a_registry_is_asked_only_a_few_things_at_once() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (highest, three) = (Arc::clone(&most), Arc::new(Barrier::new(3)));
    let server = Hostile::start(move |_| {
        let (now, highest, three) = (Arc::clone(&now), Arc::clone(&highest), Arc::clone(&three));
        Answer::After(Box::pin(async move {
            highest.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            three.wait().await;
            now.fetch_sub(1, Ordering::SeqCst);
            Answer::page(&["1"], "")
        }))
    })
    .await;
    let mut settings = settings(server.address);
    settings.concurrency = 3;
    let client = client(settings);
    let lists = (0..30).map(|number| {
        let (client, app) = (client.clone(), repository(server.address, &format!("app{number}")));
        tokio::spawn(async move { client.list(&app).await.unwrap().len() })
    });
    for list in lists.collect::<Vec<_>>() {
        assert_eq!(list.await.unwrap(), 1);
    }
    assert_eq!(most.load(Ordering::SeqCst), 3);
}

// Digests.

const MANIFEST: &str = r#"{"schemaVersion":2}"#;

#[tokio::test]
async fn a_digest_is_asked_for_by_head_with_all_kinds_of_manifests() {
    let said = Digest::sha256_of(MANIFEST.as_bytes());
    let header = format!("Docker-Content-Digest: {said}\r\n");
    let server = Hostile::start(move |_| Answer::of(200, &header, "")).await;
    let digest = client(settings(server.address)).digest(&repository(server.address, "app"), tag("1")).await.unwrap();
    assert_eq!(digest, said);
    let [seen] = server.seen().try_into().unwrap();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("HEAD", "/v2/app/manifests/1"));
    for kind in ["oci.image.index.v1", "oci.image.manifest.v1", "docker.distribution.manifest.list.v2"] {
        assert!(seen.head.contains(&format!("application/vnd.{kind}+json")), "{}", seen.head);
    }
    assert!(seen.head.contains("application/vnd.docker.distribution.manifest.v2+json"));
}

#[tokio::test]
async fn a_digest_that_is_not_said_is_computed() {
    let computed = check_digest(|_| Answer::ok(MANIFEST)).await;
    assert_eq!(computed, Digest::sha256_of(MANIFEST.as_bytes()).as_str());
}

#[tokio::test]
async fn a_digest_that_lies_is_refused() {
    let lie = Digest::sha256_of(b"something else");
    let header = format!("Docker-Content-Digest: {lie}\r\n");
    let lied = check_digest(move |seen| match seen.method.as_str() {
        "HEAD" => Answer::ok(""),
        _ => Answer::of(200, &header, MANIFEST),
    })
    .await;
    let truth = Digest::sha256_of(MANIFEST.as_bytes());
    let expected = format!("wrong answer: it names {lie} as the digest of a manifest that hashes to {truth}; ");
    assert!(lied.contains(&expected), "{lied}");
    let odd = check_digest(|_| Answer::of(200, "Docker-Content-Digest: sha256:00\r\n", "")).await;
    assert!(odd.contains("its `Docker-Content-Digest` is no digest"), "{odd}");
}

#[tokio::test]
async fn a_manifest_without_end_is_an_error_at_the_bound() {
    let begin = format!("{JSON_HEAD}\r\n").into_bytes();
    let endless = check_digest(move |seen| match seen.method.as_str() {
        "HEAD" => Answer::ok(""),
        _ => Answer::Flood(begin.clone(), vec![b' '; 1 << 20]),
    })
    .await;
    let expected = "refused: `HOST/app` cannot be read: http://HOST answered with more than 4194304 bytes; ";
    assert!(endless.starts_with(expected), "{endless}");
    let nothing = check_digest(|_| Answer::ok("")).await;
    assert!(nothing.contains("gave a wrong answer: it holds no manifest"), "{nothing}");
}
