use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use super::arguments::{Arguments, describe, invalid, unknown_method};
use crate::jinja::{DynObject, Enumerator, Error, Object, ObjectRepr, State, Value};
use crate::sql::{DataType, Dialect, Ident};

/// A column of a relation as templates see it.
/// See <https://docs.getdbt.com/reference/dbt-classes#column>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ColumnValue {
    pub(super) name: String,
    pub(super) dtype: String,
    char_size: Option<i64>,
    numeric_precision: Option<i64>,
    numeric_scale: Option<i64>,
    dialect: Dialect,
}

const KEYS: &[&str] = &["column", "dtype", "char_size", "numeric_precision", "numeric_scale"];

const METHODS: &[&str] = &[
    "is_string",
    "is_number",
    "is_float",
    "is_integer",
    "is_numeric",
    "string_size",
    "can_expand_to",
    "literal",
];

impl ColumnValue {
    /// From a name and a type as the warehouse writes it; sizes in parentheses are taken
    /// apart: `varchar(16)`, `decimal(18,3)`.
    pub(super) fn new(dialect: Dialect, name: &str, dtype: &str) -> Self {
        let mut column = Self {
            name: name.to_owned(),
            dtype: dtype.to_owned(),
            char_size: None,
            numeric_precision: None,
            numeric_scale: None,
            dialect,
        };
        if let Some((bare, sizes)) = dtype.strip_suffix(')').and_then(|dtype| dtype.split_once('(')) {
            let sizes: Option<Vec<i64>> = sizes.split(',').map(|size| size.trim().parse().ok()).collect();
            let is_plain = bare.chars().all(|c| c.is_alphanumeric() || c == '_' || c == ' ');
            match sizes.as_deref() {
                Some([size]) if is_plain && is_string(bare.trim()) => {
                    bare.trim().clone_into(&mut column.dtype);
                    column.char_size = Some(*size);
                }
                Some([precision, rest @ ..]) if is_plain && is_numeric(bare.trim()) && rest.len() < 2 => {
                    bare.trim().clone_into(&mut column.dtype);
                    column.numeric_precision = Some(*precision);
                    column.numeric_scale = Some(rest.first().copied().unwrap_or(0));
                }
                _ => {}
            }
        }
        column
    }

    /// The column behind a value, if it is one.
    pub(super) fn find(value: &Value) -> Option<Arc<Self>> {
        value.downcast_object::<Self>()
    }

    pub(super) fn into_value(self) -> Value {
        Value::from_object(self)
    }

    pub(super) fn is_string(&self) -> bool {
        is_string(&self.dtype)
    }

    pub(super) fn is_numeric(&self) -> bool {
        is_numeric(&self.dtype)
    }

    fn is_integer(&self) -> bool {
        family(&self.dtype, DataType::is_integer)
    }

    fn is_float(&self) -> bool {
        family(&self.dtype, DataType::is_float)
    }

    fn is_number(&self) -> bool {
        self.is_numeric() || self.is_integer() || self.is_float()
    }

    /// How many characters fit.
    ///
    /// # Errors
    /// It is no text column.
    pub(super) fn string_size(&self) -> Result<i64, Error> {
        if !self.is_string() {
            let message = format!("`string_size` was called on `{}`, which is a {}", self.name, self.dtype);
            return Err(invalid(message));
        }
        Ok(self.char_size.unwrap_or(256))
    }

    /// Whether this text column could be widened to hold the other's texts.
    pub(super) fn can_expand_to(&self, other: &Self) -> Result<bool, Error> {
        if !self.is_string() || !other.is_string() || self.is_unlimited() {
            return Ok(false);
        }
        Ok(other.string_size()? > self.string_size()?)
    }

    /// Whether it is a text of any length, which needs no size: Postgres has them.
    fn is_unlimited(&self) -> bool {
        self.dialect == Dialect::Postgres && self.is_string() && self.char_size.is_none()
    }

    /// The type with its sizes.
    pub(super) fn data_type(&self) -> String {
        if self.is_unlimited() {
            return self.dtype.clone();
        }
        if self.is_string() {
            // As dbt; 256 is what it takes for a text whose length is not known.
            return format!("character varying({})", self.char_size.unwrap_or(256));
        }
        if self.is_numeric() {
            return numeric_type(&self.dtype, self.numeric_precision, self.numeric_scale);
        }
        self.dtype.clone()
    }

    fn quoted(&self) -> String {
        Ident::new(self.name.as_str()).quoted(self.dialect)
    }
}

/// Whether a type without sizes is of a family. Sizes that could not be taken apart are not
/// looked through.
fn family(dtype: &str, is_of: fn(&DataType) -> bool) -> bool {
    !dtype.contains('(') && is_of(&DataType::new(dtype))
}

fn is_string(dtype: &str) -> bool {
    family(dtype, DataType::is_string)
}

fn is_numeric(dtype: &str) -> bool {
    family(dtype, DataType::is_numeric)
}

fn numeric_type(dtype: &str, precision: Option<i64>, scale: Option<i64>) -> String {
    match (precision, scale) {
        (Some(precision), Some(scale)) => format!("{dtype}({precision},{scale})"),
        _ => dtype.to_owned(),
    }
}

impl Object for ColumnValue {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "name" | "column" => Value::from(self.name.as_str()),
            "dtype" => Value::from(self.dtype.as_str()),
            "quoted" => Value::from(self.quoted()),
            "data_type" => Value::from(self.data_type()),
            "char_size" => Value::from(self.char_size),
            "numeric_precision" => Value::from(self.numeric_precision),
            "numeric_scale" => Value::from(self.numeric_scale),
            _ => return None,
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(KEYS)
    }

    fn call_method(
        self: &Arc<Self>,
        state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "is_string" => Ok(Value::from(self.is_string())),
            "is_number" => Ok(Value::from(self.is_number())),
            "is_float" => Ok(Value::from(self.is_float())),
            "is_integer" => Ok(Value::from(self.is_integer())),
            "is_numeric" => Ok(Value::from(self.is_numeric())),
            "string_size" => Ok(Value::from(self.string_size()?)),
            "can_expand_to" => {
                let args = Arguments::bind("column.can_expand_to", &["other_column"], args)?;
                let other = Self::find(args.required("other_column")?)
                    .ok_or_else(|| args.wrong("other_column", "a column"))?;
                Ok(Value::from(self.can_expand_to(&other)?))
            }
            "literal" => {
                let args = Arguments::bind("column.literal", &["value"], args)?;
                Ok(Value::from(format!("{}::{}", args.required("value")?, self.data_type())))
            }
            "keys" | "values" | "items" | "get" => Err(Error::from(crate::jinja::ErrorKind::UnknownMethod)),
            // The functions of the class are there on its instances too.
            "string_type" | "numeric_type" | "translate_type" | "create" => {
                Arc::new(ColumnClass { dialect: self.dialect }).call_method(state, method, args)
            }
            _ => Err(unknown_method("column", method, METHODS.iter().copied())),
        }
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        let other = other.downcast_ref::<Self>()?;
        let key = |column: &Self| (column.name.clone(), column.data_type());
        Some(key(self).cmp(&key(other)))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Column {} ({})>", self.name, self.data_type())
    }
}

/// `api.Column`: makes columns, and texts of types.
#[derive(Debug)]
pub(super) struct ColumnClass {
    pub(super) dialect: Dialect,
}

const CLASS_METHODS: &[&str] = &["create", "translate_type", "string_type", "numeric_type"];

impl ColumnClass {
    fn create(&self, function: &str, args: &[Value]) -> Result<ColumnValue, Error> {
        let parameters = &["column", "dtype", "char_size", "numeric_precision", "numeric_scale"];
        let args = Arguments::bind(function, parameters, args)?;
        let column = ColumnValue::new(self.dialect, &args.text("column")?, &args.text("dtype")?);
        Ok(ColumnValue {
            char_size: size(&args, "char_size")?.or(column.char_size),
            numeric_precision: size(&args, "numeric_precision")?.or(column.numeric_precision),
            numeric_scale: size(&args, "numeric_scale")?.or(column.numeric_scale),
            ..column
        })
    }
}

/// A size that `information_schema` gave: drivers hand them out as any kind of number.
fn size(args: &Arguments, name: &str) -> Result<Option<i64>, Error> {
    let Some(value) = args.some(name) else { return Ok(None) };
    let number = value.as_i64().or_else(|| value.to_string().parse().ok());
    number.map(Some).ok_or_else(|| {
        invalid(format!("the `{name}` of a column is a whole number, not {}", describe(value)))
    })
}

/// The type that a word used in any warehouse has here.
pub(super) fn translate_type(dtype: &str) -> String {
    match dtype.to_uppercase().as_str() {
        "STRING" => "TEXT".to_owned(),
        _ => dtype.to_owned(),
    }
}

impl Object for ColumnClass {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn call(self: &Arc<Self>, _state: &mut State<'_, '_>, args: &[Value]) -> Result<Value, Error> {
        Ok(self.create("api.Column", args)?.into_value())
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "create" => {
                let args = Arguments::bind("api.Column.create", &["name", "label_or_dtype"], args)?;
                let dtype = translate_type(&args.text("label_or_dtype")?);
                Ok(ColumnValue::new(self.dialect, &args.text("name")?, &dtype).into_value())
            }
            "translate_type" => {
                let args = Arguments::bind("api.Column.translate_type", &["dtype"], args)?;
                Ok(Value::from(translate_type(&args.text("dtype")?)))
            }
            "string_type" => {
                let args = Arguments::bind("api.Column.string_type", &["size"], args)?;
                let Some(size) = args.optional_integer("size")? else {
                    return Err(args.wrong("size", "a whole number"));
                };
                Ok(Value::from(format!("character varying({size})")))
            }
            "numeric_type" => {
                let parameters = &["dtype", "precision", "scale"];
                let args = Arguments::bind("api.Column.numeric_type", parameters, args)?;
                let (precision, scale) =
                    (args.optional_integer("precision")?, args.optional_integer("scale")?);
                Ok(Value::from(numeric_type(&args.text("dtype")?, precision, scale)))
            }
            _ => Err(unknown_method("api.Column", method, CLASS_METHODS.iter().copied())),
        }
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<class Column>")
    }
}

#[cfg(test)]
mod tests {
    use crate::context::testing::World;

    #[test]
    fn columns_know_their_types() {
        let world = World::new();
        for (expression, expected) in [
            ("api.Column('금액', 'DECIMAL(18,3)').numeric_precision", "18"),
            ("api.Column('금액', 'DECIMAL(18,3)').data_type", "DECIMAL(18,3)"),
            ("api.Column('a', 'varchar(16)').string_size()", "16"),
            ("api.Column('a', 'varchar').string_size()", "256"),
            ("api.Column('a', 'varchar').data_type", "character varying(256)"),
            ("api.Column('a', 'varchar(16)').data_type", "character varying(16)"),
            ("api.Column('a', 'character varying', 16).data_type", "character varying(16)"),
            ("api.Column('a', 'numeric', none, 10, 2).data_type", "numeric(10,2)"),
            ("api.Column('a\"b', 'INTEGER').quoted", r#""a""b""#),
            ("api.Column('a', 'BIGINT').is_integer() and api.Column('a', 'BIGINT').is_number()", "True"),
            ("api.Column('a', 'DOUBLE').is_float()", "True"),
            ("api.Column('a', 'text').is_string()", "True"),
            ("api.Column('a', 'STRUCT(x DECIMAL(1,1))').data_type", "STRUCT(x DECIMAL(1,1))"),
            ("api.Column('a', 'varchar(1)').can_expand_to(api.Column('a', 'varchar(2)'))", "True"),
            ("api.Column('a', 'varchar(1)').can_expand_to(api.Column('a', 'int'))", "False"),
            ("api.Column('a', 'int').literal(5)", "5::int"),
            ("api.Column.create('a', 'STRING').dtype", "TEXT"),
            ("api.Column.string_type(16)", "character varying(16)"),
            (
                "api.Column.numeric_type('numeric', 10, 2) ~ api.Column.numeric_type('numeric')",
                "numeric(10,2)numeric",
            ),
            ("api.Column('a', 'int') == api.Column('a', 'int')", "True"),
            ("[api.Column('a', 'int')] | map(attribute='name') | join", "a"),
            ("api.Column('a', 'varchar', '16').char_size", "16"),
        ] {
            assert_eq!(
                world.text(&format!("{{{{ {expression} }}}}|")),
                format!("{expected}|"),
                "{expression}"
            );
        }
    }

    #[test]
    fn wrong_columns_are_told() {
        let world = World::new();
        for expression in [
            "api.Column('a')",
            "api.Column(1, 'int')",
            "api.Column('a', 'varchar', 'long')",
            "api.Column('a', 'int').string_size()",
            "api.Column('a', 'int').can_expand_to('b')",
            "api.Column.string_type()",
            "api.Column.create('a', dtype='int')",
        ] {
            let error = world.error(&format!("{{{{ {expression} }}}}"));
            assert!(error.starts_with("invalid-arguments: "), "{expression}: {error}");
        }
    }
}
