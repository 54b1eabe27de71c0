//! The operational log of a long-lived command: bounded, rotated, for the machine's keeper. The journal is the truth;
//! a log that cannot be written is warned about once and never stops the loop.

use crate::context::Context;
use crate::failure::Failure;
use crate::ui::Ui;
use std::io::Write as _;
use std::sync::Arc;
use zero_config::sections::LogsConfig;
use zero_config::{Level, LogLine, RotatingLog};
use zero_runtime::clock::Clock;

/// An open log.
pub(crate) struct OpLog {
    log: RotatingLog,
    clock: Arc<dyn Clock>,
    level: Level,
    target: &'static str,
    ui: Ui,
    broken: bool,
}

impl OpLog {
    pub(crate) fn open(
        ctx: &Context,
        logs: &LogsConfig,
        target: &'static str,
        ui: Ui,
    ) -> Result<Self, Failure> {
        let log = RotatingLog::open(&ctx.partition.logs(), target, logs.max_size, logs.max_files)?;
        Ok(Self { log, clock: Arc::clone(&ctx.clock), level: logs.level, target, ui, broken: false })
    }

    /// A line, when the configured level lets it through.
    pub(crate) fn line(
        &mut self,
        level: Level,
        message: &'static str,
        fields: impl FnOnce(LogLine) -> LogLine,
    ) {
        if level > self.level {
            return;
        }
        let line = fields(LogLine::new(self.clock.now(), level, self.target, message)).finish();
        if let Err(e) = self.log.write_all(line.as_bytes())
            && !self.broken
        {
            self.broken = true;
            self.ui.warn(&format!("the operational log cannot be written: {e}"));
        }
    }
}
