//! The field's words, parsed once: registry, repository, tag, digest, reference.
//!
//! A value of these types is well formed; nothing checks it again later. The room knows the grammars of
//! the OCI distribution specification and of Docker's references, and nothing of policies, files or the network.

mod digest;
mod reference;
mod repository;
mod tag;

pub use digest::Digest;
pub use reference::Reference;
pub use repository::{Registry, Repository};
pub use tag::{Tag, TagList, TagRef};

/// Why a text is not the word that it was read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// See [`Tag`].
    #[error("a tag is 1 to 128 of `A-Z a-z 0-9 _ . -` and begins with none of `.` and `-`")]
    Tag,
    /// See [`Digest`].
    #[error("a digest is `sha256:` and 64, or `sha512:` and 128, of `0-9 a-f`")]
    Digest,
    /// See [`Registry`].
    #[error("a registry is a host name or address, with `:port` where it needs one")]
    Registry,
    /// See [`Repository`].
    #[error(
        "a repository is lower-case words of `a-z 0-9` joined by `.`, `_`, `__` or `-` and separated by `/`, at most 255 characters"
    )]
    Repository,
    /// A tag or digest stands where only a repository may.
    #[error("a repository is named without a tag or digest")]
    TagOrDigest,
}
