use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError, RwLock};

use super::hooks::{Hooks, may_alter};
use super::judge::LazyJudge;
use super::knowledge::names;
use super::looked_into::note_files;
use super::place::Placing;
use super::plain_test::is_surely_right;
use super::remembered::Remembered;
use super::snapshot::snapshot_schema;
use super::undeclared::undeclared;
use super::understand::{Depth, Question, Understood, completed, listing, understand};
use super::{Knowledge, Listed, NodeAnalysis, Reason, ReasonKind, Standing};
use crate::adapter::{Relation, RelationType};
use crate::analyze::{Analysis, Column, Input, Known, Problem, Relations, Schema};
use crate::compile::{Compiled, Compiler, Failure};
use crate::context::{Invocation, Silence, Supposition, external_text};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{Language, Manifest, Node, NodeId, ResourceType};
use crate::sql::{DataType, RelationName};
use crate::text::Span;

/// Looks at nodes one by one, parents before children.
pub(super) struct Inspector<'a> {
    pub(super) invocation: &'a Arc<Invocation>,
    pub(super) manifest: &'a Arc<Manifest>,
    pub(super) compiler: Compiler,
    /// Counts what templates say that are compiled for a look.
    pub(super) silence: Arc<Silence>,
    /// Who compiles the nodes for a run: what is the same for both is compiled once.
    pub(super) run: Option<Running<'a>>,
    /// How much is wanted of the queries that nothing is wrong with.
    pub(super) depth: Depth,
    pub(super) knowledge: Knowledge,
    pub(super) remembered: Remembered,
    pub(super) hooks: Hooks,
    /// Whether the warehouse is there already, and may hold what nobody tells of.
    pub(super) may_hold_more: bool,
    /// The relations that nodes make, by identifier in small letters.
    pub(super) made: BTreeMap<String, Vec<RelationName>>,
    pub(super) done: RwLock<BTreeMap<NodeId, Arc<NodeAnalysis>>>,
    /// Nodes whose relations are what this project makes of them, when the query reads them;
    /// `None` for all.
    pub(super) rebuilt: Option<&'a BTreeSet<NodeId>>,
}

/// The run that a check is made for.
#[derive(Clone, Copy)]
pub(super) struct Running<'a> {
    pub(super) compiler: &'a Compiler,
    /// What it compiles.
    pub(super) nodes: &'a BTreeSet<NodeId>,
}

/// A relation that a node reads.
struct Read {
    id: NodeId,
    relation: RelationName,
    known: Known,
}

impl Inspector<'_> {
    /// What is known of a node whose parents have been looked at.
    pub(super) fn inspect(&self, node: &Node, judge: &mut LazyJudge<'_>) -> NodeAnalysis {
        match node.resource_type {
            ResourceType::Source | ResourceType::Seed => self.known(node),
            ResourceType::Model if is_python(node) => self.python(node),
            ResourceType::Model
            | ResourceType::Snapshot
            | ResourceType::Analysis
            | ResourceType::Test
            | ResourceType::SqlOperation
                if !node.raw_code.trim().is_empty() =>
            {
                self.query(node, judge)
            }
            _ => NodeAnalysis::new(&node.id),
        }
    }

    fn known(&self, node: &Node) -> NodeAnalysis {
        let mut found = NodeAnalysis::new(&node.id);
        let written = node.patch.or_else(|| node.source().map(|_| node.place()));
        found.listed_at = written.map(Listed::InFile);
        found.diagnostics = self.knowledge.problems(node);
        if found.diagnostics.iter().any(Diagnostic::is_error) {
            found.standing = Standing::Wrong;
        }
        match self.knowledge.of(node) {
            Known::Schema(schema) => {
                found.schema = Some(schema);
                found
            }
            Known::Nothing(why) => found.unknown(Reason::new(ReasonKind::Undeclared, why)),
        }
    }

    fn python(&self, node: &Node) -> NodeAnalysis {
        let mut found = self.known(node);
        if found.schema.is_none() {
            found.schema = contract_schema(node);
        }
        found.standing = Standing::Well;
        found.unknown(Reason::new(ReasonKind::Python, "is written in Python"))
    }

    fn query(&self, node: &Node, judge: &mut LazyJudge<'_>) -> NodeAnalysis {
        let mut found = NodeAnalysis::new(&node.id);
        if let Some(reason) = &node.not_supported {
            let phrase = format!("cannot be built: {}", reason.message());
            return found.unknown(Reason::new(ReasonKind::Unreadable, phrase));
        }
        let reads = self.reads(node);
        let (compiled, asked_of_itself) = match self.compile(node, &reads) {
            Ok(compiled) => compiled,
            Err(Failure::AskedWarehouse(asked)) => {
                found.schema = contract_schema(node);
                found.listed_at = node.patch.map(Listed::InFile);
                return found.unknown(self.asks(&asked));
            }
            Err(Failure::Diagnostic(diagnostic)) => {
                found.schema = contract_schema(node);
                found.standing = Standing::Wrong;
                found.diagnostics = vec![diagnostic];
                return found;
            }
        };
        if self.depth == Depth::Columns && !asked_of_itself && self.is_plain_test(node, &compiled, &reads) {
            found.compiled = Some(compiled);
            return found;
        }
        let understood = self.understand(node, &compiled, &reads, None, judge);
        let placing = Placing { invocation: self.invocation, node, compiled: &compiled };
        found.listed_at = understood.listed_at.map(Listed::InQuery);
        found.diagnostics = self.told(&placing, &understood, &reads, judge);
        // Functions and tables that the warehouse has from elsewhere are only found out there.
        let is_certain = |problem: &Problem| {
            !matches!(problem.code, Code::UnknownFunction | Code::UnknownType | Code::UnknownRelation)
        };
        found.is_sure_to_fail = understood.is_judged && understood.problems.iter().any(is_certain);
        found.schema = self.schema(node, &understood).map(Arc::new);
        for reason in understood.reasons {
            found = found.unknown(reason);
        }
        if asked_of_itself {
            found = self.as_built(node, found, &compiled, &reads, judge);
        }
        if !found.diagnostics.is_empty() {
            found.standing = Standing::Wrong;
        }
        found.is_sure_to_fail &= self.is_exact(node, &reads);
        if let Some(analysis) = understood.analysis {
            let by_key: BTreeMap<_, _> =
                reads.iter().map(|read| (read.relation.key(), read.id.clone())).collect();
            found.inputs =
                analysis.inputs.iter().map(|input| by_key.get(&input.relation.key()).cloned()).collect();
            let warned = undeclared(&analysis, &compiled.code, self.invocation.adapter.dialect(), |input| {
                let key = analysis.inputs.get(input)?.relation.key();
                let read = reads.iter().find(|read| read.relation.key() == key)?;
                let source = self.manifest.node(&read.id)?.source()?;
                match &read.known {
                    Known::Schema(schema) => Some((&**schema, source.identifier.as_str())),
                    Known::Nothing(_) => None,
                }
            });
            found.diagnostics.extend(placing.diagnostics(&warned));
            found.analysis = Some(Arc::new(analysis));
        }
        found.compiled = Some(compiled);
        found
    }

    /// What is wrong when the node's relation is there already: of an incremental model the rows
    /// that are added. What is wrong only then, or only when it is not there, may never come
    /// about.
    fn as_built(
        &self,
        node: &Node,
        mut found: NodeAnalysis,
        new: &Compiled,
        reads: &[Read],
        judge: &mut LazyJudge<'_>,
    ) -> NodeAnalysis {
        let Some(own) = &node.relation else { return found };
        let own = Relation { name: own.clone(), kind: Some(RelationType::Table) };
        let columns = found.schema.as_deref().and_then(exact_columns);
        let supposition = self.supposition(reads).of_built(own.clone(), columns);
        let compiled = match self.compiler.compile_supposing(&node.id, supposition, true) {
            Ok((compiled, _)) => compiled,
            Err(Failure::AskedWarehouse(asked)) => {
                found.is_sure_to_fail = false;
                return found.unknown(self.asks(&asked));
            }
            Err(Failure::Diagnostic(diagnostic)) => {
                found.is_sure_to_fail = false;
                if !found.diagnostics.contains(&diagnostic) {
                    found.diagnostics.push(diagnostic);
                }
                return found;
            }
        };
        if compiled.code == new.code {
            return found;
        }
        let known = match &found.schema {
            Some(schema) => Known::Schema(Arc::clone(schema)),
            None => Known::Nothing("reads itself".to_owned()),
        };
        let understood = self.understand(node, &compiled, reads, Some((own.name, known)), judge);
        let placing = Placing { invocation: self.invocation, node, compiled: &compiled };
        let place = |diagnostic: &Diagnostic| (diagnostic.code(), diagnostic.span());
        let before: Vec<_> = found.diagnostics.iter().map(place).collect();
        let now = self.told(&placing, &understood, reads, judge);
        let is_always = now.iter().any(|diagnostic| before.contains(&place(diagnostic)));
        found.is_sure_to_fail &= is_always && understood.is_judged;
        found.diagnostics.extend(now.into_iter().filter(|told| !before.contains(&place(told))).map(|told| {
            told.note("this is so when the model adds to the table that is there (`is_incremental()`)")
        }));
        for reason in understood.reasons {
            found = found.unknown(reason);
        }
        found
    }

    fn understand(
        &self,
        node: &Node,
        compiled: &Compiled,
        reads: &[Read],
        own: Option<(RelationName, Known)>,
        judge: &mut LazyJudge<'_>,
    ) -> Understood {
        let adapter = &self.invocation.adapter;
        let files = match adapter.capabilities().reads_files {
            true => note_files(&compiled.code, adapter.dialect(), &*self.invocation.system),
            false => String::new(),
        };
        let mut relations = Relations::new(adapter.dialect(), adapter.database(), "main");
        relations.is_closed = self.knowledge.is_closed() && !self.hooks.may_make_tables;
        let names = names(&compiled.code, adapter.dialect());
        for (relation, known) in self.knowledge.named(&names) {
            relations.insert(relation, known);
        }
        if relations.is_closed {
            for relation in names.iter().filter_map(|name| self.made.get(name)).flatten().cloned() {
                let why =
                    format!("reads `{}` without a `ref`", relation.identifier.as_deref().unwrap_or_default());
                relations.insert(relation, Known::Nothing(why));
            }
        }
        for read in reads {
            relations.insert(read.relation.clone(), read.known.clone());
        }
        if let Some((relation, known)) = own {
            relations.insert(relation, known);
        }
        let question = Question {
            sql: &compiled.code,
            dialect: adapter.dialect(),
            relations: &relations,
            names: &names,
            is_open: self.hooks.may_make_functions || !node.functions.is_empty(),
            may_hold_more: self.may_hold_more,
        };
        let depth = self.depth_of(node);
        let mut understood = self.remembered.answer(&question, depth, &files, |brief| match brief {
            Some(brief) => completed(&question, brief, judge.get()),
            None => understand(&question, depth, judge.get()),
        });
        if !is_of_ours(node) {
            // What a materialization of the project makes of the text is its own affair.
            understood.problems.retain(|problem| problem.code != Code::SqlSyntax);
            let phrase = format!("is made by the materialization `{}`", node.config.materialized());
            understood.reasons.push(Reason::new(ReasonKind::Outside, phrase));
        }
        understood
    }

    /// An enforced contract is held against what the query gives, item by item.
    fn depth_of(&self, node: &Node) -> Depth {
        if node.has_enforced_contract() { Depth::Lineage } else { self.depth }
    }

    /// Whether the node is a data test that nothing can be wrong with. No judge has to be asked.
    fn is_plain_test(&self, node: &Node, compiled: &Compiled, reads: &[Read]) -> bool {
        let schema_of = |relation: &RelationName| {
            let key = relation.key();
            match &reads.iter().find(|read| read.relation.key() == key)?.known {
                Known::Schema(schema) => Some(&**schema),
                Known::Nothing(_) => None,
            }
        };
        node.resource_type == ResourceType::Test
            && is_surely_right(&compiled.code, &*self.invocation.adapter, schema_of)
    }

    /// The node's SQL, rendered with what is supposed of the warehouse where it asks, and whether it
    /// may be another where the node's relation is there.
    fn compile(&self, node: &Node, reads: &[Read]) -> Result<(Arc<Compiled>, bool), Failure> {
        let run = self.run.filter(|run| run.nodes.contains(&node.id) && !node.is_microbatch());
        if let Some(compiled) = run.and_then(|run| run.compiler.settled(&node.id)) {
            return Ok((compiled, false));
        }
        let said = self.silence.count();
        let compiled = self.compiler.compile_supposing(&node.id, self.supposition_of_new(node, reads), false);
        // What a template says is heard when it is rendered for the run.
        if let Some(run) = run
            && self.silence.count() == said
        {
            self.compiler.share(&node.id, run.compiler);
        }
        compiled
    }

    /// Problems as diagnostics at their places.
    fn told(
        &self,
        placing: &Placing<'_>,
        understood: &Understood,
        reads: &[Read],
        judge: &mut LazyJudge<'_>,
    ) -> Vec<Diagnostic> {
        let mut told: Vec<Diagnostic> = placing.diagnostics(&understood.problems);
        if let (Some(first), Some(said)) = (told.first_mut(), &understood.said) {
            *first = first.clone().said(said.clone());
        }
        let listings = understood.analysis.as_ref().map(|analysis| Listings { placing, analysis, reads });
        told.into_iter().map(|diagnostic| self.with_list(diagnostic, listings.as_ref(), judge)).collect()
    }

    /// Shows where the columns are listed of the relation that lacks one.
    fn with_list(
        &self,
        diagnostic: Diagnostic,
        listings: Option<&Listings<'_>>,
        judge: &mut LazyJudge<'_>,
    ) -> Diagnostic {
        let name =
            (diagnostic.code() == Code::UnknownColumn).then(|| lacking(diagnostic.message())).flatten();
        let (Some(name), Some(listings)) = (name, listings) else { return diagnostic };
        let ephemeral = listings.placing.compiled.ctes.iter().find(|cte| {
            cte.name.strip_prefix("__dbt__cte__").is_some_and(|own| own.eq_ignore_ascii_case(name))
        });
        let id = ephemeral.map(|cte| &cte.id).or_else(|| listings.find(name));
        let listed = id.and_then(|id| self.listed_at(id, judge));
        let listed = listed.filter(|listed| diagnostic.span() != Some(*listed));
        diagnostic.also(listed, "its columns are listed here")
    }

    /// Where a user reads which columns a node has; found out now where its query was not read.
    fn listed_at(&self, id: &NodeId, judge: &mut LazyJudge<'_>) -> Option<Span> {
        let found = self.of(id)?;
        if let Some(Listed::InFile(span)) = found.listed_at {
            return Some(span);
        }
        let (node, compiled) = (self.manifest.node(id)?, found.compiled.as_ref()?);
        let at = match found.listed_at {
            Some(Listed::InQuery(at)) => at,
            _ if found.analysis.is_some() => return None,
            _ => listing(&compiled.code, self.invocation.adapter.dialect(), judge.get())?,
        };
        Placing { invocation: self.invocation, node, compiled }.span(at)
    }

    fn of(&self, id: &NodeId) -> Option<Arc<NodeAnalysis>> {
        self.done.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// The columns of what the node makes.
    fn schema(&self, node: &Node, understood: &Understood) -> Option<Schema> {
        let is_stored = !matches!(node.config.materialized(), "view" | "ephemeral");
        let stored = understood.stored.as_ref().filter(|_| is_stored);
        let mut schema = stored.or(understood.schema.as_ref())?.clone();
        if node.resource_type == ResourceType::Snapshot {
            schema = snapshot_schema(node, &schema, self.invocation.adapter.dialect());
        }
        self.knowledge.loosen(node, &mut schema);
        let is_doubtful = understood.problems.iter().any(|problem| is_named_by(&schema, problem, understood));
        if is_doubtful || may_alter(node) || !is_of_ours(node) || breaks_contract(node, &schema) {
            schema.is_complete = false;
        }
        Some(schema)
    }

    /// The relations a node reads by `ref` and `source`, through the ephemeral models among
    /// them.
    fn reads(&self, node: &Node) -> Vec<Read> {
        let mut reads: Vec<Read> = Vec::new();
        let mut seen = BTreeSet::new();
        let mut left: Vec<&NodeId> = node.depends_on.iter().rev().collect();
        while let Some(parent) = left.pop().and_then(|id| self.manifest.node(id)) {
            if !seen.insert(&parent.id) {
                continue;
            }
            if parent.is_ephemeral() {
                left.extend(parent.depends_on.iter().rev());
                continue;
            }
            let Some(relation) = &parent.relation else { continue };
            let known = self.known_of(parent);
            let deferral = self.invocation.deferral.get().filter(|deferral| deferral.answers_refs);
            if let Some(deferred) = deferral.and_then(|deferral| deferral.relations.get(&parent.id)) {
                // What an earlier run built may have other columns.
                let why = format!("reads `{}` of an earlier run", parent.name);
                let read = Read {
                    id: parent.id.clone(),
                    relation: deferred.name.clone(),
                    known: Known::Nothing(why),
                };
                if deferred.name.key() != relation.key() {
                    reads.push(read);
                }
            }
            if let Some(pointer) = parent.model().and_then(|model| model.latest_version_pointer.clone()) {
                reads.push(Read { id: parent.id.clone(), relation: pointer, known: known.clone() });
            }
            if let Some(file) = self.file_of(parent) {
                reads.push(Read { id: parent.id.clone(), relation: file, known: known.clone() });
            }
            reads.push(Read { id: parent.id.clone(), relation: relation.clone(), known });
        }
        reads
    }

    /// The name that stands in SQL for a source that is a file, or the call of a function that
    /// stands there as it is.
    fn file_of(&self, source: &Node) -> Option<RelationName> {
        let text = external_text(source)?;
        let path = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
        let name = path.map_or_else(|| text.clone(), |path| path.replace("''", "'"));
        let adapter = &self.invocation.adapter;
        Some(RelationName::new(adapter.dialect(), adapter.database(), "main", &name))
    }

    fn known_of(&self, parent: &Node) -> Known {
        match self.of(&parent.id) {
            Some(analysis) => match (&analysis.schema, &analysis.standing) {
                (Some(schema), _) => Known::Schema(Arc::clone(schema)),
                (None, Standing::Unknown(reasons)) => {
                    let why = reasons.first().map_or("is not known", |reason| &reason.phrase);
                    Known::Nothing(format!("reads `{}`, which {why}", parent.search_name()))
                }
                (None, _) => Known::Nothing(format!("reads `{}`, which is wrong", parent.search_name())),
            },
            None => Known::Nothing(format!("reads `{}`, which is not looked at", parent.search_name())),
        }
    }

    /// What a template that is compiled for a look is told of the warehouse.
    fn supposition(&self, reads: &[Read]) -> Supposition {
        let mut supposition = Supposition::new();
        for read in reads {
            let kind = match self.manifest.node(&read.id) {
                Some(parent) if parent.resource_type == ResourceType::Model => {
                    match parent.config.materialized() {
                        "view" => RelationType::View,
                        "materialized_view" => RelationType::MaterializedView,
                        _ => RelationType::Table,
                    }
                }
                _ => RelationType::Table,
            };
            let columns = match &read.known {
                Known::Schema(schema) => exact_columns(schema),
                Known::Nothing(_) => None,
            };
            supposition.add(Relation { name: read.relation.clone(), kind: Some(kind) }, columns);
        }
        supposition
    }

    /// The same, with its own relation not there yet.
    fn supposition_of_new(&self, node: &Node, reads: &[Read]) -> Supposition {
        let supposition = self.supposition(reads);
        match &node.relation {
            Some(own) => supposition.of_new(own),
            None => supposition,
        }
    }

    fn asks(&self, asked: &Diagnostic) -> Reason {
        let place = asked.span().map(|span| format!(" in {}", self.invocation.files.location(span)));
        let phrase = format!("asks the warehouse{}", place.unwrap_or_default());
        Reason::new(ReasonKind::AsksWarehouse, phrase)
    }

    /// Whether what a node reads is in the warehouse just as it is known here when it is built.
    fn is_exact(&self, node: &Node, reads: &[Read]) -> bool {
        let Some(rebuilt) = self.rebuilt else { return true };
        let is_rebuilt = |id: &NodeId| {
            let Some(parent) = self.manifest.node(id) else { return false };
            let keeps_old = matches!(parent.config.materialized(), "incremental" | "snapshot");
            rebuilt.contains(id) && !keeps_old && is_of_ours(parent) && !may_alter(parent)
        };
        is_of_ours(node) && reads.iter().all(|read| is_rebuilt(&read.id))
    }
}

/// What leads from the name of a relation in a query to the node it is.
struct Listings<'a> {
    placing: &'a Placing<'a>,
    analysis: &'a Analysis,
    reads: &'a [Read],
}

impl Listings<'_> {
    /// The node that a relation or an alias is.
    fn find(&self, name: &str) -> Option<&NodeId> {
        let input = self.analysis.inputs.iter().find(|input| {
            let own = input.relation.identifier.as_deref().unwrap_or_default();
            own.eq_ignore_ascii_case(name)
                || self.alias(input).is_some_and(|alias| alias.eq_ignore_ascii_case(name))
        })?;
        self.reads.iter().find(|read| read.relation.key() == input.relation.key()).map(|read| &read.id)
    }

    /// The name that follows the relation where it was first read.
    fn alias(&self, input: &Input) -> Option<&str> {
        let mut words = self.placing.compiled.code.get(input.at.end..)?.split_whitespace();
        let first = words.next()?;
        let alias = if first.eq_ignore_ascii_case("as") { words.next()? } else { first };
        Some(alias.trim_end_matches([',', ')', ';']).trim_matches('"'))
    }
}

/// The relation that a message says a column is not in.
fn lacking(message: &str) -> Option<&str> {
    let behind = message.split_once("` in `").map(|(_, rest)| rest);
    let before = message.split_once("` has no column `").map(|(rest, _)| rest.trim_start_matches('`'));
    behind.and_then(|rest| rest.split('`').next()).or(before)
}

fn is_python(node: &Node) -> bool {
    node.model().is_some_and(|model| model.language == Language::Python)
}

/// Whether its materialization is one of those that make a relation of the query's columns.
pub(super) fn is_of_ours(node: &Node) -> bool {
    node.resource_type != ResourceType::Model
        || matches!(
            node.config.materialized(),
            "view"
                | "table"
                | "incremental"
                | "ephemeral"
                | "materialized_view"
                | "external"
                | "dynamic_table"
        )
}

/// What an enforced contract promises is what there is.
fn contract_schema(node: &Node) -> Option<Arc<Schema>> {
    if !node.has_enforced_contract() || node.columns.is_empty() {
        return None;
    }
    let columns = node.columns.values().map(|column| {
        let kind = column.data_type.as_deref().map(DataType::new);
        Column::new(column.name.as_str(), kind)
    });
    Some(Arc::new(Schema::complete(columns.collect())))
}

/// Whether the query gives other columns than the node's contract promises, so that nobody knows
/// which are meant.
fn breaks_contract(node: &Node, schema: &Schema) -> bool {
    let is_there = |name: &str| schema.names().any(|given| given.eq_ignore_ascii_case(name));
    node.has_enforced_contract() && !node.columns.values().all(|column| is_there(&column.name))
}

fn exact_columns(schema: &Schema) -> Option<Vec<(String, DataType)>> {
    if !schema.is_complete {
        return None;
    }
    schema.columns.iter().map(|column| Some((column.name.clone(), column.data_type.clone()?))).collect()
}

/// Whether a column of the result has its name from what is wrong, so that it was meant to have
/// another.
fn is_named_by(schema: &Schema, problem: &Problem, understood: &Understood) -> bool {
    if understood.analysis.is_none() {
        return true;
    }
    let name = problem.message.rsplit('`').nth(1).unwrap_or_default();
    schema.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name))
}
