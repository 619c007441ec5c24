//! What a file of policies becomes: policies, or findings with place, cause and remedy.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;

/// A policy without a fault.
const GOOD: &str = "name: app\nimage: nginx\nselect: { semver: '*' }\n";

fn shown(Parsed { policies, findings }: &Parsed) -> String {
    let policies = policies.iter().map(|policy| format!("{} at {}\n", policy.name, policy.position));
    let findings = findings.iter().map(|found| format!("{}: {}\n  {}\n", found.position, found.cause, found.remedy));
    policies.chain(findings).collect()
}

fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&shown(&parse("p.yaml", text.as_bytes())));
}

/// Reads the policy [`GOOD`] with more keys.
fn good(more: &str) -> Policy {
    let parsed = parse("p.yaml", format!("{GOOD}{more}").as_bytes());
    assert_eq!(parsed.findings, []);
    parsed.policies.into_iter().next().unwrap()
}

#[test]
fn one_bad_document_takes_no_other_with_it() {
    check(
        "# all\n---\nname: a\nimage: nginx\nselect: { semver: '*' }\n--- # two\nname: [\n---\nname: c\nimage: c\nselect: { numeric: highest }\n...\n# end\n",
        &expect![[r"
            a at p.yaml:3:7
            c at p.yaml:9:7
            p.yaml:7:7: a text belongs here
              write a text, in quotes where YAML would take it for something else
        "]],
    );
}

#[test]
fn every_fault_of_a_document_is_named() {
    check(
        "name: App\nimage: nginx:1.27\nevery: 5\ntags: { include: ['(', a], exclude: [] }\nselect: { semver: '>=x.y' }\nonRevert: hold\nwrite: [{ paths: [/apps] }, { pin: digest }]\n",
        &expect![[r"
            p.yaml:1:7: `App` is no name: a name is 1 to 63 of `a-z 0-9 -`
              use small letters, digits and `-`
            p.yaml:2:8: `nginx:1.27` is no repository: a repository is named without a tag or digest
              remove the tag or digest; `select` chooses the tag
            p.yaml:3:8: `5` is no interval: an interval is whole numbers with the units `d`, `h`, `m` and `s`, the larger unit first
              write for example `5m` or `1h30m`
            p.yaml:4:19: `(` is no regular expression: unclosed group
              mend the pattern; look-around and back-references do not exist in this language
            p.yaml:4:37: the list of patterns is empty
              write a pattern, or remove the key
            p.yaml:5:19: `>=x.y` is no range: `>=x.y` is not a version to compare with
              write for example `>=6.0.0 <7.0.0`, `^1.2` or `1.x`; `*` takes every release
            p.yaml:6:11: `onRevert` is not built yet in this version
              remove it
            p.yaml:7:19: `/apps` is no glob of paths: paths begin at the repository's root, without `/`, `./` or `..`
              write for example `apps/production/**`
            p.yaml:7:36: `pin: digest` is not built yet in this version
              write `tag` or `tag@digest`
        "]],
    );
}

#[test]
fn a_file_that_is_none_is_a_finding() {
    check(
        "",
        &expect![[r"
        p.yaml: the file holds no policy
          write a policy into it, or remove the file
    "]],
    );
    check(
        "# a\n---\n---\n...\n",
        &expect![[r"
        p.yaml: the file holds no policy
          write a policy into it, or remove the file
    "]],
    );
    let not_text = parse("p.yaml", b"name: a\nimage: \xff\n");
    expect![[r"
        p.yaml:2:8: the file is not UTF-8 from here on
          save it as UTF-8
    "]]
    .assert_eq(&shown(&not_text));
    let large = parse("p.yaml", &vec![b'#'; 1024 * 1024 + 1]);
    expect![[r"
        p.yaml: the file has 1048577 bytes; at most 1048576 are read
          split it into smaller files
    "]]
    .assert_eq(&shown(&large));
}

#[test]
fn what_is_not_built_is_refused_and_never_ignored() {
    for key in ["require: { age: 24h }", "onRevert: hold", "require:"] {
        let parsed = parse("p.yaml", format!("{GOOD}{key}\n").as_bytes());
        let name = key.split(':').next().unwrap();
        assert!(parsed.policies.is_empty());
        assert_eq!(&*parsed.findings[0].cause, format!("`{name}` is not built yet in this version"));
    }
    for (more, what) in [
        ("write: { find: images }", "`find: images`"),
        ("write: { find: keys }", "`find: keys`"),
        ("write: { keys: [] }", "`keys`"),
        ("write: { pin: digest }", "`pin: digest`"),
    ] {
        let parsed = parse("p.yaml", format!("{GOOD}{more}\n").as_bytes());
        assert_eq!(&*parsed.findings[0].cause, format!("{what} is not built yet in this version"));
    }
    for (select, name) in [("newest: created", "newest"), ("digest: latest", "digest")] {
        let parsed = parse("p.yaml", format!("name: a\nimage: nginx\nselect: {{ {select} }}\n").as_bytes());
        assert_eq!(&*parsed.findings[0].cause, format!("`{name}` is not built yet in this version"));
    }
}

#[test]
fn an_order_without_versions_has_no_jump_to_limit() {
    let limited = |select: &str, guard: &str| {
        let text = format!("name: a\nimage: nginx\nselect: {{ {select} }}\n{guard}");
        shown(&parse("p.yaml", text.as_bytes()))
    };
    for select in ["semver: 1.x", "likeCurrent: major"] {
        assert_eq!(limited(select, "guard: { maxJump: minor }"), "a at p.yaml:1:7\n");
    }
    expect![[r"
        p.yaml:4:19: `numeric` knows no major, minor or patch that `maxJump` could limit
          remove `maxJump`, or order by `semver`
    "]]
    .assert_eq(&limited("numeric: highest", "guard: { maxJump: minor }"));
    let defaults = defaults("guard: { maxJump: patch }\n").unwrap();
    let read = |text: &str| shown(&parse_with("p.yaml", text.as_bytes(), &defaults, &Zones::bundled()));
    expect![[r"
        p.yaml:3:25: `alphabetical` knows no major, minor or patch that `maxJump` could limit, as the defaults have it at automator.yaml:1:19
          give the policy a `guard` of its own; `guard: {}` is enough
    "]]
    .assert_eq(&read("name: a\nimage: nginx\nselect: { alphabetical: last }\n"));
    assert_eq!(read("name: a\nimage: nginx\nselect: { alphabetical: last }\nguard: {}\n"), "a at p.yaml:1:7\n");
}

#[test]
fn jumps_are_held_with_their_places() {
    let policy = good("guard: { downgrade: allow, maxJump: patch }\n");
    let limit = policy.guard.max_jump.unwrap();
    assert_eq!(
        (limit.jump, limit.rule.position.to_string(), &*limit.rule.text),
        (Jump::Patch, "p.yaml:4:37".into(), "patch")
    );
    let policy = parse("p.yaml", b"name: a\nimage: nginx\nselect: { likeCurrent: minor }\n").policies.remove(0);
    assert_eq!(
        (policy.order, policy.select.position.to_string()),
        (Order::LikeCurrent(Jump::Minor), "p.yaml:3:24".into())
    );
}

#[test]
fn a_key_without_a_value_is_not_a_key_left_out() {
    let nulls = [
        "tags:",
        "tags: { include: }",
        "tags: { exclude: ~ }",
        "tags: { extract: null }",
        "tags: { include: [~] }",
        "write:",
        "write: [~]",
        "write: { paths: }",
        "write: { paths: [~] }",
        "write: { repository: }",
        "guard:",
        "guard: { downgrade: }",
        "guard: { maxJump: }",
        "suspend:",
        "every:",
        "cron:",
        "timezone:",
        "windows:",
        "windows: [{ cron: }]",
        "windows: [{ cron: '* * * * *', timezone: }]",
        "freezes:",
        "freezes: [{ from: 2026-01-01T00:00:00Z, to: }]",
        "freezes: [{ from: 2026-01-01T00:00:00Z, to: 2027-01-01T00:00:00Z, reason: }]",
        "namespace:",
    ];
    for null in nulls {
        let parsed = parse("p.yaml", format!("{GOOD}{null}\n").as_bytes());
        assert!(parsed.policies.is_empty(), "{null}");
        assert_eq!(&*parsed.findings[0].cause, "no value stands here", "{null}");
    }
}

#[test]
fn a_policy_holds_what_was_written() {
    let policy = good(
        "namespace: ns\nevery: 1h30m\nsuspend: true\nguard: { downgrade: allow }\ntags: { include: '^v(.*)', exclude: [rc, beta], extract: $1 }\nwrite: [{ repository: config, paths: ['apps/**'], pin: tag@digest, find: markers }, {}]\n",
    );
    assert_eq!(
        (policy.name.to_string(), policy.image.to_string()),
        ("ns:app".into(), "docker.io/library/nginx".into())
    );
    assert_eq!((policy.pace, policy.suspend), (Some(Pace::Every(Duration::from_mins(90))), true));
    assert_eq!(policy.guard.downgrade, Downgrade::Allow);
    assert_eq!(policy.guard.rule.as_ref().map(|rule| rule.position.to_string()), Some("p.yaml:7:21".into()));
    assert_eq!((policy.select.position.to_string(), &*policy.select.text), ("p.yaml:3:19".into(), "*"));
    let exclude: Vec<_> = policy
        .filter
        .exclude()
        .iter()
        .map(|pattern| (pattern.rule.position.to_string(), &*pattern.rule.text))
        .collect();
    assert_eq!(exclude, [("p.yaml:8:38".into(), "rc"), ("p.yaml:8:42".into(), "beta")]);
    let [first, second] = policy.write.as_slice() else { panic!("{:?}", policy.write) };
    assert_eq!((first.repository.as_deref(), first.pin), (Some("config"), Pin::TagAtDigest));
    assert!(first.covers("apps/a/b.yaml") && !first.covers("b.yaml") && second.covers("b.yaml"));
    assert_eq!((second.repository.as_deref(), second.pin), (None, Pin::Tag));
}

#[test]
fn what_is_left_out_has_its_default() {
    let policy = good("");
    assert_eq!((policy.pace, policy.suspend, policy.guard), (None, false, Guard::default()));
    assert!(
        policy.filter.include().is_empty() && policy.filter.exclude().is_empty() && policy.filter.extract().is_none()
    );
    assert!(
        policy.write.len() == 1 && policy.write.iter().all(|write| write.covers("any/file") && write.pin == Pin::Tag)
    );
    assert_eq!(policy.revision, Digest::sha256_of(GOOD.as_bytes()));
}

#[test]
fn a_chart_repository_works_the_same() {
    let parsed = parse("p.yaml", b"name: a\nimage: oci://ghcr.io/acme/charts/app\nselect: { semver: 1.x }\n");
    assert_eq!(parsed.policies[0].image.to_string(), "ghcr.io/acme/charts/app");
}

#[test]
fn the_revision_is_that_of_the_documents_own_bytes() {
    let one = GOOD.replace("app", "one");
    let two = GOOD.replace("app", "two");
    let revisions = |text: &str| {
        parse("p.yaml", text.as_bytes()).policies.into_iter().map(|policy| policy.revision).collect::<Vec<_>>()
    };
    let both = revisions(&format!("{one}---\n{two}"));
    assert_eq!(both, [Digest::sha256_of(one.as_bytes()), Digest::sha256_of(format!("---\n{two}").as_bytes())]);
    let changed = revisions(&format!("{one}---\n{two}# note\n"));
    assert_eq!((&changed[0], changed[1] == both[1]), (&both[0], false));
    let marked = format!("\u{feff}# note\n---\n{one}");
    assert_eq!(revisions(&marked), [Digest::sha256_of(marked.as_bytes())]);
}

#[test]
fn two_policies_of_one_name_are_both_dropped() {
    let text = ["a", "b", "a"].map(|name| GOOD.replace("app", name)).join("---\n");
    let text = format!("{text}namespace: ns\n---\n{}---\n{}", GOOD.replace("app", "b"), GOOD.replace("app", "b"));
    let parsed = parse("p.yaml", text.as_bytes());
    assert_eq!(parsed.findings, []);
    expect![[r"
        a at p.yaml:1:7
        ns:a at p.yaml:9:7
        p.yaml:5:7: another policy is named `b` too, at p.yaml:14:7; neither is used
          rename one of them, or give it a `namespace` of its own
        p.yaml:14:7: another policy is named `b` too, at p.yaml:5:7; neither is used
          rename one of them, or give it a `namespace` of its own
        p.yaml:18:7: another policy is named `b` too, at p.yaml:5:7; neither is used
          rename one of them, or give it a `namespace` of its own
    "]]
    .assert_eq(&shown(&without_duplicates(parsed.policies)));
}

fn defaults(text: &str) -> Result<Defaults, Vec<Finding>> {
    let file = Arc::from("automator.yaml");
    let documents = Document::split(&file, text);
    Defaults::check(&documents[0], &documents[0].read(&[]).unwrap(), &Zones::bundled())
}

/// Reads the policy [`GOOD`] with more keys and defaults.
fn with_defaults(more: &str, defaults: &Defaults) -> Policy {
    let parsed = parse_with("p.yaml", format!("{GOOD}{more}").as_bytes(), defaults, &Zones::bundled());
    assert_eq!(parsed.findings, []);
    parsed.policies.into_iter().next().unwrap()
}

#[test]
fn a_policys_own_key_wins_over_the_default() {
    let defaults = defaults("namespace: ns\nevery: 1m\nsuspend: true\ntags: { exclude: rc }\nguard: { downgrade: allow }\nwrite: { pin: tag@digest }\n").unwrap();
    let read = |more: &str| with_defaults(more, &defaults);
    let plain = read("");
    assert_eq!(
        (plain.name.to_string(), plain.pace, plain.suspend),
        ("ns:app".into(), Some(Pace::Every(Duration::from_mins(1))), true)
    );
    assert_eq!((plain.guard.downgrade, plain.write[0].pin), (Downgrade::Allow, Pin::TagAtDigest));
    assert_eq!(plain.filter.exclude()[0].rule.position.to_string(), "automator.yaml:4:18");
    let own = read("namespace: own\nevery: 2m\nsuspend: false\ntags: { include: a }\nguard: {}\nwrite: {}\n");
    assert_eq!(
        (own.name.to_string(), own.pace, own.suspend),
        ("own:app".into(), Some(Pace::Every(Duration::from_mins(2))), false)
    );
    assert_eq!((own.guard.downgrade, own.write[0].pin, own.filter.exclude().len()), (Downgrade::Refuse, Pin::Tag, 0));
}

fn local(cron: &str, zone: &str) -> LocalCron {
    LocalCron { cron: Cron::parse(cron).unwrap(), zone: Zones::bundled().get(zone).unwrap() }
}

#[test]
fn the_pace_is_an_interval_or_a_crontab_time_in_its_zone() {
    let pace = |more: &str, defaults: &Defaults| with_defaults(more, defaults).pace;
    let cron = |zone: &str| Some(Pace::Cron(local("*/10 * * * *", zone)));
    let every = Some(Pace::Every(Duration::from_mins(2)));
    let none = Defaults::default();
    assert_eq!(pace("cron: '*/10 * * * *'\n", &none), cron("UTC"));
    assert_eq!(pace("cron: '*/10 * * * *'\ntimezone: europe/berlin\n", &none), cron("Europe/Berlin"));
    let zone = defaults("every: 1m\ntimezone: Asia/Tokyo\n").unwrap();
    assert_eq!(pace("cron: '*/10 * * * *'\n", &zone), cron("Asia/Tokyo"));
    assert_eq!(pace("cron: '*/10 * * * *'\ntimezone: UTC\n", &zone), cron("UTC"));
    let both = defaults("cron: '*/10 * * * *'\ntimezone: Asia/Tokyo\n").unwrap();
    assert_eq!(pace("", &both), cron("Asia/Tokyo"));
    assert_eq!(pace("timezone: UTC\n", &both), cron("UTC"));
    assert_eq!(pace("every: 2m\n", &both), every);
}

#[test]
fn windows_replace_the_defaults_and_freezes_add_up() {
    let defaults = defaults("windows: [{ cron: '* 9 * * *', timezone: Europe/Berlin }]\nfreezes: [{ from: 2026-01-01T00:00:00Z, to: 2026-01-02T00:00:00+01:00, reason: \" a\\nb \" }]\n").unwrap();
    let at = |text: &str| text.parse().unwrap();
    let freeze = |from: &str, to: &str, reason: Option<&str>| Freeze {
        from: at(from),
        to: at(to),
        reason: reason.map(Into::into),
    };
    let default = freeze("2026-01-01T00:00:00Z", "2026-01-01T23:00:00Z", Some("a\\nb"));
    let berlin = vec![local("* 9 * * *", "Europe/Berlin")];
    let calendar = |more: &str| with_defaults(more, &defaults).calendar;
    assert_eq!(calendar(""), Calendar::new(berlin.clone(), vec![default.clone()]));
    assert_eq!(
        calendar("windows: [{ cron: '* 10 * * *' }]\n"),
        Calendar::new(vec![local("* 10 * * *", "UTC")], vec![default.clone()])
    );
    assert_eq!(calendar("windows: []\nfreezes: []\n"), Calendar::new(Vec::new(), vec![default.clone()]));
    let own = freeze("2026-05-01T00:00:00.5Z", "2026-05-02T00:00:00Z", None);
    assert_eq!(
        calendar("freezes: [{ from: 2026-05-01T00:00:00.5Z, to: 2026-05-01T20:00:00-04:00, reason: '' }]\n"),
        Calendar::new(berlin, vec![own, default])
    );
    assert_eq!(good("").calendar, Calendar::default());
}

#[test]
fn there_are_bounds_for_windows_and_freezes() {
    let many = |key: &str, item: &str, count: usize| {
        parse("p.yaml", format!("{GOOD}{key}: [{}]\n", vec![item; count].join(", ")).as_bytes()).findings
    };
    let window = "{ cron: '* * * * *' }";
    let freeze = "{ from: 2026-01-01T00:00:00Z, to: 2026-01-02T00:00:00Z }";
    assert_eq!(many("windows", window, 100), []);
    assert_eq!(&*many("windows", window, 101)[0].cause, "there are more than 100 windows");
    assert_eq!(many("freezes", freeze, 1_000), []);
    assert_eq!(&*many("freezes", freeze, 1_001)[0].cause, "there are more than 1000 freezes");
}

#[test]
fn a_fault_in_the_defaults_leaves_none() {
    let findings = defaults("every: 1s\ntags: { include: '(' }\nonRevert: hold\n").unwrap_err();
    expect![[r"
        automator.yaml:1:8: `1s` is no interval: an interval is at least `10s` and at most `31d`
          write for example `5m` or `1h30m`
        automator.yaml:2:18: `(` is no regular expression: unclosed group
          mend the pattern; look-around and back-references do not exist in this language
        automator.yaml:3:11: `onRevert` is not built yet in this version
          remove it
    "]]
    .assert_eq(&shown(&Parsed { policies: Vec::new(), findings }));
}

#[test]
fn bombs_are_refused() {
    let aliases = (1..40).map(|level| format!("a{level}: &a{level} [*a{0}, *a{0}, *a{0}]\n", level - 1));
    let bomb = format!("a0: &a0 [x]\n{}", aliases.collect::<Vec<_>>().concat());
    let deep = format!("{GOOD}tags: {{ include: {} }}\n", "[".repeat(40_000));
    let wide = format!("{GOOD}tags: {{ include: [{}] }}\n", "a,".repeat(200_000));
    let anchored = format!("{GOOD}tags: {{ include: [&a {}, {}] }}\n", "x".repeat(4_000), "*a,".repeat(5_000));
    for text in [format!("{GOOD}tags:\n  {}", bomb.replace('\n', "\n  ")), deep, wide, anchored] {
        let parsed = parse("p.yaml", text.as_bytes());
        assert!(parsed.policies.is_empty() && parsed.findings.len() == 1, "{:?}", parsed.findings);
    }
}

#[test]
fn control_characters_never_reach_a_message() {
    for text in [
        "\"a\\e[31m\": b\n",
        "name: \"a\\e[31m\"\nimage: nginx\nselect: { semver: \"\\a\" }\n",
        "name: a\nname: \"\u{7}\"\n",
        "\"\\0\": 1\n\"\\0\": 2\n",
    ] {
        for finding in parse("p.yaml", text.as_bytes()).findings {
            assert!(!finding.cause.chars().chain(finding.remedy.chars()).any(char::is_control), "{finding:?}");
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_fall_over(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let parsed = parse("p.yaml", &bytes);
        prop_assert!(!parsed.findings.is_empty() || !parsed.policies.is_empty());
    }

    #[test]
    fn no_text_near_a_policy_makes_the_reader_fall_over(cut in 0_usize..200, insert in "[-{}\\[\\]:,'\"&*!|>#%~ \n\ta-z0-9.$^()]{0,12}") {
        let text = format!("{GOOD}tags: {{ include: ['^v(.*)'], extract: $1 }}\nwrite: [{{ paths: ['apps/**'] }}]\nevery: 5m\n");
        let cut = cut.min(text.len());
        let (before, after) = text.split_at(cut);
        let changed = format!("{before}{insert}{after}");
        let parsed = parse("p.yaml", changed.as_bytes());
        prop_assert!(!parsed.findings.is_empty() || !parsed.policies.is_empty());
    }

    #[test]
    fn splitting_keeps_every_document_where_it_was(texts in prop::collection::vec("(a: [a-z]{1,3}|# [a-z]{1,3}|b)\n", 0..6), separator in prop::sample::select(vec!["---\n", "--- # x\n", "...\n---\n", "---\r\n"])) {
        let file: Arc<str> = Arc::from("f");
        let text = texts.join(separator);
        let documents = Document::split(&file, &text);
        prop_assert_eq!(documents.len(), texts.iter().filter(|text| !text.starts_with('#')).count());
        for document in documents {
            let before = text.split_at(document.text.as_ptr() as usize - text.as_ptr() as usize).0;
            prop_assert_eq!(document.first_line as usize, before.lines().count() + 1);
        }
    }
}
