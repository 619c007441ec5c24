//! One commit: some files of its parent with new content, and who says so.
//!
//! Everything is made in memory here; `remote.rs` has it written when all of it is there and the signature holds.

use std::fmt::{self, Write as _};

use git2::{ObjectType, Oid};

use super::CommitId;
use super::error::GitError;
use super::files::DEPTH_MAX;
use super::objects::Objects;
use super::sign::Signer;
use super::staged::Staged;
use super::tree::{ID_BYTES, Mode, entries};

/// Bytes of a person's name or e-mail address.
const PERSON_BYTES_MAX: usize = 256;

/// The last second that commits are dated with: the end of the year 9999.
const SECONDS_MAX: i64 = 253_402_300_799;

/// The widest distance of a time zone from UTC in minutes, well past any that is used.
const OFFSET_MINUTES_MAX: i32 = 24 * 60 - 1;

/// Somebody who writes commits.
///
/// Invariant: neither part is empty or holds `<`, `>` or a control character, so nothing can end a header line early.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Person {
    name: Box<str>,
    email: Box<str>,
}

/// A new content for one file that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEdit {
    /// The path from the root, with slashes.
    pub path: String,
    /// The whole new content.
    pub content: Vec<u8>,
}

/// What a commit says besides its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitDraft {
    /// The message, ready as it is; it must not hold a NUL.
    pub message: String,
    /// Whose change it is.
    pub author: Person,
    /// Who commits it.
    pub committer: Person,
    /// When, in seconds since 1970 (UTC), not before. The committer's time is never earlier than that of the parent.
    pub seconds: i64,
    /// The time zone that the time is shown in, in minutes east of UTC, less than a day.
    pub offset_minutes: i32,
}

/// Why a draft cannot become a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DraftError {
    /// See [`Person`].
    #[error("a commit's author or committer needs a {part} without `<`, `>` or control characters, of 1 to 256 bytes")]
    Person {
        /// `name` or `e-mail address`.
        part: &'static str,
    },
    /// The message holds a NUL.
    #[error("a commit message cannot hold a NUL")]
    Message,
    /// The time is not between 1970 and 9999, or its time zone is a day or more from UTC.
    #[error("a commit cannot be dated {seconds} s after 1970, {offset_minutes} minutes from UTC")]
    Time {
        /// The seconds.
        seconds: i64,
        /// The time zone.
        offset_minutes: i32,
    },
}

impl DraftError {
    /// Returns what to do about it.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Person { .. } => "mend `author` in the settings",
            Self::Message => "take the NUL out of the message",
            Self::Time { .. } => "set this machine's clock",
        }
    }
}

impl Person {
    /// Checks a name and an e-mail address; white space around them is dropped.
    pub fn new(name: &str, email: &str) -> Result<Self, DraftError> {
        let (name, email) = (name.trim(), email.trim());
        let fits = |text: &str| {
            let plain = !text.chars().any(|char| char.is_control() || matches!(char, '<' | '>'));
            plain && !text.is_empty() && text.len() <= PERSON_BYTES_MAX
        };
        match (fits(name), fits(email)) {
            (true, true) => Ok(Self { name: name.into(), email: email.into() }),
            (false, _) => Err(DraftError::Person { part: "name" }),
            (true, false) => Err(DraftError::Person { part: "e-mail address" }),
        }
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} <{}>", self.name, self.email)
    }
}

impl CommitDraft {
    pub(super) fn check(&self) -> Result<(), DraftError> {
        let (seconds, offset_minutes) = (self.seconds, self.offset_minutes);
        if !(0..=SECONDS_MAX).contains(&seconds)
            || !(-OFFSET_MINUTES_MAX..=OFFSET_MINUTES_MAX).contains(&offset_minutes)
        {
            return Err(DraftError::Time { seconds, offset_minutes });
        }
        if self.message.contains('\0') { Err(DraftError::Message) } else { Ok(()) }
    }

    /// Returns the bytes of the commit, signed where there is a signer.
    ///
    /// A clock that runs behind the parent's would put the child first in every listing by time, so the committer's time
    /// is at least `not_before`.
    pub(super) fn text(
        &self,
        tree: Oid,
        parent: Option<Oid>,
        not_before: i64,
        signer: Option<&Signer>,
    ) -> Result<String, GitError> {
        let zone = Zone(self.offset_minutes);
        let committed = self.seconds.max(not_before.min(SECONDS_MAX));
        let mut head = format!("tree {tree}\n");
        if let Some(parent) = parent {
            writeln!(head, "parent {parent}").expect("because a String takes any text");
        }
        writeln!(head, "author {} {} {zone}", self.author, self.seconds).expect("because a String takes any text");
        writeln!(head, "committer {} {committed} {zone}", self.committer).expect("because a String takes any text");
        let body = format!("\n{}", self.message);
        let Some(signer) = signer else { return Ok(head + &body) };
        let signature = signer.sign(format!("{head}{body}").as_bytes())?;
        let signature = signature.trim_end().replace('\n', "\n ");
        Ok(format!("{head}gpgsig {signature}\n{body}"))
    }
}

/// A time zone as Git writes it: `+0130`.
struct Zone(i32);

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { '-' } else { '+' };
        let minutes = self.0.unsigned_abs();
        write!(f, "{sign}{:02}{:02}", minutes / 60, minutes % 60)
    }
}

/// Makes the folder `root` of `base` with `edits` in it, and returns its name.
pub(super) fn edited_root<'e>(
    objects: &Objects<'_>,
    staged: &mut Staged<'e>,
    base: CommitId,
    root: Oid,
    edits: &'e [FileEdit],
) -> Result<Oid, GitError> {
    let mut placed: Vec<_> = edits
        .iter()
        .map(|edit| {
            let blob = staged.add(ObjectType::Blob, &edit.content);
            PlacedEdit { path: &edit.path, names: edit.path.split('/').collect(), blob }
        })
        .collect();
    placed.sort_unstable_by(|one, other| one.names.cmp(&other.names));
    if let Some(path) = placed.windows(2).find_map(|pair| match pair {
        [one, other] if one.names == other.names => Some(one.path),
        _ => None,
    }) {
        return Err(GitError::EditedTwice { path: path.into() });
    }
    let edited = TreeEdit { objects, staged, base }.folder(root, &placed, 0)?;
    if edited == root { Err(GitError::NothingChanged { base }) } else { Ok(edited) }
}

struct PlacedEdit<'e> {
    path: &'e str,
    /// The path's folders and the file's name.
    names: Vec<&'e str>,
    blob: Oid,
}

struct TreeEdit<'t, 'e> {
    objects: &'t Objects<'t>,
    staged: &'t mut Staged<'e>,
    base: CommitId,
}

impl TreeEdit<'_, '_> {
    /// Overwrites, in a copy of the folder `id`, the object name of each entry that `edits` touch.
    fn folder(&mut self, id: Oid, edits: &[PlacedEdit<'_>], depth: usize) -> Result<Oid, GitError> {
        let mut bytes = self.objects.folder(id)?.data().to_vec();
        for group in edits.chunk_by(|one, other| one.names.get(depth) == other.names.get(depth)) {
            let Some(first) = group.first() else { continue };
            let is_file = first.names.len() == depth + 1 && group.len() == 1;
            let not_a_file = || GitError::NotAFile { path: first.path.into(), base: self.base };
            let name = first.names.get(depth).filter(|_| depth <= DEPTH_MAX).ok_or_else(not_a_file)?;
            let (mode, entry_id, id_at) = self.only_entry(id, &bytes, name.as_bytes())?.ok_or_else(not_a_file)?;
            let new = match mode {
                Mode::Regular | Mode::Executable if is_file => first.blob,
                Mode::Folder if !is_file => self.folder(entry_id, group, depth + 1)?,
                _ => return Err(not_a_file()),
            };
            let place = bytes.get_mut(id_at..id_at + ID_BYTES).expect("because the entry was read from there");
            place.copy_from_slice(new.as_bytes());
        }
        Ok(self.staged.add(ObjectType::Tree, bytes))
    }

    /// Returns the entry of that name, if there is exactly one, and where its object name begins.
    fn only_entry(&self, id: Oid, folder: &[u8], name: &[u8]) -> Result<Option<(Mode, Oid, usize)>, GitError> {
        let mut found = None;
        for entry in entries(folder) {
            let entry = entry.map_err(|_| self.objects.malformed_folder(id))?;
            if entry.name != name {
                continue;
            }
            if found.replace((entry.mode, entry.id, entry.id_at)).is_some() {
                return Ok(None);
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_cannot_end_a_header_line_early() {
        let person = Person::new(" Ada Lovelace ", "ada@example.com").unwrap();
        assert_eq!(person.to_string(), "Ada Lovelace <ada@example.com>");
        let long = "x".repeat(PERSON_BYTES_MAX + 1);
        for bad in ["", " ", "a\nb", "a\0b", "a<b", "a>b", "a\u{85}b", "\u{1b}[2J", &long] {
            assert_eq!(Person::new(bad, "e"), Err(DraftError::Person { part: "name" }), "{bad:?}");
            assert_eq!(Person::new("n", bad), Err(DraftError::Person { part: "e-mail address" }), "{bad:?}");
        }
    }

    #[test]
    fn zones_are_written_as_git_writes_them() {
        let written: Vec<_> = [0, 90, -150, 840, -1439].map(|minutes| Zone(minutes).to_string()).into();
        assert_eq!(written, ["+0000", "+0130", "-0230", "+1400", "-2359"]);
    }

    #[test]
    fn drafts_with_impossible_times_or_a_nul_are_refused() {
        let person = Person::new("n", "e").unwrap();
        let draft = |message: &str, seconds, offset_minutes| CommitDraft {
            message: message.into(),
            author: person.clone(),
            committer: person.clone(),
            seconds,
            offset_minutes,
        };
        assert_eq!(draft("m", 0, 0).check(), Ok(()));
        assert_eq!(draft("a\0b", 0, 0).check(), Err(DraftError::Message));
        for (seconds, offset_minutes) in [(-1, 0), (SECONDS_MAX + 1, 0), (0, 1440), (0, -1440), (0, i32::MIN)] {
            let error = draft("m", seconds, offset_minutes).check();
            assert_eq!(error, Err(DraftError::Time { seconds, offset_minutes }));
        }
    }
}
