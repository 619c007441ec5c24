//! Lists 10,000 tags from the embedded registry over loopback, in 10 pages of 1,000.
//!
//! The registry runs in the same process: the times include what it needs to answer.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may fall over")]

use deployment_automator::demo::registry::EmbeddedRegistry;
use deployment_automator::image::{Repository, TagRef};
use deployment_automator::registry::{Client, RegistrySettings};
use tokio::runtime::Runtime;

const TAGS: usize = 10_000;

fn main() {
    divan::main();
}

/// A registry with one large repository, and a client of it whose connection is open.
struct Bench {
    runtime: Runtime,
    _registry: EmbeddedRegistry,
    repository: Repository,
    client: Client,
}

impl Bench {
    fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let registry = runtime.block_on(EmbeddedRegistry::start()).unwrap();
        let repository = registry.repository("team/app").unwrap();
        for number in 0..TAGS {
            registry.push(&repository, TagRef::parse(&format!("1.{}.{}", number / 100, number % 100)).unwrap());
        }
        let mut settings = RegistrySettings::new(repository.registry().clone());
        settings.plain_http = true;
        let client = Client::new(vec![settings]).unwrap();
        let bench = Self { runtime, _registry: registry, repository, client };
        bench.list();
        bench
    }

    fn list(&self) {
        let tags = self.runtime.block_on(self.client.list(&self.repository)).unwrap();
        assert_eq!(tags.len(), TAGS);
    }
}

#[divan::bench]
fn list_10_000_tags(bencher: divan::Bencher<'_, '_>) {
    let bench = Bench::new();
    bencher.bench_local(|| bench.list());
}
