//! JSON values in formats that do not describe themselves: `#[serde(with = "crate::text::kept_json")]`
//! on a field that is one, or is made of some. Each value is written with its kind, numbers exactly,
//! entries of mappings in their order.

use std::fmt;
use std::sync::Arc;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Number, Value};

use super::Spanned;

/// What can be written so.
pub trait Exact: Sized {
    /// Writes it.
    ///
    /// # Errors
    /// Those of the format.
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error>;

    /// Reads it.
    ///
    /// # Errors
    /// Those of the format.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error>;
}

/// As serde asks for it: writes.
///
/// # Errors
/// Those of the format.
pub fn serialize<T: Exact, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    value.write(serializer)
}

/// As serde asks for it: reads.
///
/// # Errors
/// Those of the format.
pub fn deserialize<'de, T: Exact, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    T::read(deserializer)
}

/// The most room that is made for what is said to come.
const MOST_ROOM: usize = 4096;

impl<T: Exact> Exact for Arc<T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).write(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Arc::new)
    }
}

struct Writes<'a, T>(&'a T);

impl<T: Exact> Serialize for Writes<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.write(serializer)
    }
}

struct Reads<T>(T);

impl<'de, T: Exact> Deserialize<'de> for Reads<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self)
    }
}

#[derive(Serialize)]
#[serde(rename = "Value")]
enum Written<'a> {
    Null,
    Bool(bool),
    Natural(u64),
    Negative(i64),
    Float(f64),
    Text(&'a str),
    List(Writes<'a, Vec<Value>>),
    Entries(Writes<'a, Map<String, Value>>),
}

#[derive(Deserialize)]
#[serde(rename = "Value")]
enum Read {
    Null,
    Bool(bool),
    Natural(u64),
    Negative(i64),
    Float(f64),
    Text(String),
    List(Reads<Vec<Value>>),
    Entries(Reads<Map<String, Value>>),
}

impl Exact for Value {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = match self {
            Self::Null => Written::Null,
            Self::Bool(flag) => Written::Bool(*flag),
            Self::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(natural), _) => Written::Natural(natural),
                (None, Some(negative)) => Written::Negative(negative),
                (None, None) => Written::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Self::String(text) => Written::Text(text),
            Self::Array(items) => Written::List(Writes(items)),
            Self::Object(entries) => Written::Entries(Writes(entries)),
        };
        written.serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Read::deserialize(deserializer)? {
            Read::Null => Self::Null,
            Read::Bool(flag) => Self::Bool(flag),
            Read::Natural(natural) => Self::from(natural),
            Read::Negative(negative) => Self::from(negative),
            Read::Float(float) => {
                let number = Number::from_f64(float);
                Self::Number(number.ok_or_else(|| serde::de::Error::custom("a number of no size"))?)
            }
            Read::Text(text) => Self::String(text),
            Read::List(Reads(items)) => Self::Array(items),
            Read::Entries(Reads(entries)) => Self::Object(entries),
        })
    }
}

impl Exact for Map<String, Value> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.len()))?;
        for (key, value) in self {
            map.serialize_entry(key, &Writes(value))?;
        }
        map.end()
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Map<String, Value>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("entries")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
                let mut map = Map::with_capacity(access.size_hint().unwrap_or_default().min(MOST_ROOM));
                while let Some((key, Reads(value))) = access.next_entry()? {
                    map.insert(key, value);
                }
                Ok(map)
            }
        }

        deserializer.deserialize_map(Entries)
    }
}

impl<T: Exact> Exact for Vec<T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.len()))?;
        for item in self {
            list.serialize_element(&Writes(item))?;
        }
        list.end()
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T>(std::marker::PhantomData<T>);

        impl<'de, T: Exact> Visitor<'de> for Items<T> {
            type Value = Vec<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("items")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::with_capacity(access.size_hint().unwrap_or_default().min(MOST_ROOM));
                while let Some(Reads(item)) = access.next_element()? {
                    items.push(item);
                }
                Ok(items)
            }
        }

        deserializer.deserialize_seq(Items(std::marker::PhantomData))
    }
}

impl<T: Exact> Exact for Option<T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_ref().map(Writes).serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let found: Option<Reads<T>> = Option::deserialize(deserializer)?;
        Ok(found.map(|Reads(value)| value))
    }
}

impl<T: Exact> Exact for Spanned<T> {
    fn write<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (Writes(&self.value), self.span).serialize(serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (Reads(value), span) = Deserialize::deserialize(deserializer)?;
        Ok(Self { value, span })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Holder {
        #[serde(with = "crate::text::kept_json")]
        value: Value,
        #[serde(with = "crate::text::kept_json")]
        more: Option<Vec<Map<String, Value>>>,
    }

    #[test]
    fn every_value_comes_back_as_it_was() {
        let values = [
            json!(null),
            json!(true),
            json!([0, -1, u64::MAX, i64::MIN, i64::MAX]),
            json!([0.1, -0.0, 1e308, 5e-324, 1.0, 0.1 + 0.2, 123_456_789.123_456_79]),
            json!("금액 \u{0}\n\""),
            json!([[], {}, [null], {"나": {"가": [1, {"다": ""}]}, "a": 1, "": 2}]),
        ];
        for value in values {
            let entries = json!({"z": value, "a": {"y": 1, "b": 2}}).as_object().cloned();
            let held = Holder { value, more: entries.map(|entries| vec![Map::new(), entries]) };
            let bytes = postcard::to_stdvec(&held).unwrap();
            let read: Holder = postcard::from_bytes(&bytes).unwrap();
            // As text, too: what is equal may be in another order.
            assert_eq!((&read, format!("{read:?}")), (&held, format!("{held:?}")));
            for end in 0..bytes.len() {
                assert!(postcard::from_bytes::<Holder>(&bytes[..end]).is_err(), "{end} of {held:?}");
            }
        }
        let held = Holder { value: Value::Null, more: None };
        let bytes = postcard::to_stdvec(&held).unwrap();
        assert_eq!(postcard::from_bytes::<Holder>(&bytes).unwrap(), held);
    }
}
