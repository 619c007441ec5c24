//! How long it takes to decide among 10,000 tags with the policy compiled, and to explain them.
//!
//! `cargo bench --bench decide`. Targets on two cores of 2024: semver at most 1 ms, with filter and extract at most 3 ms.
#![allow(clippy::expect_used, reason = "a benchmark may fall over")]

use deployment_automator::cli::explain::{View, text};
use deployment_automator::decision::{Current, Decision, Tally, decide, explain, rank};
use deployment_automator::finding::Position;
use deployment_automator::image::{TagList, TagRef};
use deployment_automator::policy::{Filter, Pattern, Policy, Rule, parse};
use divan::counter::ItemsCount;
use divan::{AllocProfiler, Bencher, black_box};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

/// How many tags there are to decide among.
const TAGS: u32 = 10_000;

fn main() {
    divan::main();
}

fn policy(rest: &str) -> Policy {
    let parsed = parse("bench.yaml", format!("name: bench\nimage: nginx\n{rest}").as_bytes());
    parsed.policies.into_iter().next().expect("because the policy is right")
}

/// Makes tags in an order that is neither ascending nor descending.
fn tags(tag: impl Fn(u32) -> String) -> TagList {
    let scattered = (0..TAGS).map(|index| index.wrapping_mul(7_919) % TAGS);
    let texts: Vec<_> = scattered.map(tag).collect();
    texts.iter().filter_map(|text| TagRef::parse(text).ok()).collect()
}

/// Versions as repositories have them: some pre-releases, flavours and moving tags among them.
fn versions() -> TagList {
    tags(|index| {
        let (major, minor, patch) = (index / 1000, index / 20 % 50, index % 20);
        match index % 10 {
            0 => format!("{major}.{minor}.{patch}-rc.{}", index % 3),
            1 => format!("v{major}.{minor}.{patch}"),
            2 => format!("main-{index:07x}"),
            3 => format!("{major}.{minor}"),
            _ => format!("{major}.{minor}.{patch}"),
        }
    })
}

fn measure(bencher: Bencher<'_, '_>, rest: &str, tags: &TagList, current: &str) {
    let policy = policy(rest);
    let current = TagRef::parse(current).map_or(Current::None, Current::Tag);
    let judge = || -> Decision {
        let ranking = rank(black_box(&policy), black_box(tags), &mut Tally::default());
        decide(&policy, &ranking, current)
    };
    assert!(judge().chosen.is_some());
    bencher.counter(ItemsCount::new(tags.len())).bench_local(judge);
}

#[divan::bench]
fn semver(bencher: Bencher<'_, '_>) {
    measure(bencher, "select: { semver: '>=6.0.0 <7.0.0' }", &versions(), "6.0.0");
}

#[divan::bench]
fn semver_with_prereleases(bencher: Bencher<'_, '_>) {
    measure(bencher, "select: { semver: '>=1.0.0-0' }", &versions(), "6.0.0");
}

#[divan::bench]
fn semver_with_filter_and_extract(bencher: Bencher<'_, '_>) {
    let tags = tags(|index| {
        let flavour = if index % 3 == 1 { "debian-12" } else { "alpine" };
        format!("v{}.{}.{}-{flavour}", index / 1000, index / 20 % 50, index % 20)
    });
    let rest = "tags: { include: '^v?(?<version>[0-9.]+)-alpine$', exclude: ['-rc', '^sha-'], extract: $version }\nselect: { semver: '*' }";
    measure(bencher, rest, &tags, "v6.0.0-alpine");
}

#[divan::bench]
fn numeric_with_filter_and_extract(bencher: Bencher<'_, '_>) {
    let tags = tags(|index| format!("main-{:07x}-{}", index.wrapping_mul(2_654_435_761), 1_700_000_000 + index));
    let rest = "tags: { include: '^main-[a-f0-9]+-(?<ts>[0-9]+)$', extract: $ts }\nselect: { numeric: highest }";
    measure(bencher, rest, &tags, "");
}

#[divan::bench]
fn alphabetical(bencher: Bencher<'_, '_>) {
    measure(bencher, "select: { alphabetical: last }", &versions(), "");
}

#[divan::bench]
fn semver_with_max_jump(bencher: Bencher<'_, '_>) {
    measure(bencher, "select: { semver: '*' }\nguard: { maxJump: minor }", &versions(), "6.0.0");
}

#[divan::bench]
fn like_current(bencher: Bencher<'_, '_>) {
    measure(bencher, "select: { likeCurrent: minor }", &versions(), "6.0.0");
}

#[divan::bench]
fn like_current_with_suffixes_and_hashes(bencher: Bencher<'_, '_>) {
    let tags = tags(|index| {
        let flavour = if index % 3 == 1 { "debian-12" } else { "alpine3.19" };
        format!("v{}.{}.{}-{flavour}-g{:07x}", index / 1000, index / 20 % 50, index % 20, index * 26_843 + 1)
    });
    measure(bencher, "select: { likeCurrent: minor }", &tags, "v6.0.0-alpine3.19-g0b055d8");
}

/// Tags of 128 bytes, 1 MB of them, each of a few bytes again and again.
fn repetitive_tags() -> TagList {
    let texts = ["a", "x", "ab", "1", "a.", "-1", "aA", "_"].map(|unit| unit.repeat(127 / unit.len()) + "_");
    texts.iter().cycle().take(8_192).filter_map(|text| TagRef::parse(text.trim_start_matches('-')).ok()).collect()
}

/// Patterns that take a backtracking engine for ever. Target: at most 50 ms each.
#[divan::bench(args = include_str!("../testdata/patterns/redos.txt").lines(), sample_count = 5)]
fn redos(bencher: Bencher<'_, '_>, pattern: &str) {
    let rule = Rule { position: Position::file("bench"), text: pattern.into() };
    let Ok(pattern) = Pattern::compile(rule) else { return };
    let filter = Filter::new(vec![pattern], Vec::new(), None);
    let tags = repetitive_tags();
    bencher.bench_local(|| {
        let mut reader = filter.reader();
        tags.iter().filter(|tag| reader.pass(*tag).is_ok()).count()
    });
}

#[divan::bench]
fn explained_as_text(bencher: Bencher<'_, '_>) {
    let (policy, tags) = (policy("select: { semver: '>=6.0.0 <7.0.0' }"), versions());
    bencher.counter(ItemsCount::new(tags.len())).bench_local(|| {
        let explanation = explain(black_box(&policy), black_box(&tags), &[]);
        text(&policy, &explanation, View::All)
    });
}
