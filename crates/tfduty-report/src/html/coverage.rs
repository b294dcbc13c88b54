//! The matrix of accounts and regions on the page.

use std::cmp::Reverse;

use serde::Serialize;
use tfduty_audit::{Cell, Column, Matrix, State};

use super::shown;
use crate::coverage::{MARKS, mark, summary};

/// Rows that the page says everything of. In a larger matrix only what is not a plain yes is told.
const WHOLE: usize = 200;

/// Rows of the table: a browser takes seconds to lay out thousands.
const MOST: usize = 500;

/// The matrix as a table, and what it rests on.
#[derive(Serialize)]
pub(super) struct Coverage {
    heads: Vec<Head>,
    rows: Vec<Row>,
    /// Rows that are not shown.
    left_out: usize,
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
    cells: Vec<Square>,
    told: Vec<Told>,
}

#[derive(Serialize)]
struct Square {
    mark: &'static str,
    class: &'static str,
}

/// Why cells are what they are.
#[derive(Serialize)]
struct Told {
    names: String,
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
        let mut rows: Vec<&tfduty_audit::Row> = matrix.rows.iter().collect();
        if rows.len() > MOST {
            let lacks = |row: &&tfduty_audit::Row, state| row.cells.iter().filter(|cell| cell.state == state).count();
            rows.sort_by_key(|row| Reverse((lacks(row, State::No), lacks(row, State::Unknown))));
            rows.truncate(MOST);
        }
        let head = |column: Column| Head { name: column.head(), asks: column.asks() };
        Some(Self {
            heads: Column::ALL.into_iter().map(head).collect(),
            rows: rows.into_iter().map(|its| row(its, is_whole)).collect(),
            left_out: matrix.rows.len().saturating_sub(MOST),
            marks: MARKS,
            summary: summary(matrix),
        })
    }
}

fn row(row: &tfduty_audit::Row, is_whole: bool) -> Row {
    let asks = |state: State| is_whole || matches!(state, State::No | State::Unknown);
    let told = row.cells.iter().filter(|cell| asks(cell.state) && !(cell.reason.is_empty() && cell.sources.is_empty()));
    let mut alike: Vec<(&Cell, String)> = Vec::new();
    for cell in told {
        let says_the_same = |(known, _): &&mut (&Cell, String)| {
            (known.state, &known.reason, &known.sources) == (cell.state, &cell.reason, &cell.sources)
        };
        match alike.iter_mut().find(says_the_same) {
            Some((_, names)) => names.extend([", ", cell.column.head()]),
            None => alike.push((cell, cell.column.head().to_owned())),
        }
    }
    let told = |(cell, names): (&Cell, String)| Told {
        names,
        mark: mark(cell.state),
        class: class(cell.state),
        reason: shown(&cell.reason),
        sources: cell.sources.iter().map(|its| shown(&format!("{} in {}", its.address, its.path))).collect(),
    };
    Row {
        account: shown(&row.account_name),
        region: shown(&row.region_name),
        expected: row.expected,
        cells: row.cells.iter().map(|cell| Square { mark: mark(cell.state), class: class(cell.state) }).collect(),
        told: alike.into_iter().map(told).collect(),
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
