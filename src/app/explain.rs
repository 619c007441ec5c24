//! What it takes to explain one policy: its tags from the registry, its current values from Git.

use std::collections::BTreeSet;

use super::failure::{Failure, Trouble};
use super::keeper::Keeper;
use super::scan::Job;
use super::snapshot::snapshot;
use crate::image::{Tag, TagList};
use crate::plan::{claims, current_tag};
use crate::policy::Policy;
use crate::registry::Client;

/// All that a policy is judged by.
#[derive(Debug)]
pub struct Evidence {
    /// The tags of the policy's image.
    pub tags: TagList,
    /// The distinct tags that the policy's places hold now.
    pub currents: BTreeSet<Tag>,
    /// The repositories that could not be read; their values are missing.
    pub failures: Vec<Failure>,
}

/// Lists the tags of `policy` and reads the values that Git has now.
pub async fn gather(job: &Job<'_>, policy: &Policy) -> Result<Evidence, Trouble> {
    let client = Client::new(job.settings.registries.clone())?;
    let tags = client.list(&policy.image).await?;
    let mut evidence = Evidence { tags, currents: BTreeSet::new(), failures: Vec::new() };
    for repository in &job.settings.repositories {
        let paths = repository.paths.clone();
        let read = async {
            let keeper = Keeper::start(repository).await?;
            keeper.ask(move |remote| snapshot(remote, &paths)).await
        };
        match read.await {
            Err(trouble) => {
                evidence.failures.push(Failure { subject: format!("repository {}", repository.name).into(), trouble });
            }
            Ok(snapshot) => {
                let (claims, _) = claims(&repository.name, &snapshot.files, job.policies, job.all_policies_read);
                let own = claims.iter().filter(|claim| claim.policy.name == policy.name);
                evidence.currents.extend(own.filter_map(|claim| current_tag(claim.place)));
            }
        }
    }
    Ok(evidence)
}
