//! What holds for all inputs: no bytes outside the values change, a second edit changes nothing, the new value is
//! read back, and nothing that anybody can put into a file makes the program fall over.

use std::fs;
use std::ops::Range;
use std::path::Path;

use deployment_automator::manifest::{Edit, Found, Place, edit, find};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use yaml_rust2::{Yaml, YamlLoader};

/// Pieces of which texts are made that are nearly YAML: every character that means something, and our markers.
const PIECES: &[&str] = &[
    "- ",
    "? ",
    ": ",
    ":",
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "a",
    "1.9",
    "key: ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    "'",
    "\"",
    "|-",
    ">-",
    "|",
    ">+2",
    "&a ",
    "*a",
    "!!str ",
    "!t ",
    "<<: ",
    "---",
    "...",
    "%YAML 1.2",
    "#",
    "ä",
    "🚀",
    "\u{feff}",
    "\u{85}",
    "\0",
    "{{ ",
    "<<<<<<< ",
    "\\",
    "~",
    "@",
    "`",
    "\n  ",
    "\n    - ",
    " # automator: p\n",
    " # automator: p:tag",
    " # {\"$imagepolicy\": \"a:p\"}\n",
    "# automator: ",
    "v: 1.9 # automator: p:tag\n",
    "- x:1 # automator: p\n",
    "b: |- # automator: p\n  x:1\n",
    "{v: x} # automator: p\n",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn on_documents_that_people_write_every_marked_value_is_replaced_and_nothing_else(
        document in document(),
        values in vec(writable(), 40),
    ) {
        let text = document.text();
        let found = find("f", text.as_bytes());
        prop_assert_eq!(&found.findings, &vec![], "{}", text);
        let marked: Vec<_> = document.entries.iter().filter_map(|entry| entry.marked.clone()).collect();
        let read: Vec<_> = found.places.iter().map(|place| place.value().to_owned()).collect();
        prop_assert_eq!(&read, &marked, "{}", text);

        let edited = replace(text.as_bytes(), &found, &values).map_err(TestCaseError::fail)?;
        check_edit(text.as_bytes(), &edited, &found, &values)?;
        same_for_another_reader(&text, std::str::from_utf8(&edited).unwrap(), &values)?;
    }

    #[test]
    fn whatever_an_edit_accepts_is_proven(pieces in vec(select(PIECES), 0..40), values in vec(writable(), 40)) {
        let text = pieces.concat();
        let found = find("f", text.as_bytes());
        if let Ok(edited) = replace(text.as_bytes(), &found, &values) {
            check_edit(text.as_bytes(), &edited, &found, &values)?;
        }
    }

    #[test]
    fn arbitrary_bytes_never_make_it_fall_over(bytes in vec(any::<u8>(), 0..200), place in 0..200_usize) {
        let mut marked = bytes.clone();
        marked.extend_from_slice(b"\na: 1 # automator: p\n");
        marked.rotate_left(place.min(bytes.len()));
        for bytes in [bytes, marked] {
            let found = find("f", &bytes);
            let _ = replace(&bytes, &found, &["2.0".to_owned()]);
        }
    }

    #[test]
    fn mutations_of_the_cases_never_make_it_fall_over(
        file in any::<Index>(),
        mutations in vec((any::<Index>(), 0..4_usize, select(PIECES), any::<u8>()), 1..6),
        values in vec(writable(), 40),
    ) {
        let mut bytes = file.get(&case_files()).clone();
        for (place, kind, piece, byte) in mutations {
            let at = place.index(bytes.len() + 1);
            match kind {
                0 => drop(bytes.splice(at..at, piece.bytes())),
                1 => bytes.truncate(at.max(1)),
                2 => drop(bytes.drain(at..(at + 3).min(bytes.len()))),
                _ => if let Some(target) = bytes.get_mut(at) { *target = byte },
            }
        }
        let found = find("f", &bytes);
        if let Ok(edited) = replace(&bytes, &found, &values) {
            check_edit(&bytes, &edited, &found, &values)?;
        }
    }
}

/// What holds for every edit that was accepted.
fn check_edit(before: &[u8], after: &[u8], found: &Found, values: &[String]) -> Result<(), TestCaseError> {
    let again = find("f", after);
    let read: Vec<_> = again.places.iter().map(|place| place.value().to_owned()).collect();
    let wanted: Vec<_> = found.places.iter().zip(values.iter().cycle()).map(|(_, value)| value.clone()).collect();
    prop_assert_eq!(&read, &wanted, "the new values are read back");
    prop_assert_eq!(outside(before, &spans(found)), outside(after, &spans(&again)), "bytes outside the values");
    let twice = replace(after, &again, values).map_err(TestCaseError::fail)?;
    prop_assert_eq!(after, &twice, "edit twice = edit once");
    for (old, new) in found.places.iter().zip(&again.places) {
        prop_assert_eq!((old.path(), old.document()), (new.path(), new.document()));
    }
    Ok(())
}

/// Replaces every place; the values start again when there are more places.
fn replace(bytes: &[u8], found: &Found, values: &[String]) -> Result<Vec<u8>, String> {
    let edits: Vec<_> =
        found.places.iter().zip(values.iter().cycle()).map(|(place, value)| Edit { place, value }).collect();
    edit("f", bytes, &edits).map_err(|finding| format!("{finding:?}"))
}

fn spans(found: &Found) -> Vec<Range<usize>> {
    found.places.iter().map(Place::span).collect()
}

/// Returns the pieces of a text between the spans.
fn outside(bytes: &[u8], spans: &[Range<usize>]) -> Vec<Vec<u8>> {
    let starts = std::iter::once(0).chain(spans.iter().map(|span| span.end));
    let ends = spans.iter().map(|span| span.start).chain([bytes.len()]);
    starts.zip(ends).map(|(start, end)| bytes[start.min(bytes.len())..end.min(bytes.len())].to_vec()).collect()
}

/// A second reader accepts the edited text wherever it accepts the text before, and finds nothing changed but
/// strings that became the new values.
fn same_for_another_reader(before: &str, after: &str, values: &[String]) -> Result<(), TestCaseError> {
    let Ok(old) = YamlLoader::load_from_str(before) else { return Ok(()) };
    let new = YamlLoader::load_from_str(after).map_err(|error| TestCaseError::fail(format!("{error}\n{after}")))?;
    prop_assert_eq!(old.len(), new.len());
    for (old, new) in old.iter().zip(&new) {
        same_node(old, new, values)?;
    }
    Ok(())
}

fn same_node(old: &Yaml, new: &Yaml, values: &[String]) -> Result<(), TestCaseError> {
    match (old, new) {
        (Yaml::Hash(old), Yaml::Hash(new)) => {
            prop_assert!(old.keys().eq(new.keys()));
            old.values().zip(new.values()).try_for_each(|(old, new)| same_node(old, new, values))
        }
        (Yaml::Array(old), Yaml::Array(new)) => {
            prop_assert_eq!(old.len(), new.len());
            old.iter().zip(new).try_for_each(|(old, new)| same_node(old, new, values))
        }
        (old, new) => {
            let replaced = new.as_str().is_some_and(|text| values.iter().any(|value| value == text));
            prop_assert!(replaced || old == new, "{:?} became {:?}", old, new);
            Ok(())
        }
    }
}

fn case_files() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/edit");
    let folders = fs::read_dir(root).unwrap().map(|case| case.unwrap().path().join("before"));
    let mut paths: Vec<_> = folders
        .filter(|before| before.is_dir())
        .flat_map(|before| fs::read_dir(before).unwrap().map(|file| file.unwrap().path()))
        .collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// A document as people write it: entries of every kind, in any order, with any line end.
#[derive(Clone, Debug)]
struct Document {
    entries: Vec<Entry>,
    line_end: &'static str,
    byte_order_mark: bool,
    final_line_end: bool,
}

/// One entry of the document's mapping, `№` standing for its number; with its value when that is marked.
#[derive(Clone, Debug)]
struct Entry {
    lines: String,
    marked: Option<String>,
}

impl Document {
    fn text(&self) -> String {
        let numbered =
            self.entries.iter().enumerate().map(|(number, entry)| entry.lines.replace('№', &number.to_string()));
        let text = numbered.collect::<String>();
        let text = if self.final_line_end { &text } else { text.trim_end_matches('\n') };
        let mark = if self.byte_order_mark { "\u{feff}" } else { "" };
        format!("{mark}{}", text.replace('\n', self.line_end))
    }
}

fn document() -> impl Strategy<Value = Document> {
    (vec(entry(), 1..12), select(vec!["\n", "\r\n", "\r"]), any::<bool>(), any::<bool>()).prop_map(
        |(entries, line_end, byte_order_mark, final_line_end)| Document {
            entries,
            line_end,
            byte_order_mark,
            final_line_end,
        },
    )
}

fn entry() -> impl Strategy<Value = Entry> {
    prop_oneof![3 => marked_entry(), 1 => other_entry()]
}

/// Marked entries: `V` stands for the value, `M` for the comment with its marker.
const MARKED: &[&str] = &[
    "k№: V M\n",
    "k№:   'V'M\n",
    "k№:\t\"V\"\tM\n",
    "k№:\n    V M\n",
    "k№: &a№ V M\nr№: *a№\n",
    "k№: !!str V M\n",
    "k№: &a№ !!str \"V\" M\n",
    "k№: !own 'V' M\n",
    "k№: {key: V} M\n",
    "k№: [ 'V', ] M\n",
    "k№: {a: b,\n  c: V, M\n  d: e}\n",
    "k№:\n- V M\n",
    "k№:\n  - x: {}\n    y: V M\n\n    # ü\n    z: []\n",
    "k№: |- M\n  V\n",
    "k№: >- M\n     V\n\n",
    "? k№\n: V M\n",
    "\"quoted key №\": V M\n",
    "größe-№: V M\n",
];

/// Entries that nobody marked.
const OTHERS: &[&str] = &[
    "k№: 1.9\n",
    "k№: \"ä 🚀\" # 1.9\n",
    "\n",
    "# a comment: [ { ' \"\n",
    "k№: |\n  text: 1.9 # ü\n\n   more\t\n",
    "k№: >\n  folded\n  text \n",
    "k№: a\n  b\n",
    "k№: {}\n",
    "k№:\n",
    "---\n",
    "...\n---\n# next\n",
];

const MARKERS: &[&str] = &[
    " # automator: p",
    " #automator: ns:p:tag",
    "   # {\"$imagepolicy\": \"ns:p\"}",
    " # ü {\"$imagepolicy\":\"ns:p:tag\"} 🚀",
    " # kept; automator: p:digest !",
];

fn marked_entry() -> impl Strategy<Value = Entry> {
    (select(MARKED), select(MARKERS), writable()).prop_map(|(template, marker, value)| {
        // A plain value may not begin or end like something else: that would be another document.
        let value = if template.contains("'V'") || template.contains("\"V\"") { value } else { format!("v{value}.0") };
        Entry { lines: template.replace('M', marker).replace('V', &value), marked: Some(value) }
    })
}

fn other_entry() -> impl Strategy<Value = Entry> {
    select(OTHERS).prop_map(|lines| Entry { lines: lines.to_owned(), marked: None })
}

/// Values that may be written: everything that tags, names, digests and references are made of.
fn writable() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9_.:/@+-]{1,12}",
        "v?[0-9]{1,2}\\.[0-9]{1,2}(\\.[0-9]{1,2})?(-[a-z]{1,4})?",
        "[a-z]{1,5}/[a-z]{1,5}:[0-9.]{1,5}"
    ]
}
