//! Resource types that say where somebody works: what is made of them is in a region, and is more than a copy of something
//! elsewhere.

use crate::{detectors, object::Object};

/// What the rules on coverage need of an object of such a type: where it is, and, of a web ACL, whether it belongs to
/// CloudFront.
pub(crate) const ATTRIBUTES: &[&str] = &["arn", "region", "scope"];

/// Beginnings of the names of types that are in no region, whatever the provider's region is: of services that are global,
/// and of settings of a whole account or organization.
const GLOBAL: &[&str] = &[
    "aws_account_",
    "aws_bcmdataexports_",
    "aws_billing_",
    "aws_budgets_",
    "aws_ce_",
    "aws_chatbot_",
    "aws_cloudfront",
    "aws_costoptimizationhub_",
    "aws_cur_",
    "aws_ecrpublic_",
    "aws_globalaccelerator_",
    "aws_iam_",
    "aws_networkmanager_",
    "aws_organizations_",
    "aws_route53_",
    "aws_route53domains_",
    "aws_savingsplans_",
    "aws_shield_",
    "aws_waf_",
];

/// Types that are often in a region where nobody works: buckets for replicas and for lists, keys for them, and the
/// certificates that CloudFront wants in us-east-1.
const LONE: &[&str] = &["aws_acm_certificate", "aws_kms_alias", "aws_kms_key", "aws_kms_replica_key"];

/// The same, by how they begin.
const LONE_BEGINNINGS: &[&str] = &["aws_acm_certificate_", "aws_s3_bucket", "aws_s3_object"];

/// Whether managed objects of a type say that somebody works in their region.
pub(crate) fn is_telling(resource_type: &str) -> bool {
    let begins = |beginnings: &[&str]| beginnings.iter().any(|beginning| resource_type.starts_with(beginning));
    resource_type.starts_with("aws_") && !begins(GLOBAL) && !begins(LONE_BEGINNINGS) && !LONE.contains(&resource_type)
}

/// Whether a type is of AWS WAF: of its objects those for CloudFront are in us-east-1, wherever they work.
fn is_web_acl(resource_type: &str) -> bool {
    resource_type.starts_with("aws_wafv2_")
}

/// Whether an object says that somebody works where it is. What belongs to a detector says nothing: it is where its detector
/// is, or `detector-wrong-provider` speaks of it.
pub(crate) fn says_where(object: &Object) -> bool {
    let name = object.resource_type();
    let is_regional = || object.attribute(&["scope"]).str() == Some("REGIONAL");
    is_telling(name) && !detectors::is_child(object) && (!is_web_acl(name) || is_regional())
}

#[cfg(test)]
mod tests {
    use super::is_telling;

    #[test]
    fn types_that_say_where_somebody_works() {
        for name in
            ["aws_instance", "aws_sns_topic", "aws_lambda_function", "aws_wafv2_web_acl", "aws_wafregional_rule"]
        {
            assert!(is_telling(name), "{name}");
        }
        for name in [
            "aws_iam_role",
            "aws_organizations_account",
            "aws_route53_record",
            "aws_cloudfront_distribution",
            "aws_cloudfrontkeyvaluestore_key",
            "aws_acm_certificate",
            "aws_acm_certificate_validation",
            "aws_s3_bucket",
            "aws_s3_bucket_policy",
            "aws_s3_object",
            "aws_s3_object_copy",
            "aws_kms_key",
            "aws_kms_alias",
            "aws_kms_replica_key",
            "aws_waf_web_acl",
            "awscc_guardduty_detector",
            "google_storage_bucket",
        ] {
            assert!(!is_telling(name), "{name}");
        }
    }
}
