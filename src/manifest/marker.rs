//! Markers: the two spellings that hand a value over to a policy, and what makes one malformed.
//!
//! Flux's `{"$imagepolicy": "namespace:policy"}` and ours, `automator: policy`, each with `:tag`, `:name` or
//! `:digest` at its end where only that part of the reference stands in the file. This module reads the text of
//! one comment; which value a comment belongs to is not its business.

use std::fmt;

use memchr::memmem;

use super::source;
use crate::finding::Position;

/// The key of Flux's marker.
const FLUX: &str = "$imagepolicy";

/// The first word of our own marker.
const OWN: &str = "automator:";

/// What of [`OWN`] is searched for: a capital letter before it is a marker that somebody meant, too.
const OWN_TAIL: &str = "utomator:";

/// [`FLUX`] and [`OWN`] as they stand in UTF-16 of either byte order.
const WIDE: [&[u8]; 2] = [b"$\0i\0m\0a\0g\0e\0p\0o\0l\0i\0c\0y", b"a\0u\0t\0o\0m\0a\0t\0o\0r\0:"];

/// A comment's claim that the value before it belongs to a policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Marker {
    /// The policy's namespace, where the marker names one; Flux's always does.
    pub namespace: Option<Box<str>>,
    /// The policy's name.
    pub policy: Box<str>,
    /// What of the image's reference the value holds.
    pub part: Part,
    /// Where the marker itself stands.
    pub position: Position,
}

/// The part of an image's reference that a value holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// All of it: `ghcr.io/stefanprodan/podinfo:6.0.0`.
    Reference,
    /// The tag: `6.0.0`.
    Tag,
    /// The registry and repository: `ghcr.io/stefanprodan/podinfo`.
    Name,
    /// The digest: `sha256:…`.
    Digest,
}

/// A marker as far as its comment tells: everything but its position.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) namespace: Option<Box<str>>,
    pub(super) policy: Box<str>,
    pub(super) part: Part,
}

/// Why a text that was meant as a marker is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    #[error("the marker is not a JSON object of the one key `$imagepolicy` with a text as its value")]
    Object,
    #[error("the marker names no policy")]
    NoPolicy,
    #[error("the marker `{0}` names no namespace, which Flux's form needs")]
    NoNamespace(Box<str>),
    #[error("the marker's last word `{0}` is none of `tag`, `name` and `digest`")]
    Part(Box<str>),
    #[error("the marker `{0}` has more words than `namespace:policy:part`")]
    TooManyWords(Box<str>),
    #[error("the marker's word `{0}` is not a name of `a-z`, `0-9`, `.` and `-`")]
    Name(Box<str>),
    #[error("a blank is missing after `automator:`")]
    NoBlank,
    #[error("`automator:` is written in small letters")]
    Capital,
}

/// Which of the two forms a marker has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Flux,
    Own,
}

/// One marker, or attempt at one, in a comment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reading {
    /// Where it begins, in bytes from the comment's `#`.
    pub(super) offset: usize,
    pub(super) form: Form,
    pub(super) words: Result<Words, Malformed>,
}

/// Returns false when no marker can be in the file: the cheap test before anything is decoded or parsed.
pub fn may_hold_markers(bytes: &[u8]) -> bool {
    let wide = || source::is_utf_16(bytes) && WIDE.iter().any(|word| memmem::find(bytes, word).is_some());
    mentions(bytes).next().is_some() || wide()
}

/// Yields where markers may be, in comments and in text alike: the offset of the word that makes one.
/// Flux's come first, then ours; each kind in the order of the file.
pub(super) fn mentions(bytes: &[u8]) -> impl Iterator<Item = usize> {
    memmem::find_iter(bytes, FLUX).chain(OwnMentions {
        bytes,
        found: memmem::find_iter(bytes, OWN_TAIL),
        comment: 0..0,
    })
}

/// Reads every marker of one comment; `comment` begins with its `#`.
pub(super) fn read(comment: &str) -> Vec<Reading> {
    let read_at = |at| {
        let (before, word) = comment.split_at_checked(at)?;
        Some(if let Some(after) = word.strip_prefix(FLUX) { read_flux(before, after) } else { read_own(at, word) })
    };
    mentions(comment.as_bytes()).filter_map(read_at).collect()
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Reference => "reference",
            Self::Tag => "tag",
            Self::Name => "name",
            Self::Digest => "digest",
        })
    }
}

impl Part {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "tag" => Some(Self::Tag),
            "name" => Some(Self::Name),
            "digest" => Some(Self::Digest),
            _ => None,
        }
    }
}

impl Form {
    /// Returns what to write instead of a malformed marker.
    pub(super) fn remedy(self) -> &'static str {
        match self {
            Self::Flux => {
                r#"write # {"$imagepolicy": "namespace:policy"}, with :tag, :name or :digest after the policy where the value is only that part"#
            }
            Self::Own => {
                "write # automator: policy, with :tag, :name or :digest after the policy where the value is only that part"
            }
        }
    }
}

/// Where [`OWN`] is the word of a marker: in something that looks like a comment, alone or as its first word.
struct OwnMentions<'b, I> {
    bytes: &'b [u8],
    found: I,
    /// From the last `#` of the line to where the search has come; empty when the line has no `#` yet.
    comment: std::ops::Range<usize>,
}

impl<I: Iterator<Item = usize>> Iterator for OwnMentions<'_, I> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        loop {
            let tail = self.found.next()?;
            let Some(at) = tail.checked_sub(1).filter(|at| matches!(self.bytes.get(*at), Some(b'a' | b'A'))) else {
                continue;
            };
            if self.is_marker(at) {
                return Some(at);
            }
        }
    }
}

impl<I> OwnMentions<'_, I> {
    /// Looks at every byte once, however many words stand on one line.
    fn is_marker(&mut self, at: usize) -> bool {
        let fresh = self.bytes.get(self.comment.end..at).unwrap_or_default();
        if let Some(last) = memchr::memrchr3(b'#', b'\n', b'\r', fresh) {
            let offset = self.comment.end + last;
            self.comment.start = if fresh.get(last) == Some(&b'#') { offset } else { at };
        } else if self.comment.is_empty() {
            self.comment.start = at;
        }
        self.comment.end = at;
        let before = self.bytes.get(self.comment.clone()).unwrap_or_default();
        let after = self.bytes.get(at + OWN.len());
        let begins_word = before.last().is_some_and(|last| matches!(last, b'#' | b' ' | b'\t'));
        let ends_word = after.is_none_or(|next| matches!(next, b' ' | b'\t' | b'\n' | b'\r'));
        begins_word && (ends_word || before.trim_ascii_end() == b"#")
    }
}

fn read_flux(before: &str, after: &str) -> Reading {
    let opened = before.strip_suffix('"').and_then(|object| object.trim_end().strip_suffix('{'));
    let offset = opened.map_or_else(|| begin_of_attempt(before), str::len);
    let words = opened.and_then(|_| flux_text(after)).ok_or(Malformed::Object).and_then(flux_words);
    Reading { offset, form: Form::Flux, words }
}

/// Returns where the braces and quotes begin that somebody wrote before the key.
fn begin_of_attempt(before: &str) -> usize {
    let attempt = before.trim_end_matches(['{', '"', '\'', ' ', '\t']).len();
    let blanks = before.get(attempt..).map_or(0, |attempt| attempt.len() - attempt.trim_start().len());
    attempt + blanks
}

/// Returns the text of `": "text"}`, which follows the key.
fn flux_text(after: &str) -> Option<&str> {
    let value = after.strip_prefix('"')?.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    let (text, rest) = value.split_once('"')?;
    rest.trim_start().starts_with('}').then_some(text)
}

fn flux_words(text: &str) -> Result<Words, Malformed> {
    match *text.split(':').collect::<Vec<_>>() {
        [""] => Err(Malformed::NoPolicy),
        [_] => Err(Malformed::NoNamespace(text.into())),
        [namespace, policy] => words(Some(namespace), policy, None),
        [namespace, policy, part] => words(Some(namespace), policy, Some(part)),
        _ => Err(Malformed::TooManyWords(text.into())),
    }
}

fn read_own(offset: usize, marker: &str) -> Reading {
    let Some(after) = marker.strip_prefix(OWN) else {
        return Reading { offset, form: Form::Own, words: Err(Malformed::Capital) };
    };
    let words = if after.is_empty() || after.starts_with([' ', '\t']) {
        own_words(after.split_ascii_whitespace().next().unwrap_or_default())
    } else {
        Err(Malformed::NoBlank)
    };
    Reading { offset, form: Form::Own, words }
}

fn own_words(text: &str) -> Result<Words, Malformed> {
    match *text.split(':').collect::<Vec<_>>() {
        [policy] => words(None, policy, None),
        [policy, part] if Part::parse(part).is_some() => words(None, policy, Some(part)),
        [namespace, policy] => words(Some(namespace), policy, None),
        [namespace, policy, part] => words(Some(namespace), policy, Some(part)),
        _ => Err(Malformed::TooManyWords(text.into())),
    }
}

fn words(namespace: Option<&str>, policy: &str, part: Option<&str>) -> Result<Words, Malformed> {
    let part = match part {
        Some(word) => Part::parse(word).ok_or_else(|| Malformed::Part(word.into()))?,
        None => Part::Reference,
    };
    Ok(Words { namespace: namespace.map(name).transpose()?, policy: name(policy)?, part })
}

/// Accepts what Kubernetes accepts as a name, which is more than policies may be called: a marker of a policy
/// that does not exist is then reported as just that.
fn name(word: &str) -> Result<Box<str>, Malformed> {
    let bytes = word.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return Err(Malformed::NoPolicy) };
    let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let legal = bytes.iter().all(|byte| plain(byte) || matches!(byte, b'.' | b'-'));
    if legal && plain(first) && plain(last) { Ok(word.into()) } else { Err(Malformed::Name(word.into())) }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use expect_test::{Expect, expect};

    use super::*;

    fn check(comment: &str, expected: &Expect) {
        let mut lines = String::new();
        for reading in read(comment) {
            let words = match reading.words {
                Ok(Words { namespace, policy, part }) => {
                    format!("{} {policy} {part}", namespace.as_deref().unwrap_or("-"))
                }
                Err(malformed) => malformed.to_string(),
            };
            writeln!(lines, "{} {words}", reading.offset).unwrap();
        }
        expected.assert_eq(&lines);
    }

    #[test]
    fn flux_markers_name_namespace_policy_and_part() {
        check(r#"# {"$imagepolicy": "flux-system:podinfo"}"#, &expect!["2 flux-system podinfo reference\n"]);
        check(r#"#{"$imagepolicy":"flux-system:podinfo:tag"}"#, &expect!["1 flux-system podinfo tag\n"]);
        check(r#"# { "$imagepolicy" : "a:b:name" }"#, &expect!["2 a b name\n"]);
        check(r#"# {"$imagepolicy": "a:my.app:digest"}"#, &expect!["2 a my.app digest\n"]);
        check(r#"# {"$imagepolicy": "podinfo:tag"}"#, &expect!["2 podinfo tag reference\n"]);
    }

    #[test]
    fn own_markers_may_leave_the_namespace_out() {
        check("# automator: podinfo", &expect!["2 - podinfo reference\n"]);
        check("#automator: podinfo:tag", &expect!["1 - podinfo tag\n"]);
        check("#\tautomator:\tpodinfo:name", &expect!["2 - podinfo name\n"]);
        check("# automator: podinfo:digest", &expect!["2 - podinfo digest\n"]);
        check("# automator: flux-system:podinfo", &expect!["2 flux-system podinfo reference\n"]);
        check("# automator: flux-system:podinfo:tag", &expect!["2 flux-system podinfo tag\n"]);
    }

    #[test]
    fn other_text_may_stand_around_a_marker() {
        check(r#"# keep {"$imagepolicy": "a:b"} please"#, &expect!["7 a b reference\n"]);
        check("# keep, automator: podinfo please", &expect!["8 - podinfo reference\n"]);
        check(
            r#"# automator: x # {"$imagepolicy": "a:b"}"#,
            &expect![["
            17 a b reference
            2 - x reference
        "]],
        );
    }

    #[test]
    fn a_malformed_marker_says_what_is_wrong_with_it() {
        check(
            "# {'$imagepolicy': 'a:b'}",
            &expect!["2 the marker is not a JSON object of the one key `$imagepolicy` with a text as its value\n"],
        );
        check(
            r#"# {"$imagepolicy": "a:b", "x": 1}"#,
            &expect!["2 the marker is not a JSON object of the one key `$imagepolicy` with a text as its value\n"],
        );
        check(
            r#"# {"$imagepolicy": "a:b""#,
            &expect!["2 the marker is not a JSON object of the one key `$imagepolicy` with a text as its value\n"],
        );
        check(
            "# $imagepolicy",
            &expect!["2 the marker is not a JSON object of the one key `$imagepolicy` with a text as its value\n"],
        );
        check(r#"# {"$imagepolicy": ""}"#, &expect!["2 the marker names no policy\n"]);
        check(r#"# {"$imagepolicy": "a:"}"#, &expect!["2 the marker names no policy\n"]);
        check(
            r#"# {"$imagepolicy": "app"}"#,
            &expect!["2 the marker `app` names no namespace, which Flux's form needs\n"],
        );
        check(
            r#"# {"$imagepolicy": "ns/app"}"#,
            &expect!["2 the marker `ns/app` names no namespace, which Flux's form needs\n"],
        );
        check(
            r#"# {"$imagepolicy": "a:b:foo"}"#,
            &expect!["2 the marker's last word `foo` is none of `tag`, `name` and `digest`\n"],
        );
        check("# automator:", &expect!["2 the marker names no policy\n"]);
        check(
            "# automator: a:b:foo",
            &expect!["2 the marker's last word `foo` is none of `tag`, `name` and `digest`\n"],
        );
        check(
            "# automator: a:b:tag:c",
            &expect!["2 the marker `a:b:tag:c` has more words than `namespace:policy:part`\n"],
        );
        check(
            "# automator: Podinfo",
            &expect!["2 the marker's word `Podinfo` is not a name of `a-z`, `0-9`, `.` and `-`\n"],
        );
        check(
            "# automator: podinfo,",
            &expect!["2 the marker's word `podinfo,` is not a name of `a-z`, `0-9`, `.` and `-`\n"],
        );
        check("#automator:podinfo", &expect!["1 a blank is missing after `automator:`\n"]);
    }

    #[test]
    fn words_that_only_resemble_a_marker_are_not_one() {
        check("# deployment-automator: x", &expect![""]);
        check("# see automator:1.2", &expect![""]);
        check("# the automator works", &expect![""]);
    }

    #[test]
    fn the_prefilter_lets_only_files_through_that_may_hold_markers() {
        assert!(may_hold_markers(b"a: b # automator: x"));
        assert!(may_hold_markers(b"#\n# automator: x automator: y"));
        assert!(may_hold_markers(b"a: b # {\"$imagepolicy\": 1}"));
        assert!(!may_hold_markers(b"# a comment\nautomator: x\n"));
        assert!(!may_hold_markers(b"# a comment\rautomator: x\r"));
        assert!(!may_hold_markers(b"image: automator:1.2 # an automator\n"));
        assert!(!may_hold_markers(b""));
    }

    #[test]
    fn the_prefilter_reads_utf_16() {
        let wide = |text: &str| text.encode_utf16().collect::<Vec<_>>();
        let little: Vec<u8> = wide("\u{feff}a: b # automator: x").iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let big: Vec<u8> = wide("a: b # {\"$imagepolicy\":").iter().flat_map(|unit| unit.to_be_bytes()).collect();
        assert!(may_hold_markers(&little));
        assert!(may_hold_markers(&big));
    }
}
