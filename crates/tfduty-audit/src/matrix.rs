//! What `tfduty coverage` shows: for each account and region what GuardDuty has there, and where that is told.
//!
//! Rules judge what the inputs hold; the matrix is also about what they do not hold. So a cell that is not a plain yes says
//! why, and which input would have shown more.

mod absence;
mod delivery;
mod lists;
mod membership;
mod places;
mod plans;

use std::collections::{BTreeMap, BTreeSet};

use tfduty_aws::truth::Truth;
use tfduty_terraform::escape;

use self::places::{Place, Seen};
use crate::{
    audit,
    context::{self, Context, Judgement, Outcome, Reasons, Subject},
    coverage,
    detectors::{self, DetectorOf},
    estate::Estate,
    object::ObjectId,
    organization::{self, Ties},
    protection::{Plan, Protection},
    report::{InputSummary, Note, Problem},
    rule::Rule,
    rules::{RULES, coverage_detector_missing},
    settings::Settings,
};

/// What GuardDuty has in each account and region.
#[derive(Debug, Clone)]
pub struct Matrix {
    /// Every input that could be read, in sorted path order.
    pub inputs: Vec<InputSummary>,
    /// What kept an input, or the run, from being audited.
    pub problems: Vec<Problem>,
    /// What a reader should know of the inputs.
    pub notes: Vec<Note>,
    /// A row for each account and region, sorted by both.
    pub rows: Vec<Row>,
}

/// What GuardDuty has in one account and region.
#[derive(Debug, Clone)]
pub struct Row {
    /// The account, where it is known and may be shown.
    pub account: Option<String>,
    /// The account as people read it: its number, or why there is none.
    pub account_name: String,
    /// The region, where it is known and may be shown.
    pub region: Option<String>,
    /// The region as people read it: its name, or why there is none.
    pub region_name: String,
    /// Whether `[expect]` names it.
    pub expected: bool,
    /// A cell for each of [`Column::ALL`], in that order.
    pub cells: Vec<Cell>,
}

/// What one row has of one thing.
#[derive(Debug, Clone)]
pub struct Cell {
    /// The thing.
    pub column: Column,
    /// Whether it is there.
    pub state: State,
    /// Why the state is that: half a sentence, safe to print.
    pub reason: String,
    /// The objects that tell it.
    pub sources: Vec<Source>,
}

/// Whether something is there, and works as far as the inputs tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is.
    Yes,
    /// It is not, or does not work.
    No,
    /// The inputs do not tell.
    Unknown,
    /// The question does not arise: nothing can hang on a detector that is not there.
    NotApplicable,
}

/// An object that tells something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Path of its input.
    pub path: String,
    /// Its address.
    pub address: String,
}

/// What the matrix has columns for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// A detector that is on.
    Detector,
    /// The protection plan for S3.
    S3,
    /// The one for audit logs of EKS.
    EksAudit,
    /// The one for malware on volumes of EC2.
    EbsMalware,
    /// The one for logins to RDS.
    Rds,
    /// The one for network traffic of Lambda.
    Lambda,
    /// Runtime Monitoring.
    Runtime,
    /// Agents for it that GuardDuty manages.
    Agents,
    /// A trusted IP list that GuardDuty can read.
    TrustedList,
    /// A threat list that it can read.
    ThreatList,
    /// A path from the detector through EventBridge to somebody.
    Alerts,
    /// An export of findings to a bucket.
    Export,
    /// An organization, or an administrator.
    Organization,
}

impl Column {
    /// All of them, in the order of every output.
    pub const ALL: [Self; 13] = [
        Self::Detector,
        Self::S3,
        Self::EksAudit,
        Self::EbsMalware,
        Self::Rds,
        Self::Lambda,
        Self::Runtime,
        Self::Agents,
        Self::TrustedList,
        Self::ThreatList,
        Self::Alerts,
        Self::Export,
        Self::Organization,
    ];

    /// Its name for programs.
    pub fn id(self) -> &'static str {
        match self {
            Self::Detector => "detector",
            Self::S3 => "s3-data-events",
            Self::EksAudit => "eks-audit-logs",
            Self::EbsMalware => "ebs-malware-protection",
            Self::Rds => "rds-login-events",
            Self::Lambda => "lambda-network-logs",
            Self::Runtime => "runtime-monitoring",
            Self::Agents => "runtime-agents",
            Self::TrustedList => "trusted-list",
            Self::ThreatList => "threat-list",
            Self::Alerts => "alert-path",
            Self::Export => "export",
            Self::Organization => "organization",
        }
    }

    /// Its name at the head of a table.
    pub fn head(self) -> &'static str {
        match self {
            Self::Detector => "detector",
            Self::S3 => "S3",
            Self::EksAudit => "EKS",
            Self::EbsMalware => "EBS",
            Self::Rds => "RDS",
            Self::Lambda => "Lambda",
            Self::Runtime => "runtime",
            Self::Agents => "agents",
            Self::TrustedList => "trusted",
            Self::ThreatList => "threat",
            Self::Alerts => "alerts",
            Self::Export => "export",
            Self::Organization => "org",
        }
    }

    /// What it asks, for a legend.
    pub fn asks(self) -> &'static str {
        match self {
            Self::Detector => "a detector that is on",
            Self::S3 => "protection plan for data events of S3",
            Self::EksAudit => "protection plan for audit logs of EKS",
            Self::EbsMalware => "malware scans of EC2 volumes",
            Self::Rds => "protection plan for logins to RDS",
            Self::Lambda => "protection plan for network traffic of Lambda",
            Self::Runtime => "Runtime Monitoring of EC2, ECS and EKS",
            Self::Agents => "agents for it that GuardDuty manages",
            Self::TrustedList => "a trusted IP list that GuardDuty can read",
            Self::ThreatList => "a threat list that GuardDuty can read",
            Self::Alerts => "findings go to a target through EventBridge",
            Self::Export => "findings are exported to a bucket",
            Self::Organization => "part of an organization, or a member of an administrator",
        }
    }

    /// The protection plan, where it is one.
    fn plan(self) -> Option<Plan> {
        match self {
            Self::S3 => Some(Plan::S3DataEvents),
            Self::EksAudit => Some(Plan::EksAuditLogs),
            Self::EbsMalware => Some(Plan::EbsMalwareProtection),
            Self::Rds => Some(Plan::RdsLoginEvents),
            Self::Lambda => Some(Plan::LambdaNetworkLogs),
            Self::Runtime => Some(Plan::RuntimeMonitoring),
            _ => None,
        }
    }
}

impl Matrix {
    /// 0, or 2 where something could not be audited. Nothing fails here: that is what `check` is for.
    pub fn exit_status(&self) -> u8 {
        if self.problems.is_empty() { 0 } else { 2 }
    }

    /// How many rows have a detector in this state.
    pub fn detectors(&self, state: State) -> usize {
        let is_so = |row: &&Row| row.cells.iter().any(|cell| cell.column == Column::Detector && cell.state == state);
        self.rows.iter().filter(is_so).count()
    }
}

/// The matrix of an estate. What `[expect]` names has a row even where no input shows anything of it.
pub fn matrix(estate: &Estate, settings: &Settings) -> Matrix {
    let rows = audit::with_known(estate, &Reasons::new(), |known| {
        let link_rules: Vec<&'static Rule> = RULES.iter().copied().filter(|rule| LINKS.contains(&rule.id)).collect();
        let (outcomes, _) = audit::run_rules(known, settings, &link_rules);
        // What is asked here leaves no verdicts: of all rules this one asks the same.
        let context = Context::new(known, settings, &coverage_detector_missing::RULE);
        let view = View::of(&context, Judged::of(outcomes));
        places::places(&context).into_iter().map(|place| view.row(&place)).collect()
    });
    let mut notes = estate.notes.clone();
    notes.sort();
    notes.dedup();
    Matrix { inputs: estate.inputs.clone(), problems: estate.problems.clone(), notes, rows }
}

/// Rules that say that something which is there does not work.
const LINKS: &[&str] = &[
    "detector-wrong-provider",
    "list-location-invalid",
    "list-object-missing",
    "list-read-denied",
    "list-undecryptable",
    "list-inactive",
    "findings-rule-dead",
    "findings-target-denied",
    "findings-target-key",
    "findings-subscriber-missing",
    "findings-export-denied",
];

/// What those rules say of objects, as far as they object.
struct Judged {
    faults: BTreeMap<ObjectId, (Truth, String)>,
}

impl Judged {
    fn of(outcomes: Vec<Outcome>) -> Self {
        let mut faults: BTreeMap<ObjectId, (Truth, String)> = BTreeMap::new();
        for outcome in outcomes {
            let Subject::Object(id) = outcome.subject else { continue };
            let (works, draft) = match outcome.judgement {
                Judgement::Fail(draft) => (Truth::False, draft),
                Judgement::Undecided(draft) => (Truth::Unknown, draft),
                Judgement::Pass | Judgement::Skip => continue,
            };
            let said = (works, format!("{} ({})", draft.message, outcome.rule.id));
            let known = faults.entry(id).or_insert_with(|| said.clone());
            if said.0 < known.0 {
                *known = said;
            }
        }
        Self { faults }
    }

    /// Whether nothing is said against any of these objects, else the worst of it.
    fn works(&self, estate: &Estate, ids: impl IntoIterator<Item = ObjectId>) -> Answer {
        let faults = ids.into_iter().filter_map(|id| Some((id, self.faults.get(&id)?)));
        match faults.min_by_key(|(_, (works, _))| *works) {
            Some((id, (works, why))) => {
                Answer::new(State::from(*works), format!("{}: {why}", estate.object(id).name())).with(id)
            }
            None => Answer::new(State::Yes, String::new()),
        }
    }
}

impl From<Truth> for State {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::True => Self::Yes,
            Truth::False => Self::No,
            Truth::Unknown => Self::Unknown,
        }
    }
}

/// What a cell says, before it has a place in the table.
#[derive(Debug, Clone)]
struct Answer {
    state: State,
    reason: String,
    sources: Vec<ObjectId>,
}

impl Answer {
    fn new(state: State, reason: impl Into<String>) -> Self {
        Self { state, reason: reason.into(), sources: Vec::new() }
    }

    fn with(mut self, source: ObjectId) -> Self {
        self.sources.push(source);
        self
    }

    /// The one that says more for a yes: something that works outweighs what does not.
    fn or(self, other: impl FnOnce() -> Option<Self>) -> Self {
        let rank = |answer: &Self| match answer.state {
            State::Yes => 3,
            State::Unknown => 2,
            State::No => 1,
            State::NotApplicable => 0,
        };
        if self.state == State::Yes {
            return self;
        }
        match other() {
            Some(other) if rank(&other) > rank(&self) => other,
            _ => self,
        }
    }
}

/// What cells are answered from, as far as every row asks for it.
struct View<'v, 'a> {
    context: &'v Context<'a>,
    judged: Judged,
    /// Everything that shows a detector.
    seen: Vec<ObjectId>,
    /// The accounts that inputs show something of.
    accounts: BTreeSet<&'a str>,
    /// The members that administrators name.
    members: Ties,
    /// The invitations that members accept.
    accepters: Ties,
    /// What speaks of protection plans.
    protection: Protection<'a>,
}

impl<'v, 'a> View<'v, 'a> {
    fn of(context: &'v Context<'a>, judged: Judged) -> Self {
        Self {
            context,
            judged,
            seen: coverage::seen(context).map(|(id, _)| id).collect(),
            accounts: context.estate.objects().filter_map(|(_, object)| object.account.as_deref()).collect(),
            members: organization::members(context),
            accepters: organization::accepters(context),
            protection: Protection::of(context.estate, context.graph),
        }
    }

    fn row(&self, place: &Place) -> Row {
        let detector = self.detector(place);
        let stop = stop(place, &detector);
        let cells = Column::ALL.into_iter().map(|column| {
            let answer = match (column, &stop) {
                (Column::Detector, _) => detector.clone(),
                (Column::Organization, _) => self.organization(place, stop.as_ref()),
                (_, Some(stop)) => stop.clone(),
                (Column::TrustedList | Column::ThreatList, None) => self.list(place, column),
                (Column::Alerts, None) => self.alerts(place),
                (Column::Export, None) => self.export(place),
                (Column::Agents, None) => self.agents(place),
                (_, None) => column.plan().map_or_else(|| detector.clone(), |plan| self.plan(place, plan)),
            };
            self.cell(column, answer)
        });
        let cells = cells.collect();
        let (account, account_name) = place.account.shown(self.context.estate);
        let (region, region_name) = place.region.shown();
        Row { account, account_name, region, region_name, expected: place.expected, cells }
    }

    fn cell(&self, column: Column, answer: Answer) -> Cell {
        let estate = self.context.estate;
        let source = |id: ObjectId| {
            let object = estate.object(id);
            Source { path: estate.inputs[estate.input(object)].path.clone(), address: object.name() }
        };
        let mut sources: Vec<Source> = answer.sources.into_iter().map(source).collect();
        sources.dedup();
        Cell { column, state: answer.state, reason: escape(answer.reason).into_owned(), sources }
    }

    /// Whether there is a detector that is on.
    fn detector(&self, place: &Place) -> Answer {
        let answers = place.detectors.iter().map(|seen| self.is_on(seen));
        // A place has one detector, which several inputs may show: what manages it knows most.
        answers
            .reduce(|first, other| if first.state == State::Unknown { other } else { first })
            .unwrap_or_else(|| self.absent(place))
    }

    fn is_on(&self, seen: &Seen) -> Answer {
        let estate = self.context.estate;
        let name = estate.object(seen.by).name();
        let DetectorOf::Object(id) = seen.detector else {
            let reason = format!("{name} names a detector that no input has: on or off is not known");
            return Answer::new(State::Unknown, reason).with(seen.by);
        };
        let detector = estate.object(id);
        let (state, reason) = match (detectors::is_on(detector), detector.is_managed()) {
            (Truth::True, _) => (State::Yes, format!("{name} is on")),
            (Truth::False, _) => (State::No, format!("{name} is suspended")),
            (Truth::Unknown, true) => {
                let why = context::is_unknown(estate, id, "enable");
                (State::Unknown, format!("`enable` of {name} decides, and it {why}"))
            }
            (Truth::Unknown, false) => {
                (State::Unknown, format!("{name} reads a detector: the state of its own stack tells whether it is on"))
            }
        };
        Answer::new(state, reason).with(id)
    }
}

/// What every cell says that hangs on a detector, where there is none, or nothing is known of it.
fn stop(place: &Place, detector: &Answer) -> Option<Answer> {
    match (detector.state, place.detectors.is_empty()) {
        (State::Yes, _) | (State::Unknown, false) => None,
        (State::Unknown, true) => Some(detector.clone()),
        (State::No, false) => Some(Answer::new(State::NotApplicable, "the detector is suspended")),
        (State::No | State::NotApplicable, _) => Some(Answer::new(State::NotApplicable, "there is no detector")),
    }
}

#[cfg(test)]
mod tests;
