use std::fmt;
use std::sync::{Arc, OnceLock};

use super::Batch;
use super::node_fields::node_fields;
use super::values::dict;
use crate::jinja::{Enumerator, Error, Object, State, Value, from_json};
use crate::manifest::{Manifest, Node, NodeId};

/// A node as templates see it: a dict that is made whole when a template asks for more
/// than what nodes are picked by.
pub(super) struct NodeValue {
    manifest: Arc<Manifest>,
    id: NodeId,
    compiled_code: Option<Arc<str>>,
    batch: Option<Batch>,
    whole: OnceLock<Value>,
}

impl NodeValue {
    pub(super) fn value(
        manifest: &Arc<Manifest>,
        id: &NodeId,
        compiled_code: Option<Arc<str>>,
        batch: Option<Batch>,
    ) -> Value {
        let (manifest, id) = (Arc::clone(manifest), id.clone());
        Value::from_object(Self { manifest, id, compiled_code, batch, whole: OnceLock::new() })
    }

    fn node(&self) -> Option<&Node> {
        self.manifest.node(&self.id)
    }

    fn whole(&self) -> &Value {
        self.whole.get_or_init(|| match self.node() {
            Some(node) => match &self.batch {
                None => from_json(&node_fields(node, self.compiled_code.as_deref())),
                Some(batch) => batch.fields(&node_fields(node, self.compiled_code.as_deref())),
            },
            None => dict(Vec::<(&str, Value)>::new()),
        })
    }

    /// An entry that need not be made.
    fn at_hand(&self, key: &str) -> Option<Value> {
        let node = self.node()?;
        Some(Value::from(match key {
            "name" => node.name.as_str(),
            "resource_type" => node.resource_type.name(),
            "package_name" => &node.package,
            "unique_id" => node.id.as_str(),
            "path" => &node.path,
            "original_file_path" => &node.original_file_path,
            "database" => &node.database,
            "schema" => &node.schema,
            "raw_code" => &node.raw_code,
            _ => return None,
        }))
    }
}

impl fmt::Debug for NodeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.whole())
    }
}

impl Object for NodeValue {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        // What a template has changed is in the whole.
        let at_hand = || key.as_str().and_then(|key| self.at_hand(key));
        if let (None, Some(value)) = (self.whole.get(), at_hand()) {
            return Some(value);
        }
        self.whole().get_item(key).ok().filter(|value| !value.is_undefined())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.whole().try_iter().map(Iterator::collect).unwrap_or_default())
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        if method == "to_dict" {
            // dbt's nodes are objects that can be made a dict; ours are dicts.
            return Ok(self.whole().clone());
        }
        self.whole().call_method(state, method, args)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.whole())
    }
}
