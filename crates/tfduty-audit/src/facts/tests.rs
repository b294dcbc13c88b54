//! What the account and region of objects come to, seen through the rules that hang on them most.

use serde_json::{Value, json};

use crate::testing::{
    Run, aliased, block, block_under, change, check, created, detector_in, plan_of, put, resource, state, unchanged,
    with_provider,
};

const DUPLICATE: &str = "detector-duplicate";
const WRONG: &str = "detector-wrong-provider";
const ONE: &str = "aws_guardduty_detector.one";
const TWO: &str = "aws_guardduty_detector.two";
const FEATURE: &str = "aws_guardduty_detector_feature.f";
const ACCOUNT: &str = "111122223333";
const OTHER_ACCOUNT: &str = "444455556666";
const NOTHING: [&str; 0] = [];

fn new(address: &str) -> Value {
    created(address, json!({ "enable": true }), &["id", "arn", "account_id"])
}

fn region(name: &str) -> Value {
    json!({ "region": { "constant_value": name } })
}

fn refers(references: &[&str]) -> Value {
    json!({ "references": references })
}

fn role(account: &str) -> Value {
    json!({ "role_arn": { "constant_value": format!("arn:aws:iam::{account}:role/audit") } })
}

/// A provider configuration in eu-west-1 with these `assume_role` blocks.
fn roles(blocks: &[Value]) -> Value {
    put(region("eu-west-1"), "/assume_role", json!(blocks))
}

/// A plan that makes two detectors, the second under `aws.two`.
fn two_detectors(expressions: Value) -> Value {
    let blocks = [block(ONE, json!({})), block_under("aws.two", TWO, json!({}))];
    with_provider(plan_of(&[new(ONE), new(TWO)], &blocks), "aws.two", expressions)
}

/// A plan with one more data source that is read.
fn reading(document: Value, key: &str, address: &str, values: Value) -> Value {
    let document = put(document, "/resource_changes/-", change(address, &["read"], Value::Null, values, json!({})));
    put(document, "/configuration/root_module/resources/-", block_under(key, address, json!({})))
}

/// A plan with these module calls in its root module.
fn calling(document: Value, calls: Value) -> Value {
    put(document, "/configuration/root_module/module_calls", calls)
}

/// A feature of the detector `12ab` in a raw state, under the default provider.
fn feature() -> Value {
    resource(FEATURE, json!({ "detector_id": "12ab", "name": "RDS_LOGIN_EVENTS" }))
}

/// What versions before 1.2 write: keys with the name of the call alone.
fn old_keys(document: Value) -> Value {
    put(put(document, "/terraform_version", json!("1.0.11")), "/format_version", json!("0.2"))
}

/// A detector in the root module and a feature of it in the module `m`, under this key.
fn feature_in_module(key: &str) -> Value {
    let child = format!("module.m.{FEATURE}");
    let document = plan_of(&[new(ONE), created(&child, json!({}), &["detector_id"])], &[block(ONE, json!({}))]);
    let resources = [block_under(key, FEATURE, json!({ "detector_id": refers(&["var.detector"]) }))];
    let call = json!({
        "expressions": { "detector": refers(&["aws_guardduty_detector.one.id", "aws_guardduty_detector.one"]) },
        "module": { "resources": resources, "variables": { "detector": {} } },
    });
    old_keys(calling(document, json!({ "m": call })))
}

#[test]
fn an_alias_that_no_module_above_has_is_not_the_plain_provider() {
    let document = with_provider(feature_in_module("module.m:aws.eu"), "aws", region("us-east-1"));
    let elsewhere = with_provider(document.clone(), "aws.west", region("eu-west-1"));
    assert_eq!(check(&elsewhere).tally(WRONG), (0, 0, 0, 1));
    let above = with_provider(document, "aws.eu", region("eu-west-1"));
    assert_eq!(check(&above).says(WRONG), [format!("fail module.m.{FEATURE}")]);
}

#[test]
fn a_key_with_the_name_of_a_call_alone_is_one_provider_within_its_module() {
    let (ireland, virginia) = (
        "module.ireland.module.detector.aws_guardduty_detector.this",
        "module.virginia.module.detector.aws_guardduty_detector.this",
    );
    let this = block_under("detector:aws", "aws_guardduty_detector.this", json!({}));
    let regional = json!({ "module": { "module_calls": { "detector": { "module": { "resources": [this] } } } } });
    let document = with_provider(plan_of(&[new(ireland), new(virginia)], &[]), "aws.us", region("us-east-1"));
    let document = old_keys(calling(document, json!({ "ireland": regional, "virginia": regional })));
    assert_eq!(check(&document).tally(DUPLICATE), (0, 0, 0, 1));
}

#[test]
fn nothing_is_said_of_a_child_under_a_key_with_the_name_of_a_call_alone() {
    let document = with_provider(feature_in_module("m:aws"), "aws.us", region("us-east-1"));
    assert_eq!(check(&document).tally(WRONG), (0, 0, 0, 1));
}

#[test]
fn a_key_with_the_name_of_a_call_alone_may_mean_one_configuration_only() {
    // There is no other.
    assert_eq!(check(&feature_in_module("m:aws")).tally(WRONG), (1, 0, 0, 0));
    // The module has its own.
    let document = with_provider(feature_in_module("m:aws"), "module.m:aws", region("us-east-1"));
    let document = put(document, "/configuration/provider_config/module.m:aws/module_address", json!("module.m"));
    assert_eq!(check(&document).says(WRONG), [format!("fail module.m.{FEATURE}")]);
}

#[test]
fn a_key_that_a_module_inherits_names_the_same_provider() {
    // Neither shows a region: it comes from the environment.
    let document = with_provider(feature_in_module("module.m:aws"), "aws", json!({}));
    assert_eq!(check(&document).tally(WRONG), (1, 0, 0, 0));
}

/// A plan whose detectors, one for each region, stand under OpenTofu's provider configuration with `for_each`.
fn detectors_of_each(changes: &[Value]) -> Value {
    let this = block_under("aws.by_region", "aws_guardduty_detector.this", json!({}));
    let this = put(this, "/for_each_expression", refers(&["var.regions"]));
    let regions = json!({ "region": refers(&["each.value", "each.key"]) });
    with_provider(plan_of(changes, &[this]), "aws.by_region", regions)
}

#[test]
fn a_provider_with_for_each_is_not_one_provider() {
    let (ireland, virginia) =
        ("aws_guardduty_detector.this[\"eu-west-1\"]", "aws_guardduty_detector.this[\"us-east-1\"]");
    let document = detectors_of_each(&[new(ireland), new(virginia)]);
    assert_eq!(check(&document).tally(DUPLICATE), (0, 0, 0, 1));
    // What one of its instances shows holds for that instance.
    let document = reading(document, "aws.by_region", "data.aws_region.here", json!({ "name": "eu-west-1" }));
    let document =
        reading(document, "aws.by_region", "data.aws_caller_identity.here", json!({ "account_id": ACCOUNT }));
    assert_eq!(check(&document).tally(DUPLICATE), (0, 0, 0, 1));
    let places = [detector_in("eu-west-1", ACCOUNT, "12ab"), detector_in("us-east-1", ACCOUNT, "34cd")];
    let known = detectors_of_each(&[unchanged(ireland, places[0].clone()), unchanged(virginia, places[1].clone())]);
    assert_eq!(check(&known).tally(DUPLICATE), (1, 0, 0, 0));
    let in_region = |address, name| put(new(address), "/change/after/region", json!(name));
    let by_argument = detectors_of_each(&[in_region(ireland, "eu-west-1"), in_region(virginia, "us-east-1")]);
    assert_eq!(check(&by_argument).tally(DUPLICATE), (1, 0, 0, 0));
}

#[test]
fn nothing_is_said_of_a_child_under_another_instance_of_a_provider_with_for_each() {
    let detector = "aws_guardduty_detector.this[\"eu-west-1\"]";
    let document = detectors_of_each(&[new(detector), created(FEATURE, json!({}), &["detector_id"])]);
    let names = json!({ "detector_id": refers(&["aws_guardduty_detector.this"]) });
    let child = block_under("aws.by_region", FEATURE, names);
    let document = put(document, "/configuration/root_module/resources/-", child);
    assert_eq!(check(&document).tally(WRONG), (0, 0, 0, 1));
}

#[test]
fn two_providers_without_credentials_may_be_two_accounts() {
    // `dynamic "assume_role"` never shows in plan JSON.
    let document = two_detectors(region("eu-west-1"));
    let finding = check(&document).finding(DUPLICATE);
    assert_eq!(check(&document).says(DUPLICATE), [format!("undecided {TWO}")]);
    assert!(finding.message.contains("may be in one account"), "{}", finding.message);
    assert_eq!(check(&two_detectors(region("us-east-1"))).says(DUPLICATE), NOTHING);
}

#[test]
fn an_account_that_a_role_shows_is_not_the_units() {
    let document = two_detectors(roles(&[role(OTHER_ACCOUNT)]));
    assert_eq!(check(&document).says(DUPLICATE), NOTHING);
    // Nor does it hide the one that the others show.
    let document = with_provider(two_detectors(region("eu-west-1")), "aws.third", roles(&[role(OTHER_ACCOUNT)]));
    let third = "aws_guardduty_detector.third";
    let document = put(document, "/resource_changes/-", new(third));
    let document = put(document, "/configuration/root_module/resources/-", block_under("aws.third", third, json!({})));
    let document = reading(document, "aws", "data.aws_caller_identity.me", json!({ "account_id": ACCOUNT }));
    assert_eq!(check(&document).says(DUPLICATE), [format!("fail {TWO}")]);
}

#[test]
fn of_several_roles_the_last_one_counts() {
    let hub = role("777788889999");
    let chain = |account: &str| roles(&[hub.clone(), role(account)]);
    let two = |one: &str, two: &str| with_provider(two_detectors(chain(two)), "aws", chain(one));
    assert_eq!(check(&two(ACCOUNT, OTHER_ACCOUNT)).tally(DUPLICATE), (1, 0, 0, 0));
    assert_eq!(check(&two(ACCOUNT, ACCOUNT)).says(DUPLICATE), [format!("fail {TWO}")]);
    // The first one says nothing where the last one is not known.
    let open = roles(&[hub.clone(), json!({ "role_arn": refers(&["local.role"]) })]);
    let other = roles(std::slice::from_ref(&hub));
    let document = with_provider(two_detectors(open), "aws", other);
    assert_eq!(check(&document).tally(DUPLICATE), (0, 0, 0, 1));
}

#[test]
fn the_last_role_is_evaluated_from_the_sources() {
    let open = roles(&[role("777788889999"), json!({ "role_arn": refers(&["local.role"]) })]);
    let document = put(two_detectors(open), "/configuration/provider_config/aws.two/alias", json!("two"));
    let document = with_provider(document, "aws", roles(&[role(OTHER_ACCOUNT)]));
    let sources = format!(
        "locals {{ role = \"arn:aws:iam::{OTHER_ACCOUNT}:role/audit\" }}\nprovider \"aws\" {{\n  alias = \"two\"\n  \
         region = \"eu-west-1\"\n  assume_role {{\n    role_arn = \"arn:aws:iam::777788889999:role/hub\"\n  }}\n  \
         assume_role {{\n    role_arn = local.role\n  }}\n}}\n"
    );
    assert_eq!(check(&document).with_sources(&[("", &sources)]).says(DUPLICATE), [format!("fail {TWO}")]);
}

/// A plan that makes a detector in the root module and one in the module `m`, under a block that only says `alias = "dst"`.
/// The root module has `aws.two`, with these arguments.
fn detector_under_an_alias_alone(expressions: Value) -> Value {
    let child = format!("module.m.{TWO}");
    let document = with_provider(plan_of(&[new(ONE), new(&child)], &[block(ONE, json!({}))]), "aws.two", expressions);
    let announced = json!({ "name": "aws", "alias": "dst", "module_address": "module.m" });
    let document = put(document, "/configuration/provider_config/module.m:aws.dst", announced);
    let resources = [block_under("module.m:aws.dst", TWO, json!({}))];
    calling(document, json!({ "m": { "module": { "resources": resources } } }))
}

#[test]
fn a_block_with_nothing_but_an_alias_says_no_account() {
    let shows_account =
        |document| reading(document, "aws", "data.aws_caller_identity.me", json!({ "account_id": ACCOUNT }));
    let document = shows_account(detector_under_an_alias_alone(roles(&[role(OTHER_ACCOUNT)])));
    let account = |run: Run| {
        let estate = run.estate();
        let detector = estate.of_type("aws_guardduty_detector").find(|(_, object)| &*object.address.name == "two");
        detector.and_then(|(_, object)| object.account.as_deref().map(str::to_owned))
    };
    assert_eq!(account(check(&document)), None);
    let root = |passed: &str| {
        format!(
            "module \"m\" {{\n  source = \"./m\"\n  providers = {{ {passed} }}\n}}\nprovider \"aws\" {{}}\nprovider \"aws\" {{\n  alias = \"two\"\n  region = \"eu-west-1\"\n}}\n"
        )
    };
    let with = |passed: &str, block: &str| {
        let block = format!("provider \"aws\" {{\n  {block}\n}}\n");
        account(check(&document).with_sources(&[("", &root(passed)), ("m", &block)]))
    };
    let alias = "alias = \"dst\"";
    assert_eq!(with("aws.dst = aws.two", alias).as_deref(), Some(OTHER_ACCOUNT));
    assert_eq!(with("aws.dst = aws", alias).as_deref(), Some(ACCOUNT));
    assert_eq!(with("aws.dst = aws.unheard_of", alias), None);
    // Whatever is passed, nothing else than the block says where its objects are.
    assert_eq!(with("", alias).as_deref(), Some(ACCOUNT));
}

#[test]
fn two_blocks_with_nothing_but_an_alias_may_be_one_provider() {
    let document = detector_under_an_alias_alone(region("us-east-1"));
    let two = "module.m.aws_guardduty_detector.three";
    let document = put(document, "/resource_changes/-", new(two));
    let announced = json!({ "name": "aws", "alias": "src", "module_address": "module.m" });
    let document = put(document, "/configuration/provider_config/module.m:aws.src", announced);
    let under = block_under("module.m:aws.src", "aws_guardduty_detector.three", json!({}));
    let document = put(document, "/configuration/root_module/module_calls/m/module/resources/-", under);
    let estate = check(&document).estate();
    let object = |name: &str| {
        let found = estate.of_type("aws_guardduty_detector").find(|(_, object)| &*object.address.name == name);
        found.unwrap().1
    };
    assert!(!super::providers_differ(&estate, object("two"), object("three")));
    assert!(!super::providers_differ(&estate, object("one"), object("three")));
}

#[test]
fn equal_names_in_two_modules_are_two_values() {
    let detector = |module: &str| format!("module.{module}.aws_guardduty_detector.this");
    let document = |values: [Value; 2]| {
        let mut document = plan_of(&[new(&detector("a")), new(&detector("b"))], &[]);
        let mut calls = json!({});
        for (module, value) in ["a", "b"].into_iter().zip(values) {
            let key = format!("module.{module}:aws");
            document = with_provider(document, &key, json!({ "region": refers(&["var.region"]) }));
            let address = format!("/configuration/provider_config/{key}/module_address");
            document = put(document, &address, json!(format!("module.{module}")));
            let this = block_under(&key, "aws_guardduty_detector.this", json!({}));
            let call = json!({
                "expressions": { "region": value },
                "module": { "resources": [this], "variables": { "region": {} } },
            });
            calls = put(calls, &format!("/{module}"), call);
        }
        calling(document, calls)
    };
    let two = document([refers(&["local.a"]), refers(&["local.b"])]);
    assert_eq!(check(&two).tally(DUPLICATE), (0, 0, 0, 1));
    let one = document([refers(&["local.region"]), refers(&["local.region"])]);
    assert_eq!(check(&one).says(DUPLICATE), [format!("undecided {}", detector("b"))]);
}

#[test]
fn a_region_known_only_after_apply_is_not_the_providers() {
    let open = |address: &str| created(address, json!({ "enable": true }), &["id", "arn", "region"]);
    let set = |name: &str| json!({ "region": refers(&[&format!("terraform_data.{name}.output")]) });
    let blocks = [block(ONE, set("r")), block(TWO, set("s"))];
    assert_eq!(check(&plan_of(&[open(ONE), open(TWO)], &blocks)).tally(DUPLICATE), (0, 0, 0, 1));
}

#[test]
fn a_data_source_moves_no_region_in_a_raw_state() {
    let detector = || resource(ONE, detector_in("eu-west-1", ACCOUNT, "12ab"));
    // Whether it asked for that region does not show.
    let replica = resource("data.aws_region.replica", json!({ "id": "us-west-2", "name": "us-west-2" }));
    assert_eq!(check(&state(&[detector(), feature(), replica.clone()])).tally(WRONG), (1, 0, 0, 0));
    let bucket = resource("data.aws_s3_bucket.b", json!({ "id": "b", "bucket": "b", "region": "us-west-2" }));
    assert_eq!(check(&state(&[detector(), feature(), bucket.clone()])).tally(WRONG), (1, 0, 0, 0));
    // Where no managed object says anything, it tells, unless another one says otherwise.
    let elsewhere = |more: &[Value]| {
        let feature = aliased("two", FEATURE, json!({ "detector_id": "12ab" }));
        state(&[&[detector(), feature][..], more].concat())
    };
    let read = |name: &str, region: &str| aliased("two", &format!("data.aws_region.{name}"), json!({ "name": region }));
    assert_eq!(check(&elsewhere(&[read("a", "us-west-2")])).says(WRONG), [format!("fail {FEATURE}")]);
    let torn = elsewhere(&[read("a", "us-west-2"), read("b", "eu-west-1")]);
    assert_eq!(check(&torn).says(WRONG), [format!("undecided {FEATURE}")]);
    // A bucket can be read from any region.
    let bucket = aliased("two", "data.aws_s3_bucket.b", json!({ "bucket": "b", "region": "us-west-2" }));
    assert_eq!(check(&elsewhere(&[bucket])).says(WRONG), [format!("undecided {FEATURE}")]);
}

#[test]
fn what_hangs_on_one_detector_is_in_one_region_though_that_is_not_among_the_inputs() {
    let filter = |name: &str, region: &str| {
        let arn = format!("arn:aws:guardduty:{region}:{ACCOUNT}:detector/12ab/filter/{name}");
        aliased("one", &format!("aws_guardduty_filter.{name}"), json!({ "detector_id": "12ab", "arn": arn }))
    };
    let region = |more: &[Value]| {
        let feature = aliased("two", FEATURE, json!({ "detector_id": "12ab", "name": "RDS_LOGIN_EVENTS" }));
        let estate = check(&state(&[&[feature], more].concat())).estate();
        let (_, feature) = estate.of_type("aws_guardduty_detector_feature").next().unwrap();
        feature.region.as_deref().map(str::to_owned)
    };
    assert_eq!(region(&[]), None);
    assert_eq!(region(&[filter("a", "eu-west-1")]).as_deref(), Some("eu-west-1"));
    assert_eq!(region(&[filter("a", "eu-west-1"), filter("b", "us-east-1")]), None);
}

#[test]
fn what_comes_from_a_sensitive_value_is_compared_and_not_shown() {
    let names = json!({ "detector_id": refers(&["aws_guardduty_detector.one.id", "aws_guardduty_detector.one"]) });
    let blocks = [block(ONE, json!({})), block_under("aws.us", FEATURE, names)];
    let document = plan_of(&[new(ONE), created(FEATURE, json!({}), &["detector_id"])], &blocks);
    let secret = json!({ "region": refers(&["var.region"]), "assume_role": [{ "role_arn": refers(&["var.role"]) }] });
    let document = with_provider(with_provider(document, "aws", secret), "aws.us", region("us-east-1"));
    let variables = json!({
        "role": { "value": "arn:aws:iam::999988887777:role/secret" },
        "region": { "value": "eu-west-3" },
    });
    let document = put(document, "/variables", variables);
    let sensitive = json!({ "role": { "sensitive": true }, "region": { "sensitive": true } });
    let document = put(document, "/configuration/root_module/variables", sensitive);
    let finding = check(&document).finding(WRONG);
    assert_eq!((&finding.account, &finding.region), (&None, &None));
    let text = format!("{finding:?}");
    assert!(!text.contains("999988887777") && !text.contains("eu-west-3"), "{text}");
    assert!(finding.message.contains("in us-east-1") && finding.message.contains("sensitive"), "{}", finding.message);
    let open = put(document, "/configuration/root_module/variables", json!({}));
    let finding = check(&open).finding(WRONG);
    assert!(finding.message.contains("in eu-west-3 of account 999988887777"), "{}", finding.message);
}

#[test]
fn a_sensitive_region_of_a_bucket_is_not_shown() {
    let marked = |object: Value, name: &str| {
        let step = json!([[{ "type": "get_attr", "value": name }]]);
        put(object, "/instances/0/sensitive_attributes", step)
    };
    let set = |location: &str| {
        let values =
            json!({ "id": "s", "detector_id": "12ab", "format": "TXT", "activate": true, "location": location });
        resource("aws_guardduty_ipset.s", values)
    };
    let bucket = || marked(resource("aws_s3_bucket.b", json!({ "bucket": "b", "region": "us-west-2" })), "region");
    let detector = || resource(ONE, detector_in("eu-west-1", ACCOUNT, "12ab"));
    let report = check(&state(&[detector(), bucket(), set("s3://b/k")])).finding("list-bucket-region");
    assert!(!format!("{report:?}").contains("us-west-2"), "{report:?}");
    let location = "https://s3.eu-west-1.amazonaws.com/b/k";
    let report = check(&state(&[detector(), bucket(), set(location)])).finding("list-location-invalid");
    assert!(!format!("{report:?}").contains("us-west-2"), "{report:?}");
    let bucket = resource("aws_s3_bucket.b", json!({ "bucket": "b", "region": "us-west-2" }));
    let report = check(&state(&[marked(detector(), "arn"), bucket, set("s3://b/k")])).finding("list-bucket-region");
    assert!(!format!("{report:?}").contains("eu-west-1"), "{report:?}");
}
