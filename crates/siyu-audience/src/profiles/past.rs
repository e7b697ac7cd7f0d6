//! The values an attribute had before, packed: a handful of bytes each, so that an
//! attribute that changes all the time stays small.

use siyu_types::clock::Millis;

use super::cell::{EARLIER_KEPT, Stored, When};

/// By time, oldest first.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Past(Box<[u8]>);

impl Past {
    pub fn of(list: &[(When, Stored)]) -> Past {
        let mut bytes = Vec::new();
        let mut before: Millis = 0;
        for (when, value) in list {
            put_signed(&mut bytes, when.time.wrapping_sub(before));
            before = when.time;
            put(&mut bytes, u64::from(when.source));
            put_value(&mut bytes, value);
        }
        Past(bytes.into_boxed_slice())
    }

    pub fn list(&self) -> Vec<(When, Stored)> {
        let mut list = Vec::new();
        let mut bytes = &*self.0;
        let mut before: Millis = 0;
        while !bytes.is_empty() {
            let time = before.wrapping_add(take_signed(&mut bytes));
            before = time;
            let source = take(&mut bytes) as u16;
            list.push((When { time, source }, take_value(&mut bytes)));
        }
        list
    }

    /// Puts a value in its place; what an entry beside it says already is not said again.
    pub fn insert(&mut self, (when, value): (When, Stored)) {
        let mut list = self.list();
        let place = list.partition_point(|(known, _)| known.time <= when.time);
        if place > 0 && list[place - 1].1 == value {
            return;
        }
        match list.get_mut(place) {
            Some((known, next)) if *next == value => *known = when,
            _ => list.insert(place, (when, value)),
        }
        if list.len() > EARLIER_KEPT {
            list.remove(1);
        }
        *self = Past::of(&list);
    }
}

fn put(bytes: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
}

fn put_signed(bytes: &mut Vec<u8>, value: i64) {
    put(bytes, ((value << 1) ^ (value >> 63)) as u64);
}

fn take(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let Some((byte, rest)) = bytes.split_first() else { break };
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            break;
        }
    }
    value
}

fn take_signed(bytes: &mut &[u8]) -> i64 {
    let raw = take(bytes);
    (raw >> 1) as i64 ^ -((raw & 1) as i64)
}

fn put_value(bytes: &mut Vec<u8>, value: &Stored) {
    match value {
        // Whole numbers, which most are, need not take eight bytes.
        Stored::Number(number)
            if *number as i64 as f64 == *number && number.abs() < 1e15 && !minus_zero(*number) =>
        {
            bytes.push(0);
            put_signed(bytes, *number as i64);
        }
        Stored::Number(number) => {
            bytes.push(1);
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        Stored::Text(code) => {
            bytes.push(2);
            put(bytes, u64::from(*code));
        }
        Stored::Bool(flag) => bytes.push(3 + u8::from(*flag)),
        Stored::List(codes) => {
            bytes.push(5);
            put(bytes, codes.len() as u64);
            codes.iter().for_each(|code| put(bytes, u64::from(*code)));
        }
    }
}

fn minus_zero(number: f64) -> bool {
    number == 0.0 && number.is_sign_negative()
}

fn take_value(bytes: &mut &[u8]) -> Stored {
    let Some((kind, rest)) = bytes.split_first() else { return Stored::Bool(false) };
    *bytes = rest;
    match kind {
        0 => Stored::Number(take_signed(bytes) as f64),
        1 => {
            let (head, rest) = bytes.split_at(8.min(bytes.len()));
            *bytes = rest;
            Stored::Number(head.try_into().map_or(0.0, f64::from_le_bytes))
        }
        2 => Stored::Text(take(bytes) as u32),
        3 | 4 => Stored::Bool(*kind == 4),
        _ => {
            let count = take(bytes);
            Stored::List(Box::new((0..count).map(|_| take(bytes) as u32).collect()))
        }
    }
}
