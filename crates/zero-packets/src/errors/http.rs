//! Codes of the HTTP surface.

use super::Exit::{Data, Internal, Refused, Usage};
use super::{ErrorSpec, e};

/// Sorted.
#[rustfmt::skip]
pub(super) const CODES: &[ErrorSpec] = &[
    e("ZERO-API-001", Usage, "no such path", "Nothing is served at the path.", "See `docs/openapi.json` for what is."),
    e("ZERO-API-002", Usage, "method not allowed", "The path is not served with this method.", "Use a method that the `Allow` header names."),
    e("ZERO-API-003", Refused, "foreign host", "The request's Host is not one that this server answers to.", "Use the address that the server listens on, or name the host in `http.hosts`."),
    e("ZERO-API-004", Refused, "foreign origin", "The request comes from a page of another origin.", "Ask from outside a browser, or from a page of this server."),
    e("ZERO-API-005", Refused, "no valid token", "The request needs a bearer token and has no valid one.", "Send `Authorization: Bearer` with the text of a file in the partition's `tokens`."),
    e("ZERO-API-006", Usage, "body too large", "The request's body is larger than the limit.", "Send less."),
    e("ZERO-API-007", Usage, "unsupported media type", "The request's body is not JSON.", "Send `Content-Type: application/json`, or no body."),
    e("ZERO-API-008", Refused, "too many requests", "Requests come faster than the limit.", "Wait as long as `Retry-After` says."),
    e("ZERO-API-009", Usage, "bad query", "A parameter of the query is unknown, repeated, or out of its range.", "See `docs/openapi.json` for the parameters and their ranges."),
    e("ZERO-API-010", Data, "not offered here", "The path belongs to the contract and this runtime does not offer it.", "The cause names the reason; nothing has to be done."),
    e("ZERO-API-011", Data, "no such coin", "The run has no coin of that name, or no price for it yet.", "Ask `/positions` or `/hl/status` for the run's coins."),
    e("ZERO-API-012", Internal, "answer not rendered", "An answer could not be rendered.", "Report it."),
    e("ZERO-API-013", Refused, "address refused", "The server may not listen at the address.", "Use a loopback address, or set `http.remote` and `http.read_auth` to `token`; a live-capable runtime always needs tokens."),
    e("ZERO-API-014", Data, "address taken", "The server cannot listen at the address.", "Stop what listens there, or set `http.listen`; port 0 takes any free one."),
    e("ZERO-API-030", Refused, "too many streams", "As many streams are open as the server has places for.", "Close one, or ask the routes that answer once."),
    e("ZERO-API-031", Usage, "no WebSocket", "The path takes WebSocket connections and the request opens none.", "Connect with a WebSocket client, or read `/v1/stream`."),
    e("ZERO-API-032", Refused, "not in the token's scope", "The request's token, or its absence, does not allow this act.", "Send the token that the cause names: a reader may not act, an agent may only reduce risk."),
    e("ZERO-API-033", Usage, "bad body", "The request's body is not the object that the route takes.", "See `docs/openapi.json` for its fields."),
    e("ZERO-API-034", Refused, "the loop takes no acts now", "As many acts wait for the loop as may, or it is stopping.", "Wait as long as `Retry-After` says; `zero operator` reaches a loop at rest too."),
    e("ZERO-API-035", Internal, "the loop did not answer in time", "The act was left for the loop and no answer came; it may still be taken.", "Read `/operator/state` and `/risk` before asking again."),
    e("ZERO-API-036", Refused, "key in use", "The idempotency key was used within a day for another order.", "Send another key; the same key with the same order is answered as it was."),
    e("ZERO-API-037", Usage, "broken body", "The request's body broke off or is not encoded as its head says.", "Send it again, as long as its head says."),
    e("ZERO-API-038", Refused, "body too late", "The request's body was not whole in time.", "Send it again at once; a reduction of risk needs no body."),
    e("ZERO-API-060", Data, "no venue account", "No account at the venue is configured, so none can be shown.", "Nothing has to be done in paper: `/positions` shows what the paper venue holds."),
    e("ZERO-API-061", Refused, "quota used up", "The public readings of this window are taken.", "Wait as long as `Retry-After` says."),
    e("ZERO-API-062", Usage, "not a request of the protocol", "The transport for agents cannot take the request.", "The cause says what it lacks; the protocol's headers and its version must fit the body."),
    e("ZERO-API-063", Refused, "transport refuses", "The transport for agents does not answer this host or page.", "Ask from outside a browser, or name the host in `http.hosts`."),
    e("ZERO-API-064", Data, "no such session", "The transport for agents knows no such session.", "Begin anew without a session's id; this server keeps no sessions."),
    e("ZERO-API-065", Usage, "nothing acceptable", "The transport for agents answers in no form that the request accepts.", "Send `Accept: application/json, text/event-stream`."),
    e("ZERO-API-066", Internal, "transport failed", "The transport for agents failed at the request.", "Ask again; report it if it comes back."),
];
