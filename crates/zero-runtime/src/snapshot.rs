//! A snapshot of a run: kernel, venue and place in the source, valid for the epoch that wrote it. Beside it lies what it carries
//! for readers.

use crate::approval::Approvals;
use crate::driver::Driver;
use crate::engine::EngineError;
use crate::record::Manifest;
use zero_core::{CoinId, Ts, canon_struct};
use zero_kernel::KernelSnapshot;
use zero_market::MarketKey;
use zero_paper::PaperState;

canon_struct! {
    /// The place in the source.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Place {
        /// Event time of the last market event.
        pub time: Ts,
        /// Its phase.
        pub phase: u8,
        /// Its coin.
        pub coin: Option<CoinId>,
    }
}

canon_struct! {
    /// The snapshot.
    #[derive(Clone, Debug, PartialEq)]
    pub struct RunSnapshot {
        /// Manifest of the run that wrote it. Features are used only by the same epoch.
        pub manifest: Manifest,
        /// Kernel.
        pub kernel: KernelSnapshot,
        /// Venue.
        pub venue: PaperState,
        /// Place in the source.
        pub place: Option<Place>,
        /// Last reconciliation.
        pub last_reconciled: Ts,
        /// Approvals that may not be used again.
        pub approvals: Approvals,
    }
}

impl RunSnapshot {
    /// Of a driver between ticks; approvals are for the runner to add.
    #[must_use]
    pub fn of(driver: &Driver, manifest: Manifest) -> Self {
        let (key, last_reconciled) = driver.place();
        Self {
            manifest,
            kernel: driver.engine().kernel().snapshot(),
            venue: driver.engine().venue().state().clone(),
            place: key.map(|k| Place { time: k.time, phase: k.phase, coin: k.coin }),
            last_reconciled,
            approvals: Approvals::none(),
        }
    }

    /// Back into a fresh driver. Without `features`, those are left empty for the caller to rebuild.
    ///
    /// # Errors
    /// [`EngineError::Kernel`] when it belongs to another configuration.
    pub fn restore(mut self, driver: &mut Driver, features: bool) -> Result<(), EngineError> {
        let (kernel, venue) = driver.engine_mut().parts_mut();
        if !features {
            let fresh = kernel.snapshot();
            (self.kernel.banks, self.kernel.cross) = (fresh.banks, fresh.cross);
        }
        kernel.restore(self.kernel)?;
        venue.restore(self.venue);
        let key = self.place.map(|p| MarketKey { time: p.time, phase: p.phase, coin: p.coin });
        driver.set_place(key, self.last_reconciled);
        Ok(())
    }
}
