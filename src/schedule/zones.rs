//! Where time zones come from: an argument, like the time.

use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};

/// Names that a system's database has beside time zones: what they mean differs from machine to machine.
const NO_ZONES: [&str; 4] = ["localtime", "posixrules", "Factory", "Etc/Unknown"];

/// The time zones that people may name.
#[derive(Debug)]
pub struct Zones {
    system: Option<LazyLock<TimeZoneDatabase>>,
    bundled: TimeZoneDatabase,
}

impl Zones {
    /// Returns the zones that the program carries with it.
    pub fn bundled() -> Self {
        Self { system: None, bundled: TimeZoneDatabase::bundled() }
    }

    /// Returns the zones of `system`, which is newer than the program where it is kept, and those of the program where
    /// `system` does not know a name. It is opened when the first zone is named, since most policies name none.
    pub fn with_system(system: fn() -> TimeZoneDatabase) -> Self {
        Self { system: Some(LazyLock::new(system)), ..Self::bundled() }
    }

    /// Returns the zone of a name of the tz database; upper and lower case mean the same.
    pub fn get(&self, name: &str) -> Option<TimeZone> {
        if NO_ZONES.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            return None;
        }
        let of_system = self.system.as_ref().and_then(|system| system.get(name).ok());
        of_system.or_else(|| self.bundled.get(name).ok())
    }

    /// Returns the names `Area/Place` that the program knows, to suggest one.
    pub fn places(&self) -> Vec<String> {
        let names = self.bundled.available().map(|name| name.to_string());
        names.filter(|name| name.contains('/') && !name.starts_with("Etc/")).collect()
    }
}
