// minijinja hands arguments to filters by value.
#![allow(clippy::needless_pass_by_value)]

use std::cmp::Ordering;

use minijinja::value::Rest;

use super::failure::{Failure, fail, raise};
use super::format;
use super::mutable::{List, items_of, list_value, tuple_value};
use super::session::is_undefined;
use super::{Error, ErrorKind, ObjectRepr, State, Value, ValueKind, python};
use crate::diagnostic::{Code, Diagnostic};

/// How long a text or list made with `*` may get.
const LONGEST: usize = 10_000_000;

/// Python's operators where minijinja's differ. Lowering writes them as filters.
pub(super) fn install(env: &mut minijinja::Environment<'static>) {
    env.add_filter("xform_add", |state: &mut State<'_, '_>, left: &Value, right: &Value| {
        add(left, right).or_else(|error| overloaded(state, "add", left, right, error))
    });
    env.add_filter("xform_subtract", |state: &mut State<'_, '_>, left: &Value, right: &Value| {
        numeric("-", left, right, i128::checked_sub, |a, b| a - b)
            .or_else(|error| overloaded(state, "sub", left, right, error))
    });
    env.add_filter("xform_multiply", |state: &mut State<'_, '_>, left: &Value, right: &Value| {
        multiply(left, right).or_else(|error| overloaded(state, "mul", left, right, error))
    });
    env.add_filter("xform_divide", |state: &mut State<'_, '_>, left: &Value, right: &Value| {
        divide(left, right).or_else(|error| overloaded(state, "truediv", left, right, error))
    });
    env.add_filter("xform_floor_divide", |state: &mut State<'_, '_>, left: &Value, right: &Value| {
        let quotient = floor("//", left, right).map(|(quotient, _)| quotient);
        quotient.or_else(|error| overloaded(state, "floordiv", left, right, error))
    });
    env.add_filter("xform_modulo", |state: &mut State<'_, '_>, left: &Value, right: &Value| {
        modulo(left, right).or_else(|error| overloaded(state, "mod", left, right, error))
    });
    env.add_filter("xform_power", power);
    env.add_filter("xform_plus", |value: &Value| signed("+", value, 1));
    env.add_filter("xform_minus", |value: &Value| signed("-", value, -1));
    env.add_filter("xform_iterate", iterate);
    env.add_filter("xform_concat", concat);
    env.add_filter("xform_compare", compare);
    env.add_filter("xform_slice", slice);
}

/// What an object of the context makes of an operator, by Python's names for such methods:
/// `left.__add__(right)`, else `right.__radd__(left)`. An object that has none of them
/// leaves the error as it was.
fn overloaded(
    state: &mut State<'_, '_>,
    operator: &str,
    left: &Value,
    right: &Value,
    error: Error,
) -> Result<Value, Error> {
    if is_undefined(left) || is_undefined(right) {
        return Err(error);
    }
    for (own, method, other) in
        [(left, format!("__{operator}__"), right), (right, format!("__r{operator}__"), left)]
    {
        let Some(object) = own.as_object().filter(|object| object.repr() != ObjectRepr::Map) else {
            continue;
        };
        match object.call_method(state, &method, std::slice::from_ref(other)) {
            Err(missing) if missing.kind() == ErrorKind::UnknownMethod => {}
            answer => return answer,
        }
    }
    Err(error)
}

/// Fails when an operand is undefined, as Jinja2's do.
fn defined(left: &Value, right: &Value) -> Result<(), Error> {
    match [left, right].iter().position(|operand| is_undefined(operand)) {
        Some(operand) => Err(Failure::UndefinedOperand(operand).into_error()),
        None => Ok(()),
    }
}

fn unsupported(operator: &str, left: &Value, right: &Value) -> Error {
    let (left, right) = (python::type_name(left), python::type_name(right));
    let diagnostic = Diagnostic::error(
        Code::JinjaError,
        format!("`{operator}` does not work between `{left}` and `{right}`"),
    );
    let help = match (operator, left, right) {
        ("+", "str", _) | ("+", _, "str") => Some("to join texts and numbers, write `~`"),
        (_, "str", "int" | "float") | (_, "int" | "float", "str") => {
            Some("turn the text into a number with `| int` or `| float`")
        }
        _ => None,
    };
    raise(diagnostic.help(help))
}

fn is_list(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) && !value.is_tuple()
}

fn add(left: &Value, right: &Value) -> Result<Value, Error> {
    defined(left, right)?;
    if let (Some(left), Some(right)) = (left.as_str(), right.as_str()) {
        return Ok(Value::from([left, right].concat()));
    }
    if (is_list(left) && is_list(right)) || (left.is_tuple() && right.is_tuple()) {
        let mut items = items_of(left)?;
        items.extend(items_of(right)?);
        return Ok(if left.is_tuple() { tuple_value(items) } else { list_value(items) });
    }
    numeric("+", left, right, i128::checked_add, |a, b| a + b)
}

fn numeric(
    operator: &str,
    left: &Value,
    right: &Value,
    whole: fn(i128, i128) -> Option<i128>,
    real: fn(f64, f64) -> f64,
) -> Result<Value, Error> {
    defined(left, right)?;
    if let (Some(a), Some(b)) = (python::integer(left), python::integer(right)) {
        return whole(a, b).map(Value::from).ok_or_else(too_large);
    }
    match (python::number(left), python::number(right)) {
        (Some(a), Some(b)) => Ok(Value::from(real(a, b))),
        _ => Err(unsupported(operator, left, right)),
    }
}

fn too_large() -> Error {
    fail("the result is too large a number")
}

fn by_zero() -> Error {
    fail("division by zero")
}

fn multiply(left: &Value, right: &Value) -> Result<Value, Error> {
    defined(left, right)?;
    for (repeated, count) in [(left, right), (right, left)] {
        let Some(count) = python::integer(count) else { continue };
        let count = usize::try_from(count.max(0)).unwrap_or(usize::MAX);
        let fits = |length: usize| {
            let fits = length.checked_mul(count).is_some_and(|total| total <= LONGEST);
            if fits { Ok(()) } else { Err(fail("the result of `*` is too long")) }
        };
        if let Some(text) = repeated.as_str() {
            fits(text.len())?;
            return Ok(Value::from(text.repeat(count)));
        }
        if is_list(repeated) || repeated.is_tuple() {
            let items = items_of(repeated)?;
            fits(items.len())?;
            let all = std::iter::repeat_n(items, count).flatten().collect();
            return Ok(if repeated.is_tuple() { tuple_value(all) } else { list_value(all) });
        }
    }
    numeric("*", left, right, i128::checked_mul, |a, b| a * b)
}

fn divide(left: &Value, right: &Value) -> Result<Value, Error> {
    defined(left, right)?;
    match (python::number(left), python::number(right)) {
        (Some(_), Some(0.0)) => Err(by_zero()),
        (Some(a), Some(b)) => Ok(Value::from(a / b)),
        _ => Err(unsupported("/", left, right)),
    }
}

/// Quotient rounded down, and the remainder that goes with it.
fn floor(operator: &str, left: &Value, right: &Value) -> Result<(Value, Value), Error> {
    defined(left, right)?;
    if let (Some(a), Some(b)) = (python::integer(left), python::integer(right)) {
        if b == 0 {
            return Err(by_zero());
        }
        let quotient = a.checked_div_euclid(b).ok_or_else(too_large)?;
        let remainder = a.checked_rem_euclid(b).ok_or_else(too_large)?;
        // Euclid's remainder is never negative; Python's has the sign of the divisor.
        return Ok(if b < 0 && remainder != 0 {
            (Value::from(quotient - 1), Value::from(remainder + b))
        } else {
            (Value::from(quotient), Value::from(remainder))
        });
    }
    match (python::number(left), python::number(right)) {
        (Some(_), Some(0.0)) => Err(by_zero()),
        (Some(a), Some(b)) => {
            let remainder = a % b;
            let is_off = remainder != 0.0 && (remainder < 0.0) != (b < 0.0);
            let remainder = if is_off { remainder + b } else { remainder };
            Ok((Value::from(((a - remainder) / b).round()), Value::from(remainder)))
        }
        _ => Err(unsupported(operator, left, right)),
    }
}

/// `%`: the remainder of numbers, or formatting of a text.
fn modulo(left: &Value, right: &Value) -> Result<Value, Error> {
    match left.as_str() {
        Some(text) => format::percent(text, right).map(Value::from),
        None => floor("%", left, right).map(|(_, remainder)| remainder),
    }
}

fn power(left: &Value, right: &Value) -> Result<Value, Error> {
    defined(left, right)?;
    if let (Some(a), Some(b)) = (python::integer(left), python::integer(right))
        && let Ok(exponent) = u32::try_from(b)
    {
        return a.checked_pow(exponent).map(Value::from).ok_or_else(too_large);
    }
    match (python::number(left), python::number(right)) {
        (Some(0.0), Some(b)) if b < 0.0 => Err(by_zero()),
        (Some(a), Some(b)) => Ok(Value::from(a.powf(b))),
        _ => Err(unsupported("**", left, right)),
    }
}

fn signed(sign: &str, value: &Value, factor: i8) -> Result<Value, Error> {
    defined(value, value)?;
    if let Some(number) = python::integer(value) {
        return number.checked_mul(i128::from(factor)).map(Value::from).ok_or_else(too_large);
    }
    match python::float(value) {
        Some(number) => Ok(Value::from(number * f64::from(factor))),
        None => Err(fail(format!("`{sign}` does not work on `{}`", python::type_name(value)))),
    }
}

/// What a loop goes over: letters of a text, and nothing that Python cannot iterate.
fn iterate(value: &Value) -> Result<Value, Error> {
    match value.kind() {
        ValueKind::String => Ok(list_value(items_of(value)?)),
        ValueKind::Undefined | ValueKind::Seq | ValueKind::Map | ValueKind::Iterable => Ok(value.clone()),
        _ => items_of(value).map(list_value),
    }
}

fn concat(first: &Value, rest: Rest<Value>) -> String {
    let mut text = python::text(first);
    for value in rest.0 {
        text.push_str(&python::text(&value));
    }
    text
}

/// `a < b <= c`: operators and operands alternate.
fn compare(first: Value, rest: Rest<Value>) -> Result<bool, Error> {
    let mut left = first;
    for (index, pair) in rest.0.chunks_exact(2).enumerate() {
        let [operator, right] = pair else { continue };
        let operator = operator.as_str().unwrap_or_default();
        let holds = match operator {
            "==" => left == *right,
            "!=" => left != *right,
            "in" => contains(right, &left)?,
            "not in" => !contains(right, &left)?,
            _ => {
                if let Some(operand) = [&left, right].iter().position(|operand| is_undefined(operand)) {
                    return Err(Failure::UndefinedOperand(index + operand).into_error());
                }
                let found = order(operator, &left, right)?;
                match operator {
                    "<" => found.is_lt(),
                    "<=" => found.is_le(),
                    ">" => found.is_gt(),
                    _ => found.is_ge(),
                }
            }
        };
        if !holds {
            return Ok(false);
        }
        left = right.clone();
    }
    Ok(true)
}

fn contains(container: &Value, item: &Value) -> Result<bool, Error> {
    if let Some(text) = container.as_str() {
        let Some(part) = item.as_str() else {
            let kind = python::type_name(item);
            return Err(fail(format!("`in` looks for text in a text, not for `{kind}`")));
        };
        return Ok(text.contains(part));
    }
    if container.is_undefined() {
        return Ok(false);
    }
    match container.as_object() {
        Some(object) if object.repr() == ObjectRepr::Map => Ok(object.get_value(item).is_some()),
        _ => Ok(items_of(container)?.contains(item)),
    }
}

/// The order of two values of kinds that Python can compare.
pub(super) fn order(operator: &str, left: &Value, right: &Value) -> Result<Ordering, Error> {
    let is_number = |value: &Value| matches!(value.kind(), ValueKind::Number | ValueKind::Bool);
    let as_sequence =
        |value: &Value| value.downcast_object_ref::<List>().is_some() || value.kind() == ValueKind::Seq;
    if is_number(left) && is_number(right) {
        return Ok(match (python::integer(left), python::integer(right)) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => left.cmp(right),
        });
    }
    if as_sequence(left) && as_sequence(right) && left.is_tuple() == right.is_tuple() {
        let (left, right) = (items_of(left)?, items_of(right)?);
        let compared = python::nested(|| {
            for (a, b) in left.iter().zip(&right) {
                if a != b {
                    return order(operator, a, b);
                }
            }
            Ok(left.len().cmp(&right.len()))
        });
        return compared.unwrap_or_else(|| Err(fail("these lists are nested too deeply to compare")));
    }
    let (left_kind, right_kind) = (left.kind(), right.kind());
    if left_kind == right_kind && matches!(left_kind, ValueKind::String | ValueKind::Bytes | ValueKind::Plain)
    {
        return Ok(left.cmp(right));
    }
    Err(unsupported(operator, left, right))
}

/// `value[start:stop:step]`
fn slice(value: &Value, start: &Value, stop: &Value, step: &Value) -> Result<Value, Error> {
    let bound = |value: &Value| match python::integer(value) {
        Some(number) => Ok(Some(number)),
        None if value.is_none() => Ok(None),
        None if is_undefined(value) => Err(Failure::UndefinedOperand(1).into_error()),
        None => Err(fail(format!("slices need whole numbers, found `{}`", python::type_name(value)))),
    };
    let step = bound(step)?.unwrap_or(1);
    if step == 0 {
        return Err(fail("the step of a slice cannot be zero"));
    }
    let (start, stop) = (bound(start)?, bound(stop)?);
    if let Some(text) = value.as_str() {
        let letters: Vec<char> = text.chars().collect();
        return Ok(Value::from(sliced(&letters, start, stop, step).into_iter().collect::<String>()));
    }
    if is_undefined(value) {
        return Err(Failure::UndefinedOperand(0).into_error());
    }
    if !matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) {
        return Err(fail(format!("`{}` cannot be sliced", python::type_name(value))));
    }
    let items = sliced(&items_of(value)?, start, stop, step);
    Ok(if value.is_tuple() { tuple_value(items) } else { list_value(items) })
}

/// Python's slicing (<https://docs.python.org/3/library/stdtypes.html#common-sequence-operations>).
fn sliced<T: Clone>(items: &[T], start: Option<i128>, stop: Option<i128>, step: i128) -> Vec<T> {
    let length = i128::try_from(items.len()).unwrap_or(i128::MAX);
    let (low, high) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let place = |bound: i128| if bound < 0 { (bound + length).max(low) } else { bound.min(high) };
    let (first, last) = if step > 0 { (low, high) } else { (high, low) };
    let mut at = start.map_or(first, place);
    let stop = stop.map_or(last, place);
    let mut taken = Vec::new();
    while (step > 0 && at < stop) || (step < 0 && at > stop) {
        taken.extend(usize::try_from(at).ok().and_then(|at| items.get(at)).cloned());
        let Some(next) = at.checked_add(step) else { break };
        at = next;
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_cut_as_python_cuts_them() {
        let items = [0, 1, 2, 3, 4];
        assert_eq!(sliced(&items, Some(-2), None, 1), [3, 4]);
        assert_eq!(sliced(&items, None, None, -1), [4, 3, 2, 1, 0]);
        assert_eq!(sliced(&items, Some(3), Some(0), -2), [3, 1]);
        assert_eq!(sliced(&items, Some(9), None, 1), Vec::<i32>::new());
        assert_eq!(sliced(&items, Some(1), Some(i128::MAX), 2), [1, 3]);
    }

    #[test]
    fn whole_division_rounds_down() {
        let floor = |a: i64, b: i64| {
            floor("//", &Value::from(a), &Value::from(b))
                .map(|(q, r)| (q.as_i64(), r.as_i64()))
                .unwrap_or_default()
        };
        assert_eq!(floor(7, 2), (Some(3), Some(1)));
        assert_eq!(floor(-7, 2), (Some(-4), Some(1)));
        assert_eq!(floor(7, -2), (Some(-4), Some(-1)));
        assert_eq!(floor(-7, -2), (Some(3), Some(-1)));
        assert_eq!(floor(6, -2), (Some(-3), Some(0)));
    }
}
