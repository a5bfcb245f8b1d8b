//! What is taken out of structs, lists, maps and JSON.

use crate::sql::tree::Name;
use crate::sql::{Dialect, TypeKind};

pub(super) fn field(whole: &TypeKind, name: &Name, dialect: Dialect) -> TypeKind {
    match whole {
        TypeKind::Struct(fields) => {
            let is_it = |other: &str| other.to_lowercase() == name.text.to_lowercase();
            fields.iter().find(|(other, _)| is_it(other)).map_or(TypeKind::Unknown, |(_, kind)| kind.clone())
        }
        // Spark takes a field of every struct of a list.
        TypeKind::List(item) if matches!(dialect, Dialect::Spark | Dialect::Databricks) => {
            match field(item, name, dialect) {
                TypeKind::Unknown => TypeKind::Unknown,
                kind => TypeKind::list(kind),
            }
        }
        TypeKind::Map(parts) => parts.1.clone(),
        TypeKind::Json | TypeKind::Variant => whole.clone(),
        _ => TypeKind::Unknown,
    }
}

/// `whole[index]`, or with two and more indices a part of it.
pub(super) fn index(whole: &TypeKind, indices: usize, dialect: Dialect) -> TypeKind {
    match whole {
        TypeKind::List(item) | TypeKind::Array(item, _) if indices == 1 => item.as_ref().clone(),
        TypeKind::List(_) => whole.clone(),
        TypeKind::Array(item, _) => TypeKind::list(item.as_ref().clone()),
        TypeKind::Map(parts) => parts.1.clone(),
        TypeKind::Text(_) if dialect == Dialect::DuckDb => TypeKind::text(),
        TypeKind::Json | TypeKind::Variant => whole.clone(),
        _ => TypeKind::Unknown,
    }
}
