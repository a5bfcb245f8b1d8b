use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::jinja::{Error, ErrorKind, Kwargs, Value, ValueKind, raise};

/// The arguments of one call, bound to the names of parameters as Python binds them.
#[derive(Debug)]
pub(super) struct Arguments {
    function: String,
    bound: Vec<(&'static str, Option<Value>)>,
}

impl Arguments {
    /// Binds what a template gave to `parameters`. `function` is how messages call it.
    ///
    /// # Errors
    /// There are too many arguments, one is given twice, or none has that name.
    pub(super) fn bind(
        function: &str,
        parameters: &'static [&'static str],
        given: &[Value],
    ) -> Result<Self, Error> {
        let (positional, keywords) = split(given);
        if positional.len() > parameters.len() {
            let takes = match parameters.len() {
                0 => "no arguments".to_owned(),
                1 => "one argument".to_owned(),
                count => format!("{count} arguments"),
            };
            let message = format!("`{function}` takes {takes}, and was given {}", positional.len());
            return Err(raise(error(message).help(signature(function, parameters))));
        }
        let mut bound: Vec<(&'static str, Option<Value>)> =
            parameters.iter().map(|name| (*name, None)).collect();
        for (slot, value) in bound.iter_mut().zip(positional) {
            slot.1 = Some(value.clone());
        }
        for (name, value) in keywords {
            let Some(slot) = bound.iter_mut().find(|(parameter, _)| *parameter == name) else {
                let message = format!("`{function}` has no argument `{name}`");
                let similar = suggest::similar("parameter", &name, parameters.iter().copied());
                let help = similar.unwrap_or_else(|| signature(function, parameters));
                return Err(raise(error(message).help(help)));
            };
            if slot.1.is_some() {
                let message = format!("`{function}` was given the argument `{name}` twice");
                return Err(raise(error(message).help(signature(function, parameters))));
            }
            slot.1 = Some(value);
        }
        Ok(Self { function: function.to_owned(), bound })
    }

    /// What was given for a parameter, `none` too.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.bound.iter().find(|(parameter, _)| *parameter == name).and_then(|(_, value)| value.as_ref())
    }

    /// What was given, unless it is `none` or undefined.
    pub(super) fn some(&self, name: &str) -> Option<&Value> {
        self.get(name).filter(|value| !value.is_none() && !value.is_undefined())
    }

    /// What was given.
    ///
    /// # Errors
    /// Nothing was.
    pub(super) fn required(&self, name: &str) -> Result<&Value, Error> {
        self.get(name).ok_or_else(|| {
            let message = format!("`{}` needs the argument `{name}`", self.function);
            let parameters: Vec<_> = self.bound.iter().map(|(name, _)| *name).collect();
            raise(error(message).help(signature(&self.function, &parameters)))
        })
    }

    /// A text.
    ///
    /// # Errors
    /// Nothing or something else was given.
    pub(super) fn text(&self, name: &str) -> Result<String, Error> {
        let value = self.required(name)?;
        value.as_str().map(str::to_owned).ok_or_else(|| self.wrong(name, "text"))
    }

    /// A text, where `none` is nothing.
    ///
    /// # Errors
    /// Something else was given.
    pub(super) fn optional_text(&self, name: &str) -> Result<Option<String>, Error> {
        match self.some(name) {
            None => Ok(None),
            Some(value) => {
                value.as_str().map(|text| Some(text.to_owned())).ok_or_else(|| self.wrong(name, "text"))
            }
        }
    }

    /// A whole number, where `none` is nothing.
    ///
    /// # Errors
    /// Something else was given.
    pub(super) fn optional_integer(&self, name: &str) -> Result<Option<i64>, Error> {
        match self.some(name) {
            None => Ok(None),
            Some(value) => value.as_i64().map(Some).ok_or_else(|| self.wrong(name, "a whole number")),
        }
    }

    /// A truth value: anything is true or false, as in Python.
    pub(super) fn flag(&self, name: &str, default: bool) -> bool {
        self.some(name).map_or(default, Value::is_true)
    }

    /// The items of anything that can be gone through.
    ///
    /// # Errors
    /// Nothing was given, or something that has no items.
    pub(super) fn items(&self, name: &str) -> Result<Vec<Value>, Error> {
        let value = self.required(name)?;
        items(value).ok_or_else(|| self.wrong(name, "a list"))
    }

    /// An error: not `wanted` was given for that parameter.
    pub(super) fn wrong(&self, name: &str, wanted: &str) -> Error {
        let found = self.get(name).map_or("nothing", describe);
        raise(error(format!("`{}` wants {wanted} for `{name}`, not {found}", self.function)))
    }
}

/// The items of a list, tuple, mapping (its keys) or other thing that can be gone
/// through; `None` for text and all else.
pub(super) fn items(value: &Value) -> Option<Vec<Value>> {
    match value.kind() {
        ValueKind::Seq | ValueKind::Map | ValueKind::Iterable => Some(value.try_iter().ok()?.collect()),
        _ => None,
    }
}

/// The positional arguments of a call, and the keywords with their values.
pub(super) fn split(given: &[Value]) -> (&[Value], Vec<(String, Value)>) {
    let Some((last, positional)) = given.split_last() else { return (given, Vec::new()) };
    if !last.is_kwargs() {
        return (given, Vec::new());
    }
    let Ok(keywords) = Kwargs::try_from(last.clone()) else { return (given, Vec::new()) };
    let named = keywords
        .args()
        .map(|name| (name.to_owned(), keywords.peek::<Value>(name).unwrap_or_default()))
        .collect();
    (positional, named)
}

/// A diagnostic for a call that is wrong.
pub(super) fn error(message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::InvalidArguments, message)
}

/// The same as an error that ends the render.
pub(super) fn invalid(message: impl Into<String>) -> Error {
    raise(error(message))
}

/// An error: `object` has no method of that name; the nearest of those it has is
/// suggested.
pub(super) fn unknown_method<'a>(
    object: &str,
    name: &str,
    methods: impl IntoIterator<Item = &'a str>,
) -> Error {
    if name.starts_with("__") {
        // An operator was tried; the engine knows what to say of it.
        return Error::from(ErrorKind::UnknownMethod);
    }
    let message = format!("`{object}` has no method `{name}`");
    let diagnostic = Diagnostic::error(Code::UndefinedName, message);
    raise(diagnostic.help(suggest::similar("method", name, methods)))
}

/// What to call a value in a message: "a list".
pub(super) fn describe(value: &Value) -> &'static str {
    match value.kind() {
        ValueKind::Undefined => "an undefined name",
        ValueKind::None => "`none`",
        ValueKind::Bool => "true or false",
        ValueKind::Number => "a number",
        ValueKind::String => "text",
        ValueKind::Bytes => "bytes",
        ValueKind::Seq | ValueKind::Iterable => "a list",
        ValueKind::Map => "a mapping",
        _ => "an object",
    }
}

fn signature(function: &str, parameters: &[&str]) -> String {
    format!("it is called as `{function}({})`", parameters.join(", "))
}
