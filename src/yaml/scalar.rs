//! What a plain scalar means in YAML 1.1, by the patterns that PyYAML's `SafeLoader`
//! resolves: see <https://yaml.org/type/>.

use super::YamlKind;

/// The value of a plain (unquoted) scalar. A whole number beyond 64 bits stays text, so
/// that none of its digits is lost.
pub(super) fn resolve(text: &str) -> YamlKind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return YamlKind::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => return YamlKind::Bool(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return YamlKind::Bool(false);
        }
        _ => {}
    }
    // Nearly all scalars are words: look no further.
    if !text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.')) {
        return YamlKind::Text(text.to_owned());
    }
    if is_timestamp(text) {
        return YamlKind::Timestamp(text.to_owned());
    }
    if let Some(number) = int(text) {
        return YamlKind::Int(number);
    }
    if let Some(number) = float(text) {
        return YamlKind::Float(number);
    }
    YamlKind::Text(text.to_owned())
}

/// `1`, `-1_000`, `010` (octal), `0x1F`, `0b101`, `1:30` (base 60).
pub(super) fn int(text: &str) -> Option<i64> {
    let (is_negative, digits) = sign(text);
    let first = digits.chars().next()?;
    if !first.is_ascii_digit() {
        return None;
    }
    let plain = digits.replace('_', "");
    let magnitude = if let Some(binary) = plain.strip_prefix("0b") {
        radix(binary, 2)?
    } else if let Some(hexadecimal) = plain.strip_prefix("0x") {
        radix(hexadecimal, 16)?
    } else if first == '0' && digits.len() > 1 {
        radix(&plain, 8)?
    } else if plain.contains(':') {
        sexagesimal(&plain)?
    } else {
        radix(&plain, 10)?
    };
    let signed = if is_negative { -magnitude } else { magnitude };
    i64::try_from(signed).ok()
}

/// `1.5`, `1.`, `.5`, `1.0e+3`, `1:30.5`, `.inf`, `.nan`. Without a point it is no float.
pub(super) fn float(text: &str) -> Option<f64> {
    let (is_negative, digits) = sign(text);
    let is_signed = digits.len() != text.len();
    let magnitude = match digits {
        ".inf" | ".Inf" | ".INF" => f64::INFINITY,
        ".nan" | ".NaN" | ".NAN" if !is_signed => f64::NAN,
        _ => {
            let (whole, fraction) = digits.split_once('.')?;
            // As PyYAML has it: a sign needs a digit before the point.
            let starts_well = whole.starts_with(|first: char| first.is_ascii_digit())
                || (whole.is_empty()
                    && !is_signed
                    && fraction.starts_with(|first: char| first.is_ascii_digit()));
            if !starts_well {
                return None;
            }
            let (fraction, exponent) = match fraction.find(['e', 'E']) {
                Some(at) => (&fraction[..at], Some(&fraction[at + 1..])),
                None => (fraction, None),
            };
            if !fraction.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_') {
                return None;
            }
            let fraction = fraction.replace('_', "");
            let whole = whole.replace('_', "");
            if whole.contains(':') {
                if exponent.is_some() {
                    return None;
                }
                #[allow(clippy::cast_precision_loss, reason = "a float is what was asked for")]
                let whole = sexagesimal(&whole)? as f64;
                whole + format!("0.{fraction}0").parse::<f64>().ok()?
            } else {
                if !whole.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                let exponent = match exponent {
                    Some(exponent) => {
                        let digits = exponent.strip_prefix(['+', '-'])?;
                        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                            return None;
                        }
                        format!("e{exponent}")
                    }
                    None => String::new(),
                };
                format!("0{whole}.{fraction}0{exponent}").parse().ok()?
            }
        }
    };
    Some(if is_negative { -magnitude } else { magnitude })
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

fn radix(digits: &str, base: u32) -> Option<i128> {
    // `from_str_radix` would take a sign here.
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(base)) {
        return None;
    }
    i128::from_str_radix(digits, base).ok()
}

/// `1:30:00`: the first part counts up from 1 or more, the others are below 60.
fn sexagesimal(text: &str) -> Option<i128> {
    let mut parts = text.split(':');
    let mut total = radix(parts.next()?, 10)?;
    for part in parts {
        let value = radix(part, 10).filter(|value| *value < 60 && part.len() <= 2)?;
        total = total.checked_mul(60)?.checked_add(value)?;
    }
    Some(total)
}

/// `2024-01-31`, or with a time `2024-1-31 9:05:00.25 +09:00`.
pub(super) fn is_timestamp(text: &str) -> bool {
    let Some((year, rest)) = text.split_once('-') else { return false };
    let Some((month, rest)) = rest.split_once('-') else { return false };
    if !is_digits(year, 4, 4) || !is_digits(month, 1, 2) {
        return false;
    }
    let Some(end) = rest.find(['T', 't', ' ', '\t']) else {
        return is_digits(month, 2, 2) && is_digits(rest, 2, 2);
    };
    let (day, time) = rest.split_at(end);
    let time = match time.strip_prefix(['T', 't']) {
        Some(time) => time,
        None => time.trim_start_matches([' ', '\t']),
    };
    is_digits(day, 1, 2) && is_time(time)
}

fn is_time(text: &str) -> bool {
    let mut parts = text.splitn(3, ':');
    let (Some(hour), Some(minute), Some(rest)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let Some((second, rest)) = rest.split_at_checked(2) else { return false };
    if !is_digits(hour, 1, 2) || !is_digits(minute, 2, 2) || !is_digits(second, 2, 2) {
        return false;
    }
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|digit: char| digit.is_ascii_digit()),
        None => rest,
    };
    let zone = rest.trim_start_matches([' ', '\t']);
    if zone.is_empty() {
        return rest.is_empty();
    }
    if zone == "Z" {
        return true;
    }
    let Some(offset) = zone.strip_prefix(['+', '-']) else { return false };
    match offset.split_once(':') {
        Some((hours, minutes)) => is_digits(hours, 1, 2) && is_digits(minutes, 2, 2),
        None => is_digits(offset, 1, 2),
    }
}

fn is_digits(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> YamlKind {
        YamlKind::Text(value.to_owned())
    }

    #[test]
    fn whole_numbers_are_read_in_five_bases() {
        for (source, number) in [
            ("0", 0),
            ("-1_000", -1000),
            ("+12", 12),
            ("010", 8),
            ("0x1F", 31),
            ("0b101", 5),
            ("1:30", 90),
            ("-1:30:00", -5400),
            ("9223372036854775807", i64::MAX),
            ("-9223372036854775808", i64::MIN),
        ] {
            assert_eq!(resolve(source), YamlKind::Int(number), "{source}");
        }
    }

    #[test]
    fn what_only_looks_like_a_number_stays_text() {
        for source in [
            "089",
            "0o17",
            "1e5",
            "1.5e3",
            "-.5",
            "1:60",
            "1:2:333",
            "_1",
            "0x",
            "0b",
            "1a",
            "--1",
            "+-1",
            "-",
            "+",
            ".",
            "..",
            "1.2.3",
            "9223372036854775808",
            "-.nan",
            "주문",
            "1월",
        ] {
            assert_eq!(resolve(source), text(source), "{source}");
        }
    }

    #[test]
    fn floats_need_a_point() {
        for (source, number) in [
            ("1.5", 1.5),
            ("1.", 1.0),
            (".5", 0.5),
            ("-1_0.2_5", -10.25),
            ("1.0e+3", 1000.0),
            ("685.230_15e-03", 0.685_230_15),
            ("1:30.5", 90.5),
            ("-.inf", f64::NEG_INFINITY),
        ] {
            assert_eq!(resolve(source), YamlKind::Float(number), "{source}");
        }
        assert!(matches!(resolve(".NaN"), YamlKind::Float(number) if number.is_nan()));
    }

    #[test]
    fn words_of_yaml_1_1_are_booleans_in_three_spellings_only() {
        assert_eq!(resolve("yes"), YamlKind::Bool(true));
        assert_eq!(resolve("Off"), YamlKind::Bool(false));
        assert_eq!(resolve("yEs"), text("yEs"));
        assert_eq!(resolve("y"), text("y"));
        assert_eq!(resolve("~"), YamlKind::Null);
        assert_eq!(resolve("nUll"), text("nUll"));
    }

    #[test]
    fn dates_are_told_from_text() {
        for source in
            ["2024-01-31", "2024-1-3 4:05:06", "2024-01-31T04:05:06.7Z", "2024-01-31 04:05:06 +09:00"]
        {
            assert_eq!(resolve(source), YamlKind::Timestamp(source.to_owned()), "{source}");
        }
        for source in
            ["2024-1-31", "24-01-31", "2024-01", "2024-01-31 04:05", "2024-01-31T", "2024-01-31 x:05:06"]
        {
            assert_eq!(resolve(source), text(source), "{source}");
        }
    }
}
