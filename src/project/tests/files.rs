use super::*;
use crate::project::FileKind;
use crate::system::FileStamp;

#[test]
fn every_file_is_found_by_folder_and_ending() {
    let system = MemorySystem::new()
        .file("project.yml", "name: shop\n")
        .file("models/주문/주문.sql", "\u{feff}  select 1\n")
        .file("models/주문/schema.yml", "models: []")
        .file("models/notes.md", "")
        .file("models/readme.txt", "")
        .file("models/.#lock.sql", "")
        .file("models/#draft.sql", "")
        .file("models/.hidden/a.sql", "")
        .file("seeds/사용자.csv", "a\r\n1\r\n")
        .file("seeds/raw.sql", "")
        .file("macros/f.sql", "")
        .file("macros/f.yaml", "")
        .file("snapshots/s.sql", "")
        .file("analyses/a.sql", "")
        .file("tests/t.sql", "")
        .file("tests/generic/g.sql", "")
        .file("tests/fixtures/f.sql", "")
        .file("tests/projects/p/project.yml", "name: p")
        .file("tests/projects/p/models/x.sql", "")
        .file("target/compiled/x.sql", "");
    let loaded = load_system(&system).clean();
    assert_eq!(
        found(&loaded, "shop"),
        [
            "Analysis analyses/a.sql",
            "Macro macros/f.sql",
            "Properties macros/f.yaml",
            "Docs models/notes.md",
            "Properties models/주문/schema.yml",
            "Model models/주문/주문.sql",
            "Seed seeds/사용자.csv",
            "Snapshot snapshots/s.sql",
            "Fixture tests/fixtures/f.sql",
            "GenericTest tests/generic/g.sql",
            "Test tests/t.sql",
        ]
    );
    let file = |path: &str| loaded.files.files.iter().find(|file| file.path == path).expect("found");
    let model = file("models/주문/주문.sql");
    assert_eq!((model.relative_path(), model.resource_path.as_str()), ("주문/주문.sql", "models"));
    assert_eq!(model.source.text(), "  select 1\n");
    // printf 'select 1' | sha256sum
    assert_eq!(model.checksum, "822ae07d4783158bc1912bb623e5107cc9002d519e1143a9c200ed6ee18b6d0f");
    let seed = file("seeds/사용자.csv");
    assert_eq!(seed.source.text(), "");
    assert_eq!(seed.absolute_path, PathBuf::from("/project/seeds/사용자.csv"));
    // printf 'a\n1' | sha256sum
    assert_eq!(seed.checksum, "4f395a2e9ea1c0680348d384135458270e9e6f5af3576151fec246b7b6de98e6");
}

#[test]
fn a_bare_folder_is_a_project() {
    let system = MemorySystem::new()
        .file("stg.sql", "select 1")
        .file("mart/kpi.sql", "select 2")
        .file("data/raw.csv", "a\n1")
        .file("schema.yml", "models: []")
        .file("profiles.yml", "x: {}")
        .file("macros/f.sql", "")
        .file("target/x.sql", "")
        .file("logs/x.sql", "")
        .file("dbt_packages/p/x.sql", "")
        .file("other/dbt_project.yml", "name: other")
        .file("other/models/x.sql", "");
    let loaded = load_system(&system).clean();
    assert_eq!(
        found(&loaded, "project"),
        [
            "Seed data/raw.csv",
            "Macro macros/f.sql",
            "Model mart/kpi.sql",
            "Properties schema.yml",
            "Model stg.sql",
        ]
    );
    let kpi = loaded.files.files.iter().find(|file| file.path == "mart/kpi.sql").expect("found");
    assert_eq!((kpi.resource_path.as_str(), kpi.relative_path()), (".", "mart/kpi.sql"));
    let with_models = MemorySystem::new().file("models/a.sql", "").file("b.sql", "").file("c.csv", "");
    assert_eq!(found(&load_system(&with_models).clean(), "project"), ["Seed c.csv", "Model models/a.sql"]);
}

#[test]
fn a_folder_without_any_source_is_no_project() {
    for system in [MemorySystem::new(), MemorySystem::new().file("target/a.sql", "").file("x.txt", "")] {
        let outcome = load_system(&system);
        assert_eq!(outcome.only(), (Code::InvalidProject, "there is no project in `/project`", ""));
        assert!(outcome.loaded.is_none());
    }
}

#[test]
fn the_project_is_looked_for_in_the_folders_above() {
    let above = MemorySystem::new().file("/project.yml", "name: above\n").file("/models/a.sql", "");
    assert_eq!(found(&load_system(&above).clean(), "above"), ["Model models/a.sql"]);
    let both =
        MemorySystem::new().file("project.yml", "name: ours\n").file("dbt_project.yml", "name: theirs\n");
    assert_eq!(load_system(&both).config().name.value, "ours");
    let elsewhere = LoadOptions { project_dir: Some("../다른".into()), ..LoadOptions::default() };
    let there = both.file("/다른/project.yml", "name: there\n");
    assert_eq!(load_with(&there, &elsewhere).config().name.value, "there");
    let by_variable = there.env_var("DBT_PROJECT_DIR", "/다른");
    assert_eq!(load_system(&by_variable).config().name.value, "there");
    let nowhere = LoadOptions { project_dir: Some("없음".into()), ..LoadOptions::default() };
    assert_eq!(load_with(&by_variable, &nowhere).only().1, "there is no folder `없음`");
}

#[test]
fn files_that_are_not_utf8_are_told_and_the_others_go_on() {
    let system = MemorySystem::new()
        .file("project.yml", "name: shop\n")
        .file("models/a.sql", b"-- \xea\xb0\x80\n  -- \xb0\xa1\nselect 1".to_vec())
        .file("models/b.sql", "select 1")
        .file("models/c.sql", b"\xef\xbb\xbfx\xff".to_vec())
        .file("seeds/s.csv", b"a,b\n1,\xb0\xa1\n".to_vec());
    let outcome = load_system(&system);
    assert_eq!(
        outcome.places(),
        [
            (Code::InvalidUtf8, "models/a.sql:2:6"),
            (Code::InvalidUtf8, "models/c.sql:1:2"),
            (Code::InvalidUtf8, "seeds/s.csv:2:3"),
        ]
    );
    let loaded = outcome.loaded.expect("loaded");
    assert_eq!(found(&loaded, "shop"), ["Model models/b.sql"]);
}

#[test]
fn what_dbtignore_names_is_left_out() {
    let system = MemorySystem::new()
        .file("project.yml", "name: shop\n")
        .file(".dbtignore", "# old\n*.py\n초안/\n/models/a.sql\n**/tmp_*\n!models/tmp_keep.sql\n")
        .file("models/a.sql", "")
        .file("models/deep/a.sql", "")
        .file("models/m.py", "")
        .file("models/초안/b.sql", "")
        .file("models/tmp_x.sql", "")
        .file("models/tmp_keep.sql", "");
    let loaded = load_system(&system).clean();
    assert_eq!(found(&loaded, "shop"), ["Model models/deep/a.sql", "Model models/tmp_keep.sql"]);
}

#[test]
fn models_and_functions_may_be_in_python() {
    let system = MemorySystem::new()
        .file("project.yml", "name: shop\n")
        .file("models/파이썬.py", "def model(dbt, session): ...")
        .file("functions/f.sql", "x")
        .file("functions/g.py", "def main(): ...")
        .file("functions/f.yml", "functions: []");
    let loaded = load_system(&system).clean();
    assert_eq!(
        found(&loaded, "shop"),
        [
            "Function functions/f.sql",
            "Properties functions/f.yml",
            "Function functions/g.py",
            "Model models/파이썬.py"
        ]
    );
}

#[test]
fn a_large_seed_is_known_by_its_path_and_not_read() {
    let system = MemorySystem::new()
        .file("project.yml", "name: shop\n")
        .file("seeds/big.csv", vec![b'a'; 1024 * 1024 + 1]);
    let loaded = load_system(&system).clean();
    let seed = loaded.files.files.iter().find(|file| file.kind == FileKind::Seed).expect("found");
    assert_eq!((seed.checksum.as_str(), seed.checksum_name), ("seeds/big.csv", "path"));
}

#[test]
fn the_library_is_there_for_every_project() {
    let loaded = load_system(&MemorySystem::new().file("a.sql", "select 1")).clean();
    assert!(found(&loaded, "dbt").iter().all(|file| file.starts_with("Macro macros/")));
    assert!(!found(&loaded, "dbt").is_empty() && !found(&loaded, "dbt_duckdb").is_empty());
}

/// The stamp of a file that was changed in a second, seen in the hundredth.
fn stamp(changed: i64) -> FileStamp {
    let second = 1_000_000_000;
    FileStamp::new(8, changed * second, changed * second, 1, 100 * second)
}

#[test]
fn a_file_that_was_read_before_is_read_when_somebody_asks_for_it() {
    let path = "models/주문.sql";
    let system = MemorySystem::new()
        .file("project.yml", "name: shop\n")
        .file(path, "\u{feff}select 1\n")
        .file("seeds/zones.csv", "a\r\n1\r\n")
        .stamped(path, stamp(5))
        .stamped("seeds/zones.csv", stamp(5));
    let model =
        |loaded: &Loaded| loaded.files.files.iter().find(|file| file.path == path).cloned().expect("found");
    let first = load_system(&system).clean();
    assert!(model(&first).source.is_fetched());
    let second = load_system(&system).clean();
    let later = model(&second);
    assert!(!later.source.is_fetched());
    let told = |loaded: &Loaded| {
        let files = loaded.files.files.iter();
        files.map(|file| (file.path.clone(), file.checksum.clone(), file.digest)).collect::<Vec<_>>()
    };
    assert_eq!(told(&first), told(&second));
    assert_eq!(later.source.text(), "select 1\n");
    assert_eq!(second.files.changed.told(), []);
    // Its stamp moved.
    let moved = system.clone().stamped(path, stamp(6)).file(path, "select 2\n");
    assert_eq!(model(&load_system(&moved).clean()).source.text(), "select 2\n");
    // Changed between the look at its stamp and the first use.
    let third = load_system(&moved).clean();
    let _changed = moved.clone().file(path, "select 3\n");
    assert_eq!(model(&third).source.text(), "select 3\n");
    let changed = third.files.changed.told();
    assert_eq!(changed.len(), 1);
    assert!(changed[0].message().contains(path), "{}", changed[0]);
    // Without the table, every file is read.
    let options = LoadOptions { partial_parse: Some(false), ..LoadOptions::default() };
    assert!(model(&load_with(&system, &options).clean()).source.is_fetched());
    let system = system.env_var("DBT_PARTIAL_PARSE", "false");
    assert!(model(&load_system(&system).clean()).source.is_fetched());
}

#[test]
fn a_table_of_known_files_that_is_spoilt_is_as_if_it_were_not_there() {
    let path = "models/a.sql";
    let system = MemorySystem::new()
        .file("project.yml", "name: shop\n")
        .file(path, "select 1")
        .stamped(path, stamp(5));
    load_system(&system).clean();
    let table = "target/xform/files.bin";
    let bytes = system.read(Path::new(table)).unwrap();
    for spoilt in [&bytes[..bytes.len() / 2], b"", b"\xff\xff\xff\xff\xff"] {
        let loaded = load_system(&system.clone().file(table, spoilt)).clean();
        assert!(loaded.files.files.iter().any(|file| file.path == path && file.source.is_fetched()));
    }
}
