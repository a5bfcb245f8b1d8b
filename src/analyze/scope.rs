use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::flow::Node;
use crate::sql::DataType;
use crate::sql::tree::{Name, TextRange, Window};

/// The form in which names are compared. Without regard to case in every dialect, because
/// schemas come from catalogs and from hand-written lists that differ in it; where two names
/// differ only in case, [`Relation::find`] takes the one that is written alike.
pub(super) fn key(name: &str) -> String {
    name.to_lowercase()
}

/// A column of something that stands in FROM.
#[derive(Clone, Debug)]
pub(super) struct RelationColumn {
    pub name: Rc<str>,
    /// Whether somebody wrote the name. The engine makes up the others, so that we may be wrong.
    pub is_named: bool,
    pub data_type: Option<DataType>,
    pub node: Node,
    /// What wrote it, in this text.
    pub at: TextRange,
}

/// From where a relation may have more columns than those listed.
#[derive(Clone, Debug)]
pub(super) enum Open {
    /// An input of which not all columns are known.
    Input(usize),
    /// A star over such a relation, but for the columns of these names.
    Star(Rc<Relation>, Rc<HashSet<String>>),
    /// Nobody knows.
    Unknown,
}

/// What a relation is, in words for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Input(usize),
    Cte(usize),
    Subquery,
    Other,
}

/// Something with columns: an input, a CTE, a subquery, the result of a function.
#[derive(Debug)]
pub(super) struct Relation {
    pub columns: Vec<RelationColumn>,
    pub open: Vec<Open>,
    /// Which columns decide on its rows.
    pub rows: Option<Node>,
    pub origin: Origin,
    by_name: OnceCell<HashMap<String, Vec<usize>>>,
}

/// What a name means in one relation.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Hit {
    Column(usize),
    /// Several columns have it.
    Several,
    /// Not listed, but perhaps there.
    Perhaps,
    No,
}

impl Relation {
    pub fn new(columns: Vec<RelationColumn>, open: Vec<Open>, rows: Option<Node>, origin: Origin) -> Self {
        Self { columns, open, rows, origin, by_name: OnceCell::new() }
    }

    /// Of which nothing is known.
    pub fn unknown() -> Self {
        Self::new(Vec::new(), vec![Open::Unknown], None, Origin::Other)
    }

    pub fn is_complete(&self) -> bool {
        self.open.is_empty()
    }

    fn by_name(&self) -> &HashMap<String, Vec<usize>> {
        self.by_name.get_or_init(|| {
            let mut by_name: HashMap<String, Vec<usize>> = HashMap::with_capacity(self.columns.len());
            for (index, column) in self.columns.iter().enumerate() {
                by_name.entry(key(&column.name)).or_default().push(index);
            }
            by_name
        })
    }

    pub fn find(&self, name: &Name) -> Hit {
        self.find_key(&key(&name.text), &name.text)
    }

    pub fn find_key(&self, key: &str, text: &str) -> Hit {
        match self.by_name().get(key).map(Vec::as_slice) {
            Some([index]) => Hit::Column(*index),
            Some(several) => {
                let mut alike = several.iter().filter(|index| *self.columns[**index].name == *text);
                match (alike.next(), alike.next()) {
                    (Some(index), None) => Hit::Column(*index),
                    _ => Hit::Several,
                }
            }
            None if !self.may_have(key) => Hit::No,
            None => Hit::Perhaps,
        }
    }

    /// Whether a column that is not listed may be there.
    fn may_have(&self, key: &str) -> bool {
        // An engine's own name for an expression may be another than the one we gave it.
        let is_made_up = || self.columns.iter().any(|column| !column.is_named);
        self.open.iter().any(|open| match open {
            Open::Star(_, but) => !but.contains(key),
            Open::Input(_) | Open::Unknown => true,
        }) || is_made_up()
    }

    /// The input that a column not listed must come from, when there is only one.
    pub fn opens_to(&self, key: &str) -> Option<usize> {
        let mut relation = self;
        loop {
            match relation.open.as_slice() {
                [Open::Input(input)] => return Some(*input),
                [Open::Star(inner, but)] if !but.contains(key) => relation = inner,
                _ => return None,
            }
        }
    }
}

/// A relation under the names it has in a scope.
#[derive(Clone, Debug)]
pub(super) struct InScope {
    /// Parts of the name, compared from the last: `[database, schema, table]`, or the alias.
    pub path: Vec<String>,
    /// As users know it.
    pub name: String,
    pub relation: Rc<Relation>,
    /// Of a semi join: there only for the condition.
    pub is_hidden: bool,
    /// Columns that are merged with others' by USING.
    pub merged: HashSet<String>,
    /// BigQuery's `UNNEST(x) AS e`: the alias itself is the value.
    pub is_value: bool,
}

/// A column that USING or NATURAL made of both sides.
#[derive(Clone, Debug)]
pub(super) struct Merged {
    pub name: Rc<str>,
    pub key: String,
    pub node: Node,
    pub data_type: Option<DataType>,
    /// The first relation it is of.
    pub relation: usize,
    /// Not when a later join merged it again.
    pub is_alive: bool,
}

/// One entry of `*`, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Column(usize, usize),
    Merged(usize),
    /// More columns of that relation.
    Open(usize),
}

/// A name that the select list gives.
#[derive(Clone, Debug)]
pub(super) struct Alias {
    pub node: Node,
    pub data_type: Option<DataType>,
    /// Whether its own expression reads a column of that name.
    pub reads_itself: bool,
    /// The column of this scope that it is, when it is nothing else: relation and place.
    pub column: Option<(usize, usize)>,
}

/// Whether names of the select list are seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Aliases {
    #[default]
    Hidden,
    /// Where no column has the name.
    AfterColumns,
    /// The same, also where several columns have it.
    Rescue,
    BeforeColumns,
}

/// The names an expression may use.
#[derive(Debug, Default)]
pub(super) struct Scope<'q> {
    pub parent: Option<usize>,
    /// The CTEs that its subqueries see.
    pub frame: usize,
    pub relations: Vec<InScope>,
    pub merged: Vec<Merged>,
    pub aliases: Vec<Alias>,
    pub alias_at: HashMap<String, usize>,
    /// Keys of all aliases that the select list writes, also of those that come later.
    pub written_aliases: HashSet<String>,
    pub sees_aliases: Aliases,
    pub windows: Vec<(String, &'q Window)>,
    /// The first relation of the join whose condition is read.
    pub window: usize,
    /// What `*` stands for.
    pub order: Vec<Entry>,
    /// Relations that a condition has columns of both of.
    pub connections: Vec<(usize, usize)>,
}

/// What a path of names means in a scope.
#[derive(Clone, Debug)]
pub(super) enum Look {
    /// A column; what is left of the path are fields in it.
    Column {
        relation: usize,
        column: usize,
        fields: usize,
    },
    Merged {
        merged: usize,
        fields: usize,
    },
    Alias {
        alias: usize,
        fields: usize,
    },
    /// A column that is not listed of a relation not wholly known.
    Unlisted {
        relation: usize,
        column: usize,
    },
    /// The row of a relation as one value.
    Row(usize),
    /// The alias of a value in FROM; what is left are fields.
    Value {
        relation: usize,
        fields: usize,
    },
    Ambiguous(Vec<Entry>),
    /// Several relations may have it.
    Perhaps,
    /// This relation is meant, and has no such column.
    NoColumn(usize),
    No,
}

impl Scope<'_> {
    pub fn look(&self, path: &[Name]) -> Look {
        let Some(first) = path.first() else { return Look::No };
        let alias = || self.alias_at.get(&key(&first.text)).copied();
        let as_alias = |alias: usize| Look::Alias { alias, fields: path.len() - 1 };
        if self.sees_aliases == Aliases::BeforeColumns
            && path.len() == 1
            && let Some(alias) = alias()
        {
            return as_alias(alias);
        }
        let found = self.look_in_from(path);
        if self.sees_aliases == Aliases::Hidden {
            return found;
        }
        match (&found, alias()) {
            (Look::No, Some(alias)) => as_alias(alias),
            (Look::Ambiguous(_), Some(alias))
                if path.len() == 1 && self.sees_aliases != Aliases::AfterColumns =>
            {
                as_alias(alias)
            }
            (Look::Unlisted { .. } | Look::Perhaps, Some(alias))
                if path.len() == 1 && !self.aliases[alias].reads_itself =>
            {
                as_alias(alias)
            }
            _ => found,
        }
    }

    fn look_in_from(&self, path: &[Name]) -> Look {
        if let [name] = path {
            return self.look_bare(name);
        }
        let mut best = Look::No;
        for length in (1..path.len()).rev() {
            match self.look_qualified(&path[..length], &path[length], path.len() - length - 1) {
                Look::No => {}
                // A longer qualifier that is there beats a shorter one that is not.
                found @ (Look::NoColumn(_) | Look::Unlisted { .. }) => {
                    if matches!(best, Look::No) {
                        best = found;
                    }
                }
                found => return found,
            }
        }
        let fields = path.len() - 1;
        match (self.look_bare(&path[0]), best) {
            (Look::Column { relation, column, .. }, _) if self.may_have_fields(relation, column) => {
                Look::Column { relation, column, fields }
            }
            (Look::Merged { merged, .. }, _) => Look::Merged { merged, fields },
            (Look::Value { relation, .. }, _) => Look::Value { relation, fields },
            (Look::Unlisted { .. } | Look::Perhaps, Look::No) => Look::Perhaps,
            (_, best) => best,
        }
    }

    fn may_have_fields(&self, relation: usize, column: usize) -> bool {
        let data_type = &self.relations[relation].relation.columns[column].data_type;
        !data_type.as_ref().is_some_and(|data_type| {
            let base = data_type.base().to_ascii_lowercase();
            data_type.is_number() || data_type.is_string() || SCALARS.contains(&base.as_str())
        })
    }

    /// Columns of that bare name, of the relations in that range.
    pub fn named(&self, key: &str, text: &str, from: usize, to: usize) -> (Vec<Entry>, Vec<usize>) {
        let (mut found, mut open) = (Vec::new(), Vec::new());
        for (index, relation) in self.relations.iter().enumerate().take(to).skip(from) {
            if relation.is_hidden || relation.merged.contains(key) {
                continue;
            }
            match relation.relation.find_key(key, text) {
                Hit::Column(column) => found.push(Entry::Column(index, column)),
                // Two entries, so that it is ambiguous.
                Hit::Several => found.extend([Entry::Open(index), Entry::Open(index)]),
                Hit::Perhaps => open.push(index),
                Hit::No => {}
            }
        }
        for (index, merged) in self.merged.iter().enumerate() {
            if merged.is_alive && merged.key == key && (from..to).contains(&merged.relation) {
                found.push(Entry::Merged(index));
            }
        }
        (found, open)
    }

    fn look_bare(&self, name: &Name) -> Look {
        let name_key = key(&name.text);
        let all = self.relations.len();
        let mut looked = self.named(&name_key, &name.text, self.window, all);
        if looked.0.is_empty() && looked.1.is_empty() && self.window > 0 {
            looked = self.named(&name_key, &name.text, 0, all);
        }
        match (looked.0.as_slice(), looked.1.as_slice()) {
            ([Entry::Column(relation, column)], _) => {
                Look::Column { relation: *relation, column: *column, fields: 0 }
            }
            ([Entry::Merged(merged)], _) => Look::Merged { merged: *merged, fields: 0 },
            ([], []) => {
                let named = |found: &InScope| !found.is_hidden && found.path.last() == Some(&name_key);
                match self.relations.iter().position(named) {
                    Some(relation) if self.relations[relation].is_value => {
                        Look::Value { relation, fields: 0 }
                    }
                    Some(relation) => Look::Row(relation),
                    None => Look::No,
                }
            }
            ([], open) => {
                let named = |index: &&usize| self.relations[**index].path.last() == Some(&name_key);
                match (open.iter().find(named), open) {
                    (Some(relation), _) if self.relations[*relation].is_value => {
                        Look::Value { relation: *relation, fields: 0 }
                    }
                    (_, [relation]) => Look::Unlisted { relation: *relation, column: 0 },
                    _ => Look::Perhaps,
                }
            }
            (several, _) => Look::Ambiguous(several.to_vec()),
        }
    }

    fn look_qualified(&self, qualifier: &[Name], column: &Name, fields: usize) -> Look {
        let wanted: Vec<String> = qualifier.iter().map(|part| key(&part.text)).collect();
        let mut best = Look::No;
        for index in self.qualified(&wanted) {
            match self.relations[index].relation.find(column) {
                Hit::Column(column) => return Look::Column { relation: index, column, fields },
                Hit::Several => {
                    best = Look::Ambiguous(vec![Entry::Open(index), Entry::Open(index)]);
                }
                Hit::Perhaps if self.relations[index].is_value => {
                    return Look::Value { relation: index, fields: fields + 1 };
                }
                Hit::Perhaps => {
                    best = Look::Unlisted { relation: index, column: qualifier.len() };
                }
                Hit::No => {
                    if matches!(best, Look::No) {
                        best = Look::NoColumn(index);
                    }
                }
            }
        }
        best
    }

    /// Relations that a qualifier names.
    pub fn qualified(&self, wanted: &[String]) -> impl Iterator<Item = usize> {
        let matches = |found: &InScope| !found.is_hidden && found.path.ends_with(wanted);
        self.relations.iter().enumerate().filter(move |(_, found)| matches(found)).map(|(index, _)| index)
    }
}

/// Types that surely have no fields.
const SCALARS: [&str; 12] = [
    "boolean",
    "bool",
    "date",
    "time",
    "timestamp",
    "timestamptz",
    "timestamp with time zone",
    "interval",
    "uuid",
    "blob",
    "timestamp_ntz",
    "datetime",
];
