//! Subsets of a fixed size, in lexicographic order, one at a time.

use alloc::vec::Vec;

/// The number of subsets of size `k` of `n`; saturates.
#[must_use]
pub fn choose(n: usize, k: usize) -> u64 {
    if k > n {
        return 0;
    }
    let k = k.min(n - k);
    let mut c: u64 = 1;
    for i in 0..k {
        // The product of i + 1 consecutive numbers is divisible by (i + 1)!.
        match c.checked_mul((n - i) as u64) {
            Some(product) => c = product / (i as u64 + 1),
            None => return u64::MAX,
        }
    }
    c
}

/// All subsets of size `k` of `0..n`, each ascending.
#[derive(Clone, Debug)]
pub struct Combinations {
    n: usize,
    next: Option<Vec<usize>>,
}

impl Combinations {
    /// Begins with `0..k`. Empty when `k` exceeds `n`.
    #[must_use]
    pub fn new(n: usize, k: usize) -> Self {
        Self { n, next: (k <= n).then(|| (0..k).collect()) }
    }
}

impl Iterator for Combinations {
    type Item = Vec<usize>;

    fn next(&mut self) -> Option<Vec<usize>> {
        let current = self.next.take()?;
        let k = current.len();
        let movable = (0..k).rev().find(|&i| current[i] < self.n - k + i);
        if let Some(i) = movable {
            let mut following = current.clone();
            following[i] += 1;
            for j in i + 1..k {
                following[j] = following[j - 1] + 1;
            }
            self.next = Some(following);
        }
        Some(current)
    }
}
