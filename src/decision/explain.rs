//! The whole story of a policy's tags: what became of each and why, and what follows for each place.

use std::cmp::Ordering;

use super::tie::preference;
use super::verdict::{Tally, Verdict, Verdicts};
use super::{Current, Decision, Kept, Outcome, decide, rank};
use crate::image::{Tag, TagList, TagRef};
use crate::policy::{Policy, Reader, Value};

/// What became of every tag, and what follows for each place.
#[derive(Clone, Debug)]
pub struct Explanation<'t> {
    /// Every tag, the best of the policy's order first, whether allowed or not; then those that the order cannot
    /// read, by their bytes.
    pub rows: Vec<Row<'t>>,
    /// The places in the order in which they were asked for; without any, what a new place would get.
    pub places: Vec<Place>,
    /// How many tags fell at which rule.
    pub tally: Tally,
}

/// One tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'t> {
    /// The tag.
    pub tag: TagRef<'t>,
    /// What is compared of it, where the filter includes it.
    pub value: Option<Box<str>>,
    /// Whether the order can read the value; such rows come first, the best of them at the top.
    pub is_ordered: bool,
    /// What became of it.
    pub verdict: Verdict,
}

/// One place.
#[derive(Clone, Debug)]
pub struct Place {
    /// What it holds.
    pub current: Option<Tag>,
    /// What it gets.
    pub decision: Decision,
    /// How many of the first rows are better than what the place holds afterwards, each with the verdict that says
    /// why it does not get it.
    pub better: usize,
}

/// Explains what `policy` makes of `tags`, and of the places that hold `currents`.
pub fn explain<'t>(policy: &Policy, tags: &'t TagList, currents: &[Current<'_>]) -> Explanation<'t> {
    let mut collected = Collector::default();
    let ranking = rank(policy, tags, &mut collected);
    let new_place = [Current::None];
    let currents = if currents.is_empty() { &new_place } else { currents };
    let decisions: Vec<_> = currents.iter().map(|current| decide(policy, &ranking, *current)).collect();
    let sorted = sorted(policy, collected.0, &decisions);
    let places = currents.iter().zip(decisions).map(|(current, decision)| place(policy, &sorted, *current, decision));
    let places = places.collect();
    let rows = sorted.into_iter().map(|(_, row)| row).collect();
    Explanation { rows, places, tally: ranking.tally() }
}

/// Keeps every verdict.
#[derive(Default)]
struct Collector<'t>(Vec<(TagRef<'t>, Verdict)>);

impl<'t> Verdicts<'t> for Collector<'t> {
    fn judged(&mut self, tag: TagRef<'t>, verdict: Verdict) {
        self.0.push((tag, verdict));
    }
}

/// A row with what its tag was read as.
type Ordered<'t> = (Option<Value<'static>>, Row<'t>);

/// Returns the rows, the best first.
fn sorted<'t>(policy: &Policy, judged: Vec<(TagRef<'t>, Verdict)>, decisions: &[Decision]) -> Vec<Ordered<'t>> {
    let mut reader = policy.filter.reader();
    let row = |(tag, verdict)| row(policy, &mut reader, tag, settled(verdict, tag, decisions));
    let mut rows: Vec<_> = judged.into_iter().map(row).collect();
    rows.sort_by(|left, right| compare(policy, left, right));
    rows
}

/// Orders rows: the better before the worse, the preferred of equals first, what cannot be read last.
fn compare(policy: &Policy, (left, left_row): &Ordered<'_>, (right, right_row): &Ordered<'_>) -> Ordering {
    let by_value = match (left, right) {
        (Some(left), Some(right)) => policy.order.compare(right, left),
        (left, right) => right.is_some().cmp(&left.is_some()),
    };
    let is_chosen = |row: &Row<'_>| row.verdict == Verdict::Chosen;
    by_value.then_with(|| is_chosen(right_row).cmp(&is_chosen(left_row))).then_with(|| match left {
        Some(_) => preference(right_row.tag, None).cmp(&preference(left_row.tag, None)),
        None => left_row.tag.cmp(&right_row.tag),
    })
}

/// Reads a tag again for its row.
fn row<'t>(policy: &Policy, reader: &mut Reader<'_>, tag: TagRef<'t>, verdict: Verdict) -> Ordered<'t> {
    let text = reader.value(tag);
    let value = text.and_then(|text| policy.order.read(text).ok()).map(Value::into_owned);
    let row = Row { tag, value: text.map(Into::into), is_ordered: value.is_some(), verdict };
    (value, row)
}

/// Says what became of one of the best tags at the places.
fn settled(verdict: Verdict, tag: TagRef<'_>, decisions: &[Decision]) -> Verdict {
    if verdict != Verdict::Best {
        return verdict;
    }
    let is_chosen = |decision: &Decision| decision.chosen.as_ref().is_some_and(|chosen| chosen.as_ref() == tag);
    let outcome = |wanted| decisions.iter().any(|decision| decision.outcome == Outcome::Kept(wanted));
    if decisions.iter().any(is_chosen) {
        Verdict::Chosen
    } else if decisions.iter().any(|decision| decision.chosen.is_some()) {
        Verdict::TieLost
    } else if outcome(Kept::Equal) {
        Verdict::EqualToCurrent
    } else {
        Verdict::BelowCurrent
    }
}

/// Says how many rows are better than what a place holds after its decision.
fn place(policy: &Policy, rows: &[Ordered<'_>], current: Current<'_>, decision: Decision) -> Place {
    let mut reader = policy.filter.reader();
    let held = decision.chosen.as_ref().map(Tag::as_ref).or(current.tag());
    let held = held.and_then(|tag| policy.order.read(reader.value(tag)?).ok());
    let is_better = |value: &Value<'_>| held.as_ref().is_none_or(|held| policy.order.compare(value, held).is_gt());
    let better = rows.iter().take_while(|(value, _)| value.as_ref().is_some_and(is_better)).count();
    Place { current: current.tag().map(Tag::from), decision, better }
}

impl Explanation<'_> {
    /// Returns the row of a tag.
    pub fn row(&self, tag: TagRef<'_>) -> Option<&Row<'_>> {
        self.rows.iter().find(|row| row.tag == tag)
    }
}
