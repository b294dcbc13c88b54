//! Why cells are what they are, each reason said once.

use tfduty_audit::{Cell, Column, Matrix, Row, State};

/// A reason, and the cells that have it.
pub(super) struct Reason<'a> {
    pub(super) state: State,
    pub(super) text: &'a str,
    /// The heads of the columns.
    pub(super) columns: Vec<&'static str>,
    /// The rows, each by account and region.
    pub(super) places: Vec<(&'a str, &'a str)>,
}

/// The reasons for cells in these states, in the order of rows and columns. What a cell says only because its row has no
/// detector is said of the detector.
pub(super) fn reasons<'a>(matrix: &'a Matrix, states: &[State]) -> Vec<Reason<'a>> {
    let mut found: Vec<Reason<'a>> = Vec::new();
    for row in &matrix.rows {
        for reason in of_row(row, states) {
            let same = found.iter_mut().find(|known| {
                (known.state, known.text, &known.columns) == (reason.state, reason.text, &reason.columns)
            });
            match same {
                Some(known) => known.places.extend(reason.places),
                None => found.push(reason),
            }
        }
    }
    found
}

fn of_row<'a>(row: &'a Row, states: &[State]) -> Vec<Reason<'a>> {
    let detector = row.cells.iter().find(|cell| cell.column == Column::Detector);
    let follows = |cell: &Cell| {
        let reason = detector.map(|detector| &detector.reason);
        cell.column != Column::Detector && (Some(&cell.reason) == reason || cell.state == State::NotApplicable)
    };
    let mut found: Vec<Reason<'a>> = Vec::new();
    for cell in row.cells.iter().filter(|cell| states.contains(&cell.state) && !follows(cell)) {
        match found.iter_mut().find(|known| (known.state, known.text) == (cell.state, &*cell.reason)) {
            Some(known) => known.columns.push(cell.column.head()),
            None => found.push(Reason {
                state: cell.state,
                text: &cell.reason,
                columns: vec![cell.column.head()],
                places: vec![(&row.account_name, &row.region_name)],
            }),
        }
    }
    found
}

impl Reason<'_> {
    /// The rows in words: regions alone where all rows of the table are of one account.
    pub(super) fn places(&self, matrix: &Matrix) -> String {
        /// Rows that are named before they are only counted.
        const NAMED: usize = 4;
        let first = matrix.rows.first().map(|row| &row.account_name);
        let is_one = matrix.rows.iter().all(|row| Some(&row.account_name) == first);
        let name = |(account, region): &(&str, &str)| {
            if is_one { (*region).to_owned() } else { format!("{account} {region}") }
        };
        let mut places: Vec<String> = self.places.iter().take(NAMED).map(name).collect();
        if self.places.len() > NAMED {
            places.push(format!("{} more", self.places.len() - NAMED));
        }
        places.join(", ")
    }
}
