//! An independent, slow judge: it filters, reads and sorts the naive way, and has to agree.
//!
//! It shares no code with the room: patterns become string tests, versions go through `semver`'s own parser, numbers
//! are padded texts, ties are sorted by their rule as the contract words it.

use std::cmp::Reverse;
use std::sync::LazyLock;

use proptest::prelude::*;
use regex::Regex;

use super::tests::{any_tag, current, list, policy};
use super::*;

static LEGAL_NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\A([0-9]+[.]?[0-9]*|[.][0-9]+)\z").unwrap());
static DIGITS: LazyLock<Regex> = LazyLock::new(|| Regex::new("[0-9]+").unwrap());
static LEADING_V: LazyLock<Regex> = LazyLock::new(|| Regex::new("^v[0-9]").unwrap());
static FIRST_NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new("[0-9]+([.][0-9]+)*").unwrap());

/// A select with the naive reading of a value: what sorts as the policy does, the best last; `None` where unreadable.
#[derive(Clone, Copy, Debug)]
struct Kind {
    select: &'static str,
    is_allowed: fn(&str) -> bool,
    key: fn(&str) -> Option<Vec<String>>,
}

const KINDS: &[Kind] = &[
    Kind {
        select: "semver: '>=1.1.0 <3.0.0'",
        is_allowed: |text| is_release(text) && between(text, "1.1.0", "3.0.0"),
        key: version_key,
    },
    Kind { select: "semver: '>=1.1.0-0'", is_allowed: |text| between(text, "1.1.0-0", "9.0.0"), key: version_key },
    Kind {
        select: "semver: '~1.2'",
        is_allowed: |text| is_release(text) && between(text, "1.2.0", "1.3.0"),
        key: version_key,
    },
    Kind { select: "numeric: highest", is_allowed: |_| true, key: number_key },
    Kind { select: "numeric: lowest", is_allowed: |_| true, key: |text| number_key(text).map(complement) },
    Kind { select: "alphabetical: last", is_allowed: |_| true, key: |text| Some(vec![text.to_owned()]) },
    Kind { select: "alphabetical: first", is_allowed: |_| true, key: |text| Some(complement(vec![padded_text(text)])) },
];

/// A filter with its naive reading: what is compared of a tag, and whether it is excluded.
#[derive(Clone, Copy, Debug)]
struct Naive {
    filter: &'static str,
    value: fn(&str) -> Option<String>,
    is_excluded: fn(&str) -> bool,
}

const FILTERS: &[Naive] = &[
    Naive { filter: "", value: |tag| Some(tag.to_owned()), is_excluded: |_| false },
    Naive {
        filter: "tags: { include: '^[v0-9]', exclude: [rc, 'amd'] }",
        value: |tag| tag.starts_with(['v', '0', '1', '2', '3']).then(|| tag.to_owned()),
        is_excluded: |tag| tag.contains("rc") || tag.contains("amd"),
    },
    Naive {
        filter: "tags: { include: '^v?(?<n>[0-9.]+)', extract: '${n}' }",
        value: |tag| {
            let tag = tag.strip_prefix('v').unwrap_or(tag);
            let number: String = tag.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
            (!number.is_empty()).then_some(number)
        },
        is_excluded: |_| false,
    },
];

fn version(text: &str) -> Option<semver::Version> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let (numbers, pre) =
        text.split_once('-').map_or((text, String::new()), |(numbers, pre)| (numbers, format!("-{pre}")));
    let stripped = |part: &str| part.trim_start_matches('0').to_owned();
    let numbers: Vec<_> = numbers
        .split('.')
        .map(|part| if stripped(part).is_empty() && !part.is_empty() { "0".to_owned() } else { stripped(part) })
        .collect();
    if numbers.len() == 3 { semver::Version::parse(&(numbers.join(".") + &pre)).ok() } else { None }
}

fn is_release(text: &str) -> bool {
    version(text).is_some_and(|version| version.pre.is_empty())
}

fn between(text: &str, from: &str, to: &str) -> bool {
    version(text).is_some_and(|version| version >= from.parse().unwrap() && version < to.parse().unwrap())
}

/// Versions as texts that sort like them: only pre-releases `rc.N` and words without numbers occur here.
fn version_key(text: &str) -> Option<Vec<String>> {
    let version = version(text)?;
    let numbers = [version.major, version.minor, version.patch].map(|number| format!("{number:020}"));
    let release = if version.pre.is_empty() { "~".to_owned() } else { version.pre.to_string() };
    Some(numbers.into_iter().chain([release]).collect())
}

fn number_key(text: &str) -> Option<Vec<String>> {
    let (integer, fraction) = text.split_once('.').unwrap_or((text, ""));
    LEGAL_NUMBER.is_match(text).then(|| vec![format!("{integer:0>40}"), format!("{fraction:0<40}")])
}

fn padded_text(text: &str) -> String {
    format!("{text:\0<40}")
}

/// Turns an order of ASCII texts of one length round.
fn complement(key: Vec<String>) -> Vec<String> {
    let turned = |text: String| text.bytes().map(|byte| char::from(127 - byte)).collect();
    key.into_iter().map(turned).collect()
}

/// Returns what the contract prefers among equals; the preferred sorts last.
fn preference(tag: &str, held: &str) -> (bool, bool, bool, usize, Reverse<String>) {
    let shape = |text: &str| DIGITS.replace_all(text, "0").into_owned();
    let has_v = |text: &str| LEADING_V.is_match(text);
    let parts = |text: &str| FIRST_NUMBER.find(text).map_or(0, |number| number.as_str().split('.').count());
    let like = |same: bool| same && !held.is_empty();
    (
        like(shape(tag) == shape(held)),
        like(has_v(tag) == has_v(held)),
        like(parts(tag) == parts(held)),
        tag.len(),
        Reverse(tag.to_owned()),
    )
}

/// Decides the naive way.
fn naive(kind: Kind, filter: Naive, tags: &[String], held: &str) -> Option<String> {
    let value = |tag: &String| (filter.value)(tag).filter(|_| !(filter.is_excluded)(tag));
    let key = |tag: &String| value(tag).filter(|text| (kind.is_allowed)(text)).and_then(|text| (kind.key)(&text));
    let mut candidates: Vec<_> = tags.iter().filter_map(|tag| Some((key(tag)?, preference(tag, held), tag))).collect();
    candidates.sort();
    let (best, _, winner) = candidates.last()?;
    if tags.iter().any(|tag| tag == held && candidates.iter().any(|(key, _, other)| *other == tag && key == best)) {
        return Some(held.to_owned());
    }
    let held_key = (filter.value)(held).filter(|_| !held.is_empty()).and_then(|text| (kind.key)(&text));
    if held_key.is_some_and(|held| held >= *best) { None } else { Some((*winner).clone()) }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_naive_judge_agrees(
        kind in prop::sample::select(KINDS),
        filter in prop::sample::select(FILTERS),
        tags in prop::collection::vec(any_tag(), 0..25),
        held in any_tag(),
        pick in any::<prop::sample::Index>(),
    ) {
        let policy = policy(kind.select, filter.filter);
        let listed = list(&tags);
        let ranking = rank(&policy, &listed, &mut Tally::default());
        let chosen = |held: &str| decide(&policy, &ranking, current(held)).chosen.map_or(String::new(), |tag| tag.to_string());
        let best = chosen("");
        let picked = if tags.is_empty() { "" } else { pick.get(&tags).as_str() };
        for held in ["", &held, picked, &best] {
            prop_assert_eq!(chosen(held), naive(kind, filter, &tags, held).unwrap_or_default(), "holds {:?}", held);
        }
    }
}
