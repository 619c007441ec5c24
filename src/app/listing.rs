//! Tag lists, fetched once per image repository however many policies want it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::task::JoinSet;
use tracing::info;

use crate::image::{Digest, Repository, Tag, TagList};
use crate::policy::Policy;
use crate::registry::{Client, RegistryError};

/// What the registries answered, by image repository.
pub(super) type Listings = BTreeMap<Repository, Result<Arc<TagList>, Arc<RegistryError>>>;

/// Lists the tags of every image of `policies`; the client bounds how many requests a host sees at once.
pub(super) async fn list(client: &Client, policies: impl Iterator<Item = &Policy>) -> Listings {
    let images: BTreeSet<_> = policies.map(|policy| policy.image.clone()).collect();
    let mut waiting = JoinSet::new();
    for image in images {
        let client = client.clone();
        waiting.spawn(async move {
            let listed = client.list(&image).await;
            (image, listed.map(Arc::new).map_err(Arc::new))
        });
    }
    let mut listings = Listings::new();
    while let Some(answer) = waiting.join_next().await {
        // A task that fell over leaves no entry, and its policies are reported as not listed.
        if let Ok((image, listed)) = answer {
            if let Ok(tags) = &listed {
                info!(image = %image, tags = tags.len(), "listed the tags of {image}");
            }
            listings.insert(image, listed);
        }
    }
    listings
}

/// Asks for the digests that a plan needs. One whose task fell over has no answer.
pub(super) async fn digests(
    client: &Client,
    wanted: BTreeSet<(Repository, Tag)>,
) -> BTreeMap<(Repository, Tag), Result<Digest, RegistryError>> {
    let mut waiting = JoinSet::new();
    for (image, tag) in wanted {
        let client = client.clone();
        waiting.spawn(async move {
            let digest = client.digest(&image, tag.as_ref()).await;
            ((image, tag), digest)
        });
    }
    let mut answers = BTreeMap::new();
    while let Some(answer) = waiting.join_next().await {
        answers.extend(answer);
    }
    answers
}
