use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, Utc};
use md5::{Digest, Md5};
use serde::Serialize;

use crate::sql::QuotePolicy;
use crate::system::System;

/// The version of dbt whose behaviour and artifacts xform follows.
pub const DBT_VERSION: &str = "1.12.6";

/// What all artifacts of one invocation say of it.
#[derive(Clone, Debug)]
pub struct About {
    pub invocation_id: String,
    pub invocation_started_at: DateTime<Utc>,
    pub generated_at: DateTime<Utc>,
    pub project_name: String,
    /// `duckdb`.
    pub adapter_type: String,
    /// The project's own `quoting:` over the warehouse's defaults.
    pub quoting: QuotePolicy,
    /// Variables that were set to be shown here, without their prefix.
    pub env: BTreeMap<String, String>,
}

impl About {
    /// The variables `DBT_ENV_CUSTOM_ENV_<name>` of the environment, by name.
    /// See <https://docs.getdbt.com/reference/artifacts/dbt-artifacts>.
    #[must_use]
    pub fn custom_env(system: &dyn System) -> BTreeMap<String, String> {
        let variables = system.variables();
        let named = variables.with_prefix("DBT_ENV_CUSTOM_ENV_");
        named.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// The metadata of an artifact of the kind `name` (`manifest`) and schema `version`.
    #[must_use]
    pub fn metadata(&self, name: &str, version: u32) -> Metadata<'_> {
        Metadata {
            dbt_schema_version: format!("https://schemas.getdbt.com/dbt/{name}/v{version}.json"),
            dbt_version: DBT_VERSION,
            generated_at: timestamp(self.generated_at),
            invocation_id: &self.invocation_id,
            invocation_started_at: timestamp(self.invocation_started_at),
            env: &self.env,
            project: None,
        }
    }

    /// [`metadata`](About::metadata) with what only the manifest has.
    #[must_use]
    pub(super) fn project_metadata(&self, name: &str, version: u32) -> Metadata<'_> {
        let project = ProjectMetadata {
            project_name: &self.project_name,
            project_id: hex(&Md5::digest(self.project_name.as_bytes())),
            user_id: None,
            send_anonymous_usage_stats: false,
            adapter_type: &self.adapter_type,
            quoting: Quoting {
                database: self.quoting.database,
                schema: self.quoting.schema,
                identifier: self.quoting.identifier,
                column: None,
            },
        };
        Metadata { project: Some(project), ..self.metadata(name, version) }
    }
}

/// The `metadata` of an artifact.
#[derive(Clone, Debug, Serialize)]
pub struct Metadata<'a> {
    dbt_schema_version: String,
    dbt_version: &'static str,
    generated_at: String,
    invocation_id: &'a str,
    invocation_started_at: String,
    env: &'a BTreeMap<String, String>,
    #[serde(flatten)]
    project: Option<ProjectMetadata<'a>>,
}

#[derive(Clone, Debug, Serialize)]
struct ProjectMetadata<'a> {
    project_name: &'a str,
    /// dbt's: MD5 of the name.
    project_id: String,
    user_id: Option<&'a str>,
    send_anonymous_usage_stats: bool,
    adapter_type: &'a str,
    quoting: Quoting,
}

#[derive(Clone, Debug, Serialize)]
struct Quoting {
    database: bool,
    schema: bool,
    identifier: bool,
    column: Option<bool>,
}

/// As dbt writes times: `2026-01-01T00:00:00.000000Z`.
pub(super) fn timestamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::MemorySystem;

    #[test]
    fn metadata_names_schema_project_and_custom_variables() {
        let system = MemorySystem::new().env_var("DBT_ENV_CUSTOM_ENV_TEAM", "데이터").env_var("HOME", "/");
        let about = About {
            invocation_id: "id".to_owned(),
            invocation_started_at: system.now(),
            generated_at: system.now(),
            project_name: "shop".to_owned(),
            adapter_type: "duckdb".to_owned(),
            quoting: QuotePolicy::default(),
            env: About::custom_env(&system),
        };
        let metadata = serde_json::to_value(about.project_metadata("manifest", 12)).unwrap_or_default();
        assert_eq!(
            metadata,
            serde_json::json!({
                "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
                "dbt_version": "1.12.6",
                "generated_at": "2026-01-01T00:00:00.000000Z",
                "invocation_id": "id",
                "invocation_started_at": "2026-01-01T00:00:00.000000Z",
                "env": {"TEAM": "데이터"},
                "project_name": "shop",
                "project_id": "fb54f3c5992b96d001bb16e8e92d968d",
                "user_id": null,
                "send_anonymous_usage_stats": false,
                "adapter_type": "duckdb",
                "quoting": {"database": true, "schema": true, "identifier": true, "column": null},
            })
        );
        let plain = serde_json::to_value(about.metadata("run-results", 6)).unwrap_or_default();
        assert_eq!(plain.get("project_name"), None);
    }
}
