use std::fmt::Write as _;
use std::sync::Arc;

use xform::context::{LogLevel, LogSink};
use xform::diagnostic::Diagnostic;
use xform::project::LoadOptions;
use xform::session::Session;
use xform::system::{MemorySystem, System};
use xform::text::Files;

/// A third of the models stand on sources, the others on two of those before them.
pub fn model(number: usize) -> String {
    if number.is_multiple_of(3) {
        return format!(
            "select id, {{{{ won('amount') }}}} as amount from {{{{ source('raw', 't{number}') }}}}\n"
        );
    }
    let (one, other) = (number / 3 * 3, number / 2);
    format!(
        "{{{{ config(materialized='table', tags=['nightly', 'n{}']) }}}}\n\
         with totals as (\n    select id, sum(amount) as amount from {{{{ ref('m{one}') }}}} group by id\n)\n\
         select t.id, t.amount {{% for n in [1, 2, 3] %}}, t.amount * {{{{ n }}}} as 금액_{{{{ n }}}}{{% endfor %}}\n\
         from totals as t left join {{{{ ref('m{other}') }}}} as o on o.id = t.id\n\
         where t.amount > {{{{ var('least', 0) }}}}\n",
        number % 7
    )
}

/// A project of so many models, described twenty to a file, with two tests each.
pub fn project(models: usize) -> MemorySystem {
    let mut system = MemorySystem::new()
        .file("project.yml", "name: shop\nmodels:\n  shop: {+meta: {owner: 분석팀}}\n")
        .file("macros/won.sql", "{% macro won(column) %}cast({{ column }} / 100 as bigint){% endmacro %}");
    let mut sources = "sources:\n  - name: raw\n    tables:\n".to_owned();
    for folder in 0..models.div_ceil(20) {
        let mut described = "models:\n".to_owned();
        for number in folder * 20..models.min(folder * 20 + 20) {
            system = system.file(format!("models/f{folder}/m{number}.sql"), model(number));
            let _ = writeln!(
                described,
                "  - name: m{number}\n    description: 모델 {number}\n    columns:\n      - name: id\n        \
                 description: 번호\n        data_tests: [unique, not_null]"
            );
            if number.is_multiple_of(3) {
                let _ = writeln!(sources, "      - name: t{number}");
            }
        }
        system = system.file(format!("models/f{folder}/schema.yml"), described);
    }
    system.file("models/sources.yml", sources)
}

struct Silence;

impl LogSink for Silence {
    fn log(&self, _level: LogLevel, _text: &str) {}

    fn warn(&self, diagnostic: Diagnostic) {
        panic!("{diagnostic}");
    }
}

/// Reads and understands a project.
pub fn open(system: &Arc<dyn System>) -> Session {
    let log: Arc<dyn LogSink> = Arc::new(Silence);
    let options = LoadOptions { command: "parse".to_owned(), ..LoadOptions::default() };
    Session::open(system, &Arc::new(Files::new()), &options, &log)
        .unwrap_or_else(|errors| panic!("{}", errors[0]))
}
