//! What people see.

pub mod explain;
