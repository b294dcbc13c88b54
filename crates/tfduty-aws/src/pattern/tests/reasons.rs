//! Why a pattern does not match.

use super::answer;

const FINDING: &str = r#"{
    "source": "aws.guardduty", "detail-type": "GuardDuty Finding", "resources": [],
    "detail": {"severity": 8, "type": "Recon:EC2/Portscan", "service": {"archived": false}, "tags": ["a", "b"]}
}"#;

/// The sentences, each with the part of the pattern from where its value stands.
fn reasons(pattern: &str) -> Vec<(String, &str)> {
    let reasons = answer(pattern, FINDING).reasons;
    reasons.iter().map(|reason| (reason.to_string(), &pattern[reason.origin.0 as usize..])).collect()
}

/// Checks the one reason for each pattern.
fn check(cases: &[(&str, &str, &str)]) {
    for (pattern, sentence, at) in cases {
        assert_eq!(reasons(pattern), [((*sentence).to_owned(), *at)], "{pattern}");
    }
}

#[test]
fn values() {
    check(&[
        (
            r#"{"detail": {"severity": ["8"]}}"#,
            "`detail.severity` is a number, which is never equal to the string `\"8\"`",
            r#""8"]}}"#,
        ),
        (
            r#"{"detail": {"severity": [null]}}"#,
            "`detail.severity` is a number, which is never equal to the value `null`",
            "null]}}",
        ),
        (r#"{"detail": {"type": [8]}}"#, "`detail.type` is a string, which is never equal to the number `8`", "8]}}"),
        (
            r#"{"detail": {"severity": [{"prefix": "7"}]}}"#,
            "`detail.severity` is a number, which is never equal to a string of `{\"prefix\": \"7\"}`",
            r#"{"prefix": "7"}]}}"#,
        ),
        (
            r#"{"detail": {"service": {"archived": ["false"]}}}"#,
            "`detail.service.archived` is true or false, which is never equal to the string `\"false\"`",
            r#""false"]}}}"#,
        ),
        (
            r#"{"detail-type": ["AWS API Call", "GuardDuty Findings"]}"#,
            "`detail-type` is `GuardDuty Finding`, which does not match `\"GuardDuty Findings\"`",
            r#""GuardDuty Findings"]}"#,
        ),
        (
            r#"{"source": ["aws.GuardDuty"]}"#,
            "`source` is `aws.guardduty`, which does not match `\"aws.GuardDuty\"`: upper and lower case count",
            r#""aws.GuardDuty"]}"#,
        ),
        (
            r#"{"detail": {"severity": [{"numeric": [">", 8]}]}}"#,
            "`detail.severity` is `8`, which does not match `{\"numeric\": [\">\", 8]}`",
            r#"{"numeric": [">", 8]}]}}"#,
        ),
    ]);
}

#[test]
fn fields() {
    check(&[
        (
            r#"{"detail": {"severity": {"numeric": [">=", 7]}}}"#,
            "`detail.severity` is a number, and `numeric` is read as the name of a field: an operator's object stands \
             in a list",
            r#""severity": {"numeric": [">=", 7]}}}"#,
        ),
        (
            r#"{"detail": {"severity": {"label": ["HIGH"]}}}"#,
            "`detail.severity` is a number, and the pattern wants an object with fields",
            r#""severity": {"label": ["HIGH"]}}}"#,
        ),
        (r#"{"detail": ["x"]}"#, "`detail` is an object, and the pattern compares it with values", r#""x"]}"#),
        (r#"{"detail": {"Severity": [8]}}"#, "the event has no `detail.Severity`, but `severity`", "8]}}"),
        (r#"{"detail_type": ["x"]}"#, "the event has no `detail_type`, but `detail-type`", r#""x"]}"#),
        (r#"{"detail": {"count": [8]}}"#, "the event has no `detail.count`", "8]}}"),
        (
            r#"{"source": [{"exists": false}]}"#,
            "the event has `source`, which `exists` forbids",
            r#"{"exists": false}]}"#,
        ),
        (
            r#"{"source": [{"anything-but": {"prefix": "aws."}}]}"#,
            "`{\"anything-but\": {\"prefix\": \"aws.\"}}` leaves out all that `source` may be",
            r#"{"anything-but": {"prefix": "aws."}}]}"#,
        ),
        (r#"{"resources": ["x"]}"#, "the event has no `resources`", r#""x"]}"#),
        (
            r#"{"detail": {"tags": ["x", "bb"]}}"#,
            "`detail.tags` is `a`, which does not match `\"x\"`",
            r#""x", "bb"]}}"#,
        ),
    ]);
}

#[test]
fn every_field_in_the_way_is_told() {
    let pattern = r#"{"source": ["guardduty"], "detail": {"severity": ["8"], "type": ["Recon:EC2/Portscan"]}}"#;
    let paths: Vec<_> = answer(pattern, FINDING).reasons.into_iter().map(|reason| reason.path).collect();
    assert_eq!(paths, ["source".into(), "detail.severity".into()]);
}

#[test]
fn the_nearest_alternative_is_told() {
    let pattern = r#"{"$or": [{"source": ["a"], "detail-type": ["b"]}, {"detail": {"severity": ["8"]}}]}"#;
    let paths: Vec<_> = answer(pattern, FINDING).reasons.into_iter().map(|reason| reason.path).collect();
    assert_eq!(paths, ["detail.severity".into()]);
}
