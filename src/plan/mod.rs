//! From decisions and places to one change set: which bytes of which files, and the words of the commit.
//!
//! The room computes in three steps, so that nothing is asked of a registry that the plan does not need:
//! [`claims`] says who answers for which place, [`draft`] says what each place is to hold and which digests
//! that takes, [`build`] cuts the edits and proves them. It reads no repository and knows no clock.

mod build;
mod claim;
mod draft;
mod group;
mod held;
mod message;
mod trailers;

pub use build::{Change, ChangeSet, Digests, FileChange, Row, Standing, build};
pub use claim::{Claim, Claims, File, claims};
pub use draft::{Draft, Unjudged, draft};
pub use held::current_tag;
pub use message::message;
pub use trailers::one_line;

#[cfg(test)]
mod tests;
#[cfg(test)]
mod properties;
