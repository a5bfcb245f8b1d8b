use std::fmt::Write;

use chrono::{NaiveDateTime, Timelike};

/// Formats as Python's `strftime` does on Linux. `zone` is the name and the offset.
/// A directive that does not exist stays as it is.
/// See <https://docs.python.org/3/library/datetime.html#format-codes>.
pub(super) fn strftime(moment: NaiveDateTime, zone: Option<(String, String)>, format: &str) -> String {
    let (zone_name, zone_offset) = zone.unwrap_or_default();
    let mut text = String::with_capacity(format.len() + 8);
    let mut rest = format.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '%' {
            text.push(c);
            continue;
        }
        let padding = rest.next_if(|next| matches!(next, '-' | '_' | '0'));
        match rest.next() {
            None | Some('%') => text.push('%'),
            Some('f') => _ = write!(text, "{:06}", moment.nanosecond() / 1_000),
            Some('z') => text.push_str(&zone_offset),
            Some('Z') => text.push_str(&zone_name),
            // The words chrono has for these differ from those of the C locale.
            Some('c') => _ = write!(text, "{}", moment.format("%a %b %e %H:%M:%S %Y")),
            Some('x') => _ = write!(text, "{}", moment.format("%m/%d/%y")),
            Some('X') => _ = write!(text, "{}", moment.format("%H:%M:%S")),
            Some(directive) if "aAwdbBmyYHIpMSjUWGuVeklsDFTRnthCPg".contains(directive) => {
                let padding = padding.map(String::from).unwrap_or_default();
                _ = write!(text, "{}", moment.format(&format!("%{padding}{directive}")));
            }
            Some(other) => {
                text.push('%');
                text.extend(padding);
                text.push(other);
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    #[test]
    fn directives_are_those_of_python_on_linux() {
        let day = NaiveDate::from_ymd_opt(2026, 3, 5).unwrap();
        let moment = day.and_hms_micro_opt(7, 8, 9, 120).unwrap();
        let zone = || Some(("KST".to_owned(), "+0900".to_owned()));
        assert_eq!(strftime(moment, None, "%Y-%m-%d %H:%M:%S.%f%z"), "2026-03-05 07:08:09.000120");
        assert_eq!(strftime(moment, zone(), "%-d일 %A %p %z %Z %j"), "5일 Thursday AM +0900 KST 064");
        assert_eq!(strftime(moment, None, "100%% %Q % %c"), "100% %Q % Thu Mar  5 07:08:09 2026");
        assert_eq!(strftime(moment, None, "%"), "%");
    }
}
