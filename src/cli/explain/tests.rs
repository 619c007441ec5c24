//! What people and programs are shown.

use expect_test::{Expect, expect};
use proptest::prelude::*;

use super::*;
use crate::decision::{Current, explain};
use crate::image::TagList;
use crate::policy::parse;

fn policy(file: &str, rest: &str) -> Policy {
    let text = format!("name: podinfo\nimage: ghcr.io/stefanprodan/podinfo\n{rest}");
    let mut parsed = parse(file, text.as_bytes());
    parsed.policies.pop().unwrap_or_else(|| panic!("{:?}", parsed.findings))
}

fn tags(text: &str) -> TagList {
    text.split_whitespace().map(|tag| TagRef::parse(tag).unwrap()).collect()
}

fn view(text: &str) -> View<'_> {
    match text {
        "" => View::Near,
        "--all" => View::All,
        tag => View::Tag(TagRef::parse(tag).unwrap()),
    }
}

fn check(rest: &str, listed: &str, currents: &[&str], shows: &str, expected: &Expect) {
    let policy = policy("policies/podinfo.yaml", rest);
    let listed = tags(listed);
    let currents: Vec<_> = currents.iter().map(|tag| Current::Tag(TagRef::parse(tag).unwrap())).collect();
    let explanation = explain(&policy, &listed, &currents);
    expected.assert_eq(&text(&policy, &explanation, view(shows)));
}

const SEMVER: &str = "tags: { exclude: ['-debug$', '^sha-'] }\nselect: { semver: '>=6.0.0 <7.0.0' }\n";
const LISTED: &str = "5.9.0 6.0.0 6.0.1 6.0.2 6.0.3 6.1.0 6.1.0-debug 6.2.0-rc.1 7.0.0 7.1.0 latest sha-1234567 6.0";

#[test]
fn the_chosen_and_the_nearest_are_shown_with_a_count_of_the_others() {
    check(
        SEMVER,
        LISTED,
        &["6.0.0", "6.1.0", "6.9.0", "latest"],
        "",
        &expect![[r#"
            podinfo  ghcr.io/stefanprodan/podinfo  policies/podinfo.yaml:1:7
            6.0.0 -> 6.1.0: highest of 5 tags in ">=6.0.0 <7.0.0"
              better, but not allowed: 7.1.0 (outside of <7.0.0), 7.0.0 (outside of <7.0.0),
                6.2.0-rc.1 (pre-release not asked for)
            6.1.0 stays: already the highest of 5 tags in ">=6.0.0 <7.0.0"
              better, but not allowed: 7.1.0 (outside of <7.0.0), 7.0.0 (outside of <7.0.0),
                6.2.0-rc.1 (pre-release not asked for)
            6.9.0 stays: current 6.9.0 is above the highest allowed 6.1.0; guard.downgrade
              refuses to go back
              current 6.9.0 is not in the registry
              better, but not allowed: 7.1.0 (outside of <7.0.0), 7.0.0 (outside of <7.0.0)
            latest -> 6.1.0: highest of 5 tags in ">=6.0.0 <7.0.0"
              better, but not allowed: 7.1.0 (outside of <7.0.0), 7.0.0 (outside of <7.0.0),
                6.2.0-rc.1 (pre-release not asked for)

            TAG          VERDICT                    RULE
            7.1.0        outside of <7.0.0          policies/podinfo.yaml:4
            7.0.0        outside of <7.0.0          policies/podinfo.yaml:4
            6.2.0-rc.1   pre-release not asked for  policies/podinfo.yaml:4
            6.1.0        chosen                     policies/podinfo.yaml:4
            6.1.0-debug  excluded by '-debug$'      policies/podinfo.yaml:3
            6.0.3        lower than the best        policies/podinfo.yaml:4
            6.0.2        lower than the best        policies/podinfo.yaml:4
            6.0.1        lower than the best        policies/podinfo.yaml:4

            13 tags
                   4  lower than the best (select)
                   2  outside of <7.0.0 (select)
                   1  excluded by '-debug$' (tags.exclude[0])
                   1  excluded by '^sha-' (tags.exclude[1])
                   1  not a version (select)
                   1  not three numbers (select)
                   1  pre-release not asked for (select)
                   1  outside of >=6.0.0 (select)
                   1  chosen (select)
        "#]],
    );
}

#[test]
fn all_tags_are_shown_with_what_is_compared() {
    let rest = "tags:\n  include: '^main-[a-f0-9]+-(?<ts>[0-9]+)$'\n  extract: $ts\nselect: { numeric: highest }\n";
    check(
        rest,
        "main-abc-17 main-def-18 main-0-9 main-x-99 dev main-aaa-18",
        &[],
        "--all",
        &expect![[r"
        podinfo  ghcr.io/stefanprodan/podinfo  policies/podinfo.yaml:1:7
        no tag yet -> main-aaa-18: highest of 4 numeric tags

        TAG          VALUE  VERDICT                        RULE
        main-aaa-18  18     chosen                         policies/podinfo.yaml:6
        main-def-18  18     equal to the chosen; tie lost  policies/podinfo.yaml:6
        main-abc-17  17     lower than the best            policies/podinfo.yaml:6
        main-0-9     9      lower than the best            policies/podinfo.yaml:6
        dev          -      not included                   policies/podinfo.yaml:4
        main-x-99    -      not included                   policies/podinfo.yaml:4

        6 tags
               2  not included (tags.include)
               2  lower than the best (select)
               1  chosen (select)
               1  equal to the chosen; tie lost (select)
    "]],
    );
}

#[test]
fn one_tags_whole_story_is_told() {
    check(
        SEMVER,
        LISTED,
        &["6.0.0"],
        "6.2.0-rc.1",
        &expect![[r#"
            podinfo  ghcr.io/stefanprodan/podinfo  policies/podinfo.yaml:1:7
            6.0.0 -> 6.1.0: highest of 5 tags in ">=6.0.0 <7.0.0"
              better, but not allowed: 7.1.0 (outside of <7.0.0), 7.0.0 (outside of <7.0.0),
                6.2.0-rc.1 (pre-release not asked for)

            tag      6.2.0-rc.1
            value    6.2.0-rc.1
            order    number 3 of 10 tags that the order can read
            verdict  pre-release not asked for
            rule     select: >=6.0.0 <7.0.0
            at       policies/podinfo.yaml:4:19
        "#]],
    );
    check(
        SEMVER,
        LISTED,
        &["6.0.0"],
        "sha-1234567",
        &expect![[r#"
            podinfo  ghcr.io/stefanprodan/podinfo  policies/podinfo.yaml:1:7
            6.0.0 -> 6.1.0: highest of 5 tags in ">=6.0.0 <7.0.0"
              better, but not allowed: 7.1.0 (outside of <7.0.0), 7.0.0 (outside of <7.0.0),
                6.2.0-rc.1 (pre-release not asked for)

            tag      sha-1234567
            value    sha-1234567
            verdict  excluded by '^sha-'
            rule     tags.exclude[1]: ^sha-
            at       policies/podinfo.yaml:3:30
        "#]],
    );
    check(
        SEMVER,
        LISTED,
        &["6.0.0"],
        "8.0.0",
        &expect![[r#"
            podinfo  ghcr.io/stefanprodan/podinfo  policies/podinfo.yaml:1:7
            6.0.0 -> 6.1.0: highest of 5 tags in ">=6.0.0 <7.0.0"
              better, but not allowed: 7.1.0 (outside of <7.0.0), 7.0.0 (outside of <7.0.0),
                6.2.0-rc.1 (pre-release not asked for)

            The repository lists no tag 8.0.0.
        "#]],
    );
}

#[test]
fn nothing_to_choose_is_explained_too() {
    check(
        "select: { semver: '>=8' }",
        LISTED,
        &["6.0.0"],
        "",
        &expect![[r#"
            podinfo  ghcr.io/stefanprodan/podinfo  policies/podinfo.yaml:1:7
            6.0.0 stays: no version in ">=8" among 13 tags; 2 pre-releases not asked for

            TAG          VERDICT                    RULE
            7.1.0        outside of >=8             policies/podinfo.yaml:3
            7.0.0        outside of >=8             policies/podinfo.yaml:3
            6.2.0-rc.1   pre-release not asked for  policies/podinfo.yaml:3
            6.1.0        outside of >=8             policies/podinfo.yaml:3
            6.1.0-debug  pre-release not asked for  policies/podinfo.yaml:3

            13 tags
                   8  outside of >=8 (select)
                   2  not a version (select)
                   2  pre-release not asked for (select)
                   1  not three numbers (select)
        "#]],
    );
    check(
        "select: { semver: '>=8' }",
        "",
        &[],
        "",
        &expect![[r"
            podinfo  ghcr.io/stefanprodan/podinfo  policies/podinfo.yaml:1:7
            no tag yet: the repository has no tags

            0 tags
        "]],
    );
}

#[test]
fn places_that_are_limited_each_have_a_table() {
    let rest = "select: { semver: '>=1' }\nguard: { maxJump: minor }\n";
    check(
        rest,
        "1.0.0 1.1.0 2.0.0 2.1.0 latest",
        &["1.0.0", "2.2.0"],
        "",
        &expect![[r#"
            podinfo  ghcr.io/stefanprodan/podinfo  policies/podinfo.yaml:1:7
            1.0.0 -> 1.1.0: highest of 2 tags in ">=1", maxJump: minor
              better, but not allowed: 2.1.0 (beyond maxJump: minor), 2.0.0 (beyond maxJump:
                minor)

            TAG    VERDICT                RULE
            2.1.0  beyond maxJump: minor  policies/podinfo.yaml:4
            2.0.0  beyond maxJump: minor  policies/podinfo.yaml:4
            1.1.0  chosen                 policies/podinfo.yaml:3
            1.0.0  lower than the best    policies/podinfo.yaml:3

            5 tags
                   2  beyond maxJump: minor (guard.maxJump)
                   1  not a version (select)
                   1  lower than the best (select)
                   1  chosen (select)

            2.2.0 stays: current 2.2.0 is above the highest allowed 2.1.0; guard.downgrade
              refuses to go back
              current 2.2.0 is not in the registry

            TAG    VERDICT                  RULE
            2.1.0  below the current value
            2.0.0  lower than the best      policies/podinfo.yaml:3
            1.1.0  lower than the best      policies/podinfo.yaml:3
            1.0.0  lower than the best      policies/podinfo.yaml:3

            5 tags
                   3  lower than the best (select)
                   1  not a version (select)
                   1  below the current value (guard.downgrade)
        "#]],
    );
}

#[test]
fn a_tags_story_is_told_for_each_place() {
    let rest = "select: { semver: '>=1' }\nguard: { maxJump: minor }\n";
    check(
        rest,
        "1.0.0 1.1.0 2.0.0 2.1.0 latest",
        &["1.0.0", "2.2.0"],
        "2.1.0",
        &expect![[r#"
            podinfo  ghcr.io/stefanprodan/podinfo  policies/podinfo.yaml:1:7
            1.0.0 -> 1.1.0: highest of 2 tags in ">=1", maxJump: minor
              better, but not allowed: 2.1.0 (beyond maxJump: minor), 2.0.0 (beyond maxJump:
                minor)

            tag      2.1.0
            value    2.1.0
            order    number 1 of 4 tags that the order can read
            verdict  beyond maxJump: minor
            rule     guard.maxJump: minor
            at       policies/podinfo.yaml:4:19

            2.2.0 stays: current 2.2.0 is above the highest allowed 2.1.0; guard.downgrade
              refuses to go back
              current 2.2.0 is not in the registry

            tag      2.1.0
            value    2.1.0
            order    number 1 of 4 tags that the order can read
            verdict  below the current value
        "#]],
    );
    let policy = policy("p.yaml", rest);
    let listed = tags("1.0.0 2.0.0");
    let currents = ["1.0.0", "2.0.0"].map(|tag| Current::Tag(TagRef::parse(tag).unwrap()));
    let shown = json(&policy, &explain(&policy, &listed, &currents), View::All);
    let verdicts = shown["tags"].as_array().unwrap().iter();
    let verdicts: Vec<_> =
        verdicts.map(|row| format!("{} {} {}", row["current"], row["tag"], row["verdict"])).collect();
    expect![[r#"
        "1.0.0" "2.0.0" "beyondMaxJump"
        "1.0.0" "1.0.0" "chosen"
        "2.0.0" "2.0.0" "chosen"
        "2.0.0" "1.0.0" "lower"
    "#]]
    .assert_eq(&(verdicts.join("\n") + "\n"));
}

#[test]
fn the_json_holds_the_same() {
    let policy = policy("p.yaml", SEMVER);
    let listed = tags("6.0.0 6.1.0 7.0.0 x-debug");
    let explanation = explain(&policy, &listed, &[Current::Tag(TagRef::parse("6.0.0").unwrap())]);
    let shown = json(&policy, &explanation, View::Tag(TagRef::parse("x-debug").unwrap()));
    let shown = serde_json::to_string(&shown).unwrap().replace("},{", "},\n{").replace("\":[", "\":\n[");
    expect![[r#"
        {"apiVersion":"automator/v1","candidates":2,"image":"ghcr.io/stefanprodan/podinfo","kind":"Explanation","listed":4,"places":
        [{"best":
        ["7.0.0"],"better":1,"candidates":2,"chosen":"6.1.0","current":"6.0.0","currentIsListed":true,"outcome":"update","reason":"highest of 2 tags in \">=6.0.0 <7.0.0\""}],"policy":"podinfo","select":{"at":"p.yaml:4:19","text":">=6.0.0 <7.0.0"},"summary":
        [{"count":1,"current":null,"phrase":"excluded by '-debug$'","rule":"tags.exclude[0]","verdict":"excluded"},
        {"count":1,"current":null,"phrase":"outside of <7.0.0","rule":"select","verdict":"outOfRange"},
        {"count":1,"current":null,"phrase":"lower than the best","rule":"select","verdict":"lower"},
        {"count":1,"current":null,"phrase":"chosen","rule":"select","verdict":"chosen"}],"tags":
        [{"current":null,"phrase":"excluded by '-debug$'","rule":{"at":"p.yaml:3:19","key":"tags.exclude[0]","text":"-debug$"},"tag":"x-debug","value":"x-debug","verdict":"excluded"}]}
    "#]].assert_eq(&(shown + "\n"));
    assert_eq!(json(&policy, &explanation, View::All)["tags"].as_array().map(Vec::len), Some(4));
}

#[test]
fn ten_thousand_tags_are_explained_whole() {
    let listed = (0..10_000).map(|index| format!("1.{}.{}", index / 100, index % 100)).collect::<Vec<_>>();
    let listed = tags(&listed.join(" "));
    let policy = policy("p.yaml", "select: { semver: '<1.50' }");
    let explanation = explain(&policy, &listed, &[]);
    let rows = |view| text(&policy, &explanation, view).lines().filter(|line| line.starts_with("1.")).count();
    assert_eq!((rows(View::All), rows(View::Near)), (10_000, 2 * NEAR_ROWS + 1));
}

proptest! {
    #[test]
    fn no_line_is_wider_than_a_terminal(
        tags in prop::collection::vec("[a-z0-9][a-z0-9.-]{0,127}|[0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,90}", 1..12),
        file in "[a-z/ ä\u{1b}]{1,90}[.]yaml",
        pattern in "[a-z\u{1b}]{1,200}",
        shows in prop::sample::select(vec!["", "--all", "one"]),
    ) {
        let quoted = serde_json::to_string(&pattern).unwrap();
        for rest in [
            format!("select: {{ numeric: highest }}\ntags: {{ include: '^(.*)$', exclude: {quoted}, extract: 'x$1' }}"),
            format!("select: {{ semver: '>=0 || <{}' }}\ntags: {{ exclude: {quoted} }}", "1 || ".repeat(100) + "2"),
        ] {
            let policy = policy(&file, &rest);
            let listed: TagList = tags.iter().map(|tag| TagRef::parse(tag).unwrap()).collect();
            let first = TagRef::parse(&tags[0]).unwrap();
            let explanation = explain(&policy, &listed, &[Current::Tag(first), Current::None]);
            let shown = text(&policy, &explanation, if shows == "one" { View::Tag(first) } else { view(shows) });
            prop_assert!(shown.lines().all(|line| line.chars().count() <= COLUMNS), "{shown}");
            prop_assert!(!shown.replace('\n', "").chars().any(char::is_control), "{shown}");
        }
    }
}
