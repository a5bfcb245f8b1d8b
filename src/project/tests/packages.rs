use serde_json::json;

use super::*;

fn names(loaded: &Loaded) -> Vec<&str> {
    loaded.files.packages.iter().map(Package::name).collect()
}

#[test]
fn local_packages_are_read_from_their_folders_after_those_they_need() {
    let system = MemorySystem::new()
        .file("project.yml", "name: shop\nvars: {도구: {n: 3}}\n")
        .file("packages.yml", "packages:\n  - local: \"{{ env_var('TOOLS', '../도구') }}\"\n")
        .file("/도구/dbt_project.yml", "name: 도구\nvars: {n: 1, m: 2}\n")
        .file("/도구/packages.yml", "packages: [{local: ./inner}]\n")
        .file("/도구/macros/f.sql", "{% macro f() %}{% endmacro %}")
        .file("/도구/inner/project.yml", "name: inner\n")
        .file("/도구/inner/packages.yml", "packages: [{local: ..}]\n")
        .file("/도구/inner/models/b.sql", "select 1");
    let loaded = load_system(&system).clean();
    assert_eq!(names(&loaded)[2..], ["inner", "도구", "shop"]);
    assert!(loaded.files.packages[0].is_builtin && names(&loaded)[0] == "dbt");
    assert_eq!(found(&loaded, "도구"), ["Macro macros/f.sql"]);
    assert_eq!(found(&loaded, "inner"), ["Model models/b.sql"]);
    assert_eq!(loaded.files.packages[3].depends_on[0].0, "inner");
    assert_eq!(loaded.vars.get("도구", "n"), Some(&json!(3)));
    assert_eq!(loaded.vars.get("도구", "m"), Some(&json!(2)));
    assert_eq!(loaded.vars.get("shop", "m"), None);
}

#[test]
fn installed_packages_are_used_whoever_asks_for_them() {
    let system = MemorySystem::new()
        .file("project.yml", "name: shop\n")
        .file(
            "packages.yml",
            "packages:\n  - package: dbt-labs/dbt_utils\n    version: ['>=1.0.0', '<2.0.0']\n  - git: https://example.com/our-repo.git\n    revision: main\n",
        )
        .file("dbt_packages/dbt_utils/dbt_project.yml", "name: dbt_utils\nrequire-dbt-version: '>=1.0.0'\n")
        .file("dbt_packages/dbt_utils/macros/x.sql", "")
        .file("dbt_packages/dbt_utils/tests/projects/dbt_project.yml", "name: nested\n")
        .file("dbt_packages/우리것/dbt_project.yml", "name: 우리것\n")
        .file("dbt_packages/unlisted/dbt_project.yml", "name: unlisted\n");
    let loaded = load_system(&system).clean();
    assert_eq!(names(&loaded)[2..], ["dbt_utils", "unlisted", "우리것", "shop"]);
    let root = loaded.root_package().expect("a root");
    assert_eq!(
        root.depends_on.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["dbt_utils", "unlisted"]
    );
}

#[test]
fn packages_that_are_not_there_are_told_at_their_entry() {
    let system = MemorySystem::new().file("project.yml", "name: shop\n").file(
        "packages.yml",
        "packages:\n  - package: dbt-labs/dbt_utils\n    verson: 1.0.0\n  - local: ../없음\n  - git: 'git@x.y:a/b.git'\n  - {}\n  - 3\n  - tarball: [x]\npackges: []\n",
    );
    let outcome = load_system(&system);
    assert_eq!(
        outcome.places(),
        [
            (Code::UnknownKey, "packages.yml:9:1"),
            (Code::UnknownKey, "packages.yml:3:5"),
            (Code::InvalidProject, "packages.yml:6:5"),
            (Code::InvalidProject, "packages.yml:7:5"),
            (Code::InvalidProject, "packages.yml:8:15"),
            (Code::MissingPackage, "packages.yml:2:14"),
            (Code::MissingPackage, "packages.yml:4:12"),
            (Code::MissingPackage, "packages.yml:5:10"),
        ]
    );
    assert!(outcome.helps[5].contains("dbt_packages/dbt_utils"));
    assert!(outcome.helps[7].contains("dbt_packages/b"));
}

#[test]
fn two_packages_of_one_name_are_refused() {
    let system = MemorySystem::new()
        .file("project.yml", "name: shop\n")
        .file("dependencies.yml", "packages: [{local: a}, {local: b}]\nprojects: [{name: other}]\n")
        .file("a/project.yml", "name: shop\n")
        .file("b/project.yml", "name: dbt\n");
    let outcome = load_system(&system);
    assert_eq!(
        outcome.places(),
        [
            (Code::NotSupported, "dependencies.yml:2:13"),
            (Code::InvalidProject, "b/project.yml:1:7"),
            (Code::InvalidProject, "project.yml:1:7"),
        ]
    );
}

#[test]
fn packages_in_two_files_are_refused() {
    let system = MemorySystem::new()
        .file("project.yml", "name: shop\n")
        .file("packages.yml", "packages: [{local: a}]\n")
        .file("dependencies.yml", "packages: [{local: b}]\n")
        .file("a/project.yml", "name: a\n")
        .file("b/project.yml", "name: b\n");
    let outcome = load_system(&system);
    assert_eq!(
        outcome.only(),
        (Code::InvalidProject, "packages are listed in two files", "dependencies.yml:1:13")
    );
}
