//! What it takes to explain one policy: its tags from the registry, its current values from Git.

use std::collections::BTreeSet;

use super::failure::{Failure, Trouble};
use super::scan::Job;
use super::snapshot::snapshot_of;
use crate::decision::{Current, Explanation, explain};
use crate::image::{Repository, Tag, TagList};
use crate::plan::{claims, current_tag};
use crate::policy::Policy;
use crate::registry::{Client, RegistrySettings};

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

impl Evidence {
    /// Explains every tag, for each value that Git has now; without any, for a place that has none yet.
    pub fn explain(&self, policy: &Policy) -> Explanation<'_> {
        let currents: Vec<_> = self.currents.iter().map(|tag| Current::Tag(tag.as_ref())).collect();
        explain(policy, &self.tags, &currents)
    }
}

/// Lists the tags of an image that no policy is about; `current` is what somebody asks from.
pub async fn gather_image(
    registries: Vec<RegistrySettings>,
    image: &Repository,
    current: Option<Tag>,
) -> Result<Evidence, Trouble> {
    let tags = Client::new(registries)?.list(image).await?;
    Ok(Evidence { tags, currents: current.into_iter().collect(), failures: Vec::new() })
}

/// Lists the tags of `policy` and reads the values that Git has now.
pub async fn gather(job: &Job<'_>, policy: &Policy) -> Result<Evidence, Trouble> {
    let client = Client::new(job.settings.registries.clone())?;
    let tags = client.list(&policy.image).await?;
    let mut evidence = Evidence { tags, currents: BTreeSet::new(), failures: Vec::new() };
    for repository in &job.settings.repositories {
        match snapshot_of(repository).await {
            Err(trouble) => {
                evidence.failures.push(Failure { subject: format!("repository {}", repository.name).into(), trouble });
            }
            Ok(snapshot) => {
                let claimed = claims(&repository.name, &snapshot.files, job.policies, job.all_policies_read);
                let own = claimed.claims.iter().filter(|claim| claim.policy.name == policy.name);
                evidence.currents.extend(own.filter_map(|claim| current_tag(claim.place)));
            }
        }
    }
    Ok(evidence)
}
