//! A snapshot of a run: kernel, venue and place in the source, valid for the epoch that wrote it.

use crate::driver::Driver;
use crate::engine::EngineError;
use crate::spec::Epoch;
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
        /// Epoch that wrote it. Features are used only by the same epoch.
        pub epoch: Epoch,
        /// Kernel.
        pub kernel: KernelSnapshot,
        /// Venue.
        pub venue: PaperState,
        /// Place in the source.
        pub place: Option<Place>,
        /// Last reconciliation.
        pub last_reconciled: Ts,
    }
}

impl RunSnapshot {
    /// Of a driver between ticks.
    #[must_use]
    pub fn of(driver: &Driver, epoch: Epoch) -> Self {
        let (key, last_reconciled) = driver.place();
        Self {
            epoch,
            kernel: driver.engine().kernel().snapshot(),
            venue: driver.engine().venue().state().clone(),
            place: key.map(|k| Place { time: k.time, phase: k.phase, coin: k.coin }),
            last_reconciled,
        }
    }

    /// Back into a fresh driver of the same epoch.
    ///
    /// # Errors
    /// [`EngineError::Kernel`] when it belongs to another configuration.
    pub fn restore(self, driver: &mut Driver) -> Result<(), EngineError> {
        let (kernel, venue) = driver.engine_mut().parts_mut();
        kernel.restore(self.kernel)?;
        venue.restore(self.venue);
        let key = self.place.map(|p| MarketKey { time: p.time, phase: p.phase, coin: p.coin });
        driver.set_place(key, self.last_reconciled);
        Ok(())
    }
}
