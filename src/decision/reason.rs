//! Why a place gets its tag or keeps what it holds, in the words of the commit message, the log and `explain`.

use std::fmt;

use super::verdict::Tally;
use crate::image::Tag;
use crate::policy::{End, Order, Policy};

/// Why a decision is what it is. Shows as the commit's `Reason` trailer wants it: one line, no full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The tag is the best of the candidates.
    Best(Best),
    /// The place holds the best already.
    AlreadyBest(Best),
    /// What the place holds equals the best in order, in another spelling.
    Equal {
        /// What the place holds.
        current: Tag,
        /// The best, which is not written.
        best: Tag,
    },
    /// What the place holds is better than every candidate, and the policy does not go back.
    Downgrade {
        /// What the place holds.
        current: Tag,
        /// The best, which is not written.
        best: Tag,
        /// The end of the order that is the best.
        words: Words,
    },
    /// No tag may be chosen.
    Nothing {
        /// What became of the tags.
        tally: Tally,
        /// The range, where the order has one.
        range: Option<Box<str>>,
    },
}

/// What the best tag is the best of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Best {
    /// How many tags could have been chosen.
    candidates: usize,
    words: Words,
}

/// The words for an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Words {
    /// The highest version in this range.
    Range(Box<str>),
    /// A number.
    Numeric(End),
    /// A text.
    Alphabetical(End),
}

impl Best {
    /// Says that a tag is the best of so many.
    pub(super) fn of(candidates: usize, policy: &Policy) -> Self {
        Self { candidates, words: Words::of(policy) }
    }
}

impl Words {
    /// Returns the words for the order of `policy`.
    pub(super) fn of(policy: &Policy) -> Self {
        match policy.order {
            Order::Semver { .. } => Self::Range(policy.select.text.clone()),
            Order::Numeric(end) => Self::Numeric(end),
            Order::Alphabetical(end) => Self::Alphabetical(end),
        }
    }

    /// Returns what the best is called, and what a value that is better than it is to it.
    fn superlative(&self) -> (&'static str, &'static str) {
        match self {
            Self::Range(_) | Self::Numeric(End::Top) => ("highest", "above"),
            Self::Numeric(End::Bottom) => ("lowest", "below"),
            Self::Alphabetical(End::Top) => ("last", "behind"),
            Self::Alphabetical(End::Bottom) => ("first", "before"),
        }
    }
}

impl fmt::Display for Best {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.words {
            Words::Numeric(_) => "numeric ",
            Words::Range(_) | Words::Alphabetical(_) => "",
        };
        match (self.candidates, self.words.superlative().0) {
            (1, _) => write!(f, "only {kind}tag")?,
            (candidates, superlative) => write!(f, "{superlative} of {candidates} {kind}tags")?,
        }
        match &self.words {
            Words::Range(range) => write!(f, " in {}", Quoted(range)),
            Words::Alphabetical(_) if self.candidates > 1 => f.write_str(" in alphabetical order"),
            Words::Numeric(_) | Words::Alphabetical(_) => Ok(()),
        }
    }
}

/// A text of the policy in double quotes, on one line.
struct Quoted<'t>(&'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Best(best) => best.fmt(f),
            Self::AlreadyBest(best) => write!(f, "already the {best}"),
            Self::Equal { current, best } => {
                write!(f, "current {current} equals the best, {best}, in order; an equal value is not written")
            }
            Self::Downgrade { current, best, words } => {
                let (superlative, better) = words.superlative();
                write!(
                    f,
                    "current {current} is {better} the {superlative} allowed {best}; guard.downgrade refuses to go back"
                )
            }
            Self::Nothing { tally, range } => nothing(f, tally, range.as_deref()),
        }
    }
}

/// Says at which rule the last of the tags fell.
fn nothing(f: &mut fmt::Formatter<'_>, tally: &Tally, range: Option<&str>) -> fmt::Result {
    let versions = tally.prereleases + tally.outside;
    match (tally.listed(), tally.passed()) {
        (0, _) => f.write_str("the repository has no tags"),
        (listed, 0) => write!(f, "no tag of {listed} passes the filter"),
        (listed, passed) => {
            match range {
                Some(_) if versions == 0 => f.write_str("no version among ")?,
                Some(range) => write!(f, "no version in {} among ", Quoted(range))?,
                None => f.write_str("no number among ")?,
            }
            match (passed, listed) {
                (1, 1) => f.write_str("1 tag")?,
                (passed, listed) if passed == listed => write!(f, "{listed} tags")?,
                (1, listed) => write!(f, "the 1 tag of {listed} that passes the filter")?,
                (passed, listed) => write!(f, "the {passed} of {listed} tags that pass the filter")?,
            }
            if tally.prereleases > 0 && range.is_some() {
                write!(
                    f,
                    "; {} pre-release{} not asked for",
                    tally.prereleases,
                    if tally.prereleases == 1 { "" } else { "s" }
                )?;
            }
            Ok(())
        }
    }
}
