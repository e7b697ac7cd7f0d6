//! Every error code and every permission can be read in every language of the
//! console.

use super::Kept;
use crate::Outcome;

/// Where the codes and permissions are listed, as `Name = "text"` rows.
const LISTS: &[(&str, &str)] = &[
    ("crates/siyu-types/src/error.rs", "codes! {"),
    ("crates/siyu-types/src/permission.rs", "permissions! {"),
];

pub fn translations(files: &[Kept]) -> Outcome<Vec<String>> {
    let languages = languages(files);
    if languages.is_empty() {
        return Ok(if super::exists("console/src") {
            vec!["console/src has no folder of translations (locales/zh-CN, locales/en)".to_owned()]
        } else {
            Vec::new()
        });
    }
    let mut found = Vec::new();
    for (path, opening) in LISTS {
        let file = files.iter().find(|file| file.path == *path).ok_or(format!("there is no {path}"))?;
        for text in listed(file.text(), opening) {
            for (language, words) in &languages {
                if !words.contains(&format!("\"{text}\"")) && !words.contains(&format!("{text}:")) {
                    found.push(format!("{text} has no translation in {language}"));
                }
            }
        }
    }
    Ok(found)
}

/// All translation files of each language, joined.
fn languages(files: &[Kept]) -> Vec<(&'static str, String)> {
    let of = |language: &str| {
        let marks = [format!("/{language}/"), format!("/{language}.")];
        let is_one = |file: &&Kept| {
            file.path.starts_with("console/src/") && marks.iter().any(|mark| file.path.contains(mark))
        };
        files.iter().filter(is_one).map(Kept::text).collect::<String>()
    };
    ["zh-CN", "en"]
        .into_iter()
        .map(|language| (language, of(language)))
        .filter(|(_, w)| !w.is_empty())
        .collect()
}

fn listed(text: &str, opening: &str) -> Vec<String> {
    let body = text.split(opening).nth(1).unwrap_or_default();
    let body = body.split("\n}").next().unwrap_or_default();
    let rows = body.lines().filter(|line| !line.trim_start().starts_with("//"));
    rows.filter_map(|line| Some(line.split_once(" = \"")?.1.split('"').next()?.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read() {
        let text = "codes! {\n    /// \"no\" = \"x\".\n    Internal = \"internal\", 500, false;\n    A = \"b.c\": D;\n}\nX = \"y\"";
        assert_eq!(listed(text, "codes! {"), ["internal", "b.c"]);
    }
}
