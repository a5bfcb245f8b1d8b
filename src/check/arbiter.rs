use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::judged::Judged;
use crate::adapter::{Adapter, AdapterError, Binder, Refusal};
use crate::context::Invocation;
use crate::sql::DataType;
use crate::system::System;

/// The warehouse's judge of queries, started when it is first asked.
pub(in crate::check) struct Arbiter {
    adapter: Arc<dyn Adapter>,
    state: Mutex<State>,
    /// What it said in earlier runs.
    judged: Judged,
}

#[derive(Default)]
struct State {
    binder: OnceCell<Option<Box<dyn Binder>>>,
    /// Types as they are written, and as the warehouse calls them.
    types: HashMap<String, Option<DataType>>,
}

impl Arbiter {
    pub fn new(invocation: &Invocation) -> Self {
        Self {
            adapter: Arc::clone(&invocation.adapter),
            state: Mutex::default(),
            judged: Judged::read(invocation),
        }
    }

    /// Keeps what it said for later runs.
    pub fn keep(&self, system: &dyn System) {
        self.judged.keep(system);
    }

    /// Whether the warehouse has one.
    pub fn is_there(&self) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.binder(&*self.adapter).is_some()
    }

    /// The columns of a query; `None` where there is no arbiter.
    pub fn columns(&self, sql: &str) -> Option<Result<Vec<(String, DataType)>, Refusal>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        Some(state.binder(&*self.adapter)?.bind(sql))
    }

    /// A type that a properties file names, as the warehouse calls it; `None` when it has no
    /// such type, or not yet: one that a hook creates.
    pub fn data_type(&self, written: &str) -> Option<DataType> {
        let written = written.trim();
        // Names of columns at most: no text that could be more than a type is tried.
        if written.is_empty() || written.contains([';', '\0']) || written.contains("--") {
            return None;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = state.types.get(written) {
            return known.clone();
        }
        if let Some(known) = self.judged.data_type(written) {
            return Some(known);
        }
        let found = match state.binder(&*self.adapter) {
            None => Some(DataType::new(written)),
            Some(binder) => match binder.bind(&format!("select cast(null as {written}) as c")) {
                Ok(columns) if columns.len() == 1 => {
                    let found = columns.into_iter().next().map(|(_, data_type)| data_type);
                    if let Some(found) = &found {
                        self.judged.take_data_type(written, found);
                    }
                    found
                }
                _ => None,
            },
        };
        state.types.insert(written.to_owned(), found.clone());
        found
    }

    /// See [`Adapter::infer_seed`].
    pub fn seed(
        &self,
        system: &dyn System,
        path: &std::path::Path,
        delimiter: char,
        types: &[(String, String)],
    ) -> Result<Option<Vec<(String, String)>>, AdapterError> {
        self.judged.seed(system, path, (delimiter, types), || self.adapter.infer_seed(path, delimiter, types))
    }
}

impl State {
    fn binder(&mut self, adapter: &dyn Adapter) -> Option<&mut Box<dyn Binder>> {
        // A judge that cannot be started is as none: who checks queries tells of it.
        self.binder.get_or_init(|| adapter.binder().ok().flatten());
        self.binder.get_mut()?.as_mut()
    }
}
