//! What facts hold of documents and configurations: what rules of `check` read, and no more.

use tfduty_aws::cli;
use tfduty_terraform::Reads;

use crate::{comments, detail, rule::Command};

/// What the rules of `check` read.
pub fn reads() -> Reads<'static> {
    Reads {
        detail: &|resource_type| detail(Command::Check, resource_type),
        unread,
        provider_arguments: &["alias", "allowed_account_ids", "region", "role_arn"],
        redact: cli::redact,
        directive: comments::PREFIX,
    }
}

/// The attributes of a type that no rule reads, and that people put secrets into: neither the provider nor the configuration
/// need mark them as sensitive.
pub(crate) fn unread(resource_type: &str) -> &'static [&'static str] {
    match resource_type {
        "archive_file" => &["source", "source_content"],
        "aws_codebuild_project" => &["environment", "source"],
        "aws_codepipeline" => &["stage"],
        "aws_kinesis_firehose_delivery_stream" => &[
            "http_endpoint_configuration.access_key",
            "http_endpoint_configuration.request_configuration",
            "redshift_configuration.password",
            "redshift_configuration.username",
            "snowflake_configuration.key_passphrase",
            "snowflake_configuration.private_key",
            "splunk_configuration.hec_token",
        ],
        "aws_kms_external_key" | "aws_kms_replica_external_key" => &["key_material_base64"],
        "aws_lambda_function" => &["environment"],
        "aws_lambda_invocation" => &["input", "result"],
        "aws_sfn_state_machine" => &["definition"],
        "aws_sns_topic_subscription" => &["endpoint"],
        "aws_ssm_document" => &["content"],
        "local_file" | "local_sensitive_file" => &["content", "content_base64", "sensitive_content"],
        _ => &[],
    }
}
