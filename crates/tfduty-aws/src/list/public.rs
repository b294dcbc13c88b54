//! The addresses that a list can act on.

use std::sync::LazyLock;

use crate::special::TABLE;

/// `192.0.0.9` and `192.0.0.10`: within a special-purpose row, yet globally reachable. That
/// [`special_purpose`](crate::special::special_purpose) has it so is tested below.
const REACHABLE: (u32, u32) = (0xC000_0009, 0xC000_000A);

/// The special-purpose rows as ranges that are sorted and apart.
static SPECIAL: LazyLock<Vec<(u32, u32)>> = LazyLock::new(|| {
    let mut rows: Vec<(u32, u32)> = TABLE.iter().map(|row| (row.first, row.last)).collect();
    rows.sort_unstable();
    rows.dedup_by(|row, before| row.0 <= before.1);
    rows
});

/// How many addresses from `first` to `last`, both included, are publicly routed: those that
/// [`special_purpose`](crate::special::special_purpose) puts in no row when asked for each alone.
pub fn public_addresses(first: u32, last: u32) -> u64 {
    let shared = |range: &(u32, u32)| count(first.max(range.0), last.min(range.1));
    count(first, last) - SPECIAL.iter().map(shared).sum::<u64>() + shared(&REACHABLE)
}

/// How many addresses a range has: none if it runs backwards.
pub(super) fn count(first: u32, last: u32) -> u64 {
    (u64::from(last) + 1).saturating_sub(u64::from(first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special::special_purpose;
    use proptest::prelude::*;

    #[test]
    fn all_addresses() {
        let special: u64 =
            [24, 24, 22, 24, 16, 20, 8, 8, 8, 16, 17, 8, 8, 28, 28].iter().map(|bits| 1u64 << bits).sum();
        assert_eq!(public_addresses(0, u32::MAX), (1 << 32) - special + 2);
        assert_eq!(public_addresses(5, 4), 0);
    }

    proptest! {
        #[test]
        fn one_address_is_public_if_it_is_in_no_row(row in 0..TABLE.len(), near in 0u32..300, any: u32) {
            let (first, last) = (TABLE[row].first, TABLE[row].last);
            let around = [first.wrapping_add(near), first.wrapping_sub(near), last.wrapping_add(near)];
            for address in around.into_iter().chain([any]) {
                let is_public = special_purpose(address, address).is_none();
                prop_assert_eq!(public_addresses(address, address), u64::from(is_public));
            }
        }

        #[test]
        fn parts_add_up(a: u32, b: u32, c: u32) {
            let mut ends = [a, b, c];
            ends.sort_unstable();
            let [first, middle, last] = ends;
            prop_assume!(middle < last);
            let parts = public_addresses(first, middle) + public_addresses(middle + 1, last);
            prop_assert_eq!(public_addresses(first, last), parts);
        }
    }

    #[test]
    fn the_reachable_pair_is_exact() {
        for address in 0xC000_0000..=0xC000_00FF_u32 {
            let is_public = special_purpose(address, address).is_none();
            assert_eq!(public_addresses(address, address), u64::from(is_public));
        }
    }
}
