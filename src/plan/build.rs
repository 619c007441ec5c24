//! The change set: new bytes for files, what changed and why, and one row for every place.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use jiff::{Timestamp, Zoned};

use super::claim::{Claim, File};
use super::draft::{Aim, DigestUse, Draft, Goal, Target, Unjudged};
use super::group::has_tag;
use super::held::{Held, names_image};
use crate::decision::Decision;
use crate::finding::Finding;
use crate::image::{Digest, Repository, Tag};
use crate::manifest::{Edit, Part, edit};
use crate::policy::{Pin, Policy, PolicyName};
use crate::schedule::{State, Why};

/// All that one commit does, and where every claimed place stands.
#[derive(Debug)]
pub struct ChangeSet<'a> {
    /// The files that get new bytes, by path.
    pub files: Vec<FileChange<'a>>,
    /// What changes, by policy, from and to.
    pub changes: Vec<Change<'a>>,
    /// Every claimed place with its standing, in the order of files and places.
    pub rows: Vec<Row<'a>>,
    /// What kept places or files from being written.
    pub findings: Vec<Finding>,
    /// The moment of which windows and freezes were judged.
    pub now: Timestamp,
}

/// One file with its new bytes.
#[derive(Debug)]
pub struct FileChange<'a> {
    /// The file as it is.
    pub file: &'a File,
    /// The file as it is to be.
    pub after: Vec<u8>,
}

/// One step of one policy, wherever it is written.
#[derive(Debug)]
pub struct Change<'a> {
    /// The policy that decided.
    pub policy: &'a Policy,
    /// What the places held, for people.
    pub from: Box<str>,
    /// What they are to hold, for people.
    pub to: Box<str>,
    /// The digest of the new tag, when it was asked for.
    pub digest: Option<Digest>,
    /// The digests that were there.
    pub previous_digests: BTreeSet<Digest>,
    /// Each place, in order.
    pub places: Vec<Claim<'a>>,
    /// Why, in one line without a full stop; the best of something where the tag is new.
    pub reason: Box<str>,
    /// Whether the tag is new; else a place only gets what belongs to the tag that it has.
    pub moves: bool,
}

/// One place and what becomes of it.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// The place and its policy.
    pub claim: Claim<'a>,
    /// What becomes of it.
    pub standing: Standing,
}

/// Where a place stands after planning.
#[derive(Clone, Debug)]
pub enum Standing {
    /// It gets a new value.
    Changes {
        /// The new value, whole.
        to: Box<str>,
        /// Why.
        decision: Rc<Decision>,
    },
    /// It is to get a new value, and its policy may not write now.
    Pending {
        /// The new value, whole.
        to: Box<str>,
        /// Why that value.
        decision: Rc<Decision>,
        /// When it may be written, as far as that can be foreseen.
        until: Option<Zoned>,
        /// Why not now.
        why: Why,
    },
    /// It keeps its value.
    Keeps(Rc<Decision>),
    /// It was not judged.
    Unjudged(Unjudged),
    /// It was to change, or could not be read, and something is in the way.
    Blocked(Box<str>),
}

/// The digests that were asked for, each with its answer or the reason for having none.
pub type Digests = BTreeMap<(Repository, Tag), Result<Digest, String>>;

/// Turns the draft into bytes. A file that cannot be edited provably is left out, with a finding; tag and digest
/// fields of one policy in one file change together or not at all. What a policy's windows and freezes forbid at `now`
/// is pending, and no part of the change set.
pub fn build<'a>(draft: Draft<'a>, digests: &Digests, now: Timestamp) -> ChangeSet<'a> {
    let mut findings = Vec::new();
    let mut steps: Vec<_> = draft.aims.into_iter().map(|aim| step(aim, digests, &mut findings)).collect();
    hold_incomplete_groups(&mut steps);
    wait_for_calendars(&mut steps, now);
    let files = edit_files(&mut steps, &mut findings);
    let changes = group(&steps);
    let rows = steps.into_iter().map(|step| Row { claim: step.claim, standing: step.standing }).collect();
    findings.sort();
    findings.dedup();
    ChangeSet { files, changes, rows, findings, now }
}

/// What a place held that was empty, for people.
const NOTHING: &str = "none";

/// One place on its way to a row.
struct Step<'a> {
    claim: Claim<'a>,
    group: usize,
    /// Whether the place named an image that is not the policy's.
    renames: bool,
    standing: Standing,
    target: Option<Target>,
    digest: Option<Digest>,
    previous_digest: Option<Digest>,
}

fn step<'a>(aim: Aim<'a>, digests: &Digests, findings: &mut Vec<Finding>) -> Step<'a> {
    let (claim, group) = (aim.claim, aim.group);
    let blank =
        |standing| Step { claim, group, renames: false, standing, target: None, digest: None, previous_digest: None };
    let mut broken = |finding: Finding| {
        let cause = finding.cause.clone();
        findings.push(finding);
        blank(Standing::Blocked(cause))
    };
    let (held, target, digest_use) = match aim.goal {
        Goal::Unjudged(why) => return blank(Standing::Unjudged(why)),
        Goal::Broken(finding) => return broken(finding),
        Goal::Hold { held, target, digest } => (held, target, digest),
    };
    let Some(tag) = target.tag.clone() else { return blank(Standing::Keeps(target.decision)) };
    let answer = match digest_use {
        DigestUse::None => None,
        _ => match digests.get(&(claim.policy.image.clone(), tag.clone())) {
            Some(Ok(digest)) => Some(digest),
            Some(Err(cause)) => return blank(Standing::Blocked(cause.as_str().into())),
            None => return blank(Standing::Blocked(format!("the digest of {tag} is not known").into())),
        },
    };
    if digest_use == DigestUse::Compared && answer != held.digest.as_ref() {
        return broken(unordered_digest(&claim, &tag));
    }
    let decision = Rc::clone(&target.decision);
    let to = new_value(&claim, &held, &target, &tag, answer.filter(|_| digest_use == DigestUse::Written));
    let stays = &*to == claim.place.value() || digest_use == DigestUse::Compared;
    let standing = if stays { Standing::Keeps(decision) } else { Standing::Changes { to: to.into(), decision } };
    let renames = held.name.is_some_and(|name| !names_image(&claim, name));
    Step {
        claim,
        group,
        renames,
        standing,
        target: Some(target),
        digest: answer.cloned(),
        previous_digest: held.digest,
    }
}

/// Returns the finding for a digest without a tag that is not the best tag's: nobody can tell whether it is newer.
fn unordered_digest(claim: &Claim<'_>, tag: &Tag) -> Finding {
    let remedy = match claim.place.marker().part {
        Part::Reference => format!("write the tag that it belongs to before the digest, as in name:{tag}@sha256:…"),
        _ => format!("mark the tag that belongs to it with `# automator: {}:tag`", claim.policy.name),
    };
    let cause = format!(
        "`{}` is a digest without a tag and not that of {tag}: it cannot be told which one is newer",
        claim.place.path()
    );
    Finding::error(claim.place.position().clone(), cause, remedy)
}

/// Returns what the place is to hold. `digest` is there whenever the new value carries one that is new.
fn new_value(claim: &Claim<'_>, held: &Held<'_>, target: &Target, tag: &Tag, digest: Option<&Digest>) -> String {
    let value = claim.place.value();
    let with_digest = |text: String| match digest.or(held.digest.as_ref()) {
        Some(digest) => format!("{text}@{digest}"),
        None => text,
    };
    match claim.place.marker().part {
        Part::Digest => digest.map_or_else(|| value.to_owned(), ToString::to_string),
        Part::Name => name(claim, held, target).into_owned(),
        Part::Tag => with_digest(tag.to_string()),
        Part::Reference => {
            let pinned = claim.write.pin == Pin::TagAtDigest || held.digest.is_some();
            let text = format!("{}:{tag}", name(claim, held, target));
            if pinned { with_digest(text) } else { text }
        }
    }
}

/// Returns the image name as it is to stand: the author's spelling of the policy's repository, else its canonical
/// name, the latter only when the registry has the tag under that name.
fn name<'n>(claim: &Claim<'n>, held: &Held<'n>, target: &Target) -> Cow<'n, str> {
    match held.name {
        Some(spelled) if !target.listed || names_image(claim, spelled) => Cow::Borrowed(spelled),
        _ => Cow::Owned(claim.policy.image.to_string()),
    }
}

/// Keeps the fields of one image together: where one of a tag, its name and its digest cannot be written, none is.
fn hold_incomplete_groups(steps: &mut [Step<'_>]) {
    let mut broken: BTreeMap<usize, Box<str>> = BTreeMap::new();
    let mut is_split = BTreeSet::new();
    for step in steps.iter() {
        if let Standing::Blocked(cause) = &step.standing {
            let cause = format!("`{}` of the same image is blocked: {cause}", step.claim.place.path());
            broken.entry(step.group).or_insert_with(|| cause.into());
        }
        if !has_tag(&step.claim) {
            is_split.insert(step.group);
        }
    }
    for step in steps.iter_mut().filter(|step| matches!(step.standing, Standing::Changes { .. })) {
        if let Some(cause) = broken.get(&step.group).filter(|_| is_split.contains(&step.group)) {
            step.standing = Standing::Blocked(cause.clone());
        }
    }
}

/// Makes the changes wait whose policy may not write at `now`.
fn wait_for_calendars(steps: &mut [Step<'_>], now: Timestamp) {
    let mut states: BTreeMap<&PolicyName, State> = BTreeMap::new();
    for step in steps {
        let Standing::Changes { to, decision } = &step.standing else { continue };
        let policy = step.claim.policy;
        let state = states.entry(&policy.name).or_insert_with(|| policy.calendar.state(now));
        if let State::Closed { until, why } = state.clone() {
            step.standing = Standing::Pending { to: to.clone(), decision: Rc::clone(decision), until, why };
        }
    }
}

/// Edits every file that has a change; a file that refuses keeps its bytes and blocks its rows.
fn edit_files<'a>(steps: &mut [Step<'a>], findings: &mut Vec<Finding>) -> Vec<FileChange<'a>> {
    let mut by_file: BTreeMap<Arc<str>, Vec<&mut Step<'a>>> = BTreeMap::new();
    for step in steps.iter_mut().filter(|step| matches!(step.standing, Standing::Changes { .. })) {
        by_file.entry(Arc::clone(&step.claim.file.path)).or_default().push(step);
    }
    let mut files = Vec::new();
    for (path, steps) in by_file {
        let Some(file) = steps.first().map(|step| step.claim.file) else { continue };
        let edits: Vec<_> = steps
            .iter()
            .filter_map(|step| match &step.standing {
                Standing::Changes { to, .. } => Some(Edit { place: step.claim.place, value: to }),
                _ => None,
            })
            .collect();
        match edit(&path, &file.bytes, &edits) {
            Ok(after) => files.push(FileChange { file, after }),
            Err(finding) => {
                let cause = finding.cause.clone();
                for step in steps {
                    step.standing = Standing::Blocked(cause.clone());
                }
                findings.push(finding);
            }
        }
    }
    files
}

/// Says why a place changes: for a new tag in the words of the decision, else by what the place lacked.
fn reason(step: &Step<'_>, target: &Target, decision: &Decision) -> Box<str> {
    let tag = target.tag.as_ref().map_or("", Tag::as_str);
    let part = step.claim.place.marker().part;
    match (&step.digest, part) {
        (_, Part::Name) => "the image is the policy's".into(),
        _ if target.moves => decision.reason.to_string().into(),
        (_, Part::Digest) => format!("the digest of {tag}, which stays").into(),
        (Some(_), _) if step.previous_digest.is_none() => format!("{tag} stays and gets its digest").into(),
        _ => format!("{tag} stays; the image is the policy's").into(),
    }
}

/// Groups the places that change by policy, from and to.
fn group<'a>(steps: &[Step<'a>]) -> Vec<Change<'a>> {
    let mut changes: BTreeMap<(PolicyName, Box<str>, Box<str>), Change<'a>> = BTreeMap::new();
    for step in steps {
        let (Standing::Changes { to, decision }, Some(target)) = (&step.standing, &step.target) else { continue };
        let (from, to) = match &target.tag {
            Some(tag) if target.moves && !step.renames => (target.from.clone(), tag.as_str().into()),
            _ => (step.claim.place.value().into(), to.clone()),
        };
        let from = if from.is_empty() { NOTHING.into() } else { from };
        let change =
            changes.entry((step.claim.policy.name.clone(), from.clone(), to.clone())).or_insert_with(|| Change {
                policy: step.claim.policy,
                from,
                to,
                digest: None,
                previous_digests: BTreeSet::new(),
                places: Vec::new(),
                reason: reason(step, target, decision),
                moves: target.moves && step.claim.place.marker().part != Part::Name,
            });
        change.digest = change.digest.take().or_else(|| step.digest.clone());
        change.previous_digests.extend(step.previous_digest.clone());
        change.places.push(step.claim);
    }
    changes.into_values().collect()
}
