//! Checking every marker of the repositories, without asking a registry and without writing.

use std::collections::{BTreeMap, BTreeSet};

use super::failure::Trouble;
use super::report::Report;
use super::scan::Job;
use super::snapshot::snapshot_of;
use crate::finding::Finding;
use crate::plan::{Digests, build, claims, draft};

/// Reads every repository and reports each marker that cannot work, and each policy that no marker names.
pub async fn lint(job: &Job<'_>) -> Report {
    let mut whole = Report::default();
    for repository in &job.settings.repositories {
        let mut report = Report::default();
        match snapshot_of(repository).await {
            Err(trouble) => report.fail(format!("repository {}", repository.name), trouble),
            Ok(snapshot) => {
                let claimed = claims(&repository.name, &snapshot.files, job.policies, job.all_policies_read);
                report.findings.extend(snapshot.findings.iter().cloned().chain(claimed.findings));
                // Without tag lists nothing is judged; what cannot be read or paired still shows.
                let set = build(draft(&claimed.claims, &BTreeMap::new()), &Digests::new(), job.clock.now());
                report.take_rows(&repository.name, &set);
            }
        }
        if job.settings.repositories.len() > 1 {
            report.name_repository(&repository.name);
        }
        whole.append(report);
    }
    let mut report = whole;
    if report.failures.is_empty() {
        report.findings.extend(unmarked(job, &report));
    }
    report.findings.extend(unsigned(job));
    report
}

/// Returns a warning for each policy that no place of any repository belongs to.
fn unmarked(job: &Job<'_>, report: &Report) -> Vec<Finding> {
    let marked: BTreeSet<_> = report.rows.iter().map(|row| row.policy.as_str()).collect();
    let unmarked = job.policies.iter().filter(|policy| !marked.contains(policy.name.to_string().as_str()));
    let finding = |policy: &crate::policy::Policy| {
        let remedy = format!("write `# automator: {}` beside the value that it decides", policy.name);
        Finding::warning(policy.position.clone(), format!("no marker names the policy {}", policy.name), remedy)
    };
    unmarked.map(finding).collect()
}

/// Returns an error for each repository that nothing can be written to, because nobody said how to sign.
fn unsigned(job: &Job<'_>) -> impl Iterator<Item = Finding> {
    let unsigned = job.settings.repositories.iter().filter(|repository| repository.signing.is_none());
    unsigned.map(|repository| {
        let cause =
            format!("the repository `{}` has no `signing`, so that `scan` writes nothing there", repository.name);
        Finding::error(job.settings.position.clone(), cause, Trouble::NoSigning.remedy())
    })
}
