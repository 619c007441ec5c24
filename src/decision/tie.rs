//! Which of several tags that are equal in order is taken.
//!
//! The rule of the contract: same token shape as the current value, same `v`, same number of parts, longest, smallest
//! bytes. Where a place holds no tag yet, the first three decide nothing.

use std::cmp::Reverse;

use crate::image::TagRef;

/// Returns the tag that wins a tie; the order of `tags` never matters.
pub(super) fn break_tie<'t>(tags: &[TagRef<'t>], current: Option<TagRef<'_>>) -> Option<TagRef<'t>> {
    tags.iter().copied().max_by_key(|tag| preference(*tag, current))
}

/// Returns what orders tags that are equal in order: the greater is preferred, and no two tags are equal here.
pub(super) fn preference<'t>(tag: TagRef<'t>, current: Option<TagRef<'_>>) -> impl Ord + use<'t> {
    let like = |same: fn(&str, &str) -> bool| current.is_some_and(|current| same(tag.as_str(), current.as_str()));
    let same_shape = like(|tag, current| shape(tag).eq(shape(current)));
    let same_v = like(|tag, current| has_v(tag) == has_v(current));
    let same_parts = like(|tag, current| parts(tag) == parts(current));
    (same_shape, same_v, same_parts, tag.as_str().len(), Reverse(tag.as_str()))
}

/// Returns the tokens of a tag: every run of digits is one `0`, every other byte stands for itself.
fn shape(tag: &str) -> impl Iterator<Item = u8> {
    let previous = std::iter::once(None).chain(tag.bytes().map(Some));
    let inner_digit =
        |previous: Option<u8>, byte: u8| byte.is_ascii_digit() && previous.is_some_and(|p| p.is_ascii_digit());
    let starts = previous.zip(tag.bytes()).filter(move |(previous, byte)| !inner_digit(*previous, *byte));
    starts.map(|(_, byte)| if byte.is_ascii_digit() { b'0' } else { byte })
}

/// Returns whether a `v` leads the number that a tag begins with.
fn has_v(tag: &str) -> bool {
    tag.strip_prefix('v').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
}

/// Returns of how many numbers, joined by `.`, the first number of a tag is made.
fn parts(tag: &str) -> usize {
    let number = tag.trim_start_matches(|character: char| !character.is_ascii_digit());
    let is_number = |part: &&str| part.starts_with(|first: char| first.is_ascii_digit());
    let ends_number = |part: &str| !part.bytes().all(|byte| byte.is_ascii_digit());
    let mut count = 0;
    for part in number.split('.').take_while(is_number) {
        count += 1;
        if ends_number(part) {
            break;
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(tags: &str, current: &str, expected: &str) {
        let mut tags: Vec<_> = tags.split(' ').map(|tag| TagRef::parse(tag).unwrap()).collect();
        let current = TagRef::parse(current).ok();
        let expected = TagRef::parse(expected).ok();
        assert_eq!(break_tie(&tags, current), expected);
        tags.reverse();
        assert_eq!(break_tie(&tags, current), expected);
    }

    #[test]
    fn the_shape_of_the_current_value_comes_first() {
        check("1.0.0 v1.0.0 1.0 v1.0", "v0.9.0", "v1.0.0");
        check("1.0.0 v1.0.0 1.0 v1.0", "0.9", "1.0");
        check("1.0.0-amd64 1.0.0-arm64 1.0.0-s390x", "0.9.11-arm64", "1.0.0-arm64");
    }

    #[test]
    fn then_the_v_and_then_the_number_of_parts() {
        check("v2-alpine 2-alpine 2.0-alpine", "v1.9-debian", "v2-alpine");
        check("v2-alpine v2.0-alpine v2.0.0-alpine", "v1.9-debian", "v2.0-alpine");
        check("2-alpine 2.0-alpine", "1.9-x", "2.0-alpine");
    }

    #[test]
    fn then_the_longest_and_then_the_smallest_bytes() {
        check("1.0 1.0.0 1", "", "1.0.0");
        check("1.0.0-b 1.0.0-a", "", "1.0.0-a");
        check("1.0.0 01.0.0", "latest", "01.0.0");
    }

    #[test]
    fn parts_are_those_of_the_first_number() {
        for (tag, expected) in
            [("1", 1), ("v1.2", 2), ("1.2.3-alpine3.19", 3), ("main-7", 1), ("latest", 0), ("1.x.3", 1), ("1.2a.3", 2)]
        {
            assert_eq!(parts(tag), expected, "{tag}");
        }
    }

    proptest! {
        #[test]
        fn shapes_are_equal_where_only_digits_differ(literals in prop::collection::vec("[a-z.-]{1,3}", 1..4), left in any::<[u32; 4]>(), right in any::<[u32; 4]>()) {
            let with = |numbers: [u32; 4]| {
                let pairs = literals.iter().zip(numbers);
                pairs.fold(String::new(), |tag, (text, number)| tag + text + &number.to_string())
            };
            prop_assert!(shape(&with(left)).eq(shape(&with(right))));
            let longer = with(right) + "x";
            prop_assert!(!shape(&with(left)).eq(shape(&longer)));
        }
    }
}
