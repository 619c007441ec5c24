//! Why a place gets its tag or keeps what it holds, in the words of the commit message, the log and `explain`.

use std::fmt;

use super::verdict::Tally;
use crate::image::Tag;
use crate::policy::{End, Jump, Limit, Order, Policy};

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
    /// Every tag that may be chosen is further away than the policy goes at once.
    Beyond {
        /// What the place holds.
        current: Tag,
        /// The best, which is not written.
        best: Option<Tag>,
        /// How far it goes.
        jump: Jump,
    },
    /// The policy follows what the place holds, and that cannot be followed.
    NothingToFollow {
        /// What the place holds.
        current: Option<Tag>,
        /// What it lacks.
        lack: Lack,
    },
    /// The policy follows what the place holds, and no tag is made like it.
    NothingLike {
        /// What the place holds.
        current: Option<Tag>,
        /// How far it may go.
        ceiling: Jump,
        /// What became of the tags.
        tally: Tally,
    },
    /// No tag may be chosen.
    Nothing {
        /// What became of the tags.
        tally: Tally,
        /// The range, where the order has one.
        range: Option<Box<str>>,
    },
}

/// Why a place holds nothing that `likeCurrent` could follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lack {
    /// It holds no tag.
    NoTag,
    /// The filter does not include what it holds.
    NotIncluded,
    /// What it holds has no number that counts.
    NoNumber,
}

/// What the best tag is the best of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Best {
    /// How many tags could have been chosen.
    candidates: usize,
    words: Words,
    /// How far from what the place holds they are at most.
    within: Option<Jump>,
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
    /// The highest that is made like what the place holds.
    Like {
        /// What the place holds.
        current: Tag,
        /// How far it may go.
        ceiling: Jump,
    },
}

impl Best {
    /// Says that a tag is the best of so many.
    pub(super) fn of(candidates: usize, words: Words, within: Option<&Limit>) -> Self {
        Self { candidates, words, within: within.map(|limit| limit.jump) }
    }
}

impl Words {
    /// Returns the words for the order of `policy`, which does not follow what a place holds.
    pub(super) fn of(policy: &Policy) -> Self {
        match policy.order {
            Order::Semver { .. } | Order::LikeCurrent(_) => Self::Range(policy.select.text.clone()),
            Order::Numeric(end) => Self::Numeric(end),
            Order::Alphabetical(end) => Self::Alphabetical(end),
        }
    }

    /// Returns what the best is called, and what a value that is better than it is to it.
    fn superlative(&self) -> (&'static str, &'static str) {
        match self {
            Self::Range(_) | Self::Numeric(End::Top) | Self::Like { .. } => ("highest", "above"),
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
            Words::Range(_) | Words::Alphabetical(_) | Words::Like { .. } => "",
        };
        match (self.candidates, self.words.superlative().0) {
            (1, _) => write!(f, "only {kind}tag")?,
            (candidates, superlative) => write!(f, "{superlative} of {candidates} {kind}tags")?,
        }
        match &self.words {
            Words::Range(range) => write!(f, " in {}", Quoted(range))?,
            Words::Alphabetical(_) if self.candidates > 1 => f.write_str(" in alphabetical order")?,
            Words::Numeric(_) | Words::Alphabetical(_) => {}
            Words::Like { current, ceiling } => write!(f, " like {current}, likeCurrent: {}", ceiling.word())?,
        }
        self.within.map_or(Ok(()), |jump| write!(f, ", maxJump: {}", jump.word()))
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
            Self::Beyond { current, best, jump } => {
                write!(f, "every allowed tag is further from {current} than maxJump: {}", jump.word())?;
                best.as_ref().map_or(Ok(()), |best| write!(f, "; the best is {best}"))
            }
            Self::NothingToFollow { current, lack } => nothing_to_follow(f, current.as_ref(), *lack),
            Self::NothingLike { current, ceiling, tally } => {
                f.write_str("no tag is like ")?;
                current.as_ref().map_or(Ok(()), |current| write!(f, "{current}, "))?;
                write!(f, "likeCurrent: {}, among ", ceiling.word())?;
                among(f, tally)
            }
            Self::Nothing { tally, range } => nothing(f, tally, range.as_deref()),
        }
    }
}

/// Says what a place lacks that could be followed.
fn nothing_to_follow(f: &mut fmt::Formatter<'_>, current: Option<&Tag>, lack: Lack) -> fmt::Result {
    let current = current.map_or("", Tag::as_str);
    match lack {
        Lack::NoTag => f.write_str("the place holds no tag that likeCurrent could follow"),
        Lack::NotIncluded => {
            write!(f, "the filter does not include current {current}, so that likeCurrent cannot follow it")
        }
        Lack::NoNumber => write!(f, "current {current} has no number that likeCurrent could follow"),
    }
}

/// Says how many tags passed the filter, of how many.
fn among(f: &mut fmt::Formatter<'_>, tally: &Tally) -> fmt::Result {
    match (tally.passed(), tally.listed()) {
        (1, 1) => f.write_str("1 tag"),
        (passed, listed) if passed == listed => write!(f, "{listed} tags"),
        (1, listed) => write!(f, "the 1 tag of {listed} that passes the filter"),
        (passed, listed) => write!(f, "the {passed} of {listed} tags that pass the filter"),
    }
}

/// Says at which rule the last of the tags fell.
fn nothing(f: &mut fmt::Formatter<'_>, tally: &Tally, range: Option<&str>) -> fmt::Result {
    let versions = tally.prereleases + tally.outside;
    match (tally.listed(), tally.passed()) {
        (0, _) => f.write_str("the repository has no tags"),
        (listed, 0) => write!(f, "no tag of {listed} passes the filter"),
        _ => {
            match range {
                Some(_) if versions == 0 => f.write_str("no version among ")?,
                Some(range) => write!(f, "no version in {} among ", Quoted(range))?,
                None => f.write_str("no number among ")?,
            }
            among(f, tally)?;
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
