use std::collections::BTreeMap;
use std::sync::Arc;

use super::recording::{Asked, Question};

/// The environment's variables as they were when they were asked for.
#[derive(Clone, Debug)]
pub struct Variables {
    all: Arc<BTreeMap<String, String>>,
    /// Who remembers which of them were looked at.
    asked: Vec<Arc<Asked>>,
}

impl Variables {
    #[must_use]
    pub fn new(all: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { all: Arc::new(all.into_iter().collect()), asked: Vec::new() }
    }

    /// The same, with what is looked at remembered there, too.
    pub(super) fn watched(mut self, asked: &Arc<Asked>) -> Self {
        self.asked.push(Arc::clone(asked));
        self
    }

    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.all.get(name).map(String::as_str);
        self.tell(|| Question::Variable(name.to_owned()), |_| value.map(str::to_owned));
        value
    }

    /// The names of all, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tell(|| Question::VariableNames, |all| Some(all.names_text()));
        self.all.keys().map(String::as_str)
    }

    /// Those whose name begins so, without the beginning, in order of name.
    pub fn with_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.tell(|| Question::VariablesWith(prefix.to_owned()), |all| Some(all.prefixed_text(prefix)));
        self.prefixed(prefix)
    }

    fn prefixed<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.all.iter().filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }

    pub(super) fn names_text(&self) -> String {
        self.all.keys().flat_map(|name| [name.as_str(), "\n"]).collect()
    }

    pub(super) fn prefixed_text(&self, prefix: &str) -> String {
        self.prefixed(prefix).flat_map(|(name, value)| [name, "\0", value, "\0"]).collect()
    }

    fn tell(&self, question: impl Fn() -> Question, answer: impl Fn(&Self) -> Option<String>) {
        for asked in &self.asked {
            asked.note(question(), answer(self).as_deref().map(str::as_bytes));
        }
    }
}
