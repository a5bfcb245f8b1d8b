use serde_json::json;

use crate::test_project::TestProject;

#[test]
fn a_second_seed_replaces_the_rows() {
    let project = TestProject::new().file("seeds/a.csv", "id,name\n1,x\n2,y\n");
    project.run("seed").succeeds().says("OK loaded seed file main.a");
    project.write("seeds/a.csv", "id,name\n3,z\n");
    project.run("seed").succeeds();
    assert_eq!(
        project.query("select cast(id as int) as id, name from main.a"),
        json!([{"id": 3, "name": "z"}])
    );
    project.write("seeds/a.csv", "id,name,more\n3,z,true\n");
    project.run("seed --full-refresh").succeeds();
    assert_eq!(project.query("select more from main.a"), json!([{"more": true}]));
}

#[test]
fn a_seed_that_fails_leaves_its_old_table() {
    let project = TestProject::new().file("seeds/a.csv", "id,name\n1,x\n");
    project.run("seed").succeeds();
    project.write("seeds/a.csv", "id,name\n1,x\n2,y,z\n");
    project.run("seed").exits(1).says("error[invalid-csv]").says("seeds/a.csv:3");
    assert_eq!(project.query("select name from main.a"), json!([{"name": "x"}]));
}

#[test]
fn show_prints_the_rows() {
    let project = TestProject::new().file("seeds/과일.csv", "이름,값\n사과,1\n");
    project.run("seed --show").succeeds().says("사과");
}
