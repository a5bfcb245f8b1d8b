use std::cmp::Ordering;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indexmap::IndexMap;
use minijinja::value::{DynObject, from_args};

use super::failure::{fail, wrong_arguments};
use super::operators::order;
use super::python;
use super::{Enumerator, Error, ErrorKind, Kwargs, Object, ObjectRepr, State, Value};

/// A Python list. Clones of the value are the same list. Iterating goes over the items
/// there were at the beginning; the lock is never held while anything else is called.
#[derive(Debug)]
pub struct List(Mutex<Vec<Value>>);

/// A Python dict, in order of insertion. As [`List`] otherwise.
#[derive(Debug)]
pub struct Dict(Mutex<IndexMap<Value, Value>>);

/// A list that templates can change.
#[must_use]
pub fn list_value(items: Vec<Value>) -> Value {
    Value::from_object(List(Mutex::new(items)))
}

/// A dict that templates can change.
#[must_use]
pub fn dict_value(pairs: impl IntoIterator<Item = (Value, Value)>) -> Value {
    Value::from_object(Dict(Mutex::new(pairs.into_iter().collect())))
}

/// A Python tuple.
#[must_use]
pub fn tuple_value(items: Vec<Value>) -> Value {
    Value::from(minijinja::value::Tuple::from(items))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The items of an iterable, collected: nothing is locked when they are used.
pub(super) fn items_of(value: &Value) -> Result<Vec<Value>, Error> {
    if let Some(list) = value.downcast_object_ref::<List>() {
        return Ok(list.snapshot());
    }
    if let Some(text) = value.as_str() {
        return Ok(text.chars().map(Value::from).collect());
    }
    match value.try_iter() {
        Ok(items) if !value.is_none() => items.checked().collect(),
        _ => Err(fail(format!("`{}` cannot be iterated over", python::type_name(value)))),
    }
}

/// The pairs of a mapping, or of a sequence of pairs.
pub(super) fn pairs_of(value: &Value) -> Result<Vec<(Value, Value)>, Error> {
    if let Some(dict) = value.downcast_object_ref::<Dict>() {
        return Ok(dict.snapshot());
    }
    if let Some(object) = value.as_object().filter(|object| object.repr() == ObjectRepr::Map) {
        return Ok(object.try_iter_pairs().map(Iterator::collect).unwrap_or_default());
    }
    let pair = |item: &Value| match items_of(item)?.as_slice() {
        [key, value] => Ok((key.clone(), value.clone())),
        other => Err(fail(format!("expected pairs of a key and a value, found {} items", other.len()))),
    };
    items_of(value)?.iter().map(pair).collect()
}

/// A place in a sequence of that length, counted from the end when negative.
pub(super) fn index_of(key: &Value, length: usize) -> Option<usize> {
    let index = python::integer(key)?;
    let length = i128::try_from(length).ok()?;
    let index = if index < 0 { index + length } else { index };
    if index < length { usize::try_from(index).ok() } else { None }
}

impl List {
    fn snapshot(&self) -> Vec<Value> {
        lock(&self.0).clone()
    }
}

impl Dict {
    fn snapshot(&self) -> Vec<(Value, Value)> {
        lock(&self.0).iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }
}

impl Object for List {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let items = lock(&self.0);
        items.get(index_of(key, items.len())?).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.snapshot())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(lock(&self.0).len())
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Self>()?;
        let (own, other) = (self.snapshot(), other.snapshot());
        Some(python::nested(|| own.cmp(&other)).unwrap_or(Ordering::Less))
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let none = Value::from(());
        match method {
            "append" => {
                let (item,): (Value,) = arguments(method, args, "one value")?;
                lock(&self.0).push(item);
            }
            "extend" => {
                let (more,): (Value,) = arguments(method, args, "one list")?;
                let more = items_of(&more)?;
                lock(&self.0).extend(more);
            }
            "insert" => {
                let (index, item): (i64, Value) = arguments(method, args, "a place and a value")?;
                let mut items = lock(&self.0);
                let length = items.len();
                let at = if index < 0 {
                    length.saturating_sub(usize::try_from(index.unsigned_abs()).unwrap_or(length))
                } else {
                    usize::try_from(index).unwrap_or(length).min(length)
                };
                items.insert(at, item);
            }
            "pop" => {
                let (index,): (Option<Value>,) = arguments(method, args, "at most one place")?;
                let mut items = lock(&self.0);
                let index = index.unwrap_or_else(|| Value::from(-1));
                return match index_of(&index, items.len()) {
                    Some(at) => Ok(items.remove(at)),
                    None if items.is_empty() => Err(fail("`pop` from an empty list")),
                    None => Err(fail(format!("the list has no item {index} to `pop`"))),
                };
            }
            "remove" => {
                let (item,): (Value,) = arguments(method, args, "one value")?;
                let at = self.snapshot().iter().position(|own| *own == item);
                let Some(at) = at else {
                    return Err(fail(format!("{} is not in the list", python::repr(&item))));
                };
                lock(&self.0).remove(at);
            }
            "clear" => lock(&self.0).clear(),
            "reverse" => lock(&self.0).reverse(),
            "copy" => return Ok(list_value(self.snapshot())),
            "sort" => {
                let (kwargs,): (Kwargs,) = arguments(method, args, "only `reverse`")?;
                let is_reversed: Option<bool> = kwargs.get("reverse")?;
                kwargs.assert_all_used()?;
                let keyed = self.snapshot().into_iter().map(|item| (item.clone(), item)).collect();
                let sorted = sort_by_key(keyed, is_reversed.unwrap_or(false))?;
                *lock(&self.0) = sorted;
            }
            "index" => {
                let (item, from): (Value, Option<usize>) = arguments(method, args, "a value")?;
                let items = self.snapshot();
                let at = items.iter().skip(from.unwrap_or(0)).position(|own| *own == item);
                return match at {
                    Some(at) => Ok(Value::from(at + from.unwrap_or(0))),
                    None => Err(fail(format!("{} is not in the list", python::repr(&item)))),
                };
            }
            "count" => {
                let (item,): (Value,) = arguments(method, args, "one value")?;
                return Ok(Value::from(self.snapshot().iter().filter(|own| **own == item).count()));
            }
            _ => return Err(Error::from(ErrorKind::UnknownMethod)),
        }
        Ok(none)
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&python::sequence_text("[", &self.snapshot(), "]"))
    }
}

impl Object for Dict {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        lock(&self.0).get(key).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(lock(&self.0).keys().cloned().collect())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(lock(&self.0).len())
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "get" => {
                let (key, default): (Value, Option<Value>) = arguments(method, args, "a key and a default")?;
                Ok(lock(&self.0).get(&key).cloned().or(default).unwrap_or_else(|| Value::from(())))
            }
            "items" => {
                arguments::<()>(method, args, "nothing")?;
                let pair = |(key, value)| tuple_value(vec![key, value]);
                Ok(list_value(self.snapshot().into_iter().map(pair).collect()))
            }
            "keys" => {
                arguments::<()>(method, args, "nothing")?;
                Ok(list_value(lock(&self.0).keys().cloned().collect()))
            }
            "values" => {
                arguments::<()>(method, args, "nothing")?;
                Ok(list_value(lock(&self.0).values().cloned().collect()))
            }
            "update" => {
                let (others, kwargs): (&[Value], Kwargs) = arguments(method, args, "a mapping")?;
                let mut more = match others {
                    [] => Vec::new(),
                    [other] => pairs_of(other)?,
                    _ => return Err(wrong_arguments(method, "a mapping")),
                };
                for name in kwargs.args() {
                    more.push((Value::from(name), kwargs.peek(name)?));
                }
                lock(&self.0).extend(more);
                Ok(Value::from(()))
            }
            "pop" => {
                let (key, _): (Value, Option<Value>) = arguments(method, args, "a key and a default")?;
                let removed = lock(&self.0).shift_remove(&key);
                let default = args.get(1).cloned();
                removed.or(default).ok_or_else(|| fail(format!("the dict has no key {}", python::repr(&key))))
            }
            "popitem" => {
                arguments::<()>(method, args, "nothing")?;
                match lock(&self.0).pop() {
                    Some((key, value)) => Ok(tuple_value(vec![key, value])),
                    None => Err(fail("`popitem` from an empty dict")),
                }
            }
            "setdefault" => {
                let (key, default): (Value, Option<Value>) = arguments(method, args, "a key and a default")?;
                let default = default.unwrap_or_else(|| Value::from(()));
                Ok(lock(&self.0).entry(key).or_insert(default).clone())
            }
            "copy" => Ok(dict_value(self.snapshot())),
            "clear" => {
                lock(&self.0).clear();
                Ok(Value::from(()))
            }
            _ => Err(Error::from(ErrorKind::UnknownMethod)),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = self.snapshot();
        f.write_str(&python::mapping_text(pairs.iter().map(|(key, value)| (key, value))))
    }
}

/// The arguments of a method, or a diagnostic that says what it takes.
pub(super) fn arguments<'a, A>(method: &str, args: &'a [Value], takes: &str) -> Result<A, Error>
where
    A: minijinja::value::FunctionArgs<'a, Output = A>,
{
    from_args::<A>(args).map_err(|_| wrong_arguments(method, takes))
}

/// Items sorted by their keys as Python sorts, or an error where two keys cannot be
/// compared.
pub(super) fn sort_by_key(mut keyed: Vec<(Value, Value)>, is_reversed: bool) -> Result<Vec<Value>, Error> {
    let mut error = None;
    keyed.sort_by(|(left, _), (right, _)| {
        let found = order("<", left, right).unwrap_or_else(|cause| {
            error.get_or_insert(cause);
            Ordering::Equal
        });
        if is_reversed { found.reverse() } else { found }
    });
    match error {
        None => Ok(keyed.into_iter().map(|(_, item)| item).collect()),
        Some(error) => Err(error),
    }
}
