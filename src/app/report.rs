//! What a scan found and did: owned, free of borrows, ready to be shown.

use jiff::Zoned;

use super::failure::{Failure, Trouble};
use crate::finding::{Finding, Severity};
use crate::image::{Digest, Reference};
use crate::plan::{ChangeSet, Row, Standing, Unjudged, one_line};

/// What a scan of every repository found and did.
#[derive(Debug, Default)]
pub struct Report {
    /// One row for every claimed place, by repository, file and line.
    pub rows: Vec<PlaceRow>,
    /// The commits that landed; none in a dry run.
    pub commits: Vec<Commit>,
    /// The unified diffs of all files that change, in the order of repositories and paths.
    pub diff: Vec<u8>,
    /// What people should mend in repositories and policies.
    pub findings: Vec<Finding>,
    /// What could not be done.
    pub failures: Vec<Failure>,
}

/// Where one place stands.
#[derive(Clone, Debug)]
pub struct PlaceRow {
    /// The policy.
    pub policy: String,
    /// The repository's name in the settings.
    pub repository: String,
    /// The path in the repository.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The field, as people write its path.
    pub field: String,
    /// The value in Git.
    pub current: String,
    /// Where it stands.
    pub state: State,
    /// Why, in one sentence.
    pub reason: String,
}

/// Where a place stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It gets, or has just got, the new value.
    Changed {
        /// The new value, whole.
        to: String,
    },
    /// It is to get the new value, and its policy may not write now.
    Pending {
        /// The new value, whole.
        to: String,
        /// When it may be written, as far as that can be foreseen.
        until: Option<Zoned>,
        /// Why not now, in one line.
        why: String,
    },
    /// It keeps its value.
    Kept,
    /// Its policy is suspended.
    Suspended,
    /// It was to be judged or changed, and something is in the way.
    Blocked,
}

/// A commit that landed.
#[derive(Clone, Debug)]
pub struct Commit {
    /// The repository's name in the settings.
    pub repository: String,
    /// The branch.
    pub branch: String,
    /// The whole id.
    pub id: String,
    /// The first line of the message.
    pub subject: String,
}

impl PlaceRow {
    /// Returns the value in Git as short as people name it: of a reference the tag.
    pub fn short_current(&self) -> &str {
        if self.current.is_empty() { "nothing" } else { short(&self.current) }
    }

    /// Returns the new value as short as people name it, where there is one.
    pub fn short_target(&self) -> Option<&str> {
        match &self.state {
            State::Changed { to } | State::Pending { to, .. } => Some(short(to)),
            State::Kept | State::Suspended | State::Blocked => None,
        }
    }
}

/// Returns of `name:tag[@digest]` what follows the name, of anything else all.
fn short(value: &str) -> &str {
    let is_digest = Digest::parse(value).is_ok();
    let tagged = !is_digest && Reference::parse(value).is_ok_and(|reference| reference.tag.is_some());
    let name_end = value.split('@').next().and_then(|name| name.rfind(':'));
    name_end.filter(|_| tagged).and_then(|at| value.get(at + 1..)).unwrap_or(value)
}

impl Report {
    /// Returns whether there is trouble of any kind in it.
    pub fn has_trouble(&self) -> bool {
        !self.failures.is_empty() || self.has_errors()
    }

    /// Returns whether something in a repository or policy file kept a place from being judged or written.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Returns whether all trouble is that remotes were out of reach.
    pub fn is_only_unavailable(&self) -> bool {
        !self.failures.is_empty()
            && !self.has_errors()
            && self.failures.iter().all(|failure| failure.trouble.is_unavailable())
    }

    /// Returns whether nothing could be done because the settings are wrong or name what is not there.
    pub fn is_only_settings(&self) -> bool {
        let nothing_done = self.rows.is_empty() && self.commits.is_empty();
        nothing_done && !self.failures.is_empty() && self.failures.iter().all(|failure| failure.trouble.is_settings())
    }

    /// Says of every place that was to change why it could not.
    pub(super) fn block_changes(&mut self, reason: &str) {
        for row in self.rows.iter_mut().filter(|row| matches!(row.state, State::Changed { .. })) {
            row.state = State::Blocked;
            reason.clone_into(&mut row.reason);
        }
    }

    /// Names the repository in the places of findings, where there are several.
    pub(super) fn name_repository(&mut self, repository: &str) {
        for finding in &mut self.findings {
            finding.position.file = format!("{repository}:{}", finding.position.file).into();
        }
    }

    /// Adds what was found and done in one repository.
    pub(super) fn append(&mut self, part: Self) {
        self.rows.extend(part.rows);
        self.commits.extend(part.commits);
        self.diff.extend(part.diff);
        self.findings.extend(part.findings);
        self.failures.extend(part.failures);
    }

    /// Notes trouble of `subject`.
    pub(super) fn fail(&mut self, subject: impl Into<Box<str>>, trouble: impl Into<Trouble>) {
        self.failures.push(Failure { subject: subject.into(), trouble: trouble.into() });
    }

    /// Takes over where the places of `repository` stand.
    pub(super) fn take_rows(&mut self, repository: &str, set: &ChangeSet<'_>) {
        self.rows.extend(set.rows.iter().map(|row| place_row(repository, row)));
        self.findings.extend(set.findings.iter().cloned());
    }
}

fn place_row(repository: &str, row: &Row<'_>) -> PlaceRow {
    let place = row.claim.place;
    let (state, reason) = match &row.standing {
        Standing::Changes { to, decision } => (State::Changed { to: to.to_string() }, decision.reason.to_string()),
        Standing::Pending { to, decision, until, why } => {
            let why = one_line(&why.to_string());
            (State::Pending { to: to.to_string(), until: until.clone(), why }, decision.reason.to_string())
        }
        Standing::Keeps(decision) => (State::Kept, decision.reason.to_string()),
        Standing::Unjudged(Unjudged::Suspended) => (State::Suspended, "the policy is suspended".to_owned()),
        Standing::Unjudged(Unjudged::NotListed) => (State::Blocked, "the tags could not be listed".to_owned()),
        Standing::Blocked(cause) => (State::Blocked, cause.to_string()),
    };
    PlaceRow {
        policy: row.claim.policy.name.to_string(),
        repository: repository.to_owned(),
        file: row.claim.file.path.to_string(),
        line: place.position().line,
        field: place.path().to_owned(),
        current: place.value().to_owned(),
        state,
        reason,
    }
}
