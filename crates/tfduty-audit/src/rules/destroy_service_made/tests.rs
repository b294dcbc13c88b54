#![expect(clippy::needless_pass_by_value, reason = "so that tests write `json!(…)` in the call")]

use serde_json::{Value, json};

use crate::testing::{Run, aliased, block, change, deleted, destroy, destroy_plan, plan_of, put, resource, state};

const RULE: &str = "destroy-service-made";
const FUNCTION: &str = "aws_lambda_function.triage";
const GROUP: &str = "aws_cloudwatch_log_group.triage";
const DETECTOR: &str = "aws_guardduty_detector.this";
const ROLE: &str = "aws_iam_role.triage";
const ROLE_ARN: &str = "arn:aws:iam::111122223333:role/triage";
const POLICY_ARN: &str = "arn:aws:iam::111122223333:policy/logs";
const SCANS: &str = "/aws/guardduty/malware-scan-events";

fn function() -> Value {
    json!({
        "arn": "arn:aws:lambda:eu-west-1:111122223333:function:triage", "function_name": "triage", "role": ROLE_ARN,
        "logging_config": [], "vpc_config": [],
    })
}

fn group(name: &str) -> Value {
    json!({ "arn": format!("arn:aws:logs:eu-west-1:111122223333:log-group:{name}"), "name": name })
}

fn detector() -> Value {
    json!({ "id": "12ab", "account_id": "111122223333", "enable": true,
        "arn": "arn:aws:guardduty:eu-west-1:111122223333:detector/12ab" })
}

fn feature(name: &str, status: &str) -> Value {
    json!({ "detector_id": "12ab", "name": name, "status": status, "additional_configuration": [] })
}

/// What the rule says of a destroy plan and of a state before with the same objects.
fn says(objects: &[(&str, Value)]) -> Vec<String> {
    let plan = destroy(&destroy_plan(objects)).says(RULE);
    let resources: Vec<Value> = objects.iter().map(|(address, values)| resource(address, values.clone())).collect();
    assert_eq!(destroy(&state(&resources)).says(RULE), plan);
    plan
}

fn fails(address: &str) -> [String; 1] {
    [format!("fail {address}")]
}

#[test]
fn a_function_without_a_managed_log_group_fails() {
    assert_eq!(says(&[(FUNCTION, function())]), fails(FUNCTION));
    assert_eq!(says(&[(FUNCTION, function()), (GROUP, group("/aws/lambda/other"))]), fails(FUNCTION));
    assert!(says(&[(FUNCTION, function()), (GROUP, group("/aws/lambda/triage"))]).is_empty());
    let finding = destroy(&destroy_plan(&[(FUNCTION, function())])).finding(RULE);
    assert!(finding.message.contains("`/aws/lambda/triage`"), "{}", finding.message);
    assert_eq!(finding.anchor.pointer, "/resource_changes/0/change/before/function_name");
}

#[test]
fn a_log_group_of_another_name_is_the_one_that_counts() {
    let function = put(function(), "/logging_config", json!([{ "log_format": "JSON", "log_group": "/triage" }]));
    assert_eq!(says(&[(FUNCTION, function.clone()), (GROUP, group("/aws/lambda/triage"))]), fails(FUNCTION));
    assert!(says(&[(FUNCTION, function), (GROUP, group("/triage"))]).is_empty());
    // Of such a function the name need not be known.
    let unnamed = json!({ "logging_config": [{ "log_group": "/triage" }] });
    assert!(says(&[(FUNCTION, unnamed), (GROUP, group("/triage"))]).is_empty());
}

#[test]
fn a_log_group_elsewhere_is_another_one() {
    let mut elsewhere = group("/aws/lambda/triage");
    elsewhere["arn"] = json!("arn:aws:logs:us-east-1:111122223333:log-group:/aws/lambda/triage");
    assert_eq!(says(&[(FUNCTION, function()), (GROUP, elsewhere)]), fails(FUNCTION));
}

#[test]
fn a_log_group_that_may_be_in_the_same_place_counts() {
    let group = aliased("logs", GROUP, json!({ "name": "/aws/lambda/triage" }));
    assert!(destroy(&state(&[resource(FUNCTION, function()), group])).says(RULE).is_empty());
}

#[test]
fn a_log_group_that_is_managed_but_does_not_go_is_for_other_rules() {
    let forgotten = change(GROUP, &["forget"], group("/aws/lambda/triage"), Value::Null, json!({}));
    let plan = plan_of(&[deleted(FUNCTION, function()), forgotten], &[]);
    assert!(destroy(&plan).says(RULE).is_empty());
    let other = state(&[resource(GROUP, group("/aws/lambda/triage"))]);
    assert!(destroy(&destroy_plan(&[(FUNCTION, function())])).and("b/state.json", &other).says(RULE).is_empty());
}

#[test]
fn a_log_group_that_is_only_read_is_not_managed() {
    let read = resource("data.aws_cloudwatch_log_group.triage", group("/aws/lambda/triage"));
    assert_eq!(destroy(&state(&[resource(FUNCTION, function()), read])).says(RULE), fails(FUNCTION));
}

#[test]
fn an_old_copy_of_a_function_is_an_object_of_its_own() {
    let old = json!({ "schema_version": 0, "deposed": "701a98cd", "attributes": { "function_name": "old" } });
    let both = put(state(&[resource(FUNCTION, function())]), "/resources/0/instances/-", old);
    let group = resource(GROUP, group("/aws/lambda/triage"));
    let both = put(both, "/resources/-", group);
    assert_eq!(destroy(&both).says(RULE), fails(&format!("{FUNCTION} (deposed 701a98cd)")));
}

#[test]
fn a_sensitive_name_is_withheld() {
    let mut gone = deleted(FUNCTION, function());
    gone["change"]["before_sensitive"] = json!({ "function_name": true });
    let finding = destroy(&plan_of(&[gone], &[])).finding(RULE);
    assert!(!finding.message.contains("triage"), "{}", finding.message);
}

#[test]
fn a_name_that_is_not_known_leaves_it_undecided() {
    for address in [FUNCTION, "aws_codebuild_project.build"] {
        assert_eq!(says(&[(address, json!({ "id": "x" }))]), [format!("undecided {address}")]);
    }
    let cluster = json!({ "enabled_cluster_log_types": ["api"] });
    assert_eq!(says(&[("aws_eks_cluster.this", cluster)]), ["undecided aws_eks_cluster.this"]);
}

fn policy(effect: &str, action: &str, on: &str) -> String {
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": effect, "Action": action, "Resource": on }] })
        .to_string()
}

fn role(inline: Value, attached: Value) -> Value {
    json!({ "arn": ROLE_ARN, "name": "triage", "inline_policy": inline, "managed_policy_arns": attached })
}

fn with_role(role: Value, others: &[(&str, Value)]) -> Vec<String> {
    let mut objects = vec![(FUNCTION, function()), (ROLE, role)];
    objects.extend(others.iter().cloned());
    says(&objects)
}

#[test]
fn a_role_that_is_known_not_to_make_log_groups_is_quiet() {
    assert!(with_role(role(json!([]), json!([])), &[]).is_empty());
    let empty = json!([{ "name": "", "policy": "" }]);
    assert!(with_role(role(empty, json!([])), &[]).is_empty());
    let writes = policy("Allow", "logs:PutLogEvents", "*");
    let inline = json!([{ "name": "logs", "policy": writes }]);
    let own = ("aws_iam_policy.logs", json!({ "arn": POLICY_ARN, "policy": writes }));
    assert!(with_role(role(inline, json!([POLICY_ARN])), &[own]).is_empty());
}

#[test]
fn a_role_that_denies_it_is_quiet() {
    let both = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "logs:*", "Resource": "*" },
        { "Effect": "Deny", "Action": "logs:CreateLogGroup", "Resource": "*" },
    ] });
    let inline = json!([{ "name": "logs", "policy": both.to_string() }]);
    assert!(with_role(role(inline, json!([])), &[]).is_empty());
}

#[test]
fn any_policy_of_a_role_may_let_it_make_log_groups() {
    let makes = policy("Allow", "logs:Create*", "arn:aws:logs:eu-west-1:111122223333:*");
    let none = || role(json!([]), json!([]));
    let policy_of = ("aws_iam_policy.logs", json!({ "arn": POLICY_ARN, "policy": makes }));
    let inline = json!([{ "name": "logs", "policy": makes }]);
    assert_eq!(with_role(role(inline, json!([])), &[]), fails(FUNCTION));
    assert_eq!(with_role(role(json!([]), json!([POLICY_ARN])), std::slice::from_ref(&policy_of)), fails(FUNCTION));
    let own = ("aws_iam_role_policy.logs", json!({ "role": "triage", "policy": makes }));
    assert_eq!(with_role(none(), &[own]), fails(FUNCTION));
    let attachment = ("aws_iam_role_policy_attachment.logs", json!({ "role": "triage", "policy_arn": POLICY_ARN }));
    assert_eq!(with_role(none(), &[attachment, policy_of.clone()]), fails(FUNCTION));
    let attachment = ("aws_iam_policy_attachment.logs", json!({ "roles": ["triage"], "policy_arn": POLICY_ARN }));
    assert_eq!(with_role(none(), &[attachment, policy_of]), fails(FUNCTION));
}

#[test]
fn a_policy_for_the_streams_of_the_group_alone_may_do_as_well() {
    let makes = policy("Allow", "logs:*", "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/triage:*");
    let inline = json!([{ "name": "logs", "policy": makes }]);
    assert_eq!(with_role(role(inline, json!([])), &[]), fails(FUNCTION));
}

#[test]
fn policies_of_other_roles_do_not_matter() {
    let makes = policy("Allow", "*", "*");
    let own = ("aws_iam_role_policy.other", json!({ "role": "other", "policy": makes }));
    let attachment = ("aws_iam_role_policy_attachment.other", json!({ "role": "other", "policy_arn": POLICY_ARN }));
    assert!(with_role(role(json!([]), json!([])), &[own, attachment]).is_empty());
}

#[test]
fn a_policy_that_is_not_known_is_not_known_to_keep_it_out() {
    let basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    assert_eq!(with_role(role(json!([]), json!([basic])), &[]), fails(FUNCTION));
    assert_eq!(with_role(role(Value::Null, json!([])), &[]), fails(FUNCTION));
    assert_eq!(with_role(role(json!([]), Value::Null), &[]), fails(FUNCTION));
    let broken = json!([{ "name": "logs", "policy": "{" }]);
    assert_eq!(with_role(role(broken, json!([])), &[]), fails(FUNCTION));
    let open = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "logs:*", "Resource": "*",
        "Condition": { "StringEquals": { "aws:RequestedRegion": "eu-west-1" } } }] });
    let open = json!([{ "name": "logs", "policy": open.to_string() }]);
    assert_eq!(with_role(role(open, json!([])), &[]), fails(FUNCTION));
}

#[test]
fn malware_scans_that_a_feature_turns_on_leave_a_log_group() {
    let ebs = |status: &str| ("aws_guardduty_detector_feature.ebs", feature("EBS_MALWARE_PROTECTION", status));
    assert_eq!(says(&[(DETECTOR, detector()), ebs("ENABLED")]), fails(DETECTOR));
    assert!(says(&[(DETECTOR, detector()), ebs("DISABLED")]).is_empty());
    assert!(says(&[(DETECTOR, detector()), ebs("ENABLED"), (GROUP, group(SCANS))]).is_empty());
    let other = ("aws_guardduty_detector_feature.s3", feature("S3_DATA_EVENTS", "ENABLED"));
    assert!(says(&[(DETECTOR, detector()), other]).is_empty());
    let stranger = put(feature("EBS_MALWARE_PROTECTION", "ENABLED"), "/detector_id", json!("34cd"));
    assert!(says(&[(DETECTOR, detector()), ("aws_guardduty_detector_feature.ebs", stranger)]).is_empty());
}

/// A detector whose state says that malware scans are on, or off.
fn scanning(on: bool) -> Value {
    let block = json!([{ "malware_protection": [{ "scan_ec2_instance_with_findings": [
        { "ebs_volumes": [{ "enable": on }] },
    ] }] }]);
    put(detector(), "/datasources", block)
}

/// A destroy plan of that detector with the `datasources` of its configuration.
fn scanning_plan(on: bool, datasources: Value) -> Value {
    plan_of(&[deleted(DETECTOR, scanning(on))], &[block(DETECTOR, json!({ "datasources": datasources }))])
}

#[test]
fn malware_scans_that_the_detector_itself_turns_on_leave_a_log_group() {
    let enable = |on: bool| json!({ "enable": { "constant_value": on } });
    let set = |on: bool| json!([{ "malware_protection": [{ "scan_ec2_instance_with_findings": [{ "ebs_volumes": [enable(on)] }] }] }]);
    let finding = destroy(&scanning_plan(true, set(true))).finding(RULE);
    assert_eq!(finding.address.as_deref(), Some(DETECTOR));
    assert!(finding.anchor.pointer.ends_with("/ebs_volumes/0/enable"), "{}", finding.anchor.pointer);
    assert!(destroy(&scanning_plan(false, set(false))).says(RULE).is_empty());
    assert!(destroy(&scanning_plan(true, json!([{ "s3_logs": [enable(true)] }]))).says(RULE).is_empty());
}

#[test]
fn a_block_that_a_state_merely_echoes_does_not_count() {
    let run = || destroy(&state(&[resource(DETECTOR, scanning(true))]));
    assert!(run().says(RULE).is_empty());
    let source = |body: &str| format!("resource \"aws_guardduty_detector\" \"this\" {{\n{body}\n}}\n");
    assert!(run().with_sources(&[("", &source("enable = true"))]).says(RULE).is_empty());
    let ebs = "datasources {\n malware_protection {\n scan_ec2_instance_with_findings {\n ebs_volumes {\n enable = true\n }\n }\n }\n}";
    let finding = run().with_sources(&[("", &source(ebs))]).finding(RULE);
    assert_eq!(finding.source.map(|place| place.line), Some(3));
    let bare = plan_of(&[deleted(DETECTOR, scanning(true))], &[block(DETECTOR, json!({}))]);
    assert!(destroy(&bare).says(RULE).is_empty());
}

/// A feature with agents that GuardDuty manages.
fn runtime(name: &str, status: &str) -> (&'static str, Value) {
    let agents = json!([{ "name": "EC2_AGENT_MANAGEMENT", "status": status }]);
    ("aws_guardduty_detector_feature.runtime", put(feature(name, "ENABLED"), "/additional_configuration", agents))
}

fn network(resource_type: &str) -> Value {
    json!({ "id": "net-1", "arn": format!("arn:aws:ec2:eu-west-1:111122223333:{resource_type}/net-1") })
}

#[test]
fn the_endpoint_of_runtime_agents_blocks_the_network() {
    for (address, name) in [
        ("aws_vpc.main", "RUNTIME_MONITORING"),
        ("aws_subnet.a", "RUNTIME_MONITORING"),
        ("aws_eks_cluster.main", "EKS_RUNTIME_MONITORING"),
    ] {
        let objects = [(DETECTOR, detector()), runtime(name, "ENABLED"), (address, network("vpc"))];
        assert_eq!(says(&objects), fails(DETECTOR), "{address}");
        let related = destroy(&destroy_plan(&objects)).finding(RULE).related;
        let related: Vec<_> = related.iter().filter_map(|related| related.address.as_deref()).collect();
        assert_eq!(related, ["aws_guardduty_detector_feature.runtime", address]);
    }
}

#[test]
fn without_agents_or_a_network_that_goes_there_is_no_endpoint_in_the_way() {
    assert!(says(&[(DETECTOR, detector()), runtime("RUNTIME_MONITORING", "ENABLED")]).is_empty());
    let vpc = ("aws_vpc.main", network("vpc"));
    assert!(says(&[(DETECTOR, detector()), runtime("RUNTIME_MONITORING", "DISABLED"), vpc.clone()]).is_empty());
    assert!(says(&[(DETECTOR, detector()), runtime("EKS_AUDIT_LOGS", "ENABLED"), vpc.clone()]).is_empty());
    let off = runtime("RUNTIME_MONITORING", "ENABLED");
    let off = (off.0, put(off.1, "/status", json!("DISABLED")));
    assert!(says(&[(DETECTOR, detector()), off, vpc]).is_empty());
    let elsewhere = json!({ "id": "net-1", "arn": "arn:aws:ec2:us-east-1:111122223333:vpc/net-1" });
    let objects = [(DETECTOR, detector()), runtime("RUNTIME_MONITORING", "ENABLED"), ("aws_vpc.main", elsewhere)];
    assert!(says(&objects).is_empty());
}

#[test]
fn a_detector_that_stays_keeps_its_endpoint_as_well() {
    let stays = change(DETECTOR, &["forget"], detector(), Value::Null, json!({}));
    let (address, values) = runtime("RUNTIME_MONITORING", "ENABLED");
    let plan = plan_of(&[stays, deleted(address, values), deleted("aws_vpc.main", network("vpc"))], &[]);
    assert_eq!(destroy(&plan).says(RULE), fails(DETECTOR));
}

#[test]
fn where_the_detector_is_only_read_its_feature_carries_the_finding() {
    let (address, values) = runtime("RUNTIME_MONITORING", "ENABLED");
    let read = resource("data.aws_guardduty_detector.this", json!({ "id": "12ab" }));
    let state = state(&[read, resource(address, values), resource("aws_vpc.main", network("vpc"))]);
    assert_eq!(destroy(&state).says(RULE), fails(address));
    let related = destroy(&state).finding(RULE).related;
    assert_eq!(related.iter().filter_map(|related| related.address.as_deref()).collect::<Vec<_>>(), ["aws_vpc.main"]);
}

#[test]
fn other_makers_of_log_groups() {
    let exports = json!({ "cluster_identifier": "db", "enabled_cloudwatch_logs_exports": ["audit", "error"] });
    for (address, values, names) in [
        ("aws_codebuild_project.build", json!({ "name": "build" }), &["/aws/codebuild/build"][..]),
        (
            "aws_codebuild_project.build",
            json!({ "name": "build", "logs_config": [{ "cloudwatch_logs": [{ "status": "ENABLED", "group_name": "/builds" }] }] }),
            &["/builds"],
        ),
        (
            "aws_eks_cluster.this",
            json!({ "name": "main", "enabled_cluster_log_types": ["api"] }),
            &["/aws/eks/main/cluster"],
        ),
        ("aws_rds_cluster.this", exports, &["/aws/rds/cluster/db/audit", "/aws/rds/cluster/db/error"]),
    ] {
        let mut objects = vec![(address, values)];
        let message = destroy(&destroy_plan(&objects)).finding(RULE).message;
        for (index, name) in names.iter().enumerate() {
            assert_eq!(says(&objects), fails(address), "{name}");
            assert!(message.contains(&format!("`{name}`")), "{message}");
            objects.push(([GROUP, "aws_cloudwatch_log_group.b"][index], group(name)));
        }
        assert!(says(&objects).is_empty(), "{address}");
    }
}

#[test]
fn what_writes_no_logs_passes() {
    let off = json!([{ "cloudwatch_logs": [{ "status": "DISABLED" }] }]);
    for (address, values) in [
        ("aws_codebuild_project.build", json!({ "name": "build", "logs_config": off })),
        ("aws_eks_cluster.this", json!({ "name": "main", "enabled_cluster_log_types": [] })),
        ("aws_rds_cluster.this", json!({ "cluster_identifier": "db" })),
    ] {
        let run = destroy(&destroy_plan(&[(address, values)]));
        assert_eq!(run.tally(RULE), (1, 0, 0, 0), "{address}");
    }
}

/// A function in a VPC whose log group is managed.
fn in_vpc(others: &[(&str, Value)]) -> Run {
    let vpc = json!([{ "security_group_ids": ["sg-1"], "subnet_ids": ["subnet-1"] }]);
    let mut objects = vec![(FUNCTION, put(function(), "/vpc_config", vpc)), (GROUP, group("/aws/lambda/triage"))];
    objects.extend(others.iter().cloned());
    destroy(&destroy_plan(&objects))
}

#[test]
fn the_network_of_a_function_waits_for_its_interfaces() {
    assert!(in_vpc(&[]).says(RULE).is_empty());
    assert!(in_vpc(&[("aws_subnet.a", json!({ "id": "subnet-2" }))]).says(RULE).is_empty());
    for address in ["aws_subnet.a", "aws_security_group.fn"] {
        let id = if address.contains("subnet") { "subnet-1" } else { "sg-1" };
        let finding = in_vpc(&[(address, json!({ "id": id }))]).finding(RULE);
        assert_eq!(finding.address.as_deref(), Some(FUNCTION));
        assert!(finding.message.contains(address), "{}", finding.message);
    }
}

#[test]
fn a_log_group_and_a_network_are_two_findings() {
    let vpc = json!([{ "security_group_ids": ["sg-1"], "subnet_ids": [] }]);
    let function = put(function(), "/vpc_config", vpc);
    let objects = [(FUNCTION, function), ("aws_security_group.fn", json!({ "id": "sg-1" }))];
    assert_eq!(says(&objects), [fails(FUNCTION), fails(FUNCTION)].concat());
}

#[test]
fn a_security_group_that_the_provider_replaces_first_does_not_wait() {
    let vpc = json!([{ "security_group_ids": ["sg-1"], "subnet_ids": ["subnet-1"] }]);
    let replaced = json!({ "function_name": "triage", "vpc_config": vpc, "replace_security_groups_on_destroy": true });
    let says = |address: &str, id: &str| {
        let function = (FUNCTION, replaced.clone());
        says(&[function, (GROUP, group("/aws/lambda/triage")), (address, json!({ "id": id }))])
    };
    assert!(says("aws_security_group.fn", "sg-1").is_empty());
    assert_eq!(says("aws_subnet.a", "subnet-1"), fails(FUNCTION));
}

#[test]
fn a_database_makes_a_log_group_for_each_log() {
    let exports = json!({ "identifier": "db", "enabled_cloudwatch_logs_exports": ["postgresql"] });
    let database = ("aws_db_instance.this", exports);
    assert_eq!(says(std::slice::from_ref(&database)), fails("aws_db_instance.this"));
    assert!(says(&[database, (GROUP, group("/aws/rds/instance/db/postgresql"))]).is_empty());
    assert!(says(&[("aws_db_instance.this", json!({ "identifier": "db" }))]).is_empty());
}
