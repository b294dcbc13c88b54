//! The run's date, `YYYY-MM-DD`.

use std::time::{SystemTime, UNIX_EPOCH};

use tfduty_audit::days_in_month;

const SECONDS_PER_DAY: u64 = 86_400;
/// Days from 1970-01-01 to 9999-12-31, the last day that four digits can name.
const LAST_DAY: u64 = 2_932_896;

/// The current day in UTC, or that of `SOURCE_DATE_EPOCH`, so that a report can be made again byte for byte.
///
/// A value of the variable that is no count of seconds up to the year 9999 is as good as none: it is set for every
/// program of a build, and none of the others would be stopped by it.
pub(crate) fn today(source_date_epoch: Option<&str>) -> String {
    let epoch = source_date_epoch.and_then(|text| text.parse::<u64>().ok()).map(|seconds| seconds / SECONDS_PER_DAY);
    // A clock before 1970 is as wrong as one that stands at 1970.
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() / SECONDS_PER_DAY;
    day(epoch.filter(|days| *days <= LAST_DAY).unwrap_or_else(clock))
}

/// The day that lies `days` behind 1970-01-01. Counting years and months off takes microseconds once in a run, and
/// shares its one idea of a calendar with [`tfduty_audit::date`].
fn day(days: u64) -> String {
    let mut left = days.min(LAST_DAY);
    let (mut year, mut month) = (1970, 1);
    while left >= days_in_month(year, month) {
        left -= days_in_month(year, month);
        (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    }
    format!("{year:04}-{month:02}-{:02}", left + 1)
}

#[cfg(test)]
mod tests {
    use tfduty_audit::date;

    use super::*;

    #[test]
    fn source_date_epoch_says_which_day_it_is() {
        for (seconds, expected) in [
            ("0", "1970-01-01"),
            ("86399", "1970-01-01"),
            ("86400", "1970-01-02"),
            ("951782400", "2000-02-29"),
            ("951868800", "2000-03-01"),
            ("1709164800", "2024-02-29"),
            ("1795478400", "2026-11-24"),
            ("1798761599", "2026-12-31"),
            ("1798761600", "2027-01-01"),
            ("4107542400", "2100-03-01"),
            ("253402300799", "9999-12-31"),
        ] {
            assert_eq!(today(Some(seconds)), expected, "{seconds}");
        }
    }

    #[test]
    fn an_epoch_that_is_none_leaves_the_clock() {
        for text in ["", "now", "-1", "1.5", " 0", "253402300800", "18446744073709551616"] {
            // Twice, as midnight may pass in between.
            let (before, found, after) = (today(None), today(Some(text)), today(None));
            assert!(found == before || found == after, "{text:?} {found}");
        }
    }

    #[test]
    fn every_day_that_is_counted_is_a_date_and_later_than_the_one_before() {
        let mut before = String::new();
        for days in 0..50_000 {
            let today = day(days);
            assert_eq!(date(&today).as_ref(), Some(&today));
            assert!(before < today, "{before} {today}");
            before = today;
        }
        assert_eq!(day(u64::MAX), "9999-12-31");
    }
}
