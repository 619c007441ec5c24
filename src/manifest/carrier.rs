//! Which value a marker's comment belongs to, and why it belongs to none.
//!
//! The rule is the contract's: the comment stands on the value's own line, or on the line of a block scalar's
//! `|-` or `>-`. One value must be meant without doubt; nothing is guessed from what a value looks like.

use std::collections::BTreeSet;

use granit_parser::{ScalarStyle, StructureStyle};

use super::place::Style;
use super::scan::{Content, Node, Scan, Slot, is_block};
use super::source::Source;

/// What a null is written as where it is not left out (YAML 1.2, 10.3.2).
const NULLS: [&str; 4] = ["~", "null", "Null", "NULL"];

/// What stands in a value that another program fills in later: Helm and Go templates, Flux's substitution.
const EXPRESSIONS: [&str; 2] = ["{{", "${"];

/// Why a marker marks no value.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoCarrier {
    #[error("the marker stands on a line of its own, where it marks no value")]
    OwnLine,
    #[error("the marker stands above a list item, not behind its value")]
    AboveItem,
    #[error("the marker stands on a line that is commented out, so it marks no value")]
    CommentedOut,
    #[error("no value stands on the marker's line")]
    NoValue,
    #[error("the marker stands behind a key, not behind a value")]
    Key,
    #[error("several values stand before the marker, and any of them could be meant")]
    Ambiguous,
    #[error("`{0}` is a mapping, which is not one value")]
    Mapping(Box<str>),
    #[error("`{0}` is a list, which is not one value")]
    Sequence(Box<str>),
    #[error("the value of `{path}` begins on line {line}, not on the marker's line")]
    OtherLine { path: Box<str>, line: u32 },
    #[error("`{0}` has no value that could be replaced")]
    Null(Box<str>),
    #[error("`{path}` is an alias: its value stands on line {line}")]
    Alias { path: Box<str>, line: u32 },
    #[error("the value of `{0}` spans more than one line")]
    MultiLine(Box<str>),
    #[error("the block scalar `{0}` keeps the line break behind its value")]
    KeepsLineBreak(Box<str>),
    #[error("`{path}` is tagged `{tag}`, so its value is not a string")]
    Typed { path: Box<str>, tag: Box<str> },
    #[error("the value of `{0}` is a template that another program fills in")]
    Expression(Box<str>),
    #[error("the path of the marked field is longer than any that people write")]
    LongPath,
}

impl NoCarrier {
    /// Returns what to do about it.
    pub(super) fn remedy(&self) -> String {
        match self {
            Self::OwnLine => "move it behind the value that it is for, on the same line".to_owned(),
            Self::AboveItem => {
                "move it behind the item's value, on the same line: markers above an item are not read yet".to_owned()
            }
            Self::CommentedOut => "bring the line back, or remove the marker".to_owned(),
            Self::NoValue | Self::Key | Self::OtherLine { .. } => "move the marker to the value's own line".to_owned(),
            Self::Ambiguous => "give the marked value a line of its own".to_owned(),
            Self::Mapping(_) | Self::Sequence(_) => {
                "move the marker to the line of the value inside that it is for".to_owned()
            }
            Self::Null(_) => "write the value that runs now, or \"\" when there is none yet".to_owned(),
            Self::Alias { line, .. } => format!("move the marker to line {line}"),
            Self::MultiLine(_) => "write the value on one line".to_owned(),
            Self::KeepsLineBreak(_) => "write |- or >- instead of | or >, or the value behind its key".to_owned(),
            Self::Typed { .. } => "remove the tag".to_owned(),
            Self::Expression(_) => "remove the marker, or write the value itself".to_owned(),
            Self::LongPath => "shorten the keys above it".to_owned(),
        }
    }

    /// Returns whether the comment stands on a line of its own.
    pub(super) fn is_own_line(&self) -> bool {
        matches!(self, Self::OwnLine | Self::AboveItem)
    }

    /// Returns whether somebody probably wanted it so.
    pub(super) fn is_harmless(&self) -> bool {
        matches!(self, Self::CommentedOut)
    }
}

/// The nodes of a file by the line on which a marker for them would stand.
pub(super) struct Carriers<'s, 't> {
    source: &'s Source<'t>,
    scan: &'s Scan<'t>,
    by_line: Vec<(usize, usize)>,
}

impl<'s, 't> Carriers<'s, 't> {
    pub(super) fn new(source: &'s Source<'t>, scan: &'s Scan<'t>) -> Self {
        let mut by_line: Vec<_> =
            scan.nodes.iter().enumerate().map(|(number, node)| (marker_line(source, node), number)).collect();
        by_line.sort_unstable();
        Self { source, scan, by_line }
    }

    /// Returns the number of the node that carries the comment at this offset, and how it is written.
    pub(super) fn of(&self, comment: usize) -> Result<(usize, Style), NoCarrier> {
        if self.source.before_on_line(comment).trim_start_matches([' ', '\t']).is_empty() {
            return Err(if self.item_below(comment) { NoCarrier::AboveItem } else { NoCarrier::OwnLine });
        }
        let line = self.source.line(comment);
        let candidates = self.candidates(line);
        let mut candidates = candidates.iter();
        match (candidates.next(), candidates.next()) {
            (Some(&number), None) => self.judge(number),
            (Some(_), Some(_)) => Err(NoCarrier::Ambiguous),
            (None, _) => Err(self.absence(comment)),
        }
    }

    /// Collects values that a marker on this line could mean: those that end on it, and those of the collections
    /// in braces or brackets that end on it. More than two are not needed to know that there are several.
    fn candidates(&self, line: usize) -> BTreeSet<usize> {
        let mut candidates = BTreeSet::new();
        for (number, node) in self.on_line(line) {
            let range = if node.is_flow_collection() { node.subtree.clone() } else { number..number + 1 };
            let inside = self.scan.nodes.get(range.clone()).unwrap_or_default();
            candidates
                .extend(range.zip(inside).filter(|(_, node)| is_candidate(node)).map(|(number, _)| number).take(2));
        }
        candidates
    }

    fn on_line(&self, line: usize) -> impl DoubleEndedIterator<Item = (usize, &'s Node<'t>)> {
        let from = self.by_line.partition_point(|(other, _)| *other < line);
        let to = self.by_line.partition_point(|(other, _)| *other <= line);
        let numbers = self.by_line.get(from..to).unwrap_or_default();
        numbers.iter().filter_map(|&(_, number)| Some((number, self.scan.nodes.get(number)?)))
    }

    /// Refuses the one candidate when its value cannot be replaced.
    fn judge(&self, number: usize) -> Result<(usize, Style), NoCarrier> {
        let node = self.scan.nodes.get(number).ok_or(NoCarrier::NoValue)?;
        let path = || self.path(node);
        if let Content::Alias { anchor } = node.content {
            let line = self.scan.anchored(anchor).map_or(0, |anchored| self.source.position(anchored.span.start).line);
            return Err(NoCarrier::Alias { path: path(), line });
        }
        let (value, style) = node.written_scalar().ok_or(NoCarrier::NoValue)?;
        if let Some(tag) = &node.typed {
            return Err(NoCarrier::Typed { path: path(), tag: tag.clone() });
        }
        if style == ScalarStyle::Plain && NULLS.contains(&value) {
            return Err(NoCarrier::Null(path()));
        }
        if EXPRESSIONS.iter().any(|expression| value.contains(expression)) {
            return Err(NoCarrier::Expression(path()));
        }
        self.style(node, value, style).map(|style| (number, style))
    }

    /// Returns the style of a scalar that stands on one line.
    fn style(&self, node: &Node<'_>, value: &str, style: ScalarStyle) -> Result<Style, NoCarrier> {
        if is_block(style) {
            let raw = self.source.slice(node.span.start..node.span.start + value.len());
            return match value.strip_suffix('\n') {
                Some(line) if !line.contains('\n') => Err(NoCarrier::KeepsLineBreak(self.path(node))),
                None if value.is_empty() => Err(NoCarrier::Null(self.path(node))),
                None if raw == value && !value.contains('\n') => Ok(Style::Block),
                _ => Err(NoCarrier::MultiLine(self.path(node))),
            };
        }
        if self.source.slice(node.span.clone()).contains(['\n', '\r']) {
            return Err(NoCarrier::MultiLine(self.path(node)));
        }
        Ok(match style {
            ScalarStyle::SingleQuoted => Style::SingleQuoted,
            ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
            _ => Style::Plain,
        })
    }

    /// Says why the line of a comment has no candidate, by the last thing that stands on it.
    fn absence(&self, comment: usize) -> NoCarrier {
        let last = self.on_line(self.source.line(comment)).next_back().map(|(_, last)| last);
        let Some(last) = last.filter(|last| !is_block_collection(last)) else { return NoCarrier::NoValue };
        let value = if last.slot == Slot::Key { self.scan.value_of(last) } else { Some(last) };
        let Some(value) = value else { return NoCarrier::Key };
        // What a template makes of `{{ }}` is a mapping in a mapping.
        if EXPRESSIONS.iter().any(|expression| self.source.before_on_line(comment).contains(expression)) {
            return NoCarrier::Expression(self.path(value));
        }
        match &value.content {
            _ if value.in_key => NoCarrier::Key,
            Content::Mapping(_) => NoCarrier::Mapping(self.path(value)),
            Content::Sequence(_) => NoCarrier::Sequence(self.path(value)),
            Content::Scalar { .. } if value.written_scalar().is_none() => NoCarrier::Null(self.path(value)),
            _ => {
                let line = self.source.position(value.span.start).line;
                NoCarrier::OtherLine { path: self.path(value), line }
            }
        }
    }

    /// Whether the next line begins with a value in a list in block style: where Flux reads a marker above it.
    fn item_below(&self, comment: usize) -> bool {
        let mut below = self.on_line(self.source.line(comment) + 1);
        below.any(|(_, node)| matches!(node.slot, Slot::Item(_)) && node.written_scalar().is_some())
    }

    fn path(&self, node: &Node<'_>) -> Box<str> {
        self.scan.path(node).unwrap_or_default()
    }
}

/// Returns the line, from 0, on which a marker for this node would stand: that on which it ends; for a block
/// scalar that of its `|` or `>`; for a block collection that on which it begins.
fn marker_line(source: &Source<'_>, node: &Node<'_>) -> usize {
    match &node.content {
        Content::Scalar { value, style } if is_block(*style) => {
            // The span begins at the first line of text that is not empty; every empty one before it is a line
            // break of the value.
            let empty = value.bytes().take_while(|byte| *byte == b'\n').count();
            source.line(node.span.start).saturating_sub(1 + empty)
        }
        _ if is_block_collection(node) => source.line(node.span.start),
        _ => source.line(node.span.end),
    }
}

fn is_block_collection(node: &Node<'_>) -> bool {
    matches!(node.content, Content::Mapping(StructureStyle::Block) | Content::Sequence(StructureStyle::Block))
}

fn is_candidate(node: &Node<'_>) -> bool {
    node.written_scalar().is_some() || (matches!(node.content, Content::Alias { .. }) && !node.in_key)
}
