//! Which comments are found, and at what they stand.

use super::*;
use crate::saved_plan::ModuleFile;

fn sources(path: &str, text: &str) -> Sources {
    let file = ModuleFile { module: String::new(), path: path.into(), text: text.into() };
    Sources::of_module_files(vec![file])
}

/// Of each comment that says `@` what it says, and the text that it stands at.
fn found(text: &str) -> Vec<(String, String)> {
    let sources = sources("main.tf", text);
    let of = |comment: Comment<'_>| {
        let at = match &comment.subject {
            None => "nothing".into(),
            Some(CommentSubject::Block { kind, labels, .. }) => format!("{kind} {}", labels.join(" ")),
            Some(CommentSubject::Part { span }) => format!("part {}", span.of(text).unwrap()),
            Some(CommentSubject::Line { span }) => format!("line {}", span.of(text).unwrap().trim()),
        };
        (comment.content.to_owned(), at)
    };
    sources.comments("@").map(of).collect()
}

#[track_caller]
fn assert_found(text: &str, expected: &[(&str, &str)]) {
    let expected: Vec<_> = expected.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect();
    assert_eq!(found(text), expected, "{text}");
}

#[test]
fn a_comment_stands_at_what_is_on_its_line_or_below_it() {
    assert_found("# @1\nresource \"a\" \"b\" {\n}\n", &[("@1", "resource a b")]);
    assert_found("resource \"a\" \"b\" { # @1\n}\n", &[("@1", "resource a b")]);
    assert_found("resource \"a\" \"b\" {\n} // @1\n", &[("@1", "resource a b")]);
    assert_found(
        "/* @1 */ module \"m\" {\r\n  // @2\r\n  x = 1 # @3\r\n}\r\n",
        &[("@1", "module m"), ("@2", "part x = 1"), ("@3", "part x = 1")],
    );
    assert_found(
        "locals {\n  x = {\n    y = 1\n  } # @1\n\n  lifecycle { a = 1 } # @2\n}\n",
        &[("@1", "part x = {\n    y = 1\n  }"), ("@2", "part lifecycle { a = 1 }")],
    );
}

#[test]
fn the_marks_and_indents_of_a_block_comment_say_nothing() {
    for comment in ["/*\n * @1\n */", "/**\n ** @1 **/", "/*\r\n\t@1\r\n*/", "/* * @1 */"] {
        assert_found(&format!("{comment}\nresource \"a\" \"b\" {{}}\n"), &[("@1", "resource a b")]);
    }
}

#[test]
fn a_byte_order_mark_is_no_code() {
    assert_found("\u{feff}# @1\nresource \"a\" \"b\" {}\n", &[("@1", "resource a b")]);
}

#[test]
fn other_comments_may_lie_between_and_an_empty_line_may_not() {
    assert_found("# @1\n# because\n/* of\n   this */\nresource \"a\" \"b\" {}\n", &[("@1", "resource a b")]);
    assert_found("# @1\n\nresource \"a\" \"b\" {}\n", &[("@1", "nothing")]);
    assert_found("resource \"a\" \"b\" {\n  # @1\n}\n# @2", &[("@1", "nothing"), ("@2", "nothing")]);
}

#[test]
fn inside_of_a_value_a_comment_stands_at_one_line() {
    let text = "resource \"a\" \"b\" {\n  policy = jsonencode([ # @1\n    # @2\n    { Sid = 1 },\n    { Sid = 2 }, # @3\n  ]) # @4\n}\n";
    let attribute = "part policy = jsonencode([ # @1\n    # @2\n    { Sid = 1 },\n    { Sid = 2 }, # @3\n  ])";
    assert_found(
        text,
        &[("@1", attribute), ("@2", "line { Sid = 1 },"), ("@3", "line { Sid = 2 }, # @3"), ("@4", attribute)],
    );
}

#[test]
fn strings_and_heredocs_hold_no_comments() {
    for value in [
        "\"# @ // @ /* @ */\"",
        "\"\\\" # @\"",
        "\"\\\\\" + \"# @\"",
        "\"$${ # @ }\"",
        "\"${\"# @\"} # @\"",
        "\"${{ a = \"}\" }} # @\"",
        "<<EOT\n# @\n  EO // @\n${x[\"# @\"]} # @\nEOT",
        "<<-EOT\n%{ if true }// @%{ endif }\n$${\n# @\n  EOT",
        "<<-É\n# @\n  É\r",
        "<<E\nE\nz = \"# @\"",
    ] {
        assert_found(&format!("locals {{\n  x = {value}\n  y = 1 # @yes\n}}\n"), &[("@yes", "part y = 1")]);
    }
    assert_found("locals {\n  x = \"${a # @1\n  }\"\n}\n", &[("@1", "part x = \"${a # @1\n  }\"")]);
}

#[test]
fn a_damaged_file_keeps_its_comments() {
    let text = "locals {\n  x = \"abc\n}\n# @1\nresource \"a\" \"b\" {\n  y =\n}\n# @2\nmodule \"m\" {}\n";
    assert_found(text, &[("@1", "resource a b"), ("@2", "module m")]);
    assert_found("locals {}\n/* @ never closed\nlocals {}\n", &[]);
    for end in 0..text.len() {
        found(&text[..end]);
    }
}

#[test]
fn json_has_no_comments_and_every_module_of_a_folder_is_told() {
    assert_eq!(sources("main.tf.json", "{\n# @\n\"resource\": {}}").comments("@").count(), 0);
    let file = |module: &str, path: &str, text: &str| ModuleFile {
        module: module.into(),
        path: path.into(),
        text: text.into(),
    };
    let sources = Sources::of_module_files(vec![
        file("", "main.tf", ""),
        file("a", "m/main.tf", "# @\nlocals {}\n"),
        file("b", "m/main.tf", "# @\nlocals {}\n"),
    ]);
    let comments: Vec<_> = sources.comments("@").collect();
    assert_eq!(comments.len(), 1);
    let modules: Vec<String> = sources.modules_of(comments[0].text).map(|path| path.to_string()).collect();
    assert_eq!(modules, ["module.a", "module.b"]);
}
