use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::Map;

use super::DuckDbAdapter;
use crate::adapter::{Adapter, AdapterError, Cell, Connection, ErrorKind, SeedFile};
use crate::sql::{Dialect, RelationName};
use crate::system::{OsSystem, System};

struct Seed {
    folder: tempfile::TempDir,
    path: PathBuf,
    connection: Box<dyn Connection>,
}

fn seed_at(name: &str, bytes: &[u8]) -> Seed {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    OsSystem.write(&path, bytes).unwrap();
    let connection = DuckDbAdapter::new(&Map::new(), Path::new("/")).unwrap().connect().unwrap();
    Seed { folder, path, connection }
}

fn seed(text: &str) -> Seed {
    seed_at("주문.csv", text.as_bytes())
}

impl Seed {
    fn infer(&mut self, types: &[(&str, &str)]) -> Result<Vec<(String, String)>, AdapterError> {
        let types: Vec<_> = types.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
        self.connection.infer_seed(&self.path, ',', &types)
    }

    fn types(&mut self) -> Vec<String> {
        self.infer(&[]).unwrap().into_iter().map(|(_, kind)| kind).collect()
    }

    /// Makes the table, loads it, and gives its rows as text.
    fn load(&mut self, columns: Vec<(String, String)>) -> Result<Vec<Vec<String>>, AdapterError> {
        let into = RelationName::new(Dialect::DuckDb, "memory", "main", "the \"seed\"");
        let defined: Vec<String> =
            columns.iter().map(|(name, kind)| format!("\"{}\" {kind}", name.replace('"', "\"\""))).collect();
        self.connection.execute(&format!("create table {into} ({})", defined.join(", "))).unwrap();
        let file = SeedFile { path: self.path.clone(), delimiter: ',', columns };
        let response = self.connection.load_seed(&into, &file)?;
        let rows = self.connection.query(&format!("from {into}")).unwrap();
        assert_eq!(response.rows_affected, Some(rows.len() as u64));
        assert_eq!(response.message, format!("INSERT {}", rows.len()));
        Ok(rows.rows.iter().map(|row| row.iter().map(Cell::display).collect()).collect())
    }

    fn loaded(&mut self) -> Vec<Vec<String>> {
        let columns = self.infer(&[]).unwrap();
        self.load(columns).unwrap()
    }
}

#[test]
fn types_are_those_that_all_values_have() {
    let mut seed = seed(
        "b,i,h,d,s,da,ts,tz,ti,mixed,none,zip,no_date,short\n\
         true,1,170141183460469231731,1.5,가,2024-01-02,2024-01-02,2024-01-02T03:04:05Z,03:04,1,,007,2024-02-30,t\n\
         FALSE,-2,1,1e3,,2024-1-3,2024-01-02 03:04:05.5,2024-01-02 03:04:00+09:00,23:59:59.5,a,,1,2024-01-01,f\n\
         ,,,,,,,,,,,,,\n",
    );
    assert_eq!(
        seed.types(),
        [
            "BOOLEAN",
            "INTEGER",
            "HUGEINT",
            "DOUBLE",
            "VARCHAR",
            "DATE",
            "TIMESTAMP",
            "TIMESTAMP WITH TIME ZONE",
            "TIME",
            "VARCHAR",
            "VARCHAR",
            "INTEGER",
            "VARCHAR",
            "VARCHAR"
        ]
    );
    let rows = seed.loaded();
    assert_eq!(
        rows[1],
        [
            "false",
            "-2",
            "1",
            "1000.0",
            "NULL",
            "2024-01-03",
            "2024-01-02 03:04:05.5",
            "2024-01-01 18:04:00+00",
            "23:59:59.5",
            "a",
            "NULL",
            "1",
            "2024-01-01",
            "f"
        ]
    );
    assert!(rows[2].iter().all(|value| value == "NULL"));
}

#[test]
fn moments_in_utc_are_timestamps_and_others_keep_their_zone() {
    let mut seed = seed(
        "utc,zoned\n2024-01-02T03:04:05.25Z,2024-01-02T03:04:05Z\n2024-01-02 23:00:00Z,2024-01-02T03:04:00+09:00\n",
    );
    assert_eq!(seed.types(), ["TIMESTAMP", "TIMESTAMP WITH TIME ZONE"]);
    let rows = seed.loaded();
    assert_eq!(rows[0], ["2024-01-02 03:04:05.25", "2024-01-02 03:04:05+00"]);
    assert_eq!(rows[1], ["2024-01-02 23:00:00", "2024-01-01 18:04:00+00"]);
}

#[test]
fn the_last_row_of_a_long_file_counts() {
    let mut text = "id,v\n".to_owned();
    for row in 0..60_000 {
        _ = writeln!(text, "{row},{row}");
    }
    assert_eq!(seed(&text).types(), ["INTEGER", "INTEGER"]);
    assert_eq!(seed(&format!("{text}3000000000,1\n")).types(), ["BIGINT", "INTEGER"]);
    text += "60000,많이\n";
    assert_eq!(seed(&text).types(), ["INTEGER", "VARCHAR"]);
    let rows = seed(&text).loaded();
    assert_eq!((rows.len(), rows[60_000][1].as_str(), rows[59_999][0].as_str()), (60_001, "많이", "59999"));
}

#[test]
fn given_types_win() {
    let mut seed = seed("id,Zip,amount\n1,007,1.005\n");
    let columns = seed.infer(&[("zip", "varchar(5)"), ("amount", "decimal(10,2)")]).unwrap();
    assert_eq!(columns[1], ("Zip".to_owned(), "varchar(5)".to_owned()));
    assert_eq!(seed.load(columns).unwrap(), [["1", "007", "1.01"]]);
}

#[test]
fn quotes_line_ends_and_names_of_all_kinds_are_read() {
    let mut seed = seed_at(
        "a'b*[1]?.csv",
        "\u{feff}아이디,\"it's \"\"x\"\"\",a b\r\n1,\"x, \"\"y\"\"\r\nz\",\r\n2,#,\" \"\r\n".as_bytes(),
    );
    let columns = seed.infer(&[]).unwrap();
    assert_eq!(
        columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
        ["아이디", "it's \"x\"", "a b"]
    );
    assert_eq!(seed.load(columns).unwrap(), [["1", "x, \"y\"\r\nz", "NULL"], ["2", "#", " "]]);
    // A neighbour that the name as a pattern would fit is left alone.
    let mut plain = seed_at("a?.csv", b"x\n1\n");
    OsSystem.write(&plain.folder.path().join("ab.csv"), b"x\n2\n").unwrap();
    assert_eq!(plain.loaded(), [["1"]]);
    let mut hive = seed_at("year=2024/a.csv", b"x\n1");
    assert_eq!(hive.loaded(), [["1"]]);
}

#[test]
fn a_header_alone_is_a_table_of_text_without_rows() {
    for text in ["a,b\n", "a,b", "a,b\r\n"] {
        let mut seed = seed(text);
        assert_eq!(seed.types(), ["VARCHAR", "VARCHAR"]);
        assert!(seed.loaded().is_empty(), "{text:?}");
    }
    assert_eq!(seed("a,\n1,2\n").infer(&[]).unwrap()[1].0, "b");
}

#[test]
fn other_delimiters_are_taken_or_refused() {
    for delimiter in [';', '\t', '|', '→'] {
        let mut seed = seed(&format!("a{delimiter}b\n1{delimiter}x,y\n"));
        let columns = seed.connection.infer_seed(&seed.path, delimiter, &[]).unwrap();
        assert_eq!(columns.len(), 2, "{delimiter:?}");
    }
    for delimiter in ['"', '\n', '\0'] {
        let mut seed = seed("a,b\n");
        let error = seed.connection.infer_seed(&seed.path, delimiter, &[]).unwrap_err();
        assert!(error.message.ends_with("cannot be the delimiter of a CSV file"));
    }
}

#[test]
fn broken_files_are_complained_of_at_their_byte() {
    let fails = |bytes: &[u8], at: usize, message: &str| {
        let error = seed_at("a.csv", bytes).infer(&[]).unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Seed, message));
        assert_eq!(error.position, Some(at), "{message}");
        assert!(error.help.is_some() && error.notes.is_empty());
    };
    let file = "아이디,b\n1,\"x\n\ny\"\n\n2,z\n";
    fails(
        format!("{file}3\n4,5\n").as_bytes(),
        file.len(),
        "a row has 1 value, but the header has 2 columns",
    );
    fails(
        format!("{file}3,4,5\n").as_bytes(),
        file.len() + 4,
        "a row has 3 values, but the header has 2 columns",
    );
    fails(
        format!("{file}3,\"4\n5,6\n").as_bytes(),
        file.len() + 2,
        "a value in quotes does not end with its quote",
    );
    fails(
        format!("{file}3,\"4\"5\n6,7\n").as_bytes(),
        file.len() + 2,
        "a value in quotes does not end with its quote",
    );
    fails(b"a,b\n1,ok\n2,\xffx\n", 11, "the file is not UTF-8");
    fails(b"a,\xff\n", 2, "the file is not UTF-8");
    fails(b"a,b\r\n1,x\n2,y\r\n", 8, "lines of the file end in different ways");
    fails(b"", 0, "the file is empty");
    fails(b"\n\na,b\n", 0, "the first line is empty");
    fails(b"a,b,A\n1,2,3\n", 4, "two columns have the name `A`");
}

#[test]
fn a_value_that_does_not_fit_its_type_is_found() {
    let text = "id,금액\n1,\"1\n\"\n2,3\n3,많이\n";
    let mut seed = seed(text);
    let columns = seed.infer(&[("금액", "integer")]).unwrap();
    let error = seed.load(columns).unwrap_err();
    assert_eq!(error.message, "column `금액`: could not convert string \"많이\" to 'INTEGER'");
    assert_eq!((error.kind, error.position), (ErrorKind::Seed, text.find("많이")));
    let columns = seed.infer(&[("금액", "geld")]).unwrap();
    let file = SeedFile { path: seed.path.clone(), delimiter: ',', columns };
    let into = RelationName::new(Dialect::DuckDb, "memory", "main", "the \"seed\"");
    let error = seed.connection.load_seed(&into, &file).unwrap_err();
    assert_eq!((error.kind, error.position), (ErrorKind::Statement, None));
    assert!(error.message.contains("geld"), "{}", error.message);
}

#[test]
fn a_missing_file_is_an_error() {
    let mut seed = seed("a\n1\n");
    OsSystem.remove(&seed.path).unwrap();
    let error = seed.infer(&[]).unwrap_err();
    assert!(error.message.starts_with("the file cannot be read"), "{error}");
}
