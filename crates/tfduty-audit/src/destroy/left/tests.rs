use serde_json::{Value, json};

use super::{Kept, Left, TABLE, VOLUMES, WHOLE, kept};
use crate::{
    Remain,
    retain::{self, Effect},
    testing::{block, deleted, destroy, destroy_plan, detector_in, plan_of, put, resource, state, with_prior},
};

fn kept_of(address: &str, attributes: Value) -> Kept {
    let estate = destroy(&state(&[resource(address, attributes)])).estate();
    let (_, object) = estate.objects().next().unwrap();
    kept(&estate, object)
}

fn left_of(address: &str, attributes: Value) -> Left {
    let mut kept = kept_of(address, attributes);
    assert!(!kept.is_whole && !kept.makes_no_snapshot && kept.left.len() == 1, "{kept:?}");
    kept.left.remove(0)
}

#[test]
fn every_attribute_that_keeps_something_is_told_apart() {
    for row in retain::TABLE.iter().filter(|row| matches!(row.effect, Effect::Keeps | Effect::Copies)) {
        let is_told = WHOLE.contains(&row.path) || row.path.ends_with(VOLUMES);
        assert!(is_told || TABLE.iter().any(|left| left.path == row.path), "{}", row.path);
    }
    for (name, row, values) in retain::cases(&[Effect::Keeps, Effect::Copies]) {
        let kept = kept_of(&format!("{name}.x"), values.on);
        let is_something = kept.is_whole || kept.makes_no_snapshot || !kept.left.is_empty();
        assert!(is_something, "{name} {}", row.path);
        let kept = kept_of(&format!("{name}.x"), values.off);
        assert!(!kept.is_whole && !kept.makes_no_snapshot && kept.left.is_empty(), "{name} {}: {kept:?}", row.path);
    }
}

#[test]
fn a_final_snapshot_goes_by_its_name() {
    for (name, command) in [
        ("aws_db_instance", "rds delete-db-snapshot --db-snapshot-identifier last"),
        ("aws_rds_cluster", "rds delete-db-cluster-snapshot --db-cluster-snapshot-identifier last"),
        ("aws_docdb_cluster", "docdb delete-db-cluster-snapshot --db-cluster-snapshot-identifier last"),
        ("aws_neptune_cluster", "neptune delete-db-cluster-snapshot --db-cluster-snapshot-identifier last"),
        ("aws_redshift_cluster", "redshift delete-cluster-snapshot --snapshot-identifier last"),
    ] {
        let values =
            json!({ "skip_final_snapshot": false, "final_snapshot_identifier": "last", "region": "eu-west-1" });
        let left = left_of(&format!("{name}.x"), values);
        assert_eq!((&*left.what, left.id.as_deref()), ("the final snapshot", Some("last")));
        assert_eq!(left.commands, [format!("aws --region eu-west-1 {command}")]);
    }
    let values = json!({ "final_snapshot_identifier": "last" });
    let left = left_of("aws_elasticache_cluster.x", values);
    assert_eq!(left.commands, ["aws elasticache delete-snapshot --snapshot-name last"]);
    let left = left_of("aws_memorydb_cluster.x", json!({ "final_snapshot_name": "last" }));
    assert_eq!(left.commands, ["aws memorydb delete-snapshot --snapshot-name last"]);
    let left =
        left_of("aws_lightsail_database.x", json!({ "skip_final_snapshot": false, "final_snapshot_name": "last" }));
    assert!(left.commands[0].ends_with("--relational-database-snapshot-name last"));
}

#[test]
fn a_snapshot_without_a_name_or_of_a_replica_blocks() {
    let kept = kept_of("aws_db_instance.x", json!({ "skip_final_snapshot": false, "final_snapshot_identifier": null }));
    assert!(kept.makes_no_snapshot && !kept.is_whole && kept.left.is_empty());
    let values =
        json!({ "skip_final_snapshot": false, "final_snapshot_identifier": null, "replicate_source_db": "db" });
    let kept = kept_of("aws_db_instance.x", values);
    assert!(kept.makes_no_snapshot && kept.left.is_empty());
    let values =
        json!({ "skip_final_snapshot": false, "final_snapshot_identifier": "last", "replicate_source_db": "db" });
    let kept = kept_of("aws_db_instance.x", values);
    assert!(kept.makes_no_snapshot && kept.left.is_empty());
}

#[test]
fn automated_backups_go_by_the_id_of_what_they_are_of() {
    let values = json!({ "skip_final_snapshot": true, "delete_automated_backups": false, "resource_id": "db-1" });
    let left = left_of("aws_db_instance.x", values);
    assert_eq!(left.commands, ["aws rds delete-db-instance-automated-backup --dbi-resource-id db-1"]);
    let values =
        json!({ "skip_final_snapshot": true, "delete_automated_backups": false, "cluster_resource_id": "c-1" });
    let left = left_of("aws_rds_cluster.x", values);
    assert_eq!(left.commands, ["aws rds delete-db-cluster-automated-backup --db-cluster-resource-id c-1"]);
}

#[test]
fn only_the_volumes_that_stay_are_left() {
    let block = |id: &str, deleted| json!({ "volume_id": id, "delete_on_termination": deleted });
    let values = json!({
        "root_block_device": [block("vol-0", false)],
        "ebs_block_device": [block("vol-1", true), block("vol-2", false), block("", false)],
    });
    let left = kept_of("aws_instance.x", values).left;
    let commands: Vec<&str> = left.iter().flat_map(|left| left.commands.iter().map(String::as_str)).collect();
    assert_eq!(commands, ["aws ec2 delete-volume --volume-id vol-0", "aws ec2 delete-volume --volume-id vol-2"]);
    let ids: Vec<_> = left.iter().map(|left| left.id.as_deref()).collect();
    assert_eq!(ids, [Some("vol-0"), Some("vol-2"), None]);
}

#[test]
fn no_command_deletes_a_volume_with_a_resource_of_its_own() {
    let block = json!([{ "volume_id": "vol-1", "delete_on_termination": false }]);
    let instance = json!({ "id": "i-1", "ebs_block_device": block });
    let attachment = json!({ "instance_id": "i-1", "volume_id": "vol-1" });
    let objects = [resource("aws_instance.x", instance), resource("aws_volume_attachment.x", attachment)];
    let estate = destroy(&state(&objects)).estate();
    let (_, object) = estate.of_type("aws_instance").next().unwrap();
    assert!(kept(&estate, object).left.is_empty());
}

#[test]
fn software_in_a_cluster_is_taken_back_to_be_deleted() {
    let left = left_of("aws_eks_addon.x", json!({ "preserve": true, "cluster_name": "c", "addon_name": "a" }));
    assert_eq!(left.commands.len(), 3);
    assert!(left.commands[0].starts_with("aws eks create-addon --cluster-name c --addon-name a "));
    assert_eq!(left.commands[2], "aws eks delete-addon --cluster-name c --addon-name a");
}

const LAMBDA: &str = "aws_lambda_function.triage";

fn lambda() -> Value {
    json!({ "function_name": "triage", "arn": "arn:aws:lambda:eu-west-1:123456789012:function:triage" })
}

fn detector() -> (&'static str, Value) {
    ("aws_guardduty_detector.this", detector_in("eu-west-1", "123456789012", "12ab"))
}

fn feature(name: &str, agent: &str) -> (&'static str, Value) {
    let agents = json!([{ "name": agent, "status": "ENABLED" }]);
    let values =
        json!({ "detector_id": "12ab", "name": name, "status": "ENABLED", "additional_configuration": agents });
    ("aws_guardduty_detector_feature.this", values)
}

/// What one rule says is left by a destroy of these objects.
fn left_by(rule: &str, objects: &[(&str, Value)]) -> Vec<Remain> {
    let mut remains = destroy(&destroy_plan(objects)).report().destroy.unwrap().remains;
    remains.retain(|remain| *remain.item.rules == [rule]);
    remains
}

#[test]
fn log_groups_that_stay_go_by_their_names() {
    let rule = "destroy-service-made";
    let own = put(lambda(), "/logging_config", json!([{ "log_group": "/logs/own" }]));
    let cluster = json!({ "cluster_identifier": "db", "enabled_cloudwatch_logs_exports": ["audit", "error"],
        "skip_final_snapshot": true, "arn": "arn:aws:rds:eu-west-1:123456789012:cluster:db" });
    let managed = ("aws_cloudwatch_log_group.audit", json!({ "name": "/aws/rds/cluster/db/audit" }));
    let scans = [detector(), feature("EBS_MALWARE_PROTECTION", "")];
    for (objects, expected) in [
        (vec![(LAMBDA, lambda())], "/aws/lambda/triage"),
        (vec![(LAMBDA, own)], "/logs/own"),
        (vec![("aws_rds_cluster.db", cluster), managed], "/aws/rds/cluster/db/error"),
        (scans.to_vec(), "/aws/guardduty/malware-scan-events"),
    ] {
        let left = left_by(rule, &objects);
        assert_eq!(left.len(), 1, "{left:#?}");
        assert_eq!((left[0].what.as_deref(), left[0].item.id.as_deref()), (Some("the log group"), Some(expected)));
        let command = format!("aws --region eu-west-1 logs delete-log-group --log-group-name {expected}");
        assert_eq!(left[0].commands, [command]);
        assert_eq!(left[0].item.resource_type.as_deref(), Some("aws_cloudwatch_log_group"));
    }
}

#[test]
fn a_log_group_with_a_sensitive_name_has_no_command() {
    let document = put(
        state(&[resource(LAMBDA, lambda())]),
        "/resources/0/instances/0/sensitive_attributes",
        json!([[{ "type": "get_attr", "value": "function_name" }]]),
    );
    let summary = destroy(&document).report().destroy.unwrap();
    let [left] = &summary.remains[..] else { panic!("{summary:#?}") };
    assert_eq!((left.what.as_deref(), left.commands.len()), (Some("the log group"), 0));
}

#[test]
fn network_interfaces_go_by_themselves() {
    let inside = json!([{ "security_group_ids": ["sg-1"], "subnet_ids": [] }]);
    let objects = [
        (LAMBDA, put(lambda(), "/vpc_config", inside)),
        ("aws_security_group.this", json!({ "id": "sg-1" })),
        ("aws_cloudwatch_log_group.this", json!({ "name": "/aws/lambda/triage" })),
    ];
    let report = destroy(&destroy_plan(&objects)).report();
    assert!(report.findings.iter().any(|finding| finding.discriminator == "network"));
    let summary = report.destroy.unwrap();
    assert!(summary.remains.is_empty());
    assert_eq!(summary.deletes.len(), 3);
}

#[test]
fn endpoints_go_before_their_security_groups() {
    let objects =
        [detector(), feature("RUNTIME_MONITORING", "EC2_AGENT_MANAGEMENT"), ("aws_vpc.v", json!({ "id": "vpc-1" }))];
    let left = left_by("destroy-service-made", &objects);
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].item.resource_type.as_deref(), Some("aws_vpc_endpoint"));
    assert!(
        left[0].commands[0].contains("delete-vpc-endpoints") && left[0].commands[1].contains("delete-security-group")
    );
}

#[test]
fn the_detector_of_a_member_is_deleted_in_no_other_account() {
    let member = json!({ "id": "12ab:555566667777", "detector_id": "12ab", "account_id": "555566667777",
        "relationship_status": "Removed" });
    let organization = json!({ "detector_id": "12ab", "auto_enable_organization_members": "NEW" });
    let member = ("aws_guardduty_member.workload", member);
    let alone = left_by("destroy-org-remains", std::slice::from_ref(&member));
    let organization = ("aws_guardduty_organization_configuration.all", organization);
    // Here the finding is about the administrator's detector, and points at the member.
    let under = left_by("destroy-org-remains", &[detector(), member, organization]);
    for (left, address) in [(alone, "aws_guardduty_member.workload"), (under, "aws_guardduty_detector.this")] {
        assert_eq!(left.len(), 1, "{left:#?}");
        assert_eq!(left[0].item.address.as_deref(), Some(address));
        assert_eq!(left[0].item.account.as_deref(), Some("555566667777"));
        assert!(left[0].commands[0].starts_with("[ \"$(aws "), "{}", left[0].commands[0]);
        assert!(left[0].commands[0].contains(" = 555566667777 ] && aws "));
    }
}

#[test]
fn the_detectors_of_unknown_members_have_no_command() {
    let delegation = json!({ "id": "222233334444", "admin_account_id": "222233334444" });
    let left = left_by("destroy-org-remains", &[("aws_guardduty_organization_admin_account.security", delegation)]);
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].what.as_deref(), Some("the detectors of the member accounts"));
    assert!(left[0].commands.is_empty());
}

#[test]
fn an_accepter_leaves_the_detector_of_its_account() {
    let accepter = json!({ "id": "34cd", "detector_id": "34cd", "master_account_id": "222233334444" });
    let left = left_by("destroy-org-remains", &[("aws_guardduty_invite_accepter.workload", accepter)]);
    assert_eq!(left.len(), 1);
    assert_eq!(left[0].commands, ["aws guardduty delete-detector --detector-id 34cd"]);
    let (what, item) = (left[0].what.as_deref(), &left[0].item);
    assert_eq!(
        (what, item.resource_type.as_deref(), item.id.as_deref()),
        (Some("the detector of the account"), Some("aws_guardduty_detector"), Some("34cd"))
    );
    // By the detector that it names, and by its own id where it names none.
    for (id, detector) in [(Value::Null, "34cd"), (json!("34cd"), "")] {
        let accepter = json!({ "id": id, "detector_id": detector, "master_account_id": "222233334444" });
        let left = left_by("destroy-org-remains", &[("aws_guardduty_invite_accepter.workload", accepter)]);
        assert_eq!(left[0].item.id.as_deref(), Some("34cd"));
    }
}

#[test]
fn the_attributes_are_those_of_the_type_and_of_every_type() {
    let of = |resource_type: &str| super::attributes(resource_type).collect::<Vec<_>>();
    let (add_on, database) = (of("aws_eks_addon"), of("aws_db_instance"));
    assert!(
        database.contains(&"final_snapshot_identifier") && add_on.contains(&"cluster_name"),
        "{database:?} {add_on:?}"
    );
    assert!(database.len() > add_on.len(), "{database:?} {add_on:?}");
    for names in [add_on, database] {
        assert!(names.iter().all(|name| !name.is_empty()), "{names:?}");
    }
}

#[test]
fn what_a_script_made_is_told_beside_the_object_that_ran_it() {
    let document =
        plan_of(&[deleted("null_resource.setup", json!({ "id": "1" }))], &[block("null_resource.setup", json!({}))]);
    let sources = r#"resource "null_resource" "setup" {
        provisioner "local-exec" { command = "aws guardduty create-ip-set --detector-id 12ab" }
    }"#;
    let summary = destroy(&document).with_sources(&[("", sources)]).report().destroy.unwrap();
    let [left] = &summary.remains[..] else { panic!("{summary:#?}") };
    assert_eq!((left.what.as_deref(), left.commands.len()), (Some("what its provisioner made"), 0));
    assert_eq!(summary.deletes.len(), 1);
}

#[test]
fn a_malware_plan_stays_or_leaves_its_rule() {
    let plan_values = json!({ "id": "cbf222f8", "role": "arn:aws:iam::123456789012:role/scan",
        "arn": "arn:aws:guardduty:eu-west-1:123456789012:malware-protection-plan/cbf222f8" });
    let plan_values = ("aws_guardduty_malware_protection_plan.p", plan_values);
    let role = ("aws_iam_role.scan", json!({ "name": "scan", "arn": "arn:aws:iam::123456789012:role/scan" }));
    let document = destroy_plan(&[detector(), plan_values.clone(), role]);
    let document = put(
        document,
        "/configuration",
        plan_of(
            &[],
            &[
                block("aws_guardduty_detector.this", json!({})),
                block("aws_guardduty_malware_protection_plan.p", json!({})),
                block("aws_iam_role.scan", json!({})),
            ],
        )["configuration"]
            .clone(),
    );
    let summary = destroy(&document).report().destroy.unwrap();
    let [left] = &summary.remains[..] else { panic!("{summary:#?}") };
    assert_eq!(left.what.as_deref(), Some("the EventBridge rule that it made"));
    assert_eq!(summary.deletes.len(), 3);
    let kept = with_prior(destroy_plan(&[detector()]), &[detector(), plan_values]);
    let summary = destroy(&kept).report().destroy.unwrap();
    let [left] = &summary.remains[..] else { panic!("{summary:#?}") };
    assert_eq!(left.item.rules, ["destroy-malware-plan-outlives", "destroy-plan-incomplete"]);
    assert!(left.commands[0].contains("delete-malware-protection-plan") && left.commands.len() == 2);
}
