use arrow::array::RecordBatch;

use super::{AdapterError, ErrorKind, Rows, value};

/// The rows of a query as Arrow record batches: what every wire can give, and what large results
/// stay until somebody wants single values.
#[derive(Clone, Debug, Default)]
pub struct Batches {
    pub names: Vec<String>,
    /// As the warehouse writes them; as many as `names`.
    pub types: Vec<String>,
    /// Each with as many columns as there are names. Fields tell by their metadata what Arrow has
    /// no type for.
    pub batches: Vec<RecordBatch>,
}

impl Batches {
    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The values, row by row.
    ///
    /// # Errors
    /// A column has a type that no adapter should hand on; it is named.
    pub fn into_rows(self) -> Result<Rows, AdapterError> {
        let mut rows = Vec::with_capacity(self.len());
        for batch in &self.batches {
            let schema = batch.schema();
            let readers: Vec<value::Reader<'_>> = schema
                .fields()
                .iter()
                .zip(batch.columns())
                .map(|(field, column)| value::Reader::new(field, column.as_ref()))
                .collect::<Option<_>>()
                .ok_or_else(|| unreadable(&schema))?;
            for row in 0..batch.num_rows() {
                let cells: Option<Vec<_>> = readers.iter().map(|reader| reader.cell(row)).collect();
                rows.push(cells.ok_or_else(|| unreadable(&schema))?);
            }
        }
        Ok(Rows { names: self.names, types: self.types, rows })
    }
}

fn unreadable(schema: &arrow::datatypes::Schema) -> AdapterError {
    let types: Vec<String> = schema.fields().iter().map(|field| field.data_type().to_string()).collect();
    let message = format!("a value of the types {} cannot be read", types.join(", "));
    AdapterError::new(ErrorKind::NotSupported, message).help("cast the column to a text")
}
