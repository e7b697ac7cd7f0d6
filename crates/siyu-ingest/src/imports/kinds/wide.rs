//! UTF-16 as UTF-8, so that a reader of bytes finds separators and line ends.

use std::io::{BufReader, Error, Read, Result, Seek, SeekFrom};

use encoding_rs::Encoding;

use super::Reading;

const BUFFER_BYTES: usize = 1 << 18;

pub struct Transcoded {
    encoding: &'static Encoding,
    file: BufReader<Reading>,
    decoder: encoding_rs::Decoder,
    out: Vec<u8>,
    taken: usize,
    ended: bool,
    read: u64,
}

impl Transcoded {
    pub fn new(file: Reading, encoding: &'static Encoding) -> Transcoded {
        let file = BufReader::with_capacity(BUFFER_BYTES, file);
        Transcoded {
            encoding,
            file,
            decoder: encoding.new_decoder(),
            out: Vec::new(),
            taken: 0,
            ended: false,
            read: 0,
        }
    }

    /// Bytes of the file read so far.
    pub fn bytes_read(&self) -> u64 {
        self.read
    }
}

impl Read for Transcoded {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        while self.taken == self.out.len() && !self.ended {
            let mut input = vec![0; BUFFER_BYTES];
            let read = self.file.read(&mut input)?;
            self.ended = read == 0;
            self.read += read as u64;
            let room = self.decoder.max_utf8_buffer_length(read).unwrap_or(4 * BUFFER_BYTES);
            self.out.resize(room, 0);
            // Broken wide text becomes U+FFFD, which no phone number or id passes with.
            let (_, _, written, _) = self.decoder.decode_to_utf8(&input[..read], &mut self.out, self.ended);
            self.out.truncate(written);
            self.taken = 0;
        }
        let length = buffer.len().min(self.out.len() - self.taken);
        buffer[..length].copy_from_slice(&self.out[self.taken..self.taken + length]);
        self.taken += length;
        Ok(length)
    }
}

/// Back to the start, and nowhere else: a place in the text is none in the file.
impl Seek for Transcoded {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        if to != SeekFrom::Start(0) {
            return Err(Error::other("wide text is only read from its start"));
        }
        self.decoder = self.encoding.new_decoder();
        self.out.clear();
        (self.taken, self.ended, self.read) = (0, false, 0);
        self.file.seek(to)
    }
}
