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

/// How much of a version `maxJump` keeps, the naive way.
fn kept(jump: &str, text: &str) -> Option<Vec<u64>> {
    let version = version(text)?;
    match jump {
        "patch" => Some(vec![version.major, version.minor]),
        "minor" => Some(vec![version.major]),
        _ => Some(vec![]),
    }
}

/// What `likeCurrent` makes of the tags that occur here.
static FOLLOWED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("^(jdk-|v|)([0-9]+(?:[.][0-9]+)*)(?:-(alpha|rc)[.]([0-9]+))?(-alpine3[.]1[89]|-debian-1[12]|)(?:-r([0-9]+))?(-[a-f]+[0-9]{4,})?$").unwrap()
});

/// A tag taken apart.
#[derive(Debug)]
struct Followed<'t> {
    prefix: &'t str,
    numbers: Vec<&'t str>,
    prerelease: Option<(&'t str, &'t str)>,
    flavour: &'t str,
    build: Option<&'t str>,
    has_hash: bool,
}

impl<'t> Followed<'t> {
    fn read(text: &'t str) -> Option<Self> {
        let found = FOLLOWED.captures(text)?;
        let group = |index| found.get(index).map(|group| group.as_str());
        Some(Self {
            prefix: group(1)?,
            numbers: group(2)?.split('.').collect(),
            prerelease: group(3).zip(group(4)),
            flavour: group(5)?,
            build: group(6),
            has_hash: group(7).is_some(),
        })
    }

    /// What sorts as the numbers do.
    fn key(&self) -> (Vec<String>, String, String) {
        let padded = |number: &str| format!("{number:0>30}");
        let prerelease = self.prerelease.map_or("~".to_owned(), |(word, number)| word.to_owned() + &padded(number));
        (self.numbers.iter().map(|number| padded(number)).collect(), prerelease, padded(self.build.unwrap_or("")))
    }

    fn leads_to(&self, other: &Self, kept: usize) -> bool {
        let same_width = |(own, others): (&&str, &&str)| {
            own.len() == others.len()
                || !(own.len() > 1 && own.starts_with('0') || others.len() > 1 && others.starts_with('0'))
        };
        let size = |shape: &Self| shape.numbers[0].parse::<u64>().unwrap().to_string().len();
        let zero_led = |number: &&str| number.len() > 1 && number.starts_with('0');
        let mixes = self.numbers.iter().zip(&other.numbers).any(|(own, others)| zero_led(own) != zero_led(others));
        let leap = match (mixes, self.numbers.len()) {
            (true, _) => 1,
            (false, 1) => 4,
            (false, _) => 2,
        };
        let builds_agree = match (self.build, other.build) {
            (None, None) => true,
            (Some(own), Some(others)) => same_width((&own, &others)),
            _ => false,
        };
        let value = |shape: &Self| shape.key().0;
        self.prefix == other.prefix
            && self.numbers.len() == other.numbers.len()
            && self.numbers.iter().zip(&other.numbers).all(same_width)
            && size(self).abs_diff(size(other)) < leap
            && (self.flavour, self.has_hash) == (other.flavour, other.has_hash)
            && builds_agree
            && (other.prerelease.is_none() || (self.prerelease.is_some() && value(self) == value(other)))
            && value(self).iter().take(kept).eq(value(other).iter().take(kept))
    }
}

/// Decides `likeCurrent` the naive way.
fn naive_like(kept: usize, tags: &[String], held: &str) -> Option<String> {
    let own = Followed::read(held)?;
    let key = |tag: &String| Followed::read(tag).filter(|other| own.leads_to(other, kept)).map(|other| other.key());
    let mut candidates: Vec<_> = tags.iter().filter_map(|tag| Some((key(tag)?, preference(tag, held), tag))).collect();
    candidates.sort();
    let (best, _, winner) = candidates.last()?;
    if tags.iter().any(|tag| tag == held && candidates.iter().any(|(key, _, other)| *other == tag && key == best)) {
        return Some(held.to_owned());
    }
    if own.key() >= *best { None } else { Some((*winner).clone()) }
}

fn any_followed_tag() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "(|v|jdk-)([0-3]|10|04|5512|20)([.]([0-3]|10|04)){0,3}(|-rc[.][0-2]|-alpha[.][0-2])(|-alpine3[.]1[89]|-debian-1[12])(|-r[0-9]|-r01)(|-abc1234|-fade00112)",
        1 => "latest|[0-3][.][0-3][.][0-3]",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn the_naive_judge_agrees_on_what_is_like_the_current(
        (word, kept) in prop::sample::select(vec![("patch", 2), ("minor", 1), ("major", 0)]),
        shapes in prop::collection::vec(any_followed_tag(), 1..4),
        numbers in prop::collection::vec(("([0-3]|10|04|5512)", "[0-3]", "[0-3]", any::<prop::sample::Index>()), 0..20),
        more in prop::collection::vec(any_followed_tag(), 0..10),
        held in any_followed_tag(),
    ) {
        // Tags of a few shapes, so that many are alike.
        let digits = Regex::new("^(jdk-|v|)[0-9]+([.][0-9]+)?([.][0-9]+)?").unwrap();
        let tags = numbers.iter().map(|(major, minor, patch, shape)| {
            let shape = shape.get(&shapes);
            let parts = digits.captures(shape).map_or(0, |found| found.iter().skip(2).flatten().count());
            let version = [major, minor, patch].into_iter().take(parts + 1).map(String::as_str).collect::<Vec<_>>().join(".");
            digits.replace(shape, format!("${{1}}{version}")).into_owned()
        });
        let tags: Vec<_> = tags.chain(more).collect();
        let policy = policy(&format!("likeCurrent: {word}"), "");
        let listed = list(&tags);
        let ranking = rank(&policy, &listed, &mut Tally::default());
        for held in tags.iter().chain([&held]) {
            let chosen = decide(&policy, &ranking, current(held)).chosen.map(|tag| tag.to_string());
            prop_assert_eq!(chosen, naive_like(kept, &tags, held), "holds {:?} among {:?}", held, tags);
        }
    }

    #[test]
    fn the_naive_judge_agrees_on_jumps(
        kind in prop::sample::select(&KINDS[..3]),
        jump in prop::sample::select(vec!["patch", "minor", "major"]),
        tags in prop::collection::vec(any_tag(), 0..25),
        held in any_tag(),
    ) {
        let policy = policy(kind.select, &format!("guard: {{ maxJump: {jump} }}"));
        let listed = list(&tags);
        let ranking = rank(&policy, &listed, &mut Tally::default());
        for held in tags.iter().chain([&held]) {
            let own = kept(jump, held);
            let near: Vec<_> = tags.iter().filter(|tag| own.is_none() || kept(jump, tag) == own).cloned().collect();
            let chosen = decide(&policy, &ranking, current(held)).chosen.map(|tag| tag.to_string());
            prop_assert_eq!(chosen, naive(kind, FILTERS[0], &near, held), "holds {:?} among {:?}", held, tags);
        }
    }
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
