//! `--watch`: which commands have it, when they show themselves again, and how they end.

use crate::support::Home;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use zero_capability::TABLE;

/// A watched command and its lines, each with the time since its start.
struct Watched {
    child: Child,
    lines: Receiver<(Duration, String)>,
}

impl Watched {
    #[expect(clippy::disallowed_methods, reason = "how long a test watches")]
    fn start(home: &Home, args: &[&str]) -> Self {
        let mut child = home.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let read = BufReader::new(child.stdout.take().unwrap()).lines();
        let (tell, lines) = channel();
        let begin = Instant::now();
        std::thread::spawn(move || {
            read.map_while(Result::ok).for_each(|l| drop(tell.send((begin.elapsed(), l))));
        });
        Self { child, lines }
    }

    fn line(&self, within: Duration) -> Option<(Duration, String)> {
        self.lines.recv_timeout(within).ok()
    }

    /// Ctrl-C: its exit code and what it said beside data.
    fn interrupt(mut self) -> (i32, String) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        let code = self.child.wait().unwrap().code().unwrap_or(-1);
        let mut err = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        (code, err)
    }
}

const SOON: Duration = Duration::from_secs(20);

#[test]
fn every_command_whose_answer_ages_is_watched_and_no_act_is() {
    let home = Home::with_run(500);
    let mut watched = 0;
    for row in TABLE {
        let Some(cmd) = row.command else { continue };
        let mut args = cmd.path.to_vec();
        if !row.is_watched() {
            args.push("--watch");
            let ran = home.run(&args);
            assert_eq!(ran.code, 2, "{}: {}", row.id, ran.err);
            continue;
        }
        if row.id == "hl.account" {
            args.extend(["--watch", "0.1"]);
            home.run(&args).failed(1, "ZERO-API-060");
            continue;
        }
        watched += 1;
        if cmd.args.starts_with("COIN") {
            args.push("btc");
        }
        args.extend(["--watch", "0.1", "--json"]);
        let w = Watched::start(&home, &args);
        let (_, line) = w.line(SOON).unwrap_or_else(|| panic!("{} shows nothing", row.id));
        let v: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("{}: {e}: {line}", row.id));
        assert_eq!(v["schema_version"], row.packet, "{}", row.id);
        assert_eq!(w.interrupt().0, 130, "{}", row.id);
    }
    assert!(watched >= 28, "{watched} commands");
}

#[test]
fn beside_a_loop_each_line_is_a_document_and_they_come_no_faster_than_asked_for() {
    let home = Home::ready();
    let _run = home.spawn_run(&["--speed", "3600", "--no-http"]);
    let w = Watched::start(&home, &["status", "--watch", "0.5", "--json"]);
    let (mut times, mut seqs) = (Vec::new(), Vec::new());
    while times.len() < 5 {
        let (at, line) = w.line(SOON).expect("a loop that decides goes on changing");
        let v: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(v["source"], "running");
        times.push(at);
        seqs.push(v["journal_seq"].as_u64().unwrap());
    }
    assert!(seqs.windows(2).all(|s| s[0] < s[1]), "{seqs:?}");
    let last = *times.last().unwrap() - times[0];
    assert!(last >= Duration::from_millis(1_900), "five answers within {last:?}");
    assert_eq!(w.interrupt().0, 130);
}

#[test]
fn at_rest_it_says_so_is_quiet_and_shows_what_was_added() {
    let home = Home::with_run(500);
    let w = Watched::start(&home, &["status", "--watch", "0.1"]);
    assert!(w.line(SOON).unwrap().1.starts_with("Run           at rest"));
    while w.line(Duration::from_millis(500)).is_some() {}
    assert!(w.line(Duration::from_secs(1)).is_none(), "nothing was added");
    home.run(&["run", "--speed", "0", "--events", "100"]).ok();
    let mut rest = Vec::new();
    while let Some((_, l)) = w.line(Duration::from_secs(2)) {
        rest.push(l);
    }
    let last = rest.iter().rfind(|l| l.starts_with("Run ")).expect("the answer comes again");
    assert!(last.contains("at rest") && rest.iter().any(|l| l.contains("(611 records)")), "{rest:?}");
    let (code, err) = w.interrupt();
    assert_eq!(code, 130);
    assert!(err.contains("at rest: following the files"), "{err}");
}

#[test]
fn a_first_answer_that_cannot_be_had_fails_like_the_command_alone() {
    let home = Home::ready();
    home.run(&["status", "--watch", "--journal", "nowhere"]).failed(1, "ZERO-JRN-009");
    for bad in ["0", "-1", "nan", "inf", "1e9", "soon"] {
        assert_eq!(home.run(&["status", &format!("--watch={bad}")]).code, 2, "{bad}");
    }
}

/// Runs its arguments in a terminal of 20 rows, types Ctrl-C after a while, and tells what was drawn.
const TERMINAL: &str = r#"
import fcntl, os, pty, struct, sys, termios, time
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 20, 70, 0, 0))
before = termios.tcgetattr(fd)
drawn, begin, typed = b"", time.time(), False
while True:
    if not typed and time.time() - begin > 2.5:
        os.write(fd, b"\x03"); typed = True
    os.set_blocking(fd, False)
    try:
        part = os.read(fd, 65536)
    except BlockingIOError:
        time.sleep(0.02); continue
    except OSError:
        break
    if not part:
        break
    drawn += part
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(drawn)
sys.exit(os.waitstatus_to_exitcode(status))
"#;

#[test]
fn in_a_terminal_it_draws_in_place_and_gives_the_terminal_back() {
    let home = Home::ready();
    let _run = home.spawn_run(&["--speed", "3600", "--no-http"]);
    let mut c = home.command(&[]);
    let zero = c.get_program().to_owned();
    let envs: Vec<_> = c.get_envs().map(|(k, v)| (k.to_owned(), v.map(ToOwned::to_owned))).collect();
    c = Command::new("python3");
    for (k, v) in envs {
        match v {
            Some(v) => c.env(k, v),
            None => c.env_remove(k),
        };
    }
    c.args(["-c", TERMINAL]).arg(zero).args(["status", "--watch", "0.3"]).current_dir(home.path());
    let out = c.output().unwrap();
    let drawn = String::from_utf8_lossy(&out.stdout);
    assert_eq!(out.status.code(), Some(130), "{drawn} {}", String::from_utf8_lossy(&out.stderr));
    assert!(drawn.starts_with("\u{1b}[?1049h\u{1b}[?25l"), "{drawn:?}");
    assert!(drawn.ends_with("\u{1b}[?25h\u{1b}[?1049l"), "{drawn:?}");
    let frames: Vec<&str> = drawn.split("\u{1b}[H").skip(1).collect();
    assert!((3..=10).contains(&frames.len()), "{} frames in two seconds", frames.len());
    for frame in frames {
        assert!(frame.contains("a loop runs") && frame.contains("Equity"), "{frame:?}");
        assert!(frame.matches("\r\n").count() < 20, "it scrolls: {frame:?}");
    }
}
