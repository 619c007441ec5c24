//! Minutes of a place on earth: crontab fields in a time zone.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::cron::Cron;

/// Minutes that a clock in a time zone shows.
///
/// A minute that the clock skips never comes. One that it shows twice comes twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalCron {
    /// The minutes.
    pub cron: Cron,
    /// The zone.
    pub zone: TimeZone,
}

impl LocalCron {
    /// Returns the first moment from `from` on, and before `limit`, that lies in such a minute.
    ///
    /// Between two changes of the clock local time is linear, so each such stretch is searched by itself: what the clock
    /// skips is in none of them, what it shows twice is in two.
    pub fn first_from(&self, from: Timestamp, limit: Timestamp) -> Option<Timestamp> {
        let mut start = from;
        while start < limit {
            let offset = self.zone.to_offset(start);
            let change = self.zone.following(start).next().map(|transition| transition.timestamp());
            let end = change.map_or(limit, |change| change.min(limit));
            let local = offset.to_datetime(start);
            if self.cron.matches(local) {
                return Some(start);
            }
            let next = self.cron.next_after(local, offset.to_datetime(end).date());
            let next = next.and_then(|next| offset.to_timestamp(next).ok()).filter(|next| *next < end);
            if next.is_some() {
                return next;
            }
            start = end;
        }
        None
    }

    /// Orders by zone and fields, so that of two that mean the same it is always the same one that is shown.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let key = |this: &Self| (this.zone.iana_name().map(str::to_owned), this.cron);
        key(self).cmp(&key(other))
    }
}
