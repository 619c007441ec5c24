//! What each claimed place is to hold, and which digests have to be known for that.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::claim::Claim;
use super::group::{Groups, has_tag};
use super::held::{Held, names_image};
use crate::decision::{Current, Decision, Outcome, Ranking, decide};
use crate::finding::{Finding, Position};
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
    /// The fields of one image have one number: they change together or not at all.
    pub group: usize,
    pub goal: Goal<'a>,
}

#[derive(Debug)]
pub(super) enum Goal<'a> {
    /// The policy is suspended, or its tags could not be listed: nothing is judged.
    Unjudged(Unjudged),
    /// The place cannot be read or paired.
    Broken(Finding),
    /// The place is to hold `target`, which it may do already.
    Hold { held: Held<'a>, target: Target, digest: DigestUse },
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

/// What the digest of the target is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DigestUse {
    /// For nothing: it is not asked.
    None,
    /// To know that the tag is still there before it is written.
    Exists,
    /// To be written.
    Written,
    /// To see whether a digest without a tag is the best tag's already; it cannot be ordered.
    Compared,
}

impl Draft<'_> {
    /// Returns the digests that [`super::build`] needs, and no others: of every tag that is newly written, which
    /// also shows that it is still there, and of every other that a place is to carry.
    pub fn wanted_digests(&self) -> BTreeSet<(Repository, Tag)> {
        let wanted = self.aims.iter().filter_map(|aim| match &aim.goal {
            Goal::Hold { target: Target { tag: Some(tag), .. }, digest, .. } if *digest != DigestUse::None => {
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
    let fields: Vec<_> = claims.iter().map(|claim| Field::read(&mut judge, *claim)).collect();
    let (mappings, groups) = (Groups::by_mapping(claims), Groups::by_image(claims));
    let images = |groups: &Groups| -> Vec<_> {
        groups.iter().map(|members| Image::of(members.filter_map(|index| fields.get(index)))).collect()
    };
    let (by_mapping, by_group) = (images(&mappings), images(&groups));
    let claimed = claims.iter().map(|claim| (&claim.policy.name, claim.place.position())).collect();
    let aims = fields.iter().enumerate().filter_map(|(index, field)| {
        let group = groups.number(index);
        let (mapping, image) = (by_mapping.get(mappings.number(index))?, by_group.get(group)?);
        let goal = Pairing { field, mapping, image, claimed: &claimed }.goal(&mut judge);
        Some(Aim { claim: field.claim, group, goal })
    });
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

/// One claimed place, read, with the target of its own tag where it has one.
struct Field<'a> {
    claim: Claim<'a>,
    held: Result<Held<'a>, Finding>,
    own: Option<Target>,
}

impl<'a> Field<'a> {
    fn read(judge: &mut Judge<'_, '_>, claim: Claim<'a>) -> Self {
        let held = Held::read(claim.place);
        let own = held.as_ref().ok().filter(|_| has_tag(&claim)).and_then(|held| {
            let from = held.tag.map_or_else(|| claim.place.value(), |tag| tag.as_str());
            judge.target(&claim, held.tag.map(Tag::from), from)
        });
        Self { claim, held, own }
    }

    /// Returns the name of an image that stands in the place.
    fn name(&self) -> Option<&'a str> {
        self.held.as_ref().ok()?.name
    }

    /// Returns whether the place names an image that is not the policy's.
    fn is_foreign(&self) -> bool {
        self.name().is_some_and(|name| !names_image(&self.claim, name))
    }
}

/// What the fields of one group say together about their image.
struct Image {
    /// The target of the tags in the group; the first, where they differ.
    target: Option<Target>,
    /// Whether the tags have different targets.
    is_ambiguous: bool,
    /// Whether a field names an image that is not the policy's.
    is_foreign: bool,
    /// Whether anything in the group holds a tag.
    has_tag: bool,
}

impl Image {
    fn of<'f, 'a: 'f>(fields: impl Iterator<Item = &'f Field<'a>>) -> Self {
        let mut image = Self { target: None, is_ambiguous: false, is_foreign: false, has_tag: false };
        for field in fields {
            image.is_foreign |= field.is_foreign();
            image.has_tag |= field.held.as_ref().is_ok_and(|held| held.tag.is_some());
            image.take(field.own.as_ref());
        }
        image
    }
}

impl Image {
    /// Takes the target of one more tag. Of tags that will be equal one may be there already while another moves, and
    /// then what belongs to them moves, too.
    fn take(&mut self, own: Option<&Target>) {
        match (&mut self.target, own) {
            (_, None) => {}
            (target @ None, Some(own)) => *target = Some(own.clone()),
            (Some(first), Some(own)) if own.tag != first.tag => self.is_ambiguous = true,
            (Some(first), Some(own)) if own.moves && !first.moves => *first = own.clone(),
            (Some(first), Some(own)) => first.listed |= own.listed,
        }
    }
}

/// One field in its group.
struct Pairing<'p, 'a> {
    field: &'p Field<'a>,
    /// The fields beside it.
    mapping: &'p Image,
    /// The fields that it changes with.
    image: &'p Image,
    /// Where the places stand that each policy answers for.
    claimed: &'p BTreeSet<(&'a PolicyName, &'a Position)>,
}

impl<'a> Pairing<'_, 'a> {
    fn goal(&self, judge: &mut Judge<'_, '_>) -> Goal<'a> {
        let claim = &self.field.claim;
        let held = match &self.field.held {
            Ok(held) => held.clone(),
            Err(finding) => return Goal::Broken(finding.clone()),
        };
        if let Err(finding) = self.refuse_unclear(&held) {
            return Goal::Broken(finding);
        }
        if claim.policy.suspend {
            return Goal::Unjudged(Unjudged::Suspended);
        }
        if !judge.rankings.contains_key(&claim.policy.name) {
            return Goal::Unjudged(Unjudged::NotListed);
        }
        match self.target(judge, &held) {
            Err(finding) => Goal::Broken(finding),
            Ok(target) => {
                let digest = self.digest_use(&held, &target);
                Goal::Hold { held, target, digest }
            }
        }
    }

    /// Refuses what is wrong whatever the registry says.
    fn refuse_unclear(&self, held: &Held<'_>) -> Result<(), Finding> {
        let claim = &self.field.claim;
        let is_bare = held.tag.is_none() && held.digest.is_none();
        match claim.place.marker().part {
            Part::Reference if is_bare && self.field.is_foreign() => return Err(self.no_reference()),
            Part::Name if held.name == Some(claim.policy.image.path()) && self.field.is_foreign() => {
                return Err(self.half_a_name());
            }
            Part::Digest | Part::Name => self.refuse_foreign_tag()?,
            Part::Tag | Part::Reference => {}
        }
        self.refuse_stale_digest()
    }

    /// Returns the target of the field: of its own tag, of the tag beside it, of the only tag of its policy in the
    /// file, or of a digest without any.
    fn target(&self, judge: &mut Judge<'_, '_>, held: &Held<'_>) -> Result<Target, Finding> {
        if let Some(own) = &self.field.own {
            return Ok(own.clone());
        }
        let image = if self.mapping.target.is_some() { self.mapping } else { self.image };
        match &image.target {
            None => self.lone_target(judge, held),
            Some(_) if image.is_ambiguous => Err(self.ambiguous()),
            Some(target) => Ok(target.clone()),
        }
    }

    /// Refuses a field beside a digest that no marker lets the policy renew: it would stay when tag or name change, and
    /// what runs is what the digest says.
    fn refuse_stale_digest(&self) -> Result<(), Finding> {
        let claim = &self.field.claim;
        let Some(stale) = self.not_claimed(&claim.place.neighbours().digests) else { return Ok(()) };
        let cause = format!(
            "a digest stands beside `{}`, at line {}, and would stay when the tag changes",
            claim.place.path(),
            stale.line
        );
        Err(self.finding(cause, format!("mark it `# automator: {}:digest`, or remove it", claim.policy.name)))
    }

    /// Refuses a digest or name beside a tag that is not the policy's: it belongs to that tag and to no other.
    fn refuse_foreign_tag(&self) -> Result<(), Finding> {
        let claim = &self.field.claim;
        let Some(tag) = self.not_claimed(&claim.place.neighbours().tags) else { return Ok(()) };
        let cause = format!(
            "a tag stands beside `{}`, at line {}, that the policy {} does not write",
            claim.place.path(),
            tag.line,
            claim.policy.name
        );
        Err(self
            .finding(cause, format!("mark it `# automator: {}:tag`, so that both change together", claim.policy.name)))
    }

    /// Returns the first of the positions that the policy does not answer for.
    fn not_claimed<'n>(&self, positions: &'n [Position]) -> Option<&'n Position> {
        positions.iter().find(|position| !self.claimed.contains(&(&self.field.claim.policy.name, *position)))
    }

    fn finding(&self, cause: String, remedy: String) -> Finding {
        Finding::error(self.field.claim.place.position().clone(), cause, remedy)
    }

    /// Refuses a name that is the policy's image only together with a registry that does not stand beside it.
    fn half_a_name(&self) -> Finding {
        let claim = &self.field.claim;
        let (path, registry) = (claim.policy.image.path(), claim.policy.image.registry());
        let cause = format!("`{path}` alone means docker.io, and the policy's image is {}", claim.policy.image);
        self.finding(cause, format!("write {} there, or `registry: {registry}` beside it", claim.policy.image))
    }

    /// Returns the target of a name or digest without a tag in its file. The first value is filled in; a value that
    /// is there cannot be ordered, and replacing it might go back.
    fn lone_target(&self, judge: &mut Judge<'_, '_>, held: &Held<'_>) -> Result<Target, Finding> {
        let claim = &self.field.claim;
        if self.field.is_foreign() {
            let cause = format!(
                "`{}` names an image that is not the policy's, and no tag of the policy stands beside it",
                claim.place.path()
            );
            let remedy = format!("write {} yourself, or mark the tag that belongs to it", claim.policy.image);
            return Err(self.finding(cause, remedy));
        }
        let from = held.digest.as_ref().map_or("none", |digest| digest.as_str());
        judge.target(claim, None, from).ok_or_else(|| self.ambiguous())
    }

    /// Refuses a word that could be a name, but of another image and without a tag: it is a tag, most likely, and its
    /// marker lacks the `:tag`.
    fn no_reference(&self) -> Finding {
        let Field { claim, .. } = self.field;
        Finding::error(
            claim.place.position().clone(),
            format!("`{}` is neither the policy's image nor a reference with a tag", claim.place.value()),
            format!(
                "if it is a tag, write `{}:tag` in the marker; else write {} there",
                claim.policy.name, claim.policy.image
            ),
        )
    }

    fn ambiguous(&self) -> Finding {
        let Field { claim, .. } = self.field;
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

    /// Returns what the digest of the target is asked for. Tag and digest change together, a pinned place gets its
    /// first digest, and beside the name of another image the policy's digests have no business.
    fn digest_use(&self, held: &Held<'_>, target: &Target) -> DigestUse {
        let (carries, part) = (held.digest.is_some(), self.field.claim.place.marker().part);
        let names_other_image = self.names_other_image();
        let is_new = target.moves || (names_other_image && target.listed);
        let stays_foreign = names_other_image && !target.listed;
        let has_tag = if part == Part::Reference { held.tag.is_some() } else { self.image.has_tag };
        if carries && !has_tag {
            return DigestUse::Compared;
        }
        let may_gain = match part {
            Part::Name | Part::Tag => false,
            Part::Digest => true,
            Part::Reference => self.field.claim.write.pin == Pin::TagAtDigest,
        };
        let is_missing = may_gain && !carries;
        if stays_foreign {
            DigestUse::None
        } else if is_missing || (is_new && (carries || may_gain)) {
            DigestUse::Written
        } else if is_new {
            DigestUse::Exists
        } else {
            DigestUse::None
        }
    }

    /// Returns whether the image's name, in the field itself or in its group, is not the policy's.
    fn names_other_image(&self) -> bool {
        let own_name = self.field.name().is_some() || self.field.claim.place.marker().part == Part::Reference;
        if own_name { self.field.is_foreign() } else { self.image.is_foreign }
    }
}
