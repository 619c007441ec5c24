//! Trailers: the part of a commit message that programs read, in the form of `git interpret-trailers`.

use std::fmt;

use crate::text::visible;

/// The longest value of a trailer, in bytes; what is longer is cut and ends in `…`.
const VALUE_BYTES_MAX: usize = 512;

/// The keys, in the order in which a group has them. What each means stands in `docs/reference/commits.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// The policy that decided; begins a group.
    ImagePolicy,
    /// The digest of the policy document as it was read.
    PolicyRevision,
    /// The image's repository.
    Image,
    /// What the places held.
    ImageFrom,
    /// What they hold now.
    ImageTo,
    /// The digest of the new tag's manifest, when it was asked for.
    ImageDigest,
    /// The digest that the places held.
    ImagePreviousDigest,
    /// A place: path and line.
    ImageFile,
    /// `standard`; rollbacks and holds have their own words.
    ChangeType,
    /// Why this tag.
    Reason,
    /// The id of the change, the base left out.
    AutomatorChange,
    /// The program's version.
    AutomatorVersion,
    /// The instance, where several automators write one repository.
    AutomatorInstance,
}

impl Key {
    fn as_str(self) -> &'static str {
        match self {
            Self::ImagePolicy => "Image-Policy",
            Self::PolicyRevision => "Policy-Revision",
            Self::Image => "Image",
            Self::ImageFrom => "Image-From",
            Self::ImageTo => "Image-To",
            Self::ImageDigest => "Image-Digest",
            Self::ImagePreviousDigest => "Image-Previous-Digest",
            Self::ImageFile => "Image-File",
            Self::ChangeType => "Change-Type",
            Self::Reason => "Reason",
            Self::AutomatorChange => "Automator-Change",
            Self::AutomatorVersion => "Automator-Version",
            Self::AutomatorInstance => "Automator-Instance",
        }
    }
}

/// The last paragraph of a commit message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Trailers(Vec<(Key, String)>);

impl Trailers {
    /// Appends a trailer; the value is made one harmless line.
    pub(super) fn push(&mut self, key: Key, value: impl fmt::Display) {
        self.0.push((key, one_line(&value.to_string())));
    }
}

impl fmt::Display for Trailers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(key, value)| writeln!(f, "{}: {value}", key.as_str()))
    }
}

/// Returns `text` as one line that can forge nothing: what is invisible is escaped, the ends trimmed, the length bounded.
pub fn one_line(text: &str) -> String {
    let visible = visible(text.trim());
    if visible.len() <= VALUE_BYTES_MAX {
        return visible.into_owned();
    }
    let cut = visible.floor_char_boundary(VALUE_BYTES_MAX);
    format!("{}…", visible.get(..cut).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_one_harmless_line() {
        let mut trailers = Trailers::default();
        trailers.push(Key::Reason, " a\nImage-To: 6.6.6\r\u{202e}\u{1b}[31m ");
        assert_eq!(trailers.to_string(), "Reason: a\\nImage-To: 6.6.6\\r\\u{202e}\\u{1b}[31m\n");
    }

    #[test]
    fn a_value_is_bounded() {
        let line = one_line(&"ü".repeat(VALUE_BYTES_MAX));
        assert!(line.len() <= VALUE_BYTES_MAX + '…'.len_utf8() && line.ends_with('…'));
    }
}
