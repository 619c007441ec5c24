//! The one integration test program: the order of the rooms, and the whole program on real parts.
//!
//! The tests start docker-registry, git and the program itself on free loopback ports and stop them again.
//! A program that is missing fails the test with the words that install it.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "a test may look at its surroundings, may fall over and may be a long table"
)]

mod calendar;
mod cli;
mod crash;
mod edit_cases;
mod edit_properties;
mod edit_quoting;
mod git;
mod layers;
mod mistakes;
mod policies;
mod registry;
mod scan;
mod support;
