//! What happens while the program works, told as it happens.

use std::time::Duration;

use crate::image::Repository;

/// One thing that has just happened.
#[derive(Debug)]
pub enum Step<'a> {
    /// The tags of an image are here.
    Listed {
        /// The image.
        image: &'a Repository,
        /// How many tags it has.
        tags: usize,
    },
    /// A plan is ready and about to be committed and pushed.
    Planned {
        /// The repository's name in the settings.
        repository: &'a str,
        /// `policy: from -> to`, a line each.
        changes: &'a [String],
    },
    /// Somebody else pushed first; the plan is made anew on the new tip after a pause.
    Raced {
        /// The repository's name in the settings.
        repository: &'a str,
        /// The pause.
        pause: Duration,
    },
    /// The commit is on the branch.
    Pushed {
        /// The repository's name in the settings.
        repository: &'a str,
        /// The commit's id.
        commit: &'a str,
    },
}

/// Hears of each [`Step`] before the work goes on; what it does there, the work waits for.
pub trait Observer: Send {
    /// Takes note of `step`.
    fn step(&mut self, step: &Step<'_>);
}

/// Hears nothing.
impl Observer for () {
    fn step(&mut self, _step: &Step<'_>) {}
}
