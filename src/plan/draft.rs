//! What each claimed place is to hold, and which digests have to be known for that.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::claim::Claim;
use super::held::{Held, names_image};
use crate::decision::{Current, Decision, Outcome, Ranking, decide};
use crate::finding::Finding;
use crate::image::{Repository, Tag};
use crate::manifest::Part;
use crate::policy::{Pin, PolicyName};

/// The plan before the digests are known.
#[derive(Debug)]
pub struct Draft<'a> {
    pub(super) aims: Vec<Aim<'a>>,
}

/// What is to become of one place.
#[derive(Debug)]
pub(super) struct Aim<'a> {
    pub claim: Claim<'a>,
    pub goal: Goal<'a>,
}

#[derive(Debug)]
pub(super) enum Goal<'a> {
    /// The policy is suspended, or its tags could not be listed: nothing is judged.
    Unjudged(Unjudged),
    /// The place cannot be read or paired.
    Broken(Finding),
    /// The place is to hold `target`, which it may do already.
    Hold { held: Held<'a>, target: Target, needs_digest: bool },
}

/// Why a place was not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unjudged {
    /// The policy says `suspend: true`.
    Suspended,
    /// The tags could not be listed; whoever tried has reported why.
    NotListed,
}

/// The tag that a place, or the group of fields that it belongs to, is to have.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// `None` when no tag qualifies and none is there.
    pub tag: Option<Tag>,
    /// What the group held before, for people.
    pub from: Box<str>,
    /// Whether the tag is another than before.
    pub moves: bool,
    /// Whether the registry has just listed the tag for the policy's repository.
    pub listed: bool,
    pub decision: Rc<Decision>,
}

impl Draft<'_> {
    /// Returns the digests that [`super::build`] needs, and no others.
    pub fn wanted_digests(&self) -> BTreeSet<(Repository, Tag)> {
        let wanted = self.aims.iter().filter_map(|aim| match &aim.goal {
            Goal::Hold { target: Target { tag: Some(tag), .. }, needs_digest: true, .. } => {
                Some((aim.claim.policy.image.clone(), tag.clone()))
            }
            _ => None,
        });
        wanted.collect()
    }
}

/// Judges each distinct current value of each policy once and gives every claimed place its aim.
///
/// `rankings` has the policies whose tags were listed; the places of the others stay as they are.
pub fn draft<'a>(claims: &[Claim<'a>], rankings: &BTreeMap<PolicyName, Ranking<'_>>) -> Draft<'a> {
    let mut judge = Judge { rankings, decisions: BTreeMap::new() };
    let held: Vec<_> = claims.iter().map(|claim| Held::read(claim.place)).collect();
    let targets: Vec<_> = claims.iter().zip(&held).map(|(claim, held)| own_target(&mut judge, claim, held)).collect();
    let aims = claims
        .iter()
        .zip(held)
        .enumerate()
        .map(|(index, (claim, held))| Aim { claim: *claim, goal: goal(&mut judge, claims, &targets, index, held) });
    Draft { aims: aims.collect() }
}

/// Decisions by policy and current tag, each made once.
struct Judge<'j, 't> {
    rankings: &'j BTreeMap<PolicyName, Ranking<'t>>,
    decisions: BTreeMap<(PolicyName, Option<Tag>), Rc<Decision>>,
}

impl Judge<'_, '_> {
    fn decide(&mut self, claim: &Claim<'_>, current: Option<&Tag>) -> Option<Rc<Decision>> {
        let ranking = self.rankings.get(&claim.policy.name)?;
        let decision = self.decisions.entry((claim.policy.name.clone(), current.cloned())).or_insert_with(|| {
            let current = current.map_or(Current::None, |tag| Current::Tag(tag.as_ref()));
            Rc::new(decide(claim.policy, ranking, current))
        });
        Some(Rc::clone(decision))
    }

    fn target(&mut self, claim: &Claim<'_>, current: Option<Tag>, from: &str) -> Option<Target> {
        let decision = self.decide(claim, current.as_ref())?;
        let moves = matches!(decision.outcome, Outcome::Update);
        let tag = if moves { decision.chosen.clone() } else { current };
        let listed = moves || matches!(decision.outcome, Outcome::UpToDate);
        Some(Target { tag, from: from.into(), moves, listed, decision })
    }
}

/// Returns the target of a place that has a tag of its own.
fn own_target(judge: &mut Judge<'_, '_>, claim: &Claim<'_>, held: &Result<Held<'_>, Finding>) -> Option<Target> {
    let held = held.as_ref().ok()?;
    match claim.place.marker().part {
        Part::Tag | Part::Reference => {
            let from = held.tag.map_or_else(|| claim.place.value(), |tag| tag.as_str());
            judge.target(claim, held.tag.map(Tag::from), from)
        }
        Part::Name | Part::Digest => None,
    }
}

fn goal<'a>(
    judge: &mut Judge<'_, '_>,
    claims: &[Claim<'a>],
    targets: &[Option<Target>],
    index: usize,
    held: Result<Held<'a>, Finding>,
) -> Goal<'a> {
    let Some(claim) = claims.get(index) else { return Goal::Unjudged(Unjudged::NotListed) };
    if claim.policy.suspend {
        return Goal::Unjudged(Unjudged::Suspended);
    }
    let held = match held {
        Ok(held) => held,
        Err(finding) => return Goal::Broken(finding),
    };
    if !judge.rankings.contains_key(&claim.policy.name) {
        return Goal::Unjudged(Unjudged::NotListed);
    }
    let own = targets.get(index).and_then(Clone::clone);
    let target = match own.map_or_else(|| group_target(judge, claims, targets, claim, &held), Ok) {
        Ok(target) => target,
        Err(finding) => return Goal::Broken(finding),
    };
    let needs_digest = needs_digest(claim, &held, &target);
    Goal::Hold { held, target, needs_digest }
}

/// Returns the target of a name or digest: that of the tag beside it, else of the only tag of its policy in the
/// file, else the best tag. Two different tags cannot both be meant, and the wrong digest beside a tag is an outage.
fn group_target<'a>(
    judge: &mut Judge<'_, '_>,
    claims: &[Claim<'a>],
    targets: &[Option<Target>],
    claim: &Claim<'a>,
    held: &Held<'_>,
) -> Result<Target, Finding> {
    let same_file = |other: &Claim<'_>| std::ptr::eq(other.file, claim.file) && other.policy.name == claim.policy.name;
    let beside = |other: &Claim<'_>| same_file(other) && other.place.is_beside(claim.place);
    let targets_of = |wanted: &dyn Fn(&Claim<'_>) -> bool| -> Vec<Target> {
        let found = claims.iter().zip(targets).filter(|(other, _)| wanted(other));
        found.filter_map(|(_, target)| target.clone()).collect()
    };
    let mut found = targets_of(&beside);
    if found.is_empty() {
        found = targets_of(&same_file);
    }
    let Some(first) = found.first().cloned() else {
        let from = held.digest.as_ref().map_or("none", |digest| digest.as_str());
        let lone = judge.target(claim, None, from);
        return lone.ok_or_else(|| ambiguous(claim));
    };
    if found.iter().any(|other| other.tag != first.tag) { Err(ambiguous(claim)) } else { Ok(first) }
}

fn ambiguous(claim: &Claim<'_>) -> Finding {
    Finding::error(
        claim.place.position().clone(),
        format!(
            "the file has several tags of the policy {}, and they will not be equal: it is unclear which one `{}` belongs to",
            claim.policy.name,
            claim.place.path()
        ),
        "put the tag and its digest or name into one mapping",
    )
}

/// Returns whether the new value takes the digest of the target: tag and digest change together, a pinned place
/// gets its first digest, and a digest alone is compared.
fn needs_digest(claim: &Claim<'_>, held: &Held<'_>, target: &Target) -> bool {
    let carries = held.digest.is_some();
    let renamed = target.listed && held.name.is_some_and(|name| !names_image(name, &claim.policy.image));
    let moves = target.moves || renamed;
    match claim.place.marker().part {
        Part::Name => false,
        Part::Tag => carries && moves,
        Part::Digest => moves || !carries,
        Part::Reference => match claim.write.pin {
            Pin::Tag => carries && moves,
            Pin::TagAtDigest => moves || !carries,
        },
    }
}
