//! What is said, how often, and until when.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "tests"
)]

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use zero_core::{Ts, TsDiff};
use zero_notify::{
    CommandSink, Desk, FileSink, Message, Notice, Outbox, Policy, Post, Quiet, Shape, Sink, Urgency,
    WAITING_MAX, Webhook, What, hmac_sha256,
};

/// Midnight.
const T0: Ts = Ts::from_ns(1_756_857_600_000_000_000);

fn at(minutes: i64) -> Ts {
    T0.plus(TsDiff::secs(60).times(minutes))
}

fn policy() -> Policy {
    Policy {
        quiet: None,
        least: Urgency::Warning,
        alerts_per_hour: 10,
        digest_every: TsDiff::secs(900),
        escalate_after: TsDiff::secs(300),
        escalations_max: 3,
    }
}

fn notice(kind: &'static str, subject: &str, urgency: Urgency, protects: bool) -> Notice {
    Notice {
        kind,
        subject: subject.into(),
        urgency,
        text: format!("{kind} of {subject}"),
        protects,
        ends: false,
    }
}

fn whats(messages: &[Message]) -> Vec<What> {
    messages.iter().map(|m| m.what).collect()
}

#[test]
fn a_thousand_faults_give_one_alert_and_one_digest() {
    let mut desk = Desk::new(policy(), BTreeMap::new());
    assert!(desk.tick(at(0)).is_empty());
    let fault = notice("rejected", "tick_rejected", Urgency::Warning, false);
    let mut said: Vec<Message> = (0..1_000).filter_map(|_| desk.take(&fault, at(1))).collect();
    for m in 1..120 {
        said.extend(desk.tick(at(m)));
    }
    assert_eq!(whats(&said), [What::Alert, What::Digest]);
    assert_eq!((said[0].count, said[1].count), (1, 999), "every one is counted once");
}

#[test]
fn a_critical_alert_is_said_again_within_its_deadline_until_it_is_acknowledged() {
    let mut desk = Desk::new(policy(), BTreeMap::new());
    let halt = notice("breaker", "daily_loss", Urgency::Critical, true);
    assert_eq!(desk.take(&halt, at(0)).unwrap().what, What::Alert);
    assert!(desk.tick(at(4)).is_empty());
    assert_eq!(whats(&desk.tick(at(5))), [What::Escalation]);
    assert!(desk.tick(at(9)).is_empty());
    assert_eq!(whats(&desk.tick(at(10))), [What::Escalation]);
    desk.acknowledge("breaker/daily_loss");
    assert!(desk.tick(at(60)).is_empty());
    assert_eq!(desk.take(&halt, at(61)).unwrap().what, What::Alert, "it happened anew");
    let more: usize = (62..200).map(|m| desk.tick(at(m)).len()).sum();
    assert_eq!(more, 3, "and not for ever");
}

/// A process that dies does not take its alarms along.
#[test]
fn what_was_open_is_open_for_the_next_process() {
    let mut desk = Desk::new(policy(), BTreeMap::new());
    desk.take(&notice("breaker", "drawdown", Urgency::Critical, true), at(0)).unwrap();
    let text = serde_json::to_string(desk.open()).unwrap();
    let mut next = Desk::new(policy(), serde_json::from_str(&text).unwrap());
    assert_eq!(whats(&next.tick(at(5))), [What::Escalation]);
}

#[test]
fn quiet_hours_silence_chatter_and_never_a_stop_a_breaker_or_protection() {
    let mut policy = policy();
    policy.quiet = Quiet::parse("22:00-07:00");
    let mut desk = Desk::new(policy, BTreeMap::new());
    let chatter = notice("rejected", "margin_rejected", Urgency::Warning, false);
    for night in [0, 419, 22 * 60, 23 * 60 + 59] {
        assert!(desk.take(&chatter, at(night)).is_none(), "{night}");
        for kind in ["stop", "breaker", "protection", "liquidation"] {
            let subject = format!("{night}");
            assert!(
                desk.take(&notice(kind, &subject, Urgency::Warning, true), at(night)).is_some(),
                "{kind}"
            );
        }
    }
    let mut day = Desk::new(policy, BTreeMap::new());
    assert!(day.take(&chatter, at(420)).is_some());
    assert_eq!((Quiet::parse("22-7"), Quiet::parse("25:00-07:00")), (None, None));
}

#[test]
fn a_rate_limit_holds_chatter_back_into_the_digest_and_lets_what_protects_through() {
    let mut desk = Desk::new(policy(), BTreeMap::new());
    desk.tick(at(0));
    let said = (0..50)
        .filter(|i| desk.take(&notice("rejected", &i.to_string(), Urgency::Warning, false), at(1)).is_some());
    assert_eq!(said.count(), 10);
    assert!(desk.take(&notice("stop", "BTC", Urgency::Warning, true), at(1)).is_some());
    let digest = desk.tick(at(20));
    assert_eq!((whats(&digest), digest[0].count), (vec![What::Digest], 40));
}

#[test]
fn a_flood_of_keys_is_bounded_counted_and_keeps_no_stop_out() {
    let mut desk = Desk::new(policy(), BTreeMap::new());
    desk.tick(at(0));
    for i in 0..5_000 {
        desk.take(&notice("rejected", &i.to_string(), Urgency::Warning, false), at(1));
    }
    assert!(desk.open().len() <= 256);
    assert!(desk.take(&notice("liquidation", "BTC", Urgency::Critical, true), at(2)).is_some());
    let digest =
        desk.tick(at(3)).into_iter().chain(desk.tick(at(20))).find(|m| m.what == What::Digest).unwrap();
    assert!(digest.count >= 4_989, "what was not named is counted: {}", digest.count);
}

#[test]
fn a_breaker_that_closes_ends_its_alarm() {
    let mut desk = Desk::new(policy(), BTreeMap::new());
    let open = notice("breaker", "operator_pause", Urgency::Critical, true);
    desk.take(&open, at(0)).unwrap();
    let closed = Notice { ends: true, ..open };
    assert_eq!(desk.take(&closed, at(1)).unwrap().what, What::Ended);
    assert!(desk.take(&closed, at(1)).is_none());
    assert!(desk.tick(at(60)).is_empty());
}

fn test_message() -> Message {
    Message {
        what: What::Test,
        key: "test/sink".into(),
        urgency: Urgency::Warning,
        text: "hello".into(),
        count: 1,
        at: at(0).to_string(),
    }
}

/// One request, answered with a status; its head and its body.
fn receiver(status: &'static str) -> (String, mpsc::Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let (told, heard) = mpsc::channel();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut bytes = Vec::new();
        let mut buffer = [0u8; 4096];
        let (head, body) = loop {
            let n = stream.read(&mut buffer).unwrap();
            bytes.extend_from_slice(&buffer[..n]);
            let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
            let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_ascii_lowercase();
            let length = head.lines().find_map(|l| l.strip_prefix("content-length: ")).unwrap();
            if bytes.len() >= end + 4 + length.parse::<usize>().unwrap() {
                break (head, bytes[end + 4..].to_vec());
            }
        };
        write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
        told.send((head, body)).unwrap();
    });
    (url, heard)
}

#[test]
fn a_webhook_is_signed_over_its_body_and_a_refusal_is_a_failure() {
    let (url, heard) = receiver("204 No Content");
    Webhook::new(url, Some(b"key".to_vec()), Shape::Plain).deliver(&test_message()).unwrap();
    let (head, body) = heard.recv().unwrap();
    let want = format!("x-zero-signature: sha256={}", hmac_sha256(b"key", &body));
    assert!(head.lines().any(|l| l == want), "{head}");
    let other = format!("sha256={}", hmac_sha256(b"another", &body));
    assert!(!head.contains(&other));
    assert_eq!(serde_json::from_slice::<Message>(&body).unwrap(), test_message());

    let secret = Webhook::new("http://bot-SECRET/".into(), Some(b"SECRET".to_vec()), Shape::Plain);
    assert!(!format!("{secret:?}").contains("SECRET"), "{secret:?}");
    let (url, _heard) = receiver("500 No");
    assert!(Webhook::new(url, None, Shape::Plain).deliver(&test_message()).is_err());
}

#[test]
fn a_bot_gets_a_chat_and_a_text() {
    let (url, heard) = receiver("200 OK");
    let chat = Shape::Telegram { chat: "-100".into() };
    Webhook::new(url, None, chat).deliver(&test_message()).unwrap();
    let (head, body) = heard.recv().unwrap();
    assert!(!head.contains("x-zero-signature"));
    let v: serde_json::Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((v["chat_id"].as_str(), v["text"].as_str()), (Some("-100"), Some("test [test/sink] hello")));
}

#[test]
fn a_file_gets_lines_and_a_command_its_standard_input() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("alerts.jsonl");
    let mut sink = FileSink::new(file.clone());
    sink.deliver(&test_message()).unwrap();
    sink.deliver(&test_message()).unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), 2);
    assert_eq!(serde_json::from_str::<Message>(text.lines().next().unwrap()).unwrap(), test_message());

    let copy = dir.path().join("copy");
    let words = ["sh", "-c", "cat > \"$0\"", copy.to_str().unwrap()].map(str::to_owned).to_vec();
    CommandSink::new(words).deliver(&test_message()).unwrap();
    assert_eq!(serde_json::from_slice::<Message>(&std::fs::read(&copy).unwrap()).unwrap(), test_message());
    assert!(CommandSink::new(vec!["false".into()]).deliver(&test_message()).is_err());
    assert!(CommandSink::new(vec![]).deliver(&test_message()).is_err());
}

/// Hangs until it is let go.
struct Dead(mpsc::Receiver<()>);

impl Sink for Dead {
    fn name(&self) -> &'static str {
        "dead"
    }
    fn deliver(&mut self, _: &Message) -> Result<(), String> {
        let _ = self.0.recv();
        Ok(())
    }
}

#[test]
fn a_dead_sink_blocks_nobody_and_what_it_loses_is_counted() {
    let (_keep, wait) = mpsc::channel();
    let (mut post, _thread) = Post::open(Box::new(Dead(wait)), Outbox::default()).unwrap();
    let begin = Instant::now();
    for _ in 0..10_000 {
        post.put(&test_message());
        post.pump(at(0));
    }
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    let tally = post.outbox().tally();
    assert_eq!((tally.delivered, tally.waiting), (0, WAITING_MAX as u64));
    assert_eq!(tally.dead, 10_000 - WAITING_MAX as u64, "{tally:?}");
}
