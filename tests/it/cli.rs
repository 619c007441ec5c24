//! What people see: `explain`, `lint`, `schema`, `demo`, JSON, and the help.

use deployment_automator::demo::registry::EmbeddedRegistry;
use deployment_automator::image::TagRef;
use serde_json::Value;

use crate::support::workbench::Workbench;

async fn scene(tags: impl Iterator<Item = String>) -> (EmbeddedRegistry, Workbench) {
    let registry = EmbeddedRegistry::start().await.unwrap();
    let repository = registry.repository("web").unwrap();
    for tag in tags {
        registry.push(&repository, TagRef::parse(&tag).unwrap());
    }
    let host = registry.addr();
    let text = format!("a: {host}/web:1.0.0 # automator: web\nb: {host}/web:1.3.0 # automator: web\n");
    let bench =
        Workbench::new(&[("a.yaml", &text)], &format!("registries:\n  - {{ host: '{host}', plainHttp: true }}\n"));
    bench
        .write("policies/web.yaml", &format!("name: web\nimage: {host}/web\nselect: {{ semver: '>=1.0.0 <2.0.0' }}\n"));
    (registry, bench)
}

fn few() -> impl Iterator<Item = String> {
    ["1.0.0", "1.1.0", "1.2.0", "1.3.0-rc.1", "2.0.0", "latest"].into_iter().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_answers_on_ten_thousand_tags_in_eighty_columns() {
    let tags = (0..10_000).map(|number| format!("{}.{}.{}", number / 5_000, number / 100 % 50, number % 100));
    let (_registry, bench) = scene(tags).await;
    let ran = bench.expect(&["explain", "web"], 0);
    assert!(ran.stdout.contains("1.49.99"), "{}", ran.stdout);
    assert!(ran.stdout.lines().count() < 40, "{}", ran.stdout);
    let all = bench.expect(&["explain", "web", "--all"], 0);
    assert!(all.stdout.lines().count() > 10_000);
    for line in ran.stdout.lines().chain(all.stdout.lines()) {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_says_why_for_each_current_value() {
    let (registry, bench) = scene(few()).await;
    let shown = bench.expect(&["explain", "web"], 0).stdout.replace(&registry.addr().to_string(), "REGISTRY");
    expect_test::expect![[r#"
        web  REGISTRY/web  policies/web.yaml:1:7
        1.0.0 -> 1.2.0: highest of 3 tags in ">=1.0.0 <2.0.0"
          better, but not allowed: 2.0.0 (outside of <2.0.0), 1.3.0-rc.1 (pre-release
            not asked for)
        1.3.0 stays: current 1.3.0 is above the highest allowed 1.2.0; guard.downgrade
          refuses to go back
          current 1.3.0 is not in the registry
          better, but not allowed: 2.0.0 (outside of <2.0.0)

        TAG         VERDICT                    RULE
        2.0.0       outside of <2.0.0          policies/web.yaml:3
        1.3.0-rc.1  pre-release not asked for  policies/web.yaml:3
        1.2.0       chosen                     policies/web.yaml:3
        1.1.0       lower than the best        policies/web.yaml:3
        1.0.0       lower than the best        policies/web.yaml:3

        6 tags
               2  lower than the best (select)
               1  not a version (select)
               1  pre-release not asked for (select)
               1  outside of <2.0.0 (select)
               1  chosen (select)
    "#]]
    .assert_eq(&shown);
    let story = bench.expect(&["explain", "web", "--tag", "2.0.0"], 0).stdout;
    expect_test::expect![[r#"
        web  REGISTRY/web  policies/web.yaml:1:7
        1.0.0 -> 1.2.0: highest of 3 tags in ">=1.0.0 <2.0.0"
          better, but not allowed: 2.0.0 (outside of <2.0.0), 1.3.0-rc.1 (pre-release
            not asked for)
        1.3.0 stays: current 1.3.0 is above the highest allowed 1.2.0; guard.downgrade
          refuses to go back
          current 1.3.0 is not in the registry
          better, but not allowed: 2.0.0 (outside of <2.0.0)

        tag      2.0.0
        value    2.0.0
        order    number 1 of 5 tags that the order can read
        verdict  outside of <2.0.0
        rule     select: >=1.0.0 <2.0.0
        at       policies/web.yaml:3:19
    "#]]
    .assert_eq(&story.replace(&registry.addr().to_string(), "REGISTRY"));
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_asks_about_an_image_without_any_policy_or_repository() {
    let (registry, bench) = scene(few()).await;
    let host = registry.addr().to_string();
    bench.write("automator.yaml", &format!("registries:\n  - {{ host: '{host}', plainHttp: true }}\n"));
    std::fs::remove_dir_all(bench.path("policies")).unwrap();
    let image = format!("{host}/web");
    let ask = |arguments: &[&str]| {
        bench.expect(&[&["explain", "--image", &*image], arguments].concat(), 0).stdout.replace(&host, "REGISTRY")
    };
    expect_test::expect![[r#"
        command-line  REGISTRY/web  --image
        1.0.5 -> 1.1.0: highest of 2 tags in ">=1.0.0 <2.0.0"
          current 1.0.5 is not in the registry
          better, but not allowed: 2.0.0 (outside of <2.0.0), 1.3.0-rc.1 (pre-release
            not asked for), 1.2.0 (excluded by '^1.2')

        TAG         VERDICT                    RULE
        2.0.0       outside of <2.0.0          --semver
        1.3.0-rc.1  pre-release not asked for  --semver
        1.2.0       excluded by '^1.2'         --exclude
        1.1.0       chosen                     --semver
        1.0.0       lower than the best        --semver

        6 tags
               1  excluded by '^1.2' (tags.exclude[0])
               1  not a version (select)
               1  pre-release not asked for (select)
               1  outside of <2.0.0 (select)
               1  lower than the best (select)
               1  chosen (select)
    "#]]
    .assert_eq(&ask(&["--semver", ">=1.0.0 <2.0.0", "--exclude", "^1.2", "--current", "1.0.5"]));
    expect_test::expect![[r#"
        command-line  REGISTRY/web  --image
        no tag yet -> latest: only tag

        TAG     VALUE  VERDICT  RULE
        latest  atest  chosen   --alphabetical

        6 tags
               5  not included (tags.include)
               1  chosen (select)
    "#]]
    .assert_eq(&ask(&["--alphabetical", "first", "--include", "^l(.*)", "--extract", "$1"]));
    assert!(ask(&["--numeric", "highest"]).contains("no number among 6 tags"));
    let tagged = format!("{image}:1.0.0");
    let shown = bench.expect(&["explain", "--image", &tagged, "--like-current", "major", "--tag", "1.3.0-rc.1"], 0);
    expect_test::expect![[r#"
        command-line  REGISTRY/web  --image
        1.0.0 -> 2.0.0: highest of 4 tags like 1.0.0, likeCurrent: major

        tag      1.3.0-rc.1
        value    1.3.0-rc.1
        verdict  pre-release; the current is none
        rule     select: major
        at       --like-current
    "#]]
    .assert_eq(&shown.stdout.replace(&host, "REGISTRY"));
    let json = bench.expect(&["explain", "--image", &tagged, "--like-current", "minor", "--output", "json"], 0).stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json["places"][0]["chosen"], &json["tags"][0]["current"]), (&"1.2.0".into(), &"1.0.0".into()));
}

#[test]
fn what_is_asked_has_to_make_sense() {
    let bench = Workbench::new(&[], "");
    std::fs::remove_file(bench.path("automator.yaml")).unwrap();
    let refuse = |arguments: &[&str]| bench.expect(&[&["explain"], arguments].concat(), 2).stderr;
    assert!(refuse(&[]).contains("<POLICY>"));
    assert!(refuse(&["--image", "nginx"]).contains("--semver <RANGE>"));
    assert!(refuse(&["web", "--image", "nginx", "--semver", "*"]).contains("cannot be used with"));
    assert!(refuse(&["--image", "nginx", "--semver", "*", "--numeric", "lowest"]).contains("cannot be used with"));
    assert!(refuse(&["web", "--semver", "*"]).contains("cannot be used with"));
    assert!(refuse(&["web", "--include", "a"]).contains("cannot be used with"));
    assert!(refuse(&["--semver", "*"]).contains("--image <REF>"));
    let wrong = refuse(&["--image", "nginx:1.0", "--semver", "1.x.y.z", "--include", "(", "--current", "2.0"]);
    expect_test::expect![[r#"
        error: --current: --image names the current value 1.0 already
          hint: name it once
    "#]]
    .assert_eq(&wrong);
    let wrong = refuse(&["--image", "nginx", "--semver", "1.x.y.z", "--include", "("]);
    expect_test::expect![[r#"
        error: --include: `(` is no regular expression: unclosed group
          hint: mend the pattern; look-around and back-references do not exist in this language
        error: --semver: `1.x.y.z` is no range: `1.x.y.z` is not a version to compare with
          hint: write for example `>=6.0.0 <7.0.0`, `^1.2` or `1.x`; `*` takes every release
    "#]]
    .assert_eq(&wrong);
    expect_test::expect![[r#"
        error: --image: "nginx:a:b" is no image: a repository is named without a tag or digest
          hint: write `registry/repository` or `registry/repository:tag`, for example `ghcr.io/stefanprodan/podinfo`
        error: missing.yaml: the settings cannot be read: No such file or directory (os error 2)
          hint: check the path and the file's permissions
    "#]]
    .assert_eq(&refuse(&["--image", "nginx:a:b", "--semver", "*", "--config", "missing.yaml"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_has_a_table_for_each_place_that_is_followed() {
    let tags = ["1.0.0", "1.1.0", "1.2.0", "2.0.0", "5512.0.0", "1.0.0-alpine", "1.1.0-alpine"];
    let (registry, bench) = scene(tags.into_iter().map(str::to_owned)).await;
    let host = registry.addr();
    bench.write("policies/web.yaml", &format!("name: web\nimage: {host}/web\nselect: {{ likeCurrent: minor }}\n"));
    let shown = bench.expect(&["explain", "web"], 0).stdout.replace(&host.to_string(), "REGISTRY");
    expect_test::expect![[r#"
        web  REGISTRY/web  policies/web.yaml:1:7
        1.0.0 -> 1.2.0: highest of 3 tags like 1.0.0, likeCurrent: minor
          better, but not allowed: 2.0.0 (outside of likeCurrent: minor)

        TAG    VERDICT                        RULE
        2.0.0  outside of likeCurrent: minor  policies/web.yaml:3
        1.2.0  chosen                         policies/web.yaml:3
        1.1.0  lower than the best            policies/web.yaml:3
        1.0.0  lower than the best            policies/web.yaml:3

        7 tags
               2  lower than the best (select)
               2  another suffix (select)
               1  another numbering scheme (select)
               1  outside of likeCurrent: minor (select)
               1  chosen (select)

        1.3.0 stays: current 1.3.0 is above the highest allowed 1.2.0; guard.downgrade
          refuses to go back
          current 1.3.0 is not in the registry
          better, but not allowed: 2.0.0 (outside of likeCurrent: minor)

        TAG    VERDICT                        RULE
        2.0.0  outside of likeCurrent: minor  policies/web.yaml:3
        1.2.0  below the current value
        1.1.0  lower than the best            policies/web.yaml:3
        1.0.0  lower than the best            policies/web.yaml:3

        7 tags
               2  lower than the best (select)
               2  another suffix (select)
               1  another numbering scheme (select)
               1  outside of likeCurrent: minor (select)
               1  below the current value (guard.downgrade)
    "#]]
    .assert_eq(&shown);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_place_follows_what_it_holds_itself() {
    let tags = ["1.1.0", "1.2.0-alpine", "1.3.0", "2.0.0", "2.1.0", "2.1.0-rc.1", "5512.0.0", "latest"];
    let (registry, bench) = scene(tags.into_iter().map(str::to_owned)).await;
    let host = registry.addr();
    let files = ["1.0.0", "1.0.0-alpine", "2.0.0", "latest", "3.0.0"];
    let text: String = files.iter().map(|tag| format!("- {host}/web:{tag} # automator: web\n")).collect();
    bench.bare.commit("main", "places of every kind", &[("100644", "a.yaml", text.as_bytes())]);
    let changed = |select: &str| {
        bench.write("policies/web.yaml", &format!("name: web\nimage: {host}/web\n{select}\n"));
        let diff = bench.expect(&["diff"], 1).stdout;
        let added =
            diff.lines().filter_map(|line| line.strip_prefix("+- ")?.split(['/', ' ']).nth(1).map(str::to_owned));
        added.collect::<Vec<_>>()
    };
    assert_eq!(changed("select: { likeCurrent: minor }"), ["web:1.3.0", "web:1.2.0-alpine", "web:2.1.0"]);
    assert_eq!(changed("select: { likeCurrent: major }"), ["web:2.1.0", "web:1.2.0-alpine", "web:2.1.0"]);
    let limited = "select: { semver: '<3' }\nguard: { maxJump: minor }";
    assert_eq!(changed(limited), ["web:1.3.0", "web:1.3.0", "web:2.1.0", "web:2.1.0"]);
    bench.expect(&["scan"], 0);
    let message = bench.git_trusting(&["log", "-1", "--format=%B"]);
    assert!(message.contains("web 1.3.0 is the highest of 2 tags in \"<3\", maxJump: minor."), "{message}");
    bench.expect(&["diff"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_without_the_repository_says_what_is_missing() {
    let (_registry, bench) = scene(few()).await;
    std::fs::remove_dir_all(bench.bare.path()).unwrap();
    let ran = bench.expect(&["explain", "web"], 2);
    assert!(ran.stdout.starts_with("What Git has now could not be read"), "{}", ran.stdout);
    assert!(ran.stdout.contains("1.2.0") && ran.stderr.contains("does not exist"), "{}{}", ran.stdout, ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_versioned_json_on_standard_output_alone() {
    let (_registry, bench) = scene(few()).await;
    let json = |arguments: &[&str], status: i32| -> Value {
        let ran = bench.expect(&[arguments, &["--output", "json"]].concat(), status);
        let value: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.stdout));
        assert_eq!(value["apiVersion"], "automator/v1");
        value
    };
    let diff = json(&["diff"], 1);
    assert_eq!(diff["kind"], "Diff");
    assert_eq!(diff["status"], 1);
    assert!(diff["diff"].as_str().unwrap().starts_with("diff --git a/a.yaml b/a.yaml\n"));
    let scan = json(&["scan"], 0);
    assert_eq!(scan["places"].as_array().unwrap().len(), 2);
    assert_eq!(scan["places"][0]["state"], "changed");
    assert_eq!(scan["places"][1]["state"], "kept");
    assert_eq!(scan["commits"][0]["id"], bench.bare.tip());
    assert_eq!(json(&["explain", "web"], 0)["kind"], "Explanation");
    assert_eq!(json(&["lint"], 0)["findings"], Value::Array(Vec::new()));
    bench.write("automator.yaml", "x: 1\n");
    assert_eq!(json(&["scan"], 2)["findings"][0]["line"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn colour_is_shown_only_where_it_is_wanted() {
    let (_registry, bench) = scene(few()).await;
    assert!(!bench.run(&["scan"]).stdout.contains('\u{1b}'), "a pipe gets none");
    assert!(bench.run(&["scan", "--color", "always"]).stdout.contains('\u{1b}'));
}

#[tokio::test(flavor = "multi_thread")]
async fn lint_is_content_with_what_works_and_names_policies_without_a_marker() {
    let (registry, bench) = scene(few()).await;
    let ran = bench.expect(&["lint"], 0);
    assert_eq!((&*ran.stdout, &*ran.stderr), ("nothing to mend: 1 policy, 2 marked values\n", ""));
    bench.write(
        "policies/idle.yaml",
        &format!("name: idle\nimage: {}/idle\nselect: {{ numeric: highest }}\n", registry.addr()),
    );
    let ran = bench.expect(&["lint"], 1);
    expect_test::expect![[r#"
        warning: policies/idle.yaml:1:7: no marker names the policy idle
          hint: write `# automator: idle` beside the value that it decides
    "#]]
    .assert_eq(&ran.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_named_policy_is_scanned_and_a_suspended_one_rests() {
    let (registry, bench) = scene(few()).await;
    let host = registry.addr();
    let suspended = format!("name: web\nimage: {host}/web\nselect: {{ semver: 1.x }}\nsuspend: true\n");
    bench.write("policies/web.yaml", &suspended);
    let tip = bench.bare.tip();
    assert!(bench.expect(&["scan"], 0).stdout.contains("suspended"));
    bench.write("policies/web.yaml", &suspended.replace("suspend: true", ""));
    bench.write("policies/other.yaml", &format!("name: other\nimage: {host}/other\nselect: {{ semver: 1.x }}\n"));
    bench.expect(&["scan", "--policy", "web"], 0);
    assert_ne!(bench.bare.tip(), tip);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checkout_around_the_settings_is_the_repository_when_none_is_named() {
    let (registry, bench) = scene(few()).await;
    let checkout = bench.bare.clone_to("checkout");
    let policies = bench.path("policies");
    let settings = format!(
        "policies: {}\nregistries:\n  - {{ host: '{}', plainHttp: true }}\n",
        policies.display(),
        registry.addr()
    );
    bench.write("checkout/automator.yaml", &settings);
    let file = checkout.join("automator.yaml");
    let diff = bench.expect(&["diff", "--config", file.to_str().unwrap()], 1);
    assert!(diff.stdout.contains("+a: "), "{}", diff.stdout);
    let refused = bench.expect(&["scan", "--config", file.to_str().unwrap()], 2);
    assert!(refused.stderr.contains("signing"), "{}", refused.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_of_the_reference_are_accepted() {
    let (registry, bench) = scene(few()).await;
    let settings = format!(
        "instance: production\npolicies: policies/\ncacheDir: cache\ndefaults: {{ every: 5m }}\nrepositories:\n  - name: config\n    url: repository.git\n    branch: main\n    paths: ['*.yaml']\n    poll: 1m\n    depth: 500\n    author: {{ name: A, email: a@example.com }}\n    signing: {{ format: ssh, keyFile: signing_key }}\n    commit: {{ group: all, settle: 5s }}\nregistries:\n  - {{ host: '{}', plainHttp: true, concurrency: 4 }}\nnotifications: []\n",
        registry.addr()
    );
    bench.write("automator.yaml", &settings);
    bench.expect(&["scan"], 0);
    let trailer = bench.bare.git(&["log", "-1", "--format=%(trailers:key=Automator-Instance,valueonly)"]);
    assert_eq!(trailer.trim(), "production");
}

#[tokio::test(flavor = "multi_thread")]
async fn repositories_are_visited_each_for_itself() {
    let (registry, bench) = scene(few()).await;
    let other = crate::support::bare::Bare::with(&[(
        "b.yaml",
        &*format!("a: {}/web:1.0.0 # automator: web\nb: x # automator: no\n", registry.addr()),
    )]);
    let entry = |name: &str, url: &str| format!("  - {{ name: {name}, url: '{url}', signing: {{ format: none }} }}\n");
    let settings = format!(
        "repositories:\n{}{}{}registries: [{{ host: '{}', plainHttp: true }}]\n",
        entry("gone", "nowhere.git"),
        entry("one", "repository.git"),
        entry("two", &other.path().to_string_lossy()),
        registry.addr()
    );
    bench.write("automator.yaml", &settings);
    let policy = |name: &str| {
        format!(
            "name: web\nimage: {}/web\nselect: {{ semver: 1.x }}\nwrite: {{ repository: {name} }}\n",
            registry.addr()
        )
    };
    bench.write("policies/web.yaml", &policy("two"));
    let ran = bench.expect(&["scan"], 3);
    assert!(ran.stderr.contains("two:b.yaml:2:8: the marker names the policy `no`"), "{}", ran.stderr);
    assert!(ran.stderr.contains("one:a.yaml:"), "{}", ran.stderr);
    assert!(ran.stderr.contains("the policy web does not write to the repository `one`"), "{}", ran.stderr);
    assert!(ran.stderr.contains("repository gone: nowhere.git does not exist"), "{}", ran.stderr);
    assert!(String::from_utf8(other.show("main:b.yaml")).unwrap().contains("/web:1.2.0"));
    bench.write("policies/web.yaml", &policy("tow"));
    let ran = bench.expect(&["scan"], 2);
    assert!(ran.stderr.contains("the policy writes the repository `tow`"), "{}", ran.stderr);
}

#[test]
fn the_demo_tells_its_story_and_leaves_nothing_behind() {
    let bench = Workbench::new(&[], "");
    let temporary = bench.path("tmp");
    std::fs::create_dir(&temporary).unwrap();
    let demo = |arguments: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_automator"));
        let output = command.arg("demo").args(arguments).env("TMPDIR", &temporary).env("PATH", "").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let told = demo(&[]);
    for words in ["Good signature with our key, SHA256:", "+    newTag: main-1000-9d31b6a #", "nothing to do"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0);

    let kept = bench.path("kept");
    demo(&["--keep", kept.to_str().unwrap()]);
    let signers = format!("gpg.ssh.allowedSignersFile={}", kept.join("allowed_signers").display());
    let repository = kept.join("config.git");
    for revision in ["main", "main^"] {
        crate::support::bare::git_in(&repository, &["-c", &signers, "verify-commit", revision]);
    }
    crate::support::bare::git_in(&repository, &["fsck", "--full", "--strict"]);
}

#[test]
fn the_schema_of_a_policy_is_json_schema() {
    let bench = Workbench::new(&[], "");
    let schema: Value = serde_json::from_str(&bench.expect(&["schema", "policy"], 0).stdout).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["required"], serde_json::json!(["name", "image", "select"]));
}

#[test]
fn help_fits_the_screen_and_names_every_command() {
    let bench = Workbench::new(&[], "");
    let help = bench.expect(&["--help"], 0).stdout;
    for command in ["scan", "diff", "explain", "lint", "schema", "demo"] {
        assert!(help.contains(&format!("\n  {command}")), "{help}");
        bench.expect(&[command, "--help"], 0);
    }
    assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
}
