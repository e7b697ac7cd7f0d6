//! What is known, for how long, and after how many restarts.

use proptest::prelude::*;

use super::*;

#[test]
fn keys_are_known_for_the_window_and_imports_for_good() {
    let mut dedupe = Dedupe::default();
    assert!(dedupe.insert(Memory::Window, 1, 0));
    assert!(dedupe.insert(Memory::Imports, 2, 0));
    for hour in 1..=200 {
        assert!(dedupe.insert(Memory::Window, 1000 + hour as u128, hour * HOUR));
        if hour <= 48 {
            assert!(!dedupe.insert(Memory::Window, 1, hour * HOUR), "hour {hour}");
        }
    }
    assert!(dedupe.insert(Memory::Window, 1, 200 * HOUR), "forgotten after the window");
    assert!(!dedupe.insert(Memory::Imports, 2, 200 * HOUR));
    assert!(dedupe.len() < 70, "old generations are dropped: {}", dedupe.len());
    assert!(dedupe.insert(Memory::Imports, 1, 0), "the memories are apart");
}

#[test]
fn closed_generations_are_written_once() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let mut dedupe = Dedupe::default();
    dedupe.insert(Memory::Window, 1, 0);
    dedupe.insert(Memory::Window, 2, 7 * HOUR);
    let first = dedupe.snapshot(dir.path()).expect("written");
    dedupe.insert(Memory::Window, 3, 7 * HOUR);
    let second = dedupe.snapshot(dir.path()).expect("written");
    assert_eq!(first.window[0], second.window[0]);
    assert_ne!(first.window[1].file, second.window[1].file);
    Dedupe::retire(dir.path(), &second).expect("removed");
    assert_eq!(std::fs::read_dir(dir.path()).expect("folder").count(), 2);
}

#[test]
fn the_window_is_the_projects_and_survives() {
    let dir = tempfile::tempdir().expect("temporary folder");
    for hours in [1, 6, 48, 24 * 30] {
        let mut dedupe = Dedupe::default();
        dedupe.remember_for(hours);
        let window = Millis::from(hours) * HOUR;
        assert!(dedupe.insert(Memory::Window, 1, 0));
        // Others keep arriving; the newest is always kept.
        for step in 1..=20 {
            dedupe.insert(Memory::Window, 100 + step as u128, step * window / 20);
            assert!(!dedupe.insert(Memory::Window, 1, step * window / 20), "{hours} hours, step {step}");
        }
        let state = dedupe.snapshot(dir.path()).expect("written");
        let mut dedupe = Dedupe::load(dir.path(), &state).expect("read");
        assert_eq!((dedupe.figures().window_hours, dedupe.figures().keys), (hours, 21));
        for step in 1..=40 {
            dedupe.insert(Memory::Window, 1000 + step as u128, window + step * window.max(6 * HOUR) / 10);
        }
        assert!(dedupe.insert(Memory::Window, 1, 6 * window + 24 * HOUR), "{hours} hours, forgotten");
        assert_eq!(dedupe.figures().horizon, None, "nothing went early");
    }
}

#[test]
fn a_full_generation_is_a_full_table() {
    let mut dedupe = Dedupe::default();
    for key in 0..GENERATION_KEYS_MAX as u128 {
        dedupe.insert(Memory::Window, key.wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835), 0);
    }
    let full = dedupe.figures();
    assert_eq!((full.keys, dedupe.window.all.len()), (GENERATION_KEYS_MAX as u64, 1));
    let tables = full.bytes - dedupe.window.sieve.bytes();
    assert_eq!(tables, (1 << 20) * SLOT_BYTES, "bytes per key: {}", full.bytes / full.keys);
}

#[test]
fn what_is_forgotten_early_is_told() {
    let mut dedupe = Dedupe::default();
    for generation in 0..GENERATIONS_MAX + 2 {
        // A closed generation stands for a full one, which would take a million keys.
        dedupe.insert(Memory::Window, generation as u128, generation as Millis);
        dedupe.window.all.back_mut().expect("just made").closed = true;
    }
    assert_eq!(dedupe.figures().horizon, Some(1));
    assert!(dedupe.insert(Memory::Window, 0, 100), "no longer known");
    assert!(!dedupe.insert(Memory::Window, 5, 100));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// A twin that saves and loads between inserts decides alike.
    #[test]
    fn a_reopened_memory_decides_alike(steps in proptest::collection::vec((0..40_u128, 0..5 * HOUR, any::<bool>(), any::<bool>()), 1..120)) {
        let dir = tempfile::tempdir().expect("temporary folder");
        let (mut plain, mut saved, mut now) = (Dedupe::default(), Dedupe::default(), 0);
        for (key, later, import, reopen) in steps {
            now += later;
            let memory = if import { Memory::Imports } else { Memory::Window };
            prop_assert_eq!(plain.insert(memory, key, now), saved.insert(memory, key, now));
            if reopen {
                let state = saved.snapshot(dir.path()).expect("written");
                Dedupe::retire(dir.path(), &state).expect("removed");
                saved = Dedupe::load(dir.path(), &state).expect("read");
            }
        }
    }
}
