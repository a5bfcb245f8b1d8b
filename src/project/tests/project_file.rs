use serde_json::{Value, json};

use super::*;

fn project(text: &str) -> MemorySystem {
    MemorySystem::new().file("dbt_project.yml", text)
}

#[test]
fn all_keys_of_dbt_are_read() {
    let outcome = load_system(&project(
        r#"
name: 가게
config-version: 2
version: 1.0
require-dbt-version: [">=1.6.0", "<2.0.0"]
model-paths: [models, ./more/]
seed-paths: [data]
test-paths: [checks]
macro-paths: [macros]
snapshot-paths: [snapshots]
analysis-paths: [analyses]
function-paths: [functions]
docs-paths: [docs]
asset-paths: [assets]
target-path: out
log-path: log
packages-install-path: deps
clean-targets: [out, deps]
quoting: {identifier: no, schema: true}
restrict-access: true
dispatch:
  - macro_namespace: dbt_utils
    search_order: [가게, dbt_utils]
on-run-start: "select 1"
on-run-end: ["{{ f() }}", select 2]
query-comment: {comment: "{{ x() }}", append: true}
vars: {start: "{{ not_rendered }}", 가게: {n: 1}}
flags: {fail_fast: true}
models: {가게: {+materialized: "{{ later() }}"}}
tests: {+severity: warn}
semantic-models: {+enabled: false}
exposures: {+enabled: true}
"#,
    ));
    assert_eq!(outcome.told, []);
    let config = outcome.config();
    assert_eq!(config.name.value, "가게");
    assert_eq!(config.version.as_deref(), Some("1.0"));
    assert_eq!(config.model_paths, ["models", "more"]);
    assert_eq!(config.docs_paths, ["docs"]);
    assert_eq!(config.clean_targets, ["out", "deps"]);
    assert_eq!(Value::Object(config.quoting.clone()), json!({ "schema": true, "identifier": false }));
    assert_eq!(config.dispatch[0].search_order, ["가게", "dbt_utils"]);
    assert_eq!(config.on_run_start[0].value, "select 1");
    assert_eq!(config.on_run_end[0].value, "{{ f() }}");
    assert_eq!(config.query_comment, Some(json!({ "comment": "{{ x() }}", "append": true })));
    assert_eq!(config.vars["start"], json!("{{ not_rendered }}"));
    assert_eq!(config.configs["models"], json!({ "가게": { "+materialized": "{{ later() }}" } }));
    let trees: Vec<_> = config.config_yaml.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(trees, ["models", "data_tests", "exposures", "semantic_models"]);
    let loaded = outcome.loaded.as_ref().expect("loaded");
    assert!(loaded.flags.fail_fast);
    assert_eq!(loaded.target_path, PathBuf::from("/project/out"));
    assert_eq!(loaded.log_path, PathBuf::from("/project/log"));
}

#[test]
fn defaults_are_those_of_dbt() {
    let outcome = load_system(&project("name: shop\n"));
    let config = outcome.config();
    assert_eq!(config.model_paths, ["models"]);
    assert_eq!(config.packages_install_path, "dbt_packages");
    assert_eq!(config.clean_targets, ["target"]);
    assert_eq!(config.docs_paths, ["models", "seeds", "snapshots", "analyses", "macros", "tests"]);
    assert_eq!(config.query_comment, None);
    assert_eq!(
        load_system(&project("name: shop\nquery-comment:\n")).config().query_comment,
        Some(Value::Null)
    );
}

#[test]
fn a_page_of_mistakes_is_told_at_once() {
    let outcome = load_system(&project(
        "name: 1shop\nconfig-version: 1\nversion: 1\nmodel_paths: [models]\nseed-paths: data\n\
         quoting: {identifer: true, schema: 3}\ndispatch: [{macro_namespace: x}, 3]\nvars: [a]\nmodels: 5\n\
         require-dbt-version: '1.6'\ndata-paths: [raw]\nclean-targets: [3]\nflags: [x]\nquery-comment: 5\n\
         on-run-start: [1, {a: b}]\n",
    ));
    assert_eq!(
        outcome.places(),
        [
            (Code::InvalidProject, "dbt_project.yml:1:7"),
            (Code::InvalidProject, "dbt_project.yml:2:17"),
            (Code::InvalidProject, "dbt_project.yml:10:22"),
            (Code::DeprecatedKey, "dbt_project.yml:11:14"),
            (Code::InvalidProject, "dbt_project.yml:5:13"),
            (Code::InvalidProject, "dbt_project.yml:12:17"),
            (Code::InvalidProject, "dbt_project.yml:8:8"),
            (Code::InvalidProject, "dbt_project.yml:15:16"),
            (Code::InvalidProject, "dbt_project.yml:15:20"),
            (Code::InvalidProject, "dbt_project.yml:6:36"),
            (Code::UnknownKey, "dbt_project.yml:6:11"),
            (Code::InvalidProject, "dbt_project.yml:7:13"),
            (Code::InvalidProject, "dbt_project.yml:7:34"),
            (Code::InvalidProject, "dbt_project.yml:14:16"),
            (Code::InvalidProject, "dbt_project.yml:13:9"),
            (Code::InvalidProject, "dbt_project.yml:9:9"),
            (Code::InvalidProject, "dbt_project.yml:4:1"),
        ]
    );
    assert_eq!(
        outcome.helps.last().map(String::as_str),
        Some("a key with a similar name exists: `model-paths`")
    );
    assert_eq!(outcome.helps[0], "call it `_1shop`");
}

#[test]
fn files_that_are_no_projects_are_told() {
    assert_eq!(load_system(&project("")).only().0, Code::InvalidProject);
    assert_eq!(
        load_system(&project("- name\n")).only(),
        (Code::InvalidProject, "the project file `dbt_project.yml` must be a mapping", "dbt_project.yml:1:3")
    );
    assert_eq!(load_system(&project("name: [")).only().0, Code::InvalidYaml);
    assert_eq!(
        load_system(&project("version: 1\n")).only(),
        (Code::InvalidProject, "the project file `dbt_project.yml` has no `name`", "dbt_project.yml:1:1")
    );
    let outcome = load_system(&MemorySystem::new().file("project.yml", b"name: shop\n# \xc0\xe5\n".to_vec()));
    assert_eq!(outcome.only(), (Code::InvalidUtf8, "`project.yml` is not UTF-8", "project.yml:2:3"));
}

#[test]
fn another_version_of_dbt_is_refused_unless_the_check_is_off() {
    let system = project("name: shop\nrequire-dbt-version: ['>=1.0.0', '<1.5.0']\n");
    let outcome = load_system(&system);
    assert_eq!(
        outcome.only(),
        (
            Code::IncompatibleVersion,
            "the project `shop` asks for dbt >=1.0.0, <1.5.0",
            "dbt_project.yml:2:34"
        )
    );
    let options = LoadOptions { version_check: Some(false), ..LoadOptions::default() };
    load_with(&system, &options).clean();
}

#[test]
fn values_are_rendered_with_variables_and_target() {
    let system = project(
        "name: shop\nversion: \"{{ env_var('버전', '0.1') }}\"\ntarget-path: \"out/{{ target.name }}\"\n\
         model-paths: [\"{{ var('폴더') }}\"]\nquoting: {schema: \"{{ env_var('QUOTE') | as_bool }}\"}\n",
    )
    .env_var("QUOTE", "true");
    let options = LoadOptions { vars: Some("{폴더: 모델}".to_owned()), ..LoadOptions::default() };
    let outcome = load_with(&system, &options);
    assert_eq!(outcome.told, []);
    let config = outcome.config();
    assert_eq!((config.version.as_deref(), config.target_path.as_str()), (Some("0.1"), "out/dev"));
    assert_eq!(config.model_paths, ["모델"]);
    assert_eq!(config.quoting["schema"], json!(true));
}

#[test]
fn what_cannot_be_rendered_is_told_at_its_place() {
    let system = project(
        "name: shop\nversion: \"{{ env_var('SHOP_VERSON') }}\"\ntarget-path: \"{{ var('x') }}\"\n\
         log-path: \"{{ nothing( }}\"\nprofile: \"{{ env_var('DBT_ENV_SECRET_X') }}\"\n",
    )
    .env_var("SHOP_VERSION", "1")
    .env_var("DBT_ENV_SECRET_X", "x");
    let outcome = load_system(&system);
    let mut codes: Vec<_> = outcome.places();
    codes.sort();
    assert_eq!(
        codes
            .iter()
            .map(|(code, place)| (*code, place.rsplit_once(':').map_or("", |(line, _)| line)))
            .collect::<Vec<_>>(),
        [
            (Code::InvalidArguments, "dbt_project.yml:5"),
            (Code::JinjaSyntax, "dbt_project.yml:4"),
            (Code::MissingEnvVar, "dbt_project.yml:2"),
            (Code::MissingVar, "dbt_project.yml:3"),
        ]
    );
    assert!(outcome.helps.iter().any(|help| help.contains("`SHOP_VERSION`")), "{:?}", outcome.helps);
}
