//! The text of one file and its lines: the door of the room, past which everything is UTF-8 and of bounded size.

use std::ops::Range;
use std::sync::Arc;

use crate::finding::{Finding, Position};

/// The largest file that is read, in bytes (4 MiB); the largest YAML file of the public repositories that were
/// measured for this design is under a third of it.
pub const FILE_BYTES_MAX: usize = 4 << 20;

/// The byte order mark of UTF-8. It takes no column.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A file's text with the starts of its lines. A line ends as YAML 1.2 says: at LF, CR LF or a lone CR.
pub(super) struct Source<'t> {
    pub(super) text: &'t str,
    file: Arc<str>,
    line_starts: Vec<usize>,
}

impl<'t> Source<'t> {
    /// Returns the text of a file, or the finding that says why its bytes are not read.
    pub(super) fn open(file: &str, bytes: &'t [u8]) -> Result<Self, Finding> {
        let file = Arc::from(file);
        if bytes.len() > FILE_BYTES_MAX {
            let cause = format!("the file has {} bytes, more than the {FILE_BYTES_MAX} that are read", bytes.len());
            return Err(refused(Position::file(file), cause, "split the file"));
        }
        if is_utf_16(bytes) {
            return Err(refused(Position::file(file), "the file is UTF-16", "save the file as UTF-8"));
        }
        match str::from_utf8(bytes) {
            Ok(text) => Ok(Self { text, file, line_starts: line_starts(text) }),
            Err(error) => {
                let position = Position::in_text(file, bytes, error.valid_up_to());
                Err(refused(position, "the file is not UTF-8 from here on", "save the file as UTF-8"))
            }
        }
    }

    /// Returns the position of the byte at `offset`.
    pub(super) fn position(&self, offset: usize) -> Position {
        let line = self.line(offset);
        let before = self.text.get(self.line_start(line)..offset).unwrap_or_default();
        let columns = before.trim_start_matches(BYTE_ORDER_MARK).chars().count();
        Position { file: Arc::clone(&self.file), line: count(line + 1), column: count(columns + 1) }
    }

    /// Returns the line of the byte at `offset`, from 0.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset).saturating_sub(1)
    }

    /// Returns what stands on the line of `offset` before it.
    pub(super) fn before_on_line(&self, offset: usize) -> &'t str {
        self.slice(self.line_start(self.line(offset))..offset).trim_start_matches(BYTE_ORDER_MARK)
    }

    /// Returns a piece of the text; nothing where the range is not one of this text.
    pub(super) fn slice(&self, range: Range<usize>) -> &'t str {
        self.text.get(range).unwrap_or_default()
    }

    fn line_start(&self, line: usize) -> usize {
        self.line_starts.get(line).copied().unwrap_or_default()
    }
}

fn refused(position: Position, cause: impl Into<Box<str>>, mend: &str) -> Finding {
    Finding::error(position, cause, format!("{mend}; until then no marker in it works"))
}

/// Whether the file begins as UTF-16 does: with its byte order mark, or with one half of an ASCII character.
pub(super) fn is_utf_16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, _, ..] | [_, 0, ..])
}

fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let ends = memchr::memchr2_iter(b'\n', b'\r', bytes)
        .filter(|&at| bytes.get(at..at + 2).is_none_or(|pair| pair != b"\r\n"))
        .map(|at| at + 1);
    std::iter::once(0).chain(ends).collect()
}

/// Narrows a count of lines or columns; a file of [`FILE_BYTES_MAX`] has fewer than 2^32 of either.
fn count(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], offset: usize, expected: &str) {
        let source = Source::open("f", bytes).unwrap();
        assert_eq!(source.position(offset).to_string(), expected);
    }

    #[test]
    fn a_line_ends_at_any_of_the_three_line_ends() {
        check(b"a\r\nb\rc\nd", 0, "f:1:1");
        check(b"a\r\nb\rc\nd", 2, "f:1:3");
        check(b"a\r\nb\rc\nd", 3, "f:2:1");
        check(b"a\r\nb\rc\nd", 5, "f:3:1");
        check(b"a\r\nb\rc\nd", 7, "f:4:1");
        check(b"a\r\nb\rc\nd", 8, "f:4:2");
    }

    #[test]
    fn columns_count_characters_and_not_the_byte_order_mark() {
        check("\u{feff}ä: ü".as_bytes(), 7, "f:1:4");
    }

    #[test]
    fn a_file_of_the_largest_size_is_read_and_one_byte_more_is_not() {
        let largest = vec![b'\n'; FILE_BYTES_MAX];
        assert!(Source::open("f", &largest).is_ok());
        let larger = vec![b'\n'; FILE_BYTES_MAX + 1];
        let finding = Source::open("f", &larger).err().unwrap();
        assert_eq!(&*finding.cause, "the file has 4194305 bytes, more than the 4194304 that are read");
    }
}
