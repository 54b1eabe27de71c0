//! Rows whose rendering takes milliseconds are rendered away from the server's thread, so that nobody waits behind them.

use crate::answer::{Answer, Question, again, answer};
use crate::refusal::Refusal;
use crate::shared::Shared;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use tokio::sync::oneshot;
use zero_capability::DEAR;

type Job = Box<dyn FnOnce() + Send>;

/// The one thread that renders apart: the loop and the server want a processor too, and the system's allocator keeps memory
/// for each thread that there is. It begins with the first job and ends with the server's state; as many jobs wait as there
/// are connections.
#[derive(Debug, Default)]
pub(crate) struct Apart(OnceLock<Option<Sender<Job>>>);

impl Apart {
    /// Does it there; `None` where there is no such thread.
    fn send(&self, job: Job) -> Option<()> {
        let begin = || {
            let (give, take) = channel::<Job>();
            let body = move || take.into_iter().for_each(|job| job());
            thread::Builder::new().name("zero-render".into()).spawn(body).ok().map(|_| give)
        };
        self.0.get_or_init(begin).as_ref()?.send(job).ok()
    }
}

/// Answers a row, here or apart. What may be given again waits for nothing.
pub(crate) async fn ask(shared: &Arc<Shared>, question: Question) -> Result<Answer, Refusal> {
    if question.row.reuse < DEAR {
        return answer(shared, &question);
    }
    if let Some(kept) = again(shared, &shared.load(), &question) {
        return Ok(kept);
    }
    let (tell, told) = oneshot::channel();
    let given = Arc::clone(shared);
    let job = move || {
        // Whoever left meanwhile is not answered.
        if tell.is_closed() {
            return;
        }
        // Whoever waited may be given what was rendered meanwhile.
        let came = given.clock.0.monotonic();
        let _ = tell.send(answer(&given, &Question { came, ..question }));
    };
    let ended = || Refusal::Render("nothing renders this row".into());
    shared.apart.send(Box::new(job)).ok_or_else(ended)?;
    told.await.map_err(|_| ended())?
}

#[cfg(test)]
mod tests {
    use super::ask;
    use crate::answer::Question;
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
        let dear = ["audit.export", "live.evidence", "live.canary-policy"];
        for id in dear.into_iter().chain(["status", "metrics", "live.cockpit", "decision-stack", "evolve"]) {
            run.hand.forget_who_asked();
            on_one_thread(ask(&run.shared, question(id))).unwrap();
            let elsewhere = run.hand.who_asked().iter().any(|t| *t != thread::current().id());
            assert_eq!(elsewhere, dear.contains(&id), "{id}");
        }
    }

    #[test]
    fn what_may_be_given_again_waits_behind_no_row_that_is_being_rendered() {
        let run = TestRun::begin();
        on_one_thread(async {
            let first = ask(&run.shared, question("live.evidence")).await.unwrap();
            let (_go_on, held) = std::sync::mpsc::channel::<()>();
            run.shared.apart.send(Box::new(move || held.recv().unwrap_or_default())).unwrap();
            let again =
                tokio::time::timeout(Duration::from_secs(60), ask(&run.shared, question("live.evidence")));
            assert_eq!(again.await.expect("it waits").unwrap().body, first.body);
        });
    }

    #[test]
    fn whoever_waits_for_a_long_row_holds_nobody_up() {
        let run = TestRun::begin();
        on_one_thread(async {
            let (go_on, held) = std::sync::mpsc::channel();
            run.shared.apart.send(Box::new(move || held.recv().unwrap())).unwrap();
            let shared = Arc::clone(&run.shared);
            let long = tokio::spawn(async move { ask(&shared, question("live.evidence")).await });
            for _ in 0..100 {
                tokio::task::yield_now().await;
                ask(&run.shared, question("status")).await.unwrap();
            }
            assert!(!long.is_finished(), "there is one thread, and it is held");
            go_on.send(()).unwrap();
            assert_eq!(long.await.unwrap().unwrap().status, 200);
        });
    }
}
