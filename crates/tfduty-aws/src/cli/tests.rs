use super::{Call, calls};
use crate::truth::Truth::{self, False, True, Unknown};

fn creates(script: &str) -> Truth {
    Truth::any(calls(script).iter().map(Call::creates))
}

fn deletes(script: &str) -> Truth {
    Truth::any(calls(script).iter().map(Call::deletes))
}

#[test]
fn what_makes_findings_go_somewhere() {
    let delivers = |script: &str| Truth::any(calls(script).iter().map(Call::delivers_findings));
    for script in ["aws guardduty create-publishing-destination --detector-id 12ab", "aws events put-rule --name x"] {
        assert_eq!(delivers(script), True, "{script}");
    }
    for script in ["aws events put-targets --rule x", "aws guardduty create-filter", "echo aws events put-rule"] {
        assert_eq!(delivers(script), False, "{script}");
    }
    assert_eq!(delivers("aws events $VERB"), Unknown);
}

#[test]
fn what_makes_something() {
    for script in [
        "aws guardduty create-publishing-destination --detector-id 12ab",
        "aws guardduty create-ip-set",
        "aws guardduty create-filter",
        "aws guardduty enable-organization-admin-account",
        "aws s3api put-bucket-policy --bucket b",
        "aws s3 cp list.txt s3://bucket/list.txt",
        "aws s3 sync . \u{E000} --delete",
        "aws s3 cp - $TARGET",
        "aws s3 mb s3://bucket",
        "aws kms create-key",
        "aws iam create-role --role-name r",
        "aws events put-rule --name r",
        "aws sns create-topic --name t",
    ] {
        assert_eq!((creates(script), deletes(script)), (True, False), "{script}");
    }
}

#[test]
fn what_removes_something() {
    for script in [
        "aws guardduty delete-publishing-destination",
        "aws guardduty disable-organization-admin-account",
        "aws events remove-targets --rule r",
        "aws s3 rm s3://bucket --recursive",
        "aws s3 rb s3://bucket --force",
        "aws kms schedule-key-deletion --key-id k",
        "aws sns unsubscribe --subscription-arn a",
    ] {
        assert_eq!((creates(script), deletes(script)), (False, True), "{script}");
    }
}

#[test]
fn what_goes_with_its_detector() {
    let goes = |script: &str| Truth::any(calls(script).iter().map(Call::goes_with_detector));
    for verb in ["create-filter", "create-ip-set", "create-publishing-destination", "create-threat-entity-set"] {
        assert_eq!(goes(&format!("aws guardduty {verb} --detector-id 12ab")), True, "{verb}");
    }
    for script in [
        "aws guardduty create-members",
        "aws guardduty create-malware-protection-plan",
        "aws guardduty create-detector",
        "aws s3 cp list.txt s3://b/list.txt",
        "aws kms create-key",
    ] {
        assert_eq!((creates(script), goes(script)), (True, False), "{script}");
    }
}

#[test]
fn what_is_neither() {
    for script in [
        "",
        "aws",
        "aws --version",
        "aws guardduty",
        "aws guardduty list-detectors",
        "aws guardduty create-sample-findings",
        "aws events put-events",
        "aws ec2 create-vpc",
        "aws s3 cp s3://bucket/list.txt list.txt",
        "aws s3 sync s3://bucket .",
        "./scripts/create-ip-set.sh aws-guardduty",
        "cd create-publishing-destination/aws && ls",
        "aws s3 ls s3://create-bucket/put-bucket",
        "python3 -c 'import boto3; boto3.client(\"guardduty\").create_ip_set()'",
        "New-GDIPSet -DetectorId 12ab",
        "awslocal guardduty create-ip-set",
        "\u{E000}/setup.sh --name x",
        "test -e \u{E000}/ready",
        "\u{E000} script.py",
        "python3 script.py --name \u{E000}",
        "# aws guardduty create-ip-set",
        "true # aws guardduty create-ip-set\n",
        "echo aws guardduty create-ip-set",
        "echo \"now: aws guardduty create-ip-set\"",
        "Write-Host 'aws guardduty create-ip-set'",
    ] {
        assert_eq!((creates(script), deletes(script)), (False, False), "{script}");
    }
}

#[test]
fn a_call_is_found_wherever_a_shell_runs_it() {
    for script in [
        "aws --region eu-west-1 guardduty create-ip-set",
        "aws --region=eu-west-1 --no-cli-pager --debug guardduty --output json create-ip-set",
        "aws --query 'a|b' guardduty create-ip-set",
        "aws ${OPTIONS} guardduty \u{E000} create-ip-set",
        "/usr/local/bin/aws guardduty create-ip-set",
        "\"C:\\Program Files\\Amazon\\AWSCLIV2\\aws.exe\" guardduty create-ip-set",
        "docker run --rm amazon/aws-cli guardduty create-ip-set",
        "aws-vault exec prod -- aws guardduty create-ip-set",
        "AWS_PROFILE=prod aws guardduty create-ip-set",
        "set -e\n  aws guardduty \\\n    create-ip-set \\\r\n --name x",
        "aws guardduty `\r\n  create-ip-set",
        "aws guardduty ^\n create-ip-set",
        "true && aws guardduty create-ip-set",
        "true;aws guardduty create-ip-set",
        "if ! aws guardduty list-ip-sets; then aws guardduty create-ip-set; fi",
        "ID=$(aws guardduty create-ip-set)",
        "ID=\"$(aws guardduty create-ip-set)\"",
        "echo \"$(aws guardduty create-ip-set)\"",
        "ID=`aws guardduty create-ip-set`",
        "bash -c \"cd x;aws guardduty create-ip-set\"",
        "bash -c 'sh -c \"aws guardduty create-ip-set\"'",
        "cat list | xargs -n 1 aws guardduty create-ip-set --name",
        "cat <<EOF > run.sh\naws guardduty create-ip-set\nEOF\nsh run.sh",
        "echo it's done\naws guardduty create-ip-set",
        "# don't\naws guardduty create-ip-set",
        "aws guardduty 'create-ip-set'",
    ] {
        assert_eq!(creates(script), True, "{script}");
    }
}

#[test]
fn what_is_not_known_may_be_a_call() {
    for script in [
        "\u{E000}",
        "  \u{E000}\n",
        "\u{E000} guardduty create-ip-set",
        "\u{E000} create-ip-set --name x",
        "bash -lc \u{E000}",
        "PowerShell -Command \u{E000}",
        "aws \u{E000}",
        "aws guardduty \u{E000} --name x",
        "aws \u{E000} create-ip-set --name x",
        "aws guardduty $VERB",
        "aws guardduty \"$VERB\" --name x",
    ] {
        assert_eq!(creates(script), Unknown, "{script}");
    }
    assert_eq!(deletes("aws guardduty \u{E000}"), Unknown);
    assert_eq!(creates("aws ec2 \u{E000}"), False);
    assert_eq!(creates("aws \u{E000} describe-vpcs"), False);
}

#[test]
fn a_call_is_shown_without_its_arguments() {
    let script = "aws --profile admin guardduty create-ip-set --name secret; aws guardduty create-\u{E000}";
    let shown: Vec<String> = calls(script).iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["aws guardduty create-ip-set", "aws guardduty create-…"]);
}

#[test]
fn scripts_within_scripts_end() {
    let mut script = "aws guardduty create-ip-set".to_owned();
    for _ in 0..64 {
        script = format!("sh -c \"{}\"", script.replace('\\', "\\\\").replace('"', "\\\""));
        if script.len() > 1 << 16 {
            break;
        }
    }
    assert_eq!(creates(&script), False);
}
