//! Decimal numbers, exact at any length.
//!
//! Takes what Flux's numerical policy takes for a number, but for what only a 64-bit float can mean: no exponent
//! (`553640e6` is a commit id, not 553,640,000,000), no `NaN`, no infinity, and no rounding: two timestamps of
//! 17 digits stay two.

use std::borrow::Cow;
use std::cmp::Ordering;

/// A decimal number as a text spelled it.
///
/// Invariant: digits alone, the integer without leading zeros, the fraction without trailing zeros; 0 is not negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number<'t> {
    negative: bool,
    integer: Cow<'t, str>,
    fraction: Cow<'t, str>,
}

impl<'t> Number<'t> {
    /// Reads `[+-]DIGITS[.DIGITS]`, where one side of the point may be left out, and where `_` may stand between
    /// two digits, as in Go.
    pub fn parse(text: &'t str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix(['+', '-']) {
            Some(rest) => (text.starts_with('-'), rest),
            None => (false, text),
        };
        let (integer, fraction) = text.split_once('.').unwrap_or((text, ""));
        if (integer.is_empty() && fraction.is_empty()) || !is_digits(integer) || !is_digits(fraction) {
            return None;
        }
        let integer = trimmed(integer, |digits| digits.trim_start_matches('0'));
        let fraction = trimmed(fraction, |digits| digits.trim_end_matches('0'));
        let is_zero = integer.is_empty() && fraction.is_empty();
        Some(Self { negative: negative && !is_zero, integer, fraction })
    }

    /// Returns the number with digits of its own.
    pub fn into_owned(self) -> Number<'static> {
        Number {
            negative: self.negative,
            integer: self.integer.into_owned().into(),
            fraction: self.fraction.into_owned().into(),
        }
    }

    /// Compares without the signs.
    fn compare_magnitudes(&self, other: &Self) -> Ordering {
        let by_integer = (self.integer.len(), &self.integer).cmp(&(other.integer.len(), &other.integer));
        by_integer.then_with(|| self.fraction.cmp(&other.fraction))
    }
}

impl Ord for Number<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.compare_magnitudes(other),
            (true, true) => other.compare_magnitudes(self),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Number<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Returns whether `text` is empty or digits, single `_` between digits allowed.
fn is_digits(text: &str) -> bool {
    let legal = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    legal && !text.starts_with('_') && !text.ends_with('_') && !text.contains("__")
}

/// Leaves out every `_`, then what `trim` leaves out; copies only where it must.
fn trimmed(digits: &str, trim: impl Fn(&str) -> &str) -> Cow<'_, str> {
    if digits.contains('_') { trim(&digits.replace('_', "")).to_owned().into() } else { trim(digits).into() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn compare(left: &str, right: &str) -> Ordering {
        Number::parse(left).unwrap().cmp(&Number::parse(right).unwrap())
    }

    #[test]
    fn numbers_are_compared_exactly() {
        let ascending = ["-88", "-62.5", "-62", "-0.1", "0", ".4", "0.5", "1.", "1.25", "1.5", "9", "10", "1_000"];
        for pair in ascending.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
        }
        assert_eq!(compare("20240101000000001", "20240101000000002"), Ordering::Less);
        assert_eq!(compare(&"9".repeat(120), &format!("1{}", "0".repeat(120))), Ordering::Less);
    }

    #[test]
    fn spellings_of_one_number_are_equal() {
        for (left, right) in [("1", "01"), ("1", "1.0"), ("1", "+1."), ("-0", "0"), (".5", "0.50"), ("1_0", "10")] {
            assert_eq!(compare(left, right), Ordering::Equal, "{left} {right}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        let no_numbers = [
            "", ".", "-", "+", "1e3", "inf", "NaN", "0x10", " 5", "1.2.3", "--1", "1_", "_1", "1__0", "1._5", "v1", "٣",
        ];
        for text in no_numbers {
            assert_eq!(Number::parse(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn the_order_is_that_of_the_integers(left in any::<i64>(), right in any::<i64>(), zeros in 0_usize..4) {
            let left_text = format!("{}{}{}", if left < 0 { "-" } else { "" }, "0".repeat(zeros), left.unsigned_abs());
            prop_assert_eq!(compare(&left_text, &right.to_string()), left.cmp(&right));
        }

        #[test]
        fn owning_changes_nothing(text in "[+-]?[0-9_]{0,8}[.]?[0-9_]{0,8}") {
            if let Some(number) = Number::parse(&text) {
                prop_assert_eq!(number.clone().into_owned(), number);
            }
        }
    }
}
