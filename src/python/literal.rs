use rustpython_ruff_python_ast::{Expr, Number, UnaryOp};
use serde_json::{Map, Value};

/// The value of a literal expression; `Err` with the part that is none.
pub(super) fn literal(expr: &Expr) -> Result<Value, &Expr> {
    Ok(match expr {
        Expr::StringLiteral(text) => Value::from(text.value.to_str()),
        Expr::BooleanLiteral(flag) => Value::from(flag.value),
        Expr::NoneLiteral(_) => Value::Null,
        Expr::NumberLiteral(number) => self::number(&number.value).ok_or(expr)?,
        Expr::UnaryOp(operation) if operation.op == UnaryOp::USub => {
            let value = literal(&operation.operand)?;
            match (value.as_i64(), value.as_f64()) {
                (Some(whole), _) => Value::from(-whole),
                (None, Some(float)) => Value::from(-float),
                (None, None) => return Err(expr),
            }
        }
        Expr::List(list) => list.elts.iter().map(literal).collect::<Result<_, _>>()?,
        Expr::Tuple(tuple) => tuple.elts.iter().map(literal).collect::<Result<_, _>>()?,
        Expr::Set(set) => set.elts.iter().map(literal).collect::<Result<_, _>>()?,
        Expr::Dict(dict) => {
            let mut entries = Map::new();
            for item in &dict.items {
                let key = item.key.as_ref().ok_or(expr)?;
                let name = match literal(key)? {
                    Value::String(name) => name,
                    other => other.to_string(),
                };
                entries.insert(name, literal(&item.value)?);
            }
            Value::Object(entries)
        }
        _ => return Err(expr),
    })
}

fn number(number: &Number) -> Option<Value> {
    match number {
        Number::Int(whole) => whole.as_i64().map(Value::from),
        Number::Float(float) => Some(Value::from(*float)),
        Number::Complex { .. } => None,
    }
}
