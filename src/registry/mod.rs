//! Registries: the complete list of a repository's tags, and the digest behind a tag, with the login that is wanted.
//!
//! The room reads the OCI distribution API and nothing else: it pushes nothing, follows no redirect, and passes
//! on nothing that is not a tag or digest by its grammar. A list that was cut short is an error, never a list.

mod challenge;
mod client;
mod digest;
mod error;
mod exchange;
mod link;
mod listing;
mod patience;
mod refusal;
mod session;
mod settings;
mod tags;
mod token;

pub use crate::net::TokenHost;
pub use client::Client;
pub use error::{RegistryError, Server, Shortfall};
pub use patience::Patience;
pub use settings::{CONCURRENCY_DEFAULT, CONCURRENCY_MAX, Credentials, RegistrySettings};
