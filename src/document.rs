//! Reads YAML that people wrote into serde types: within bounds, and with words that say where and what to mend.
//!
//! Used for policies and for settings. Knows nothing of what the keys mean.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_saphyr::{DefaultMessageFormatter, Error, Location, MessageFormatter as _, Options};

use crate::finding::{Finding, Position};
use crate::text::visible;

/// The longest file that is read, in bytes.
pub const FILE_BYTES_MAX: usize = 1024 * 1024;
/// The most mappings, lists and scalars of one document.
const NODES_MAX: usize = 50_000;
/// The deepest nesting of one document.
const DEPTH_MAX: usize = 64;
/// The most uses of anchors in one document.
const ALIASES_MAX: usize = 1_000;
/// The most bytes of scalars in one document, aliases expanded.
const SCALAR_BYTES_MAX: usize = 1024 * 1024;
/// The longest piece of a file that a message repeats, in characters.
const QUOTE_CHARACTERS_MAX: usize = 80;

/// Returns the text of a file, where it is one within bounds.
pub fn text_of<'b>(file: &str, bytes: &'b [u8]) -> Result<&'b str, Finding> {
    if bytes.len() > FILE_BYTES_MAX {
        let cause = format!("the file has {} bytes; at most {FILE_BYTES_MAX} are read", bytes.len());
        return Err(Finding::error(Position::file(file), cause, "split it into smaller files"));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let position = Position::in_text(file, bytes, error.valid_up_to());
        Finding::error(position, "the file is not UTF-8 from here on", "save it as UTF-8")
    })
}

/// One document of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document<'t> {
    /// The file as the person knows it.
    pub file: Arc<str>,
    /// The line of the file, from 1, on which `text` begins.
    pub first_line: u32,
    /// The document with the comments and the `---` before it.
    pub text: &'t str,
}

impl<'t> Document<'t> {
    /// Splits a file at its `---` and `...` lines; YAML allows neither inside of a value. What holds comments alone
    /// belongs to the document after it, or to none.
    pub fn split(file: &Arc<str>, text: &'t str) -> Vec<Self> {
        let mut documents = Vec::new();
        let mut open = Open::at(0, 1);
        let mut close = |open: &Open, end: usize| {
            let text = text.get(open.start..end).filter(|_| open.has_content);
            documents.extend(text.map(|text| Self { file: Arc::clone(file), first_line: open.first_line, text }));
        };
        let (mut offset, mut line_number) = (0, 1);
        for line in text.split_inclusive('\n') {
            let (marker, has_content) = classify(line);
            if marker == Marker::Start && (open.has_content || open.has_start) {
                close(&open, offset);
                open = Open::at(offset, line_number);
            }
            open.has_start |= marker == Marker::Start;
            open.has_content |= has_content;
            offset += line.len();
            line_number += 1;
            if marker == Marker::End {
                close(&open, offset);
                open = Open::at(offset, line_number);
            }
        }
        close(&open, offset);
        documents
    }

    /// Returns the position of a place in the document.
    pub fn at(&self, location: Location) -> Position {
        let narrow = |value: u64| u32::try_from(value).unwrap_or(u32::MAX);
        if location == Location::UNKNOWN {
            return Position { file: Arc::clone(&self.file), line: self.first_line, column: 0 };
        }
        let line = self.first_line.saturating_sub(1).saturating_add(narrow(location.line()));
        Position { file: Arc::clone(&self.file), line, column: narrow(location.column()) }
    }

    /// Reads the document. Keys named in `hidden` are never suggested.
    pub fn read<T: DeserializeOwned>(&self, hidden: &[&str]) -> Result<T, Finding> {
        let text = self.text.strip_prefix('\u{feff}').unwrap_or(self.text);
        serde_saphyr::from_str_with_options(text, options()).map_err(|error| self.finding(&error, hidden))
    }

    /// Says what is wrong where, and what to do.
    fn finding(&self, error: &Error, hidden: &[&str]) -> Finding {
        let position = self.at(error.location().unwrap_or(Location::UNKNOWN));
        let (cause, remedy) = cause_and_remedy(error, hidden);
        Finding::error(position, cause, remedy)
    }
}

/// A document whose end was not met yet.
struct Open {
    start: usize,
    first_line: u32,
    has_start: bool,
    has_content: bool,
}

impl Open {
    /// Opens a document at this byte, which begins this line.
    fn at(start: usize, first_line: u32) -> Self {
        Self { start, first_line, has_start: false, has_content: false }
    }
}

/// What a line is to the documents around it.
#[derive(Clone, Copy, PartialEq)]
enum Marker {
    None,
    Start,
    End,
}

/// Returns whether a line begins or ends a document, and whether it holds more than a comment or directive.
fn classify(line: &str) -> (Marker, bool) {
    let line = line.trim_start_matches('\u{feff}');
    let (marker, rest) = match (line.strip_prefix("---"), line.strip_prefix("...")) {
        (Some(rest), _) if rest.is_empty() || rest.starts_with([' ', '\t', '\r', '\n']) => (Marker::Start, rest),
        (_, Some(rest)) if rest.trim().is_empty() || rest.trim_start_matches([' ', '\t']).starts_with('#') => {
            (Marker::End, "")
        }
        _ => (Marker::None, line),
    };
    let rest = rest.trim();
    (marker, !rest.is_empty() && !rest.starts_with(['#', '%']))
}

/// Returns the options for everything that is read: strict, bounded, and quoting no neighbouring lines.
fn options() -> Options {
    serde_saphyr::options! {
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_depth: DEPTH_MAX,
            max_nodes: NODES_MAX,
            max_aliases: ALIASES_MAX,
            max_total_scalar_bytes: SCALAR_BYTES_MAX,
        },
    }
}

/// Turns the reader's error into words for a person.
fn cause_and_remedy(error: &Error, hidden: &[&str]) -> (String, String) {
    match error {
        Error::AliasError { error, .. } => cause_and_remedy(error, hidden),
        Error::SerdeUnknownField { field, expected, .. } => {
            (format!("unknown key {}", quoted(field)), suggestion(field, expected, hidden, "the keys here are"))
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => {
            (format!("{} is not known here", quoted(variant)), suggestion(variant, expected, hidden, "write one of"))
        }
        Error::SerdeMissingField { field, .. } => (format!("`{field}` is missing"), format!("add the key `{field}`")),
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_deref().map_or("one key".to_owned(), |key| format!("the key {}", quoted(key)));
            (format!("{key} stands here for the second time"), "keep one of the two".to_owned())
        }
        Error::SerdeInvalidType { unexpected, expected, .. } if unexpected == "unit value" => no_value(expected),
        Error::NullIntoString { .. } => no_value("a value"),
        Error::SerdeInvalidType { unexpected, expected, .. }
        | Error::SerdeInvalidValue { unexpected, expected, .. } => (
            format!("{} stands where {expected} belongs", printable(&in_yaml(unexpected))),
            format!("write {expected}"),
        ),
        Error::InvalidBooleanStrict { .. } => {
            ("this is neither true nor false".to_owned(), "write `true` or `false`".to_owned())
        }
        Error::Unexpected { expected: "string scalar", .. } => (
            "a text belongs here".to_owned(),
            "write a text, in quotes where YAML would take it for something else".to_owned(),
        ),
        Error::Unexpected { expected, .. } => {
            let expected = in_yaml(expected);
            (format!("{expected} belongs here"), format!("write {expected}"))
        }
        Error::Budget { .. } => (
            "the document is too large, too deep or expands too far".to_owned(),
            "split it into smaller documents".to_owned(),
        ),
        other => {
            let message = DefaultMessageFormatter.format_message(other);
            (printable(&message), "mend the YAML at this place".to_owned())
        }
    }
}

/// Says that nothing stands behind a key or a dash.
fn no_value(expected: &str) -> (String, String) {
    ("no value stands here".to_owned(), format!("write {expected}, or remove the key"))
}

/// Puts the reader's name for a kind of value into the words of YAML.
fn in_yaml(kind: &str) -> String {
    match kind {
        "map" | "mapping start" => "a mapping".to_owned(),
        "sequence" | "sequence start" => "a list".to_owned(),
        other => {
            let (word, value) = other.split_once(' ').unwrap_or((other, ""));
            let word = match word {
                "integer" | "floating" => "the number",
                "string" => "the text",
                "boolean" => "the truth value",
                _ => return other.to_owned(),
            };
            format!("{word} {}", value.trim_start_matches("point "))
        }
    }
}

/// Returns the nearest right spelling, if one is near, and all of them.
fn suggestion(wrong: &str, expected: &[&'static str], hidden: &[&str], lead: &str) -> String {
    let legal: Vec<&str> = expected.iter().copied().filter(|name| !hidden.contains(name)).collect();
    let list = legal.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match nearest(wrong, &legal) {
        Some(name) => format!("did you mean `{name}`? {lead} {list}"),
        None => format!("{lead} {list}"),
    }
}

/// Returns the name that a person most likely meant: at most a third of its letters differ, upper case ignored.
pub fn nearest<'n>(wrong: &str, names: &[&'n str]) -> Option<&'n str> {
    if wrong.len() > QUOTE_CHARACTERS_MAX {
        return None;
    }
    let wrong = wrong.to_lowercase();
    let distance = |name: &str| strsim::damerau_levenshtein(&wrong, &name.to_lowercase());
    let near =
        names.iter().map(|name| (distance(name), *name)).filter(|(distance, name)| distance * 3 <= name.len().max(3));
    near.min().map(|(_, name)| name)
}

/// Quotes what a person wrote: one line of printable characters.
pub fn quoted(text: &str) -> String {
    if text.is_empty() { "an empty text".to_owned() } else { format!("`{}`", printable(text)) }
}

/// Cuts what is too long to read in a message, and makes the rest visible.
fn printable(text: &str) -> String {
    let cut: String = text.chars().take(QUOTE_CHARACTERS_MAX).collect();
    let rest = if text.chars().nth(QUOTE_CHARACTERS_MAX).is_some() { "…" } else { "" };
    format!("{}{rest}", visible(&cut))
}
