//! Projects in memory that are parsed again and again, each time also without what was kept.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::manifest::Manifest;
use crate::parse::tests::{Parsed, parse_on};
use crate::project::LoadOptions;
use crate::system::{MemorySystem, System};

const PROFILE: &str = "shop: {target: dev, outputs: {dev: {type: duckdb, path: 'x.duckdb'}}}";

fn machine(files: &[(&str, &str)], variables: &[(&str, &str)]) -> MemorySystem {
    let project = "name: shop\nprofile: shop\nmodels: {+meta: {a: \"{{ var('a', 1) }}\"}}";
    let all = [("dbt_project.yml", project), ("profiles.yml", PROFILE)];
    let machine = all.iter().chain(files).fold(MemorySystem::new(), |it, (path, text)| it.file(path, *text));
    variables.iter().fold(machine, |it, (name, value)| it.env_var(name, value))
}

/// What a parse gave, as text; the files by their paths.
fn shown(parsed: &Parsed) -> String {
    let Manifest { nodes, disabled, macros, docs, groups, .. } = &parsed.manifest;
    let text = format!("{:#?}\n{:#?}", (nodes, disabled, macros, docs, groups), parsed.told());
    let mut named = String::new();
    for part in text.split("FileId(") {
        let (number, rest) = part.split_once(')').unwrap_or((part, ""));
        match number.trim().trim_end_matches(',').parse::<usize>() {
            Ok(number) => named.extend([parsed.files.path_of(number).as_str(), ")", rest]),
            Err(_) => named += part,
        }
    }
    named
}

/// A machine that parses twice, the second time without what was kept; gives what it kept.
fn both(
    files: &[(&str, &str)],
    variables: &[(&str, &str)],
    kept: Option<&Kept>,
    vars: &str,
) -> (String, Kept) {
    let system = machine(files, variables);
    let system = kept.into_iter().flatten().fold(system, |it, (path, bytes)| it.file(path, bytes.clone()));
    let system: Arc<dyn System> = Arc::new(system);
    let options = |partial_parse| LoadOptions {
        partial_parse: Some(partial_parse),
        vars: Some(vars.to_owned()),
        ..LoadOptions::default()
    };
    let with = shown(&parse_on(&system, options(true)));
    let without = shown(&parse_on(&system, options(false)));
    assert_eq!(with, without, "{files:?} {variables:?} {vars}");
    let folder = Path::new("/project/target/xform/parsed");
    let found = system.walk(folder).unwrap().into_iter();
    let bytes = |path: PathBuf| (path.clone(), system.read(&path).unwrap());
    (with, found.map(|entry| bytes(entry.path)).collect())
}

type Kept = Vec<(PathBuf, Vec<u8>)>;

const MODEL: (&str, &str) = (
    "models/orders.sql",
    "{{ config(tags=[cents(), env_var('TAG', 'none')]) }} select * from {{ ref('users') }}",
);
const USERS: (&str, &str) = ("models/users.sql", "select 1 as id, {{ nothing }}");
const MACROS: (&str, &str) = ("macros/cents.sql", "{% macro cents() %}a{% endmacro %}");
const YAML: (&str, &str) = (
    "models/all.yml",
    "models:\n- name: orders\n  description: \"{{ doc('orders') }}\"\n  columns:\n  - name: id\n    data_tests: [unique, {accepted_values: {arguments: {values: [1, 2.5]}}}]\n- name: gone\nsources:\n- name: raw\n  schema: \"{{ var('a', 'b') }}\"\n  tables: [{name: t, data_tests: [unknown]}]\n",
);
const DOCS: (&str, &str) = ("models/docs.md", "{% docs orders %}All 주문{% enddocs %}");
const ALL: [(&str, &str); 5] = [MODEL, USERS, MACROS, YAML, DOCS];

#[test]
fn after_every_kind_of_change_the_answer_is_that_of_a_fresh_parse() {
    let (first, kept) = both(&ALL, &[], None, "");
    assert_eq!(kept.len(), 1);
    let (again, same) = both(&ALL, &[], Some(&kept), "");
    assert_eq!((&first, &kept), (&again, &same), "nothing has changed");
    let with = |changed: &[(&'static str, &'static str)]| {
        let others = ALL.into_iter().filter(|(path, _)| changed.iter().all(|(new, _)| new != path));
        others.chain(changed.iter().copied()).filter(|(_, text)| *text != "gone").collect::<Vec<_>>()
    };
    let changes: [&[(&str, &str)]; 12] = [
        &[("models/orders.sql", "select 2")],
        &[("models/orders.sql", "gone")],
        &[("models/users.sql", "select {{ broken")],
        &[("models/a_new_one.sql", "select * from {{ source('raw', 't') }}")],
        &[("macros/cents.sql", "{% macro cents() %}b{% endmacro %}")],
        &[("macros/cents.sql", "gone")],
        &[("macros/a.sql", "{% macro cents() %}of another file{% endmacro %}")],
        &[("macros/n.sql", "{% macro nothing() %}{% endmacro %}")],
        &[("macros/s.sql", "{% macro generate_schema_name(a, b) %}{{ b.name }}{% endmacro %}")],
        &[("macros/t.sql", "{% test unknown(model) %}select 1{% endtest %}")],
        &[("models/docs.md", "{% docs orders %}None{% enddocs %}")],
        &[("models/all.yml", "\n\nmodels:\n- name: orders\n  config: {alias: o}\n")],
    ];
    for change in changes {
        let (changed, later) = both(&with(change), &[], Some(&kept), "");
        assert_ne!(changed, first, "{change:?}");
        let (back, _) = both(&ALL, &[], Some(&later), "");
        assert_eq!(back, first, "{change:?} and back");
    }
    for (variables, vars) in [(&[("TAG", "x")][..], ""), (&[("TAG", "")], ""), (&[], "{a: 2}")] {
        let (changed, later) = both(&ALL, variables, Some(&kept), vars);
        assert_ne!(changed, first, "{variables:?} {vars}");
        let (back, _) = both(&ALL, &[], Some(&later), "");
        assert_eq!(back, first, "{variables:?} {vars} and back");
    }
}

/// Whether anything is kept of a model.
fn is_kept(model: &str, variables: &[(&str, &str)]) -> bool {
    let files = [("models/a.sql", model)];
    let (_, kept) = both(&files, variables, None, "");
    let needle = b"model.shop.a";
    kept.iter().any(|(_, bytes)| bytes.windows(needle.len()).any(|part| part == needle))
}

#[test]
fn what_depends_on_the_moment_or_says_something_is_not_kept() {
    assert!(is_kept("select {{ 1 }}", &[]));
    assert!(is_kept("select {{ target.name }} {{ flags.WHICH }} {{ modules.datetime.timedelta(1) }}", &[]));
    for text in [
        "{{ run_started_at }}",
        "{{ invocation_id }}",
        "{{ modules.datetime.datetime.now() }}",
        "{{ [1, 2] | random }}",
        "{{ log('a') }}",
        "{{ print('a') }}",
        "{% macro m() %}{{ [1, 2] | random }}{% endmacro %}{{ m() }}",
        "{% do exceptions.warn('a') %}",
    ] {
        assert!(!is_kept(text, &[]), "{text}");
    }
}

#[test]
fn a_secret_of_the_environment_is_not_written() {
    let variables = [("DBT_ENV_SECRET_A", "hush-hush")];
    assert!(is_kept("select 'hush'", &variables));
    assert!(!is_kept("select 'hush-hush'", &variables));
}

#[test]
fn a_file_that_is_not_ours_or_not_whole_is_as_if_it_were_not_there() {
    let (first, kept) = both(&ALL, &[], None, "");
    let [(path, bytes)] = kept.as_slice() else { panic!("one file is kept") };
    let half = bytes[..bytes.len() / 2].to_vec();
    let mut turned = bytes.clone();
    turned[bytes.len() - 9] ^= 4;
    for damaged in [half, turned, Vec::new(), b"something else".to_vec()] {
        let (again, now) = both(&ALL, &[], Some(&vec![(path.clone(), damaged)]), "");
        assert_eq!((again, &now), (first.clone(), &kept));
    }
}
