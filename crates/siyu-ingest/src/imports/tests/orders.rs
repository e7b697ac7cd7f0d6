//! What rows of orders, refunds and equal events become.

use serde_json::json;
use siyu_types::{Identifier, Value};

use super::super::*;
use super::{PROJECT, events, file, import, ingest, timeline};

fn person(login: &str) -> Identifier {
    Identifier::new("login", login)
}

#[tokio::test]
async fn states_decide_what_is_revenue() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let ingest = ingest(dir.path());
    let table = "订单编号,买家会员名,联系手机,订单付款时间,买家实际支付金额,订单状态,退款金额\n\
        =\"1001\",小明,'138****0001,2026/10/1 9:05,88.00元,交易成功,\n\
        =\"1002\",小明,,2026/10/2 9:05,50,交易成功,20\n\
        =\"1003\",小明,,,0,等待买家付款,\n\
        =\"1004\",小明,,2026/10/3 9:05,30,拼团中,\n\
        =\"1005\",,138****0001,2026/10/3 9:05,30,交易成功,\n";
    let titles: Vec<String> = table.lines().next().expect("titles").split(',').map(str::to_owned).collect();
    let template =
        templates::BUILT_IN.iter().find(|template| template.key == "taobao_orders").expect("known");
    let (mapping, _) = template.fit(&titles).expect("fits");
    let mapping = serde_json::to_value(mapping).expect("JSON");
    let file = file(dir.path(), "ExportOrderList.csv", &encoding_rs::GB18030.encode(table).0, mapping);
    for _ in 0..2 {
        let report = import(&ingest, &file).await;
        assert_eq!((report.accepted, report.skipped, report.rejected, report.records), (2, 1, 2, 3));
        let errors: Vec<_> = report.errors.iter().map(|e| (e.row, e.column.as_deref(), e.code)).collect();
        assert_eq!(
            errors,
            [(4, Some("订单状态"), RowCode::UnknownState), (5, Some("联系手机"), RowCode::MaskedIdentifier)]
        );
        assert_eq!(report.codes[&RowCode::UnknownState], 1);
        assert_eq!(events(&ingest), 3, "again changes nothing");
    }
    let expected = [
        "2026-10-02T01:05:00Z order_refunded 2000 1002",
        "2026-10-02T01:05:00Z order_paid 5000 1002",
        "2026-10-01T01:05:00Z order_paid 8800 1001",
    ];
    let mut found = timeline(&ingest, person("taobao:小明"));
    found.sort_by_key(|line| expected.iter().position(|wanted| wanted == line));
    assert_eq!(found, expected);
}

/// JD repeats what an order came to on each of its articles; a till has returns with
/// their own receipts, and two tins of the same are two lines.
#[tokio::test]
async fn lines_take_the_total_once_and_returns_are_refunds() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let ingest = ingest(dir.path());
    let columns = json!({"单据号": {"to": "order_id"}, "会员": {"to": "login"}, "时间": {"to": "time"},
        "商品": {"to": "item_id"}, "单价": {"to": "price"}, "数量": {"to": "quantity"},
        "整单": {"to": "order_amount"}, "类型": {"to": "status"},
        "原单号": {"to": "property", "name": "original_order_id"}});
    let mapping = json!({"kind": "orders", "columns": columns,
        "states": {"销售": "paid", "退货": "return"}});
    let table = "单据号,会员,时间,商品,单价,数量,整单,类型,原单号\n\
        A,m,2026-10-01,P1,10,2,25,销售,\n\
        A,m,2026-10-01,P2,7.5,1,25,销售,\n\
        B,m,2026-10-02,P1,3,1,,销售,\n\
        B,m,2026-10-02,P1,3,1,,销售,\n\
        C,m,2026-10-03,P1,3,1,,退货,B\n\
        D,m,2026-10-04,P1,3,-2,,销售,\n\
        E,m,2026-10-05,P1,,1,,销售,\n";
    let file = file(dir.path(), "till.csv", table.as_bytes(), mapping);
    for _ in 0..2 {
        let report = import(&ingest, &file).await;
        assert_eq!((report.accepted, report.rejected), (6, 1));
        assert_eq!(report.errors[0].code, RowCode::MissingValue);
    }
    let mut found: Vec<String> =
        timeline(&ingest, person("m")).into_iter().map(|line| line[11..].to_owned()).collect();
    found.sort();
    let midnight = |text: &str| format!("16:00:00Z {text}");
    let mut expected: Vec<String> = [
        "order_line 2000 A",
        "order_line 750 A",
        "order_paid 2500 A",
        "order_line 300 B",
        "order_line 300 B",
        "order_paid 600 B",
        // Its receipt names the order it takes back from.
        "order_refunded 300 B",
        "order_refunded 600 D",
    ]
    .iter()
    .map(|text| midnight(text))
    .collect();
    expected.sort();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn equal_rows_are_as_many_facts_and_a_longer_file_adds_only_what_is_new() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let ingest = ingest(dir.path());
    let mapping = json!({"kind": "events", "event": "visit", "columns": {
        "who": {"to": "login"}, "at": {"to": "time"}, "id": {"to": "row_id"}}});
    let rows =
        "a,2026-10-01 08:00:00,\na,2026-10-01 08:00:00,\nb,2026-10-01 08:00:00,\na,2026-10-01 08:00:00,\n";
    let with = |rows: &str| format!("who,at,id\n{rows}");
    let first = file(dir.path(), "visits.csv", with(rows).as_bytes(), mapping.clone());
    for _ in 0..2 {
        assert_eq!(import(&ingest, &first).await.accepted, 4);
        assert_eq!(events(&ingest), 4, "three equal rows are three visits, however often they are read");
    }
    let longer = format!("{rows}c,2026-10-02,\n{rows}x,2026-10-02,7\ny,2026-10-03,7\n");
    let second = file(dir.path(), "longer.csv", with(&longer).as_bytes(), mapping);
    assert_eq!(import(&ingest, &second).await.accepted, 11);
    // The four rows stand twice in it, one is new, and the last two carry one number.
    assert_eq!(events(&ingest), 4 + 4 + 1 + 1);
}

#[tokio::test]
async fn refunds_of_their_own_and_what_a_dry_run_leaves() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let ingest = ingest(dir.path());
    let mapping = json!({"kind": "refunds", "columns": {"会员": {"to": "login"}, "时间": {"to": "time"},
        "订单号": {"to": "order_id"}, "退款金额": {"to": "refund"}, "退款单号": {"to": "row_id"}}});
    let table = "会员,时间,订单号,退款金额,退款单号\nm,2026-10-01,O1,-12.5,R1\nm,2026-10-01,O1,12.5,R2\nm,2026-10-01,O1,,R3\n";
    let mut refunds = file(dir.path(), "refunds.csv", table.as_bytes(), mapping);
    refunds.dry_run = true;
    let dry = import(&ingest, &refunds).await;
    assert_eq!((dry.accepted, dry.rejected, dry.records), (2, 1, 2));
    assert_eq!(events(&ingest), 0, "a dry run writes nothing");
    refunds.dry_run = false;
    let real = import(&ingest, &refunds).await;
    assert_eq!(real, dry, "and says what the import will say");
    assert_eq!(timeline(&ingest, person("m")).len(), 2);
}

/// An id that a spreadsheet keeps as a number of more than 15 digits, whatever it is mapped to.
#[tokio::test]
async fn rounded_ids_of_a_workbook_are_refused() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let ingest = ingest(dir.path());
    let path = dir.path().join("orders.xlsx");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, title) in ["login", "parcel", "points"].iter().enumerate() {
        sheet.write(0, column as u16, *title).expect("written");
    }
    let rows = [(1.0, 5.0, 2e15), (1_234_567_890_123_456.0, 5.0, 1.0), (2.0, 1.23457e17, 1.0)];
    for (row, (login, parcel, points)) in rows.into_iter().enumerate() {
        for (column, number) in [login, parcel, points].into_iter().enumerate() {
            sheet.write(row as u32 + 1, column as u16, number).expect("written");
        }
    }
    book.save(&path).expect("saved");
    let mapping = json!({"kind": "people", "columns": {"login": {"to": "login"},
        "parcel": {"to": "property", "type": "text"}, "points": {"to": "property", "type": "number"}}});
    let mut people = file(dir.path(), "unused", b"", mapping);
    people.path = siyu_govern::sealing::StoredFile::plain(path);
    let report = import(&ingest, &people).await;
    let errors: Vec<_> = report.errors.iter().map(|e| (e.row, e.column.as_deref(), e.code)).collect();
    assert_eq!(
        errors,
        [(2, Some("login"), RowCode::ScientificId), (3, Some("parcel"), RowCode::ScientificId)]
    );
    let project = ingest.projects().get(PROJECT).expect("open");
    let known = project.people.read();
    let one = known.lookup(&person("1")).expect("known by a whole number");
    assert_eq!(known.attributes(one)["points"], Value::Number(2e15), "a quantity may be large");
}
