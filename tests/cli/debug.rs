use crate::test_project::TestProject;

#[test]
fn debug_tries_everything_and_says_so() {
    let project = TestProject::new();
    project.run("debug").succeeds().says("Connection test: [OK connection ok]").says("All checks passed!");
    project.run("debug --connection").succeeds().says("Connection test").says_nothing_of("profile:");
}

#[test]
fn debug_says_what_is_wrong_and_goes_on() {
    let project = TestProject::bare()
        .file("project.yml", "name: shop\nprofile: shop\n")
        .file("profiles.yml", "shop:\n  target: prod\n  outputs:\n    dev: {type: duckdb}\n");
    project.run("debug").exits(1).says("error[invalid-profile]").says("prod");
}
