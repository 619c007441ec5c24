//! The nodes and comments of one file, read from the parser's events: which values there are, where, and under
//! which names. Text that the parser refuses ends here, with a finding.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span, StrInput, StructureStyle, Tag, options};

use super::marker;
use super::source::Source;
use crate::finding::Finding;

/// The most values, keys and collections of one file: they are held in memory, at about 140 bytes each. The largest
/// YAML file of the public repositories that were measured for this design has less than half as many.
const NODES_MAX: usize = 500_000;

/// The most comment lines on end; the parser holds them until it knows what follows.
const COMMENTS_ON_END_MAX: usize = 100_000;

/// The longest path of a field, in bytes; the longest that people write are under 300.
const PATH_BYTES_MAX: usize = 4096;

/// The namespace of YAML's own tags, such as `!!int`.
const STANDARD_TAGS: &str = "tag:yaml.org,2002:";

/// What a file holds, in the order of the file.
#[derive(Default)]
pub(super) struct Scan<'t> {
    /// Every key, value and collection; those of a collection stand directly behind it.
    pub(super) nodes: Vec<Node<'t>>,
    /// The comments in which markers may be, from `#` to the end of the line.
    pub(super) comments: Vec<Range<usize>>,
    /// The node of each anchor.
    anchored: BTreeMap<usize, usize>,
    /// The aliases of each anchor.
    aliases: BTreeMap<usize, Vec<usize>>,
}

/// One key, value or collection.
pub(super) struct Node<'t> {
    pub(super) content: Content<'t>,
    /// Its bytes. A block scalar's begin at its text; a block collection's are empty; so are those of a value
    /// that is left out.
    pub(super) span: Range<usize>,
    pub(super) slot: Slot,
    /// Whether it is a key or part of one.
    pub(super) in_key: bool,
    pub(super) document: usize,
    /// The parser's number of its anchor; 0 when it has none.
    pub(super) anchor: usize,
    /// One of YAML's own tags that makes it something else than a string, as written.
    pub(super) typed: Option<Box<str>>,
    /// Its own number and the numbers of everything inside it.
    pub(super) subtree: Range<usize>,
    pub(super) parent: Option<usize>,
}

/// What a node is.
pub(super) enum Content<'t> {
    Scalar { value: Cow<'t, str>, style: ScalarStyle },
    Alias { anchor: usize },
    Mapping(StructureStyle),
    Sequence(StructureStyle),
}

/// Where in its collection a node stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// It is the document.
    Root,
    Key,
    /// The value of the key with this number.
    Value(usize),
    /// The item of this index.
    Item(usize),
}

/// Returns the parser of a text as this room uses it, in finding and in proving alike.
pub(super) fn parser(text: &str) -> Parser<'_, StrInput<'_>> {
    Parser::new_from_str_with_options(text, parser_options())
}

/// Returns the finding for a text that is not YAML, naming what people usually did where it can be seen.
pub(super) fn refusal(source: &Source<'_>, error: &ScanError) -> Finding {
    let offset = error.marker().byte_offset().unwrap_or_default();
    let conflict = source.text.find("<<<<<<< ").filter(|&at| source.before_on_line(at).is_empty());
    let (offset, cause) = match conflict {
        Some(at) => (at, "the file holds an unresolved merge conflict".to_owned()),
        None if source.text.contains("{{") => {
            (offset, format!("the file is a template, not valid YAML: {}", error.info()))
        }
        None => (offset, format!("the file is not valid YAML: {}", error.info())),
    };
    Finding::error(source.position(offset), cause, "mend the file; until then no marker in it works")
}

impl<'t> Scan<'t> {
    /// Reads a whole file.
    pub(super) fn read(source: &Source<'t>) -> Result<Self, Finding> {
        let mut reader = Reader::default();
        for next in parser(source.text) {
            let (event, span) = next.map_err(|error| refusal(source, &error))?;
            if reader.scan.nodes.len() > NODES_MAX {
                let cause = format!("the file holds more than {NODES_MAX} keys and values");
                let remedy = "split the file; until then no marker in it works";
                return Err(Finding::error(source.position(start_of(&span)), cause, remedy));
            }
            reader.take(source, event, &span);
        }
        reader.scan.comments.sort_by_key(|comment| comment.start);
        Ok(reader.scan)
    }

    /// Returns the path of a value as people write it, or nothing when it is longer than anybody would.
    pub(super) fn path(&self, node: &Node<'_>) -> Option<Box<str>> {
        let mut names = Vec::new();
        let mut bytes = 0;
        let mut above = Some(node);
        while let Some(node) = above {
            let name = self.name(node.slot)?;
            bytes += name.len();
            if bytes > PATH_BYTES_MAX {
                return None;
            }
            names.push(name);
            above = node.parent.and_then(|parent| self.nodes.get(parent));
        }
        let path: String = names.iter().rev().map(String::as_str).collect();
        Some(if path.is_empty() { ".".into() } else { path.trim_start_matches('.').into() })
    }

    /// Returns the value of a key.
    pub(super) fn value_of(&self, key: &Node<'_>) -> Option<&Node<'t>> {
        self.nodes.get(key.subtree.end).filter(|value| value.slot == Slot::Value(key.subtree.start))
    }

    /// Returns the node that an alias stands for.
    pub(super) fn anchored(&self, anchor: usize) -> Option<&Node<'t>> {
        self.anchored.get(&anchor).and_then(|&node| self.nodes.get(node))
    }

    /// Returns the aliases of a node.
    pub(super) fn aliases(&self, node: &Node<'_>) -> impl Iterator<Item = &Node<'t>> {
        let aliases = self.aliases.get(&node.anchor).map(Vec::as_slice).unwrap_or_default();
        aliases.iter().filter_map(|&alias| self.nodes.get(alias))
    }

    /// Returns the last part of a path; nothing for a key that no path has room for.
    fn name(&self, slot: Slot) -> Option<String> {
        let key = match slot {
            Slot::Root | Slot::Key => return Some(String::new()),
            Slot::Item(index) => return Some(format!("[{index}]")),
            Slot::Value(key) => self.nodes.get(key)?,
        };
        match &key.content {
            Content::Scalar { value, .. } if value.len() > PATH_BYTES_MAX => None,
            Content::Scalar { value, .. } if is_bare(value) => Some(format!(".{value}")),
            Content::Scalar { value, .. } => Some(format!(".{value:?}")),
            Content::Alias { .. } => Some(".*".to_owned()),
            Content::Mapping(_) | Content::Sequence(_) => Some(".?".to_owned()),
        }
    }
}

impl Node<'_> {
    /// Returns the text of a scalar, a key's too.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { value, .. } => Some(value),
            Content::Alias { .. } | Content::Mapping(_) | Content::Sequence(_) => None,
        }
    }

    /// Returns the value and style of a scalar that is written out: not a key, and not left out.
    pub(super) fn written_scalar(&self) -> Option<(&str, ScalarStyle)> {
        match &self.content {
            Content::Scalar { value, style } if !self.in_key && (!self.span.is_empty() || is_block(*style)) => {
                Some((value, *style))
            }
            _ => None,
        }
    }

    /// Returns whether it is a collection in braces or brackets.
    pub(super) fn is_flow_collection(&self) -> bool {
        matches!(self.content, Content::Mapping(StructureStyle::Flow) | Content::Sequence(StructureStyle::Flow))
    }
}

/// Returns whether a style is `|` or `>`.
pub(super) fn is_block(style: ScalarStyle) -> bool {
    matches!(style, ScalarStyle::Literal | ScalarStyle::Folded)
}

/// Builds the nodes while the events come in.
#[derive(Default)]
struct Reader<'t> {
    scan: Scan<'t>,
    open: Vec<Open>,
    documents: usize,
}

/// A collection whose end has not come yet.
struct Open {
    node: usize,
    items: usize,
    /// In a mapping, the key that waits for its value.
    key: Option<usize>,
}

impl<'t> Reader<'t> {
    fn take(&mut self, source: &Source<'t>, event: Event<'t>, span: &Span) {
        match event {
            Event::DocumentStart(..) => self.documents += 1,
            Event::Comment(..) => self.comment(source, span),
            Event::Scalar(value, style, anchor, tag) => {
                self.push(Content::Scalar { value, style }, span, anchor, tag.as_deref());
            }
            Event::Alias(anchor) => {
                let alias = self.push(Content::Alias { anchor }, span, 0, None);
                self.scan.aliases.entry(anchor).or_default().push(alias);
            }
            Event::MappingStart(style, anchor, tag) => {
                self.open(Content::Mapping(style), span, anchor, tag.as_deref());
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.open(Content::Sequence(style), span, anchor, tag.as_deref());
            }
            Event::MappingEnd | Event::SequenceEnd => self.close(span),
            _ => {}
        }
    }

    fn comment(&mut self, source: &Source<'t>, span: &Span) {
        let range = start_of(span)..end_of(span);
        if marker::mentions(source.slice(range.clone()).as_bytes()).next().is_some() {
            self.scan.comments.push(range);
        }
    }

    fn open(&mut self, content: Content<'t>, span: &Span, anchor: usize, tag: Option<&Tag>) {
        let node = self.push(content, span, anchor, tag);
        self.open.push(Open { node, items: 0, key: None });
    }

    fn close(&mut self, span: &Span) {
        let end = self.scan.nodes.len();
        let closed = self.open.pop().and_then(|open| self.scan.nodes.get_mut(open.node));
        if let Some(node) = closed {
            node.subtree.end = end;
            if node.is_flow_collection() {
                node.span.end = end_of(span);
            }
        }
    }

    fn push(&mut self, content: Content<'t>, span: &Span, anchor: usize, tag: Option<&Tag>) -> usize {
        let number = self.scan.nodes.len();
        let parent = self.open.last().map(|open| open.node);
        let slot = self.slot(number);
        let above = parent.and_then(|parent| self.scan.nodes.get(parent));
        if anchor != 0 {
            self.scan.anchored.insert(anchor, number);
        }
        self.scan.nodes.push(Node {
            content,
            span: start_of(span)..end_of(span),
            slot,
            in_key: slot == Slot::Key || above.is_some_and(|above| above.in_key),
            document: self.documents.saturating_sub(1),
            anchor,
            typed: tag.and_then(foreign_type),
            subtree: number..number + 1,
            parent,
        });
        number
    }

    /// Returns the slot of the node with this number and moves on to the next one.
    fn slot(&mut self, number: usize) -> Slot {
        let Some(open) = self.open.last_mut() else { return Slot::Root };
        let above = self.scan.nodes.get(open.node).map(|node| &node.content);
        if matches!(above, Some(Content::Mapping(_))) {
            if let Some(key) = open.key.take() {
                Slot::Value(key)
            } else {
                open.key = Some(number);
                Slot::Key
            }
        } else {
            open.items += 1;
            Slot::Item(open.items - 1)
        }
    }
}

fn parser_options() -> Options {
    options! { emit_comments: true, max_buffered_comment_events: COMMENTS_ON_END_MAX }
}

/// Returns one of YAML's own tags that is not that of strings. Tags that people invented say nothing about the
/// text of a value.
fn foreign_type(tag: &Tag) -> Option<Box<str>> {
    let name = tag.suffix_in_namespace(STANDARD_TAGS)?;
    (name != "str").then(|| tag.original().into())
}

/// Whether a key can stand in a path without quotes.
fn is_bare(key: &str) -> bool {
    !key.is_empty()
        && !key.contains(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '.' | '[' | ']' | '"'))
}

fn start_of(span: &Span) -> usize {
    span.start.byte_offset().unwrap_or_default()
}

fn end_of(span: &Span) -> usize {
    span.end.byte_offset().unwrap_or_default()
}
