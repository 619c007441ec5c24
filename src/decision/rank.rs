//! Tags listed and filtered once per policy: the best of them, and what became of the others.

use super::verdict::{Tally, Verdict, Verdicts};
use crate::image::{TagList, TagRef};
use crate::policy::{Order, Policy, Reader, Value};

/// The best tags of a policy. What a place gets follows from it and from what the place holds.
#[derive(Clone, Debug)]
pub struct Ranking<'t> {
    best: Option<Value<'static>>,
    /// The tags that are equal to the best in order, in no particular order.
    tied: Vec<TagRef<'t>>,
    tally: Tally,
}

impl<'t> Ranking<'t> {
    /// Returns the tags that nothing is better than; several where they are equal in order, none where no tag
    /// qualifies.
    pub fn tied(&self) -> &[TagRef<'t>] {
        &self.tied
    }

    /// Returns how many tags fell at which rule.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Returns what the best tags were read as.
    pub(super) fn best(&self) -> Option<&Value<'static>> {
        self.best.as_ref()
    }

    /// Takes a tag that qualifies and tells what became of it or of those that it is better than.
    fn admit(&mut self, order: &Order, tag: TagRef<'t>, value: Value<'_>, verdicts: &mut impl Verdicts<'t>) {
        let against_best = self.best.as_ref().map(|best| order.compare(&value, best));
        match against_best {
            Some(std::cmp::Ordering::Less) => verdicts.judged(tag, Verdict::Lower),
            Some(std::cmp::Ordering::Equal) => self.tied.push(tag),
            Some(std::cmp::Ordering::Greater) | None => {
                self.tied.drain(..).for_each(|beaten| verdicts.judged(beaten, Verdict::Lower));
                self.tied.push(tag);
                self.best = Some(value.into_owned());
            }
        }
    }
}

/// Finds the best tags and tells `verdicts` what became of each: exactly one verdict for every tag. The order of
/// `tags` never matters. Takes no memory for a tag that is dropped, but for a long pre-release where the range asks
/// for pre-releases.
pub fn rank<'t>(policy: &Policy, tags: &'t TagList, verdicts: &mut impl Verdicts<'t>) -> Ranking<'t> {
    let mut reader = policy.filter.reader();
    let mut ranking = Ranking { best: None, tied: Vec::new(), tally: Tally::default() };
    for tag in tags.iter() {
        match candidate(policy, &mut reader, tag) {
            Ok(value) => {
                ranking.tally.candidates += 1;
                ranking.admit(&policy.order, tag, value, verdicts);
            }
            Err(verdict) => {
                ranking.tally.judged(tag, verdict);
                verdicts.judged(tag, verdict);
            }
        }
    }
    ranking.tied.iter().for_each(|tag| verdicts.judged(*tag, Verdict::Best));
    ranking
}

/// Reads a tag that may be chosen, or says which rule is against it.
fn candidate<'r>(policy: &Policy, reader: &'r mut Reader<'_>, tag: TagRef<'r>) -> Result<Value<'r>, Verdict> {
    let text = reader.pass(tag).map_err(Verdict::Dropped)?;
    policy.order.qualify(text).map_err(Verdict::Refused)
}
