//! The project's own vectors, and every ballot that is nearly one.

#![allow(clippy::indexing_slicing)] // a test may fail

use std::collections::HashMap;

use phieukin_kernel::{Depth, Kind, Question, Session, is_element, multiply, products};
use serde_json::Value;
use sha2::{Digest, Sha256};

const VECTORS: &str = include_str!("../../tests/vectors/own/ballot.json");

fn base64(bytes: &[u8]) -> String {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bit = |place: usize| bytes.get(place / 8).map_or(0, |byte| byte >> (7 - place % 8) & 1);
    let six = |digit: usize| (0..6).fold(0, |bits, i| bits << 1 | bit(6 * digit + i));
    (0..(8 * bytes.len()).div_ceil(6)).map(|i| char::from(alphabet[usize::from(six(i))])).collect()
}

fn session(election: &str) -> Session {
    let value: Value = serde_json::from_str(election).expect("an election");
    let number = |of: &Value| u32::try_from(of.as_u64().expect("a number")).expect("a small one");
    let questions: Vec<Question> = value["questions"]
        .as_array()
        .expect("questions")
        .iter()
        .map(|question| Question {
            levels: question["answers"].as_array().expect("answers").len(),
            low: number(&question["min"]),
            high: number(&question["max"]),
        })
        .collect();
    let digits = value["public_key"].as_str().expect("a key");
    let mut key = [0; 32];
    for (i, byte) in key.iter_mut().rev().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).expect("hex");
    }
    // §5.3: the largest ballot.
    let size = |q: &Question| 250 + 570 * q.levels + 200 * ((q.high - q.low) as usize + 1);
    let limit = 1000 + questions.iter().map(size).sum::<usize>();
    let phi = base64(&Sha256::digest(election));
    let uuid = value["uuid"].as_str().expect("a uuid");
    Session::new(uuid, &phi, &key, questions, limit).expect("a session")
}

struct Vector {
    name: String,
    election: String,
    ballot: String,
    valid: bool,
}

fn vectors() -> (HashMap<String, Session>, Vec<Vector>) {
    let file: Value = serde_json::from_str(VECTORS).expect("vectors");
    let text = |of: &Value| of.as_str().expect("text").to_owned();
    let elections = file["elections"].as_object().expect("elections");
    let sessions = elections.iter().map(|(name, raw)| (name.clone(), session(&text(raw))));
    let vectors = file["vectors"].as_array().expect("vectors").iter().map(|vector| Vector {
        name: text(&vector["name"]),
        election: text(&vector["input"]["election"]),
        ballot: text(&vector["input"]["ballot"]),
        valid: vector["expect"] == "ok",
    });
    (sessions.collect(), vectors.collect())
}

/// Each vector is accepted or refused as it says.
#[test]
fn own_vectors() {
    let (sessions, vectors) = vectors();
    for vector in &vectors {
        let judged = sessions[&vector.election].check(vector.ballot.as_bytes());
        assert_eq!(judged.is_ok(), vector.valid, "{}", vector.name);
    }
    assert!(vectors.iter().filter(|vector| vector.valid).count() >= 4);
    assert!(vectors.len() > 50);
}

/// A ballot that is cut or has one other byte is refused, and never makes the kernel fail.
#[test]
fn nearly_ballots() {
    let (sessions, vectors) = vectors();
    let raw = vectors[0].ballot.as_bytes();
    let session = &sessions[&vectors[0].election];
    for place in 0..raw.len() {
        let mut other = raw.to_vec();
        other[place] ^= 1;
        for near in [&raw[..place], &other] {
            let (number, refusal) = session.batch(&[near], Depth::Check).err().expect("refused");
            assert_eq!(number, 0);
            assert_ne!(refusal.kind, Kind::Panic, "{place}");
        }
    }
}

/// The product of two ballots is that of their ciphertexts.
#[test]
fn product() {
    let (sessions, vectors) = vectors();
    let session = &sessions[&vectors[0].election];
    let two = [&vectors[0].ballot, &vectors[1].ballot];
    let batch = session.batch(&two, Depth::Check).expect("two ballots");
    let (first, second) = batch.ciphertexts.split_at(session.size());
    let expected = multiply(&[first.as_flattened(), second.as_flattened()]).expect("elements");
    assert_eq!(batch.product.as_flattened(), expected.as_flattened());
    assert_eq!(session.batch(&two, Depth::Decode).expect("the same").product, batch.product);
}

/// Nothing in, nothing out; what is no operand is refused.
#[test]
fn operands() {
    let none: [&[u8]; 0] = [];
    assert_eq!(products(&[]), Some(vec![]));
    assert_eq!(products(&[vec![]]).map(|identity| identity[0][0]), Some(1));
    assert_eq!(products(&[vec![([2; 32], [255; 32])]]), None);
    assert_eq!(multiply(&none), None);
    assert_eq!(multiply(&[&[1; 31][..]]), None);
    assert_eq!(multiply(&[&[1; 32][..], &[1; 64][..]]), None);
    assert!(!is_element(&[255; 32], true));
}
