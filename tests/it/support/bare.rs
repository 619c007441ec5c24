//! Bare repositories made and judged by the real `git`.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The committer's time of what [`Bare::commit`] makes: 2026-01-02 03:04:05 UTC.
pub(crate) const COMMITTED_S: i64 = 1_767_323_045;

/// A file, link, folder or submodule for [`Bare::commit`]: Git's mode, the path, the content (or the commit).
pub(crate) type Node<'n> = (&'n str, &'n str, &'n [u8]);

/// A bare repository in a folder of its own, which goes away with it.
pub(crate) struct Bare {
    folder: TempDir,
}

impl Bare {
    /// Makes an empty one whose branch will be `main`.
    pub(crate) fn empty() -> Self {
        let bare = Self { folder: tempfile::tempdir().unwrap() };
        git_in(bare.folder.path(), &["init", "--quiet", "--bare", "--initial-branch=main", "repository.git"]);
        bare
    }

    /// Makes one with these plain files on `main`.
    pub(crate) fn with(files: &[(&str, &str)]) -> Self {
        let bare = Self::empty();
        let nodes: Vec<Node<'_>> = files.iter().map(|(path, text)| ("100644", *path, text.as_bytes())).collect();
        bare.commit("main", "first", &nodes);
        bare
    }

    /// Returns the folder around the repository, for clones and keys.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("repository.git")
    }

    /// Adds a commit to a branch in which these nodes are added or replaced, and returns its name.
    pub(crate) fn commit(&self, branch: &str, message: &str, nodes: &[Node<'_>]) -> String {
        let mut stream = format!("commit refs/heads/{branch}\n").into_bytes();
        let person = format!("Rival <rival@example.com> {COMMITTED_S} +0000");
        writeln!(stream, "committer {person}\ndata {}\n{message}", message.len()).unwrap();
        if self.try_git(&["rev-parse", "--verify", "--quiet", &format!("refs/heads/{branch}")]).status.success() {
            writeln!(stream, "from refs/heads/{branch}^0").unwrap();
        }
        for (mode, path, content) in nodes {
            if *mode == "160000" {
                writeln!(stream, "M 160000 {} {}", std::str::from_utf8(content).unwrap(), quoted(path)).unwrap();
                continue;
            }
            writeln!(stream, "M {mode} inline {}\ndata {}", quoted(path), content.len()).unwrap();
            stream.extend_from_slice(content);
            stream.push(b'\n');
        }
        self.git_with_input(&["fast-import", "--quiet", "--force"], &stream);
        self.git(&["rev-parse", &format!("refs/heads/{branch}")])
    }

    /// Makes a commit of a tree of raw bytes, sound or not, the tip of `main`, and returns its name.
    pub(crate) fn commit_raw_tree(&self, tree: &[u8]) -> String {
        let tree = self.raw_tree(tree);
        let commit = self.git(&["commit-tree", "-m", "raw", &tree]);
        self.git(&["update-ref", "refs/heads/main", &commit]);
        commit
    }

    /// Writes a tree of raw bytes, sound or not, and returns its name.
    pub(crate) fn raw_tree(&self, tree: &[u8]) -> String {
        self.git_with_input(&["hash-object", "-t", "tree", "-w", "--literally", "--stdin"], tree)
    }

    pub(crate) fn tip(&self) -> String {
        self.git(&["rev-parse", "refs/heads/main"])
    }

    pub(crate) fn show(&self, revision_and_path: &str) -> Vec<u8> {
        output(self.command(&["cat-file", "blob", revision_and_path]), b"").stdout
    }

    /// Asserts that every object is sound by Git's own strictest look.
    pub(crate) fn assert_sound(&self) {
        let found = output(self.command(&["fsck", "--full", "--strict", "--no-progress", "--no-dangling"]), b"");
        let text = String::from_utf8_lossy(&[found.stdout, found.stderr].concat()).into_owned();
        assert!(found.status.success() && text.is_empty(), "{text}");
    }

    /// Runs `git` in the repository, which has to succeed, and returns what it printed, without the last line's end.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git_in(&self.path(), arguments)
    }

    pub(crate) fn git_with_input(&self, arguments: &[&str], input: &[u8]) -> String {
        printed(&output(self.command(arguments), input), arguments)
    }

    /// Runs `git` in the repository, whether it succeeds or not.
    pub(crate) fn try_git(&self, arguments: &[&str]) -> Output {
        output(self.command(arguments), b"")
    }

    /// Clones the repository into a checkout beside it.
    pub(crate) fn clone_to(&self, name: &str) -> PathBuf {
        git_in(self.folder.path(), &["clone", "--quiet", "repository.git", name]);
        self.folder.path().join(name)
    }

    fn command(&self, arguments: &[&str]) -> Command {
        git_command(&self.path(), arguments)
    }
}

/// Runs `git` in a folder, which has to succeed, and returns what it printed, without the last line's end.
pub(crate) fn git_in(folder: &Path, arguments: &[&str]) -> String {
    printed(&output(git_command(folder, arguments), b""), arguments)
}

/// Returns a `git` that knows nothing of the user or the machine.
pub(crate) fn git_command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.args(arguments).current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "Rival").env(format!("GIT_{role}_EMAIL"), "rival@example.com");
        command.env(format!("GIT_{role}_DATE"), format!("{COMMITTED_S} +0000"));
    }
    for inherited in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        command.env_remove(inherited);
    }
    command
}

fn output(mut command: Command, input: &[u8]) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("git is needed: apt-get install git");
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        // A git that fails early closes its input; its status says so.
        scope.spawn(move || drop(stdin.write_all(input)));
        child.wait_with_output().unwrap()
    })
}

fn printed(output: &Output, arguments: &[&str]) -> String {
    let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "git {arguments:?}: {text}{errors}");
    text.trim_end_matches('\n').to_owned()
}

/// Returns a path as `git fast-import` reads it.
fn quoted(path: &str) -> String {
    let mut text = String::from("\"");
    for byte in path.bytes() {
        match byte {
            b'"' | b'\\' => text.extend(['\\', char::from(byte)]),
            b' '..=b'~' => text.push(char::from(byte)),
            _ => write!(text, "\\{byte:03o}").unwrap(),
        }
    }
    text + "\""
}
