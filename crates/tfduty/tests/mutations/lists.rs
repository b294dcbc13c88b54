//! What keeps GuardDuty from reading a list, and what makes a list worthless; and what looks like it and is not.

use serde_json::{Value, json};

use super::{
    breaks::{BUCKET, Break, CREATES, LATER, SHOWN, STATE, THREAT_LIST, THREATS, TRUSTED, TRUSTED_LIST},
    document::Document,
};

const POLICY: &str = "aws_s3_bucket_policy.lists";
const KEY: &str = "aws_kms_key.export";
const ROLE: &str =
    "arn:aws:iam::123456789012:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty";
/// Inputs that show every value.
const KNOWN: &[&str] = &[STATE, SHOWN, LATER];

const DENIED: &[[&str; 3]] = &[["list-read-denied", "fail", TRUSTED_LIST], ["list-read-denied", "fail", THREAT_LIST]];
const PERHAPS_DENIED: &[[&str; 3]] =
    &[["list-read-denied", "undecided", TRUSTED_LIST], ["list-read-denied", "undecided", THREAT_LIST]];

#[rustfmt::skip] // one row, one line where it fits
pub(crate) const BREAKS: &[Break] = &[
    // -------------------------------------------------------------- list-read-denied
    Break { what: "nobody may read the bucket", on: KNOWN, edit: |it| deny(it, "s3:GetObject", &json!({})),
        expected: DENIED },
    Break { what: "nobody may do anything with one of the lists", on: KNOWN,
        edit: |it| {
            let bucket = it.get(BUCKET, "arn");
            let resource = format!("{}/guardduty/trusted.txt", bucket.as_str().unwrap());
            state(it, &json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:Get*", "Resource": resource }));
        },
        expected: &[["list-read-denied", "fail", TRUSTED_LIST]] },
    Break { what: "everybody must come through a VPC endpoint", on: KNOWN,
        edit: |it| deny(it, "s3:*", &json!({ "StringNotEquals": { "aws:SourceVpce": "vpce-0a1b2c3d" } })),
        expected: DENIED },
    Break { what: "everybody must come from an office", on: KNOWN,
        edit: |it| deny(it, "s3:*", &json!({ "NotIpAddress": { "aws:SourceIp": "198.51.100.0/24" } })),
        expected: DENIED },
    Break { what: "nobody but the account itself, which is not its roles", on: KNOWN,
        edit: |it| {
            let resource = objects(it);
            let root = json!({ "AWS": "arn:aws:iam::123456789012:root" });
            state(it, &json!({ "Effect": "Deny", "NotPrincipal": root, "Action": "s3:*", "Resource": resource }));
        },
        expected: DENIED },
    Break { what: "nobody but an administrator", on: KNOWN,
        edit: |it| deny(it, "s3:*", &json!({ "ArnNotLike": { "aws:PrincipalArn": "arn:aws:iam::123456789012:role/Admin*" } })),
        expected: DENIED },
    Break { what: "nobody from outside an organization of which nothing is known", on: KNOWN,
        edit: |it| deny(it, "s3:*", &json!({ "StringNotEquals": { "aws:PrincipalOrgID": "o-abcdefghij" } })),
        expected: PERHAPS_DENIED },
    Break { what: "the policy is no JSON", on: KNOWN, edit: |it| it.set(POLICY, "policy", &json!("${jsonencode({})}")),
        expected: PERHAPS_DENIED },
    Break { what: "an effect that does not exist", on: KNOWN,
        edit: |it| {
            let resource = objects(it);
            state(it, &json!({ "Effect": "deny", "Principal": "*", "Action": "s3:*", "Resource": resource }));
        },
        expected: PERHAPS_DENIED },

    // -------------------------------------------------------------- list-undecryptable
    Break { what: "a key that lets other services in", on: KNOWN,
        edit: |it| {
            let key = it.get(KEY, "arn");
            it.set(TRUSTED_LIST, "server_side_encryption", &json!("aws:kms"));
            it.set(TRUSTED_LIST, "kms_key_id", &key);
        },
        expected: &[["list-undecryptable", "fail", TRUSTED_LIST]] },
    Break { what: "a key that is not among the inputs", on: KNOWN,
        edit: |it| {
            it.set(TRUSTED_LIST, "server_side_encryption", &json!("aws:kms"));
            it.set(TRUSTED_LIST, "kms_key_id", &json!("arn:aws:kms:eu-west-1:123456789012:key/0f5b1d36-8f4e-4c4e-9a4b-7f1b3d0c2a11"));
        },
        expected: &[["list-undecryptable", "undecided", TRUSTED_LIST]] },
    Break { what: "a bucket's default key that is not among the inputs", on: &[STATE, SHOWN],
        edit: |it| {
            let bucket = it.get(BUCKET, "id");
            let default = json!({ "sse_algorithm": "aws:kms", "kms_master_key_id": "alias/lists" });
            it.insert("managed", "aws_s3_bucket_server_side_encryption_configuration", "lists", &json!({
                "bucket": bucket, "rule": [{ "apply_server_side_encryption_by_default": [default], "bucket_key_enabled": true }],
            }));
        },
        expected: &[["list-undecryptable", "undecided", TRUSTED_LIST], ["list-undecryptable", "undecided", THREAT_LIST]] },

    // -------------------------------------------------------------- list-public
    Break { what: "a public access list", on: KNOWN, edit: |it| it.set(TRUSTED_LIST, "acl", &json!("public-read")),
        expected: &[["list-public", "fail", TRUSTED_LIST]] },
    Break { what: "a public policy, and nothing that blocks it", on: &[STATE, SHOWN],
        edit: |it| { it.remove("aws_s3_bucket_public_access_block.lists"); allow_all(it); },
        expected: &[["list-public", "fail", TRUSTED_LIST], ["list-public", "fail", THREAT_LIST]] },

    // -------------------------------------------------------------- content
    Break { what: "a backslash", on: KNOWN, edit: |it| trust(it, "1.1.1.0\\24\n9.9.9.9\n"),
        expected: &[["list-entry-invalid", "fail", TRUSTED_LIST]] },
    Break { what: "an IPv6 address and a comment", on: KNOWN, edit: |it| trust(it, "# ours\n2620:fe::fe\n9.9.9.9\n"),
        expected: &[["list-entry-invalid", "fail", TRUSTED_LIST]] },
    Break { what: "private addresses", on: KNOWN, edit: |it| trust(it, "10.0.0.0/8\n9.9.9.9\n"),
        expected: &[["list-entry-private", "fail", TRUSTED_LIST]] },
    Break { what: "an entry twice", on: KNOWN, edit: |it| trust(it, "9.9.9.9\n1.1.1.1\n9.9.9.9\n"),
        expected: &[["list-entry-untidy", "fail", TRUSTED_LIST]] },
    Break { what: "host bits", on: KNOWN, edit: |it| trust(it, "9.9.9.9/24\n"),
        expected: &[["list-entry-untidy", "fail", TRUSTED_LIST]] },
    Break { what: "half a million addresses", on: KNOWN, edit: |it| trust(it, "9.8.0.0/13\n"),
        expected: &[["list-trusted-broad", "fail", TRUSTED_LIST]] },
    Break { what: "everything is trusted", on: KNOWN, edit: |it| trust(it, "0.0.0.0/0\n"),
        expected: &[["list-trusted-broad", "fail", TRUSTED_LIST], ["list-overlap", "fail", THREATS]] },
    Break { what: "everything is a threat", on: KNOWN, edit: |it| it.set(THREAT_LIST, "content", &json!("8.0.0.0/6\n")),
        expected: &[["list-trusted-broad", "fail", THREAT_LIST], ["list-overlap", "fail", THREATS]] },
    Break { what: "a threat is trusted", on: KNOWN, edit: |it| trust(it, "9.9.9.9\n45.155.205.233\n"),
        expected: &[["list-overlap", "fail", THREATS]] },
    Break { what: "blank lines only", on: KNOWN, edit: |it| trust(it, "\n \n"),
        expected: &[["list-empty", "fail", TRUSTED_LIST]] },
    Break { what: "nothing but host names", on: KNOWN, edit: |it| trust(it, "one.example\ntwo.example\n"),
        expected: &[["list-empty", "fail", TRUSTED_LIST]] },
    Break { what: "another format", on: KNOWN, edit: |it| it.set(TRUSTED, "format", &json!("OTX_CSV")),
        expected: &[["list-format-mismatch", "fail", TRUSTED_LIST]] },
    Break { what: "JSON", on: KNOWN, edit: |it| trust(it, "{\"addresses\": [\"9.9.9.9\"]}\n"),
        expected: &[["list-format-mismatch", "fail", TRUSTED_LIST]] },
    Break { what: "content that is known after apply", on: &[CREATES],
        edit: |it| { it.hide(TRUSTED_LIST, "content"); it.express(TRUSTED_LIST, "content", json!({ "references": ["var.trusted"] })); },
        expected: &[["list-empty", "undecided", TRUSTED_LIST]] },

    // -------------------------------------------------------------- list-unused
    Break { what: "a list that no set reads", on: &[STATE, SHOWN],
        edit: |it| {
            let bucket = it.get(BUCKET, "id");
            it.insert("managed", "aws_s3_object", "old", &json!({
                "bucket": bucket, "key": "guardduty/old.txt", "content": "9.9.9.9\n1.1.1.1\n",
            }));
        },
        expected: &[["list-unused", "fail", "aws_s3_object.old"]] },
];

#[rustfmt::skip] // one row, one line where it fits
pub(crate) const HARMLESS: &[Break] = &[
    Break { what: "nobody may upload", on: KNOWN, edit: |it| deny(it, "s3:PutObject", &json!({})), expected: &[] },
    Break { what: "nobody may delete", on: KNOWN, edit: |it| deny(it, "s3:DeleteObject*", &json!({})), expected: &[] },
    Break { what: "nobody may upload what is not encrypted", on: KNOWN,
        edit: |it| deny(it, "s3:PutObject", &json!({ "StringNotEquals": { "s3:x-amz-server-side-encryption": "aws:kms" } })),
        expected: &[] },
    Break { what: "nobody without TLS, said with IfExists", on: KNOWN,
        edit: |it| deny(it, "s3:*", &json!({ "BoolIfExists": { "aws:SecureTransport": "false" } })), expected: &[] },
    Break { what: "nobody with an old TLS", on: KNOWN,
        edit: |it| deny(it, "s3:*", &json!({ "NumericLessThan": { "s3:TlsVersion": "1.2" } })), expected: &[] },
    Break { what: "nobody but GuardDuty's role", on: KNOWN,
        edit: |it| deny(it, "s3:*", &json!({ "StringNotEquals": { "aws:PrincipalArn": ROLE } })), expected: &[] },
    Break { what: "nobody but the account's service-linked roles", on: KNOWN,
        edit: |it| deny(it, "s3:*", &json!({ "ArnNotLike": { "aws:PrincipalArn": "arn:aws:iam::123456789012:role/aws-service-role/*" } })),
        expected: &[] },
    Break { what: "nobody from another account", on: KNOWN,
        edit: |it| deny(it, "s3:*", &json!({ "StringNotEquals": { "aws:PrincipalAccount": "123456789012" } })), expected: &[] },
    Break { what: "nobody from elsewhere, but for services of AWS that call on someone's behalf", on: KNOWN,
        edit: |it| deny(it, "s3:*", &json!({
            "NotIpAddress": { "aws:SourceIp": "198.51.100.0/24" }, "Bool": { "aws:PrincipalIsAWSService": "true" },
        })),
        expected: &[] },
    Break { what: "the bucket itself is denied, not what is in it", on: KNOWN,
        edit: |it| {
            let resource = it.get(BUCKET, "arn");
            state(it, &json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resource }));
        },
        expected: &[] },
    Break { what: "GuardDuty as a service is let in, which is nobody", on: KNOWN,
        edit: |it| {
            let resource = objects(it);
            let service = json!({ "Service": "guardduty.amazonaws.com" });
            state(it, &json!({ "Effect": "Allow", "Principal": service, "Action": "s3:GetObject", "Resource": resource }));
        },
        expected: &[] },
    Break { what: "no policy", on: &[STATE, SHOWN], edit: |it| it.remove(POLICY), expected: &[] },
    Break { what: "a public policy that the public access block takes the force from", on: KNOWN, edit: allow_all,
        expected: &[] },
    Break { what: "the key of S3 itself", on: KNOWN,
        edit: |it| it.set(TRUSTED_LIST, "server_side_encryption", &json!("aws:kms")), expected: &[] },
    Break { what: "SSE-S3, said", on: KNOWN, edit: |it| it.set(TRUSTED_LIST, "server_side_encryption", &json!("AES256")),
        expected: &[] },
    Break { what: "lines of Windows, blank ones, and spaces behind", on: KNOWN,
        edit: |it| trust(it, "9.9.9.9  \r\n\r\n1.1.1.0/24\r\n"), expected: &[] },
    Break { what: "no newline at the end", on: KNOWN, edit: |it| trust(it, "9.9.9.9\n1.1.1.1"), expected: &[] },
    Break { what: "neighbours", on: KNOWN, edit: |it| trust(it, "9.9.8.0/24\n9.9.9.0/24\n"), expected: &[] },
    Break { what: "a web page beside the lists", on: &[STATE, SHOWN],
        edit: |it| {
            let bucket = it.get(BUCKET, "id");
            it.insert("managed", "aws_s3_object", "page", &json!({
                "bucket": bucket, "key": "index.html", "content": "<html><body>lists</body></html>\n",
            }));
        },
        expected: &[] },
];

/// Adds a statement to the policy of the list bucket.
fn state(it: &mut Document, statement: &Value) {
    let text = it.get(POLICY, "policy");
    let mut policy: Value = serde_json::from_str(text.as_str().unwrap()).unwrap();
    policy["Statement"].as_array_mut().unwrap().push(statement.clone());
    it.set(POLICY, "policy", &json!(policy.to_string()));
}

/// All objects of the list bucket.
fn objects(it: &Document) -> Value {
    json!(format!("{}/*", it.get(BUCKET, "arn").as_str().unwrap()))
}

/// Denies everybody an action under a condition.
fn deny(it: &mut Document, action: &str, condition: &Value) {
    let resource = objects(it);
    let mut statement = json!({ "Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource });
    if condition != &json!({}) {
        statement["Condition"] = condition.clone();
    }
    state(it, &statement);
}

/// Lets everybody read.
fn allow_all(it: &mut Document) {
    let resource = objects(it);
    state(it, &json!({ "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": resource }));
}

/// Gives the trusted list other content.
fn trust(it: &mut Document, content: &str) {
    it.set(TRUSTED_LIST, "content", &json!(content));
}
