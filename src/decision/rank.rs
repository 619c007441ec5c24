//! Tags listed and filtered once per policy: the best of them, and what became of the others.

use std::collections::BTreeMap;

use super::podium::Podium;
use super::verdict::{Tally, Verdict, Verdicts};
use crate::image::{TagList, TagRef};
use crate::policy::{Order, Policy, Reader, Value};

/// What stays of a version within the policy's `maxJump`.
type Line = (u64, u64);

/// What the tags of a policy come to before any place is looked at. What a place gets follows from it and from what
/// the place holds.
#[derive(Clone, Debug)]
pub struct Ranking<'t> {
    /// The best tags, where nothing limits how far a place may jump.
    whole: Podium<'t>,
    /// With `maxJump`, the best tags of each line.
    lines: BTreeMap<Line, Podium<'t>>,
    /// With `likeCurrent`, the tags that passed the filter; each place judges them anew.
    passed: Vec<Passed<'t>>,
    tally: Tally,
}

/// A tag that passed the filter.
#[derive(Clone, Debug)]
pub(super) struct Passed<'t> {
    pub(super) tag: TagRef<'t>,
    /// What is compared of it, where it is not the whole tag.
    extracted: Option<Box<str>>,
}

impl Passed<'_> {
    /// Returns what is compared.
    pub(super) fn text(&self) -> &str {
        self.extracted.as_deref().unwrap_or(self.tag.as_str())
    }
}

impl<'t> Ranking<'t> {
    /// Returns how many tags fell at which rule.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Returns the best tags of all.
    pub(super) fn overall(&self, order: &Order) -> Option<&Podium<'t>> {
        let best = self.lines.values().chain([&self.whole]).filter_map(|podium| Some((podium.best()?, podium)));
        best.max_by(|(left, _), (right, _)| order.compare(left, right)).map(|(_, podium)| podium)
    }

    /// Returns the best tags that `policy` lets a place have that holds `held`; where it holds nothing that the policy
    /// can read, those of all.
    pub(super) fn within_jump(&self, policy: &Policy, held: Option<&Value<'_>>) -> Option<&Podium<'t>> {
        match held.and_then(|held| line(policy, held)) {
            Some(line) => self.lines.get(&line),
            None => self.overall(&policy.order),
        }
    }

    /// Returns the tags that each place judges anew.
    pub(super) fn passed(&self) -> &[Passed<'t>] {
        &self.passed
    }
}

/// Finds the best tags and tells `verdicts` what became of each: exactly one verdict for every tag. The order of
/// `tags` never matters. Takes no memory for a tag that is dropped, but for a long pre-release where the range asks
/// for pre-releases.
pub fn rank<'t>(policy: &Policy, tags: &'t TagList, verdicts: &mut impl Verdicts<'t>) -> Ranking<'t> {
    let mut reader = policy.filter.reader();
    let mut ranking =
        Ranking { whole: Podium::default(), lines: BTreeMap::new(), passed: Vec::new(), tally: Tally::default() };
    for tag in tags.iter() {
        let judged = match policy.order {
            Order::LikeCurrent(_) => pass(&mut reader, tag).map(|passed| {
                verdicts.judged(tag, Verdict::Open);
                ranking.passed.push(passed);
            }),
            Order::Semver { .. } | Order::Numeric(_) | Order::Alphabetical(_) => candidate(policy, &mut reader, tag)
                .map(|value| {
                    let line = line(policy, &value);
                    let podium = line.map_or(&mut ranking.whole, |line| ranking.lines.entry(line).or_default());
                    podium.admit(&policy.order, tag, value, verdicts);
                }),
        };
        match judged {
            Ok(()) => ranking.tally.candidates += 1,
            Err(verdict) => {
                ranking.tally.judged(tag, verdict);
                verdicts.judged(tag, verdict);
            }
        }
    }
    let tied = ranking.lines.values().chain([&ranking.whole]).flat_map(Podium::tied);
    tied.for_each(|tag| verdicts.judged(*tag, Verdict::Best));
    ranking
}

/// Reads a tag that may be chosen, or says which rule is against it.
fn candidate<'r>(policy: &Policy, reader: &'r mut Reader<'_>, tag: TagRef<'r>) -> Result<Value<'r>, Verdict> {
    let text = reader.pass(tag).map_err(Verdict::Dropped)?;
    policy.order.qualify(text).map_err(Verdict::Refused)
}

/// Filters a tag that each place judges anew.
fn pass<'t>(reader: &mut Reader<'_>, tag: TagRef<'t>) -> Result<Passed<'t>, Verdict> {
    let text = reader.pass(tag).map_err(Verdict::Dropped)?;
    Ok(Passed { tag, extracted: (text != tag.as_str()).then(|| text.into()) })
}

/// Returns the line of a value, where something limits how far a place may jump.
pub(super) fn line(policy: &Policy, value: &Value<'_>) -> Option<Line> {
    match (&policy.guard.max_jump, value) {
        (Some(limit), Value::Version(version)) => Some(limit.jump.line(version)),
        _ => None,
    }
}
