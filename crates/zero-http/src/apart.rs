//! Rows whose rendering takes milliseconds are rendered away from the server's thread, so that nobody waits behind them.

use crate::answer::{Answer, answer};
use crate::guard::Who;
use crate::refusal::Refusal;
use crate::shared::Shared;
use axum::http::Uri;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use zero_capability::Capability;

/// Those that hash an export of a hundred decisions, some 300 KiB of text.
const APART: [&str; 3] = ["audit.export", "live.evidence", "live.canary-policy"];

/// How many are rendered at a time; others wait, without a thread. The loop and the server want a processor too.
pub(crate) const AT_ONCE: usize = 1;

/// A row that was asked.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) row: &'static Capability,
    pub(crate) who: Who,
    pub(crate) uri: Uri,
    /// Text is wanted rather than JSON.
    pub(crate) wants_text: bool,
    /// When, by the monotonic clock.
    pub(crate) came: Duration,
}

impl Question {
    fn answer(self, shared: &Shared) -> Result<Answer, Refusal> {
        let Self { row, who, uri, wants_text, came } = self;
        answer(shared, row, who, &uri, wants_text, came)
    }
}

/// Places for what is rendered apart.
#[derive(Debug)]
pub(crate) struct Apart(Semaphore);

impl Default for Apart {
    fn default() -> Self {
        Self(Semaphore::new(AT_ONCE))
    }
}

/// Answers a row, here or apart.
pub(crate) async fn ask(shared: &Arc<Shared>, question: Question) -> Result<Answer, Refusal> {
    if !APART.contains(&question.row.id) {
        return question.answer(shared);
    }
    let ended = || Refusal::Render("the rendering ended early".into());
    let _place = shared.apart.0.acquire().await.map_err(|_| ended())?;
    let given = Arc::clone(shared);
    let answered = tokio::task::spawn_blocking(move || {
        // Whoever waited for a place may be given what was rendered meanwhile.
        let came = given.clock.0.monotonic();
        Question { came, ..question }.answer(&given)
    });
    answered.await.map_err(|_| ended())?
}

#[cfg(test)]
mod tests {
    use super::{APART, Question, ask};
    use crate::guard::Who;
    use crate::test_run::TestRun;
    use axum::http::Uri;
    use std::sync::Arc;
    use std::thread;
    use std::time::Duration;
    use zero_capability::TABLE;

    const ANYBODY: Who = Who { role: "anonymous", source: "none" };

    fn question(id: &str) -> Question {
        let row = TABLE.iter().find(|row| row.id == id).unwrap();
        let uri = Uri::from_static(row.http.unwrap().path);
        Question { row, who: ANYBODY, uri, wants_text: false, came: Duration::ZERO }
    }

    fn on_one_thread<F: Future>(of: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(of)
    }

    #[test]
    fn rows_that_take_long_are_rendered_off_the_thread_that_serves_and_the_others_on_it() {
        let mut run = TestRun::begin();
        run.go_on(300);
        for id in APART.into_iter().chain(["status", "metrics", "live.cockpit", "decision-stack", "evolve"]) {
            run.hand.forget_who_asked();
            on_one_thread(ask(&run.shared, question(id))).unwrap();
            let elsewhere = run.hand.who_asked().iter().any(|t| *t != thread::current().id());
            assert_eq!(elsewhere, APART.contains(&id), "{id}");
        }
    }

    #[test]
    fn whoever_waits_for_a_long_row_holds_nobody_up() {
        let run = TestRun::begin();
        on_one_thread(async {
            let place = run.shared.apart.0.acquire().await.unwrap();
            let shared = Arc::clone(&run.shared);
            let long = tokio::spawn(async move { ask(&shared, question("live.evidence")).await });
            for _ in 0..100 {
                tokio::task::yield_now().await;
                ask(&run.shared, question("status")).await.unwrap();
            }
            assert!(!long.is_finished(), "there is one place, and it is taken");
            drop(place);
            assert_eq!(long.await.unwrap().unwrap().status, 200);
        });
    }
}
