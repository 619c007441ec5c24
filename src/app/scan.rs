//! One scan: the tags of every image are listed once, then every repository is visited at the same time.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use futures_util::future::join_all;

use super::clock::Clock;
use super::failure::Trouble;
use super::listing::{Listings, list};
use super::report::Report;
use super::step::{Observer, Step};
use super::visit::Visit;
use crate::decision::{Ranking, Tally, rank};
use crate::image::TagList;
use crate::policy::{Policy, PolicyName};
use crate::registry::Client;
use crate::settings::Settings;

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
    pub(super) fn is_meant(&self, policy: &Policy) -> bool {
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
    let observer = Mutex::new(observer);
    let visits = job.settings.repositories.iter().map(|repository| {
        Visit { job, mode, client: &client, rankings: &rankings, repository, observer: &observer }.run()
    });
    for part in join_all(visits).await {
        report.append(part);
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
