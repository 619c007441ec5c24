//! The demonstration: the whole job on parts that come with the program, and nothing left behind.
//!
//! Everything but the parts is real: settings and policies are files that are read as any others, tags are listed
//! over HTTP, commits are signed with a fresh key and land in a bare repository. The room prints nothing; it tells
//! its story line by line to whoever asked for it.

mod parts;
pub mod registry;
mod story;

pub use story::{DemoError, play};
