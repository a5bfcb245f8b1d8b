use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::declared::Declared;
use super::merge::{Observed, merge};
use super::remote::Remote;
use super::seen::Seen;
use super::{files, seeds};
use crate::analyze::{Known, Schema};
use crate::check::arbiter::Arbiter;
use crate::check::looked_into::note_files;
use crate::context::{Invocation, external_text};
use crate::diagnostic::Diagnostic;
use crate::manifest::{Manifest, Node, NodeId, NodeKind};
use crate::sql::{Dialect, Ident, Lexeme, RelationName, Scanner};

/// The columns of sources, seeds and Python models, from what can be had without a warehouse:
/// the properties files, the data files themselves, and what was seen at the last connection.
/// Shared by threads; each node is looked at once.
pub struct Knowledge {
    invocation: Arc<Invocation>,
    arbiter: Arbiter,
    remote: Remote,
    seen: Option<Seen>,
    /// The relations of nodes by the last part of their name, folded.
    own: HashMap<String, Vec<RelationName>>,
    /// Seeds by the key of their relation: sources may be declared over them.
    seeds: HashMap<(String, String, String), NodeId>,
    manifest: Arc<Manifest>,
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
    pub fn new(invocation: &Arc<Invocation>, manifest: &Arc<Manifest>) -> Self {
        let mut own: HashMap<String, Vec<RelationName>> = HashMap::new();
        for relation in manifest.nodes.values().filter_map(|node| node.relation.as_ref()) {
            own.entry(relation.key().2).or_default().push(relation.clone());
        }
        let seeds = manifest.nodes.values().filter(|node| matches!(node.kind, NodeKind::Seed { .. }));
        let seeds = seeds.filter_map(|node| Some((node.relation.as_ref()?.key(), node.id.clone()))).collect();
        Self {
            seeds,
            manifest: Arc::clone(manifest),
            arbiter: Arbiter::new(invocation),
            remote: Remote::read(invocation),
            seen: Seen::read(invocation),
            own,
            invocation: Arc::clone(invocation),
            told: Mutex::default(),
        }
    }

    /// Keeps what had to be found out for later runs.
    pub(in crate::check) fn keep(&self) {
        self.arbiter.keep(&*self.invocation.system);
        self.remote.keep(&*self.invocation.system);
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

    /// What is known of relations with [names](names) that a query has in it, whether or not it
    /// reads them: for those that it names by itself, without `ref` or `source`.
    pub(in crate::check) fn named(&self, names: &BTreeSet<String>) -> Vec<(RelationName, Known)> {
        let dialect = self.invocation.adapter.dialect();
        let mut found = Vec::new();
        for name in names {
            for (relation, observed) in self.seen.iter().flat_map(|seen| seen.named(name)) {
                let Observed { mut schema, is_certain, .. } = observed;
                schema.is_complete = is_certain;
                let relation =
                    RelationName::new(dialect, &relation.database, &relation.schema, &relation.name);
                found.push((relation, Known::Schema(Arc::new(schema))));
            }
            // What a node makes may be another thing when the query runs.
            for relation in self.own.get(name).into_iter().flatten() {
                let why = format!("reads {relation}, which a node makes, without `ref`");
                found.push((relation.clone(), Known::Nothing(why)));
            }
        }
        found
    }

    /// Whether all relations of all databases are known, so that one that is neither a
    /// node's nor among those that code names does not exist.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        let adapter = &self.invocation.adapter;
        let files = adapter.files();
        let is_whole = |seen: &Seen| files.iter().all(|(name, _)| seen.is_whole(name));
        adapter.is_all_files() && self.seen.as_ref().is_some_and(is_whole)
    }

    /// Takes away from what is said of a table that is kept from run to run, where the one that
    /// is there differs from what its query gives now.
    pub fn loosen(&self, node: &Node, schema: &mut Schema) {
        let is_kept = matches!(node.kind, NodeKind::Snapshot) || node.config.materialized() == "incremental";
        let is_made_anew = node.config.flag("full_refresh").or(self.invocation.flags.full_refresh);
        if !is_kept || is_made_anew == Some(true) {
            return;
        }
        let relation = node.relation.as_ref();
        let old = relation.and_then(|relation| self.seen.as_ref()?.find(relation));
        let Some(Observed { schema: old, .. }) = old else { return };
        let now: HashMap<String, usize> =
            schema.columns.iter().enumerate().map(|(at, column)| (column.name.to_lowercase(), at)).collect();
        for column in old.columns {
            match now.get(&column.name.to_lowercase()) {
                Some(at) if schema.columns[*at].data_type != column.data_type => {
                    schema.columns[*at].data_type = None;
                }
                Some(_) => {}
                None => schema.is_complete = false,
            }
        }
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
            _ => self.python(node),
        }
    }

    fn source(&self, node: &Node) -> Told {
        if let Some(text) = external_text(node) {
            note_files(&text, self.invocation.adapter.dialect(), &*self.invocation.system);
            if text.contains("://") {
                // What is there now may be another thing in a minute.
                self.invocation.system.depends_on_moment();
            }
        }
        let undeclared = || format!("the columns of `{}` are not declared", node.search_name());
        let in_warehouse = || self.seen.as_ref()?.find(node.relation.as_ref()?);
        let (observed, why) = match files::observe(node, &self.arbiter, &self.remote) {
            Ok(Some(observed)) => (Some(observed), String::new()),
            Ok(None) => (self.seeded(node).or_else(in_warehouse), undeclared()),
            Err(why) => (None, why),
        };
        let declared = Declared::of(node, &self.arbiter);
        if let Some(observed) = observed {
            let (schema, problems) = merge(node, &declared, &observed);
            return Told { known: Known::Schema(Arc::new(schema)), problems };
        }
        let known = match declared.is_empty() {
            true => Known::Nothing(why),
            false => Known::Schema(Arc::new(declared.schema())),
        };
        Told { known, problems: Vec::new() }
    }

    /// The columns of a source that a seed of the project fills.
    fn seeded(&self, node: &Node) -> Option<Observed> {
        let seed = self.manifest.node(self.seeds.get(&node.relation.as_ref()?.key())?)?;
        let Known::Schema(schema) = self.of(seed) else { return None };
        let whereabouts = format!("the seed `{}`", seed.name);
        Some(Observed { schema: (*schema).clone(), is_certain: true, whereabouts })
    }

    /// Of a model that is no query the columns its table had: its program may have changed
    /// since, so there may be others, of other types.
    fn python(&self, node: &Node) -> Told {
        let seen = node.relation.as_ref().and_then(|relation| self.seen.as_ref()?.find(relation));
        let known = match seen {
            Some(Observed { mut schema, .. }) => {
                schema.is_complete = false;
                schema.columns.iter_mut().for_each(|column| column.data_type = None);
                Known::Schema(Arc::new(schema))
            }
            None => Known::Nothing(format!("the columns of `{}` are not known", node.search_name())),
        };
        Told { known, problems: Vec::new() }
    }
}

/// All names in a text, folded, each once, and what stands in single quotes: some warehouses read a
/// relation of that name.
pub(in crate::check) fn names(sql: &str, dialect: Dialect) -> BTreeSet<String> {
    let name = |(lexeme, range): (Lexeme, std::ops::Range<usize>)| match lexeme {
        Lexeme::Word => Some(sql[range].to_lowercase()),
        Lexeme::QuotedName => Some(Ident::unquoted(&sql[range], dialect)?.as_str().to_lowercase()),
        Lexeme::String => Some(sql[range].trim_matches('\'').to_lowercase()),
        _ => None,
    };
    Scanner::new(sql, dialect).filter_map(name).collect()
}
