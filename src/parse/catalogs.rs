use crate::diagnostic::{Code, Diagnostic};
use crate::manifest::{Manifest, Node, ResourceType};
use crate::text::Span;

/// Nodes that ask to be written to a catalog: there is none that the warehouse could write to.
/// See <https://docs.getdbt.com/docs/mesh/iceberg/about-catalogs>.
pub(super) fn asked_for(manifest: &Manifest) -> Vec<Diagnostic> {
    let ask = |node: &Node| {
        let mut keys = ["catalog_name", "catalog"].into_iter();
        let (key, name) = keys.find_map(|key| Some((key, node.config.text(key)?.to_owned())))?;
        let node_name = node.versioned_name();
        let kind = node.resource_type.name();
        let message =
            format!("the {kind} `{node_name}` asks for the catalog `{name}`, and DuckDB writes to none");
        Some(
            Diagnostic::new(Code::InvalidConfig, message)
                .said(format!("Catalog not found. Received: {name}"))
                .label(Span::start_of(node.file), "")
                .help(format!("remove `{key}` from its configuration")),
        )
    };
    let is_built = |node: &&Node| {
        node.config.is_enabled()
            && matches!(node.resource_type, ResourceType::Model | ResourceType::Seed | ResourceType::Snapshot)
    };
    manifest.nodes.values().filter(is_built).filter_map(ask).collect()
}
