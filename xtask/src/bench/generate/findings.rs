//! So many findings in one plan, or the same plan without them.
//!
//! They are of three rules: policies of groups that let blind GuardDuty, members that have left, and alert rules that never
//! fire. Most have a block of their own; one policy in four is an instance of a block that all of these share.

use serde_json::{Value, json};

use super::{
    document::{Document, Shape},
    estate,
    random::Random,
    render::{Action, Facts, Subject, Texts},
    stack::{Block, Written, block_text},
};

/// Region and account of the estate that the objects are added to.
const PLACE: &str = "eu-west-1:123456789012";
/// Size of the estate.
const ESTATE: u64 = 1_000_000;
/// Policies of groups that are instances of one block.
const SHARED: &str = "shared";

/// A plan with so many subjects of the three rules, which fail or pass.
pub(super) fn document(findings: u32, fail: bool) -> Document {
    let mut crowd =
        Crowd { document: estate::document(ESTATE, Shape::Plan, false), random: Random::new(11), shared: Vec::new() };
    crowd.queue();
    for number in 0..findings {
        match number % 4 {
            0 | 1 => crowd.policy(number, fail),
            2 => crowd.member(number, fail),
            _ => crowd.alert(number, fail),
        }
    }
    let objects = std::mem::take(&mut crowd.shared);
    crowd.block("aws_iam_group_policy", SHARED, objects);
    crowd.document
}

struct Crowd {
    document: Document,
    random: Random,
    /// The instances of the shared block.
    shared: Vec<Texts>,
}

impl Crowd {
    /// Adds an object with a block of its own.
    fn add(&mut self, resource_type: &'static str, name: &str, values: Value) {
        let subject = Subject { module: "", data: false, resource_type, name, key: None };
        let written = Written { provider: "aws", expressions: &json!({}), repeats: false, depends_on: &[] };
        self.document.configuration.blocks.push(block_text(&subject, &written));
        let texts = self.render(&subject, values);
        self.block(resource_type, name, vec![texts]);
    }

    fn render(&mut self, subject: &Subject<'_>, values: Value) -> Texts {
        let facts = Facts { values, computed: &[], sensitive: &[], dependencies: &[] };
        subject.render(&mut self.random, Action::NoOp, &facts)
    }

    fn block(&mut self, resource_type: &'static str, name: &str, objects: Vec<Texts>) {
        let (name, provider) = (name.to_owned(), "aws".to_owned());
        self.document.root.blocks.push(Block { data: false, resource_type, name, provider, objects });
    }

    fn policy(&mut self, number: u32, fail: bool) {
        let name = format!("team_{number:06}");
        let actions = if fail { ["guardduty:*", "s3:Get*"] } else { ["guardduty:Get*", "s3:Get*"] };
        let policy = json!({"Version": "2012-10-17", "Statement": [
            {"Action": ["logs:Get*", "logs:Describe*"], "Effect": "Allow", "Resource": format!("arn:aws:logs:{PLACE}:log-group:{name}"), "Sid": "Logs"},
            {"Action": actions, "Effect": "Allow", "Resource": "*", "Sid": "Work"},
        ]});
        let values = json!({
            "group": name, "id": format!("{name}:work"), "name": "work", "name_prefix": "", "policy": policy.to_string(),
        });
        if number.is_multiple_of(8) {
            let resource_type = "aws_iam_group_policy";
            let subject = Subject { module: "", data: false, resource_type, name: SHARED, key: Some(&name) };
            if self.shared.is_empty() {
                let written = Written { provider: "aws", expressions: &json!({}), repeats: true, depends_on: &[] };
                self.document.configuration.blocks.push(block_text(&subject, &written));
            }
            let texts = self.render(&subject, values);
            self.shared.push(texts);
        } else {
            self.add("aws_iam_group_policy", &name, values);
        }
    }

    fn member(&mut self, number: u32, fail: bool) {
        let account = format!("{:012}", 200_000_000_000_u64 + u64::from(number));
        let status = if fail { "Resigned" } else { "Enabled" };
        let detector = "4eb9c4a1d8f54f0fb6b0a0d2c9a3e1f7";
        let values = json!({
            "account_id": account, "detector_id": detector, "disable_email_notification": true,
            "email": format!("account-{number}@example.com"), "id": format!("{detector}:{account}"), "invitation_message": null,
            "invite": true, "relationship_status": status, "timeouts": null,
        });
        self.add("aws_guardduty_member", &format!("account_{number:06}"), values);
    }

    /// The target of all rules.
    fn queue(&mut self) {
        let arn = format!("arn:aws:sqs:{PLACE}:findings");
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Action": "sqs:SendMessage", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Resource": arn, "Sid": "Alerts",
        }]});
        let url = "https://sqs.eu-west-1.amazonaws.com/123456789012/findings";
        let values = json!({
            "arn": arn, "fifo_queue": false, "id": url, "kms_master_key_id": "", "name": "findings", "policy": policy.to_string(),
            "sqs_managed_sse_enabled": true, "tags": {}, "tags_all": {}, "url": url,
        });
        self.add("aws_sqs_queue", "findings", values);
    }

    /// A rule, and its target.
    fn alert(&mut self, number: u32, fail: bool) {
        let name = format!("alert_{number:06}");
        let severity = if fail { json!(["8"]) } else { json!([{"numeric": [">=", 7]}]) };
        let pattern = json!({"source": ["aws.guardduty"], "detail": {"severity": severity}});
        let values = json!({
            "arn": format!("arn:aws:events:{PLACE}:rule/{name}"), "description": "", "event_bus_name": "default", "event_pattern": pattern.to_string(),
            "force_destroy": false, "id": name, "is_enabled": true, "name": name, "name_prefix": "", "role_arn": "", "schedule_expression": "",
            "state": "ENABLED", "tags": {"Team": "security"}, "tags_all": {"Team": "security"},
        });
        self.add("aws_cloudwatch_event_rule", &name, values);
        let values = json!({
            "arn": format!("arn:aws:sqs:{PLACE}:findings"), "event_bus_name": "default", "force_destroy": false, "id": format!("{name}-queue"),
            "input": "", "input_path": "", "role_arn": "", "rule": name, "target_id": "queue",
        });
        self.add("aws_cloudwatch_event_target", &name, values);
    }
}
