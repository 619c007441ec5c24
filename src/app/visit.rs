//! One repository's turn in a scan: read, decide, plan, commit, push, and again on a new tip when somebody else was first.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::Instant;
use tracing::info;

use super::failure::Trouble;
use super::keeper::Keeper;
use super::listing::digests;
use super::report::{Commit, Report};
use super::scan::{Job, Mode};
use super::snapshot::{Scope, Snapshot, snapshot};
use super::step::{Observer, Step};
use crate::decision::Ranking;
use crate::git::{CommitDraft, CommitId, DifferingFile, FileEdit, GitError, Pushed, Remote, Signer, unified_diff};
use crate::plan::{ChangeSet, Claim, Digests, FileChange, build, claims, draft, message};
use crate::policy::PolicyName;
use crate::registry::Client;
use crate::secret::{Secret, SecretSource};
use crate::settings::{ConfigRepository, Signing};

/// The program's version, for the trailers.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How long a change is tried again while others push to the same branch.
const RACE_DEADLINE: Duration = Duration::from_mins(2);

/// The longest pause after a lost race. Flat and not growing: a growing pause starves the one who lost.
const RACE_PAUSE_MAX_MS: u64 = 120;

/// One repository's turn in a scan.
pub(super) struct Visit<'a, 'o> {
    pub(super) job: &'a Job<'a>,
    pub(super) mode: Mode,
    pub(super) client: &'a Client,
    pub(super) rankings: &'a BTreeMap<PolicyName, Ranking<'a>>,
    pub(super) repository: &'a ConfigRepository,
    pub(super) observer: &'a Mutex<&'o mut (dyn Observer + 'o)>,
}

/// How one attempt ended.
enum Attempt {
    /// There was nothing to write, or it is written, or it only had to be shown.
    Done(Report),
    /// The branch moved meanwhile; what this attempt found, for the case that it was the last.
    Raced(Report),
}

impl Visit<'_, '_> {
    /// Reads, plans and writes the repository; trouble is in the report.
    pub(super) async fn run(self) -> Report {
        let mut report = self.try_run().await.unwrap_or_else(|trouble| {
            let mut report = Report::default();
            report.fail(self.subject(), trouble);
            report
        });
        if self.job.settings.repositories.len() > 1 {
            report.name_repository(&self.repository.name);
        }
        report
    }

    async fn try_run(&self) -> Result<Report, Trouble> {
        let repository = self.repository;
        // Before anything is read: where nothing can be signed, nothing is written.
        let signer = if self.mode == Mode::Write { self.signer()? } else { None };
        let keeper = Keeper::start(repository).await?;
        let deadline = Instant::now() + RACE_DEADLINE;
        loop {
            let report = match self.attempt(&keeper, signer.as_ref()).await? {
                Attempt::Done(report) => return Ok(report),
                Attempt::Raced(report) => report,
            };
            if Instant::now() >= deadline {
                let (branch, seconds) = (repository.branch.clone(), RACE_DEADLINE.as_secs());
                return Ok(self.not_landed(report, Trouble::Outrun { branch, seconds }));
            }
            let pause = Duration::from_millis(random_up_to(RACE_PAUSE_MAX_MS));
            info!(repository = %repository.name, "somebody else pushed first; planning anew");
            self.tell(&Step::Raced { repository: &repository.name, pause });
            tokio::time::sleep(pause).await;
        }
    }

    fn subject(&self) -> String {
        format!("repository {}", self.repository.name)
    }

    /// Tells whoever listens; one that has fallen over hears nothing more.
    fn tell(&self, step: &Step<'_>) {
        if let Ok(mut observer) = self.observer.lock() {
            observer.step(step);
        }
    }

    fn signer(&self) -> Result<Option<Arc<Signer>>, Trouble> {
        match &self.repository.signing {
            None => Err(Trouble::NoSigning),
            Some(Signing::None) => Ok(None),
            Some(Signing::Ssh { key, passphrase }) => {
                let passphrase = passphrase.as_ref().map(SecretSource::read).transpose()?;
                let signer = Signer::ssh(key.read()?.expose(), passphrase.as_ref().map(Secret::expose))?;
                Ok(Some(Arc::new(signer)))
            }
        }
    }

    async fn attempt(&self, keeper: &Keeper, signer: Option<&Arc<Signer>>) -> Result<Attempt, Trouble> {
        let scope = Scope::of(self.repository);
        let snapshot = keeper.ask(move |remote| snapshot(remote, &scope)).await?;
        let mut report = Report::default();
        let set = self.plan(&snapshot, &mut report).await;
        if set.files.is_empty() {
            return Ok(Attempt::Done(report));
        }
        if self.mode == Mode::Dry {
            return Ok(Attempt::Done(match diff(&set) {
                Ok(diff) => Report { diff, ..report },
                Err(error) => self.not_landed(report, error.into()),
            }));
        }
        let steps: Vec<_> = set
            .changes
            .iter()
            .map(|change| format!("{}: {} -> {}", change.policy.name, change.from, change.to))
            .collect();
        self.tell(&Step::Planned { repository: &self.repository.name, changes: &steps });
        let message = message(&set, self.job.settings.instance.as_deref(), VERSION);
        let id = match self.land(keeper, signer, snapshot.at, &set, &message).await {
            Ok(Landing::Done(id)) => id.to_string(),
            Ok(Landing::Moved) => return Ok(Attempt::Raced(report)),
            Ok(Landing::NotAsPlanned) => return Ok(Attempt::Done(self.not_landed(report, Trouble::NotAsPlanned))),
            Err(trouble) => return Ok(Attempt::Done(self.not_landed(report, trouble))),
        };
        info!(repository = %self.repository.name, commit = %id, "pushed {} to {}", id, self.repository.branch);
        self.tell(&Step::Pushed { repository: &self.repository.name, commit: &id });
        report.commits.push(Commit {
            repository: self.repository.name.to_string(),
            branch: self.repository.branch.to_string(),
            id,
            subject: message.lines().next().unwrap_or_default().to_owned(),
        });
        Ok(Attempt::Done(report))
    }

    /// Closes the report of changes that did not get out: what was found stays, and what was to change is blocked.
    fn not_landed(&self, mut report: Report, trouble: Trouble) -> Report {
        report.block_changes(&trouble.to_string());
        report.fail(self.subject(), trouble);
        report
    }

    /// Plans on the snapshot; asks the registries only for the digests that the plan needs.
    async fn plan<'s>(&self, snapshot: &'s Snapshot, report: &mut Report) -> ChangeSet<'s>
    where
        Self: 's,
    {
        let job = self.job;
        let claimed = claims(&self.repository.name, &snapshot.files, job.policies, job.all_policies_read);
        report.findings.extend(snapshot.findings.iter().cloned());
        if job.only.is_empty() {
            // Whoever scans one policy does not ask for the markers of others.
            report.findings.extend(claimed.findings);
        }
        let meant: Vec<Claim<'_>> = claimed.claims.into_iter().filter(|claim| job.is_meant(claim.policy)).collect();
        let draft = draft(&meant, self.rankings);
        let wanted = draft.wanted_digests();
        let mut answers = digests(self.client, wanted.clone()).await;
        let mut known = Digests::new();
        for (image, tag) in wanted {
            let answer = answers.remove(&(image.clone(), tag.clone()));
            let answer = answer.map_or(Err(Trouble::NoThread), |answer| answer.map_err(Trouble::from));
            let digest = answer.map_err(|trouble| {
                let said = trouble.to_string();
                report.fail(format!("{image}:{tag}"), trouble);
                said
            });
            known.insert((image, tag), digest);
        }
        // The last thing before writing: what the registries took so long to say may not open a window that has closed.
        let set = build(draft, &known, job.clock.now());
        report.take_rows(&self.repository.name, &set);
        set
    }

    /// Commits, compares the commit with the plan, and pushes.
    async fn land(
        &self,
        keeper: &Keeper,
        signer: Option<&Arc<Signer>>,
        base: CommitId,
        set: &ChangeSet<'_>,
        message: &str,
    ) -> Result<Landing, Trouble> {
        let edit = |file: &FileChange<'_>| FileEdit { path: file.file.path.to_string(), content: file.after.clone() };
        let edits: Vec<_> = set.files.iter().map(edit).collect();
        let draft = CommitDraft {
            message: message.to_owned(),
            author: self.repository.author.clone(),
            committer: self.repository.author.clone(),
            seconds: set.now.as_second(),
            offset_minutes: 0,
        };
        let signer = signer.cloned();
        let work = move |remote: &Remote| {
            let new = remote.commit(base, &edits, &draft, signer.as_deref())?;
            if !is_as_planned(&remote.differing_files(base, new)?, &edits) {
                return Ok(Landing::NotAsPlanned);
            }
            Ok(match remote.push(base, new)? {
                Pushed::Done => Landing::Done(new),
                Pushed::Moved => Landing::Moved,
            })
        };
        keeper.ask(work).await
    }
}

/// Returns the unified diffs of all files that change.
fn diff(set: &ChangeSet<'_>) -> Result<Vec<u8>, GitError> {
    let mut diff = Vec::new();
    for FileChange { file, after } in &set.files {
        diff.extend(unified_diff(&file.path, file.executable, &file.bytes, after)?);
    }
    Ok(diff)
}

/// How a commit ended.
enum Landing {
    /// It is on the branch.
    Done(CommitId),
    /// The branch has moved, the commit is forgotten.
    Moved,
    /// The commit would change something that was not planned, so nobody got it.
    NotAsPlanned,
}

/// Returns whether exactly the edited files differ, and none of them in more than its content.
fn is_as_planned(differing: &[DifferingFile], edits: &[FileEdit]) -> bool {
    let planned: BTreeSet<_> = edits.iter().map(|edit| edit.path.as_bytes()).collect();
    let is_edit = |file: &DifferingFile| match (&file.before, &file.after) {
        (Some(before), Some(after)) => before.mode == after.mode && planned.contains(&*file.path),
        _ => false,
    };
    differing.len() == planned.len() && differing.iter().all(is_edit)
}

/// Returns a number from 0 to `bound`, a different one for each of those who wait for the same thing.
fn random_up_to(bound: u64) -> u64 {
    // Without randomness everybody waits equally long, which is slower and not wrong.
    getrandom::u64().map_or(bound, |number| number % (bound + 1))
}
