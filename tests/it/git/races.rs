//! Somebody else moves the branch.

use std::fs;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use deployment_automator::git::{GitError, Location, Pushed, Remote};

use super::{draft, edit, listed, open};
use crate::support::bare::{Bare, git_command, git_in};

/// Commits and pushes until it lands; the content is made anew from each tip.
fn land(remote: &Remote, path: &str, change: impl Fn(&str) -> String) -> u32 {
    for tries in 1.. {
        let parent = remote.tip().unwrap();
        let mut blobs = Vec::new();
        remote
            .files(parent, &mut |file| {
                if let deployment_automator::git::TreeFile::Regular { path: found, blob, .. } = file
                    && found == path
                {
                    blobs.push(blob);
                }
            })
            .unwrap();
        let text = String::from_utf8(remote.read(blobs[0], 1 << 20).unwrap()).unwrap();
        let new = remote.commit(parent, &[edit(path, &change(&text))], &draft("count"), None).unwrap();
        if remote.push(parent, new).unwrap() == Pushed::Done {
            return tries;
        }
    }
    panic!("tried for ever");
}

/// Raises the number on the line of that name by one.
fn raised(text: &str, name: &str) -> String {
    let raise = |line: &str| match line.split_once(": ") {
        Some((key, number)) if key == name => format!("{key}: {}\n", number.parse::<u32>().unwrap() + 1),
        _ => format!("{line}\n"),
    };
    text.lines().map(raise).collect()
}

#[test]
fn a_rival_commit_between_tip_and_push_is_kept() {
    let bare = Bare::with(&[("a", "1"), ("b", "1")]);
    let clone = bare.clone_to("rival");
    let remote = open(&bare);
    let parent = remote.tip().unwrap();
    let new = remote.commit(parent, &[edit("a", "2")], &draft("ours"), None).unwrap();
    fs::write(clone.join("b"), "2").unwrap();
    git_in(&clone, &["commit", "--quiet", "--all", "--message=rival"]);
    git_in(&clone, &["push", "--quiet", "origin", "main"]);
    let rival = bare.tip();

    assert_eq!(remote.push(parent, new).unwrap(), Pushed::Moved);
    assert_eq!(bare.tip(), rival);
    land(&remote, "a", |_| "2".into());
    assert_eq!(bare.git(&["rev-parse", "main~"]), rival);
    assert_eq!((bare.show("main:a"), bare.show("main:b")), (b"2".to_vec(), b"2".to_vec()));
    bare.assert_sound();
}

#[test]
fn a_rival_who_pushes_after_us_is_told_that_they_are_behind() {
    let bare = Bare::with(&[("a", "1")]);
    let clone = bare.clone_to("rival");
    fs::write(clone.join("a"), "3").unwrap();
    git_in(&clone, &["commit", "--quiet", "--all", "--message=rival"]);
    land(&open(&bare), "a", |_| "2".into());
    let ours = bare.tip();
    let pushed = git_command(&clone, &["push", "origin", "main"]).output().unwrap();
    assert!(!pushed.status.success());
    assert_eq!(bare.tip(), ours);
}

#[test]
fn packed_references_are_compared_too() {
    let bare = Bare::with(&[("a", "1")]);
    let remote = open(&bare);
    let parent = remote.tip().unwrap();
    let new = remote.commit(parent, &[edit("a", "2")], &draft("m"), None).unwrap();
    let rival = bare.commit("main", "rival", &[("100644", "b", b"1")]);
    bare.git(&["pack-refs", "--all"]);
    assert_eq!(remote.push(parent, new).unwrap(), Pushed::Moved);
    assert_eq!(bare.tip(), rival);
    bare.git(&["gc", "--quiet", "--prune=now"]);
    land(&remote, "a", |_| "2".into());
    assert_eq!(bare.git(&["rev-parse", "main~"]), rival);
}

#[test]
fn a_branch_that_was_deleted_meanwhile_is_not_made_again() {
    let bare = Bare::with(&[("a", "1")]);
    let remote = open(&bare);
    let parent = remote.tip().unwrap();
    let new = remote.commit(parent, &[edit("a", "2")], &draft("m"), None).unwrap();
    bare.git(&["update-ref", "-d", "refs/heads/main"]);
    assert_eq!(remote.push(parent, new).unwrap(), Pushed::Moved);
    assert!(matches!(remote.tip(), Err(GitError::Empty { .. })));
}

#[test]
fn a_lock_that_stays_is_named_and_may_be_gone_later() {
    let bare = Bare::with(&[("a", "1")]);
    let remote = open(&bare);
    let parent = remote.tip().unwrap();
    let new = remote.commit(parent, &[edit("a", "2")], &draft("m"), None).unwrap();
    let lock = bare.path().join("refs/heads/main.lock");
    fs::write(&lock, "").unwrap();
    let error = remote.push(parent, new).unwrap_err();
    assert!(error.is_unavailable());
    let lock_name = lock.canonicalize().unwrap().display().to_string();
    assert!(error.to_string().ends_with(&format!("is locked by {lock_name}")), "{error}");
    fs::remove_file(&lock).unwrap();
    assert_eq!(remote.push(parent, new).unwrap(), Pushed::Done);
}

/// The part of the next test that is killed.
#[test]
#[ignore = "started by a_killed_writer_leaves_a_sound_repository"]
fn inside_a_writer_that_is_killed() {
    let repository = Location::parse(&std::env::var("TEST_REPOSITORY").unwrap()).unwrap();
    let remote = Remote::open(&repository, "main").unwrap();
    loop {
        land(&remote, "counter", |text| raised(text, "n"));
    }
}

#[test]
fn a_killed_writer_leaves_a_sound_repository() {
    let bare = Bare::with(&[("counter", "n: 0\n")]);
    let before = bare.tip();
    for wait_ms in (50..).step_by(13).take(10) {
        let mut writer = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "git::races::inside_a_writer_that_is_killed", "--ignored"])
            .env("TEST_REPOSITORY", bare.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(wait_ms));
        writer.kill().unwrap();
        writer.wait().unwrap();
        bare.assert_sound();
        // As a person would, once they have seen `GitError::Locked`.
        drop(fs::remove_file(bare.path().join("refs/heads/main.lock")));
    }
    assert_ne!(bare.tip(), before, "no writer came to its first push");
    let remote = open(&bare);
    land(&remote, "counter", |text| raised(text, "n"));
    let landed = bare.git(&["rev-list", "--count", &format!("{before}..main")]);
    assert_eq!(bare.show("main:counter"), format!("n: {landed}\n").into_bytes());
}

#[test]
fn racing_threads_and_a_person_lose_nothing() {
    const WRITERS: [&str; 4] = ["w0", "w1", "w2", "w3"];
    const EDITS: usize = 25;
    const PUSHES: usize = 10;
    let counters = |count: usize| WRITERS.map(|name| format!("{name}: {count}\n")).concat();
    let bare = Bare::with(&[("shared.yaml", &counters(0)), ("person", "0")]);
    let clone = bare.clone_to("person");
    thread::scope(|scope| {
        for name in WRITERS {
            let remote = open(&bare);
            scope.spawn(move || {
                for _ in 0..EDITS {
                    land(&remote, "shared.yaml", |text| raised(text, name));
                }
            });
        }
        scope.spawn(|| {
            for number in 1..=PUSHES {
                fs::write(clone.join("person"), number.to_string()).unwrap();
                git_in(&clone, &["commit", "--quiet", "--all", "--message=person"]);
                while !git_command(&clone, &["push", "--quiet", "origin", "main"]).output().unwrap().status.success() {
                    git_in(&clone, &["pull", "--quiet", "--rebase", "origin", "main"]);
                }
            }
        });
    });
    assert_eq!(String::from_utf8(bare.show("main:shared.yaml")).unwrap(), counters(EDITS));
    assert_eq!(bare.show("main:person"), PUSHES.to_string().into_bytes());
    let commits = (WRITERS.len() * EDITS + PUSHES + 1).to_string();
    assert_eq!(bare.git(&["rev-list", "--count", "main"]), commits);
    assert_eq!(bare.git(&["rev-list", "--count", "--no-merges", "main"]), commits);
    let remote = open(&bare);
    assert_eq!(listed(&remote, remote.tip().unwrap()), ["person", "shared.yaml"]);
    bare.assert_sound();
}
