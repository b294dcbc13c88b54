use serde_json::{Value, json};

use crate::{
    Regions,
    testing::{
        Run, aliased, block, block_under, bystander, change, check, created, detector_in, plan, plan_of, put, resource,
        shown_state, state, unchanged, with_prior, with_provider,
    },
};

const RULE: &str = "coverage-detector-missing";
const THIS: &str = "aws_guardduty_detector.this";
const DATA: &str = "data.aws_guardduty_detector.this";
const MEMBER: &str = "aws_guardduty_member.m";
const CONFIGURATION: &str = "aws_guardduty_organization_configuration.o";
const ACCOUNT: &str = "111122223333";
const OTHER_ACCOUNT: &str = "444455556666";

fn ireland() -> Value {
    detector_in("eu-west-1", ACCOUNT, "12ab")
}

fn bucket() -> Value {
    resource("aws_s3_bucket.b", json!({ "id": "b", "bucket": "b", "region": "eu-west-1" }))
}

/// The run with `[expect]`.
fn expecting(run: Run, accounts: &[&str], regions: &[&str]) -> Run {
    run.with(|settings| {
        settings.expect.accounts = accounts.iter().map(ToString::to_string).collect();
        settings.expect.regions = Regions::These(regions.iter().map(ToString::to_string).collect());
    })
}

/// What is said about an account and region that are expected to be covered.
fn ireland_is(document: &Value) -> (u64, u64, u64, u64) {
    expecting(check(document), &[ACCOUNT], &["eu-west-1"]).tally(RULE)
}

const PASSED: (u64, u64, u64, u64) = (1, 0, 0, 0);
const FAILED: (u64, u64, u64, u64) = (0, 1, 0, 0);
const UNDECIDED: (u64, u64, u64, u64) = (0, 0, 1, 0);
const NO_SUBJECT: (u64, u64, u64, u64) = (0, 0, 0, 0);

#[test]
fn a_pair_passes_with_a_present_or_a_seen_detector() {
    let off = put(ireland(), "/enable", json!(false));
    let child = json!({
        "detector_id": "12ab", "arn": "arn:aws:guardduty:eu-west-1:111122223333:detector/12ab/filter/f",
    });
    let imported = put(unchanged(THIS, ireland()), "/change/importing", json!({ "id": "12ab" }));
    let replaced = change(THIS, &["delete", "create"], ireland(), ireland(), json!({}));
    let forgotten = change(THIS, &["forget"], ireland(), Value::Null, json!({}));
    for document in [
        state(&[resource(THIS, ireland())]),
        state(&[resource(THIS, off)]),
        shown_state(&[(THIS, ireland())]),
        plan(&[imported]),
        plan(&[replaced]),
        // It stays in the cloud, and its values are facts.
        plan(&[forgotten, bystander()]),
        with_prior(plan(&[bystander()]), &[(THIS, ireland())]),
        state(&[resource(DATA, ireland())]),
        // A filter of a detector that no input holds: there is one.
        state(&[resource("aws_guardduty_filter.f", child)]),
    ] {
        assert_eq!(ireland_is(&document), PASSED, "{document}");
    }
}

#[test]
fn a_pair_passes_with_a_detector_that_names_its_region_or_has_it_from_its_provider() {
    let detector = |region: Value| created(THIS, json!({ "region": region }), &["id", "arn"]);
    let role = |region: &str| {
        json!({
            "region": { "constant_value": region },
            "assume_role": [{ "role_arn": { "constant_value": "arn:aws:iam::111122223333:role/audit" } }],
        })
    };
    for (own, provider, expected) in [
        (json!("eu-west-1"), "us-east-1", PASSED),
        (json!("us-east-1"), "eu-west-1", FAILED),
        (Value::Null, "eu-west-1", PASSED),
        (Value::Null, "us-east-1", FAILED),
    ] {
        let document = plan_of(&[detector(own.clone())], &[block(THIS, json!({}))]);
        let document = with_provider(document, "aws", role(provider));
        assert_eq!(ireland_is(&document), expected, "{own} {provider}");
    }
}

#[test]
fn a_pair_fails_without_a_detector_there() {
    let gone = change(THIS, &["delete"], ireland(), Value::Null, json!({}));
    let child = unchanged("aws_guardduty_filter.f", json!({ "detector_id": "12ab" }));
    let old = json!({ "schema_version": 0, "deposed": "701a98cd", "attributes": ireland() });
    let only_deposed = put(resource(THIS, Value::Null), "/instances", json!([old]));
    for document in [
        state(&[bucket()]),
        state(&[resource(THIS, detector_in("us-east-1", ACCOUNT, "12ab"))]),
        state(&[resource(THIS, detector_in("eu-west-1", OTHER_ACCOUNT, "12ab"))]),
        state(&[only_deposed, bucket()]),
        plan(&[gone.clone(), bystander()]),
        plan(&[gone, child, bystander()]),
    ] {
        assert_eq!(ireland_is(&document), FAILED, "{document}");
    }
}

#[test]
fn each_pair_of_accounts_and_regions_is_a_subject() {
    let us = detector_in("us-east-1", OTHER_ACCOUNT, "34cd");
    let document = state(&[resource(THIS, ireland()), aliased("us", "aws_guardduty_detector.us", us)]);
    let run = || expecting(check(&document), &[ACCOUNT, OTHER_ACCOUNT], &["eu-west-1", "us-east-1"]);
    assert_eq!(run().tally(RULE), (2, 2, 0, 0));
    let findings = run().report().findings.into_iter().filter(|finding| finding.rule.id == RULE);
    let mut missing: Vec<_> = findings.map(|finding| (finding.account.unwrap(), finding.region.unwrap())).collect();
    missing.sort();
    let pair = |account: &str, region: &str| (account.to_owned(), region.to_owned());
    assert_eq!(missing, [pair(ACCOUNT, "us-east-1"), pair(OTHER_ACCOUNT, "eu-west-1")]);
}

#[test]
fn detectors_of_all_inputs_count() {
    let us = put(state(&[resource(THIS, detector_in("us-east-1", ACCOUNT, "34cd"))]), "/lineage", json!("us"));
    let run = check(&state(&[resource(THIS, ireland())])).and("b/input.json", &us);
    assert_eq!(expecting(run, &[ACCOUNT], &["eu-west-1", "us-east-1"]).tally(RULE), (2, 0, 0, 0));
    // Of one stack only the newest state counts.
    let newer = put(state(&[bucket()]), "/serial", json!(2));
    let run = check(&state(&[resource(THIS, ireland())])).and("a/newer.json", &newer);
    assert_eq!(expecting(run, &[ACCOUNT], &["eu-west-1"]).tally(RULE), FAILED);
    // A plan in the folder of its state is judged in its place.
    let removes = plan(&[
        change(THIS, &["delete"], ireland(), Value::Null, json!({})),
        created("aws_s3_bucket.b", json!({}), &["id"]),
    ]);
    let removes = with_prior(removes, &[(THIS, ireland())]);
    let run = check(&removes).and("a/terraform.tfstate", &state(&[resource(THIS, ireland())]));
    assert_eq!(expecting(run, &[ACCOUNT], &["eu-west-1"]).tally(RULE), FAILED);
}

#[test]
fn regions_may_be_all() {
    let all = |document: &Value| {
        let run = check(document).with(|settings| {
            settings.expect.accounts = vec![ACCOUNT.into()];
            settings.expect.regions = Regions::All;
        });
        run.tally(RULE)
    };
    let (passed, failed, undecided, skipped) = all(&state(&[resource(THIS, ireland())]));
    assert_eq!((passed, undecided, skipped), (1, 0, 0));
    assert!(failed >= 10, "{failed}");
    // An opt-in region counts where the estate uses it.
    let opt_in = state(&[
        resource(THIS, ireland()),
        resource("aws_s3_bucket.b", json!({ "bucket": "b", "region": "ap-east-1" })),
    ]);
    assert_eq!(all(&opt_in).1, failed + 1);
}

#[test]
fn the_account_of_a_detector_is_told_by_what_stands_under_its_provider() {
    let detector = resource(THIS, json!({ "id": "12ab", "region": "eu-west-1" }));
    let us = |account: &str| json!({ "id": "k", "arn": format!("arn:aws:kms:us-east-1:{account}:key/k") });
    let identity = |account: &str| resource("data.aws_caller_identity.me", json!({ "account_id": account }));
    for (others, expected) in [
        (vec![identity(ACCOUNT)], PASSED),
        (vec![identity(OTHER_ACCOUNT)], FAILED),
        (vec![resource("aws_kms_key.k", us(ACCOUNT))], PASSED),
        // What a data source reads may be somebody else's.
        (vec![resource("data.aws_kms_key.k", us(ACCOUNT))], UNDECIDED),
        // The provider's own identity counts before any neighbour; two neighbours that disagree tell nothing.
        (vec![identity(ACCOUNT), resource("aws_kms_key.k", us(OTHER_ACCOUNT))], PASSED),
        (vec![resource("aws_kms_key.k", us(ACCOUNT)), resource("aws_kms_key.l", us(OTHER_ACCOUNT))], UNDECIDED),
        // The only account of the whole unit.
        (vec![aliased("us", "aws_kms_key.k", us(ACCOUNT))], PASSED),
    ] {
        let document = state(&[std::slice::from_ref(&detector), &others].concat());
        assert_eq!(ireland_is(&document), expected, "{document}");
    }
}

#[test]
fn undecided_when_a_detector_of_unknown_account_or_region_may_be_this_one() {
    let nowhere = plan_of(&[created(THIS, json!({}), &["id"])], &[block(THIS, json!({}))]);
    let no_region = with_provider(nowhere.clone(), "aws", json!({ "region": { "references": ["local.region"] } }));
    let elsewhere = plan_of(
        &[created("aws_guardduty_filter.f", json!({ "detector_id": "12ab" }), &["id"])],
        &[block("aws_guardduty_filter.f", json!({}))],
    );
    for document in [
        nowhere,
        no_region.clone(),
        elsewhere,
        state(&[resource(THIS, json!({ "id": "12ab" }))]),
        shown_state(&[(DATA, json!({ "id": "12ab", "status": "ENABLED" }))]),
    ] {
        assert_eq!(ireland_is(&document), UNDECIDED, "{document}");
    }
    let finding = expecting(check(&no_region), &[ACCOUNT], &["eu-west-1"]).finding(RULE);
    assert!(finding.message.contains("(provider aws)"), "{}", finding.message);
    // One that is known to be elsewhere in one respect is not this one.
    let us = plan_of(&[created(THIS, json!({ "region": "us-east-1" }), &["id"])], &[block(THIS, json!({}))]);
    assert_eq!(ireland_is(&us), FAILED);
}

#[test]
fn undecided_when_the_pair_is_covered_by_the_organization_only() {
    let administrator = detector_in("eu-west-1", OTHER_ACCOUNT, "34cd");
    let with =
        |address: &str, values: Value| state(&[resource(THIS, administrator.clone()), resource(address, values)]);
    let organization = |auto_enable: &str| {
        with(CONFIGURATION, json!({ "detector_id": "34cd", "auto_enable_organization_members": auto_enable }))
    };
    let member = |account: &str| with(MEMBER, json!({ "detector_id": "34cd", "account_id": account }));
    for (document, expected) in [
        (member(ACCOUNT), UNDECIDED),
        (member("777788889999"), FAILED),
        (organization("ALL"), UNDECIDED),
        // The account may be one that has joined since.
        (organization("NEW"), UNDECIDED),
        (organization("NONE"), FAILED),
        (with(CONFIGURATION, json!({ "detector_id": "34cd", "auto_enable": true })), UNDECIDED),
        (with(CONFIGURATION, json!({ "detector_id": "34cd", "auto_enable": false })), FAILED),
    ] {
        assert_eq!(ireland_is(&document), expected, "{document}");
    }
    let finding = expecting(check(&member(ACCOUNT)), &[ACCOUNT], &["eu-west-1"]).finding(RULE);
    assert!(finding.message.contains(MEMBER), "{}", finding.message);
    // A member that is forgotten is one all the same.
    let values = json!({ "detector_id": "34cd", "account_id": ACCOUNT });
    let forgotten = change(MEMBER, &["forget"], values, Value::Null, json!({}));
    assert_eq!(ireland_is(&plan(&[unchanged(THIS, administrator.clone()), forgotten])), UNDECIDED);
    // What the organization does is regional.
    for document in [member(ACCOUNT), organization("ALL")] {
        assert_eq!(expecting(check(&document), &[ACCOUNT], &["us-east-1"]).tally(RULE), FAILED, "{document}");
    }
}

#[test]
fn undecided_when_whom_the_organization_enables_is_known_only_after_apply() {
    let planned = |after: Value, unknown: &[&str], expressions: Value| {
        let administrator = detector_in("eu-west-1", OTHER_ACCOUNT, "34cd");
        let items = [unchanged(THIS, administrator), created(CONFIGURATION, after, unknown)];
        plan_of(&items, &[block(THIS, json!({})), block(CONFIGURATION, expressions)])
    };
    let members = "auto_enable_organization_members";
    let reads = json!({ members: { "references": ["data.aws_ssm_parameter.p.value", "data.aws_ssm_parameter.p"] } });
    assert_eq!(ireland_is(&planned(json!({ "detector_id": "34cd" }), &[members], reads)), UNDECIDED);
    // Version 5 of the provider works it out from the flag.
    let flag = json!({ "detector_id": "34cd", "auto_enable": false });
    let says = json!({ "auto_enable": { "constant_value": false } });
    assert_eq!(ireland_is(&planned(flag, &[members], says)), FAILED);
}

#[test]
fn undecided_for_the_delegated_administrator() {
    let appoints = |account: &str, region: &str| {
        let delegation = json!({ "admin_account_id": account, "region": region });
        state(&[
            resource(THIS, detector_in("eu-west-1", OTHER_ACCOUNT, "34cd")),
            resource("aws_guardduty_organization_admin_account.a", delegation),
        ])
    };
    assert_eq!(ireland_is(&appoints(ACCOUNT, "eu-west-1")), UNDECIDED);
    assert_eq!(ireland_is(&appoints(ACCOUNT, "us-east-1")), FAILED);
    assert_eq!(ireland_is(&appoints("777788889999", "eu-west-1")), FAILED);
}

#[test]
fn an_account_is_asked_only_for_regions_of_its_partition() {
    let mut beijing = detector_in("cn-north-1", OTHER_ACCOUNT, "34cd");
    beijing["arn"] = json!(format!("arn:aws-cn:guardduty:cn-north-1:{OTHER_ACCOUNT}:detector/34cd"));
    let china = put(state(&[resource(THIS, beijing)]), "/lineage", json!("cn"));
    let run = || check(&state(&[resource(THIS, ireland())])).and("b/input.json", &china);
    let both = &[ACCOUNT, OTHER_ACCOUNT];
    assert_eq!(expecting(run(), both, &["eu-west-1", "cn-north-1"]).tally(RULE), (2, 0, 0, 0));
    assert_eq!(expecting(run(), both, &["us-east-1", "cn-north-1"]).tally(RULE), (1, 1, 0, 0));
    // Nobody can be there: that is not passed over.
    assert_eq!(expecting(run(), &[ACCOUNT], &["cn-north-1"]).tally(RULE), FAILED);
    let all = run().with(|settings| {
        settings.expect.accounts = both.iter().map(ToString::to_string).collect();
        settings.expect.regions = Regions::All;
    });
    let (passed, failed, undecided, skipped) = all.tally(RULE);
    assert_eq!((passed, undecided, skipped), (2, 0, 0));
    assert_eq!(failed, 17 - 1 + 2 - 1);
}

#[test]
fn undecided_when_a_member_of_unknown_account_may_be_this_one() {
    let account = json!({ "references": ["aws_organizations_account.a.id", "aws_organizations_account.a"] });
    let detector_id = json!({ "references": [format!("{THIS}.id"), THIS] });
    let blocks = [block(THIS, json!({})), block(MEMBER, json!({ "account_id": account, "detector_id": detector_id }))];
    let items = [
        unchanged(THIS, detector_in("eu-west-1", OTHER_ACCOUNT, "34cd")),
        created(MEMBER, json!({ "detector_id": "34cd" }), &["id", "account_id"]),
    ];
    assert_eq!(ireland_is(&plan_of(&items, &blocks)), UNDECIDED);
}

#[test]
fn undecided_for_a_member_where_accounts_are_not_compared() {
    let detector_id = json!({ "detector_id": { "references": ["local.detector"] } });
    let blocks = [block(MEMBER, detector_id)];
    let items = [created(MEMBER, json!({ "account_id": ACCOUNT }), &["id", "detector_id"])];
    let run = expecting(check(&plan_of(&items, &blocks)), &[], &["eu-west-1"]);
    assert_eq!(run.tally(RULE), UNDECIDED);
}

#[test]
fn with_no_expected_accounts_the_account_is_not_compared() {
    let anywhere = |document: &Value| expecting(check(document), &[], &["eu-west-1"]).tally(RULE);
    assert_eq!(anywhere(&state(&[resource(THIS, detector_in("eu-west-1", OTHER_ACCOUNT, "12ab"))])), PASSED);
    assert_eq!(anywhere(&plan_of(&[created(THIS, json!({}), &["id"])], &[block(THIS, json!({}))])), PASSED);
    assert_eq!(anywhere(&state(&[resource(THIS, detector_in("us-east-1", ACCOUNT, "12ab"))])), FAILED);
}

#[test]
fn without_expectations_the_estate_is_one_subject_and_anything_that_shows_a_detector_passes() {
    let member = json!({ "detector_id": "12ab", "account_id": OTHER_ACCOUNT });
    let organization = json!({ "detector_id": "12ab", "auto_enable_organization_members": "ALL" });
    let two = [resource(THIS, ireland()), resource("aws_guardduty_detector.two", json!({ "id": "34cd" }))];
    for document in [
        state(&[resource(THIS, json!({}))]),
        state(&two),
        state(&[bucket(), resource(DATA, json!({ "id": "12ab" }))]),
        state(&[resource("aws_guardduty_filter.f", json!({ "detector_id": "12ab" }))]),
        state(&[resource(MEMBER, member)]),
        state(&[resource("aws_guardduty_organization_configuration.o", organization)]),
        plan(&[created("aws_guardduty_ipset.t", json!({}), &["detector_id"])]),
        with_prior(plan(&[bystander()]), &[(THIS, ireland())]),
    ] {
        assert_eq!(check(&document).tally(RULE), PASSED, "{document}");
    }
    let elsewhere = put(state(&[resource(THIS, ireland())]), "/lineage", json!("other"));
    assert_eq!(check(&state(&[bucket()])).and("b/input.json", &elsewhere).tally(RULE), PASSED);
}

#[test]
fn without_expectations_it_fails_when_no_input_shows_a_detector() {
    let gone = change(THIS, &["delete"], ireland(), Value::Null, json!({}));
    let old_child =
        change("aws_guardduty_filter.f", &["delete"], json!({ "detector_id": "12ab" }), Value::Null, json!({}));
    for document in [
        state(&[bucket()]),
        shown_state(&[("aws_s3_bucket.b", json!({ "id": "b" }))]),
        plan(&[bystander()]),
        plan(&[gone, old_child, bystander()]),
        state(&[bucket(), resource("data.aws_caller_identity.me", json!({ "account_id": ACCOUNT }))]),
    ] {
        assert_eq!(check(&document).tally(RULE), FAILED, "{document}");
    }
}

#[test]
fn without_expectations_it_is_undecided_when_a_policy_names_guardduty() {
    let statement = json!({ "Effect": "Allow", "Principal": { "Service": "guardduty.amazonaws.com" }, "Action": "*", "Resource": "*" });
    let text = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    let several = text.replace("\"guardduty.amazonaws.com\"", "[\"s3.amazonaws.com\",\"guardduty.amazonaws.com\"]");
    let document =
        json!({ "statement": [{ "principals": [{ "type": "Service", "identifiers": ["guardduty.amazonaws.com"] }] }] });
    for (address, values) in [
        ("aws_s3_bucket_policy.p", json!({ "bucket": "b", "policy": text })),
        ("aws_s3_bucket_policy.p", json!({ "bucket": "b", "policy": several })),
        ("aws_kms_key.k", json!({ "id": "k", "policy": text })),
        ("aws_kms_key_policy.k", json!({ "key_id": "k", "policy": text })),
        ("data.aws_iam_policy_document.d", document),
    ] {
        assert_eq!(check(&state(&[bucket(), resource(address, values)])).tally(RULE), UNDECIDED, "{address}");
    }
    let role =
        "arn:aws:iam::111122223333:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty";
    for other in ["s3.amazonaws.com", role] {
        let policy = json!({ "bucket": "b", "policy": text.replace("guardduty.amazonaws.com", other) });
        assert_eq!(check(&state(&[resource("aws_s3_bucket_policy.p", policy)])).tally(RULE), FAILED, "{other}");
    }
}

#[test]
fn silent_when_detectors_are_elsewhere() {
    let elsewhere = || check(&state(&[bucket()])).with(|settings| settings.expect.elsewhere = true);
    assert_eq!(elsewhere().tally(RULE), NO_SUBJECT);
    assert_eq!(expecting(elsewhere(), &[ACCOUNT], &["eu-west-1"]).tally(RULE), NO_SUBJECT);
}

#[test]
fn silent_for_inputs_that_hold_only_a_destroy_plan() {
    let gone = change(THIS, &["delete"], ireland(), Value::Null, json!({}));
    assert_eq!(check(&plan(std::slice::from_ref(&gone))).tally(RULE), NO_SUBJECT);
    assert_eq!(ireland_is(&plan(&[gone])), NO_SUBJECT);
}

#[test]
fn the_anchor_is_the_provider_of_the_region_then_the_first_object_there_then_the_first_input() {
    let anchor = |document: &Value| {
        let finding = expecting(check(document), &[ACCOUNT], &["us-east-1"]).finding(RULE);
        assert_eq!((finding.address, finding.account.as_deref()), (None, Some(ACCOUNT)));
        finding.anchor.pointer
    };
    let blocks = [block(THIS, json!({})), block_under("aws.us", "aws_s3_bucket.us", json!({}))];
    let items = [unchanged(THIS, ireland()), created("aws_s3_bucket.us", json!({ "bucket": "us" }), &["id"])];
    let us = json!({ "region": { "constant_value": "us-east-1" } });
    let document = plan_of(&items, &blocks);
    let provider = anchor(&with_provider(document, "aws.us", us));
    assert!(provider.starts_with("/configuration/provider_config/aws.us"), "{provider}");
    let bucket = |name: &str| aliased("us", name, json!({ "bucket": name, "region": "us-east-1" }));
    let document = state(&[resource(THIS, ireland()), bucket("aws_s3_bucket.b"), bucket("aws_s3_bucket.a")]);
    assert!(anchor(&document).starts_with("/resources/2/"), "{}", anchor(&document));
    assert_eq!(anchor(&state(&[resource(THIS, ireland())])), "");
}

#[test]
fn the_fingerprint_is_rule_account_and_region() {
    let finding = |run: Run| expecting(run, &[ACCOUNT], &["us-east-1"]).finding(RULE).fingerprint;
    let one = finding(check(&state(&[bucket()])));
    let renamed = state(&[resource("aws_s3_bucket.renamed", json!({ "bucket": "r" }))]);
    assert_eq!(one, finding(check(&renamed).and("0/first.json", &put(state(&[bucket()]), "/lineage", json!("0")))));
    assert_ne!(one, expecting(check(&renamed), &[ACCOUNT], &["us-east-2"]).finding(RULE).fingerprint);
}

#[test]
fn the_help_names_both_ways_out() {
    let help = check(&state(&[bucket()])).finding(RULE).help;
    assert!(help.contains("detectors = \"elsewhere\"") && help.contains("aws_guardduty_detector"), "{help}");
}

#[test]
fn undecided_where_the_administration_is_delegated() {
    let admin = resource("aws_guardduty_organization_admin_account.a", json!({ "admin_account_id": "444455556666" }));
    assert_eq!(check(&state(&[admin])).says(RULE), ["undecided"]);
}

#[test]
fn undecided_where_a_targeted_plan_may_leave_the_detector_out() {
    let document = put(plan(&[bystander()]), "/complete", json!(false));
    assert_eq!(check(&document).says(RULE), ["undecided"]);
}
