#![expect(clippy::needless_pass_by_value, reason = "so that tests write `json!(…)` in the call")]

use serde_json::{Value, json};

use crate::testing::{
    Run, aliased, block, check, created, detector_in, lists::object_at, lists::refers, lists::set_at, lists::with,
    plan_of, resource, state,
};

const OWN: &str = "123456789012";
const ROLE: &str =
    "arn:aws:iam::123456789012:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty";

fn detector() -> Value {
    resource("aws_guardduty_detector.d", detector_in("eu-west-1", OWN, "12ab"))
}

/// A bucket under another provider, whose account a data source tells.
fn of_account(account: &str) -> Vec<Value> {
    vec![
        aliased("other", "data.aws_caller_identity.other", json!({ "account_id": account, "id": account })),
        aliased("other", "aws_s3_bucket.b", json!({ "id": "b", "bucket": "b", "region": "eu-west-1" })),
    ]
}

fn own_bucket() -> Vec<Value> {
    vec![resource("aws_s3_bucket.b", json!({ "id": "b", "bucket": "b", "region": "eu-west-1" }))]
}

fn policy(statements: &Value) -> Value {
    let document = json!({ "Version": "2012-10-17", "Statement": statements });
    resource("aws_s3_bucket_policy.p", json!({ "bucket": "b", "policy": document.to_string() }))
}

fn allow(principal: Value) -> Value {
    json!({ "Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*" })
}

fn list(others: Value) -> Vec<Value> {
    vec![
        resource("aws_s3_object.o", with(object_at("b", "k"), others)),
        resource("aws_guardduty_ipset.t", set_at("s3://b/k")),
    ]
}

fn run(parts: &[Vec<Value>]) -> Run {
    let objects: Vec<Value> = std::iter::once(detector()).chain(parts.iter().flatten().cloned()).collect();
    check(&state(&objects))
}

fn says(parts: &[Vec<Value>], rule: &str) -> Vec<String> {
    run(parts).says(rule)
}

#[test]
fn a_bucket_of_another_account_must_let_the_role_in() {
    let [foreign, own] = [of_account("999999999999"), of_account(OWN)];
    let denied = ["fail aws_s3_object.o"];
    let nothing: [&str; 0] = [];
    for (bucket, statements, expected) in [
        (&own, None, &nothing[..]),
        (&foreign, None, &denied),
        (&foreign, Some(allow(json!({ "AWS": ROLE }))), &nothing),
        (&foreign, Some(allow(json!({ "AWS": OWN }))), &nothing),
        (&foreign, Some(allow(json!({ "AWS": "arn:aws:iam::123456789012:role/other" }))), &denied),
        (&foreign, Some(allow(json!({ "Service": "guardduty.amazonaws.com" }))), &denied),
    ] {
        let policies = statements.iter().map(policy).collect();
        assert_eq!(says(&[bucket.clone(), policies, list(json!({}))], "list-read-denied"), expected, "{statements:?}");
    }
    let finding = run(&[foreign, list(json!({}))]).finding("list-read-denied");
    assert_eq!(
        finding.message,
        "GuardDuty's role cannot read aws_s3_object.o: bucket `b` is in account 999999999999, the detector in 123456789012, \
         and no statement of the bucket policy allows it `s3:GetObject`"
    );
    assert_eq!(finding.holder.as_deref(), Some("aws_s3_bucket.b"));
    assert!(finding.help.contains(ROLE));
}

#[test]
fn restricted_buckets_with_a_public_policy_leave_other_accounts_open() {
    let block =
        resource("aws_s3_bucket_public_access_block.b", json!({ "bucket": "b", "restrict_public_buckets": true }));
    let parts = [of_account("999999999999"), vec![policy(&allow(json!("*"))), block], list(json!({}))];
    assert_eq!(says(&parts, "list-read-denied"), ["undecided aws_s3_object.o"]);
    let parts = [own_bucket(), parts[1].clone(), list(json!({}))];
    assert!(says(&parts, "list-read-denied").is_empty());
}

#[test]
fn what_another_account_writes_and_owns_is_open() {
    let bucket = of_account("999999999999");
    let owner = |owner: &str| {
        let rule = json!([{ "object_ownership": owner }]);
        vec![
            policy(&allow(json!("*"))),
            resource("aws_s3_bucket_ownership_controls.b", json!({ "bucket": "b", "rule": rule })),
        ]
    };
    for (ownership, expected) in [("ObjectWriter", &["undecided aws_s3_object.o"][..]), ("BucketOwnerEnforced", &[])] {
        let parts = [bucket.clone(), owner(ownership), list(json!({}))];
        assert_eq!(says(&parts, "list-read-denied"), expected, "{ownership}");
    }
}

#[test]
fn tags_of_the_object_decide_where_they_are_known() {
    let statement = json!({
        "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "*",
        "Condition": { "StringNotEquals": { "s3:ExistingObjectTag/reader": "guardduty" } },
    });
    let denied = ["fail aws_s3_object.o"];
    for (tags, expected) in [
        (json!({}), &denied[..]),
        (json!({ "tags_all": { "reader": "guardduty" } }), &[]),
        (json!({ "tags_all": { "reader": "others" }, "tags": { "reader": "guardduty" } }), &denied),
        (json!({ "tags": { "reader": "guardduty" } }), &[]),
    ] {
        let parts = [own_bucket(), vec![policy(&statement)], list(tags.clone())];
        assert_eq!(says(&parts, "list-read-denied"), expected, "{tags}");
    }
    let copy = resource("aws_s3_object_copy.o", with(object_at("b", "k"), json!({ "tags_all": { "reader": "x" } })));
    let set = resource("aws_guardduty_ipset.t", set_at("s3://b/k"));
    let parts = [own_bucket(), vec![policy(&statement), copy, set]];
    assert_eq!(says(&parts, "list-read-denied"), ["undecided aws_s3_object_copy.o"]);
}

#[test]
fn ids_of_roles_of_the_estate_are_not_that_of_guardduty() {
    let statement = json!({
        "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "*",
        "Condition": { "StringNotLike": { "aws:userid": "AROAADMINADMINADMIN1:*" } },
    });
    let parts = [own_bucket(), vec![policy(&statement)], list(json!({}))];
    assert_eq!(says(&parts, "list-read-denied"), ["undecided aws_s3_object.o"]);
    let role = resource("aws_iam_role.admin", json!({ "name": "admin", "unique_id": "AROAADMINADMINADMIN1" }));
    let parts = [parts[0].clone(), vec![policy(&statement), role], list(json!({}))];
    assert_eq!(says(&parts, "list-read-denied"), ["fail aws_s3_object.o"]);
}

#[test]
fn the_organization_is_the_one_that_the_estate_shows() {
    let statement = json!({
        "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "*",
        "Condition": { "StringNotEquals": { "aws:PrincipalOrgID": "o-1" } },
    });
    let organization =
        |name: &str, id: &str| resource(&format!("data.aws_organizations_organization.{name}"), json!({ "id": id }));
    for (organizations, expected) in [
        (vec![], &["undecided aws_s3_object.o"][..]),
        (vec![organization("one", "o-1")], &[]),
        (vec![organization("one", "o-2")], &["fail aws_s3_object.o"]),
        (vec![organization("one", "o-1"), organization("two", "o-2")], &["undecided aws_s3_object.o"]),
    ] {
        let parts = [own_bucket(), vec![policy(&statement)], organizations, list(json!({}))];
        assert_eq!(says(&parts, "list-read-denied"), expected);
    }
}

#[test]
fn one_list_of_several_sets_is_judged_once() {
    let statement = json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*" });
    let other = resource("aws_guardduty_threatintelset.u", set_at("s3://b/k"));
    let finding = run(&[own_bucket(), vec![policy(&statement), other], list(json!({}))]).finding("list-read-denied");
    let sets: Vec<&str> = finding.related.iter().filter_map(|related| related.address.as_deref()).collect();
    assert_eq!(sets, ["aws_guardduty_ipset.t", "aws_guardduty_threatintelset.u", "aws_s3_bucket.b"]);
}

#[test]
fn an_object_that_is_not_known_is_judged_where_all_it_may_be_is_denied() {
    let deny = |resource: &str| {
        let statement = json!({ "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resource });
        vec![policy(&statement)]
    };
    let set = || vec![resource("aws_guardduty_ipset.t", set_at("s3://b/k"))];
    assert_eq!(
        says(&[own_bucket(), deny("arn:aws:s3:::b/*"), set()], "list-read-denied"),
        ["fail aws_guardduty_ipset.t"]
    );
    assert!(says(&[own_bucket(), deny("arn:aws:s3:::b/other/*"), set()], "list-read-denied").is_empty());
    // Where it is missing for sure, that is what is wrong with it.
    let other = vec![resource("aws_s3_object.other", object_at("b", "other"))];
    let parts = [own_bucket(), deny("arn:aws:s3:::b/*"), other, set()];
    assert!(says(&parts, "list-read-denied").is_empty());
    assert_eq!(says(&parts, "list-object-missing"), ["fail aws_guardduty_ipset.t"]);
}

#[test]
fn one_unknown_policy_is_told_once_for_each_list_that_is_read() {
    let changes = [
        created("aws_s3_bucket.b", json!({ "bucket": "b" }), &["id", "policy", "server_side_encryption_configuration"]),
        created("aws_s3_bucket_policy.p", json!({ "bucket": "b" }), &["policy"]),
        created("aws_s3_object.o", object_at("b", "k"), &["kms_key_id", "server_side_encryption", "acl"]),
        created("aws_s3_object.trusted", with(object_at("b", "l"), json!({ "content": "198.51.100.7" })), &["acl"]),
        created("aws_guardduty_ipset.t", set_at("s3://b/k"), &[]),
    ];
    let blocks = [
        block("aws_s3_bucket.b", json!({})),
        block("aws_s3_bucket_policy.p", json!({ "policy": refers(&["local.policy"]) })),
        block("aws_s3_object.o", json!({})),
        block("aws_s3_object.trusted", json!({})),
        block("aws_guardduty_ipset.t", json!({})),
    ];
    let plan = plan_of(&changes, &blocks);
    assert_eq!(check(&plan).says("list-read-denied"), ["undecided aws_s3_object.o"]);
    assert!(check(&plan).says("list-public").is_empty());
    let alone = |run: Run| run.with(|settings| settings.only = vec!["list-public".into()]);
    assert_eq!(
        alone(check(&plan)).says("list-public"),
        ["undecided aws_s3_object.o", "undecided aws_s3_object.trusted"]
    );
}
