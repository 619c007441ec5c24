//! The command `explain`: which policy, what it is judged by, and how it ends.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::arguments::{Common, Explain, Output, Question};
use super::explain::{self, View};
use super::question::asked;
use super::screen::{Paint, Screen, failures_json};
use super::status::Status;
use super::{failures_status, set_up, unusable};
use crate::app::{Evidence, Failure, Trouble, gather, gather_image};
use crate::image::TagRef;
use crate::policy::Policy;
use crate::settings::read_registries;

/// Explains a policy of the settings, or one that stands on the command line.
pub(super) async fn run(screen: Screen, common: &Common, what: &Explain) -> Status {
    let Some(view) = view(screen, what) else { return Status::Usage };
    match (&what.question.image, &what.policy) {
        (Some(image), _) => explain_image(screen, common, image, &what.question, view).await,
        (None, Some(policy)) => explain_policy(screen, common, policy, view).await,
        (None, None) => Status::Usage,
    }
}

/// Returns which tags are to be shown.
fn view(screen: Screen, what: &Explain) -> Option<View<'_>> {
    match (&what.tag, what.all) {
        (None, true) => Some(View::All),
        (None, false) => Some(View::Near),
        (Some(tag), _) => match TagRef::parse(tag) {
            Ok(tag) => Some(View::Tag(tag)),
            Err(error) => {
                let text = format_args!("--tag {tag:?}: {error}");
                screen.message(Paint::Bad, "error", text, "name a tag as the registry has it");
                None
            }
        },
    }
}

async fn explain_policy(screen: Screen, common: &Common, name: &str, view: View<'_>) -> Status {
    let setup = match set_up(screen, common) {
        Ok(setup) => setup,
        Err(status) => return status,
    };
    screen.findings(&setup.read.findings);
    let Some(policy) = setup.only_one(screen, name) else { return Status::Usage };
    match gather(&setup.job(BTreeSet::new()), policy).await {
        Ok(evidence) => show(screen, policy, &evidence, view),
        Err(trouble) => not_listed(screen, format!("policy {}", policy.name), trouble),
    }
}

/// Explains a policy that stands on the command line; of the settings, only registries matter.
async fn explain_image(screen: Screen, common: &Common, image: &str, question: &Question, view: View<'_>) -> Status {
    let asked = asked(image, question);
    let registries = read_registries(common.config.as_deref());
    let ((policy, current), registries) = match (asked, registries) {
        (Ok(asked), Ok(registries)) => (asked, registries),
        (asked, registries) => {
            let findings: Vec<_> = [asked.err(), registries.err()].into_iter().flatten().flatten().collect();
            return unusable(screen, &findings);
        }
    };
    match gather_image(registries, &policy.image, current).await {
        Ok(evidence) => show(screen, &policy, &evidence, view),
        Err(trouble) => not_listed(screen, format!("image {}", policy.image), trouble),
    }
}

fn show(screen: Screen, policy: &Policy, evidence: &Evidence, view: View<'_>) -> Status {
    screen.failures(&evidence.failures);
    let status = failures_status(&evidence.failures);
    let explanation = evidence.explain(policy);
    if screen.output == Output::Json {
        let mut content = explain::json(policy, &explanation, view);
        if let Value::Object(content) = &mut content {
            content.insert("status".to_owned(), status.code().into());
            content.insert("suspended".to_owned(), policy.suspend.into());
            content.insert("failures".to_owned(), failures_json(&evidence.failures));
        }
        screen.json(content);
        return status;
    }
    if policy.suspend {
        screen.result("The policy is suspended: nothing is written.\n");
    }
    if evidence.currents.is_empty() && !evidence.failures.is_empty() {
        screen.result("What Git has now could not be read; this is what a new place would get.\n");
    }
    screen.result(explain::text(policy, &explanation, view));
    status
}

/// Says that tags could not be listed.
fn not_listed(screen: Screen, subject: String, trouble: Trouble) -> Status {
    let failures = [Failure { subject: subject.into(), trouble }];
    let status = failures_status(&failures);
    screen.failures(&failures);
    screen.json_only(json!({ "kind": "Explanation", "status": status.code(), "failures": failures_json(&failures) }));
    status
}
