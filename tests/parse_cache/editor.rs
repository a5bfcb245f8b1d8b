use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use super::chance::Chance;
use super::world::{Asked, Bytes, Change, Way, World};

/// Somebody who works on a project by chance: every kind of file, variables, the command line.
pub struct Editor {
    chance: Chance,
    /// The project as it was.
    original: World,
    /// Other contents of its files, and of files that it does not have.
    others: Vec<(String, Bytes)>,
    /// Words of the project, to be put in the place of others.
    words: Vec<String>,
    /// The last world that was understood.
    well: World,
}

const VARS: [&str; 18] = [
    "{least: 2}",
    "{least: 30, unit: 전}",
    "{rate: 2, config_of_users: {tags: [x], materialized: table}}",
    "{which: plans}",
    "{which: 없다}",
    "{days_are: view, kit_is_on: false}",
    "{days_are: ephemeral}",
    "{depth: 0}",
    "{tests_are_on: false}",
    "{suffix: _x}",
    "{house: 집}",
    "{raw: r2, past: p}",
    "{first_day: 2027-01-01}",
    "{kit: {unit: 달러}}",
    "{teahouse: {least: 8}, leaf: {depth: 1}}",
    "{}",
    "{least: [1, 2]}",
    "{broken",
];

const VARIABLES: [&str; 10] = [
    "TEA_OWNER",
    "TEA_SCHEMA",
    "TEA_DAY",
    "TEA_RAW",
    "TEA_NOTE",
    "TEA_DATABASE",
    "TEA_LEAF",
    "TEA_NOBODY",
    "DBT_ENV_SECRET_TEA",
    "DBT_ENV_CUSTOM_ENV_TEA",
];

const VALUES: [&str; 7] = ["", "a", "b", "나", "2026-07-07", "none", "{{ 1 }}"];

/// New files are made of these.
const NEW_MODELS: [&str; 7] = [
    "select 1 as id",
    "{{ config(materialized='table', tags=['new']) }}\nselect * from {{ ref('A') }}",
    "select * from {{ ref('A') }} join {{ ref('B') }} using (id) where {{ cents('id') }} > {{ var('least', 1) }}",
    "select {{ kit.won('id') }} from {{ source('app', 'events') }}, {{ parent_of('A') }}",
    "{% if var('least', 1) == 1 %}select * from {{ ref('A') }}{% else %}select * from {{ ref('B') }}{% endif %}",
    "{{ config(alias=env_var('TEA_NOTE', 'x') ~ '_' ~ model.name, meta={'where': this | string}) }} select 1",
    "{% macro here() %}{{ ref('A') }}{% endmacro %}select * from {{ here() }} -- {{ target.name }}",
];

impl Editor {
    pub fn new(seed: u64, original: World, others_in: &Path) -> Self {
        let others = World::of_folder(others_in).files.into_iter();
        let others: Vec<(String, Bytes)> =
            others.map(|(path, bytes)| (path.split_once('/').unwrap().1.to_owned(), bytes)).collect();
        let texts = original.files.values().chain(others.iter().map(|(_, bytes)| bytes));
        let words: BTreeSet<String> = texts
            .filter_map(|bytes| std::str::from_utf8(bytes).ok())
            .flat_map(|text| words(text).map(|(at, end)| text[at..end].to_owned()))
            .collect();
        let well = original.clone();
        Self { chance: Chance::new(seed), original, others, words: words.into_iter().collect(), well }
    }

    /// What is done next to a world that was understood or not.
    pub fn next(&mut self, world: &World, was_well: bool) -> Vec<Change> {
        if was_well {
            self.well = world.clone();
        } else if self.chance.percent(70) {
            return world.changes_to(&self.well);
        }
        match self.chance.below(100) {
            0..4 => Vec::new(),
            4..6 => world.changes_to(&self.original),
            6..76 => vec![self.change(world)],
            _ => {
                // Each is thought of before any of them is done.
                let count = 2 + self.chance.below(4);
                (0..count).map(|_| self.change(world)).collect()
            }
        }
    }

    fn change(&mut self, world: &World) -> Change {
        loop {
            let change = match self.chance.below(100) {
                0..22 => Some(self.other()),
                22..34 => self.original(world),
                34..44 => self.other_word(world),
                44..52 => self.same_size(world),
                52..60 => self.other_lines(world),
                60..65 => Some(self.new_model(world)),
                65..70 => self.path(world).map(Change::Delete),
                70..75 => self.rename(world),
                75..79 => self.swap(world),
                79..82 => self.copy(world),
                82..85 => self.path(world).map(Change::Touch),
                85..92 => Some(self.variable()),
                _ => Some(Change::Ask(self.asked(&world.asked))),
            };
            if let Some(change) = change {
                return change;
            }
        }
    }

    fn path(&mut self, world: &World) -> Option<String> {
        let paths: Vec<&String> = world.files.keys().collect();
        (!paths.is_empty()).then(|| (*self.chance.one_of(&paths)).clone())
    }

    fn text(&mut self, world: &World) -> Option<(String, String)> {
        let path = self.path(world)?;
        let text = String::from_utf8(world.files[&path].to_vec()).ok()?;
        Some((path, text))
    }

    fn write(&mut self, path: String, bytes: impl Into<Bytes>) -> Change {
        let way = *self.chance.one_of(&[Way::InPlace, Way::InPlace, Way::Renamed, Way::Ahead]);
        Change::Write(path, bytes.into(), way)
    }

    /// Another content that was thought of before.
    fn other(&mut self) -> Change {
        let (path, bytes) = self.chance.one_of(&self.others).clone();
        self.write(path, bytes)
    }

    /// A file as it was in the beginning.
    fn original(&mut self, world: &World) -> Option<Change> {
        let changes = world.changes_to(&self.original);
        (!changes.is_empty()).then(|| self.chance.one_of(&changes).clone())
    }

    /// One word another one: a name, a key, a macro.
    fn other_word(&mut self, world: &World) -> Option<Change> {
        let (path, text) = self.text(world)?;
        let found: Vec<_> = words(&text).collect();
        if found.is_empty() {
            return None;
        }
        let (at, end) = *self.chance.one_of(&found);
        let word = self.chance.one_of(&self.words);
        let text = format!("{}{word}{}", &text[..at], &text[end..]);
        Some(self.write(path, text.into_bytes()))
    }

    /// As many bytes as before, one of them another one.
    fn same_size(&mut self, world: &World) -> Option<Change> {
        let (path, text) = self.text(world)?;
        let mut bytes = text.into_bytes();
        let plain: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at].is_ascii_alphanumeric()).collect();
        let at = *plain.get(self.chance.below(plain.len().max(1)))?;
        bytes[at] = match bytes[at] {
            b'9' => b'0',
            b'z' => b'a',
            b'Z' => b'A',
            byte => byte + 1,
        };
        Some(self.write(path, bytes))
    }

    /// A line is gone, is there twice, has changed places with the next, is a comment, is cut.
    fn other_lines(&mut self, world: &World) -> Option<Change> {
        let (path, text) = self.text(world)?;
        let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
        if lines.is_empty() {
            return None;
        }
        let at = self.chance.below(lines.len());
        let mut cut = String::new();
        match self.chance.below(7) {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, lines[at]),
            2 if at + 1 < lines.len() => lines.swap(at, at + 1),
            3 => lines.insert(at, "\n"),
            4 => lines.push("-- 끝\n"),
            5 => lines.insert(at, "{# {{ ref('plan') }} #}\n"),
            _ => {
                let half = (0..=lines[at].len() / 2).rev().find(|half| lines[at].is_char_boundary(*half))?;
                cut.push_str(&lines[at][..half]);
                lines[at] = &cut;
            }
        }
        let text = lines.concat();
        Some(self.write(path, text.into_bytes()))
    }

    fn model_name(&mut self, world: &World) -> String {
        let names: Vec<&str> = world
            .files
            .keys()
            .filter_map(|path| path.strip_suffix(".sql")?.rsplit_once("models/")?.1.rsplit('/').next())
            .collect();
        if names.is_empty() { "plan".to_owned() } else { (*self.chance.one_of(&names)).to_owned() }
    }

    fn new_name(&mut self) -> String {
        let first = self.chance.one_of(&["a", "새", "plan_v", "stg_", "m"]);
        format!("{first}{}", self.chance.below(4))
    }

    fn new_model(&mut self, world: &World) -> Change {
        let text = *self.chance.one_of(&NEW_MODELS);
        let (one, other) = (self.model_name(world), self.model_name(world));
        let text = text.replace("'A'", &format!("'{one}'")).replace("'B'", &format!("'{other}'"));
        let folder =
            *self.chance.one_of(&["models", "models/staging", "models/marts", "models/새", "kit/models"]);
        let path = format!("{folder}/{}.sql", self.new_name());
        self.write(path, text.into_bytes())
    }

    /// A place for a file like another one: beside it, or in another folder of its kind.
    fn place_like(&mut self, path: &str) -> String {
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let (stem, ending) = file.rsplit_once('.').unwrap_or((file, "sql"));
        let top = folder.split('/').next().unwrap_or_default();
        let folder = match self.chance.below(4) {
            0 if !top.is_empty() => top.to_owned(),
            1 if !top.is_empty() => format!("{top}/다른 곳"),
            _ => folder.to_owned(),
        };
        let stem = if self.chance.percent(50) { stem.to_owned() } else { self.new_name() };
        let slash = if folder.is_empty() { "" } else { "/" };
        format!("{folder}{slash}{stem}.{ending}")
    }

    fn rename(&mut self, world: &World) -> Option<Change> {
        let from = self.path(world)?;
        let to = self.place_like(&from);
        (from != to).then_some(Change::Rename(from, to))
    }

    fn copy(&mut self, world: &World) -> Option<Change> {
        let from = self.path(world)?;
        let to = self.place_like(&from);
        let bytes = Arc::clone(&world.files[&from]);
        Some(self.write(to, bytes))
    }

    /// Two files of one kind, each with the name of the other.
    fn swap(&mut self, world: &World) -> Option<Change> {
        let one = self.path(world)?;
        let (top, ending) = (one.split('/').next()?, one.rsplit('.').next()?);
        let alike = |path: &&String| {
            **path != one && path.split('/').next() == Some(top) && path.rsplit('.').next() == Some(ending)
        };
        let alike: Vec<&String> = world.files.keys().filter(alike).collect();
        if alike.is_empty() {
            return None;
        }
        let other = (*self.chance.one_of(&alike)).clone();
        Some(Change::Swap(one, other))
    }

    fn variable(&mut self) -> Change {
        let name = (*self.chance.one_of(&VARIABLES)).to_owned();
        let value = (!self.chance.percent(30)).then(|| (*self.chance.one_of(&VALUES)).to_owned());
        Change::Env(name, value)
    }

    fn asked(&mut self, before: &Asked) -> Asked {
        let mut asked = before.clone();
        match self.chance.below(12) {
            0..3 => asked.target = [None, Some("dev"), Some("prod")][self.chance.below(3)].map(str::to_owned),
            3..9 => asked.vars = Some((*self.chance.one_of(&VARS)).to_owned()),
            9 => asked.threads = Some(1 + self.chance.below(8)),
            10 => asked.full_refresh = !asked.full_refresh,
            _ if self.chance.percent(20) => asked.warn_error = !asked.warn_error,
            _ => asked.shows_all_deprecations = !asked.shows_all_deprecations,
        }
        // Mostly nothing is asked for in particular.
        if self.chance.percent(40) { Asked::default() } else { asked }
    }
}

/// Where the words of a text are.
fn words(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let begins = at + text[at..].find(is_word)?;
        let ends =
            text[begins..].find(|letter| !is_word(letter)).map_or(text.len(), |length| begins + length);
        at = ends;
        Some((begins, ends))
    })
}
