use super::failure::fail;
use super::mutable::items_of;
use super::{Error, Kwargs, ObjectRepr, Value, python};

/// Widths and precisions beyond this are mistakes.
const WIDEST: usize = 10_000;

/// How one value is to be written.
#[derive(Clone, Debug, Default)]
struct Spec {
    fill: Option<char>,
    /// `<`, `>`, `^` or `=`.
    align: Option<char>,
    /// `+`, `-` or a space.
    sign: Option<char>,
    is_alternate: bool,
    /// `,` or `_`
    grouping: Option<char>,
    width: usize,
    precision: Option<usize>,
    kind: char,
}

/// `text % arguments`, Python's printf-style formatting
/// (<https://docs.python.org/3/library/stdtypes.html#printf-style-string-formatting>).
pub(super) fn percent(text: &str, arguments: &Value) -> Result<String, Error> {
    let positional = if arguments.is_tuple() { items_of(arguments)? } else { vec![arguments.clone()] };
    let is_mapping = arguments.as_object().is_some_and(|object| object.repr() == ObjectRepr::Map);
    let mut positional = positional.into_iter();
    let mut used_name = false;
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let mut named = None;
        if let Some(inner) = rest.strip_prefix('(') {
            let end = inner.find(')').ok_or_else(|| fail("`%(` in a format is never closed"))?;
            named = Some(&inner[..end]);
            rest = &inner[end + 1..];
        }
        let mut next =
            || positional.next().ok_or_else(|| fail("there are fewer values than `%` in the format"));
        let mut spec = Spec::default();
        let flags = rest.len() - rest.trim_start_matches(['-', '+', ' ', '0', '#']).len();
        for flag in rest[..flags].chars() {
            match flag {
                '-' => spec.align = Some('<'),
                '0' => spec.fill = Some('0'),
                '#' => spec.is_alternate = true,
                '+' => spec.sign = Some('+'),
                _ => spec.sign = spec.sign.or(Some(' ')),
            }
        }
        rest = &rest[flags..];
        let mut size = |rest: &mut &str| -> Result<Option<usize>, Error> {
            if let Some(after) = rest.strip_prefix('*') {
                *rest = after;
                return Ok(next()?.as_usize());
            }
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let number = rest[..digits].parse().ok();
            *rest = &rest[digits..];
            Ok(number)
        };
        spec.width = size(&mut rest)?.unwrap_or(0);
        if let Some(after) = rest.strip_prefix('.') {
            rest = after;
            spec.precision = Some(size(&mut rest)?.unwrap_or(0));
        }
        rest = rest.trim_start_matches(['h', 'l', 'L']);
        let kind = rest.chars().next().ok_or_else(|| fail("the format ends in the middle of a `%`"))?;
        rest = &rest[kind.len_utf8()..];
        if kind == '%' {
            out.push('%');
            continue;
        }
        let value = match named {
            Some(_) if !is_mapping => return Err(fail("`%(name)s` in a format needs a mapping")),
            Some(name) => {
                used_name = true;
                let found = arguments.as_object().and_then(|object| object.get_value(&Value::from(name)));
                found.ok_or_else(|| fail(format!("the format's mapping has no `{name}`")))?
            }
            None => next()?,
        };
        if spec.fill == Some('0') && spec.align.is_none() {
            spec.align = Some('=');
        } else {
            spec.fill = None;
        }
        spec.align = spec.align.or(Some('>'));
        out.push_str(&percent_value(&value, kind, spec)?);
    }
    if positional.next().is_some() && !used_name && !is_mapping {
        return Err(fail("there are more values than `%` in the format"));
    }
    out.push_str(rest);
    Ok(out)
}

fn percent_value(value: &Value, kind: char, mut spec: Spec) -> Result<String, Error> {
    spec.kind = match kind {
        'd' | 'i' | 'u' => 'd',
        's' | 'r' | 'a' => 's',
        'x' | 'X' | 'o' | 'c' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' => kind,
        other => return Err(fail(format!("`%{other}` is no format"))),
    };
    if matches!(kind, 's' | 'r' | 'a') {
        let text = if kind == 's' { python::text(value) } else { python::repr(value) };
        if spec.align == Some('=') {
            (spec.align, spec.fill) = (Some('>'), None);
        }
        return text_field(&text, &spec);
    }
    if kind == 'd' && python::float(value).is_some() {
        #[allow(clippy::cast_possible_truncation)]
        let whole = python::float(value).map(|number| number.trunc() as i128);
        return field(&whole.map_or(Value::UNDEFINED, Value::from), &spec);
    }
    if kind == 'c' && value.as_str().is_some() {
        spec.kind = 's';
    } else if python::number(value).is_none() {
        return Err(fail(format!("`%{kind}` needs a number, found `{}`", python::type_name(value))));
    }
    field(value, &spec)
}

/// `text.format(…)`
/// (<https://docs.python.org/3/library/string.html#format-string-syntax>).
pub(super) fn braces(text: &str, positional: &[Value], named: &Kwargs) -> Result<String, Error> {
    let mut out = String::new();
    let mut rest = text;
    let mut automatic = 0;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..=at];
        rest = &rest[at + 1..];
        if rest.starts_with(brace) {
            out.push_str(brace);
            rest = &rest[1..];
            continue;
        }
        if brace == "}" {
            return Err(fail("a single `}` in a format"));
        }
        let end = closing_brace(rest).ok_or_else(|| fail("`{` in a format is never closed"))?;
        let (name, spec) = rest[..end].split_once(':').unwrap_or((&rest[..end], ""));
        let (name, conversion) = name.split_once('!').unwrap_or((name, ""));
        rest = &rest[end + 1..];
        let value = lookup(name, positional, named, &mut automatic)?;
        let spec = if spec.contains('{') { braces(spec, positional, named)? } else { spec.to_owned() };
        let value = match conversion {
            "" => value,
            "r" | "a" => Value::from(python::repr(&value)),
            "s" => Value::from(python::text(&value)),
            other => return Err(fail(format!("`!{other}` in a format means nothing"))),
        };
        out.push_str(&field(&value, &parse(&spec)?)?);
    }
    out.push_str(rest);
    Ok(out)
}

fn closing_brace(text: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// `0`, `name`, `name.attribute[0]`, or nothing: the next.
fn lookup(path: &str, positional: &[Value], named: &Kwargs, automatic: &mut usize) -> Result<Value, Error> {
    let end = path.find(['.', '[']).unwrap_or(path.len());
    let (first, mut rest) = path.split_at(end);
    let missing = || fail(format!("the format asks for `{first}`, which is not given"));
    let mut value = if first.is_empty() {
        *automatic += 1;
        positional
            .get(*automatic - 1)
            .cloned()
            .ok_or_else(|| fail("there are fewer values than `{}` in the format"))?
    } else if let Ok(index) = first.parse::<usize>() {
        positional.get(index).cloned().ok_or_else(missing)?
    } else {
        named.peek::<Value>(first).map_err(|_| missing())?
    };
    while !rest.is_empty() {
        let key;
        if let Some(inner) = rest.strip_prefix('[') {
            let end = inner.find(']').ok_or_else(|| fail("`[` in a format is never closed"))?;
            let text = &inner[..end];
            key = text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from);
            rest = &inner[end + 1..];
        } else {
            let inner = &rest[1..];
            let end = inner.find(['.', '[']).unwrap_or(inner.len());
            key = Value::from(&inner[..end]);
            rest = &inner[end..];
        }
        value = value.get_item(&key)?;
    }
    Ok(value)
}

fn parse(text: &str) -> Result<Spec, Error> {
    let mut spec = Spec::default();
    let letters: Vec<char> = text.chars().collect();
    let mut at = 0;
    let is_align = |c: Option<&char>| c.is_some_and(|c| "<>^=".contains(*c));
    if is_align(letters.get(1)) {
        (spec.fill, spec.align) = (letters.first().copied(), letters.get(1).copied());
        at = 2;
    } else if is_align(letters.first()) {
        spec.align = letters.first().copied();
        at = 1;
    }
    let mut take = |allowed: &str| {
        let found = letters.get(at).copied().filter(|c| allowed.contains(*c));
        at += usize::from(found.is_some());
        found
    };
    spec.sign = take("+- ");
    spec.is_alternate = take("#").is_some();
    if take("0").is_some() {
        spec.fill = spec.fill.or(Some('0'));
        spec.align = spec.align.or(Some('='));
    }
    let number = |take: &mut dyn FnMut(&str) -> Option<char>| {
        let mut digits = String::new();
        while let Some(digit) = take("0123456789") {
            digits.push(digit);
        }
        digits.parse::<usize>().ok()
    };
    spec.width = number(&mut take).unwrap_or(0);
    spec.grouping = take(",_");
    if take(".").is_some() {
        spec.precision = Some(number(&mut take).ok_or_else(|| fail("a format's precision is missing"))?);
    }
    spec.kind = take("bcdeEfFgGnosxX%").unwrap_or('\0');
    if at < letters.len() {
        return Err(fail(format!("`{text}` is no format")));
    }
    Ok(spec)
}

/// A value in its field.
fn field(value: &Value, spec: &Spec) -> Result<String, Error> {
    if spec.width.max(spec.precision.unwrap_or(0)) > WIDEST {
        return Err(fail("a format's width is too large"));
    }
    let numeric = python::number(value);
    let is_text = value.as_str().is_some() || numeric.is_none();
    if is_text || spec.kind == 's' {
        return text_field(&python::text(value), spec);
    }
    let number = numeric.unwrap_or_default();
    let is_negative = number < 0.0 || (number == 0.0 && number.is_sign_negative());
    let whole = python::integer(value);
    let digits = match (spec.kind, whole) {
        ('d' | 'n' | '\0', Some(whole)) if spec.precision.is_none() || spec.kind == 'd' => {
            let digits = whole.unsigned_abs().to_string();
            format!("{digits:0>width$}", width = spec.precision.unwrap_or(0))
        }
        ('x', Some(whole)) => prefixed("0x", format!("{:x}", whole.unsigned_abs()), spec),
        ('X', Some(whole)) => prefixed("0X", format!("{:X}", whole.unsigned_abs()), spec),
        ('o', Some(whole)) => prefixed("0o", format!("{:o}", whole.unsigned_abs()), spec),
        ('b', Some(whole)) => prefixed("0b", format!("{:b}", whole.unsigned_abs()), spec),
        ('c', Some(whole)) => {
            let letter = u32::try_from(whole).ok().and_then(char::from_u32);
            return text_field(&letter.map(String::from).unwrap_or_default(), spec);
        }
        ('d' | 'x' | 'X' | 'o' | 'b' | 'c', None) => {
            return Err(fail(format!("the format `{}` needs a whole number", spec.kind)));
        }
        (kind, _) => real(number.abs(), kind, spec),
    };
    let digits = match spec.grouping {
        Some(separator) => grouped(&digits, separator),
        None => digits,
    };
    let sign = match spec.sign {
        _ if is_negative => "-",
        Some('+') => "+",
        Some(' ') => " ",
        _ => "",
    };
    let missing = spec.width.saturating_sub(sign.len() + digits.chars().count());
    if spec.align == Some('=') {
        let fill = spec.fill.unwrap_or(' ').to_string().repeat(missing);
        return Ok(format!("{sign}{fill}{digits}"));
    }
    Ok(aligned(&format!("{sign}{digits}"), spec, '>'))
}

fn prefixed(prefix: &str, digits: String, spec: &Spec) -> String {
    if spec.is_alternate { format!("{prefix}{digits}") } else { digits }
}

/// A number that is not negative.
fn real(number: f64, kind: char, spec: &Spec) -> String {
    let precision = spec.precision.unwrap_or(6);
    match kind {
        'f' | 'F' => format!("{number:.precision$}"),
        '%' => format!("{:.precision$}%", number * 100.0),
        'e' | 'E' => {
            let text = exponent(&format!("{number:.precision$e}"));
            if kind == 'E' { text.to_uppercase() } else { text }
        }
        'g' | 'G' | 'n' => {
            let text = general(number, precision.max(1), spec.is_alternate);
            if kind == 'G' { text.to_uppercase() } else { text }
        }
        _ => match spec.precision {
            Some(precision) => general(number, precision.max(1), false),
            None => python::float_text(number),
        },
    }
}

/// Rust writes `1e5` where Python writes `1e+05`.
fn exponent(text: &str) -> String {
    let Some((digits, power)) = text.split_once('e') else { return text.to_owned() };
    let power: i32 = power.parse().unwrap_or_default();
    format!("{digits}e{}{:02}", if power < 0 { '-' } else { '+' }, power.abs())
}

fn general(number: f64, precision: usize, keep_zeros: bool) -> String {
    let scientific = format!("{number:.*e}", precision - 1);
    let power: i64 = scientific.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or_default();
    let digits = i64::try_from(precision).unwrap_or(i64::MAX);
    let trimmed = |text: &str| {
        if keep_zeros || !text.contains('.') {
            text.to_owned()
        } else {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
    };
    if power < -4 || power >= digits {
        let (mantissa, power) = scientific.split_once('e').unwrap_or((&scientific, "0"));
        return exponent(&format!("{}e{power}", trimmed(mantissa)));
    }
    let places = usize::try_from(digits - 1 - power).unwrap_or(0);
    trimmed(&format!("{number:.places$}"))
}

fn grouped(digits: &str, separator: char) -> String {
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let (whole, rest) = digits.split_at(end);
    let mut text = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            text.push(separator);
        }
        text.push(digit);
    }
    text + rest
}

fn text_field(text: &str, spec: &Spec) -> Result<String, Error> {
    if spec.width > WIDEST {
        return Err(fail("a format's width is too large"));
    }
    if !matches!(spec.kind, 's' | '\0' | 'c') {
        return Err(fail(format!("the format `{}` needs a number, found text", spec.kind)));
    }
    let cut: String = match spec.precision {
        Some(precision) => text.chars().take(precision).collect(),
        None => text.to_owned(),
    };
    Ok(aligned(&cut, spec, '<'))
}

fn aligned(text: &str, spec: &Spec, usual: char) -> String {
    let missing = spec.width.saturating_sub(text.chars().count());
    let left = match spec.align.unwrap_or(usual) {
        '<' => 0,
        '^' => missing / 2,
        _ => missing,
    };
    let fill = spec.fill.unwrap_or(' ').to_string();
    format!("{}{text}{}", fill.repeat(left), fill.repeat(missing - left))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jinja::mutable::{dict_value, tuple_value};

    #[test]
    fn percent_formats_as_python_does() {
        let cases: [(&str, Value, &str); 10] = [
            ("%s-%05.2f", tuple_value(vec![Value::from("a"), Value::from(1.5)]), "a-01.50"),
            ("%d%%", Value::from(50), "50%"),
            ("%x %X %o", tuple_value(vec![Value::from(255), Value::from(255), Value::from(8)]), "ff FF 10"),
            ("%-5s|", Value::from("주문"), "주문   |"),
            ("%5s|", Value::from("a"), "    a|"),
            ("%+d", Value::from(3), "+3"),
            ("%05d", Value::from(-42), "-0042"),
            ("%r", Value::from("it's"), "\"it's\""),
            ("%.3e", Value::from(12345.678), "1.235e+04"),
            ("%(a)s", dict_value([(Value::from("a"), Value::from(1))]), "1"),
        ];
        for (text, arguments, wanted) in cases {
            assert_eq!(percent(text, &arguments).unwrap_or_default(), wanted, "{text}");
        }
    }

    #[test]
    fn wrong_formats_are_errors() {
        for (text, value) in [
            ("%d", Value::from("a")),
            ("%s %s", Value::from(1)),
            ("a", Value::from(1)),
            ("%", Value::from(1)),
        ] {
            assert!(percent(text, &value).is_err(), "{text}");
        }
    }

    #[test]
    fn braces_are_filled_as_python_fills_them() {
        let named = Kwargs::from_iter([("name", Value::from("x"))]);
        let positional = [Value::from(1_234_567), Value::from(2.71938), Value::from("가")];
        let cases = [
            ("{} {} {}", "1234567 2.71938 가"),
            ("{0:,} {1:.2f} {2:>3}", "1,234,567 2.72   가"),
            ("{name!r:<5}|{{}}", "'x'  |{}"),
            ("{0:010d} {1:e}", "0001234567 2.719380e+00"),
            ("{1:g} {0:x} {2:*^5}", "2.71938 12d687 **가**"),
        ];
        for (text, wanted) in cases {
            assert_eq!(braces(text, &positional, &named).unwrap_or_default(), wanted, "{text}");
        }
        assert!(braces("{5}", &positional, &named).is_err());
        assert!(braces("{", &positional, &named).is_err());
    }
}
