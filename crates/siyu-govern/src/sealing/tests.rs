//! What is sealed opens in its place, with its key, unchanged; and not otherwise.

use rand::SeedableRng;
use siyu_types::ports::Vault;

use super::*;

const PLACE: &str = "channel_settings/1/email/password";

fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

#[test]
fn only_the_right_key_in_the_right_place_opens() {
    let ring = Keyring::unkept(rng(1)).expect("made");
    for plain in ["geheim", "", "密码 with spaces", &"x".repeat(10_000)] {
        let sealed = ring.seal(PLACE, plain).expect("seals");
        assert!(plain.is_empty() || !sealed.contains(plain), "{sealed}");
        assert_eq!(ring.unseal(PLACE, &sealed).expect("opens"), plain);
        assert_ne!(ring.seal(PLACE, plain).expect("seals"), sealed, "the same twice must not show");
        let elsewhere = ring.unseal("channel_settings/2/email/password", &sealed).expect_err("moved");
        assert_eq!(elsewhere.code, ErrorCode::SecretUnreadable);
        let other = Keyring::unkept(rng(2)).expect("made");
        assert_eq!(other.unseal(PLACE, &sealed).expect_err("other key").code, ErrorCode::SecretUnreadable);
        assert!(ring.is_current(&sealed) && !other.is_current(&sealed) && !ring.is_current(plain));
    }
    // Stored before there was sealing.
    assert_eq!(ring.unseal(PLACE, "geheim").expect("as it is"), "geheim");
}

#[test]
fn a_changed_or_cut_value_does_not_open() {
    let ring = Keyring::unkept(rng(1)).expect("made");
    let sealed = ring.seal(PLACE, "geheim").expect("seals");
    for at in PREFIX.len()..sealed.len() {
        let mut bytes = sealed.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).expect("ASCII");
        assert!(ring.unseal(PLACE, &changed).is_err(), "{changed}");
        assert!(ring.unseal(PLACE, &sealed[..at]).is_err(), "{}", &sealed[..at]);
    }
}

#[test]
fn the_file_is_made_once_for_its_owner_and_keeps_old_keys() {
    let folder = std::env::temp_dir().join(format!("siyu-sealing-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("made");
    let path = folder.join("siyu.key");
    let _ = std::fs::remove_file(&path);
    assert_eq!(look(&path).expect("looks"), FileState::Missing);
    let sealed = Keyring::open(&path, rng(1)).expect("made").seal(PLACE, "geheim").expect("seals");
    assert_eq!(look(&path).expect("looks"), FileState::Well);
    let again = Keyring::open(&path, rng(9)).expect("read");
    assert_eq!(again.unseal(PLACE, &sealed).expect("opens"), "geheim");
    assert!(again.is_current(&sealed));
    // A new key first: it seals from now on, the old one still opens.
    let old = std::fs::read_to_string(&path).expect("read");
    let new = format!("1 cafe0001 {}\n{old}", base64::engine::general_purpose::STANDARD.encode([7; 32]));
    std::fs::write(&path, new).expect("written");
    let rotated = Keyring::open(&path, rng(1)).expect("read");
    assert_eq!(rotated.unseal(PLACE, &sealed).expect("opens"), "geheim");
    assert!(!rotated.is_current(&sealed));
    let vault = |ring: &Keyring, seed| FileVault::new(ring, SealWith::Sm4, rng(seed)).expect("made");
    let (before, after) = (vault(&again, 5), vault(&rotated, 6));
    let piece = before.seal("log/1", b"piece").expect("seals");
    assert_eq!(after.open("log/1", &piece).expect("opens").as_deref(), Some(&b"piece"[..]));
    let piece = after.seal("log/1", b"piece").expect("seals");
    assert!(before.open("log/1", &piece).is_err(), "sealed with the new key");
    for bad in
        ["1 a", "2 a AAAA", "1 a AAAA", "# nothing", "1 a:b AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]
    {
        std::fs::write(&path, bad).expect("written");
        assert!(Keyring::open(&path, rng(1)).is_err(), "{bad}");
    }
    std::fs::remove_dir_all(&folder).expect("removed");
}

#[test]
fn pieces_of_files_open_in_their_place_with_their_key_unchanged() {
    let ring = Keyring::unkept(rng(1)).expect("made");
    for with in [SealWith::Aes256Gcm, SealWith::Sm4] {
        let vault = FileVault::new(&ring, with, rng(2)).expect("made");
        for plain in [&b""[..], b"geheim", &[7; 15], &[7; 16], &[7; 17], &[0; 5_000]] {
            let sealed = vault.seal("log/1", plain).expect("seals");
            assert!(sealed.len() <= plain.len() + siyu_types::ports::SEALED_MORE);
            assert!(plain.len() < 5 || !sealed.windows(plain.len()).any(|part| part == plain), "{with:?}");
            assert_ne!(vault.seal("log/1", plain).expect("seals"), sealed, "the same twice must not show");
            assert_eq!(vault.open("log/1", &sealed).expect("opens").as_deref(), Some(plain));
            assert!(vault.open("log/2", &sealed).is_err(), "elsewhere");
            let other = FileVault::new(&Keyring::unkept(rng(3)).expect("made"), with, rng(2)).expect("made");
            assert_eq!(
                other.open("log/1", &sealed).expect_err("other key").code,
                ErrorCode::SecretUnreadable
            );
            for at in (4..sealed.len()).step_by(7) {
                let mut changed = sealed.clone();
                changed[at] ^= 1;
                assert!(vault.open("log/1", &changed).is_err(), "{with:?} byte {at}");
                assert!(vault.open("log/1", &sealed[..at]).is_err(), "{with:?} cut at {at}");
            }
            // Whatever it seals with now, it opens what it sealed before.
            let later = FileVault::new(&ring, SealWith::Nothing, rng(4)).expect("made");
            assert_eq!(later.open("log/1", &sealed).expect("opens").as_deref(), Some(plain));
            assert!(!later.seals() && later.seal("log/1", plain).expect("as it is") == plain);
        }
        assert_eq!(vault.open("log/1", b"never sealed").expect("as it is"), None);
    }
}

/// The vectors of GB/T 32907-2016, appendix A.1.
#[test]
fn the_national_cipher_is_the_one_of_the_standard() {
    use sm4::cipher::{BlockCipherEncrypt, KeyInit};
    let text: [u8; 16] = *b"\x01\x23\x45\x67\x89\xab\xcd\xef\xfe\xdc\xba\x98\x76\x54\x32\x10";
    let mut block = text.into();
    sm4::Sm4::new(&text.into()).encrypt_block(&mut block);
    let expected = *b"\x68\x1e\xdf\x34\xd2\x06\x96\x5e\x86\xb3\xe9\x4f\x53\x6e\x42\x46";
    assert_eq!(block[..], expected);
}
