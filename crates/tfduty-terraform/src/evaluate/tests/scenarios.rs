//! Configurations as people write them: GuardDuty's lists, their buckets and policies.

use super::*;

/// One root module: list, set, bucket policy from a data source, key policy from `jsonencode`.
pub(super) const WIRED: &str = r#"
terraform {
  required_version = ">= 1.7"
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { Service = "threat-watch" }
  }
}

variable "region" {
  type    = string
  default = "eu-west-1"
}

variable "trusted" {
  type      = list(string)
  sensitive = true
  default   = ["1.1.1.0/24", "9.9.9.9"]
}

data "aws_caller_identity" "me" {}

locals {
  slr_arn = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"
}

resource "aws_s3_bucket" "lists" {
  bucket_prefix = "gd-lists-"

  lifecycle {
    prevent_destroy = true
  }
}

data "aws_iam_policy_document" "lists" {
  statement {
    sid       = "GuardDutyReads"
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.lists.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = [local.slr_arn]
    }
  }
}

resource "aws_s3_bucket_policy" "lists" {
  bucket = aws_s3_bucket.lists.id
  policy = data.aws_iam_policy_document.lists.json
}

resource "aws_kms_key" "lists" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Root", Effect = "Allow", Action = "kms:*", Resource = "*", Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.me.account_id}:root" } },
    ]
  })
}

resource "aws_s3_bucket_policy" "heredoc" {
  bucket = aws_s3_bucket.lists.id
  policy = <<-EOT
    {
      "Statement": [
        %{~ for arn in [aws_s3_bucket.lists.arn] ~}
        {"Effect": "Deny", "Resource": ["${arn}", "${arn}/*"], "Action": "s3:*"}
        %{~ endfor ~}
      ]
    }
  EOT
}

resource "aws_s3_object" "trusted" {
  bucket  = aws_s3_bucket.lists.id
  key     = "guardduty/trusted-${md5(join("\n", var.trusted))}.txt"
  content = "${join("\n", var.trusted)}\n"
}

resource "aws_guardduty_ipset" "trusted" {
  activate   = true
  format     = "TXT"
  location   = "https://s3.amazonaws.com/${aws_s3_object.trusted.bucket}/${aws_s3_object.trusted.key}"
  depends_on = [aws_s3_bucket_policy.lists]
}

resource "aws_guardduty_threatintelset" "plain" {
  location = "s3://${aws_s3_bucket.lists.id}/guardduty/suspects.txt"
}
"#;

#[test]
fn a_wired_list_keeps_its_bucket_as_a_hole() {
    let sources = root(WIRED);
    assert_eq!(sources.notes(), []);
    let world = Known {
        resources: BTreeMap::from([("aws_s3_object.trusted.key", r#""guardduty/trusted.txt""#)]),
        variables: BTreeMap::from([("region", r#""eu-west-1""#), ("trusted", r#"["1.1.1.0/24", "9.9.9.9"]"#)]),
        ..Known::default()
    };
    for (at, path, expected) in [
        (
            "aws_guardduty_ipset.trusted",
            "location",
            r#""https://s3.amazonaws.com/<aws_s3_object.trusted.bucket>/guardduty/trusted.txt""#,
        ),
        ("aws_guardduty_threatintelset.plain", "location", r#""s3://<aws_s3_bucket.lists.id>/guardduty/suspects.txt""#),
        ("aws_s3_object.trusted", "content", r#"!"1.1.1.0/24\n9.9.9.9\n""#),
        ("aws_s3_object.trusted", "key", r#""guardduty/trusted-<>.txt""#),
        ("aws_s3_bucket_policy.lists", "policy", "?data.aws_iam_policy_document.lists.json"),
        ("data.aws_iam_policy_document.lists", "statement 0 resources", r#"["<aws_s3_bucket.lists.arn>/*"]"#),
        (
            "data.aws_iam_policy_document.lists",
            "statement 0 principals 0 identifiers 0",
            r#""arn:aws:iam::<data.aws_caller_identity.me.account_id>:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty""#,
        ),
        ("aws_s3_bucket.lists", "lifecycle prevent_destroy", "true"),
    ] {
        let path = path.split(' ').collect::<Vec<_>>();
        assert_eq!(eval(&sources, at, &path, &world).as_deref(), Some(expected), "{at} {path:?}");
    }
    let json = |at: &str| sources.evaluate_json(&address(at), &["policy"], &world).map(|value| show(&value));
    assert_eq!(
        json("aws_s3_bucket_policy.heredoc").as_deref(),
        Some(
            r#"{Statement: [{Effect: "Deny", Resource: [?aws_s3_bucket.lists.arn, "<aws_s3_bucket.lists.arn>/*"], Action: "s3:*"}]}"#
        )
    );
    let policy = sources.evaluate_json(&address("aws_kms_key.lists"), &["policy"], &world).unwrap();
    let principal = &policy.get("Statement").unwrap().items()[0].get("Principal").unwrap().members()[0].1;
    let written = "\"arn:aws:iam::${data.aws_caller_identity.me.account_id}:root\"";
    assert_eq!(text_of(&sources, principal.text, principal.span), written);
    let hashes = sources.calls(&address("aws_s3_object.trusted"), &["key"], &world);
    assert_eq!(hashes.iter().map(|call| &*call.name).collect::<Vec<_>>(), ["md5", "join"]);
}

pub(super) const ROOT: &str = r#"
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias  = "virginia"
  region = "us-east-1"
}
locals {
  lists = {
    offices = { kind = "trusted", entries = ["1.1.1.0/24", "9.9.9.9"] }
    blocked = { kind = "threat", entries = ["203.0.113.0/25"] }
  }
}
module "ireland" {
  source = "./modules/region"
  lists  = local.lists
  label  = "ie"
}
module "virginia" {
  source    = "./modules/region"
  providers = { aws = aws.virginia }
  lists     = { for k, v in local.lists : k => v if v.kind == "threat" }
  label     = "us"
}
module "tokyo" {
  source    = "./modules/region"
  lists     = {}
  detectors = 0
  label     = "jp"
}
output "detectors" {
  value = { ie = module.ireland.detector_id, jp = module.tokyo.detector_id }
}
"#;

pub(super) const REGION: &str = r#"
variable "lists" {
  type = map(object({ kind = string, entries = list(string) }))
}
variable "label" {
  type = string
}
variable "detectors" {
  type    = number
  default = 1
}
module "detector" {
  source = "../detector"
  count  = var.detectors
}
module "list" {
  source      = "../lists"
  for_each    = var.lists
  name        = "${var.label}-${each.key}"
  kind        = each.value.kind
  entries     = each.value.entries
  bucket      = aws_s3_bucket.lists[0].id
  detector_id = module.detector[0].id
}
resource "aws_s3_bucket" "lists" {
  count         = var.detectors
  bucket_prefix = "gd-${var.label}-"
}
output "detector_id" {
  value = one(module.detector[*].id)
}
"#;

const LISTS: &str = r#"
variable "name" { type = string }
variable "kind" { type = string }
variable "entries" { type = list(string) }
variable "bucket" { type = string }
variable "detector_id" { type = string }
locals {
  location = "https://s3.amazonaws.com/${aws_s3_object.list.bucket}/${aws_s3_object.list.key}"
}
resource "aws_s3_object" "list" {
  bucket  = var.bucket
  key     = "lists/${var.name}.txt"
  content = "${join("\n", var.entries)}\n"
}
resource "aws_guardduty_ipset" "it" {
  count       = var.kind == "trusted" ? 1 : 0
  detector_id = var.detector_id
  location    = local.location
}
"#;

const DETECTOR: &str = r#"
variable "features" {
  type    = set(string)
  default = ["S3_DATA_EVENTS", "LAMBDA_NETWORK_LOGS"]
}
resource "aws_guardduty_detector" "it" {
  enable = true
}
resource "aws_guardduty_detector_feature" "it" {
  for_each = var.features
  name     = each.value
}
output "id" {
  value = aws_guardduty_detector.it.id
}
"#;

/// The files of a folder, for [`Sources::load`].
#[derive(Debug)]
pub(super) struct Folder(pub(super) BTreeMap<&'static str, String>);

impl crate::Files for Folder {
    fn list(&self, folder: &str) -> Vec<String> {
        let name = |path: &str| {
            let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
            (parent == folder).then(|| name.to_owned())
        };
        self.0.keys().filter_map(|path| name(path)).collect()
    }

    fn read(&self, path: &str) -> Option<Vec<u8>> {
        self.0.get(path).map(|text| text.as_bytes().to_vec())
    }
}

fn estate() -> Sources {
    Sources::load(Box::new(Folder(BTreeMap::from([
        ("main.tf", ROOT.to_owned()),
        ("modules/region/main.tf", REGION.to_owned()),
        ("modules/lists/main.tf", LISTS.to_owned()),
        ("modules/detector/main.tf", DETECTOR.to_owned()),
    ]))))
}

#[test]
fn lists_in_modules_in_modules() {
    let sources = estate();
    assert_eq!(sources.notes(), []);
    assert_eq!(sources.files.len(), 4);
    let set = r#"module.ireland.module.list["offices"].aws_guardduty_ipset.it[0]"#;
    for (at, path, expected) in [
        (
            set,
            "location",
            r#""https://s3.amazonaws.com/<module.ireland.module.list["offices"] aws_s3_object.list.bucket>/<module.ireland.module.list["offices"] aws_s3_object.list.key>""#,
        ),
        (set, "detector_id", "?module.ireland.module.detector[0] aws_guardduty_detector.it.id"),
        (set, "count", "1"),
        (r#"module.virginia.module.list["blocked"].aws_s3_object.list"#, "key", r#""lists/us-blocked.txt""#),
        (r#"module.virginia.module.list["blocked"].aws_s3_object.list"#, "content", r#""203.0.113.0/25\n""#),
        (
            r#"module.virginia.module.list["blocked"].aws_s3_object.list"#,
            "bucket",
            "?module.virginia aws_s3_bucket.lists[0].id",
        ),
        (
            r#"module.ireland.module.detector[0].aws_guardduty_detector_feature.it["S3_DATA_EVENTS"]"#,
            "name",
            r#""S3_DATA_EVENTS""#,
        ),
    ] {
        assert_eq!(eval(&sources, at, &[path], &Known::default()).as_deref(), Some(expected), "{at}");
    }
    let output = sources.output(&ModulePath::default(), "detectors").unwrap();
    let value = sources.evaluate_block(output, &ModulePath::default(), None, &["value"], &Known::default()).unwrap();
    assert_eq!(show(&value), "{ie: ?module.ireland.module.detector[0] aws_guardduty_detector.it.id, jp: null}");
}

#[test]
fn a_shared_folder_is_read_once_and_belongs_to_every_module() {
    let sources = estate();
    let blocks =
        sources.resources().filter(|(_, block)| block.labels().eq(["aws_s3_bucket", "lists"])).collect::<Vec<_>>();
    let modules = blocks.iter().map(|(module, _)| module.to_string()).collect::<Vec<_>>();
    assert_eq!(modules, ["module.ireland", "module.tokyo", "module.virginia"]);
    assert_eq!(blocks[0].1.text(), blocks[2].1.text());
    let region = |module: &str| {
        let value = sources.evaluate_provider(&module.parse().unwrap(), "aws", None, &["region"], &Known::default());
        value.map(|value| show(&value))
    };
    assert_eq!(region(r#"module.virginia.module.list["x"]"#).as_deref(), Some("\"us-east-1\""));
    assert_eq!(region("module.ireland").as_deref(), Some("\"eu-west-1\""));
}
