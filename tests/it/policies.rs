//! Policies as files: those that ship, and what becomes of right and wrong ones. Adding a case needs no Rust: a wrong
//! file in `testdata/policies/invalid` stands beside a `.txt` of its findings, which `UPDATE_EXPECT=1` writes.

use std::fs;
use std::path::{Path, PathBuf};

use deployment_automator::policy::{Parsed, parse, without_duplicates};
use expect_test::expect_file;

/// Returns the files of a folder that end in `.yaml`.
fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "yaml"));
    files.sort();
    assert!(!files.is_empty());
    files
}

fn read(file: &Path) -> Parsed {
    parse(&file.file_name().unwrap().to_string_lossy(), &fs::read(file).unwrap())
}

#[test]
fn every_policy_that_ships_is_right_and_has_a_name_of_its_own() {
    let mut policies = Vec::new();
    for file in files("policies") {
        let parsed = read(&file);
        assert_eq!(parsed.findings, [], "{}", file.display());
        policies.extend(parsed.policies);
    }
    assert!(policies.len() >= 5);
    assert_eq!(without_duplicates(policies).findings, []);
}

#[test]
fn right_policies_have_no_findings() {
    let mut count = 0;
    for file in files("testdata/policies/valid") {
        let parsed = read(&file);
        assert_eq!(parsed.findings, [], "{}", file.display());
        count += parsed.policies.len();
    }
    assert_eq!(count, 9);
}

#[test]
fn wrong_policies_are_refused_with_place_cause_and_remedy() {
    for file in files("testdata/policies/invalid") {
        let Parsed { policies, findings } = read(&file);
        assert!(!findings.is_empty(), "{}", file.display());
        let good = policies.iter().map(|policy| format!("good: {}\n", policy.name));
        let bad =
            findings.iter().map(|finding| format!("{}: {}\n  {}\n", finding.position, finding.cause, finding.remedy));
        expect_file![file.with_extension("txt")].assert_eq(&good.chain(bad).collect::<String>());
    }
}
