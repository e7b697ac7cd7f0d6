//! Many rows in one statement: the placeholder lists for it. A million sends
//! must not take a million round trips.

/// Bound values of one statement. SQLite allows 32,766, but looks up each `$n`
/// among those before it, so that twenty times the values take 400 times as long.
pub const BINDS_MAX: usize = 1_500;

/// `($3,$4),($5,$6)` for two rows of two columns after two other values.
pub fn rows(count: usize, columns: usize, before: usize) -> String {
    let mut text = String::with_capacity(count * columns * 6);
    for row in 0..count {
        text.push_str(if row == 0 { "(" } else { ",(" });
        push_list(&mut text, columns, before + row * columns);
        text.push(')');
    }
    text
}

/// `$3,$4,$5` for three values after two others.
pub fn list(count: usize, before: usize) -> String {
    let mut text = String::with_capacity(count * 6);
    push_list(&mut text, count, before);
    text
}

fn push_list(text: &mut String, count: usize, before: usize) {
    for index in 0..count {
        if index > 0 {
            text.push(',');
        }
        text.push('$');
        text.push_str(&(before + index + 1).to_string());
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn placeholders_are_numbered_on() {
        assert_eq!(super::rows(2, 2, 2), "($3,$4),($5,$6)");
        assert_eq!(super::list(3, 0), "$1,$2,$3");
        assert_eq!(super::list(0, 5), "");
    }
}
