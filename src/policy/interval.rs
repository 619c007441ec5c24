//! Intervals as people write them: `30s`, `5m`, `1h30m`, `2d`.

use std::time::Duration;

/// The shortest interval: more often would only burden the registry.
const INTERVAL_MIN: Duration = Duration::from_secs(10);
/// The longest interval: what is listed more seldom is not watched.
const INTERVAL_MAX: Duration = Duration::from_hours(31 * 24);

/// The units with their seconds, in the order in which they may follow each other.
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// Why a text is not an interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IntervalError {
    /// It is not numbers with units.
    #[error("an interval is whole numbers with the units `d`, `h`, `m` and `s`, the larger unit first")]
    Syntax,
    /// It is too short or too long.
    #[error("an interval is at least `10s` and at most `31d`")]
    Bounds,
}

/// Reads an interval of a policy.
pub(super) fn parse(text: &str) -> Result<Duration, IntervalError> {
    let interval = duration(text)?;
    if (INTERVAL_MIN..=INTERVAL_MAX).contains(&interval) { Ok(interval) } else { Err(IntervalError::Bounds) }
}

/// Reads a duration of any length. Each unit stands at most once, the larger before the smaller.
pub fn duration(text: &str) -> Result<Duration, IntervalError> {
    let mut rest = text;
    let mut seconds = 0_u64;
    for (unit, unit_s) in UNITS {
        let Some((number, after)) = rest.split_once(unit) else { continue };
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number {
            return Err(IntervalError::Syntax);
        }
        let number: u64 = number.parse().map_err(|_| IntervalError::Bounds)?;
        seconds = seconds.saturating_add(number.saturating_mul(unit_s));
        rest = after;
    }
    if !rest.is_empty() || text.is_empty() {
        return Err(IntervalError::Syntax);
    }
    Ok(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_add_up() {
        for (text, seconds) in
            [("30s", 30), ("5m", 300), ("1h30m", 5400), ("2d", 172_800), ("1d2h3m4s", 93_784), ("31d", 2_678_400)]
        {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_interval_is_refused() {
        for text in ["", "5", "m", "5 m", "-5m", "+5m", "1.5h", "5m1h", "5m5m", "5min", "1w", "5m ", "0x5m", "٣m"] {
            assert_eq!(parse(text), Err(IntervalError::Syntax), "{text:?}");
        }
        for text in ["9s", "0s", "31d1s", "32d", "99999999999999999999s", "18446744073709551615d"] {
            assert_eq!(parse(text), Err(IntervalError::Bounds), "{text}");
        }
    }
}
