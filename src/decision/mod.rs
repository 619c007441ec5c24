//! Which tag a place gets, and why: pure judgement.
//!
//! [`rank`] reads a policy's tags once; [`decide`] judges one place by what it holds now; [`explain`] says it all of
//! every tag. Nothing here lists tags, finds places, writes or waits, and what is suspended or held is not known here.

mod explain;
mod rank;
mod reason;
mod tie;
mod verdict;

use std::cmp::Ordering;

pub use explain::{Explanation, Place, Row, explain};
pub use rank::{Ranking, rank};
pub use reason::{Best, Reason, Words};
pub use verdict::{Tally, Verdict, Verdicts};

use crate::image::{Tag, TagRef};
use crate::policy::{Downgrade, Policy, Value};

/// What one place holds now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Current<'a> {
    /// This tag.
    Tag(TagRef<'a>),
    /// No tag yet.
    None,
}

impl<'a> Current<'a> {
    /// Returns the tag.
    pub fn tag(self) -> Option<TagRef<'a>> {
        match self {
            Self::Tag(tag) => Some(tag),
            Self::None => None,
        }
    }
}

/// What one place gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The tag that the place is to hold: the new one for [`Outcome::Update`], the present one for
    /// [`Outcome::UpToDate`]; else none was chosen, and the place stays as it is.
    pub chosen: Option<Tag>,
    /// What is to be done.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// How many tags could have been chosen.
    pub candidates: usize,
    /// How many tags were listed.
    pub listed: usize,
}

/// What is to be done at one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The chosen tag is to be written.
    Update,
    /// The place holds the chosen tag.
    UpToDate,
    /// The place keeps what it holds.
    Kept(Kept),
    /// No tag may be chosen; the place keeps what it holds.
    NothingQualifies,
}

/// Why a place keeps what it holds though it is not the best tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Every tag that may be chosen is below it, and `guard.downgrade` refuses to go back.
    Downgrade,
    /// It is equal in order to the best tag; an equal value is never written.
    Equal,
}

/// Decides what a place gets that holds `current`.
///
/// The current value is read by the policy's own filter and order but without its excludes and its range, so that
/// a policy never goes back to reach its range. What cannot be read so, `latest` for example, may be replaced.
pub fn decide(policy: &Policy, ranking: &Ranking<'_>, current: Current<'_>) -> Decision {
    let tally = ranking.tally();
    let (chosen, outcome, reason) = judge(policy, ranking, current.tag());
    let chosen = chosen.map(Tag::from);
    Decision { chosen, outcome, reason, candidates: tally.candidates, listed: tally.listed() }
}

/// Returns the chosen tag, what is to be done and why.
fn judge<'a>(
    policy: &Policy,
    ranking: &Ranking<'a>,
    current: Option<TagRef<'a>>,
) -> (Option<TagRef<'a>>, Outcome, Reason) {
    let tally = ranking.tally();
    let best_of = || Best::of(tally.candidates, policy);
    let (Some(winner), Some(best)) = (tie::break_tie(ranking.tied(), current), ranking.best()) else {
        let range = policy.order.range().map(|_| policy.select.text.clone());
        return (None, Outcome::NothingQualifies, Reason::Nothing { tally, range });
    };
    let update = (Some(winner), Outcome::Update, Reason::Best(best_of()));
    let Some(current) = current else { return update };
    if ranking.tied().contains(&current) {
        return (Some(current), Outcome::UpToDate, Reason::AlreadyBest(best_of()));
    }
    match compare_with_current(policy, best, current) {
        Some(Ordering::Equal) => {
            let reason = Reason::Equal { current: current.into(), best: winner.into() };
            (None, Outcome::Kept(Kept::Equal), reason)
        }
        Some(Ordering::Less) if policy.guard.downgrade == Downgrade::Refuse => {
            let words = Words::of(policy);
            let reason = Reason::Downgrade { current: current.into(), best: winner.into(), words };
            (None, Outcome::Kept(Kept::Downgrade), reason)
        }
        Some(Ordering::Less | Ordering::Greater) | None => update,
    }
}

/// Compares the best with the current value; `None` where the policy cannot read the current value.
fn compare_with_current(policy: &Policy, best: &Value<'_>, current: TagRef<'_>) -> Option<Ordering> {
    let mut reader = policy.filter.reader();
    let current = policy.order.read(reader.value(current)?).ok()?;
    Some(policy.order.compare(best, &current))
}

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;
