use serde_json::{Map, Value as Json};

use crate::jinja::{Value, from_json};
use crate::project::Target;

/// `target`: what the profile says, but for what is secret.
/// See <https://docs.getdbt.com/reference/dbt-jinja-functions/target>.
pub(super) fn target_value(target: &Target) -> Value {
    let mut shown = without_secrets(&target.keys);
    let known = [
        ("name", Json::from(target.name.as_str())),
        ("target_name", Json::from(target.name.as_str())),
        ("profile_name", Json::from(target.profile_name.as_str())),
        ("type", Json::from(target.kind.as_str())),
        ("schema", Json::from(target.schema.as_str())),
        ("database", Json::from(target.database.as_str())),
        ("threads", Json::from(target.threads)),
    ];
    shown.extend(known.into_iter().map(|(name, value)| (name.to_owned(), value)));
    from_json(&Json::Object(shown))
}

fn without_secrets(keys: &Map<String, Json>) -> Map<String, Json> {
    let shown = keys.iter().filter(|(name, _)| !is_secret(name));
    shown
        .map(|(name, value)| match value {
            Json::Object(inner) => (name.clone(), Json::Object(without_secrets(inner))),
            other => (name.clone(), other.clone()),
        })
        .collect()
}

/// Whether what stands under a key of a profile is to be kept from templates, whose text
/// ends in logs and artifacts.
fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    let words = ["password", "passphrase", "secret", "token", "private_key", "access_key", "keyfile_json"];
    name == "pass" || words.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn secrets_are_not_shown() {
        let Json::Object(keys) = json!({
            "path": "상점.duckdb", "password": "x", "pass": "x", "secrets": [1],
            "settings": {"s3_region": "kr", "s3_secret_access_key": "x"}
        }) else {
            panic!("a mapping")
        };
        let target = Target {
            profile_name: "shop".to_owned(),
            name: "dev".to_owned(),
            kind: "duckdb".to_owned(),
            database: "memory".to_owned(),
            schema: "main".to_owned(),
            threads: 4,
            keys,
        };
        let shown = crate::jinja::to_json(&target_value(&target));
        assert_eq!(shown["path"], json!("상점.duckdb"));
        assert_eq!(shown["settings"], json!({"s3_region": "kr"}));
        assert_eq!(shown["threads"], json!(4));
        for secret in ["password", "pass", "secrets"] {
            assert_eq!(shown.get(secret), None, "{secret}");
        }
    }
}
