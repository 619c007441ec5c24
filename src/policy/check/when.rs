//! When a policy is judged and when its changes may be written: intervals, crontab times, time zones, windows, freezes.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_saphyr::Spanned;

use super::Checker;
use crate::document::{nearest, quoted};
use crate::policy::wire;
use crate::policy::{Defaults, Pace, interval};
use crate::schedule::{Calendar, Cron, FREEZES_MAX, Freeze, LocalCron, WINDOWS_MAX};
use crate::text::visible;

/// What a moment looks like: the digits of RFC 3339 as `0`, without fraction and offset.
const MOMENT: &str = "0000-00-00T00:00:00";

impl Checker<'_> {
    pub(super) fn every(
        &mut self,
        every: Option<&Spanned<String>>,
        cron: Option<&Spanned<String>>,
    ) -> Option<Duration> {
        let written = every?;
        if let Some(cron) = cron {
            self.wrong(cron.referenced, "`every` and `cron` are both there", "keep one of the two");
        }
        let every = interval::parse(&written.value);
        if let Err(error) = every {
            let cause = format!("{} is no interval: {error}", quoted(&written.value));
            self.wrong(written.referenced, cause, "write for example `5m` or `1h30m`");
        }
        every.ok()
    }

    pub(super) fn cron(&mut self, written: &Spanned<String>) -> Option<Cron> {
        let cron = Cron::parse(&written.value);
        if let Err(error) = &cron {
            let cause = format!("{} is no crontab time: {error}", quoted(&written.value));
            self.wrong(written.referenced, cause, error.remedy());
        }
        cron.ok()
    }

    pub(super) fn timezone(&mut self, written: &Spanned<String>) -> Option<TimeZone> {
        let zone = self.zones.get(&written.value);
        if zone.is_none() {
            let cause = format!("{} is no time zone of the tz database", quoted(&written.value));
            let remedy = match self.nearest_zone(&written.value) {
                Some(name) => format!("did you mean `{name}`?"),
                None => "write `UTC` or a name such as `Europe/Berlin`".to_owned(),
            };
            self.wrong(written.referenced, cause, &remedy);
        }
        zone
    }

    /// Returns the zone that was meant: the one of that place, else one of a similar name.
    fn nearest_zone(&self, wrong: &str) -> Option<String> {
        let names = self.zones.places();
        let place = wrong.replace(' ', "_");
        let is_there = |name: &&String| name.rsplit('/').next().is_some_and(|last| last.eq_ignore_ascii_case(&place));
        let names_of_all: Vec<&str> = names.iter().map(String::as_str).collect();
        names.iter().find(is_there).cloned().or_else(|| nearest(wrong, &names_of_all).map(str::to_owned))
    }

    /// Puts together when the tags are listed: key by key the policy's own, else the default.
    pub(super) fn pace(&mut self, wire: &wire::Common<'_>, own: &Defaults, defaults: &Defaults) -> Option<Pace> {
        let cron = own.cron.or_else(|| defaults.cron.filter(|_| wire.every.is_none()));
        if let (None, None, Some(timezone)) = (cron, wire.cron, wire.timezone) {
            let remedy = "remove it; a window has a `timezone` of its own";
            self.wrong(timezone.referenced, "`timezone` belongs to `cron`, which the policy does not have", remedy);
        }
        let zone = own.timezone.as_ref().or(defaults.timezone.as_ref()).cloned().unwrap_or(TimeZone::UTC);
        let every = || own.every.or(defaults.every).map(Pace::Every);
        cron.map(|cron| Pace::Cron(LocalCron { cron, zone })).or_else(every)
    }

    pub(super) fn windows(&mut self, written: &Spanned<Vec<wire::Window>>) -> Vec<LocalCron> {
        if written.value.len() > WINDOWS_MAX {
            let cause = format!("there are more than {WINDOWS_MAX} windows");
            self.wrong(written.referenced, cause, "join some: a field may hold a list");
            return Vec::new();
        }
        written.value.iter().filter_map(|window| self.window(window)).collect()
    }

    fn window(&mut self, window: &wire::Window) -> Option<LocalCron> {
        let cron = self.cron(&window.cron);
        let zone = match &window.timezone {
            None => Some(TimeZone::UTC),
            Some(name) => self.timezone(name),
        };
        Some(LocalCron { cron: cron?, zone: zone? })
    }

    pub(super) fn freezes(&mut self, written: &Spanned<Vec<wire::Freeze>>) -> Vec<Freeze> {
        if written.value.len() > FREEZES_MAX {
            let cause = format!("there are more than {FREEZES_MAX} freezes");
            self.wrong(written.referenced, cause, "remove those that are over");
            return Vec::new();
        }
        written.value.iter().filter_map(|freeze| self.freeze(freeze)).collect()
    }

    fn freeze(&mut self, freeze: &wire::Freeze) -> Option<Freeze> {
        let (from, to) = (self.moment(&freeze.from), self.moment(&freeze.to));
        let (from, to) = (from?, to?);
        if from >= to {
            self.wrong(
                freeze.to.referenced,
                "the freeze does not end after it begins",
                "write a `to` that is later than `from`",
            );
            return None;
        }
        let reason = freeze.reason.as_ref().map(|reason| visible(reason.value.trim()).into_owned());
        Some(Freeze { from, to, reason: reason.filter(|reason| !reason.is_empty()).map(Into::into) })
    }

    fn moment(&mut self, written: &Spanned<String>) -> Option<Timestamp> {
        let moment = moment(&written.value);
        if moment.is_none() {
            let cause = format!("{} is no moment: date, time and offset as in RFC 3339", quoted(&written.value));
            let remedy = "write for example `2026-12-20T00:00:00Z` or `2026-12-20T00:00:00+01:00`";
            self.wrong(written.referenced, cause, remedy);
        }
        moment
    }
}

/// Returns when changes may be written: the policy's own windows, else those of the defaults, and the freezes of both.
pub(super) fn calendar(own: &Defaults, defaults: &Defaults) -> Calendar {
    let windows = own.windows.as_ref().or(defaults.windows.as_ref()).cloned().unwrap_or_default();
    Calendar::new(windows, own.freezes.iter().chain(&defaults.freezes).cloned().collect())
}

/// Reads a moment as RFC 3339 has it, and nothing of what else the reader of the crate would take.
fn moment(text: &str) -> Option<Timestamp> {
    let (head, tail) = text.split_at_checked(MOMENT.len())?;
    let same = |(have, want): (u8, u8)| if want == b'0' { have.is_ascii_digit() } else { have == want };
    let tail = match tail.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|digit: char| digit.is_ascii_digit()),
        None => tail,
    };
    let offset = tail == "Z" || matches!(tail.as_bytes(), [b'+' | b'-', _, _, b':', _, _]);
    if offset && head.bytes().zip(MOMENT.bytes()).all(same) { text.parse().ok() } else { None }
}
