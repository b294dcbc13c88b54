//! The policies that AWS manages: what is known, by their names, of what they allow.
//!
//! Source: AWS Managed Policy Reference. AWS changes these policies; what is said here is what their names promise and
//! what the references of the services say of them. As of November 2026.

use crate::truth::Truth;

/// The ones of AWS that have nothing to do with GuardDuty, IAM, or what a bucket holds.
const NARROW: &[&str] = &[
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
    "AWSXRayDaemonWriteAccess",
    "AWSXrayWriteOnlyAccess",
    "CloudWatchAgentServerPolicy",
    "CloudWatchFullAccess",
    "CloudWatchFullAccessV2",
    "CloudWatchLogsFullAccess",
    "CloudWatchLogsReadOnlyAccess",
    "CloudWatchReadOnlyAccess",
];

/// Whether the policy of AWS with this name (the last part of its ARN) allows an action (`guardduty:GetFindings`) on every
/// resource.
pub fn allows(name: &str, action: &str) -> Truth {
    let (service, verb) = action.split_once(':').unwrap_or_default();
    let reads = ["Get", "List", "Describe"].iter().any(|prefix| verb.starts_with(prefix));
    match name {
        "AdministratorAccess" => Truth::True,
        "PowerUserAccess" => Truth::from(!matches!(service, "iam" | "organizations" | "account")),
        "IAMFullAccess" => Truth::from(service == "iam"),
        "AmazonGuardDutyFullAccess" | "AmazonGuardDutyFullAccess_v2" => Truth::from(service == "guardduty"),
        "AmazonGuardDutyReadOnlyAccess" => Truth::from(service == "guardduty" && reads),
        // Both read GuardDuty; what else they read differs.
        "ReadOnlyAccess" | "SecurityAudit" if reads && service == "guardduty" => Truth::True,
        "ReadOnlyAccess" if reads && service == "s3" => Truth::True,
        "ReadOnlyAccess" | "SecurityAudit" | "ViewOnlyAccess" if !reads => Truth::False,
        "AmazonEC2ContainerServiceEventsRole" if action == "ecs:RunTask" => Truth::True,
        "AmazonEC2ContainerServiceEventsRole" if service != "ecs" => Truth::False,
        "AmazonS3FullAccess" => Truth::from(service == "s3"),
        "AmazonS3ReadOnlyAccess" => Truth::from(service == "s3" && reads),
        _ if NARROW.contains(&name) => Truth::False,
        _ if name.starts_with("AmazonS3") && service != "s3" => Truth::False,
        _ if name.starts_with("AmazonGuardDuty") && service != "guardduty" => Truth::False,
        _ => Truth::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::{Truth::*, allows};

    #[test]
    fn names_tell_what_is_allowed() {
        for (name, action, expected) in [
            ("AdministratorAccess", "iam:PutRolePolicy", True),
            ("PowerUserAccess", "guardduty:DeleteDetector", True),
            ("PowerUserAccess", "iam:PutRolePolicy", False),
            ("IAMFullAccess", "iam:PutRolePolicy", True),
            ("IAMFullAccess", "guardduty:GetDetector", False),
            ("AmazonGuardDutyFullAccess", "guardduty:DeleteDetector", True),
            ("AmazonGuardDutyFullAccess_v2", "guardduty:DeleteDetector", True),
            // "Neither … " of them has the right to a list's role (GuardDuty User Guide, "Prerequisites for lists").
            ("AmazonGuardDutyFullAccess", "iam:PutRolePolicy", False),
            ("AmazonGuardDutyFullAccess_v2", "iam:DeleteRolePolicy", False),
            ("AmazonGuardDutyReadOnlyAccess", "guardduty:GetFindings", True),
            ("AmazonGuardDutyReadOnlyAccess", "guardduty:UpdateDetector", False),
            ("ReadOnlyAccess", "guardduty:ListFindings", True),
            ("ReadOnlyAccess", "s3:GetObject", True),
            ("ReadOnlyAccess", "kms:Decrypt", False),
            ("SecurityAudit", "guardduty:GetFindings", True),
            ("SecurityAudit", "s3:GetObject", Unknown),
            ("SecurityAudit", "iam:PutRolePolicy", False),
            ("ViewOnlyAccess", "guardduty:GetFindings", Unknown),
            ("AmazonS3FullAccess", "s3:PutObject", True),
            ("AmazonS3FullAccess", "iam:PutRolePolicy", False),
            ("AmazonS3ReadOnlyAccess", "s3:PutObject", False),
            ("AmazonS3OutpostsFullAccess", "s3:PutObject", Unknown),
            ("AmazonS3OutpostsFullAccess", "guardduty:GetFindings", False),
            ("AmazonGuardDutySomethingNew", "iam:PutRolePolicy", False),
            ("AmazonGuardDutySomethingNew", "guardduty:GetFindings", Unknown),
            ("AmazonEC2ContainerServiceEventsRole", "ecs:RunTask", True),
            ("AmazonEC2ContainerServiceEventsRole", "ecs:TagResource", Unknown),
            ("AmazonEC2ContainerServiceEventsRole", "iam:PutRolePolicy", False),
            ("AWSLambdaBasicExecutionRole", "iam:PutRolePolicy", False),
            ("Billing", "iam:PutRolePolicy", Unknown),
            ("", "", Unknown),
        ] {
            assert_eq!(allows(name, action), expected, "{name} {action}");
        }
    }
}
