//! A config repository, policies, settings and a signing key in one folder, and the program run there.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use super::bare::{Bare, git_in};

/// What a person needs to run the program.
pub(crate) struct Workbench {
    /// The config repository; everything else lies beside it.
    pub(crate) bare: Bare,
}

/// How the program ended, and what it said.
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Workbench {
    /// Makes one whose repository has `files` on `main`, whose settings sign with a fresh key and name the registries
    /// of `registries`, YAML of the settings.
    pub(crate) fn new(files: &[(&str, &str)], registries: &str) -> Self {
        let bench = Self { bare: Bare::with(files) };
        let folder = bench.bare.folder();
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-C", "automator", "-f", "signing_key"])
            .current_dir(folder)
            .status()
            .expect("ssh-keygen is needed: apt-get install openssh-client");
        assert!(made.success());
        let public = fs::read_to_string(folder.join("signing_key.pub")).unwrap();
        fs::write(folder.join("allowed_signers"), format!("automator@example.com {public}")).unwrap();
        bench.write(
            "automator.yaml",
            &format!(
                "repositories:\n  - name: config\n    url: repository.git\n    author: {{ name: Automator, email: automator@example.com }}\n    signing: {{ format: ssh, keyFile: signing_key }}\n{registries}"
            ),
        );
        bench
    }

    /// Writes a file beside the repository.
    pub(crate) fn write(&self, path: &str, text: &str) -> &Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.bare.folder().join(name)
    }

    /// Runs the program in the folder, where it finds its settings.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, &[])
    }

    /// Runs the program in the folder with more variables in its environment.
    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_automator"));
        command.args(arguments).current_dir(self.bare.folder()).env_remove("NO_COLOR");
        for proxy in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"] {
            command.env_remove(proxy);
        }
        Ran::from(command.envs(variables.iter().copied()).output().unwrap())
    }

    /// Runs the program and asserts how it ends.
    pub(crate) fn expect(&self, arguments: &[&str], status: i32) -> Ran {
        let ran = self.run(arguments);
        assert_eq!(ran.status, status, "{arguments:?}\n--- stdout\n{}\n--- stderr\n{}", ran.stdout, ran.stderr);
        ran
    }

    /// Runs `git` in the repository with the list of allowed signers.
    pub(crate) fn git_trusting(&self, arguments: &[&str]) -> String {
        let signers = format!("gpg.ssh.allowedSignersFile={}", self.path("allowed_signers").display());
        let mut all = vec!["-c", &signers];
        all.extend(arguments);
        git_in(&self.bare.path(), &all)
    }

    /// Returns the text of a file at the tip.
    pub(crate) fn file(&self, path: &str) -> String {
        String::from_utf8(self.bare.show(&format!("main:{path}"))).unwrap()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// Returns standard error with the parts that differ from run to run made equal.
    pub(crate) fn messages(&self, bench: &Workbench) -> String {
        let folder = bench.bare.folder();
        let real = fs::canonicalize(folder).unwrap();
        self.stderr.replace(&*real.to_string_lossy(), "DIR").replace(&*folder.to_string_lossy(), "DIR")
    }
}
