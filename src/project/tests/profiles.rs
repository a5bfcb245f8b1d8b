use serde_json::json;

use super::*;

const PROFILES: &str = "
가게:
  target: \"{{ env_var('STAGE', 'dev') }}\"
  outputs:
    dev: {type: duckdb, path: data/가게.duckdb, threads: 4, settings: {memory_limit: 1GB}}
    prod: {type: duckdb, path: \"{{ env_var('NOT_SET_HERE') }}\", schema: mart}
    mem: {type: duckdb}
    pg: {type: oracle, host: x}
    secret: {type: duckdb, path: \"{{ env_var('DBT_ENV_SECRET_PATH') }}\"}
empty:
";

fn system() -> MemorySystem {
    MemorySystem::new().file("project.yml", "name: shop\nprofile: 가게\n").file("profiles.yml", PROFILES)
}

fn target(system: &MemorySystem, name: &str) -> Outcome {
    load_with(system, &LoadOptions { target: Some(name.to_owned()), ..LoadOptions::default() })
}

#[test]
fn only_the_chosen_output_is_rendered() {
    let target = load_system(&system()).clean().target;
    assert_eq!((target.name.as_str(), target.threads), ("dev", 4));
    assert_eq!((target.database.as_str(), target.schema.as_str()), ("가게", "main"));
    assert_eq!(target.keys["path"], json!("data/가게.duckdb"));
    assert_eq!(target.keys["settings"], json!({ "memory_limit": "1GB" }));
    let outcome = load_system(&system().env_var("STAGE", "prod"));
    assert_eq!(outcome.places(), [(Code::MissingEnvVar, "profiles.yml:6:36")]);
    assert!(outcome.loaded.is_none());
}

#[test]
fn a_target_is_named_by_flag_or_variable() {
    let options = LoadOptions { target: Some("mem".to_owned()), threads: Some(3), ..LoadOptions::default() };
    let target_of = |system: &MemorySystem| load_with(system, &options).clean().target;
    let memory = target_of(&system().env_var("DBT_TARGET", "prod"));
    assert_eq!((memory.database.as_str(), memory.threads), ("memory", 3));
    assert_eq!(load_system(&system().env_var("DBT_TARGET", "mem")).clean().target.name, "mem");
    let secret = target(&system().env_var("DBT_ENV_SECRET_PATH", "a/b.db"), "secret").clean().target;
    assert_eq!(secret.database, "b");
}

#[test]
fn profiles_are_looked_for_as_dbt_does() {
    let text = |schema: &str| format!("p: {{outputs: {{default: {{type: duckdb, schema: {schema}}}}}}}\n");
    let base =
        MemorySystem::new().file("project.yml", "name: shop\nprofile: p\n").env_var("HOME", "/home/me");
    let home = base.file("/home/me/.dbt/profiles.yml", text("home"));
    assert_eq!(load_system(&home).clean().target.schema, "home");
    let here = home.file("profiles.yml", text("here"));
    assert_eq!(load_system(&here).clean().target.schema, "here");
    let named = here.file("/etc/dbt/profiles.yml", text("named")).env_var("DBT_PROFILES_DIR", "/etc/dbt");
    assert_eq!(load_system(&named).clean().target.schema, "named");
    let options = LoadOptions { profiles_dir: Some("/home/me/.dbt".into()), ..LoadOptions::default() };
    assert_eq!(load_with(&named, &options).clean().target.schema, "home");
    let options = LoadOptions { profiles_dir: Some("없는곳".into()), ..LoadOptions::default() };
    let outcome = load_with(&named, &options);
    assert_eq!(outcome.only().1, "there is no profiles.yml in `없는곳`");
}

#[test]
fn without_a_profile_the_target_is_a_file_of_the_project() {
    let without = MemorySystem::new().file("project.yml", "name: 가게\nprofile: nowhere\ntarget-path: out\n");
    let target = load_system(&without).clean().target;
    assert_eq!(target.keys["path"], json!("/project/out/가게.duckdb"));
    assert_eq!((target.profile_name.as_str(), target.name.as_str(), target.threads), ("가게", "dev", 4));
    let unnamed = MemorySystem::new().file("project.yml", "name: shop\n").file("profiles.yml", PROFILES);
    assert_eq!(load_system(&unnamed).clean().target.keys["path"], json!("/project/target/shop.duckdb"));
    assert_eq!(super::profiles::target(&unnamed, "prod").only().1, "there is no target `prod`");
    let options = LoadOptions { profile: Some("x".to_owned()), ..LoadOptions::default() };
    assert_eq!(load_with(&without, &options).only().0, Code::MissingProfile);
}

#[test]
fn profiles_and_targets_that_are_not_there_are_told_with_the_nearest_name() {
    let misspelt =
        MemorySystem::new().file("project.yml", "name: shop\nprofile: 가개\n").file("profiles.yml", PROFILES);
    let outcome = load_system(&misspelt);
    assert_eq!(
        outcome.only(),
        (Code::MissingProfile, "there is no profile `가개` in `profiles.yml`", "project.yml:2:10")
    );
    assert_eq!(outcome.helps[0], "a profile with a similar name exists: `가게`");
    let outcome = target(&system(), "prd");
    assert_eq!(outcome.only().1, "the profile `가게` in `profiles.yml` has no target `prd`");
    assert_eq!(outcome.helps[0], "a target with a similar name exists: `prod`");
    let outcome = target(&system(), "pg");
    assert_eq!(
        outcome.only(),
        (Code::NotSupported, "the warehouse `oracle` is not supported", "profiles.yml:8:16")
    );
}

#[test]
fn broken_profiles_are_told() {
    for (text, code, place) in [
        ("p: {}\n", Code::InvalidProfile, "profiles.yml:1:4"),
        ("p:\n", Code::InvalidProfile, "profiles.yml:1:1"),
        ("p: {outputs: [a]}\n", Code::InvalidProfile, "profiles.yml:1:15"),
        ("p: {outputs: {dev: {}}, target: dev}\n", Code::InvalidProfile, "profiles.yml:1:20"),
        (
            "p: {outputs: {dev: {type: duckdb, threads: 많이}}, target: dev}\n",
            Code::InvalidProfile,
            "profiles.yml:1:44",
        ),
        (
            "p: {outputs: {dev: {type: duckdb, threads: 0}}, target: dev}\n",
            Code::InvalidProfile,
            "profiles.yml:1:44",
        ),
        (
            "p: {outputs: {dev: {type: duckdb, path: [a]}}, target: dev}\n",
            Code::InvalidProfile,
            "profiles.yml:1:42",
        ),
        (
            "p: {outputs: {dev: {type: duckdb, path: a.db, database: b}}, target: dev}\n",
            Code::InvalidProfile,
            "profiles.yml:1:57",
        ),
        ("p: {outputs: {dev: {type: duckdb}}, target: [x]}\n", Code::InvalidProfile, "profiles.yml:1:46"),
        ("p: {{ x }}\n", Code::InvalidYaml, "profiles.yml:1:4"),
    ] {
        let system =
            MemorySystem::new().file("project.yml", "name: shop\nprofile: p\n").file("profiles.yml", text);
        let outcome = load_system(&system);
        assert_eq!(outcome.places(), [(code, place)], "{text}: {:?}", outcome.told);
        assert!(outcome.loaded.is_none(), "{text}");
    }
}

#[test]
fn the_project_file_alone_can_be_read_without_a_profile() {
    let system = MemorySystem::new()
        .file("project.yml", "name: shop\nprofile: nowhere\nclean-targets: [target, 정리]\nx: 1\n")
        .file("profiles.yml", PROFILES);
    let checked = load_root(&system, &Files::new(), &LoadOptions::default());
    let codes: Vec<_> = checked.diagnostics.iter().map(Diagnostic::code).collect();
    assert_eq!(codes, [Code::InvalidProject]);
    assert_eq!(checked.value.expect("a project").config.clean_targets, ["target", "정리"]);
}
