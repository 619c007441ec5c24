//! The whole job on real parts: Debian's docker-registry, a bare repository, git's own judgement of the commits.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use deployment_automator::app::{Clock, Job, Mode, Observer, Step, scan};
use deployment_automator::demo::registry::EmbeddedRegistry;
use deployment_automator::image::TagRef;
use deployment_automator::settings::{read_policies, read_settings};

use crate::support::docker_registry::{self, DockerRegistry};
use crate::support::tokens::Issuer;
use crate::support::workbench::Workbench;

const DEPLOYMENT: &str = "\u{feff}# Owners: team-web\r\napiVersion: apps/v1\r\nkind: Deployment\r\nspec:\r\n  containers:\r\n\r\n    - name: web\r\n      image: 'REGISTRY/shop/web:1.0.0'   # {\"$imagepolicy\": \"flux-system:web\"}\r\n    - name: side\r\n      image: REGISTRY/shop/side:1 # not ours\r\n";
const KUSTOMIZATION: &str = "kind: Kustomization\nimages:\n- name: api\n  newName: &api REGISTRY/shop/api # automator: api:name\n  newTag: \"7\" # build number; automator: api:tag\nused: *api\n---\n\n# a second document\nused: { by: [nobody] }\n...\n";
const VALUES: &str = "jobs:\n  image:\n    tag: 2026-01-01 # automator: jobs:tag\n    digest: ''      # automator: jobs:digest\n  schedule: \"0 3 * * *\"   ";

fn registries(address: &dyn std::fmt::Display) -> String {
    format!("registries:\n  - {{ host: '{address}', plainHttp: true }}\n")
}

/// A registry with three repositories and a workbench whose three files run them.
async fn three_applications() -> (DockerRegistry, Workbench) {
    let registry = DockerRegistry::start();
    let address = registry.addr().to_string();
    for (repository, tags) in [
        ("shop/web", "1.0.0 1.1.0 1.2.0-rc.1 2.0.0 latest"),
        ("shop/api", "7 8 10 9 nightly"),
        ("shop/jobs", "2026-01-01 2026-02-01 2025-12-31"),
    ] {
        for tag in tags.split_whitespace() {
            registry.push(repository, tag).await;
        }
    }
    let at = |text: &str| text.replace("REGISTRY", &address);
    let files = [
        ("apps/web/deployment.yaml", &*at(DEPLOYMENT)),
        ("apps/api/kustomization.yaml", &*at(KUSTOMIZATION)),
        ("apps/jobs/values.yaml", &*at(VALUES)),
        ("README.md", "# {\"$imagepolicy\": \"flux-system:web\"}\n"),
    ];
    let bench = Workbench::new(&files, &registries(&address));
    bench.write(
        "policies/web.yaml",
        &at("name: web\nnamespace: flux-system\nimage: REGISTRY/shop/web\nselect: { semver: 1.x }\n"),
    );
    bench.write("policies/more.yaml", &at("name: api\nimage: REGISTRY/shop/api\nselect: { numeric: highest }\n---\nname: jobs\nimage: REGISTRY/shop/jobs\nselect: { alphabetical: last }\n"));
    (registry, bench)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_writes_the_right_tags_in_one_signed_commit_and_then_nothing() {
    let (registry, bench) = three_applications().await;
    let before = bench.bare.tip();

    let diff = bench.expect(&["diff"], 1);
    assert_eq!(bench.bare.tip(), before, "a diff writes nothing");
    let scan = bench.expect(&["scan"], 0);
    assert_eq!(scan.stderr, "");

    assert_eq!(bench.bare.git(&["rev-parse", "main^"]), before, "one commit");
    bench.git_trusting(&["verify-commit", "main"]);
    bench.bare.assert_sound();
    assert_eq!(diff.stdout, bench.bare.git(&["diff", "main^", "main"]) + "\n", "the diff before was the diff");

    let address = registry.addr().to_string();
    let digest = registry.push("shop/jobs", "2026-02-01").await;
    let deployment = DEPLOYMENT.replace("1.0.0'", "1.1.0'").replace("REGISTRY", &address);
    let kustomization = KUSTOMIZATION.replace("\"7\"", "\"10\"").replace("REGISTRY", &address);
    let values = VALUES.replace("tag: 2026-01-01", "tag: \"2026-02-01\"").replace("''", &format!("'{digest}'"));
    assert_eq!(bench.file("apps/web/deployment.yaml"), deployment);
    assert_eq!(bench.file("apps/api/kustomization.yaml"), kustomization);
    assert_eq!(bench.file("apps/jobs/values.yaml"), values);

    let tip = bench.bare.tip();
    let again = bench.expect(&["scan"], 0);
    assert!(again.stdout.ends_with("nothing to do\n"), "{}", again.stdout);
    assert_eq!(bench.expect(&["diff"], 0).stdout, "");
    assert_eq!(bench.bare.tip(), tip, "a second scan writes nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trailers_are_those_that_git_reads() {
    let (registry, bench) = three_applications().await;
    bench.expect(&["scan"], 0);
    let message = bench.bare.git(&["log", "-1", "--format=%B", "main"]);
    let parsed = bench.bare.git_with_input(&["interpret-trailers", "--parse"], message.as_bytes());
    let digest = registry.push("shop/jobs", "2026-02-01").await;
    let shown: String = parsed
        .lines()
        .filter(|line| !line.starts_with("Policy-Revision: sha256:") && !line.starts_with("Automator-"))
        .map(|line| line.replace(&registry.addr().to_string(), "REGISTRY").replace(digest.as_str(), "DIGEST") + "\n")
        .collect();
    expect_test::expect![[r#"
        Image-Policy: api
        Image: REGISTRY/shop/api
        Image-From: 7
        Image-To: 10
        Image-Digest: sha256:7348ab75f6a48dd3e525702411ad75ed3593fbb55a8cf634c5941b938461be76
        Image-File: apps/api/kustomization.yaml:5
        Change-Type: standard
        Reason: highest of 4 numeric tags
        Image-Policy: jobs
        Image: REGISTRY/shop/jobs
        Image-From: 2026-01-01
        Image-To: 2026-02-01
        Image-Digest: DIGEST
        Image-File: apps/jobs/values.yaml:3
        Image-File: apps/jobs/values.yaml:4
        Change-Type: standard
        Reason: last of 3 tags in alphabetical order
        Image-Policy: flux-system:web
        Image: REGISTRY/shop/web
        Image-From: 1.0.0
        Image-To: 1.1.0
        Image-Digest: sha256:810e872d0fe11a0fe621cbca1c7258817a0c4efb36ec45f5774ca5876bb47723
        Image-File: apps/web/deployment.yaml:8
        Change-Type: standard
        Reason: highest of 2 tags in "1.x"
    "#]]
    .assert_eq(&shown);
    for key in ["Automator-Change: ", "Automator-Version: "] {
        assert_eq!(parsed.matches(key).count(), 1, "{parsed}");
    }
    assert_eq!(parsed.matches("Policy-Revision: sha256:").count(), 3, "{parsed}");
    assert_eq!(
        parsed,
        message.trim_end().rsplit("\n\n").next().unwrap(),
        "every line of the last paragraph is a trailer"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_diff_applies_with_git() {
    let (_registry, bench) = three_applications().await;
    let diff = bench.expect(&["diff"], 1).stdout;
    let checkout = bench.bare.clone_to("checkout");
    let mut apply =
        crate::support::bare::git_command(&checkout, &["apply", "--check", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut apply.stdin.take().unwrap(), diff.as_bytes()).unwrap();
    assert!(apply.wait().unwrap().success());
}

/// Pushes a rival commit whenever a plan is about to be committed, as often as it still has commits.
struct Rival<'b> {
    bench: &'b Workbench,
    commits: Vec<(&'static str, String)>,
    raced: usize,
}

impl Observer for Rival<'_> {
    fn step(&mut self, step: &Step<'_>) {
        match step {
            Step::Planned { .. } => {
                if let Some((path, content)) = self.commits.pop() {
                    self.bench.bare.commit("main", "rival", &[("100644", path, content.as_bytes())]);
                }
            }
            Step::Raced { .. } => self.raced += 1,
            Step::Listed { .. } | Step::Pushed { .. } => {}
        }
    }
}

/// Scans in this process, with rivals that push at the very moment between planning and committing.
async fn scan_with_rivals(bench: &Workbench, commits: Vec<(&'static str, String)>) -> usize {
    let settings = read_settings(Some(&bench.path("automator.yaml"))).unwrap();
    let read = read_policies(&settings);
    let job = Job {
        settings: &settings,
        policies: &read.policies,
        all_policies_read: read.are_complete(),
        only: BTreeSet::new(),
        clock: Clock::system(),
    };
    let mut rival = Rival { bench, commits, raced: 0 };
    let report = scan(&job, Mode::Write, &mut rival).await;
    assert!(!report.has_trouble(), "{report:?}");
    rival.raced
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rival_push_at_the_worst_moment_costs_a_new_plan_and_nothing_else() {
    let (_registry, bench) = three_applications().await;
    let rivals = (0..5).map(|number| ("notes.txt", format!("{number}\n"))).collect();
    assert_eq!(scan_with_rivals(&bench, rivals).await, 5);
    let log = bench.bare.git(&["log", "--first-parent", "--format=%an", "main"]);
    assert_eq!(log, "Automator\nRival\nRival\nRival\nRival\nRival\nRival", "all five, ours once, no merge");
    assert_eq!(bench.file("notes.txt"), "0\n", "the last rival's");
    assert!(bench.file("apps/web/deployment.yaml").contains("shop/web:1.1.0'"));
    bench.git_trusting(&["verify-commit", "main"]);
    bench.bare.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rival_who_makes_the_same_change_leaves_nothing_to_do_for_us() {
    let (registry, bench) = three_applications().await;
    bench.expect(&["scan", "--policy", "api", "--policy", "jobs"], 0);
    let address = registry.addr().to_string();
    let same = DEPLOYMENT.replace("1.0.0'", "1.1.0'").replace("REGISTRY", &address);
    assert_eq!(scan_with_rivals(&bench, vec![("apps/web/deployment.yaml", same)]).await, 1);
    assert_eq!(bench.bare.git(&["log", "-1", "--format=%an", "main"]), "Rival", "nothing is written twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_automators_on_one_branch_write_every_change_once() {
    let registry = EmbeddedRegistry::start().await.unwrap();
    let names: Vec<_> = (0..8).map(|number| format!("app{number}")).collect();
    let host = registry.addr().to_string();
    let text: String = names.iter().map(|name| format!("{name}: {host}/{name}:1.0.0 # automator: {name}\n")).collect();
    let bench = Workbench::new(&[("all.yaml", &text)], &registries(&host));
    for name in &names {
        for tag in ["1.0.0", "1.1.0"] {
            registry.push(&registry.repository(name).unwrap(), TagRef::parse(tag).unwrap());
        }
        bench.write(
            &format!("policies/{name}.yaml"),
            &format!("name: {name}\nimage: {host}/{name}\nselect: {{ semver: 1.x }}\n"),
        );
    }
    let start = |name: &String| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_automator"));
        command.args(["scan", "--policy", name]).current_dir(bench.bare.folder()).stdout(Stdio::null()).spawn().unwrap()
    };
    let running: Vec<_> = names.iter().map(start).collect();
    for mut child in running {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(bench.file("all.yaml"), text.replace("1.0.0", "1.1.0"));
    let log = bench.bare.git(&["log", "--format=%an %P", "main"]);
    assert_eq!(log.lines().filter(|line| line.starts_with("Automator ")).count(), 8, "{log}");
    assert!(log.lines().all(|line| line.split(' ').count() <= 2), "no merge: {log}");
    bench.bare.assert_sound();
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_from_files_open_a_registry_and_show_nowhere() {
    let registry = DockerRegistry::start_with_basic_auth();
    registry.push("shop/web", "1.0.0").await;
    registry.push("shop/web", "1.1.0").await;
    let address = registry.addr();
    let text = format!("image: {address}/shop/web:1.0.0 # automator: web\n");
    let login = format!(
        "registries:\n  - {{ host: '{address}', plainHttp: true, auth: {{ usernameFile: user, passwordFile: password }} }}\n"
    );
    let bench = Workbench::new(&[("a.yaml", &text)], &login);
    bench.write("policies/web.yaml", &format!("name: web\nimage: {address}/shop/web\nselect: {{ semver: 1.x }}\n"));
    bench.write("user", docker_registry::USER).write("password", "wrong\n");
    let refused = bench.expect(&["scan"], 3);
    assert!(refused.stderr.contains("refused"), "{}", refused.stderr);
    bench.write("password", &format!("{}\n", docker_registry::PASSWORD));
    let ran = bench.expect(&["scan", "-vvvv", "--log-format", "json"], 0);
    let key = std::fs::read_to_string(bench.path("signing_key")).unwrap();
    let commit = bench.bare.git(&["cat-file", "commit", "main"]);
    for canary in [docker_registry::PASSWORD, key.lines().nth(1).unwrap()] {
        for place in [&ran.stdout, &ran.stderr, &commit, &refused.stderr] {
            assert!(!place.contains(canary), "{place}");
        }
    }
    assert!(ran.stderr.contains("shop/web"), "the logs say what was done: {}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_login_opens_a_registry_and_shows_nowhere() {
    let issuer = Issuer::new();
    let tokens = issuer.serve().await;
    let realm = format!("http://{}/token", tokens.address);
    let registry = DockerRegistry::start_with_token_auth(&issuer, &realm, "shop/web");
    registry.push("shop/web", "1.0.0").await;
    registry.push("shop/web", "1.1.0").await;
    let address = registry.addr();
    let text = format!("image: {address}/shop/web:1.0.0 # automator: web\n");
    let login = |more: &str| {
        let auth = "auth: { usernameFile: user, passwordFile: password }";
        format!("registries:\n  - {{ host: '{address}', plainHttp: true, {auth}{more} }}\n")
    };
    let bench = Workbench::new(&[("a.yaml", &text)], &login(&format!(", tokenHosts: ['{}']", tokens.address)));
    bench.write("policies/web.yaml", &format!("name: web\nimage: {address}/shop/web\nselect: {{ semver: 1.x }}\n"));
    bench.write("user", docker_registry::USER).write("password", "wrong\n");
    let refused = bench.expect(&["scan", "-vvvv"], 3);
    assert!(refused.stderr.contains(&format!("the token server http://{}", tokens.address)), "{}", refused.stderr);
    bench.write("password", &format!("{}\n", docker_registry::PASSWORD));
    let ran = bench.expect(&["scan", "-vvvv"], 0);
    assert_eq!(bench.file("a.yaml"), text.replace("1.0.0", "1.1.0"));
    let asked = format!("wants a token for {address}/shop/web: asking http://{} with its login", tokens.address);
    assert!(ran.stderr.contains(&asked), "{}", ran.stderr);
    // The second begins every token of the issuer.
    for canary in [docker_registry::PASSWORD, "eyJ", "YXV0b21hdG9yOmxvb3BiYWNrLW9ubHk"] {
        for place in [&ran.stdout, &ran.stderr, &refused.stderr, &bench.bare.git(&["cat-file", "commit", "main"])] {
            assert!(!place.contains(canary), "{place}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_policys_trouble_stays_its_own() {
    let (_registry, bench) = three_applications().await;
    bench.write("policies/broken.yaml", "name: broken\nimage: ghcr.io/acme/broken\nselect: { semver: '>=x.y.z.w' }\n");
    bench.write("policies/down.yaml", "name: down\nimage: 127.0.0.1:1/acme/down\nselect: { semver: 1.x }\n");
    let ran = bench.expect(&["scan"], 3);
    assert!(ran.stderr.contains("policies/broken.yaml:3:"), "{}", ran.stderr);
    assert!(ran.stderr.contains("policy down: "), "{}", ran.stderr);
    assert!(bench.file("apps/web/deployment.yaml").contains("shop/web:1.1.0'"), "the others are done");
}
