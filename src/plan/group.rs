//! Which claims are fields of one image: they change together or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::claim::Claim;
use crate::manifest::Part;

/// The claims of one image in one file, by their numbers; each claim belongs to exactly one group.
///
/// Fields of one policy that stand in one mapping are a group. Where a name or digest has no tag beside it, it can
/// only belong to a tag elsewhere in the file, and all fields of the policy in that file are one group.
pub(super) struct Groups {
    members: Vec<Vec<usize>>,
    of: Vec<usize>,
}

impl Groups {
    /// Groups the claims.
    pub(super) fn of(claims: &[Claim<'_>]) -> Self {
        let image = |claim: &Claim<'_>| (Arc::clone(&claim.file.path), claim.policy.name.clone());
        let with_tag: BTreeSet<_> =
            claims.iter().filter(|claim| has_tag(claim)).map(|claim| (image(claim), claim.place.parent())).collect();
        let is_stray =
            |claim: &&Claim<'_>| !has_tag(claim) && !with_tag.contains(&(image(claim), claim.place.parent()));
        let scattered: BTreeSet<_> = claims.iter().filter(is_stray).map(image).collect();
        let mut numbers = BTreeMap::new();
        let mut groups = Self { members: Vec::new(), of: Vec::with_capacity(claims.len()) };
        for (index, claim) in claims.iter().enumerate() {
            let image = image(claim);
            let parent = (!scattered.contains(&image)).then(|| claim.place.parent());
            let number = *numbers.entry((image, parent)).or_insert(groups.members.len());
            if number == groups.members.len() {
                groups.members.push(Vec::new());
            }
            groups.of.push(number);
            if let Some(members) = groups.members.get_mut(number) {
                members.push(index);
            }
        }
        groups
    }

    /// Returns the number of a claim's group.
    pub(super) fn number(&self, claim: usize) -> usize {
        self.of.get(claim).copied().unwrap_or_default()
    }

    /// Returns the claims of each group, in the order of the groups' numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = impl Iterator<Item = usize>> {
        self.members.iter().map(|members| members.iter().copied())
    }
}

/// Returns whether the place has a tag of its own, or room for one.
pub(super) fn has_tag(claim: &Claim<'_>) -> bool {
    matches!(claim.place.marker().part, Part::Tag | Part::Reference)
}
