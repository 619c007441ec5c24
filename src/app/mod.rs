//! The work itself: lists tags, reads repositories, lets the compute rooms decide, writes, and tries again.
//!
//! One policy's, file's, registry's or repository's failure leaves the others untouched and is reported. The room
//! makes the clock and passes it down; it prints nothing.

mod clock;
mod explain;
mod failure;
mod keeper;
mod lint;
mod listing;
mod report;
mod scan;
mod snapshot;
mod step;
mod visit;

pub use clock::Clock;
pub use explain::{Evidence, gather, gather_image};
pub use failure::{Failure, Trouble};
pub use lint::lint;
pub use report::{Commit, PlaceRow, Report, State};
pub use scan::{Job, Mode, scan};
pub use step::{Observer, Step};
