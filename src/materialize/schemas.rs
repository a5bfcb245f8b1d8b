use std::collections::BTreeSet;

use super::Job;
use super::model::finish;
use crate::diagnostic::Diagnostic;
use crate::jinja::{Value, list_value};

/// Creates the schemas that are not there yet, over one connection before any worker
/// begins: two transactions that create the same schema would conflict. Pairs are
/// (database, schema); the built-in macro `create_missing_schemas` does it.
///
/// # Errors
/// The warehouse refuses.
pub fn create_schemas(job: &Job<'_>, schemas: &BTreeSet<(String, String)>) -> Result<(), Diagnostic> {
    let pair = |(database, schema): &(String, String)| {
        list_value(vec![Value::from(database.as_str()), Value::from(schema.as_str())])
    };
    let schemas = list_value(schemas.iter().map(pair).collect());
    let context = job.context();
    let created =
        job.invocation.engine.call("dbt", "create_missing_schemas", &[schemas], &[], &context.value());
    finish(job, &context, created).map(|_| ())
}
