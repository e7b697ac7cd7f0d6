//! The container of old workbooks (\[MS-CFB\]), looked at before the library reads it: it
//! follows chains of sectors to their end and believes the lengths that a file states, so a
//! file of two kilobytes whose chain runs in a circle would take all memory (found by fuzzing).

/// Ids from here on are no sectors of a chain.
const RESERVED: u32 = 0xFFFF_FFFA;
const FAT_RESERVED: u32 = 0xFFFF_FFFC;
const END_OF_CHAIN: u32 = 0xFFFF_FFFE;
const HEAD_BYTES: usize = 512;
const ENTRY_BYTES: usize = 128;

/// Whether every chain ends and nothing is said to be longer than the file. True of what is no
/// such container at all, which the library refuses by itself.
pub fn sound(file: &[u8]) -> bool {
    let Some(head) = file.get(..HEAD_BYTES) else { return true };
    let size = match u16::from_le_bytes([head[30], head[31]]) {
        9 => 512,
        12 => 4096,
        _ => return true,
    };
    let sectors = Sectors { file, size };
    let word = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let Some(fat) = sectors.fat(head, word(68)) else { return false };
    let Some(entries) = sectors.chain(word(48), &fat) else { return false };
    let shortest_minis = (word(64) as usize).saturating_mul(size) <= file.len() + size;
    let mut lengths = entries.chunks_exact(ENTRY_BYTES).map(|entry| {
        let mut length = [0; 8];
        // Files of small sectors may hold anything in the upper half.
        let known = if size == 512 { 4 } else { 8 };
        length[..known].copy_from_slice(&entry[120..120 + known]);
        u64::from_le_bytes(length)
    });
    shortest_minis && lengths.all(|length| length <= file.len() as u64)
}

struct Sectors<'a> {
    file: &'a [u8],
    size: usize,
}

impl<'a> Sectors<'a> {
    /// More than there can be.
    fn most(&self) -> usize {
        self.file.len() / self.size + 1
    }

    /// The first stands behind the head; the last may be cut short.
    fn sector(&self, id: u32) -> Option<&'a [u8]> {
        let start = (id as usize).checked_add(1)?.checked_mul(self.size)?;
        self.file.get(start..(start + self.size).min(self.file.len()))
    }

    /// Which sector follows which: its parts are named in the head and in a chain of their own.
    fn fat(&self, head: &[u8], mut more: u32) -> Option<Vec<u32>> {
        let mut parts: Vec<u32> = words(&head[76..]).collect();
        let mut steps = 0;
        while more < RESERVED {
            steps += 1;
            if steps > self.most() {
                return None;
            }
            parts.extend(words(self.sector(more)?));
            more = parts.pop()?;
        }
        parts.retain(|id| *id < FAT_RESERVED);
        if parts.len() > self.most() {
            return None;
        }
        let mut fat = Vec::new();
        for id in parts {
            fat.extend(words(self.sector(id)?));
        }
        Some(fat)
    }

    /// What the sectors of a chain hold; none if it leaves the file or never ends.
    fn chain(&self, mut id: u32, fat: &[u32]) -> Option<Vec<u8>> {
        let (mut bytes, mut steps) = (Vec::new(), 0);
        while id != END_OF_CHAIN {
            steps += 1;
            if steps > self.most() {
                return None;
            }
            bytes.extend_from_slice(self.sector(id)?);
            id = *fat.get(id as usize)?;
        }
        Some(bytes)
    }
}

fn words(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A head, one sector of the chain table, one of the directory.
    fn container() -> Vec<u8> {
        let mut file = vec![0; 3 * 512];
        file[30] = 9;
        file[48] = 1;
        file[68..72].copy_from_slice(&END_OF_CHAIN.to_le_bytes());
        file[76..512].fill(0xFF);
        file[76..80].fill(0);
        file[512..1024].fill(0xFF);
        file[512 + 4..512 + 8].copy_from_slice(&END_OF_CHAIN.to_le_bytes());
        file[1024 + 120] = 9;
        file
    }

    #[test]
    fn chains_end_and_lengths_fit() {
        assert!(sound(&container()));
        assert!(sound(b"no container"));
        let broken: [(&str, usize, [u8; 4]); 5] = [
            ("a circle", 512 + 4, 1_u32.to_le_bytes()),
            ("a chain out of the file", 512 + 4, 77_u32.to_le_bytes()),
            ("a stream longer than the file", 1024 + 120, u32::MAX.to_le_bytes()),
            ("a table of small sectors longer than the file", 64, 9_000_u32.to_le_bytes()),
            ("a circle of parts of the table", 68, 1_u32.to_le_bytes()),
        ];
        for (what, at, bytes) in broken {
            let mut file = container();
            file[at..at + 4].copy_from_slice(&bytes);
            assert!(!sound(&file), "{what}");
        }
    }
}
