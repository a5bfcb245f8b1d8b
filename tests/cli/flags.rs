use crate::test_project::TestProject;

fn shop(flags: &str) -> TestProject {
    TestProject::bare()
        .file("project.yml", format!("name: shop\nflags: {{{flags}}}\n"))
        .model("a", "select 1 as id")
}

/// The same flag on the command line, in the environment and in the project file.
fn each_way(
    option: &str,
    (variable, value): (&str, &str),
    flag: &str,
    is_heeded: impl Fn(&TestProject, &str) -> bool,
) {
    let project = shop("");
    assert!(!is_heeded(&project, ""), "`{option}` is not needed");
    assert!(is_heeded(&project, option), "`{option}` is not heeded");
    assert!(is_heeded(&shop("").env(variable, value), ""), "`{variable}` is not heeded");
    assert!(is_heeded(&shop(flag), ""), "`{flag}` is not heeded");
}

#[test]
fn flags_are_heeded_wherever_they_are_set() {
    let stdout =
        |project: &TestProject, option: &str| project.run(&format!("run {option}")).succeeds().stdout;
    each_way("--quiet", ("DBT_QUIET", "1"), "quiet: true", |project, option| {
        stdout(project, option).is_empty()
    });
    each_way("--log-level warn", ("DBT_LOG_LEVEL", "warn"), "log_level: warn", |project, option| {
        stdout(project, option).is_empty()
    });
    each_way("--debug", ("DBT_DEBUG", "true"), "debug: true", |project, option| {
        stdout(project, option).contains("create view")
    });
    each_way("--log-format json", ("DBT_LOG_FORMAT", "json"), "log_format: json", |project, option| {
        stdout(project, option).lines().all(|line| line.starts_with('{'))
    });
    each_way("--printer-width 50", ("DBT_PRINTER_WIDTH", "50"), "printer_width: 50", |project, option| {
        stdout(project, option).lines().any(|line| line.find(" [RUN]") == Some("HH:MM:SS  ".len() + 50))
    });
    each_way("--use-colors", ("DBT_USE_COLORS", "1"), "use_colors: true", |project, option| {
        stdout(project, option).contains("\u{1b}[32m")
    });
    each_way("--warn-error", ("DBT_WARN_ERROR", "1"), "warn_error: true", |project, option| {
        project.run(&format!("run --select nothing {option}")).code == Some(2)
    });
    each_way("--no-write-json", ("DBT_WRITE_JSON", "0"), "write_json: false", |project, option| {
        let folder = if option.is_empty() { "plain" } else { "given" };
        project.run(&format!("run --target-path {folder} {option}")).succeeds();
        !project.exists(&format!("{folder}/manifest.json"))
    });
}

#[test]
fn the_command_line_has_the_last_word() {
    let project = shop("quiet: true").env("DBT_WARN_ERROR", "1");
    project.run("run --no-quiet").succeeds().says("Completed successfully");
    project.run("run --select nothing --no-warn-error").succeeds();
}

#[test]
fn artifacts_and_the_log_go_where_they_are_told() {
    let project = shop("").env("DBT_LOG_PATH", "by_env");
    project.run("run --target-path elsewhere").succeeds();
    assert!(project.exists("elsewhere/run_results.json") && !project.exists("target/run_results.json"));
    assert!(project.exists("by_env/dbt.log") && !project.exists("logs"));
    project.run("run --log-path by_option --log-level-file none").succeeds();
    assert!(!project.exists("by_option"));
}

#[test]
fn a_value_that_is_none_is_told() {
    shop("").env("DBT_LOG_LEVEL", "loud").run("run").exits(2).says("error[invalid-flag]").says("`loud`");
    shop("log_level: loud").run("run").exits(2).says("error[invalid-flag]").says("project.yml:2");
    shop("").run("run --log-level loud").exits(2).says("error[invalid-usage]").says("debug, info, warn");
}
