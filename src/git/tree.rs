//! The bytes of one folder: entries of mode, name and object name, as Git stores them.
//!
//! Read here and not through libgit2 for two reasons: an edit needs to know where an entry's object name stands, so
//! that it can be overwritten and all else stays; and comparing two large folders is a merge of two sorted lists.

use git2::Oid;

/// Bytes of an object name: SHA-1. Repositories of the other format are refused when they are opened.
pub(super) const ID_BYTES: usize = 20;

/// What an entry of a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// A file.
    Regular,
    /// A file that may be executed.
    Executable,
    /// A text that names another path.
    SymbolicLink,
    /// A commit of another repository.
    Submodule,
    /// A folder.
    Folder,
    /// A kind that Git does not write.
    Other,
}

impl Mode {
    fn of_bits(bits: u32) -> Self {
        match bits & 0o170_000 {
            0o100_000 if bits & 0o100 != 0 => Self::Executable,
            0o100_000 => Self::Regular,
            0o120_000 => Self::SymbolicLink,
            0o160_000 => Self::Submodule,
            0o040_000 => Self::Folder,
            _ => Self::Other,
        }
    }

    /// Returns whether it is a file with content of its own.
    pub fn is_file(self) -> bool {
        matches!(self, Self::Regular | Self::Executable)
    }
}

/// One entry of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry<'t> {
    pub(super) mode: Mode,
    /// The mode as stored, for comparing.
    pub(super) bits: u32,
    pub(super) name: &'t [u8],
    pub(super) id: Oid,
    /// Where the [`ID_BYTES`] of `id` begin in the folder's bytes.
    pub(super) id_at: usize,
}

impl<'t> Entry<'t> {
    /// Returns what Git sorts by: the name, and for a folder a slash after it.
    pub(super) fn sort_key(&self) -> impl Iterator<Item = u8> + use<'t> {
        let slash = (self.mode == Mode::Folder).then_some(b'/');
        self.name.iter().copied().chain(slash)
    }
}

/// The folder's bytes are not a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// The entries of a folder in stored order.
pub(super) struct Entries<'t> {
    bytes: &'t [u8],
    at: usize,
}

/// Returns the entries of a folder; after a [`Malformed`] there are no more.
pub(super) fn entries(bytes: &[u8]) -> Entries<'_> {
    Entries { bytes, at: 0 }
}

impl<'t> Iterator for Entries<'t> {
    type Item = Result<Entry<'t>, Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.bytes.get(self.at..).filter(|rest| !rest.is_empty())?;
        let entry = first_entry(rest, self.at);
        self.at = entry.map_or(self.bytes.len(), |entry| entry.id_at + ID_BYTES);
        Some(entry.ok_or(Malformed))
    }
}

/// Reads `<octal mode> <name>\0<id>` from the head of `rest`, which begins at `at`.
fn first_entry(rest: &[u8], at: usize) -> Option<Entry<'_>> {
    let space = memchr::memchr(b' ', rest)?;
    let digits = std::str::from_utf8(rest.get(..space)?).ok()?;
    let bits = digits.bytes().all(|digit| digit.is_ascii_digit()).then(|| u32::from_str_radix(digits, 8).ok())??;
    let after_space = rest.get(space + 1..)?;
    let nul = memchr::memchr(b'\0', after_space).filter(|nul| *nul > 0)?;
    let id = Oid::from_bytes(after_space.get(nul + 1..nul + 1 + ID_BYTES)?).ok()?;
    let id_at = at + space + 1 + nul + 1;
    Some(Entry { mode: Mode::of_bits(bits), bits, name: after_space.get(..nul)?, id, id_at })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn folder(entries: &[(&str, &str, u8)]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (mode, name, id) in entries {
            bytes.extend_from_slice(format!("{mode} {name}\0").as_bytes());
            bytes.extend_from_slice(&[*id; ID_BYTES]);
        }
        bytes
    }

    #[test]
    fn entries_say_what_they_are_and_where_their_name_stands() {
        let bytes = folder(&[
            ("100644", "a b", 1),
            ("100664", "group", 2),
            ("100755", "run", 3),
            ("120000", "link", 4),
            ("160000", "module", 5),
            ("40000", "folder", 6),
            ("060000", "device", 7),
        ]);
        let found: Vec<_> = entries(&bytes).map(|entry| entry.unwrap()).collect();
        let modes: Vec<_> = found.iter().map(|entry| entry.mode).collect();
        let (file, folder, other) = (Mode::Regular, Mode::Folder, Mode::Other);
        assert_eq!(modes, [file, file, Mode::Executable, Mode::SymbolicLink, Mode::Submodule, folder, other]);
        for (entry, id) in found.iter().zip(1..) {
            assert_eq!(bytes[entry.id_at..entry.id_at + ID_BYTES], [id; ID_BYTES]);
            assert_eq!(entry.id.as_bytes(), [id; ID_BYTES]);
        }
        assert_eq!(found[0].name, b"a b");
    }

    #[test]
    fn what_is_cut_short_or_nameless_is_malformed_and_ends_there() {
        let good = folder(&[("100644", "a", 1)]);
        for end in 1..good.len() {
            assert_eq!(entries(&good[..end]).collect::<Vec<_>>(), [Err(Malformed)], "{end}");
        }
        for bad in [("", "a"), ("8", "a"), ("+644", "a"), ("777777777777", "a"), ("100644", "")] {
            let bytes = folder(&[(bad.0, bad.1, 1), ("100644", "b", 2)]);
            assert_eq!(entries(&bytes).collect::<Vec<_>>(), [Err(Malformed)], "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_fall_over(bytes: Vec<u8>) {
            prop_assert!(entries(&bytes).count() <= bytes.len());
        }
    }
}
