//! Our unified diffs are Git's.

use std::fs;
use std::path::Path;

use deployment_automator::git::{GitError, unified_diff};

use super::open;
use crate::support::bare::{Bare, Node, git_command};

struct Case {
    mode: &'static str,
    path: String,
    old: Vec<u8>,
    new: Vec<u8>,
}

fn case(mode: &'static str, path: &str, old: &str, new: &str) -> Case {
    Case { mode, path: path.into(), old: old.into(), new: new.into() }
}

fn written_cases() -> Vec<Case> {
    let long = (0..40).map(|number| format!("  line{number}: value\n")).collect::<Vec<_>>().concat();
    let manifest = format!("apiVersion: v1\nspec:\n{long}status:\n{long}");
    let far = manifest.replacen("line2: value", "line2: new", 1);
    let far = far.replacen("status:\n  line0: value", "status:\n  line0: new", 1);
    let mut cases = vec![
        case("100644", "lf.yaml", "a: 1\nb: 2\n", "a: 1\nb: 3\n"),
        case("100644", "crlf.yaml", "a: 1\r\nb: 2\r\n", "a: 1\r\nb: 3\r\n"),
        case("100644", "no-end.yaml", "a: 1\nb: 2", "a: 1\nb: 3"),
        case("100644", "gains-end.yaml", "a: 1\nb: 2", "a: 1\nb: 2\n"),
        case("100644", "loses-end.yaml", "a: 1\nb: 2\n", "a: 2\nb: 2"),
        case("100644", "from-nothing.yaml", "", "a: 1\n"),
        case("100644", "to-nothing.yaml", "a: 1\n", ""),
        case("100755", "run.sh", "#!/bin/sh\n", "#!/bin/sh\nexit\n"),
        case("100644", "two-hunks.yaml", &manifest, &far),
        case("100644", "bom.yaml", "\u{feff}a: 1\n", "\u{feff}a: 2\n"),
        case("100644", "dashes.yaml", "---\na: 1\n---\nb: 1\n", "---\na: 1\n---\nb: 2\n"),
        case("100644", "repeated.yaml", "a:\n  x\n\na:\n  x\n\n", "a:\n  x\n\na:\n  x\n\na:\n  x\n\n"),
    ];
    for path in [
        "with space/my file.yaml",
        "grün.yaml",
        "quo\"te.yaml",
        "back\\slash.yaml",
        "tab\there",
        "line\nend",
        "bell\u{7}\u{7f}",
    ] {
        cases.push(case("100644", path, "a: 1\n", "a: 2\n"));
    }
    let mut latin = case("100644", "latin1.yaml", "", "");
    (latin.old, latin.new) = (b"a: \xfc\n".to_vec(), b"a: \xe4\n".to_vec());
    cases.push(latin);
    cases
}

/// Files in which lines of a small alphabet were replaced, removed and added by chance, always the same.
fn chance_cases() -> Vec<Case> {
    let mut state = 1_u32;
    let mut chance = move |sides: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % sides
    };
    let alphabet = ["a:\n", "  b: 1\n", "  b: 2\n", "\n", "- c\n", "status: x\n"];
    (0..200)
        .map(|number| {
            let mut line = || alphabet[chance(6) as usize];
            let old: Vec<&str> = (0..30).map(|_| line()).collect();
            let mut new = Vec::new();
            for kept in &old {
                match chance(12) {
                    0 => {}
                    1 => new.push(alphabet[chance(6) as usize]),
                    2 => new.extend([*kept, alphabet[chance(6) as usize]]),
                    _ => new.push(*kept),
                }
            }
            case("100644", &format!("chance/{number:03}.yaml"), &old.concat(), &new.concat())
        })
        .filter(|case| case.old != case.new)
        .collect()
}

fn diff_of(case: &Case) -> Vec<u8> {
    unified_diff(&case.path, case.mode == "100755", &case.old, &case.new).unwrap()
}

#[test]
fn a_diff_is_byte_for_byte_that_of_git() {
    let cases: Vec<_> = written_cases().into_iter().chain(chance_cases()).collect();
    let bare = Bare::empty();
    let nodes = |content: fn(&Case) -> &[u8]| -> Vec<Node<'_>> {
        cases.iter().map(|case| (case.mode, case.path.as_str(), content(case))).collect()
    };
    bare.commit("main", "old", &nodes(|case| &case.old));
    let before = open(&bare).tip().unwrap();
    bare.commit("main", "new", &nodes(|case| &case.new));
    let after = open(&bare).tip().unwrap();

    let mut ours = Vec::new();
    for file in open(&bare).differing_files(before, after).unwrap() {
        let case = cases.iter().find(|case| case.path.as_bytes() == file.path).unwrap();
        ours.extend(diff_of(case));
    }
    let theirs = bare.try_git(&["diff", "--no-renames", "main~", "main"]).stdout;
    assert_eq!(String::from_utf8_lossy(&ours), String::from_utf8_lossy(&theirs));
    assert_eq!(ours, theirs);
}

#[test]
fn git_applies_a_diff_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    for case in written_cases() {
        let file = folder.path().join(&case.path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, &case.old).unwrap();
        apply(folder.path(), &diff_of(&case), &case.path);
        assert_eq!(fs::read(&file).unwrap_or_default(), case.new, "{}", case.path);
    }
}

fn apply(folder: &Path, diff: &[u8], name: &str) {
    let patch = folder.join("the.patch");
    fs::write(&patch, diff).unwrap();
    for arguments in [&["apply", "--check", "the.patch"][..], &["apply", "the.patch"]] {
        let applied = git_command(folder, arguments).output().unwrap();
        assert!(applied.status.success(), "{name}: {}", String::from_utf8_lossy(&applied.stderr));
    }
}

#[test]
fn equal_contents_have_no_diff_and_a_nul_is_refused() {
    assert_eq!(unified_diff("a", false, b"x\n", b"x\n").unwrap(), b"");
    let error = unified_diff("a", false, b"x\n", b"x\0\n").unwrap_err();
    assert!(matches!(error, GitError::Binary { .. }), "{error}");
}
