//! "Did you mean": the nearest known name.

/// The known name nearest to a wrong one, if one is near enough to be a slip of the hand.
pub(crate) fn nearest(wrong: &str, known: impl Iterator<Item = String>) -> Option<String> {
    let mut best: Option<(usize, String)> = None;
    for name in known {
        let d = distance(wrong, &name);
        let close = d <= 2 || d * 4 <= name.len();
        if close && best.as_ref().is_none_or(|(b, _)| d < *b) {
            best = Some((d, name));
        }
    }
    best.map(|(_, name)| name)
}

/// Edit distance of two texts, with a swap of neighbours as one edit (optimal string alignment).
pub(crate) fn distance(a: &str, b: &str) -> usize {
    // Keys are short; a hostile name is cut, which only costs it its suggestion.
    let a: Vec<char> = a.chars().take(128).collect();
    let b: Vec<char> = b.chars().take(128).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, cb) in b.iter().enumerate() {
            let at = |r: &[usize], k: usize| r.get(k).copied().unwrap_or(usize::MAX / 2);
            let mut d = (at(&last, j) + usize::from(ca != cb)).min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(cb) && b.get(j - 1) == Some(ca);
            if swapped {
                d = d.min(at(&before, j - 1) + 1);
            }
            row.push(d);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn slips_of_the_hand_are_near() {
        assert_eq!(distance("leverage", "leverage"), 0);
        assert_eq!(distance("levreage", "leverage"), 1);
        assert_eq!(distance("leverag", "leverage"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
    }

    #[test]
    fn nothing_is_suggested_for_a_name_that_is_far_from_all() {
        let known = || ["limits.daily_loss".to_owned(), "account.leverage".to_owned()].into_iter();
        assert_eq!(nearest("limits.dayly_loss", known()).as_deref(), Some("limits.daily_loss"));
        assert_eq!(nearest("zzz", known()), None);
    }

    proptest! {
        #[test]
        fn distance_is_symmetric_and_bounded(a in "[a-d]{0,8}", b in "[a-d]{0,8}") {
            prop_assert_eq!(distance(&a, &b), distance(&b, &a));
            prop_assert!(distance(&a, &b) <= a.len().max(b.len()));
            prop_assert_eq!(distance(&a, &b) == 0, a == b);
        }
    }
}
