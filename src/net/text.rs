//! Texts of strangers, made safe to show.

use crate::text::is_invisible;

/// The longest text of a server that is shown, in characters: a sentence or two.
pub const TEXT_CHARS_MAX: usize = 300;

/// Returns what a server said as one line of at most [`TEXT_CHARS_MAX`] characters: runs of white space, control
/// characters and invisible marks (which could move a terminal's cursor or turn the text around) are one blank.
pub fn clean(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let words = text.split(is_gap).filter(|word| !word.is_empty());
    let characters = words.flat_map(|word| std::iter::once(' ').chain(word.chars())).skip(1);
    let mut cleaned = String::new();
    for (length, character) in characters.enumerate() {
        if length == TEXT_CHARS_MAX {
            cleaned.push('…');
            break;
        }
        cleaned.push(character);
    }
    cleaned
}

/// Returns whether `character` shows as a gap, or not at all.
fn is_gap(character: char) -> bool {
    character.is_whitespace() || is_invisible(character)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_becomes_one_plain_line() {
        assert_eq!(clean(b"  no\r\n\tsuch \x1b[31mthing\x07 "), "no such [31mthing");
        assert_eq!(clean("a\u{202e}b\u{200b}c".as_bytes()), "a b c");
        assert_eq!(clean(b"\xff!"), "\u{fffd}!");
        assert_eq!(clean(b" \n "), "");
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(clean(&[b'x'; TEXT_CHARS_MAX]), "x".repeat(TEXT_CHARS_MAX));
        assert_eq!(clean(&[b'x'; TEXT_CHARS_MAX + 1]), "x".repeat(TEXT_CHARS_MAX) + "…");
    }

    proptest! {
        #[test]
        fn nothing_invisible_passes(text in prop::collection::vec(any::<u8>(), 0..600)) {
            let cleaned = clean(&text);
            prop_assert!(cleaned.chars().all(|character| character == ' ' || !is_invisible(character)));
            prop_assert!(cleaned.chars().count() <= TEXT_CHARS_MAX + 1);
        }
    }
}
