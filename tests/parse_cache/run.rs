use std::collections::{HashSet, VecDeque};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::editor::Editor;
use super::judge::Judge;
use super::world::{Change, World};

/// How many worlds are remembered, to begin again at one of them.
const REMEMBERED: usize = 1 << 10;

/// How often a shorter list is tried.
const TRIALS: usize = 400;

/// A run of edits without a difference.
#[derive(Debug, Default)]
pub struct Tally {
    pub edits: usize,
    /// Parses: there may be several edits before one.
    pub steps: usize,
    /// After how many of them there was a manifest.
    pub well: usize,
    /// How many different manifests.
    pub manifests: usize,
}

/// Makes the judge of the project in a folder.
pub type MakeJudge<'a> = &'a dyn Fn(&Path) -> Box<dyn Judge>;

/// A project in a folder of its own.
struct Place {
    folder: TempDir,
    world: World,
}

impl Place {
    fn new(world: &World) -> Self {
        let folder = tempfile::Builder::new().prefix("xform-edits-").tempdir().unwrap();
        let place = Self { folder, world: world.clone() };
        place.world.write_below(&place.root());
        place
    }

    fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap()
    }

    fn apply(&mut self, changes: &[Change]) {
        let root = self.root();
        for change in changes {
            change.apply(&mut self.world, &root);
        }
    }
}

/// The project that is edited.
pub fn original() -> World {
    World::of_folder(&folder("base"))
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/projects/teahouse").join(name)
}

/// Edits a project by chance and compares after each step.
///
/// # Errors
/// The first difference: where it is, and the shortest list of edits found that leads to one.
pub fn run(seed: u64, count: usize, make: MakeJudge<'_>) -> Result<Tally, String> {
    let mut place = Place::new(&original());
    let mut editor = Editor::new(seed, original(), &folder("other"));
    let mut judge = make(&place.root());
    let mut tally = Tally::default();
    let mut manifests = HashSet::new();
    // The worlds before the last steps, and what was done to them.
    let mut past: VecDeque<(World, Vec<Change>)> = VecDeque::new();
    let mut is_well = true;
    for moment in 0.. {
        if moment > 0 {
            if tally.edits >= count {
                break;
            }
            let changes = editor.next(&place.world, is_well);
            // To do nothing is one as well.
            tally.edits += changes.len().max(1);
            past.push_back((place.world.clone(), changes.clone()));
            if past.len() > REMEMBERED {
                past.pop_front();
            }
            place.apply(&changes);
        }
        let (fresh, kept) = judge.both(&place.world, moment);
        if let Some(difference) = fresh.difference(&kept) {
            let past: Vec<_> = past.into();
            return Err(report(seed, moment, &difference, &past, make));
        }
        is_well = fresh.is_well();
        tally.steps += 1;
        tally.well += usize::from(is_well);
        if let Some(artifact) = fresh.artifacts.first() {
            manifests.insert(without_moment(artifact, moment));
        }
    }
    tally.manifests = manifests.len();
    Ok(tally)
}

/// A digest of a manifest but for what says when it was made.
fn without_moment(artifact: &[u8], moment: usize) -> blake3::Hash {
    let text = String::from_utf8_lossy(artifact);
    let nodes = text.split_once("\"nodes\":").map_or(&*text, |(_, nodes)| nodes);
    let created = format!("{}.0", 20_500 * 86_400 + moment);
    blake3::hash(nodes.replace(&created, "").as_bytes())
}

/// What differs after a list of steps, or nothing. The world is parsed before the first one.
fn differs(world: &World, steps: &[Vec<Change>], make: MakeJudge<'_>) -> Option<String> {
    let mut place = Place::new(world);
    let mut judge = make(&place.root());
    for moment in 0..=steps.len() {
        if moment > 0 {
            place.apply(&steps[moment - 1]);
        }
        let (fresh, kept) = judge.both(&place.world, moment);
        if let Some(difference) = fresh.difference(&kept) {
            return Some(difference);
        }
    }
    None
}

fn report(
    seed: u64,
    moment: usize,
    difference: &str,
    past: &[(World, Vec<Change>)],
    make: MakeJudge<'_>,
) -> String {
    let mut text = format!("with the seed {seed}, after {moment} steps:\n{difference}\n");
    let Some((world, steps, difference)) = shortest(past, make) else {
        let _ = write!(text, "\nThe last {} steps alone do not lead to it.", past.len());
        return text;
    };
    text.push_str("\nThe shortest way found to a difference:\n");
    for change in original().changes_to(&world) {
        let _ = writeln!(text, "  beforehand: {change}");
    }
    for (step, changes) in steps.iter().enumerate() {
        for change in changes {
            let _ = writeln!(text, "  step {}: {change}", step + 1);
        }
    }
    let _ = write!(text, "\nwhich is:\n{difference}");
    text
}

/// The fewest steps, and the fewest changes in each, that still lead to a difference.
fn shortest(past: &[(World, Vec<Change>)], make: MakeJudge<'_>) -> Option<(World, Vec<Vec<Change>>, String)> {
    let lengths = std::iter::successors(Some(1), |length| (*length < past.len()).then_some(length * 2));
    let (mut world, mut steps, mut difference) = lengths.into_iter().find_map(|length| {
        let last = &past[past.len().saturating_sub(length)..];
        let steps: Vec<_> = last.iter().map(|(_, changes)| changes.clone()).collect();
        let world = last.first().map_or_else(original, |(world, _)| world.clone());
        differs(&world, &steps, make).map(|difference| (world, steps, difference))
    })?;
    let mut trials = 0;
    let mut shorter = |world: &World, steps: &[Vec<Change>]| {
        trials += 1;
        if trials > TRIALS { None } else { differs(world, steps, make) }
    };
    // Steps that are not needed, longer rows of them first.
    let mut length = steps.len() / 2;
    while length > 0 {
        let mut at = 0;
        while at + length <= steps.len() {
            let mut fewer = steps.clone();
            fewer.drain(at..at + length);
            match shorter(&world, &fewer) {
                Some(found) => (steps, difference) = (fewer, found),
                None => at += length,
            }
        }
        length /= 2;
    }
    for step in 0..steps.len() {
        let mut at = 0;
        while at < steps[step].len() {
            let mut fewer = steps.clone();
            fewer[step].remove(at);
            match shorter(&world, &fewer) {
                Some(found) => (steps, difference) = (fewer, found),
                None => at += 1,
            }
        }
    }
    // What was done before and is not needed either.
    let beforehand = original().changes_to(&world);
    let (nowhere, mut needed) = (tempfile::tempdir().ok()?, beforehand);
    let mut at = 0;
    while at < needed.len() {
        let mut fewer = needed.clone();
        fewer.remove(at);
        let mut simpler = original();
        simpler.write_below(nowhere.path());
        for change in &fewer {
            change.apply(&mut simpler, nowhere.path());
        }
        match shorter(&simpler, &steps) {
            Some(found) => (world, needed, difference) = (simpler, fewer, found),
            None => at += 1,
        }
    }
    Some((world, steps, difference))
}
