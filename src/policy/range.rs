//! The range language of Flux, Helm and Argo CD: that of Masterminds/semver v3, its corners included.
//!
//! A range is alternatives (`||`) of comparators (joined by blanks or commas). `1.2 - 2.3` stands for
//! `>= 1.2, <= 2.3` and is rewritten in the text first, as that library does it, because its corners follow
//! from that. Which spellings of a tag are versions at all is not decided here.

use std::cmp::Ordering;

use semver::Version;

use super::version::VersionText;

/// The longest range that is read, in bytes; people's ranges have a few dozen.
const RANGE_BYTES_MAX: usize = 1024;

/// What counts as a blank in a range (Go's `\s`: no vertical tab).
const BLANKS: [char; 5] = [' ', '\t', '\n', '\u{c}', '\r'];

/// The signs that a comparator may begin with, each before the shorter signs that begin it.
const SIGNS: [(&str, Sign); 11] = [
    ("!=", Sign::NotEqual),
    (">=", Sign::GreaterOrEqual),
    ("=>", Sign::GreaterOrEqual),
    ("<=", Sign::LessOrEqual),
    ("=<", Sign::LessOrEqual),
    ("~>", Sign::Tilde),
    ("=", Sign::Equal),
    (">", Sign::Greater),
    ("<", Sign::Less),
    ("~", Sign::Tilde),
    ("^", Sign::Caret),
];

/// Which versions a policy allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Range {
    alternatives: Vec<Alternative>,
}

/// Comparators that a version must all satisfy.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Alternative {
    comparators: Vec<Comparator>,
    /// Whether one of the comparators names a pre-release: without one, no pre-release satisfies any of them.
    asks_for_prereleases: bool,
}

/// A sign with the version that it compares with.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Comparator {
    sign: Sign,
    written: Written,
    version: Version,
    text: Box<str>,
}

/// How a comparator compares. No sign at all is [`Sign::Equal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Tilde,
    Caret,
}

/// How much of a comparator's version was written; the rest was left out or is `x`, `X` or `*`, and counts as 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    Nothing,
    Major,
    MajorMinor,
    All,
}

/// Why a version is outside of a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Miss {
    /// It is a pre-release, and the range asks for none.
    Prerelease,
    /// The range has one alternative, and its comparator at this index is not satisfied.
    Comparator(usize),
    /// The range has several alternatives, and none is satisfied.
    EveryAlternative,
}

/// Why a text is not a range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// Longer than any range that a person writes.
    #[error("a range has at most {RANGE_BYTES_MAX} bytes")]
    TooLong,
    /// Nothing stands there, or nothing between two `||`.
    #[error("a version is missing")]
    Empty,
    /// This part is not a sign and a version.
    #[error("`{0}` is not a version to compare with")]
    Comparator(Box<str>),
    /// `A - B` stands behind something that is not `||` or a comma.
    #[error("`A - B` stands alone, or a comma stands before it")]
    Hyphen,
}

impl Range {
    /// Parses a range.
    pub fn parse(text: &str) -> Result<Self, RangeError> {
        if text.len() > RANGE_BYTES_MAX {
            return Err(RangeError::TooLong);
        }
        let rewritten = rewrite_hyphens(text);
        let alternatives = rewritten.split("||").map(Alternative::parse).collect::<Result<_, _>>();
        match alternatives {
            Ok(alternatives) => Ok(Self { alternatives }),
            Err(RangeError::Comparator(part)) if !text.contains(&*part) => Err(RangeError::Hyphen),
            Err(error) => Err(error),
        }
    }

    /// Returns whether any pre-release can be in the range.
    pub fn asks_for_prereleases(&self) -> bool {
        self.alternatives.iter().any(|alternative| alternative.asks_for_prereleases)
    }

    /// Checks that `version` is in the range.
    pub fn check(&self, version: &Version) -> Result<(), Miss> {
        if !version.pre.is_empty() && !self.asks_for_prereleases() {
            return Err(Miss::Prerelease);
        }
        match self.alternatives.as_slice() {
            [only] => only.failing(version).map_or(Ok(()), |index| Err(Miss::Comparator(index))),
            several if several.iter().any(|alternative| alternative.failing(version).is_none()) => Ok(()),
            _ => Err(Miss::EveryAlternative),
        }
    }

    /// Returns the text of the comparator that a [`Miss::Comparator`] names.
    pub fn comparator(&self, index: usize) -> Option<&str> {
        let comparator = self.alternatives.first()?.comparators.get(index)?;
        Some(&comparator.text)
    }
}

impl Alternative {
    /// Parses comparators that blanks, or one comma each, stand between.
    fn parse(text: &str) -> Result<Self, RangeError> {
        let mut rest = text.trim_start_matches(BLANKS);
        if rest.is_empty() {
            return Err(RangeError::Empty);
        }
        let mut comparators = Vec::new();
        loop {
            let (comparator, after) = Comparator::parse(rest)?;
            comparators.push(comparator);
            let trimmed = after.trim_start_matches(BLANKS);
            rest = match trimmed.strip_prefix(',') {
                _ if trimmed.is_empty() => break,
                Some(after_comma) => after_comma.trim_start_matches(BLANKS),
                None if trimmed.len() < after.len() => trimmed,
                None => return Err(RangeError::Comparator(first_word(rest).into())),
            };
        }
        let asks_for_prereleases = comparators.iter().any(|comparator| !comparator.version.pre.is_empty());
        Ok(Self { comparators, asks_for_prereleases })
    }

    /// Returns the index of the first comparator that `version` does not satisfy.
    fn failing(&self, version: &Version) -> Option<usize> {
        if !version.pre.is_empty() && !self.asks_for_prereleases {
            return Some(0);
        }
        self.comparators.iter().position(|comparator| !comparator.is_satisfied_by(version))
    }
}

impl Comparator {
    /// Parses the comparator that `text` begins with and returns it with what follows.
    fn parse(text: &str) -> Result<(Self, &str), RangeError> {
        let refused = || RangeError::Comparator(first_word(text).into());
        let found = SIGNS.iter().find_map(|(spelling, sign)| Some((*sign, text.strip_prefix(spelling)?)));
        let (sign, after_sign) = found.unwrap_or((Sign::Equal, text));
        let (operand, rest) = Operand::scan(after_sign.trim_start_matches(BLANKS)).ok_or_else(refused)?;
        let (written, version) = operand.version().ok_or_else(refused)?;
        let text = text.strip_suffix(rest).unwrap_or(text).into();
        Ok((Self { sign, written, version, text }, rest))
    }

    /// Judges `version`. That a pre-release was asked for is checked before.
    fn is_satisfied_by(&self, version: &Version) -> bool {
        let bound = &self.version;
        match self.sign {
            Sign::Equal if self.written == Written::All => version == bound,
            Sign::Equal | Sign::Tilde => version >= bound && self.tilde_reaches(version),
            Sign::NotEqual => match self.written {
                Written::Major => version.major != bound.major,
                Written::MajorMinor => self.compare_written(version).is_ne() || version.pre != bound.pre,
                Written::Nothing | Written::All => version != bound,
            },
            Sign::Greater => match self.written {
                Written::Major | Written::MajorMinor => self.compare_written(version).is_gt(),
                Written::Nothing | Written::All => version > bound,
            },
            Sign::GreaterOrEqual => version >= bound,
            Sign::Less => version < bound,
            Sign::LessOrEqual if self.written == Written::All => version <= bound,
            Sign::LessOrEqual => self.compare_written(version).is_le(),
            Sign::Caret => version >= bound && self.caret_reaches(version),
        }
    }

    /// Compares as many of the numbers as were written: major alone, or major and minor.
    fn compare_written(&self, version: &Version) -> Ordering {
        let minors = |version: &Version| if self.written == Written::Major { 0 } else { version.minor };
        (version.major, minors(version)).cmp(&(self.version.major, minors(&self.version)))
    }

    /// Returns whether a `version` at or above the bound is inside of `~`: equal in the numbers that were written,
    /// but for the patch. `~0.0.0` and `~*` reach everything.
    fn tilde_reaches(&self, version: &Version) -> bool {
        let is_zero = (self.version.major, self.version.minor, self.version.patch) == (0, 0, 0);
        let everything = is_zero && matches!(self.written, Written::Nothing | Written::All);
        everything || self.compare_written(version).is_eq()
    }

    /// Returns whether a `version` at or above the bound is inside of `^`: equal up to the first number that is not 0.
    fn caret_reaches(&self, version: &Version) -> bool {
        let bound = &self.version;
        if bound.major > 0 || self.written == Written::Major {
            version.major == bound.major
        } else if bound.minor > 0 || self.written == Written::MajorMinor {
            (version.major, version.minor) == (0, bound.minor)
        } else {
            (version.major, version.minor, version.patch) == (0, 0, bound.patch)
        }
    }
}

/// A comparator's version as written, its parts not yet judged.
#[derive(Clone, Copy)]
struct Operand<'t> {
    whole: &'t str,
    parts: [&'t str; 3],
    prerelease: Option<&'t str>,
}

impl<'t> Operand<'t> {
    /// Takes the longest operand off the front of `text`: `v?PART[.PART[.PART]][-WORDS][+WORDS]`. A part may also
    /// hold a `|`, as the library's own grammar has it; such a part is no number and is refused later.
    fn scan(text: &'t str) -> Option<(Self, &'t str)> {
        let (first, mut rest) = split_run(text.strip_prefix('v').unwrap_or(text), is_part)?;
        let mut parts = [first, "", ""];
        for part in parts.iter_mut().skip(1) {
            let Some((run, after)) = rest.strip_prefix('.').and_then(|after| split_run(after, is_part)) else { break };
            (*part, rest) = (run, after);
        }
        let words = |rest: &'t str, sign| rest.strip_prefix(sign).and_then(scan_words);
        let prerelease = words(rest, '-');
        rest = prerelease.map_or(rest, |(_, after)| after);
        rest = words(rest, '+').map_or(rest, |(_, after)| after);
        let whole = text.strip_suffix(rest)?;
        Some((Self { whole, parts, prerelease: prerelease.map(|(words, _)| words) }, rest))
    }

    /// Returns the version that is compared with: wildcards and what follows them count as 0.
    fn version(&self) -> Option<(Written, Version)> {
        let is_open = |part: &str| matches!(part, "" | "x" | "X" | "*");
        let [major, minor, patch] = self.parts;
        let (written, numbers) = if is_open(major) {
            (Written::Nothing, ["0", "0", "0"])
        } else if is_open(minor) {
            (Written::Major, [major, "0", "0"])
        } else if is_open(patch) {
            (Written::MajorMinor, [major, minor, "0"])
        } else {
            return VersionText::parse(self.whole).map(|text| (Written::All, text.to_version()));
        };
        let prerelease = self.prerelease.map(|words| format!("-{words}")).unwrap_or_default();
        let filled = format!("{}{prerelease}", numbers.join("."));
        VersionText::parse(&filled).map(|text| (written, text.to_version()))
    }
}

/// Rewrites every `A - B` of a range to `>= A, <= B `.
///
/// The blanks around it go with it, and the place that is rewritten is the first that reads the same; so
/// `1 2 - 3` becomes `1>= 2, <= 3 `, which is no range. That is how the library reads it.
fn rewrite_hyphens(text: &str) -> String {
    let mut rewritten = text.to_owned();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        if let Some((found, low, high)) = scan_hyphen(rest) {
            rewritten = rewritten.replacen(found, &format!(">= {low}, <= {high} "), 1);
            rest = rest.strip_prefix(found).unwrap_or_default();
        } else {
            rest = rest.strip_prefix(next).unwrap_or_default();
        }
    }
    rewritten
}

/// Returns the `A - B` that `text` begins with, whole and in its halves.
fn scan_hyphen(text: &str) -> Option<(&str, &str, &str)> {
    let (low, rest) = Operand::scan(text.trim_start_matches(BLANKS))?;
    let rest = strip_blanks(strip_blanks(rest)?.strip_prefix('-')?)?;
    let (high, rest) = Operand::scan(rest)?;
    let found = text.strip_suffix(rest.trim_start_matches(BLANKS))?;
    Some((found, low.whole, high.whole))
}

/// Takes blanks, at least one, off the front of `text`.
fn strip_blanks(text: &str) -> Option<&str> {
    let rest = text.trim_start_matches(BLANKS);
    (rest.len() < text.len()).then_some(rest)
}

/// Takes words of `[0-9A-Za-z-]` joined by `.` off the front of `text`.
fn scan_words(text: &str) -> Option<(&str, &str)> {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let (_, mut rest) = split_run(text, is_word)?;
    while let Some((_, after)) = rest.strip_prefix('.').and_then(|after| split_run(after, is_word)) {
        rest = after;
    }
    Some((text.strip_suffix(rest)?, rest))
}

/// Splits `text` behind its first bytes that `belongs` takes; `None` where there is not one. Only ASCII belongs.
fn split_run(text: &str, belongs: impl Fn(u8) -> bool) -> Option<(&str, &str)> {
    let end = text.bytes().position(|byte| !belongs(byte)).unwrap_or(text.len());
    if end == 0 { None } else { text.split_at_checked(end) }
}

/// Returns whether a byte may stand in a part of an operand.
fn is_part(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'x' | b'X' | b'*' | b'|')
}

/// Returns what a message quotes of a comparator that cannot be read: up to the next blank or comma behind its sign.
fn first_word(text: &str) -> &str {
    let sign = text.bytes().take_while(|byte| matches!(byte, b'!' | b'<' | b'=' | b'>' | b'^' | b'~' | b' ')).count();
    let (sign, rest) = text.split_at_checked(sign).unwrap_or(("", text));
    let word = rest.split([' ', ',', '\t', '\n', '\r']).next().unwrap_or(rest);
    text.get(..sign.len() + word.len()).unwrap_or(text).trim_end()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Vector {
        range: String,
        valid: bool,
        #[serde(default)]
        matches: Vec<String>,
        newest: Option<String>,
    }

    fn version(text: &str) -> Option<Version> {
        VersionText::parse(text).map(VersionText::to_version)
    }

    fn check(range: &str, text: &str) -> Result<(), Miss> {
        Range::parse(range).unwrap().check(&version(text).unwrap())
    }

    #[test]
    fn every_range_means_what_the_vectors_say() {
        let order = include_str!("../../testdata/vectors/semver-order.json");
        let spellings: Vec<String> = serde_json::from_str(order).unwrap();
        let vectors = include_str!("../../testdata/vectors/semver-ranges.jsonl");
        for line in vectors.lines() {
            let vector: Vector = serde_json::from_str(line).unwrap();
            let Ok(range) = Range::parse(&vector.range) else {
                assert!(!vector.valid, "{:?} is a range", vector.range);
                continue;
            };
            assert!(vector.valid, "{:?} is no range", vector.range);
            let is_match = |text: &&String| range.check(&version(text).unwrap()).is_ok();
            let mut matches: Vec<_> = spellings.iter().filter(is_match).collect();
            let newest = matches.iter().filter_map(|text| version(text)).max();
            let mut expected: Vec<_> = vector.matches.iter().collect();
            matches.sort();
            expected.sort();
            assert_eq!(matches, expected, "{:?}", vector.range);
            assert_eq!(newest, vector.newest.as_deref().and_then(version), "{:?}", vector.range);
        }
        assert_eq!(vectors.lines().count(), 750);
    }

    #[test]
    fn the_corners_that_follow_from_rewriting_hyphens() {
        for range in ["1 - 2", "1 - 2 || 4", "1||2 - 3", "1,2 - 3", "1 - 2 <3", "1 - 2,3", "v1 - v2", "1 - 2 || 3 - 4"]
        {
            assert!(Range::parse(range).is_ok(), "{range}");
        }
        for range in ["1 2 - 3", "=1 - 2", "1.2.3||4.5.6 - 7", "1- 2", "1 -2", "1 - 2 - 3", "1 - 2||3 - 4"] {
            assert!(Range::parse(range).is_err(), "{range}");
        }
        assert_eq!(Range::parse("1 2 - 3"), Err(RangeError::Hyphen));
        assert_eq!(check("1||2 - 3", "1.5.0"), Ok(()));
        assert_eq!(check("1||2 - 3", "4.0.0"), Ok(()), "`>= 1` and not `1`: the library reads `1||2` as one version");
        assert_eq!(check("1 || 2 - 3", "4.0.0"), Err(Miss::EveryAlternative));
    }

    #[test]
    fn what_is_no_range_never_matches_everything() {
        for range in
            ["", " ", "||", "1 ||", ",", "1,", "1,,2", "1x", "1|2", ">", "1.2.3.4", "latest", "1.2.3-01", ">=1<2", "ä"]
        {
            assert!(Range::parse(range).is_err(), "{range:?}");
        }
        assert_eq!(Range::parse(&"1 ".repeat(600)), Err(RangeError::TooLong));
        assert_eq!(
            Range::parse(">=6.0 <=7.0.x.y").unwrap_err().to_string(),
            "`<=7.0.x.y` is not a version to compare with"
        );
        assert_eq!(Range::parse(">= 6, latest").unwrap_err().to_string(), "`latest` is not a version to compare with");
    }

    #[test]
    fn a_miss_names_the_comparator() {
        let range = Range::parse(">= 1.2, <2").unwrap();
        let miss = |text: &str| range.check(&version(text).unwrap()).unwrap_err();
        assert_eq!(miss("1.1.9"), Miss::Comparator(0));
        assert_eq!(miss("2.0.0"), Miss::Comparator(1));
        assert_eq!(miss("1.5.0-rc.1"), Miss::Prerelease);
        assert_eq!((range.comparator(0), range.comparator(1), range.comparator(2)), (Some(">= 1.2"), Some("<2"), None));
        assert_eq!(check("1 || 2", "3.0.0"), Err(Miss::EveryAlternative));
    }

    #[test]
    fn a_prerelease_is_asked_for_by_alternative() {
        assert_eq!(check(">=1.0.0-0 <2", "1.5.0-rc.1"), Ok(()));
        assert_eq!(check(">=1.0.0-0 || 3", "3.0.1-rc.1"), Ok(()));
        assert_eq!(check("<1-0 || 3", "3.0.1-rc.1"), Err(Miss::EveryAlternative));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_fall_over(text in "[ 0-9.xX*v<>=!~^|,a+-]{0,24}|.{0,12}") {
            if let Ok(range) = Range::parse(&text) {
                let _ = range.check(&Version::new(1, 2, 3));
            }
        }
    }
}
