//! ARNs: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.

/// The five fields of an ARN behind its `arn:`, as written: a field may be empty, or a pattern with `*` and `?`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Arn<'a> {
    /// `aws`, `aws-cn`, …
    pub partition: &'a str,
    /// `s3`, `iam`, `guardduty`, …
    pub service: &'a str,
    /// Empty for global services and for S3 buckets.
    pub region: &'a str,
    /// Empty for S3 buckets and their objects.
    pub account: &'a str,
    /// All that follows, colons included: `role/x`, `log-group:/aws/x:*`.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Splits `text` into its fields, or gives `None` when it does not begin with `arn:` or has fewer than six fields.
    ///
    /// Nothing is asked of the fields themselves: a policy's patterns (`arn:*:iam::*:role/x`) are ARNs too.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut fields = text.strip_prefix("arn:")?.splitn(5, ':');
        Some(Self {
            partition: fields.next()?,
            service: fields.next()?,
            region: fields.next()?,
            account: fields.next()?,
            resource: fields.next()?,
        })
    }
}

/// Whether `text` is an account number: twelve ASCII digits. No number is special; `000000000000` is one.
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(text: &str) -> Option<[&str; 5]> {
        Arn::parse(text).map(|arn| [arn.partition, arn.service, arn.region, arn.account, arn.resource])
    }

    #[test]
    fn splits_into_fields() {
        for (text, expected) in [
            ("arn:aws:s3:::b", Some(["aws", "s3", "", "", "b"])),
            ("arn:aws-cn:sns:cn-north-1:111122223333:t", Some(["aws-cn", "sns", "cn-north-1", "111122223333", "t"])),
            (
                "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/x:*",
                Some(["aws", "logs", "eu-west-1", "111122223333", "log-group:/aws/x:*"]),
            ),
            ("arn:*:iam::*:role/x", Some(["*", "iam", "", "*", "role/x"])),
            ("arn:::::", Some(["", "", "", "", ""])),
            ("arn:aws:s3::b", None),
            ("arn:", None),
            ("arn", None),
            ("", None),
            ("ARN:aws:s3:::b", None),
            (" arn:aws:s3:::b", None),
            ("s3://b/k", None),
        ] {
            assert_eq!(fields(text), expected, "{text}");
        }
    }

    #[test]
    fn an_account_is_twelve_digits() {
        for (text, expected) in [
            ("123456789012", true),
            ("000000000000", true),
            ("12345678901", false),
            ("1234567890123", false),
            ("12345678901a", false),
            ("12345678901 ", false),
            ("٠٠٠٠٠٠", false),
            ("", false),
        ] {
            assert_eq!(is_account_id(text), expected, "{text}");
        }
    }
}
