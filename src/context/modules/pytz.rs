use super::zone::Zone;
use crate::context::arguments::Arguments;
use crate::context::function::{Bag, pure};
use crate::context::values::list;
use crate::jinja::{Error, Value};

/// `modules.pytz`. See <https://pythonhosted.org/pytz/>.
pub(super) fn module() -> Value {
    let names: Vec<Value> = chrono_tz::TZ_VARIANTS.iter().map(|zone| Value::from(zone.name())).collect();
    Bag::value(
        "module 'pytz'",
        vec![
            ("timezone", pure("timezone", timezone)),
            ("utc", Zone::UTC.into_value()),
            ("UTC", Zone::UTC.into_value()),
            ("all_timezones", list(names.clone())),
            ("common_timezones", list(names)),
        ],
    )
}

fn timezone(args: &[Value]) -> Result<Value, Error> {
    let args = Arguments::bind("pytz.timezone", &["zone"], args)?;
    Ok(Zone::named(&args.text("zone")?)?.into_value())
}
