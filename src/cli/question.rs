//! A policy asked for on the command line, without any file.

use super::arguments::{Alphabetical, AskedOrder as Order, JumpWord, Numeric, Question};
use crate::finding::{Finding, Position};
use crate::image::{ImageError, Reference, Tag};
use crate::policy::{Asked, AskedOrder, End, Jump, Policy};

/// Returns the policy that is asked for with the current value, where one is named.
pub(super) fn asked(image: &str, question: &Question) -> Result<(Policy, Option<Tag>), Vec<Finding>> {
    let reference = Reference::parse(image).map_err(|error| vec![no_image(image, error)])?;
    if reference.digest.is_some() {
        let cause = format!("{image:?} has a digest, which no order compares");
        return Err(vec![Finding::error(Position::file("--image"), cause, "name the image and its tag alone")]);
    }
    let current = current(&reference, question).map_err(|finding| vec![finding])?;
    let asked = Asked {
        image: reference.name,
        select: select(&question.order),
        include: &question.include,
        exclude: &question.exclude,
        extract: question.extract.as_deref(),
    };
    Ok((asked.policy()?, current))
}

/// Returns the current value, which is named once.
fn current(reference: &Reference<'_>, question: &Question) -> Result<Option<Tag>, Finding> {
    let at = || Position::file("--current");
    match (&question.current, reference.tag) {
        (None, tag) => Ok(tag.map(Tag::from)),
        (Some(_), Some(tag)) => {
            let cause = format!("--image names the current value {tag} already");
            Err(Finding::error(at(), cause, "name it once"))
        }
        (Some(text), None) => Tag::parse(text)
            .map(Some)
            .map_err(|error| Finding::error(at(), format!("{text:?}: {error}"), "name a tag as it stands in a file")),
    }
}

fn no_image(image: &str, error: ImageError) -> Finding {
    let remedy = "write `registry/repository` or `registry/repository:tag`, for example `ghcr.io/stefanprodan/podinfo`";
    Finding::error(Position::file("--image"), format!("{image:?} is no image: {error}"), remedy)
}

/// Returns the order; the arguments have seen to it that there is exactly one.
fn select(order: &Order) -> AskedOrder<'_> {
    let numeric = order.numeric.map(|numeric| match numeric {
        Numeric::Highest => AskedOrder::Numeric(End::Top),
        Numeric::Lowest => AskedOrder::Numeric(End::Bottom),
    });
    let alphabetical = order.alphabetical.map(|alphabetical| match alphabetical {
        Alphabetical::Last => AskedOrder::Alphabetical(End::Top),
        Alphabetical::First => AskedOrder::Alphabetical(End::Bottom),
    });
    let like_current = order.like_current.map(|jump| match jump {
        JumpWord::Patch => AskedOrder::LikeCurrent(Jump::Patch),
        JumpWord::Minor => AskedOrder::LikeCurrent(Jump::Minor),
        JumpWord::Major => AskedOrder::LikeCurrent(Jump::Major),
    });
    let semver = AskedOrder::Semver(order.semver.as_deref().unwrap_or_default());
    numeric.or(alphabetical).or(like_current).unwrap_or(semver)
}
