//! What a comment says: `tfduty:ignore[rule,rule] until=2027-01-01 reason="…"`.

use crate::{
    date::date,
    suggest::{one_of, quoted, unknown_selector},
};

/// How a comment begins that is meant for this program. One that only speaks of it is none.
pub(crate) const PREFIX: &str = "tfduty:";

const FORM: &str = "write `tfduty:ignore[RULE] reason=\"…\"`, and `until=2027-01-31` where it has an end";

/// An understood comment.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Directive {
    /// Rules and families, each once.
    pub(super) rules: Vec<String>,
    pub(super) reason: String,
    pub(super) until: Option<String>,
}

/// What is wrong with a comment.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Offset in what the comment says.
    pub(super) offset: usize,
    pub(super) message: String,
    pub(super) help: String,
}

/// Reads a comment; `None` for one that is not meant for this program. All that is wrong with it is told at once.
pub(super) fn parse(content: &str) -> Option<Result<Directive, Vec<Fault>>> {
    let rest = content.strip_prefix(PREFIX)?;
    let mut reader = Reader { content, rest, directive: Directive::default(), faults: Vec::new() };
    if reader.rules().is_some() {
        while reader.member().is_some() {}
        let said = |fault: &Fault| fault.message.contains("reason");
        // Behind what is not understood there may be a reason.
        let is_read = reader.rest.trim().is_empty();
        if is_read && reader.directive.reason.is_empty() && !reader.faults.iter().any(said) {
            reader.fault_at(0, "`reason` is missing", "say why the findings do not count: `reason=\"…\"`");
        }
    }
    Some(if reader.faults.is_empty() { Ok(reader.directive) } else { Err(reader.faults) })
}

struct Reader<'c> {
    content: &'c str,
    rest: &'c str,
    directive: Directive,
    faults: Vec<Fault>,
}

impl<'c> Reader<'c> {
    fn fault_at(&mut self, offset: usize, message: impl Into<String>, help: impl Into<String>) {
        self.faults.push(Fault { offset, message: message.into(), help: help.into() });
    }

    fn offset(&self) -> usize {
        self.content.len() - self.rest.len()
    }

    /// Takes what comes before the first character that `is_end`.
    fn take(&mut self, is_end: impl Fn(char) -> bool) -> &'c str {
        let (taken, rest) = self.rest.split_at(self.rest.find(is_end).unwrap_or(self.rest.len()));
        self.rest = rest;
        taken
    }

    /// `ignore[rule,rule]`. `None` where the rest could only be guessed.
    fn rules(&mut self) -> Option<()> {
        let word = self.take(|c| c == '[' || c.is_whitespace());
        if word != "ignore" {
            self.fault_at(0, format!("{} is no comment of tfduty", quoted(&format!("{PREFIX}{word}"))), FORM);
            return None;
        }
        let Some(inside) = self.rest.strip_prefix('[').and_then(|rest| Some(rest.split_once(']')?.0)) else {
            self.fault_at(self.offset(), "the rules are missing", FORM);
            return None;
        };
        let mut offset = self.offset() + 1;
        self.rest = self.rest.get(inside.len() + 2..).unwrap_or_default();
        for part in inside.split(',') {
            let rule = part.trim();
            let at = offset + part.len() - part.trim_start().len();
            offset += part.len() + 1;
            if rule.is_empty() {
                self.fault_at(at, "a rule is missing", "name a rule, or a family such as `list-*`");
            } else if let Some((message, help)) = unknown_selector(rule) {
                self.fault_at(at, message, help);
            } else if !self.directive.rules.iter().any(|known| known == rule) {
                self.directive.rules.push(rule.to_owned());
            }
        }
        Some(())
    }

    /// One `key=value`. `None` at the end, and where the rest could only be guessed.
    fn member(&mut self) -> Option<()> {
        self.rest = self.rest.trim_start();
        if self.rest.is_empty() {
            return None;
        }
        let at = self.offset();
        let key = self.take(|c| c == '=' || c.is_whitespace());
        let Some(rest) = self.rest.strip_prefix('=') else {
            let message = format!("{} is not understood", quoted(key));
            self.fault_at(at, message, "a reason of several words goes in quotes: `reason=\"…\"`");
            return None;
        };
        self.rest = rest;
        let value_at = self.offset();
        let value = self.value()?;
        match key {
            "reason" if !self.directive.reason.is_empty() => self.twice(at, key),
            "until" if self.directive.until.is_some() => self.twice(at, key),
            "reason" if value.trim().is_empty() => {
                self.fault_at(value_at, "`reason` is empty", "say why the findings do not count");
            }
            "reason" => self.directive.reason = value,
            "until" => match date(&value) {
                Some(date) => self.directive.until = Some(date),
                None => {
                    self.fault_at(value_at, format!("{} is not a date", quoted(&value)), "a day, such as `2027-01-31`");
                }
            },
            _ => self.fault_at(at, format!("unknown key {}", quoted(key)), one_of(key, &["reason", "until"])),
        }
        Some(())
    }

    fn twice(&mut self, at: usize, key: &str) {
        self.fault_at(at, format!("{} is given twice", quoted(key)), "give it once");
    }

    /// A word, or a text in quotes, in which `\` takes the character behind it as it is.
    fn value(&mut self) -> Option<String> {
        let Some(inside) = self.rest.strip_prefix('"') else {
            return Some(self.take(char::is_whitespace).to_owned());
        };
        let mut value = String::new();
        let mut characters = inside.char_indices();
        while let Some((at, c)) = characters.next() {
            match c {
                '"' => {
                    self.rest = inside.get(at + 1..).unwrap_or_default();
                    return Some(value);
                }
                '\\' => value.extend(characters.next().map(|(_, c)| c)),
                c => value.push(c),
            }
        }
        self.fault_at(self.offset(), "the closing quotation mark is missing", FORM);
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_reason_and_end_are_read() {
        let directive = |rules: &[&str], reason: &str, until: Option<&str>| Directive {
            rules: rules.iter().map(|rule| (*rule).to_owned()).collect(),
            reason: reason.into(),
            until: until.map(str::to_owned),
        };
        for (content, expected) in [
            ("tfduty:ignore[list-stale] reason=ours", directive(&["list-stale"], "ours", None)),
            (
                "tfduty:ignore[ list-* , list-stale,list-* ]\n  until=2027-01-01\treason=\"a \\\"b\\\" \\\\ c\"",
                directive(&["list-*", "list-stale"], "a \"b\" \\ c", Some("2027-01-01")),
            ),
            ("tfduty:ignore[*]reason=\"x\"until=\"2028-02-29\"", directive(&["*"], "x", Some("2028-02-29"))),
        ] {
            assert_eq!(parse(content), Some(Ok(expected)), "{content}");
        }
        for content in ["", "see tfduty:ignore[list-stale]", "tfduty: x".trim_end_matches(": x"), "tfduty-ignore"] {
            assert_eq!(parse(content), None, "{content}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_what_to_write() {
        for (content, offset, message, help) in [
            ("tfduty:ignored[list-stale]", 0, "`tfduty:ignored` is no comment of tfduty", "write `tfduty:ignore["),
            ("tfduty:ignore list-stale", 13, "the rules are missing", "write"),
            ("tfduty:ignore[list-stale reason=x", 13, "the rules are missing", "write"),
            ("tfduty:ignore[] reason=x", 14, "a rule is missing", "name a rule"),
            (
                "tfduty:ignore[list-stale, lst-stale] reason=x",
                26,
                "unknown rule `lst-stale`",
                "did you mean `list-stale`?",
            ),
            ("tfduty:ignore[lists-*] reason=x", 14, "no rule matches `lists-*`", "did you mean `list-*`?"),
            ("tfduty:ignore[list-stale]", 0, "`reason` is missing", "say why"),
            ("tfduty:ignore[list-stale] reason=\"\"", 33, "`reason` is empty", "say why"),
            ("tfduty:ignore[list-stale] reason=\"x", 33, "the closing quotation mark is missing", "write"),
            ("tfduty:ignore[list-stale] reason=x y", 35, "`y` is not understood", "in quotes"),
            ("tfduty:ignore[list-stale] until=2027-02-30 reason=x", 32, "`2027-02-30` is not a date", "a day"),
            ("tfduty:ignore[list-stale] reason=x reason=y", 35, "`reason` is given twice", "once"),
            (
                "tfduty:ignore[list-stale] until=2027-02-01 reason=x until=2028-02-01",
                52,
                "`until` is given twice",
                "once",
            ),
            ("tfduty:ignore[list-stale] untl=2027-02-01 reason=x", 26, "unknown key `untl`", "did you mean `until`?"),
        ] {
            let Some(Err(faults)) = parse(content) else { panic!("{content}") };
            let [fault] = &faults[..] else { panic!("{content}: {faults:?}") };
            assert_eq!((fault.offset, &*fault.message), (offset, message), "{content}");
            assert!(fault.help.contains(help), "{content}: {}", fault.help);
        }
        assert_eq!(parse("tfduty:ignore[a,b] until=x").unwrap().unwrap_err().len(), 4);
    }
}
