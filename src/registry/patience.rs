//! How long is waited, and how often a request is made again.

use std::time::Duration;

use crate::net::Timeouts;

use super::RegistryError;
use super::exchange::Fault;

/// How often one request is made before its registry counts as unavailable.
pub(super) const ATTEMPTS_MAX: u32 = 4;

/// How long is waited for a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How long one request may take.
    pub timeouts: Timeouts,
    /// How long a whole list may take, all its pages and waits: 5 min.
    pub list: Duration,
    /// The bound of the wait before the second attempt, doubled for each later one: 500 ms.
    pub first_wait: Duration,
    /// The longest wait between two attempts, also when the registry asks for one: 30 s.
    pub longest_wait: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            timeouts: Timeouts::default(),
            list: Duration::from_mins(5),
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(30),
        }
    }
}

impl Patience {
    /// Returns the wait after the failed attempt number `attempt` (from 1): a share of the bound, by chance, so that
    /// many who failed together do not come back together. `chance` is uniform.
    fn wait_after(&self, attempt: u32, chance: u32) -> Duration {
        let doubled = self.first_wait.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)));
        doubled.min(self.longest_wait).mul_f64(f64::from(chance) / f64::from(u32::MAX))
    }
}

/// The attempts at one request.
pub(super) struct Attempts<'p> {
    patience: &'p Patience,
    made: u32,
}

impl<'p> Attempts<'p> {
    pub(super) fn new(patience: &'p Patience) -> Self {
        Self { patience, made: 0 }
    }

    /// Waits before the next attempt, or gives the reason why there is none: the fault will not pass, there were
    /// [`ATTEMPTS_MAX`] of them, or the registry asks for more patience than there is.
    pub(super) async fn wait_after(&mut self, fault: Fault) -> Result<(), RegistryError> {
        self.made += 1;
        let (error, asked) = match fault {
            Fault::Final(error) => return Err(error),
            Fault::Passing { error, retry_after } => (error, retry_after),
        };
        let chance = getrandom::u32().unwrap_or(u32::MAX);
        let wait = asked.unwrap_or_else(|| self.patience.wait_after(self.made, chance));
        if self.made == ATTEMPTS_MAX || wait > self.patience.longest_wait {
            return Err(error);
        }
        tracing::debug!(attempt = self.made, wait_ms = wait.as_millis(), "asking again after a wait: {error}");
        tokio::time::sleep(wait).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let patience = Patience::default();
        let longest = |attempt| patience.wait_after(attempt, u32::MAX).as_millis();
        assert_eq!([1, 2, 3, 7, 40].map(longest), [500, 1000, 2000, 30_000, 30_000]);
    }

    #[test]
    fn a_wait_is_any_share_of_its_bound() {
        let patience = Patience::default();
        assert_eq!(patience.wait_after(3, 0), Duration::ZERO);
        let half = patience.wait_after(3, u32::MAX / 2).as_millis();
        assert!((999..=1000).contains(&half), "{half}");
    }
}
