//! The two transports: standard input and output of a process of its own, and the loop's HTTP server.

use crate::backend::Backend;
use crate::server::Agents;
use axum::Router;
use rmcp::service::{ServerInitializeError, ServiceExt as _};
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
        match Agents::new(backend, clock).serve(rmcp::transport::stdio_pipes()).await {
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
    let agents = Agents::new(backend, clock);
    let mut names: Vec<String> = ["localhost", "127.0.0.1", "::1"].map(String::from).to_vec();
    names.extend(hosts.iter().cloned());
    let mut origins: Vec<String> =
        ["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"].map(String::from).to_vec();
    origins.extend(hosts.iter().map(|h| format!("http://{h}")));
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_sse_keep_alive(None)
        .with_allowed_hosts(names)
        .with_allowed_origins(origins)
        .enforce_origin_validation()
        .with_max_request_body_bytes(REQUEST_MAX);
    let service = StreamableHttpService::new(
        move || Ok(agents.clone()),
        Arc::new(NeverSessionManager::default()),
        config,
    );
    Router::new().route_service("/mcp", service)
}
