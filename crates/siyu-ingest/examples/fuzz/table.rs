//! A small Parquet file to begin from: its bytes are made anew, since no text holds them.

use std::error::Error;
use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

pub fn parquet() -> Result<Vec<u8>, Box<dyn Error>> {
    let schema = "message orders { required int64 at (TIMESTAMP(MICROS,false));
        required binary order_id (UTF8); required double amount; optional int64 points; }";
    let mut bytes = Vec::new();
    let mut writer =
        SerializedFileWriter::new(&mut bytes, Arc::new(parse_message_type(schema)?), Arc::default())?;
    let mut group = writer.next_row_group()?;
    let texts: Vec<ByteArray> = ["A1", "B2", "A1"].into_iter().map(ByteArray::from).collect();
    for index in 0..4 {
        let mut column = group.next_column()?.ok_or("the schema has four columns")?;
        match index {
            0 => column.typed::<Int64Type>().write_batch(&[1_483_246_800_000_000; 3], None, None)?,
            1 => column.typed::<ByteArrayType>().write_batch(&texts, None, None)?,
            2 => column.typed::<DoubleType>().write_batch(&[0.1, 3.99, 1.005], None, None)?,
            _ => column.typed::<Int64Type>().write_batch(&[7, 8], Some(&[1, 0, 1]), None)?,
        };
        column.close()?;
    }
    group.close()?;
    writer.close()?;
    Ok(bytes)
}
