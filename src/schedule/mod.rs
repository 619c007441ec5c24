//! When something may happen: crontab times in time zones, windows in which changes may be written, freezes in which not.
//!
//! The room computes. The moment and the time zones are arguments; it knows no clock, reads no files and nothing of policies.

mod cron;
mod local;
mod zones;

use std::fmt;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

pub use cron::{Cron, CronError, Fault, Field};
pub use local::LocalCron;
pub use zones::Zones;

/// How far ahead of a moment the next window is looked for: ten years, so that even 29 February is found around 2100,
/// which has none.
pub const SEARCH_YEARS: i64 = 10;
/// The most windows of one calendar.
pub const WINDOWS_MAX: usize = 100;
/// The most freezes of one policy, and of the defaults.
pub const FREEZES_MAX: usize = 1_000;

/// Says at every moment whether changes may be written. The one without windows and freezes is always open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    windows: Vec<LocalCron>,
    freezes: Vec<Freeze>,
}

/// A time in which nothing is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Freeze {
    /// Its first moment.
    pub from: Timestamp,
    /// The first moment after it; later than `from`.
    pub to: Timestamp,
    /// Why, in somebody's words.
    pub reason: Option<Box<str>>,
}

/// Whether changes may be written at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// They may.
    Open,
    /// They may not.
    Closed {
        /// The first moment from then on when they may, in the zone of the window that is open then, else in UTC.
        /// None where no window opens within [`SEARCH_YEARS`].
        until: Option<Zoned>,
        /// What forbids it.
        why: Why,
    },
}

/// What forbids to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// A freeze; of several the one that ends last.
    Frozen(Freeze),
    /// There are windows, and none is open.
    OutsideWindows,
}

impl Calendar {
    /// Returns a calendar that is open in every minute of any of `windows`, or at all times if there are none, and
    /// closed in each of `freezes` all the same. The order of either never matters.
    pub fn new(mut windows: Vec<LocalCron>, mut freezes: Vec<Freeze>) -> Self {
        windows.sort_by(LocalCron::compare);
        freezes.sort();
        Self { windows, freezes }
    }

    /// Returns whether changes may be written at `now`, and else why not and when.
    pub fn state(&self, now: Timestamp) -> State {
        let why = match self.freeze_at(now) {
            Some(freeze) => Why::Frozen(freeze.clone()),
            None if self.windows.is_empty() => return State::Open,
            None => Why::OutsideWindows,
        };
        match self.first_open(now) {
            Some(first) if first.timestamp() == now => State::Open,
            until => State::Closed { until, why },
        }
    }

    /// Returns the freeze of a moment, and of several the one that ends last.
    fn freeze_at(&self, now: Timestamp) -> Option<&Freeze> {
        let begun = self.freezes.iter().take_while(|freeze| freeze.from <= now);
        begun.filter(|freeze| now < freeze.to).max_by_key(|freeze| freeze.to)
    }

    /// Returns the first moment from `from` on that a window has and no freeze has. Every round but the first leaves a
    /// freeze for good, so there is at most one more than there are freezes.
    fn first_open(&self, from: Timestamp) -> Option<Zoned> {
        let mut at = self.after_freezes(from);
        let years = SignedDuration::from_hours(24 * 366 * SEARCH_YEARS);
        let last = at.checked_add(years).unwrap_or(Timestamp::MAX);
        loop {
            let (first, zone) = self.first_in_window(at, last)?;
            if self.freeze_at(first).is_none() {
                return Some(first.to_zoned(zone));
            }
            at = self.after_freezes(first);
        }
    }

    /// Returns the first moment from `at` on that no freeze has.
    fn after_freezes(&self, mut at: Timestamp) -> Timestamp {
        while let Some(freeze) = self.freeze_at(at) {
            at = freeze.to;
        }
        at
    }

    /// Returns the first moment that a window has, and the zone of that window.
    fn first_in_window(&self, from: Timestamp, last: Timestamp) -> Option<(Timestamp, TimeZone)> {
        if self.windows.is_empty() {
            return Some((from, TimeZone::UTC));
        }
        let mut best: Option<(Timestamp, &LocalCron)> = None;
        for window in &self.windows {
            // A later one than the best so far need not be found.
            let limit = best.map_or(last, |(first, _)| first);
            best = window.first_from(from, limit).map(|first| (first, window)).or(best);
        }
        best.map(|(first, window)| (first, window.zone.clone()))
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OutsideWindows => f.write_str("none of the policy's windows is open"),
            Self::Frozen(Freeze { to, reason: None, .. }) => write!(f, "frozen until {to}"),
            Self::Frozen(Freeze { to, reason: Some(reason), .. }) => write!(f, "frozen until {to}: {reason}"),
        }
    }
}

#[cfg(test)]
mod tests;
