use super::access;
use super::arithmetic::{arithmetic, digits};
use super::family::{distance, never};
use super::operand::{Constant, Operand};
use super::typing::{Typing, problem};
use crate::analyze::functions::{self, Family, Function, Outcome, Overload};
use crate::diagnostic::Code;
use crate::sql::tree::{Argument, BinaryOp, Call, Expr, ExprKind, Lambda, Literal, Name, TextRange};
use crate::sql::{Dialect, TypeKind};

/// An argument that has been typed.
struct Given<'e> {
    name: Option<&'e Name>,
    /// `None` for a query in place of an expression.
    expr: Option<&'e Expr>,
    operand: Operand,
}

impl Typing<'_> {
    pub fn call(&mut self, call: &Call, at: TextRange) -> TypeKind {
        let name = function_name(call, self.dialect);
        let function = name.as_deref().and_then(|name| functions::lookup(self.dialect, name));
        let mut given = Vec::with_capacity(call.arguments.len());
        let mut is_open = false;
        let mut list = None;
        for (place, argument) in call.arguments.iter().enumerate() {
            let (name, expr) = match argument {
                Argument::Expr(expr) => (None, expr),
                Argument::Named(name, expr) => (Some(name), expr),
                Argument::Star(_) => {
                    is_open = true;
                    continue;
                }
                Argument::Query(query) => {
                    let columns = self.environment.subquery(query);
                    list = match columns.as_deref() {
                        Some([Some(kind)]) => Some(TypeKind::list(kind.kind(self.dialect))),
                        _ => Some(TypeKind::Unknown),
                    };
                    given.push(Given { name: None, expr: None, operand: Operand::new(TypeKind::Unknown) });
                    continue;
                }
            };
            is_open |= name.is_some() || stands_for_many(expr);
            let is_part = function.is_some_and(|function| is_part(function, place, call.arguments.len()));
            let operand = match &expr.kind {
                // A word of the grammar, no column.
                ExprKind::Column(path)
                    if is_part && path.len() == 1 && self.environment.column(path).is_none() =>
                {
                    Operand::new(TypeKind::Null)
                }
                ExprKind::Call(call) if is_part && call.name.len() == 1 && call.arguments.len() == 1 => {
                    // `week(monday)`.
                    Operand::new(TypeKind::Null)
                }
                // After the others, which say what its parameters are.
                ExprKind::Lambda(_) => Operand::new(TypeKind::Unknown),
                _ => self.operand(expr),
            };
            given.push(Given { name, expr: Some(expr), operand });
        }
        let lambda = self.lambdas(name.as_deref(), &given);
        let order = self.order(&call.order_by);
        if let Some(filter) = &call.filter {
            let operand = self.operand(filter);
            self.expect_condition(filter, &operand, "FILTER");
        }
        if let Some(window) = &call.over {
            self.window(window);
        }
        let Some(name) = name else { return TypeKind::Unknown };
        if name == "array" && list.is_some() {
            return list.unwrap_or_default();
        }
        let Some(function) = function else {
            self.unknown_function(call, &name);
            return TypeKind::Unknown;
        };
        if let Some(kind) = special(self.dialect, &name, &given) {
            return kind;
        }
        let has_order = !call.order_by.is_empty();
        let Some(overload) = self.choose(call, at, &name, function, &given, is_open || has_order) else {
            return TypeKind::Unknown;
        };
        self.outcome(&overload.outcome, &name, &given, &lambda, &order)
    }

    /// The form of a function that is meant. `None` where it cannot be told, or there is none,
    /// which is complained about.
    fn choose<'f>(
        &mut self,
        call: &Call,
        at: TextRange,
        name: &str,
        function: &'f Function,
        given: &[Given<'_>],
        is_open: bool,
    ) -> Option<&'f Overload> {
        let takes = |overload: &&Overload| {
            let count = given.len();
            overload.required <= count && (overload.rest.is_some() || count <= overload.parameters.len())
        };
        let mut by_count: Vec<&Overload> = function.overloads.iter().filter(takes).collect();
        if by_count.is_empty() && is_open {
            by_count = function.overloads.iter().collect();
        }
        if by_count.is_empty() {
            if !function.overloads.is_empty() {
                self.wrong_count(call, at, name, function, given.len());
            }
            return None;
        }
        let mut best: Option<(u32, Vec<&Overload>)> = None;
        let is_certain = given.iter().all(|argument| argument.operand.kind != TypeKind::Unknown);
        for overload in &by_count {
            let far: Option<u32> = (0..given.len()).map(|place| distance_of(overload, given, place)).sum();
            let Some(far) = far else { continue };
            match &mut best {
                Some((least, found)) if !is_certain || *least == far => found.push(overload),
                Some((least, _)) if *least < far => {}
                _ => best = Some((far, vec![overload])),
            }
        }
        let found = match best {
            Some((_, found)) => found,
            None => {
                let is_possible = |overload: &&&Overload| {
                    !given.iter().enumerate().any(|(place, _)| self.never_takes(overload, given, place))
                };
                let possible: Vec<&Overload> = by_count.iter().filter(is_possible).copied().collect();
                if possible.is_empty() {
                    if !is_open {
                        self.wrong_type(call, at, name, &by_count, given);
                    }
                    return None;
                }
                possible
            }
        };
        let first = *found.first()?;
        found.iter().all(|overload| overload.outcome == first.outcome).then_some(first)
    }

    fn never_takes(&self, overload: &Overload, given: &[Given<'_>], place: usize) -> bool {
        parameter(overload, place).is_some_and(|family| never(self.dialect, &given[place].operand, family))
    }

    fn outcome(
        &mut self,
        outcome: &Outcome,
        name: &str,
        given: &[Given<'_>],
        lambda: &TypeKind,
        order: &[TypeKind],
    ) -> TypeKind {
        let argument =
            |place: usize| given.get(place).map_or(TypeKind::Unknown, |given| given.operand.kind.clone());
        let item = |place: usize| match argument(place) {
            TypeKind::List(item) | TypeKind::Array(item, _) => *item,
            _ => TypeKind::Unknown,
        };
        match outcome {
            Outcome::Unknown => TypeKind::Unknown,
            Outcome::Kind(kind) => kind.clone(),
            Outcome::Argument(place) => match argument(*place) {
                TypeKind::Null => TypeKind::Unknown,
                kind => kind,
            },
            Outcome::Common(first) => {
                let rest: Vec<&Given<'_>> =
                    given.iter().skip(*first).filter(|given| given.expr.is_some()).collect();
                let exprs: Vec<&Expr> = rest.iter().filter_map(|given| given.expr).collect();
                let operands: Vec<Operand> = rest.iter().map(|given| given.operand.clone()).collect();
                self.common_of(&exprs, &operands, &format!("the arguments of `{name}`"))
            }
            Outcome::List(item) => match self.outcome(item, name, given, lambda, order) {
                TypeKind::Unknown => TypeKind::list(TypeKind::Unknown),
                item => TypeKind::list(item),
            },
            Outcome::Item => item(0),
            Outcome::SecondItem => item(1),
            Outcome::Key | Outcome::Value => match argument(0) {
                TypeKind::Map(parts) if outcome == &Outcome::Key => parts.0,
                TypeKind::Map(parts) => parts.1,
                _ => TypeKind::Unknown,
            },
            Outcome::WideDecimal => match digits(&argument(0)) {
                Some((_, scale)) => TypeKind::Decimal(Some((38, scale))),
                None => TypeKind::Unknown,
            },
            Outcome::NoDigits => match digits(&argument(0)) {
                Some((precision, _)) => TypeKind::Decimal(Some((precision, 0))),
                None => TypeKind::Unknown,
            },
            Outcome::Rounded => rounded(&argument(0), given.get(1)),
            Outcome::Lambda => lambda.clone(),
            Outcome::Order => order.first().cloned().unwrap_or_default(),
            Outcome::Fields => {
                let field = |given: &Given<'_>| Some((given.name?.text.clone(), given.operand.kind.clone()));
                given.iter().map(field).collect::<Option<_>>().map_or(TypeKind::Unknown, TypeKind::Struct)
            }
            Outcome::Widest => match self.dialect {
                Dialect::BigQuery | Dialect::Snowflake | Dialect::DuckDb => TypeKind::integer(64),
                _ => TypeKind::integer(32),
            },
        }
    }

    /// Types the lambdas among the arguments, and gives what the first makes.
    fn lambdas(&mut self, name: Option<&str>, given: &[Given<'_>]) -> TypeKind {
        let mut first = None;
        for argument in given {
            if let Some(ExprKind::Lambda(lambda)) = argument.expr.map(|expr| &expr.kind) {
                let kinds = lambda_parameters(name.unwrap_or_default(), given, lambda.parameters.len());
                let kind = self.lambda(lambda, &kinds);
                first.get_or_insert(kind);
            }
        }
        first.unwrap_or_default()
    }

    pub fn lambda(&mut self, lambda: &Lambda, kinds: &[TypeKind]) -> TypeKind {
        let outer = self.parameters.len();
        for (place, parameter) in lambda.parameters.iter().enumerate() {
            let kind = kinds.get(place).cloned().unwrap_or_default();
            self.parameters.push((parameter.folded(self.dialect), kind));
        }
        let kind = self.kind(&lambda.body);
        self.parameters.truncate(outer);
        kind
    }

    fn unknown_function(&mut self, call: &Call, name: &str) {
        let Some(last) = call.name.last() else { return };
        if let Some(near) = functions::near_name(self.dialect, name) {
            let mut problem = problem(
                Code::UnknownFunction,
                format!("there is no function `{}`", last.text),
                last.at,
                "no function of that name".to_owned(),
            );
            problem.help = Some(format!("a function with a similar name exists: `{near}`"));
            self.problems.push(problem);
        }
    }

    fn wrong_count(&mut self, call: &Call, at: TextRange, name: &str, function: &Function, count: usize) {
        let least = function.overloads.iter().map(|overload| overload.required).min().unwrap_or(0);
        let most = function
            .overloads
            .iter()
            .map(|overload| overload.rest.is_none().then_some(overload.parameters.len()))
            .max_by_key(|most| most.unwrap_or(usize::MAX))
            .flatten();
        let arguments = |count: usize| if count == 1 { "argument" } else { "arguments" };
        let takes = match most {
            _ if count < least && most != Some(least) => format!("at least {least} {}", arguments(least)),
            Some(0) => "no arguments".to_owned(),
            Some(most) if most == least => format!("{most} {}", arguments(most)),
            Some(most) if count > most => format!("at most {most} {}", arguments(most)),
            _ => "another number of arguments".to_owned(),
        };
        let mut problem = problem(
            Code::WrongArguments,
            format!("`{name}` takes {takes}, and is given {count}"),
            call.name.last().map_or(at, |name| name.at),
            format!("given {count}"),
        );
        problem.help = Some(forms(name, &function.overloads.iter().collect::<Vec<_>>()));
        self.problems.push(problem);
    }

    fn wrong_type(
        &mut self,
        call: &Call,
        at: TextRange,
        name: &str,
        overloads: &[&Overload],
        given: &[Given<'_>],
    ) {
        // The argument that no form takes, where it is one.
        let culprit = (0..given.len())
            .find(|place| overloads.iter().all(|overload| self.never_takes(overload, given, *place)));
        let kinds: Vec<String> = given.iter().map(|given| self.words(&given.operand.kind)).collect();
        let (message, place, label) = match culprit {
            Some(place) => (
                format!("`{name}` does not take {}", kinds[place]),
                given[place].expr.map_or(at, |expr| expr.at),
                format!("this is {}", kinds[place]),
            ),
            None => (
                format!("`{name}` does not take {} together", kinds.join(" and ")),
                call.name.last().map_or(at, |name| name.at),
                format!("given {}", kinds.join(", ")),
            ),
        };
        let mut problem = problem(Code::WrongArguments, message, place, label);
        problem.help = Some(forms(name, overloads));
        self.problems.push(problem);
    }
}

/// The name a function is looked up by; `None` for one of a schema, which is a user's own.
fn function_name(call: &Call, dialect: Dialect) -> Option<String> {
    let lower = |name: &Name| name.text.to_lowercase();
    match call.name.as_slice() {
        [name] => Some(lower(name)),
        [prefix, name] if dialect == Dialect::BigQuery && lower(prefix) == "safe" => Some(lower(name)),
        [prefix, name] if dialect == Dialect::BigQuery => {
            let whole = format!("{}.{}", lower(prefix), lower(name));
            functions::lookup(dialect, &whole).map(|_| whole)
        }
        _ => None,
    }
}

fn distance_of(overload: &Overload, given: &[Given<'_>], place: usize) -> Option<u32> {
    match (parameter(overload, place), given[place].expr.map(|expr| &expr.kind)) {
        (Some(Family::Lambda), Some(ExprKind::Lambda(_))) => Some(0),
        (Some(Family::Lambda), _) => None,
        (Some(family), _) => distance(&given[place].operand, family),
        // More than it takes, where the number is not known.
        (None, _) => Some(0),
    }
}

fn parameter(overload: &Overload, place: usize) -> Option<&Family> {
    overload.parameters.get(place).or(overload.rest.as_ref())
}

/// Whether the argument at a place is a word of the grammar in the forms with so many.
fn is_part(function: &Function, place: usize, count: usize) -> bool {
    function.overloads.iter().any(|overload| {
        overload.required <= count
            && (overload.rest.is_some() || count <= overload.parameters.len())
            && overload.parameters.get(place) == Some(&Family::Part)
    })
}

/// `COLUMNS(…)` stands for as many arguments as there are columns; what the tree has no place
/// for may be a list that is spread out.
fn stands_for_many(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Columns(_) => true,
        ExprKind::Other { what, .. } => what != "interval" && what != "collate",
        _ => false,
    }
}

fn lambda_parameters(name: &str, given: &[Given<'_>], count: usize) -> Vec<TypeKind> {
    let item = |place: usize| match given.get(place).map(|given| &given.operand.kind) {
        Some(TypeKind::List(item) | TypeKind::Array(item, _)) => item.as_ref().clone(),
        _ => TypeKind::Unknown,
    };
    if let Some(TypeKind::Map(parts)) = given.first().map(|given| &given.operand.kind) {
        return vec![parts.0.clone(), parts.1.clone()];
    }
    match (name, count) {
        ("zip_with", _) => vec![item(0), item(1)],
        ("array_sort" | "list_sort", _) => vec![item(0), item(0)],
        (name, 2..) if name.contains("reduce") || name.contains("aggregate") => {
            vec![TypeKind::Unknown, item(0), TypeKind::Unknown]
        }
        (name, _) if name.contains("reduce") || name.contains("aggregate") => vec![TypeKind::Unknown],
        _ => vec![item(0), TypeKind::Unknown],
    }
}

/// What the numbers of `round(decimal, digits)` come to in DuckDB.
fn rounded(kind: &TypeKind, by: Option<&Given<'_>>) -> TypeKind {
    let TypeKind::Decimal(Some((precision, scale))) = kind else { return TypeKind::Unknown };
    let digits = match by {
        None => 0,
        Some(given) => match given.operand.constant {
            Some(Constant::Whole(Some(digits @ 0..=38))) => i16::try_from(digits).unwrap_or(*scale),
            _ => return TypeKind::Unknown,
        },
    };
    TypeKind::Decimal(Some((*precision, digits.min(*scale))))
}

/// The word or text an argument is.
fn word_of(given: &Given<'_>) -> Option<String> {
    match &given.expr?.kind {
        ExprKind::Literal(Literal::String(text)) => Some(text.to_lowercase()),
        ExprKind::Column(path) => match path.as_slice() {
            [name] => Some(name.text.to_lowercase()),
            _ => None,
        },
        _ => None,
    }
}

/// Functions whose result hangs on the value of an argument.
fn special(dialect: Dialect, name: &str, given: &[Given<'_>]) -> Option<TypeKind> {
    match (name, given) {
        ("extract" | "date_part" | "datepart", [part, _, ..]) => {
            let part = word_of(part)?;
            Some(match (dialect, part.as_str()) {
                (Dialect::DuckDb, "epoch" | "julian") => TypeKind::Double,
                (Dialect::DuckDb, _) => TypeKind::integer(64),
                (Dialect::BigQuery, "date") => TypeKind::Date,
                (Dialect::BigQuery, "time") => TypeKind::Time,
                (Dialect::BigQuery, "datetime") => TypeKind::Timestamp(crate::sql::Zone::None),
                (Dialect::BigQuery, _) => TypeKind::integer(64),
                (Dialect::Spark | Dialect::Databricks, part) if part.starts_with("sec") || part == "s" => {
                    TypeKind::Decimal(Some((8, 6)))
                }
                (Dialect::Spark | Dialect::Databricks, _) => TypeKind::integer(32),
                // `extract` gives numeric where `date_part` gives double, and both are one here.
                (Dialect::Postgres, _) => TypeKind::Unknown,
                _ => return None,
            })
        }
        ("mod", [left, right]) if dialect == Dialect::DuckDb => {
            let kind = arithmetic(dialect, &left.operand, &BinaryOp::Modulo, &right.operand);
            (kind != TypeKind::Unknown).then_some(kind)
        }
        ("struct_extract" | "element_at" | "array_extract" | "list_extract", [whole, field]) => {
            let TypeKind::Struct(fields) = &whole.operand.kind else { return None };
            if field.operand.constant != Some(Constant::Text) {
                return None;
            }
            let word = word_of(field)?;
            let name = Name { text: word, is_quoted: false, at: TextRange::default() };
            Some(access::field(&TypeKind::Struct(fields.clone()), &name, dialect))
        }
        _ => None,
    }
}

/// `it is called as sum(number)`.
fn forms(name: &str, overloads: &[&Overload]) -> String {
    let mut forms: Vec<String> = Vec::new();
    for overload in overloads {
        let mut parameters: Vec<String> = Vec::new();
        for (place, family) in overload.parameters.iter().enumerate() {
            let word = family_word(family);
            parameters.push(if place < overload.required { word } else { format!("[{word}]") });
        }
        if overload.rest.is_some() {
            parameters.push("…".to_owned());
        }
        let form = format!("`{name}({})`", parameters.join(", "));
        if !forms.contains(&form) {
            forms.push(form);
        }
    }
    let more = if forms.len() > 4 { " …" } else { "" };
    forms.truncate(4);
    format!("it is called as {}{more}", forms.join(", "))
}

fn family_word(family: &Family) -> String {
    match family {
        Family::Any => "any".to_owned(),
        Family::Number => "number".to_owned(),
        Family::Whole => "integer".to_owned(),
        Family::Moment => "date or timestamp".to_owned(),
        Family::Clock => "date, time or interval".to_owned(),
        Family::List(item) if item.as_ref() == &Family::Any => "list".to_owned(),
        Family::List(item) => format!("list of {}", family_word(item)),
        Family::Map => "map".to_owned(),
        Family::Struct => "struct".to_owned(),
        Family::Lambda => "lambda".to_owned(),
        Family::Part => "part".to_owned(),
        Family::Kind(kind) => match kind {
            TypeKind::Text(_) => "text".to_owned(),
            TypeKind::Integer { .. } => "integer".to_owned(),
            TypeKind::Decimal(_) => "decimal".to_owned(),
            TypeKind::Float | TypeKind::Double => "number".to_owned(),
            TypeKind::Blob => "blob".to_owned(),
            TypeKind::Timestamp(_) => "timestamp".to_owned(),
            TypeKind::Time | TypeKind::TimeTz => "time".to_owned(),
            other => format!("{other:?}").to_lowercase(),
        },
    }
}
