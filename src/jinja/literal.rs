use serde_json::{Map, Number, Value as Json};

use super::expression::{Expression, ExpressionKind as Kind};
use super::expression_parser::ExpressionParser;
use super::python;
use super::token::{Closing, tokenize};

/// What a literal expression stands for: texts, numbers, `true`, `none`, and lists,
/// tuples and dicts of those. `None` if it is no literal.
pub(super) fn value_of(expression: &Expression) -> Option<Json> {
    Some(match &expression.kind {
        Kind::None => Json::Null,
        Kind::Bool(value) => Json::Bool(*value),
        Kind::Text(text) => Json::String(text.clone()),
        Kind::Integer(digits) => number(digits)?,
        Kind::Float(digits) => Json::Number(Number::from_f64(digits.parse().ok()?)?),
        Kind::Sign(sign, operand) => match (sign, value_of(operand)?) {
            ('+', number @ Json::Number(_)) => number,
            ('-', Json::Number(number)) => negative(&number)?,
            _ => return None,
        },
        Kind::List(items) | Kind::Tuple(items) => {
            Json::Array(items.iter().map(value_of).collect::<Option<Vec<_>>>()?)
        }
        Kind::Dict(pairs) => {
            let pair = |(key, value): &(Expression, Expression)| {
                let key = match value_of(key)? {
                    Json::String(text) => text,
                    other => python::text(&super::from_json(&other)),
                };
                Some((key, value_of(value)?))
            };
            Json::Object(pairs.iter().map(pair).collect::<Option<Map<_, _>>>()?)
        }
        Kind::Concatenate(items) => {
            let texts = items.iter().map(|item| Some(python::text(&super::from_json(&value_of(item)?))));
            Json::String(texts.collect::<Option<Vec<_>>>()?.concat())
        }
        _ => return None,
    })
}

fn number(digits: &str) -> Option<Json> {
    match (digits.parse::<i64>(), digits.parse::<u64>()) {
        (Ok(number), _) => Some(Json::from(number)),
        (_, Ok(number)) => Some(Json::from(number)),
        _ => Number::from_f64(digits.parse().ok()?).map(Json::Number),
    }
}

fn negative(number: &Number) -> Option<Json> {
    match number.as_i64().and_then(i64::checked_neg) {
        Some(number) => Some(Json::from(number)),
        None => Number::from_f64(-number.as_f64()?).map(Json::Number),
    }
}

/// What a text stands for, read as one literal.
pub(super) fn literal(text: &str) -> Option<Json> {
    let (tokens, end) = tokenize(text, 0, Closing::End, &(0..0)).ok()?;
    let mut parser = ExpressionParser::new(text, &tokens, end);
    let expression = parser.tuple().ok()?;
    parser.finish().ok()?;
    value_of(&expression)
}
