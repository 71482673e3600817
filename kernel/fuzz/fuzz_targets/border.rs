//! Foreign bytes at the border: never a crash, and nothing but the valid ballot is accepted.
//!
//!     cd kernel && cargo +nightly fuzz run border -- -max_total_time=300

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use phieukin_kernel::{Question, Session, is_element, multiply, products};

/// Of the vector `accept` in tests/vectors/own/ballot.json.
const UUID: &str = "VectorsPhieuKin1";
const PHI: &str = "v3THk9od3+4EYhx7wFrDySPI9GzYbw/hGhbBbSoPqTY";
const KEY: [u8; 32] = [
    0x53, 0x7c, 0xea, 0x4b, 0x35, 0x0a, 0x0b, 0xa5, 0x44, 0x80, 0xf7, 0x64, 0xde, 0x63, 0x3a, 0x31,
    0x6a, 0x41, 0x59, 0x65, 0xbb, 0xee, 0x1b, 0x16, 0xe3, 0x94, 0x12, 0x26, 0xe7, 0xaf, 0x57, 0xc7,
];
const BALLOT: &[u8] = include_bytes!("ballot.json");

static SESSION: LazyLock<Session> = LazyLock::new(|| {
    let questions = vec![Question { levels: 2, low: 0, high: 1 }; 2];
    let session = Session::new(UUID, PHI, &KEY, questions, 5000).expect("a session");
    assert!(session.check(BALLOT).is_ok());
    session
});

fuzz_target!(|data: &[u8]| {
    let Some((mode, data)) = data.split_first() else { return };
    match mode % 4 {
        0 => assert!(SESSION.check(data).is_err() || data == BALLOT),
        1 => nearly(data),
        2 => operands(data),
        _ => {
            if let Ok(raw) = data.try_into() {
                assert!(!is_element(raw, false) || is_element(raw, true));
            }
        }
    }
});

/// The valid ballot with some bytes replaced: place in two bytes, then the byte.
fn nearly(changes: &[u8]) {
    let mut raw = BALLOT.to_vec();
    for change in changes.chunks_exact(3) {
        let place = usize::from(change[0]) << 8 | usize::from(change[1]);
        let length = raw.len();
        raw[place % length] = change[2];
    }
    assert!(SESSION.check(&raw).is_err() || raw == BALLOT);
    assert!(SESSION.decode(&raw).is_err() || raw == BALLOT);
}

/// Rows of any bytes.
fn operands(data: &[u8]) {
    let (elements, scalars) = data.split_at(data.len() / 2);
    let pairs = elements.chunks_exact(32).zip(scalars.chunks_exact(32));
    let row = pairs.map(|(a, b)| (a.try_into().unwrap(), b.try_into().unwrap())).collect();
    let _ = products(&[row]);
    let _ = multiply(&[elements, scalars]);
    let _ = multiply(&[data]);
}
