//! The demonstration: the whole job on embedded parts.

pub mod registry;
