use crate::test_project::TestProject;

#[test]
fn the_starter_project_builds_at_once() {
    let folder = TestProject::bare();
    folder.run("init my_shop").succeeds().says("cd my_shop");
    folder.run("build").exits(2).says("error[invalid-project]").says("cd my_shop");
    let ran = folder.run("build --project-dir my_shop").succeeds();
    ran.says("ERROR=0").says("Completed successfully");
    assert!(folder.exists("my_shop/target/my_shop.duckdb"));
}

#[test]
fn nothing_is_written_over() {
    let folder = TestProject::bare().file("my_shop/notes", "mine");
    folder.run("init my_shop").succeeds().says("already exists here");
    assert!(!folder.exists("my_shop/project.yml"));
    folder.run_with(["init", "my shop"]).exits(2).says("error[invalid-project]").says("`my_shop`");
    let project = TestProject::bare().file("dbt_project.yml", "name: shop\n");
    project.run("init other").succeeds().says("This folder is a project already");
    assert!(!project.exists("other"));
}
