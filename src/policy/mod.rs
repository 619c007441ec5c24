//! Policies: which tag of an image runs, and where that is written; checked, each rule with its place in a file.
//!
//! [`parse`] takes a file apart into documents, reads each by `wire` and turns it into a [`Policy`] by `check`, or
//! into findings. What is invalid never means "everything". The room reads no files, lists no tags and chooses none:
//! `decision` does that, with the [`Filter`] and [`Order`] that stand here.

mod asked;
mod check;
mod fault;
mod filter;
mod glob;
mod interval;
mod jump;
mod name;
mod numeric;
mod order;
mod range;
pub mod schema;
mod shape;
mod version;
pub mod wire;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

pub use asked::{Asked, AskedOrder};
pub use filter::{Dropped, Extract, ExtractError, Filter, Pattern, PatternError, Reader};
pub use glob::{GlobError, PathGlob};
pub use interval::{IntervalError, duration};
pub use jump::Jump;
pub use name::{NameError, PolicyName};
pub use numeric::Number;
pub use order::{End, Order, Refusal, Value};
pub use range::{Miss, Range, RangeError};
pub use shape::{Shape, Unlike, hash_position};

use crate::document::{Document, text_of};
use crate::finding::{Finding, Position};
use crate::image::{Digest, Repository};
use crate::schedule::{Calendar, Cron, Freeze, LocalCron, Zones};

/// One policy, every part of it checked.
#[derive(Clone, Debug)]
pub struct Policy {
    /// What markers call it.
    pub name: PolicyName,
    /// The repository whose tags are listed.
    pub image: Repository,
    /// Which tags are looked at, and what of them is compared.
    pub filter: Filter,
    /// Which of two tags is the better one.
    pub order: Order,
    /// Where and how the order is written: the range, or the word after `numeric:`, `alphabetical:` or `likeCurrent:`.
    pub select: Rule,
    /// What is never written.
    pub guard: Guard,
    /// Where it is written; at least one entry.
    pub write: Vec<Write>,
    /// Whether the policy rests: nothing is listed, nothing is written.
    pub suspend: bool,
    /// When the tags are listed, where the policy or the defaults say so.
    pub pace: Option<Pace>,
    /// When changes may be written.
    pub calendar: Calendar,
    /// The SHA-256 of the document as read: of the whole file where it holds one policy.
    pub revision: Digest,
    /// Where its name stands.
    pub position: Position,
}

/// When the tags of a policy are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Again and again after this time: 10 seconds to 31 days.
    Every(Duration),
    /// In these minutes.
    Cron(LocalCron),
}

/// One rule as somebody wrote it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule {
    /// Where it stands.
    pub position: Position,
    /// Its text.
    pub text: Box<str>,
}

/// What is never written, whatever the order says.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Guard {
    /// Whether a tag below the current one may be written.
    pub downgrade: Downgrade,
    /// Where that is written, unless it is the default.
    pub rule: Option<Rule>,
    /// How far a tag may be from the current one, where something is said.
    pub max_jump: Option<Limit>,
}

/// How far a tag may be from the current one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The largest part that may change.
    pub jump: Jump,
    /// Where that is written.
    pub rule: Rule,
}

/// Whether a tag below the current one, in the policy's own order, may be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Downgrade {
    /// Never.
    #[default]
    Refuse,
    /// Like any other.
    Allow,
}

/// Files that a policy writes in.
#[derive(Clone, Debug, Default)]
pub struct Write {
    /// The repository's name in the settings; `None` means the only one.
    pub repository: Option<Box<str>>,
    /// Paths from the repository's root; none means everywhere.
    pub paths: Vec<PathGlob>,
    /// What is written.
    pub pin: Pin,
}

impl Write {
    /// Returns whether a file, named from the repository's root with `/`, may be written in.
    pub fn covers(&self, path: &str) -> bool {
        self.paths.is_empty() || self.paths.iter().any(|glob| glob.matches(path))
    }
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Pin {
    /// The tag. A place that carries a digest gets the digest of the new tag all the same.
    #[default]
    Tag,
    /// The tag with its digest.
    TagAtDigest,
}

/// What the policies of a file say that do not say otherwise, key by key; checked.
#[derive(Clone, Debug, Default)]
pub struct Defaults {
    namespace: Option<Box<str>>,
    every: Option<Duration>,
    cron: Option<Cron>,
    timezone: Option<TimeZone>,
    filter: Option<Filter>,
    guard: Option<Guard>,
    windows: Option<Vec<LocalCron>>,
    freezes: Vec<Freeze>,
    write: Option<Vec<Write>>,
    suspend: Option<bool>,
}

impl Defaults {
    /// Checks the defaults that stand in `document`. With a fault there are none: a filter that is broken here must
    /// not become no filter in every policy.
    pub fn check(document: &Document<'_>, wire: &wire::Defaults, zones: &Zones) -> Result<Self, Vec<Finding>> {
        check::defaults(document, wire, zones)
    }
}

/// What a file of policies holds.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The policies without a fault, in the order of the file.
    pub policies: Vec<Policy>,
    /// Everything that is wrong, in the order of the file.
    pub findings: Vec<Finding>,
}

/// Reads a file of policies that have no defaults, with the time zones that the program carries.
pub fn parse(file: &str, bytes: &[u8]) -> Parsed {
    parse_with(file, bytes, &Defaults::default(), &Zones::bundled())
}

/// Reads a file of policies. A document with a fault is left out and takes no other with it.
pub fn parse_with(file: &str, bytes: &[u8], defaults: &Defaults, zones: &Zones) -> Parsed {
    let text = match text_of(file, bytes) {
        Ok(text) => text,
        Err(finding) => return Parsed { policies: Vec::new(), findings: vec![finding] },
    };
    let file = Arc::from(file);
    let documents = Document::split(&file, text);
    let mut parsed = Parsed::default();
    if documents.is_empty() {
        parsed.findings.push(Finding::error(
            Position::file(file),
            "the file holds no policy",
            "write a policy into it, or remove the file",
        ));
    }
    for document in documents {
        match check::policy(&document, defaults, zones) {
            Ok(policy) => parsed.policies.push(policy),
            Err(findings) => parsed.findings.extend(findings),
        }
    }
    parsed
}

/// Drops every policy whose namespace and name another has too, with a finding on each.
pub fn without_duplicates(policies: Vec<Policy>) -> Parsed {
    let mut by_name: BTreeMap<&PolicyName, Vec<&Policy>> = BTreeMap::new();
    for policy in &policies {
        by_name.entry(&policy.name).or_default().push(policy);
    }
    let findings: Vec<_> = by_name.values().filter(|group| group.len() > 1).flat_map(|group| clashes(group)).collect();
    let is_alone = |policy: &Policy| findings.iter().all(|finding| finding.position != policy.position);
    let policies = policies.into_iter().filter(is_alone).collect();
    Parsed { policies, findings }
}

/// Returns a finding on each of the policies of one name, which names the place of the first other one.
fn clashes(group: &[&Policy]) -> Vec<Finding> {
    let clash = |(index, policy): (usize, &&Policy)| {
        let other = group.iter().enumerate().find(|(other, _)| *other != index).map(|(_, other)| &other.position)?;
        let cause = format!("another policy is named `{}` too, at {other}; neither is used", policy.name);
        Some(Finding::error(policy.position.clone(), cause, "rename one of them, or give it a `namespace` of its own"))
    };
    group.iter().enumerate().filter_map(clash).collect()
}

/// Returns the JSON Schema (draft 2020-12) of one policy document.
pub fn schema() -> serde_json::Value {
    schema::of::<wire::Policy>()
}

#[cfg(test)]
mod tests;
