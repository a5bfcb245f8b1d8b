//! Python's modules, as templates use them.

use crate::context::testing::World;

fn check(cases: &[(&str, &str)]) {
    let world = World::new();
    for (expression, expected) in cases {
        assert_eq!(world.text(&format!("{{{{ {expression} }}}} ")), format!("{expected} "), "{expression}");
    }
}

fn refuse(cases: &[&str]) {
    let world = World::new();
    for expression in cases {
        let error = world.error(&format!("{{{{ {expression} }}}}"));
        assert!(error.starts_with("invalid-arguments: "), "{expression}: {error}");
    }
}

#[test]
fn dates_and_times_count_as_in_python() {
    check(&[
        ("modules.datetime.datetime.now()", "2026-01-01 09:00:00"),
        ("modules.datetime.datetime.utcnow().isoformat()", "2026-01-01T00:00:00"),
        ("modules.datetime.date.today()", "2026-01-01"),
        (
            "modules.datetime.datetime(2026, 3, 5, 7, 8) + modules.datetime.timedelta(days=1, hours=2)",
            "2026-03-06 09:08:00",
        ),
        ("modules.datetime.datetime(2026, 3, 5) - modules.datetime.datetime(2026, 3, 4, 23)", "1:00:00"),
        ("(modules.datetime.date(2026, 3, 5) - modules.datetime.date(2026, 2, 5)).days", "28"),
        ("modules.datetime.date(2024, 2, 28) + modules.datetime.timedelta(days=1)", "2024-02-29"),
        ("modules.datetime.timedelta(days=-1, seconds=1)", "-1 day, 0:00:01"),
        ("modules.datetime.timedelta(hours=1.5) * 2", "3:00:00"),
        ("2 * modules.datetime.timedelta(hours=3) / modules.datetime.timedelta(hours=2)", "3.0"),
        ("modules.datetime.timedelta(weeks=1).total_seconds()", "604800.0"),
        ("modules.datetime.date(2026, 1, 2) > modules.datetime.date(2026, 1, 1)", "True"),
        ("[modules.datetime.date(2026, 1, 2), modules.datetime.time(3, 4)]", "[2026-01-02, 03:04:00]"),
        ("modules.datetime.datetime.strptime('2026-03-05', '%Y-%m-%d').strftime('%d일 %b')", "05일 Mar"),
        ("modules.datetime.datetime.fromisoformat('2026-03-05T07:08:09+09:00').utcoffset()", "9:00:00"),
        ("modules.datetime.datetime.fromtimestamp(0)", "1970-01-01 09:00:00"),
        (
            "modules.datetime.datetime.combine(modules.datetime.date(2026, 1, 2), modules.datetime.time(3, 4))",
            "2026-01-02 03:04:00",
        ),
        ("modules.datetime.datetime(2026, 3, 5).replace(day=1).weekday()", "6"),
        ("modules.datetime.date(2026, 1, 1).isocalendar()", "(2026, 1, 4)"),
        ("modules.datetime.datetime.max.year ~ modules.datetime.time(1).isoformat()", "999901:00:00"),
        (
            "modules.datetime.datetime(2026, 1, 1, tzinfo=modules.datetime.timezone.utc).timestamp()",
            "1767225600.0",
        ),
    ]);
    refuse(&[
        "modules.datetime.date(2026, 2, 30)",
        "modules.datetime.date(2026)",
        "modules.datetime.datetime(2026, 1, 1, hour=25)",
        "modules.datetime.datetime('2026', 1, 1)",
        "modules.datetime.datetime.strptime('오늘', '%Y')",
        "modules.datetime.datetime.fromisoformat('오늘')",
        "modules.datetime.datetime.fromtimestamp('x')",
        "modules.datetime.timedelta(months=1)",
        "modules.datetime.timedelta(days='x')",
        "modules.datetime.timedelta(days=1e300)",
        "modules.datetime.datetime.max + modules.datetime.timedelta(days=1)",
        "modules.datetime.timedelta(1) / 0",
    ]);
    let world = World::new();
    assert!(world.error("{{ modules.datetime.date(2026, 1, 1) + 1 }}").starts_with("jinja-error: "));
    assert!(
        world.error("{{ modules.datetime.date(2026, 1, 1).strftme('%Y') }}").starts_with("undefined-name: ")
    );
}

#[test]
fn time_zones_move_clocks() {
    check(&[
        (
            "modules.pytz.timezone('Asia/Seoul').localize(modules.datetime.datetime(2026, 1, 1))",
            "2026-01-01 00:00:00+09:00",
        ),
        (
            "modules.pytz.utc.localize(modules.datetime.datetime(2026, 7, 1)).astimezone(modules.pytz.timezone('America/New_York'))",
            "2026-06-30 20:00:00-04:00",
        ),
        (
            "modules.datetime.datetime.now(modules.pytz.timezone('asia/seoul')).strftime('%H %Z%z')",
            "09 KST+0900",
        ),
        ("modules.datetime.datetime.now(modules.pytz.utc) == run_started_at", "True"),
        ("modules.pytz.timezone('Asia/Seoul')", "Asia/Seoul"),
        ("modules.datetime.timezone(modules.datetime.timedelta(hours=-3))", "UTC-03:00"),
        ("'Asia/Seoul' in modules.pytz.all_timezones", "True"),
    ]);
    refuse(&[
        "modules.pytz.timezone('Asia/Soul')",
        "modules.pytz.timezone(9)",
        "modules.pytz.utc.localize(run_started_at)",
        "modules.pytz.utc.localize('now')",
        "modules.datetime.timezone(modules.datetime.timedelta(days=2))",
        "run_started_at - modules.datetime.datetime(2026, 1, 1)",
    ]);
}

#[test]
fn regular_expressions_are_pythons() {
    check(&[
        ("modules.re.match('(\\\\w+) (?P<last>\\\\w+)', '김 철수!').group('last')", "철수"),
        ("modules.re.match('b', 'ab')", "None"),
        ("modules.re.fullmatch('a|ab', 'ab').span()", "(0, 2)"),
        ("modules.re.search('수', '김철수').start()", "2"),
        ("modules.re.findall('(\\\\d)(\\\\w)', '1a 2b')", "[('1', 'a'), ('2', 'b')]"),
        ("modules.re.findall('\\\\d', '1a 2b') | join(',')", "1,2"),
        ("modules.re.sub('(\\\\w+)@(\\\\w+)', '\\\\2 at \\\\g<1>', 'me@home')", "home at me"),
        ("modules.re.sub('a', 'b', 'aaa', count=2)", "bba"),
        ("modules.re.split('[,;]\\\\s*', 'a, b;c', maxsplit=1)", "['a', 'b;c']"),
        ("modules.re.split('(,)', 'a,b')", "['a', ',', 'b']"),
        ("modules.re.compile('^x', modules.re.I + modules.re.M).findall('X\\nx') | length", "2"),
        ("modules.re.escape('a.b')", "a\\.b"),
        ("modules.re.match('(a)|(b)', 'b').groups('없음')", "('없음', 'b')"),
        ("modules.re.match('(?P<y>\\\\d+)', '2026').groupdict()", "{'y': '2026'}"),
        ("'yes' if modules.re.search('o', 'foo') else 'no'", "yes"),
    ]);
    refuse(&[
        "modules.re.match('(', 'x')",
        "modules.re.match('x')",
        "modules.re.match(1, 'x')",
        "modules.re.match('x', 1)",
        "modules.re.sub('x', '\\\\2', 'x')",
        "modules.re.search('x', 'x').group(1)",
        "modules.re.search('(a+)+$', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab(?!x)', 1, 2)",
    ]);
}

#[test]
fn iterators_combine() {
    check(&[
        ("modules.itertools.product([1, 2], 'ab') | list", "[(1, 'a'), (1, 'b'), (2, 'a'), (2, 'b')]"),
        ("modules.itertools.product([0, 1], repeat=2) | length", "4"),
        ("modules.itertools.chain([1], (2, 3)) | list", "[1, 2, 3]"),
        ("modules.itertools.chain.from_iterable([[1], [2]]) | list", "[1, 2]"),
        ("modules.itertools.combinations('abc', 2) | map('join') | join(' ')", "ab ac bc"),
        ("modules.itertools.permutations([1, 2]) | list", "[(1, 2), (2, 1)]"),
        ("modules.itertools.zip_longest([1, 2], [3], fillvalue='-') | list", "[(1, 3), (2, '-')]"),
        ("modules.itertools.accumulate([1, 2, 3]) | list", "[1, 3, 6]"),
        ("modules.itertools.islice(modules.itertools.count(10, 5), 3) | list", "[10, 15, 20]"),
        ("modules.itertools.islice(modules.itertools.cycle('가나'), 1, 4) | join", "나가나"),
        ("modules.itertools.repeat('x', 3) | join", "xxx"),
        ("modules.itertools.groupby([1, 1, 2]) | list", "[(1, [1, 1]), (2, [2])]"),
        ("zip(['a', 'b'], modules.itertools.count()) | list", "[('a', 0), ('b', 1)]"),
        ("modules.itertools.pairwise([1, 2, 3]) | list", "[(1, 2), (2, 3)]"),
    ]);
    refuse(&[
        "modules.itertools.product(1)",
        "modules.itertools.product([1], times=2)",
        "modules.itertools.product(range(1000), repeat=5)",
        "modules.itertools.combinations([1])",
        "modules.itertools.permutations([1], 'x')",
        "modules.itertools.islice([1], -1)",
        "modules.itertools.repeat('x', 100000000)",
        "modules.itertools.accumulate(['a', 1])",
    ]);
}
