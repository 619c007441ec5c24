//! The whole story of a policy's tags: what became of each and why, and what follows for each place.

use std::cmp::Ordering;

use super::like::Followed;
use super::rank::line;
use super::tie::preference;
use super::verdict::{Tally, Verdict, Verdicts};
use super::{Current, Decision, Kept, Outcome, Ranking, decide, rank};
use crate::image::{Tag, TagList, TagRef};
use crate::policy::{Downgrade, Order, Policy, Reader, Unlike, Value};

/// What became of every tag, and what follows for each place.
#[derive(Clone, Debug)]
pub struct Explanation<'t> {
    /// One table for all places, where the policy judges tags whatever a place holds; else one for each place.
    pub tables: Vec<Table<'t>>,
    /// How many tags fell at which rule, before any place was looked at.
    pub tally: Tally,
}

/// What became of every tag in view of some places.
#[derive(Clone, Debug)]
pub struct Table<'t> {
    /// Every tag, the best of the policy's order first, whether allowed or not; then those that the order cannot
    /// read, by their bytes.
    pub rows: Vec<Row<'t>>,
    /// The places in the order in which they were asked for; without any, what a new place would get.
    pub places: Vec<Place>,
    /// Whether another place would have another table.
    pub is_of_one_place: bool,
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
    /// Whether the registry lists what it holds; `false` where it holds nothing.
    pub is_listed: bool,
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
    let is_of_one_place = matches!(policy.order, Order::LikeCurrent(_)) || policy.guard.max_jump.is_some();
    let tables = if is_of_one_place {
        currents.chunks(1).map(|current| table(policy, &ranking, &collected.0, current, true)).collect()
    } else {
        vec![table(policy, &ranking, &collected.0, currents, false)]
    };
    Explanation { tables, tally: ranking.tally() }
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

/// Tells the story in view of the places that hold `currents`.
fn table<'t>(
    policy: &Policy,
    ranking: &Ranking<'t>,
    judged: &[(TagRef<'t>, Verdict)],
    currents: &[Current<'_>],
    is_of_one_place: bool,
) -> Table<'t> {
    let decisions: Vec<_> = currents.iter().map(|current| decide(policy, ranking, *current)).collect();
    let view = View::of(policy, ranking, currents);
    let mut reader = policy.filter.reader();
    let mut rows: Vec<_> = judged.iter().map(|(tag, verdict)| view.row(&mut reader, *tag, *verdict)).collect();
    if is_of_one_place {
        view.limit(&mut rows);
    }
    for (_, row) in &mut rows {
        row.verdict = settled(row.verdict, row.tag, &decisions);
    }
    rows.sort_by(|left, right| compare(policy, left, right));
    let places = currents.iter().zip(decisions).map(|(current, decision)| view.place(&rows, *current, decision));
    let places = places.collect();
    Table { rows: rows.into_iter().map(|(_, row)| row).collect(), places, is_of_one_place }
}

/// How the tags are read in one table.
struct View<'p> {
    policy: &'p Policy,
    /// With `likeCurrent`, what the one place holds; nothing where it cannot be followed.
    followed: Option<Followed>,
    /// What the one place holds, where the policy can read it.
    held: Option<Value<'static>>,
}

impl<'p> View<'p> {
    fn of(policy: &'p Policy, ranking: &Ranking<'_>, currents: &[Current<'_>]) -> Self {
        let first = currents.first().and_then(|current| current.tag());
        let followed = match policy.order {
            Order::LikeCurrent(ceiling) => Followed::read(policy, ceiling, ranking, first).ok(),
            Order::Semver { .. } | Order::Numeric(_) | Order::Alphabetical(_) => None,
        };
        let view = Self { policy, followed, held: None };
        let held = first.and_then(|tag| view.read_tag(tag));
        Self { held, ..view }
    }

    /// Reads what is compared of a tag; with `likeCurrent`, only what is like what the place holds has an order.
    fn read(&self, text: &str) -> Result<Value<'static>, Unlike> {
        match (&self.policy.order, &self.followed) {
            (Order::LikeCurrent(_), None) => Err(Unlike::NothingToFollow),
            (Order::LikeCurrent(_), Some(followed)) => followed.alike(text).map(Value::Shape).map(Value::into_owned),
            (order, _) => order.read(text).map(Value::into_owned).map_err(|_| Unlike::NoNumber),
        }
    }

    fn read_tag(&self, tag: TagRef<'_>) -> Option<Value<'static>> {
        self.read(self.policy.filter.reader().value(tag)?).ok()
    }

    /// Reads a tag again for its row.
    fn row<'t>(&self, reader: &mut Reader<'_>, tag: TagRef<'t>, verdict: Verdict) -> Ordered<'t> {
        let text = reader.value(tag);
        let read = text.map(|text| self.read(text));
        let verdict = match (verdict, &read) {
            (Verdict::Open, Some(Err(unlike))) => Verdict::Unlike(*unlike),
            (Verdict::Open, Some(Ok(Value::Shape(shape)))) => {
                self.followed.as_ref().and_then(|followed| followed.limit(shape)).unwrap_or(Verdict::Open)
            }
            (verdict, _) => verdict,
        };
        let value = read.and_then(Result::ok);
        let row = Row { tag, value: text.map(Into::into), is_ordered: value.is_some(), verdict };
        (value, row)
    }

    /// Judges the candidates anew in view of the one place: which are too far away, and which of the others are best.
    fn limit(&self, rows: &mut [Ordered<'_>]) {
        let order = &self.policy.order;
        let goes_down = self.policy.guard.downgrade == Downgrade::Allow;
        let is_far = |value: &Value<'_>| {
            self.held.as_ref().is_some_and(|held| line(self.policy, value) != line(self.policy, held))
        };
        let is_above = |value: &Value<'_>| self.held.as_ref().is_some_and(|held| order.compare(value, held).is_gt());
        for (value, row) in rows.iter_mut().filter(|(_, row)| is_candidate(row)) {
            if value.as_ref().is_some_and(|value| is_far(value) && (goes_down || is_above(value))) {
                row.verdict = Verdict::BeyondMaxJump;
            }
        }
        let left = rows.iter().filter(|(_, row)| is_candidate(row)).filter_map(|(value, _)| value.as_ref());
        let best = left.max_by(|left, right| order.compare(left, right)).cloned();
        for (value, row) in rows.iter_mut().filter(|(_, row)| is_candidate(row)) {
            let is_best = value.as_ref().zip(best.as_ref()).is_some_and(|(own, best)| order.compare(own, best).is_eq());
            row.verdict = if is_best { Verdict::Best } else { Verdict::Lower };
        }
    }

    /// Says how many rows are better than what a place holds after its decision.
    fn place(&self, rows: &[Ordered<'_>], current: Current<'_>, decision: Decision) -> Place {
        let held = decision.chosen.as_ref().map(Tag::as_ref).or(current.tag()).and_then(|tag| self.read_tag(tag));
        let order = &self.policy.order;
        let is_better = |value: &Value<'_>| held.as_ref().is_none_or(|held| order.compare(value, held).is_gt());
        let better = rows.iter().take_while(|(value, _)| value.as_ref().is_some_and(is_better)).count();
        let is_listed = current.tag().is_some_and(|current| rows.iter().any(|(_, row)| row.tag == current));
        Place { current: current.tag().map(Tag::from), is_listed, decision, better }
    }
}

/// Returns whether a tag may be chosen, as far as is known before a place is looked at.
fn is_candidate(row: &Row<'_>) -> bool {
    matches!(row.verdict, Verdict::Lower | Verdict::Best | Verdict::Open)
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

impl Table<'_> {
    /// Returns the row of a tag.
    pub fn row(&self, tag: TagRef<'_>) -> Option<&Row<'_>> {
        self.rows.iter().find(|row| row.tag == tag)
    }
}
