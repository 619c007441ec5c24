//! One scan: list, read, decide, plan, commit, push, and again on a new tip when somebody else was first.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tracing::info;

use super::clock::Clock;
use super::failure::Trouble;
use super::keeper::Keeper;
use super::listing::{Listings, digests, list};
use super::report::{Commit, Report};
use super::snapshot::{Snapshot, snapshot};
use super::step::{Observer, Step};
use crate::decision::{Ranking, Tally, rank};
use crate::git::{CommitDraft, CommitId, DifferingFile, FileEdit, Pushed, Remote, Signer, unified_diff};
use crate::image::TagList;
use crate::plan::{ChangeSet, Claim, Digests, FileChange, build, claims, draft, message};
use crate::policy::{Policy, PolicyName};
use crate::registry::Client;
use crate::secret::{Secret, SecretSource};
use crate::settings::{ConfigRepository, Settings, Signing};

/// The program's version, for the trailers.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// How long a change is tried again while others push to the same branch.
const RACE_DEADLINE: Duration = Duration::from_mins(2);

/// The longest pause after a lost race. Flat and not growing: a growing pause starves the one who lost.
const RACE_PAUSE_MAX_MS: u64 = 120;

/// What to scan.
#[derive(Debug)]
pub struct Job<'a> {
    /// The checked settings.
    pub settings: &'a Settings,
    /// Every policy that could be read.
    pub policies: &'a [Policy],
    /// Whether every policy file could be read; a marker that names nobody is then an error.
    pub all_policies_read: bool,
    /// The policies to scan; all of them when empty.
    pub only: BTreeSet<PolicyName>,
    /// The clock.
    pub clock: Clock,
}

impl Job<'_> {
    fn is_meant(&self, policy: &Policy) -> bool {
        self.only.is_empty() || self.only.contains(&policy.name)
    }
}

/// Whether a scan writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Commits and pushes.
    Write,
    /// Only says what would be written.
    Dry,
}

/// Scans once. Never fails as a whole: what could not be done is in the report.
pub async fn scan(job: &Job<'_>, mode: Mode, observer: &mut dyn Observer) -> Report {
    let mut report = Report::default();
    let client = match Client::new(job.settings.registries.clone()) {
        Ok(client) => client,
        Err(error) => {
            report.fail("registries", error);
            return report;
        }
    };
    let active = || job.policies.iter().filter(|policy| job.is_meant(policy) && !policy.suspend);
    let listings = list(&client, active()).await;
    for policy in active() {
        match listings.get(&policy.image) {
            Some(Ok(tags)) => observer.step(&Step::Listed { image: &policy.image, tags: tags.len() }),
            Some(Err(error)) => report.fail(format!("policy {}", policy.name), Arc::clone(error)),
            None => report.fail(format!("policy {}", policy.name), Trouble::NoThread),
        }
    }
    let rankings = rankings(active(), &listings);
    for repository in &job.settings.repositories {
        let visit = Visit { job, mode, client: &client, rankings: &rankings, repository };
        match visit.run(observer).await {
            Ok(part) => report.append(part),
            Err(trouble) => report.fail(format!("repository {}", repository.name), trouble),
        }
    }
    report
}

/// Filters and ranks the tags of each policy, once.
fn rankings<'t>(
    policies: impl Iterator<Item = &'t Policy>,
    listings: &'t Listings,
) -> BTreeMap<PolicyName, Ranking<'t>> {
    let ranked = policies.filter_map(|policy| {
        let tags: &TagList = listings.get(&policy.image)?.as_ref().ok()?;
        Some((policy.name.clone(), rank(policy, tags, &mut Tally::default())))
    });
    ranked.collect()
}

/// One repository's turn in a scan.
struct Visit<'a> {
    job: &'a Job<'a>,
    mode: Mode,
    client: &'a Client,
    rankings: &'a BTreeMap<PolicyName, Ranking<'a>>,
    repository: &'a ConfigRepository,
}

/// How one attempt ended.
enum Attempt {
    /// There was nothing to write, or it is written, or it only had to be shown.
    Done(Report),
    /// The branch moved meanwhile.
    Raced,
}

impl Visit<'_> {
    async fn run(&self, observer: &mut dyn Observer) -> Result<Report, Trouble> {
        let repository = self.repository;
        // Before anything is read: where nothing can be signed, nothing is written.
        let signer = if self.mode == Mode::Write { self.signer()? } else { None };
        let keeper = Keeper::start(repository).await?;
        let deadline = Instant::now() + RACE_DEADLINE;
        loop {
            if let Attempt::Done(report) = self.attempt(&keeper, signer.as_ref(), observer).await? {
                return Ok(report);
            }
            if Instant::now() >= deadline {
                return Err(Trouble::Outrun { branch: repository.branch.clone(), seconds: RACE_DEADLINE.as_secs() });
            }
            let pause = Duration::from_millis(random_up_to(RACE_PAUSE_MAX_MS));
            info!(repository = %repository.name, "somebody else pushed first; planning anew");
            observer.step(&Step::Raced { repository: &repository.name, pause });
            tokio::time::sleep(pause).await;
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

    async fn attempt(
        &self,
        keeper: &Keeper,
        signer: Option<&Arc<Signer>>,
        observer: &mut dyn Observer,
    ) -> Result<Attempt, Trouble> {
        let paths = self.repository.paths.clone();
        let snapshot = keeper.ask(move |remote| snapshot(remote, &paths)).await?;
        let mut report = Report::default();
        let set = self.plan(&snapshot, &mut report).await;
        if set.files.is_empty() {
            return Ok(Attempt::Done(report));
        }
        if self.mode == Mode::Dry {
            for file in &set.files {
                report.diff.extend(unified_diff(&file.file.path, file.file.executable, &file.file.bytes, &file.after)?);
            }
            return Ok(Attempt::Done(report));
        }
        let steps: Vec<_> = set
            .changes
            .iter()
            .map(|change| format!("{}: {} -> {}", change.policy.name, change.from, change.to))
            .collect();
        observer.step(&Step::Planned { repository: &self.repository.name, changes: &steps });
        let message = message(&set, self.job.settings.instance.as_deref(), VERSION);
        let id = match self.land(keeper, signer, snapshot.at, &set, &message).await? {
            Landing::Done(id) => id.to_string(),
            Landing::Moved => return Ok(Attempt::Raced),
            Landing::NotAsPlanned => return Err(Trouble::NotAsPlanned),
        };
        info!(repository = %self.repository.name, commit = %id, "pushed {} to {}", id, self.repository.branch);
        observer.step(&Step::Pushed { repository: &self.repository.name, commit: &id });
        report.commits.push(Commit {
            repository: self.repository.name.to_string(),
            branch: self.repository.branch.to_string(),
            id,
            subject: message.lines().next().unwrap_or_default().to_owned(),
        });
        Ok(Attempt::Done(report))
    }

    /// Plans on the snapshot; asks the registries only for the digests that the plan needs.
    async fn plan<'s>(&self, snapshot: &'s Snapshot, report: &mut Report) -> ChangeSet<'s>
    where
        Self: 's,
    {
        let job = self.job;
        let (claims, findings) = claims(&self.repository.name, &snapshot.files, job.policies, job.all_policies_read);
        report.findings.extend(snapshot.findings.iter().chain(&findings).cloned());
        let meant: Vec<Claim<'_>> = claims.into_iter().filter(|claim| job.is_meant(claim.policy)).collect();
        let draft = draft(&meant, self.rankings);
        let answers = digests(self.client, draft.wanted_digests()).await;
        let mut known = Digests::new();
        for ((image, tag), answer) in answers {
            known.insert((image.clone(), tag.clone()), answer.as_ref().map(Clone::clone).map_err(ToString::to_string));
            if let Err(error) = answer {
                report.fail(format!("{image}:{tag}"), error);
            }
        }
        let set = build(draft, &known);
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
            seconds: self.job.clock.now().as_second(),
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
