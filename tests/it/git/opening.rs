//! Which repositories and branches are taken, and what is said about the others.

use std::fs;
use std::os::unix::fs::chown;
use std::path::Path;

use deployment_automator::git::{Checkout, GitError, Location, Pushed, Remote, checkout_around};
use expect_test::{Expect, expect};

use super::{draft, edit, open};
use crate::support::bare::{Bare, git_in};

fn opened(path: &Path, branch: &str) -> Result<Remote, GitError> {
    let remote = Remote::open(&Location::Path(path.to_owned()), branch)?;
    remote.tip()?;
    Ok(remote)
}

/// Compares the error and its remedy, with the test's folder called `DIR`.
#[track_caller]
fn check(folder: &Path, path: &Path, branch: &str, expected: &Expect) {
    let Err(error) = opened(path, branch) else { panic!("opened") };
    assert!(!error.is_unavailable(), "{error}");
    let words = format!("{error}\nhelp: {}", error.remedy());
    expected.assert_eq(&words.replace(&*folder.to_string_lossy(), "DIR"));
}

#[test]
fn what_is_no_usable_repository_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    check(
        folder.path(),
        &at("nothing"),
        "main",
        &expect![[r"
        DIR/nothing does not exist
        help: check the repository's path, and whether its disk is mounted"]],
    );
    fs::create_dir(at("plain")).unwrap();
    check(
        folder.path(),
        &at("plain"),
        "main",
        &expect![[r"
        DIR/plain is not a Git repository
        help: give the folder of a bare repository, or one that holds a `.git`"]],
    );
    fs::write(at("file"), "x").unwrap();
    check(
        folder.path(),
        &at("file"),
        "main",
        &expect![[r"
        DIR/file is not a Git repository
        help: give the folder of a bare repository, or one that holds a `.git`"]],
    );
    git_in(folder.path(), &["init", "--quiet", "--bare", "empty.git"]);
    check(
        folder.path(),
        &at("empty.git"),
        "main",
        &expect![[r"
        DIR/empty.git is empty: it has no branch `main` and no other
        help: push a first commit to that branch"]],
    );
    check(
        folder.path(),
        &at("empty.git/objects"),
        "main",
        &expect![[r"
        DIR/empty.git/objects is not a Git repository
        help: give the folder of a bare repository, or one that holds a `.git`"]],
    );
}

#[test]
fn formats_that_cannot_be_read_are_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    git_in(folder.path(), &["init", "--quiet", "--bare", "--object-format=sha256", "sha256.git"]);
    check(
        folder.path(),
        &at("sha256.git"),
        "main",
        &expect![[r"
        DIR/sha256.git is in a format that is not supported: unknown object format 'sha256'
        help: use a repository with SHA-1 object names and files for references"]],
    );
    git_in(folder.path(), &["init", "--quiet", "--bare", "--ref-format=reftable", "reftable.git"]);
    check(
        folder.path(),
        &at("reftable.git"),
        "main",
        &expect![[r"
        DIR/reftable.git is in a format that is not supported: unsupported extension name extensions.refstorage
        help: use a repository with SHA-1 object names and files for references"]],
    );
}

#[test]
fn a_branch_that_is_missing_or_no_branch_is_said_so() {
    let bare = Bare::with(&[("a", "1")]);
    for number in 0..12 {
        bare.git(&["branch", &format!("topic/{number:02}"), "main"]);
    }
    bare.git(&["symbolic-ref", "refs/heads/alias", "refs/heads/main"]);
    check(
        bare.folder(),
        &bare.path(),
        "master",
        &expect![[r"
        DIR/repository.git has no branch `master`; it has `alias`, `main`, `topic/00`, `topic/01`, `topic/02`, `topic/03`, `topic/04`, `topic/05`, `topic/06`, `topic/07` and 4 more
        help: name a branch that exists, or push this one first"]],
    );
    check(
        bare.folder(),
        &bare.path(),
        "alias",
        &expect![[r"
        the branch `alias` of DIR/repository.git is another name for refs/heads/main
        help: name the branch that it stands for"]],
    );
    for name in ["", "HEAD", "-x", "a..b", "a b", "refs/heads/../x", "a\0b", "a\nb", "x.lock", &"x".repeat(201)] {
        let error = opened(&bare.path(), name).err().unwrap();
        assert!(matches!(error, GitError::InvalidBranch { .. }), "{name:?}: {error}");
        assert!(!error.to_string().contains(char::is_control), "{error}");
    }
}

#[test]
fn a_damaged_repository_is_said_so_and_not_a_panic() {
    let bare = Bare::with(&[("apps/a", "1")]);
    let remote = open(&bare);
    let parent = remote.tip().unwrap();
    bare.git(&["repack", "-a", "-d", "--quiet"]);
    for entry in fs::read_dir(bare.path().join("objects/pack")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    }
    let error = opened(&bare.path(), "main").err().unwrap();
    assert!(matches!(error, GitError::Damaged { .. }), "{error}");
    drop(remote);
    fs::write(bare.path().join("config"), "[core\n").unwrap();
    let error = opened(&bare.path(), "main").err().unwrap();
    assert!(matches!(error, GitError::Damaged { .. }), "{error}");
    fs::write(bare.path().join("config"), "[core]\nbare = true\n").unwrap();
    fs::write(bare.path().join("refs/heads/main"), "garbage\n").unwrap();
    let error = opened(&bare.path(), "main").err().unwrap();
    assert!(matches!(error, GitError::Damaged { .. }), "{error}");
    let error = open(&bare).commit(parent, &[edit("apps/a", "2")], &draft("m"), None).unwrap_err();
    assert!(matches!(error, GitError::Damaged { .. }), "{error}");
}

#[test]
fn a_shallow_repository_takes_commits() {
    let bare = Bare::with(&[("a", "1")]);
    bare.commit("main", "second", &[("100644", "a", b"2")]);
    let url = format!("file://{}", bare.path().display());
    git_in(bare.folder(), &["clone", "--quiet", "--bare", "--depth=1", &url, "shallow.git"]);
    let shallow = bare.folder().join("shallow.git");
    let remote = Remote::open(&Location::Path(shallow.clone()), "main").unwrap();
    let parent = remote.tip().unwrap();
    let new = remote.commit(parent, &[edit("a", "3")], &draft("m"), None).unwrap();
    assert_eq!(remote.push(parent, new).unwrap(), Pushed::Done);
    assert_eq!(git_in(&shallow, &["log", "--format=%s"]), "m\nsecond");
    git_in(&shallow, &["fsck", "--full", "--strict"]);
}

#[test]
fn a_repository_of_another_user_is_refused() {
    let bare = Bare::with(&[("a", "1")]);
    let foreign_user = 65534;
    if let Err(error) = chown(bare.path(), Some(foreign_user), None) {
        eprintln!("not tried: only root can give a folder away ({error})");
        return;
    }
    check(
        bare.folder(),
        &bare.path(),
        "main",
        &expect![[r"
        DIR/repository.git belongs to another user
        help: run as the user who owns the repository, or give it to the user who runs"]],
    );
}

#[test]
fn a_checked_out_branch_is_read_but_never_moved() {
    let bare = Bare::with(&[("a", "1")]);
    bare.git(&["branch", "other", "main"]);
    bare.git(&["branch", "third", "main"]);
    let clone = bare.clone_to("checkout");
    git_in(&clone, &["branch", "other", "origin/other"]);
    git_in(&clone, &["worktree", "add", "--quiet", "../linked", "other"]);
    git_in(&clone, &["branch", "third", "origin/third"]);
    let landed = |path: &Path, branch: &str| -> Result<Pushed, GitError> {
        let remote = Remote::open(&Location::Path(path.to_owned()), branch)?;
        let parent = remote.tip()?;
        let new = remote.commit(parent, &[edit("a", "2")], &draft("m"), None)?;
        remote.push(parent, new)
    };
    let linked = bare.folder().join("linked");
    for (path, branch) in [(&clone, "main"), (&clone, "other"), (&linked, "main"), (&linked, "other")] {
        let error = landed(path, branch).unwrap_err();
        assert!(matches!(error, GitError::CheckedOut { .. }), "{branch}: {error}");
    }
    assert_eq!(git_in(&clone, &["count-objects"]), git_in(&clone, &["count-objects"]));
    assert_eq!(landed(&clone, "third").unwrap(), Pushed::Done);
    assert_eq!(git_in(&clone, &["log", "--format=%s", "third"]), "m\nfirst");
    assert_eq!(git_in(&clone, &["status", "--porcelain"]), "");

    // A bare repository's HEAD is no checkout, but one that is linked to it is.
    let added = bare.folder().join("added");
    bare.git(&["worktree", "add", "--quiet", added.to_str().unwrap(), "other"]);
    assert_eq!(landed(&bare.path(), "main").unwrap(), Pushed::Done);
    assert!(matches!(landed(&bare.path(), "other"), Err(GitError::CheckedOut { .. })));
}

#[test]
fn a_branch_checked_out_between_commit_and_push_is_not_moved() {
    let bare = Bare::with(&[("a", "1")]);
    let remote = open(&bare);
    let parent = remote.tip().unwrap();
    let new = remote.commit(parent, &[edit("a", "2")], &draft("m"), None).unwrap();
    let added = bare.folder().join("added");
    bare.git(&["worktree", "add", "--quiet", added.to_str().unwrap(), "main"]);
    assert!(matches!(remote.push(parent, new), Err(GitError::CheckedOut { .. })));
    assert_eq!(bare.tip(), parent.to_string());
}

#[test]
fn the_checkout_around_a_folder_says_its_origin_and_branch() {
    let bare = Bare::with(&[("policies/p.yaml", "x")]);
    let clone = bare.clone_to("checkout");
    let found = |folder: &Path| checkout_around(folder).unwrap();
    let expected = |origin: Option<&str>, branch: Option<&str>| {
        let root = clone.canonicalize().unwrap();
        Some(Checkout { root, origin_url: origin.map(str::to_owned), branch: branch.map(str::to_owned) })
    };
    let absolute = bare.path().display().to_string();
    assert_eq!(found(&clone.join("policies")), expected(Some(&absolute), Some("main")));

    git_in(&clone, &["remote", "set-url", "origin", "../repository.git"]);
    let relative = clone.canonicalize().unwrap().join("../repository.git").display().to_string();
    git_in(&clone, &["checkout", "--quiet", "--detach"]);
    assert_eq!(found(&clone), expected(Some(&relative), None));
    let url = "https://git.example.com/acme/config.git";
    git_in(&clone, &["remote", "set-url", "origin", url]);
    git_in(&clone, &["checkout", "--quiet", "--orphan", "team/new"]);
    assert_eq!(found(&clone), expected(Some(url), Some("team/new")));
    git_in(&clone, &["remote", "remove", "origin"]);
    assert_eq!(found(&clone), expected(None, Some("team/new")));

    assert_eq!(found(&bare.path()), None);
    assert_eq!(found(bare.folder()), None);
}
