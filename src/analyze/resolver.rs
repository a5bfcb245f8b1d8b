use std::collections::HashMap;
use std::rc::Rc;

use super::flow::{Flow, Node, Way};
use super::scope::{Entry, Look, Origin, Relation, RelationColumn, Scope, key};
use super::types::{self, Environment, Identity};
use super::{Input, Problem, Relations, Unknown};
use crate::sql::tree::{Cte, Expr, Name, Query, TextRange};
use crate::sql::{DataType, Dialect};

/// Columns that something takes from, and how.
pub(super) type Edges = Vec<(Node, Way)>;

/// A common table expression while the query is read.
pub(super) struct CteState<'q> {
    pub name: String,
    /// The column names it gives.
    pub names: &'q [Name],
    pub at: TextRange,
    /// Not while it is being read itself.
    pub relation: Option<Rc<Relation>>,
    /// How often a FROM names it.
    pub uses: usize,
}

/// The CTEs that a WITH gives, and those around it.
#[derive(Default)]
pub(super) struct Frame<'q> {
    pub parent: Option<usize>,
    pub ctes: HashMap<String, usize>,
    /// Those that may be named before they are defined, with the scope around them.
    pub pending: HashMap<String, (&'q Cte, Option<usize>)>,
}

/// The state of one [`analyze`](super::analyze): walks the tree once, from the inside of FROM
/// outwards, and writes down who takes from whom in a [`Flow`].
pub(super) struct Resolver<'q> {
    pub relations: &'q Relations,
    pub dialect: Dialect,
    pub text: &'q str,
    pub flow: Flow,
    pub scopes: Vec<Scope<'q>>,
    pub frames: Vec<Frame<'q>>,
    pub ctes: Vec<CteState<'q>>,
    pub inputs: Vec<Input>,
    /// By name as it was found; the second for columns that no schema lists.
    pub input_relations: HashMap<String, (usize, Rc<Relation>)>,
    pub unlisted: HashMap<(usize, String), Node>,
    pub problems: Vec<Problem>,
    pub unknowns: Vec<Unknown>,
    /// Columns that were complained about, to say of the next such place "here too".
    pub complained: HashMap<(usize, String), usize>,
    /// Types of the columns of queries inside of expressions, by the query's place in memory.
    pub subqueries: HashMap<*const Query, Vec<Option<DataType>>>,
    /// Parameters of the lambdas that are open.
    pub lambdas: Vec<Vec<String>>,
    /// What `COLUMNS(…)` stands for while one of its columns is read.
    pub star_column: Option<(usize, Entry)>,
    /// How many queries are open.
    pub depth: usize,
    /// The scope of the SELECT that was the body of the query read last.
    pub last_scope: Option<usize>,
    /// Met while an item was read.
    pub met: Met,
    pub facts: super::facts::Gathered,
}

/// What was met in an expression.
#[derive(Default)]
pub(super) struct Met {
    pub aggregate: bool,
    /// Entries that a `COLUMNS(…)` stands for, in the scope where it stands.
    pub columns: Option<Vec<Entry>>,
    /// A star in it takes from a relation that is not wholly known.
    pub open_columns: bool,
    /// Columns of these bare names were read.
    pub bare: Vec<String>,
    /// Something in it is wrong.
    pub wrong: bool,
    /// Relations of which columns were read, with the scope they are in.
    pub relations: Vec<(usize, usize)>,
}

impl<'q> Resolver<'q> {
    pub fn new(text: &'q str, relations: &'q Relations) -> Self {
        Self {
            relations,
            dialect: relations.dialect(),
            text,
            flow: Flow::default(),
            scopes: Vec::new(),
            frames: vec![Frame::default()],
            ctes: Vec::new(),
            inputs: Vec::new(),
            input_relations: HashMap::new(),
            unlisted: HashMap::new(),
            problems: Vec::new(),
            unknowns: Vec::new(),
            complained: HashMap::new(),
            subqueries: HashMap::new(),
            lambdas: Vec::new(),
            star_column: None,
            depth: 0,
            last_scope: None,
            met: Met::default(),
            facts: super::facts::Gathered::default(),
        }
    }

    pub fn new_scope(&mut self, parent: Option<usize>, frame: usize) -> usize {
        self.scopes.push(Scope { parent, frame, ..Scope::default() });
        self.scopes.len() - 1
    }

    pub fn frame_of(&self, scope: usize) -> usize {
        self.scopes[scope].frame
    }

    /// The CTE that a name means, with the innermost first.
    pub fn cte(&mut self, frame: usize, name: &Name) -> Option<usize> {
        let key = key(&name.text);
        let mut at = Some(frame);
        while let Some(frame) = at {
            if let Some((cte, outer)) = self.frames[frame].pending.get(&key).copied() {
                self.bind_cte(cte, true, outer, frame);
            }
            if let Some(cte) = self.frames[frame].ctes.get(&key) {
                return Some(*cte);
            }
            at = self.frames[frame].parent;
        }
        None
    }

    /// The node of a column that no schema lists, of an input not wholly known.
    pub fn unlisted_column(&mut self, input: usize, name: &str) -> Node {
        let flow = &mut self.flow;
        *self.unlisted.entry((input, key(name))).or_insert_with(|| flow.add_leaf(input, name.into()))
    }

    /// The column that an entry of `*` stands for.
    pub fn entry(&self, scope: usize, entry: Entry) -> Option<RelationColumn> {
        let scope = &self.scopes[scope];
        match entry {
            Entry::Column(relation, column) => {
                Some(scope.relations[relation].relation.columns[column].clone())
            }
            Entry::Merged(merged) => {
                let merged = &scope.merged[merged];
                Some(RelationColumn {
                    name: Rc::clone(&merged.name),
                    is_named: true,
                    data_type: merged.data_type.clone(),
                    node: merged.node,
                    at: TextRange::default(),
                })
            }
            Entry::Open(_) => None,
        }
    }

    /// What a path means, from the scope outwards, and the scope where it was found.
    pub fn look(&self, scope: usize, path: &[Name]) -> (usize, Look) {
        let mut best = (scope, Look::No);
        let mut is_doubtful = false;
        let mut at = Some(scope);
        while let Some(id) = at {
            match self.scopes[id].look(path) {
                Look::No => {}
                Look::Perhaps => is_doubtful = true,
                found @ Look::NoColumn(_) => {
                    // A query outside may have a relation of that name as well.
                    if matches!(best.1, Look::No) {
                        best = (id, found);
                    }
                }
                found @ Look::Unlisted { .. } if path.len() == 1 => {
                    // It may as well be a column of a query outside.
                    let is_outside = self.is_found_outside(id, path);
                    return (id, if is_outside || is_doubtful { Look::Perhaps } else { found });
                }
                _ if is_doubtful => return (id, Look::Perhaps),
                found => return (id, found),
            }
            at = self.scopes[id].parent;
        }
        if is_doubtful { (scope, Look::Perhaps) } else { best }
    }

    fn is_found_outside(&self, scope: usize, path: &[Name]) -> bool {
        let mut at = self.scopes[scope].parent;
        while let Some(id) = at {
            if !matches!(self.scopes[id].look(path), Look::No | Look::NoColumn(_) | Look::Row(_)) {
                return true;
            }
            at = self.scopes[id].parent;
        }
        false
    }

    pub fn is_lambda_parameter(&self, name: &Name) -> bool {
        !self.lambdas.is_empty() && {
            let key = key(&name.text);
            self.lambdas.iter().any(|parameters| parameters.contains(&key))
        }
    }

    /// The type of an expression whose names were resolved; what is wrong with it is told.
    pub fn type_of(&mut self, expr: &Expr, scope: usize) -> Option<DataType> {
        let mut problems = Vec::new();
        let data_type = types::type_of(expr, &View { resolver: self, scope }, &mut problems);
        self.problems.append(&mut problems);
        data_type
    }

    pub fn check_condition(&mut self, expr: &Expr, clause: &str, scope: usize) {
        let mut problems = Vec::new();
        types::check_condition(expr, clause, &View { resolver: self, scope }, &mut problems);
        self.problems.append(&mut problems);
    }

    /// The type at the end of a path that was looked up.
    pub fn type_of_path(&self, found_in: usize, look: &Look, path: &[Name]) -> Option<DataType> {
        let scope = &self.scopes[found_in];
        let (data_type, fields) = match look {
            Look::Column { relation, column, fields } => {
                (scope.relations[*relation].relation.columns[*column].data_type.clone(), *fields)
            }
            Look::Merged { merged, fields } => (scope.merged[*merged].data_type.clone(), *fields),
            Look::Alias { alias, fields } => (scope.aliases[*alias].data_type.clone(), *fields),
            Look::Value { relation, fields } => {
                let column = scope.relations[*relation].relation.columns.first();
                (column.and_then(|column| column.data_type.clone()), *fields)
            }
            _ => return None,
        };
        super::fields::field_type(data_type?, &path[path.len() - fields..], self.dialect)
    }

    pub fn unknown(&mut self, at: TextRange, why: impl Into<String>) {
        self.unknowns.push(Unknown { at, why: why.into() });
    }
}

/// A scope as typing sees it.
pub(super) struct View<'r, 'q> {
    pub resolver: &'r Resolver<'q>,
    pub scope: usize,
}

impl Environment for View<'_, '_> {
    fn dialect(&self) -> Dialect {
        self.resolver.dialect
    }

    fn column(&self, path: &[Name]) -> Option<DataType> {
        let (id, look) = self.resolver.look(self.scope, path);
        self.resolver.type_of_path(id, &look, path)
    }

    fn subquery(&self, query: &Query) -> Option<Vec<Option<DataType>>> {
        self.resolver.subqueries.get(&std::ptr::from_ref(query)).cloned()
    }

    fn identity(&self, path: &[Name]) -> Option<Identity> {
        let (id, look) = self.resolver.look(self.scope, path);
        let is_here = id == self.scope;
        let scope = &self.resolver.scopes[id];
        match look {
            Look::Column { .. } | Look::Merged { .. } if !is_here => Some(Identity::Outer),
            // A key of GROUP BY that several columns have the name of is the item of that name.
            Look::Ambiguous(_) if is_here && path.len() == 1 => {
                let alias = scope.alias_at.get(&key(&path[0].text))?;
                let (relation, column) = scope.aliases[*alias].column?;
                let found = &scope.relations[relation].relation;
                let column = key(&found.columns[column].name);
                let has_keys = matches!(found.origin, Origin::Input(_));
                Some(Identity::Local { relation, column, has_keys })
            }
            Look::Column { relation, column, .. } => {
                let found = &scope.relations[relation].relation;
                let column = key(&found.columns[column].name);
                let has_keys = matches!(found.origin, Origin::Input(_));
                Some(Identity::Local { relation, column, has_keys })
            }
            Look::Merged { merged, .. } => {
                let merged = &scope.merged[merged];
                let (relation, column) = (merged.relation, merged.key.clone());
                let has_keys = matches!(scope.relations[relation].relation.origin, Origin::Input(_));
                Some(Identity::Local { relation, column, has_keys })
            }
            _ => None,
        }
    }
}
