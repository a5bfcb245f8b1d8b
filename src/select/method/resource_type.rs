use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::ResourceType;

/// `resource_type:seed`.
pub(super) fn parse(raw: &str, value: &str) -> Result<ResourceType, Diagnostic> {
    if let Some(kind) = ResourceType::find(value) {
        return Ok(kind);
    }
    if ["unit_test", "metric", "semantic_model", "saved_query", "function"].contains(&value) {
        let message = format!("the resource type `{value}` is not supported yet");
        return Err(Diagnostic::new(Code::NotSupported, message).note(format!("it is used in `{raw}`")));
    }
    let names = ResourceType::ALL.map(ResourceType::name);
    let message = format!("`{value}` in `{raw}` is not a resource type");
    let all = names.map(|name| format!("`{name}`")).join(", ");
    let help = suggest::similar("resource type", value, names);
    Err(Diagnostic::new(Code::InvalidSelector, message)
        .help(help.unwrap_or_else(|| format!("the resource types are {all}"))))
}
