//! The proof: two texts differ by the intended values and by nothing else, for bytes and for readers of YAML.

use std::borrow::Cow;
use std::iter::Peekable;
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
    same_bytes_outside(before, after, changes)?;
    let mut expected = changes.iter().peekable();
    let mut old = scan::parser(before);
    let mut new = scan::parser(after);
    loop {
        match (old.next(), new.next()) {
            (None, None) => break,
            (Some(Ok((event, span))), Some(Ok((edited, _)))) => same_event(&event, &span, &edited, &mut expected)?,
            (Some(Err(_)), _) => return Err(Slip::NotThere { offset: next_offset(&mut expected) }),
            (Some(Ok((_, span))), Some(Err(_))) => return Err(Slip::Unreadable { offset: start(&span) }),
            (Some(Ok((_, span))), None) => return Err(Slip::Elsewhere { offset: start(&span) }),
            (None, Some(_)) => return Err(Slip::Elsewhere { offset: before.len() }),
        }
    }
    // A change that no scalar of the old text answered to was never a place of this text.
    expected.next().map_or(Ok(()), |change| Err(Slip::NotThere { offset: change.span.start }))
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

fn same_event<'c, 'e: 'c>(
    old: &Event<'_>,
    span: &Span,
    new: &Event<'_>,
    expected: &mut Peekable<impl Iterator<Item = &'c Change<'e>>>,
) -> Result<(), Slip> {
    let offset = start(span);
    let intended = match expected.peek() {
        Some(change) if is_at(change, old, span) => expected.next(),
        _ => None,
    };
    match intended {
        None if old == new => Ok(()),
        None => Err(Slip::Elsewhere { offset }),
        Some(change) => changed(old, new, change),
    }
}

/// Whether this event is the scalar whose bytes a change replaces. A block scalar's span ends behind its line break.
fn is_at(change: &Change<'_>, event: &Event<'_>, span: &Span) -> bool {
    let end = span.end.byte_offset().unwrap_or_default();
    let ends_well = if change.style == Style::Block { change.span.end <= end } else { change.span.end == end };
    matches!(event, Event::Scalar(..)) && start(span) == change.span.start && ends_well
}

/// Proves that a scalar went from the old to the new value and kept its tag, its anchor and, but for quotes around a
/// plain value, its style.
fn changed(old: &Event<'_>, new: &Event<'_>, change: &Change<'_>) -> Result<(), Slip> {
    let offset = change.span.start;
    let Event::Scalar(value, style, anchor, tag) = old else { return Err(Slip::NotThere { offset }) };
    if value != change.before {
        return Err(Slip::NotThere { offset });
    }
    let Event::Scalar(new_value, new_style, new_anchor, new_tag) = new else { return Err(Slip::Elsewhere { offset }) };
    let styled = style == new_style || (*style == ScalarStyle::Plain && *new_style == ScalarStyle::DoubleQuoted);
    let same = new_value == change.after && styled && anchor == new_anchor && tag == new_tag;
    if same { Ok(()) } else { Err(Slip::Elsewhere { offset }) }
}

fn next_offset<'c, 'e: 'c>(expected: &mut Peekable<impl Iterator<Item = &'c Change<'e>>>) -> usize {
    expected.peek().map_or(0, |change| change.span.start)
}

fn start(span: &Span) -> usize {
    span.start.byte_offset().unwrap_or_default()
}
