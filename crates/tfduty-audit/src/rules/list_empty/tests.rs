use serde_json::{Value, json};

use crate::testing::{
    Run, check,
    content::{FORMATS, OBJECT, THREAT, TRUSTED, kept_secret, list_of, read_by, written},
    created,
    lists::{list_files, object_at, set_at, with},
    plan, resource, state,
};

const RULE: &str = "list-empty";
const PASSED: (u64, u64, u64, u64) = (1, 0, 0, 0);
const FAILED: (u64, u64, u64, u64) = (0, 1, 0, 0);
const UNDECIDED: (u64, u64, u64, u64) = (0, 0, 1, 0);
const SKIPPED: (u64, u64, u64, u64) = (0, 0, 0, 1);

/// The rules that are skipped where `list-empty` says that the content is not known.
const OTHERS: [&str; 6] = [
    "list-format-mismatch",
    "list-entry-invalid",
    "list-entry-private",
    "list-entry-untidy",
    "list-trusted-broad",
    "list-source-missing",
];

#[test]
fn fails_when_there_are_only_blank_lines_or_only_invalid_ones() {
    for text in [
        "\n",
        "\n \n\t\r\n",
        " ",
        "\u{feff}",
        "# nothing yet\n",
        "scanner.example.com\n",
        "2001:db8::/32\n",
        "198.51.100.256\n010.0.0.1\n198.51.100.7/33\n",
        "hello world\nthis is no list\n",
        "198.51.100.7-198.51.100.9\n",
        // One line: a lone carriage return ends none.
        "198.51.100.7\r198.51.100.8\r",
    ] {
        assert_eq!(check(&list_of("TXT", text)).says(RULE), [format!("fail {OBJECT}")], "{text:?}");
        assert_eq!(check(&list_of("TXT", text)).tally("list-format-mismatch").1, 0, "{text:?}");
    }
}

#[test]
fn passes_with_one_valid_entry() {
    for text in ["8.8.8.8", "bad\nworse\n8.8.8.8\nbad\n", "\u{feff}8.8.8.8\n", "0.0.0.0/0\n", "10.0.0.1\n"] {
        assert_eq!(check(&list_of("TXT", text)).tally(RULE), PASSED, "{text:?}");
    }
    for format in FORMATS {
        let document = list_of(format, &written(format, &["198.51.100.7"]));
        assert_eq!(check(&document).tally(RULE), PASSED, "{format}");
    }
}

#[test]
fn fails_in_every_format_with_blank_lines_only_a_header_only_or_invalid_entries_only() {
    for format in FORMATS {
        for text in ["\n\n".to_owned(), written(format, &["198.51.100.256", "198.51.100.7/33"])] {
            let document = list_of(format, &text);
            assert_eq!(check(&document).says(RULE), [format!("fail {OBJECT}")], "{format} {text:?}");
            assert_eq!(check(&document).tally("list-entry-invalid"), SKIPPED, "{format} {text:?}");
        }
        if !matches!(format, "TXT" | "ALIEN_VAULT") {
            assert_eq!(check(&list_of(format, &written(format, &[]))).tally(RULE), FAILED, "{format}");
        }
    }
}

#[test]
fn fails_when_no_row_or_element_is_an_address() {
    let proof_point = written("PROOF_POINT", &[]);
    let fire_eye = written("FIRE_EYE", &[]);
    let otx = written("OTX_CSV", &[]);
    for (format, text) in [
        ("OTX_CSV", format!("{otx}domain, scanner.example.com, x\nIPv6, 2001:db8::1, x\n")),
        ("OTX_CSV", format!("{otx}FileHash-MD5, 0a1b, x\n")),
        ("FIRE_EYE", format!("{fire_eye}00-1, Example, , , scanner.example.com\n")),
        // Without the last comma no row parses.
        ("PROOF_POINT", format!("{proof_point}198.51.100.7, 1, 100, 2000-01-01, 2000-01-02\n")),
        ("STIX", "<STIX_Package></STIX_Package>".into()),
        ("STIX", "<STIX_Package xmlns:d=\"urn:d\"><d:Value>scanner.example.com</d:Value></STIX_Package>".into()),
        // No STIX package, though it is XML.
        ("STIX", "<html><body>198.51.100.7</body></html>".into()),
        ("STIX", "<STIX_Package><Address_Value>".into()),
    ] {
        assert_eq!(check(&list_of(format, &text)).says(RULE), [format!("fail {OBJECT}")], "{format} {text:?}");
    }
}

#[test]
fn silent_when_the_format_is_another_one() {
    for text in ["8.8.8.8\n", "{\"type\": \"bundle\"}", "8.8.8.8\n\u{0}"] {
        assert_eq!(check(&list_of("OTX_CSV", text)).tally(RULE), SKIPPED, "{text:?}");
        assert_eq!(check(&list_of("OTX_CSV", text)).tally("list-format-mismatch"), FAILED, "{text:?}");
    }
}

#[test]
fn up_to_10_invalid_lines_are_labelled_with_the_reason() {
    let document = list_of("TXT", &format!("\n198.51.100.7\\32\n{}", "bad\n".repeat(20)));
    assert_eq!(check(&document).lines(RULE), (2..12).collect::<Vec<_>>());
    let texts = check(&document).texts(RULE);
    assert!(texts.iter().any(|text| text.contains("/32")), "{texts:#?}");
}

#[test]
fn of_sensitive_content_no_entry_is_shown() {
    let document = kept_secret(list_of("TXT", "scanner.example.com\n10.9.8.7\\32\n"));
    assert_eq!(check(&document).tally(RULE), FAILED);
    let texts = check(&document).texts(RULE);
    for secret in ["scanner", "10.9.8"] {
        assert!(!texts.iter().any(|text| text.contains(secret)), "{secret}: {texts:#?}");
    }
}

#[test]
fn an_inactive_list_is_judged_too() {
    let document = state(&[
        resource(OBJECT, with(object_at("lists", "k"), json!({ "content": "bad\n" }))),
        resource(TRUSTED, with(set_at("s3://lists/k"), json!({ "activate": false }))),
    ]);
    assert_eq!(check(&document).says(RULE), [format!("fail {OBJECT}")]);
}

#[test]
fn several_sets_on_one_object_are_one_finding() {
    let document = read_by(&[(TRUSTED, "TXT"), (THREAT, "TXT")], json!({ "content": "bad\n" }));
    assert_eq!(check(&document).says(RULE), [format!("fail {OBJECT}")]);
    assert_eq!(check(&document).tally(RULE), FAILED);
}

/// A set, and an object of these attributes that a plan creates; names of attributes that are unknown.
fn planned(object: Value, unknown: &[&str]) -> Run {
    let set = created(TRUSTED, set_at("s3://lists/k"), &[]);
    check(&plan(&[set, created(OBJECT, with(object_at("lists", "k"), object), unknown)]))
}

#[test]
fn undecided_when_content_is_unknown_and_only_here() {
    let run = || planned(json!({}), &["content", "etag"]);
    assert_eq!(run().says(RULE), [format!("undecided {OBJECT}")]);
    for rule in OTHERS {
        let (passed, failed, undecided, _) = run().tally(rule);
        assert_eq!((passed, failed, undecided), (0, 0, 0), "{rule}");
    }
    let sets = state(&[
        resource(TRUSTED, set_at("s3://lists/k")),
        resource(THREAT, set_at("s3://lists/k")),
        resource("data.aws_s3_object.o", object_at("lists", "k")),
    ]);
    // What only a data source reads is reported on the first set.
    assert_eq!(check(&sets).says(RULE), [format!("undecided {TRUSTED}")]);
}

#[test]
fn undecided_when_the_content_is_compressed() {
    for (encoding, expected) in [("gzip", UNDECIDED), ("br", UNDECIDED), ("identity", PASSED), ("", PASSED)] {
        let document = read_by(&[(TRUSTED, "TXT")], json!({ "content": "8.8.8.8\n", "content_encoding": encoding }));
        assert_eq!(check(&document).tally(RULE), expected, "{encoding}");
        let others = check(&document).tally("list-entry-invalid");
        assert_eq!(others, if expected == PASSED { PASSED } else { SKIPPED }, "{encoding}");
    }
}

#[test]
fn content_base64_is_decoded() {
    for (attributes, expected) in [
        // "8.8.8.8\n", "bad\n", "8.8.8.8\n" behind a BOM.
        (json!({ "content_base64": "OC44LjguOAo=" }), PASSED),
        (json!({ "content_base64": "YmFkCg==" }), FAILED),
        (json!({ "content_base64": "77u/OC44LjguOAo=" }), PASSED),
        // An empty string counts as not set.
        (json!({ "content": "", "content_base64": "YmFkCg==" }), FAILED),
        (json!({ "content": "8.8.8.8\n", "content_base64": "" }), PASSED),
    ] {
        let document = read_by(&[(TRUSTED, "TXT")], attributes.clone());
        assert_eq!(check(&document).tally(RULE), expected, "{attributes}");
    }
    // Bytes that are no UTF-8, on line 2.
    let latin = read_by(&[(TRUSTED, "TXT")], json!({ "content_base64": "OC44LjguOApjYWbpCg==" }));
    assert_eq!(check(&latin).tally(RULE), PASSED);
    assert_eq!(check(&latin).tally("list-entry-invalid"), FAILED);
}

#[test]
fn what_a_data_source_read_is_judged() {
    let read = |body: &str| {
        let object = with(object_at("lists", "k"), json!({ "body": body }));
        check(&state(&[resource("data.aws_s3_object.o", object), resource(TRUSTED, set_at("s3://lists/k"))]))
    };
    assert_eq!(read("8.8.8.8\n").tally(RULE), PASSED);
    assert_eq!(read("bad\n").says(RULE), [format!("fail {TRUSTED}")]);
}

/// A state whose object has this `source`, beside a folder with these files.
fn sourced(source: &str, others: Value, files: &[(&str, &[u8])]) -> Run {
    let document = read_by(&[(TRUSTED, "TXT")], with(json!({ "source": source }), others));
    let text = "resource \"aws_s3_object\" \"o\" {}\nresource \"aws_guardduty_ipset\" \"t\" {}\n";
    check(&document).with_sources(&[("", text)]).with_files(files)
}

const GOOD: &[u8] = b"8.8.8.8\n";

#[test]
fn the_file_of_source_is_read() {
    for (source, path) in [
        ("trusted.txt", "trusted.txt"),
        ("./trusted.txt", "trusted.txt"),
        ("lists/trusted.txt", "lists/trusted.txt"),
        ("./lists/../trusted.txt", "trusted.txt"),
    ] {
        assert_eq!(sourced(source, json!({}), &[(path, GOOD)]).tally(RULE), PASSED, "{source}");
        assert_eq!(sourced(source, json!({}), &[(path, b"bad\n")]).tally(RULE), FAILED, "{source}");
        assert_eq!(sourced(source, json!({}), &[(path, b"")]).tally(RULE), FAILED, "{source}");
    }
    // Before `source`, its content counts.
    assert_eq!(sourced("k", json!({ "content": "bad\n" }), &[("k", GOOD)]).tally(RULE), FAILED);
    assert_eq!(sourced("k", json!({ "content": "" }), &[("k", GOOD)]).tally(RULE), PASSED);
}

#[test]
fn undecided_when_the_file_is_not_found_and_the_object_exists_already() {
    for (source, files) in [
        ("trusted.txt", &[][..]),
        ("trusted.txt", &[("lists/trusted.txt", GOOD)]),
        ("/srv/trusted.txt", &[("trusted.txt", GOOD)]),
        // A path that leaves the folder is not followed.
        ("../trusted.txt", &[("trusted.txt", GOOD)]),
        ("lists/../../trusted.txt", &[("trusted.txt", GOOD)]),
    ] {
        assert_eq!(sourced(source, json!({}), files).tally(RULE), UNDECIDED, "{source}");
    }
}

#[test]
fn undecided_when_the_file_differs_from_etag() {
    // The MD5 of `GOOD`, and that of another text.
    let (same, other) = ("38a0ddaad60365a349c255b9ad6e2ac2", "cc8657af03685135aeec9260ac09715a");
    for (attributes, expected) in [
        (json!({ "etag": same }), PASSED),
        (json!({ "etag": other }), UNDECIDED),
        // No plain MD5: the upload had parts, or a KMS key.
        (json!({ "etag": format!("{other}-2") }), PASSED),
        (json!({ "etag": other, "server_side_encryption": "aws:kms" }), PASSED),
        (
            json!({ "etag": other, "kms_key_id": "arn:aws:kms:eu-west-1:123456789012:key/12ab", "server_side_encryption": "aws:kms" }),
            PASSED,
        ),
        (json!({ "etag": other, "server_side_encryption": "AES256" }), UNDECIDED),
        (json!({ "etag": "" }), PASSED),
    ] {
        let run = || sourced("k", attributes.clone(), &[("k", GOOD)]);
        assert_eq!(run().tally(RULE), expected, "{attributes}");
        let skipped = run().tally("list-entry-private") == SKIPPED;
        assert_eq!(skipped, expected == UNDECIDED, "{attributes}");
    }
    // Content that the object itself shows is not compared.
    let shown = read_by(&[(TRUSTED, "TXT")], json!({ "content": "8.8.8.8\n", "etag": other }));
    assert_eq!(check(&shown).tally(RULE), PASSED);
}

const COPY: &str = "aws_s3_object_copy.c";

#[test]
fn a_copy_has_the_content_of_the_object_it_names_at_one_hop() {
    let copied = |source: &str, key: &str| {
        let copy = with(object_at("lists", "k"), json!({ "source": source }));
        let original = with(object_at("from", key), json!({ "content": "bad\n" }));
        let [original, copy] = [resource("aws_s3_object.original", original), resource(COPY, copy)];
        check(&state(&[original, copy, resource(TRUSTED, set_at("s3://lists/k"))])).says(RULE)
    };
    for (source, key) in [
        ("from/list.txt", "list.txt"),
        ("from/lists/list.txt", "lists/list.txt"),
        ("from/a%20list.txt", "a list.txt"),
        ("arn:aws:s3:::from/list.txt", "list.txt"),
    ] {
        assert_eq!(copied(source, key), [format!("fail {COPY}")], "{source}");
    }
    // An object that is not in the estate.
    for source in ["from/other.txt", "elsewhere/list.txt"] {
        assert_eq!(copied(source, "list.txt"), [format!("undecided {COPY}")], "{source}");
    }
    // A copy of a copy is another hop.
    let copy = |name: &str, bucket: &str, source: &str| {
        resource(name, with(object_at(bucket, "k"), json!({ "source": source })))
    };
    let original = with(object_at("from", "k"), json!({ "content": "bad\n" }));
    let document = state(&[
        resource("aws_s3_object.original", original),
        copy("aws_s3_object_copy.between", "between", "from/k"),
        copy(COPY, "lists", "between/k"),
        resource(TRUSTED, set_at("s3://lists/k")),
    ]);
    assert_eq!(check(&document).says(RULE), [format!("undecided {COPY}")]);
}

#[test]
fn without_an_object_there_is_no_subject() {
    // The rules on the location speak.
    for (location, speaker) in [("s3://lists/other.txt", "list-object-missing"), ("nowhere", "list-location-invalid")] {
        let object = with(object_at("lists", "k"), json!({ "content": "bad\n" }));
        let bucket = resource("aws_s3_bucket.b", json!({ "id": "lists", "bucket": "lists" }));
        let document = state(&[bucket, resource("aws_s3_object.o", object), resource(TRUSTED, set_at(location))]);
        assert_eq!(check(&document).says(RULE), [] as [&str; 0], "{location}");
        assert_eq!(check(&document).says(speaker), [format!("fail {TRUSTED}")], "{location}");
    }
}

#[test]
fn the_files_of_list_are_judged() {
    for (text, expected) in [
        ("", FAILED),
        ("\n\n", FAILED),
        ("# nothing yet\n", FAILED),
        ("2001:db8::1\n", FAILED),
        ("8.8.8.8\n", PASSED),
        ("Indicator type, Indicator, Description\n", FAILED),
        ("Indicator type, Indicator, Description\nIPv4, 8.8.8.8, x\n", PASSED),
    ] {
        assert_eq!(list_files(&[("list.txt", text, None)]).tally(RULE), expected, "{text:?}");
    }
    let two = || list_files(&[("a.txt", "bad\n", None), ("b.txt", "8.8.8.8\n", None)]);
    assert_eq!(two().tally(RULE), (1, 1, 0, 0));
    assert_eq!(two().says(RULE), ["fail"]);
}

#[test]
fn undecided_with_a_file_whose_content_is_sensitive_to_the_resource_that_writes_it() {
    let mut secret = resource("local_file.f", json!({ "filename": "./k.txt", "content": "10.1.2.3\n" }));
    secret["instances"][0]["sensitive_attributes"] = json!([[{ "type": "get_attr", "value": "content" }]]);
    for maker in [secret, resource("local_sensitive_file.f", json!({ "filename": "./k.txt" }))] {
        let run = || {
            let object = json!({ "bucket": "lists", "key": "k.txt", "source": "./k.txt" });
            let set = json!({
                "detector_id": "12ab", "activate": true, "format": "TXT", "name": "l", "location": "s3://lists/k.txt",
            });
            let set = resource("aws_guardduty_ipset.t", set);
            let resources = [set, resource("aws_s3_object.o", object), maker.clone()];
            check(&state(&resources)).with_files(&[("k.txt", b"10.1.2.3\n")])
        };
        assert_eq!(run().says(RULE), ["undecided aws_s3_object.o"], "{maker}");
        let report = run().report();
        assert!(report.findings.iter().all(|finding| !format!("{finding:?}").contains("10.1.2.3")), "{maker}");
    }
}
