//! The writer on folders of files: `testdata/edit/<case>/`, each a small story of what people keep in Git.
//!
//! A case needs no Rust. Its folder holds
//! * `before/`: the files as they are,
//! * `after/`: the same files once every policy has its new value; without it not one byte may change,
//! * `found.txt`: the places and findings of all files (`UPDATE_EXPECT=1 cargo test` writes it; read it then);
//!   without it nothing is found,
//! * `values.yaml`: the new values by policy, where those of `testdata/edit/values.yaml` do not do.
//!
//! Anything else in a folder fails the test: a file that is not looked at proves nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use deployment_automator::finding::{Finding, Severity};
use deployment_automator::manifest::{Edit, Found, Part, Place, edit, find};
use expect_test::expect_file;
use serde::Deserialize;

/// How many cases there are at least: a folder that moved away must not pass in silence.
const CASES_MIN: usize = 60;

/// The new values of one policy.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Values {
    name: String,
    tag: String,
    digest: String,
}

type Policies = BTreeMap<String, Values>;

#[test]
fn every_case_is_edited_to_the_byte_or_left_alone() {
    let cases = folders(&root());
    assert!(cases.len() >= CASES_MIN, "{} cases are left", cases.len());
    for case in cases {
        check_case(&case);
    }
}

#[test]
fn a_case_folder_holds_nothing_that_is_not_looked_at() {
    for case in folders(&root()) {
        for entry in names(&case) {
            assert!(
                ["before", "after", "found.txt", "values.yaml"].contains(&entry.as_str()),
                "{} holds `{entry}`",
                case.display()
            );
        }
    }
}

fn check_case(case: &Path) {
    let policies = policies(case);
    let before = files(&case.join("before"));
    let edited_as = case.join("after");
    let after = if edited_as.exists() { files(&edited_as) } else { before.clone() };
    assert!(!before.is_empty(), "{} has no files", case.display());
    assert!(before.keys().eq(after.keys()), "{}: before/ and after/ hold different files", case.display());
    let mut report = String::new();
    let mut changed = false;
    for (name, bytes) in &before {
        let found = find(name, bytes);
        describe(&mut report, &found);
        let result = apply(name, bytes, &found, &policies);
        assert_same(&after[name], &result, &format!("{}: {name}", case.display()));
        check_edited(name, &result, &found, &policies);
        changed |= &result != bytes;
    }
    assert_eq!(changed, edited_as.exists(), "{}: after/ is there exactly when something changes", case.display());
    expect_file![case.join("found.txt")].assert_eq(&report);
}

/// What holds for every edit: the new values are read back at the same fields, and a second edit changes nothing.
fn check_edited(name: &str, edited: &[u8], found: &Found, policies: &Policies) {
    let again = find(name, edited);
    assert_eq!(found.places.len(), again.places.len(), "{name}");
    for (old, new) in found.places.iter().zip(&again.places) {
        assert_eq!((old.document(), old.path()), (new.document(), new.path()), "{name}");
        assert_eq!(new.value(), wanted(old, policies).unwrap_or_else(|| old.value().to_owned()), "{name}");
    }
    assert_same(edited, &apply(name, edited, &again, policies), &format!("{name}, edited twice"));
}

/// Edits as the program does: every place whose policy is known gets that policy's value.
fn apply(name: &str, bytes: &[u8], found: &Found, policies: &Policies) -> Vec<u8> {
    let wanted: Vec<_> = found.places.iter().filter_map(|place| Some((place, wanted(place, policies)?))).collect();
    let edits: Vec<_> = wanted.iter().map(|(place, value)| Edit { place, value }).collect();
    edit(name, bytes, &edits).unwrap_or_else(|finding| panic!("{}", line_of(&finding)))
}

fn wanted(place: &Place, policies: &Policies) -> Option<String> {
    let values = policies.get(&*place.marker().policy)?;
    Some(match place.marker().part {
        Part::Reference => format!("{}:{}", values.name, values.tag),
        Part::Tag => values.tag.clone(),
        Part::Name => values.name.clone(),
        Part::Digest => values.digest.clone(),
    })
}

fn describe(report: &mut String, found: &Found) {
    for place in &found.places {
        let marker = place.marker();
        let namespace = marker.namespace.as_deref().map(|namespace| format!("{namespace}:")).unwrap_or_default();
        write!(report, "place {} ", place.position()).unwrap();
        if place.document() > 0 {
            write!(report, "document {} ", place.document()).unwrap();
        }
        write!(report, "{} = {:?} ({:?}): ", place.path(), place.value(), place.style()).unwrap();
        write!(report, "the {} of {namespace}{}", marker.part, marker.policy).unwrap();
        for alias in place.aliases() {
            write!(report, ", also at {alias}").unwrap();
        }
        report.push('\n');
    }
    for finding in &found.findings {
        writeln!(report, "{}", line_of(finding)).unwrap();
    }
}

fn line_of(Finding { position, severity, cause, remedy }: &Finding) -> String {
    let severity = if *severity == Severity::Error { "error" } else { "warning" };
    format!("{severity} {position} {cause}\n    {remedy}")
}

fn policies(case: &Path) -> Policies {
    let own = case.join("values.yaml");
    let file = if own.exists() { own } else { root().join("values.yaml") };
    serde_saphyr::from_str(&fs::read_to_string(&file).unwrap())
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn assert_same(expected: &[u8], actual: &[u8], what: &str) {
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(expected == actual, "{what}\nexpected {:?}\n but got {:?}", shown(expected), shown(actual));
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/edit")
}

fn folders(root: &Path) -> Vec<PathBuf> {
    names(root).into_iter().map(|name| root.join(name)).filter(|path| path.is_dir()).collect()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    names(folder).into_iter().map(|name| (name.clone(), fs::read(folder.join(name)).unwrap())).collect()
}
