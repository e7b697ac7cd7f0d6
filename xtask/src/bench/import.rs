//! A large CSV through the real server: sent in pieces, checked, imported. Tells how long
//! each took and how much memory the server held meanwhile. The file is made while it is
//! sent, so it lies on disk once, in the server's folder, which is emptied at the end.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{build, bytes_in, machine_load};
use crate::http::Client;
use crate::server::{self, Build, Server, Setup, pause};
use crate::{Outcome, shell};

const TITLES: &str = "订单号,会员号,手机号,实付金额,付款时间,订单状态,门店,商品,数量,收货地址,备注\n";
const PEOPLE: u64 = 1_000_000;
const PIECE_BYTES: usize = 8 << 20;
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// Shares of the rows after which the memory held is told.
const TENTHS: i64 = 10;

/// An import that takes longer than so many minutes is left there, and its rate told.
pub fn import(gigabytes: u64, minutes: u64) -> Outcome {
    let log = build(&["--package", "siyu", "--bins"])?;
    let data = shell::workshop("bench-import")?;
    server::fresh(&data)?;
    let listen = server::free_address()?;
    let setup = Setup { build: Build::Release, data, listen, log, words: Vec::new() };
    server::create_owner(&setup)?;
    let server = Server::start(&setup)?;
    let api = server.client.sign_in(server::EMAIL, server::PASSWORD)?;
    let rows = gigabytes * 1_000_000_000 / row(0).len() as u64;
    println!("{rows} rows, {gigabytes} GB; load of the machine {}", machine_load());
    let began = Instant::now();
    let upload = send(&api, rows)?;
    told("sent", rows, began, &server);
    for (what, dry) in [("checked", true), ("imported", false)] {
        server.forget_peak()?;
        let began = Instant::now();
        let asked = json!({"mapping": mapping(), "dry_run": dry});
        let started = api.post(&format!("/api/v1/imports/uploads/{upload}/start"), &asked)?;
        let id = started["id"].as_i64().ok_or("the import has no id")?;
        let seen = watch(&api, &server, id, began + Duration::from_secs(60 * minutes))?;
        told(what, seen["rows"].as_u64().unwrap_or(0), began, &server);
        println!("  {}: accepted {}, refused {}", seen["state"], seen["accepted"], seen["rejected"]);
    }
    let folder = |name: &str| bytes_in(&setup.data.join("projects/1").join(name)) / 1_000_000;
    println!(
        "on disk: log {} MB, events {} MB, people {} MB",
        folder("log"),
        folder("events"),
        folder("people")
    );
    println!("load of the machine afterwards {}", machine_load());
    server.stop()?;
    server::fresh(&setup.data)
}

fn told(what: &str, rows: u64, began: Instant, server: &Server) {
    let seconds = began.elapsed().as_secs_f64();
    let (rate, peak) = (rows as f64 / seconds, server.peak_megabytes());
    println!("{what} {rows} rows in {seconds:.0} s, {rate:.0} rows/s; the server held at most {peak:.0} MB");
}

fn send(api: &Client, rows: u64) -> Outcome<i64> {
    let total = TITLES.len() as u64 + rows * row(0).len() as u64;
    let begun = api.post("/api/v1/imports/uploads", &json!({"name": "orders.csv", "bytes": total}))?;
    let id = begun["id"].as_i64().ok_or("the upload has no id")?;
    let mut piece = Vec::with_capacity(PIECE_BYTES + row(0).len());
    piece.extend_from_slice(TITLES.as_bytes());
    let mut from = 0;
    for number in 0..rows {
        piece.extend_from_slice(row(number).as_bytes());
        if piece.len() >= PIECE_BYTES || number + 1 == rows {
            let to = from + piece.len() as u64;
            let range = format!("bytes {from}-{}/{total}", to - 1);
            let path = format!("/api/v1/imports/uploads/{id}/content");
            let client = api.clone().with("content-range", &range);
            client.send("PUT", &path, "application/octet-stream", &piece)?.json()?;
            piece.clear();
            from = to;
        }
    }
    Ok(id)
}

/// Waits for the end, or until then; says the memory held at every tenth of the way.
fn watch(api: &Client, server: &Server, id: i64, until: Instant) -> Outcome<Value> {
    let mut next = 1;
    loop {
        let now = api.get(&format!("/api/v1/imports/{id}"))?;
        let (rows, total) = (now["rows"].as_i64().unwrap_or(0), now["total"].as_i64().unwrap_or(0));
        while total > 0 && rows * TENTHS >= next * total && next <= TENTHS {
            println!("  {next}0 %: {rows} rows, {:.0} MB", server.megabytes());
            next += 1;
        }
        match now["state"].as_str() {
            Some("queued" | "running") if Instant::now() < until => pause(LOOK_EVERY),
            Some("queued" | "running" | "done") => return Ok(now),
            other => return Err(format!("the import is {other:?}: {}", now["error"])),
        }
    }
}

fn mapping() -> Value {
    let property = |name: &str| json!({"to": "property", "name": name});
    json!({"kind": "orders", "states": {"交易成功": "paid", "交易关闭": "unpaid"}, "columns": {
        "订单号": {"to": "order_id"}, "会员号": {"to": "login"}, "手机号": {"to": "phone"},
        "实付金额": {"to": "amount"}, "付款时间": {"to": "time"}, "订单状态": {"to": "status"},
        "门店": property("store"), "商品": property("title"), "数量": property("quantity"),
        "收货地址": property("address"), "备注": property("remark")}})
}

/// An order; all rows are equally long, so that the file's length is known before it is made.
fn row(number: u64) -> String {
    let hash = mix(number);
    let part = |shift: u32, below: u64| mix(hash ^ u64::from(shift)) % below;
    let person = part(1, PEOPLE);
    format!(
        "SY{number:012},M{person:09},138{person:08},{}.{:02},2026-10-{:02} {:02}:{:02}:{:02},{},门店{:03},\
         商品 {:05},{},浙江省杭州市西湖区文三路{:03}号{:02}幢{:03}室,请放在门口 {:08}\n",
        100 + part(2, 900),
        part(3, 100),
        1 + part(4, 28),
        part(5, 24),
        part(6, 60),
        part(7, 60),
        if part(8, 20) == 0 { "交易关闭" } else { "交易成功" },
        part(9, 200),
        part(10, 20_000),
        1 + part(11, 9),
        person % 999,
        person % 89,
        person % 799,
        part(12, 100_000_000),
    )
}

/// The finaliser of SplitMix64: a hash of one number.
fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_equally_long_and_have_all_columns() {
        for number in [0, 1, 7, 999_999, 49_999_999] {
            let row = row(number);
            assert_eq!(row.len(), super::row(0).len(), "{row}");
            assert_eq!(row.matches(',').count(), TITLES.matches(',').count(), "{row}");
        }
    }
}
