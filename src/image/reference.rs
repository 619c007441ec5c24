//! References as they stand in files.

use super::{Digest, ImageError, Repository, TagRef};

/// A reference as somebody spelled it: `name[:tag][@digest]`.
///
/// The parts are slices of the text, so that an edit can keep the author's spelling of the name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference<'t> {
    /// The repository as spelled: `nginx` stays `nginx`.
    pub name: &'t str,
    /// The tag, where there is one.
    pub tag: Option<TagRef<'t>>,
    /// The digest, where there is one.
    pub digest: Option<Digest>,
}

impl<'t> Reference<'t> {
    /// Parses `name[:tag][@digest]`.
    pub fn parse(text: &'t str) -> Result<Self, ImageError> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(Digest::parse(digest)?)),
            None => (text, None),
        };
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(TagRef::parse(tag)?)),
            _ => (rest, None),
        };
        Repository::parse(name)?;
        Ok(Self { name, tag, digest })
    }

    /// Returns the repository under its canonical name.
    pub fn repository(&self) -> Result<Repository, ImageError> {
        Repository::parse(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn parts(text: &str) -> String {
        match Reference::parse(text) {
            Ok(Reference { name, tag, digest }) => {
                format!("{name} {} {}", tag.map_or("-", TagRef::as_str), digest.map_or("-", |_| "digest"))
            }
            Err(error) => format!("{error:?}"),
        }
    }

    #[test]
    fn references_come_apart_as_they_were_spelled() {
        assert_eq!(parts("nginx"), "nginx - -");
        assert_eq!(parts("nginx:1.27"), "nginx 1.27 -");
        assert_eq!(parts("localhost:5000/app"), "localhost:5000/app - -");
        assert_eq!(parts("localhost:5000/app:v1"), "localhost:5000/app v1 -");
        assert_eq!(parts(&format!("ghcr.io/acme/app:v1@{SHA}")), "ghcr.io/acme/app v1 digest");
        assert_eq!(parts(&format!("ghcr.io/acme/app@{SHA}")), "ghcr.io/acme/app - digest");
    }

    #[test]
    fn what_is_no_reference_is_refused() {
        assert_eq!(parts(""), "Repository");
        assert_eq!(parts("nginx:"), "Tag");
        assert_eq!(parts("nginx:-x"), "Tag");
        assert_eq!(parts("nginx@sha256:00"), "Digest");
        assert_eq!(parts("{{ .Values.image }}"), "Repository");
        assert_eq!(parts("Nginx:1"), "Repository");
    }
}
