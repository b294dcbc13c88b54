//! Files that `tfduty list` is given.

use crate::{graph::SetKind, testing::lists::list_files};

const RULE: &str = "list-limits";
const LINE: &str = "198.51.100.7\n";

#[test]
fn list_without_kind_is_undecided_between_the_limits_of_the_kinds() {
    let (passed, failed, undecided) = ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0));
    for (lines, trusted, threat, neither) in [
        (2000, passed, passed, passed),
        (2001, failed, passed, undecided),
        (250_000, failed, passed, undecided),
        (250_001, failed, failed, failed),
    ] {
        let text = LINE.repeat(lines);
        for (kind, expected) in [(Some(SetKind::Trusted), trusted), (Some(SetKind::Threat), threat), (None, neither)] {
            assert_eq!(list_files(&[("list.txt", &text, kind)]).tally(RULE), expected, "{lines} {kind:?}");
        }
    }
    let beyond = "1".repeat(36_700_161);
    assert_eq!(list_files(&[("list.txt", &beyond, None)]).tally(RULE), failed);
}
