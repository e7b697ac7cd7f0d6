//! Reading statements; the way through the log is tested with the whole app.

use siyu_govern::consent::ConsentState;
use siyu_types::ports::Known;
use siyu_types::{PersonNo, Props, Value};

use super::rules::Said;

#[test]
fn a_statement_is_read_from_its_event() {
    let text = |text: &str| Value::Text(text.to_owned());
    let full = Props::from([
        ("purpose".to_owned(), text("marketing")),
        ("channel".to_owned(), text("email")),
        ("state".to_owned(), text("withdrawn")),
        ("version".to_owned(), Value::Number(2.0)),
        ("page".to_owned(), text("https://shop.example/settings")),
        ("statement".to_owned(), text("ab12")),
    ]);
    let read = |props: &Props| Said::read(7, 1_000, |name| props.get(name).cloned());
    let statement =
        read(&full).expect("readable").statement(Known { person: PersonNo(7), numbers: vec![7, 9] }, 900);
    assert_eq!((statement.state, statement.version), (ConsentState::Withdrawn, Some(2)));
    assert_eq!(statement.key.as_deref(), Some("collect:ab12"));
    assert_eq!((statement.at, statement.numbers), (900, vec![7, 9]), "not later than now");
    assert_eq!(statement.source, "https://shop.example/settings");

    let without = |name: &str| {
        let mut props = full.clone();
        props.remove(name);
        read(&props)
    };
    assert_eq!(without("channel").map(|said| said.statement(known(), 5_000).channel), Some("*".to_owned()));
    assert_eq!(without("page").map(|said| said.statement(known(), 5_000).source), Some("collect".to_owned()));
    for name in ["purpose", "state", "statement"] {
        assert_eq!(without(name), None, "{name}");
    }
}

fn known() -> Known {
    Known { person: PersonNo(7), numbers: vec![7] }
}
