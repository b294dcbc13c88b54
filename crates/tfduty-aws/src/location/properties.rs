//! What holds for any location at all.

use super::*;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::prelude::*;

/// Every form, with `{b}` for the bucket and `{k}` for the key.
const FORMS: [(&str, Form); 11] = [
    ("s3://{b}/{k}", Form::S3Uri),
    ("https://s3.amazonaws.com/{b}/{k}", Form::PathStyle),
    ("http://s3-us-gov-east-1.amazonaws.com/{b}/{k}", Form::PathStyleDashedRegion),
    ("https://s3.us-iso-east-1.c2s.ic.gov/{b}/{k}", Form::PathStyleDottedRegion),
    ("https://s3.dualstack.cn-north-1.amazonaws.com.cn/{b}/{k}", Form::PathStyleDualstack),
    ("https://{b}.s3.amazonaws.com/{k}", Form::VirtualHosted),
    ("https://{b}.s3-eu-west-1.amazonaws.com/{k}", Form::VirtualHostedDashedRegion),
    ("https://{b}.s3.us-iso-east-1.c2s.ic.gov/{k}", Form::VirtualHostedDottedRegion),
    ("https://{b}.s3.dualstack.eu-west-1.amazonaws.com/{k}", Form::VirtualHostedDualstack),
    ("https://s3-external-1.amazonaws.com/{b}/{k}", Form::External1),
    ("https://{b}.s3-external-1.amazonaws.com/{k}", Form::External1),
];

fn encoded(key: &str) -> String {
    let encoded = |c: char| utf8_percent_encode(c.encode_utf8(&mut [0; 4]), NON_ALPHANUMERIC).to_string();
    key.chars().map(|c| if is_placeholder(c) { c.to_string() } else { encoded(c) }).collect()
}

fn a_bucket() -> impl Strategy<Value = String> {
    let label = prop_oneof![
        "[a-zA-Z0-9_\u{E000}\u{E001}][a-z0-9\u{E000}-]{0,5}",
        Just("s3".to_owned()),
        Just("s3-eu-west-1".to_owned()),
        Just("us-iso-east-1".to_owned()),
        Just("dualstack".to_owned()),
        Just("amazonaws.com".to_owned()),
    ];
    proptest::collection::vec(label, 1..4)
        .prop_map(|labels| labels.join("."))
        .prop_filter("an alias", |name| !["-s3alias", "--ol-s3", ".mrap"].iter().any(|alias| name.ends_with(alias)))
}

/// White space within a key is fine, but at its end it would stand at the end of the location.
fn a_key() -> impl Strategy<Value = String> {
    "[a-z/+%é \u{E000}]{0,12}[a-z%é\u{E001}]"
}

proptest! {
    #[test]
    fn a_composed_location_gives_back_bucket_and_key(bucket in a_bucket(), key in a_key()) {
        for (template, form) in FORMS {
            let written = if form == Form::S3Uri { key.clone() } else { encoded(&key) };
            let text = template.replace("{b}", &bucket).replace("{k}", &written);
            let location = parse(&text);
            prop_assert!(location.is_ok(), "{} {:?}", text, location);
            let location = location.unwrap();
            prop_assert_eq!(&location.bucket, &bucket, "{}", text);
            prop_assert_eq!(&location.key, &key, "{}", text);
            prop_assert_eq!(&location.raw_key, &written, "{}", text);
            prop_assert_eq!(location.form, form, "{}", text);
        }
    }

    #[test]
    fn nothing_makes_it_panic(text in any::<String>()) {
        let _ = parse(&text);
        let _ = bucket_of_arn_or_name(&text);
    }

    #[test]
    fn nothing_that_looks_like_a_location_makes_it_panic(
        parts in proptest::collection::vec(
            prop_oneof![
                "(s3|https?|arn|file|HTTPS)",
                "(:|//|/|\\.|-|@|#|\\?|%2[0-9fF]?|%FF)",
                "(\\.s3\\.|\\.s3-|s3|dualstack|external-1)",
                "(eu-west-1|us-iso-east-1|cn-north-1|amazonaws\\.com|\\.cn)",
                "[\u{E000}\u{F8FF}éİ \u{0}]",
                "[a-z]{1,3}",
            ],
            0..12,
        ),
        scheme in "(s3://|https://|)",
    ) {
        let text = format!("{scheme}{}", parts.concat());
        if let Ok(location) = parse(&text) {
            prop_assert!(!location.bucket.is_empty() && !location.key.is_empty() && !location.key.ends_with('/'));
            prop_assert!(text.contains(&location.bucket) && text.ends_with(&location.raw_key));
        }
    }
}
