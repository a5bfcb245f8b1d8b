use super::*;

#[test]
fn vars_of_the_command_line_must_be_a_mapping() {
    let system = MemorySystem::new().file("project.yml", "name: shop\nvars: {a: 1, b: 2}\n");
    let with = |vars: &str| {
        load_with(&system, &LoadOptions { vars: Some(vars.to_owned()), ..LoadOptions::default() })
    };
    let loaded = with("{a: 3}").clean();
    assert_eq!(loaded.vars.get("shop", "a"), Some(&3.into()));
    assert_eq!(loaded.vars.get("shop", "b"), Some(&2.into()));
    let outcome = with("설명 없음");
    assert_eq!(outcome.only(), (Code::InvalidVars, "the value of `--vars` is not a mapping", "--vars:1:1"));
    assert!(outcome.loaded.is_none());
}

#[test]
fn paths_for_output_come_from_flag_variable_or_project() {
    let system = MemorySystem::new()
        .file("project.yml", "name: shop\n")
        .env_var("DBT_TARGET_PATH", "/tmp/t")
        .env_var("DBT_LOG_PATH", "my_logs");
    let loaded = load_system(&system).clean();
    assert_eq!(loaded.target_path, PathBuf::from("/tmp/t"));
    assert_eq!(loaded.log_path, PathBuf::from("/project/my_logs"));
    let options = LoadOptions { target_path: Some("out".into()), ..LoadOptions::default() };
    assert_eq!(load_with(&system, &options).clean().target_path, PathBuf::from("/project/out"));
}

#[test]
fn bad_variables_are_told_and_the_project_is_loaded_all_the_same() {
    let system = MemorySystem::new().file("project.yml", "name: shop\n").env_var("DBT_FAIL_FAST", "글쎄");
    let outcome = load_system(&system);
    assert_eq!(outcome.only().0, Code::InvalidFlag);
    assert!(outcome.loaded.is_some());
}
