use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::cte::inject;
use super::{Compiled, Cte};
use crate::context::{Batch, CompileContext, Invocation, RelationCache, SharedConnection, Supposition};
use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{Language, Manifest, Node, NodeId};
use crate::text::SourceMap;

/// Renders nodes to SQL, each once. Shared by threads.
pub struct Compiler {
    pub(super) invocation: Arc<Invocation>,
    pub(super) manifest: Arc<Manifest>,
    pub(super) cache: Arc<RelationCache>,
    done: Mutex<BTreeMap<NodeId, Arc<Compiled>>>,
}

impl Compiler {
    #[must_use]
    pub fn new(invocation: Arc<Invocation>, manifest: Arc<Manifest>, cache: Arc<RelationCache>) -> Self {
        Self { invocation, manifest, cache, done: Mutex::default() }
    }

    /// Compiles without a warehouse. `None` when the template asks one: such a node has
    /// to wait for its turn.
    ///
    /// # Errors
    /// The template, or that of an ephemeral model it needs, fails.
    pub fn compile_ahead(&self, id: &NodeId) -> Result<Option<Arc<Compiled>>, Diagnostic> {
        if self.manifest.node(id).is_some_and(|node| node.unit_test().is_some()) {
            // The types of what is given are those of the warehouse.
            return Ok(None);
        }
        match self.compile_with(id, None, &mut Vec::new()) {
            Ok(compiled) => Ok(Some(compiled)),
            Err(Failure::AskedWarehouse(_)) => Ok(None),
            Err(Failure::Diagnostic(diagnostic)) => Err(diagnostic),
        }
    }

    /// Compiles without a warehouse, with what is supposed to be there in its place. Whether
    /// the SQL may be another where the node's relation is (not) there, too. What is compiled
    /// for a node that was not built is remembered.
    ///
    /// # Errors
    /// The template asks for more than is supposed, or fails.
    pub fn compile_supposing(
        &self,
        id: &NodeId,
        supposition: Supposition,
        is_built: bool,
    ) -> Result<(Arc<Compiled>, bool), Failure> {
        let Some(node) = self.manifest.node(id) else {
            let message = format!("`{id}` is not a node of this project");
            return Err(Failure::Diagnostic(Diagnostic::error(Code::UnresolvedRef, message)));
        };
        let cache = Arc::new(RelationCache::supposing(supposition));
        let context = CompileContext::new(&self.invocation, &self.manifest, id, &cache, None);
        let rendering = Rendering { context: &context, connection: None, cache: Some(&cache) };
        let compiled = self.render_in(node, rendering, &mut vec![id.clone()], Vec::new())?;
        let compiled = Arc::new(compiled);
        if !is_built {
            self.take_in(BTreeMap::from([(id.clone(), Arc::clone(&compiled))]));
        }
        Ok((compiled, cache.was_asked_of_itself()))
    }

    /// What was compiled of a node already, where no answer of the warehouse is in it, so that
    /// whoever compiles it gets the same.
    #[must_use]
    pub fn settled(&self, id: &NodeId) -> Option<Arc<Compiled>> {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.get(id).filter(|compiled| !compiled.asked_warehouse).cloned()
    }

    /// Gives what is [settled](Self::settled) of a node, and of the ephemeral models in it, to
    /// another compiler of the same project, which then does not render it again.
    pub fn share(&self, id: &NodeId, with: &Self) {
        let Some(compiled) = self.settled(id) else { return };
        let ephemeral = compiled.ctes.iter().filter_map(|cte| Some((cte.id.clone(), self.settled(&cte.id)?)));
        let shared: Vec<_> = ephemeral.chain([(id.clone(), Arc::clone(&compiled))]).collect();
        let mut done = with.done.lock().unwrap_or_else(PoisonError::into_inner);
        for (id, compiled) in shared {
            done.entry(id).or_insert(compiled);
        }
    }

    /// Compiles; the template may ask the warehouse over `connection`.
    ///
    /// # Errors
    /// The template, or that of an ephemeral model it needs, fails; or it asks the
    /// warehouse and there is no connection.
    pub fn compile(
        &self,
        id: &NodeId,
        connection: Option<&SharedConnection>,
    ) -> Result<Arc<Compiled>, Diagnostic> {
        self.compile_with(id, connection, &mut Vec::new()).map_err(|failure| match failure {
            Failure::AskedWarehouse(diagnostic) | Failure::Diagnostic(diagnostic) => diagnostic,
        })
    }

    /// Compiles a microbatch model for one of its batches. Other batches are other SQL, so it
    /// is not remembered.
    ///
    /// # Errors
    /// The template, or that of an ephemeral model it needs, fails.
    pub fn compile_batch(
        &self,
        node: &Node,
        connection: &SharedConnection,
        batch: &Batch,
    ) -> Result<Compiled, Diagnostic> {
        let above = &mut vec![node.id.clone()];
        self.render(node, Some(connection), above, Some(batch)).map_err(|failure| match failure {
            Failure::AskedWarehouse(diagnostic) | Failure::Diagnostic(diagnostic) => diagnostic,
        })
    }

    /// What was compiled so far, in order of id.
    #[must_use]
    pub fn compiled(&self) -> Vec<(NodeId, Arc<Compiled>)> {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.iter().map(|(id, compiled)| (id.clone(), Arc::clone(compiled))).collect()
    }

    fn compile_with(
        &self,
        id: &NodeId,
        connection: Option<&SharedConnection>,
        above: &mut Vec<NodeId>,
    ) -> Result<Arc<Compiled>, Failure> {
        let known = self.done.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        if let Some(compiled) = known {
            return Ok(compiled);
        }
        let Some(node) = self.manifest.node(id) else {
            let message = format!("`{id}` is not a node of this project");
            return Err(Failure::Diagnostic(Diagnostic::error(Code::UnresolvedRef, message)));
        };
        above.push(id.clone());
        let compiled = Arc::new(self.render(node, connection, above, None)?);
        above.pop();
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.insert(id.clone(), Arc::clone(&compiled));
        Ok(compiled)
    }

    fn render(
        &self,
        node: &Node,
        connection: Option<&SharedConnection>,
        above: &mut Vec<NodeId>,
        batch: Option<&Batch>,
    ) -> Result<Compiled, Failure> {
        if let Some(test) = node.unit_test() {
            let prepared = self.prepare_test(node, test, connection, None).map_err(Failure::Diagnostic)?;
            return Ok((*prepared.compiled).clone());
        }
        let context = CompileContext::of_batch(
            &self.invocation,
            &self.manifest,
            &node.id,
            &self.cache,
            connection.cloned(),
            batch,
        );
        let cache = batch.is_none().then_some(&self.cache);
        self.render_in(node, Rendering { context: &context, connection, cache }, above, Vec::new())
    }

    /// Renders with a context that was made for it; `ctes` stand before all others.
    pub(super) fn render_with(
        &self,
        node: &Node,
        context: &CompileContext,
        connection: Option<&SharedConnection>,
        ctes: Vec<Cte>,
    ) -> Result<Compiled, Diagnostic> {
        let rendering = Rendering { context, connection, cache: None };
        self.render_in(node, rendering, &mut Vec::new(), ctes).map_err(|failure| match failure {
            Failure::AskedWarehouse(diagnostic) | Failure::Diagnostic(diagnostic) => diagnostic,
        })
    }

    /// Takes for compiled what is.
    pub(super) fn take_in(&self, compiled: BTreeMap<NodeId, Arc<Compiled>>) {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).extend(compiled);
    }

    fn render_in(
        &self,
        node: &Node,
        rendering: Rendering<'_>,
        above: &mut Vec<NodeId>,
        mut ctes: Vec<Cte>,
    ) -> Result<Compiled, Failure> {
        let Rendering { context, connection, cache } = rendering;
        let engine = &self.invocation.engine;
        let file = self.invocation.files.get(node.file);
        if node.model().is_some_and(|model| model.language == Language::Python) {
            return Ok(python(node));
        }
        let template = engine.template(&file, node.body).map_err(Failure::Diagnostic)?;
        let rendered = engine.render(&template, &context.value()).map_err(|diagnostic| {
            let diagnostic = match node.entry() {
                Some(asked) => diagnostic.relocated(node.file, asked),
                None => diagnostic,
            };
            if connection.is_none() && context.asked_warehouse() {
                Failure::AskedWarehouse(diagnostic)
            } else {
                Failure::Diagnostic(diagnostic)
            }
        })?;
        let mut asked_warehouse = context.looked_at_warehouse();
        for ephemeral in context.ephemeral_refs() {
            if above.contains(&ephemeral) {
                let message = format!("`{}` needs itself as an ephemeral model", node.name);
                return Err(Failure::Diagnostic(
                    Diagnostic::error(Code::Cycle, message).label(node.body, ""),
                ));
            }
            let compiled = self.compile_with(&ephemeral, connection, above)?;
            asked_warehouse |= compiled.asked_warehouse;
            let own = self.manifest.node(&ephemeral).map(|parent| Cte {
                id: parent.id.clone(),
                name: format!("__dbt__cte__{}", parent.alias),
                code: Arc::clone(&compiled.own_code),
                source_map: compiled.own_source_map.clone(),
            });
            for cte in compiled.ctes.iter().cloned().chain(own) {
                if ctes.iter().all(|known| known.id != cte.id) {
                    ctes.push(cte);
                }
            }
        }
        // What a macro wrote is followed into the macro; a template that asks the
        // warehouse is not rendered a second time only for that. Of a test in YAML nobody wrote
        // more than its arguments, so that only a user's macro is worth looking into.
        let is_followed = match node.entry() {
            Some(_) => rendered.called_users_macro,
            None => !rendered.macros_called.is_empty(),
        };
        let own_code: Arc<str> = Arc::from(rendered.text);
        let map = rendered.source_map;
        let map = match cache {
            _ if !is_followed || context.asked_warehouse() => map,
            None => engine.trace(&template, &context.value(), &own_code).unwrap_or(map),
            Some(cache) => {
                let (invocation, manifest) = (Arc::clone(&self.invocation), Arc::clone(&self.manifest));
                let (id, body, cache) = (node.id.clone(), node.body, Arc::clone(cache));
                let text = Arc::clone(&own_code);
                SourceMap::lazy(move || {
                    let context = CompileContext::new(&invocation, &manifest, &id, &cache, None);
                    let template = invocation.engine.template(&file, body).ok();
                    let trace = |template| invocation.engine.trace(&template, &context.value(), &text);
                    template.and_then(trace).unwrap_or(map)
                })
            }
        };
        let own_source_map = match node.entry() {
            Some(asked) => map.relocated(node.file, asked),
            None => map,
        };
        let (code, source_map) = inject(&own_code, &own_source_map, &ctes, self.invocation.adapter.dialect());
        Ok(Compiled { code, source_map, own_code, own_source_map, ctes, asked_warehouse })
    }
}

/// With what a template is rendered.
#[derive(Clone, Copy)]
struct Rendering<'a> {
    context: &'a CompileContext,
    connection: Option<&'a SharedConnection>,
    /// What the context knows of the warehouse, where the same context can be made again.
    cache: Option<&'a Arc<RelationCache>>,
}

/// A model in Python is as it is written.
fn python(node: &Node) -> Compiled {
    let code = Arc::clone(&node.raw_code);
    let source_map = SourceMap::default();
    Compiled {
        own_code: Arc::clone(&code),
        own_source_map: source_map.clone(),
        code,
        source_map,
        ctes: Vec::new(),
        asked_warehouse: false,
    }
}

/// Why a template could not be compiled without a warehouse.
#[derive(Clone, Debug)]
pub enum Failure {
    /// There was no connection, and the template wanted one.
    AskedWarehouse(Diagnostic),
    /// It is wrong.
    Diagnostic(Diagnostic),
}
