//! What is decided, in one line a case; and the whole policies of Flux.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::image::TagList;
use crate::policy::parse;

/// Reads a policy whose `select` and further keys are given in flow style.
pub(super) fn policy(select: &str, more: &str) -> Policy {
    let text = format!("name: app\nimage: ghcr.io/acme/app\nselect: {{ {select} }}\n{more}");
    let mut parsed = parse("p.yaml", text.as_bytes());
    parsed.policies.pop().unwrap_or_else(|| panic!("{:?}", parsed.findings))
}

pub(super) fn tag(text: &str) -> TagRef<'_> {
    TagRef::parse(text).unwrap()
}

pub(super) fn tags(text: &str) -> TagList {
    text.split_whitespace().map(tag).collect()
}

pub(super) fn current(text: &str) -> Current<'_> {
    if text.is_empty() { Current::None } else { Current::Tag(tag(text)) }
}

fn decided(policy: &Policy, listed: &TagList, holds: &str) -> Decision {
    let ranking = rank(policy, listed, &mut Tally::default());
    decide(policy, &ranking, current(holds))
}

pub(super) fn check(select: &str, more: &str, listed: &str, holds: &str, expected: &Expect) {
    let decision = decided(&policy(select, more), &tags(listed), holds);
    let chosen = decision.chosen.map_or("-".to_owned(), |chosen| chosen.to_string());
    expected.assert_eq(&format!("{chosen} {:?}: {}", decision.outcome, decision.reason));
}

const PODINFO: &str = "5.9.0 6.0.0 6.0.3 6.1.0 6.2.0-rc.1 7.0.0 latest sha-1234567";

#[test]
fn the_highest_version_in_the_range_is_taken() {
    let range = "semver: '>=6.0.0 <7.0.0'";
    check(range, "", PODINFO, "6.0.0", &expect![[r#"6.1.0 Update: highest of 3 tags in ">=6.0.0 <7.0.0""#]]);
    check(range, "", PODINFO, "", &expect![[r#"6.1.0 Update: highest of 3 tags in ">=6.0.0 <7.0.0""#]]);
    check(
        range,
        "",
        PODINFO,
        "6.1.0",
        &expect![[r#"6.1.0 UpToDate: already the highest of 3 tags in ">=6.0.0 <7.0.0""#]],
    );
    check("semver: '7.x'", "", PODINFO, "6.1.0", &expect![[r#"7.0.0 Update: only tag in "7.x""#]]);
    check("semver: '^6-0'", "", PODINFO, "6.1.0", &expect![[r#"6.2.0-rc.1 Update: highest of 4 tags in "^6-0""#]]);
}

#[test]
fn what_the_policy_cannot_read_is_replaced() {
    for holds in ["latest", "6", "6.5", "sha-1234567"] {
        check("semver: 6.0.x", "", PODINFO, holds, &expect![[r#"6.0.3 Update: highest of 2 tags in "6.0.x""#]]);
    }
    let filter = "tags: { include: '^main-[a-f0-9]+-(?<ts>[0-9]+)$', extract: $ts }";
    let listed = "main-abc-10 main-def-9 main-aaa-10x";
    check("numeric: highest", filter, listed, "dev-99", &expect!["main-abc-10 Update: highest of 2 numeric tags"]);
}

#[test]
fn nothing_goes_back_unless_allowed() {
    check(
        "semver: 6.0.x",
        "",
        PODINFO,
        "6.1.0",
        &expect![
            "- Kept(Downgrade): current 6.1.0 is above the highest allowed 6.0.3; guard.downgrade refuses to go back"
        ],
    );
    check(
        "semver: 6.0.x",
        "",
        PODINFO,
        "6.9.0",
        &expect![
            "- Kept(Downgrade): current 6.9.0 is above the highest allowed 6.0.3; guard.downgrade refuses to go back"
        ],
    );
    check(
        "semver: 6.0.x",
        "guard: { downgrade: allow }",
        PODINFO,
        "6.1.0",
        &expect![[r#"6.0.3 Update: highest of 2 tags in "6.0.x""#]],
    );
    check("semver: '>=6'", "", PODINFO, "5.9.0", &expect![[r#"7.0.0 Update: highest of 4 tags in ">=6""#]]);
    check(
        "semver: '<6'",
        "tags: { exclude: ['^6'] }",
        PODINFO,
        "6.1.0",
        &expect![
            "- Kept(Downgrade): current 6.1.0 is above the highest allowed 5.9.0; guard.downgrade refuses to go back"
        ],
    );
}

#[test]
fn below_is_below_in_the_policys_own_order() {
    check(
        "numeric: highest",
        "",
        "1 2 3",
        "10",
        &expect!["- Kept(Downgrade): current 10 is above the highest allowed 3; guard.downgrade refuses to go back"],
    );
    check(
        "numeric: lowest",
        "",
        "1 2 3",
        "0",
        &expect!["- Kept(Downgrade): current 0 is below the lowest allowed 1; guard.downgrade refuses to go back"],
    );
    check("numeric: lowest", "", "1 2 3", "2", &expect!["1 Update: lowest of 3 numeric tags"]);
    check(
        "alphabetical: last",
        "",
        "a b c",
        "d",
        &expect!["- Kept(Downgrade): current d is behind the last allowed c; guard.downgrade refuses to go back"],
    );
    check(
        "alphabetical: first",
        "",
        "b c",
        "a",
        &expect!["- Kept(Downgrade): current a is before the first allowed b; guard.downgrade refuses to go back"],
    );
    check("alphabetical: last", "", "a b c", "b", &expect!["c Update: last of 3 tags in alphabetical order"]);
}

#[test]
fn an_equal_value_is_never_written() {
    check(
        "semver: 1.x",
        "",
        "1.0.0 v1.0.0",
        "v1.0.0",
        &expect![[r#"v1.0.0 UpToDate: already the highest of 2 tags in "1.x""#]],
    );
    check(
        "semver: { range: 1.x, loose: true }",
        "",
        "1.0.0 v1.0.0",
        "1.0",
        &expect!["- Kept(Equal): current 1.0 equals the best, 1.0.0, in order; an equal value is not written"],
    );
    check(
        "numeric: highest",
        "guard: { downgrade: allow }",
        "7 07",
        "007",
        &expect!["- Kept(Equal): current 007 equals the best, 07, in order; an equal value is not written"],
    );
}

#[test]
fn ties_go_to_the_spelling_of_the_place() {
    check("semver: 1.x", "", "1.0.0 v1.0.0", "v0.9.0", &expect![[r#"v1.0.0 Update: highest of 2 tags in "1.x""#]]);
    check("semver: 1.x", "", "1.0.0 v1.0.0", "0.9.0", &expect![[r#"1.0.0 Update: highest of 2 tags in "1.x""#]]);
    let filter = "tags: { include: '^([0-9.]+)-', extract: $1 }";
    check(
        "semver: 1.x",
        filter,
        "1.1.0-arm64 1.1.0-amd64",
        "1.0.0-arm64",
        &expect![[r#"1.1.0-arm64 Update: highest of 2 tags in "1.x""#]],
    );
    check(
        "semver: 1.x",
        filter,
        "1.1.0-arm64 1.1.0-amd64",
        "",
        &expect![[r#"1.1.0-amd64 Update: highest of 2 tags in "1.x""#]],
    );
}

#[test]
fn nothing_to_choose_says_where_the_last_tags_fell() {
    let only = |include: &str| format!("tags: {{ include: '{include}' }}");
    check("semver: '*'", "", "", "1.0.0", &expect!["- NothingQualifies: the repository has no tags"]);
    check("semver: '*'", &only("^x"), PODINFO, "6.1.0", &expect!["- NothingQualifies: no tag of 8 passes the filter"]);
    check("semver: '*'", "", "latest 1.2", "", &expect!["- NothingQualifies: no version among 2 tags"]);
    check(
        "semver: '*'",
        &only("^l"),
        PODINFO,
        "",
        &expect!["- NothingQualifies: no version among the 1 tag of 8 that passes the filter"],
    );
    check(
        "semver: '>=8'",
        "",
        PODINFO,
        "",
        &expect![[r#"- NothingQualifies: no version in ">=8" among 8 tags; 1 pre-release not asked for"#]],
    );
    check(
        "semver: '>=8 || 9'",
        &only("^6.0"),
        PODINFO,
        "",
        &expect![[r#"- NothingQualifies: no version in ">=8 || 9" among the 2 of 8 tags that pass the filter"#]],
    );
    check("numeric: highest", "", "latest", "", &expect!["- NothingQualifies: no number among 1 tag"]);
}

/// One whole policy of Flux with what Flux made of it.
#[derive(Deserialize)]
struct Vector {
    kind: String,
    argument: String,
    pattern: Option<String>,
    extract: Option<String>,
    tags: Vec<String>,
    latest: Option<String>,
    error: Option<String>,
}

/// Policies that are answered otherwise here on purpose; the reason stands beside them in the file.
#[derive(Deserialize)]
struct Difference {
    lines: Vec<usize>,
    ours: String,
    why: String,
}

impl Vector {
    /// Writes the policy in our words. JSON is YAML.
    fn policy(&self) -> String {
        let end = |top: &str, bottom: &str| match self.argument.to_lowercase().as_str() {
            "" | "asc" => top.to_owned(),
            "desc" => bottom.to_owned(),
            other => other.to_owned(),
        };
        let select = match self.kind.as_str() {
            "semver" => serde_json::json!({ "semver": self.argument }),
            "numerical" => serde_json::json!({ "numeric": end("highest", "lowest") }),
            _ => serde_json::json!({ "alphabetical": end("last", "first") }),
        };
        let mut policy = serde_json::json!({ "name": "p", "image": "nginx", "select": select });
        if let Some(pattern) = &self.pattern {
            policy["tags"] = serde_json::json!({ "include": pattern });
        }
        if let Some(extract) = self.extract.as_deref().filter(|extract| !extract.is_empty()) {
            policy["tags"]["extract"] = extract.into();
        }
        policy.to_string()
    }

    fn flux(&self) -> String {
        let is_invalid = self.error.as_ref().is_some_and(|error| error.starts_with("invalid policy"));
        self.latest.clone().unwrap_or_else(|| if is_invalid { "invalid policy" } else { "none" }.to_owned())
    }

    fn ours(&self) -> String {
        let parsed = parse("p.yaml", self.policy().as_bytes());
        let Some(policy) = parsed.policies.first() else { return "invalid policy".to_owned() };
        let listed: TagList = self.tags.iter().filter_map(|tag| TagRef::parse(tag).ok()).collect();
        decided(policy, &listed, "").chosen.map_or("none".to_owned(), |chosen| chosen.to_string())
    }
}

#[test]
fn the_policies_of_flux_are_decided_alike_but_for_the_listed_differences() {
    let differences = include_str!("../../testdata/vectors/differences.json");
    let differences: Vec<Difference> = serde_json::from_str(differences).unwrap();
    let listed = differences.iter().flat_map(|difference| difference.lines.iter().map(move |line| (*line, difference)));
    let listed: BTreeMap<usize, &Difference> = listed.collect();
    let vectors = include_str!("../../testdata/vectors/policies.jsonl");
    for (line, text) in (1..).zip(vectors.lines()) {
        let vector: Vector = serde_json::from_str(text).unwrap();
        let expected = listed.get(&line).map_or(vector.flux(), |difference| difference.ours.clone());
        assert_eq!(vector.ours(), expected, "line {line}: {text}");
        if let Some(difference) = listed.get(&line) {
            assert_ne!(vector.flux(), difference.ours, "line {line} is no difference: {}", difference.why);
        }
    }
    assert_eq!(vectors.lines().count(), 265);
}

/// Hears verdicts and counts them for each tag.
#[derive(Default)]
struct Heard<'t>(BTreeMap<&'t str, Vec<Verdict>>);

impl<'t> Verdicts<'t> for Heard<'t> {
    fn judged(&mut self, tag: TagRef<'t>, verdict: Verdict) {
        self.0.entry(tag.as_str()).or_default().push(verdict);
    }
}

/// Policies of every kind.
pub(super) fn any_policy() -> impl Strategy<Value = Policy> {
    let select = prop::sample::select(vec![
        "semver: '>=1.1.0 <3.0.0'",
        "semver: '>=1.1.0-0'",
        "semver: '1.x || >=2.1.0'",
        "semver: { range: '*', loose: true }",
        "numeric: highest",
        "numeric: lowest",
        "alphabetical: last",
        "alphabetical: first",
        "likeCurrent: patch",
        "likeCurrent: minor",
        "likeCurrent: major",
    ]);
    let filter = prop::sample::select(vec![
        "",
        "tags: { include: ['^v', '^[0-9]'], exclude: 'rc' }",
        r"tags: { include: '^v?(?<n>[0-9]+([.][0-9]+)*)(-.*)?$', extract: $n }",
    ]);
    let downgrade = prop::sample::select(vec!["refuse", "allow"]);
    let jump = prop::sample::select(vec!["", ", maxJump: patch", ", maxJump: minor"]);
    (select, filter, downgrade, jump).prop_map(|(select, filter, downgrade, jump)| {
        let has_versions = select.starts_with("semver") || select.starts_with("like");
        let jump = if has_versions { jump } else { "" };
        policy(select, &format!("{filter}\nguard: {{ downgrade: {downgrade}{jump} }}"))
    })
}

/// A tag that some policy can read, with few enough values that ties are common.
pub(super) fn any_tag() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "v?[0-3]([.]0?[0-3]){0,2}(-rc[.][0-2]|-(amd|arm)64)?",
        1 => "latest|main-[a-f]{3}|20240[1-3]",
    ]
}

pub(super) fn list(tags: &[String]) -> TagList {
    tags.iter().map(|text| tag(text)).collect()
}

proptest! {
    #[test]
    fn the_order_of_the_tags_never_shows(policy in any_policy(), tags in prop::collection::vec(any_tag(), 0..30).prop_shuffle(), holds in any_tag()) {
        let sorted = { let mut sorted = tags.clone(); sorted.sort(); sorted };
        prop_assert_eq!(decided(&policy, &list(&tags), &holds), decided(&policy, &list(&sorted), &holds));
        prop_assert_eq!(decided(&policy, &list(&tags), ""), decided(&policy, &list(&sorted), ""));
    }

    #[test]
    fn every_tag_gets_exactly_one_verdict(policy in any_policy(), tags in prop::collection::btree_set(any_tag(), 0..30)) {
        let tags: Vec<_> = tags.into_iter().collect();
        let listed = list(&tags);
        let mut heard = Heard::default();
        let ranking = rank(&policy, &listed, &mut heard);
        prop_assert_eq!(heard.0.keys().copied().collect::<Vec<_>>(), tags.iter().map(String::as_str).collect::<Vec<_>>());
        prop_assert!(heard.0.values().all(|verdicts| verdicts.len() == 1), "{:?}", heard.0);
        let mut tally = Tally::default();
        rank(&policy, &listed, &mut tally);
        prop_assert_eq!((tally, tally.listed()), (ranking.tally(), tags.len()));
    }

    #[test]
    fn deciding_twice_changes_nothing_more(policy in any_policy(), tags in prop::collection::vec(any_tag(), 0..20), holds in any_tag()) {
        let listed = list(&tags);
        let first = decided(&policy, &listed, &holds);
        let now_holds = first.chosen.as_ref().map_or(holds.as_str(), |chosen| chosen.as_str());
        let second = decided(&policy, &listed, now_holds);
        prop_assert_ne!(second.outcome, Outcome::Update, "{:?} then {:?}", first, second);
    }

    #[test]
    fn nothing_is_written_below_the_current_value(policy in any_policy(), tags in prop::collection::vec(any_tag(), 0..20), holds in any_tag()) {
        let listed = list(&tags);
        let decision = decided(&policy, &listed, &holds);
        if let (Outcome::Update, Some(chosen)) = (decision.outcome, &decision.chosen) {
            let mut reader = policy.filter.reader();
            let chosen = policy.order.read(reader.value(chosen.as_ref()).unwrap()).unwrap().into_owned();
            let held = reader.value(tag(&holds)).and_then(|text| policy.order.read(text).ok());
            let compared = held.map(|held| policy.order.compare(&chosen, &held));
            prop_assert_ne!(compared, Some(Ordering::Equal));
            prop_assert!(policy.guard.downgrade == Downgrade::Allow || compared != Some(Ordering::Less));
        }
    }

    #[test]
    fn a_worse_tag_changes_nothing(policy in any_policy(), tags in prop::collection::vec(any_tag(), 1..20), more in any_tag(), holds in any_tag()) {
        use Verdict::{BelowCurrent, BeyondMaxJump, Chosen, EqualToCurrent, TieLost};
        let without = decided(&policy, &list(&tags), &holds);
        let listed = list(&[tags, vec![more.clone()]].concat());
        let explanation = explain(&policy, &listed, &[current(&holds)]);
        let verdict = explanation.tables[0].row(tag(&more)).unwrap().verdict;
        if !matches!(verdict, Chosen | TieLost | BelowCurrent | EqualToCurrent) {
            let with = decided(&policy, &listed, &holds);
            prop_assert_eq!(with.chosen, without.chosen);
            prop_assert!(verdict == BeyondMaxJump || with.outcome == without.outcome);
        }
    }

    #[test]
    fn every_table_has_every_tag_once_and_says_what_is_decided(policy in any_policy(), tags in prop::collection::btree_set(any_tag(), 0..20), holds in prop::collection::vec(any_tag(), 1..4)) {
        let tags: Vec<_> = tags.into_iter().collect();
        let listed = list(&tags);
        let currents: Vec<_> = holds.iter().map(|tag| current(tag)).collect();
        for table in explain(&policy, &listed, &currents).tables {
            let mut named: Vec<_> = table.rows.iter().map(|row| row.tag.as_str()).collect();
            named.sort_unstable();
            prop_assert_eq!(named, tags.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert!(table.rows.iter().all(|row| !matches!(row.verdict, Verdict::Best | Verdict::Open)));
            let decided: std::collections::BTreeSet<_> = table.places.iter().filter_map(|place| place.decision.chosen.as_ref()).map(Tag::as_str).collect();
            let shown = table.rows.iter().filter(|row| row.verdict == Verdict::Chosen).map(|row| row.tag.as_str());
            prop_assert_eq!(shown.collect::<std::collections::BTreeSet<_>>(), decided);
            prop_assert!(!table.is_of_one_place || table.places.len() == 1);
        }
    }
}
