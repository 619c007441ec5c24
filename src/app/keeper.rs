//! The thread that owns one repository: libgit2 blocks, so nothing else may wait inside it.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use super::failure::Trouble;
use crate::git::{GitError, Remote};
use crate::settings::ConfigRepository;

/// How long one operation on a repository may take.
const WAIT_MAX: Duration = Duration::from_mins(3);

type Job = Box<dyn FnOnce(&Remote) + Send>;

/// A handle on a repository's own thread; the thread ends when the handle is dropped.
#[derive(Debug)]
pub(super) struct Keeper {
    jobs: mpsc::Sender<Job>,
}

impl Keeper {
    /// Starts the thread and opens the repository there.
    pub(super) async fn start(repository: &ConfigRepository) -> Result<Self, Trouble> {
        let (location, branch) = (repository.location.clone(), repository.branch.clone());
        let (jobs, queue) = mpsc::channel::<Job>();
        let (opened, is_open) = oneshot::channel();
        let work = move || match Remote::open(&location, &branch) {
            Err(error) => drop(opened.send(Err(error))),
            Ok(remote) => {
                drop(opened.send(Ok(())));
                for job in queue {
                    job(&remote);
                }
            }
        };
        thread::Builder::new().name(format!("git {}", repository.name)).spawn(work).map_err(|_| Trouble::NoThread)?;
        within_limit(is_open).await??;
        Ok(Self { jobs })
    }

    /// Runs `job` on the repository's thread and returns its answer.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Remote) -> Result<T, GitError> + Send + 'static,
    ) -> Result<T, Trouble> {
        let (answer, answered) = oneshot::channel();
        // An answer that nobody waits for any more is dropped with its channel.
        let job: Job = Box::new(move |remote| drop(answer.send(job(remote))));
        self.jobs.send(job).map_err(|_| Trouble::NoThread)?;
        Ok(within_limit(answered).await??)
    }
}

/// Waits for an answer of the thread. One that hangs, on a disk that does not answer, is left behind.
async fn within_limit<T>(answer: oneshot::Receiver<T>) -> Result<T, Trouble> {
    let answer = timeout(WAIT_MAX, answer).await.map_err(|_| Trouble::Hung { seconds: WAIT_MAX.as_secs() })?;
    answer.map_err(|_| Trouble::NoThread)
}
