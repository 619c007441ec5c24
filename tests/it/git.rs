//! The Git room against the real `git`.

mod commits;
mod diffs;
mod hostile;
mod opening;
mod races;
mod signing;

use deployment_automator::git::{CommitDraft, CommitId, FileEdit, Location, Person, Remote, TreeFile};

use crate::support::bare::{Bare, COMMITTED_S};

fn open(bare: &Bare) -> Remote {
    Remote::open(&Location::Path(bare.path()), "main").unwrap()
}

fn draft(message: &str) -> CommitDraft {
    let person = Person::new("Automator", "automator@example.com").unwrap();
    CommitDraft {
        message: message.into(),
        author: person.clone(),
        committer: person,
        seconds: COMMITTED_S + 60,
        offset_minutes: 60,
    }
}

fn edit(path: &str, content: &str) -> FileEdit {
    FileEdit { path: path.into(), content: content.into() }
}

/// Returns each file of a commit as `path` with `*` if executable, or `path: reason` if skipped.
fn listed(remote: &Remote, at: CommitId) -> Vec<String> {
    let mut lines = Vec::new();
    remote
        .files(at, &mut |file| {
            lines.push(match file {
                TreeFile::Regular { path, executable, .. } => format!("{path}{}", if executable { "*" } else { "" }),
                TreeFile::Skipped { path, reason } => format!("{}: {reason:?}", String::from_utf8_lossy(path)),
            });
        })
        .unwrap();
    lines
}
