//! `check` answers at once, with what it said before, for as long as nothing has changed.

use crate::test_project::TestProject;

const UNCHANGED: &str = "Nothing has changed since that was found out";

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
