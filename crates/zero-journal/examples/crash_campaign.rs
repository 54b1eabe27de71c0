//! The crash campaign at full size: `crash_campaign [SEED] [CYCLES]`, 200,000 cycles by default.

use std::io::Write as _;
use zero_journal::campaign::crash_campaign;

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1).filter_map(|a| a.parse::<u64>().ok());
    let (seed, cycles) = (args.next().unwrap_or(1), args.next().unwrap_or(200_000));
    #[expect(clippy::disallowed_methods, reason = "an example may time itself; nothing depends on it")]
    let start = std::time::Instant::now();
    let report = crash_campaign(seed, cycles, None);
    let rate = report.cycles as f64 / start.elapsed().as_secs_f64();
    writeln!(std::io::stdout(), "{report:#?}\n{rate:.0} cycles/s")?;
    if report.failure.is_some() { Err(std::io::Error::other("the campaign failed")) } else { Ok(()) }
}
