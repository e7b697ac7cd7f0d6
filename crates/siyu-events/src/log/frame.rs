//! The bytes of a log segment: file header and frames.
//!
//! A file is `magic, version u32, crc32c u32, first sequence number u64`, then
//! frames `length u32, crc32c u32, sequence number u64, payload`, all little
//! endian. The top bit of the length marks the first frame of a group: a group
//! is written only after the one before it was synced, so a good group after a
//! bad frame proves that the bad frame had once been safe on disk.

pub(super) const MAGIC: [u8; 8] = *b"siyulog\0";
pub(super) const VERSION: u32 = 1;
pub(super) const HEADER_BYTES: u64 = 24;
pub(super) const FRAME_BYTES: usize = 16;
const GROUP_BIT: u32 = 1 << 31;

/// A frame that is whole and undamaged.
pub(super) struct Frame {
    pub seq: u64,
    /// Payload, within the buffer.
    pub payload: std::ops::Range<usize>,
    pub starts_group: bool,
}

pub(super) enum Parsed {
    Frame(Frame),
    /// The buffer ends before the frame does; it needs this many bytes in all.
    Short(usize),
    Damaged,
}

pub(super) fn header(first: u64) -> [u8; HEADER_BYTES as usize] {
    let mut bytes = [0; HEADER_BYTES as usize];
    bytes[..8].copy_from_slice(&MAGIC);
    bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
    bytes[16..24].copy_from_slice(&first.to_le_bytes());
    let crc = header_crc(&bytes);
    bytes[12..16].copy_from_slice(&crc.to_le_bytes());
    bytes
}

/// The first sequence number, if the header is one of ours and undamaged.
pub(super) fn read_header(bytes: &[u8]) -> Result<u64, &'static str> {
    if bytes.len() < HEADER_BYTES as usize || bytes[..8] != MAGIC {
        return Err("is not a log segment");
    }
    if u32_at(bytes, 12) != header_crc(bytes) {
        return Err("has a damaged header");
    }
    if u32_at(bytes, 8) != VERSION {
        return Err("has a version this program does not know");
    }
    Ok(u64_at(bytes, 16))
}

fn header_crc(bytes: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&bytes[..12]), &bytes[16..24])
}

pub(super) fn encode(buffer: &mut Vec<u8>, seq: u64, payload: &[u8], starts_group: bool) {
    let length = payload.len() as u32 | if starts_group { GROUP_BIT } else { 0 };
    let start = buffer.len();
    buffer.extend_from_slice(&length.to_le_bytes());
    buffer.extend_from_slice(&[0; 4]);
    buffer.extend_from_slice(&seq.to_le_bytes());
    buffer.extend_from_slice(payload);
    let crc = frame_crc(&buffer[start..]);
    buffer[start + 4..start + 8].copy_from_slice(&crc.to_le_bytes());
}

/// Everything but the checksum itself.
fn frame_crc(frame: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&frame[..4]), &frame[8..])
}

/// Reads the frame at the start of `bytes`.
pub(super) fn parse(bytes: &[u8], record_bytes_max: usize) -> Parsed {
    if bytes.len() < FRAME_BYTES {
        return Parsed::Short(FRAME_BYTES);
    }
    let word = u32_at(bytes, 0);
    let length = (word & !GROUP_BIT) as usize;
    if length > record_bytes_max {
        return Parsed::Damaged;
    }
    let end = FRAME_BYTES + length;
    if bytes.len() < end {
        return Parsed::Short(end);
    }
    if frame_crc(&bytes[..end]) != u32_at(bytes, 4) {
        return Parsed::Damaged;
    }
    let starts_group = word & GROUP_BIT != 0;
    Parsed::Frame(Frame { seq: u64_at(bytes, 8), payload: FRAME_BYTES..end, starts_group })
}

/// Whether a group of a later sequence number than `expected` starts whole
/// somewhere in `tail`.
pub(super) fn later_group(tail: &[u8], expected: u64, record_bytes_max: usize) -> bool {
    let most = expected.saturating_add((tail.len() / FRAME_BYTES) as u64 + 1);
    (1..tail.len().saturating_sub(FRAME_BYTES - 1)).any(|at| {
        // The cheap tests first: the checksum is only computed for a plausible header.
        let rest = &tail[at..];
        let seq = u64_at(rest, 8);
        u32_at(rest, 0) & GROUP_BIT != 0
            && seq > expected
            && seq <= most
            && matches!(parse(rest, record_bytes_max), Parsed::Frame(_))
    })
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut word = [0; 4];
    word.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(word)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut word = [0; 8];
    word.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(word)
}
