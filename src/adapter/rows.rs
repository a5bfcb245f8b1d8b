use super::Cell;

/// The rows of a query: names and types of the columns, then the values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    pub names: Vec<String>,
    /// As the warehouse writes them; as many as `names`.
    pub types: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
}

impl Rows {
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The number of the first column of that name; case does not count, unless one has
    /// the very name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        let folded = name.to_lowercase();
        let is_alike = |other: &String| other.to_lowercase() == folded;
        self.names.iter().position(|other| other == name).or_else(|| self.names.iter().position(is_alike))
    }

    /// The value in a row (from 0) of the column of that name.
    #[must_use]
    pub fn get(&self, row: usize, name: &str) -> Option<&Cell> {
        self.rows.get(row)?.get(self.column(name)?)
    }

    /// The first value of the first row: what a query for one number gives.
    #[must_use]
    pub fn first(&self) -> Option<&Cell> {
        self.rows.first()?.first()
    }

    /// A row (from 0) as an object with the columns in order. A name that is there twice
    /// keeps its last value, as in dbt.
    #[must_use]
    pub fn row_to_json(&self, row: usize) -> serde_json::Map<String, serde_json::Value> {
        let cells = self.rows.get(row).map(Vec::as_slice).unwrap_or_default();
        self.names.iter().cloned().zip(cells.iter().map(Cell::to_json)).collect()
    }

    /// All rows as a list of objects.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        (0..self.len()).map(|row| serde_json::Value::Object(self.row_to_json(row))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name() {
        let rows = Rows {
            names: vec!["ID".into(), "id".into(), "이름".into()],
            types: vec!["INTEGER".into(), "INTEGER".into(), "VARCHAR".into()],
            rows: vec![vec![Cell::Int(1), Cell::Int(2), Cell::Text("가".into())]],
        };
        assert_eq!(rows.get(0, "id"), Some(&Cell::Int(2)));
        assert_eq!(rows.get(0, "Id"), Some(&Cell::Int(1)));
        assert_eq!(rows.get(1, "id"), None);
        assert_eq!(rows.get(0, "x"), None);
        assert_eq!(rows.to_json().to_string(), r#"[{"ID":1,"id":2,"이름":"가"}]"#);
    }
}
