//! Which policy answers for which marked place of a repository.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::finding::{Finding, Severity};
use crate::manifest::Place;
use crate::policy::{Policy, Write};

/// One file of the repository with what was found in it.
#[derive(Clone, Debug)]
pub struct File {
    /// The path from the root of the repository.
    pub path: Arc<str>,
    /// The whole content.
    pub bytes: Arc<[u8]>,
    /// Whether it is marked as a program, which it stays.
    pub executable: bool,
    /// The marked places in it.
    pub places: Vec<Place>,
}

/// A place that exactly one policy answers for.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// The file that has the place.
    pub file: &'a File,
    /// The place.
    pub place: &'a Place,
    /// The policy that its marker names.
    pub policy: &'a Policy,
    /// The part of the policy that allows writing there.
    pub write: &'a Write,
}

/// Which policy answers for which place.
#[derive(Debug, Default)]
pub struct Claims<'a> {
    /// The places that exactly one policy answers for, in the order of the files.
    pub claims: Vec<Claim<'a>>,
    /// The markers that no policy or several answer for, or that stand where their policy does not write.
    pub findings: Vec<Finding>,
}

/// Matches the marked places of `repository` with `policies`.
///
/// `all_policies_read` is false when a policy file could not be read: then a marker that names nobody may mean
/// that one, and only one warning for each name is due.
pub fn claims<'a>(repository: &str, files: &'a [File], policies: &'a [Policy], all_policies_read: bool) -> Claims<'a> {
    let mut claims = Claims::default();
    let mut warned = BTreeSet::new();
    for file in files {
        for place in &file.places {
            match claim(repository, file, place, policies, all_policies_read) {
                Ok(claim) => claims.claims.push(claim),
                Err(finding) if finding.severity == Severity::Warning && !warned.insert(finding.cause.clone()) => {}
                Err(finding) => claims.findings.push(finding),
            }
        }
    }
    claims
}

fn claim<'a>(
    repository: &str,
    file: &'a File,
    place: &'a Place,
    policies: &'a [Policy],
    all_policies_read: bool,
) -> Result<Claim<'a>, Finding> {
    let marker = place.marker();
    let answering = |policy: &&Policy| policy.name.answers(marker.namespace.as_deref(), &marker.policy);
    let mut named = policies.iter().filter(answering);
    let Some(policy) = named.next() else {
        return Err(nobody(place, policies, all_policies_read));
    };
    if let Some(other) = named.next() {
        return Err(Finding::error(
            marker.position.clone(),
            format!(
                "the marker names two policies, {} at {} and {} at {}: neither writes here",
                policy.name, policy.position, other.name, other.position
            ),
            "give the marker the namespace of the one that is meant, or rename the other",
        ));
    }
    let writes =
        || policy.write.iter().filter(|write| write.repository.as_deref().is_none_or(|name| name == repository));
    match writes().find(|write| write.covers(&file.path)) {
        Some(write) => Ok(Claim { file, place, policy, write }),
        None => Err(outside(place, policy, repository, writes().next().is_none())),
    }
}

fn nobody(place: &Place, policies: &[Policy], all_policies_read: bool) -> Finding {
    let marker = place.marker();
    let name = match &marker.namespace {
        Some(namespace) => format!("{namespace}:{}", marker.policy),
        None => marker.policy.to_string(),
    };
    let cause = format!("the marker names the policy `{name}`, which does not exist");
    let elsewhere = policies.iter().find(|policy| policy.name.name() == &*marker.policy);
    if let Some(policy) = elsewhere {
        let remedy = format!("write `{}` for the policy at {}, or add a policy `{name}`", policy.name, policy.position);
        return Finding::error(marker.position.clone(), cause, remedy);
    }
    if all_policies_read {
        return Finding::error(marker.position.clone(), cause, "mend the name, add the policy or take the marker away");
    }
    let remedy = "mend the policy files that cannot be read (reported above); it may be one of them";
    Finding::warning(
        marker.position.clone(),
        format!("the marker names the policy `{name}`, which was not read"),
        remedy,
    )
}

fn outside(place: &Place, policy: &Policy, repository: &str, other_repository: bool) -> Finding {
    let marker = place.marker();
    let cause = if other_repository {
        format!("the policy {} does not write to the repository `{repository}`", policy.name)
    } else {
        format!("the marker stands outside of the `write.paths` of the policy {}", policy.name)
    };
    Finding::error(
        marker.position.clone(),
        cause,
        format!("widen `write` of the policy at {} or take the marker away", policy.position),
    )
}
