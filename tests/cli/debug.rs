use crate::test_project::TestProject;

#[test]
fn debug_tries_everything_and_says_so() {
    let project = TestProject::new();
    project.run("debug").succeeds().says("Connection test: [OK connection ok]").says("All checks passed!");
    project.run("debug --connection").succeeds().says("Connection test").says_nothing_of("profiles.yml file");
}

#[test]
fn debug_says_what_is_wrong_and_goes_on() {
    let project = TestProject::bare()
        .file("project.yml", "name: shop\nprofile: shop\n")
        .file("profiles.yml", "shop:\n  target: prod\n  outputs:\n    dev: {type: duckdb}\n");
    project.run("debug").exits(1).says("error[invalid-profile]").says("prod");
}

#[test]
fn debug_says_which_file_is_to_blame_in_dbts_words() {
    let project = TestProject::bare()
        .file("dbt_project.yml", "name: shop\nprofile: shop\n")
        .file("profiles.yml", "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb}\n");
    let ran = project.run("debug").succeeds().says("profiles.yml file [OK found and valid]");
    ran.says("dbt_project.yml file [OK found and valid]").says_nothing_of("ERROR");
    let ran = project.run("debug --connection --target 없음").exits(1).says("1 check failed:");
    ran.says("The profile 'shop' does not have a target named '없음'").says("Profile loading failed");
    project.run("debug --profiles-dir 없음").exits(1).says("dbt looked for a profiles.yml file in 없음");
    project.run("debug --profile 없음").exits(1).says("Could not find profile named '없음'");
    project.run("debug --config-dir").succeeds().says("To view your profiles.yml file, run:");
    project.write("dbt_project.yml", "invalid-key: x\nname: shop\n");
    project.run("debug --profile shop").exits(1).says("dbt_project.yml file [ERROR invalid]");
}
