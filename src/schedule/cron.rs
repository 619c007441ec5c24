//! The five fields of crontab(5), and which minutes of a local clock they name.
//!
//! Knows no time zone: a local date and time goes in. The rules are those of cronie's `crontab.5`, `entry.c` and `cron.c`;
//! its random ranges (`6~15`) and its words (`@daily`) are refused, since a window has to be readable and is no moment.

use std::fmt;

use jiff::civil::{Date, DateTime};

/// How many characters of a faulty part a message repeats.
const PART_CHARACTERS_MAX: usize = 20;

/// Minutes of a local clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cron {
    minutes: Set,
    hours: Set,
    days: Set,
    months: Set,
    /// Sunday is 0, and never 7.
    weekdays: Set,
    /// Whether a day needs only one of day of month and day of week: so where neither field begins with `*`.
    either_day: bool,
}

/// A field of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// 1 to 31.
    DayOfMonth,
    /// 1 to 12, or the first three letters.
    Month,
    /// 0 to 7, both of them Sunday, or the first three letters.
    DayOfWeek,
}

/// Why a text is no crontab time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// There are not five fields.
    #[error("it has {0} fields, and five are needed: minute, hour, day of month, month, day of week")]
    FieldCount(usize),
    /// It is a word such as `@daily`, which names one minute.
    #[error("words such as `@daily` are not taken")]
    Word,
    /// A part of a field is wrong.
    #[error("{field} `{part}`: {fault}")]
    Part {
        /// The field.
        field: Field,
        /// The part between commas, its beginning.
        part: Box<str>,
        /// What is wrong with it.
        fault: Fault,
    },
    /// The days of month that it names are in none of its months.
    #[error("none of its months has such a day")]
    NoSuchDay,
}

/// What is wrong with a part of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A number is missing before or after a comma, a hyphen or a stroke.
    #[error("a number is missing")]
    Empty,
    /// It is neither a number nor a name of that field.
    #[error("this is neither a number{} nor a range", if *.names { ", a name" } else { "" })]
    Unreadable {
        /// Whether the field has names.
        names: bool,
    },
    /// A number is outside of the field.
    #[error("the numbers here are {low} to {high}")]
    OutOfBounds {
        /// The smallest number.
        low: u8,
        /// The largest number.
        high: u8,
    },
    /// A range begins after its end.
    #[error("a range goes from the smaller to the larger")]
    Descending,
    /// The step is no number, or 0.
    #[error("a step is a number from 1 on")]
    Step,
    /// A step follows a single number.
    #[error("a step follows `*` or a range")]
    StepAlone,
}

impl CronError {
    /// Returns what to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::FieldCount(_) => "write for example `* 9-16 * * MON-FRI`; there are no seconds and no years",
            Self::Word => "write five fields: `@daily` is `0 0 * * *`",
            Self::Part { fault: Fault::Descending, .. } => "turn the range round, or write two with a comma",
            Self::Part { fault: Fault::StepAlone, .. } => "write for example `*/15` or `5-59/15`",
            Self::Part { .. } => {
                "write `*`, numbers, ranges `9-16`, steps `*/15` and lists `1,15`; months and days of week have names: `JAN`, `MON`"
            }
            Self::NoSuchDay => "mend the day of month or the month",
        }
    }
}

impl Cron {
    /// Reads the five fields, which blanks separate.
    pub fn parse(text: &str) -> Result<Self, CronError> {
        if text.trim_start().starts_with('@') {
            return Err(CronError::Word);
        }
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let [minute, hour, day, month, weekday] = *fields else {
            return Err(CronError::FieldCount(fields.len()));
        };
        let weekdays = Field::DayOfWeek.parse(weekday)?;
        let cron = Self {
            minutes: Field::Minute.parse(minute)?,
            hours: Field::Hour.parse(hour)?,
            days: Field::DayOfMonth.parse(day)?,
            months: Field::Month.parse(month)?,
            weekdays: weekdays.with_sunday_as_zero(),
            either_day: !day.starts_with('*') && !weekday.starts_with('*'),
        };
        if cron.has_a_day() { Ok(cron) } else { Err(CronError::NoSuchDay) }
    }

    /// Returns whether the minute of `local` is one of them.
    pub fn matches(&self, local: DateTime) -> bool {
        self.minutes.has(local.minute()) && self.hours.has(local.hour()) && self.has_date(local.date())
    }

    /// Returns the beginning of the first such minute that begins after `local`, on `last` at the latest.
    pub fn next_after(&self, local: DateTime, last: Date) -> Option<DateTime> {
        let mut date = local.date();
        let mut after = Some((local.hour(), local.minute()));
        while date <= last {
            if !self.months.has(date.month()) {
                date = date.last_of_month().tomorrow().ok()?;
                after = None;
                continue;
            }
            let time = if self.has_date(date) { self.next_time(after) } else { None };
            if let Some((hour, minute)) = time {
                return Some(date.at(hour, minute, 0, 0));
            }
            date = date.tomorrow().ok()?;
            after = None;
        }
        None
    }

    /// Returns hour and minute of the first such minute of a day, after another one where there is one.
    fn next_time(&self, after: Option<(i8, i8)>) -> Option<(i8, i8)> {
        let first_minute = self.minutes.first_from(0)?;
        let Some((hour, minute)) = after else { return Some((self.hours.first_from(0)?, first_minute)) };
        let in_this_hour = self.minutes.first_from(minute + 1).filter(|_| self.hours.has(hour));
        match in_this_hour {
            Some(next) => Some((hour, next)),
            None => Some((self.hours.first_from(hour + 1)?, first_minute)),
        }
    }

    fn has_date(&self, date: Date) -> bool {
        let by_day = self.days.has(date.day());
        let by_weekday = self.weekdays.has(date.weekday().to_sunday_zero_offset());
        let has_day = if self.either_day { by_day || by_weekday } else { by_day && by_weekday };
        has_day && self.months.has(date.month())
    }

    /// Returns whether some year has such a day. Every weekday falls on every day of the year sooner or later.
    fn has_a_day(&self) -> bool {
        const LONGEST: [i8; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let first_day = self.days.first_from(1);
        let fits = |(month, length): (i8, i8)| self.months.has(month) && first_day.is_some_and(|day| day <= length);
        self.either_day || (1..).zip(LONGEST).any(fits)
    }
}

impl Field {
    /// Returns the smallest and the largest number.
    fn bounds(self) -> (u8, u8) {
        match self {
            Self::Minute => (0, 59),
            Self::Hour => (0, 23),
            Self::DayOfMonth => (1, 31),
            Self::Month => (1, 12),
            Self::DayOfWeek => (0, 7),
        }
    }

    /// Returns the names, the first of which stands for the smallest number.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Minute | Self::Hour | Self::DayOfMonth => &[],
            Self::Month => &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
            Self::DayOfWeek => &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
        }
    }

    fn parse(self, text: &str) -> Result<Set, CronError> {
        let mut set = Set::default();
        for part in text.split(',') {
            self.parse_part(part, &mut set).map_err(|fault| {
                let part = if part.is_empty() { text } else { part };
                let part = part.chars().take(PART_CHARACTERS_MAX).collect::<String>().into();
                CronError::Part { field: self, part, fault }
            })?;
        }
        Ok(set)
    }

    fn parse_part(self, part: &str, set: &mut Set) -> Result<(), Fault> {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (part, None),
        };
        let (low, high) = match range.split_once('-') {
            _ if range == "*" => self.bounds(),
            Some((low, high)) => self.range(self.number(low)?, self.number(high)?)?,
            None => {
                let number = self.number(range)?;
                (number, number)
            }
        };
        let is_range = range == "*" || range.contains('-');
        let step = match step {
            None => 1,
            Some(_) if !is_range => return Err(Fault::StepAlone),
            Some(step) => {
                let step = digits(step).and_then(|step| step.parse::<usize>().ok());
                step.filter(|step| *step > 0).ok_or(Fault::Step)?
            }
        };
        (low..=high).step_by(step).for_each(|number| set.add(number));
        Ok(())
    }

    /// Puts the ends of a range in order: Sunday ends a week as well as it begins one.
    fn range(self, low: u8, high: u8) -> Result<(u8, u8), Fault> {
        match (low, high) {
            (1.., 0) if self == Self::DayOfWeek => Ok((low, 7)),
            _ if low > high => Err(Fault::Descending),
            _ => Ok((low, high)),
        }
    }

    fn number(self, text: &str) -> Result<u8, Fault> {
        let (low, high) = self.bounds();
        if text.is_empty() {
            return Err(Fault::Empty);
        }
        let names = self.names();
        if let Some((number, _)) = (low..).zip(names).find(|(_, name)| name.eq_ignore_ascii_case(text)) {
            return Ok(number);
        }
        let digits = digits(text).ok_or(Fault::Unreadable { names: !names.is_empty() })?;
        let number = digits.parse().ok().filter(|number| (low..=high).contains(number));
        number.ok_or(Fault::OutOfBounds { low, high })
    }
}

/// Returns the text where it is digits alone, so that no sign is read.
fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::DayOfMonth => "day of month",
            Self::Month => "month",
            Self::DayOfWeek => "day of week",
        })
    }
}

/// Numbers from 0 to 63.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Set(u64);

impl Set {
    fn add(&mut self, number: u8) {
        self.0 |= 1_u64.checked_shl(number.into()).unwrap_or(0);
    }

    fn has(self, number: i8) -> bool {
        self.first_from(number) == Some(number)
    }

    /// Returns the smallest number that is `low` or more.
    fn first_from(self, low: i8) -> Option<i8> {
        let above = self.0 & u64::MAX.checked_shl(low.try_into().ok()?)?;
        if above == 0 { None } else { above.trailing_zeros().try_into().ok() }
    }

    fn with_sunday_as_zero(self) -> Self {
        const SEVEN: u64 = 1 << 7;
        if self.0 & SEVEN == 0 { self } else { Self((self.0 & !SEVEN) | 1) }
    }
}
