//! So much of everything that anything which looks at all of one kind for each of another shows.
//!
//! All in the root module, half of it in blocks of its own, half in instances of one block; a part of the lists is
//! created, so that references must be followed to tell what they are.

use serde_json::{Value, json};

use super::{
    document::Document,
    kinds::Place,
    random::Random,
    render::{Action, Facts, Subject},
    security,
    stack::{Block, Written, block_text},
};

/// Lists of one detector: a trusted one, and as many threat lists.
const LISTS: [&str; 5] = ["trusted", "botnets", "scanners", "suspects", "tor"];

/// A plan or state with so many lists.
pub(super) fn document(lists: u32, inactive: bool) -> Document {
    let mut random = Random::new(7);
    let document = Document { lineage: random.uuid(), serial: 7, ..Document::default() };
    let mut crowd = Crowd { random, document, inactive };
    crowd.document.providers.push(("aws".into(), json!({"region": {"constant_value": "eu-west-1"}})));
    for group in 0..lists / 5 {
        crowd.group(group);
    }
    crowd.document
}

struct Crowd {
    random: Random,
    document: Document,
    inactive: bool,
}

/// One detector, and what belongs to it.
struct Group {
    /// `g00017`, part of every name.
    name: String,
    account: String,
    /// Key of the provider configuration.
    provider: String,
    /// Whether the objects are instances of blocks that all such groups share.
    keyed: bool,
    /// What the plan does with the lists.
    action: Action,
    detector: String,
    bucket: String,
}

impl Group {
    fn arn(&self, rest: &str) -> String {
        format!("arn:aws:guardduty:eu-west-1:{}:detector/{}{rest}", self.account, self.detector)
    }

    /// How another block refers to a block of the group.
    fn refer(&self, block: &str, own: &str, attribute: &str) -> Value {
        if self.keyed {
            json!({"references": ["each.key", format!("{block}.{}", keyed_block(own))]})
        } else {
            json!({"references": [format!("{block}.{own}.{attribute}"), format!("{block}.{own}")]})
        }
    }
}

impl Crowd {
    fn group(&mut self, number: u32) {
        let keyed = number % 2 == 1;
        let name = format!("g{number:05}");
        let account = format!("{:012}", 100_000_000_000_u64 + u64::from(number));
        let provider = if keyed { "aws".into() } else { format!("aws.{name}") };
        if !keyed {
            let role = format!("arn:aws:iam::{account}:role/terraform");
            let assume = json!({"region": {"constant_value": "eu-west-1"}, "assume_role": [{"role_arn": {"constant_value": role}}]});
            self.document.providers.push((provider.clone(), assume));
        }
        let group = Group {
            detector: self.random.hex(32),
            bucket: format!("lists-{name}"),
            action: if number % 4 < 2 { Action::NoOp } else { Action::Create },
            name,
            account,
            provider,
            keyed,
        };
        self.detector(&group);
        for list in LISTS {
            self.list(&group, list);
        }
        self.others(&group);
    }

    /// Adds an object: in a block of its own, or to the block that keyed groups share.
    fn add(&mut self, group: &Group, resource_type: &'static str, label: &str, spec: Spec<'_>) {
        let own = if label.is_empty() { group.name.clone() } else { format!("{}_{label}", group.name) };
        let (name, key) = if group.keyed { (keyed_block(&own), Some(own.as_str())) } else { (own.as_str(), None) };
        let subject = Subject { module: "", data: false, resource_type, name, key };
        let facts =
            Facts { values: spec.values, computed: spec.computed, sensitive: &[], dependencies: &spec.dependencies };
        let texts = subject.render(&mut self.random, spec.action, &facts);
        let blocks = &mut self.document.root.blocks;
        let shared = if group.keyed {
            blocks.iter_mut().find(|block| block.resource_type == resource_type && block.name == name)
        } else {
            None
        };
        if let Some(block) = shared {
            block.objects.push(texts);
            return;
        }
        let written = Written {
            provider: &group.provider,
            expressions: &spec.expressions,
            repeats: group.keyed,
            depends_on: &[],
        };
        let text = block_text(&subject, &written);
        self.document.configuration.blocks.push(text);
        let (name, provider) = (name.to_owned(), group.provider.clone());
        blocks.push(Block { data: false, resource_type, name, provider, objects: vec![texts] });
    }

    fn detector(&mut self, group: &Group) {
        let values = json!({
            "account_id": group.account, "arn": group.arn(""), "enable": true, "finding_publishing_frequency": "FIFTEEN_MINUTES",
            "id": group.detector, "tags": null, "tags_all": {},
        });
        self.add(group, "aws_guardduty_detector", "", Spec { values, ..Spec::unchanged() });
        let place = Place { account: &group.account, region: "eu-west-1", stack: "lists", name: &group.bucket };
        let values = security::bucket(&mut self.random, &place);
        self.add(group, "aws_s3_bucket", "", Spec { values, ..Spec::unchanged() });
    }

    fn list(&mut self, group: &Group, list: &str) {
        let key = format!("lists/{list}.txt");
        let place = Place { account: &group.account, region: "eu-west-1", stack: "lists", name: list };
        let values = security::object(&mut self.random, &place, &group.bucket, &key);
        if list == "trusted" {
            self.document.drift.push(drifted(group, list, &values));
        }
        let expressions =
            json!({"bucket": group.refer("aws_s3_bucket", &group.name, "bucket"), "key": {"constant_value": key}});
        self.add(group, "aws_s3_object", list, Spec { values, expressions, ..Spec::unchanged() });

        let id = self.random.hex(32);
        let (resource_type, kind) = match list {
            "trusted" => ("aws_guardduty_ipset", "ipset"),
            _ => ("aws_guardduty_threatintelset", "threatintelset"),
        };
        let values = json!({
            "activate": !self.inactive, "arn": group.arn(&format!("/{kind}/{id}")), "detector_id": group.detector, "format": "TXT",
            "id": format!("{}:{id}", group.detector), "location": format!("s3://{}/{key}", group.bucket), "name": list, "tags": null,
            "tags_all": {},
        });
        let own = format!("{}_{list}", group.name);
        let spec = Spec {
            values,
            computed: &["arn", "id", "location"],
            action: group.action,
            expressions: json!({
                "detector_id": group.refer("aws_guardduty_detector", &group.name, "id"), "location": group.refer("aws_s3_object", &own, "key"),
            }),
            dependencies: vec![format!("aws_s3_object.{}", if group.keyed { keyed_block(&own) } else { &own })],
        };
        self.add(group, resource_type, list, spec);
    }

    /// Two dozen objects of types that rules look at.
    fn others(&mut self, group: &Group) {
        for number in 0..8 {
            let label = number.to_string();
            let detector_id = group.refer("aws_guardduty_detector", &group.name, "id");
            let values = json!({
                "additional_configuration": [], "detector_id": group.detector, "id": format!("{}/{number}", group.detector),
                "name": "S3_DATA_EVENTS", "status": "ENABLED",
            });
            let expressions = json!({"detector_id": detector_id});
            self.add(
                group,
                "aws_guardduty_detector_feature",
                &label,
                Spec { values, expressions, ..Spec::unchanged() },
            );
            let values = json!({
                "account_id": self.random.hex(12), "detector_id": group.detector, "email": "soc@example.com",
                "id": format!("{}:{number}", group.detector), "invite": true,
            });
            let expressions = json!({"detector_id": detector_id});
            self.add(group, "aws_guardduty_member", &label, Spec { values, expressions, ..Spec::unchanged() });
            let place = Place { account: &group.account, region: "eu-west-1", stack: "keys", name: &label };
            let values = security::key(&mut self.random, &place);
            self.add(group, "aws_kms_key", &label, Spec { values, ..Spec::unchanged() });
        }
    }
}

/// The block that an object of a keyed group is an instance of: lists and their objects have equal keys, so that one leads
/// to the other.
fn keyed_block(own: &str) -> &'static str {
    if own.ends_with("trusted") { "keyed_trusted" } else { "keyed" }
}

/// An object to add.
struct Spec<'a> {
    values: Value,
    computed: &'a [&'a str],
    action: Action,
    expressions: Value,
    dependencies: Vec<String>,
}

impl Spec<'_> {
    /// One that the plan leaves alone.
    fn unchanged() -> Self {
        Self {
            values: Value::Null,
            computed: &[],
            action: Action::NoOp,
            expressions: json!({}),
            dependencies: Vec::new(),
        }
    }
}

/// An item of `resource_drift` that weakens nothing.
fn drifted(group: &Group, list: &str, values: &Value) -> String {
    let own = format!("{}_{list}", group.name);
    let (name, key) =
        if group.keyed { (keyed_block(&own), format!("[\"{own}\"]")) } else { (own.as_str(), String::new()) };
    let address = format!("aws_s3_object.{name}{key}");
    let mut item = json!({
        "address": address, "mode": "managed", "type": "aws_s3_object", "name": name,
        "change": {"actions": ["update"], "before": values, "after": values, "after_unknown": {}, "before_sensitive": {}, "after_sensitive": {}},
    });
    item["change"]["after"]["tags"] = json!({"Owner": "somebody else"});
    item.to_string()
}
