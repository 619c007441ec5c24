//! A second opinion on where scalars are, from a parser that keeps every byte.
//!
//! The one place that names `yaml_edit`. Nothing of it is used but the byte ranges of its scalars: its own setters
//! lose quotes, blanks and anchors. It may only be given text that the strict parser has accepted, since some
//! texts that are not YAML keep it busy for very long.

use std::ops::Range;

use yaml_edit::visitor::{YamlAccept, YamlVisitor};
use yaml_edit::{Scalar, YamlFile};

/// The byte ranges of the scalars of one text. A block scalar's range begins at its `|` or `>`.
pub(super) struct SecondOpinion {
    ranges: Vec<Range<usize>>,
}

impl SecondOpinion {
    /// Reads a text that the strict parser has accepted.
    pub(super) fn of(text: &str) -> Self {
        let mut collector = Collector(Vec::new());
        YamlFile::parse(text).tree().accept(&mut collector);
        let mut ranges = collector.0;
        ranges.sort_by_key(|range| (range.start, range.end));
        Self { ranges }
    }

    /// Returns whether exactly these bytes are a scalar.
    pub(super) fn has_scalar(&self, span: &Range<usize>) -> bool {
        self.ranges.binary_search_by_key(&(span.start, span.end), |range| (range.start, range.end)).is_ok()
    }

    /// Returns whether these bytes are part of one scalar that begins before them.
    pub(super) fn has_scalar_around(&self, span: &Range<usize>) -> bool {
        let before = self.ranges.partition_point(|range| range.start < span.start);
        let around = before.checked_sub(1).and_then(|last| self.ranges.get(last));
        around.is_some_and(|range| span.end <= range.end)
    }
}

struct Collector(Vec<Range<usize>>);

impl YamlVisitor for Collector {
    fn visit_scalar(&mut self, scalar: &Scalar) {
        let range = scalar.byte_range();
        self.0
            .extend(usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok()).map(|(from, to)| from..to));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scalar_is_its_text_with_its_quotes_and_nothing_else() {
        let text = "a: &x !!str 'b' # c\n";
        let second = SecondOpinion::of(text);
        assert!(second.has_scalar(&(12..15)));
        for span in [13..14, 12..16, 3..15, 16..19, 0..15] {
            assert!(!second.has_scalar(&span), "{span:?}");
        }
    }

    #[test]
    fn the_text_of_a_block_scalar_is_part_of_one_that_begins_before_it() {
        let text = "a: |- # c\n  b\nd: e\n";
        let second = SecondOpinion::of(text);
        assert!(second.has_scalar_around(&(12..13)));
        for span in [12..15, 14..15, 17..18, 0..1] {
            assert!(!second.has_scalar_around(&span), "{span:?}");
        }
    }
}
