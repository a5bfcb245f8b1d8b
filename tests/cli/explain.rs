use crate::test_project::TestProject;

#[test]
fn explain_prints_the_page_of_a_code() {
    TestProject::bare().run("explain unresolved-ref").succeeds().says("# unresolved-ref").says("```");
}

#[test]
fn explain_lists_all_codes() {
    let ran = TestProject::bare().run("explain").succeeds();
    for code in xform::diagnostic::Code::ALL {
        assert!(ran.stdout.contains(code.name()), "{code}");
    }
}

#[test]
fn a_code_that_does_not_exist_names_the_nearest() {
    TestProject::bare()
        .run("explain unresolved-reff")
        .exits(2)
        .says("error[unknown-code]")
        .says("`unresolved-ref`");
}
