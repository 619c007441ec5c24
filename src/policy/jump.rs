//! How far a version may move: which is the largest of its numbers that may change.

use semver::Version;

/// The largest part of a version that may change. Plain numbers: from `0.1.0` to `0.2.0` the minor changes, whatever
/// that means for a project before its first release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Jump {
    /// The third number and what follows it; major and minor stay.
    Patch,
    /// The second number too; the major stays.
    Minor,
    /// Every number.
    Major,
}

impl Jump {
    /// Returns the word for it in policies.
    pub fn word(self) -> &'static str {
        match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }

    /// Returns how many of the leading numbers stay as they are.
    pub(super) fn kept_numbers(self) -> usize {
        match self {
            Self::Patch => 2,
            Self::Minor => 1,
            Self::Major => 0,
        }
    }

    /// Returns what stays of `version`: two versions are within a jump of each other where this is equal.
    pub fn line(self, version: &Version) -> (u64, u64) {
        match self {
            Self::Patch => (version.major, version.minor),
            Self::Minor => (version.major, 0),
            Self::Major => (0, 0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_counts_plain_numbers_before_the_first_release_too() {
        let within = |jump: Jump, from: &str, to: &str| {
            let line = |text: &str| jump.line(&text.parse().unwrap());
            line(from) == line(to)
        };
        for (from, to, least) in [
            ("1.2.3", "1.2.9", Jump::Patch),
            ("1.2.3", "1.3.0", Jump::Minor),
            ("1.2.3", "2.2.3", Jump::Major),
            ("0.1.0", "0.1.9", Jump::Patch),
            ("0.1.0", "0.2.0", Jump::Minor),
            ("0.9.0", "1.0.0", Jump::Major),
            ("1.2.0-rc.1", "1.2.0", Jump::Patch),
        ] {
            for jump in [Jump::Patch, Jump::Minor, Jump::Major] {
                assert_eq!(within(jump, from, to), jump >= least, "{from} {to} {jump:?}");
                assert_eq!(within(jump, to, from), jump >= least, "{to} {from} {jump:?}");
            }
        }
    }
}
