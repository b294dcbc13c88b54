//! The matrix of accounts and regions on the page.

use serde::Serialize;
use tfduty_audit::{Column, Matrix, State};

use super::shown;
use crate::coverage::{MARKS, mark, summary};

/// Rows that the page says everything of. In a larger matrix only what is not a plain yes is told.
const WHOLE: usize = 200;

/// The matrix as a table, and what it rests on.
#[derive(Serialize)]
pub(super) struct Coverage {
    heads: Vec<Head>,
    rows: Vec<Row>,
    marks: &'static str,
    summary: String,
}

#[derive(Serialize)]
struct Head {
    name: &'static str,
    asks: &'static str,
}

#[derive(Serialize)]
struct Row {
    account: String,
    region: String,
    expected: bool,
    cells: Vec<Cell>,
    told: Vec<Told>,
}

#[derive(Serialize)]
struct Cell {
    mark: &'static str,
    class: &'static str,
}

/// Why a cell is what it is.
#[derive(Serialize)]
struct Told {
    name: &'static str,
    mark: &'static str,
    class: &'static str,
    reason: String,
    sources: Vec<String>,
}

impl Coverage {
    /// `None` where there is no row.
    pub(super) fn of(matrix: &Matrix) -> Option<Self> {
        if matrix.rows.is_empty() {
            return None;
        }
        let is_whole = matrix.rows.len() <= WHOLE;
        let head = |column: Column| Head { name: column.head(), asks: column.asks() };
        Some(Self {
            heads: Column::ALL.into_iter().map(head).collect(),
            rows: matrix.rows.iter().map(|its| row(its, is_whole)).collect(),
            marks: MARKS,
            summary: summary(matrix),
        })
    }
}

fn row(row: &tfduty_audit::Row, is_whole: bool) -> Row {
    let asks = |state: State| is_whole || matches!(state, State::No | State::Unknown);
    let told = row.cells.iter().filter(|cell| asks(cell.state) && !(cell.reason.is_empty() && cell.sources.is_empty()));
    Row {
        account: shown(&row.account_name),
        region: shown(&row.region_name),
        expected: row.expected,
        cells: row.cells.iter().map(|cell| Cell { mark: mark(cell.state), class: class(cell.state) }).collect(),
        told: told
            .map(|cell| Told {
                name: cell.column.head(),
                mark: mark(cell.state),
                class: class(cell.state),
                reason: shown(&cell.reason),
                sources: cell.sources.iter().map(|its| shown(&format!("{} in {}", its.address, its.path))).collect(),
            })
            .collect(),
    }
}

fn class(state: State) -> &'static str {
    match state {
        State::Yes => "yes",
        State::No => "no",
        State::Unknown => "unknown",
        State::NotApplicable => "none",
    }
}
