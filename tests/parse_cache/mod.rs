//! What is kept between commands never changes an answer: a project is edited by chance, and after
//! each step the answer that may use what earlier commands kept is compared with a fresh one, the
//! artifacts byte for byte and every diagnostic.
//!
//! `tests/projects/teahouse/base` is the project, and each folder of `other` holds other contents
//! of its files. Edits add, change, delete, rename and swap files of every kind, break them and mend
//! them, keep their size, touch them; set and unset variables of the environment; change `--vars`,
//! `--target` and what else the command line may say.
//!
//! A few of them are judged through the program itself, whose commands also keep whole answers.
//!
//! `XFORM_EDITS=10000` makes that many edits, `XFORM_SEED=7` begins with that seed. A difference is
//! reported with its seed and the shortest list of edits that was found to lead to one.

mod binary;
mod chance;
mod editor;
mod judge;
mod machine;
mod run;
mod world;

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use binary::ThroughBinary;
use judge::{Answer, InProcess, Judge};
use run::{original, run};
use world::{Asked, Change, Way, World};

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name}: {text}")))
}

#[test]
fn a_parse_with_what_was_kept_is_a_parse_without() {
    let edits = number("XFORM_EDITS", 40);
    // Another project every so often: what is wrong only in the beginning is found as well.
    let (at_once, first) = (500, number("XFORM_SEED", 1) as u64);
    let runs = edits.div_ceil(at_once);
    for seed in (first..).take(runs) {
        let count = edits.div_ceil(runs);
        let tally = run(seed, count, &|root| Box::new(InProcess { root: root.to_owned() }))
            .unwrap_or_else(|difference| panic!("{difference}"));
        // Of a project that is never understood nothing would be compared.
        assert!(tally.well * 2 > tally.steps && tally.manifests * 5 > tally.steps, "{tally:?}");
        if runs > 1 {
            eprintln!("seed {seed}: {tally:?}");
        }
    }
}

#[test]
fn answers_of_the_program_are_those_it_gives_without_what_it_kept() {
    let edits = number("XFORM_EDITS", 40).div_ceil(4).min(2_000);
    let kept = Arc::new(AtomicUsize::new(0));
    let tally = run(number("XFORM_SEED", 1) as u64, edits, &|root| {
        Box::new(ThroughBinary { root: root.to_owned(), kept: Arc::clone(&kept) })
    });
    let tally = tally.unwrap_or_else(|difference| panic!("{difference}"));
    assert!(tally.well > 0 && kept.load(Ordering::Relaxed) > 0, "{kept:?} {tally:?}");
}

/// Says of a world what is in it, and forgets to look at macros again.
struct Careless(Option<World>);

impl Judge for Careless {
    fn both(&mut self, world: &World, _moment: usize) -> (Answer, Answer) {
        let answer = |world: &World| {
            let files = world.files.iter().map(|(path, bytes)| (path.clone(), bytes.len().into()));
            let files: serde_json::Map<String, serde_json::Value> = files.collect();
            Answer { artifacts: vec![serde_json::to_vec(&files).unwrap()], ..Answer::default() }
        };
        let first = self.0.get_or_insert_with(|| world.clone());
        let mut kept = world.clone();
        kept.files.retain(|path, _| !path.starts_with("macros/"));
        kept.files.extend(first.files.clone().into_iter().filter(|(path, _)| path.starts_with("macros/")));
        (answer(world), answer(&kept))
    }
}

#[test]
fn of_the_edits_that_lead_to_a_stale_answer_only_those_are_told_that_are_needed() {
    let found =
        run(1, 500, &|_| Box::new(Careless(None))).expect_err("a stale answer passes for a fresh one");
    let (_, shortest) = found.split_once("The shortest way").unwrap_or_else(|| panic!("{found}"));
    let edits: Vec<&str> = shortest.lines().filter(|line| line.starts_with("  step ")).collect();
    assert!(edits.len() == 1 && edits[0].contains("`macros/"), "{found}");
    assert!(!shortest.contains("beforehand") && found.contains("with the seed 1"), "{found}");
}

#[test]
fn a_stale_manifest_is_told_from_a_fresh_one() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().canonicalize().unwrap();
    let mut world = original();
    world.write_below(&root);
    let stale = judge::parse(&root, &world, 1, false);
    assert_eq!(judge::parse(&root, &world, 1, false).difference(&stale), None);
    let later = judge::parse(&root, &world, 2, false).difference(&stale).unwrap_or_default();
    assert!(later.contains("/nodes/model.teahouse.plan.v1/created_at:"), "{later}");
    let vars = Asked { vars: Some("{unit: 전}".to_owned()), ..Asked::default() };
    Change::Ask(vars).apply(&mut world, &root);
    let told = judge::parse(&root, &world, 1, false).difference(&stale).unwrap_or_default();
    let place = "/nodes/model.teahouse.stg_orders/config/tags/1:\n  without: \"전\"\n  with:    \"?\"";
    assert!(told.contains(place), "{told}");
    let broken = "{{ ref('없다') }}".as_bytes().into();
    Change::Write("models/marts/plan.sql".to_owned(), broken, Way::Renamed).apply(&mut world, &root);
    let told = judge::parse(&root, &world, 1, false).difference(&stale).unwrap_or_default();
    assert!(told.contains("error, only without the cache:\nerror[unresolved-ref]"), "{told}");
}

#[test]
fn edits_by_chance_are_the_same_for_a_seed_and_of_every_kind() {
    let all = |seed| {
        let mut world = original();
        let folder = tempfile::tempdir().unwrap();
        world.write_below(folder.path());
        let others = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/projects/teahouse/other");
        let mut editor = editor::Editor::new(seed, original(), &others);
        let mut told = String::new();
        for step in 0..400 {
            for change in editor.next(&world, step % 5 != 0) {
                let _ = writeln!(told, "{change}");
                change.apply(&mut world, folder.path());
            }
        }
        let on_disk = World::of_folder(folder.path());
        assert!(on_disk.files == world.files, "the disk is not what the world says");
        told
    };
    let told = all(7);
    assert!(told == all(7) && told != all(8));
    for kind in ["write `", "delete `", "rename `", "swap `", "touch `", "set the", "unset the", "ask with"] {
        assert!(told.contains(kind), "nothing would {kind}…");
    }
    for path in [
        "models/",
        "macros/",
        "kit/",
        "dbt_packages/",
        "seeds/",
        "snapshots/",
        "tests/generic/",
        "functions/",
    ] {
        assert!(told.contains(&format!("write `{path}")), "`{path}` is never written");
    }
}
