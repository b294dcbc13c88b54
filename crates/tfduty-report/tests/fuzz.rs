//! From bytes to a report in every format, whatever the bytes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "fuzz/laws.rs"]
mod laws;
#[path = "fuzz/run.rs"]
mod run;

use tfduty_audit::{Command, Content, ListFile, SetKind};
use tfduty_aws::list::{self, ListFormat};
use tfduty_fuzz::{Target, fixtures, fuzz, json, text};
use tfduty_terraform::{Document, ModuleFile, SavedPlan, Sources, text_of};

use run::Run;

/// Longer documents are few, and take most of the time.
const LONGEST: usize = 100_000;

/// The documents that can be read, of all kinds.
fn documents(is_wanted: impl Fn(&str) -> bool) -> Vec<Vec<u8>> {
    let all = ["documents", "derived", "estates", "suppressions"].into_iter().flat_map(fixtures);
    let wanted = all.filter(|fixture| fixture.bytes.len() < LONGEST && is_wanted(&fixture.path));
    let bytes = wanted.map(|fixture| fixture.bytes);
    bytes.filter(|bytes| Document::parse(bytes, &|_| tfduty_terraform::Detail::Count).is_ok()).collect()
}

#[test]
fn fuzz_check() {
    let seeds = documents(|path| !path.ends_with("plan-destroy.json"));
    fuzz(&Target { name: "check", seeds, mutate: json, mutants: 100 }, |bytes| {
        let run = document(Command::Check, bytes, None);
        run.covered();
        run.judged()
    });
}

#[test]
fn fuzz_destroy() {
    let seeds = documents(|path| !path.ends_with("/plan.json"));
    fuzz(&Target { name: "destroy", seeds, mutate: json, mutants: 100 }, |bytes| {
        document(Command::Destroy, bytes, None).judged()
    });
}

/// A document as the only input of a run.
fn document(command: Command, bytes: &[u8], sources: Option<Sources>) -> Run {
    let text = text_of(bytes).map(std::borrow::Cow::into_owned);
    match Document::parse(bytes, &|name| tfduty_audit::detail(command, name)) {
        Ok(Document::Unit(unit)) => Run::of(command, Content::Unit(unit), text.unwrap(), sources),
        Ok(Document::Empty) => Run::of(command, Content::Empty, String::new(), None),
        Ok(Document::SavedPlan(plan)) => {
            let sources = plan.sources();
            match (plan.prior_state, SavedPlan::state_text(bytes)) {
                (Some(unit), Some(text)) => Run::of(command, Content::SavedPlan(unit.into()), text, Some(sources)),
                _ => Run::of(command, Content::Empty, String::new(), Some(sources)),
            }
        }
        Err(refusal) => Run::refused(command, refusal),
    }
}

/// A plan whose configuration is what is mutated.
#[test]
fn fuzz_sources() {
    let plan = fixtures("estates/wired").into_iter().find(|file| file.path.ends_with("/plan.json")).unwrap();
    let files = fixtures("estates").into_iter().filter(|fixture| fixture.has_extension("tf"));
    let mut seeds: Vec<_> = files.map(|fixture| fixture.bytes).collect();
    // The configuration that is the plan's own, as likely as all others together.
    let own = fixtures("estates/wired/source").into_iter().find(|file| file.path.ends_with("main.tf")).unwrap();
    seeds.extend(vec![own.bytes; seeds.len()]);
    fuzz(&Target { name: "sources", seeds, mutate: text, mutants: 40 }, |bytes| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let file = ModuleFile { module: String::new(), path: "main.tf".into(), text };
        document(Command::Check, &plan.bytes, Some(Sources::of_module_files(vec![file]))).judged()
    });
}

#[test]
fn fuzz_list_file() {
    let seeds = fixtures("lists").into_iter().map(|fixture| fixture.bytes).collect();
    fuzz(&Target { name: "list_file", seeds, mutate: text, mutants: 300 }, |bytes| {
        let format = match list::sniff(bytes).content {
            list::Content::Format(format) => format,
            _ => ListFormat::Txt,
        };
        // What is asked for hangs on the bytes, so that an input is always judged in the same way.
        let kind = [None, Some(SetKind::Trusted), Some(SetKind::Threat)][bytes.len() % 3];
        let file = ListFile { bytes: bytes.to_vec(), kind, format, is_declared: bytes.len() % 2 == 0 };
        let shown: String =
            bytes.utf8_chunks().flat_map(|chunk| [chunk.valid().into(), "?".repeat(chunk.invalid().len())]).collect();
        Run::of(Command::List, Content::List(file), shown, None).judged()
    });
}
