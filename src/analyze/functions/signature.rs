use super::FunctionKind;
use crate::sql::{TypeKind, Zone};

/// A function with the forms it has.
#[derive(Clone, Debug)]
pub(in crate::analyze) struct Function {
    pub kind: FunctionKind,
    pub overloads: Vec<Overload>,
}

#[derive(Clone, Debug)]
pub(in crate::analyze) struct Overload {
    pub parameters: Vec<Family>,
    /// How many of the parameters must be given.
    pub required: usize,
    /// What may follow, as often as one likes.
    pub rest: Option<Family>,
    pub outcome: Outcome,
}

/// What an argument may be.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::analyze) enum Family {
    /// `any`.
    Any,
    /// `num`.
    Number,
    /// `int`: whole numbers.
    Whole,
    /// `moment`: dates and timestamps.
    Moment,
    /// `clock`: dates, timestamps, times and intervals.
    Clock,
    /// `list`, `[text]`.
    List(Box<Family>),
    /// `map`.
    Map,
    /// `struct`.
    Struct,
    /// `lambda`.
    Lambda,
    /// `part`: a word or text that names a part of a date.
    Part,
    /// `text`, `int64`, `dec`, `ts`: that type, or what becomes one by itself.
    Kind(TypeKind),
}

/// What comes out.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::analyze) enum Outcome {
    /// `?`.
    Unknown,
    Kind(TypeKind),
    /// `$1`: what the argument is, counted from 0 here.
    Argument(usize),
    /// `common`, `common:2`: the common type of the arguments from that on.
    Common(usize),
    /// `[…]`.
    List(Box<Outcome>),
    /// `item`: what the list that is the first argument is of.
    Item,
    /// `item2`: what the list that is the second argument is of.
    SecondItem,
    /// `key` and `value` of the map that is the first argument.
    Key,
    Value,
    /// `dec38`: the decimal that is the first argument, as wide as can be.
    WideDecimal,
    /// `dec0`: the decimal that is the first argument, without digits after the point.
    NoDigits,
    /// `rounded`: the decimal that is the first argument, with the digits the second says.
    Rounded,
    /// `lambda`: what the lambda gives.
    Lambda,
    /// `order`: what it is ordered by, inside of the parentheses or WITHIN GROUP.
    Order,
    /// `fields`: a struct of the named arguments.
    Fields,
    /// `number`: a whole number in the width of the dialect's literals.
    Widest,
}

/// The functions of a table by name, and their lines' faults (none, as a test shows).
pub(super) fn read(table: &str) -> (Vec<(&str, Function)>, Vec<String>) {
    let (mut functions, mut faults, mut kind) = (Vec::new(), Vec::new(), FunctionKind::Scalar);
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(heading) = line.strip_prefix("== ") {
            kind = match heading {
                "scalar" => FunctionKind::Scalar,
                "aggregate" => FunctionKind::Aggregate,
                "window" => FunctionKind::Window,
                "table" => FunctionKind::Table,
                _ => {
                    faults.push(line.to_owned());
                    continue;
                }
            };
            continue;
        }
        let (names, forms) = line.split_once(' ').unwrap_or((line, ""));
        let overloads: Option<Vec<Overload>> =
            forms.split(" | ").filter(|form| !form.trim().is_empty()).map(overload).collect();
        match overloads {
            Some(overloads) => {
                let function = Function { kind, overloads };
                functions.extend(names.split('/').map(|name| (name, function.clone())));
            }
            None => faults.push(line.to_owned()),
        }
    }
    (functions, faults)
}

/// `(text, int?) text`.
fn overload(form: &str) -> Option<Overload> {
    let (parameters, outcome) = form.trim().strip_prefix('(')?.rsplit_once(')')?;
    let (mut families, mut required, mut rest) = (Vec::new(), 0, None);
    for parameter in parameters.split(',').map(str::trim).filter(|parameter| !parameter.is_empty()) {
        if let Some(word) = parameter.strip_suffix("...?") {
            rest = Some(family(word)?);
        } else if let Some(word) = parameter.strip_suffix("...") {
            families.push(family(word)?);
            required = families.len();
            rest = Some(family(word)?);
        } else if let Some(word) = parameter.strip_suffix('?') {
            families.push(family(word)?);
        } else {
            families.push(family(parameter)?);
            required = families.len();
        }
    }
    Some(Overload { parameters: families, required, rest, outcome: self::outcome(outcome.trim())? })
}

fn family(word: &str) -> Option<Family> {
    if let Some(item) = word.strip_prefix('[').and_then(|word| word.strip_suffix(']')) {
        return Some(Family::List(Box::new(family(item)?)));
    }
    Some(match word {
        "any" => Family::Any,
        "num" => Family::Number,
        "int" => Family::Whole,
        "moment" => Family::Moment,
        "clock" => Family::Clock,
        "list" => Family::List(Box::new(Family::Any)),
        "map" => Family::Map,
        "struct" => Family::Struct,
        "lambda" => Family::Lambda,
        "part" => Family::Part,
        _ => Family::Kind(kind(word)?),
    })
}

fn outcome(word: &str) -> Option<Outcome> {
    if let Some(item) = word.strip_prefix('[').and_then(|word| word.strip_suffix(']')) {
        return Some(Outcome::List(Box::new(outcome(item)?)));
    }
    if let Some(argument) = word.strip_prefix('$') {
        return Some(Outcome::Argument(argument.parse::<usize>().ok()?.checked_sub(1)?));
    }
    if let Some(first) = word.strip_prefix("common:") {
        return Some(Outcome::Common(first.parse::<usize>().ok()?.checked_sub(1)?));
    }
    Some(match word {
        "?" => Outcome::Unknown,
        "common" => Outcome::Common(0),
        "item" => Outcome::Item,
        "item2" => Outcome::SecondItem,
        "key" => Outcome::Key,
        "value" => Outcome::Value,
        "dec38" => Outcome::WideDecimal,
        "dec0" => Outcome::NoDigits,
        "rounded" => Outcome::Rounded,
        "lambda" => Outcome::Lambda,
        "order" => Outcome::Order,
        "fields" => Outcome::Fields,
        "int" => Outcome::Widest,
        _ => Outcome::Kind(kind(word)?),
    })
}

fn kind(word: &str) -> Option<TypeKind> {
    let bits = |digits: &str| digits.parse::<u16>().ok();
    if let Some(digits) = word.strip_prefix("uint") {
        return Some(TypeKind::Integer { bits: bits(digits)?, is_signed: false });
    }
    if let Some(digits) = word.strip_prefix("int").filter(|digits| digits.parse::<u16>().is_ok()) {
        return Some(TypeKind::integer(bits(digits)?));
    }
    Some(match word {
        "bool" => TypeKind::Boolean,
        "bignum" => TypeKind::integer(0),
        "dec" => TypeKind::Decimal(None),
        "bignumeric" => TypeKind::Decimal(Some((76, 38))),
        "numeric" => TypeKind::Decimal(Some((38, 9))),
        "number" => TypeKind::Decimal(Some((38, 0))),
        "float" => TypeKind::Float,
        "double" => TypeKind::Double,
        "text" => TypeKind::Text(None),
        "blob" => TypeKind::Blob,
        "bit" => TypeKind::Bit,
        "date" => TypeKind::Date,
        "time" => TypeKind::Time,
        "timetz" => TypeKind::TimeTz,
        "ts" => TypeKind::Timestamp(Zone::None),
        "tstz" => TypeKind::Timestamp(Zone::Local),
        "tskept" => TypeKind::Timestamp(Zone::Kept),
        "interval" => TypeKind::Interval,
        "uuid" => TypeKind::Uuid,
        "json" => TypeKind::Json,
        "variant" => TypeKind::Variant,
        "geo" => TypeKind::Geography,
        "object" => TypeKind::map(TypeKind::Text(None), TypeKind::Unknown),
        _ => return None,
    })
}
