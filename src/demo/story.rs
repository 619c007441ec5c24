//! The story that the demonstration tells, one scene after the other.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use ssh_key::private::{Ed25519Keypair, KeypairData};
use ssh_key::{HashAlg, LineEnding, PrivateKey};

use super::parts::{APPLICATIONS, Application, settings};
use super::registry::EmbeddedRegistry;
use crate::app::{Clock, Job, Mode, Observer, State, Step, scan};
use crate::finding::Finding;
use crate::git::{
    CommitDraft, DraftError, FileEdit, GitError, Location, Person, Remote, Signature, TreeFile, create_bare,
    unified_diff,
};
use crate::image::{ImageError, TagRef};
use crate::manifest::FILE_BYTES_MAX;
use crate::settings::{read_policies, read_settings};

/// The branch of the config repository.
const BRANCH: &str = "main";

/// The config repository's folder.
const REPOSITORY: &str = "config.git";

/// The automator's address in commits and in the list of signers.
const EMAIL: &str = "automator@example.com";

/// More commits than the demonstration makes.
const COMMITS_MAX: usize = 16;

/// Why the demonstration ended early.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The folder to keep things in holds something already.
    #[error("{} is there and not empty", .0.display())]
    NotEmpty(PathBuf),
    /// The disk or the network of this machine.
    #[error("the demonstration could not be set up: {0}")]
    System(#[from] io::Error),
    /// The key.
    #[error("the signing key could not be made: {0}")]
    Key(#[from] ssh_key::Error),
    /// No random numbers for the key.
    #[error("this machine gives no random numbers for a key: {0}")]
    Random(#[from] getrandom::Error),
    /// An image of the demonstration.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The config repository.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The person who commits.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// The files that the demonstration wrote for itself.
    #[error("the demonstration does not understand its own settings: {}", .0.first().map_or("", |finding| &finding.cause))]
    Settings(Vec<Finding>),
    /// A scan had trouble.
    #[error("a scan had trouble: {0}")]
    Trouble(String),
}

impl DemoError {
    /// Returns what to do about it, in one sentence without a full stop.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::NotEmpty(_) => "name a folder that is new or empty",
            Self::System(_) | Self::Git(_) => {
                "check the space and the permissions of the folder, temporary unless --keep names one"
            }
            _ => "this must not happen; please report it",
        }
    }

    /// Returns whether another folder would help.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::NotEmpty(_))
    }
}

/// Plays the demonstration in a folder of its own, which is removed at the end, or in `keep`, which stays.
pub async fn play(keep: Option<&Path>, tell: &mut (dyn FnMut(&str) + Send)) -> Result<(), DemoError> {
    let temporary = tempfile::tempdir()?;
    let folder = match keep {
        Some(folder) => empty_folder(folder)?,
        None => temporary.path().to_owned(),
    };
    let registry = EmbeddedRegistry::start().await?;
    let key = write_key(&folder)?;
    let mut scene = Scene { folder, registry, key, tell };
    scene.set_up()?;
    for round in 0..2 {
        scene.publish(round)?;
        scene.scan().await?;
    }
    scene.say("\nA third scan finds every place as it should be:");
    scene.scan().await?;
    scene.show_log()?;
    scene.show_diff()?;
    scene.end(keep.is_some());
    Ok(())
}

/// The stage: where things stand, and who listens.
struct Scene<'t> {
    folder: PathBuf,
    registry: EmbeddedRegistry,
    /// The fingerprint of the key that signs.
    key: String,
    tell: &'t mut (dyn FnMut(&str) + Send),
}

impl Scene<'_> {
    fn say(&mut self, line: impl AsRef<str>) {
        (self.tell)(line.as_ref());
    }

    /// Starts the registry's content, the repository, the key, the policies and the settings.
    fn set_up(&mut self) -> Result<(), DemoError> {
        let address = self.registry.addr();
        self.say(format!("A registry listens on {address} and has three images:"));
        for application in &APPLICATIONS {
            self.push(application, application.tags)?;
        }
        self.say("\nA bare repository, config.git, runs three applications:");
        for application in &APPLICATIONS {
            self.say(format!("  {}", application.file));
        }
        self.create_repository()?;
        for application in &APPLICATIONS {
            let path = self.folder.join("policies").join(application.policy_file);
            write(&path, &self.at_registry(application.policy))?;
        }
        write(&self.folder.join("automator.yaml"), &settings(address))?;
        self.say(format!("\nCommits are signed with a fresh key, {}.", self.key));
        self.say("Three policies decide. The one of web says:\n");
        let policy = APPLICATIONS.iter().map(|application| application.policy).next().unwrap_or_default();
        self.say(indented(&self.at_registry(policy)));
        Ok(())
    }

    fn create_repository(&self) -> Result<(), DemoError> {
        let person = Person::new("Ada Person", "ada@example.com")?;
        let draft = CommitDraft {
            message: "Run web, api and jobs\n".to_owned(),
            author: person.clone(),
            committer: person,
            seconds: Clock::system().now().as_second(),
            offset_minutes: 0,
        };
        let files: Vec<_> = APPLICATIONS
            .iter()
            .map(|application| FileEdit {
                path: application.file.to_owned(),
                content: self.at_registry(application.content).into_bytes(),
            })
            .collect();
        create_bare(&self.folder.join(REPOSITORY), BRANCH, &files, &draft, None)?;
        Ok(())
    }

    /// Lets the tags of a round appear.
    fn publish(&mut self, round: usize) -> Result<(), DemoError> {
        self.say(if round == 0 { "\nNew tags appear in the registry:" } else { "\nMore tags appear:" });
        for application in &APPLICATIONS {
            if let Some(tags) = application.news.get(round).filter(|tags| !tags.is_empty()) {
                self.push(application, tags)?;
            }
        }
        Ok(())
    }

    fn push(&mut self, application: &Application, tags: &[&str]) -> Result<(), DemoError> {
        let repository = self.registry.repository(application.image)?;
        for tag in tags {
            self.registry.push(&repository, TagRef::parse(tag)?);
        }
        self.say(format!("  {:<10} {}", application.image, tags.join(" ")));
        Ok(())
    }

    /// Scans as `automator scan` does, with the settings and policies that stand in the folder.
    async fn scan(&mut self) -> Result<(), DemoError> {
        let settings = read_settings(Some(&self.folder.join("automator.yaml"))).map_err(DemoError::Settings)?;
        let read = read_policies(&settings);
        let job = Job {
            settings: &settings,
            policies: &read.policies,
            all_policies_read: read.are_complete(),
            only: BTreeSet::new(),
            clock: Clock::system(),
        };
        let mut steps = Steps(Vec::new());
        let report = scan(&job, Mode::Write, &mut steps).await;
        if let Some(failure) = report.failures.first() {
            return Err(DemoError::Trouble(format!("{}: {}", failure.subject, failure.trouble)));
        }
        if let Some(finding) = read.findings.iter().chain(&report.findings).next() {
            return Err(DemoError::Trouble(format!("{}: {}", finding.position, finding.cause)));
        }
        for line in steps.0 {
            self.say(line);
        }
        for row in report.rows.iter().filter(|row| report.commits.is_empty() || row.state != State::Kept) {
            self.say(format!("  {}:{} {}", row.file, row.line, row.reason));
        }
        if report.commits.is_empty() {
            self.say("  nothing to do");
        }
        Ok(())
    }

    fn show_log(&mut self) -> Result<(), DemoError> {
        self.say("\nThe history of config.git, with each commit's signature:");
        for entry in self.open()?.log(COMMITS_MAX)? {
            self.say(format!("\ncommit {}", entry.id));
            self.say(match &entry.signature {
                Signature::Good(key) if *key == self.key => format!("Good signature with our key, {key}"),
                Signature::Good(key) => format!("Good signature with a foreign key, {key}"),
                Signature::Missing => "No signature (a person wrote it)".to_owned(),
                Signature::Bad => "BAD signature".to_owned(),
            });
            self.say(format!("Author: {}\n", entry.author));
            self.say(indented(&entry.message));
        }
        Ok(())
    }

    /// Shows what all commits together changed.
    fn show_diff(&mut self) -> Result<(), DemoError> {
        self.say("\nAll that differs from the first commit, byte for byte:\n");
        let remote = self.open()?;
        let tip = remote.tip()?;
        let mut found = Vec::new();
        remote.files(tip, &mut |file| {
            if let TreeFile::Regular { path, blob, .. } = file {
                found.push((path.to_owned(), blob));
            }
        })?;
        for (path, blob) in found {
            let Some(application) = APPLICATIONS.iter().find(|application| application.file == path) else { continue };
            let before = self.at_registry(application.content);
            let after = remote.read(blob, FILE_BYTES_MAX as u64)?;
            let diff = unified_diff(&path, false, before.as_bytes(), &after)?;
            self.say(String::from_utf8_lossy(&diff).trim_end());
        }
        Ok(())
    }

    fn end(&mut self, kept: bool) {
        if kept {
            let folder = self.folder.display().to_string();
            self.say(format!(
                "\nEverything stays in {folder}. Look closer with\n  git -C {folder}/{REPOSITORY} -c gpg.ssh.allowedSignersFile={folder}/allowed_signers log --show-signature -p {BRANCH}"
            ));
        } else {
            self.say("\nNothing is left behind. Keep it all with `automator demo --keep DIR`.");
        }
    }

    fn open(&self) -> Result<Remote, DemoError> {
        let location = Location::Path(self.folder.join(REPOSITORY));
        Ok(Remote::open(&location, BRANCH)?)
    }

    /// Puts the registry's address into a text of the demonstration.
    fn at_registry(&self, text: &str) -> String {
        text.replace("REGISTRY", &self.registry.addr().to_string())
    }
}

/// Takes down the steps of a scan.
struct Steps(Vec<String>);

impl Observer for Steps {
    fn step(&mut self, step: &Step<'_>) {
        match step {
            Step::Planned { changes, .. } => self.0.push(format!("\nA scan decides {}", changes.join(", "))),
            Step::Pushed { commit, .. } => self.0.push(format!("and pushes one signed commit, {commit}:")),
            Step::Listed { .. } | Step::Raced { .. } => {}
        }
    }
}

/// Indents every line of a text that has something in it.
fn indented(text: &str) -> String {
    let lines = text.trim_end().lines().map(|line| if line.is_empty() { String::new() } else { format!("    {line}") });
    lines.collect::<Vec<_>>().join("\n")
}

#[expect(clippy::disallowed_methods, reason = "the demonstration plays in a folder of its own")]
fn empty_folder(folder: &Path) -> Result<PathBuf, DemoError> {
    fs::create_dir_all(folder)?;
    if fs::read_dir(folder)?.next().is_some() {
        Err(DemoError::NotEmpty(folder.to_owned()))
    } else {
        Ok(folder.to_owned())
    }
}

#[expect(clippy::disallowed_methods, reason = "the demonstration plays in a folder of its own")]
fn write(path: &Path, text: &str) -> Result<(), DemoError> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(path, text)?)
}

/// Writes a new private key that only this user can read, and the list of signers for Git; returns the fingerprint.
fn write_key(folder: &Path) -> Result<String, DemoError> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)?;
    let key = PrivateKey::new(KeypairData::Ed25519(Ed25519Keypair::from_seed(&seed)), "automator demo")?;
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(folder.join("signing_key"))?;
    file.write_all(key.to_openssh(LineEnding::LF)?.as_bytes())?;
    let public = key.public_key().to_openssh()?;
    write(&folder.join("allowed_signers"), &format!("{EMAIL} {public}\n"))?;
    Ok(key.public_key().fingerprint(HashAlg::Sha256).to_string())
}
