use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::manifest::ResourceType;

/// `resource_type:seed`.
pub(super) fn parse(raw: &str, value: &str) -> Result<ResourceType, Diagnostic> {
    let is_users =
        |kind: &ResourceType| !matches!(kind, ResourceType::Operation | ResourceType::SqlOperation);
    if let Some(kind) = ResourceType::find(value).filter(is_users) {
        return Ok(kind);
    }
    let names = || ResourceType::ALL.into_iter().filter(is_users).map(ResourceType::name);
    let message = format!("`{value}` in `{raw}` is not a resource type");
    let help = suggest::similar("resource type", value, names()).unwrap_or_else(|| {
        let all = names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        format!("the resource types are {all}")
    });
    Err(Diagnostic::new(Code::InvalidSelector, message).help(help))
}
