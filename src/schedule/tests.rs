//! When a calendar is open: a table of dates made by hand, and rules that hold for every calendar.

use expect_test::{Expect, expect};
use jiff::civil::{DateTime, date};
use proptest::prelude::*;

use super::*;

fn cron(text: &str) -> Cron {
    Cron::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn window(zone: &str, text: &str) -> LocalCron {
    LocalCron { cron: cron(text), zone: Zones::bundled().get(zone).unwrap() }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn freeze(from: &str, to: &str, reason: Option<&str>) -> Freeze {
    Freeze { from: at(from), to: at(to), reason: reason.map(Into::into) }
}

/// Zone, window, the moment, and when changes may be written from then on: `open`, or a moment in that zone.
///
/// Made by hand from the rules of each zone, and compared once with a minute-by-minute search in another language.
const DATES: &[(&str, &str, &str, &str)] = &[
    // Days of work.
    ("Europe/Berlin", "* 9-16 * * MON-FRI", "2026-01-02T08:30:00+01:00", "2026-01-02T09:00:00+01:00"),
    ("Europe/Berlin", "* 9-16 * * MON-FRI", "2026-01-02T16:59:59+01:00", "open"),
    ("Europe/Berlin", "* 9-16 * * MON-FRI", "2026-01-02T17:00:00+01:00", "2026-01-05T09:00:00+01:00"),
    ("Europe/Berlin", "* 9-16 * * MON-FRI", "2026-07-01T06:59:30Z", "2026-07-01T09:00:00+02:00"),
    ("UTC", "*/40 * * * *", "2026-01-01T00:41:00Z", "2026-01-01T01:00:00Z"),
    // The ends of months and years.
    ("UTC", "0 0 1 1 *", "2026-01-01T00:00:59Z", "open"),
    ("UTC", "0 0 1 1 *", "2026-01-01T00:01:00Z", "2027-01-01T00:00:00Z"),
    ("UTC", "59 23 31 12 *", "2026-12-31T23:58:59Z", "2026-12-31T23:59:00Z"),
    ("UTC", "* * 31 * *", "2026-02-01T00:00:00Z", "2026-03-31T00:00:00Z"),
    ("UTC", "* * 31 4,6,7 *", "2026-03-31T00:00:00Z", "2026-07-31T00:00:00Z"),
    ("Pacific/Kiritimati", "0 0 1 1 *", "2026-12-31T09:59:00Z", "2027-01-01T00:00:00+14:00"),
    // 29 February: 2100 has none.
    ("UTC", "* * 29 2 *", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00Z"),
    ("UTC", "* * 29 2 *", "2028-03-01T00:00:00Z", "2032-02-29T00:00:00Z"),
    ("UTC", "* * 29 2 *", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"),
    ("Asia/Kolkata", "0 12 29 2 *", "2027-06-01T00:00:00Z", "2028-02-29T12:00:00+05:30"),
    // Day of month and day of week: either if both are restricted, both if one begins with `*`.
    ("UTC", "* * 13 * FRI", "2026-02-14T00:00:00Z", "2026-02-20T00:00:00Z"),
    ("UTC", "* * 1,15 * 5", "2026-01-10T00:00:00Z", "2026-01-15T00:00:00Z"),
    ("UTC", "* * */2 * MON", "2026-01-06T00:00:00Z", "2026-01-19T00:00:00Z"),
    ("UTC", "* * 13 * */7", "2026-01-01T00:00:00Z", "2026-09-13T00:00:00Z"),
    ("UTC", "* * * * 7", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"),
    ("UTC", "* * * * 0", "2026-01-01T00:00:00Z", "2026-01-04T00:00:00Z"),
    ("UTC", "* * * * FRI-SUN", "2026-01-05T00:00:00Z", "2026-01-09T00:00:00Z"),
    // Spring: what the clock skips never comes.
    ("Europe/Berlin", "30 2 * * *", "2026-03-29T01:00:00+01:00", "2026-03-30T02:30:00+02:00"),
    ("Europe/Berlin", "* 2 29 3 *", "2026-03-28T01:00:00+01:00", "2027-03-29T02:00:00+02:00"),
    ("Europe/Berlin", "* 1-3 * * *", "2026-03-29T01:59:59+01:00", "open"),
    ("Europe/Berlin", "* 3 * * *", "2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00"),
    ("Europe/Berlin", "15 * * * *", "2026-03-29T01:16:00+01:00", "2026-03-29T03:15:00+02:00"),
    ("America/New_York", "0 2 8 3 *", "2026-03-08T00:00:00-05:00", "2027-03-08T02:00:00-05:00"),
    ("Antarctica/Troll", "30 2 * * *", "2026-03-29T00:00:00Z", "2026-03-30T02:30:00+02:00"),
    ("America/Havana", "0 0 * * *", "2026-03-07T01:00:00-05:00", "2026-03-09T00:00:00-04:00"),
    ("America/Havana", "* 0-1 8 3 *", "2026-03-07T23:00:00-05:00", "2026-03-08T01:00:00-04:00"),
    // Autumn: what the clock shows twice comes twice.
    ("Europe/Berlin", "30 2 * * *", "2026-10-25T02:00:00+02:00", "2026-10-25T02:30:00+02:00"),
    ("Europe/Berlin", "30 2 * * *", "2026-10-25T02:31:00+02:00", "2026-10-25T02:30:00+01:00"),
    ("Europe/Berlin", "30 2 * * *", "2026-10-25T02:30:30+01:00", "open"),
    ("Europe/Berlin", "30 2 * * *", "2026-10-25T02:31:00+01:00", "2026-10-26T02:30:00+01:00"),
    ("Europe/Berlin", "0-29 2 * * *", "2026-10-25T02:30:00+02:00", "2026-10-25T02:00:00+01:00"),
    ("Europe/Berlin", "0 3 * * *", "2026-10-25T02:59:00+02:00", "2026-10-25T03:00:00+01:00"),
    ("America/New_York", "45 1 1 11 *", "2026-11-01T01:46:00-04:00", "2026-11-01T01:45:00-05:00"),
    ("America/St_Johns", "30 1 * * *", "2026-11-01T01:31:00-02:30", "2026-11-01T01:30:00-03:30"),
    // Half an hour of summer time, quarters of an hour from UTC, a day that never was.
    ("Australia/Lord_Howe", "45 1 * * *", "2026-04-05T01:46:00+11:00", "2026-04-05T01:45:00+10:30"),
    ("Australia/Lord_Howe", "15 2 * * *", "2026-10-04T01:30:00+10:30", "2026-10-05T02:15:00+11:00"),
    ("Australia/Lord_Howe", "30 2 * * *", "2026-10-04T01:59:00+10:30", "2026-10-04T02:30:00+11:00"),
    ("Asia/Kolkata", "0 9 * * *", "2026-05-01T03:29:00Z", "2026-05-01T09:00:00+05:30"),
    ("Asia/Kathmandu", "*/15 * * * *", "2026-05-01T00:01:00Z", "2026-05-01T06:00:00+05:45"),
    ("Pacific/Apia", "* * 30 12 *", "2011-12-29T23:59:00-10:00", "2012-12-30T00:00:00+14:00"),
    ("Pacific/Apia", "* * * * FRI", "2011-12-29T00:00:00-10:00", "2012-01-06T00:00:00+14:00"),
    ("Pacific/Apia", "0 0 31 12 *", "2011-12-29T23:59:00-10:00", "2011-12-31T00:00:00+14:00"),
];

#[test]
fn the_dates_made_by_hand_are_right() {
    for (zone, text, now, expected) in DATES {
        let calendar = Calendar::new(vec![window(zone, text)], Vec::new());
        let expected = match *expected {
            "open" => State::Open,
            until => {
                let until = at(until).to_zoned(Zones::bundled().get(zone).unwrap());
                State::Closed { until: Some(until), why: Why::OutsideWindows }
            }
        };
        assert_eq!(calendar.state(at(now)), expected, "{zone} {text} at {now}");
    }
}

/// Shows the state at a moment as people read it.
fn check(calendar: &Calendar, now: &str, expected: &Expect) {
    let shown = match calendar.state(at(now)) {
        State::Open => "open".to_owned(),
        State::Closed { until: Some(until), why } => format!("{why}; from {until}"),
        State::Closed { until: None, why } => format!("{why}; never"),
    };
    expected.assert_eq(&shown);
}

#[test]
fn without_windows_and_freezes_it_is_always_open() {
    check(&Calendar::default(), "2026-01-01T00:00:00Z", &expect!["open"]);
}

#[test]
fn a_freeze_has_its_first_moment_and_not_its_last() {
    let calendar =
        Calendar::new(Vec::new(), vec![freeze("2026-12-20T00:00:00Z", "2027-01-02T00:00:00Z", Some("holidays"))]);
    check(&calendar, "2026-12-19T23:59:59.999Z", &expect!["open"]);
    check(
        &calendar,
        "2026-12-20T00:00:00Z",
        &expect!["frozen until 2027-01-02T00:00:00Z: holidays; from 2027-01-02T00:00:00+00:00[UTC]"],
    );
    check(
        &calendar,
        "2027-01-01T23:59:59.999Z",
        &expect!["frozen until 2027-01-02T00:00:00Z: holidays; from 2027-01-02T00:00:00+00:00[UTC]"],
    );
    check(&calendar, "2027-01-02T00:00:00Z", &expect!["open"]);
}

#[test]
fn freezes_that_touch_are_left_together_and_the_last_says_why() {
    let calendar = Calendar::new(
        Vec::new(),
        vec![
            freeze("2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z", Some("c")),
            freeze("2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z", None),
            freeze("2026-01-01T12:00:00Z", "2026-01-02T00:00:00Z", Some("b")),
        ],
    );
    check(
        &calendar,
        "2026-01-01T13:00:00Z",
        &expect!["frozen until 2026-01-03T00:00:00Z; from 2026-01-04T00:00:00+00:00[UTC]"],
    );
}

#[test]
fn a_freeze_that_ends_at_night_waits_for_the_window() {
    let berlin = window("Europe/Berlin", "* 9-16 * * MON-FRI");
    let christmas = freeze("2026-12-20T00:00:00Z", "2027-01-02T00:00:00Z", Some("holidays"));
    let calendar = Calendar::new(vec![berlin.clone()], vec![christmas]);
    check(
        &calendar,
        "2026-12-24T12:00:00Z",
        &expect!["frozen until 2027-01-02T00:00:00Z: holidays; from 2027-01-04T09:00:00+01:00[Europe/Berlin]"],
    );
    check(
        &calendar,
        "2026-12-19T12:00:00Z",
        &expect!["none of the policy's windows is open; from 2027-01-04T09:00:00+01:00[Europe/Berlin]"],
    );
    let midday = freeze("2026-06-01T00:00:00Z", "2026-06-02T10:20:30Z", None);
    check(
        &Calendar::new(vec![berlin], vec![midday]),
        "2026-06-01T10:00:00Z",
        &expect!["frozen until 2026-06-02T10:20:30Z; from 2026-06-02T12:20:30+02:00[Europe/Berlin]"],
    );
}

#[test]
fn any_of_several_windows_is_enough_and_gives_its_zone() {
    let calendar = Calendar::new(
        vec![window("America/New_York", "* 9-16 * * *"), window("Asia/Tokyo", "* 9-16 * * *")],
        Vec::new(),
    );
    check(
        &calendar,
        "2026-01-05T09:00:00Z",
        &expect!["none of the policy's windows is open; from 2026-01-05T09:00:00-05:00[America/New_York]"],
    );
    check(
        &calendar,
        "2026-01-05T22:00:00Z",
        &expect!["none of the policy's windows is open; from 2026-01-06T09:00:00+09:00[Asia/Tokyo]"],
    );
}

#[test]
fn what_never_opens_is_said_never_to_open() {
    // A Sunday on 29 February comes every 28 years.
    check(
        &Calendar::new(vec![window("UTC", "* * 29 2 */7")], Vec::new()),
        "2004-03-01T00:00:00Z",
        &expect!["none of the policy's windows is open; never"],
    );
    let last = Timestamp::MAX.to_string();
    check(
        &Calendar::new(vec![window("Europe/Berlin", "0 0 1 1 *")], Vec::new()),
        &last,
        &expect!["none of the policy's windows is open; never"],
    );
    let long = freeze("2026-01-01T00:00:00Z", "2099-01-01T00:00:00Z", None);
    check(
        &Calendar::new(vec![window("UTC", "0 12 * * *")], vec![long]),
        "2026-06-01T00:00:00Z",
        &expect!["frozen until 2099-01-01T00:00:00Z; from 2099-01-01T12:00:00+00:00[UTC]"],
    );
}

#[test]
fn every_fault_of_a_line_is_named() {
    let lines = "
* * * *
0 0 9 * * MON
@daily
60 * * * *
* 24 * * *
* * 0 * *
* * * 13 *
* * * * MOON
MON * * * *
* 16-9 * * *
* * * * FRI-MON
5/15 * * * *
*/0 * * * *
1,,2 * * * *
-1 * * * *
+1 * * * *
*-5 * * * *
99999999999999999999999 * * * *
* * L * *
* * * * MON#1
6~15 * * * *
* * 30 2 *
* * 31 2,4,6,9,11 *
٣ * * * *";
    let shown: String = lines.lines().map(|line| format!("{line:<20} {}\n", Cron::parse(line).unwrap_err())).collect();
    expect![[r#"
                             it has 0 fields, and five are needed: minute, hour, day of month, month, day of week
        * * * *              it has 4 fields, and five are needed: minute, hour, day of month, month, day of week
        0 0 9 * * MON        it has 6 fields, and five are needed: minute, hour, day of month, month, day of week
        @daily               words such as `@daily` are not taken
        60 * * * *           minute `60`: the numbers here are 0 to 59
        * 24 * * *           hour `24`: the numbers here are 0 to 23
        * * 0 * *            day of month `0`: the numbers here are 1 to 31
        * * * 13 *           month `13`: the numbers here are 1 to 12
        * * * * MOON         day of week `MOON`: this is neither a number, a name nor a range
        MON * * * *          minute `MON`: this is neither a number nor a range
        * 16-9 * * *         hour `16-9`: a range goes from the smaller to the larger
        * * * * FRI-MON      day of week `FRI-MON`: a range goes from the smaller to the larger
        5/15 * * * *         minute `5/15`: a step follows `*` or a range
        */0 * * * *          minute `*/0`: a step is a number from 1 on
        1,,2 * * * *         minute `1,,2`: a number is missing
        -1 * * * *           minute `-1`: a number is missing
        +1 * * * *           minute `+1`: this is neither a number nor a range
        *-5 * * * *          minute `*-5`: this is neither a number nor a range
        99999999999999999999999 * * * * minute `99999999999999999999`: the numbers here are 0 to 59
        * * L * *            day of month `L`: this is neither a number nor a range
        * * * * MON#1        day of week `MON#1`: this is neither a number, a name nor a range
        6~15 * * * *         minute `6~15`: this is neither a number nor a range
        * * 30 2 *           none of its months has such a day
        * * 31 2,4,6,9,11 *  none of its months has such a day
        ٣ * * * *            minute `٣`: this is neither a number nor a range
    "#]]
    .assert_eq(&shown);
}

#[test]
fn lines_that_mean_the_same_are_the_same() {
    for (line, same) in [
        ("* * * * *", "0-59 0-23 * 1-12 *"),
        (" 5\t4  * * sun ", "5 4 * * 7"),
        ("* * * jan-Mar *", "* * * 1,2,3 *"),
        ("* * * * MON-FRI", "* * * * 1,2,3,4,5"),
        ("* * * * SAT-SUN", "* * * * 6,0"),
        ("* * * * 5-7", "* * * * 0,5,6"),
        ("* * * * 1-0/2", "* * * * 1,3,5,7"),
        ("*/20 00-23/12 * * *", "0,20,40 0,12 * * *"),
        ("0-10/99 * * * *", "0 * * * *"),
        ("* * 31 2,12 *", "* * 31 12,2 *"),
    ] {
        assert_eq!(cron(line), cron(same), "{line}");
    }
    assert_ne!(cron("* * * * *"), cron("* * 1-31 * 0-7"), "the first needs both, the second either");
}

#[test]
fn zones_are_found_by_name_and_a_machines_own_are_not() {
    let zones = Zones::bundled();
    for name in ["Europe/Berlin", "europe/berlin", "UTC", "US/Eastern", "Asia/Kathmandu"] {
        assert!(zones.get(name).is_some(), "{name}");
    }
    for name in ["", "Berlin", "Europe", "CEST", "+01:00", "localtime", "LOCALTIME", "Factory", "Etc/Unknown", "../x"] {
        assert!(zones.get(name).is_none(), "{name}");
    }
    assert!(zones.places().iter().any(|name| name == "Europe/Berlin"));
}

#[test]
fn a_system_that_lacks_a_zone_leaves_it_to_the_program() {
    let zones = Zones::with_system(jiff::tz::TimeZoneDatabase::none);
    assert!(zones.get("Europe/Berlin").is_some());
}

/// One field as text, with the numbers that it names worked out in the slowest way.
fn field(low: u8, high: u8) -> impl Strategy<Value = (String, Vec<u8>)> {
    let range = move || (low..=high, low..=high).prop_map(|(a, b)| (a.min(b), a.max(b)));
    let part = prop_oneof![
        Just(("*".to_owned(), (low..=high).collect::<Vec<_>>())),
        (1..40_u8).prop_map(move |step| {
            (format!("*/{step}"), (low..=high).filter(|number| (number - low).is_multiple_of(step)).collect())
        }),
        (low..=high).prop_map(|number| (number.to_string(), vec![number])),
        range().prop_map(|(a, b)| (format!("{a}-{b}"), (a..=b).collect())),
        (range(), 1..10_u8).prop_map(|((a, b), step)| {
            (format!("{a}-{b}/{step}"), (a..=b).filter(|number| (number - a).is_multiple_of(step)).collect())
        }),
    ];
    prop::collection::vec(part, 1..4).prop_map(|parts| {
        let (texts, numbers): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
        (texts.join(","), numbers.concat())
    })
}

/// A line with its numbers.
#[derive(Clone, Debug)]
struct Line {
    text: String,
    numbers: [Vec<u8>; 5],
}

impl Line {
    /// Says in the words of crontab(5) whether a local minute matches.
    fn matches(&self, local: DateTime) -> bool {
        let [minutes, hours, days, months, weekdays] = &self.numbers;
        let has = |numbers: &[u8], number: i8| numbers.iter().any(|other| i8::try_from(*other) == Ok(number));
        let weekday = local.weekday().to_sunday_zero_offset();
        let day = has(days, local.day());
        let weekday = has(weekdays, weekday) || (weekday == 0 && has(weekdays, 7));
        let begins_with_star = |index: usize| self.text.split(' ').nth(index).unwrap().starts_with('*');
        let date = if begins_with_star(2) || begins_with_star(4) { day && weekday } else { day || weekday };
        has(minutes, local.minute()) && has(hours, local.hour()) && has(months, local.month()) && date
    }
}

fn line() -> impl Strategy<Value = Line> {
    (field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7)).prop_map(|fields| {
        let (texts, numbers): (Vec<_>, Vec<_>) = <[_; 5]>::from(fields).into_iter().unzip();
        Line { text: texts.join(" "), numbers: numbers.try_into().unwrap() }
    })
}

/// Zones whose clocks change in every way that there is.
fn zone() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/St_Johns",
        "America/Havana",
        "Australia/Lord_Howe",
        "Asia/Kolkata",
        "Africa/Casablanca",
        "Antarctica/Troll",
        "Pacific/Apia",
    ])
}

/// Moments near and far from changes of the clock.
fn moment() -> impl Strategy<Value = Timestamp> {
    let changes = ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z", "2026-04-04T15:00:00Z", "2011-12-30T10:00:00Z"];
    let near = (prop::sample::select(changes.to_vec()), -20_000..20_000_i64)
        .prop_map(|(change, seconds)| at(change) + SignedDuration::from_secs(seconds));
    let any = (946_684_800..4_102_444_800_i64).prop_map(|second| Timestamp::from_second(second).unwrap());
    prop_oneof![near, any]
}

fn freezes() -> impl Strategy<Value = Vec<Freeze>> {
    let freeze = (moment(), 1..500_000_i64, prop::option::of("[a-z]{1,3}")).prop_map(|(from, seconds, reason)| {
        Freeze { from, to: from + SignedDuration::from_secs(seconds), reason: reason.map(Into::into) }
    });
    prop::collection::vec(freeze, 0..4)
}

/// Hours and weekdays that are open often enough to be met within days.
fn usual_windows() -> impl Strategy<Value = Vec<(&'static str, Line)>> {
    let hours = (field(0, 59), field(0, 23), field(0, 7)).prop_map(|(minute, hour, weekday)| Line {
        text: format!("{} {} * * {}", minute.0, hour.0, weekday.0),
        numbers: [minute.1, hour.1, (1..=31).collect(), (1..=12).collect(), weekday.1],
    });
    prop::collection::vec((zone(), hours), 1..3)
}

fn calendar(windows: &[(&str, Line)], freezes: &[Freeze]) -> Calendar {
    Calendar::new(windows.iter().map(|(zone, line)| window(zone, &line.text)).collect(), freezes.to_vec())
}

proptest! {
    #[test]
    fn a_line_names_the_minutes_that_crontab_says(line in line(), day in 0..20_000_i32, hour in 0..24_i8, minute in 0..60_i8) {
        let local = date(1990, 1, 1).checked_add(jiff::Span::new().days(day)).unwrap().at(hour, minute, 7, 0);
        match Cron::parse(&line.text) {
            Ok(cron) => prop_assert_eq!(cron.matches(local), line.matches(local)),
            Err(error) => {
                prop_assert_eq!(error, CronError::NoSuchDay);
                prop_assert!(!line.matches(local));
            }
        }
    }

    #[test]
    fn the_next_moment_is_the_first_that_a_walk_from_minute_to_minute_meets(
        windows in usual_windows(), frozen in freezes(), now in moment()
    ) {
        let calendar = calendar(&windows, &frozen);
        let zones = Zones::bundled();
        let windows: Vec<_> = windows.iter().map(|(zone, line)| (zones.get(zone).unwrap(), line)).collect();
        let is_open = |at: Timestamp| {
            windows.iter().any(|(zone, line)| line.matches(zone.to_datetime(at)))
                && frozen.iter().all(|freeze| at < freeze.from || freeze.to <= at)
        };
        // Windows open at whole minutes, freezes end at whole seconds.
        let ends: Vec<_> = frozen.iter().map(|freeze| freeze.to).collect();
        let minutes = (0..4 * 1440).map(|minute| Timestamp::from_second((now.as_second() / 60 + minute) * 60).unwrap());
        let mut moments: Vec<_> = minutes.chain(ends).chain([now]).filter(|at| *at >= now).collect();
        moments.sort();
        let last = *moments.iter().rev().find(|at| **at <= now + SignedDuration::from_hours(95)).unwrap();
        let first = moments.into_iter().take_while(|at| *at <= last).find(|at| is_open(*at));
        match (calendar.state(now), first) {
            (State::Open, first) => prop_assert_eq!(first, Some(now)),
            (State::Closed { until, .. }, Some(first)) => prop_assert_eq!(until.map(|until| until.timestamp()), Some(first)),
            (State::Closed { until, .. }, None) => prop_assert!(until.is_none_or(|until| until.timestamp() > last)),
        }
    }

    #[test]
    fn the_next_moment_is_open_and_the_moment_before_is_not(
        windows in prop::collection::vec((zone(), line()), 0..3), frozen in freezes(), now in moment()
    ) {
        let windows: Vec<_> = windows.into_iter().filter(|(_, line)| Cron::parse(&line.text).is_ok()).collect();
        let calendar = calendar(&windows, &frozen);
        if let State::Closed { until: Some(until), .. } = calendar.state(now) {
            let until = until.timestamp();
            prop_assert!(until > now);
            prop_assert_eq!(calendar.state(until), State::Open);
            let before = until - SignedDuration::from_nanos(1);
            let same = calendar.state(before);
            prop_assert!(matches!(same, State::Closed { until: Some(ref same), .. } if same.timestamp() == until), "{same:?}");
        }
    }

    #[test]
    fn the_order_of_windows_and_freezes_never_shows(
        windows in prop::collection::vec((zone(), line()), 0..4), frozen in freezes(), now in moment()
    ) {
        let mut windows: Vec<_> = windows.into_iter().filter(|(_, line)| Cron::parse(&line.text).is_ok()).collect();
        let mut frozen = frozen;
        let state = calendar(&windows, &frozen).state(now);
        windows.reverse();
        frozen.reverse();
        prop_assert_eq!(calendar(&windows, &frozen).state(now), state);
    }

    #[test]
    fn no_text_makes_the_reader_fall_over(text in "[-*/,0-9A-Za-z@#?~ \t\u{0}-\u{ff}]{0,30}") {
        let _cron = Cron::parse(&text);
    }
}
