//! Mistakes that people make: each has a message with place, cause and remedy, the right exit status, and nothing
//! is written.

use deployment_automator::demo::registry::EmbeddedRegistry;
use deployment_automator::image::TagRef;
use expect_test::{Expect, expect};

use crate::support::workbench::Workbench;

const SETTINGS: &str = "repositories:\n  - { name: config, url: repository.git, signing: { format: none } }\n";

/// A registry with one image, and a workbench whose one file runs it.
async fn scene() -> (EmbeddedRegistry, Workbench) {
    let registry = EmbeddedRegistry::start().await.unwrap();
    for tag in ["1.0.0", "1.1.0"] {
        registry.push(&registry.repository("web").unwrap(), TagRef::parse(tag).unwrap());
    }
    let host = registry.addr();
    let text = format!("a: {host}/web:1.0.0 # automator: web\n");
    let bench =
        Workbench::new(&[("a.yaml", &text)], &format!("registries:\n  - {{ host: '{host}', plainHttp: true }}\n"));
    bench.write("policies/web.yaml", &policy(&registry, ""));
    (registry, bench)
}

fn policy(registry: &EmbeddedRegistry, more: &str) -> String {
    format!("name: web\nimage: {}/web\nselect: {{ semver: 1.x }}\n{more}", registry.addr())
}

/// Runs a command and compares what it says on standard error; the branch must not have moved.
fn check(bench: &Workbench, arguments: &[&str], status: i32, expected: &Expect) {
    let tip = bench.bare.tip();
    let ran = bench.expect(arguments, status);
    // The findings of `lint` are its result; those of every other command are messages.
    let said = if arguments.contains(&"lint") { ran.stdout.clone() } else { ran.messages(bench) };
    expected.assert_eq(&said);
    assert_eq!(bench.bare.tip(), tip, "nothing is written");
}

#[tokio::test(flavor = "multi_thread")]
async fn there_are_no_settings() {
    let (_registry, bench) = scene().await;
    check(
        &bench,
        &["scan", "--config", "missing.yaml"],
        2,
        &expect![[r#"
        error: missing.yaml: the settings cannot be read: No such file or directory (os error 2)
          hint: check the path and the file's permissions
    "#]],
    );
    std::fs::remove_file(bench.path("automator.yaml")).unwrap();
    check(
        &bench,
        &["scan"],
        2,
        &expect![[r#"
        error: automator.yaml: there are no settings: neither automator.yaml nor /etc/automator/automator.yaml is there
          hint: write one (README.md, Settings) or name another file with --config
    "#]],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_have_mistakes() {
    let (_registry, bench) = scene().await;
    for (settings, expected) in [
        (
            "repositorys: []\n",
            expect![[r#"
            error: automator.yaml:1:1: unknown key `repositorys`
              hint: did you mean `repositories`? the keys here are `instance`, `policies`, `cacheDir`, `defaults`, `repositories`, `registries`, `notifications`, `server`
        "#]],
        ),
        (
            "policies: a\npolicies: b\n",
            expect![[r#"
            error: automator.yaml:2:1: the key `policies` stands here for the second time
              hint: keep one of the two
        "#]],
        ),
        (
            "registries: { host: a }\n",
            expect![[r#"
            error: automator.yaml:1:13: a list belongs here
              hint: write a list
        "#]],
        ),
        (
            "repositories:\n  - { name: config, url: 'ssh://git@example.com/config.git' }\n",
            expect![[r#"
            error: automator.yaml:2:26: `url`: repositories over ssh are not built yet
              hint: give the path of a repository on this machine, or file:///path/to/repository.git
        "#]],
        ),
        (
            "repositories:\n  - { name: Config, url: x.git, signing: { format: ssh } }\n  - { name: b, url: y.git, signing: { format: openpgp } }\n",
            expect![[r#"
                error: automator.yaml:2:13: `name`: a name is 1 to 63 of `a-z 0-9 -`
                  hint: use small letters, digits and dashes
                error: automator.yaml:2:42: `signing` has the format ssh and no key
                  hint: add `keyFile` (or `keyEnv`) with a private key in OpenSSH's format
                error: automator.yaml:3:37: the signing format `openpgp` is not built yet in this version
                  hint: sign with an SSH key: `format: ssh`
            "#]],
        ),
        (
            &*format!("{SETTINGS}server: {{ listen: '127.0.0.1:8080' }}\nnotifications: []\n"),
            expect![[r#"
                error: automator.yaml:3:9: `server` is not built yet in this version
                  hint: remove it; there is no daemon in this version; run `automator scan` on a schedule
            "#]],
        ),
        (
            &*format!(
                "{SETTINGS}registries:\n  - {{ host: 'ghcr.io/acme', concurrency: 99 }}\n  - {{ host: ghcr.io, endpoint: 'http://mirror.example.com' }}\n  - {{ host: docker.io, auth: {{ usernameFile: user }} }}\n"
            ),
            expect![[r#"
                error: automator.yaml:4:13: `host`: a registry is a host name or address, with `:port` where it needs one
                  hint: write it as image names begin: registry.example.com:5000
                error: automator.yaml:4:42: `concurrency` is 99
                  hint: write a number from 1 to 32
                error: automator.yaml:5:13: `ghcr.io` cannot be asked: http://mirror.example.com would be asked without encryption
                  hint: use https, or say `plainHttp: true` for this host if everybody on the way may read along
                error: automator.yaml:6:30: `auth` has not both a user name and a password
                  hint: give `usernameFile` and `passwordFile`, or `tokenFile` (or …Env)
            "#]],
        ),
        (
            &*format!(
                "{SETTINGS}registries:\n  - {{ host: a.example, auth: {{ tokenFile: t, usernameFile: u }} }}\n  - {{ host: b.example, auth: {{ tokenFile: t, tokenEnv: T }} }}\n  - {{ host: c.example, tokenHosts: [auth.example, 'https://auth.example'] }}\n"
            ),
            expect![[r#"
                error: automator.yaml:4:30: `auth` has a token and a user name or password
                  hint: give `usernameFile` and `passwordFile`, or `tokenFile` (or …Env)
                error: automator.yaml:5:30: `tokenFile` and `tokenEnv` are both there
                  hint: keep one of the two
                error: automator.yaml:6:51: `tokenHosts`: `https://auth.example` is no host
                  hint: write `host` or `host:port`, without `https://`
            "#]],
        ),
        (
            &*format!("{SETTINGS}defaults: {{ name: all, tags: {{ include: '(' }} }}\n"),
            expect![[r#"
                error: automator.yaml:3:13: unknown key `name`
                  hint: the keys here are `namespace`, `every`, `cron`, `timezone`, `tags`, `guard`, `windows`, `freezes`, `write`, `suspend`
            "#]],
        ),
        (
            &*format!("{SETTINGS}---\npolicies: b\n"),
            expect![[r#"
            error: automator.yaml:3: the settings are one document, and here a second begins
              hint: put everything into the first
        "#]],
        ),
        (
            "{ [\n",
            expect![[r#"
            error: automator.yaml:1:3: unclosed bracket '['
              hint: mend the YAML at this place
        "#]],
        ),
    ] {
        bench.write("automator.yaml", settings);
        check(&bench, &["scan"], 2, &expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_has_a_mistake() {
    let (registry, bench) = scene().await;
    for (text, expected) in [
        (
            policy(&registry, "includ: x\n"),
            expect![[r#"
                error: policies/web.yaml:4:1: unknown key `includ`
                  hint: the keys here are `name`, `namespace`, `image`, `every`, `cron`, `timezone`, `tags`, `select`, `guard`, `windows`, `freezes`, `write`, `suspend`
                warning: a.yaml:1:32: the marker names the policy `web`, which was not read
                  hint: mend the policy files that cannot be read (reported above); it may be one of them
            "#]],
        ),
        (
            policy(&registry, "name: web\n"),
            expect![[r#"
            error: policies/web.yaml:4:1: the key `name` stands here for the second time
              hint: keep one of the two
            warning: a.yaml:1:32: the marker names the policy `web`, which was not read
              hint: mend the policy files that cannot be read (reported above); it may be one of them
        "#]],
        ),
        (
            policy(&registry, "suspend: maybe\n"),
            expect![[r#"
            error: policies/web.yaml:4:10: this is neither true nor false
              hint: write `true` or `false`
            warning: a.yaml:1:32: the marker names the policy `web`, which was not read
              hint: mend the policy files that cannot be read (reported above); it may be one of them
        "#]],
        ),
        (
            policy(&registry, "").replace("1.x", "'>=1.0.0 <'"),
            expect![[r#"
            error: policies/web.yaml:3:19: `>=1.0.0 <` is no range: `<` is not a version to compare with
              hint: write for example `>=6.0.0 <7.0.0`, `^1.2` or `1.x`; `*` takes every release
            warning: a.yaml:1:32: the marker names the policy `web`, which was not read
              hint: mend the policy files that cannot be read (reported above); it may be one of them
        "#]],
        ),
        (
            policy(&registry, "tags: { include: 'v(' }\n"),
            expect![[r#"
            error: policies/web.yaml:4:18: `v(` is no regular expression: unclosed group
              hint: mend the pattern; look-around and back-references do not exist in this language
            warning: a.yaml:1:32: the marker names the policy `web`, which was not read
              hint: mend the policy files that cannot be read (reported above); it may be one of them
        "#]],
        ),
        (
            policy(&registry, "require: { age: 24h }\n"),
            expect![[r#"
            error: policies/web.yaml:4:10: `require` is not built yet in this version
              hint: remove it
            warning: a.yaml:1:32: the marker names the policy `web`, which was not read
              hint: mend the policy files that cannot be read (reported above); it may be one of them
        "#]],
        ),
        (
            policy(&registry, "").replace("/web\n", "/web:1.0.0\n"),
            expect![[r#"
            error: policies/web.yaml:2:8: `r.example.com/web:1.0.0` is no repository: a repository is named without a tag or digest
              hint: remove the tag or digest; `select` chooses the tag
            warning: a.yaml:1:32: the marker names the policy `web`, which was not read
              hint: mend the policy files that cannot be read (reported above); it may be one of them
        "#]],
        ),
    ] {
        bench.write("policies/web.yaml", &text.replace(&registry.addr().to_string(), "r.example.com"));
        check(&bench, &["scan"], 2, &expected);
        assert_eq!(bench.run(&["diff"]).status, 2);
        assert_eq!(bench.run(&["lint"]).status, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_policies_have_one_name() {
    let (registry, bench) = scene().await;
    bench.write("policies/again.yaml", &policy(&registry, ""));
    check(
        &bench,
        &["scan"],
        2,
        &expect![[r#"
        error: policies/again.yaml:1:7: another policy is named `web` too, at policies/web.yaml:1:7; neither is used
          hint: rename one of them, or give it a `namespace` of its own
        error: policies/web.yaml:1:7: another policy is named `web` too, at policies/again.yaml:1:7; neither is used
          hint: rename one of them, or give it a `namespace` of its own
        warning: a.yaml:1:32: the marker names the policy `web`, which was not read
          hint: mend the policy files that cannot be read (reported above); it may be one of them
    "#]],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marker_names_no_policy() {
    let (registry, bench) = scene().await;
    let text = format!("a: {}/web:1.0.0 # automator: wbe\nb: '1' # {{\"$imagepolicy\": \"web\"}}\n", registry.addr());
    bench.bare.commit("main", "typo", &[("100644", "a.yaml", text.as_bytes())]);
    check(
        &bench,
        &["scan"],
        3,
        &expect![[r#"
            error: a.yaml:1:32: the marker names the policy `wbe`, which does not exist
              hint: mend the name, add the policy or take the marker away
            error: a.yaml:2:10: the marker `web` names no namespace, which Flux's form needs
              hint: write # {"$imagepolicy": "namespace:policy"}, with :tag, :name or :digest after the policy where the value is only that part
        "#]],
    );
    check(
        &bench,
        &["lint"],
        1,
        &expect![[r#"
        error: a.yaml:1:32: the marker names the policy `wbe`, which does not exist
          hint: mend the name, add the policy or take the marker away
        error: a.yaml:2:10: the marker `web` names no namespace, which Flux's form needs
          hint: write # {"$imagepolicy": "namespace:policy"}, with :tag, :name or :digest after the policy where the value is only that part
        warning: policies/web.yaml:1:7: no marker names the policy web
          hint: write `# automator: web` beside the value that it decides
    "#]],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_is_down() {
    let (registry, bench) = scene().await;
    let host = registry.addr().to_string();
    drop(registry);
    bench.write("policies/web.yaml", "name: web\nimage: 127.0.0.1:1/web\nselect: { semver: 1.x }\n");
    bench.write("automator.yaml", &format!("{SETTINGS}registries: [{{ host: '127.0.0.1:1', plainHttp: true }}, {{ host: '{host}', plainHttp: true }}]\n"));
    check(
        &bench,
        &["scan"],
        5,
        &expect![[r#"
        error: policy web: `127.0.0.1:1/web` cannot be read now: http://127.0.0.1:1 cannot be reached: Connection refused (os error 111)
          hint: check that the server runs, its port, and the firewall and proxy on the way
    "#]],
    );
    check(
        &bench,
        &["explain", "web"],
        5,
        &expect![[r#"
        error: policy web: `127.0.0.1:1/web` cannot be read now: http://127.0.0.1:1 cannot be reached: Connection refused (os error 111)
          hint: check that the server runs, its port, and the firewall and proxy on the way
    "#]],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_would_be_asked_without_encryption() {
    let (_registry, bench) = scene().await;
    bench.write("automator.yaml", SETTINGS);
    let ran = bench.expect(&["scan"], 3);
    assert!(ran.stderr.contains("plainHttp"), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_repository_is_not_as_the_settings_say() {
    let (_registry, bench) = scene().await;
    let settings = std::fs::read_to_string(bench.path("automator.yaml")).unwrap();
    for (wrong, expected) in [
        (
            settings.replace("    url: repository.git\n", "    url: repository.git\n    branch: production\n"),
            expect![[r#"
                error: repository config: repository.git has no branch `production`; it has `main`
                  hint: name a branch that exists, or push this one first
            "#]],
        ),
        (
            settings.replace("repository.git", "nowhere.git"),
            expect![[r#"
            error: repository config: nowhere.git does not exist
              hint: check the repository's path, and whether its disk is mounted
        "#]],
        ),
        (
            settings.replace("repository.git", "policies"),
            expect![[r#"
            error: repository config: policies is not a Git repository
              hint: give the folder of a bare repository, or one that holds a `.git`
        "#]],
        ),
    ] {
        bench.write("automator.yaml", &wrong);
        check(&bench, &["scan"], 2, &expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_can_be_signed() {
    let (_registry, bench) = scene().await;
    let settings = std::fs::read_to_string(bench.path("automator.yaml")).unwrap();
    for (wrong, expected) in [
        (
            settings.replace("    signing: { format: ssh, keyFile: signing_key }\n", ""),
            expect![[r#"
            error: repository config: the repository has no `signing`, and unsigned commits have to be asked for
              hint: add `signing: { format: ssh, keyFile: … }` to the repository, or say `signing: { format: none }`
        "#]],
        ),
        (
            settings.replace("keyFile: signing_key", "keyFile: missing_key"),
            expect![[r#"
            error: repository config: the file `missing_key` cannot be read: No such file or directory (os error 2)
              hint: check the path in the settings and the file's permissions
        "#]],
        ),
        (
            settings.replace("keyFile: signing_key", "keyFile: signing_key.pub"),
            expect![[r#"
            error: repository config: the signing key is not a private key in OpenSSH's format
              hint: give the private key file (not the .pub); rewrite an older format with `ssh-keygen -p -f FILE`
        "#]],
        ),
        (
            settings.replace("keyFile: signing_key", "keyEnv: NO_SUCH_VARIABLE"),
            expect![[r#"
            error: repository config: the environment variable `NO_SUCH_VARIABLE` is not set
              hint: set the variable, or name a file in the settings
        "#]],
        ),
    ] {
        bench.write("automator.yaml", &wrong);
        check(&bench, &["scan"], 2, &expected);
        assert_eq!(bench.run(&["diff"]).status, 1, "a diff needs no key");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finding_is_said_once_however_many_policies_are_named() {
    let (_registry, bench) = scene().await;
    bench.write("policies/bad.yaml", "name: bad\nimage: Not/An Image\n");
    for arguments in [&["scan"][..], &["scan", "--policy", "web"], &["diff", "--policy", "web"]] {
        let said = bench.run(arguments).stderr;
        assert_eq!(said.matches("policies/bad.yaml:2").count(), 1, "{arguments:?} says\n{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_names_what_is_not_there() {
    let (_registry, bench) = scene().await;
    check(
        &bench,
        &["scan", "--policy", "wbe"],
        2,
        &expect![[r#"
        error: there is no policy `wbe`
          hint: name one of web
    "#]],
    );
    check(
        &bench,
        &["explain", "other:wbe"],
        2,
        &expect![[r#"
            error: there is no policy `other:wbe`
              hint: name one of web
        "#]],
    );
    check(
        &bench,
        &["explain", "web", "--tag", "../x"],
        2,
        &expect![[r#"
        error: --tag "../x": a tag is 1 to 128 of `A-Z a-z 0-9 _ . -` and begins with none of `.` and `-`
          hint: name a tag as the registry has it
    "#]],
    );
    check(
        &bench,
        &["demo", "--keep", "policies"],
        2,
        &expect![[r#"
        error: policies is there and not empty
          hint: name a folder that is new or empty
    "#]],
    );
    check(
        &bench,
        &["rollback", "web"],
        2,
        &expect![[r#"
        error: `rollback` is not built yet in this version
          hint: write `suspend: true` into the policy and revert the commit
    "#]],
    );
    check(
        &bench,
        &["diff", "--tree", "."],
        2,
        &expect![[r#"
        error: `--tree` is not built yet in this version
          hint: `automator lint` and `automator diff` look at the repository of the settings
    "#]],
    );
    assert_eq!(bench.run(&["scna"]).status, 2);
    assert_eq!(bench.run(&[]).status, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_marked_file_is_no_yaml() {
    let (registry, bench) = scene().await;
    let host = registry.addr();
    let template = format!("{{{{- if .Values.web }}}}\nimage: {host}/web:1.0.0 # automator: web\n{{{{- end }}}}\n");
    let good = format!("image: {host}/web:1.0.0 # automator: web\n");
    let files = [("100644", "chart/templates/a.yaml", template.as_bytes()), ("100644", "b.yaml", good.as_bytes())];
    bench.bare.commit("main", "template", &files);
    let ran = bench.expect(&["scan"], 3);
    expect![[r#"
        error: chart/templates/a.yaml:1:3: the file is a template, not valid YAML: "-" is only valid inside a block
          hint: mend the file; until then no marker in it works
    "#]]
    .assert_eq(&ran.messages(&bench));
    assert_eq!(bench.file("chart/templates/a.yaml"), template);
    assert_eq!(bench.file("b.yaml"), good.replace("1.0.0", "1.1.0"), "the other files go on");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_automators_own_files_are_never_targets() {
    let (registry, bench) = scene().await;
    let marked = format!("image: {}/web:1.0.0 # automator: web\n", registry.addr());
    let policy = policy(&registry, "# automator: web\n");
    let settings = format!(
        "policies: policies\nrepositories:\n  - {{ name: config, signing: {{ format: none }} }}\nregistries: [{{ host: '{}', plainHttp: true }}]\ninstance: own # automator: web:tag\n",
        registry.addr()
    );
    let files = [
        ("100644", "automator.yaml", settings.as_bytes()),
        ("100644", "policies/web.yaml", policy.as_bytes()),
        ("100644", "policies/more/marked.yaml", marked.as_bytes()),
        ("100644", "linked.yaml", marked.as_bytes()),
        ("100644", ".automator/holds.yaml", marked.as_bytes()),
        ("100644", "apps/web.yaml", marked.as_bytes()),
    ];
    bench.bare.commit("main", "everything in one repository", &files);
    let checkout = bench.bare.clone_to("checkout");
    std::fs::remove_file(checkout.join("policies/more/marked.yaml")).unwrap();
    // A policy that a link leads to is one, too.
    std::fs::rename(checkout.join("policies/web.yaml"), checkout.join("linked.yaml")).unwrap();
    std::os::unix::fs::symlink("../linked.yaml", checkout.join("policies/web.yaml")).unwrap();
    bench.expect(&["scan", "--config", checkout.join("automator.yaml").to_str().unwrap()], 0);
    let changed = bench.bare.git(&["diff", "--name-only", "main^", "main"]);
    assert_eq!(changed, "a.yaml\napps/web.yaml");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_push_loses_nothing_that_was_found() {
    let (registry, bench) = scene().await;
    let text = format!("a: {}/web:1.0.0 # automator: web\nb: x # automator: nobody\n", registry.addr());
    bench.bare.commit("main", "typo", &[("100644", "a.yaml", text.as_bytes())]);
    let lock = bench.bare.path().join("refs/heads/main.lock");
    std::fs::write(&lock, "").unwrap();
    let ran = bench.expect(&["scan"], 3);
    assert!(ran.stderr.contains("is locked by") && ran.stderr.contains("`nobody`"), "{}", ran.stderr);
    assert!(ran.stdout.starts_with("blocked    web: 1.0.0\n"), "{}", ran.stdout);
    std::fs::remove_file(lock).unwrap();
    assert_eq!(bench.bare.git(&["log", "--format=%s"]), "typo\nfirst");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_repository_says_cannot_move_the_cursor_or_begin_a_line() {
    let (_registry, bench) = scene().await;
    let text = "a: \"x\\e[2J\\n::error::pwned\" # automator: web:tag\n";
    bench.bare.commit("main", "hostile", &[("100644", "a\u{202e}.yaml", text.as_bytes())]);
    for arguments in [&["scan"][..], &["diff"], &["lint"], &["scan", "-vv", "--output", "json"]] {
        let ran = bench.run(arguments);
        let said = ran.stdout + &ran.stderr;
        assert!(!said.contains('\u{1b}') && !said.contains("\n::error"), "{said}");
        assert!(arguments.contains(&"json") || !said.contains('\u{202e}'), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_cannot_be_written_is_no_success() {
    let (_registry, bench) = scene().await;
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_automator"));
    let output = command.args(["lint"]).current_dir(bench.bare.folder()).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot be written"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_entries_for_one_branch_and_policies_that_nobody_can_read() {
    let (_registry, bench) = scene().await;
    let entry = |name: &str, url: &str| format!("  - {{ name: {name}, url: {url}, signing: {{ format: none }} }}\n");
    bench.write(
        "automator.yaml",
        &format!("repositories:\n{}{}", entry("a", "repository.git"), entry("b", "./policies/../repository.git")),
    );
    check(
        &bench,
        &["scan"],
        2,
        &expect![[r#"
        error: automator.yaml:3:21: `a` and `b` are one branch of one repository
          hint: keep one of the two entries
    "#]],
    );
    bench.write("automator.yaml", &format!("policies: empty\nrepositories:\n{}", entry("a", "repository.git")));
    check(
        &bench,
        &["scan"],
        2,
        &expect![[r#"
        error: empty: policies cannot be read here: No such file or directory (os error 2)
          hint: check `policies` in the settings, and the permissions of the file or folder
        warning: a.yaml:1:32: the marker names the policy `web`, which was not read
          hint: mend the policy files that cannot be read (reported above); it may be one of them
    "#]],
    );
    std::fs::create_dir(bench.path("empty")).unwrap();
    std::os::unix::net::UnixListener::bind(bench.path("empty/socket.yaml")).unwrap();
    check(
        &bench,
        &["lint"],
        1,
        &expect![[r#"
        error: a.yaml:1:32: the marker names the policy `web`, which does not exist
          hint: mend the name, add the policy or take the marker away
        warning: automator.yaml: there are no policies
          hint: write a policy (docs/reference/policies.md), or name another folder with `policies` in the settings
    "#]],
    );
}
