use serde_json::json;

use crate::testing::{
    Run, block, check, created,
    lists::{object_at, refers, set_at, with, with_variables},
    plan_of,
};

const RULE: &str = "list-refresh-unwired";

/// A plan of a list with this key in the configuration, which holds `more` besides.
fn keyed(key: &str, more: &str) -> Run {
    let changes = [
        created("aws_s3_bucket.b", json!({ "bucket": "lists" }), &["id"]),
        created("aws_s3_object.o", with(object_at("lists", "k"), json!({ "content": "8.8.8.8\n" })), &["id"]),
        created("aws_guardduty_ipset.t", set_at("s3://lists/k"), &["id"]),
    ];
    let blocks = [
        block("aws_s3_bucket.b", json!({})),
        block("aws_s3_object.o", json!({ "key": refers(&["local.key"]), "content": refers(&["local.content"]) })),
        block("aws_guardduty_ipset.t", json!({ "location": refers(&["aws_s3_object.o.key"]) })),
    ];
    let document = with_variables(plan_of(&changes, &blocks), json!({ "stage": "prod", "list_version": "7" }));
    let text = format!(
        r#"
variable "stage" {{}}
variable "list_version" {{}}
locals {{
  content = "8.8.8.8"
}}
{more}
resource "aws_s3_object" "o" {{
  bucket  = "lists"
  key     = {key}
  content = local.content
}}
resource "aws_guardduty_ipset" "t" {{
  location = "s3://lists/${{aws_s3_object.o.key}}"
}}
"#
    );
    check(&document).with_sources(&[("", &text)])
}

/// Whether the key is taken for one that changes with the content.
fn changes(key: &str, more: &str) -> bool {
    let (passed, failed, undecided, skipped) = keyed(key, more).tally(RULE);
    assert_eq!((passed + failed, undecided, skipped), (1, 0, 0), "{key}");
    passed == 1
}

#[test]
fn a_key_that_reads_a_hash_or_a_version_changes() {
    for key in [
        "\"${local_file.l.content_md5}.txt\"",
        "\"${substr(local_file.l.content_sha256, 0, 8)}.txt\"",
        "\"${local_file.l.id}.txt\"",
        "\"${data.archive_file.a.output_base64sha256}.txt\"",
        "\"${data.external.list.result.revision}.txt\"",
        "\"${var.list_version}.txt\"",
        "\"${timestamp()}.txt\"",
        "\"${provider::tools::md5_of(local.content)}.txt\"",
        "module.unseen.key",
    ] {
        assert!(changes(key, ""), "{key}");
    }
}

#[test]
fn a_key_that_reads_something_else_stays_the_same() {
    for key in [
        "\"k\"",
        "\"${var.stage}/k\"",
        "\"${aws_s3_bucket.b.id}/k\"",
        "\"${data.aws_region.here.name}/k\"",
        "\"${local_file.l.filename}\"",
        "\"${substr(var.stage, 0, 1)}/k\"",
        "\"${terraform.workspace}/k\"",
        "\"${data.terraform_remote_state.base.outputs.folder}/k\"",
        "var.stage == \"test\" ? md5(local.content) : \"k\"",
    ] {
        assert!(!changes(key, ""), "{key}");
    }
}

#[test]
fn a_resource_with_triggers_changes_with_them() {
    let random = |arguments: &str| format!("resource \"random_id\" \"r\" {{\n  byte_length = 4\n{arguments}}}");
    let key = "\"${random_id.r.hex}.txt\"";
    assert!(changes(key, &random("  keepers = { content = local.content }\n")));
    assert!(changes(key, &random("  keepers = { content = filemd5(\"list.txt\") }\n")));
    assert!(!changes(key, &random("")));
}

#[test]
fn of_a_key_that_is_an_element_of_for_each_the_loop_tells() {
    let each = |value: &str| {
        let text = format!("  for_each = {{ a = {value} }}\n  key = each.value.key\n  bucket = each.key\n");
        let document = {
            let changes = [
                created("aws_s3_bucket.b", json!({ "bucket": "lists" }), &["id"]),
                created("aws_s3_object.o[\"a\"]", with(object_at("lists", "k"), json!({ "content": "x" })), &["id"]),
                created("aws_guardduty_ipset.t", set_at("s3://lists/k"), &["id"]),
            ];
            let blocks = [
                block("aws_s3_object.o", json!({ "key": refers(&["each.value.key"]) })),
                block("aws_guardduty_ipset.t", json!({ "location": refers(&["aws_s3_object.o"]) })),
            ];
            plan_of(&changes, &blocks)
        };
        let text = format!(
            "resource \"aws_s3_object\" \"o\" {{\n{text}}}\nresource \"aws_guardduty_ipset\" \"t\" {{\n  location = \"s3://lists/k\"\n}}\n"
        );
        check(&document).with_sources(&[("", &text)]).tally(RULE)
    };
    assert_eq!(each("{ key = \"${filemd5(\"list.txt\")}.txt\" }"), (1, 0, 0, 0));
    // The hash is for something else.
    assert_eq!(each("{ key = \"k\", hash = filemd5(\"list.txt\") }"), (0, 1, 0, 0));
}
