//! Small inputs to begin from whose bytes are made anew, since no text holds them.

use std::error::Error;
use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use rust_xlsxwriter::Workbook;
use siyu_ingest::frame::ProtocolId;
use siyu_ingest::protocols::encode_records;
use siyu_testkit::load::{Load, Speech, hook_mapping};
use siyu_testkit::scale::{ScaleOptions, scale};

use crate::mutate::Seed;

const ROWS: [[&str; 5]; 3] = [
    ["订单号", "手机号", "实付金额", "付款时间", "订单状态"],
    ["A0001", "13800000001", "12.50", "2026-01-02 03:04:05", "交易成功"],
    ["A0002", "13800000002", "¥1,234.5", "2026/1/3", "交易关闭"],
];

/// Requests of every protocol as the load generator makes them, and records of our own.
pub fn requests() -> Result<Vec<Seed>, Box<dyn Error>> {
    let now = 1_795_304_200_000;
    let mut seeds = Vec::new();
    for speech in Speech::ALL {
        let load = Load { speech, people: 100, events_per_request: 3, seed: 1, now };
        let (protocol, route, query) = match speech {
            Speech::Own => (ProtocolId::Own, "", String::new()),
            Speech::Sensors => (ProtocolId::Sensors, "", String::new()),
            Speech::Segment => (ProtocolId::Segment, "batch", String::new()),
            Speech::Webhook => (ProtocolId::Webhook, "", hook_mapping().to_string()),
        };
        let body = load.request(0, "wk_fuzz").body;
        seeds.push(Seed { protocol: Some(protocol), route: route.to_owned(), query, body });
    }
    let records: Vec<_> = scale(ScaleOptions::of_events(20, now)).take(5).map(|row| row.record()).collect();
    for protocol in [ProtocolId::Internal, ProtocolId::Import] {
        let body = encode_records(&records)?;
        seeds.push(Seed { protocol: Some(protocol), route: String::new(), query: String::new(), body });
    }
    // All are tried as internal ones, which are read alike.
    seeds.iter_mut().filter(|seed| seed.protocol == Some(ProtocolId::Import)).for_each(|seed| {
        seed.protocol = Some(ProtocolId::Internal);
    });
    Ok(seeds)
}

pub fn json_lines() -> Vec<u8> {
    let [titles, rows @ ..] = ROWS;
    let object = |row: &[&str; 5]| {
        let pairs = titles.iter().zip(row).map(|(title, cell)| ((*title).to_owned(), (*cell).into()));
        serde_json::Value::Object(pairs.collect()).to_string()
    };
    rows.iter().map(object).collect::<Vec<_>>().join("\n").into_bytes()
}

pub fn xlsx() -> Result<Vec<u8>, Box<dyn Error>> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in ROWS.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            sheet.write(row as u32, column as u16, *cell)?;
        }
    }
    sheet.write(3, 0, 12.5)?;
    sheet.write(3, 4, true)?;
    Ok(book.save_to_buffer()?)
}

/// The head of an old workbook's container: sectors of 512 bytes, one directory.
pub fn xls() -> Vec<u8> {
    let mut bytes = vec![0; 4 * 512];
    bytes[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    bytes[24..34].copy_from_slice(&[0x3e, 0, 3, 0, 0xfe, 0xff, 9, 0, 6, 0]);
    bytes[44] = 1;
    bytes[48] = 1;
    bytes[56..58].copy_from_slice(&[0, 16]);
    bytes[60..64].fill(0xff);
    bytes[68..76].copy_from_slice(&[0xfe, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
    bytes[76..512].fill(0xff);
    bytes[76..80].fill(0);
    let workbook: Vec<u8> = "Workbook".encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes[512..512 + 12]
        .copy_from_slice(&[0xfd, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff]);
    bytes[1024..1024 + workbook.len()].copy_from_slice(&workbook);
    bytes[1024 + 64..1024 + 68].copy_from_slice(&[18, 0, 2, 1]);
    bytes[1024 + 116] = 2;
    bytes[1024 + 121] = 2;
    // A workbook begins so: BOF of version 8, then its end.
    bytes[1536..1556]
        .copy_from_slice(&[9, 8, 16, 0, 0, 6, 5, 0, 0x54, 0x38, 0xcd, 7, 0xc1, 0, 1, 0, 6, 7, 0, 0]);
    bytes[1556] = 10;
    bytes
}

/// Three orders in four columns.
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
