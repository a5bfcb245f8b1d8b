use std::cmp::Ordering;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::arguments::{Arguments, describe, invalid, items, unknown_method};
use crate::jinja::{DynObject, Enumerator, Error, ErrorKind, Object, ObjectRepr, State, Value};

/// Python's `set`: each value once, here in order of first addition.
#[derive(Debug)]
pub(super) struct Set {
    items: Mutex<Vec<Value>>,
}

const METHODS: &[&str] = &[
    "add",
    "discard",
    "remove",
    "pop",
    "clear",
    "copy",
    "update",
    "union",
    "intersection",
    "difference",
    "symmetric_difference",
    "issubset",
    "issuperset",
    "isdisjoint",
];

impl Set {
    pub(super) fn new(items: impl IntoIterator<Item = Value>) -> Self {
        let mut distinct: Vec<Value> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        for item in items {
            if seen.insert(item.clone()) {
                distinct.push(item);
            }
        }
        Self { items: Mutex::new(distinct) }
    }

    pub(super) fn into_value(self) -> Value {
        Value::from_object(self)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Value>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn snapshot(&self) -> Vec<Value> {
        self.lock().clone()
    }

    /// What is in this set and whether `keep` wants it, in a set of its own.
    fn filtered(&self, keep: impl Fn(&Value) -> bool) -> Self {
        Self { items: Mutex::new(self.snapshot().into_iter().filter(keep).collect()) }
    }

    fn add(&self, item: &Value) {
        let mut items = self.lock();
        if !items.contains(item) {
            items.push(item.clone());
        }
    }

    /// The sets that operators make; `None` where the other is no set.
    fn operate(&self, operator: &str, other: &Value) -> Option<Self> {
        let other = other.downcast_object_ref::<Self>()?.snapshot();
        Some(match operator {
            "__or__" => Self::new(self.snapshot().into_iter().chain(other)),
            "__and__" => self.filtered(|item| other.contains(item)),
            "__sub__" => self.filtered(|item| !other.contains(item)),
            "__xor__" => self.symmetric_difference(other),
            _ => return None,
        })
    }

    fn symmetric_difference(&self, other: Vec<Value>) -> Self {
        let own = self.snapshot();
        let kept = self.filtered(|item| !other.contains(item)).snapshot();
        Self::new(kept.into_iter().chain(other.into_iter().filter(|item| !own.contains(item))))
    }
}

/// All items of all arguments.
fn others(method: &str, args: &[Value]) -> Result<Vec<Vec<Value>>, Error> {
    let each = |value: &Value| {
        items(value).ok_or_else(|| invalid(format!("`set.{method}` takes lists, not {}", describe(value))))
    };
    args.iter().map(each).collect()
}

impl Object for Set {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Iterable
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.snapshot())
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.lock().len())
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match (method, args) {
            ("add", [item]) => self.add(item),
            ("discard", [item]) => self.lock().retain(|own| own != item),
            ("remove", [item]) => {
                let at = self.snapshot().iter().position(|own| own == item);
                let Some(at) = at else { return Err(invalid(format!("`{item}` is not in the set"))) };
                self.lock().remove(at);
            }
            ("pop", []) => {
                return self.lock().pop().ok_or_else(|| invalid("`set.pop` was called on an empty set"));
            }
            ("clear", []) => self.lock().clear(),
            ("copy", []) => return Ok(Self::new(self.snapshot()).into_value()),
            ("update", _) => {
                for item in others(method, args)?.iter().flatten() {
                    self.add(item);
                }
            }
            ("union", _) => {
                let more = others(method, args)?.into_iter().flatten();
                return Ok(Self::new(self.snapshot().into_iter().chain(more)).into_value());
            }
            ("intersection", _) => {
                let others = others(method, args)?;
                let kept = self.filtered(|item| others.iter().all(|other| other.contains(item)));
                return Ok(kept.into_value());
            }
            ("difference", _) => {
                let others = others(method, args)?;
                let kept = self.filtered(|item| !others.iter().any(|other| other.contains(item)));
                return Ok(kept.into_value());
            }
            ("symmetric_difference" | "issubset" | "issuperset" | "isdisjoint", _) => {
                let other = Arguments::bind(&format!("set.{method}"), &["other"], args)?.items("other")?;
                let own = self.snapshot();
                return Ok(match method {
                    "symmetric_difference" => self.symmetric_difference(other).into_value(),
                    "issubset" => Value::from(own.iter().all(|item| other.contains(item))),
                    "issuperset" => Value::from(other.iter().all(|item| own.contains(item))),
                    _ => Value::from(!own.iter().any(|item| other.contains(item))),
                });
            }
            (operator, [other]) if operator.starts_with("__") => {
                let set = self.operate(operator, other);
                return set.map(Self::into_value).ok_or_else(|| Error::from(ErrorKind::UnknownMethod));
            }
            ("add" | "discard" | "remove" | "pop" | "clear" | "copy", _) => {
                let count = usize::from(matches!(method, "add" | "discard" | "remove"));
                return Err(invalid(format!("`set.{method}` takes {count} arguments")));
            }
            _ => return Err(unknown_method("set", method, METHODS.iter().copied())),
        }
        Ok(Value::from(()))
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let mut own = self.snapshot();
        let mut other = other.downcast_ref::<Self>()?.snapshot();
        own.sort();
        other.sort();
        Some(own.cmp(&other))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items = self.snapshot();
        if items.is_empty() {
            return f.write_str("set()");
        }
        f.write_str("{")?;
        for (at, item) in items.iter().enumerate() {
            write!(f, "{}{item:?}", if at == 0 { "" } else { ", " })?;
        }
        f.write_str("}")
    }
}
