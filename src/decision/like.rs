//! `likeCurrent`: what the tag at a place asks of the others.

use super::podium::Podium;
use super::rank::{Passed, Ranking};
use super::reason::Lack;
use super::verdict::{Verdict, Verdicts};
use crate::image::TagRef;
use crate::policy::{Jump, Policy, Shape, Unlike, Value, hash_position};

/// What a place holds, taken apart, and how far it may go.
#[derive(Clone, Debug)]
pub(super) struct Followed {
    shape: Shape<'static>,
    /// The place of the commit's hash among the words of the tag.
    hash: Option<usize>,
    ceiling: Jump,
    max_jump: Option<Jump>,
}

impl Followed {
    /// Takes `current` apart; of the tags that passed, only those that show which of its numbers is a hash matter.
    pub(super) fn read(
        policy: &Policy,
        ceiling: Jump,
        ranking: &Ranking<'_>,
        current: Option<TagRef<'_>>,
    ) -> Result<Self, Lack> {
        let mut reader = policy.filter.reader();
        let text = reader.value(current.ok_or(Lack::NoTag)?).ok_or(Lack::NotIncluded)?;
        let hash = hash_position(text, &ranking.passed().iter().map(Passed::text));
        let shape = Shape::read(text, hash).ok_or(Lack::NoNumber)?.into_owned();
        let max_jump = policy.guard.max_jump.as_ref().map(|limit| limit.jump);
        Ok(Self { shape, hash, ceiling, max_jump })
    }

    /// Takes another tag apart that is made like the one at the place.
    pub(super) fn alike<'s>(&self, text: &'s str) -> Result<Shape<'s>, Unlike> {
        let shape = Shape::read(text, self.hash).ok_or(Unlike::NoNumber)?;
        self.shape.admits(&shape).map(|()| shape)
    }

    /// Returns the limit that stands against a tag that is made like the one at the place.
    pub(super) fn limit(&self, shape: &Shape<'_>) -> Option<Verdict> {
        if !self.shape.is_within(self.ceiling, shape) {
            return Some(Verdict::OutsideCeiling);
        }
        let is_beyond = self.max_jump.is_some_and(|jump| !self.shape.is_within(jump, shape));
        is_beyond.then_some(Verdict::BeyondMaxJump)
    }

    /// Finds the best of the tags that the place may have.
    pub(super) fn best_of<'t>(&self, policy: &Policy, ranking: &Ranking<'t>) -> Podium<'t> {
        let mut podium = Podium::default();
        for passed in ranking.passed() {
            if let Ok(shape) = self.alike(passed.text())
                && self.limit(&shape).is_none()
            {
                podium.admit(&policy.order, passed.tag, Value::Shape(shape), &mut Unheard);
            }
        }
        podium
    }

    /// Returns what the place holds.
    pub(super) fn value(&self) -> Value<'static> {
        Value::Shape(self.shape.clone())
    }
}

/// Hears nothing: only `explain` asks for each tag.
struct Unheard;

impl<'t> Verdicts<'t> for Unheard {
    fn judged(&mut self, _: TagRef<'t>, _: Verdict) {}
}
