//! Which of GuardDuty's events a pattern can match.

use super::pattern;
use crate::pattern::{Verdict, samples::detail_types};
use crate::truth::Truth::{False, True};

use Verdict::{Alive, Dead, Elsewhere, Unknown};

/// Checks verdicts on patterns for findings: what a case has is put behind source and `detail-type`.
fn check_findings(cases: &[(&str, Verdict)]) {
    for (rest, expected) in cases {
        let text = format!(r#"{{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"], {rest}}}"#);
        let reach = pattern(&text).reach();
        assert_eq!(reach.verdict, *expected, "{text}: {:?}", reach.reasons);
    }
}

#[test]
fn patterns_of_all_days() {
    for (text, verdict) in [
        (r#"{"source": ["aws.guardduty"]}"#, Alive),
        (r#"{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]}"#, Alive),
        (r#"{"source": [{"prefix": "aws.guard"}]}"#, Alive),
        (r#"{"source": [{"wildcard": "*guardduty*"}]}"#, Alive),
        (r#"{"source": [{"equals-ignore-case": "AWS.GuardDuty"}]}"#, Alive),
        (r#"{"source": ["aws.guardduty", "aws.securityhub"]}"#, Alive),
        (r#"{"detail-type": ["GuardDuty Finding"]}"#, Alive),
        (r#"{"detail-type": [{"prefix": "GuardDuty"}]}"#, Alive),
        (r#"{"detail-type": [{"prefix": "GuardDuty Malware Protection Resource Status"}]}"#, Alive),
        (r#"{"account": ["111122223333"], "region": [{"prefix": "eu-"}], "source": ["aws.guardduty"]}"#, Alive),
        (r#"{"$or": [{"source": ["guardduty"]}, {"source": ["aws.guardduty"]}]}"#, Alive),
        (r#"{"source": ["guardduty"]}"#, Dead),
        (r#"{"source": ["aws.GuardDuty"]}"#, Dead),
        (r#"{"source": ["aws.guard-duty"]}"#, Dead),
        (r#"{"source": ["guardduty.amazonaws.com"]}"#, Dead),
        (r#"{"source": ["aws.gaurdduty"]}"#, Dead),
        (r#"{"source": [{"prefix": "guardduty"}]}"#, Dead),
        (r#"{"$or": [{"source": ["guardduty"]}, {"source": ["aws.GuardDuty"]}]}"#, Dead),
        (r#"{"source": ["aws.guardduty"], "detail": {"severity": ["8"]}}"#, Dead),
        (r#"{"detail-type": ["GuardDuty finding"]}"#, Dead),
        (r#"{"detail-type": ["GuardDuty Findings"]}"#, Dead),
        (r#"{"source": ["aws.guardduty"], "detail-type": ["Finding"]}"#, Dead),
        (r#"{"source": ["aws.guardduty"], "detailType": ["GuardDuty Finding"]}"#, Dead),
        (r#"{"source": ["aws.guardduty"], "severity": [{"numeric": [">=", 7]}]}"#, Dead),
        (r#"{"source": ["aws.guardduty"], "account": [111122223333]}"#, Dead),
        (r#"{"source": ["aws.guardduty"], "detail-type": ["Security Hub Findings - Imported"]}"#, Dead),
        (r#"{"source": ["aws.guardduty"], "detail": {"findingType": ["x"]}}"#, Unknown),
        (r#"{"source": ["aws.guardduty"], "detail": {"eventName": [{"prefix": "Delete"}]}}"#, Alive),
        // News that the list of events does not name, unless it is nearly a name of the list.
        (
            r#"{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Malware Protection Backup Scan Result"]}"#,
            Unknown,
        ),
        (r#"{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Malware Protection Object Scan Results"]}"#, Dead),
        // Events of others that speak of GuardDuty.
        (r#"{"source": ["aws.securityhub"], "detail": {"findings": {"ProductName": ["GuardDuty"]}}}"#, Elsewhere),
        (r#"{"detail-type": ["Security Hub Findings - Imported"], "detail": {"x": ["GuardDuty"]}}"#, Elsewhere),
        (r#"{"source": ["aws.config"], "detail": {"configRuleName": ["guardduty-enabled-centralized"]}}"#, Elsewhere),
        (r#"{"source": ["guardduty", "aws.securityhub"]}"#, Elsewhere),
        (r#"{"source": ["myapp.guardduty.enriched"]}"#, Elsewhere),
        (r#"{"source": ["aws.guardduty", "aws.inspector2"], "detail": {"severity": ["HIGH"]}}"#, Elsewhere),
        (r#"{"$or": [{"source": ["guardduty"]}, {"source": ["aws.macie"]}]}"#, Elsewhere),
        (r#"{"source": [{"suffix": ".guard"}]}"#, Elsewhere),
    ] {
        let reach = pattern(text).reach();
        assert_eq!(reach.verdict, verdict, "{text}: {:?}", reach.reasons);
    }
}

#[test]
fn what_findings_can_be() {
    check_findings(&[
        (r#""detail": {"severity": [{"numeric": [">=", 7]}]}"#, Alive),
        (r#""detail": {"severity": [{"numeric": [">=", 10]}]}"#, Alive),
        (r#""detail": {"severity": [7, 8]}"#, Alive),
        (r#""detail": {"severity": [4, 4.0, 8.9]}"#, Alive),
        (r#""detail": {"severity": ["8", 8]}"#, Alive),
        (r#""detail": {"severity": [{"anything-but": [1, 2]}]}"#, Alive),
        (r#""detail": {"severity": [{"exists": true}]}"#, Alive),
        (r#""detail": {"severity": ["8"]}"#, Dead),
        (r#""detail": {"severity": ["HIGH", "CRITICAL"]}"#, Dead),
        (r#""detail": {"severity": [{"prefix": "8"}]}"#, Dead),
        (r#""detail": {"severity": [{"numeric": [">", 10]}]}"#, Dead),
        (r#""detail": {"severity": [{"numeric": ["<", 1]}]}"#, Dead),
        (r#""detail": {"severity": [0, 11, 70]}"#, Dead),
        (r#""detail": {"severity": {"numeric": [">=", 7]}}"#, Dead),
        (r#""detail": {"severity": [{"exists": false}]}"#, Dead),
        (r#""detail": {"Severity": [{"numeric": [">=", 7]}]}"#, Dead),
        (r#""detail": {"type": ["Recon:EC2/Portscan"]}"#, Alive),
        (r#""detail": {"type": ["Tomorrow:Quantum/Entangled.Cat!Box"]}"#, Alive),
        (r#""detail": {"type": [{"prefix": "UnauthorizedAccess"}]}"#, Alive),
        (r#""detail": {"type": [{"anything-but": {"prefix": "Recon:"}}]}"#, Alive),
        (r#""detail": {"type": [{"wildcard": "*S3*"}]}"#, Alive),
        (r#""detail": {"type": ["UnauthorizedAccess"]}"#, Dead),
        (r#""detail": {"type": ["UnauthorizedAccess:EC2"]}"#, Dead),
        (r#""detail": {"type": [{"anything-but": {"wildcard": "*"}}]}"#, Dead),
        (r#""detail": {"accountId": ["111122223333"], "region": ["eu-west-1"], "id": ["x"], "arn": ["x"]}"#, Alive),
        (r#""detail": {"title": [{"wildcard": "*SSH*"}], "description": ["x"], "partition": ["aws-cn"]}"#, Alive),
        (r#""detail": {"updatedAt": [{"prefix": "2026"}]}"#, Alive),
        (r#""detail": {"accountId": [111122223333]}"#, Dead),
        (r#""detail": {"resource": {"instanceDetails": {"instanceId": ["i-1"], "tags": {"key": ["env"]}}}}"#, Alive),
        (r#""detail": {"resource": {"s3BucketDetails": {"name": [{"prefix": "prod-"}]}}}"#, Alive),
        (
            r#""detail": {"resource": {"accessKeyDetails": {"userName": ["root"]}, "instanceDetails": {"x": [1]}}}"#,
            Alive,
        ),
        (r#""detail": {"resource": {"resourceType": ["Instance", "AccessKey"]}}"#, Alive),
        (r#""detail": {"resource": {"resourceType": ["INSTANCE"]}}"#, Dead),
        (r#""detail": {"resource": {"resourceType": ["EC2AMI"]}}"#, Unknown),
        (r#""detail": {"resource": {"resourceType": ["QuantumComputer"]}}"#, Unknown),
        (r#""detail": {"resource": {"resourcetype": ["Instance"]}}"#, Dead),
        (r#""detail": {"resource": {"quantumDetails": {"x": ["y"]}}}"#, Unknown),
        (r#""detail": {"resource": ["i-1"]}"#, Dead),
        (r#""detail": {"service": {"archived": [false]}}"#, Alive),
        (r#""detail": {"service": {"archived": ["false"]}}"#, Dead),
        (r#""detail": {"service": {"serviceName": ["GuardDuty"]}}"#, Dead),
        (r#""detail": {"service": {"count": [{"numeric": [">", 100]}]}}"#, Alive),
        (r#""detail": {"service": {"action": {"actionType": ["AWS_API_CALL"]}}}"#, Alive),
        (r#""detail": {"service": {"additionalInfo": {"sample": [{"exists": false}]}}}"#, Alive),
        (r#""detail": {"customDetectionRuleName": [{"exists": false}]}"#, Alive),
        (r#""detail": {"findingType": ["x"]}"#, Unknown),
        (r#""resources": [{"exists": false}]"#, Alive),
        (r#""resources": ["arn:aws:guardduty:eu-west-1:111122223333:detector/x"]"#, Unknown),
        (r#""detail": {"findingType": ["x"], "severity": ["8"]}"#, Dead),
        (r#""detail.severity": ["8"]"#, Unknown),
    ]);
}

#[test]
fn every_documented_name_is_alive() {
    for name in detail_types() {
        let reach = pattern(&format!(r#"{{"source": ["aws.guardduty"], "detail-type": ["{name}"]}}"#)).reach();
        assert_eq!(reach.verdict, Alive, "{name}");
        assert_eq!(
            (reach.findings == True, reach.notices == True),
            (name == "GuardDuty Finding", name != "GuardDuty Finding")
        );
        assert_eq!(reach.calls, False);
    }
}

#[test]
fn calls_are_no_findings() {
    let reach = pattern(
        r#"{"source": ["aws.guardduty"], "detail-type": ["AWS API Call via CloudTrail"],
            "detail": {"eventSource": ["guardduty.amazonaws.com"], "eventName": ["DeleteDetector"]}}"#,
    )
    .reach();
    assert_eq!((reach.verdict, reach.findings, reach.calls), (Alive, False, True));
    assert_eq!(reach.matched, ["AWS API Call via CloudTrail"]);
}

#[test]
fn scans_of_objects() {
    let scan = |detail: &str| {
        let name = "GuardDuty Malware Protection Object Scan Result";
        pattern(&format!(r#"{{"detail-type": ["{name}"], "detail": {{{detail}}}}}"#)).reach().verdict
    };
    assert_eq!(
        scan(r#""scanStatus": ["COMPLETED"], "scanResultDetails": {"scanResultStatus": ["THREATS_FOUND"]}"#),
        Alive
    );
    assert_eq!(scan(r#""scanResultDetails": {"scanResultStatus": [{"anything-but": "NO_THREATS_FOUND"}]}"#), Alive);
    assert_eq!(scan(r#""scanResultDetails": {"scanResultStatus": ["Threats Found"]}"#), Dead);
    assert_eq!(scan(r#""s3ObjectDetails": {"bucketName": ["uploads"]}"#), Alive);
    assert_eq!(scan(r#""newField": ["x"]"#), Unknown);
    assert_eq!(scan(r#""severity": [{"numeric": [">=", 7]}]"#), Dead);
}

#[test]
fn families() {
    let matched =
        |detail: &str| pattern(&format!(r#"{{"source": ["aws.guardduty"], "detail": {{{detail}}}}}"#)).reach().matched;
    assert!(matched(r#""type": ["Policy:S3/BucketBlockPublicAccessDisabled"]"#).contains(&"finding on an S3 bucket"));
    assert!(
        !matched(r#""type": ["Policy:S3/BucketBlockPublicAccessDisabled"]"#).contains(&"finding on an EC2 instance")
    );
    for (finding_type, family) in [
        ("Recon:EC2/Portscan", "finding on an EC2 instance"),
        ("PenTest:IAMUser/KaliLinux", "finding on IAM credentials"),
        ("Policy:Kubernetes/ExposedDashboard", "finding in EKS audit logs"),
        ("Execution:Runtime/NewBinaryExecuted", "runtime finding on an EKS cluster"),
        ("Execution:Runtime/NewBinaryExecuted", "runtime finding on an ECS cluster"),
        ("Execution:Runtime/NewBinaryExecuted", "runtime finding on an EC2 instance"),
        ("Execution:ECS/MaliciousFile", "malware on an EBS volume"),
        ("Object:S3/MaliciousFile", "malware in an S3 object"),
        ("Execution:S3/MaliciousFile!RecoveryPoint", "malware in a backup"),
        ("CredentialAccess:RDS/AnomalousBehavior.SuccessfulLogin", "finding on an RDS database"),
        ("Backdoor:Lambda/C&CActivity.B", "finding on a Lambda function"),
        ("AttackSequence:EKS/CompromisedCluster", "attack sequence"),
        ("DefenseImpairment:Organizations/DisableOrModifyTools", "other finding"),
    ] {
        assert!(matched(&format!(r#""type": ["{finding_type}"]"#)).contains(&family), "{finding_type}");
    }
}

#[test]
fn the_reason_is_about_the_nearest_event() {
    for (text, sentence) in [
        (
            r#"{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"], "detail": {"severity": ["8"]}}"#,
            "`detail.severity` is a number, which is never equal to the string `\"8\"`",
        ),
        (
            r#"{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Findings"], "detail": {"severity": [8]}}"#,
            "`detail-type` is `GuardDuty Finding`, which does not match `\"GuardDuty Findings\"`",
        ),
        (
            r#"{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Runtime Protection unhealthy"]}"#,
            "`detail-type` is `GuardDuty Runtime Protection Unhealthy`, which does not match \
             `\"GuardDuty Runtime Protection unhealthy\"`: upper and lower case count",
        ),
        (
            r#"{"source": ["aws.guardduty"], "detail": {"severity": [{"numeric": [">", 10]}]}}"#,
            "`detail.severity` is a number from 1 to 10, which never matches `{\"numeric\": [\">\", 10]}`",
        ),
        (
            r#"{"detail-type": ["GuardDuty Finding"], "detail": {"type": ["UnauthorizedAccess"]}}"#,
            "`detail.type` always has the form `*:*/*`, which does not match `\"UnauthorizedAccess\"`",
        ),
        (
            r#"{"source": ["aws.guardduty"], "detail-Type": ["GuardDuty Finding"]}"#,
            "the event has no `detail-Type`, but `detail-type`",
        ),
        (
            r#"{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Malware Protection Backup Scan Result"]}"#,
            "no documentation says whether `detail-type` can be what the pattern wants",
        ),
        // Whoever names a kind of event in full does not mean another one.
        (
            r#"{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"], "detail": {"severity": [{"exists": false}]}}"#,
            "the event has `detail.severity`, which `exists` forbids",
        ),
        (
            r#"{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Runtime Protection Unhealthy"], "detail": {"type": [{"prefix": "Recon"}]}}"#,
            "the event has no `detail.type`",
        ),
    ] {
        let reasons: Vec<String> = pattern(text).reach().reasons.iter().map(ToString::to_string).collect();
        assert_eq!(reasons, [sentence], "{text}");
    }
}
