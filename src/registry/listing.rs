//! The complete list of a repository's tags, page by page.
//!
//! Registries page in every way there is (they ignore `n`, clamp it, refuse it, send no `Link`, send one that leads
//! elsewhere); this module gets all the tags from each of them, or an error.

use std::collections::HashSet;
use std::sync::atomic::Ordering;

use tracing::{debug, warn};

use crate::image::{Repository, TagList, TagRef};
use crate::net::{Method, NetError};

use super::exchange::{Answer, Ask, Fault, Host};
use super::link::{self, Next};
use super::patience::Attempts;
use super::session::Session;
use super::tags::{Malformed, TagReader};
use super::{Patience, RegistryError, Server, Shortfall};

/// The page sizes that are asked for, largest first: registries differ in the most that they allow (1,000 or
/// 100), and some refuse a size instead of lowering it. `None` asks for no size.
const PAGE_SIZES: [Option<usize>; 3] = [Some(1000), Some(100), None];
/// The sizes that registries and proxies cut pages to, whatever is asked for. A page of such a size without a `Link` may
/// be cut, and one more question tells; a page cut to any other size without a `Link` breaks the specification, and
/// nothing shows it.
const USUAL_CUTS: [usize; 6] = [50, 100, 200, 250, 500, 1000];
/// Pages of one list: 1,000,000 tags at 1,000 a page, and as many again for registries that send less.
const PAGES_MAX: usize = 2000;
/// Strings in one list, tags or not: ten times the largest repositories that are known.
const TAGS_MAX: usize = 1_000_000;
/// Bytes of one list, counted after decompression: 64 for each of the most tags.
const LIST_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Returns all tags of `repository`, each once.
pub(super) async fn list(host: &Host, repository: &Repository, patience: &Patience) -> Result<TagList, RegistryError> {
    let listing = Listing {
        host,
        repository,
        patience,
        session: Session::new(host, repository)?,
        path: format!("/v2/{}/tags/list", repository.path()),
        tags: TagList::default(),
        seen: HashSet::new(),
        dropped: 0,
        bytes: 0,
    };
    let limit = patience.list;
    let slow = |_| RegistryError::Slow { repository: repository.clone(), limit };
    tokio::time::timeout(limit, listing.read_all()).await.map_err(slow)?
}

/// A list that is being read.
struct Listing<'l> {
    host: &'l Host,
    repository: &'l Repository,
    patience: &'l Patience,
    session: Session<'l>,
    path: String,
    tags: TagList,
    /// The tags again, to find the ones that come twice.
    seen: HashSet<Box<str>>,
    /// Strings that are no tags.
    dropped: usize,
    bytes: u64,
}

/// A page that was read, without its tags.
struct Page {
    way: Way,
    /// How many strings it held.
    entries: usize,
    /// How many of them were tags that no page had brought before.
    fresh: usize,
    /// How many were no tags.
    dropped: usize,
    /// Its last tag.
    last: String,
    next: Option<Next>,
}

/// Why a page was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// It is the first one.
    First,
    /// The page before named it as the next.
    Link,
    /// The page before was full and named no next one: we ask for what comes after its last tag.
    Probe,
    /// The registry did not understand what comes after a tag: we ask for everything.
    Whole,
}

impl Listing<'_> {
    async fn read_all(mut self) -> Result<TagList, RegistryError> {
        let (size, mut page) = self.first_page().await?;
        let mut asked = HashSet::new();
        let mut number = 1;
        while let Some((way, query)) = after(&page, number, size).map_err(|shortfall| self.incomplete(shortfall))? {
            if number == PAGES_MAX {
                return Err(self.incomplete(Shortfall::Pages(PAGES_MAX)));
            }
            if !asked.insert(query.clone()) {
                return Err(self.incomplete(Shortfall::Loop(number)));
            }
            number += 1;
            page = self.page(way, query.as_deref()).await.map_err(|error| match error {
                RegistryError::NoSuchRepository { .. } => self.incomplete(Shortfall::Gone(number)),
                error => error,
            })?;
        }
        Ok(self.finish(number))
    }

    fn finish(self, pages: usize) -> TagList {
        let Self { repository, tags, dropped, bytes, .. } = self;
        if dropped > 0 {
            warn!(%repository, dropped, "{dropped} strings in the list of tags of {repository} are no tags: ignored");
        }
        debug!(%repository, tags = tags.len(), pages, bytes, "listed {} tags of {repository}", tags.len());
        tags
    }

    fn incomplete(&self, shortfall: Shortfall) -> RegistryError {
        RegistryError::Incomplete { repository: self.repository.clone(), shortfall }
    }

    /// Reads the first page with the largest page size that the registry accepts, from the one on that it accepted
    /// before.
    async fn first_page(&mut self) -> Result<(Option<usize>, Page), RegistryError> {
        let mut rung = self.host.rung.load(Ordering::Relaxed);
        loop {
            let size = PAGE_SIZES.get(rung).copied().flatten();
            let query = size.map(|size| format!("n={size}"));
            match self.page(Way::First, query.as_deref()).await {
                Err(RegistryError::Refused { status: 400 | 405 | 413, .. }) if size.is_some() => rung += 1,
                Err(error) => return Err(error),
                Ok(page) => {
                    self.host.rung.store(rung, Ordering::Relaxed);
                    return Ok((size, page));
                }
            }
        }
    }

    /// Reads a page, again if need be. What an attempt that broke off has brought stays: it came from the registry.
    async fn page(&mut self, way: Way, query: Option<&str>) -> Result<Page, RegistryError> {
        let known = self.tags.len();
        let mut attempts = Attempts::new(self.patience);
        loop {
            match self.try_page(way, query).await {
                Ok(page) => {
                    self.dropped += page.dropped;
                    return Ok(Page { fresh: self.tags.len() - known, ..page });
                }
                Err(fault) => attempts.wait_after(fault).await?,
            }
        }
    }

    async fn try_page(&mut self, way: Way, query: Option<&str>) -> Result<Page, Fault> {
        let before = self.bytes;
        let ask = Ask {
            tag: None,
            method: Method::Get,
            path: &self.path,
            query,
            accept: "application/json",
            body_bytes_max: LIST_BYTES_MAX.saturating_sub(before),
        };
        let Answer { mut response, permit } = self.session.ask(&ask).await?;
        let next = link::next(response.headers("link"));
        let mut page = Page { way, entries: 0, fresh: 0, dropped: 0, last: String::new(), next };
        let mut reader = TagReader::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.fault(error))? {
            self.bytes = before + response.bytes_read();
            let pushed = reader.push(chunk.as_ref(), &mut |tag| self.take(&mut page, tag));
            pushed.map_err(|malformed| self.bad_answer(&malformed))?;
            if self.tags.len() + self.dropped + page.dropped > TAGS_MAX {
                return Err(Fault::Final(self.incomplete(Shortfall::Tags(TAGS_MAX))));
            }
        }
        drop(permit);
        reader.finish().map_err(|malformed| self.bad_answer(&malformed))?;
        Ok(page)
    }

    /// Takes a string of a page.
    fn take(&mut self, page: &mut Page, tag: Option<TagRef<'_>>) {
        page.entries += 1;
        let Some(tag) = tag else {
            page.dropped += 1;
            return;
        };
        page.last.clear();
        page.last.push_str(tag.as_str());
        if !self.seen.contains(tag.as_str()) {
            self.seen.insert(tag.as_str().into());
            self.tags.push(tag);
        }
    }

    fn fault(&self, error: NetError) -> Fault {
        match error {
            NetError::TooLarge { .. } => Fault::Final(self.incomplete(Shortfall::Bytes(LIST_BYTES_MAX))),
            error => Fault::of_net(self.repository, error),
        }
    }

    fn bad_answer(&self, malformed: &Malformed) -> Fault {
        let reason = malformed.to_string().into();
        let (repository, server) = (self.repository.clone(), Server::Registry);
        Fault::Final(RegistryError::BadAnswer { repository, server, reason })
    }
}

/// Returns how to go on after `page`, which is page `number` of a list whose pages hold `size` tags where a size was
/// asked for: with which query, or not at all because the list is complete.
fn after(page: &Page, number: usize, size: Option<usize>) -> Result<Option<(Way, Option<String>)>, Shortfall> {
    let repeats = page.way != Way::First && page.fresh == 0;
    match (&page.next, page.way) {
        (Some(Next::Unusable), _) => Err(Shortfall::Link(number)),
        (Some(Next::Query(_)), _) if repeats => Err(Shortfall::NoProgress(number)),
        (Some(Next::Query(query)), _) => Ok(Some((Way::Link, Some(query.clone())))),
        (None, Way::Link) if repeats && page.entries > 0 => Err(Shortfall::NoProgress(number)),
        // The registry ignores `last`. Either the list has exactly as many tags as a page, or it is cut at the page.
        (None, Way::Probe) if repeats && page.entries > 0 => Ok(Some((Way::Whole, None))),
        (None, Way::First | Way::Link | Way::Probe) if is_full(page.entries, size) => match page.last.as_str() {
            "" => Err(Shortfall::NoLast(number)),
            last => Ok(Some((Way::Probe, Some(format!("n={}&last={last}", page.entries))))),
        },
        (None, _) => Ok(None),
    }
}

/// Returns whether a page may be one of several: it has as many tags as were asked for, or as many as pages are cut to.
fn is_full(entries: usize, size: Option<usize>) -> bool {
    Some(entries) == size || USUAL_CUTS.contains(&entries)
}
