use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::adapter::{Adapter, Binder, Refusal};
use crate::analyze::{Known, Relations, Schema};
use crate::sql::tree::Query;
use crate::sql::{DataType, RelationName};

/// The judge of one thread, started when it is first asked: not where everything is known from
/// before.
pub(super) struct LazyJudge<'a> {
    adapter: &'a dyn Adapter,
    judge: OnceCell<Option<Judge>>,
}

impl<'a> LazyJudge<'a> {
    pub(super) fn new(adapter: &'a dyn Adapter) -> Self {
        Self { adapter, judge: OnceCell::new() }
    }

    /// `None` where the warehouse has none. One that cannot be started leaves our own analysis
    /// alone with it.
    pub(super) fn get(&mut self) -> Option<&mut Judge> {
        self.judge.get_or_init(|| self.adapter.binder().ok().flatten().map(Judge::new));
        self.judge.get_mut()?.as_mut()
    }
}

/// A warehouse's judge of one thread, with what it was told of already.
pub(super) struct Judge {
    binder: Box<dyn Binder>,
    /// By key of the relation: its columns, and whether the judge took them.
    declared: HashMap<(String, String, String), (Arc<Schema>, bool)>,
}

impl Judge {
    pub(super) fn new(binder: Box<dyn Binder>) -> Self {
        Self { binder, declared: HashMap::new() }
    }

    /// Tells of relations whose columns are exactly known; the others are left out.
    pub(super) fn declare(&mut self, relations: &Relations) {
        for (relation, known) in relations.iter() {
            if let Known::Schema(schema) = known
                && schema.is_exact()
            {
                self.declare_one(relation, schema);
            }
        }
    }

    fn declare_one(&mut self, relation: &RelationName, schema: &Arc<Schema>) {
        let key = relation.key();
        if self.declared.get(&key).is_some_and(|(known, _)| Arc::ptr_eq(known, schema) || known == schema) {
            return;
        }
        let columns: Vec<(String, DataType)> = schema
            .columns
            .iter()
            .filter_map(|column| Some((column.name.clone(), column.data_type.clone()?)))
            .collect();
        let is_taken = self.binder.declare(relation, &columns).is_ok();
        self.declared.insert(key, (Arc::clone(schema), is_taken));
    }

    /// Whether the judge knows a relation just as it was declared.
    pub(super) fn knows(&self, relation: &RelationName) -> bool {
        self.declared.get(&relation.key()).is_some_and(|(_, is_taken)| *is_taken)
    }

    pub(super) fn bind(&mut self, sql: &str) -> Result<Vec<(String, DataType)>, Refusal> {
        self.binder.bind(sql)
    }

    /// Whether a name, folded, may mean a relation that the judge was not told of.
    pub(super) fn may_hold(&self, name: &str) -> bool {
        self.binder.may_hold(name)
    }

    /// The columns of a table that is made of a query with these.
    pub(super) fn stored(&self, schema: &mut Schema) {
        for column in &mut schema.columns {
            if let Some(kind) = &column.data_type {
                column.data_type = Some(self.binder.stored(kind));
            }
        }
    }

    pub(super) fn tree(&mut self, sql: &str) -> Option<Query> {
        self.binder.tree(sql).ok()
    }
}
