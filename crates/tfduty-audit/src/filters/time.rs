//! Moments, in milliseconds since 1970.

use crate::date::{date, days_in_month};

const DAY: i64 = 86_400_000;

/// The moment of a date with a time and an offset: `2026-11-24T08:30:00Z` (RFC 3339).
pub(crate) fn of_text(text: &str) -> Option<i64> {
    let (date, time) = text.split_once('T')?;
    let (time, offset) = match time.strip_suffix('Z') {
        Some(time) => (time, 0),
        None => with_offset(time)?,
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut fields = time.split(':');
    let (hours, minutes, seconds) = (fields.next()?, fields.next()?, fields.next()?);
    let minutes = number(hours, 2, 23)? * 60 + number(minutes, 2, 59)? - offset;
    let seconds = minutes * 60 + number(seconds, 2, 59)?;
    fields.next().is_none().then_some(of_day(date)? + seconds * 1000)
}

/// A time and its offset in minutes: `08:30:00+01:00`.
fn with_offset(text: &str) -> Option<(&str, i64)> {
    let (time, offset) = text.split_at_checked(text.rfind(['+', '-'])?)?;
    let (hours, minutes) = offset.get(1..)?.split_once(':')?;
    let minutes = number(hours, 2, 23)? * 60 + number(minutes, 2, 59)?;
    Some((time, if offset.starts_with('-') { -minutes } else { minutes }))
}

/// The first moment of a day: `2026-11-24`.
pub(crate) fn of_day(text: &str) -> Option<i64> {
    let day = date(text)?;
    let mut fields = day.split('-').map(str::parse::<i64>);
    let (year, month, day) = (fields.next()?.ok()?, fields.next()?.ok()?, fields.next()?.ok()?);
    Some((days_before_year(year) - days_before_year(1970) + days_before_month(year, month) + day - 1) * DAY)
}

/// A number of so many digits that is no greater than `most`.
fn number(text: &str, digits: usize, most: i64) -> Option<i64> {
    let is_number = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| is_number && *number <= most)
}

fn days_before_year(year: i64) -> i64 {
    let past = year - 1;
    365 * year + past.div_euclid(4) - past.div_euclid(100) + past.div_euclid(400)
}

fn days_before_month(year: i64, month: i64) -> i64 {
    (1..month).map(|month| days_in_month(year.unsigned_abs(), month.unsigned_abs()).cast_signed()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_from_1970() {
        for (text, days) in [
            ("1970-01-01", 0),
            ("1969-12-31", -1),
            ("2000-02-29", 11_016),
            ("2000-03-01", 11_017),
            ("2026-11-24", 20_781),
        ] {
            assert_eq!(of_day(text), Some(days * DAY), "{text}");
        }
        for text in [
            "",
            "2026-11",
            "2026-11-24-1",
            "2026-13-01",
            "2026-00-01",
            "2026-02-29",
            "2026-11-00",
            "2026-11-1",
            "+026-11-01",
        ] {
            assert_eq!(of_day(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_has_a_time_and_an_offset() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01T01:02:03Z", 3723),
            ("1970-01-01T01:00:00+01:00", 0),
            ("1969-12-31T23:00:00-01:00", 0),
            ("1970-01-01T00:00:01.999Z", 1),
        ] {
            assert_eq!(of_text(text), Some(seconds * 1000), "{text}");
        }
        for text in [
            "",
            "yesterday",
            "2020-01-01",
            "2020-01-01T00:00:00",
            "2020-01-01 00:00:00Z",
            "2020-01-01T24:00:00Z",
            "2020-01-01T00:00Z",
            "2020-01-01T00:00:00.Z",
            "2020-01-01T00:00:00:00Z",
            "2020-01-01T00:00:00+1:00",
            "2020-01-01T00:00:00+",
            "1577836800000",
        ] {
            assert_eq!(of_text(text), None, "{text}");
        }
    }
}
