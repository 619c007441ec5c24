//! What the writer writes is read back as the string that was meant, by readers that have nothing to do with it:
//! `yaml-rust2` (YAML 1.2) and, where Python has it, `PyYAML` (YAML 1.1).

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use deployment_automator::manifest::{Edit, edit, find};
use yaml_rust2::{Yaml, YamlLoader};

/// One value in every position and style that a place can have; `V` stands for the value before the edit.
const POSITIONS: &str = "\
map: V # automator: p
list:
- V # automator: p
flow: {key: V} # automator: p
sequence: [ V ] # automator: p
single: 'V' # automator: p
double: \"V\" # automator: p
tagged: !!str V # automator: p
anchored: &a V # automator: p
block: |- # automator: p
  V
";

/// The characters that numbers, dates and reserved words are made of, and a few that they are not.
const ALPHABET: &str = "0189._-+:eExobyYnNTz";

/// Prints every item of the list on standard input that `PyYAML` does not read as the string beside it.
const PYYAML: &str = "
import json, sys, yaml
for document, values in json.load(sys.stdin):
    for read, meant in zip(strings(yaml.safe_load(document)), values, strict=True):
        if read != meant: print(repr(meant), 'is read as', repr(read))
";

/// Yields the leaves of a document.
const PYYAML_STRINGS: &str = "
def strings(node):
    if isinstance(node, dict): node = list(node.values())
    if isinstance(node, list): return [leaf for item in node for leaf in strings(item)]
    return [node]
";

#[test]
fn the_golden_table_says_where_quotes_are_added() {
    let mut faults = Vec::new();
    for (value, written) in golden() {
        let edited = String::from_utf8(replace("key: V # automator: p\n", &[&value])).unwrap();
        if edited != format!("key: {written} # automator: p\n") {
            faults.push(format!("{value}: not {written} but {edited}"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join(""));
}

#[test]
fn every_value_is_read_back_as_a_string_in_every_position() {
    let documents: Vec<_> = golden().iter().map(|(value, _)| everywhere(value)).collect();
    check_readers(&documents);
}

#[test]
fn every_short_value_is_read_back_as_a_string() {
    check_readers(&[all_short_values()]);
}

#[test]
fn the_readers_would_notice_a_missing_quote() {
    assert_ne!(leaves(&YamlLoader::load_from_str("key: 1.10").unwrap()[0]), vec!["1.10".to_owned()]);
    if let Some(faults) = misread_by_pyyaml(&[("key: 1.10\n".to_owned(), vec!["1.10".to_owned()])]) {
        assert_eq!(faults, "'1.10' is read as 1.1\n");
    }
}

#[test]
fn what_is_no_tag_name_or_digest_is_not_written() {
    let text = b"key: V # automator: p\n";
    let found = find("f", text);
    for value in ["", " ", "a b", "a\nb", "a\"", "a'", "a#b", "{a}", "~", "*a", "&a", "a\u{e4}", "\0"] {
        let refused = edit("f", text, &[Edit { place: &found.places[0], value }]).unwrap_err();
        assert_eq!(refused.position.to_string(), "f:1:6");
        assert!(refused.cause.ends_with("is no tag, name, digest or reference, so it is not written"), "{value:?}");
    }
}

fn check_readers(documents: &[(String, Vec<String>)]) {
    for (document, values) in documents {
        let read = YamlLoader::load_from_str(document).unwrap_or_else(|error| panic!("{error}\n{document}"));
        let leaves = leaves(&read[0]);
        assert_eq!(leaves.len(), values.len());
        let wrong: Vec<_> = leaves.iter().zip(values).filter(|(read, meant)| read != meant).collect();
        assert!(wrong.is_empty(), "yaml-rust2 reads (as, meant): {wrong:?}");
    }
    match misread_by_pyyaml(documents) {
        Some(faults) => assert_eq!(faults, ""),
        None => eprintln!("SKIPPED: python3 with yaml is missing (apt-get install python3-yaml); PyYAML was not asked"),
    }
}

/// Returns what `PyYAML` reads wrongly, or nothing where it is not installed.
fn misread_by_pyyaml(documents: &[(String, Vec<String>)]) -> Option<String> {
    let script = format!("{PYYAML_STRINGS}{PYYAML}");
    let python = ["python3", "/usr/bin/python3"].into_iter().find(|python| {
        let probe = Command::new(python).args(["-c", "import yaml"]).stderr(Stdio::null()).status();
        probe.is_ok_and(|status| status.success())
    })?;
    let mut child = Command::new(python)
        .args(["-c", &script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 has just run");
    child.stdin.take().unwrap().write_all(&serde_json::to_vec(documents).unwrap()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "PyYAML refused a document");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// Returns a document with `value` written into every position.
fn everywhere(value: &str) -> (String, Vec<String>) {
    let places = find("f", POSITIONS.as_bytes()).places.len();
    let edited = replace(POSITIONS, &vec![value; places]);
    (String::from_utf8(edited).unwrap(), vec![value.to_owned(); places])
}

/// Returns a list of every value of one to three characters, written into plain places in one pass.
fn all_short_values() -> (String, Vec<String>) {
    let letters = || ALPHABET.chars().map(String::from);
    let pairs: Vec<String> = letters().flat_map(|a| letters().map(move |b| format!("{a}{b}"))).collect();
    let triples = pairs.iter().flat_map(|pair| letters().map(move |c| format!("{pair}{c}")));
    let values: Vec<String> = letters().chain(pairs.clone()).chain(triples).collect();
    let text = "- V # automator: p\n".repeat(values.len());
    let edited = replace(&text, &values.iter().map(String::as_str).collect::<Vec<_>>());
    (String::from_utf8(edited).unwrap(), values)
}

fn replace(text: &str, values: &[&str]) -> Vec<u8> {
    let found = find("f", text.as_bytes());
    assert_eq!((found.places.len(), found.findings.as_slice()), (values.len(), [].as_slice()));
    let edits: Vec<_> = found.places.iter().zip(values).map(|(place, value)| Edit { place, value }).collect();
    edit("f", text.as_bytes(), &edits).unwrap_or_else(|finding| panic!("{finding:?}"))
}

fn leaves(node: &Yaml) -> Vec<String> {
    match node {
        Yaml::Hash(hash) => hash.values().flat_map(leaves).collect(),
        Yaml::Array(items) => items.iter().flat_map(leaves).collect(),
        Yaml::String(text) => vec![text.clone()],
        other => vec![format!("not a string: {other:?}")],
    }
}

/// Returns the values of the golden table with how each is written where the author wrote no quotes.
fn golden() -> Vec<(String, String)> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/quoting.txt");
    let table = fs::read_to_string(file).unwrap();
    let rows: Vec<_> = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(rows.len() >= 140, "{} rows are left", rows.len());
    let row = |line: &str| {
        let mut words = line.split_ascii_whitespace().map(str::to_owned);
        (words.next().unwrap(), words.next().unwrap())
    };
    rows.into_iter().map(row).collect()
}
