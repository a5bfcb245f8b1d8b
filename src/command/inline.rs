use serde_json::Map;

use crate::context::{ParseContext, Subject};
use crate::diagnostic::Diagnostic;
use crate::jinja::scan;
use crate::manifest::{Manifest, Node, NodeConfig, NodeId, NodeKind, ResourceType};
use crate::parse::{add_node, place_calls};
use crate::session::Session;

/// A copy of the session's manifest with one node more: a template given on the command
/// line (`--inline`), and that node's id.
///
/// # Errors
/// The template is not well-formed, or refers to what is not there.
pub(super) fn with_inline(session: &Session, text: &str) -> Result<(Manifest, NodeId), Vec<Diagnostic>> {
    with_operation(session, "inline_query", text)
}

/// As [`with_inline`], with a name of choice.
pub(super) fn with_operation(
    session: &Session,
    name: &str,
    text: &str,
) -> Result<(Manifest, NodeId), Vec<Diagnostic>> {
    let invocation = &session.invocation;
    let file = invocation.files.add(format!("<{}>", name.replace('_', " ")), text);
    let id = NodeId::new(&format!("sql_operation.{}.{name}", invocation.root_package));
    let subject = Subject {
        package: invocation.root_package.clone(),
        name: name.to_owned(),
        unique_id: id.to_string(),
        resource_type: ResourceType::SqlOperation,
        path: name.to_owned(),
        original_file_path: file.path().to_owned(),
        fqn: vec![invocation.root_package.clone(), "sql".to_owned(), name.to_owned()],
        raw_code: file.shared_text(),
        database: invocation.target.database.clone(),
        schema: invocation.target.schema.clone(),
        alias: name.to_owned(),
        config: Map::new(),
        test_kwargs: Map::new(),
        version: None,
        place: Some(file.span()),
    };
    let context = ParseContext::new(invocation, subject.clone());
    let template = invocation.engine.template(&file, file.span()).map_err(|diagnostic| vec![diagnostic])?;
    invocation.engine.render(&template, &context.value()).map_err(|diagnostic| vec![diagnostic])?;
    let recorded = context.recorded();
    let mut manifest = (*session.manifest).clone();
    let config = NodeConfig::new(
        recorded.configs.iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect(),
    );
    let kind = NodeKind::SqlOperation;
    let mut node = Node {
        path: subject.path,
        original_file_path: subject.original_file_path,
        fqn: subject.fqn,
        raw_code: subject.raw_code,
        config,
        database: subject.database,
        schema: subject.schema,
        ..Node::new(ResourceType::SqlOperation, &subject.package, name, file.span(), kind)
    };
    place_calls(&mut node, recorded, &scan(&file, file.span()));
    add_node(&mut manifest, &invocation.files, &invocation.packages, node)?;
    Ok((manifest, id))
}
