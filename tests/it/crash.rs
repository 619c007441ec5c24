//! SIGKILL at any moment: nothing is lost, nothing is written twice, and the repository stays sound.

use std::process::{Command, Stdio};
use std::time::Duration;

use deployment_automator::demo::registry::EmbeddedRegistry;
use deployment_automator::image::TagRef;

use crate::support::workbench::Workbench;

/// How often the program is killed; `KILLS=1000 cargo test --test it crash` does it more often.
const KILLS: u64 = 40;

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_killed_at_any_moment_loses_nothing_and_writes_nothing_twice() {
    let registry = EmbeddedRegistry::start().await.unwrap();
    let (host, web) = (registry.addr(), registry.repository("web").unwrap());
    let push = |tag: &str| registry.push(&web, TagRef::parse(tag).unwrap());
    push("1.0.0");
    let text = format!("# keep me\r\nimage: {host}/web:1.0.0 # automator: web\r\n");
    let settings = format!("registries:\n  - {{ host: '{host}', plainHttp: true }}\n");
    let bench = Workbench::new(&[("a.yaml", &text)], &settings);
    bench.write("policies/web.yaml", &format!("name: web\nimage: {host}/web\nselect: {{ semver: 1.x }}\n"));
    let kills = std::env::var("KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let lock = bench.bare.path().join("refs/heads/main.lock");
    for number in 1..=kills {
        push(&format!("1.{number}.0"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_automator"));
        command.arg("scan").current_dir(bench.bare.folder()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        // Moments all over a scan, and some after it.
        tokio::time::sleep(Duration::from_millis(number * 37 % 130)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        // Git's own lock, when the kill came between taking and dropping it: a person removes it, as for any Git program.
        let _left_behind = std::fs::remove_file(&lock);
    }
    bench.expect(&["scan"], 0);
    assert_eq!(bench.file("a.yaml"), text.replace("1.0.0", &format!("1.{kills}.0")));
    bench.bare.assert_sound();
    let subjects = bench.bare.git(&["log", "--format=%s", "main"]);
    let mut distinct: Vec<_> = subjects.lines().collect();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), subjects.lines().count(), "nothing twice: {subjects}");
    for commit in bench.bare.git(&["rev-list", "main^"]).lines().take(distinct.len().saturating_sub(2)) {
        bench.git_trusting(&["verify-commit", commit]);
    }
    bench.git_trusting(&["verify-commit", "main"]);
    assert_eq!(bench.bare.git(&["rev-list", "--min-parents=2", "--count", "main"]), "0", "no merge");
}
