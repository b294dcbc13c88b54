mod detectors;
mod hanging;
mod organizations;
mod rows;

use super::*;
use crate::testing::Run;

const ONE: &str = "111111111111";
const TWO: &str = "222233334444";
const THREE: &str = "888899990000";

/// The cells of some columns, a line for each row: `111111111111 eu-west-1: yes no ? –`.
fn table(run: Run, columns: &[Column]) -> Vec<String> {
    let line = |row: Row| {
        let marks = columns.iter().map(|column| match row.cells[*column as usize].state {
            State::Yes => "yes",
            State::No => "no",
            State::Unknown => "?",
            State::NotApplicable => "–",
        });
        format!("{} {}: {}", row.account_name, row.region_name, marks.collect::<Vec<_>>().join(" "))
    };
    run.matrix().rows.into_iter().map(line).collect()
}

/// The detectors of every row.
fn detectors(run: Run) -> Vec<String> {
    table(run, &[Column::Detector])
}

/// The cell of a column in the only row of a run, as `state: reason`.
fn only(run: Run, column: Column) -> String {
    let matrix = run.matrix();
    let [row] = &matrix.rows[..] else { panic!("{:#?}", matrix.rows) };
    said(row, column)
}

/// The cell of a column in the row of an account and region.
fn cell(run: Run, (account, region): (&str, &str), column: Column) -> String {
    let matrix = run.matrix();
    let mut rows = matrix.rows.iter();
    let row = rows.find(|row| (row.account_name.as_str(), row.region_name.as_str()) == (account, region));
    said(row.unwrap(), column)
}

fn said(row: &Row, column: Column) -> String {
    let cell = &row.cells[column as usize];
    let state = match cell.state {
        State::Yes => "yes",
        State::No => "no",
        State::Unknown => "?",
        State::NotApplicable => "–",
    };
    format!("{state}: {}", cell.reason)
}

#[test]
fn every_row_has_a_cell_for_each_column_in_its_place() {
    let document = crate::testing::state(&[crate::testing::resource(
        "aws_guardduty_detector.d",
        crate::testing::detector_in("eu-west-1", ONE, "12ab"),
    )]);
    for row in crate::testing::coverage(&document).matrix().rows {
        let columns: Vec<Column> = row.cells.iter().map(|cell| cell.column).collect();
        assert_eq!(columns, Column::ALL);
    }
}
