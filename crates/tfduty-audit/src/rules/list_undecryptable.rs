//! The list is encrypted in a way GuardDuty's role cannot decrypt.
//!
//! ## Why it matters
//!
//! S3 gives a list to GuardDuty only if GuardDuty's service-linked role may use the key that encrypts it. Nothing in IAM
//! gives the role any right to a key, so the key's own policy, or a grant, must. A policy that leaves everything to the
//! account, as the default one does, is not enough. Then the list cannot be activated.
//!
//! ## How to fix it
//!
//! Add this to the key's policy. The detector must be there first: the role is made with it.
//!
//! ```json
//! {
//!   "Effect": "Allow",
//!   "Principal": {
//!     "AWS": "arn:aws:iam::123456789012:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"
//!   },
//!   "Action": "kms:Decrypt*",
//!   "Resource": "*"
//! }
//! ```
//!
//! Or encrypt the list with S3's own keys: it holds addresses that GuardDuty gets anyway.
//!
//! ```json pass
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_bucket", "name": "lists", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "lists", "bucket": "lists", "region": "eu-west-1"}}]},
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt", "server_side_encryption": "AES256"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "activate": true, "location": "s3://lists/trusted.txt"}}]}]}
//! ```
//!
//! ```json fail
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_bucket", "name": "lists", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "lists", "bucket": "lists", "region": "eu-west-1"}}]},
//!   {"mode": "managed", "type": "aws_kms_key", "name": "lists", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"arn": "arn:aws:kms:eu-west-1:123456789012:key/1234abcd", "key_id": "1234abcd", "is_enabled": true,
//!     "policy": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::123456789012:root\"},\"Action\":\"kms:*\",\"Resource\":\"*\"}]}"}}]},
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt", "server_side_encryption": "aws:kms", "kms_key_id": "arn:aws:kms:eu-west-1:123456789012:key/1234abcd"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "activate": true, "location": "s3://lists/trusted.txt"}}]}]}
//! ```
//!
//! ```json undecided
//! {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "a", "resources": [
//!   {"mode": "managed", "type": "aws_s3_bucket", "name": "lists", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"id": "lists", "bucket": "lists", "region": "eu-west-1"}}]},
//!   {"mode": "managed", "type": "aws_s3_object", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"bucket": "lists", "key": "trusted.txt", "server_side_encryption": "aws:kms", "kms_key_id": "arn:aws:kms:eu-west-1:123456789012:key/1234abcd"}}]},
//!   {"mode": "managed", "type": "aws_guardduty_ipset", "name": "trusted", "provider": "provider[\"registry.terraform.io/hashicorp/aws\"]",
//!    "instances": [{"attributes": {"detector_id": "12ab", "activate": true, "location": "s3://lists/trusted.txt"}}]}]}
//! ```
//!
//! ## When it keeps quiet
//!
//! - S3's own keys, and the key `aws/s3` that AWS manages in the detector's account.
//! - An object that says `AES256` in a bucket whose default is a customer's key, and a key of the default that the object
//!   overrides.
//! - A key policy that allows `kms:Decrypt*` or `kms:*` to the role, or to everyone by way of S3 (`kms:ViaService`).
//!
//! It is undecided when the key is not among the inputs, when its policy is not known or hangs on a value that the inputs
//! do not say, and for two layers of encryption (`aws:kms:dsse`), of which AWS does not say whether GuardDuty reads them.
//!
//! ## References
//!
//! - GuardDuty user guide, "Prerequisites for lists": the statement for SSE-KMS; SSE-C is not supported
//! - KMS developer guide, "Default key policy"; "Key states of AWS KMS keys"

use tfduty_aws::{
    policy::{self, Decision, NothingKnown, Outcome, Reason, Request},
    truth::Truth,
};

use crate::{
    context::{self, Context, Draft, Judgement, Label},
    encryption::{self, Algorithm, Encryption, Kms, Spot},
    explain::{self, Explained},
    facts,
    finding::Anchor,
    graph::Bucket,
    keys::{self, Fitness, Grants, Named},
    object::{Attribute, ObjectId},
    policies::PolicyText,
    reading::{self, Case},
    rule::{Certainty, Command, Rule, Severity},
};

pub(super) static RULE: Rule = Rule {
    id: "list-undecryptable",
    severity: Severity::Error,
    certainty: Certainty::Documented,
    commands: &[Command::Check],
    file: include_str!("list_undecryptable.rs"),
    check,
};

/// What comes of asking whether GuardDuty's role can decrypt a list.
enum Verdict {
    Works,
    /// It cannot: why, and what to do.
    Fails(Explained, String),
    /// It cannot be told: what decides, and what to add.
    Open(Explained, String),
}

fn check(context: &mut Context<'_>) {
    for case in reading::cases(context) {
        let (mut fails, mut open) = (None, None);
        for set in case.readers(context) {
            let mut verdicts = case.objects().into_iter().map(|object| {
                let encryption = encryption::of(context.readings, object, case.bucket.as_ref());
                (judge(context, &case, (set, object), &encryption), encryption)
            });
            let Some((first, encryption)) = verdicts.next() else { continue };
            // Of objects that the list may be, all must fail; then the first one tells why.
            let mut all_fail = || verdicts.all(|(verdict, _)| matches!(verdict, Verdict::Fails(..)));
            match first {
                Verdict::Works => {}
                Verdict::Open(why, help) => open = open.or(Some((why, help, encryption))),
                Verdict::Fails(why, help) => {
                    if fails.is_none() && all_fail() {
                        fails = Some((why, help, encryption));
                    }
                }
            }
        }
        match (fails, open) {
            (Some(found), _) => {
                let (holder, draft) = draft(context, &case, found);
                context.judge_at(holder, case.subject, Judgement::Fail(draft));
            }
            _ if case.found().is_none() => context.skip(case.subject),
            (None, Some(found)) => {
                let (holder, draft) = draft(context, &case, found);
                context.judge_at(holder, case.subject, Judgement::Undecided(draft));
            }
            (None, None) => context.pass(case.subject),
        }
    }
}

/// Whether GuardDuty's role in the account of a set's detector can decrypt an object with this encryption.
fn judge(
    context: &Context<'_>,
    case: &Case,
    (set, object): (ObjectId, Option<ObjectId>),
    encryption: &Encryption,
) -> Verdict {
    let asked = Asked { context, case, set, object, encryption };
    match &encryption.algorithm {
        Algorithm::S3Managed => Verdict::Works,
        Algorithm::CustomerProvided => {
            let why = "a key that whoever reads it must give (SSE-C): GuardDuty has none";
            asked.fail(why, Vec::new(), "encrypt it with S3's own keys, or with a key of KMS")
        }
        Algorithm::Unknown(why) => asked.open(why, Vec::new()),
        Algorithm::Kms(kms) => match (asked.with_key(kms), kms.has_two_layers) {
            (Verdict::Works, true) => {
                let text = "AWS does not say whether it decrypts two layers (`aws:kms:dsse`)";
                let help = "encrypt the list with `aws:kms`, or with S3's own keys".into();
                Verdict::Open(plain(&format!("{UNKNOWN}: {text}")), help)
            }
            (verdict, _) => verdict,
        },
    }
}

const UNKNOWN: &str = "whether GuardDuty's role can decrypt the list is not known";

fn plain(text: &str) -> Explained {
    Explained { text: text.to_owned(), labels: Vec::new() }
}

/// What is asked of a key.
struct Asked<'c, 'a> {
    context: &'c Context<'a>,
    case: &'c Case,
    set: ObjectId,
    object: Option<ObjectId>,
    encryption: &'c Encryption,
}

impl Asked<'_, '_> {
    fn open(&self, why: &str, labels: Vec<Label>) -> Verdict {
        let at = self.encryption.said_at.map_or(self.case.subject, |spot| spot.object);
        let help = match &self.case.bucket {
            Some(Bucket::Object(_)) => self.context.what_would_decide(at),
            _ => "add the state or plan that manages the bucket".into(),
        };
        Verdict::Open(Explained { text: format!("{UNKNOWN}: {why}"), labels }, help)
    }

    /// The list is encrypted with something that its role cannot use.
    fn fail(&self, with: &str, labels: Vec<Label>, help: &str) -> Verdict {
        let text = format!("{} is encrypted with {with}", explain::list(self.context, self.case));
        Verdict::Fails(Explained { text, labels }, help.to_owned())
    }

    fn with_key(&self, kms: &Kms) -> Verdict {
        let readings = self.context.readings;
        let own = readings.is_own(self.case.bucket.as_ref(), readings.actor(self.set));
        match (&kms.key, own) {
            (Named::AwsManaged, Truth::True) => Verdict::Works,
            (Named::AwsManaged, Truth::False) => self.fail(
                "the key `aws/s3` that AWS manages in another account than the detector's: only that account can use it",
                Vec::new(),
                "encrypt the list with S3's own keys, or with a key whose policy lets GuardDuty's role decrypt",
            ),
            (Named::AwsManaged, Truth::Unknown) => {
                let why = "it is encrypted with the key `aws/s3` of the bucket's account, which may be another one than \
                           the detector's";
                self.open(why, Vec::new())
            }
            (Named::Object(key), _) => self.with_own_key(*key, kms.bucket_key),
            (Named::Elsewhere { region }, _) => self.with_foreign_key(region.as_deref()),
            (Named::Unknown { stops }, _) => {
                let name = self.encryption.said_at.and_then(|spot| spot.path.last().copied()).unwrap_or("kms_key_id");
                let said_at = self.encryption.said_at.map(|spot| spot.attribute(self.context.estate));
                let unknown = said_at.map_or("is not known", |attribute| attribute.why_unknown());
                let why = match stops.as_slice() {
                    [] => format!("`{name}` decides, and {unknown}"),
                    stops => format!("`{name}` decides, and {} cannot be followed", context::quoted_list(stops)),
                };
                self.open(&why, Vec::new())
            }
        }
    }

    /// A key that is not among the inputs.
    fn with_foreign_key(&self, region: Option<&str>) -> Verdict {
        let named = self.encryption.said_at.map(|spot| spot.attribute(self.context.estate));
        let value = named.as_ref().and_then(Attribute::known);
        let key = context::shown(value, named.as_ref().and_then(Attribute::str).unwrap_or_default());
        let there = self.context.readings.region_of(self.case.bucket.as_ref());
        if Truth::equal(region, there) == Truth::False {
            let why = format!("key {key}, which is in another region than the bucket");
            return self.fail(&why, Vec::new(), "encrypt the list with a key of the bucket's region");
        }
        let text = format!("{UNKNOWN}: its key {key} is not among the inputs");
        Verdict::Open(plain(&text), "add the state or plan that manages the key".into())
    }

    /// A key of the estate.
    fn with_own_key(&self, key: ObjectId, bucket_key: Truth) -> Verdict {
        let Asked { context, case, .. } = *self;
        let (estate, readings) = (context.estate, context.readings);
        let name = estate.object(key).name();
        let fitness = keys::fitness(estate, key, readings.region_of(case.bucket.as_ref()));
        if let Fitness::Unfit(attribute, says) = fitness {
            let help = "encrypt the list with an enabled symmetric key of the bucket's region, or with S3's own keys";
            return self.fail(&format!("{name}, which {says}"), vec![context.label(key, &[attribute], says)], help);
        }
        let actor = readings.actor(self.set);
        let object = readings.object(case.bucket.as_ref(), self.object, case.key.as_deref());
        let request = Request::decrypt(&readings.role(actor), &object, &keys::request_key(estate, key), bucket_key);
        let own = facts::same_account(estate, estate.object(key), estate.object(actor));
        let text = readings.key_policy(key);
        let grants = readings.keys().grants(estate, key);
        let decision = match &*text {
            PolicyText::Known(known) => {
                policy::key(text.as_policy(), &grants.all, own, &request, &grants.holes(&**known))
            }
            _ => policy::key(text.as_policy(), &grants.all, own, &request, &grants.holes(&NothingKnown)),
        };
        match (decision.outcome, fitness) {
            (Outcome::Deny, _) => self.denied(key, &text, &decision),
            (Outcome::Undecided, _) => self.undecided(key, &text, (&decision, &grants)),
            (Outcome::Allow, Fitness::Open(attribute)) => {
                let label = context.label(key, &[attribute], "not known");
                let why = estate.object(key).attribute(&[attribute]).why_unknown();
                let why = format!("`{attribute}` of {name} decides, and {why}");
                self.open(&why, vec![label])
            }
            (Outcome::Allow, _) => Verdict::Works,
        }
    }

    /// What to add to the policy of the key.
    fn help(&self) -> String {
        let role = self.context.readings.shown_role(self.context.readings.actor(self.set));
        format!(
            "add to the key policy: `{{\"Effect\":\"Allow\",\"Principal\":{{\"AWS\":\"{role}\"}},\
             \"Action\":\"kms:Decrypt*\",\"Resource\":\"*\"}}` (the detector must exist first: the role is made with it)"
        )
    }

    fn denied(&self, key: ObjectId, text: &PolicyText, decision: &Decision) -> Verdict {
        let context = self.context;
        let name = context.estate.object(key).name();
        let role = context.readings.shown_role(context.readings.actor(self.set));
        match text {
            PolicyText::Known(known) if decision.reasons.iter().any(|reason| *reason != Reason::NoAllow) => {
                let why = explain::denies(context, known, &decision.reasons, "kms:Decrypt");
                let help = format!("exempt the role in the Deny: {}", explain::exemption(&role));
                self.fail(&format!("{name}, which GuardDuty's role cannot use: {}", why.text), why.labels, &help)
            }
            PolicyText::Known(known) => {
                let why = format!(
                    "{name}, whose policy does not let GuardDuty's role decrypt: no statement allows it `kms:Decrypt`"
                );
                let says = "lets GuardDuty's role do nothing";
                let (object, anchor) = context.label(known.holder, &[known.attribute], says);
                let sensitive = anchor.sensitive || known.sensitive;
                self.fail(&why, vec![(object, Anchor { sensitive, ..anchor })], &self.help())
            }
            _ => {
                let why = format!(
                    "{name}, which has no policy of its own: the default one leaves all to IAM, where GuardDuty's role has \
                     no right to keys"
                );
                self.fail(&why, vec![context.label(key, &["policy"], "not set")], &self.help())
            }
        }
    }

    fn undecided(&self, key: ObjectId, text: &PolicyText, (decision, grants): (&Decision, &Grants)) -> Verdict {
        let context = self.context;
        let name = context.estate.object(key).name();
        if let Some(open) = explain::open(context, text, &decision.reasons) {
            let help = explain::what_would_tell(context, text, "key");
            let text = format!("{UNKNOWN}: it is encrypted with {name}, and {}", open.text);
            return Verdict::Open(Explained { text, labels: open.labels }, help);
        }
        let granting = decision.reasons.iter().find_map(|reason| match reason {
            Reason::Grant(index) => grants.objects.get(*index).copied(),
            _ => None,
        });
        if let (Some(grant), false) = (granting, decision.reasons.contains(&Reason::KeyAccount)) {
            let label = context.label(grant, &["grantee_principal"], "may let GuardDuty's role decrypt");
            let why = format!("it is encrypted with {name}, and {} decides", context.estate.object(grant).name());
            return self.open(&why, vec![label]);
        }
        let why = format!(
            "its key {name} is in another account than the detector, where GuardDuty's role would need a right to it too"
        );
        let help = "encrypt the list with a key of the detector's account, or with S3's own keys".into();
        Verdict::Open(plain(&format!("{UNKNOWN}: {why}")), help)
    }
}

/// A draft at the attribute that names the key; what decides, the sets and the bucket stand beside it. The object that the
/// place belongs to.
fn draft(
    context: &Context<'_>,
    case: &Case,
    (explained, help, encryption): (Explained, String, Encryption),
) -> (Option<ObjectId>, Draft) {
    let (holder, anchor) = match encryption.said_at {
        Some(spot) => context.label(spot.object, spot.path, "how the list is encrypted"),
        None => explain::own_place(context, case),
    };
    let related = explained.labels.into_iter().chain(context.read_by(case.sets.iter().copied()));
    let draft = Draft {
        message: explained.text,
        help,
        attribute: encryption.said_at.map_or("kms_key_id", Spot::dotted),
        discriminator: String::new(),
        anchor,
        related: related.collect(),
    };
    (holder, draft)
}

#[cfg(test)]
mod tests;
