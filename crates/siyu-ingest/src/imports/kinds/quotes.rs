//! Quotation marks that are never closed: they must not swallow the rest of a file.

use std::io::{BufRead, Seek, SeekFrom};

use siyu_types::Result;

/// Goes to the line behind the one that begins at `began`, as if it held no quotation
/// marks; answers where that is.
pub fn next_line(file: &mut (impl BufRead + Seek), began: u64) -> Result<u64> {
    file.seek(SeekFrom::Start(began))?;
    let (mut offset, mut begun) = (began, false);
    loop {
        let input = file.fill_buf()?;
        if input.is_empty() {
            return Ok(offset);
        }
        let skipped = if begun { 0 } else { input.iter().take_while(|b| matches!(b, b'\r' | b'\n')).count() };
        begun = begun || skipped < input.len();
        let end = input[skipped..].iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(input.len(), |end| skipped + end + 1);
        file.consume(taken);
        offset += taken as u64;
        if end.is_some() {
            return Ok(offset);
        }
    }
}

/// Whether the row that begins at `began` and runs to the end of the file does so because of a
/// quotation mark that is never closed: there is an odd number of them, and further lines.
/// Stands at the end of the file again afterwards.
pub fn unclosed(file: &mut (impl BufRead + Seek), began: u64) -> Result<bool> {
    file.seek(SeekFrom::Start(began))?;
    let (mut marks, mut begun, mut ended, mut further) = (0_u64, false, false, false);
    loop {
        let input = file.fill_buf()?;
        if input.is_empty() {
            return Ok(marks % 2 == 1 && further);
        }
        for byte in input {
            match byte {
                b'\n' => ended = begun,
                b'\r' => {}
                _ => {
                    marks += u64::from(*byte == b'"');
                    (begun, further) = (true, further || ended);
                }
            }
        }
        let taken = input.len();
        file.consume(taken);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    #[test]
    fn rows_that_run_to_the_end() {
        let cases: [(&str, bool, u64); 6] = [
            ("a,\"b\nc,d\n", true, 5),
            ("a,\"b\n\n", false, 5),
            ("a,\"b\"\"\nc\"", false, 7),
            ("a,\"b", false, 4),
            ("\r\na,\"b\r\nc", true, 8),
            ("a,b\nc", false, 4),
        ];
        for (text, open, line) in cases {
            let mut file = Cursor::new(text);
            assert_eq!(unclosed(&mut file, 0).expect("reads"), open, "{text:?}");
            assert_eq!(file.position(), text.len() as u64, "{text:?}");
            assert_eq!(next_line(&mut file, 0).expect("reads"), line, "{text:?}");
        }
    }
}
