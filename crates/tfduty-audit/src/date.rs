//! Days as texts, `YYYY-MM-DD`: texts of this one form compare as the days do, and nothing here counts days apart.

/// The text itself, if it is a day of the Gregorian calendar written `YYYY-MM-DD`.
pub fn date(text: &str) -> Option<String> {
    let [year, month, day] = text.split('-').collect::<Vec<_>>().try_into().ok()?;
    // `parse` alone would take a sign.
    let number = |digits: &str, width: usize| -> Option<u64> {
        let plain = digits.len() == width && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse().ok())?
    };
    let (year, month, day) = (number(year, 4)?, number(month, 2)?, number(day, 2)?);
    let valid = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
    valid.then(|| text.to_owned())
}

/// The length of a month, January being 1.
pub fn days_in_month(year: u64, month: u64) -> u64 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_of_the_calendar_in_one_form_are_dates() {
        for text in ["2027-01-01", "2027-12-31", "2028-02-29", "2000-02-29", "2027-04-30", "0001-01-01", "9999-12-31"] {
            assert_eq!(date(text).as_deref(), Some(text));
        }
        for text in [
            "",
            "2027",
            "2027-01",
            "2027-1-1",
            "27-01-01",
            "02027-01-01",
            "2027-00-01",
            "2027-13-01",
            "2027-01-00",
            "2027-01-32",
            "2027-04-31",
            "2027-02-29",
            "2100-02-29",
            "2027/01/01",
            "20270101",
            "2027-01-01T00:00:00Z",
            "2027-01-01-",
            "-2027-01-01",
            "+027-01-01",
            "2027-+1-01",
            "2027-01- 1",
            " 2027-01-01",
            "2027-01-01\n",
            "२०२७-०१-०१",
        ] {
            assert_eq!(date(text), None, "{text:?}");
        }
    }
}
