//! A linear congruential generator and the panel made with it, on which reference values were computed elsewhere.

pub(crate) struct Lcg(pub(crate) u64);

impl Lcg {
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// The sum of twelve uniforms less 6.
    pub(crate) fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// 240 rows of 8 columns from seed 7, .01 times a normal, with `edge` added to column 3.
pub(crate) fn panel(edge: f64) -> Vec<f64> {
    let mut draws = Lcg(7);
    (0..240 * 8).map(|cell| 0.01 * draws.normal() + if cell % 8 == 3 { edge } else { 0.0 }).collect()
}
