//! The proof: two texts differ by the intended values and by nothing else, for bytes and for readers of YAML.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{Event, ScalarStyle, Span};

use super::place::Style;
use super::scan;

/// One intended change.
pub(super) struct Change<'e> {
    /// The bytes of the old value.
    pub(super) span: Range<usize>,
    pub(super) style: Style,
    /// The old value, without quotes.
    pub(super) before: &'e str,
    /// The new value, without quotes.
    pub(super) after: &'e str,
    /// The new value as it stands in the file.
    pub(super) written: Cow<'e, str>,
}

/// Why an edit is not accepted; each with the place in the text before it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Slip {
    #[error("it has changed since its markers were read")]
    NotThere { offset: usize },
    #[error("something else than the marked values would change")]
    Elsewhere { offset: usize },
    #[error("the result would not be YAML")]
    Unreadable { offset: usize },
    #[error("two parsers disagree on where the value is")]
    Disputed { offset: usize },
}

impl Slip {
    /// Returns what to do about it.
    pub(super) fn remedy(&self) -> &'static str {
        match self {
            Self::NotThere { .. } => "read the file again and decide anew",
            Self::Elsewhere { .. } | Self::Unreadable { .. } | Self::Disputed { .. } => {
                "edit this value by hand, and report the file to us"
            }
        }
    }

    /// Returns the place, in bytes of the text before the edit.
    pub(super) fn offset(&self) -> usize {
        let (Self::NotThere { offset }
        | Self::Elsewhere { offset }
        | Self::Unreadable { offset }
        | Self::Disputed { offset }) = self;
        *offset
    }
}

/// Proves that `after` is `before` with these changes, which are in the order of the text.
pub(super) fn differs_only_by(before: &str, after: &str, changes: &[Change<'_>]) -> Result<(), Slip> {
    same_bytes_outside(before, after, changes)
        .and_then(|()| same_events(before, after, changes))
        .map_err(|slip| not_there(before, changes).unwrap_or(slip))
}

fn same_bytes_outside(before: &str, after: &str, changes: &[Change<'_>]) -> Result<(), Slip> {
    let (mut old, mut new) = (0, 0);
    for change in changes {
        let length = change.span.start.saturating_sub(old);
        if before.get(old..change.span.start) != after.get(new..new + length) {
            return Err(Slip::Elsewhere { offset: old });
        }
        old = change.span.end;
        new += length + change.written.len();
    }
    if before.get(old..) == after.get(new..) { Ok(()) } else { Err(Slip::Elsewhere { offset: old }) }
}

fn same_events(before: &str, after: &str, changes: &[Change<'_>]) -> Result<(), Slip> {
    let mut expected = changes.iter().peekable();
    let mut old = scan::parser(before);
    let mut new = scan::parser(after);
    loop {
        let (event, span, edited) = match (old.next(), new.next()) {
            (None, None) => break,
            (Some(Ok((event, span))), Some(Ok((edited, _)))) => (event, span, edited),
            (Some(Ok((_, span))), Some(Err(_))) => return Err(Slip::Unreadable { offset: start(&span) }),
            _ => return Err(Slip::Elsewhere { offset: before.len() }),
        };
        let same = match expected.next_if(|change| is_at(change, &event, &span)) {
            Some(change) => is_changed(&event, &edited, change),
            None => event == edited,
        };
        if !same {
            return Err(Slip::Elsewhere { offset: start(&span) });
        }
    }
    expected.next().map_or(Ok(()), |change| Err(Slip::Elsewhere { offset: change.span.start }))
}

/// Returns the first change that was never a place of this text.
fn not_there(before: &str, changes: &[Change<'_>]) -> Option<Slip> {
    let mut expected = changes.iter().peekable();
    for (event, span) in scan::parser(before).map_while(Result::ok) {
        expected.next_if(|change| is_at(change, &event, &span));
    }
    expected.next().map(|change| Slip::NotThere { offset: change.span.start })
}

/// Whether this event is the scalar that a change replaces. A block scalar's span ends behind its line break.
fn is_at(change: &Change<'_>, event: &Event<'_>, span: &Span) -> bool {
    let ends_well =
        if change.style == Style::Block { change.span.end <= end(span) } else { change.span.end == end(span) };
    matches!(event, Event::Scalar(value, ..) if value == change.before) && start(span) == change.span.start && ends_well
}

/// Whether a scalar got its new value and kept its tag, its anchor and, but for quotes around a plain value, its
/// style.
fn is_changed(old: &Event<'_>, new: &Event<'_>, change: &Change<'_>) -> bool {
    let (Event::Scalar(_, style, anchor, tag), Event::Scalar(new_value, new_style, new_anchor, new_tag)) = (old, new)
    else {
        return false;
    };
    let styled = style == new_style || (*style == ScalarStyle::Plain && *new_style == ScalarStyle::DoubleQuoted);
    new_value == change.after && styled && anchor == new_anchor && tag == new_tag
}

fn start(span: &Span) -> usize {
    span.start.byte_offset().unwrap_or_default()
}

fn end(span: &Span) -> usize {
    span.end.byte_offset().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Judges `after` as the result of replacing the first `6.0.0` of `before`.
    fn check(before: &str, after: &str, style: Style, written: &str, expected: &Result<(), Slip>) {
        let start = before.find("6.0.0").unwrap();
        let quotes = usize::from(matches!(style, Style::SingleQuoted | Style::DoubleQuoted));
        let change = Change {
            span: start - quotes..start + "6.0.0".len() + quotes,
            style,
            before: "6.0.0",
            after: "6.1.0",
            written: written.into(),
        };
        assert_eq!(&differs_only_by(before, after, &[change]), expected);
    }

    fn plain(before: &str, after: &str, expected: &Result<(), Slip>) {
        check(before, after, Style::Plain, "6.1.0", expected);
    }

    #[test]
    fn the_intended_change_is_accepted_in_every_style() {
        plain("a: 6.0.0 # c\n", "a: 6.1.0 # c\n", &Ok(()));
        check("a: 6.0.0\n", "a: \"6.1.0\"\n", Style::Plain, "\"6.1.0\"", &Ok(()));
        check("a: '6.0.0'\n", "a: '6.1.0'\n", Style::SingleQuoted, "'6.1.0'", &Ok(()));
        check("a: \"6.0.0\"\n", "a: \"6.1.0\"\n", Style::DoubleQuoted, "\"6.1.0\"", &Ok(()));
        check("a: |-\n  6.0.0\n", "a: |-\n  6.1.0\n", Style::Block, "6.1.0", &Ok(()));
    }

    #[test]
    fn a_changed_byte_outside_the_value_is_a_slip() {
        plain("a: 6.0.0 # c\n", "a: 6.1.0  # c\n", &Err(Slip::Elsewhere { offset: 8 }));
        plain("a: 6.0.0\n", "a: 6.1.0", &Err(Slip::Elsewhere { offset: 8 }));
        plain("b: 1\na: 6.0.0\n", "b: 2\na: 6.1.0\n", &Err(Slip::Elsewhere { offset: 0 }));
    }

    #[test]
    fn another_value_than_the_intended_one_is_a_slip() {
        plain("a: 6.0.0\n", "a: 6.2.0\n", &Err(Slip::Elsewhere { offset: 3 }));
        check("a: 6.0.0\n", "a: '6.1.0'\n", Style::Plain, "'6.1.0'", &Err(Slip::Elsewhere { offset: 3 }));
        check("a: 6.0.0 # c\n", "a: 6.1.0 #c # c\n", Style::Plain, "6.1.0 #c", &Err(Slip::Elsewhere { offset: 9 }));
        check("a: 6.0.0\n", "a: &x 6.1.0\n", Style::Plain, "&x 6.1.0", &Err(Slip::Elsewhere { offset: 3 }));
        check("a: 6.0.0\n", "a: !x 6.1.0\n", Style::Plain, "!x 6.1.0", &Err(Slip::Elsewhere { offset: 3 }));
        check("a: 6.0.0\n", "a: [6.1.0]\n", Style::Plain, "[6.1.0]", &Err(Slip::Elsewhere { offset: 3 }));
        check("a: 6.0.0\n", "a: 6.1.0\nb: 1\n", Style::Plain, "6.1.0\nb: 1", &Err(Slip::Elsewhere { offset: 9 }));
    }

    #[test]
    fn a_result_that_is_not_yaml_is_a_slip() {
        check("a: 6.0.0\n", "a: [\n", Style::Plain, "[", &Err(Slip::Elsewhere { offset: 3 }));
        check("a: 6.0.0\n", "a: b: c\n", Style::Plain, "b: c", &Err(Slip::Elsewhere { offset: 3 }));
        check("a: 6.0.0\n", "a: \"\n", Style::Plain, "\"", &Err(Slip::Unreadable { offset: 3 }));
    }

    #[test]
    fn a_place_of_another_text_is_not_there() {
        let change = |span| Change { span, style: Style::Plain, before: "6.0.0", after: "1", written: "1".into() };
        let slip = |before: &str, after: &str, span| differs_only_by(before, after, &[change(span)]);
        assert_eq!(slip("a: 5.0.0\n", "a: 1\n", 3..8), Err(Slip::NotThere { offset: 3 }));
        assert_eq!(slip("long: 6.0.0\n", "lon1.0\n", 3..8), Err(Slip::NotThere { offset: 3 }));
        assert_eq!(slip("# 6.0.0\n", "# 1\n", 2..7), Err(Slip::NotThere { offset: 2 }));
    }
}
