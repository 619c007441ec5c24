//! Findings: something that a person should mend, with its place, its cause and what to do.
//!
//! Every room reports trouble in what people wrote with this one type; `cli` alone prints it. It holds
//! no judgement about exit statuses and never a secret.

use std::fmt;
use std::sync::Arc;

/// A place in a text file as people count it: lines and columns from 1, columns in characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The path as the person knows it: relative to the settings file or to the repository's root.
    pub file: Arc<str>,
    /// The line, from 1; 0 when the whole file is meant.
    pub line: u32,
    /// The column in characters, from 1; 0 when the whole line or file is meant.
    pub column: u32,
}

impl Position {
    /// Returns the position of a whole file.
    pub fn file(file: impl Into<Arc<str>>) -> Self {
        Self { file: file.into(), line: 0, column: 0 }
    }

    /// Returns the position of the byte at `offset` of `text`; past the end counts as the end.
    pub fn in_text(file: impl Into<Arc<str>>, text: &[u8], offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = memchr::memrchr(b'\n', before).map_or(0, |newline| newline + 1);
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let column = String::from_utf8_lossy(before.get(line_start..).unwrap_or_default()).chars().count() + 1;
        Self { file: file.into(), line: count(line), column: count(column) }
    }
}

/// Narrows a count of lines or columns; no file that is read has 2^32 of either.
fn count(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.column) {
            (0, _) => write!(f, "{}", self.file),
            (line, 0) => write!(f, "{}:{line}", self.file),
            (line, column) => write!(f, "{}:{line}:{column}", self.file),
        }
    }
}

/// How much a finding stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The thing at that place cannot work; nothing is done with it until it is mended.
    Error,
    /// Work goes on; the person should look at it some day.
    Warning,
}

/// One thing that a person should mend.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Finding {
    /// Where it is.
    pub position: Position,
    /// Whether it stops the thing that it is about.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop.
    pub cause: Box<str>,
    /// What to do about it, in one sentence without a full stop.
    pub remedy: Box<str>,
}

impl Finding {
    /// Returns a finding that stops what stands at `position`.
    pub fn error(position: Position, cause: impl Into<Box<str>>, remedy: impl Into<Box<str>>) -> Self {
        Self { position, severity: Severity::Error, cause: cause.into(), remedy: remedy.into() }
    }

    /// Returns a finding that only asks for a look.
    pub fn warning(position: Position, cause: impl Into<Box<str>>, remedy: impl Into<Box<str>>) -> Self {
        Self { position, severity: Severity::Warning, cause: cause.into(), remedy: remedy.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_count_from_one() {
        let text = "a: ü\nb: x\n".as_bytes();
        assert_eq!(Position::in_text("f", text, 0).to_string(), "f:1:1");
        assert_eq!(Position::in_text("f", text, 5).to_string(), "f:1:5");
        assert_eq!(Position::in_text("f", text, 9).to_string(), "f:2:4");
        assert_eq!(Position::in_text("f", text, 99).to_string(), "f:3:1");
        assert_eq!(Position::file("f").to_string(), "f");
    }
}
