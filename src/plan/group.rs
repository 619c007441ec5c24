//! Which claims are fields of one image: they change together or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::claim::Claim;
use crate::manifest::Part;
use crate::policy::PolicyName;

/// The claims of one image in one file, by their numbers; each claim belongs to exactly one group.
pub(super) struct Groups {
    members: Vec<Vec<usize>>,
    of: Vec<usize>,
}

impl Groups {
    /// Groups the claims of one policy that stand in one mapping.
    pub(super) fn by_mapping(claims: &[Claim<'_>]) -> Self {
        Self::by(claims, |claim| (image(claim), Some(claim.place.parent())))
    }

    /// Groups the claims that change together: those of one mapping; but where a name or digest has no tag beside it, it
    /// can only belong to a tag elsewhere in the file, and all fields of the policy in that file are one group.
    pub(super) fn by_image(claims: &[Claim<'_>]) -> Self {
        let place = |claim: &Claim<'_>| (image(claim), (claim.place.document(), claim.place.parent().1.to_owned()));
        let with_tag: BTreeSet<_> = claims.iter().filter(|claim| has_tag(claim)).map(place).collect();
        let is_stray = |claim: &&Claim<'_>| !has_tag(claim) && !with_tag.contains(&place(claim));
        let scattered: BTreeSet<_> = claims.iter().filter(is_stray).map(image).collect();
        Self::by(claims, |claim| {
            let image = image(claim);
            let parent = (!scattered.contains(&image)).then(|| claim.place.parent());
            (image, parent)
        })
    }

    fn by<'c, K: Ord>(claims: &'c [Claim<'_>], key: impl Fn(&'c Claim<'_>) -> K) -> Self {
        let mut numbers = BTreeMap::new();
        let mut groups = Self { members: Vec::new(), of: Vec::with_capacity(claims.len()) };
        for (index, claim) in claims.iter().enumerate() {
            let number = *numbers.entry(key(claim)).or_insert(groups.members.len());
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

/// Returns what tells the images of one file apart.
fn image(claim: &Claim<'_>) -> (Arc<str>, PolicyName) {
    (Arc::clone(&claim.file.path), claim.policy.name.clone())
}

/// Returns whether the place has a tag of its own, or room for one.
pub(super) fn has_tag(claim: &Claim<'_>) -> bool {
    matches!(claim.place.marker().part, Part::Tag | Part::Reference)
}
