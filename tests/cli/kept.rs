//! Commands that build nothing answer at once, with what they said before, for as long as nothing
//! has changed.

use crate::test_project::TestProject;

const UNCHANGED: &str = "Nothing has changed since that was found out";

/// Whether the answer was one that was kept, as dbt.log tells also of commands whose answer on
/// standard output is all that they say.
fn is_kept(project: &TestProject, arguments: &[&str]) -> bool {
    let times = || {
        let log = std::fs::read_to_string(project.path("logs/dbt.log")).unwrap_or_default();
        log.matches(UNCHANGED).count()
    };
    let before = times();
    let output = project.command(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    times() > before
}

fn shop() -> TestProject {
    TestProject::new()
        .model("주문", "select 1 as id, '서울' as city")
        .model("cities", "select city from {{ ref('주문') }} where '{{ env_var('SHOP', 'a') }}' = 'a'")
}

fn said(project: &TestProject, arguments: &[&str]) -> (Option<i32>, String) {
    let output = project.command(arguments).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn the_second_answer_is_the_first_until_something_changes() {
    let project = shop();
    let (code, first) = said(&project, &["check"]);
    assert!(code == Some(0) && !first.contains(UNCHANGED), "{first}");
    let (code, second) = said(&project, &["check"]);
    assert!(code == Some(0) && second.contains(UNCHANGED), "{second}");
    // Each of these may change what is found.
    project.write("models/cities.sql", "select ctiy from {{ ref('주문') }}");
    let (code, wrong) = said(&project, &["check"]);
    assert!(code == Some(1) && !wrong.contains(UNCHANGED), "{wrong}");
    let (code, again) = said(&project, &["check"]);
    assert!(code == Some(1) && again.contains(UNCHANGED), "{again}");
    let errors =
        |text: &str| text.lines().filter(|line| line.contains("ctiy")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(errors(&wrong), errors(&again));
    assert!(!errors(&wrong).is_empty());
    project.write("models/new.sql", "select 2 as id");
    let (_, more) = said(&project, &["check"]);
    assert!(!more.contains(UNCHANGED) && more.contains("Found 3 models"), "{more}");
}

#[test]
fn what_is_asked_otherwise_or_elsewhere_is_found_out_anew() {
    let project = shop();
    said(&project, &["check"]);
    let asked_otherwise: [&[&str]; 3] =
        [&["check", "--select", "cities"], &["check", "--vars", "{a: 1}"], &["check", "--no-partial-parse"]];
    for arguments in asked_otherwise {
        let (_, text) = said(&project, arguments);
        assert!(!text.contains(UNCHANGED), "{arguments:?}: {text}");
    }
    let mut command = project.command(["check"]);
    let output = command.env("SHOP", "b").output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stdout).contains(UNCHANGED));
    // A variable that no template asks for.
    said(&project, &["check"]);
    let mut command = project.command(["check"]);
    let output = command.env("OTHER", "b").output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).contains(UNCHANGED));
}

#[test]
fn what_commands_write_does_not_count_where_models_are_everywhere() {
    let project = TestProject::bare()
        .file("project.yml", "name: shop\nmodel-paths: ['.']\ntarget-path: out/made\nlog-path: logs\n")
        .file("sales/주문.sql", "select 1 as id");
    assert!(!is_kept(&project, &["parse"]));
    assert!(is_kept(&project, &["parse"]));
    project.write("out/made/more.sql", "select 2 as id");
    assert!(is_kept(&project, &["parse"]));
    project.write("out/more.sql", "select 2 as id");
    assert!(!is_kept(&project, &["parse"]));
    assert!(is_kept(&project, &["parse"]));
}

#[test]
fn what_depends_on_the_moment_is_never_kept() {
    for text in [
        "select '{{ run_started_at }}' as at",
        "select '{{ modules.datetime.datetime.now() }}' as at",
        "select '{{ invocation_id }}' as id",
        "select {{ [1, 2] | random }} as n",
    ] {
        let project = shop().model("now", text);
        said(&project, &["check"]);
        let (_, again) = said(&project, &["check"]);
        assert!(!again.contains(UNCHANGED), "{text}: {again}");
    }
}

#[test]
fn secrets_are_in_no_kept_answer() {
    let text = "{{ log('the key is 비밀 열쇠', info=true) }} select 1 as a";
    let project = shop().env("DBT_ENV_SECRET_KEY", "비밀 열쇠").model("told", text);
    said(&project, &["check"]);
    let kept = walkdir::WalkDir::new(project.path("target")).into_iter().filter_map(Result::ok);
    for entry in kept.filter(|entry| entry.file_type().is_file()) {
        let text = String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()).into_owned();
        assert!(!text.contains("비밀"), "{}", entry.path().display());
    }
}

/// The commands, and a file that each leaves.
const COMMANDS: [(&[&str], Option<&str>); 5] = [
    (&["parse"], Some("target/manifest.json")),
    (&["ls"], Some("target/semantic_manifest.json")),
    (&["ls", "--resource-type", "model", "--output", "json"], Some("target/manifest.json")),
    (&["lineage", "cities"], None),
    (&["lineage", "--output", "json"], None),
];

#[test]
fn the_answer_of_each_command_is_the_same_the_second_time() {
    for (arguments, _) in COMMANDS {
        let project = shop();
        let first = project.command(arguments).output().unwrap();
        assert!(is_kept(&project, arguments), "{arguments:?}");
        let second = project.command(arguments).output().unwrap();
        if arguments != ["parse"] {
            assert_eq!(first.stdout, second.stdout, "{arguments:?}");
            assert_eq!(first.stderr, second.stderr, "{arguments:?}");
        }
        let without = [arguments, &["--no-partial-parse"]].concat();
        let without = project.command(without).output().unwrap();
        if arguments != ["parse"] {
            assert_eq!(first.stdout, without.stdout, "{arguments:?}");
        }
    }
}

#[test]
fn an_artifact_stays_as_it_was_until_something_changes() {
    let project = shop();
    said(&project, &["parse"]);
    let (manifest, semantic) =
        (project.read("target/manifest.json"), project.read("target/semantic_manifest.json"));
    let (_, text) = said(&project, &["parse"]);
    assert!(text.contains(UNCHANGED), "{text}");
    assert_eq!(project.read("target/manifest.json"), manifest);
    assert_eq!(project.read("target/semantic_manifest.json"), semantic);
    said(&project, &["parse", "--no-partial-parse"]);
    assert_ne!(project.read("target/manifest.json"), manifest);
}

#[test]
fn an_artifact_that_is_gone_or_edited_is_written_again() {
    for (arguments, left) in COMMANDS {
        let Some(left) = left else { continue };
        let project = shop();
        project.command(arguments).output().unwrap();
        let written = project.read(left);
        assert!(is_kept(&project, arguments), "{arguments:?}");
        std::fs::remove_file(project.path(left)).unwrap();
        assert!(!is_kept(&project, arguments), "{arguments:?}");
        assert!(project.exists(left));
        // One letter, at once: neither the size nor much of the time is another.
        project.write(left, written.replacen("shop", "shoq", 1).replacen("semantic", "semantik", 1));
        assert!(!is_kept(&project, arguments), "{arguments:?}");
        assert!(!project.read(left).contains("shoq"));
        assert!(is_kept(&project, arguments), "{arguments:?}");
    }
}

/// Something that somebody does to a project.
type Change = fn(&TestProject);

#[test]
fn whatever_a_command_looked_at_makes_it_look_again() {
    let changes: [(&str, Change); 12] = [
        ("an edit of the same size at once", |project| {
            project.write("models/주문.sql", "select 2 as id, '서울' as city");
        }),
        ("an edit under the old time", |project| {
            let path = project.path("models/주문.sql");
            let before = std::fs::metadata(&path).unwrap().modified().unwrap();
            project.write("models/주문.sql", "select 3 as id, '서울' as city");
            std::fs::File::options().write(true).open(&path).unwrap().set_modified(before).unwrap();
        }),
        ("another file in its place", |project| {
            project.write("other.sql", "select 4 as id, '부산' as city");
            std::fs::rename(project.path("other.sql"), project.path("models/주문.sql")).unwrap();
        }),
        ("a new model", |project| project.write("models/marts/new.sql", "select 1 as id")),
        ("a model less", |project| std::fs::remove_file(project.path("models/marts/new.sql")).unwrap()),
        ("another name", |project| {
            std::fs::rename(project.path("models/주문.sql"), project.path("models/주문들.sql")).unwrap();
            project.write("models/cities.sql", "select city from {{ ref('주문들') }}");
        }),
        ("properties", |project| project.write("models/schema.yml", "models:\n  - name: cities\n")),
        ("a macro", |project| project.write("macros/one.sql", "{% macro one() %}1{% endmacro %}")),
        ("a seed", |project| project.write("seeds/zones.csv", "id\n1\n")),
        ("the project file", |project| project.write("project.yml", "name: shop\nvars: {a: 1}\n")),
        ("a profile", |project| {
            let output = "{type: duckdb, path: other.duckdb, schema: other}";
            let profile = format!("default:\n  target: dev\n  outputs:\n    dev: {output}\n");
            project.write("profiles.yml", profile);
            project.write("project.yml", "name: shop\nprofile: default\n");
        }),
        ("a package", |project| {
            project.write("packages.yml", "packages:\n  - local: tools\n");
            project.write("tools/project.yml", "name: tools\n");
            project.write("tools/macros/two.sql", "{% macro two() %}2{% endmacro %}");
            project.run("deps").succeeds();
        }),
    ];
    let project = shop();
    let commands: [&[&str]; 3] = [&["parse"], &["ls"], &["lineage", "cities"]];
    for arguments in commands {
        is_kept(&project, arguments);
    }
    for (what, change) in changes {
        change(&project);
        for arguments in commands {
            assert!(!is_kept(&project, arguments), "{what}: {arguments:?}");
        }
    }
    project.write("tools/macros/two.sql", "{% macro two() %}3{% endmacro %}");
    assert!(!is_kept(&project, &["lineage", "cities"]));
    assert!(is_kept(&project, &["lineage", "cities"]));
}

#[test]
fn a_variable_that_was_asked_for_makes_it_look_again() {
    let project = shop();
    for arguments in [&["ls"][..], &["lineage", "cities"]] {
        project.command(arguments).output().unwrap();
        let log = || project.read("logs/dbt.log").matches(UNCHANGED).count();
        let before = log();
        project.command(arguments).env("SHOP", "b").output().unwrap();
        project.command(arguments).env("DBT_TARGET_PATH", "elsewhere").output().unwrap();
        assert_eq!(log(), before, "{arguments:?}");
        project.command(arguments).env("SHOP", "b").env("NOBODY_ASKS", "1").output().unwrap();
        assert_eq!(log(), before + 1, "{arguments:?}");
    }
}

#[test]
fn events_that_have_a_time_of_their_own_are_made_anew() {
    let project = shop();
    assert!(!is_kept(&project, &["lineage", "--output", "openlineage"]));
    assert!(!is_kept(&project, &["lineage", "--output", "openlineage"]));
}
