//! What a tag is made of: words, marks, numbers that count, and commits' hashes.
//!
//! A number counts unless it belongs to a word. Behind the version, a number that is glued to a word (`alpine3.19`,
//! `amd64`) or stands behind the name of a platform (`debian-12`, `temurin-17`) says which platform the image is for,
//! and another platform is another image; `-r3`, `-777` and `_12` count builds. The lists of words are these:

/// Words whose number counts though it is glued to them.
const COUNTING: &[&str] = &["v", "r", "rev", "b", "build", "ls", "p", "patch", "u", "kb", "release", "version", "ver"];
/// Words that name a platform: the number behind them, after a mark, is the platform's.
const PLATFORMS: &[&str] = &[
    "alma",
    "almalinux",
    "alpine",
    "al",
    "amazonlinux",
    "centos",
    "debian",
    "el",
    "fedora",
    "leap",
    "ol",
    "oraclelinux",
    "photon",
    "rhel",
    "rocky",
    "rockylinux",
    "sles",
    "suse",
    "ubi",
    "ubuntu",
    "ltsc",
    "nanoserver",
    "servercore",
    "win",
    "windows",
    "windowsservercore",
    "corretto",
    "graalvm",
    "java",
    "jdk",
    "jre",
    "openjdk",
    "semeru",
    "temurin",
    "zulu",
    "cuda",
    "cudnn",
    "rocm",
    "dotnet",
    "erlang",
    "go",
    "golang",
    "node",
    "nodejs",
    "otp",
    "perl",
    "php",
    "pg",
    "postgres",
    "postgresql",
    "py",
    "python",
    "ruby",
    "rust",
    "scala",
];
/// Words of pre-releases that lead to a release. `dev`, `ea`, `nightly`, `snapshot` are channels of their own.
const PRERELEASES: &[&str] = &["alpha", "beta", "cr", "milestone", "pre", "preview", "rc"];
/// What means a milestone with a number glued to it: `-M1`.
const MILESTONE: &str = "m";
/// Words of pre-releases between two numbers: `3.7.0a1`.
const GLUED_PRERELEASES: &[&str] = &["a", "b", "c"];
/// How long a commit's hash may be, in digits: from Git's shortest to SHA-256.
const HASH_DIGITS: std::ops::RangeInclusive<usize> = 7..=64;

/// What bytes stand side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Letters, and all that is not ASCII.
    Word,
    /// Digits.
    Digits,
    /// One byte of anything else.
    Mark,
}

impl Kind {
    fn of(byte: u8) -> Self {
        match byte {
            b'0'..=b'9' => Self::Digits,
            b'a'..=b'z' | b'A'..=b'Z' | 0x80.. => Self::Word,
            _ => Self::Mark,
        }
    }
}

/// The longest run of bytes of one kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run<'t> {
    pub kind: Kind,
    pub text: &'t str,
    pub from: usize,
}

impl Run<'_> {
    /// Returns the offset behind it.
    pub(super) fn end(&self) -> usize {
        self.from + self.text.len()
    }
}

/// Returns the run that begins at `from`.
pub(super) fn run_at(text: &str, from: usize) -> Option<Run<'_>> {
    let rest = text.get(from..)?;
    let kind = Kind::of(*rest.as_bytes().first()?);
    let length = match kind {
        Kind::Mark => 1,
        Kind::Word | Kind::Digits => rest.bytes().position(|byte| Kind::of(byte) != kind).unwrap_or(rest.len()),
    };
    Some(Run { kind, text: rest.get(..length)?, from })
}

/// One piece of a prefix or suffix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'t> {
    /// What has to be equal, numbers that do not count among it.
    Literal(&'t str),
    /// A number that counts.
    Number(&'t str),
    /// A commit's hash, whichever.
    Hash,
}

/// What stands before the run that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Before<'t> {
    Nothing,
    Word(&'t str),
    Mark(&'t str),
    Number { counts: bool },
    Hash,
}

/// Reads a part of a text piece by piece.
#[derive(Clone, Debug)]
pub(super) struct Tokens<'t> {
    text: &'t str,
    at: usize,
    end: usize,
    hash_at: Option<usize>,
    is_behind_version: bool,
    before: Before<'t>,
    earlier: Before<'t>,
}

impl<'t> Tokens<'t> {
    /// Reads `text` up to `end`; where no version is known yet, the first number that counts begins it.
    pub(super) fn before_version(text: &'t str, end: usize, hash_at: Option<usize>) -> Self {
        let nothing = Before::Nothing;
        Self { text, at: 0, end, hash_at, is_behind_version: false, before: nothing, earlier: nothing }
    }

    /// Reads a part of `text` behind the version.
    pub(super) fn behind_version(text: &'t str, at: usize, end: usize, hash_at: Option<usize>) -> Self {
        let before = Before::Number { counts: true };
        Self { text, at, end, hash_at, is_behind_version: true, before, earlier: Before::Nothing }
    }

    /// Returns the first number that counts, and where it begins.
    pub(super) fn first_number(mut self) -> Option<(usize, &'t str)> {
        loop {
            let at = self.at;
            if let Token::Number(number) = self.next()? {
                return Some((at, number));
            }
        }
    }

    /// Returns the commit's hash that begins here.
    fn hash(&self) -> Option<&'t str> {
        let may_begin = matches!(self.before, Before::Nothing | Before::Mark(_));
        let segment = if may_begin { segment_at(self.text, self.at) } else { "" };
        (is_hash(segment) || (self.hash_at == Some(self.at) && may_be_hash(segment))).then_some(segment)
    }

    /// Returns whether a number that begins here counts.
    fn counts(&self) -> bool {
        match (self.before, self.earlier) {
            (Before::Word(word), Before::Number { counts }) => counts && !is_one_of(word, PLATFORMS),
            (Before::Word(word), _) => is_one_of(word, COUNTING),
            (Before::Mark("." | "_"), Before::Number { counts }) => counts,
            (Before::Mark(_), Before::Word(word)) => !(self.is_behind_version && is_one_of(word, PLATFORMS)),
            _ => true,
        }
    }

    fn step(&mut self, length: usize, read: Before<'t>) {
        self.at += length;
        self.earlier = std::mem::replace(&mut self.before, read);
    }
}

impl<'t> Iterator for Tokens<'t> {
    type Item = Token<'t>;

    fn next(&mut self) -> Option<Token<'t>> {
        if self.at >= self.end {
            return None;
        }
        if let Some(hash) = self.hash() {
            self.step(hash.len(), Before::Hash);
            return Some(Token::Hash);
        }
        let run = run_at(self.text, self.at)?;
        let (read, token) = match run.kind {
            Kind::Word => (Before::Word(run.text), Token::Literal(run.text)),
            Kind::Mark => (Before::Mark(run.text), Token::Literal(run.text)),
            Kind::Digits if self.counts() => (Before::Number { counts: true }, Token::Number(run.text)),
            Kind::Digits => (Before::Number { counts: false }, Token::Literal(run.text)),
        };
        self.step(run.text.len(), read);
        Some(token)
    }
}

/// Returns what lies between two marks and begins at `from`.
pub(super) fn segment_at(text: &str, from: usize) -> &str {
    let rest = text.get(from..).unwrap_or_default();
    let length = rest.bytes().position(|byte| Kind::of(byte) == Kind::Mark).unwrap_or(rest.len());
    rest.get(..length).unwrap_or_default()
}

/// Returns what lies between marks, in order.
pub(super) fn segments(text: &str) -> impl Iterator<Item = &str> {
    let is_mark = |character: char| character.is_ascii() && !character.is_ascii_alphanumeric();
    text.split(is_mark).filter(|segment| !segment.is_empty())
}

/// Returns what lies between marks at a place of the order.
pub(super) fn segment(text: &str, index: usize) -> Option<&str> {
    segments(text).nth(index)
}

/// Returns where the segment at `index` begins, if it may be a hash.
pub(super) fn hash_offset(text: &str, index: usize) -> Option<usize> {
    let segment = segment(text, index).filter(|segment| may_be_hash(segment))?;
    Some(segment.as_ptr() as usize - text.as_ptr() as usize)
}

/// Returns whether a segment is a commit's hash: hexadecimal digits with a letter and a number among them, or `g` and
/// hexadecimal digits, as `git describe` writes it.
pub(super) fn is_hash(segment: &str) -> bool {
    if segment.len() < *HASH_DIGITS.start() {
        return false;
    }
    let is_hex = |text: &str| {
        HASH_DIGITS.contains(&text.len()) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let has_number = segment.bytes().any(|byte| byte.is_ascii_digit());
    let has_letter = segment.bytes().any(|byte| byte.is_ascii_alphabetic());
    has_number && has_letter && (is_hex(segment) || segment.strip_prefix('g').is_some_and(is_hex))
}

/// Returns whether digits alone may be a commit's hash.
pub(super) fn may_be_hash(segment: &str) -> bool {
    HASH_DIGITS.contains(&segment.len()) && segment.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns whether `word` makes a pre-release.
pub(super) fn is_prerelease(word: &str, has_number: bool) -> bool {
    is_one_of(word, PRERELEASES) || (has_number && word.eq_ignore_ascii_case(MILESTONE))
}

/// Returns whether `word` makes a pre-release where it stands between two numbers.
pub(super) fn is_glued_prerelease(word: &str) -> bool {
    is_one_of(word, GLUED_PRERELEASES)
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|other| other.eq_ignore_ascii_case(word))
}
