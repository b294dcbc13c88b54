mod key;
mod sources;
mod target;

use serde_json::{Value, json};

use crate::testing::{
    Run, block, bystander, check, created, deleted,
    exports::{
        DESTINATION, KEY_ARN, allow, bucket, bucket_policy, deny, destination, exported, exporting, into_bucket,
        judged, key, planned, unrelated, with_key,
    },
    lists::{other_stack, refers, with},
    plan,
    reading::{FAIL, PASS, ROLE, UNDECIDED, elements, policy_text},
    resource, state,
};

const RULE: &str = "findings-export-denied";

fn verdict(run: Run) -> &'static str {
    run.verdict(RULE)
}

/// The verdict under a bucket policy of these statements.
fn of_bucket(statements: &[Value]) -> &'static str {
    judged(RULE, statements, &with_key())
}

/// The statements that the bucket needs, and others.
fn and(more: &[Value]) -> Vec<Value> {
    into_bucket().into_iter().chain(more.iter().cloned()).collect()
}

/// The same with other elements in the one that lets GuardDuty write.
fn writing(others: Value) -> Vec<Value> {
    let mut statements = into_bucket();
    statements[0] = elements(statements[0].take(), others);
    statements
}

#[test]
fn passes_when_both_policies_let_guardduty_in() {
    assert_eq!(of_bucket(&into_bucket()), PASS);
    // By one statement, by patterns, without conditions, to everyone.
    let both = json!(["arn:aws:s3:::findings", "arn:aws:s3:::findings/*"]);
    assert_eq!(of_bucket(&[allow(json!(["s3:Put*", "s3:GetBucketLocation"]), both.clone())]), PASS);
    assert_eq!(of_bucket(&[allow(json!("s3:*"), both.clone())]), PASS);
    assert_eq!(
        of_bucket(&[elements(allow(json!("*"), json!("*")), json!({ "Condition": null, "Principal": "*" }))]),
        PASS
    );
    assert_eq!(of_bucket(&writing(json!({ "Resource": "arn:aws:s3:::findings/AWSLogs/*" }))), PASS);
    let exact = "arn:aws:s3:::findings/AWSLogs/123456789012/GuardDuty/eu-west-1/*";
    assert_eq!(of_bucket(&writing(json!({ "Resource": exact }))), PASS);
    // The policy may be an attribute of the bucket.
    let own = with(bucket(), json!({ "policy": policy_text(&into_bucket()) }));
    let mut document = exporting(json!({}), &[resource("aws_kms_key.k", key(&with_key()))]);
    document["resources"][2] = resource("aws_s3_bucket.b", own);
    assert_eq!(verdict(check(&document)), PASS);
}

#[test]
fn fails_when_the_bucket_has_no_policy() {
    let document = exporting(json!({}), &[resource("aws_kms_key.k", key(&with_key()))]);
    assert_eq!(verdict(check(&document)), FAIL);
    assert_eq!(
        check(&document).messages(RULE),
        [
            "GuardDuty cannot export its findings: aws_s3_bucket.b has no policy, which would have to allow `s3:PutObject` \
             and `s3:GetBucketLocation` to `guardduty.amazonaws.com`"
        ]
    );
    let mut document = planned(&into_bucket(), &with_key());
    document["resource_changes"].as_array_mut().unwrap().remove(3);
    document["configuration"]["root_module"]["resources"].as_array_mut().unwrap().remove(3);
    assert_eq!(verdict(check(&document)), FAIL);
}

#[test]
fn fails_when_the_policy_allows_only_one_of_the_actions() {
    let [put, location] = <[Value; 2]>::try_from(into_bucket()).unwrap();
    for (statements, lacking) in [
        (vec![put.clone()], "`s3:GetBucketLocation`"),
        (vec![location.clone()], "`s3:PutObject`"),
        // The ARN of the bucket is no object, and those of objects are no bucket.
        (
            vec![elements(put.clone(), json!({ "Resource": "arn:aws:s3:::findings" })), location.clone()],
            "`s3:PutObject`",
        ),
        (
            vec![put.clone(), elements(location.clone(), json!({ "Resource": "arn:aws:s3:::findings/*" }))],
            "`s3:GetBucketLocation`",
        ),
        (vec![unrelated()], "`s3:PutObject` and `s3:GetBucketLocation`"),
    ] {
        assert_eq!(of_bucket(&statements), FAIL, "{statements:?}");
        let message = check(&exported(&statements, &with_key())).finding(RULE).message;
        assert!(message.contains(&format!("allows {lacking} to `guardduty.amazonaws.com`")), "{message}");
    }
}

#[test]
fn fails_when_the_statement_is_for_another_prefix_bucket_or_place() {
    for resource in [
        "arn:aws:s3:::findings/other/*",
        "arn:aws:s3:::other/*",
        "arn:aws:s3:::findings/AWSLogs/999988887777/*",
        "arn:aws:s3:::findings/AWSLogs/123456789012/GuardDuty/us-east-1/*",
    ] {
        assert_eq!(of_bucket(&writing(json!({ "Resource": resource }))), FAIL, "{resource}");
    }
}

#[test]
fn fails_when_another_principal_is_allowed() {
    for principal in [
        json!({ "AWS": ROLE }),
        json!({ "AWS": "123456789012" }),
        json!({ "Service": "cloudtrail.amazonaws.com" }),
        json!({ "Service": "guardduty.me-south-1.amazonaws.com" }),
    ] {
        assert_eq!(of_bucket(&writing(json!({ "Principal": principal }))), FAIL, "{principal}");
    }
}

#[test]
fn fails_when_the_conditions_are_for_another_account_or_detector_and_names_them() {
    for (condition, says) in [
        (json!({ "StringEquals": { "aws:SourceAccount": "999988887777" } }), "`StringEquals` on `aws:SourceAccount`"),
        (
            json!({ "ArnLike": { "aws:SourceArn": "arn:aws:guardduty:eu-west-1:123456789012:detector/other" } }),
            "`ArnLike` on `aws:SourceArn`",
        ),
        (json!({ "Bool": { "aws:SecureTransport": "false" } }), "`Bool` on `aws:SecureTransport`"),
    ] {
        let statements = writing(json!({ "Condition": condition }));
        assert_eq!(of_bucket(&statements), FAIL, "{condition}");
        let message = check(&exported(&statements, &with_key())).finding(RULE).message;
        let near = format!("(statement `GuardDuty` (`Statement[0]`, counted from 0) would, but for its {says})");
        assert!(message.ends_with(&near), "{message}");
    }
}

#[test]
fn fails_when_a_statement_denies() {
    for condition in [
        json!({ "StringNotEquals": { "s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:eu-west-1:123456789012:key/other" } }),
        json!({ "StringNotEquals": { "aws:SourceAccount": "999988887777" } }),
    ] {
        let run = || check(&exported(&and(&[deny(condition.clone())]), &with_key()));
        assert_eq!(verdict(run()), FAIL, "{condition}");
        let finding = run().finding(RULE);
        assert!(
            finding
                .message
                .contains("statement `Guard` (`Statement[2]`, counted from 0) of aws_s3_bucket_policy.p denies it"),
            "{finding:?}"
        );
        assert!(finding.related.iter().any(|related| related.message == "denies GuardDuty"), "{finding:?}");
    }
    assert_eq!(of_bucket(&and(&[elements(deny(json!({})), json!({ "Condition": null }))])), FAIL);
}

#[test]
fn silent_when_conditions_on_the_source_match() {
    for condition in [
        json!({ "ArnEquals": { "aws:SourceArn": "arn:aws:guardduty:eu-west-1:123456789012:detector/12ab" } }),
        json!({ "ArnLike": { "aws:SourceArn": "arn:aws:guardduty:*:123456789012:detector/*" } }),
        json!({ "StringLike": { "AWS:SourceAccount": ["999988887777", "1234567890*"] } }),
    ] {
        assert_eq!(of_bucket(&writing(json!({ "Condition": condition }))), PASS, "{condition}");
    }
}

#[test]
fn silent_when_a_deny_is_about_tls_or_encryption() {
    for condition in [
        json!({ "Bool": { "aws:SecureTransport": "false" } }),
        json!({ "NumericLessThan": { "s3:TlsVersion": "1.2" } }),
        json!({ "StringNotEquals": { "s3:x-amz-server-side-encryption": "aws:kms" } }),
        json!({ "StringNotEqualsIfExists": { "s3:x-amz-server-side-encryption": "aws:kms" } }),
        json!({ "Null": { "s3:x-amz-server-side-encryption": "true" } }),
    ] {
        assert_eq!(of_bucket(&and(&[deny(condition.clone())])), PASS, "{condition}");
    }
    let other_keys = json!({
        "StringNotEquals": { "s3:x-amz-server-side-encryption-aws-kms-key-id": KEY_ARN }
    });
    assert_eq!(verdict(check(&exported(&and(&[deny(other_keys)]), &with_key()))), PASS);
}

#[test]
fn silent_when_the_bucket_encrypts_by_default_with_keys_of_s3() {
    let default = json!({ "bucket": "findings", "rule": [{ "apply_server_side_encryption_by_default": [{ "sse_algorithm": "AES256" }] }] });
    let more = [
        bucket_policy(&into_bucket()),
        resource("aws_kms_key.k", key(&with_key())),
        resource("aws_s3_bucket_server_side_encryption_configuration.c", default),
    ];
    assert_eq!(verdict(check(&exporting(json!({}), &more))), PASS);
}

#[test]
fn undecided_when_the_bucket_is_not_among_the_inputs() {
    let document =
        exporting(json!({ "destination_arn": "arn:aws:s3:::central" }), &[resource("aws_kms_key.k", key(&with_key()))]);
    assert_eq!(verdict(check(&document)), UNDECIDED);
    let message = check(&document).finding(RULE).message;
    assert!(message.contains("bucket `central` is not among the inputs"), "{message}");
    // A data source shows the bucket, and not its policy; one that shows the policy decides.
    let read = |more: &[Value]| {
        let mut document = exporting(json!({}), more);
        document["resources"][2] = resource("data.aws_s3_bucket.b", bucket());
        verdict(check(&document))
    };
    let key = resource("aws_kms_key.k", key(&with_key()));
    assert_eq!(read(std::slice::from_ref(&key)), UNDECIDED);
    let policy = |statements: &[Value]| {
        let policy = policy_text(statements);
        resource("data.aws_s3_bucket_policy.p", json!({ "bucket": "findings", "policy": policy }))
    };
    assert_eq!(read(&[key.clone(), policy(&into_bucket())]), PASS);
    assert_eq!(read(&[key, policy(&[unrelated()])]), FAIL);
}

#[test]
fn a_policy_in_another_stack_counts() {
    let own =
        exporting(json!({ "destination_arn": "arn:aws:s3:::central" }), &[resource("aws_kms_key.k", key(&with_key()))]);
    let central = |resource_of: &str| {
        let statements: Vec<Value> = into_bucket()
            .into_iter()
            .map(|statement| serde_json::from_str(&statement.to_string().replace(":::findings", resource_of)).unwrap())
            .collect();
        let policy = policy_text(&statements);
        other_stack(state(&[
            resource("aws_s3_bucket.c", json!({ "id": "central", "bucket": "central" })),
            resource("aws_s3_bucket_policy.c", json!({ "bucket": "central", "policy": policy })),
        ]))
    };
    assert_eq!(verdict(check(&own).and("b/input.json", &central(":::central"))), PASS);
    assert_eq!(verdict(check(&own).and("b/input.json", &central(":::other"))), FAIL);
}

#[test]
fn undecided_when_a_policy_is_not_known() {
    let mut document = planned(&into_bucket(), &with_key());
    let change = &mut document["resource_changes"][3]["change"];
    change["after"].as_object_mut().unwrap().remove("policy");
    change["after_unknown"]["policy"] = json!(true);
    document["configuration"]["root_module"]["resources"][3]["expressions"] =
        json!({ "policy": { "references": ["local.policy"] } });
    assert_eq!(verdict(check(&document)), UNDECIDED);
    let message = check(&document).finding(RULE).message;
    assert!(message.contains("`policy` of aws_s3_bucket_policy.p decides"), "{message}");
    // What the key says for sure is said all the same.
    let change = &mut document["resource_changes"][4]["change"];
    change["after"]["is_enabled"] = json!(false);
    assert_eq!(verdict(check(&document)), FAIL);
    // A policy that is no JSON.
    let broken = resource("aws_s3_bucket_policy.p", json!({ "bucket": "findings", "policy": "{" }));
    let document = exporting(json!({}), &[broken, resource("aws_kms_key.k", key(&with_key()))]);
    assert_eq!(verdict(check(&document)), UNDECIDED);
}

#[test]
fn undecided_when_a_statement_hangs_on_what_is_not_known() {
    for condition in [
        json!({ "StringEquals": { "aws:SourceOrgID": "o-1" } }),
        json!({ "StringEquals": { "s3:x-amz-acl": "bucket-owner-full-control" } }),
        json!({ "StringEquals": { "aws:SourceAccount": "${aws:PrincipalTag/account}" } }),
    ] {
        let statements = writing(json!({ "Condition": condition }));
        assert_eq!(of_bucket(&statements), UNDECIDED, "{condition}");
        let finding = check(&exported(&statements, &with_key())).finding(RULE);
        assert!(finding.help.contains("no other conditions"), "{finding:?}");
    }
    let denied = and(&[deny(json!({ "StringEquals": { "aws:SourceOrgID": "o-1" } }))]);
    assert_eq!(of_bucket(&denied), UNDECIDED);
    let finding = check(&exported(&denied, &with_key())).finding(RULE);
    assert!(finding.help.contains("exempt `guardduty.amazonaws.com` in the Deny"), "{finding:?}");
}

#[test]
fn what_to_do_is_said_once_and_fits_the_cause() {
    // Of both policies the same condition decides, and only because the plan does not tell the account.
    let account = json!({ "Condition": { "StringEquals": { "aws:SourceAccount": "123456789012" } } });
    let of_key: Vec<Value> = with_key().into_iter().map(|own| elements(own, account.clone())).collect();
    let mut document = planned(&writing(account), &of_key);
    document["resource_changes"][0] = created("aws_guardduty_detector.d", json!({ "enable": true }), &["id", "arn"]);
    assert_eq!(verdict(check(&document)), UNDECIDED);
    let finding = check(&document).finding(RULE);
    assert!(finding.help.starts_with("add `--plan-file"), "{finding:?}");
    assert_eq!(finding.help.matches("--plan-file").count(), 1, "{finding:?}");
}

#[test]
fn undecided_when_the_statement_names_a_detector_and_its_own_id_is_not_known() {
    let arn = |id: &str| json!({ "ArnEquals": { "aws:SourceArn": format!("arn:aws:guardduty:eu-west-1:123456789012:detector/{id}") } });
    let document = |condition: Value| {
        let mut document = planned(&writing(json!({ "Condition": condition })), &with_key());
        let account = json!({ "account_id": "123456789012" });
        document["resource_changes"][0] =
            created("aws_guardduty_detector.d", with(account, json!({ "enable": true })), &["id", "arn"]);
        document["resource_changes"][1]["change"]["after"].as_object_mut().unwrap().remove("detector_id");
        document["resource_changes"][1]["change"]["after_unknown"]["detector_id"] = json!(true);
        document["configuration"]["root_module"]["resources"][1]["expressions"]["detector_id"] =
            refers(&["aws_guardduty_detector.d.id"]);
        document
    };
    assert_eq!(verdict(check(&document(arn("12ab")))), UNDECIDED);
    assert_eq!(verdict(check(&document(arn("*")))), PASS);
}

#[test]
fn of_a_sensitive_policy_or_name_nothing_is_shown() {
    let mut document = exported(
        &writing(json!({ "Sid": "Hidden", "Condition": { "StringEquals": { "aws:SourceAccount": "999988887777" } } })),
        &with_key(),
    );
    document["resources"][3]["instances"][0]["sensitive_attributes"] =
        json!([[{ "type": "get_attr", "value": "policy" }]]);
    for text in check(&document).texts(RULE) {
        assert!(!text.contains("Hidden") && !text.contains("SourceAccount`)"), "{text}");
    }
    let mut document = exporting(json!({ "destination_arn": "arn:aws:s3:::central" }), &[]);
    document["resources"][1]["instances"][0]["sensitive_attributes"] =
        json!([[{ "type": "get_attr", "value": "destination_arn" }]]);
    for text in check(&document).texts(RULE) {
        assert!(!text.contains("central"), "{text}");
    }
}

#[test]
fn the_whole_path_is_labelled() {
    let document = exporting(json!({}), &[bucket_policy(&[unrelated()]), resource("aws_kms_key.k", key(&with_key()))]);
    let at = |resource: usize, name: &str| format!("/resources/{resource}/instances/0/attributes/{name}");
    assert_eq!(
        check(&document).places(RULE),
        [at(1, "destination_arn"), at(2, "bucket"), at(3, "policy"), at(4, "arn"), at(4, "policy")]
    );
}

#[test]
fn what_several_things_say_is_one_finding() {
    let disabled = with(key(&with_key()), json!({ "is_enabled": false }));
    let document = exporting(json!({}), &[resource("aws_kms_key.k", disabled)]);
    let finding = check(&document).finding(RULE);
    assert!(finding.message.contains("aws_s3_bucket.b has no policy"), "{finding:?}");
    assert!(finding.message.ends_with("; aws_kms_key.k is disabled"), "{finding:?}");
}

#[test]
fn a_policy_with_a_reference_that_was_never_filled_in_is_told_once() {
    let literal = || writing(json!({ "Resource": "${aws_s3_bucket.b.arn}/*" }));
    let mut of_key = with_key();
    of_key.push(allow(json!("kms:Decrypt"), json!("${var.key}")));
    // Of one policy the other one does not matter, whatever it says.
    for (document, holder) in [
        (exported(&literal(), &with_key()), "fail aws_s3_bucket_policy.p"),
        (exported(&[unrelated()], &of_key), "fail aws_kms_key.k"),
    ] {
        assert_eq!(check(&document).says("access-literal-interpolation"), [holder]);
        assert_eq!(check(&document).says(RULE), [""; 0], "{holder}");
    }
}

#[test]
fn only_destinations_that_stay_are_subjects() {
    let gone = deleted(DESTINATION, destination());
    assert_eq!(check(&plan(&[gone, bystander()])).tally(RULE), (0, 0, 0, 0));
    let read = resource("data.aws_guardduty_publishing_destination.e", destination());
    assert_eq!(check(&state(&[read])).tally(RULE), (0, 0, 0, 0));
}
