//! What a place holds, read by the part of an image that its marker names.

use super::claim::Claim;
use crate::finding::Finding;
use crate::image::{Digest, Reference, Registry, Repository, Tag, TagRef};
use crate::manifest::{Part, Place};

/// The value of one place, taken apart. Slices keep the author's spelling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held<'a> {
    /// The repository as spelled, where the place names one.
    pub name: Option<&'a str>,
    /// The tag, where the place has one.
    pub tag: Option<TagRef<'a>>,
    /// The digest, where the place has one.
    pub digest: Option<Digest>,
}

impl<'a> Held<'a> {
    /// Reads the value of `place`. An empty value is a place that waits for its first value; any other value
    /// that is not what the marker says is a finding, since overwriting it might destroy what somebody meant.
    pub(super) fn read(place: &'a Place) -> Result<Self, Finding> {
        let (value, part) = (place.value(), place.marker().part);
        let nothing = Self { name: None, tag: None, digest: None };
        if value.is_empty() {
            return Ok(nothing);
        }
        let read = match part {
            Part::Reference => {
                Reference::parse(value).map(|read| Self { name: Some(read.name), tag: read.tag, digest: read.digest })
            }
            Part::Name => Repository::parse(value).map(|_| Self { name: Some(value), ..nothing }),
            Part::Digest => Digest::parse(value).map(|digest| Self { digest: Some(digest), ..nothing }),
            Part::Tag => read_tag(value),
        };
        read.map_err(|error| {
            let what = match part {
                Part::Reference => "image reference",
                Part::Name => "image name",
                Part::Digest => "digest",
                Part::Tag => "tag",
            };
            Finding::error(
                place.position().clone(),
                format!("`{}` holds no {what}: {error}", place.path()),
                format!("mend the value, or name the part that it holds in the marker (`:tag`, `:name`, `:digest`); an empty string is filled with the first {what}"),
            )
        })
    }
}

/// Reads `tag` or `tag@digest`, the second being what Kustomize and many charts take in the place of a tag.
fn read_tag(value: &str) -> Result<Held<'_>, crate::image::ImageError> {
    let (tag, digest) = match value.split_once('@') {
        Some((tag, digest)) => (tag, Some(Digest::parse(digest)?)),
        None => (value, None),
    };
    Ok(Held { name: None, tag: Some(TagRef::parse(tag)?), digest })
}

/// Returns the tag that a place holds, where it holds one.
pub fn current_tag(place: &Place) -> Option<Tag> {
    Held::read(place).ok()?.tag.map(Tag::from)
}

/// Returns whether `spelled` names the policy's image: as a reference does, or by the path alone where the field
/// `registry` beside it names the registry, as many charts have it.
pub(super) fn names_image(claim: &Claim<'_>, spelled: &str) -> bool {
    let image = &claim.policy.image;
    let registry = claim.place.neighbours().registry.as_deref().and_then(|registry| Registry::parse(registry).ok());
    let by_path = spelled == image.path() && registry.as_ref() == Some(image.registry());
    by_path || Repository::parse(spelled).is_ok_and(|repository| repository == *image)
}
