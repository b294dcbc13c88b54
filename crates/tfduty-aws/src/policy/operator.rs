//! Condition operators.
//!
//! Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Creating a condition with multiple keys
//! or values".

/// An operator, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Operator {
    pub(super) family: Family,
    /// None of the values may match.
    pub(super) negated: bool,
    pub(super) quantifier: Option<Quantifier>,
    /// It is true when the key is missing.
    pub(super) if_exists: bool,
}

/// What an operator does with one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// The same text.
    Equals,
    /// The same text but for upper and lower case.
    EqualsIgnoreCase,
    /// A pattern.
    Like,
    /// An ARN with wildcards, field by field.
    Arn,
    /// A number that is so related.
    Numeric(Order),
    /// A date: no fact of a request is one.
    Date,
    /// True or false.
    Bool,
    /// Bytes: no fact of a request is any.
    Binary,
    /// An address in a range: no fact of a request is one.
    IpAddress,
    /// Whether the key is missing.
    Null,
}

/// How a number of the request is to stand to that of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// For keys of many values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantifier {
    /// `ForAllValues:`, true of no value.
    All,
    /// `ForAnyValue:`, false of no value.
    Any,
}

const FAMILIES: &[(&str, Family, bool)] = &[
    ("StringEquals", Family::Equals, false),
    ("StringNotEquals", Family::Equals, true),
    ("StringEqualsIgnoreCase", Family::EqualsIgnoreCase, false),
    ("StringNotEqualsIgnoreCase", Family::EqualsIgnoreCase, true),
    ("StringLike", Family::Like, false),
    ("StringNotLike", Family::Like, true),
    // "The ArnEquals and ArnLike condition operators behave identically."
    ("ArnEquals", Family::Arn, false),
    ("ArnNotEquals", Family::Arn, true),
    ("ArnLike", Family::Arn, false),
    ("ArnNotLike", Family::Arn, true),
    ("NumericEquals", Family::Numeric(Order::Equal), false),
    ("NumericNotEquals", Family::Numeric(Order::Equal), true),
    ("NumericLessThan", Family::Numeric(Order::Less), false),
    ("NumericLessThanEquals", Family::Numeric(Order::LessOrEqual), false),
    ("NumericGreaterThan", Family::Numeric(Order::Greater), false),
    ("NumericGreaterThanEquals", Family::Numeric(Order::GreaterOrEqual), false),
    ("DateEquals", Family::Date, false),
    ("DateNotEquals", Family::Date, true),
    ("DateLessThan", Family::Date, false),
    ("DateLessThanEquals", Family::Date, false),
    ("DateGreaterThan", Family::Date, false),
    ("DateGreaterThanEquals", Family::Date, false),
    ("Bool", Family::Bool, false),
    ("BinaryEquals", Family::Binary, false),
    ("IpAddress", Family::IpAddress, false),
    ("NotIpAddress", Family::IpAddress, true),
    ("Null", Family::Null, false),
];

impl Operator {
    /// Reads an operator; `None` for one that does not exist. `Null` has neither quantifier nor `IfExists`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (quantifier, rest) = match text.split_once(':') {
            Some(("ForAllValues", rest)) => (Some(Quantifier::All), rest),
            Some(("ForAnyValue", rest)) => (Some(Quantifier::Any), rest),
            Some(_) => return None,
            None => (None, text),
        };
        let (name, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |name| (name, true));
        let (_, family, negated) = *FAMILIES.iter().find(|(family, ..)| *family == name)?;
        let plain = quantifier.is_none() && !if_exists;
        (plain || family != Family::Null).then_some(Self { family, negated, quantifier, if_exists })
    }
}

impl Order {
    /// Whether `left` stands so to `right`.
    pub(super) fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Equal => left.total_cmp(&right).is_eq(),
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_taken_apart() {
        let operator = |text| Operator::parse(text).map(|o| (o.family, o.negated, o.quantifier, o.if_exists));
        for (text, expected) in [
            ("StringEquals", Some((Family::Equals, false, None, false))),
            ("ForAllValues:StringNotLikeIfExists", Some((Family::Like, true, Some(Quantifier::All), true))),
            ("ForAnyValue:ArnEquals", Some((Family::Arn, false, Some(Quantifier::Any), false))),
            ("Null", Some((Family::Null, false, None, false))),
            ("NullIfExists", None),
            ("ForAnyValue:Null", None),
            ("stringEquals", None),
            ("ForSome:StringEquals", None),
            ("IfExists", None),
            ("", None),
        ] {
            assert_eq!(operator(text), expected, "{text}");
        }
    }

    #[test]
    fn numbers_stand_to_each_other() {
        for (order, expected) in [
            (Order::Equal, [false, true, false]),
            (Order::Less, [true, false, false]),
            (Order::LessOrEqual, [true, true, false]),
            (Order::Greater, [false, false, true]),
            (Order::GreaterOrEqual, [false, true, true]),
        ] {
            assert_eq!([1.0, 1.2, 1.3].map(|left| order.holds(left, 1.2)), expected, "{order:?}");
        }
    }
}
