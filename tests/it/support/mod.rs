//! Real parts for the tests.

pub(crate) mod bare;
