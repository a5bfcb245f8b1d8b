use super::scope::key;
use crate::sql::tree::Name;
use crate::sql::{DataType, Dialect, TypeKind};

/// The fields of a struct type, in order; `None` for what is no struct or not known as one.
pub(super) fn fields(data_type: &DataType, dialect: Dialect) -> Option<Vec<(String, Option<DataType>)>> {
    match TypeKind::read(data_type.as_str(), dialect) {
        TypeKind::Struct(fields) if !fields.is_empty() => {
            let field = |(name, kind): (String, TypeKind)| (name, kind.data_type(dialect));
            Some(fields.into_iter().map(field).collect())
        }
        _ => None,
    }
}

/// The type at the end of a path of fields.
pub(super) fn field_type(data_type: DataType, path: &[Name], dialect: Dialect) -> Option<DataType> {
    path.iter().try_fold(data_type, |outer, name| {
        let wanted = key(&name.text);
        fields(&outer, dialect)?.into_iter().find(|(field, _)| key(field) == wanted)?.1
    })
}

/// The type of the items of a list type.
pub(super) fn item_type(data_type: &DataType, dialect: Dialect) -> Option<DataType> {
    match TypeKind::read(data_type.as_str(), dialect) {
        TypeKind::List(item) | TypeKind::Array(item, _) => item.data_type(dialect),
        _ => None,
    }
}
