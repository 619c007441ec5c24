//! Exit statuses: documented, tested, never reused.

use std::process::ExitCode;

/// How the program ends; the first that applies, in the order of the contract: 2, 4, 5, 3, 1, 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// Nothing to do, or all landed.
    Success = 0,
    /// `diff` found differences, `lint` found something.
    Found = 1,
    /// Usage, settings, or every policy invalid.
    Usage = 2,
    /// Some policies failed, the others are done.
    Partial = 3,
    /// Every failure was an unavailable remote: safe to run again.
    Unavailable = 5,
}

impl Status {
    /// Returns the number.
    pub(super) fn code(self) -> u8 {
        self as u8
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status.code())
    }
}
