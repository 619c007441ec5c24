//! Replacing values: cut, paste, prove, or refuse the whole file.

use super::cst::SecondOpinion;
use super::encode::{encode, is_writable};
use super::place::{Place, Style};
use super::source::Source;
use super::verify::{Change, Slip, differs_only_by};
use crate::finding::Finding;

/// One replacement: the new value of one place, never its comment.
#[derive(Clone, Copy, Debug)]
pub struct Edit<'e> {
    /// Where the value stands, as [`find`](super::find()) gave it for these very bytes.
    pub place: &'e Place,
    /// The new value, without quotes: of `A-Z a-z 0-9 _ . : / @ + -`, not empty.
    pub value: &'e str,
}

/// Replaces the values of `edits` and nothing else, proves it, or refuses the whole file.
///
/// The author's quotes stay; quotes are added where a reader of YAML would take the new value for something else
/// than a string. An edit to the value that a place already has changes nothing. Everything is proven on the
/// result: the bytes outside the values, and the parser's events with tags, anchors, styles and comments.
pub fn edit(file: &str, bytes: &[u8], edits: &[Edit<'_>]) -> Result<Vec<u8>, Finding> {
    let changes = changes(edits)?;
    if changes.is_empty() {
        return Ok(bytes.to_vec());
    }
    let source = Source::open(file, bytes)?;
    let edited = splice(source.text, &changes).map_err(|slip| not_proven(&source, &slip))?;
    // Before the second opinion is asked: see there.
    differs_only_by(source.text, &edited, &changes).map_err(|slip| not_proven(&source, &slip))?;
    let second = SecondOpinion::of(source.text);
    for change in &changes {
        let agreed = if change.style == Style::Block {
            second.has_scalar_around(&change.span)
        } else {
            second.has_scalar(&change.span)
        };
        if !agreed {
            return Err(not_proven(&source, &Slip::Disputed { offset: change.span.start }));
        }
    }
    Ok(edited.into_bytes())
}

/// Returns what really changes, in the order of the file.
fn changes<'e>(edits: &[Edit<'e>]) -> Result<Vec<Change<'e>>, Finding> {
    let mut sorted: Vec<_> = edits.iter().collect();
    sorted.sort_by_key(|edit| (edit.place.span.start, edit.value));
    sorted.dedup_by_key(|edit| (edit.place.span.start, edit.value));
    let twice = sorted.windows(2).find(|pair| matches!(pair, [a, b] if a.place.span.end > b.place.span.start));
    if let Some([first, ..]) = twice {
        let cause = format!("`{}` would get two values at once", first.place.path);
        return Err(Finding::error(first.place.position.clone(), cause, "let one policy write it"));
    }
    let changing = sorted.into_iter().filter(|edit| edit.value != &*edit.place.value);
    changing.map(change).collect()
}

fn change<'e>(edit: &Edit<'e>) -> Result<Change<'e>, Finding> {
    let place = edit.place;
    if !is_writable(edit.value) {
        let cause =
            format!("`{}` is no tag, name, digest or reference, so it is not written", edit.value.escape_debug());
        return Err(Finding::error(place.position.clone(), cause, "look at the policy that chose it"));
    }
    let written = encode(edit.value, place.style);
    Ok(Change { span: place.span.clone(), style: place.style, before: &place.value, after: edit.value, written })
}

/// Returns the text with the changes in it.
fn splice(text: &str, changes: &[Change<'_>]) -> Result<String, Slip> {
    let added: usize = changes.iter().map(|change| change.written.len()).sum();
    let mut edited = String::with_capacity(text.len() + added);
    let mut copied = 0;
    for change in changes {
        let kept = text.get(copied..change.span.start).ok_or(Slip::NotThere { offset: text.len() })?;
        edited.push_str(kept);
        edited.push_str(&change.written);
        copied = change.span.end;
    }
    edited.push_str(text.get(copied..).ok_or(Slip::NotThere { offset: text.len() })?);
    Ok(edited)
}

fn not_proven(source: &Source<'_>, slip: &Slip) -> Finding {
    let cause = format!("the file is not edited: {slip}");
    Finding::error(source.position(slip.offset()), cause, slip.remedy())
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;
    use crate::manifest::find;

    /// Edits the first place of `found_in` in `text`.
    fn check(found_in: &str, text: &str, values: &[&str], expected: &Expect) {
        let found = find("f", found_in.as_bytes());
        let edits: Vec<_> = values.iter().map(|value| Edit { place: &found.places[0], value }).collect();
        expected.assert_eq(&match edit("f", text.as_bytes(), &edits) {
            Ok(edited) => String::from_utf8(edited).unwrap(),
            Err(finding) => format!("{}: {}; {}\n", finding.position, finding.cause, finding.remedy),
        });
    }

    #[test]
    fn a_place_of_other_bytes_is_refused() {
        let text = "a: 6.0.0 # automator: p\n";
        check(
            text,
            "a: 5.0.0 # automator: p\n",
            &["6.1.0"],
            &expect![[r"
            f:1:4: the file is not edited: it has changed since its markers were read; read the file again and decide anew
        "]],
        );
        check(
            text,
            "long: 6.0.0 # automator: p\n",
            &["6.1.0"],
            &expect![[r"
                f:1:4: the file is not edited: it has changed since its markers were read; read the file again and decide anew
            "]],
        );
        check(
            text,
            "a: ",
            &["6.1.0"],
            &expect![[r"
            f:1:4: the file is not edited: it has changed since its markers were read; read the file again and decide anew
        "]],
        );
        check(
            text,
            "a: [",
            &["6.1.0"],
            &expect![[r"
            f:1:5: the file is not edited: it has changed since its markers were read; read the file again and decide anew
        "]],
        );
    }

    #[test]
    fn one_value_twice_is_one_edit_and_two_values_are_refused() {
        let text = "a: 6.0.0 # automator: p\n";
        check(
            text,
            text,
            &["6.1.0", "6.1.0"],
            &expect![[r"
            a: 6.1.0 # automator: p
        "]],
        );
        check(
            text,
            text,
            &["6.1.0", "6.2.0"],
            &expect![[r"
            f:1:4: `a` would get two values at once; let one policy write it
        "]],
        );
        check(
            text,
            text,
            &["6.0.0", "6.2.0"],
            &expect![[r"
            f:1:4: `a` would get two values at once; let one policy write it
        "]],
        );
    }

    #[test]
    fn a_value_that_two_parsers_see_in_different_places_is_refused() {
        let text = ": a: 6.0.0 # automator: p\n";
        check(
            text,
            text,
            &["6.1.0"],
            &expect![[r"
            f:1:6: the file is not edited: two parsers disagree on where the value is; edit this value by hand, and report the file to us
        "]],
        );
    }

    #[test]
    fn without_a_change_the_bytes_stay() {
        let text = "a: \"6.\\x30.0\" # automator: p\n";
        check(
            text,
            text,
            &["6.0.0"],
            &expect![[r#"
            a: "6.\x30.0" # automator: p
        "#]],
        );
        check(
            text,
            text,
            &[],
            &expect![[r#"
            a: "6.\x30.0" # automator: p
        "#]],
        );
    }
}
