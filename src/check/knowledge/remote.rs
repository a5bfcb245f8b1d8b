use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::adapter::Adapter;
use crate::check::remembered::kept_by;
use crate::context::Invocation;
use crate::sql::DataType;
use crate::system::System;

/// How long, in seconds, what was seen is taken for what is there; also how long an address that
/// did not answer is left alone.
const FRESH: i64 = 60;

/// The columns of files of other machines, asked of the warehouse itself, and kept for a minute:
/// who checks again and again asks once.
pub(super) struct Remote {
    adapter: Arc<dyn Adapter>,
    path: PathBuf,
    kept_by: String,
    now: i64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    looks: BTreeMap<String, Look>,
    has_news: bool,
}

#[derive(Default, Serialize, Deserialize)]
struct Kept {
    kept_by: String,
    looks: BTreeMap<String, Look>,
}

/// What a look came to, and when.
#[derive(Clone, Serialize, Deserialize)]
struct Look {
    at: i64,
    found: Result<Vec<(String, String)>, String>,
}

impl Remote {
    pub fn read(invocation: &Invocation) -> Self {
        let path = invocation.target_path.join("xform").join("looks.json");
        let system = invocation.system.unwatched();
        let now = system.now().timestamp();
        let kept: Kept =
            system.read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        let kept_by = kept_by(invocation);
        let is_same = kept.kept_by == kept_by;
        let is_fresh = |look: &Look| (0..FRESH).contains(&(now - look.at));
        let looks = kept.looks.into_iter().filter(|(_, look)| is_same && is_fresh(look)).collect();
        let state = Mutex::new(State { looks, has_news: false });
        Self { adapter: Arc::clone(&invocation.adapter), path, kept_by, now, state }
    }

    /// The columns of a query over files of other machines; `Err` says why they are not known.
    pub fn columns(&self, query: &str) -> Result<Vec<(String, DataType)>, String> {
        let known = self.lock().looks.get(query).cloned();
        let look = known.unwrap_or_else(|| {
            let found = match self.adapter.look(query) {
                Ok(Some(columns)) => Ok(columns),
                Ok(None) => Err("it is not on this machine".to_owned()),
                Err(error) => Err(error.message),
            };
            let look = Look { at: self.now, found };
            let mut state = self.lock();
            state.looks.insert(query.to_owned(), look.clone());
            state.has_news = true;
            look
        });
        let columns = look.found?;
        Ok(columns.into_iter().map(|(name, kind)| (name, DataType::new(kind))).collect())
    }

    /// Keeps it for later runs. When it cannot be written, those only take longer.
    pub fn keep(&self, system: &dyn System) {
        let state = self.lock();
        if state.has_news {
            let kept = Kept { kept_by: self.kept_by.clone(), looks: state.looks.clone() };
            if let Ok(bytes) = serde_json::to_vec(&kept) {
                let _ = system.unwatched().write(&self.path, &bytes);
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
