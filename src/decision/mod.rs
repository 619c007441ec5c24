//! Which tag a place gets, and why: pure judgement.
//!
//! [`rank`] reads a policy's tags once; [`decide`] judges one place by what it holds now; [`explain`] says it all of
//! every tag. Nothing here lists tags, finds places, writes or waits, and what is suspended or held is not known here.

mod explain;
mod like;
mod podium;
mod rank;
mod reason;
mod tie;
mod verdict;

use std::cmp::Ordering;

pub use explain::{Explanation, Place, Row, Table, explain};
pub use rank::{Ranking, rank};
pub use reason::{Best, Lack, Reason, Words};
pub use verdict::{Tally, Verdict, Verdicts};

use self::like::Followed;
use self::podium::Podium;
use crate::image::{Tag, TagRef};
use crate::policy::{Downgrade, Jump, Order, Policy, Value};

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
    /// How many tags could have been chosen for this place.
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
    /// Every tag that may be chosen is further away than `guard.maxJump` allows.
    MaxJump,
}

/// Decides what a place gets that holds `current`.
///
/// The current value is read by the policy's own filter and order but without its excludes and its range, so that
/// a policy never goes back to reach its range. What cannot be read so, `latest` for example, may be replaced, but by
/// `likeCurrent`, which has nothing to follow then.
pub fn decide(policy: &Policy, ranking: &Ranking<'_>, current: Current<'_>) -> Decision {
    let judged = match policy.order {
        Order::LikeCurrent(ceiling) => follow(policy, ranking, ceiling, current.tag()),
        Order::Semver { .. } | Order::Numeric(_) | Order::Alphabetical(_) => choose(policy, ranking, current.tag()),
    };
    let Judged { chosen, outcome, reason, candidates } = judged;
    Decision { chosen: chosen.map(Tag::from), outcome, reason, candidates, listed: ranking.tally().listed() }
}

/// A decision that borrows its tag.
struct Judged<'a> {
    chosen: Option<TagRef<'a>>,
    outcome: Outcome,
    reason: Reason,
    candidates: usize,
}

impl Judged<'_> {
    /// Returns that the place stays as it is.
    fn stays(outcome: Outcome, reason: Reason, candidates: usize) -> Self {
        Self { chosen: None, outcome, reason, candidates }
    }
}

/// Decides by an order that ranks the tags whatever a place holds.
fn choose<'a>(policy: &Policy, ranking: &Ranking<'a>, current: Option<TagRef<'a>>) -> Judged<'a> {
    let tally = ranking.tally();
    let Some(overall) = ranking.overall(&policy.order) else {
        let range = policy.order.range().map(|_| policy.select.text.clone());
        return Judged::stays(Outcome::NothingQualifies, Reason::Nothing { tally, range }, tally.candidates);
    };
    let mut reader = policy.filter.reader();
    let held = current.and_then(|current| policy.order.read(reader.value(current)?).ok());
    let words = Words::of(policy);
    match (ranking.within_jump(policy, held.as_ref()), current, &policy.guard.max_jump) {
        (None, Some(current), Some(limit)) => beyond(policy, overall, (current, held.as_ref()), limit.jump, words),
        (podium, ..) => {
            let podium = podium.unwrap_or(overall);
            let candidates = if held.is_some() { podium.candidates() } else { tally.candidates };
            settle(policy, &Offer { podium, candidates, words }, current, held.as_ref())
        }
    }
}

/// Decides by `likeCurrent`.
fn follow<'a>(policy: &Policy, ranking: &Ranking<'a>, ceiling: Jump, current: Option<TagRef<'a>>) -> Judged<'a> {
    let nothing = |reason| Judged::stays(Outcome::NothingQualifies, reason, 0);
    let followed = match Followed::read(policy, ceiling, ranking, current) {
        Ok(followed) => followed,
        Err(lack) => return nothing(Reason::NothingToFollow { current: current.map(Tag::from), lack }),
    };
    let podium = followed.best_of(policy, ranking);
    let Some(current) = current.filter(|_| podium.best().is_some()) else {
        return nothing(Reason::NothingLike { current: current.map(Tag::from), ceiling, tally: ranking.tally() });
    };
    let words = Words::Like { current: current.into(), ceiling };
    let offer = Offer { podium: &podium, candidates: podium.candidates(), words };
    settle(policy, &offer, Some(current), Some(&followed.value()))
}

/// What a place may have.
struct Offer<'p, 'a> {
    podium: &'p Podium<'a>,
    /// Of how many tags the best are the best.
    candidates: usize,
    words: Words,
}

/// Decides between the best and what the place holds; `held` is what that was read as.
fn settle<'a>(
    policy: &Policy,
    offer: &Offer<'_, 'a>,
    current: Option<TagRef<'a>>,
    held: Option<&Value<'_>>,
) -> Judged<'a> {
    let Offer { podium, candidates, ref words } = *offer;
    let best = Best::of(candidates, words.clone(), policy.guard.max_jump.as_ref().filter(|_| held.is_some()));
    let winner = tie::break_tie(podium.tied(), current);
    if let Some(current) = current.filter(|current| podium.tied().contains(current)) {
        return Judged {
            chosen: Some(current),
            outcome: Outcome::UpToDate,
            reason: Reason::AlreadyBest(best),
            candidates,
        };
    }
    let against_held = podium.best().zip(held).map(|(best, held)| policy.order.compare(best, held));
    match (against_held, current, winner) {
        (Some(Ordering::Equal), Some(current), Some(winner)) => {
            let reason = Reason::Equal { current: current.into(), best: winner.into() };
            Judged::stays(Outcome::Kept(Kept::Equal), reason, candidates)
        }
        (Some(Ordering::Less), Some(current), Some(winner)) if policy.guard.downgrade == Downgrade::Refuse => {
            let reason = Reason::Downgrade { current: current.into(), best: winner.into(), words: words.clone() };
            Judged::stays(Outcome::Kept(Kept::Downgrade), reason, candidates)
        }
        _ => Judged { chosen: winner, outcome: Outcome::Update, reason: Reason::Best(best), candidates },
    }
}

/// Decides where no tag is as near to what the place holds as `jump` asks: it stays, whatever the tags are.
fn beyond<'a>(
    policy: &Policy,
    overall: &Podium<'a>,
    (current, held): (TagRef<'a>, Option<&Value<'_>>),
    jump: Jump,
    words: Words,
) -> Judged<'a> {
    let is_below = overall.best().zip(held).is_some_and(|(best, held)| policy.order.compare(best, held).is_lt());
    if is_below && policy.guard.downgrade == Downgrade::Refuse {
        let offer = Offer { podium: overall, candidates: overall.candidates(), words };
        return settle(policy, &offer, Some(current), held);
    }
    let best = tie::break_tie(overall.tied(), Some(current)).map(Tag::from);
    Judged::stays(Outcome::Kept(Kept::MaxJump), Reason::Beyond { current: current.into(), best, jump }, 0)
}

#[cfg(test)]
mod by_place;
#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;
