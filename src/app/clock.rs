//! The clock of the program: made here and passed down, so that everything below can be tested at any time.

/// Tells the wall-clock time.
#[derive(Clone, Copy, Debug)]
pub struct Clock(fn() -> jiff::Timestamp);

impl Clock {
    /// Returns the system's clock.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that makes the clock")]
    pub fn system() -> Self {
        Self(jiff::Timestamp::now)
    }

    /// Returns a clock that answers with `now`.
    pub fn from_fn(now: fn() -> jiff::Timestamp) -> Self {
        Self(now)
    }

    /// Returns the time.
    pub fn now(self) -> jiff::Timestamp {
        (self.0)()
    }
}
