//! Memory and times of items: products with six attributes and a tag, listed, searched, saved
//! and read again. Usage: `items_at_scale [items]`, then the numbers.

use std::time::Instant;

use siyu_analytics::PersonColumns;
use siyu_audience::People;
use siyu_types::record::ItemChange;
use siyu_types::{ItemField, Props, Result, Value};

fn main() -> Result<()> {
    let count: u32 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let before = resident();
    let mut people = People::default();
    let begin = Instant::now();
    for n in 0..count {
        let id = format!("p{n:07}");
        people.change_item("product", &id, &ItemChange::Set(attributes(n)), 1);
        if n.is_multiple_of(10) {
            let add = vec![["新品", "旗舰", "清仓"][(n / 10 % 3) as usize].to_owned()];
            people.change_item("product", &id, &ItemChange::Tag { add, remove: Vec::new() }, 1);
        }
    }
    report("filled", begin);
    println!("{:>8.0} bytes per item", (resident().saturating_sub(before)) as f64 / f64::from(count));
    let begin = Instant::now();
    let field = ItemField::Attribute { item_type: "product".to_owned(), name: "category".to_owned() };
    let column = PersonColumns::item(&people, &field);
    let hits = (0..count)
        .filter(|n| {
            column.is_some_and(|c| {
                c.table.value(c.field, &format!("p{n:07}")).into_value()
                    == Some(Value::Text("品类7".to_owned()))
            })
        })
        .count();
    println!("{hits} of category 7");
    report("every item asked by its id", begin);
    let dir = tempfile::tempdir()?;
    let begin = Instant::now();
    let state = people.snapshot(dir.path())?;
    report("saved", begin);
    let begin = Instant::now();
    let again = People::load(dir.path(), &state)?;
    report("read again", begin);
    println!("{} items", again.items().len());
    Ok(())
}

fn attributes(n: u32) -> Props {
    let text = |text: String| Value::Text(text);
    Props::from([
        ("name".to_owned(), text(format!("商品 {n}"))),
        ("category".to_owned(), text(format!("品类{}", n % 40))),
        ("brand".to_owned(), text(format!("品牌{}", n % 500))),
        ("price_minor".to_owned(), Value::Number(f64::from(n % 50_000))),
        ("organic".to_owned(), Value::Bool(n.is_multiple_of(3))),
        ("season".to_owned(), text(["春", "夏", "秋", "冬"][(n % 4) as usize].to_owned())),
    ])
}

fn report(what: &str, begin: Instant) {
    println!("{:>8.0} ms  {what}", begin.elapsed().as_secs_f64() * 1_000.0);
}

/// Bytes of this process in memory.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) * 1_024
}
