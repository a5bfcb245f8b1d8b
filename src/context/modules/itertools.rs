use crate::context::arguments::{Arguments, invalid, items, split};
use crate::context::function::{Bag, function, pure};
use crate::context::values::list;
use crate::jinja::{Error, Object, ObjectRepr, State, Tuple, Value};
use std::fmt;
use std::sync::Arc;

/// More than this in one list is taken for a mistake.
const MOST: usize = 1_000_000;

/// `modules.itertools`. What goes on for ever (`count`, `cycle`, `repeat`) is gone through
/// as it is asked for, all else is a list at once.
/// See <https://docs.python.org/3/library/itertools.html>.
pub(super) fn module() -> Value {
    Bag::value(
        "module 'itertools'",
        vec![
            ("accumulate", function("accumulate", accumulate)),
            ("chain", Value::from_object(Chain)),
            ("combinations", pure("combinations", |args| choose("combinations", args))),
            (
                "combinations_with_replacement",
                pure("combinations_with_replacement", |args| choose("combinations_with_replacement", args)),
            ),
            ("compress", pure("compress", compress)),
            ("count", pure("count", count)),
            ("cycle", pure("cycle", cycle)),
            ("dropwhile", function("dropwhile", |state, args| filtered(state, "dropwhile", args))),
            ("filterfalse", function("filterfalse", |state, args| filtered(state, "filterfalse", args))),
            ("groupby", function("groupby", groupby)),
            ("islice", pure("islice", islice)),
            ("pairwise", pure("pairwise", pairwise)),
            ("permutations", pure("permutations", |args| choose("permutations", args))),
            ("product", pure("product", product)),
            ("repeat", pure("repeat", repeat)),
            ("starmap", function("starmap", starmap)),
            ("takewhile", function("takewhile", |state, args| filtered(state, "takewhile", args))),
            ("tee", pure("tee", tee)),
            ("zip_longest", pure("zip_longest", zip_longest)),
        ],
    )
}

/// The items of an argument that Python would iterate: text gives its characters.
fn each(function: &str, value: &Value) -> Result<Vec<Value>, Error> {
    if let Some(text) = value.as_str() {
        return Ok(text.chars().map(|c| Value::from(c.to_string())).collect());
    }
    items(value).ok_or_else(|| {
        let found = crate::context::arguments::describe(value);
        invalid(format!("`itertools.{function}` goes through lists, not {found}"))
    })
}

fn tuple(values: Vec<Value>) -> Value {
    Value::from(Tuple::new(values))
}

fn too_many(function: &str) -> Error {
    invalid(format!("`itertools.{function}` would give more than {MOST} items"))
}

/// `chain(a, b)` and `chain.from_iterable([a, b])`.
#[derive(Debug)]
struct Chain;

impl Object for Chain {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, _state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        let mut all = Vec::new();
        for value in args {
            all.extend(each("chain", value)?);
        }
        Ok(list(all))
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match (method, args) {
            ("from_iterable", [lists]) => self.call(state, &each("chain.from_iterable", lists)?),
            _ => Err(crate::context::arguments::unknown_method("itertools.chain", method, ["from_iterable"])),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<class 'itertools.chain'>")
    }
}

fn product(args: &[Value]) -> Result<Value, Error> {
    let (lists, keywords) = split(args);
    let mut repeat = 1;
    for (name, value) in keywords {
        match (name.as_str(), value.as_usize()) {
            ("repeat", Some(times)) if times <= MOST => repeat = times,
            _ => return Err(invalid("`itertools.product` takes lists and the number `repeat`")),
        }
    }
    let once = lists.iter().map(|value| each("product", value)).collect::<Result<Vec<_>, _>>()?;
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for choices in std::iter::repeat_n(&once, repeat).flatten() {
        if rows.len().saturating_mul(choices.len()) > MOST {
            return Err(too_many("product"));
        }
        let longer = rows.iter().flat_map(|row| {
            choices.iter().map(move |choice| row.iter().cloned().chain([choice.clone()]).collect())
        });
        rows = longer.collect();
    }
    Ok(list(rows.into_iter().map(tuple).collect()))
}

/// Combinations and permutations of `r` of the items, in Python's order.
fn choose(kind: &'static str, args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind(kind, &["iterable", "r"], args)?;
    let pool = each(kind, args.required("iterable")?)?;
    let length = match (args.optional_integer("r")?, kind) {
        (Some(length), _) => usize::try_from(length).map_err(|_| args.wrong("r", "a positive number"))?,
        (None, "permutations") => pool.len(),
        (None, _) => return Err(args.required("r").err().unwrap_or_else(|| args.wrong("r", "a number"))),
    };
    let mut found: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..length {
        let mut longer = Vec::new();
        for chosen in &found {
            for at in 0..pool.len() {
                let fits = match kind {
                    "permutations" => !chosen.contains(&at),
                    "combinations" => chosen.last().is_none_or(|last| at > *last),
                    _ => chosen.last().is_none_or(|last| at >= *last),
                };
                if fits {
                    longer.push(chosen.iter().copied().chain([at]).collect());
                }
            }
            if longer.len() > MOST {
                return Err(too_many(kind));
            }
        }
        found = longer;
        if found.is_empty() {
            break;
        }
    }
    let pick = |chosen: Vec<usize>| tuple(chosen.iter().filter_map(|at| pool.get(*at).cloned()).collect());
    Ok(list(found.into_iter().map(pick).collect()))
}

fn compress(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("compress", &["data", "selectors"], args)?;
    let data = each("compress", args.required("data")?)?;
    let selectors = each("compress", args.required("selectors")?)?;
    Ok(list(
        data.into_iter().zip(selectors).filter(|(_, keep)| keep.is_true()).map(|(item, _)| item).collect(),
    ))
}

fn pairwise(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("pairwise", &["iterable"], args)?;
    let items = each("pairwise", args.required("iterable")?)?;
    Ok(list(items.windows(2).map(|pair| tuple(pair.to_vec())).collect()))
}

fn tee(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("tee", &["iterable", "n"], args)?;
    let items = each("tee", args.required("iterable")?)?;
    let copies = usize::try_from(args.optional_integer("n")?.unwrap_or(2)).unwrap_or(0);
    if copies.saturating_mul(items.len().max(1)) > MOST {
        return Err(too_many("tee"));
    }
    Ok(tuple((0..copies).map(|_| list(items.clone())).collect()))
}

fn zip_longest(args: &[Value]) -> Result<Value, Error> {
    let (lists, keywords) = split(args);
    let mut fill = Value::from(());
    for (name, value) in keywords {
        match name.as_str() {
            "fillvalue" => fill = value,
            _ => return Err(invalid(format!("`itertools.zip_longest` has no argument `{name}`"))),
        }
    }
    let lists = lists.iter().map(|value| each("zip_longest", value)).collect::<Result<Vec<_>, _>>()?;
    let longest = lists.iter().map(Vec::len).max().unwrap_or(0);
    let row = |at: usize| {
        tuple(lists.iter().map(|items| items.get(at).cloned().unwrap_or_else(|| fill.clone())).collect())
    };
    Ok(list((0..longest).map(row).collect()))
}

fn islice(args: &[Value]) -> Result<Value, Error> {
    let positional = Arguments::bind("islice", &["iterable", "start", "stop", "step"], args)?;
    let iterable = positional.required("iterable")?;
    let number = |name: &str| -> Result<Option<usize>, Error> {
        positional
            .optional_integer(name)?
            .map(|number| usize::try_from(number).map_err(|_| positional.wrong(name, "a positive number")))
            .transpose()
    };
    // With one number, that is where to stop.
    let (start, stop) = match positional.get("stop") {
        None => (0, number("start")?),
        Some(_) => (number("start")?.unwrap_or(0), number("stop")?),
    };
    let step = number("step")?.unwrap_or(1).max(1);
    let wanted = stop.unwrap_or(usize::MAX).saturating_sub(start);
    let found: Vec<Value> = match iterable.as_str() {
        Some(_) => each("islice", iterable)?.into_iter().skip(start).take(wanted).step_by(step).collect(),
        None => {
            let iter = iterable.try_iter().map_err(|_| positional.wrong("iterable", "a list"))?;
            iter.skip(start).take(wanted.min(MOST + 1)).step_by(step).collect()
        }
    };
    if found.len() > MOST {
        return Err(too_many("islice"));
    }
    Ok(list(found))
}

fn repeat(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("repeat", &["object", "times"], args)?;
    let object = args.required("object")?.clone();
    match args.optional_integer("times")? {
        None => Ok(Value::make_iterable(move || std::iter::repeat(object.clone()))),
        Some(times) => {
            let times = usize::try_from(times).unwrap_or(0);
            if times > MOST {
                return Err(too_many("repeat"));
            }
            Ok(list(vec![object; times]))
        }
    }
}

fn count(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("count", &["start", "step"], args)?;
    let start = args.optional_integer("start")?.unwrap_or(0);
    let step = args.optional_integer("step")?.unwrap_or(1);
    Ok(Value::make_iterable(move || (0..).map(move |times: i64| start + times * step)))
}

fn cycle(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("cycle", &["iterable"], args)?;
    let items = each("cycle", args.required("iterable")?)?;
    Ok(Value::make_iterable(move || items.clone().into_iter().cycle()))
}

fn accumulate(state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("accumulate", &["iterable", "func", "initial"], args)?;
    let items = each("accumulate", args.required("iterable")?)?;
    let initial = args.some("initial").cloned();
    let mut totals: Vec<Value> = initial.into_iter().collect();
    for item in items {
        let next = match (totals.last().cloned(), args.some("func")) {
            (None, _) => item,
            (Some(total), Some(function)) => function.call(state, &[total, item])?,
            (Some(total), None) => add(&total, &item)?,
        };
        totals.push(next);
    }
    Ok(list(totals))
}

/// Python's `+` of numbers and texts.
fn add(left: &Value, right: &Value) -> Result<Value, Error> {
    let sum = match (left.as_str(), right.as_str()) {
        (Some(left), Some(right)) => Some(Value::from(format!("{left}{right}"))),
        (None, None) => match (left.as_i64(), right.as_i64()) {
            (Some(left), Some(right)) => left.checked_add(right).map(Value::from),
            _ => f64::try_from(left.clone())
                .ok()
                .zip(f64::try_from(right.clone()).ok())
                .map(|(left, right)| Value::from(left + right)),
        },
        _ => None,
    };
    sum.ok_or_else(|| invalid("`itertools.accumulate` adds numbers or texts; give it a function for others"))
}

fn starmap(state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("starmap", &["function", "iterable"], args)?;
    let function = args.required("function")?;
    let mut results = Vec::new();
    for row in each("starmap", args.required("iterable")?)? {
        results.push(function.call(state, &each("starmap", &row)?)?);
    }
    Ok(list(results))
}

fn filtered(state: &mut State<'_, '_>, kind: &'static str, args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind(kind, &["predicate", "iterable"], args)?;
    let predicate = args.some("predicate");
    let mut kept = Vec::new();
    let mut has_turned = false;
    for item in each(kind, args.required("iterable")?)? {
        let holds = match predicate {
            Some(predicate) if !has_turned => predicate.call(state, std::slice::from_ref(&item))?.is_true(),
            _ => item.is_true(),
        };
        match kind {
            "takewhile" if !holds => break,
            "dropwhile" if holds && !has_turned => continue,
            "filterfalse" if holds => continue,
            _ => {}
        }
        has_turned = kind == "dropwhile";
        kept.push(item);
    }
    Ok(list(kept))
}

fn groupby(state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("groupby", &["iterable", "key"], args)?;
    let mut groups: Vec<(Value, Vec<Value>)> = Vec::new();
    for item in each("groupby", args.required("iterable")?)? {
        let key = match args.some("key") {
            Some(function) => function.call(state, std::slice::from_ref(&item))?,
            None => item.clone(),
        };
        match groups.last_mut() {
            Some((last, members)) if *last == key => members.push(item),
            _ => groups.push((key, vec![item])),
        }
    }
    Ok(list(groups.into_iter().map(|(key, members)| tuple(vec![key, list(members)])).collect()))
}
