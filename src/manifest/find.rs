//! Finding the marked values of one file, and every marker that cannot work.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::carrier::{Carriers, NoCarrier};
use super::marker::{self, Malformed, Marker, Words, may_hold_markers};
use super::place::{Neighbours, Place, Style};
use super::scan::{Node, Scan, Slot};
use super::source::Source;
use crate::finding::Finding;

/// The most markers of one file; a file that people keep by hand has a few dozen.
const MARKERS_MAX: usize = 10_000;

/// How the digests of the registered algorithms begin (OCI image specification 1.1).
const DIGEST_STARTS: [&str; 2] = ["sha256:", "sha512:"];

/// What the keys of digests hold, in small letters; a checksum beside an image is none.
const DIGEST_KEY_PARTS: [&str; 2] = ["digest", "sha"];

/// How the keys of tags end, in small letters: `tag`, `newTag`, `imageTag`.
const TAG_KEY_END: &str = "tag";

/// The key that charts have for the registry of the `repository` beside it.
const REGISTRY_KEY: &str = "registry";

/// What a file holds for us.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The marked values, in the order of the file.
    pub places: Vec<Place>,
    /// The markers that cannot work, in the order of the file; one for the whole file when it cannot be read.
    pub findings: Vec<Finding>,
}

/// Finds every marked value of one file and every marker that cannot work.
///
/// `file` is what findings call the file. A file without the words of a marker is none of our business: it is
/// not even read. Otherwise the whole file is refused, by one finding, when it is not UTF-8, larger than
/// [`FILE_BYTES_MAX`](super::FILE_BYTES_MAX) or not YAML without doubt.
pub fn find(file: &str, bytes: &[u8]) -> Found {
    if !may_hold_markers(bytes) {
        return Found::default();
    }
    let found = Source::open(file, bytes).and_then(|source| {
        bound(&source)?;
        let scan = Scan::read(&source)?;
        Ok(Finder { source: &source, scan: &scan, claims: BTreeMap::new(), findings: Vec::new() }.run())
    });
    found.unwrap_or_else(|refusal| Found { places: Vec::new(), findings: vec![refusal] })
}

/// Refuses a file with more markers than [`MARKERS_MAX`].
fn bound(source: &Source<'_>) -> Result<(), Finding> {
    let Some(offset) = marker::mentions(source.text.as_bytes()).nth(MARKERS_MAX) else { return Ok(()) };
    let cause = format!("the file holds more than {MARKERS_MAX} markers");
    Err(Finding::error(source.position(offset), cause, "split the file; until then no marker in it works"))
}

struct Finder<'s, 't> {
    source: &'s Source<'t>,
    scan: &'s Scan<'t>,
    /// The markers of each marked value, by the number of its node.
    claims: BTreeMap<usize, (Style, Vec<Marker>)>,
    findings: Vec<Finding>,
}

impl Finder<'_, '_> {
    fn run(mut self) -> Found {
        self.read_comments();
        self.report_text();
        let neighbours = self.neighbours();
        let mut places = Vec::new();
        for (number, (style, markers)) in std::mem::take(&mut self.claims) {
            if let Some(node) = self.scan.nodes.get(number) {
                let beside = node.parent.and_then(|parent| neighbours.get(&parent)).cloned().unwrap_or_default();
                places.extend(self.place(node, style, markers, beside));
            }
        }
        places.sort_by_key(|place| place.span.start);
        self.findings.sort();
        Found { places, findings: self.findings }
    }

    fn read_comments(&mut self) {
        let carriers = Carriers::new(self.source, self.scan);
        for comment in &self.scan.comments {
            let text = self.source.slice(comment.clone());
            let first_word = text.len() - text.trim_start_matches(['#', ' ', '\t']).len();
            let carrier = carriers.of(comment.start);
            for reading in marker::read(text) {
                let offset = comment.start + reading.offset;
                match (reading.words, &carrier) {
                    // A sentence about an automator; beside a value it is a marker that somebody meant.
                    (Err(Malformed::Capital), Err(_)) => {}
                    (_, Err(reason)) if reason.is_own_line() && reading.offset > first_word => {
                        self.report(offset, &NoCarrier::CommentedOut);
                    }
                    (_, Err(reason)) => self.report(offset, reason),
                    (Err(malformed), Ok(_)) => {
                        let position = self.source.position(offset);
                        self.findings.push(Finding::error(position, malformed.to_string(), reading.form.remedy()));
                    }
                    (Ok(words), Ok(carrier)) => self.claim(*carrier, words, offset),
                }
            }
        }
    }

    /// Hands a value over to the marker that claims it.
    fn claim(&mut self, (number, style): (usize, Style), words: Words, offset: usize) {
        let Words { namespace, policy, part } = words;
        let marker = Marker { namespace, policy, part, position: self.source.position(offset) };
        self.claims.entry(number).or_insert((style, Vec::new())).1.push(marker);
    }

    /// Reports the words of a marker that stand in a value, where no YAML reader sees a comment.
    fn report_text(&mut self) {
        let bytes = self.source.text.as_bytes();
        for offset in marker::mentions(bytes).filter(|offset| bytes.get(*offset) != Some(&b'A')) {
            let before = self.scan.comments.partition_point(|comment| comment.start <= offset);
            let comment = before.checked_sub(1).and_then(|last| self.scan.comments.get(last));
            if comment.is_none_or(|comment| comment.end <= offset) {
                self.findings.push(Finding::warning(
                    self.source.position(offset),
                    "a marker is found in text, not in a comment, so it marks no value",
                    "move it behind a value, as a comment, if it is meant to mark one",
                ));
            }
        }
    }

    /// Returns what of an image stands in each mapping, by the number of the mapping.
    fn neighbours(&self) -> BTreeMap<usize, Arc<Neighbours>> {
        let mut found: BTreeMap<usize, Neighbours> = BTreeMap::new();
        for node in &self.scan.nodes {
            let (Slot::Value(key), Some(parent), Some((value, _))) = (node.slot, node.parent, node.written_scalar())
            else {
                continue;
            };
            let key = self.scan.nodes.get(key).and_then(Node::text).unwrap_or_default().to_ascii_lowercase();
            let position = || self.source.position(node.span.start);
            let is_digest = DIGEST_STARTS.iter().any(|start| value.starts_with(start));
            if is_digest && DIGEST_KEY_PARTS.iter().any(|part| key.contains(part)) {
                found.entry(parent).or_default().digests.push(position());
            } else if key.ends_with(TAG_KEY_END) && !value.is_empty() {
                found.entry(parent).or_default().tags.push(position());
            } else if key == REGISTRY_KEY {
                found.entry(parent).or_default().registry = Some(value.into());
            }
        }
        found.into_iter().map(|(parent, neighbours)| (parent, Arc::new(neighbours))).collect()
    }

    /// Makes the place of a value that exactly one marker claims.
    fn place(
        &mut self,
        node: &Node<'_>,
        style: Style,
        markers: Vec<Marker>,
        neighbours: Arc<Neighbours>,
    ) -> Option<Place> {
        let mut markers = markers.into_iter();
        let marker = markers.next()?;
        let mut single = true;
        for other in markers {
            let cause = format!("two markers claim one value: this one and the one at {}", marker.position);
            self.findings.push(Finding::error(other.position, cause, "keep one of them; until then neither works"));
            single = false;
        }
        let Some(path) = self.scan.path(node) else {
            let reason = NoCarrier::LongPath;
            self.findings.push(Finding::error(marker.position, reason.to_string(), reason.remedy()));
            return None;
        };
        let (value, _) = node.written_scalar().filter(|_| single)?;
        let span =
            if style == Style::Block { node.span.start..node.span.start + value.len() } else { node.span.clone() };
        Some(Place {
            document: node.document,
            path,
            position: self.source.position(span.start),
            marker,
            value: value.into(),
            span,
            style,
            neighbours,
            aliases: self.scan.aliases(node).map(|alias| self.source.position(alias.span.start)).collect(),
        })
    }

    fn report(&mut self, offset: usize, reason: &NoCarrier) {
        let position = self.source.position(offset);
        let (cause, remedy) = (reason.to_string(), reason.remedy());
        self.findings.push(if reason.is_harmless() {
            Finding::warning(position, cause, remedy)
        } else {
            Finding::error(position, cause, remedy)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, causes: &[&str]) {
        let found = find("f", text.as_bytes());
        let read: Vec<_> = found.findings.iter().map(|finding| &*finding.cause).collect();
        assert_eq!((found.places.len(), read.as_slice()), (0, causes));
    }

    #[test]
    fn a_file_of_more_markers_than_anybody_writes_is_refused() {
        assert_eq!(find("f", "- v # automator: p\n".repeat(MARKERS_MAX).as_bytes()).places.len(), MARKERS_MAX);
        check(&"- v # automator: p\n".repeat(MARKERS_MAX + 1), &["the file holds more than 10000 markers"]);
    }

    #[test]
    fn a_file_of_more_values_than_anybody_writes_is_refused() {
        let values = "a,".repeat(500_000);
        check(&format!("[{values}] # automator: p"), &["the file holds more than 500000 keys and values"]);
    }

    #[test]
    fn a_path_longer_than_anybody_writes_is_refused() {
        let cause = "the path of the marked field is longer than any that people write";
        check(&format!("? {}\n: v # automator: p", "k".repeat(5000)), &[cause]);
        let deep = format!("{{{}: ", "k".repeat(50)).repeat(100);
        check(&format!("{deep}v{} # automator: p", "}".repeat(100)), &[cause]);
    }
}
