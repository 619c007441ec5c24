//! Texts of strangers, made safe to show: what a repository, a registry or a file says goes to terminals, logs and
//! commit messages, and must not move a cursor, turn the text around or begin a line there.

use std::borrow::Cow;

/// Returns `text` as one line in which a reader sees every character: what is invisible is escaped, as `\u{1b}`.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_invisible) {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        if is_invisible(character) { line.extend(character.escape_default()) } else { line.push(character) }
    }
    Cow::Owned(line)
}

/// Returns whether `character` is a control character, a separator of lines, or one of Unicode's marks for direction,
/// joining and zero width (categories Cc, Zl, Zp, those of Cf that no name or value has a use for, and the letters that
/// are blank).
pub fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(character, '\u{2060}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
        || matches!(character, '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}' | '\u{ffa0}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_cannot_be_seen_is_escaped() {
        assert_eq!(visible("größer 1.0 → 2.0"), "größer 1.0 → 2.0");
        assert_eq!(visible("a\n::error::b\u{1b}[2J\u{202e}c"), "a\\n::error::b\\u{1b}[2J\\u{202e}c");
    }

    proptest! {
        #[test]
        fn nothing_invisible_is_left(text in any::<String>()) {
            prop_assert!(!visible(&text).contains(is_invisible));
        }
    }
}
