//! Plans and states that Terraform made, and whether GuardDuty can read what they hold.

use tfduty_aws::{
    partition::Partition,
    policy::{self, Fact, Outcome, ReadFacts, Request, Role},
    truth::Truth,
};

use super::{
    super::{PolicyText, bucket_policy, bucket_thing, key_policy, thing},
    object, of_bucket,
};
use crate::{
    graph::{Bucket, Graph},
    testing::{Run, check_text},
};

const WIRED: &str = include_str!("../../../../../fixtures/estates/wired/plan.json");
const WIRED_STATE: &str = include_str!("../../../../../fixtures/estates/wired/terraform.tfstate");
const WIRED_SOURCE: &str = include_str!("../../../../../fixtures/estates/wired/source/main.tf");
const DENIES: &str = include_str!("../../../../../fixtures/estates/broken-b-policy-denies/plan.json");
const DENIES_STATE: &str = include_str!("../../../../../fixtures/estates/broken-b-policy-denies/terraform.tfstate");
const DENIES_SOURCE: &str = include_str!("../../../../../fixtures/estates/broken-b-policy-denies/source/main.tf");
const KMS: &str = include_str!("../../../../../fixtures/estates/broken-c-kms/plan.json");
const KMS_STATE: &str = include_str!("../../../../../fixtures/estates/broken-c-kms/terraform.tfstate");

const BUCKET: &str = "aws_s3_bucket.lists";
const KEY: &str = "aws_kms_key.lists";

fn with(document: &str, source: &str) -> Run {
    check_text(document).with_sources(&[("", source)])
}

fn role() -> Role {
    Role::new(Partition::Aws, Fact::known("123456789012"))
}

/// Whether GuardDuty reads an object of the bucket, in its own account and from another one.
fn reads(run: Run) -> (Outcome, Outcome) {
    let estate = run.estate();
    let id = object(&estate, BUCKET);
    let text = bucket_policy(&estate, &Graph::of(&estate), &Bucket::Object(id));
    let name = estate.object(id).attribute(&["bucket"]).str();
    let bucket = name.map_or_else(Fact::unknown, Fact::known).being(bucket_thing(id));
    let request = Request::read(&role(), &policy::Object { bucket, ..policy::Object::default() });
    let outcome = |same_account: Truth| {
        let facts = ReadFacts { same_account, decryptable: Truth::True, restricts_public: Truth::False };
        let holes: &dyn policy::Holes = match &text {
            PolicyText::Known(known) => &**known,
            _ => &policy::NothingKnown,
        };
        policy::read(text.as_policy(), &request, facts, holes).outcome
    };
    (outcome(Truth::True), outcome(Truth::False))
}

#[test]
fn a_policy_of_blocks_is_decided_before_it_is_written() {
    use Outcome::{Allow, Undecided};
    assert_eq!(reads(check_text(WIRED)), (Allow, Undecided));
    assert_eq!(reads(with(WIRED, WIRED_SOURCE)), (Allow, Allow));
    assert_eq!(reads(check_text(WIRED_STATE)), (Allow, Allow));
}

#[test]
fn an_encoded_policy_is_decided_where_its_sources_are_at_hand() {
    use Outcome::{Deny, Undecided};
    assert_eq!(reads(check_text(DENIES)), (Undecided, Undecided));
    assert_eq!(reads(with(DENIES, DENIES_SOURCE)), (Deny, Deny));
    assert_eq!(reads(check_text(DENIES_STATE)), (Deny, Deny));
    assert_eq!(
        of_bucket(check_text(DENIES), BUCKET),
        ["unknown: it is known only after apply, from `aws_s3_bucket.lists.arn`, `local.slr_arn`, \
          `aws_iam_role.publisher.arn`"]
    );
}

#[test]
fn a_keys_policy_is_its_own() {
    for document in [KMS, KMS_STATE] {
        let estate = check_text(document).estate();
        let id = object(&estate, KEY);
        let PolicyText::Known(known) = key_policy(&estate, &Graph::of(&estate), id) else { panic!() };
        let key = policy::Key { arn: Some(thing(id, "arn")), ..policy::Key::default() };
        let request = Request::decrypt(&role(), &policy::Object::default(), &key, Truth::Unknown);
        let text = PolicyText::Known(known);
        let decision = policy::key(text.as_policy(), &[], Truth::True, &request, &policy::NothingKnown);
        assert_eq!(decision.outcome, Outcome::Deny);
    }
}
