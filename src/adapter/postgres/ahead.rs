use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use postgres::Client;

use super::session::Door;
use crate::adapter::AdapterError;

/// How long nobody asks whether a session is still there: servers end those that wait long.
const FRESH: Duration = Duration::from_secs(5);

/// How long such a session may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Sessions that are opened while other work is done, for whoever asks for one then.
#[derive(Default)]
pub(super) struct Ahead {
    standing: Mutex<Standing>,
    changed: Condvar,
}

#[derive(Default)]
struct Standing {
    /// With the moment they were opened.
    ready: Vec<(Instant, Client)>,
    /// How many are on their way.
    opening: usize,
    /// How many were tried, of how many that were asked for in all.
    started: usize,
    wanted: usize,
    /// Whether one was ever had.
    is_let_in: bool,
    /// Why the first could not be had.
    refusal: Option<AdapterError>,
}

impl Ahead {
    /// Opens sessions on threads of their own until there were `wanted`: the others once the first
    /// is there, so that a wrong password is tried once.
    pub fn open(self: &Arc<Self>, door: &Door, wanted: usize) {
        let mut standing = self.lock();
        let is_first = standing.wanted == 0;
        standing.wanted = standing.wanted.max(wanted);
        if is_first {
            self.start(&mut standing, door, 1);
        } else if standing.is_let_in {
            self.open_others(&mut standing, door);
        }
    }

    /// A session that is there or on its way; `None` where there is none. Waits no longer than it
    /// takes to open one.
    ///
    /// # Errors
    /// What the server said to the first, told once.
    pub fn take(&self) -> Result<Option<Client>, AdapterError> {
        loop {
            let is_waited_for = |now: &mut Standing| now.ready.is_empty() && now.opening > 0;
            let waited = self.changed.wait_while(self.lock(), is_waited_for);
            let mut standing = waited.unwrap_or_else(PoisonError::into_inner);
            if let Some(refusal) = standing.refusal.take() {
                return Err(refusal);
            }
            let Some((since, mut client)) = standing.ready.pop() else { return Ok(None) };
            drop(standing);
            if since.elapsed() < FRESH || client.is_valid(PATIENCE).is_ok() {
                return Ok(Some(client));
            }
        }
    }

    fn open_others(self: &Arc<Self>, standing: &mut Standing, door: &Door) {
        let missing = standing.wanted.saturating_sub(standing.started);
        self.start(standing, door, missing);
    }

    fn start(self: &Arc<Self>, standing: &mut Standing, door: &Door, count: usize) {
        for _ in 0..count {
            let (own, of_thread) = (Arc::clone(self), door.clone());
            let work = move || own.arrived(of_thread.open(), &of_thread);
            // Without a thread it is opened when it is asked for.
            if std::thread::Builder::new().name("postgres".to_owned()).spawn(work).is_ok() {
                standing.opening += 1;
            }
            standing.started += 1;
        }
    }

    fn arrived(self: &Arc<Self>, opened: Result<Client, AdapterError>, door: &Door) {
        let mut standing = self.lock();
        standing.opening -= 1;
        match opened {
            Ok(client) => {
                standing.ready.push((Instant::now(), client));
                standing.is_let_in = true;
                self.open_others(&mut standing, door);
            }
            Err(refusal) if !standing.is_let_in => standing.refusal = Some(refusal),
            // Who asks for it tries again, and hears why.
            Err(_) => {}
        }
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
