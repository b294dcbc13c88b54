//! GuardDuty in one region: a detector with its features, lists that resolve, a filter and an export.

use serde_json::{Value, json};

use super::{
    kinds::{Place, tags_all},
    random::Random,
    render::{Action, Facts, Subject},
    security,
    stack::{ACCOUNT, Block, Call, Module, block_text, provider},
};

/// The threat lists of a region: GuardDuty accepts six.
const THREATS: &[&str] = &["botnets", "scanners", "suspects", "tor-exits"];
const FEATURES: &[&str] = &["EBS_MALWARE_PROTECTION", "EKS_AUDIT_LOGS", "LAMBDA_NETWORK_LOGS", "S3_DATA_EVENTS"];

/// The module of a region. A `broken` one has one finding: its trusted list points at a key that no object has.
pub(super) fn region(random: &mut Random, region: &str, action: Action, broken: bool) -> (Module, Call) {
    let name = format!("guardduty_{}", region.replace('-', "_"));
    let bucket = format!("example-guardduty-{region}");
    let mut builder = Builder {
        region,
        action,
        detector: random.hex(32),
        module: Module { address: format!("module.{name}"), ..Module::default() },
        call: Call { name, ..Call::default() },
        random,
    };
    builder.detector();
    builder.storage(&bucket);
    builder.lists(&bucket, broken);
    builder.rest(&bucket);
    (builder.module, builder.call)
}

struct Builder<'a> {
    random: &'a mut Random,
    region: &'a str,
    action: Action,
    /// Id of the detector.
    detector: String,
    module: Module,
    call: Call,
}

/// A block, and what makes the attributes of each of its objects.
struct Spec<'a> {
    resource_type: &'static str,
    name: &'a str,
    keys: &'a [&'a str],
    computed: &'a [&'a str],
    depends_on: &'a [&'a str],
    expressions: Value,
}

impl Builder<'_> {
    fn add(&mut self, spec: &Spec<'_>, mut values: impl FnMut(&mut Self, Option<&str>) -> Value) {
        let keys: Vec<Option<&str>> =
            if spec.keys.is_empty() { vec![None] } else { spec.keys.iter().copied().map(Some).collect() };
        let address = self.module.address.clone();
        let dependencies: Vec<String> = spec.depends_on.iter().map(|block| format!("{address}.{block}")).collect();
        let provider = provider(self.region);
        let mut objects = Vec::new();
        for key in keys {
            let subject =
                Subject { module: &address, data: false, resource_type: spec.resource_type, name: spec.name, key };
            if objects.is_empty() {
                self.call.blocks.push(block_text(&subject, &provider, &spec.expressions, key.is_some()));
            }
            let facts = Facts {
                values: values(self, key),
                computed: spec.computed,
                sensitive: &[],
                dependencies: &dependencies,
            };
            objects.push(subject.render(self.random, self.action, &facts));
        }
        let (resource_type, name) = (spec.resource_type, spec.name.to_owned());
        self.module.blocks.push(Block { data: false, resource_type, name, provider, objects });
    }

    fn place<'p>(&'p self, name: &'p str) -> Place<'p> {
        Place { account: ACCOUNT, region: self.region, stack: &self.call.name, name }
    }

    fn arn(&self, rest: &str) -> String {
        format!("arn:aws:guardduty:{}:{ACCOUNT}:detector/{}{rest}", self.region, self.detector)
    }

    fn tags_all(&mut self, name: &str) -> Value {
        let place = Place { account: ACCOUNT, region: self.region, stack: &self.call.name, name };
        tags_all(self.random, &place)
    }

    fn detector(&mut self) {
        let spec = Spec {
            resource_type: "aws_guardduty_detector",
            name: "this",
            keys: &[],
            computed: &["account_id", "arn", "datasources", "id"],
            depends_on: &[],
            expressions: json!({"enable": {"constant_value": true}, "finding_publishing_frequency": {"constant_value": "FIFTEEN_MINUTES"}}),
        };
        self.add(&spec, |own, _| {
            json!({
                "account_id": ACCOUNT, "arn": own.arn(""),
                "datasources": [{
                    "kubernetes": [{"audit_logs": [{"enable": true}]}],
                    "malware_protection": [{"scan_ec2_instance_with_findings": [{"ebs_volumes": [{"enable": true}]}]}],
                    "s3_logs": [{"enable": true}],
                }],
                "enable": true, "finding_publishing_frequency": "FIFTEEN_MINUTES", "id": own.detector, "tags": null, "tags_all": own.tags_all("this"),
            })
        });
        let spec = Spec {
            resource_type: "aws_guardduty_detector_feature",
            name: "this",
            keys: FEATURES,
            computed: &["detector_id", "id"],
            depends_on: &["aws_guardduty_detector.this"],
            expressions: json!({"detector_id": detector_id(), "name": {"references": ["each.key"]}, "status": {"constant_value": "ENABLED"}}),
        };
        self.add(&spec, |own, key| {
            let name = key.unwrap_or_default();
            json!({"additional_configuration": [], "detector_id": own.detector, "id": format!("{}/{name}", own.detector), "name": name, "status": "ENABLED"})
        });
    }

    fn storage(&mut self, bucket: &str) {
        let spec = Spec {
            resource_type: "aws_s3_bucket",
            name: "lists",
            keys: &[],
            computed: &["arn", "id", "bucket_domain_name", "bucket_regional_domain_name", "hosted_zone_id", "region"],
            depends_on: &[],
            expressions: json!({"bucket": {"references": ["var.name"]}}),
        };
        self.add(&spec, |own, _| {
            let place = Place { account: ACCOUNT, region: own.region, stack: &own.call.name, name: bucket };
            security::bucket(own.random, &place)
        });
        let spec = Spec {
            resource_type: "aws_s3_bucket_policy",
            name: "lists",
            keys: &[],
            computed: &["id"],
            depends_on: &["aws_s3_bucket.lists"],
            expressions: json!({"bucket": references("aws_s3_bucket.lists", "id"), "policy": {}}),
        };
        self.add(&spec, |own, _| {
            let place = Place { account: ACCOUNT, region: own.region, stack: &own.call.name, name: bucket };
            security::bucket_policy(own.random, &place)
        });
        let spec = Spec {
            resource_type: "aws_s3_object",
            name: "list",
            keys: &["trusted", THREATS[0], THREATS[1], THREATS[2], THREATS[3]],
            computed: &["arn", "checksum_crc32", "checksum_sha256", "etag", "id", "version_id"],
            depends_on: &["aws_s3_bucket.lists"],
            expressions: json!({"bucket": references("aws_s3_bucket.lists", "bucket"), "content": {"references": ["each.value"]}, "key": {"references": ["each.key"]}}),
        };
        self.add(&spec, |own, key| {
            let name = key.unwrap_or_default();
            let place = Place { account: ACCOUNT, region: own.region, stack: &own.call.name, name };
            security::object(own.random, &place, bucket, &format!("lists/{name}.txt"))
        });
    }

    fn lists(&mut self, bucket: &str, broken: bool) {
        let location = |key: &str| format!("https://s3.amazonaws.com/{bucket}/lists/{key}.txt");
        let trusted = location(if broken { "trusted-addresses" } else { "trusted" });
        let spec = Spec {
            resource_type: "aws_guardduty_ipset",
            name: "trusted",
            keys: &[],
            computed: &["arn", "detector_id", "id", "location"],
            depends_on: &["aws_guardduty_detector.this", "aws_s3_bucket.lists", "aws_s3_object.list"],
            expressions: set(r#"aws_s3_object.list["trusted"]"#, "trusted"),
        };
        self.add(&spec, |own, _| own.set("trusted", "ipset", &trusted));
        let mut expressions = set("aws_s3_object.list", "");
        expressions["name"] = json!({"references": ["each.key"]});
        for key in THREATS {
            // Each threat list is a block of its own: `for_each` of the objects has another key besides.
            expressions["location"] = references(&format!("aws_s3_object.list[\"{key}\"]"), "key");
            let name = key.replace('-', "_");
            let spec = Spec {
                resource_type: "aws_guardduty_threatintelset",
                name: &name,
                keys: &[],
                computed: &["arn", "detector_id", "id", "location"],
                depends_on: &["aws_guardduty_detector.this", "aws_s3_bucket.lists", "aws_s3_object.list"],
                expressions: expressions.clone(),
            };
            self.add(&spec, |own, _| own.set(key, "threatintelset", &location(key)));
        }
    }

    fn set(&mut self, name: &str, kind: &str, location: &str) -> Value {
        let id = self.random.hex(32);
        json!({
            "activate": true, "arn": self.arn(&format!("/{kind}/{id}")), "detector_id": self.detector, "format": "TXT",
            "id": format!("{}:{id}", self.detector), "location": location, "name": name, "tags": null, "tags_all": self.tags_all(name),
        })
    }

    fn rest(&mut self, bucket: &str) {
        let spec = Spec {
            resource_type: "aws_guardduty_filter",
            name: "quiet",
            keys: &[],
            computed: &["arn", "detector_id", "id"],
            depends_on: &["aws_guardduty_detector.this"],
            expressions: json!({"action": {"constant_value": "ARCHIVE"}, "detector_id": detector_id(), "rank": {"constant_value": 1}}),
        };
        self.add(&spec, |own, _| {
            let criterion = json!({
                "equals": ["Recon:EC2/PortProbeUnprotectedPort"], "field": "type", "greater_than": "", "greater_than_or_equal": "",
                "less_than": "", "less_than_or_equal": "", "not_equals": [],
            });
            json!({
                "action": "ARCHIVE", "arn": own.arn("/filter/quiet"), "description": "", "detector_id": own.detector,
                "finding_criteria": [{"criterion": [criterion]}], "id": format!("{}:quiet", own.detector), "name": "quiet", "rank": 1,
                "tags": null, "tags_all": own.tags_all("quiet"),
            })
        });
        let spec = Spec {
            resource_type: "aws_kms_key",
            name: "export",
            keys: &[],
            computed: &["arn", "id", "key_id"],
            depends_on: &[],
            expressions: json!({"description": {"constant_value": "findings"}, "policy": {}}),
        };
        self.add(&spec, |own, _| {
            let place = Place { account: ACCOUNT, region: own.region, stack: &own.call.name, name: "export" };
            security::key(own.random, &place)
        });
        let spec = Spec {
            resource_type: "aws_guardduty_publishing_destination",
            name: "export",
            keys: &[],
            computed: &["detector_id", "destination_arn", "id", "kms_key_arn"],
            depends_on: &[
                "aws_guardduty_detector.this",
                "aws_kms_key.export",
                "aws_s3_bucket.lists",
                "aws_s3_bucket_policy.lists",
            ],
            expressions: json!({
                "destination_arn": references("aws_s3_bucket.lists", "arn"), "detector_id": detector_id(), "kms_key_arn": references("aws_kms_key.export", "arn"),
            }),
        };
        self.add(&spec, |own, _| {
            let key = own.place("export").arn("kms", "key/export");
            json!({
                "destination_arn": format!("arn:aws:s3:::{bucket}"), "destination_type": "S3", "detector_id": own.detector,
                "id": format!("{}:{}", own.detector, own.random.hex(32)), "kms_key_arn": key,
            })
        });
    }
}

fn references(block: &str, attribute: &str) -> Value {
    json!({"references": [format!("{block}.{attribute}"), block]})
}

fn detector_id() -> Value {
    references("aws_guardduty_detector.this", "id")
}

/// The expressions of a set whose location is built from an object.
fn set(object: &str, name: &str) -> Value {
    json!({
        "activate": {"constant_value": true}, "detector_id": detector_id(), "format": {"constant_value": "TXT"},
        "location": references(object, "key"), "name": {"constant_value": name},
    })
}
