//! The Deployment Automator as a library: its rooms in reading order, which is the order of dependence.
//!
//! A room may name only the rooms above it that `tests/it/layers.rs` grants it. `ARCHITECTURE.md` is the map.

// Compute: values in, values out. No I/O, clock, randomness, logging, async.
pub mod text;
pub mod finding;
pub mod image;
pub mod document;
pub mod schedule;
pub mod policy;
pub mod decision;
pub mod manifest;
pub mod plan;

// One outside thing each; no judgement.
pub mod secret;
pub mod net;
pub mod registry;
pub mod git;

// Wiring, and people.
pub mod settings;
pub mod telemetry;
pub mod app;
pub mod demo;
pub mod cli;
