//! The best of some tags, and those that are equal to it in order.

use std::cmp::Ordering;

use super::verdict::{Verdict, Verdicts};
use crate::image::TagRef;
use crate::policy::{Order, Value};

/// The best of the tags that were admitted.
#[derive(Clone, Debug, Default)]
pub(super) struct Podium<'t> {
    best: Option<Value<'static>>,
    tied: Vec<TagRef<'t>>,
    candidates: usize,
}

impl<'t> Podium<'t> {
    /// Returns what the best tags were read as.
    pub(super) fn best(&self) -> Option<&Value<'static>> {
        self.best.as_ref()
    }

    /// Returns the tags that nothing is better than, in no particular order; several where they are equal in order.
    pub(super) fn tied(&self) -> &[TagRef<'t>] {
        &self.tied
    }

    /// Returns how many tags were admitted.
    pub(super) fn candidates(&self) -> usize {
        self.candidates
    }

    /// Takes a tag that may be chosen and tells what became of it or of those that it is better than.
    pub(super) fn admit(&mut self, order: &Order, tag: TagRef<'t>, value: Value<'_>, verdicts: &mut impl Verdicts<'t>) {
        self.candidates += 1;
        let against_best = self.best.as_ref().map(|best| order.compare(&value, best));
        match against_best {
            Some(Ordering::Less) => verdicts.judged(tag, Verdict::Lower),
            Some(Ordering::Equal) => self.tied.push(tag),
            Some(Ordering::Greater) | None => {
                self.tied.drain(..).for_each(|beaten| verdicts.judged(beaten, Verdict::Lower));
                self.tied.push(tag);
                self.best = Some(value.into_owned());
            }
        }
    }
}
