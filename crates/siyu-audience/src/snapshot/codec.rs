//! Bytes of a snapshot part: variable-length integers and length-prefixed texts.

use siyu_types::{Error, Result, Value};

/// Writes one part.
#[derive(Default)]
pub(super) struct Writer {
    pub bytes: Vec<u8>,
}

impl Writer {
    pub fn u64(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.bytes.push(value as u8);
    }

    pub fn i64(&mut self, value: i64) {
        self.u64(((value << 1) ^ (value >> 63)) as u64);
    }

    pub fn flag(&mut self, value: bool) {
        self.bytes.push(u8::from(value));
    }

    pub fn f64(&mut self, value: f64) {
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    pub fn text(&mut self, value: &str) {
        self.u64(value.len() as u64);
        self.bytes.extend_from_slice(value.as_bytes());
    }

    pub fn value(&mut self, value: &Value) {
        match value {
            Value::Number(number) => {
                self.u64(0);
                self.f64(*number);
            }
            Value::Text(text) => {
                self.u64(1);
                self.text(text);
            }
            Value::Bool(flag) => {
                self.u64(2);
                self.flag(*flag);
            }
            Value::List(items) => {
                self.u64(3);
                self.u64(items.len() as u64);
                items.iter().for_each(|item| self.text(item));
            }
        }
    }

    pub fn optional<T>(&mut self, value: Option<&T>, write: impl FnOnce(&mut Writer, &T)) {
        self.flag(value.is_some());
        if let Some(value) = value {
            write(self, value);
        }
    }
}

/// Reads one part. Every read checks that the bytes are there.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes }
    }

    pub fn at_end(&self) -> bool {
        self.bytes.is_empty()
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (head, rest) = self
            .bytes
            .split_at_checked(count)
            .ok_or_else(|| Error::internal("a people snapshot ends early"))?;
        self.bytes = rest;
        Ok(head)
    }

    pub fn u64(&mut self) -> Result<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Error::internal("a people snapshot holds a number that is too long"))
    }

    pub fn u32(&mut self) -> Result<u32> {
        u32::try_from(self.u64()?).map_err(Error::internal)
    }

    pub fn count(&mut self) -> Result<usize> {
        let count = self.u64()? as usize;
        // Every element takes at least one byte; a larger count is damage.
        if count > self.bytes.len() {
            return Err(Error::internal("a people snapshot holds a count that is too large"));
        }
        Ok(count)
    }

    pub fn i64(&mut self) -> Result<i64> {
        let raw = self.u64()?;
        Ok((raw >> 1) as i64 ^ -((raw & 1) as i64))
    }

    pub fn flag(&mut self) -> Result<bool> {
        Ok(self.take(1)?[0] == 1)
    }

    pub fn f64(&mut self) -> Result<f64> {
        let bytes = self.take(8)?;
        Ok(f64::from_le_bytes(bytes.try_into().map_err(Error::internal)?))
    }

    pub fn text(&mut self) -> Result<&'a str> {
        let count = self.count()?;
        std::str::from_utf8(self.take(count)?).map_err(Error::internal)
    }

    pub fn value(&mut self) -> Result<Value> {
        Ok(match self.u64()? {
            0 => Value::Number(self.f64()?),
            1 => Value::Text(self.text()?.to_owned()),
            2 => Value::Bool(self.flag()?),
            3 => {
                let count = self.count()?;
                let items: Result<Vec<String>> = (0..count).map(|_| Ok(self.text()?.to_owned())).collect();
                Value::List(items?)
            }
            kind => return Err(Error::internal(format!("a people snapshot holds a value of kind {kind}"))),
        })
    }

    pub fn optional<T>(&mut self, read: impl FnOnce(&mut Reader<'a>) -> Result<T>) -> Result<Option<T>> {
        if self.flag()? { read(self).map(Some) } else { Ok(None) }
    }
}
