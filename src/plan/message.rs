//! The words of the commit: a subject, a sentence for each change, and the trailers.

use super::build::{Change, ChangeSet};
use super::trailers::{Key, Trailers, one_line};
use crate::image::Digest;

/// The longest subject that names its changes, in characters; forges cut longer ones.
const SUBJECT_CHARS_MAX: usize = 72;

/// Hexadecimal digits of a change's id, as many as a commit's.
const CHANGE_ID_DIGITS: usize = 40;

/// Returns the whole commit message for `set`, which has at least one change.
///
/// `instance` and `version` are the automator's own; the same set gives the same bytes.
pub fn message(set: &ChangeSet<'_>, instance: Option<&str>, version: &str) -> String {
    let mut sentences: Vec<_> = set.changes.iter().map(sentence).collect();
    sentences.dedup();
    let sentences = sentences.concat();
    format!("{}\n\n{sentences}\n{}", subject(&set.changes), trailers(set, instance, version))
}

fn subject(changes: &[Change<'_>]) -> String {
    let steps: Vec<_> =
        changes.iter().map(|change| format!("{}: {} -> {}", change.policy.name, change.from, change.to)).collect();
    let named = one_line(&steps.join(", "));
    if named.chars().count() <= SUBJECT_CHARS_MAX || changes.len() == 1 {
        return named;
    }
    let mut policies: Vec<_> = changes.iter().map(|change| change.policy.name.to_string()).collect();
    policies.dedup();
    let listed = format!("Update {}", policies.join(", "));
    if listed.chars().count() <= SUBJECT_CHARS_MAX { listed } else { format!("Update {} applications", policies.len()) }
}

fn sentence(change: &Change<'_>) -> String {
    let Change { policy, to, reason, moves, .. } = change;
    let text =
        if *moves { format!("{} {to} is the {reason}.", policy.image) } else { format!("{}: {reason}.", policy.image) };
    one_line(&text) + "\n"
}

fn trailers(set: &ChangeSet<'_>, instance: Option<&str>, version: &str) -> Trailers {
    let mut trailers = Trailers::default();
    for change in &set.changes {
        group(&mut trailers, change);
    }
    trailers.push(Key::AutomatorChange, change_id(set));
    trailers.push(Key::AutomatorVersion, version);
    if let Some(instance) = instance {
        trailers.push(Key::AutomatorInstance, instance);
    }
    trailers
}

fn group(trailers: &mut Trailers, change: &Change<'_>) {
    trailers.push(Key::ImagePolicy, &change.policy.name);
    trailers.push(Key::PolicyRevision, &change.policy.revision);
    trailers.push(Key::Image, &change.policy.image);
    trailers.push(Key::ImageFrom, &change.from);
    trailers.push(Key::ImageTo, &change.to);
    if let Some(digest) = &change.digest {
        trailers.push(Key::ImageDigest, digest);
    }
    for digest in &change.previous_digests {
        trailers.push(Key::ImagePreviousDigest, digest);
    }
    for claim in &change.places {
        trailers.push(Key::ImageFile, format_args!("{}:{}", claim.file.path, claim.place.position().line));
    }
    trailers.push(Key::ChangeType, "standard");
    trailers.push(Key::Reason, &change.reason);
}

/// Returns the id of the change: a digest over what changes where, the base left out, so that a push whose answer
/// was lost is recognised on any tip. A place counts by its field, since its line depends on the base.
fn change_id(set: &ChangeSet<'_>) -> String {
    let mut text = String::new();
    for change in &set.changes {
        let digest = change.digest.as_ref().map_or("", Digest::as_str);
        let Change { policy, from, to, .. } = change;
        text += &format!("{}\0{}\0{from}\0{to}\0{digest}\n", policy.name, policy.image);
        for claim in &change.places {
            text += &format!("{}\0{}\0{}\n", claim.file.path, claim.place.document(), claim.place.path());
        }
    }
    let digest = Digest::sha256_of(text.as_bytes());
    digest.as_str().chars().skip("sha256:".len()).take(CHANGE_ID_DIGITS).collect()
}
