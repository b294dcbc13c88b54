//! Attributes of what rules look at, or what stands beside it: IAM, S3, KMS, SNS.

use serde_json::{Value, json};

use super::{
    kinds::{Kind, Place, tags, tags_all},
    random::Random,
};

/// The kinds, each with how often it occurs.
pub(super) const KINDS: &[Kind] = &[
    Kind {
        resource_type: "aws_iam_role",
        weight: 6,
        make: role,
        computed: &["arn", "id", "unique_id", "create_date"],
        sensitive: &[],
    },
    Kind {
        resource_type: "aws_iam_policy",
        weight: 5,
        make: policy,
        computed: &["arn", "id", "policy_id", "attachment_count"],
        sensitive: &[],
    },
    Kind {
        resource_type: "aws_s3_bucket",
        weight: 2,
        make: bucket,
        computed: &["arn", "id", "bucket_domain_name", "bucket_regional_domain_name", "hosted_zone_id", "region"],
        sensitive: &[],
    },
    Kind {
        resource_type: "aws_s3_bucket_policy",
        weight: 1,
        make: bucket_policy,
        computed: &["id", "policy"],
        sensitive: &[],
    },
    Kind { resource_type: "aws_kms_key", weight: 1, make: key, computed: &["arn", "id", "key_id"], sensitive: &[] },
    Kind { resource_type: "aws_sns_topic", weight: 1, make: topic, computed: &["arn", "id", "owner"], sensitive: &[] },
];

fn statements(random: &mut Random, place: &Place<'_>, most: u64) -> Vec<Value> {
    let count = 1 + random.below(most);
    (0..count)
        .map(|number| {
            let service = *random.pick(&["s3", "sqs", "dynamodb", "secretsmanager", "logs"]);
            json!({
                "Action": [format!("{service}:Get*"), format!("{service}:List*"), format!("{service}:Describe*")],
                "Condition": {"StringEquals": {"aws:ResourceTag/Team": place.stack}},
                "Effect": "Allow",
                "Resource": [place.arn(service, &format!("{}/*", place.name)), place.arn(service, place.name)],
                "Sid": format!("Read{number}"),
            })
        })
        .collect()
}

fn role(random: &mut Random, place: &Place<'_>) -> Value {
    let trust = json!({"Version": "2012-10-17", "Statement": [{
        "Action": "sts:AssumeRole", "Effect": "Allow", "Principal": {"Service": random.pick(&["ecs-tasks.amazonaws.com", "lambda.amazonaws.com"])},
        "Condition": {"StringEquals": {"aws:SourceAccount": place.account}},
    }]});
    let inline = json!({"Version": "2012-10-17", "Statement": statements(random, place, 2)});
    json!({
        "arn": format!("arn:aws:iam::{}:role/{}", place.account, place.name), "assume_role_policy": trust.to_string(),
        "create_date": "2026-01-01T00:00:00Z", "description": "", "force_detach_policies": false, "id": place.name,
        "inline_policy": [{"name": "inline", "policy": inline.to_string()}],
        "managed_policy_arns": ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"], "max_session_duration": 3600,
        "name": place.name, "name_prefix": "", "path": "/", "permissions_boundary": "", "tags": tags(random, place),
        "tags_all": tags_all(random, place), "unique_id": format!("AROA{}", random.hex(17).to_uppercase()),
    })
}

fn policy(random: &mut Random, place: &Place<'_>) -> Value {
    let arn = format!("arn:aws:iam::{}:policy/{}", place.account, place.name);
    json!({
        "arn": arn, "attachment_count": random.below(9), "description": format!("What <{}> may do", place.name), "id": arn,
        "name": place.name, "name_prefix": "", "path": "/",
        "policy": json!({"Version": "2012-10-17", "Statement": statements(random, place, 4)}).to_string(),
        "policy_id": format!("ANPA{}", random.hex(17).to_uppercase()), "tags": tags(random, place), "tags_all": tags_all(random, place),
    })
}

/// A bucket, which rules know by its name and region.
pub(super) fn bucket(random: &mut Random, place: &Place<'_>) -> Value {
    let (name, region) = (place.name, place.region);
    json!({
        "acceleration_status": "", "acl": null, "arn": format!("arn:aws:s3:::{name}"), "bucket": name,
        "bucket_domain_name": format!("{name}.s3.amazonaws.com"), "bucket_prefix": "",
        "bucket_regional_domain_name": format!("{name}.s3.{region}.amazonaws.com"), "cors_rule": [], "force_destroy": false,
        "grant": [{"id": random.hex(64), "permissions": ["FULL_CONTROL"], "type": "CanonicalUser", "uri": ""}],
        "hosted_zone_id": "Z1BKCTXD74EZPE", "id": name,
        "lifecycle_rule": [{
            "abort_incomplete_multipart_upload_days": 7, "enabled": true, "expiration": [{"date": "", "days": 365, "expired_object_delete_marker": false}],
            "id": "expire", "noncurrent_version_expiration": [], "noncurrent_version_transition": [], "prefix": "", "tags": {}, "transition": [],
        }],
        "logging": [{"target_bucket": format!("{}-logs", place.stack), "target_prefix": format!("{name}/")}], "object_lock_configuration": [],
        "object_lock_enabled": false, "policy": "", "region": region, "replication_configuration": [], "request_payer": "BucketOwner",
        "server_side_encryption_configuration": [{"rule": [{
            "apply_server_side_encryption_by_default": [{"kms_master_key_id": "", "sse_algorithm": "AES256"}], "bucket_key_enabled": false,
        }]}],
        "tags": tags(random, place), "tags_all": tags_all(random, place), "timeouts": null,
        "versioning": [{"enabled": true, "mfa_delete": false}], "website": [], "website_domain": null, "website_endpoint": null,
    })
}

/// The policy of a bucket that GuardDuty may read.
pub(super) fn bucket_policy(random: &mut Random, place: &Place<'_>) -> Value {
    let objects = format!("arn:aws:s3:::{}/*", place.name);
    let role = "aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty";
    let mut all = vec![
        json!({
            "Action": "s3:GetObject", "Effect": "Allow", "Resource": objects, "Sid": "GuardDutyReads",
            "Principal": {"AWS": format!("arn:aws:iam::{}:role/{role}", place.account)},
        }),
        json!({
            "Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}, "Effect": "Deny", "Principal": "*",
            "Resource": [format!("arn:aws:s3:::{}", place.name), objects], "Sid": "TlsOnly",
        }),
    ];
    let principal = json!({"AWS": format!("arn:aws:iam::{}:role/{}", place.account, place.stack)});
    for mut statement in statements(random, place, 2) {
        statement["Principal"] = principal.clone();
        statement["Action"] = json!(["s3:GetObject", "s3:ListBucket"]);
        statement["Resource"] = json!([format!("arn:aws:s3:::{}", place.name), objects]);
        all.push(statement);
    }
    json!({
        "bucket": place.name, "id": place.name, "policy": json!({"Version": "2012-10-17", "Statement": all}).to_string(),
    })
}

/// What has a policy, with more statements in it.
pub(super) fn allowing(mut values: Value, statements: &[Value]) -> Value {
    let mut policy: Value =
        values["policy"].as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    if let Some(all) = policy["Statement"].as_array_mut() {
        all.extend_from_slice(statements);
    }
    values["policy"] = json!(policy.to_string());
    values
}

/// A key, with the policy that AWS gives it and a statement for a service.
pub(super) fn key(random: &mut Random, place: &Place<'_>) -> Value {
    let id = random.hex(32);
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Action": "kms:*", "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{}:root", place.account)}, "Resource": "*", "Sid": "Root"},
        {"Action": ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"], "Condition": {"StringEquals": {"aws:SourceAccount": place.account}},
         "Effect": "Allow", "Principal": {"Service": "logs.amazonaws.com"}, "Resource": "*", "Sid": "Logs"},
    ]});
    json!({
        "arn": place.arn("kms", &format!("key/{id}")), "bypass_policy_lockout_safety_check": false, "custom_key_store_id": "",
        "customer_master_key_spec": "SYMMETRIC_DEFAULT", "deletion_window_in_days": 30, "description": format!("data of {}", place.stack),
        "enable_key_rotation": true, "id": id, "is_enabled": true, "key_id": id, "key_usage": "ENCRYPT_DECRYPT", "multi_region": false,
        "policy": policy.to_string(), "rotation_period_in_days": 365, "tags": tags(random, place), "tags_all": tags_all(random, place),
        "timeouts": null, "xks_key_id": "",
    })
}

fn topic(random: &mut Random, place: &Place<'_>) -> Value {
    let arn = place.arn("sns", place.name);
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Action": "sns:Publish", "Effect": "Allow", "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Resource": arn, "Sid": "Alarms",
    }]});
    json!({
        "application_failure_feedback_role_arn": "", "archive_policy": "", "arn": arn, "content_based_deduplication": false, "delivery_policy": "",
        "display_name": "", "fifo_topic": false, "firehose_failure_feedback_role_arn": "", "http_failure_feedback_role_arn": "", "id": arn,
        "kms_master_key_id": format!("alias/{}", place.stack), "lambda_failure_feedback_role_arn": "", "name": place.name, "name_prefix": "",
        "owner": place.account, "policy": policy.to_string(), "signature_version": 2, "sqs_failure_feedback_role_arn": "",
        "tags": tags(random, place), "tags_all": tags_all(random, place), "tracing_config": "PassThrough",
    })
}

/// A list in S3.
pub(super) fn object(random: &mut Random, place: &Place<'_>, bucket: &str, key: &str) -> Value {
    let lines = 4 + random.below(40);
    let line = |_| format!("185.{}.{}.{}/32\n", random.below(256), random.below(256), random.below(256));
    let content = (0..lines).map(line).collect::<Vec<_>>().concat();
    json!({
        "acl": null, "arn": format!("arn:aws:s3:::{bucket}/{key}"), "bucket": bucket, "bucket_key_enabled": false, "cache_control": "",
        "checksum_algorithm": null, "checksum_crc32": "", "checksum_sha256": "", "content": content, "content_base64": null,
        "content_disposition": "", "content_encoding": "", "content_language": "", "content_type": "text/plain", "etag": random.hex(32),
        "force_destroy": false, "id": key, "key": key, "kms_key_id": null, "metadata": null, "object_lock_legal_hold_status": "",
        "object_lock_mode": "", "object_lock_retain_until_date": "", "override_provider": [], "server_side_encryption": "AES256",
        "source": null, "source_hash": null, "storage_class": "STANDARD", "tags": tags(random, place), "tags_all": tags_all(random, place),
        "version_id": random.hex(32), "website_redirect": "",
    })
}
