use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::declared::Declared;
use super::merge::merge;
use super::{files, seeds};
use crate::analyze::Known;
use crate::check::arbiter::Arbiter;
use crate::check::looked_into::note_files;
use crate::context::{Invocation, external_text};
use crate::diagnostic::Diagnostic;
use crate::manifest::{Manifest, Node, NodeId, NodeKind};

/// The columns of sources, seeds and Python models, from what can be had without a warehouse:
/// the properties files, the data files themselves, and what was seen at the last connection.
/// Shared by threads; each node is looked at once.
pub struct Knowledge {
    invocation: Arc<Invocation>,
    arbiter: Arbiter,
    told: Mutex<HashMap<NodeId, Told>>,
}

/// What is known of a relation, and what is wrong with how it is declared.
#[derive(Clone)]
struct Told {
    known: Known,
    problems: Vec<Diagnostic>,
}

impl Knowledge {
    #[must_use]
    pub fn new(invocation: &Arc<Invocation>, _manifest: &Manifest) -> Self {
        Self {
            arbiter: Arbiter::new(&invocation.adapter),
            invocation: Arc::clone(invocation),
            told: Mutex::default(),
        }
    }

    /// What is known of the relation of a node that has no query in SQL.
    #[must_use]
    pub fn of(&self, node: &Node) -> Known {
        self.told(node).known
    }

    /// Where the entry of such a node declares what is not so.
    #[must_use]
    pub fn problems(&self, node: &Node) -> Vec<Diagnostic> {
        self.told(node).problems
    }

    fn told(&self, node: &Node) -> Told {
        let remembered = self.told.lock().unwrap_or_else(PoisonError::into_inner).get(&node.id).cloned();
        remembered.unwrap_or_else(|| {
            // Two threads may find out the same, neither waits for the other.
            let told = self.find(node);
            self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(node.id.clone(), told.clone());
            told
        })
    }

    fn find(&self, node: &Node) -> Told {
        match &node.kind {
            NodeKind::Seed { .. } => {
                let known = match seeds::schema(node, &*self.invocation.system, &self.arbiter) {
                    Ok(schema) => Known::Schema(Arc::new(schema)),
                    Err(why) => Known::Nothing(why),
                };
                Told { known, problems: Vec::new() }
            }
            NodeKind::Source(_) => self.source(node),
            _ => self.declared(node, format!("the columns of `{}` are not declared", node.search_name())),
        }
    }

    fn source(&self, node: &Node) -> Told {
        if let Some(text) = external_text(node) {
            note_files(&text, self.invocation.adapter.dialect(), &*self.invocation.system);
        }
        match files::observe(node, &self.arbiter) {
            Ok(Some(observed)) => {
                let declared = Declared::of(node, &self.arbiter);
                let (schema, problems) = merge(node, &declared, observed);
                Told { known: Known::Schema(Arc::new(schema)), problems }
            }
            Ok(None) => {
                self.declared(node, format!("the columns of `{}` are not declared", node.search_name()))
            }
            Err(why) => self.declared(node, why),
        }
    }

    /// What is declared alone, or why nothing is known.
    fn declared(&self, node: &Node, why: String) -> Told {
        let declared = Declared::of(node, &self.arbiter);
        let known = match declared.is_empty() {
            true => Known::Nothing(why),
            false => Known::Schema(Arc::new(declared.schema())),
        };
        Told { known, problems: Vec::new() }
    }
}
