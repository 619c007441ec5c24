//! `tags`: which tags are looked at, and what of a tag is compared.
//!
//! Patterns are regular expressions of linear time over bytes: classes are ASCII, nothing is anchored but what the
//! author anchors. They are compiled once, within bounds; a pattern that does not compile is never "everything".

use regex::bytes::{CaptureLocations, Regex, RegexBuilder};

use super::Rule;
use crate::image::TagRef;

/// The longest pattern that is read, in bytes.
const PATTERN_BYTES_MAX: usize = 4 * 1024;
/// The most memory that one compiled pattern may take, in bytes.
const COMPILED_BYTES_MAX: usize = 1024 * 1024;
/// The longest template of `extract`, in bytes.
const TEMPLATE_BYTES_MAX: usize = 1024;
/// The longest text that `extract` makes of one tag, in bytes; what would be longer is cut off.
const EXTRACTED_BYTES_MAX: usize = 4 * 1024;

/// A regular expression with the place where it is written.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// Where and how it is written.
    pub rule: Rule,
    regex: Regex,
}

/// Why a text is not a pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// An empty pattern matches everything, which nobody means.
    #[error("the pattern is empty")]
    Empty,
    /// Too long to read, or too large when compiled.
    #[error(
        "the pattern is longer than {PATTERN_BYTES_MAX} bytes or takes more than {COMPILED_BYTES_MAX} bytes of memory"
    )]
    TooLarge,
    /// What the compiler says, in one line.
    #[error("{0}")]
    Syntax(Box<str>),
}

impl Pattern {
    /// Compiles the text of `rule`.
    pub fn compile(rule: Rule) -> Result<Self, PatternError> {
        match rule.text.len() {
            0 => return Err(PatternError::Empty),
            1..=PATTERN_BYTES_MAX => {}
            _ => return Err(PatternError::TooLarge),
        }
        let regex = RegexBuilder::new(&rule.text).unicode(false).size_limit(COMPILED_BYTES_MAX).build();
        let regex = regex.map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => PatternError::TooLarge,
            other => PatternError::Syntax(last_line(&other.to_string()).into()),
        })?;
        Ok(Self { rule, regex })
    }

    /// Returns the names of its groups.
    pub fn group_names(&self) -> impl Iterator<Item = &str> {
        self.regex.capture_names().flatten()
    }

    /// Returns whether the pattern matches somewhere in `tag`.
    fn matches(&self, tag: TagRef<'_>) -> bool {
        self.regex.is_match(tag.as_str().as_bytes())
    }
}

/// Returns the last line of a compiler's message, which is the one that says what is wrong.
fn last_line(message: &str) -> &str {
    let line = message.lines().last().unwrap_or(message);
    line.trim_start_matches("error: ")
}

/// A template of Go's `Regexp.Expand`, its groups looked up in every include pattern.
#[derive(Clone, Debug)]
pub struct Extract {
    /// Where and how it is written.
    pub rule: Rule,
    /// The pieces to put together, for each include pattern.
    templates: Vec<Vec<Piece>>,
}

/// A piece of a template.
#[derive(Clone, Debug)]
enum Piece {
    /// Text that is taken as it is.
    Text(Box<str>),
    /// What this group matched; nothing where it took no part.
    Group(usize),
}

/// Why a text is not a template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExtractError {
    /// There is nothing to extract from.
    #[error("there is no `include` that it could take groups of")]
    NoInclude,
    /// An empty template makes every tag equal.
    #[error("it is empty")]
    Empty,
    /// Too long to read.
    #[error("it is longer than {TEMPLATE_BYTES_MAX} bytes")]
    TooLong,
    /// No include pattern has this group.
    #[error("no pattern of `include` has a group `{0}`")]
    UnknownGroup(Box<str>),
    /// A `$` that begins neither a group nor `$$`.
    #[error("a `$` stands before no group")]
    LoneDollar,
}

impl Extract {
    /// Reads the text of `rule`: `$1`, `$name`, `${name}`, `$$`; a name is as long as it can be, `$1x` is group `1x`.
    pub fn compile(rule: Rule, includes: &[Pattern]) -> Result<Self, ExtractError> {
        match rule.text.len() {
            _ if includes.is_empty() => return Err(ExtractError::NoInclude),
            0 => return Err(ExtractError::Empty),
            1..=TEMPLATE_BYTES_MAX => {}
            _ => return Err(ExtractError::TooLong),
        }
        let tokens = tokens(&rule.text)?;
        let is_known = |name: &str| includes.iter().any(|include| group(&include.regex, name).is_some());
        for token in &tokens {
            if let Token::Group(name) = token
                && !is_known(name)
            {
                return Err(ExtractError::UnknownGroup((*name).into()));
            }
        }
        let templates = includes.iter().map(|include| template(&tokens, &include.regex)).collect();
        Ok(Self { rule, templates })
    }
}

/// A piece of a template before its groups are looked up.
enum Token<'t> {
    Text(&'t str),
    Group(&'t str),
}

/// Takes a template apart.
fn tokens(mut text: &str) -> Result<Vec<Token<'_>>, ExtractError> {
    let mut tokens = Vec::new();
    while let Some((before, after)) = text.split_once('$') {
        tokens.push(Token::Text(before));
        let (token, rest) = match after.strip_prefix('$') {
            Some(rest) => (Token::Text("$"), rest),
            None => scan_group(after).map(|(name, rest)| (Token::Group(name), rest)).ok_or(ExtractError::LoneDollar)?,
        };
        tokens.push(token);
        text = rest;
    }
    tokens.push(Token::Text(text));
    Ok(tokens)
}

/// Takes `name` or `{name}` off the front of `text`.
fn scan_group(text: &str) -> Option<(&str, &str)> {
    let braced = text.strip_prefix('{');
    let name_and_rest = braced.unwrap_or(text);
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let end = name_and_rest.bytes().position(|byte| !is_word(byte)).unwrap_or(name_and_rest.len());
    let (name, rest) = name_and_rest.split_at_checked(end)?;
    let rest = if braced.is_some() { rest.strip_prefix('}')? } else { rest };
    (!name.is_empty()).then_some((name, rest))
}

/// Looks the groups of a template up in one pattern; a group that it has not is nothing.
fn template(tokens: &[Token<'_>], regex: &Regex) -> Vec<Piece> {
    let piece = |token: &Token<'_>| match token {
        Token::Text("") => None,
        Token::Text(text) => Some(Piece::Text((*text).into())),
        Token::Group(name) => group(regex, name).map(Piece::Group),
    };
    tokens.iter().filter_map(piece).collect()
}

/// Returns the index of a group by its number (without leading zeros, as in Go) or its name.
fn group(regex: &Regex, name: &str) -> Option<usize> {
    if name.bytes().all(|byte| byte.is_ascii_digit()) {
        let is_canonical = name == "0" || !name.starts_with('0');
        return name.parse().ok().filter(|&index| is_canonical && index < regex.captures_len());
    }
    regex.capture_names().position(|found| found == Some(name))
}

/// What `tags` says.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    include: Vec<Pattern>,
    exclude: Vec<Pattern>,
    extract: Option<Extract>,
}

/// Why a filter drops a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dropped {
    /// No pattern of `include` matches.
    NotIncluded,
    /// The pattern of `exclude` at this index matches.
    Excluded(usize),
}

impl Filter {
    /// Puts the three rules together.
    pub fn new(include: Vec<Pattern>, exclude: Vec<Pattern>, extract: Option<Extract>) -> Self {
        Self { include, exclude, extract }
    }

    /// Returns the patterns of which one has to match; with none, every tag is included.
    pub fn include(&self) -> &[Pattern] {
        &self.include
    }

    /// Returns the patterns of which none may match.
    pub fn exclude(&self) -> &[Pattern] {
        &self.exclude
    }

    /// Returns what is compared, where it is not the whole tag.
    pub fn extract(&self) -> Option<&Extract> {
        self.extract.as_ref()
    }

    /// Returns a reader of tags, which holds the memory that reading needs.
    pub fn reader(&self) -> Reader<'_> {
        let locations = self.include.iter().map(|pattern| pattern.regex.capture_locations()).collect();
        Reader { filter: self, locations, text: String::new() }
    }
}

/// Reads tags through a filter, one after the other, without taking memory for each.
#[derive(Debug)]
pub struct Reader<'f> {
    filter: &'f Filter,
    locations: Vec<CaptureLocations>,
    text: String,
}

impl Reader<'_> {
    /// Returns what is compared of a tag that passes the filter.
    pub fn pass<'r>(&'r mut self, tag: TagRef<'r>) -> Result<&'r str, Dropped> {
        let index = self.including(tag).ok_or(Dropped::NotIncluded)?;
        if let Some(excluding) = self.filter.exclude.iter().position(|pattern| pattern.matches(tag)) {
            return Err(Dropped::Excluded(excluding));
        }
        Ok(self.extracted(index, tag))
    }

    /// Returns what is compared of a tag that is included, whether excluded or not.
    pub fn value<'r>(&'r mut self, tag: TagRef<'r>) -> Option<&'r str> {
        let index = self.including(tag)?;
        Some(self.extracted(index, tag))
    }

    /// Returns the index of the first include pattern that matches; 0 where there is none to match.
    fn including(&self, tag: TagRef<'_>) -> Option<usize> {
        if self.filter.include.is_empty() {
            return Some(0);
        }
        self.filter.include.iter().position(|pattern| pattern.matches(tag))
    }

    /// Puts together what the include pattern at `index`, which matches `tag`, extracts of it.
    fn extracted<'r>(&'r mut self, index: usize, tag: TagRef<'r>) -> &'r str {
        let filter = self.filter;
        let template = filter.extract.as_ref().and_then(|extract| extract.templates.get(index));
        let (Some(template), Some(pattern), Some(locations)) =
            (template, filter.include.get(index), self.locations.get_mut(index))
        else {
            return tag.as_str();
        };
        self.text.clear();
        pattern.regex.captures_read(locations, tag.as_str().as_bytes());
        for piece in template {
            let piece = match piece {
                Piece::Text(text) => text,
                Piece::Group(group) => {
                    locations.get(*group).and_then(|(from, to)| tag.as_str().get(from..to)).unwrap_or("")
                }
            };
            if self.text.len() + piece.len() <= EXTRACTED_BYTES_MAX {
                self.text.push_str(piece);
            }
        }
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use proptest::prelude::*;

    use super::*;
    use crate::finding::Position;

    fn rule(text: &str) -> Rule {
        Rule { position: Position::file("f"), text: text.into() }
    }

    fn filter(include: &[&str], exclude: &[&str], extract: Option<&str>) -> Result<Filter, ExtractError> {
        let patterns =
            |texts: &[&str]| texts.iter().map(|text| Pattern::compile(rule(text)).unwrap()).collect::<Vec<_>>();
        let include = patterns(include);
        let extract = extract.map(|text| Extract::compile(rule(text), &include)).transpose()?;
        Ok(Filter::new(include, patterns(exclude), extract))
    }

    fn check(include: &[&str], extract: &str, tag: &str, expected: &str) {
        let filter = filter(include, &[], Some(extract)).unwrap();
        assert_eq!(filter.reader().pass(TagRef::parse(tag).unwrap()), Ok(expected), "{include:?} {extract} {tag}");
    }

    #[test]
    fn templates_are_those_of_go() {
        let pattern = "^(?P<name>[a-z]+)-([0-9]+)(-(?<rest>.*))?$";
        check(&[pattern], "$1", "main-12", "main");
        check(&[pattern], "$2$name", "main-12", "12main");
        check(&[pattern], "${2}x$name.$$1", "main-12", "12xmain.$1");
        check(&[pattern], "${rest}", "main-12", "");
        check(&[pattern], "$0", "main-12-rc", "main-12-rc");
        check(&["ain"], "$0", "main", "ain");
        check(&["^a(.*)", "(?<b>b.*)"], "$1", "xb2", "b2");
        check(&["^a(?<a>.*)", "(?<b>b.*)"], "$b", "a-b2", "");
    }

    #[test]
    fn templates_that_nobody_can_mean_are_refused() {
        let refused = |extract| filter(&["^(?<name>[a-z]+)"], &[], Some(extract)).unwrap_err();
        assert_eq!(refused("$1x"), ExtractError::UnknownGroup("1x".into()));
        assert_eq!(refused("$nam"), ExtractError::UnknownGroup("nam".into()));
        assert_eq!(refused("$2"), ExtractError::UnknownGroup("2".into()));
        assert_eq!(refused("$01"), ExtractError::UnknownGroup("01".into()));
        assert_eq!(refused("${name"), ExtractError::LoneDollar);
        assert_eq!(refused("1$"), ExtractError::LoneDollar);
        assert_eq!(refused(""), ExtractError::Empty);
        assert_eq!(filter(&[], &[], Some("$0")).unwrap_err(), ExtractError::NoInclude);
    }

    #[test]
    fn any_include_and_no_exclude() {
        let filter = filter(&["^v", "[0-9]$"], &["-rc", "beta"], None).unwrap();
        let mut reader = filter.reader();
        let mut pass = |tag| reader.pass(TagRef::parse(tag).unwrap()).map(str::to_owned);
        assert_eq!(pass("v1-x"), Ok("v1-x".to_owned()));
        assert_eq!(pass("x1"), Ok("x1".to_owned()));
        assert_eq!(pass("latest"), Err(Dropped::NotIncluded));
        assert_eq!(pass("v1-rc"), Err(Dropped::Excluded(0)));
        assert_eq!(pass("v1-beta"), Err(Dropped::Excluded(1)));
        assert_eq!(filter.reader().value(TagRef::parse("v1-rc").unwrap()), Some("v1-rc"));
    }

    #[test]
    fn patterns_are_bounded_and_never_everything() {
        let refused = |text: &str| Pattern::compile(rule(text)).unwrap_err();
        assert_eq!(refused(""), PatternError::Empty);
        assert_eq!(refused(&"a".repeat(5000)), PatternError::TooLarge);
        assert_eq!(refused("((a{100}){100}){100}"), PatternError::TooLarge);
        assert_eq!(refused("(a"), PatternError::Syntax("unclosed group".into()));
        assert!(matches!(refused("(?=a)"), PatternError::Syntax(_)));
    }

    #[test]
    fn patterns_that_take_others_for_ever_are_refused_or_run_through_a_megabyte() {
        let units = ["a", "x", "ab", "1", "a.", "aA"];
        let texts = units.map(|unit| unit.repeat(127 / unit.len()) + "_");
        let tags: Vec<_> = texts.iter().map(|text| TagRef::parse(text).unwrap()).cycle().take(8_192).collect();
        let patterns = include_str!("../../testdata/patterns/redos.txt").lines();
        let answers = patterns.map(|text| {
            let Ok(pattern) = Pattern::compile(rule(text)) else { return format!("{text}: refused\n") };
            let answers: Vec<_> = tags.iter().map(|tag| pattern.matches(*tag)).collect();
            let named: String =
                units.iter().zip(&answers).filter(|(_, yes)| **yes).map(|(unit, _)| format!(" {unit}")).collect();
            format!("{text}: {} of 8192{named}\n", answers.iter().filter(|yes| **yes).count())
        });
        expect![[r#"
            (a+)+$: 0 of 8192
            ^(a+)+$: 0 of 8192
            ([a-zA-Z]+)*$: 8192 of 8192 a x ab 1 a. aA
            (a|aa)+$: 0 of 8192
            (a|a?)+$: 8192 of 8192 a x ab 1 a. aA
            ^(a|a)*$: 0 of 8192
            (.*a){20}$: 0 of 8192
            (x+x+)+y: 0 of 8192
            (a+a+)+$: 0 of 8192
            (a*)*b: 1365 of 8192 ab
            (a*)+b: 1365 of 8192 ab
            ((a*)*)*b: 1365 of 8192 ab
            (.*)*$: 8192 of 8192 a x ab 1 a. aA
            (.*[.])*$: 8192 of 8192 a x ab 1 a. aA
            ^(([a-z])+.)+[A-Z]([a-z])+$: 0 of 8192
            ^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$: 0 of 8192
            (\w+\d+)+C: 0 of 8192
            ^(\w+[.]?)*!$: 0 of 8192
            ^((ab)*)+$: 0 of 8192
            (a|b|ab)*c: 0 of 8192
            ^(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)x$: 0 of 8192
            (\d+)*x: 1366 of 8192 x
            ([0-9]+)+[.]$: 0 of 8192
            ^(-?\d+)*!$: 0 of 8192
            (a+){10}$: 0 of 8192
            (([a-z]+)+)+$: 0 of 8192
            ^(?:.*[.])+x$: 0 of 8192
            ([.]|\w+)*!$: 0 of 8192
            (?:a?){100}a{100}$: 0 of 8192
            (.*)*.*(.*)*x_: 1366 of 8192 x
            (?:a{1,50}){1,50}_$: 1366 of 8192 a
            (a{1,100}){1,100}_$: 1366 of 8192 a
            ((a{0,100}){0,100}){0,100}: refused
            ^(?=(a+))a*b: refused
            (a+)\1+$: refused
        "#]].assert_eq(&answers.collect::<String>());
    }

    #[test]
    fn classes_are_ascii() {
        let matches =
            |pattern: &str, tag| Pattern::compile(rule(pattern)).unwrap().matches(TagRef::parse(tag).unwrap());
        assert!(matches(r"^\d+$", "123") && matches(r"^\w+$", "a_1") && matches("(?i)^A$", "a"));
        assert!(!matches("^a$", "A"));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_readers_fall_over(pattern in ".{0,20}", template in "[$a1{}x]{0,8}|.{0,8}", tag in "[a-z0-9][a-z0-9.-]{0,9}") {
            if let Ok(pattern) = Pattern::compile(rule(&pattern))
                && let Ok(extract) = Extract::compile(rule(&template), std::slice::from_ref(&pattern))
            {
                let filter = Filter::new(vec![pattern], vec![], Some(extract));
                let _ = filter.reader().pass(TagRef::parse(&tag).unwrap());
            }
        }
    }
}
