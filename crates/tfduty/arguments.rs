//! What was typed. What it means is worked out by the commands.

use std::path::PathBuf;

use clap::{
    Args, Parser, Subcommand, ValueEnum,
    builder::{PossibleValuesParser, TypedValueParser},
};
use tfduty_aws::list::ListFormat;

/// Audits AWS GuardDuty in Terraform plans and states: finds the broken link, and says why.
#[derive(Debug, Parser)]
#[command(name = "tfduty", version, max_term_width = 100)]
#[command(after_help = "Exit status: 0 nothing failed, 1 something failed, 2 something could not be audited.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Audit plans, states and folders
    Check(Box<CheckArguments>),
    /// Tell whether a destroy leaves nothing: from a destroy plan, or a state before or after it
    Destroy(Box<DestroyArguments>),
    /// Audit list files alone, and several against each other
    List(Box<ListArguments>),
    /// Show what GuardDuty has in each account and region
    Coverage(Box<CoverageArguments>),
    /// Draw the wiring: what leads to what, and what is broken
    #[command(
        after_help = "✓ holds, ✗ is broken, ? is undecided, by the rule that is named; what has no mark was not \
                            judged. A large picture is folded by module and account: `--around` looks inside. Exit \
                            status: 0 drawn, 2 something could not be read or drawn."
    )]
    Graph(Box<GraphArguments>),
    /// Write one HTML page: findings, wiring, coverage, and what a destroy leaves
    #[command(
        after_help = "The page needs no network and no other file. Exit status: that of `check`; of `destroy` where the inputs \
                            hold nothing that `check` would judge."
    )]
    Report(Box<ReportArguments>),
    /// List the rules
    Rules(RulesArguments),
    /// Show a rule's page
    Explain(ExplainArguments),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the man page
    Man,
}

/// Options of `check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    pub(crate) documents: DocumentArguments,

    /// Folder to look up list files in that `source =` names [default: that of the configuration]
    #[arg(long, value_name = "DIR")]
    pub(crate) list_dir: Option<PathBuf>,

    /// Audit what `--facts-out` wrote elsewhere, with the inputs or, where there is none, alone; repeatable
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) facts: Vec<PathBuf>,

    /// Write what rules read of the inputs to FILE, without anything sensitive, for `--facts` of another run
    #[arg(long, value_name = "FILE")]
    pub(crate) facts_out: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) run: RunArguments,
}

/// Options of `destroy`.
#[derive(Debug, Args)]
pub(crate) struct DestroyArguments {
    #[command(flatten)]
    pub(crate) documents: DocumentArguments,

    /// State from before the destroy; repeatable, for several stacks
    #[arg(long, value_name = "STATE")]
    pub(crate) before: Vec<PathBuf>,

    /// State from after the destroy: what it still holds has stayed; repeatable
    #[arg(long, value_name = "STATE")]
    pub(crate) after: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) run: RunArguments,
}

/// What the commands that read plans and states take alike.
#[derive(Debug, Args)]
pub(crate) struct DocumentArguments {
    /// Plan, state or folder; `-` for standard input [default: .]
    #[arg(value_name = "INPUT")]
    pub(crate) inputs: Vec<PathBuf>,

    /// Terraform configuration that the input was made from [default: the nearest beside or above it]
    #[arg(long, value_name = "DIR")]
    pub(crate) source: Option<PathBuf>,

    /// Saved plan to take the configuration from, next to its JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) plan_file: Option<PathBuf>,

    /// Run `PROGRAM show -json` on saved plans (`terraform`, `tofu`, or a path)
    #[arg(long, value_name = "PROGRAM")]
    pub(crate) show_with: Option<PathBuf>,

    /// For pre-commit: named files that are no Terraform are skipped with a note
    #[arg(long)]
    pub(crate) hook: bool,

    /// Follow symbolic links in folders
    #[arg(long)]
    pub(crate) follow_links: bool,
}

/// Options of `list`.
#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// List file; `-` for standard input
    #[arg(value_name = "FILE", required_unless_present = "hook")]
    pub(crate) files: Vec<PathBuf>,

    /// Kind of the lists; without it, what hangs on the kind is undecided
    #[arg(long, value_enum)]
    pub(crate) kind: Option<KindArgument>,

    /// Format of the files [default: by the looks of each]
    #[arg(long, value_name = "FORMAT", ignore_case = true, value_parser = list_format())]
    pub(crate) list_format: Option<ListFormat>,

    /// For pre-commit: no file at all is no problem
    #[arg(long)]
    pub(crate) hook: bool,

    #[command(flatten)]
    pub(crate) run: RunArguments,
}

/// The names of the formats, in upper or lower case.
fn list_format() -> impl TypedValueParser<Value = ListFormat> {
    PossibleValuesParser::new(ListFormat::ALL.map(ListFormat::as_str))
        .try_map(|name| name.to_ascii_uppercase().parse::<ListFormat>())
}

/// Options of `coverage`.
#[derive(Debug, Args)]
pub(crate) struct CoverageArguments {
    #[command(flatten)]
    pub(crate) documents: DocumentArguments,

    /// What goes to standard output
    #[arg(long, value_enum, default_value_t = CoverageFormatArgument::Human)]
    pub(crate) format: CoverageFormatArgument,

    /// Configuration, which says what else must be there [default: `tfduty.toml` here or in a parent, up to the repository
    /// root]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) terminal: TerminalArguments,
}

/// Options of `graph`.
#[derive(Debug, Args)]
pub(crate) struct GraphArguments {
    #[command(flatten)]
    pub(crate) documents: DocumentArguments,

    /// Folder to look up list files in that `source =` names [default: that of the configuration]
    #[arg(long, value_name = "DIR")]
    pub(crate) list_dir: Option<PathBuf>,

    /// What goes to standard output
    #[arg(long, value_enum, default_value_t = GraphFormatArgument::Mermaid)]
    pub(crate) format: GraphFormatArgument,

    /// Also write this format to PATH; repeatable
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(crate) output: Vec<OutputArgument<GraphFormatArgument>>,

    /// Draw only what leads to the resource with this address, and what it leads to
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) around: Option<String>,

    /// Configuration [default: `tfduty.toml` here or in a parent, up to the repository root]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) terminal: TerminalArguments,
}

/// Options of `report`.
#[derive(Debug, Args)]
pub(crate) struct ReportArguments {
    #[command(flatten)]
    pub(crate) documents: DocumentArguments,

    /// Where the page goes; `-` for standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,

    /// Folder to look up list files in that `source =` names [default: that of the configuration]
    #[arg(long, value_name = "DIR")]
    pub(crate) list_dir: Option<PathBuf>,

    /// Audit what `--facts-out` wrote elsewhere, with the inputs or, where there is none, alone; repeatable
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub(crate) facts: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) judging: JudgingArguments,
}

/// What the commands that run rules take alike: where the report goes, what runs, and what fails.
#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    /// What goes to standard output
    #[arg(long, value_enum, default_value_t = FormatArgument::Human)]
    pub(crate) format: FormatArgument,

    /// Also write this format to PATH; repeatable
    #[arg(long, value_name = "FORMAT=PATH")]
    pub(crate) output: Vec<OutputArgument>,

    /// Write what fails or is undecided now to a baseline, and end with 0
    #[arg(long, value_name = "FILE")]
    pub(crate) write_baseline: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) judging: JudgingArguments,
}

/// What runs, and what fails.
#[derive(Debug, Args)]
pub(crate) struct JudgingArguments {
    /// Lowest severity that fails the run [default: error]
    #[arg(long, value_enum, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<FailOn>,

    /// What cannot be decided fails the run too
    #[arg(long)]
    pub(crate) strict: bool,

    /// Run only these rules or families (`list-*`)
    #[arg(long, value_delimiter = ',', value_name = "RULE,…")]
    pub(crate) only: Vec<String>,

    /// Do not run these rules or families
    #[arg(long, value_delimiter = ',', value_name = "RULE,…")]
    pub(crate) skip: Vec<String>,

    /// Configuration [default: `tfduty.toml` here or in a parent, up to the repository root]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Findings that were known before: they are shown as baselined, and do not count
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,

    /// The run's date, YYYY-MM-DD [default: today, or `SOURCE_DATE_EPOCH`]
    #[arg(long, value_name = "DATE")]
    pub(crate) today: Option<String>,

    #[command(flatten)]
    pub(crate) terminal: TerminalArguments,
}

/// How a run shows itself.
#[derive(Debug, Args)]
pub(crate) struct TerminalArguments {
    /// Colours
    #[arg(long, value_enum, default_value_t = ColorArgument::Auto, value_name = "WHEN")]
    pub(crate) color: ColorArgument,

    /// Show failures and the summary only
    #[arg(short, long)]
    pub(crate) quiet: bool,

    /// Show inputs, and how each rule judged
    #[arg(short, long, conflicts_with = "quiet")]
    pub(crate) verbose: bool,

    /// Threads [default: one for each processor]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) jobs: Option<u16>,
}

/// Options of `explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// Id of the rule, for example `list-object-missing`
    pub(crate) rule: String,

    /// Colours
    #[arg(long, value_enum, default_value_t = ColorArgument::Auto, value_name = "WHEN")]
    pub(crate) color: ColorArgument,
}

/// Options of `rules`.
#[derive(Debug, Args)]
pub(crate) struct RulesArguments {
    /// Format of the table
    #[arg(long, value_enum, default_value_t = TableFormatArgument::Human)]
    pub(crate) format: TableFormatArgument,

    /// Print the JSON Schema of the report instead
    #[arg(long)]
    pub(crate) schema: bool,
}

/// The formats of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArgument {
    Human,
    Json,
    Sarif,
    Junit,
    Github,
    Gitlab,
    Markdown,
}

/// The formats of the rule table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableFormatArgument {
    Human,
    Json,
}

/// The formats of the matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CoverageFormatArgument {
    Human,
    Json,
    Markdown,
}

/// The formats of the wiring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormatArgument {
    Mermaid,
    Dot,
    Json,
}

/// What a list is read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KindArgument {
    Trusted,
    Threat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    Error,
    Warning,
    Advice,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorArgument {
    Auto,
    Always,
    Never,
}

/// `FORMAT=PATH`.
#[derive(Debug, Clone)]
pub(crate) struct OutputArgument<F = FormatArgument> {
    pub(crate) format: F,
    pub(crate) path: PathBuf,
}

impl<F: ValueEnum> std::str::FromStr for OutputArgument<F> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, path) = text.split_once('=').ok_or("expected FORMAT=PATH, for example json=report.json")?;
        if path.is_empty() {
            return Err("the path is missing behind `=`".into());
        }
        let format = F::from_str(format, false).map_err(|_| format!("no such format: {format}"))?;
        Ok(Self { format, path: path.into() })
    }
}
