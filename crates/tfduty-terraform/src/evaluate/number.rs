//! Numbers, exact: what cannot be had exactly is not had at all.

use std::{cmp::Ordering, fmt};

/// Powers of ten up to this one are added to make a division come out even.
const FINEST: u32 = 18;

/// `digits` divided by ten to the `scale`, without zeros at the end of a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decimal {
    digits: i128,
    scale: u32,
}

impl Decimal {
    fn new(mut digits: i128, mut scale: u32) -> Self {
        while scale > 0 && digits % 10 == 0 {
            digits /= 10;
            scale -= 1;
        }
        Decimal { digits, scale }
    }

    /// Reads a number as HCL and JSON write them. `None` for what is no number, or has more digits than fit.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (sign, mantissa) = mantissa.strip_prefix('-').map_or((1, mantissa), |rest| (-1, rest));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let numeric = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !numeric(whole) || !numeric(fraction) || (mantissa.contains('.') && fraction.is_empty())
        {
            return None;
        }
        let digits = format!("{whole}{fraction}").parse::<i128>().ok()?.checked_mul(sign)?;
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        Decimal::shifted(digits, i64::from(scale))
    }

    /// `digits` divided by ten to a power that may be negative.
    fn shifted(digits: i128, scale: i64) -> Option<Self> {
        if scale < 0 {
            let power = u32::try_from(-scale).ok()?;
            return Some(Decimal { digits: digits.checked_mul(10_i128.checked_pow(power)?)?, scale: 0 });
        }
        let scale = u32::try_from(scale).ok().filter(|&scale| scale <= 38)?;
        Some(Decimal::new(digits, scale))
    }

    /// Both with the same scale.
    fn aligned(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let raise = |number: Self| number.digits.checked_mul(10_i128.checked_pow(scale - number.scale)?);
        Some((raise(self)?, raise(other)?, scale))
    }

    pub(super) fn add(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.aligned(other)?;
        Some(Decimal::new(a.checked_add(b)?, scale))
    }

    pub(super) fn negated(self) -> Option<Self> {
        Some(Decimal { digits: self.digits.checked_neg()?, scale: self.scale })
    }

    pub(super) fn multiply(self, other: Self) -> Option<Self> {
        Decimal::shifted(self.digits.checked_mul(other.digits)?, i64::from(self.scale) + i64::from(other.scale))
    }

    /// The quotient, where it has few enough digits.
    pub(super) fn divide(self, other: Self) -> Option<Self> {
        (0..=FINEST).find_map(|power| {
            let numerator = self.digits.checked_mul(10_i128.checked_pow(power)?)?;
            let even = numerator.checked_rem(other.digits)? == 0;
            let scale = i64::from(self.scale) + i64::from(power) - i64::from(other.scale);
            if even { Decimal::shifted(numerator.checked_div(other.digits)?, scale) } else { None }
        })
    }

    pub(super) fn remainder(self, other: Self) -> Option<Self> {
        let (a, b, scale) = self.aligned(other)?;
        Some(Decimal::new(a.checked_rem(b)?, scale))
    }

    pub(super) fn compare(self, other: Self) -> Option<Ordering> {
        let (a, b, _) = self.aligned(other)?;
        Some(a.cmp(&b))
    }

    /// As an index or a count.
    pub(super) fn as_i64(self) -> Option<i64> {
        if self.scale == 0 { i64::try_from(self.digits).ok() } else { None }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.digits < 0 { "-" } else { "" };
        let digits = self.digits.unsigned_abs().to_string();
        let scale = self.scale as usize;
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let digits = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

/// A number's text as Terraform prints it; one with too many digits stays as it is written.
pub(super) fn canonical(text: &str) -> Box<str> {
    let text = text.split_whitespace().collect::<String>();
    Decimal::parse(&text).map_or_else(|| text.into(), |number| number.to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn numbers_print_as_terraform_prints_them() {
        for (text, expected) in [
            ("0", "0"),
            ("-0", "0"),
            ("007", "7"),
            ("1.50", "1.5"),
            ("1e3", "1000"),
            ("25e-3", "0.025"),
            ("-12.0", "-12"),
            ("- 1", "-1"),
            ("18446744073709551616", "18446744073709551616"),
            ("1e400", "1e400"),
        ] {
            assert_eq!(&*canonical(text), expected, "{text}");
        }
        for text in ["", "-", "1.", ".5", "1e", "0x1", "+1", "1 2", "NaN"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn arithmetic_is_exact_or_not_there() {
        let show = |number: Option<Decimal>| number.map(|number| number.to_string());
        assert_eq!(show(d("0.1").add(d("0.2"))).as_deref(), Some("0.3"));
        assert_eq!(show(d("7").divide(d("8"))).as_deref(), Some("0.875"));
        assert_eq!(show(d("1").divide(d("3"))), None);
        assert_eq!(show(d("1").divide(d("0"))), None);
        assert_eq!(show(d("-7").remainder(d("3"))).as_deref(), Some("-1"));
        assert_eq!(show(d("1e30").multiply(d("1e30"))), None);
        assert_eq!(d("10").compare(d("9.99")), Some(Ordering::Greater));
    }
}
