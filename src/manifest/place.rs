//! The place of one value: where it stands, what it says, and why it is ours to write.

use std::ops::Range;
use std::sync::Arc;

use super::marker::Marker;
use crate::finding::Position;

/// One value of one file that a marker hands over to a policy.
///
/// A place belongs to the very bytes in which it was found: [`edit`](super::edit()) refuses it on any others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub(super) document: usize,
    pub(super) path: Box<str>,
    pub(super) position: Position,
    pub(super) marker: Marker,
    pub(super) value: Box<str>,
    pub(super) span: Range<usize>,
    pub(super) style: Style,
    pub(super) neighbours: Arc<Neighbours>,
    pub(super) aliases: Box<[Position]>,
}

/// What of an image stands in one mapping, marked or not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Neighbours {
    /// Where values that look like digests stand.
    pub digests: Vec<Position>,
    /// Where values stand whose keys say that they are tags; empty ones do not count.
    pub tags: Vec<Position>,
    /// The value of the key `registry`.
    pub registry: Option<Box<str>>,
}

/// How the author wrote a scalar; it stays so wherever every reader of YAML then still reads a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In `'`.
    SingleQuoted,
    /// In `"`.
    DoubleQuoted,
    /// The one line of text under `|-` or `>-`.
    Block,
}

impl Place {
    /// Returns the number of the document in its file, from 0.
    pub fn document(&self) -> usize {
        self.document
    }

    /// Returns the field as people write it: `spec.template.spec.containers[0].image`. A key that holds a dot, a
    /// bracket, a quote or white space is quoted; a document that is one value has the path `.`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the mapping or list that the value stands in, by its document and path.
    pub fn parent(&self) -> (usize, &str) {
        (self.document, parent(&self.path))
    }

    /// Returns what of an image stands in the same mapping.
    pub fn neighbours(&self) -> &Neighbours {
        &self.neighbours
    }

    /// Returns where the value begins.
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// Returns the marker that claims the value.
    pub fn marker(&self) -> &Marker {
        &self.marker
    }

    /// Returns the value as a reader of YAML gets it, without quotes and escapes.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Returns the bytes of the value in its file, quotes included.
    pub fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Returns how the author wrote the value.
    pub fn style(&self) -> Style {
        self.style
    }

    /// Returns where the aliases of an anchored value stand: they change together with it.
    pub fn aliases(&self) -> &[Position] {
        &self.aliases
    }
}

/// Returns the path without its last part: what stands before the last dot or bracket that is in no quotes.
fn parent(path: &str) -> &str {
    let (mut quoted, mut end) = (false, 0);
    let mut characters = path.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' if quoted => drop(characters.next()),
            '"' => quoted = !quoted,
            '.' | '[' if !quoted => end = at,
            _ => {}
        }
    }
    path.get(..end).unwrap_or_default()
}
