//! Tags, alone and by the hundred thousand.

use std::fmt;

use super::ImageError;

/// The longest tag that the distribution specification allows, in bytes.
const TAG_BYTES_MAX: usize = 128;

/// A movable label for one manifest of a repository.
///
/// Invariant: `[A-Za-z0-9_][A-Za-z0-9._-]{0,127}`, the grammar of the OCI distribution specification 1.1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(Box<str>);

impl Tag {
    /// Parses `text` by the grammar of tags.
    pub fn parse(text: &str) -> Result<Self, ImageError> {
        TagRef::parse(text).map(Self::from)
    }

    /// Returns the tag without its ownership.
    pub fn as_ref(&self) -> TagRef<'_> {
        TagRef(&self.0)
    }

    /// Returns the tag as people write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl From<TagRef<'_>> for Tag {
    fn from(tag: TagRef<'_>) -> Self {
        Self(tag.0.into())
    }
}

/// A borrowed [`Tag`], with the same invariant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TagRef<'t>(&'t str);

impl<'t> TagRef<'t> {
    /// Parses `text` by the grammar of tags.
    pub fn parse(text: &'t str) -> Result<Self, ImageError> {
        let bytes = text.as_bytes();
        let led = bytes.first().is_some_and(|&first| first.is_ascii_alphanumeric() || first == b'_');
        let legal = bytes.iter().all(|&byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
        if led && legal && bytes.len() <= TAG_BYTES_MAX { Ok(Self(text)) } else { Err(ImageError::Tag) }
    }

    /// Returns the tag as people write it.
    pub fn as_str(self) -> &'t str {
        self.0
    }
}

impl fmt::Display for TagRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// The tags of one repository, end to end in one piece of memory: about 20 bytes a tag.
///
/// Holds what was pushed in the order of pushing; the order means nothing to anybody.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TagList {
    text: String,
    ends: Vec<u32>,
}

impl TagList {
    /// Appends a tag. A list ends at 4 GiB of text, far past the bounds of every reader of lists.
    pub fn push(&mut self, tag: TagRef<'_>) {
        if let Ok(end) = u32::try_from(self.text.len() + tag.as_str().len()) {
            self.text.push_str(tag.as_str());
            self.ends.push(end);
        }
    }

    /// Returns how many tags there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns whether there is no tag.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Returns the tags.
    pub fn iter(&self) -> impl Iterator<Item = TagRef<'_>> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(self.ends.iter().copied()).map(|(start, end)| {
            let tag = self.text.get(start as usize..end as usize);
            TagRef(tag.expect("because every end was the length of the text when its tag was pushed"))
        })
    }
}

impl<'t> FromIterator<TagRef<'t>> for TagList {
    fn from_iter<I: IntoIterator<Item = TagRef<'t>>>(tags: I) -> Self {
        let mut list = Self::default();
        tags.into_iter().for_each(|tag| list.push(tag));
        list
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_grammar_is_the_specifications() {
        for good in ["1", "v1.2.3", "_", "latest", "1.0.0-rc.1", "A-b_c.d", &"x".repeat(128)] {
            assert!(Tag::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "-o", ".x", "1.0.0+build", "a b", "1.0\n", "ä", "../x", "a:b", &"x".repeat(129)] {
            assert_eq!(Tag::parse(bad), Err(ImageError::Tag), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn nothing_outside_the_grammar_passes(text in any::<String>()) {
            let legal = regex::Regex::new(r"\A[A-Za-z0-9_][A-Za-z0-9._\-]{0,127}\z").unwrap();
            prop_assert_eq!(Tag::parse(&text).is_ok(), legal.is_match(&text));
        }

        #[test]
        fn a_list_gives_back_what_was_pushed(tags in prop::collection::vec("[A-Za-z0-9_][A-Za-z0-9._-]{0,20}", 0..50)) {
            let list: TagList = tags.iter().map(|tag| TagRef::parse(tag).unwrap()).collect();
            prop_assert_eq!(list.len(), tags.len());
            prop_assert_eq!(list.iter().map(|tag| tag.as_str().to_owned()).collect::<Vec<_>>(), tags);
        }
    }
}
