//! The names that dbt gives data tests, and the Python texts that these are made of.

use md5::{Digest, Md5};
use serde_json::{Map, Value};

/// The name of a test that its user gave none: the test, what it is on, and its arguments,
/// and a shorter one where that has 64 characters or more, or more bytes than a relation's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TestName {
    pub full: String,
    pub short: String,
}

impl TestName {
    /// `test` has its package and `source_` before it where that is due; `arguments` have
    /// no `model`; `bytes` is how long a relation's name may be.
    pub(super) fn new(
        test: &str,
        target: &str,
        arguments: &Map<String, Value>,
        bytes: Option<usize>,
    ) -> Self {
        let mut sorted: Vec<(&String, &Value)> = arguments.iter().collect();
        sorted.sort_by_key(|(key, _)| *key);
        let mut parts: Vec<String> = Vec::new();
        for (_, value) in sorted {
            match value {
                Value::Object(entries) => parts.extend(entries.values().map(text)),
                Value::Array(items) => parts.extend(items.iter().map(text)),
                value => parts.push(text(value)),
            }
        }
        let parts: Vec<String> = parts.iter().map(|part| clean(part)).collect();
        let identifier = format!("{test}_{target}");
        let full = format!("{identifier}_{}", parts.join("__"));
        let short = if full.chars().count() < 64 && bytes.is_none_or(|bytes| full.len() <= bytes) {
            full.clone()
        } else {
            let hash = md5_hex(&full);
            let room = bytes.map_or(usize::MAX, |bytes| bytes - hash.len() - 1);
            let starts = identifier.char_indices().take(30).map(|(at, letter)| at + letter.len_utf8());
            let end = starts.take_while(|end| *end <= room).last().unwrap_or(0);
            format!("{}_{hash}", &identifier[..end])
        };
        Self { full, short }
    }
}

/// Runs of anything but letters, digits and `_` become one `_`. dbt keeps ASCII letters
/// alone, so that there the tests of two Korean columns have one name; here each keeps its own.
fn clean(part: &str) -> String {
    let mut clean = String::with_capacity(part.len());
    let mut in_run = false;
    for letter in part.chars() {
        if letter.is_alphanumeric() || letter == '_' {
            clean.push(letter);
            in_run = false;
        } else if !in_run {
            clean.push('_');
            in_run = true;
        }
    }
    clean
}

/// The last ten digits of a test's id: a hash of its name and of what it calls.
pub(super) fn test_hash(
    name: &str,
    namespace: Option<&str>,
    test: &str,
    kwargs: &Map<String, Value>,
) -> String {
    let kwargs = hashable(&Value::Object(kwargs.clone()));
    let namespace = namespace.unwrap_or("None");
    let metadata =
        format!("{{'kwargs': {kwargs}, 'name': {}, 'namespace': {}}}", quoted(test), quoted(namespace));
    md5_hex(&format!("{name}{metadata}")).split_off(22)
}

/// Sorted by key, with all that is no mapping or list as a text in quotes.
fn hashable(value: &Value) -> String {
    match value {
        Value::Object(entries) => {
            let mut sorted: Vec<_> = entries.iter().collect();
            sorted.sort_by_key(|(key, _)| *key);
            let entries: Vec<String> =
                sorted.iter().map(|(key, value)| format!("{}: {}", quoted(key), hashable(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(hashable).collect::<Vec<_>>().join(", "))
        }
        value => quoted(&text(value)),
    }
}

/// As Python's `str()`.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => literal(value),
    }
}

/// As Python's `repr()`: also a literal in Jinja.
pub(super) fn literal(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => quoted(text),
        Value::Array(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Value::Object(entries) => {
            let entries: Vec<String> =
                entries.iter().map(|(key, value)| format!("{}: {}", quoted(key), literal(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// In single quotes, or in double quotes where that saves escaping.
fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push(quote);
    for letter in text.chars() {
        match letter {
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\\' => quoted.push_str("\\\\"),
            letter if letter == quote => {
                quoted.push('\\');
                quoted.push(letter);
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push(quote);
    quoted
}

fn md5_hex(text: &str) -> String {
    use std::fmt::Write;
    Md5::digest(text.as_bytes()).iter().fold(String::with_capacity(32), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(map) => map,
            other => panic!("{other} is no mapping"),
        }
    }

    /// Ids of dbt's public example project `jaffle_shop`.
    #[test]
    fn names_and_hashes_are_those_of_dbt() {
        let statuses = json!(["placed", "shipped", "completed", "return_pending", "returned"]);
        let table = [
            (
                "unique",
                "customers",
                json!({"column_name": "customer_id"}),
                "unique_customers_customer_id",
                "c5af1ff4b1",
            ),
            (
                "not_null",
                "customers",
                json!({"column_name": "customer_id"}),
                "not_null_customers_customer_id",
                "5c9bf9911d",
            ),
            (
                "relationships",
                "orders",
                json!({"to": "ref('customers')", "field": "customer_id", "column_name": "customer_id"}),
                "relationships_orders_customer_id__customer_id__ref_customers_",
                "c6ec7f58f2",
            ),
            (
                "accepted_values",
                "orders",
                json!({"values": statuses, "column_name": "status"}),
                "accepted_values_orders_status__placed__shipped__completed__return_pending__returned",
                "be6b5b5ec3",
            ),
        ];
        for (test, target, arguments, name, hash) in table {
            let mut arguments = map(arguments);
            let names = TestName::new(test, target, &arguments, None);
            assert_eq!(names.full, name);
            let model = format!("{{{{ get_where_subquery(ref('{target}')) }}}}");
            arguments.insert("model".to_owned(), Value::from(model));
            assert_eq!(test_hash(name, None, test, &arguments), hash, "{name}");
        }
    }

    #[test]
    fn long_names_have_a_short_form() {
        let arguments = map(json!({"column_name": "a_rather_long_name_of_a_column_that_goes_on"}));
        let name = TestName::new("not_null", "stg_orders_주문", &arguments, None);
        assert_eq!(name.full, "not_null_stg_orders_주문_a_rather_long_name_of_a_column_that_goes_on");
        assert!(name.short.starts_with("not_null_stg_orders_주문_") && name.short.chars().count() == 55);
        let arguments = map(json!({"column_name": "재방문율"}));
        let name = TestName::new("not_null", "일별_지표_모음_가나다라마바사", &arguments, Some(63));
        assert_eq!(name.full, "not_null_일별_지표_모음_가나다라마바사_재방문율");
        assert!(
            name.short.starts_with("not_null_일별_지표_모음__") && name.short.len() <= 63,
            "{}",
            name.short
        );
    }

    #[test]
    fn texts_are_written_as_python_writes_them() {
        let table = [
            (json!(true), "True"),
            (json!(null), "None"),
            (json!([1, "a"]), "[1, 'a']"),
            (json!({"가": "it's"}), "{'가': \"it's\"}"),
            (json!("both ' and \""), "'both \\' and \"'"),
            (json!("a\\b\n"), "'a\\\\b\\n'"),
        ];
        for (value, expected) in table {
            assert_eq!(literal(&value), expected);
        }
        assert_eq!(clean("> 1 and 주문 = 'x'"), "_1_and_주문_x_");
    }
}
