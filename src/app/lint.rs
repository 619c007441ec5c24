//! Checking every marker of the repositories, without asking a registry and without writing.

use std::collections::{BTreeMap, BTreeSet};

use super::keeper::Keeper;
use super::report::Report;
use super::scan::Job;
use super::snapshot::snapshot;
use crate::finding::Finding;
use crate::plan::{Digests, build, claims, draft};

/// Reads every repository and reports each marker that cannot work, and each policy that no marker names.
pub async fn lint(job: &Job<'_>) -> Report {
    let mut report = Report::default();
    for repository in &job.settings.repositories {
        let paths = repository.paths.clone();
        let read = async {
            let keeper = Keeper::start(repository).await?;
            keeper.ask(move |remote| snapshot(remote, &paths)).await
        };
        match read.await {
            Err(trouble) => report.fail(format!("repository {}", repository.name), trouble),
            Ok(snapshot) => {
                let (claims, findings) = claims(&repository.name, &snapshot.files, job.policies, job.all_policies_read);
                report.findings.extend(snapshot.findings.iter().cloned().chain(findings));
                // Without tag lists nothing is judged; what cannot be read or paired still shows.
                let set = build(draft(&claims, &BTreeMap::new()), &Digests::new());
                report.take_rows(&repository.name, &set);
            }
        }
    }
    if report.failures.is_empty() {
        report.findings.extend(unmarked(job, &report));
    }
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
