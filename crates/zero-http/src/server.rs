//! The server's thread: accepts, guards, routes, drains.

use crate::acts::{act, reduces_by_body};
use crate::answer::Question;
use crate::answer::{Answer, prometheus_now};
use crate::apart::ask;
use crate::guard::{Admitted, Guard, Pace, Principal, Who, body};
use crate::mounted::{in_one_shape, message, names_json};
use crate::places::{Mark, Places, Seat};
use crate::query;
use crate::refusal::Refusal;
use crate::sent::{BODY_WITHIN, whole};
use crate::shared::Shared;
use crate::streams::{Cut, Sort, events, socket};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderValue, Method, Response, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::routing::any;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustix::net::sockopt::set_socket_send_buffer_size;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use thiserror::Error;
use tokio::sync::{oneshot, watch};
use tower_service::Service as _;
use zero_capability::{Capability, NOT_OFFERED, RiskDirection, Stream, TABLE};

/// Bytes of a request's head.
const HEAD_MAX: usize = 16 << 10;
/// Headers of a request.
const HEADERS_MAX: usize = 64;
/// Time for a request's head to arrive, and of an idle connection.
const HEAD_WITHIN: Duration = Duration::from_secs(10);
/// Bytes that the system holds for a client.
const SEND_BUFFER: usize = 64 << 10;
/// Time that open requests are given when the server stops.
const DRAIN_WITHIN: Duration = Duration::from_secs(3);

/// How to serve.
#[derive(Debug)]
pub struct Settings {
    /// Address.
    pub listen: SocketAddr,
    /// An address beyond loopback is wanted.
    pub remote: bool,
    /// Loopback reads need no token.
    pub open: bool,
    /// The runtime is live-capable: nothing is answered without a token.
    pub live_capable: bool,
    /// Names beside the loopback ones.
    pub hosts: Vec<String>,
    /// Requests per second.
    pub rate: u32,
    /// Who has tokens.
    pub principals: Vec<Principal>,
    /// Routes of another surface, put behind the same guard.
    pub mounted: Option<Router>,
}

/// Why a server does not start.
#[derive(Debug, Error)]
pub enum ServerError {
    /// The address is not one that these settings allow.
    #[error("the server may not listen at {0}: {1}")]
    Refused(SocketAddr, &'static str),
    /// The system refused.
    #[error("the server cannot listen at {0}: {1}")]
    Bind(SocketAddr, std::io::Error),
}

impl ServerError {
    /// Stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Refused(..) => "ZERO-API-013",
            Self::Bind(..) => "ZERO-API-014",
        }
    }
}

/// A server that runs.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts no more, gives open requests three seconds, and is gone when this returns.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        // A server that ended by itself has dropped its end.
        let _ = self.stop.take().map(|s| s.send(()));
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
    }
}

/// Starts serving on a thread of its own.
///
/// # Errors
/// [`ServerError`].
pub fn start(shared: Arc<Shared>, settings: Settings) -> Result<Running, ServerError> {
    let at = settings.listen;
    if !at.ip().is_loopback() {
        if !settings.remote {
            return Err(ServerError::Refused(at, "it is beyond loopback, and http.remote is false"));
        }
        if settings.principals.is_empty() || settings.open {
            return Err(ServerError::Refused(at, "beyond loopback every request needs a token"));
        }
    }
    if settings.live_capable && (settings.principals.is_empty() || settings.open) {
        return Err(ServerError::Refused(at, "a live-capable runtime needs a token for every request"));
    }
    let (listener, address) = listen(at)?;
    let now = shared.clock.0.monotonic();
    let Settings { open, hosts, rate, principals, mounted, .. } = settings;
    let guard = Guard::new(address.port(), &hosts, open, principals, rate, now);
    let router = router(&Arc::new(Server { shared: Arc::clone(&shared), guard }), mounted);
    spawn((listener, address), router, move || shared.streams.open(Sort::Socket))
}

/// A server of the same make at a loopback address, whose one route `/` answers nothing: without guard, state or table. What
/// the routes of a runtime are held against.
///
/// # Errors
/// [`ServerError`].
pub fn start_empty(at: SocketAddr) -> Result<Running, ServerError> {
    if !at.ip().is_loopback() {
        return Err(ServerError::Refused(at, "an empty server has no guard"));
    }
    spawn(listen(at)?, Router::new().route("/", any(|| async {})), || 0)
}

fn listen(at: SocketAddr) -> Result<(TcpListener, SocketAddr), ServerError> {
    let bind = |e| ServerError::Bind(at, e);
    let listener = TcpListener::bind(at).map_err(bind)?;
    listener.set_nonblocking(true).map_err(bind)?;
    // Connections inherit it. The system would let it grow to megabytes before a client that reads nothing is noticed.
    set_socket_send_buffer_size(&listener, SEND_BUFFER).map_err(|e| bind(e.into()))?;
    let address = listener.local_addr().map_err(bind)?;
    Ok((listener, address))
}

/// `sockets`: how many connections were taken over and are still open.
fn spawn(
    (listener, address): (TcpListener, SocketAddr),
    router: Router,
    sockets: impl Fn() -> usize + Send + 'static,
) -> Result<Running, ServerError> {
    let failed = |e| ServerError::Bind(address, e);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let (stop, stopped) = oneshot::channel();
    let body = move || runtime.block_on(serve(listener, router, stopped, sockets));
    let thread = std::thread::Builder::new().name("zero-http".into()).spawn(body).map_err(failed)?;
    Ok(Running { address, stop: Some(stop), thread: Some(thread) })
}

async fn serve(
    listener: TcpListener,
    router: Router,
    mut stopped: oneshot::Receiver<()>,
    sockets: impl Fn() -> usize,
) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let places = Places::new();
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_WITHIN)
        .max_headers(HEADERS_MAX)
        .max_buf_size(HEAD_MAX);
    // Connections see it go, and end with what they are answering.
    let drain = watch::Sender::new(());
    loop {
        let accepted = tokio::select! {
            _ = &mut stopped => break,
            a = accept(&listener, &places) => a,
        };
        let Some((stream, seat, cut)) = accepted else {
            // Out of descriptors, or the peer left already: neither is a reason to end or to spin.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let router = router.clone();
        let (given, mark) = (cut.clone(), seat.mark.clone());
        let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            let mut request = request.map(Body::new);
            mark.heard();
            request.extensions_mut().insert(given.clone());
            request.extensions_mut().insert(mark.clone());
            router.clone().call(request)
        });
        let connection = http.serve_connection(TokioIo::new(stream), service).with_upgrades();
        let mut drain = drain.subscribe();
        tokio::spawn(async move {
            let mut connection = std::pin::pin!(connection);
            let mut draining = false;
            loop {
                tokio::select! {
                    // A client that breaks off is its own affair.
                    _ = connection.as_mut() => break,
                    () = cut.0.notified() => break,
                    _ = drain.changed(), if !draining => {
                        draining = true;
                        connection.as_mut().graceful_shutdown();
                    }
                }
            }
            drop(seat);
        });
    }
    drop((listener, drain));
    let drained = async {
        places.all_free().await;
        // A socket that was taken over is no longer the connection's.
        while sockets() > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let _ = tokio::time::timeout(DRAIN_WITHIN, drained).await;
}

type Accepted = (tokio::net::TcpStream, Seat, Cut);

/// Nobody waits outside for a place: the system's queue would hold strangers and the operator alike.
async fn accept(listener: &tokio::net::TcpListener, places: &Arc<Places>) -> Option<Accepted> {
    let (stream, _) = listener.accept().await.ok()?;
    let _ = stream.set_nodelay(true);
    let cut = Cut::default();
    let seat = places.take(&cut).await?;
    Some((stream, seat, cut))
}

/// What every request is handled with.
#[derive(Debug)]
struct Server {
    shared: Arc<Shared>,
    guard: Guard,
}

/// What a path leads to.
#[derive(Clone, Copy, Debug)]
enum Target {
    Row(usize, &'static Capability),
    Prometheus,
    NotOffered(&'static str),
    Nothing,
}

/// How a request is answered.
#[derive(Debug)]
enum Reply {
    Whole(Answer),
    Row(Question),
    Act(&'static Capability, Admitted),
    Stream(Stream),
}

/// A route for each row, for each route of the contract that is not offered, what is mounted, and one for everything else.
fn router(server: &Arc<Server>, mounted: Option<Router>) -> Router {
    let mut router = Router::new();
    let handle = |target: Target, allow: &'static str| {
        let server = Arc::clone(server);
        any(move |request: Request| {
            let server = Arc::clone(&server);
            async move { server.handle(request, target, allow).await }
        })
    };
    let mut taken: Vec<&str> = Vec::new();
    for (i, row) in TABLE.iter().enumerate() {
        let Some(http) = row.http else { continue };
        taken.push(http.path);
        let allow = if http.method == "GET" { "GET, HEAD" } else { "POST" };
        router = router.route(http.path, handle(Target::Row(i, row), allow));
    }
    router = router.route("/metrics/prometheus", handle(Target::Prometheus, "GET, HEAD"));
    for route in NOT_OFFERED {
        if !taken.contains(&route.path) {
            taken.push(route.path);
            let allow = if route.method == "GET" { "GET, HEAD" } else { "POST" };
            router = router.route(route.path, handle(Target::NotOffered(route.reason), allow));
        }
    }
    if let Some(more) = mounted {
        router = router.merge(behind_guard(server, more));
    }
    router.fallback_service(handle(Target::Nothing, ""))
}

/// Nothing of a mounted surface sees a request that the guard refuses.
fn behind_guard(server: &Arc<Server>, routes: Router) -> Router {
    let server = Arc::clone(server);
    routes.layer(from_fn(move |request: Request, next: Next| {
        let server = Arc::clone(&server);
        async move {
            let begin = server.shared.clock.0.monotonic();
            let method = request.method().clone();
            let admitted = server.guard.admit(request.uri(), request.headers(), Pace::Request, begin);
            if let Ok(Admitted { who, .. }) = &admitted {
                remember(*who, request.extensions());
            }
            let mut response = match admitted.and_then(|_| body(request.headers())) {
                Ok(()) => pass_on(request, next).await.unwrap_or_else(|refusal| refusal.response()),
                Err(refusal) => refusal.response(),
            };
            dress(&mut response);
            server.count(&method, None, &response, begin);
            response
        }
    }))
}

/// The body is read before: no transport waits for one, and none takes more than the server does.
async fn pass_on(request: Request, next: Next) -> Result<Response<Body>, Refusal> {
    let (head, sent) = request.into_parts();
    let bytes = whole(sent, BODY_WITHIN).await?;
    let was_json = names_json(&head.headers);
    if was_json && head.method == Method::POST {
        message(&bytes)?;
    }
    Ok(in_one_shape(next.run(Request::from_parts(head, bytes.into())).await, was_json).await)
}

/// A connection on which a token was let in keeps its place.
fn remember(who: Who, of: &Extensions) {
    if let (true, Some(mark)) = (who.has_token(), of.get::<Mark>()) {
        mark.known(who.role);
    }
}

fn dress(response: &mut Response<Body>) {
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}

impl Server {
    async fn handle(&self, request: Request, target: Target, allow: &'static str) -> Response<Body> {
        let (mut request, body_sent) = request.into_parts();
        let clock = &self.shared.clock.0;
        let begin = clock.monotonic();
        let pace = if let Target::Row(_, row) = target { pace(row) } else { Pace::Request };
        let admitted = self.guard.admit(&request.uri, &request.headers, pace, begin);
        if let Ok(Admitted { who, .. }) = &admitted {
            remember(*who, &request.extensions);
        }
        let result = admitted.and_then(|admitted| {
            let who = admitted.who;
            let fits = match request.method {
                Method::GET | Method::HEAD => allow.starts_with("GET"),
                Method::POST => allow == "POST",
                _ => false,
            };
            if !fits && !matches!(target, Target::Nothing) {
                return Err(Refusal::Method { allow });
            }
            body(&request.headers)?;
            match target {
                Target::Nothing => Err(Refusal::NoPath(request.uri.path().chars().take(100).collect())),
                Target::NotOffered(reason) => Err(Refusal::NotOffered(reason)),
                Target::Prometheus => {
                    query::none(&request.uri)?;
                    Ok(Reply::Whole(prometheus_now(&self.shared)))
                }
                Target::Row(_, row) if allow == "POST" => Ok(Reply::Act(row, admitted)),
                Target::Row(_, row) => match row.http.and_then(|h| h.stream) {
                    Some(stream) => Ok(Reply::Stream(stream)),
                    None => {
                        let (uri, wants_text) = (request.uri.clone(), wants_text(&request.headers));
                        Ok(Reply::Row(Question { row, who, uri, wants_text, came: begin }))
                    }
                },
            }
        });
        let result = match result {
            Ok(Reply::Whole(answer)) => Ok(shape(answer)),
            Ok(Reply::Row(question)) => ask(&self.shared, question).await.map(shape),
            Ok(Reply::Act(row, admitted)) => match whole(body_sent, BODY_WITHIN).await {
                Ok(bytes) => {
                    let pay = |who| self.guard.pays_reduction(who, begin);
                    act(&self.shared, row, admitted, &request, &bytes, pay).await.map(shape)
                }
                Err(refusal) => Err(refusal),
            },
            Ok(Reply::Stream(stream)) => self.stream(stream, &mut request).await,
            Err(refusal) => Err(refusal),
        };
        let mut response = result.unwrap_or_else(|refusal| refusal.response());
        dress(&mut response);
        let row = if let Target::Row(i, _) = target { Some(i) } else { None };
        self.count(&request.method, row, &response, begin);
        response
    }

    fn count(&self, method: &Method, row: Option<usize>, response: &Response<Body>, begin: Duration) {
        let clock = &self.shared.clock.0;
        let took = clock.monotonic().saturating_sub(begin);
        self.shared.requests.count(method, row, response.status().as_u16(), took, clock.now());
    }
}

/// Which rate a row draws on.
fn pace(row: &Capability) -> Pace {
    if row.risk == RiskDirection::Reduces {
        Pace::Reduction
    } else if reduces_by_body(row.id) {
        Pace::ByBody
    } else {
        Pace::Request
    }
}

impl Server {
    async fn stream(&self, stream: Stream, request: &mut Parts) -> Result<Response<Body>, Refusal> {
        query::none(&request.uri)?;
        let cut = request.extensions.get::<Cut>().cloned().unwrap_or_default();
        match stream {
            Stream::Events if request.method == Method::HEAD => {
                let head = Answer::text(200, "text/event-stream", String::new());
                Ok(shape(head))
            }
            Stream::Events => events(&self.shared, &request.headers, cut),
            Stream::Socket => socket(&self.shared, request).await,
        }
    }
}

fn shape(a: Answer) -> Response<Body> {
    let mut r = Response::new(Body::from(a.body));
    *r.status_mut() = StatusCode::from_u16(a.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    r.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(a.media_type));
    for (name, value) in a.head {
        if let Ok(value) = HeaderValue::from_str(&value) {
            r.headers_mut().insert(name, value);
        }
    }
    r
}

/// A scraper names text before JSON, or with a greater weight; a client that names neither gets the packet, and so does one
/// that takes no text (RFC 9110, 12.4.2: a weight of 0 is a refusal).
fn wants_text(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|v| v.to_str().ok()).unwrap_or("");
    let best = |kinds: &[&str]| {
        let ranges = accept.split(',').enumerate().filter_map(|(place, range)| {
            let mut parts = range.split(';').map(str::trim);
            let kind = parts.next()?;
            let weight = parts.find_map(|p| p.strip_prefix("q=").or_else(|| p.strip_prefix("Q=")));
            let weight = weight.map_or(1_000, thousandths);
            let is_one = kinds.iter().any(|k| kind.eq_ignore_ascii_case(k));
            (is_one && weight > 0).then_some((weight, std::cmp::Reverse(place)))
        });
        ranges.max()
    };
    let text = best(&["text/plain", "application/openmetrics-text"]);
    text.is_some() && text > best(&["application/json"])
}

/// A weight in thousandths; what is no weight counts as none.
fn thousandths(weight: &str) -> u16 {
    let w: f32 = weight.parse().unwrap_or(1.0);
    if (0.0..=1.0).contains(&w) { (w * 1_000.0) as u16 } else { 1_000 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_a_client_refuses_is_not_served() {
        let text = |accept: &'static str| {
            let mut head = HeaderMap::new();
            head.insert(ACCEPT, HeaderValue::from_static(accept));
            wants_text(&head)
        };
        for yes in [
            "text/plain",
            "text/plain;version=0.0.4;q=0.3,*/*;q=0.1",
            "application/openmetrics-text;version=1.0.0,text/plain;q=0.5",
            "application/json;q=0.1, text/plain;q=0.2",
            "text/plain, application/json",
        ] {
            assert!(text(yes), "{yes}");
        }
        for no in [
            "",
            "*/*",
            "text/plain;q=0, application/json",
            "text/plain;q=0",
            "text/plain; q=0.000",
            "application/json, text/plain",
            "text/plain;q=0.2, application/json;q=0.9",
            "text/plainer",
        ] {
            assert!(!text(no), "{no}");
        }
    }
}
