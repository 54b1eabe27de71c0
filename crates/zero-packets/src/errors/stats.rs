//! Codes of `zero-stats`.

use super::Exit::{Data, Usage};
use super::{ErrorSpec, e};

/// Sorted.
#[rustfmt::skip]
pub(super) const CODES: &[ErrorSpec] = &[
    e("ZERO-STA-001", Data, "too few observations", "A statistic has fewer observations than it needs.", "Use a longer window."),
    e("ZERO-STA-002", Data, "not finite", "An observation is not a finite number.", "Drop or repair the missing observation first."),
    e("ZERO-STA-003", Data, "not positive", "A return was asked on a value that is not positive.", "End the series where equity stops being positive, or measure profit in money."),
    e("ZERO-STA-004", Data, "no variation", "The observations do not vary, so a ratio to their spread is undefined.", "Report the ratio as unknown."),
    e("ZERO-STA-005", Usage, "bad parameter", "A parameter of a statistic is outside its range.", "Correct the parameter."),
    e("ZERO-STA-006", Data, "undefined resamples", "A statistic was undefined on too many bootstrap resamples.", "Use a longer window."),
    e("ZERO-STA-007", Data, "out of range", "A statistic is too large or too small for a 64-bit float.", "Rescale the observations."),
    e("ZERO-STA-008", Data, "outside its set", "An observation lies outside the set on which the statistic is defined.", "Correct the observation at its source."),
    e("ZERO-STA-009", Data, "no convergence", "An iterative fit did not settle.", "Use more observations, or a penalty, or a statistic without a fit."),
    e("ZERO-STA-010", Data, "too much work", "The input asks for more work or memory than the statistic allows itself.", "Use fewer observations, columns, splits or resamples."),
];
