//! The thread that owns one repository: libgit2 blocks, so nothing else may wait inside it.

use std::sync::mpsc;
use std::thread;

use tokio::sync::oneshot;

use super::failure::Trouble;
use crate::git::{GitError, Remote};
use crate::settings::ConfigRepository;

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
        is_open.await.map_err(|_| Trouble::NoThread)??;
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
        Ok(answered.await.map_err(|_| Trouble::NoThread)??)
    }
}
