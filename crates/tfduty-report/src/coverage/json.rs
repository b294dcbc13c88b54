//! `--format json`: the matrix as one object. Its shape is an API, described in `report.schema.json`.

use std::{collections::BTreeMap, io};

use serde::Serialize;
use tfduty_audit::{Column, Matrix, State};

use crate::{
    harmless::print_pretty,
    json::{self, SCHEMA_VERSION, TOOL},
};

#[derive(Serialize)]
struct Document<'a> {
    schema_version: &'static str,
    tool: json::Tool,
    command: &'static str,
    exit_status: u8,
    inputs: Vec<json::Input<'a>>,
    problems: Vec<json::Problem<'a>>,
    notes: Vec<json::Note<'a>>,
    columns: Vec<ColumnEntry>,
    rows: Vec<Row<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct ColumnEntry {
    id: &'static str,
    name: &'static str,
    asks: &'static str,
}

#[derive(Serialize)]
struct Row<'a> {
    account: Option<&'a str>,
    account_name: &'a str,
    region: Option<&'a str>,
    region_name: &'a str,
    expected: bool,
    cells: BTreeMap<&'static str, Cell<'a>>,
}

#[derive(Serialize)]
struct Cell<'a> {
    state: &'static str,
    reason: &'a str,
    sources: Vec<Source<'a>>,
}

#[derive(Serialize)]
struct Source<'a> {
    path: &'a str,
    address: &'a str,
}

#[derive(Serialize)]
struct Summary {
    rows: usize,
    detectors: Detectors,
}

#[derive(Serialize)]
struct Detectors {
    yes: usize,
    no: usize,
    unknown: usize,
    #[serde(rename = "not-applicable")]
    not_applicable: usize,
}

/// Writes the matrix as pretty-printed JSON with a newline at its end.
pub(super) fn write(matrix: &Matrix, out: &mut dyn io::Write) -> io::Result<()> {
    let column = |column: Column| ColumnEntry { id: column.id(), name: column.head(), asks: column.asks() };
    let document = Document {
        schema_version: SCHEMA_VERSION,
        tool: TOOL,
        command: "coverage",
        exit_status: matrix.exit_status(),
        inputs: matrix.inputs.iter().map(json::input).collect(),
        problems: matrix.problems.iter().map(json::problem).collect(),
        notes: matrix.notes.iter().map(json::note).collect(),
        columns: Column::ALL.into_iter().map(column).collect(),
        rows: matrix.rows.iter().map(row).collect(),
        summary: Summary {
            rows: matrix.rows.len(),
            detectors: Detectors {
                yes: matrix.detectors(State::Yes),
                no: matrix.detectors(State::No),
                unknown: matrix.detectors(State::Unknown),
                not_applicable: matrix.detectors(State::NotApplicable),
            },
        },
    };
    print_pretty(&document, out)
}

fn row(row: &tfduty_audit::Row) -> Row<'_> {
    Row {
        account: row.account.as_deref(),
        account_name: &row.account_name,
        region: row.region.as_deref(),
        region_name: &row.region_name,
        expected: row.expected,
        cells: row.cells.iter().map(|its| (its.column.id(), cell(its))).collect(),
    }
}

fn cell(cell: &tfduty_audit::Cell) -> Cell<'_> {
    let sources = cell.sources.iter().map(|source| Source { path: &source.path, address: &source.address });
    Cell { state: state(cell.state), reason: &cell.reason, sources: sources.collect() }
}

fn state(state: State) -> &'static str {
    match state {
        State::Yes => "yes",
        State::No => "no",
        State::Unknown => "unknown",
        State::NotApplicable => "not-applicable",
    }
}
