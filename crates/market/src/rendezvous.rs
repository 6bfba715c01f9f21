//! Who of several serves what: rendezvous hashing. Each key goes to the node that has the highest score with it, so that
//! all who know the same nodes agree without talking, and a node that comes or goes moves its own keys only.

/// The node that a key belongs to; `None` where there is no node. The order of the nodes does not matter.
pub fn owner<'a>(key: &str, nodes: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Of two equal scores the greater name counts.
    nodes.into_iter().max_by_key(|node| (score(key, node), *node))
}

/// The same in every program of every version: FNV-1a over both texts, then mixed (the finish of `splitmix64`), since
/// FNV alone leaves the scores of similar names near each other.
fn score(key: &str, node: &str) -> u64 {
    // No text has this byte.
    let bytes = key.bytes().chain([0xff]).chain(node.bytes());
    let mut hash = bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    fn nodes(names: &BTreeSet<String>) -> impl Iterator<Item = &str> + Clone {
        names.iter().map(String::as_str)
    }

    #[test]
    fn everybody_agrees_whatever_the_version() {
        assert_eq!(score("AAPL", "engine"), 0xb073_7d57_0b38_6bb0);
        assert_eq!(owner("AAPL", []), None);
    }

    #[test]
    fn the_share_of_each_is_even() {
        let names: BTreeSet<String> = (0..5).map(|n| format!("a1b2c3d4e5f6-{n}")).collect();
        let mut shares: BTreeMap<&str, usize> = BTreeMap::new();
        for n in 0..10_000 {
            *shares.entry(owner(&format!("S{n}"), nodes(&names)).unwrap()).or_default() += 1;
        }
        assert!(shares.len() == 5 && shares.values().all(|share| (1_800..2_200).contains(share)), "{shares:?}");
    }

    proptest! {
        /// One that goes leaves its keys to the others and moves no other; one that comes takes, and moves none between
        /// others.
        #[test]
        fn only_the_keys_of_who_comes_or_goes_move(
            names in proptest::collection::btree_set("[a-f0-9]{4}-[1-9]", 2..8), keys in proptest::collection::vec("[A-Z]{1,5}", 50),
        ) {
            let leaver = names.iter().next().unwrap();
            let rest: BTreeSet<String> = names.iter().skip(1).cloned().collect();
            for key in &keys {
                let (before, after) = (owner(key, nodes(&names)).unwrap(), owner(key, nodes(&rest)).unwrap());
                prop_assert!(before == leaver || before == after);
                let turned: Vec<&str> = nodes(&names).collect();
                prop_assert_eq!(owner(key, turned.into_iter().rev()), Some(before));
            }
        }
    }
}
