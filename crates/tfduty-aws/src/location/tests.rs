//! Every row and every sentence of what a location may be.

use super::*;

const COM: Option<&str> = Some("amazonaws.com");
const CN: Option<&str> = Some("amazonaws.com.cn");
const WEST: Option<&str> = Some("eu-west-1");

/// Bucket, key, region, suffix and form of a location that is valid.
fn read(text: &str) -> (String, String, Option<String>, Option<String>, Form) {
    match parse(text) {
        Ok(found) => (found.bucket, found.key, found.region, found.suffix, found.form),
        Err(error) => panic!("{text:?} {error}"),
    }
}

#[track_caller]
fn assert_reads(text: &str, bucket: &str, key: &str, region: Option<&str>, suffix: Option<&str>, form: Form) {
    let expected = (bucket.into(), key.into(), region.map(str::to_owned), suffix.map(str::to_owned), form);
    assert_eq!(read(text), expected, "{text}");
}

#[track_caller]
fn assert_refused(error: LocationError, texts: &[&str]) {
    for text in texts {
        assert_eq!(parse(text), Err(error), "{text:?}");
    }
}

#[test]
fn every_form_is_read() {
    for (text, region, form, documented) in [
        ("s3://b/k", None, Form::S3Uri, true),
        ("https://s3.SUFFIX/b/k", None, Form::PathStyle, true),
        ("https://s3-eu-west-1.SUFFIX/b/k", WEST, Form::PathStyleDashedRegion, true),
        ("https://s3.eu-west-1.SUFFIX/b/k", WEST, Form::PathStyleDottedRegion, false),
        ("https://s3.dualstack.eu-west-1.SUFFIX/b/k", WEST, Form::PathStyleDualstack, false),
        ("https://b.s3.SUFFIX/k", None, Form::VirtualHosted, true),
        ("https://b.s3-eu-west-1.SUFFIX/k", WEST, Form::VirtualHostedDashedRegion, true),
        ("https://b.s3.eu-west-1.SUFFIX/k", WEST, Form::VirtualHostedDottedRegion, false),
        ("https://b.s3.dualstack.eu-west-1.SUFFIX/k", WEST, Form::VirtualHostedDualstack, false),
        ("https://s3-external-1.SUFFIX/b/k", Some("us-east-1"), Form::External1, false),
        ("https://b.s3-external-1.SUFFIX/k", Some("us-east-1"), Form::External1, false),
    ] {
        assert_eq!(form.documented(), documented, "{form:?}");
        let suffix = if form == Form::S3Uri { None } else { COM };
        let text = text.replace("SUFFIX", "amazonaws.com");
        assert_reads(&text, "b", "k", region, suffix, form);
        // `http` and `https` are equal.
        let http = text.replace("https:", "http:");
        assert_reads(&http, "b", "k", region, suffix, form);
    }
}

#[test]
fn scheme_and_host_have_no_case_but_bucket_and_key_do() {
    assert_reads("S3://My.Bucket/Key", "My.Bucket", "Key", None, None, Form::S3Uri);
    for (text, bucket, region, form) in [
        ("HTTPS://S3.AmazonAWS.com/My/Key", "My", None, Form::PathStyle),
        ("Http://My.S3.AMAZONAWS.COM/Key", "My", None, Form::VirtualHosted),
        ("https://S3-EU-West-1.amazonaws.com/My/Key", "My", WEST, Form::PathStyleDashedRegion),
        ("https://My.S3.EU-WEST-1.amazonaws.com/Key", "My", WEST, Form::VirtualHostedDottedRegion),
        ("https://S3.DualStack.eu-west-1.amazonaws.com/My/Key", "My", WEST, Form::PathStyleDualstack),
        ("https://My.S3-External-1.amazonaws.com/Key", "My", Some("us-east-1"), Form::External1),
    ] {
        assert_reads(text, bucket, "Key", region, COM, form);
    }
}

#[test]
fn the_suffix_is_that_of_the_regions_partition() {
    for (text, region, suffix, form) in [
        ("https://s3.amazonaws.com.cn/b/k", None, "amazonaws.com.cn", Form::PathStyle),
        (
            "https://b.s3.cn-north-1.amazonaws.com.cn/k",
            Some("cn-north-1"),
            "amazonaws.com.cn",
            Form::VirtualHostedDottedRegion,
        ),
        (
            "https://s3-us-gov-west-1.amazonaws.com/b/k",
            Some("us-gov-west-1"),
            "amazonaws.com",
            Form::PathStyleDashedRegion,
        ),
        (
            "https://s3.eusc-de-east-1.amazonaws.eu/b/k",
            Some("eusc-de-east-1"),
            "amazonaws.eu",
            Form::PathStyleDottedRegion,
        ),
    ] {
        assert_reads(text, "b", "k", region, Some(suffix), form);
    }
    assert_refused(
        LocationError::OtherPartition,
        &[
            "https://s3.cn-north-1.amazonaws.com/b/k",
            "https://b.s3-eu-west-1.amazonaws.com.cn/k",
            "https://s3.dualstack.eu-west-1.amazonaws.com.cn/b/k",
            "https://s3-external-1.amazonaws.com.cn/b/k",
            "https://s3.eu-west-1.c2s.ic.gov/b/k",
        ],
    );
}

#[test]
fn in_isolated_partitions_any_suffix_is_accepted_and_the_region_is_unknown() {
    for (host, suffix, form) in [
        ("s3.us-iso-east-1.c2s.ic.gov", "c2s.ic.gov", Form::PathStyleDottedRegion),
        ("s3-us-isob-east-1.example.org", "example.org", Form::PathStyleDashedRegion),
        ("s3.dualstack.us-isof-south-1.x", "x", Form::PathStyleDualstack),
        ("s3.eu-isoe-west-1.cloud.adc-e.uk", "cloud.adc-e.uk", Form::PathStyleDottedRegion),
        ("s3.c2s.ic.gov", "c2s.ic.gov", Form::PathStyle),
    ] {
        assert_reads(&format!("https://{host}/b/k"), "b", "k", None, Some(suffix), form);
        let virtual_hosted = parse(&format!("https://b.{host}/k")).unwrap();
        assert_eq!((virtual_hosted.bucket.as_str(), virtual_hosted.region), ("b", None), "{host}");
    }
    assert_refused(LocationError::OtherHost, &["https://s3.us-iso-east-1/b/k", "https://s3.us-iso-east-1./b/k"]);
}

#[test]
fn a_location_fits_the_partition_of_its_suffix() {
    for (text, fitting) in [
        ("s3://b/k", &Partition::ALL[..]),
        (
            "https://s3.amazonaws.com/b/k",
            &[
                Partition::Aws,
                Partition::AwsUsGov,
                Partition::AwsIso,
                Partition::AwsIsoB,
                Partition::AwsIsoF,
                Partition::AwsIsoE,
            ],
        ),
        (
            "https://s3.amazonaws.com.cn/b/k",
            &[Partition::AwsCn, Partition::AwsIso, Partition::AwsIsoB, Partition::AwsIsoF, Partition::AwsIsoE],
        ),
        (
            "https://s3.us-iso-east-1.example.org/b/k",
            &[Partition::AwsIso, Partition::AwsIsoB, Partition::AwsIsoF, Partition::AwsIsoE],
        ),
        ("https://s3.\u{E000}/b/k", &Partition::ALL[..]),
        ("https://\u{E000}/k", &Partition::ALL[..]),
    ] {
        let location = parse(text).unwrap();
        let fits: Vec<_> = Partition::ALL.into_iter().filter(|&p| location.fits(p)).collect();
        assert_eq!(fits, fitting, "{text}");
    }
}

#[test]
fn the_host_is_split_at_its_last_s3() {
    for (host, bucket, region, form) in [
        ("a.b.c.s3.amazonaws.com", "a.b.c", None, Form::VirtualHosted),
        ("a.s3.b.s3.amazonaws.com", "a.s3.b", None, Form::VirtualHosted),
        ("a.s3-b.s3.amazonaws.com", "a.s3-b", None, Form::VirtualHosted),
        ("a.s3.b.s3-eu-west-1.amazonaws.com", "a.s3.b", WEST, Form::VirtualHostedDashedRegion),
        ("s3.s3.amazonaws.com", "s3", None, Form::VirtualHosted),
        ("a.s3.s3.eu-west-1.amazonaws.com", "a.s3", WEST, Form::VirtualHostedDottedRegion),
        // `s3-REGION` comes before `s3-…` as a part of the bucket's name.
        ("b.s3-eu-west-1.amazonaws.com", "b", WEST, Form::VirtualHostedDashedRegion),
        ("s3-eu-west-1.s3.amazonaws.com", "s3-eu-west-1", None, Form::VirtualHosted),
        ("s3-logs.s3.amazonaws.com", "s3-logs", None, Form::VirtualHosted),
        ("s3-website.s3.amazonaws.com", "s3-website", None, Form::VirtualHosted),
        ("s3.dualstack.s3.amazonaws.com", "s3.dualstack", None, Form::VirtualHosted),
    ] {
        assert_reads(&format!("https://{host}/k"), bucket, "k", region, COM, form);
    }
}

#[test]
fn http_keys_are_decoded_once_and_s3_keys_are_as_written() {
    for (written, decoded) in [
        ("a%2Fb", "a/b"),
        ("a+b", "a+b"),
        ("a%20b", "a b"),
        ("a%2520b", "a%20b"),
        ("a b", "a b"),
        ("a%3Fb%23c", "a?b#c"),
        ("%C3%A9", "é"),
        ("/k", "/k"),
        ("a//b", "a//b"),
    ] {
        for base in ["https://s3.amazonaws.com/b/", "http://b.s3.amazonaws.com/"] {
            let location = parse(&format!("{base}{written}")).unwrap();
            assert_eq!((location.bucket.as_str(), location.key.as_str()), ("b", decoded));
            assert_eq!(location.raw_key, written);
            assert_eq!(location.decoded_key(), None, "it was decoded already: {written}");
        }
        let location = parse(&format!("s3://b/{written}")).unwrap();
        assert_eq!((location.bucket.as_str(), location.key.as_str()), ("b", written));
        assert_eq!(location.raw_key, written);
        assert_eq!(location.decoded_key(), (written != decoded).then(|| decoded.to_owned()));
    }
}

#[test]
fn what_1_5_calls_invalid_is_refused() {
    assert_refused(LocationError::Empty, &[""]);
    assert_refused(
        LocationError::WhiteSpace,
        &[" s3://b/k", "s3://b/k ", "s3://b/k\n", "\ts3://b/k", "s3://b/k\u{A0}", " ", "\n"],
    );
    assert_refused(
        LocationError::Query,
        &[
            "https://s3.amazonaws.com/b/k?versionId=1",
            "https://b.s3.amazonaws.com/k?X-Amz-Signature=#x",
            "s3://b/k?versionId=1",
            "https://s3.amazonaws.com?b/k",
        ],
    );
    assert_refused(LocationError::Fragment, &["https://s3.amazonaws.com/b/k#x", "s3://b/k#x?y"]);
    assert_refused(
        LocationError::NoKey,
        &["s3://b", "https://s3.amazonaws.com/b", "https://s3-eu-west-1.amazonaws.com/b", "https://b.s3.amazonaws.com"],
    );
    assert_refused(LocationError::EmptyKey, &["s3://b/", "https://s3.amazonaws.com/b/", "https://b.s3.amazonaws.com/"]);
    assert_refused(
        LocationError::KeyEndsWithSlash,
        &["s3://b/k/", "s3://b//", "https://s3.amazonaws.com/b/k/", "https://b.s3.amazonaws.com/k%2F"],
    );
    assert_refused(
        LocationError::AccessPoint,
        &[
            "https://ap-123456789012.s3-accesspoint.eu-west-1.amazonaws.com/k",
            "https://ap-123456789012.s3-accesspoint-fips.us-gov-west-1.amazonaws.com/k",
            "https://ap-123456789012.s3-object-lambda.eu-west-1.amazonaws.com/k",
            "https://x.mrap.accesspoint.s3-global.amazonaws.com/k",
            "https://x.accesspoint.s3-global.amazonaws.com/k",
            "arn:aws:s3:eu-west-1:123456789012:accesspoint/ap/object/k",
            "s3://arn:aws:s3:eu-west-1:123456789012:accesspoint/ap/k",
            "s3://ap-a1b2-s3alias/k",
            "https://ap-a1b2-s3alias.s3.eu-west-1.amazonaws.com/k",
            "s3://x--ol-s3/k",
            "s3://x.mrap/k",
        ],
    );
    assert_refused(
        LocationError::Arn,
        &[
            "arn:aws:s3:::b/k",
            "ARN:aws:s3:::b/k",
            "arn:",
            "s3://arn:aws:s3:::b/k",
            "https://s3.amazonaws.com/arn:aws:s3:::b/k",
            "https://arn:aws:s3:::b.s3.amazonaws.com/k",
        ],
    );
    assert_refused(
        LocationError::Website,
        &[
            "http://b.s3-website-eu-west-1.amazonaws.com/k",
            "http://b.s3-website.eu-central-1.amazonaws.com/k",
            "http://s3-website-us-east-1.amazonaws.com/b/k",
        ],
    );
    assert_refused(
        LocationError::OtherHost,
        &[
            "https://d111111abcdef8.cloudfront.net/k",
            "https://example.com/b/k",
            "https://amazonaws.com/b/k",
            "https://b.s3.example.com/k",
            "https://s3.amazonaws.com.example.com/b/k",
            "https://notas3.amazonaws.com/b/k",
            "https://s3-fips.us-gov-west-1.amazonaws.com/b/k",
            "https://b.s3-accelerate.amazonaws.com/k",
            "https://s3.EU_west_1.amazonaws.com/b/k",
            "https://s3.amazonaws.com./b/k",
            "https:///b/k",
        ],
    );
    assert_refused(
        LocationError::OtherScheme,
        &["file:///b/k", "file:k", "gs://b/k", "s3a://b/k", "ftp://s3.amazonaws.com/b/k"],
    );
}

#[test]
fn what_has_no_bucket_or_no_scheme_is_refused() {
    assert_refused(
        LocationError::NoBucket,
        &[
            "s3://",
            "s3:///k",
            "https://s3.amazonaws.com",
            "https://s3.amazonaws.com/",
            "https://s3.amazonaws.com//k",
            "https://.s3.amazonaws.com/k",
        ],
    );
    assert_refused(
        LocationError::BadBucketName,
        &["s3://b c/k", "s3://b:80/k", "s3://b%20/k", "https://s3.amazonaws.com/é/k", "https://b_!.s3.amazonaws.com/k"],
    );
    assert_refused(
        LocationError::NoScheme,
        &["b/k", "k", "/k", "://b/k", "s3:b/k", "s3:/b/k", "b/k:1", "1s3://b/k", "s3.amazonaws.com/b/k"],
    );
    assert_refused(
        LocationError::PortOrUser,
        &["https://s3.amazonaws.com:443/b/k", "https://user@s3.amazonaws.com/b/k"],
    );
}

#[test]
fn old_bucket_names_are_names() {
    for bucket in ["My_Old_Bucket", "b", "a.b-c"] {
        assert_reads(&format!("s3://{bucket}/k"), bucket, "k", None, None, Form::S3Uri);
    }
}

#[test]
fn three_hundred_characters_are_the_most() {
    let of = |length: usize| format!("s3://b/{}", "é".repeat(length - 7));
    assert!(parse(&of(300)).is_ok());
    assert_refused(LocationError::TooLong, &[&of(301)]);
    assert!(parse(&format!("{}\u{E000}", of(300))).is_ok(), "a placeholder may stand for nothing");
    assert_refused(LocationError::TooLong, &[&format!("{}\u{E000}", of(301))]);
}

#[test]
fn placeholders_stay_in_place() {
    for (text, bucket, key, region, suffix, form) in [
        ("s3://\u{E000}/\u{E001}", "\u{E000}", "\u{E001}", None, None, Form::S3Uri),
        ("s3://logs-\u{E000}/a/\u{F8FF}.txt", "logs-\u{E000}", "a/\u{F8FF}.txt", None, None, Form::S3Uri),
        ("https://s3.amazonaws.com/\u{E000}/k%20\u{E001}", "\u{E000}", "k \u{E001}", None, COM, Form::PathStyle),
        ("https://s3-\u{E000}.amazonaws.com/b/k", "b", "k", Some("\u{E000}"), COM, Form::PathStyleDashedRegion),
        (
            "https://s3.eu-\u{E000}-1.amazonaws.com.cn/b/k",
            "b",
            "k",
            Some("eu-\u{E000}-1"),
            CN,
            Form::PathStyleDottedRegion,
        ),
        ("https://\u{E000}.s3.amazonaws.com/k", "\u{E000}", "k", None, COM, Form::VirtualHosted),
        (
            "https://x-\u{E000}.s3-\u{E001}.amazonaws.com/k",
            "x-\u{E000}",
            "k",
            Some("\u{E001}"),
            COM,
            Form::VirtualHostedDashedRegion,
        ),
        (
            "https://\u{E000}.s3.dualstack.\u{E001}.\u{E002}/k",
            "\u{E000}",
            "k",
            Some("\u{E001}"),
            Some("\u{E002}"),
            Form::VirtualHostedDualstack,
        ),
        ("https://b.s3.eu-west-1.\u{E000}/k", "b", "k", WEST, Some("\u{E000}"), Form::VirtualHostedDottedRegion),
        ("https://s3.\u{E000}/b/k", "b", "k", None, Some("\u{E000}"), Form::PathStyle),
        ("https://\u{E000}/k", "\u{E000}", "k", None, None, Form::VirtualHosted),
    ] {
        assert_reads(text, bucket, key, region, suffix, form);
    }
}

#[test]
fn a_placeholder_leaves_open_what_it_may_decide() {
    assert_refused(
        LocationError::Undecided,
        &[
            "\u{E000}",
            "\u{E000}/k",
            "\u{E000}://b/k",
            "s3:\u{E000}",
            "s3://\u{E000}",
            "s3://b-\u{E000}",
            "s3://\u{E000} x/k",
            "https://\u{E000}",
            "https://s3.amazonaws.com/\u{E000}",
            "https://\u{E000}.example.com/k",
            "https://b.\u{E000}/k",
            "https://s3.\u{E000}.example.com/b/k",
        ],
    );
    for (text, error) in [
        ("arn:aws:s3:::\u{E000}/k", LocationError::Arn),
        ("file:///\u{E000}", LocationError::OtherScheme),
        ("b/\u{E000}", LocationError::NoScheme),
        ("s3://\u{E000}/k/", LocationError::KeyEndsWithSlash),
        ("s3://\u{E000}/", LocationError::EmptyKey),
        ("https://\u{E000}.s3.amazonaws.com/\u{E001}?x", LocationError::Query),
        ("http://\u{E000}.s3-website-\u{E001}.amazonaws.com/k", LocationError::Website),
        ("https://example.com/\u{E000}", LocationError::OtherHost),
        (" s3://\u{E000}/k", LocationError::WhiteSpace),
    ] {
        assert_refused(error, &[text]);
    }
}

#[test]
fn errors_are_sentences_that_go_on_from_their_subject() {
    assert_eq!(
        format!("the location {}", LocationError::TooLong),
        "the location is longer than the 300 characters that GuardDuty accepts: give the object a shorter key"
    );
    assert_eq!(LocationError::NoKey.to_string(), "names a bucket, but no object in it: write s3://BUCKET/KEY");
}

#[test]
fn a_bucket_is_named_by_name_or_arn() {
    for (text, expected) in [
        ("b", "b"),
        ("arn:aws:s3:::b", "b"),
        ("arn:aws-cn:s3:::my.bucket", "my.bucket"),
        ("arn:aws:s3:::b/prefix/x", "b"),
        ("arn:aws:s3:::\u{E000}", "\u{E000}"),
        ("arn:aws:s3:::", ""),
        ("b:::c", "b:::c"),
        ("arn:aws:s3:eu-west-1:123456789012:accesspoint/ap", "arn:aws:s3:eu-west-1:123456789012:accesspoint/ap"),
        ("", ""),
    ] {
        assert_eq!(bucket_of_arn_or_name(text), expected, "{text}");
    }
}
