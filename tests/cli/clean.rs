use crate::test_project::TestProject;

#[test]
fn clean_deletes_the_clean_targets_and_nothing_of_the_project() {
    let project = TestProject::new().model("a", "select 1 as id");
    project.run("build").succeeds();
    assert!(project.exists("target/manifest.json"));
    project.run("clean").succeeds().says("Cleaned target");
    assert!(!project.exists("target") && project.exists("models/a.sql"));
}

#[test]
fn clean_refuses_the_projects_own_folders_and_those_outside() {
    for (target, why) in
        [("models", "files of the project"), (".", "the project itself"), ("../elsewhere", "outside")]
    {
        let project = TestProject::bare()
            .file("project.yml", format!("name: shop\nclean-targets: ['{target}', target]\n"))
            .file("target/x", "x")
            .model("a", "select 1 as id");
        project.run("clean").exits(2).says("error[invalid-project]").says(why);
        assert!(project.exists("models/a.sql") && project.exists("target/x"), "{target}");
    }
}
