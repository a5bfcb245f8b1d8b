use crate::test_project::TestProject;

const COMMANDS: [&str; 16] = [
    "build",
    "run",
    "test",
    "seed",
    "compile",
    "parse",
    "changes",
    "lineage",
    "list",
    "show",
    "run-operation",
    "debug",
    "clean",
    "init",
    "explain",
    "completions",
];

#[test]
fn help_names_every_command_and_each_has_its_own() {
    let project = TestProject::bare();
    let all = project.run("--help").succeeds();
    for command in COMMANDS {
        assert!(all.stdout.contains(&format!("\n  {command} ")), "{command} is not in:\n{}", all.stdout);
        project.run(&format!("{command} --help")).succeeds().says("Usage: xform");
    }
}

#[test]
fn no_option_is_without_help() {
    let project = TestProject::bare();
    for command in COMMANDS {
        let help = project.run(&format!("{command} -h")).succeeds().stdout;
        assert!(!help.contains("error["), "{command}: {help}");
        let lines: Vec<&str> = help.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let is_option = line.trim_start().starts_with('-') && line.contains("--");
            let next = lines.get(at + 1).copied().unwrap_or_default();
            let has_help = line.trim_end().contains("  ") && line.trim_start().contains("  ")
                || next.starts_with("          ");
            assert!(!is_option || has_help, "no help for: {line}");
        }
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    let ran = TestProject::bare().run("--version").succeeds();
    assert!(ran.stdout.starts_with(&format!("xform {}\n", env!("CARGO_PKG_VERSION"))), "{}", ran.stdout);
    assert!(ran.stdout.contains("installed: 1.12.6"));
    assert_eq!(TestProject::bare().run("-v").succeeds().stdout.lines().count(), ran.stdout.lines().count());
}

#[test]
fn completions_are_made_for_each_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        TestProject::bare().run(&format!("completions {shell}")).succeeds().says("run-operation");
    }
}

#[test]
fn a_wrong_command_line_says_what_is_meant() {
    let project = TestProject::new().model("a", "select 1 as id");
    project.run("run a").exits(2).says("error[invalid-usage]").says("--select a");
    project.run("run --threads 0").exits(2).says("1 or more");
    project.run("clne").exits(2).says("error[invalid-usage]").says("clone");
    let nothing = project.run("").exits(2);
    assert!(nothing.stderr.contains("Usage: xform"), "{}", nothing.stderr);
}

#[test]
fn global_options_stand_before_or_after_the_command() {
    let project = TestProject::bare()
        .file("project.yml", "name: shop\nprofile: shop\n")
        .file(
            "profiles.yml",
            "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: shop.duckdb}\n",
        )
        .model("a", "select 1 as id");
    project.run("--threads 2 --no-partial-parse run").succeeds().says("Concurrency: 2 threads");
    project.run("run --threads 2 --project-dir . --profiles-dir .").succeeds().says("Concurrency: 2 threads");
    project.run("compile -s a -m a --models a").succeeds();
}
