//! The machine's part of a report: groups of `Name: value` lines.

/// The fields of one group; names are compared without case.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// Groups are apart by an empty line; a line that begins with white space belongs
/// to the one before it.
pub(super) fn groups(text: &str) -> Vec<Fields> {
    let mut groups = vec![Fields::default()];
    for line in text.lines() {
        let Some(last) = groups.last_mut() else { break };
        if line.trim().is_empty() {
            if !last.0.is_empty() {
                groups.push(Fields::default());
            }
        } else if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = last.0.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            last.0.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    groups.retain(|group| !group.0.is_empty());
    groups
}
