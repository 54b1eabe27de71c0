//! Counter-based randomness: a pure function of (seed, stream, counter), so that any draw can be recomputed alone.
//!
//! Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).

const MUL: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];

/// One block: four 32-bit words from a 128-bit counter and a 64-bit key.
#[must_use]
pub fn philox4x32_10(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let mut c = counter;
    let mut k = key;
    for round in 0..10 {
        if round > 0 {
            k = [k[0].wrapping_add(WEYL[0]), k[1].wrapping_add(WEYL[1])];
        }
        let p0 = u64::from(MUL[0]) * u64::from(c[0]);
        let p1 = u64::from(MUL[1]) * u64::from(c[2]);
        c = [(p1 >> 32) as u32 ^ c[1] ^ k[0], p1 as u32, (p0 >> 32) as u32 ^ c[3] ^ k[1], p0 as u32];
    }
    c
}

/// A stream of draws. Cloning it or rebuilding it from (seed, stream, counter) gives the same draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prng {
    seed: u64,
    stream: u64,
    counter: u64,
}

impl Prng {
    /// The start of a stream.
    #[must_use]
    pub const fn new(seed: u64, stream: u64) -> Self {
        Self { seed, stream, counter: 0 }
    }

    /// The stream at a given counter.
    #[must_use]
    pub const fn at(seed: u64, stream: u64, counter: u64) -> Self {
        Self { seed, stream, counter }
    }

    fn block(&mut self) -> [u32; 4] {
        let (c, s, k) = (self.counter, self.stream, self.seed);
        self.counter = self.counter.wrapping_add(1);
        philox4x32_10([c as u32, (c >> 32) as u32, s as u32, (s >> 32) as u32], [k as u32, (k >> 32) as u32])
    }

    /// 64 uniform bits.
    pub fn next_u64(&mut self) -> u64 {
        let b = self.block();
        u64::from(b[0]) | u64::from(b[1]) << 32
    }

    /// Uniform in [0, 1) with 53 bits.
    pub fn uniform(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    /// Uniform in `0..n` without bias (Lemire's multiply and reject); 0 when `n` is 0.
    pub fn below(&mut self, n: u64) -> u64 {
        if n == 0 {
            return 0;
        }
        let threshold = n.wrapping_neg() % n;
        loop {
            let wide = u128::from(self.next_u64()) * u128::from(n);
            if wide as u64 >= threshold {
                return (wide >> 64) as u64;
            }
        }
    }

    /// Standard normal (Box and Muller; the second deviate is not kept, so one draw is one counter step).
    pub fn normal(&mut self) -> f64 {
        let b = self.block();
        let u =
            ((u64::from(b[0]) << 21 | u64::from(b[1]) >> 11) as f64 + 1.0) * (1.0 / 9_007_199_254_740_992.0);
        let v = (u64::from(b[2]) << 21 | u64::from(b[3]) >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0);
        libm::sqrt(-2.0 * libm::log(u)) * libm::cos(core::f64::consts::TAU * v)
    }

    /// Student's t with integer degrees of freedom, unscaled (variance `df/(df-2)`).
    pub fn student_t(&mut self, df: u32) -> f64 {
        let z = self.normal();
        let mut chi2 = 0.0;
        for _ in 0..df {
            let n = self.normal();
            chi2 += n * n;
        }
        z / libm::sqrt(chi2 / f64::from(df))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known-answer vectors published with the authors' Random123 library.
    #[test]
    fn philox_matches_the_published_vectors() {
        assert_eq!(philox4x32_10([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(
            philox4x32_10([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox4x32_10([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn a_draw_can_be_recomputed_alone() {
        let mut p = Prng::new(7, 3);
        let draws: alloc::vec::Vec<u64> = (0..5).map(|_| p.next_u64()).collect();
        assert_eq!(Prng::at(7, 3, 4).next_u64(), draws[4]);
        assert_ne!(Prng::at(7, 4, 4).next_u64(), draws[4]);
    }

    #[test]
    fn normal_has_mean_zero_and_variance_one() {
        let mut p = Prng::new(1, 1);
        let n = 200_000;
        let (mut s, mut s2) = (0.0, 0.0);
        for _ in 0..n {
            let z = p.normal();
            s += z;
            s2 += z * z;
        }
        let (mean, var) = (s / f64::from(n), s2 / f64::from(n));
        assert!(mean.abs() < 0.01 && (var - 1.0).abs() < 0.015, "{mean} {var}");
    }

    #[test]
    fn below_stays_below_and_reaches_every_value() {
        let mut p = Prng::new(9, 0);
        let mut seen = [false; 7];
        for _ in 0..500 {
            seen[p.below(7) as usize] = true;
        }
        assert_eq!(seen, [true; 7]);
        assert_eq!(p.below(0), 0);
    }
}
