//! Calls of the AWS CLI in the text of a script.
//!
//! A script is searched, not run: what is looked for is the form `aws [options] SERVICE [options] VERB …`, whatever shell it
//! is written for. Placeholders ([`is_placeholder`]) stand for text that is not known, and so do the shell's own variables.
//! SDKs (`boto3`) and the cmdlets of PowerShell are other forms, which are not recognised.

mod redact;

use std::fmt;

use crate::{location::is_placeholder, truth::Truth};

pub use redact::redact;

/// A call of the AWS CLI, as far as the script tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Whether the program is the AWS CLI: its name may be a placeholder.
    is_aws: Truth,
    /// The first two words that are neither options nor wholly unknown: of a call that is known, service and verb.
    words: Vec<String>,
    /// Whether something that is not known stands where program, service and verb do.
    is_open: bool,
    /// Where a copy of `aws s3` is made to.
    destination: Option<String>,
}

/// The services whose objects GuardDuty works with.
const SERVICES: &[&str] = &["events", "guardduty", "iam", "kms", "s3", "s3api", "sns"];

/// Calls that make a part of a detector. Members are left out: a detector that has some cannot be deleted.
const OF_DETECTOR: &[&str] = &[
    "create-filter",
    "create-ip-set",
    "create-publishing-destination",
    "create-threat-entity-set",
    "create-threat-intel-set",
    "create-trusted-entity-set",
];

/// Names of the program, as a file or as an image of a container.
const PROGRAMS: &[&str] = &["aws", "aws.exe", "aws-cli"];

/// Programs whose arguments are only shown.
const SHOWING: &[&str] = &["echo", "printf", "rem", "write-host", "write-output"];

/// Options without a value: those that any call may have (AWS CLI User Guide, "Command line options"), and those of copies.
const FLAGS: &[&str] = &[
    "--cli-auto-prompt",
    "--debug",
    "--delete",
    "--dryrun",
    "--follow-symlinks",
    "--no-cli-auto-prompt",
    "--no-cli-pager",
    "--no-follow-symlinks",
    "--no-paginate",
    "--no-progress",
    "--no-sign-request",
    "--no-verify-ssl",
    "--only-show-errors",
    "--quiet",
    "--recursive",
    "--version",
];

/// How deep scripts in arguments of scripts are looked into: `bash -c "…"`.
const DEEPEST: usize = 4;

/// The calls of the AWS CLI in a script, in the order of the text.
pub fn calls(script: &str) -> Vec<Call> {
    let mut found = Vec::new();
    search(script, DEEPEST, &mut found);
    found
}

impl Call {
    /// Whether it makes or turns on something that stays until somebody removes it.
    pub fn creates(&self) -> Truth {
        self.is(creates)
    }

    /// Whether it removes or turns off something.
    pub fn deletes(&self) -> Truth {
        self.is(deletes)
    }

    /// Whether it makes a part of a detector, which GuardDuty deletes with it.
    pub fn goes_with_detector(&self) -> Truth {
        self.is(|service, verb| service == "guardduty" && OF_DETECTOR.contains(&verb))
    }

    /// Whether it makes GuardDuty's findings go somewhere.
    pub fn delivers_findings(&self) -> Truth {
        self.is(|service, verb| {
            matches!((service, verb), ("events", "put-rule") | ("guardduty", "create-publishing-destination"))
        })
    }

    fn is(&self, of: fn(&str, &str) -> bool) -> Truth {
        let is_service = |word: &str| SERVICES.contains(&word);
        let may_be_verb = |word: &str| SERVICES.iter().any(|service| of(service, word));
        let open = |plausible: bool| if self.is_open && plausible { Truth::Unknown } else { Truth::False };
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let told = match words[..] {
            [] => open(true),
            [service, verb, ..] if is_service(service) => Truth::from(of(service, verb) && !self.downloads(verb)),
            [service] if is_service(service) => open(true),
            [verb, ..] => open(may_be_verb(verb)),
        };
        told.and(self.is_aws)
    }

    /// Whether it is a copy out of AWS.
    fn downloads(&self, verb: &str) -> bool {
        let is_local = |place: &String| !place.starts_with("s3://") && !is_unknown(place);
        matches!(verb, "cp" | "mv" | "sync") && self.destination.as_ref().is_some_and(is_local)
    }
}

/// The call without its options and arguments.
impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("aws")?;
        self.words.iter().try_for_each(|word| write!(f, " {}", word.replace(is_placeholder, "…")))
    }
}

fn creates(service: &str, verb: &str) -> bool {
    match (service, verb) {
        ("s3", verb) => matches!(verb, "cp" | "mb" | "mv" | "sync"),
        // Sample findings, as settings (`update-…`), go with the detector; events pass by.
        ("guardduty", "create-sample-findings") | ("events", "put-events" | "put-partner-events") => false,
        (_, verb) => ["create-", "enable-", "put-"].iter().any(|prefix| verb.starts_with(prefix)),
    }
}

fn deletes(service: &str, verb: &str) -> bool {
    match (service, verb) {
        ("s3", verb) => matches!(verb, "rb" | "rm"),
        ("kms", "schedule-key-deletion") | ("sns", "unsubscribe") => true,
        (_, verb) => ["delete-", "disable-", "remove-"].iter().any(|prefix| verb.starts_with(prefix)),
    }
}

/// Whether nothing tells what stands there.
fn is_unknown(word: &str) -> bool {
    word.starts_with('$') || is_placeholders(word)
}

/// Whether an option of a shell has a script behind it.
fn takes_script(option: &str) -> bool {
    let option = option.to_lowercase();
    option.starts_with(['-', '/']) && (option.ends_with('c') || option == "-command")
}

fn is_placeholders(word: &str) -> bool {
    !word.is_empty() && word.chars().all(is_placeholder)
}

fn search(script: &str, depth: usize, found: &mut Vec<Call>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    for command in commands(script) {
        let Some(first) = command.first() else { continue };
        let shows = SHOWING.contains(&first.to_lowercase().as_str());
        // What a command begins with is run like the script of a shell.
        let mut before = "-c";
        for (place, word) in command.iter().enumerate() {
            let is_aws = match word.rsplit(['/', '\\']).next() {
                Some(name) if PROGRAMS.contains(&name.to_lowercase().as_str()) => Truth::True,
                _ if takes_script(before) && is_placeholders(word) => Truth::Unknown,
                _ => Truth::False,
            };
            if is_aws != Truth::False && !shows {
                found.extend(call(is_aws, &command[place + 1..]));
            } else if word.contains(ends_word) && (!shows || word.contains("$(")) {
                search(word, depth, found);
            }
            before = word;
        }
    }
}

/// The call that these words make behind the program's name; `None` where there is none.
fn call(is_aws: Truth, rest: &[String]) -> Option<Call> {
    let mut call = Call { is_aws, words: Vec::new(), is_open: is_aws == Truth::Unknown, destination: None };
    let mut rest = rest.iter();
    while let Some(word) = rest.next() {
        let is_option = word.starts_with("--");
        if is_option && !word.contains('=') && !FLAGS.contains(&word.as_str()) {
            rest.next();
        } else if !is_option && call.words.len() < 2 && is_unknown(word) {
            call.is_open = true;
        } else if !is_option {
            call.words.push(word.clone());
        }
    }
    call.destination = call.words.get(3).cloned();
    call.words.truncate(2);
    (call.is_open || !call.words.is_empty()).then_some(call)
}

/// What ends a word that is not quoted.
fn ends_word(c: char) -> bool {
    c.is_whitespace() || ends_command(c)
}

/// What ends a command.
fn ends_command(c: char) -> bool {
    matches!(c, '\n' | ';' | '&' | '|' | '(' | ')' | '`')
}

/// The commands of a script as words, without quotes and comments. A line that goes on in the next is one line.
fn commands(script: &str) -> Vec<Vec<String>> {
    let mut reader = Reader::default();
    let mut chars = script.chars().peekable();
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        match (reader.quote, c) {
            // Shells, PowerShell and the Windows prompt each have a sign of their own for a line that goes on.
            (None | Some('"'), '\\' | '`' | '^') if matches!(next, Some('\n' | '\r')) => {
                while chars.next_if(|c| matches!(c, '\n' | '\r')).is_some() {}
                reader.end_word();
            }
            (None | Some('"'), '\\') if matches!(next, Some('"' | '\'' | '\\')) => reader.word.extend(chars.next()),
            (Some(quote), c) if c == quote => reader.quote = None,
            (None, '"' | '\'') => {
                reader.quote = Some(c);
                reader.has_word = true;
            }
            (None, '#') if reader.is_between() => while chars.next_if(|c| *c != '\n').is_some() {},
            (None, c) if ends_command(c) => reader.end_command(),
            (None, c) if c.is_whitespace() => reader.end_word(),
            (_, c) => reader.word.push(c),
        }
    }
    if let Some(open) = reader.quote {
        // An apostrophe in a text that is only shown: no shell would run the rest as one word.
        return commands(&script.replace(open, ""));
    }
    reader.end_command();
    reader.commands
}

/// A script as far as it is read.
#[derive(Default)]
struct Reader {
    commands: Vec<Vec<String>>,
    command: Vec<String>,
    word: String,
    /// Whether there is a word though it is empty: one in quotes.
    has_word: bool,
    /// The quote that is open.
    quote: Option<char>,
}

impl Reader {
    fn is_between(&self) -> bool {
        self.word.is_empty() && !self.has_word
    }

    fn end_word(&mut self) {
        if !self.is_between() {
            self.command.push(std::mem::take(&mut self.word));
            self.has_word = false;
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        if !self.command.is_empty() {
            self.commands.push(std::mem::take(&mut self.command));
        }
    }
}

#[cfg(test)]
mod tests;
