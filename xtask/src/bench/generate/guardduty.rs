//! GuardDuty in one region: a detector with its features, lists that resolve, a filter and an export that works.

use serde_json::{Value, json};

use super::{
    kinds::{Place, tags_all},
    random::Random,
    render::{Action, Facts, Subject},
    security,
    stack::{Block, Call, Module, Site, Written, block_text},
};

/// The threat lists of a region: GuardDuty accepts six.
const THREATS: &[&str] = &["botnets", "scanners", "suspects", "tor-exits"];
/// All protection plans: what is not declared would be a finding.
const FEATURES: &[&str] = &[
    "EBS_MALWARE_PROTECTION",
    "EKS_AUDIT_LOGS",
    "LAMBDA_NETWORK_LOGS",
    "RDS_LOGIN_EVENTS",
    "RUNTIME_MONITORING",
    "S3_DATA_EVENTS",
];
/// What GuardDuty manages agents for.
const AGENTS: &[&str] = &["EC2_AGENT_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EKS_ADDON_MANAGEMENT"];

/// GuardDuty in a region, and how it is managed.
pub(super) struct Region<'a> {
    pub(super) site: Site<'a>,
    /// What a plan does with all of it.
    pub(super) action: Action,
    /// Whether there is one finding: the first threat list is not active.
    pub(super) is_broken: bool,
    /// Whether lists are uploaded from files, not written in the configuration.
    pub(super) from_files: bool,
}

/// What makes up GuardDuty in a region.
pub(super) struct Made {
    pub(super) module: Module,
    pub(super) call: Call,
    /// Files that objects are uploaded from: paths below the root module, and content.
    pub(super) files: Vec<(String, String)>,
}

/// What a stack with GuardDuty in a region is called.
pub(super) fn name(region: &str) -> String {
    format!("guardduty_{}", region.replace('-', "_"))
}

/// The objects of a region, the call of the module that makes them, and the files.
pub(super) fn region(random: &mut Random, region: &Region<'_>) -> Made {
    let site = &region.site;
    let mut builder = Builder {
        site,
        action: region.action,
        detector: random.hex(32),
        key: random.hex(32),
        bucket: format!("guardduty-{}-{}", site.account, site.region),
        module: Module { address: site.module.clone(), ..Module::default() },
        call: Call { name: site.stack.clone(), ..Call::default() },
        files: Vec::new(),
        random,
    };
    builder.detector();
    builder.storage(region.from_files);
    builder.lists(region.is_broken);
    builder.rest();
    Made { module: builder.module, call: builder.call, files: builder.files }
}

struct Builder<'a> {
    random: &'a mut Random,
    site: &'a Site<'a>,
    action: Action,
    /// Id of the detector.
    detector: String,
    /// Id of the key that exported findings are encrypted with.
    key: String,
    /// The bucket of lists and exported findings.
    bucket: String,
    module: Module,
    call: Call,
    files: Vec<(String, String)>,
}

/// A block, and what makes the attributes of each of its objects.
struct Spec<'a> {
    resource_type: &'static str,
    name: &'a str,
    keys: &'a [&'a str],
    computed: &'a [&'a str],
    /// Blocks that it depends on.
    depends_on: &'a [&'a str],
    /// Those of them that only `depends_on` says.
    follows: &'a [&'a str],
    expressions: Value,
}

impl Builder<'_> {
    fn add(&mut self, spec: &Spec<'_>, mut values: impl FnMut(&mut Self, Option<&str>) -> Value) {
        let keys: Vec<Option<&str>> =
            if spec.keys.is_empty() { vec![None] } else { spec.keys.iter().copied().map(Some).collect() };
        let address = self.module.address.clone();
        let inside = |block: &&str| if address.is_empty() { (*block).to_owned() } else { format!("{address}.{block}") };
        let dependencies: Vec<String> = spec.depends_on.iter().map(inside).collect();
        let provider = self.site.provider.clone();
        let mut objects = Vec::new();
        for key in keys {
            let subject =
                Subject { module: &address, data: false, resource_type: spec.resource_type, name: spec.name, key };
            if objects.is_empty() {
                let written = Written {
                    provider: &provider,
                    expressions: &spec.expressions,
                    repeats: key.is_some(),
                    depends_on: spec.follows,
                };
                self.call.blocks.push(block_text(&subject, &written));
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

    fn arn(&self, rest: &str) -> String {
        let Site { account, region, .. } = self.site;
        format!("arn:aws:guardduty:{region}:{account}:detector/{}{rest}", self.detector)
    }

    /// Makes attributes of something with a name.
    fn made(&mut self, name: &str, make: impl FnOnce(&mut Random, &Place<'_>) -> Value) -> Value {
        let place = Place { account: self.site.account, region: self.site.region, stack: &self.site.stack, name };
        make(self.random, &place)
    }

    fn tags_all(&mut self, name: &str) -> Value {
        self.made(name, tags_all)
    }

    fn detector(&mut self) {
        let spec = Spec {
            resource_type: "aws_guardduty_detector",
            name: "this",
            keys: &[],
            computed: &["account_id", "arn", "datasources", "id"],
            depends_on: &[],
            follows: &[],
            expressions: json!({"enable": {"constant_value": true}, "finding_publishing_frequency": {"constant_value": "FIFTEEN_MINUTES"}}),
        };
        self.add(&spec, |own, _| {
            json!({
                "account_id": own.site.account, "arn": own.arn(""),
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
            follows: &[],
            expressions: json!({"detector_id": detector_id(), "name": {"references": ["each.key"]}, "status": {"constant_value": "ENABLED"}}),
        };
        self.add(&spec, |own, key| {
            let name = key.unwrap_or_default();
            let agents = AGENTS.iter().filter(|_| name == "RUNTIME_MONITORING");
            let agents: Vec<Value> = agents.map(|agent| json!({"name": agent, "status": "ENABLED"})).collect();
            json!({
                "additional_configuration": agents, "detector_id": own.detector, "id": format!("{}/{name}", own.detector),
                "name": name, "status": "ENABLED",
            })
        });
    }

    fn storage(&mut self, from_files: bool) {
        let bucket = self.bucket.clone();
        let spec = Spec {
            resource_type: "aws_s3_bucket",
            name: "lists",
            keys: &[],
            computed: &["arn", "id", "bucket_domain_name", "bucket_regional_domain_name", "hosted_zone_id", "region"],
            depends_on: &[],
            follows: &[],
            expressions: json!({"bucket": {"references": ["var.name"]}}),
        };
        self.add(&spec, |own, _| own.made(&bucket, security::bucket));
        let spec = Spec {
            resource_type: "aws_s3_bucket_policy",
            name: "lists",
            keys: &[],
            computed: &["id"],
            depends_on: &["aws_s3_bucket.lists"],
            follows: &[],
            expressions: json!({"bucket": references("aws_s3_bucket.lists", "id"), "policy": {}}),
        };
        self.add(&spec, |own, _| {
            let statements = [
                own.exports("WritesObjects", "s3:PutObject", &format!("arn:aws:s3:::{bucket}/*")),
                own.exports("FindsBucket", "s3:GetBucketLocation", &format!("arn:aws:s3:::{bucket}")),
            ];
            own.made(&bucket, |random, place| security::allowing(security::bucket_policy(random, place), &statements))
        });
        let content = if from_files { "source" } else { "content" };
        let mut expressions = json!({
            "bucket": references("aws_s3_bucket.lists", "bucket"), "key": {"references": ["each.key"]},
            content: {"references": [if from_files { "each.key" } else { "each.value" }]},
        });
        if from_files {
            expressions["source_hash"] = json!({"references": ["each.key"]});
        }
        let spec = Spec {
            resource_type: "aws_s3_object",
            name: "list",
            keys: &["trusted", THREATS[0], THREATS[1], THREATS[2], THREATS[3]],
            computed: &["arn", "checksum_crc32", "checksum_sha256", "etag", "id", "version_id"],
            depends_on: &["aws_s3_bucket.lists"],
            follows: &[],
            expressions,
        };
        self.add(&spec, |own, key| {
            let name = key.unwrap_or_default();
            let path = format!("lists/{name}.txt");
            let mut object = own.made(name, |random, place| security::object(random, place, &bucket, &path));
            if from_files {
                object["source"] = json!(path);
                object["source_hash"] = json!(own.random.hex(32));
                let content = object["content"].take();
                own.files.push((path, content.as_str().unwrap_or_default().to_owned()));
            }
            object
        });
    }

    /// A statement that lets GuardDuty export the findings of this account and region, whatever the detector's id will be.
    fn exports(&self, sid: &str, action: &str, resource: &str) -> Value {
        let Site { account, region, .. } = self.site;
        let detectors = format!("arn:aws:guardduty:{region}:{account}:detector/*");
        json!({
            "Action": action, "Effect": "Allow", "Principal": {"Service": "guardduty.amazonaws.com"}, "Resource": resource, "Sid": sid,
            "Condition": {"StringEquals": {"aws:SourceAccount": account}, "StringLike": {"aws:SourceArn": detectors}},
        })
    }

    fn lists(&mut self, is_broken: bool) {
        let bucket = self.bucket.clone();
        let location = |key: &str| format!("https://s3.amazonaws.com/{bucket}/lists/{key}.txt");
        let spec = Spec {
            resource_type: "aws_guardduty_ipset",
            name: "trusted",
            keys: &[],
            computed: &["arn", "detector_id", "id", "location"],
            depends_on: &["aws_guardduty_detector.this", "aws_s3_bucket.lists", "aws_s3_object.list"],
            follows: &[],
            expressions: set(r#"aws_s3_object.list["trusted"]"#, "trusted"),
        };
        self.add(&spec, |own, _| own.set("trusted", "ipset", &location("trusted")));
        for key in THREATS {
            // Each threat list is a block of its own: `for_each` of the objects has another key besides.
            let mut expressions = set(&format!("aws_s3_object.list[\"{key}\"]"), key);
            let active = !is_broken || *key != THREATS[0];
            expressions["activate"] = json!({"constant_value": active});
            let name = key.replace('-', "_");
            let spec = Spec {
                resource_type: "aws_guardduty_threatintelset",
                name: &name,
                keys: &[],
                computed: &["arn", "detector_id", "id", "location"],
                depends_on: &["aws_guardduty_detector.this", "aws_s3_bucket.lists", "aws_s3_object.list"],
                follows: &[],
                expressions,
            };
            self.add(&spec, |own, _| {
                let mut set = own.set(key, "threatintelset", &location(key));
                set["activate"] = json!(active);
                set
            });
        }
    }

    fn set(&mut self, name: &str, kind: &str, location: &str) -> Value {
        let id = self.random.hex(32);
        json!({
            "activate": true, "arn": self.arn(&format!("/{kind}/{id}")), "detector_id": self.detector, "format": "TXT",
            "id": format!("{}:{id}", self.detector), "location": location, "name": name, "tags": null, "tags_all": self.tags_all(name),
        })
    }

    fn rest(&mut self) {
        let spec = Spec {
            resource_type: "aws_guardduty_filter",
            name: "quiet",
            keys: &[],
            computed: &["arn", "detector_id", "id"],
            depends_on: &["aws_guardduty_detector.this"],
            follows: &[],
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
        self.export();
    }

    /// Findings are exported to the bucket of the lists.
    fn export(&mut self) {
        let spec = Spec {
            resource_type: "aws_kms_key",
            name: "export",
            keys: &[],
            computed: &["arn", "id", "key_id"],
            depends_on: &[],
            follows: &[],
            expressions: json!({"description": {"constant_value": "findings"}, "policy": {}}),
        };
        self.add(&spec, |own, _| {
            let statement = own.exports("GuardDutyEncrypts", "kms:GenerateDataKey", "*");
            let mut key =
                own.made("export", |random, place| security::allowing(security::key(random, place), &[statement]));
            for (name, text) in [("arn", own.key_arn()), ("id", own.key.clone()), ("key_id", own.key.clone())] {
                key[name] = json!(text);
            }
            key
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
            follows: &["aws_s3_bucket_policy.lists"],
            expressions: json!({
                "destination_arn": references("aws_s3_bucket.lists", "arn"), "detector_id": detector_id(), "kms_key_arn": references("aws_kms_key.export", "arn"),
            }),
        };
        self.add(&spec, |own, _| {
            json!({
                "destination_arn": format!("arn:aws:s3:::{}", own.bucket), "destination_type": "S3", "detector_id": own.detector,
                "id": format!("{}:{}", own.detector, own.random.hex(32)), "kms_key_arn": own.key_arn(),
            })
        });
    }

    fn key_arn(&self) -> String {
        format!("arn:aws:kms:{}:{}:key/{}", self.site.region, self.site.account, self.key)
    }
}

fn references(block: &str, attribute: &str) -> Value {
    json!({"references": [format!("{block}.{attribute}"), block]})
}

/// A location that is built of an object's bucket and key.
fn location_of(object: &str) -> Value {
    json!({"references": [format!("{object}.bucket"), object, format!("{object}.key"), object]})
}

fn detector_id() -> Value {
    references("aws_guardduty_detector.this", "id")
}

/// The expressions of a set whose location is built from an object.
fn set(object: &str, name: &str) -> Value {
    json!({
        "activate": {"constant_value": true}, "detector_id": detector_id(), "format": {"constant_value": "TXT"},
        "location": location_of(object), "name": {"constant_value": name},
    })
}
