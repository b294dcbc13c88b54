//! Texts without anything but what tells calls of the AWS CLI.

use super::{FLAGS, PROGRAMS, SERVICES, SHOWING};

/// Calls that are looked for, wherever they stand in a text.
const CALLS: &[&str] = &["create-publishing-destination", "put-rule", "update-ip-set", "update-threat-intel-set"];

/// A text of the same length in which only those words are left that tell whether it makes findings go somewhere
/// ([`super::Call::delivers_findings`]) or loads a list anew. Of everything else the letters and digits are gone, while
/// spaces and punctuation stay: they tell where a command ends, and what a shell puts in.
pub fn redact(text: &str) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(call) = CALLS.iter().filter_map(|call| Some((rest.find(call)?, *call))).min() {
        let (at, call) = call;
        words(&rest[..at], &mut redacted);
        redacted.push_str(call);
        rest = &rest[at + call.len()..];
    }
    words(rest, &mut redacted);
    redacted
}

/// What may stand inside a word.
fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '.')
}

fn words(text: &str, redacted: &mut String) {
    let mut rest = text;
    while let Some(start) = rest.find(is_of_word) {
        redacted.push_str(&rest[..start]);
        let end = rest[start..].find(|c| !is_of_word(c)).map_or(rest.len(), |length| start + length);
        let is_option = rest[..start].ends_with('/');
        word(&rest[start..end], is_option, redacted);
        rest = &rest[end..];
    }
    redacted.push_str(rest);
}

fn word(word: &str, is_option: bool, redacted: &mut String) {
    let is_known = [PROGRAMS, SERVICES, SHOWING, FLAGS].iter().any(|words| words.contains(&&*word.to_lowercase()));
    if is_known {
        return redacted.push_str(word);
    }
    // `-c`, `/c` and their like have a script behind them.
    let takes_script = word.ends_with(['c', 'C']) && (is_option || word.starts_with('-'));
    let is_command = word.eq_ignore_ascii_case("-command");
    for (at, c) in word.char_indices() {
        let is_kept = is_command || (takes_script && at + 1 == word.len()) || !c.is_alphanumeric();
        if is_kept {
            redacted.push(c);
        } else {
            (0..c.len_utf8()).for_each(|_| redacted.push('x'));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::cli::{Call, calls};
    use crate::truth::Truth;

    #[test]
    fn nothing_but_the_calls_is_left() {
        for (text, redacted) in [
            ("curl -H 'Token: s3cr3t' https://h.example/x", "xxxx -x 'xxxxx: xxxxxx' xxxxx://x.xxxxxxx/x"),
            ("aws --profile prod events put-rule --name n", "aws --xxxxxxx xxxx events put-rule --xxxx x"),
            (
                "/usr/bin/aws guardduty create-publishing-destination",
                "/xxx/xxx/aws guardduty create-publishing-destination",
            ),
            ("bash -c \"$CMD\"; cmd /c %X%; mysql -pSecret", "xxxx -c \"$xxx\"; xxx /c %x%; xxxxx -xxxxxxx"),
            ("powershell -Command aws s3 ls", "xxxxxxxxxx -Command aws s3 xx"),
            ("naïve 42", "xxxxxx xx"),
            ("MYupdate-ip-setTOO", "xxupdate-ip-setxxx"),
        ] {
            assert_eq!(redact(text), redacted);
            assert_eq!(redact(redacted), redacted);
        }
    }

    fn delivers(script: &str) -> Truth {
        Truth::any(calls(script).iter().map(Call::delivers_findings))
    }

    proptest! {
        #[test]
        fn what_a_script_does_is_told_as_before(words in proptest::collection::vec(prop_oneof![
            Just("aws"), Just("/bin/aws"), Just("events"), Just("guardduty"), Just("lambda"), Just("put-rule"), Just("echo"),
            Just("create-publishing-destination"), Just("create-filter"), Just("--profile"), Just("--debug"), Just("$X"),
            Just("\u{E000}"), Just("bash"), Just("-c"), Just("\""), Just("'"), Just(";"), Just("\n"), Just("#"), Just("name"),
            Just("--x=y"), Just("|"), Just("\\\n"), Just("$("), Just(")"),
        ], 0..12)) {
            let script = words.join(" ");
            let redacted = redact(&script);
            prop_assert_eq!(redacted.len(), script.len());
            prop_assert_eq!(delivers(&redacted), delivers(&script), "{}", redacted);
        }
    }
}
