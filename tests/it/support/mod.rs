//! The parts that the tests talk to: real servers and repositories, and servers that fail on purpose.

pub(crate) mod bare;
pub(crate) mod certificates;
pub(crate) mod docker_registry;
pub(crate) mod hostile;
pub(crate) mod tokens;
pub(crate) mod workbench;
