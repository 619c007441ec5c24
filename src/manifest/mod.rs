//! Places in YAML files: finding the values that markers hand over to a policy, and replacing them byte for byte.
//!
//! [`find()`] says where the marked values of one file are, and names every marker that cannot work. [`edit()`]
//! cuts new values into the original text, reads the result again and gives it away only when nothing but the
//! intended values differs. The room never prints a parsed document back, never touches a file that it cannot
//! read without doubt, and knows nothing of policies, registries or Git.

mod carrier;
mod cst;
mod edit;
mod encode;
mod find;
mod marker;
mod place;
mod scan;
mod source;
mod verify;

pub use edit::{Edit, edit};
pub use find::{Found, find};
pub use marker::{Marker, Part, may_hold_markers};
pub use place::{Neighbours, Place, Style};
pub use source::FILE_BYTES_MAX;
