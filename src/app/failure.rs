//! What went wrong while the program worked, for whom, and whether it is worth trying again.

use std::sync::Arc;

use crate::git::{GitError, SignError};
use crate::registry::RegistryError;
use crate::secret::SecretError;

/// Trouble with an outside thing.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// A registry's.
    #[error(transparent)]
    Registry(#[from] Arc<RegistryError>),
    /// A repository's.
    #[error(transparent)]
    Git(#[from] GitError),
    /// The signing key's.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// A secret that cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// Nothing says how to sign.
    #[error("the repository has no `signing`, and unsigned commits have to be asked for")]
    NoSigning,
    /// The commit would not be what was planned; nothing was pushed.
    #[error("the new commit would change more than was planned; nothing was pushed")]
    NotAsPlanned,
    /// Others pushed again and again until the time was over.
    #[error("others kept pushing to `{branch}` for {seconds} s; nothing of ours was pushed")]
    Outrun {
        /// The branch.
        branch: Box<str>,
        /// How long it was tried.
        seconds: u64,
    },
    /// The repository did not answer.
    #[error("the repository did not answer within {seconds} s, and what became of the last operation is not known")]
    Hung {
        /// How long was waited.
        seconds: u64,
    },
    /// A thread or task could not be started or has fallen over.
    #[error("the thread that worked on it could not be started or has fallen over")]
    NoThread,
}

impl Trouble {
    /// Returns whether a remote was out of reach, so that the same run may work later.
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Registry(error) => error.is_unavailable(),
            Self::Git(error) => error.is_unavailable(),
            Self::Outrun { .. } | Self::Hung { .. } => true,
            Self::Sign(_) | Self::Secret(_) | Self::NoSigning | Self::NotAsPlanned | Self::NoThread => false,
        }
    }

    /// Returns whether the settings are wrong, or what they name is not there.
    pub fn is_settings(&self) -> bool {
        match self {
            Self::Git(error) => error.is_settings(),
            Self::Sign(_) | Self::Secret(_) | Self::NoSigning => true,
            Self::Registry(_) | Self::NotAsPlanned | Self::Outrun { .. } | Self::Hung { .. } | Self::NoThread => false,
        }
    }

    /// Returns what to do about it, in one sentence without a full stop.
    pub fn remedy(&self) -> &str {
        match self {
            Self::Registry(error) => error.remedy(),
            Self::Git(error) => error.remedy(),
            Self::Sign(error) => error.remedy(),
            Self::Secret(error) => error.remedy(),
            Self::NoSigning => {
                "add `signing: { format: ssh, keyFile: … }` to the repository, or say `signing: { format: none }`"
            }
            Self::NotAsPlanned => "run again with -vv and report it: this must not happen",
            Self::Outrun { .. } => "run again when the branch is quieter",
            Self::Hung { .. } => "check that the repository's disk answers, and run again",
            Self::NoThread => "run again; if it persists, look at the limits of threads and memory",
        }
    }
}

impl From<RegistryError> for Trouble {
    fn from(error: RegistryError) -> Self {
        Self::Registry(Arc::new(error))
    }
}

/// One thing that could not be done.
#[derive(Debug)]
pub struct Failure {
    /// For whom: `policy podinfo` or `repository config`.
    pub subject: Box<str>,
    /// What is wrong.
    pub trouble: Trouble,
}
