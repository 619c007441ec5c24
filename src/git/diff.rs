//! The difference of one file as `git diff` prints it and `git apply` takes it.

use std::fmt::Write as _;
use std::path::Path;

use git2::{DiffOptions, ObjectType, Oid, Patch};

use super::error::{GitError, not_read};
use super::libgit2;

/// Bytes that Git looks at for a NUL to tell text from other content.
const BINARY_LOOK_BYTES: usize = 8000;

/// Digits of an object name on the `index` line: what `git diff` shows in a repository of usual size.
const ABBREVIATION: usize = 7;

/// Returns the unified diff of the file at `path` from `old` to `new` content; nothing if they are equal.
///
/// `executable` is the file's mode, which a reader of the diff is told. The bytes of the lines are those of the file,
/// so the result is UTF-8 only if both contents are.
pub fn unified_diff(path: &str, executable: bool, old: &[u8], new: &[u8]) -> Result<Vec<u8>, GitError> {
    libgit2::init();
    if old == new {
        return Ok(Vec::new());
    }
    let holds_nul = |content: &[u8]| memchr::memchr(0, content).is_some_and(|at| at < BINARY_LOOK_BYTES);
    if holds_nul(old) || holds_nul(new) {
        return Err(GitError::Binary { path: path.into() });
    }
    let mut diff = header(path, executable, old, new).into_bytes();
    append_hunks(&mut diff, old, new).map_err(|error| not_read(path, &error))?;
    Ok(diff)
}

fn header(path: &str, executable: bool, old: &[u8], new: &[u8]) -> String {
    let (old_name, new_name) = (quoted("a/", path), quoted("b/", path));
    let (old_id, new_id) = (abbreviated_id(old), abbreviated_id(new));
    let mode = if executable { "100755" } else { "100644" };
    // A tab ends a name with a space, so that `patch` does not take what follows the space for a date.
    let end = if path.contains(' ') { "\t" } else { "" };
    format!(
        "diff --git {old_name} {new_name}\nindex {old_id}..{new_id} {mode}\n--- {old_name}{end}\n+++ {new_name}{end}\n"
    )
}

fn append_hunks(diff: &mut Vec<u8>, old: &[u8], new: &[u8]) -> Result<(), git2::Error> {
    let mut options = DiffOptions::new();
    options.context_lines(3).interhunk_lines(0).indent_heuristic(true).force_text(true);
    // The name selects no driver here: libgit2 is given no repository, and the headers are ours.
    let name = Some(Path::new("file"));
    let mut patch = Patch::from_buffers(old, name, new, name, Some(&mut options))?;
    patch.print(&mut |_, _, line| {
        match line.origin() {
            'F' => return true,
            origin @ (' ' | '+' | '-') => diff.extend_from_slice(origin.encode_utf8(&mut [0; 4]).as_bytes()),
            _ => {}
        }
        diff.extend_from_slice(line.content());
        true
    })
}

fn abbreviated_id(content: &[u8]) -> String {
    let id = Oid::hash_object(ObjectType::Blob, content).expect("because hashing bytes in memory does not fail");
    id.to_string().chars().take(ABBREVIATION).collect()
}

/// Returns the path behind its prefix, in quotes where Git quotes: with control characters, quotes, backslashes or
/// anything but ASCII in it.
fn quoted(prefix: &str, path: &str) -> String {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
    if path.bytes().all(is_plain) {
        return format!("{prefix}{path}");
    }
    let mut text = format!("\"{prefix}");
    for byte in path.bytes() {
        match byte {
            b'"' | b'\\' => text.extend(['\\', char::from(byte)]),
            0x07..=0x0d => {
                let letters = ['a', 'b', 't', 'n', 'v', 'f', 'r'];
                text.push('\\');
                text.extend(letters.get(usize::from(byte - 0x07)));
            }
            _ if is_plain(byte) => text.push(char::from(byte)),
            _ => write!(text, "\\{byte:03o}").expect("because a String takes any text"),
        }
    }
    text.push('"');
    text
}
