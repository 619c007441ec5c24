//! How a new value is written: in the author's quotes, or with quotes added where a reader would otherwise take it
//! for something else than a string.

use std::borrow::Cow;

use super::place::Style;

/// Words that some reader of YAML 1.1 or 1.2 takes for a boolean, a null or a number, in any case of letters.
const RESERVED_WORDS: [&str; 13] =
    ["null", "true", "false", "yes", "no", "on", "off", "y", "n", "inf", "infinity", "nan", "none"];

/// Returns whether a value is of the characters of tags, names, digests and references. Nothing else is written:
/// none of these characters needs an escape in any style.
pub(super) fn is_writable(value: &str) -> bool {
    let legal =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'/' | b'@' | b'+' | b'-');
    !value.is_empty() && value.bytes().all(legal)
}

/// Returns the bytes that stand for `value` in a place of this style.
pub(super) fn encode(value: &str, style: Style) -> Cow<'_, str> {
    match style {
        Style::Plain if !is_string_without_quotes(value) => Cow::Owned(format!("\"{value}\"")),
        Style::Plain | Style::Block => Cow::Borrowed(value),
        Style::SingleQuoted => Cow::Owned(format!("'{value}'")),
        Style::DoubleQuoted => Cow::Owned(format!("\"{value}\"")),
    }
}

/// Returns whether every reader of YAML 1.1 or 1.2 takes a writable value for a string though it has no quotes.
///
/// The test errs on the side of quotes: what only resembles a number or a date is quoted too.
fn is_string_without_quotes(value: &str) -> bool {
    let begins_well = value.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_');
    let reserved = RESERVED_WORDS.iter().any(|word| word.eq_ignore_ascii_case(value));
    begins_well
        && !value.ends_with(':')
        && !reserved
        && !resembles_decimal(value)
        && !resembles_radix(value)
        && !resembles_date(value)
}

/// `1`, `1.10`, `1_000`, `12:30`, `1e3`, `12e-03`: digits with at most one dot, in base 10 or 60, with or without an
/// exponent. Two dots make a version, which nobody reads as a number.
fn resembles_decimal(value: &str) -> bool {
    let (mantissa, exponent) = value.split_once(['e', 'E']).unwrap_or((value, ""));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let digits = |text: &str, also: &[u8]| text.bytes().all(|byte| byte.is_ascii_digit() || also.contains(&byte));
    let dots = mantissa.bytes().filter(|byte| *byte == b'.').count();
    value.starts_with(|first: char| first.is_ascii_digit())
        && dots <= 1
        && digits(mantissa, b"_.:")
        && digits(exponent, b"_")
}

/// `0x1f`, `0o14`, `0b11` and the floating-point forms of Go, `0x1p-2`.
fn resembles_radix(value: &str) -> bool {
    let digits = |text: &str| {
        text.bytes().all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'_' | b'.' | b'p' | b'P' | b'+' | b'-'))
    };
    let mut characters = value.chars();
    characters.next() == Some('0')
        && characters.next().is_some_and(|radix| "xXoObB".contains(radix))
        && digits(characters.as_str())
}

/// `2024-01-01`, alone or with a time behind `T`.
fn resembles_date(value: &str) -> bool {
    let date = value.split(['T', 't']).next().unwrap_or_default();
    let parts: Vec<_> = date.split('-').collect();
    parts.len() == 3 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, style: Style, expected: &str) {
        assert_eq!(encode(value, style), expected);
    }

    #[test]
    fn the_authors_quotes_stay() {
        check("6.1.0", Style::Plain, "6.1.0");
        check("6.1.0", Style::SingleQuoted, "'6.1.0'");
        check("6.1.0", Style::DoubleQuoted, "\"6.1.0\"");
        check("1.10", Style::Block, "1.10");
    }

    #[test]
    fn quotes_are_added_where_a_plain_value_would_not_be_a_string() {
        check("1.10", Style::Plain, "\"1.10\"");
        check("No", Style::Plain, "\"No\"");
    }

    #[test]
    fn only_the_characters_of_references_are_written() {
        assert!(is_writable("localhost:5000/a_b/c.d-e:v1+2@sha256:0a"));
        for value in ["", "a b", "a\n", "a\"", "ä", "a#b", "{a}", "~", "\0"] {
            assert!(!is_writable(value), "{value:?}");
        }
    }
}
