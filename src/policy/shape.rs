//! The shape of a tag, for `likeCurrent`: which other tags go on where this one stands.
//!
//! A text is a prefix, a version, perhaps a pre-release, and a suffix: `jdk-`, `11.0.2`, `rc1`, `-alpine3.19`. Texts
//! are alike where all but the numbers that count are equal. Which numbers count is decided by the text alone
//! (`tokens`); whether a run of digits is a commit's hash may take the other tags to know ([`hash_position`]). Nothing
//! is chosen here, and nothing is copied.

mod tokens;

use std::borrow::Cow;
use std::cmp::Ordering;

use self::tokens::{
    Kind, Run, Token, Tokens, hash_offset, is_glued_prerelease, is_hash, is_prerelease, may_be_hash, run_at, segment,
    segment_at, segments,
};
use super::jump::Jump;

/// The longest text that has a shape, in bytes; tags have at most 128, and what is extracted of one at most 4 KiB.
const TEXT_BYTES_MAX: usize = 4 * 1024;
/// How many digits more or less make the first of several numbers one of another scheme: `1.6.1` and `5512.0.0`.
const LEAP_DIGITS: usize = 2;
/// The same for a number that stands alone. It may count builds, and a place may be far behind; but `3` and `20240329`
/// are two schemes.
const LONE_LEAP_DIGITS: usize = 4;
/// The years that a date may begin with.
const YEARS: std::ops::RangeInclusive<u16> = 1970..=2199;

/// A text taken apart.
///
/// Invariant: `version` and `prerelease` are ranges of `text` at the edges of characters, the second behind the first
/// and empty at the end of the text for a release; `version` is runs of digits with one mark between each two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape<'t> {
    text: Cow<'t, str>,
    version: Span,
    prerelease: Span,
    /// Where a run of digits begins that is known to be a commit's hash.
    hash_at: Option<u16>,
}

/// A range of a text of at most [`TEXT_BYTES_MAX`] bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    from: u16,
    to: u16,
}

/// Why a text is not like the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unlike {
    /// Something else stands before the version; a `v` counts.
    Prefix,
    /// The version has more or fewer numbers, or other marks between them.
    Parts,
    /// The numbers are made in another way: padded with zeros, or of another size altogether.
    Scheme,
    /// Something else stands behind the version.
    Suffix,
    /// It is a pre-release, and the current value is none.
    Prerelease,
    /// It is a pre-release of another version than the current value's.
    OtherPrerelease,
    /// It has no number that counts.
    NoNumber,
    /// The current value has no shape that anything could be like.
    NothingToFollow,
}

impl<'t> Shape<'t> {
    /// Takes `text` apart; `None` where it has no number that counts. `hash` is the place, counted in words between
    /// marks, of a commit's hash: digits alone are taken for one there.
    pub fn read(text: impl Into<Cow<'t, str>>, hash: Option<usize>) -> Option<Self> {
        let text = text.into();
        if text.len() > TEXT_BYTES_MAX {
            return None;
        }
        let hash_at = hash.and_then(|index| hash_offset(&text, index));
        let version = version(&text, hash_at)?;
        let prerelease = prerelease(&text, version.1, hash_at).unwrap_or((text.len(), text.len()));
        let (version, prerelease) = (Span::new(version)?, Span::new(prerelease)?);
        Some(Self { text, version, prerelease, hash_at: hash_at.and_then(|at| u16::try_from(at).ok()) })
    }

    /// Returns the shape with memory of its own.
    pub fn into_owned(self) -> Shape<'static> {
        Shape { text: self.text.into_owned().into(), ..self }
    }

    /// Checks that `other` goes on where this shape, which is the current one, stands.
    pub fn admits(&self, other: &Shape<'_>) -> Result<(), Unlike> {
        if !alike(self.prefix(), other.prefix()) {
            return Err(Unlike::Prefix);
        }
        if !self.marks().eq(other.marks()) {
            return Err(Unlike::Parts);
        }
        if !self.has_scheme_of(other) {
            return Err(Unlike::Scheme);
        }
        if !alike(self.suffix(), other.suffix()) {
            return Err(Unlike::Suffix);
        }
        if !other.is_prerelease() {
            return Ok(());
        }
        match self.prerelease_lead() {
            _ if !self.is_prerelease() => Err(Unlike::Prerelease),
            lead if lead != other.prerelease_lead() => Err(Unlike::Suffix),
            _ if self.compare_versions(other).is_ne() => Err(Unlike::OtherPrerelease),
            _ => Ok(()),
        }
    }

    /// Returns whether no larger part than `jump` says differs in `other`: the first number is the major, the second
    /// the minor, all others are the patch. What counts behind the version is no part of it.
    pub fn is_within(&self, jump: Jump, other: &Shape<'_>) -> bool {
        let mut kept = self.parts().zip(other.parts()).take(jump.kept_numbers());
        kept.all(|(own, others)| compare_digits(own, others).is_eq())
    }

    /// Compares two shapes of which one admits the other: version, then pre-release before release, then what counts
    /// behind the version.
    pub fn compare(&self, other: &Shape<'_>) -> Ordering {
        let by_version = self.compare_versions(other);
        by_version.then_with(|| self.compare_prereleases(other)).then_with(|| {
            let numbers = numbers(self.suffix()).zip(numbers(other.suffix()));
            numbers
                .map(|(own, others)| compare_digits(own, others))
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        })
    }

    fn compare_versions(&self, other: &Shape<'_>) -> Ordering {
        let mut parts = self.parts().zip(other.parts()).map(|(own, others)| compare_digits(own, others));
        parts.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }

    fn compare_prereleases(&self, other: &Shape<'_>) -> Ordering {
        match (self.is_prerelease(), other.is_prerelease()) {
            (true, true) => {}
            (own, others) => return others.cmp(&own),
        }
        let word = |shape: &Self| shape.prerelease_runs(Kind::Word).next().map(str::to_ascii_lowercase);
        let by_word = word(self).cmp(&other.prerelease_runs(Kind::Word).next().map(str::to_ascii_lowercase));
        let (mut own, mut others) = (self.prerelease_runs(Kind::Digits), other.prerelease_runs(Kind::Digits));
        by_word.then_with(|| {
            loop {
                match (own.next(), others.next()) {
                    (Some(own), Some(others)) if compare_digits(own, others).is_eq() => {}
                    (Some(own), Some(others)) => return compare_digits(own, others),
                    (own, others) => return own.is_some().cmp(&others.is_some()),
                }
            }
        })
    }

    /// Returns whether the numbers of both versions are made in the same way. Where zeros pad a number of one of them
    /// only (`22.10` and `23.04`, but `1.25.0` and `20.04.1` too), their first numbers are equally long.
    fn has_scheme_of(&self, other: &Shape<'_>) -> bool {
        let mut leap = if self.parts().nth(1).is_some() { LEAP_DIGITS } else { LONE_LEAP_DIGITS };
        if self.parts().zip(other.parts()).any(|(own, others)| is_padded(own) != is_padded(others)) {
            leap = 1;
        }
        let size = |number: Option<&str>| number.map_or(1, |number| significant(number).len().max(1));
        let leaps = size(self.parts().next()).abs_diff(size(other.parts().next())) >= leap;
        !leaps && self.parts().zip(other.parts()).all(|(own, others)| is_padded_like(own, others))
    }

    fn is_prerelease(&self) -> bool {
        self.prerelease.from < self.prerelease.to
    }

    /// Returns the numbers of the version.
    fn parts(&self) -> impl Iterator<Item = &str> {
        self.slice(self.version.from, self.version.to).split(['.', '-', '_'])
    }

    /// Returns the marks between the numbers of the version.
    fn marks(&self) -> impl Iterator<Item = u8> {
        self.slice(self.version.from, self.version.to).bytes().filter(|byte| !byte.is_ascii_digit())
    }

    /// Returns the runs of one kind that the pre-release is made of.
    fn prerelease_runs(&self, kind: Kind) -> impl Iterator<Item = &str> {
        runs(self.slice(self.prerelease.from, self.prerelease.to)).filter(move |run| run.0 == kind).map(|run| run.1)
    }

    /// Returns the mark before the pre-release's word, where one stands there.
    fn prerelease_lead(&self) -> Option<u8> {
        let first = self.slice(self.prerelease.from, self.prerelease.to).bytes().next();
        first.filter(|byte| !byte.is_ascii_alphabetic())
    }

    fn prefix(&self) -> Tokens<'_> {
        Tokens::before_version(&self.text, self.version.from.into(), self.hash())
    }

    /// Returns what stands behind the version, without the pre-release.
    fn suffix(&self) -> impl Iterator<Item = Token<'_>> {
        let piece = |from: u16, to: usize| Tokens::behind_version(&self.text, from.into(), to, self.hash());
        piece(self.version.to, self.prerelease.from.into()).chain(piece(self.prerelease.to, self.text.len()))
    }

    fn hash(&self) -> Option<usize> {
        self.hash_at.map(usize::from)
    }

    fn slice(&self, from: u16, to: u16) -> &str {
        self.text.get(from.into()..to.into()).unwrap_or_default()
    }
}

impl Span {
    fn new((from, to): (usize, usize)) -> Option<Self> {
        Some(Self { from: u16::try_from(from).ok()?, to: u16::try_from(to).ok()? })
    }
}

/// Returns the place of the commit's hash in `current`, counted in words between marks. One hash of seven digits in
/// twenty-seven has no letter in it; what it is then shows where the other tags that are made alike have a hash.
pub fn hash_position<'o>(current: &str, others: &(impl Iterator<Item = &'o str> + Clone)) -> Option<usize> {
    if let Some(index) = segments(current).position(is_hash) {
        return Some(index);
    }
    let doubtful = segments(current).enumerate().filter(|(_, text)| may_be_hash(text));
    doubtful.map(|(index, _)| index).find(|index| {
        let has_hash = |other: &&str| segment(other, *index).is_some_and(is_hash);
        let Some(own) = Shape::read(current, Some(*index)) else {
            // Without it there is no number at all: then the words around it have to agree.
            return others.clone().filter(has_hash).any(|other| differs_only_in(*index, current, other));
        };
        others
            .clone()
            .filter(has_hash)
            .filter_map(|other| Shape::read(other, None))
            .any(|other| own.admits(&other).is_ok())
    })
}

/// Returns whether two tags have the same words but for the one at `index`.
fn differs_only_in(index: usize, one: &str, other: &str) -> bool {
    let same = |(at, (one, other)): (usize, (&str, &str))| at == index || one == other;
    segments(one).count() == segments(other).count() && segments(one).zip(segments(other)).enumerate().all(same)
}

/// Returns whether two runs of tokens differ in their numbers only, and the numbers are padded alike.
fn alike<'a, 'b>(mut own: impl Iterator<Item = Token<'a>>, mut others: impl Iterator<Item = Token<'b>>) -> bool {
    loop {
        let same = match (own.next(), others.next()) {
            (None, None) => return true,
            (Some(Token::Number(own)), Some(Token::Number(others))) => is_padded_like(own, others),
            (own, others) => own == others,
        };
        if !same {
            return false;
        }
    }
}

/// Returns the numbers among tokens.
fn numbers<'t>(tokens: impl Iterator<Item = Token<'t>>) -> impl Iterator<Item = &'t str> {
    tokens.filter_map(|token| if let Token::Number(number) = token { Some(number) } else { None })
}

/// Returns the range of the version: the first number that counts with those that `.` joins to it, or a date.
fn version(text: &str, hash_at: Option<usize>) -> Option<(usize, usize)> {
    let (from, first) = Tokens::before_version(text, text.len(), hash_at).first_number()?;
    let mut to = from + first.len();
    if let Some(date_to) = date_end(text, first, to) {
        return Some((from, date_to));
    }
    while let Some(next) = number_behind(text, to, ".", hash_at) {
        to = next;
    }
    Some((from, to))
}

/// Returns where a date ends whose year is `first` and ends at `at`: month and day of two digits behind `-` or `_`.
/// With `.` between them they are parts anyway.
fn date_end(text: &str, first: &str, at: usize) -> Option<usize> {
    let is_year = first.len() == 4 && first.parse().is_ok_and(|year| YEARS.contains(&year));
    let mark = run_at(text, at).filter(|mark| is_year && (mark.text == "-" || mark.text == "_"))?;
    let two_digits = |at: usize, largest: u8| {
        let number = run_at(text, at).filter(|run| run.kind == Kind::Digits && run.text.len() == 2)?;
        number.text.parse().is_ok_and(|number: u8| (1..=largest).contains(&number)).then(|| number.end())
    };
    let month_to = two_digits(mark.end(), 12)?;
    let day_mark = run_at(text, month_to).filter(|next| next.text == mark.text);
    Some(day_mark.and_then(|mark| two_digits(mark.end(), 31)).unwrap_or(month_to))
}

/// Returns where the number ends that stands behind one of `marks` at `at` and is no hash.
fn number_behind(text: &str, at: usize, marks: &str, hash_at: Option<usize>) -> Option<usize> {
    let mark = run_at(text, at).filter(|mark| mark.kind == Kind::Mark && marks.contains(mark.text))?;
    let number = run_at(text, mark.end()).filter(|run| run.kind == Kind::Digits)?;
    let is_hash = hash_at == Some(number.from) || is_hash(segment_at(text, number.from));
    (!is_hash).then(|| number.end())
}

/// Returns the range of the pre-release behind `at`, the mark before it included.
fn prerelease(text: &str, mut at: usize, hash_at: Option<usize>) -> Option<(usize, usize)> {
    let mut before = Run { kind: Kind::Digits, text: "", from: at };
    while let Some(run) = run_at(text, at) {
        let is_first = before.kind == Kind::Mark;
        if is_first && (hash_at == Some(at) || is_hash(segment_at(text, at))) {
            at += segment_at(text, at).len();
            continue;
        }
        if run.kind == Kind::Word
            && let Some(to) = prerelease_end(text, run, before.kind == Kind::Digits, hash_at)
        {
            return Some((if is_first { before.from } else { run.from }, to));
        }
        at = run.end();
        before = run;
    }
    None
}

/// Returns where the pre-release ends that `word` begins: behind its numbers, where it has some.
fn prerelease_end(text: &str, word: Run<'_>, is_glued: bool, hash_at: Option<usize>) -> Option<usize> {
    let at = word.end();
    let number = run_at(text, at).filter(|next| next.kind == Kind::Digits);
    let is_glued_twice = is_glued && number.is_some();
    let is_named = is_prerelease(word.text, number.is_some()) || (is_glued_twice && is_glued_prerelease(word.text));
    if !is_named {
        return None;
    }
    let is_cut = |end: usize| run_at(text, end).is_none_or(|next| next.kind == Kind::Mark);
    let mut to = match number {
        Some(number) if is_cut(number.end()) => number.end(),
        Some(_) => return None,
        None => number_behind(text, at, ".-_", hash_at).filter(|end| is_cut(*end)).unwrap_or(at),
    };
    while to > at
        && let Some(next) = number_behind(text, to, ".", hash_at).filter(|end| is_cut(*end))
    {
        to = next;
    }
    Some(to)
}

/// Returns the runs of a text with their kinds.
fn runs(text: &str) -> impl Iterator<Item = (Kind, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let run = run_at(text, at)?;
        at = run.end();
        Some((run.kind, run.text))
    })
}

/// Compares two runs of digits as numbers, at any length.
fn compare_digits(left: &str, right: &str) -> Ordering {
    let (left, right) = (significant(left), significant(right));
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

/// Returns the digits without leading zeros.
fn significant(digits: &str) -> &str {
    digits.trim_start_matches('0')
}

/// Returns whether two numbers can be of one scheme: where a zero leads one of them, both are equally long.
fn is_padded_like(left: &str, right: &str) -> bool {
    (!is_padded(left) && !is_padded(right)) || left.len() == right.len()
}

/// Returns whether zeros pad a number.
fn is_padded(number: &str) -> bool {
    number.len() > 1 && number.starts_with('0')
}

#[cfg(test)]
mod tests;
