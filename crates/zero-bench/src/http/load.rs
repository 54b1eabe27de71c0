//! Requests at a steady rate, each with the time from when it was due to its last byte.

use super::memory::Memory;
use http_body::Body as _;
use hyper::Request;
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use std::error::Error;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::task::LocalSet;
use zero_runtime::clock::{Clock as _, SystemClock};

/// Connections that share the rate.
const CONNECTIONS: usize = 16;
/// Between two samples of memory.
const SAMPLE_EVERY: Duration = Duration::from_secs(1);

/// What was measured in a part of the time: for each route the latencies in microseconds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Window {
    by_route: Vec<Vec<u32>>,
}

impl Window {
    /// Latencies of one route, or of all.
    pub(crate) fn of(&self, route: Option<usize>) -> Vec<u32> {
        let mut all: Vec<u32> = match route {
            Some(i) => self.by_route.get(i).cloned().unwrap_or_default(),
            None => self.by_route.concat(),
        };
        all.sort_unstable();
        all
    }

    /// The latency that a share `q` of the requests does not exceed, in ms: the smallest observed one of which that is true.
    pub(crate) fn quantile(&self, route: Option<usize>, q: f64) -> f64 {
        let all = self.of(route);
        let rank = (q * all.len() as f64).ceil() as usize;
        all.get(rank.saturating_sub(1)).map_or(f64::NAN, |us| f64::from(*us) / 1e3)
    }
}

/// When and what is asked.
struct Plan {
    port: u16,
    routes: Vec<String>,
    begin: Duration,
    gap: Duration,
    window: Duration,
    windows: u32,
}

impl Plan {
    fn requests(&self) -> usize {
        (self.window.as_nanos() / self.gap.as_nanos()) as usize * self.windows as usize
    }

    fn due(&self, i: usize) -> Duration {
        self.begin + self.gap * u32::try_from(i).unwrap_or(u32::MAX)
    }
}

/// `rate` requests per second over the routes in turns, for `windows` times `window`; what each window saw, and `memory`
/// meanwhile.
pub(crate) fn paced(
    port: u16,
    routes: &[String],
    rate: u32,
    (window, windows): (Duration, u32),
    memory: impl Fn() -> Option<Memory>,
) -> Result<(Vec<Window>, Vec<Memory>), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let plan = Rc::new(Plan {
        port,
        routes: routes.to_vec(),
        begin: SystemClock.monotonic() + Duration::from_millis(100),
        gap: Duration::from_secs(1) / rate,
        window,
        windows,
    });
    let mut all = vec![Window { by_route: vec![Vec::new(); routes.len()] }; windows as usize];
    let local = LocalSet::new();
    let clients: Vec<_> = (0..CONNECTIONS).map(|c| local.spawn_local(client(Rc::clone(&plan), c))).collect();
    let samples = runtime.block_on(local.run_until(sample(Rc::clone(&plan), memory)));
    for client in clients {
        let took = runtime.block_on(local.run_until(client))?.map_err(|e| format!("a client: {e}"))?;
        for (i, us) in took {
            let slot = all.get_mut(i * windows as usize / plan.requests());
            if let Some(of) = slot.and_then(|w| w.by_route.get_mut(i % routes.len())) {
                of.push(us);
            }
        }
    }
    Ok((all, samples))
}

async fn sample(plan: Rc<Plan>, memory: impl Fn() -> Option<Memory>) -> Vec<Memory> {
    let end = plan.begin + plan.window * plan.windows;
    let mut out: Vec<Memory> = memory().into_iter().collect();
    while SystemClock.monotonic() < end {
        tokio::time::sleep(SAMPLE_EVERY).await;
        out.extend(memory());
    }
    out
}

/// Every [`CONNECTIONS`]th request, with its number and its microseconds. One that is sent late because the answer before it was
/// late counts from when it was due; a timer that fires late is not the server's.
async fn client(plan: Rc<Plan>, first: usize) -> Result<Vec<(usize, u32)>, String> {
    let text = |e: &dyn std::fmt::Display| e.to_string();
    let stream = TcpStream::connect(("127.0.0.1", plan.port)).await.map_err(|e| text(&e))?;
    stream.set_nodelay(true).map_err(|e| text(&e))?;
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.map_err(|e| text(&e))?;
    tokio::task::spawn_local(connection);
    let host = format!("127.0.0.1:{}", plan.port);
    let mut out = Vec::with_capacity(plan.requests() / CONNECTIONS + 1);
    for i in (first..plan.requests()).step_by(CONNECTIONS) {
        let (due, route) = (plan.due(i), plan.routes.get(i % plan.routes.len()).map_or("/", String::as_str));
        let mut from = due;
        let early = due.saturating_sub(SystemClock.monotonic());
        if !early.is_zero() {
            tokio::time::sleep(early).await;
            from = SystemClock.monotonic();
        }
        ask(&mut sender, &host, route).await?;
        let took = SystemClock.monotonic().saturating_sub(from).as_micros();
        out.push((i, u32::try_from(took).unwrap_or(u32::MAX)));
    }
    Ok(out)
}

async fn ask(sender: &mut SendRequest<String>, host: &str, route: &str) -> Result<(), String> {
    let request = Request::get(route).header("host", host).body(String::new()).map_err(|e| e.to_string())?;
    sender.ready().await.map_err(|e| e.to_string())?;
    let response = sender.send_request(request).await.map_err(|e| e.to_string())?;
    let status = response.status();
    if !status.is_success() {
        return Err(format!("{route} was answered with {status}"));
    }
    read(response.into_body()).await.map_err(|e| e.to_string())
}

async fn read(mut body: Incoming) -> hyper::Result<()> {
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        frame?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Window;

    #[test]
    fn the_ninety_ninth_of_a_hundred_is_the_p99_and_the_last_is_the_largest() {
        let w = Window {
            by_route: vec![(1..=50).map(|i| i * 1_000).collect(), (51..=100).map(|i| i * 1_000).collect()],
        };
        assert_eq!(w.quantile(None, 0.99), 99.0);
        assert_eq!(w.quantile(None, 0.5), 50.0);
        assert_eq!(w.quantile(None, 1.0), 100.0);
        assert_eq!(w.quantile(Some(0), 0.99), 50.0);
        assert!(Window::default().quantile(None, 0.99).is_nan());
    }
}
