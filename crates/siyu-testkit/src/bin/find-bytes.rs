//! Says in which files of a folder words stand, packed or not: `find-bytes <folder> <word>…`,
//! one line per file and word.

use std::path::Path;
use std::process::ExitCode;

use siyu_testkit::search;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some((folder, needles)) = words.split_first().filter(|(_, needles)| !needles.is_empty()) else {
        eprintln!("find-bytes <folder> <word>…");
        return ExitCode::FAILURE;
    };
    let needles: Vec<&str> = needles.iter().map(String::as_str).collect();
    for (needle, files) in search::found(Path::new(folder), &needles) {
        files.iter().for_each(|file| println!("{needle}\t{file}"));
    }
    ExitCode::SUCCESS
}
