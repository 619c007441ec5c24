//! A policy asked for without a file: `explain --image … --semver …`. It decides, and is written nowhere.

use super::fault::Fault;
use super::filter::{Extract, Filter, Pattern};
use super::jump::Jump;
use super::name::PolicyName;
use super::order::{End, Order};
use super::range::Range;
use super::{Guard, Policy, Rule};
use crate::finding::{Finding, Position};
use crate::image::{Digest, Repository};
use crate::schedule::Calendar;

/// What a policy is called that has no file.
const NAME: &str = "command-line";

/// What somebody asks. Findings and rules name the option as their place.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The repository, without a tag.
    pub image: &'a str,
    /// The order.
    pub select: AskedOrder<'a>,
    /// Patterns of which any has to match.
    pub include: &'a [String],
    /// Patterns of which none may match.
    pub exclude: &'a [String],
    /// What is compared; the whole tag when left out.
    pub extract: Option<&'a str>,
}

/// The order that somebody asks for.
#[derive(Clone, Copy, Debug)]
pub enum AskedOrder<'a> {
    /// The highest version in this range.
    Semver(&'a str),
    /// A number.
    Numeric(End),
    /// A text.
    Alphabetical(End),
    /// The highest that is made like the current one.
    LikeCurrent(Jump),
}

impl Asked<'_> {
    /// Checks the parts and puts the policy together, or says all that is wrong.
    pub fn policy(&self) -> Result<Policy, Vec<Finding>> {
        let mut findings = Vec::new();
        let image = Repository::parse(self.image);
        let image = image.map_err(|error| findings.push(Fault::of_image(self.image, error).at(option("--image"))));
        let order = self.select.order().map_err(|finding| findings.push(finding));
        let include = patterns("--include", self.include, &mut findings);
        let exclude = patterns("--exclude", self.exclude, &mut findings);
        let extract = self.extract.filter(|_| findings.is_empty()).and_then(|text| {
            let compiled = Extract::compile(rule("--extract", text), &include);
            let fault = |error| Fault::of_extract(text, &error, &include).at(option("--extract"));
            compiled.map_err(|error| findings.push(fault(error))).ok()
        });
        match (image, order) {
            (Ok(image), Ok((order, select))) if findings.is_empty() => Ok(Policy {
                name: PolicyName::new(None, NAME).expect("because it is small letters and a dash"),
                image,
                filter: Filter::new(include, exclude, extract),
                order,
                select,
                guard: Guard::default(),
                write: Vec::new(),
                suspend: false,
                pace: None,
                calendar: Calendar::default(),
                revision: Digest::sha256_of(b""),
                position: option("--image"),
            }),
            _ => Err(findings),
        }
    }
}

impl AskedOrder<'_> {
    fn order(self) -> Result<(Order, Rule), Finding> {
        match self {
            Self::Semver(text) => {
                let range = Range::parse(text).map_err(|error| Fault::of_range(text, &error).at(option("--semver")))?;
                Ok((Order::Semver { range, loose: false }, rule("--semver", text)))
            }
            Self::Numeric(end) => Ok((Order::Numeric(end), rule("--numeric", word(end, "highest", "lowest")))),
            Self::Alphabetical(end) => {
                Ok((Order::Alphabetical(end), rule("--alphabetical", word(end, "last", "first"))))
            }
            Self::LikeCurrent(jump) => Ok((Order::LikeCurrent(jump), rule("--like-current", jump.word()))),
        }
    }
}

fn word(end: End, top: &'static str, bottom: &'static str) -> &'static str {
    match end {
        End::Top => top,
        End::Bottom => bottom,
    }
}

fn patterns(name: &str, texts: &[String], findings: &mut Vec<Finding>) -> Vec<Pattern> {
    let compile = |text: &String| {
        let compiled = Pattern::compile(rule(name, text));
        compiled.map_err(|error| findings.push(Fault::of_pattern(text, &error).at(option(name)))).ok()
    };
    texts.iter().filter_map(compile).collect()
}

fn rule(name: &str, text: &str) -> Rule {
    Rule { position: option(name), text: text.into() }
}

fn option(name: &str) -> Position {
    Position::file(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Asked<'_> =
        Asked { image: "nginx", select: AskedOrder::Semver("1.x"), include: &[], exclude: &[], extract: None };

    #[test]
    fn a_policy_is_put_together_with_options_as_its_places() {
        let (include, exclude) = (["^v(.*)".to_owned()], ["rc".to_owned()]);
        let policy = Asked { include: &include, exclude: &exclude, extract: Some("$1"), ..GOOD }.policy().unwrap();
        assert_eq!(policy.image.to_string(), "docker.io/library/nginx");
        assert_eq!((policy.select.position.to_string(), &*policy.select.text), ("--semver".into(), "1.x"));
        assert_eq!(policy.filter.exclude()[0].rule.position.to_string(), "--exclude");
        assert_eq!(policy.filter.extract().unwrap().rule.position.to_string(), "--extract");
        for (select, order) in [
            (AskedOrder::Numeric(End::Bottom), Order::Numeric(End::Bottom)),
            (AskedOrder::Alphabetical(End::Top), Order::Alphabetical(End::Top)),
            (AskedOrder::LikeCurrent(Jump::Patch), Order::LikeCurrent(Jump::Patch)),
        ] {
            assert_eq!(Asked { select, ..GOOD }.policy().unwrap().order, order);
        }
    }

    #[test]
    fn all_that_is_wrong_is_named_by_its_option() {
        let wrong = ["(".to_owned(), "a".to_owned()];
        let asked = Asked {
            image: "Nginx",
            select: AskedOrder::Semver("x.y.z.w"),
            include: &wrong,
            exclude: &wrong,
            extract: Some("$9"),
        };
        let findings = asked.policy().unwrap_err();
        let places: Vec<_> = findings.iter().map(|finding| finding.position.to_string()).collect();
        assert_eq!(places, ["--image", "--semver", "--include", "--exclude"]);
        let unknown = Asked { include: &wrong[1..], extract: Some("$9"), ..GOOD }.policy().unwrap_err();
        assert_eq!(unknown[0].position.to_string(), "--extract");
    }
}
