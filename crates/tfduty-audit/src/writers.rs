//! Who writes into the buckets of the estate beside Terraform: AWS services, which deliver logs, findings and copies.
//!
//! A destroy asks what was, not what will be: a writer that goes as well has written.

use std::collections::BTreeMap;

use tfduty_aws::{
    location,
    policy::{Effect, Holes, Principals, Statement, Who},
    truth::Truth,
};
use tfduty_terraform::Value;

use crate::{
    context::{Context, Label},
    explain,
    graph::{self, BUCKET, Bucket},
    object::attribute,
    policies::{self, PolicyText},
};

/// Resource types that name a bucket to write into: the blocks and the attribute that do, and what is written.
type Delivery = (&'static str, &'static [&'static str], &'static str, &'static str);

/// Every way in which a resource makes a service write into a bucket.
#[rustfmt::skip]
const DELIVERIES: &[Delivery] = &[
    ("aws_alb", &["access_logs"], "bucket", "access logs"),
    ("aws_alb", &["connection_logs"], "bucket", "connection logs"),
    ("aws_cloudtrail", &[], "s3_bucket_name", "logs"),
    ("aws_config_delivery_channel", &[], "s3_bucket_name", "configuration history"),
    ("aws_elb", &["access_logs"], "bucket", "access logs"),
    ("aws_flow_log", &[], "log_destination", "flow logs"),
    ("aws_guardduty_publishing_destination", &[], "destination_arn", "findings"),
    (FIREHOSE, &["elasticsearch_configuration", "s3_configuration"], "bucket_arn", "records"),
    (FIREHOSE, &["extended_s3_configuration"], "bucket_arn", "records"),
    (FIREHOSE, &["extended_s3_configuration", "s3_backup_configuration"], "bucket_arn", "records"),
    (FIREHOSE, &["http_endpoint_configuration", "s3_configuration"], "bucket_arn", "records"),
    (FIREHOSE, &["iceberg_configuration", "s3_configuration"], "bucket_arn", "records"),
    (FIREHOSE, &["opensearch_configuration", "s3_configuration"], "bucket_arn", "records"),
    (FIREHOSE, &["opensearchserverless_configuration", "s3_configuration"], "bucket_arn", "records"),
    (FIREHOSE, &["redshift_configuration", "s3_backup_configuration"], "bucket_arn", "records"),
    (FIREHOSE, &["redshift_configuration", "s3_configuration"], "bucket_arn", "records"),
    (FIREHOSE, &["s3_configuration"], "bucket_arn", "records"),
    (FIREHOSE, &["snowflake_configuration", "s3_configuration"], "bucket_arn", "records"),
    (FIREHOSE, &["splunk_configuration", "s3_configuration"], "bucket_arn", "records"),
    ("aws_lb", &["access_logs"], "bucket", "access logs"),
    ("aws_lb", &["connection_logs"], "bucket", "connection logs"),
    // Older versions of the provider have these settings in the bucket itself.
    (BUCKET, &["logging"], "target_bucket", "access logs"),
    (BUCKET, &["replication_configuration", "rules", "destination"], "bucket", "copies of objects"),
    ("aws_s3_bucket_logging", &[], "target_bucket", "access logs"),
    ("aws_s3_bucket_replication_configuration", &["rule", "destination"], "bucket", "copies of objects"),
    ("awscc_guardduty_publishing_destination", &["destination_properties"], "destination_arn", "findings"),
];

const FIREHOSE: &str = "aws_kinesis_firehose_delivery_stream";

/// Something that writes into a bucket.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    /// What it does, as a sentence about the bucket: "`aws_cloudtrail.t` writes logs into it".
    pub(crate) says: String,
    /// Where that is said.
    pub(crate) label: Label,
}

/// The writers of every bucket.
pub(crate) struct Writers(BTreeMap<Bucket, Vec<Writer>>);

impl Writers {
    pub(crate) fn of(context: &Context<'_>) -> Self {
        let estate = context.estate;
        let mut writers: BTreeMap<Bucket, Vec<Writer>> = BTreeMap::new();
        for (name, blocks, path, what) in DELIVERIES {
            for (id, object) in estate.of_type(name) {
                // The blocks of load balancers say whether they are on.
                let is_on =
                    |(block, _): &(&Value, String)| block.get("enabled").and_then(Value::as_bool) != Some(false);
                for (holder, pointer) in object.holders(blocks).into_iter().filter(is_on) {
                    let target = attribute(holder, &pointer, &[path]);
                    let Some(text) = target.str() else { continue };
                    let bucket = graph::bucket_named(estate, location::bucket_of_arn_or_name(text));
                    let mut anchor = context.anchor(object, &target, "writes into this bucket");
                    anchor.object = object.values.span;
                    let says = format!("{} writes {what} into it", object.name());
                    writers.entry(bucket).or_default().push(Writer { says, label: (Some(id), anchor) });
                }
            }
        }
        Self(writers)
    }

    /// What writes into a bucket, what its policy lets write there being the last.
    pub(crate) fn of_bucket(&self, context: &Context<'_>, bucket: &Bucket) -> Vec<Writer> {
        let mut writers = self.0.get(bucket).cloned().unwrap_or_default();
        writers.extend(let_in(context, bucket));
        writers
    }
}

/// A service that the policy of a bucket lets write objects.
fn let_in(context: &Context<'_>, bucket: &Bucket) -> Option<Writer> {
    let texts = policies::bucket_policies_so_far(context.estate, context.graph, bucket);
    texts.iter().find_map(|text| {
        let PolicyText::Known(known) = text else { return None };
        let statement =
            known.document().statements().iter().find(|statement| lets_service_write(statement, &**known))?;
        let name = explain::statement(known, statement.index(), statement.sid());
        let holder = context.estate.object(known.holder).name();
        Some(Writer {
            says: format!("{name} of {holder} lets a service write into it"),
            label: known.label(context.estate, statement.origin(), "lets a service write into the bucket"),
        })
    })
}

/// Whether a statement of a bucket's policy lets a service write objects, on whatever condition. Which objects does not
/// matter: all of them are in the bucket.
fn lets_service_write(statement: &Statement, holes: &dyn Holes) -> bool {
    let names_service = match statement.principals(holes) {
        Principals::Named(named) => named.iter().any(|(who, _)| matches!(who, Who::Service(_))),
        Principals::AllBut(_) | Principals::Unreadable => false,
    };
    names_service
        && statement.effect() == Some(Effect::Allow)
        && statement.is_about_action("s3:PutObject", holes) == Truth::True
}

#[cfg(test)]
mod tests;
