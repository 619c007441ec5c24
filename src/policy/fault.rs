//! What is wrong with one value that somebody wrote, and what to write instead, wherever it was written.

use super::filter::{ExtractError, Pattern, PatternError};
use super::range::RangeError;
use crate::document::{nearest, quoted};
use crate::finding::{Finding, Position};
use crate::image::ImageError;
use crate::text::visible;

/// A finding that has no place yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    cause: String,
    remedy: String,
}

impl Fault {
    /// Returns what is wrong with the name of a repository.
    pub(super) fn of_image(text: &str, error: ImageError) -> Self {
        let remedy = match error {
            ImageError::TagOrDigest => "remove the tag or digest; `select` chooses the tag",
            _ => "write `registry/repository`, for example `ghcr.io/stefanprodan/podinfo`",
        };
        Self::new(format!("{} is no repository: {error}", quoted(text)), remedy)
    }

    /// Returns what is wrong with a pattern.
    pub(super) fn of_pattern(text: &str, error: &PatternError) -> Self {
        let remedy = match error {
            PatternError::Empty => "write a pattern, or remove the key",
            PatternError::TooLarge => "write a shorter pattern, with smaller repetitions",
            PatternError::Syntax(_) => {
                "mend the pattern; look-around and back-references do not exist in this language"
            }
        };
        Self::new(format!("{} is no regular expression: {error}", quoted(text)), remedy)
    }

    /// Returns what is wrong with a template over the groups of `include`.
    pub(super) fn of_extract(text: &str, error: &ExtractError, include: &[Pattern]) -> Self {
        Self::new(format!("{} is no template: {error}", quoted(text)), &extract_remedy(error, include))
    }

    /// Returns what is wrong with a range.
    pub(super) fn of_range(text: &str, error: &RangeError) -> Self {
        let remedy = "write for example `>=6.0.0 <7.0.0`, `^1.2` or `1.x`; `*` takes every release";
        Self::new(format!("{} is no range: {error}", quoted(text)), remedy)
    }

    /// Returns the finding at its place.
    pub(super) fn at(self, position: Position) -> Finding {
        Finding::error(position, visible(&self.cause), self.remedy)
    }

    fn new(cause: String, remedy: &str) -> Self {
        Self { cause, remedy: remedy.to_owned() }
    }
}

/// Returns what to write instead of a template that is none: the group that was meant, where that can be guessed.
fn extract_remedy(error: &ExtractError, include: &[Pattern]) -> String {
    let general = "name a group of `include`: `$1`, `$name` or `${name}`; `$$` is a dollar sign";
    let ExtractError::UnknownGroup(unknown) = error else { return general.to_owned() };
    let names: Vec<&str> = include.iter().flat_map(Pattern::group_names).collect();
    let (number, text) = unknown.split_at(unknown.bytes().take_while(u8::is_ascii_digit).count());
    match nearest(unknown, &names) {
        Some(name) => format!("did you mean `${{{name}}}`?"),
        None if !number.is_empty() && !text.is_empty() => {
            format!("write `${{{number}}}{text}` for the group {number} and the text `{text}`")
        }
        None => general.to_owned(),
    }
}
