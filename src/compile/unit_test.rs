use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use super::{Compiled, Compiler, Cte};
use crate::context::{CompileContext, SharedConnection};
use crate::diagnostic::{Code, Diagnostic};
use crate::jinja::{Value, from_json, to_json};
use crate::manifest::{
    Lookup, Manifest, Node, NodeConfig, NodeId, ResourceType, StandsFor, Subject, UnitTest, UnitTestFormat,
    UnitTestInput,
};
use crate::sql::{Dialect, RelationName};
use crate::text::{Origin, Segment, SourceMap, Span};

/// A unit test made ready: the model's SQL over the given rows, and the small world in which
/// it was compiled.
#[derive(Clone, Debug)]
pub struct PreparedTest {
    pub compiled: Arc<Compiled>,
    /// The tested node with stand-ins for its parents; nothing else.
    pub manifest: Arc<Manifest>,
}

/// Where a test of a table that is left behind builds it.
pub struct Scratch<'a> {
    /// A schema of its own.
    pub schema: String,
    /// Makes the schema, and in it the table of the model with the rows given for `this`: before
    /// the model is compiled, which may look at it.
    pub fill: &'a Fill<'a>,
}

/// Is given the test's own manifest, the model in its scratch schema, and its rows.
pub type Fill<'a> = dyn Fn(&Arc<Manifest>, &Node, Option<&Compiled>) -> Result<(), Diagnostic> + 'a;

impl Compiler {
    /// Compiles a unit test: each given input becomes a CTE in place of the relation. The
    /// warehouse is asked for the types of columns that are given by name.
    ///
    /// # Errors
    /// An input has a column that its relation has not, the relation is not there, rows are
    /// missing for a parent, or the template fails.
    pub fn prepare_test(
        &self,
        node: &Node,
        test: &UnitTest,
        connection: Option<&SharedConnection>,
        place: Option<&Scratch<'_>>,
    ) -> Result<PreparedTest, Diagnostic> {
        match &test.subject {
            Subject::Macro { package, name, arguments, keywords } => {
                let context = CompileContext::new(
                    &self.invocation,
                    &self.manifest,
                    &node.id,
                    &self.cache,
                    connection.cloned(),
                )
                .overridden(test);
                let arguments: Vec<Value> = arguments.iter().map(from_json).collect();
                let keywords: Vec<(&str, Value)> =
                    keywords.iter().map(|(name, value)| (name.as_str(), from_json(value))).collect();
                let engine = &self.invocation.engine;
                let called = engine
                    .call(package, name, &arguments, &keywords, &context.value())
                    .map_err(|diagnostic| self.told_at(diagnostic, test.span))?;
                let text = called.as_str().map_or_else(|| to_json(&called).to_string(), str::to_owned);
                let compiled = written_at(text, test.span);
                Ok(PreparedTest { compiled, manifest: Arc::clone(&self.manifest) })
            }
            Subject::Node(id) => self.prepare_node(id, node, test, connection, place),
        }
    }

    fn prepare_node(
        &self,
        id: &NodeId,
        node: &Node,
        test: &UnitTest,
        connection: Option<&SharedConnection>,
        place: Option<&Scratch<'_>>,
    ) -> Result<PreparedTest, Diagnostic> {
        let Some(model) = self.manifest.node(id) else { return Err(nowhere(id, test)) };
        let tested = match place {
            Some(place) => moved(model, &place.schema, self.invocation.adapter.dialect()),
            None => model.clone(),
        };
        let mut world = World { nodes: BTreeMap::from([(id.clone(), tested)]), ..World::default() };
        for input in &test.given {
            let stood_for = match &input.stands_for {
                StandsFor::This => model,
                StandsFor::Node(id) => match self.manifest.node(id) {
                    Some(parent) => parent,
                    None => continue,
                },
            };
            let compiled = self.rows_of(input, stood_for, connection)?;
            world.add(input, stood_for, compiled);
        }
        let World { nodes, rows, this } = world;
        let mut small = Manifest {
            project: self.manifest.project.clone(),
            macros: self.manifest.macros.clone(),
            packages: self.manifest.packages.clone(),
            nodes,
            ..Manifest::default()
        };
        let functions =
            self.manifest.nodes.iter().filter(|(_, node)| node.resource_type == ResourceType::Function);
        small.nodes.extend(functions.map(|(id, node)| (id.clone(), node.clone())));
        small.lookup = Lookup::new(small.nodes.values(), std::iter::empty());
        let small = Arc::new(small);
        let Some(model) = small.node(id) else { return Err(nowhere(id, test)) };
        if let Some(place) = place {
            (place.fill)(&small, model, this.as_ref().map(|(_, rows)| &**rows))?;
        }
        let inner = Compiler::new(Arc::clone(&self.invocation), Arc::clone(&small), Arc::clone(&self.cache));
        inner.take_in(rows);
        let context = CompileContext::new(&self.invocation, &small, id, &self.cache, connection.cloned())
            .overridden(test);
        // Where the table is compared, the rows for `this` are put into it.
        let (context, first) = match &this {
            Some((stand_in, rows)) if !test.expects_table => {
                let cte = Cte {
                    id: stand_in.id.clone(),
                    name: format!("__dbt__cte__{}", stand_in.alias),
                    code: Arc::clone(&rows.own_code),
                    source_map: rows.own_source_map.clone(),
                };
                (context.with_this(stand_in), vec![cte])
            }
            _ => (context, Vec::new()),
        };
        let compiled = inner
            .render_with(model, &context, connection, first)
            .map_err(|diagnostic| self.no_rows(diagnostic, node, model, test))?;
        Ok(PreparedTest { compiled: Arc::new(compiled), manifest: small })
    }

    /// Given rows as a query.
    fn rows_of(
        &self,
        input: &UnitTestInput,
        stood_for: &Node,
        connection: Option<&SharedConnection>,
    ) -> Result<Arc<Compiled>, Diagnostic> {
        let engine = &self.invocation.engine;
        let context = CompileContext::new(
            &self.invocation,
            &self.manifest,
            &stood_for.id,
            &self.cache,
            connection.cloned(),
        );
        if let (UnitTestFormat::Sql, Json::String(sql)) = (input.rows.format, &input.rows.rows) {
            let files = &self.invocation.files;
            let at = input.rows.span;
            let (file, part) = match files.get(at.file) {
                file if file.slice(at) == sql.as_str() => (file, at),
                file => {
                    let own = files.add(file.path(), sql.as_str());
                    let part = own.span();
                    (own, part)
                }
            };
            let rendered =
                engine.template(&file, part).and_then(|it| engine.render(&it, &context.value()))?;
            return Ok(Compiled::alone(rendered.text, rendered.source_map));
        }
        let query = if stood_for.is_ephemeral() {
            // It is not in the warehouse: its own query tells of its columns, when it can.
            self.compile(&stood_for.id, connection).ok().map(|compiled| compiled.code.to_string())
        } else {
            None
        };
        let package = stood_for.package.as_str();
        let call = |name: &str, arguments: &[Value]| {
            let owner = self.invocation.macros.find(package, name).unwrap_or("dbt");
            engine
                .call(owner, name, arguments, &[], &context.value())
                .map_err(|diagnostic| self.told_at(diagnostic, input.span))
        };
        let types = call("unit_test_columns", &[Value::from(query)])?;
        let sql = call("get_fixture_sql", &[from_json(&input.rows.rows), types])?;
        Ok(written_at(sql.as_str().unwrap_or_default().trim().to_owned(), input.span))
    }

    /// An error of a macro of ours is told at the user's own line.
    fn told_at(&self, diagnostic: Diagnostic, at: Span) -> Diagnostic {
        match diagnostic.span() {
            Some(span) if self.invocation.engine.is_library(span.file) => diagnostic.relocated(span.file, at),
            Some(_) => diagnostic,
            None => diagnostic.label(at, ""),
        }
    }

    /// A parent that was not found is one that no rows are given for.
    fn no_rows(&self, found: Diagnostic, node: &Node, model: &Node, test: &UnitTest) -> Diagnostic {
        if !matches!(found.code(), Code::UnresolvedRef | Code::UnresolvedSource) {
            return found;
        }
        let is_given =
            |id: &NodeId| test.given.iter().any(|input| input.stands_for == StandsFor::Node(id.clone()));
        let missing = model.depends_on.iter().filter(|id| !is_given(id));
        let missing: Vec<String> = missing
            .filter_map(|id| self.manifest.node(id))
            .map(|parent| match parent.source() {
                Some(source) => format!("source('{}', '{}')", source.source_name, parent.name),
                None => format!("ref('{}')", parent.name),
            })
            .collect();
        let Some(first) = missing.first() else { return found };
        let all = missing.iter().map(|call| format!("`{call}`")).collect::<Vec<_>>().join(", ");
        let message = format!("the unit test `{}` gives no rows for {all}", node.name);
        Diagnostic::error(found.code(), message)
            .label(test.span, "")
            .also(found.span(), format!("`{}` reads it here", model.name))
            .help(format!("add `- input: {first}` with `rows`, or `rows: []` where it is to be empty"))
    }
}

/// The nodes of a test, and their rows.
#[derive(Default)]
struct World {
    nodes: BTreeMap<NodeId, Node>,
    rows: BTreeMap<NodeId, Arc<Compiled>>,
    /// The stand-in for the model itself, and its rows.
    this: Option<(Node, Arc<Compiled>)>,
}

impl World {
    fn add(&mut self, input: &UnitTestInput, stood_for: &Node, compiled: Arc<Compiled>) {
        let mut node = stood_for.clone();
        node.resource_type = ResourceType::Model;
        let mut config = node.config.values().clone();
        config.insert("materialized".to_owned(), "ephemeral".into());
        node.config = NodeConfig::new(config);
        node.depends_on.clear();
        // The CTE is named after it.
        node.alias = match (node.source(), node.version()) {
            (Some(source), _) => format!("{}__{}", source.source_name, node.name),
            (None, Some(version)) => format!("{}_v{version}", node.name),
            (None, None) => node.name.clone(),
        };
        if input.stands_for == StandsFor::This {
            node.id = NodeId::new(&format!("{}.this", node.id));
            self.this = Some((node, compiled));
            return;
        }
        self.rows.insert(node.id.clone(), compiled);
        self.nodes.insert(node.id.clone(), node);
    }
}

fn nowhere(id: &NodeId, test: &UnitTest) -> Diagnostic {
    let message = format!("`{id}` is not a node of this project");
    Diagnostic::error(Code::UnresolvedRef, message).label(test.span, "")
}

/// The node with its relation in another schema, and nothing that reaches beyond it.
fn moved(node: &Node, schema: &str, dialect: Dialect) -> Node {
    let mut node = node.clone();
    schema.clone_into(&mut node.schema);
    node.relation = Some(RelationName::new(dialect, &node.database, schema, &node.alias));
    let mut config = node.config.values().clone();
    for key in ["pre-hook", "post-hook"] {
        config.insert(key.to_owned(), Json::Array(Vec::new()));
    }
    for key in ["grants", "persist_docs"] {
        config.insert(key.to_owned(), Json::Object(serde_json::Map::new()));
    }
    for key in ["target_schema", "schema"] {
        if config.contains_key(key) {
            config.insert(key.to_owned(), schema.into());
        }
    }
    node.config = NodeConfig::new(config);
    node
}

/// SQL that comes from one place of a properties file as a whole.
fn written_at(text: String, span: Span) -> Arc<Compiled> {
    let origin = Origin { span, is_copied: false, trace: Arc::from([]) };
    let map = SourceMap::new(vec![Segment { output: 0..text.len(), origin }]);
    Compiled::alone(text, map)
}
