//! The latest commits of the branch, with their signatures checked.

use git2::{Commit, Repository, Sort};

use super::CommitId;
use super::error::{GitError, not_read};
use super::remote::Remote;
use super::sign::signing_key;

/// One commit as a person reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEntry {
    /// Its name.
    pub id: CommitId,
    /// `name <e-mail address>` of the author.
    pub author: String,
    /// When it was committed, in seconds since 1970 (UTC).
    pub seconds: i64,
    /// The whole message.
    pub message: String,
    /// Whether it is signed.
    pub signature: Signature,
}

/// Whether a commit is signed, and by which key; whose key that is, the reader has to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signature {
    /// It is not.
    Missing,
    /// It is, and the signature fits the commit and the key of this fingerprint, `SHA256:…`.
    Good(String),
    /// There is one that fits not, or is of a kind that is not read here.
    Bad,
}

impl Remote {
    /// Returns the latest commits by first parents, at most `max`, the newest first.
    pub fn log(&self, max: usize) -> Result<Vec<LogEntry>, GitError> {
        let repository = self.repository();
        let failed = |error: git2::Error| not_read(self.name(), &error);
        let tip = self.tip()?;
        let mut walk = repository.revwalk().map_err(failed)?;
        walk.set_sorting(Sort::TOPOLOGICAL).map_err(failed)?;
        walk.simplify_first_parent().map_err(failed)?;
        walk.push(tip.0).map_err(failed)?;
        let mut entries = Vec::new();
        for id in walk.take(max) {
            let commit = repository.find_commit(id.map_err(failed)?).map_err(failed)?;
            entries.push(entry(repository, &commit));
        }
        Ok(entries)
    }
}

fn entry(repository: &Repository, commit: &Commit<'_>) -> LogEntry {
    LogEntry {
        id: CommitId(commit.id()),
        author: commit.author().to_string(),
        seconds: commit.time().seconds(),
        message: String::from_utf8_lossy(commit.message_bytes()).into_owned(),
        signature: signature(repository, commit),
    }
}

fn signature(repository: &Repository, commit: &Commit<'_>) -> Signature {
    let Ok((signature, signed)) = repository.extract_signature(&commit.id(), None) else { return Signature::Missing };
    signing_key(&signature, &signed).map_or(Signature::Bad, Signature::Good)
}
