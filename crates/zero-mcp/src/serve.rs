//! The two transports: standard input and output of a process of its own, and the loop's HTTP server.

use crate::backend::Backend;
use crate::server::Agents;
use axum::Router;
use rmcp::handler::server::ServerHandler;
use rmcp::service::{ServerInitializeError, ServiceExt as _};
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use zero_runtime::clock::Clock;

/// Largest request, bytes.
const REQUEST_MAX: usize = 65_536;
/// Time for reading threads to end after the peer left.
const END_WITHIN: Duration = Duration::from_millis(500);

/// Serves over standard input and output until the peer closes them.
///
/// # Errors
/// The system's, where no runtime or thread can be had; the protocol's, as text.
pub fn stdio(backend: Arc<dyn Backend>, clock: Arc<dyn Clock>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let result = runtime.block_on(async {
        match Agents::new(backend, clock).lasting().serve(rmcp::transport::stdio_pipes()).await {
            Ok(running) => running.waiting().await.map(|_| ()).map_err(io::Error::other),
            // A peer that leaves after a first look is no failure.
            Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
            Err(e) => Err(io::Error::other(e)),
        }
    });
    // A blocked read of standard input must not keep the process.
    runtime.shutdown_timeout(END_WITHIN);
    result
}

/// Routes to mount behind a guard that has already looked at Host, Origin, rate and token; Host and Origin are looked at
/// here once more. No sessions: every request stands alone, in either era of the protocol.
pub fn routes(backend: Arc<dyn Backend>, clock: Arc<dyn Clock>, hosts: &[String]) -> Router {
    mount(Agents::new(backend, clock), Sessions::None, hosts)
}

/// Whether clients of the protocol's earlier era are known from one request to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sessions {
    /// They are not: nothing is kept for them.
    None,
    /// They are: a handler may ask them something, and tell them later.
    Kept,
}

/// The transport over HTTP, for any handler: what this project serves, and what tests of the transport serve.
pub fn mount<H: ServerHandler + Clone>(handler: H, sessions: Sessions, hosts: &[String]) -> Router {
    let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(String::from).to_vec();
    names.extend(hosts.iter().cloned());
    let mut origins: Vec<String> =
        ["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"].map(String::from).to_vec();
    origins.extend(hosts.iter().map(|h| format!("http://{h}")));
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(sessions == Sessions::Kept)
        .with_json_response(true)
        .with_sse_keep_alive(None)
        .with_allowed_hosts(names)
        .with_allowed_origins(origins)
        .enforce_origin_validation()
        .with_max_request_body_bytes(REQUEST_MAX);
    let make = move || Ok(handler.clone());
    match sessions {
        Sessions::None => {
            let service = StreamableHttpService::new(make, Arc::new(NeverSessionManager::default()), config);
            Router::new().route_service("/mcp", service)
        }
        Sessions::Kept => {
            let service = StreamableHttpService::new(make, Arc::new(LocalSessionManager::default()), config);
            Router::new().route_service("/mcp", service)
        }
    }
}
