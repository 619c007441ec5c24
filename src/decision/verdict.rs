//! What became of each tag, and which rule of the policy decided it.

use crate::image::TagRef;
use crate::policy::{Dropped, Miss, Policy, Refusal, Rule, Unlike};

/// What became of one tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The filter dropped it.
    Dropped(Dropped),
    /// The order cannot read it, or the range does not allow it.
    Refused(Refusal),
    /// It may be chosen, and another is better.
    Lower,
    /// None is better of those that a place may have. Several are the best where they are equal in order.
    Best,
    /// It passed the filter, and what a place holds decides what becomes of it: `likeCurrent`.
    Open,
    /// It is not like what the place holds.
    Unlike(Unlike),
    /// It is like what the place holds, and further away than `likeCurrent` says.
    OutsideCeiling,
    /// It may be chosen, and is further from what the place holds than `guard.maxJump` says.
    BeyondMaxJump,
    /// It is chosen. This and the next ones are what becomes of the best at a place. They and what depends on a
    /// place, from [`Verdict::Unlike`] on, only `explain` gives.
    Chosen,
    /// It is equal in order to what is chosen, and loses by the rule for ties.
    TieLost,
    /// It is the best, and below what the place holds, which the guard keeps.
    BelowCurrent,
    /// It is the best, and equal in order to what the place holds, which is never rewritten.
    EqualToCurrent,
}

impl Verdict {
    /// Says it in one short phrase, in the words of `policy`, whose tag it is about.
    pub fn phrase(self, policy: &Policy) -> String {
        match self {
            Self::Dropped(Dropped::NotIncluded) => "not included".to_owned(),
            Self::Dropped(Dropped::Excluded(_)) => format!("excluded by '{}'", self.rule_text(policy)),
            Self::Refused(Refusal::NotAVersion) => "not a version".to_owned(),
            Self::Refused(Refusal::NotThreeNumbers) => "not three numbers".to_owned(),
            Self::Refused(Refusal::NotANumber) => "not a number".to_owned(),
            Self::Refused(Refusal::Outside(Miss::Prerelease)) => "pre-release not asked for".to_owned(),
            Self::Refused(Refusal::Outside(Miss::Comparator(index))) => {
                let part = policy.order.range().and_then(|range| range.comparator(index)).unwrap_or_default();
                format!("outside of {part}")
            }
            Self::Refused(Refusal::Outside(Miss::EveryAlternative)) => "outside of every alternative".to_owned(),
            Self::Lower => "lower than the best".to_owned(),
            Self::Best => "the best".to_owned(),
            Self::Open => "passes the filter".to_owned(),
            Self::Unlike(unlike) => unlike_phrase(unlike).to_owned(),
            Self::OutsideCeiling => format!("outside of likeCurrent: {}", self.rule_text(policy)),
            Self::BeyondMaxJump => format!("beyond maxJump: {}", self.rule_text(policy)),
            Self::Chosen => "chosen".to_owned(),
            Self::TieLost => "equal to the chosen; tie lost".to_owned(),
            Self::BelowCurrent => "below the current value".to_owned(),
            Self::EqualToCurrent => "equal to the current value".to_owned(),
        }
    }

    /// Returns the rule that decided, where one is written down.
    pub fn rule(self, policy: &Policy) -> Option<&Rule> {
        match self {
            Self::Dropped(Dropped::NotIncluded) => policy.filter.include().first().map(|pattern| &pattern.rule),
            Self::Dropped(Dropped::Excluded(index)) => policy.filter.exclude().get(index).map(|pattern| &pattern.rule),
            Self::BelowCurrent => policy.guard.rule.as_ref(),
            Self::BeyondMaxJump => policy.guard.max_jump.as_ref().map(|limit| &limit.rule),
            Self::Refused(_)
            | Self::Lower
            | Self::Best
            | Self::Open
            | Self::Unlike(_)
            | Self::OutsideCeiling
            | Self::Chosen
            | Self::TieLost
            | Self::EqualToCurrent => Some(&policy.select),
        }
    }

    /// Names the key of the policy that decided: `include[1]`, `select`.
    pub fn key(self) -> String {
        match self {
            Self::Dropped(Dropped::NotIncluded) => "tags.include".to_owned(),
            Self::Dropped(Dropped::Excluded(index)) => format!("tags.exclude[{index}]"),
            Self::BelowCurrent => "guard.downgrade".to_owned(),
            Self::BeyondMaxJump => "guard.maxJump".to_owned(),
            Self::Refused(_)
            | Self::Lower
            | Self::Best
            | Self::Open
            | Self::Unlike(_)
            | Self::OutsideCeiling
            | Self::Chosen
            | Self::TieLost
            | Self::EqualToCurrent => "select".to_owned(),
        }
    }

    /// Returns the text of the rule that decided.
    fn rule_text(self, policy: &Policy) -> &str {
        self.rule(policy).map(|rule| &*rule.text).unwrap_or_default()
    }
}

/// Says how a tag differs from what a place holds.
fn unlike_phrase(unlike: Unlike) -> &'static str {
    match unlike {
        Unlike::Prefix => "another prefix",
        Unlike::Parts => "another number of parts",
        Unlike::Scheme => "another numbering scheme",
        Unlike::Suffix => "another suffix",
        Unlike::Prerelease => "pre-release; the current is none",
        Unlike::OtherPrerelease => "pre-release of another version",
        Unlike::NoNumber => "no number that counts",
        Unlike::NothingToFollow => "nothing to be like",
    }
}

/// Hears what became of every tag: exactly one verdict for each, in no particular order.
pub trait Verdicts<'t> {
    /// Hears one verdict.
    fn judged(&mut self, tag: TagRef<'t>, verdict: Verdict);
}

/// Counts verdicts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tags that no `include` matched.
    pub not_included: usize,
    /// Tags that an `exclude` matched.
    pub excluded: usize,
    /// Tags that passed the filter and are no version or number.
    pub unreadable: usize,
    /// Pre-releases that the range does not ask for.
    pub prereleases: usize,
    /// Other versions outside of the range.
    pub outside: usize,
    /// Tags that may be chosen.
    pub candidates: usize,
}

impl Tally {
    /// Returns how many tags were listed.
    pub fn listed(&self) -> usize {
        self.not_included + self.excluded + self.passed()
    }

    /// Returns how many tags passed the filter.
    pub fn passed(&self) -> usize {
        self.unreadable + self.prereleases + self.outside + self.candidates
    }
}

impl<'t> Verdicts<'t> for Tally {
    fn judged(&mut self, _: TagRef<'t>, verdict: Verdict) {
        let count = match verdict {
            Verdict::Dropped(Dropped::NotIncluded) => &mut self.not_included,
            Verdict::Dropped(Dropped::Excluded(_)) => &mut self.excluded,
            Verdict::Refused(Refusal::NotAVersion | Refusal::NotThreeNumbers | Refusal::NotANumber) => {
                &mut self.unreadable
            }
            Verdict::Refused(Refusal::Outside(Miss::Prerelease)) => &mut self.prereleases,
            Verdict::Refused(Refusal::Outside(Miss::Comparator(_) | Miss::EveryAlternative)) => &mut self.outside,
            Verdict::Lower
            | Verdict::Best
            | Verdict::Open
            | Verdict::Unlike(_)
            | Verdict::OutsideCeiling
            | Verdict::BeyondMaxJump
            | Verdict::Chosen
            | Verdict::TieLost
            | Verdict::BelowCurrent
            | Verdict::EqualToCurrent => &mut self.candidates,
        };
        *count += 1;
    }
}
