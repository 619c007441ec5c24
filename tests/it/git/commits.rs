//! What a commit changes, and what it leaves alone.

use std::fs;

use deployment_automator::git::{GitError, Mode, Pushed, TreeFile};
use expect_test::expect;

use super::{draft, edit, listed, open};
use crate::support::bare::{Bare, COMMITTED_S};

#[test]
fn only_the_named_files_differ_and_modes_stay() {
    let bare = Bare::empty();
    let (plain, script) = (b"one\ntwo\n".as_slice(), b"#!/bin/sh\n".as_slice());
    bare.commit(
        "main",
        "first",
        &[
            ("100644", "a.yaml", plain),
            ("100644", "apps/a.yaml", plain),
            ("100644", "apps/b/deep.yaml", plain),
            ("100755", "apps/b/run.sh", script),
            ("120000", "apps/link", b"a.yaml"),
            ("100644", "apps.yaml", plain),
            ("100644", "zz/untouched", plain),
        ],
    );
    let remote = open(&bare);
    let parent = remote.tip().unwrap();
    let edits = [
        edit("apps/b/run.sh", "#!/bin/sh\nexit\n"),
        edit("a.yaml", "one\r\ntwo"),
        edit("apps/b/deep.yaml", "one\n2\n"),
    ];
    let new = remote.commit(parent, &edits, &draft("change\n"), None).unwrap();
    assert_eq!(bare.tip(), parent.to_string(), "nothing names the commit before the push");
    assert_eq!(remote.push(parent, new).unwrap(), Pushed::Done);

    expect![[r"
        2	2	a.yaml
        1	1	apps/b/deep.yaml
        1	0	apps/b/run.sh"]]
    .assert_eq(&bare.git(&["diff", "--numstat", "main~", "main"]));
    expect![""].assert_eq(&bare.git(&["diff", "--summary", "main~", "main"]));
    assert_eq!(bare.show("main:a.yaml"), b"one\r\ntwo");
    expect![[r"
        tree 5106b5b2ef23b3d9efa3df95b03eca177015fb77
        parent 0000000000000000000000000000000000000000
        author Automator <automator@example.com> 1767323105 +0100
        committer Automator <automator@example.com> 1767323105 +0100

        change"]]
    .assert_eq(&bare.git(&["cat-file", "commit", "main"]).replace(&parent.to_string(), &"0".repeat(40)));
    assert_eq!(remote.tip().unwrap(), new);
    bare.assert_sound();
}

#[test]
fn many_new_objects_are_written_as_one_pack() {
    let paths: Vec<String> = (0..150).map(|number| format!("apps/{number}.yaml")).collect();
    let files: Vec<_> = paths.iter().map(|path| (path.as_str(), "1")).collect();
    let bare = Bare::with(&files);
    bare.git(&["repack", "-a", "-d", "--quiet"]);
    let remote = open(&bare);
    let parent = remote.tip().unwrap();
    let edits: Vec<_> = paths.iter().map(|path| edit(path, path)).collect();
    let new = remote.commit(parent, &edits, &draft("m"), None).unwrap();
    assert_eq!(remote.push(parent, new).unwrap(), Pushed::Done);
    let counts = bare.git(&["count-objects", "-v"]);
    assert!(counts.starts_with("count: 0\n") && counts.contains("\npacks: 2\n"), "{counts}");
    for path in &paths {
        assert_eq!(bare.show(&format!("main:{path}")), path.as_bytes());
    }
    assert_eq!(remote.differing_files(parent, new).unwrap().len(), paths.len());
    bare.assert_sound();
}

#[test]
fn a_repository_that_takes_no_objects_is_said_so() {
    let bare = Bare::with(&[("a", "1")]);
    bare.git(&["repack", "-a", "-d", "--quiet"]);
    bare.git(&["prune-packed"]);
    for first_byte in 0..=255 {
        fs::write(bare.path().join(format!("objects/{first_byte:02x}")), "in the way").unwrap();
    }
    let remote = open(&bare);
    let parent = remote.tip().unwrap();
    let error = remote.commit(parent, &[edit("a", "2")], &draft("m"), None).unwrap_err();
    assert!(matches!(error, GitError::Unwritable { .. }) && !error.is_unavailable(), "{error}");
    assert_eq!(remote.tip().unwrap(), parent);
}

#[test]
fn files_are_listed_with_what_is_skipped_and_read_by_their_content() {
    let bare = Bare::empty();
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    bare.commit(
        "main",
        "first",
        &[
            ("100644", "lfs.bin", pointer),
            ("120000", "link", b"/etc/passwd"),
            ("120000", "folder-link", b"apps"),
            ("160000", "module", b"1111111111111111111111111111111111111111"),
            ("100755", "apps/run", b"x"),
            ("100644", "apps/gr\u{fc}n und blau.yaml", b"x"),
            ("100644", "apps/line\nbreak", b"x"),
        ],
    );
    let remote = open(&bare);
    let tip = remote.tip().unwrap();
    expect![[r#"
        [
            "apps/grün und blau.yaml",
            "apps/line\nbreak: OddName",
            "apps/run*",
            "folder-link: SymbolicLink",
            "lfs.bin",
            "link: SymbolicLink",
            "module: Submodule",
        ]
    "#]]
    .assert_debug_eq(&listed(&remote, tip));
    let mut blobs = Vec::new();
    remote
        .files(tip, &mut |file| {
            if let TreeFile::Regular { path: "lfs.bin", blob, .. } = file {
                blobs.push(blob);
            }
        })
        .unwrap();
    let length = u64::try_from(pointer.len()).unwrap();
    assert_eq!(remote.read(blobs[0], length).unwrap(), pointer);
    let error = remote.read(blobs[0], length - 1).unwrap_err();
    assert!(matches!(error, GitError::TooLarge { size, .. } if size == length), "{error}");
}

#[test]
fn what_is_not_a_regular_file_is_not_edited_and_nothing_is_written() {
    let bare = Bare::empty();
    bare.commit(
        "main",
        "first",
        &[
            ("100644", "apps/a.yaml", b"x"),
            ("120000", "link", b"apps/a.yaml"),
            ("120000", "folder", b"apps"),
            ("160000", "module", b"1111111111111111111111111111111111111111"),
        ],
    );
    let remote = open(&bare);
    let parent = remote.tip().unwrap();
    let objects = bare.git(&["count-objects"]);
    let missing = ["apps/new.yaml", "link", "folder/a.yaml", "module", "module/a", "apps", "apps/a.yaml/b", "", "/"];
    let odd = ["/apps/a.yaml", "apps/", "apps//a.yaml", "./apps/a.yaml", "apps/../apps/a.yaml", "apps/a.yaml/"];
    for path in missing.into_iter().chain(odd) {
        let error = remote.commit(parent, &[edit(path, "y")], &draft("m"), None).unwrap_err();
        assert!(matches!(&error, GitError::NotAFile { path: named, .. } if **named == *path), "{path}: {error}");
    }
    let both = [edit("apps/a.yaml", "y"), edit("apps/a.yaml/b", "y")];
    assert!(matches!(remote.commit(parent, &both, &draft("m"), None), Err(GitError::NotAFile { .. })));
    let twice = [edit("apps/a.yaml", "y"), edit("apps/a.yaml", "z")];
    assert!(matches!(remote.commit(parent, &twice, &draft("m"), None), Err(GitError::EditedTwice { .. })));
    for unchanged in [vec![], vec![edit("apps/a.yaml", "x")]] {
        let error = remote.commit(parent, &unchanged, &draft("m"), None).unwrap_err();
        assert!(matches!(error, GitError::NothingChanged { .. }), "{error}");
    }
    let error = remote.commit(parent, &[edit("apps/a.yaml", "y")], &draft("a\0b"), None).unwrap_err();
    assert!(matches!(error, GitError::Draft(_)), "{error}");
    assert_eq!(bare.git(&["count-objects"]), objects);
}

#[test]
fn a_clock_behind_the_parent_does_not_break_the_order() {
    let bare = Bare::with(&[("a", "1")]);
    let remote = open(&bare);
    let parent = remote.tip().unwrap();
    let mut early = draft("m");
    early.seconds = COMMITTED_S - 3600;
    let new = remote.commit(parent, &[edit("a", "2")], &early, None).unwrap();
    let times = bare.git(&["show", "--no-patch", "--format=%at %ct", &new.to_string()]);
    assert_eq!(times, format!("{} {COMMITTED_S}", COMMITTED_S - 3600));
}

#[test]
fn differing_files_are_what_git_says() {
    let bare = Bare::with(&[("a/1", "x"), ("a/2", "x"), ("b", "x"), ("c/d", "x"), ("e", "x"), ("same/x", "x")]);
    let remote = open(&bare);
    let before = remote.tip().unwrap();
    let changed: &[_] = &[("100644", "a/2", b"y".as_slice()), ("100755", "e", b"x"), ("100644", "n/m/o", b"x")];
    bare.commit("main", "second", changed);
    // A file becomes a folder, a folder a link.
    bare.commit("main", "third", &[("100644", "b/f", b"x"), ("120000", "c", b"a")]);
    let after = remote.tip().unwrap();
    let found: Vec<_> = remote
        .differing_files(before, after)
        .unwrap()
        .into_iter()
        .map(|file| {
            let side = |state: Option<deployment_automator::git::FileState>| {
                let bits = state.map_or("000000", |state| match state.mode {
                    Mode::Regular => "100644",
                    Mode::Executable => "100755",
                    Mode::SymbolicLink => "120000",
                    other => panic!("{other:?}"),
                });
                (bits, state.map_or("0".repeat(40), |state| state.blob.to_string()))
            };
            let (old, new) = (side(file.before), side(file.after));
            let letter = match (file.before, file.after) {
                (None, _) => "A",
                (_, None) => "D",
                (Some(before), Some(after)) if before.mode.is_file() == after.mode.is_file() => "M",
                _ => "T",
            };
            let path = String::from_utf8(file.path).unwrap();
            format!(":{} {} {} {} {letter}\t{path}", old.0, new.0, old.1, new.1)
        })
        .collect();
    let mut expected = bare.git(&["diff-tree", "-r", "--no-renames", "--raw", "--no-abbrev", "main~2", "main"]);
    let mut sorted: Vec<_> = expected.lines().map(str::to_owned).collect();
    sorted.sort_by_key(|line| line.split('\t').next_back().unwrap().to_owned());
    expected = sorted.join("\n");
    let mut found = found;
    found.sort_by_key(|line| line.split('\t').next_back().unwrap().to_owned());
    assert_eq!(found.join("\n"), expected);
    assert_eq!(remote.differing_files(after, after).unwrap(), []);
}

#[test]
fn a_commit_that_is_not_on_top_is_not_pushed() {
    let bare = Bare::with(&[("a", "1")]);
    let remote = open(&bare);
    let parent = remote.tip().unwrap();
    let child = remote.commit(parent, &[edit("a", "2")], &draft("m"), None).unwrap();
    let grandchild = remote.commit(child, &[edit("a", "3")], &draft("m"), None).unwrap();
    for (from, to) in [(parent, grandchild), (child, parent), (parent, parent)] {
        let error = remote.push(from, to).unwrap_err();
        assert!(matches!(error, GitError::NotOnTop { .. }), "{error}");
    }
    assert_eq!(bare.tip(), parent.to_string());
}
