//! The audit: an estate of Terraform units and what GuardDuty needs of it.
//!
//! The crate knows GuardDuty: the graph of its resources, the rules, verdicts and suppression. It does no I/O, knows no
//! output format, and nothing of it is serializable.

mod accounts;
mod alerts;
mod audit;
mod buckets;
mod by_place;
mod candidates;
mod comments;
mod context;
mod coverage;
mod date;
mod dependencies;
mod destroy;
mod detectors;
mod encryption;
mod entries;
mod estate;
mod evaluate;
mod explain;
mod exports;
mod facts;
mod filters;
mod finding;
mod generated;
mod going;
mod graph;
mod history;
mod identities;
mod index;
mod keys;
mod lifecycle;
mod lists;
mod log_groups;
mod matrix;
mod object;
mod organization;
mod policies;
mod positions;
mod protection;
mod reading;
mod reads;
mod references;
mod regional;
mod removal;
mod report;
mod retain;
mod rule;
mod rules;
mod same_detector;
mod scripts;
mod settings;
mod settle;
mod shared;
mod standards;
pub mod suggest;
mod suppress;
#[cfg(test)]
mod testing;
mod wiring;
mod withheld;
mod writers;

use tfduty_terraform::Detail;

pub use audit::audit;
pub use context::Context;
pub use date::{date, days_in_month};
pub use destroy::{DestroyItem, DestroySummary, HarmlessItem, HarmlessKind, Remain};
pub use estate::{
    Beside, Content, Estate, FoundFile, FoundSources, Input, JudgedUnit, ListFile, ListFiles, LookUp, Wanted,
};
pub use evaluate::ask_configurations;
pub use facts::Fact;
pub use finding::{Anchor, Exactness, Finding, FindingVerdict, Inner, Related, SourcePlace, SuppressedBy, Suppression};
pub use graph::SetKind;
pub use history::{Part, Side};
pub use matrix::{Cell, Column, Matrix, Row, Source, State, matrix};
pub use object::{Attribute, ChangeKind, Object, ObjectId, Presence};
pub use positions::Configured;
pub use reads::reads;
pub use report::{InputKind, InputRole, InputSummary, Note, Problem, Report, Summary, Tally, Verdict};
pub use rule::{Certainty, Command, Rule, Severity};
pub use rules::{RULES, nearest_rule, rule};
pub use settings::{Baseline, BaselineEntry, Expect, Ignore, Regions, Settings};
pub use standards::{Counterpart, Standard};
pub use wiring::{Fold, MOST_DRAWN, NodeKind, Standing, Told, Wiring, WiringLink, WiringNode, WiringPlace, wiring};

/// Whether rules look into objects of a resource type, so that their attributes are decoded.
pub(crate) fn is_audited(resource_type: &str) -> bool {
    const AUDITED: &[&str] = &[
        "archive_file",
        "aws_batch_job_queue",
        "aws_caller_identity",
        "aws_chatbot_slack_channel_configuration",
        "aws_chatbot_teams_channel_configuration",
        "aws_cloudwatch_event_api_destination",
        "aws_cloudwatch_event_bus",
        "aws_cloudwatch_event_bus_policy",
        "aws_cloudwatch_event_permission",
        "aws_cloudwatch_event_rule",
        "aws_cloudwatch_event_target",
        "aws_cloudwatch_log_group",
        "aws_cloudwatch_log_resource_policy",
        "aws_codebuild_project",
        "aws_codepipeline",
        "aws_detective_graph",
        "aws_ecs_cluster",
        "aws_eks_addon",
        "aws_iam_group",
        "aws_iam_group_membership",
        "aws_iam_group_policy",
        "aws_iam_group_policy_attachment",
        "aws_iam_group_policy_attachments_exclusive",
        "aws_iam_policy",
        "aws_iam_policy_attachment",
        "aws_iam_policy_document",
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_iam_role_policy_attachment",
        "aws_iam_role_policy_attachments_exclusive",
        "aws_iam_service_linked_role",
        "aws_iam_user",
        "aws_iam_user_group_membership",
        "aws_iam_user_policy",
        "aws_iam_user_policy_attachment",
        "aws_iam_user_policy_attachments_exclusive",
        "aws_kinesis_firehose_delivery_stream",
        "aws_kinesis_stream",
        "aws_kms_alias",
        "aws_kms_external_key",
        "aws_kms_grant",
        "aws_kms_key",
        "aws_kms_key_policy",
        "aws_kms_replica_external_key",
        "aws_kms_replica_key",
        "aws_lambda_alias",
        "aws_lambda_function",
        "aws_lambda_invocation",
        "aws_lambda_permission",
        "aws_organizations_aws_service_access",
        "aws_organizations_organization",
        "aws_organizations_policy",
        "aws_partition",
        "aws_region",
        "aws_s3_account_public_access_block",
        "aws_s3_bucket",
        "aws_s3_bucket_acl",
        "aws_s3_bucket_object",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_directory_bucket",
        "aws_s3_object",
        "aws_s3_object_copy",
        "aws_securityhub_account",
        "aws_sfn_state_machine",
        "aws_sns_topic",
        "aws_sns_topic_policy",
        "aws_sns_topic_subscription",
        "aws_sqs_queue",
        "aws_sqs_queue_policy",
        "aws_ssm_document",
        "aws_ssoadmin_permission_set_inline_policy",
        "awscc_chatbot_microsoft_teams_channel_configuration",
        "awscc_chatbot_slack_channel_configuration",
        "awscc_detective_graph",
        "awscc_events_rule",
        "awscc_securityhub_hub",
        "local_file",
        "local_sensitive_file",
    ];
    resource_type.starts_with("aws_guardduty_")
        || resource_type.starts_with("awscc_guardduty_")
        || AUDITED.contains(&resource_type)
}

/// How much the rules of a command need of the objects of a resource type. `destroy` is about every object there is, but
/// looks into few; elsewhere most objects only show where somebody works.
pub fn detail(command: Command, resource_type: &str) -> Detail {
    match command {
        _ if is_audited(resource_type) => Detail::All,
        Command::Destroy if going::is_read(resource_type) => Detail::All,
        Command::Destroy => Detail::Only(destroy::attributes(resource_type)),
        Command::Check | Command::Coverage if regional::is_telling(resource_type) => Detail::Only(regional::ATTRIBUTES),
        Command::Check | Command::List | Command::Coverage => Detail::Count,
    }
}
