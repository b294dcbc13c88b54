//! The rules on protection plans.

use serde_json::json;

use super::{Mend, mend, references};
use crate::document::Document;

pub(super) const MENDS: &[Mend] = &[
    // The configuration sets the flags of the other three.
    Mend {
        file: "malware-plan/plan.json",
        ..mend("protection-undeclared", |document, detector| declare(document, detector, &PLANS[..3]))
    },
    // Two are declared already.
    Mend {
        file: "modules",
        ..mend("protection-undeclared", |document, detector| declare(document, detector, &PLANS[1..5]))
    },
    mend("protection-undeclared", |document, detector| declare(document, detector, &PLANS)),
    mend("protection-disabled", |document, detector| {
        document.set(detector, "datasources.0.s3_logs.0.enable", &json!(true));
    }),
];

const PLANS: [&str; 6] = [
    "LAMBDA_NETWORK_LOGS",
    "RDS_LOGIN_EVENTS",
    "RUNTIME_MONITORING",
    "EKS_AUDIT_LOGS",
    "EBS_MALWARE_PROTECTION",
    "S3_DATA_EVENTS",
];

/// Switches plans of a detector on.
fn declare(document: &mut Document, detector: &str, plans: &[&str]) {
    for plan in plans {
        let name = plan.to_lowercase();
        let agents = if *plan == "RUNTIME_MONITORING" {
            json!([{ "name": "EC2_AGENT_MANAGEMENT", "status": "ENABLED" }])
        } else {
            json!([])
        };
        let attributes = json!({ "name": plan, "status": "ENABLED", "additional_configuration": agents });
        document.insert_beside(detector, "aws_guardduty_detector_feature", &name, &attributes);
        let (module, resource) = detector.split_at(detector.rfind("aws_guardduty_detector").unwrap());
        let feature = format!("{module}aws_guardduty_detector_feature.{name}");
        if document.known(detector, "id") {
            let id = document.get(detector, "id");
            document.set(&feature, "detector_id", &id);
        } else {
            document.hide(&feature, "detector_id");
        }
        document.express(&feature, "detector_id", references(&[&format!("{resource}.id")]));
    }
}
