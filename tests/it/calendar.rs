//! When changes may be written: scans on real parts at moments that the test sets, and what people see of what waits.

use std::collections::BTreeSet;

use deployment_automator::app::{Clock, Job, Mode, Report, scan};
use deployment_automator::demo::registry::EmbeddedRegistry;
use deployment_automator::image::TagRef;
use deployment_automator::settings::{read_policies, read_settings};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::support::workbench::Workbench;

/// A registry with two images of two tags each, and a workbench whose file runs the older ones.
async fn two_applications(defaults: &str) -> (EmbeddedRegistry, Workbench) {
    let registry = EmbeddedRegistry::start().await.unwrap();
    for name in ["web", "api"] {
        for tag in ["1.0.0", "1.1.0"] {
            registry.push(&registry.repository(name).unwrap(), TagRef::parse(tag).unwrap());
        }
    }
    let host = registry.addr();
    let text = "web:\n  tag: 1.0.0 # automator: web:tag\n  digest: '' # automator: web:digest\napi: 1.0.0 # automator: api:tag\n";
    let settings = format!("registries:\n  - {{ host: '{host}', plainHttp: true }}\n{defaults}");
    let bench = Workbench::new(&[("a.yaml", text)], &settings);
    for name in ["web", "api"] {
        bench.write(
            &format!("policies/{name}.yaml"),
            &format!("name: {name}\nimage: {host}/{name}\nselect: {{ semver: 1.x }}\n"),
        );
    }
    (registry, bench)
}

impl Workbench {
    /// Adds lines to a policy.
    fn add_to_policy(&self, name: &str, lines: &str) {
        let path = format!("policies/{name}.yaml");
        let text = std::fs::read_to_string(self.path(&path)).unwrap();
        self.write(&path, &(text + lines));
    }

    /// Scans in this process at the time of `clock`.
    async fn scan_at(&self, mode: Mode, clock: fn() -> Timestamp) -> Report {
        let settings = read_settings(Some(&self.path("automator.yaml"))).unwrap();
        let read = read_policies(&settings);
        assert_eq!(read.findings, []);
        let job = Job {
            settings: &settings,
            policies: &read.policies,
            all_policies_read: read.are_complete(),
            only: BTreeSet::new(),
            clock: Clock::from_fn(clock),
        };
        let report = scan(&job, mode, &mut ()).await;
        assert!(!report.has_trouble(), "{report:?}");
        report
    }
}

/// Shows where each place stands.
fn standings(report: &Report) -> String {
    report.rows.iter().map(|row| format!("{}:{} {:?}\n", row.policy, row.field, row.state)).collect()
}

/// A Saturday in Berlin.
fn saturday() -> Timestamp {
    "2026-01-03T12:00:00Z".parse().unwrap()
}

/// The first moment of the next working day there.
fn monday() -> Timestamp {
    "2026-01-05T08:00:00Z".parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_window_forbids_waits_and_is_written_when_it_opens() {
    let (_registry, bench) = two_applications("").await;
    bench.add_to_policy("web", "windows:\n  - { cron: '* 9-16 * * MON-FRI', timezone: Europe/Berlin }\n");

    let dry = bench.scan_at(Mode::Dry, saturday).await;
    let diff = String::from_utf8(dry.diff).unwrap();
    assert!(diff.contains("+api: 1.1.0") && !diff.contains("+  tag"), "{diff}");
    let report = bench.scan_at(Mode::Write, saturday).await;
    assert_eq!(report.commits.len(), 1);
    let shown = standings(&report);
    let digest = shown.split('"').find(|part| part.starts_with("sha256:")).unwrap().to_owned();
    expect_test::expect![[r#"
        web:web.tag Pending { to: "1.1.0", until: Some(2026-01-05T09:00:00+01:00[Europe/Berlin]), why: "none of the policy's windows is open" }
        web:web.digest Pending { to: "DIGEST", until: Some(2026-01-05T09:00:00+01:00[Europe/Berlin]), why: "none of the policy's windows is open" }
        api:api Changed { to: "1.1.0" }
    "#]]
    .assert_eq(&shown.replace(&digest, "DIGEST"));
    assert!(bench.file("a.yaml").starts_with("web:\n  tag: 1.0.0 #"), "{}", bench.file("a.yaml"));

    let again = bench.scan_at(Mode::Write, saturday).await;
    assert!(again.commits.is_empty(), "what waits is no reason for a commit");
    let report = bench.scan_at(Mode::Write, monday).await;
    assert_eq!(report.commits.len(), 1);
    let file = bench.file("a.yaml");
    assert!(file.starts_with(&format!("web:\n  tag: 1.1.0 # automator: web:tag\n  digest: '{digest}' #")), "{file}");
    assert_eq!(bench.bare.git(&["log", "-1", "--format=%ct", "main"]), monday().as_second().to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freeze_of_the_settings_holds_for_every_policy_and_adds_to_their_own() {
    let holidays =
        "defaults:\n  freezes: [{ from: 2025-12-20T00:00:00Z, to: 2026-01-04T00:00:00Z, reason: holidays }]\n";
    let (_registry, bench) = two_applications(holidays).await;
    bench.add_to_policy("web", "freezes: [{ from: 2026-01-01T00:00:00Z, to: 2026-01-05T12:00:00Z }]\n");
    let frozen = bench.scan_at(Mode::Write, saturday).await;
    assert!(frozen.commits.is_empty());
    let shown = standings(&frozen);
    assert!(
        shown.contains(
            "until: Some(2026-01-04T00:00:00+00:00[UTC]), why: \"frozen until 2026-01-04T00:00:00Z: holidays\""
        ),
        "{shown}"
    );
    assert!(shown.contains("why: \"frozen until 2026-01-05T12:00:00Z\""), "{shown}");
    let over = bench.scan_at(Mode::Write, monday).await;
    assert_eq!(over.commits.len(), 1);
    assert!(bench.file("a.yaml").ends_with("api: 1.1.0 # automator: api:tag\n"));
    assert!(bench.file("a.yaml").starts_with("web:\n  tag: 1.0.0 #"), "its own freeze goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_see_what_waits_and_until_when_and_it_is_no_failure() {
    let (_registry, bench) = two_applications("").await;
    let until = Timestamp::from_second((Timestamp::now().as_second() / 86_400 + 2) * 86_400).unwrap();
    let freeze = format!("freezes: [{{ from: 2020-01-01T00:00:00Z, to: {until}, reason: \"holi\\u202edays\" }}]\n");
    bench.add_to_policy("web", &freeze);
    bench.add_to_policy("api", &freeze);
    let scan = bench.expect(&["scan"], 0);
    assert_eq!(scan.stderr, "");
    let day = until.strftime("%Y-%m-%d").to_string();
    let digest = scan.stdout.split("-> ").find_map(|part| part.strip_prefix("sha256:")).unwrap();
    let digest = digest.split_whitespace().next().unwrap();
    expect_test::expect![[r#"
        pending    api: 1.0.0 -> 1.1.0
                   highest of 2 tags in "1.x"
                   frozen until DAYT00:00:00Z: holi\u{202e}days
                   may be written from DAY 00:00 +00:00 (UTC)
                   a.yaml:4 api
        pending    web: 1.0.0 -> 1.1.0
                   highest of 2 tags in "1.x"
                   frozen until DAYT00:00:00Z: holi\u{202e}days
                   may be written from DAY 00:00 +00:00 (UTC)
                   a.yaml:2 web.tag
        pending    web: nothing -> sha256:DIGEST
                   highest of 2 tags in "1.x"
                   frozen until DAYT00:00:00Z: holi\u{202e}days
                   may be written from DAY 00:00 +00:00 (UTC)
                   a.yaml:3 web.digest
        nothing to write now
    "#]]
    .assert_eq(&scan.stdout.replace(&day, "DAY").replace(digest, "DIGEST"));
    assert_eq!(bench.expect(&["diff"], 0).stdout, "");
    assert_eq!(bench.bare.git(&["rev-list", "--count", "main"]), "1");

    let json: Value = serde_json::from_str(&bench.expect(&["scan", "--output", "json"], 0).stdout).unwrap();
    let place = &json["places"][2];
    assert_eq!((&place["state"], &place["to"]), (&Value::from("pending"), &Value::from("1.1.0")));
    assert_eq!(place["until"], until.to_string());
    assert_eq!(place["closed"], format!("frozen until {until}: holi\\u{{202e}}days"));
    assert_eq!(place["reason"], "highest of 2 tags in \"1.x\"");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freeze_to_the_second_and_a_window_that_never_comes_are_said_so() {
    let (_registry, bench) = two_applications("").await;
    let now = Timestamp::now();
    let to = Timestamp::from_second((now + SignedDuration::from_hours(48)).as_second() / 60 * 60 + 30).unwrap();
    bench.add_to_policy("api", &format!("freezes: [{{ from: 2020-01-01T00:00:00Z, to: {to} }}]\n"));
    // A clock in Berlin shows no such minute: summer time begins on a Sunday, at that very hour.
    bench.add_to_policy("web", "windows: [{ cron: '30 2 25-31 3 */7', timezone: Europe/Berlin }]\n");
    let shown = bench.expect(&["scan"], 0).stdout;
    assert!(
        shown.contains(&format!("may be written from {} +00:00 (UTC)\n", to.strftime("%Y-%m-%d %H:%M:30"))),
        "{shown}"
    );
    assert!(shown.contains("no moment is in sight when it may be written\n"), "{shown}");
}

#[test]
fn time_zones_are_known_where_the_system_has_none() {
    let bench = Workbench::new(&[("a.yaml", "a: 1\n")], "");
    bench.write("policies/web.yaml", "name: web\nimage: nginx\nselect: { semver: 1.x }\nwindows: [{ cron: '* * * * *', timezone: Europe/Berlin }, { cron: '* * * * *', timezone: Nowhere/Else }]\n");
    bench.write("empty/zones", "");
    let zones = bench.path("empty");
    let ran = bench.run_with(&["lint"], &[("TZDIR", zones.to_str().unwrap())]);
    assert_eq!(ran.status, 2, "{}", ran.stdout);
    assert!(ran.stdout.contains("policies/web.yaml:4:") && ran.stdout.contains("`Nowhere/Else`"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("Berlin` is no"), "{}", ran.stdout);
}
