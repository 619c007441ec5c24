//! `select`: what a tag is read as, and which of two tags is the better one.

use std::borrow::Cow;
use std::cmp::Ordering;

use semver::Version;

use super::jump::Jump;
use super::numeric::Number;
use super::range::{Miss, Range};
use super::shape::Shape;
use super::version::VersionText;

/// How a policy orders tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// The highest version in a range.
    Semver {
        /// The versions that are allowed.
        range: Range,
        /// Whether versions may leave out the minor and the patch (`1.2`, `20240115`); else three numbers are needed,
        /// so that a bare number, a date or a commit id is never a version by accident.
        loose: bool,
    },
    /// The highest or lowest number.
    Numeric(End),
    /// The last or first text by its bytes.
    Alphabetical(End),
    /// The highest tag that is made like the one at a place, no further away than this. What that is depends on the
    /// place, so that no tag qualifies on its own.
    LikeCurrent(Jump),
}

/// Which end of an order is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The highest number, the last text.
    Top,
    /// The lowest number, the first text.
    Bottom,
}

/// What a tag was read as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'t> {
    /// A version, without the build metadata that orders nothing.
    Version(Version),
    /// A decimal number.
    Number(Number<'t>),
    /// A text as it stands.
    Text(Cow<'t, str>),
    /// A text taken apart, to be compared with those that are made like it.
    Shape(Shape<'t>),
}

/// Why a text is no candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// It is no version.
    NotAVersion,
    /// It is a version without all three numbers, and the policy is not `loose`.
    NotThreeNumbers,
    /// It is no decimal number; where a tag is to be like another, it has none.
    NotANumber,
    /// It is a version outside of the range.
    Outside(Miss),
}

impl Order {
    /// Returns the range, where the order has one.
    pub fn range(&self) -> Option<&Range> {
        match self {
            Self::Semver { range, .. } => Some(range),
            Self::Numeric(_) | Self::Alphabetical(_) | Self::LikeCurrent(_) => None,
        }
    }

    /// Reads a text, whether the range allows it or not.
    pub fn read<'t>(&self, text: &'t str) -> Result<Value<'t>, Refusal> {
        match self {
            Self::Semver { loose, .. } => read_version(text, *loose).map(|text| Value::Version(text.to_version())),
            Self::Numeric(_) => Number::parse(text).map(Value::Number).ok_or(Refusal::NotANumber),
            Self::Alphabetical(_) => Ok(Value::Text(text.into())),
            Self::LikeCurrent(_) => Shape::read(text, None).map(Value::Shape).ok_or(Refusal::NotANumber),
        }
    }

    /// Reads a text that the policy may choose. A pre-release that nobody asked for is refused without copying it.
    pub fn qualify<'t>(&self, text: &'t str) -> Result<Value<'t>, Refusal> {
        let Self::Semver { range, loose } = self else { return self.read(text) };
        let text = read_version(text, *loose)?;
        if !text.prerelease().is_empty() && !range.asks_for_prereleases() {
            return Err(Refusal::Outside(Miss::Prerelease));
        }
        let version = text.to_version();
        range.check(&version).map_err(Refusal::Outside)?;
        Ok(Value::Version(version))
    }

    /// Compares two values that this order read: the better one is the greater.
    pub fn compare(&self, left: &Value<'_>, right: &Value<'_>) -> Ordering {
        let ascending = match (left, right) {
            (Value::Version(left), Value::Version(right)) => left.cmp(right),
            (Value::Number(left), Value::Number(right)) => left.cmp(right),
            (Value::Text(left), Value::Text(right)) => left.cmp(right),
            (Value::Shape(left), Value::Shape(right)) => left.compare(right),
            (Value::Version(_) | Value::Number(_) | Value::Text(_) | Value::Shape(_), _) => Ordering::Equal,
        };
        match self {
            Self::Numeric(End::Bottom) | Self::Alphabetical(End::Bottom) => ascending.reverse(),
            Self::Semver { .. } | Self::Numeric(End::Top) | Self::Alphabetical(End::Top) | Self::LikeCurrent(_) => {
                ascending
            }
        }
    }
}

impl Value<'_> {
    /// Returns the value with memory of its own.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Version(version) => Value::Version(version),
            Self::Number(number) => Value::Number(number.into_owned()),
            Self::Text(text) => Value::Text(text.into_owned().into()),
            Self::Shape(shape) => Value::Shape(shape.into_owned()),
        }
    }
}

/// Reads a version by the rule for candidates.
fn read_version(text: &str, loose: bool) -> Result<VersionText<'_>, Refusal> {
    let version = VersionText::parse(text).ok_or(Refusal::NotAVersion)?;
    if loose || version.has_three_numbers() { Ok(version) } else { Err(Refusal::NotThreeNumbers) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn semver(range: &str, loose: bool) -> Order {
        Order::Semver { range: Range::parse(range).unwrap(), loose }
    }

    #[test]
    fn a_date_is_no_version_by_accident() {
        for text in ["1", "1.2", "20240115", "v7", "1-a.b.c", "1.2-rc.1"] {
            assert_eq!(semver("*", false).qualify(text), Err(Refusal::NotThreeNumbers), "{text}");
            assert!(semver("*-0", true).qualify(text).is_ok(), "{text}");
        }
        assert!(semver("*", false).qualify("v2024.01.15").is_ok());
    }

    #[test]
    fn the_range_is_looked_at_only_where_tags_qualify() {
        let order = semver(">=6", false);
        assert_eq!(order.qualify("5.9.0"), Err(Refusal::Outside(Miss::Comparator(0))));
        assert_eq!(order.qualify("6.1.0-rc.1"), Err(Refusal::Outside(Miss::Prerelease)));
        assert!(order.read("5.9.0").is_ok() && order.read("6.1.0-rc.1").is_ok());
        assert_eq!(order.read("latest"), Err(Refusal::NotAVersion));
    }

    #[test]
    fn lowest_and_first_turn_the_order_round() {
        let better = |order: &Order, left, right| {
            let (left, right) = (order.read(left).unwrap(), order.read(right).unwrap());
            order.compare(&left, &right).is_gt()
        };
        assert!(better(&Order::Numeric(End::Top), "10", "9") && better(&Order::Numeric(End::Bottom), "9", "10"));
        assert!(
            better(&Order::Alphabetical(End::Top), "b", "a") && better(&Order::Alphabetical(End::Bottom), "B", "a")
        );
    }
}
