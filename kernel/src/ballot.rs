//! The one decision about a ballot that depends on no other ballot (docs/protocol.md §5.3).
//!
//! The same as `decode` and `check` in crypto/ballot.py, in the same order. A refusal is numbers
//! only: the caller has libsodium judge that ballot again, and that error is the one people see.

use curve25519_dalek::traits::Identity;
use curve25519_dalek::{EdwardsPoint, Scalar};
use sha2::{Digest, Sha256};
use std::collections::HashSet;

use crate::base64::unpadded;
use crate::group::{KeyTable, element, with_generator};
use crate::reader::{Proof, Reader};

/// Bytes of α and β together.
pub const PAIR: usize = 64;

/// A line of the ballot: so many levels, of which at least `low` and at most `high` are marked.
#[derive(Clone, Copy)]
pub struct Question {
    /// How many ciphertexts the line has.
    pub levels: usize,
    /// The least sum of the line.
    pub low: u32,
    /// The greatest.
    pub high: u32,
}

/// Why a ballot is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// The kernel itself failed.
    Panic = 0,
    /// Not the bytes of a ballot of this session: size, spelling, uuid, φ, number ≥ q.
    Spelling = 1,
    /// Not signed by its credential.
    Signature = 2,
    /// A ciphertext, or the credential, is no element of the group.
    Element = 3,
    /// The same ciphertext stands twice.
    Repeated = 4,
    /// A choice may be something other than 0 or 1.
    Choice = 5,
    /// A line may have too few or too many marks.
    Line = 6,
}

/// A refused ballot: the first check that failed, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which check.
    pub kind: Kind,
    /// The line, from 0, where the check has one.
    pub line: usize,
    /// The level, from 0, where the check has one.
    pub level: usize,
}

impl Refusal {
    pub(crate) fn of(kind: Kind) -> Self {
        Self { kind, line: 0, level: 0 }
    }
}

/// What a session's ballots are checked against. Immutable: threads share it.
pub struct Session {
    uuid: String,
    phi: String,
    questions: Vec<Question>,
    limit: usize,
    key: KeyTable,
}

/// A ballot that passed.
pub struct Ballot {
    /// The hash of its bytes, in base64 without padding.
    pub tracker: String,
    /// C, compressed.
    pub credential: [u8; 32],
    /// α and β of every ciphertext, line by line, compressed.
    pub ciphertexts: Vec<[u8; PAIR]>,
    /// The same as points.
    pub points: Vec<(EdwardsPoint, EdwardsPoint)>,
}

/// One line as it is written: digits of the elements, bytes of the elements, proofs.
struct Line<'a> {
    choices: Vec<Choice<'a>>,
    individual: Vec<[Proof; 2]>,
    overall: Vec<Proof>,
}

struct Choice<'a> {
    digits: [&'a [u8]; 2],
    bytes: [[u8; 32]; 2],
}

struct Written<'a> {
    credential_digits: &'a [u8],
    credential: [u8; 32],
    lines: Vec<Line<'a>>,
    signed: &'a [u8],
    hash: &'a [u8],
    signature: Proof,
}

impl Session {
    /// What ballots of this session are checked against.
    ///
    /// `limit` is the size of the largest ballot in bytes (§5.3). None if the key is no element,
    /// or a line has no levels or `low` > `high`.
    #[must_use]
    pub fn new(
        uuid: &str,
        phi: &str,
        key: &[u8; 32],
        questions: Vec<Question>,
        limit: usize,
    ) -> Option<Self> {
        let key = KeyTable::new(&element(key, false)?);
        let sound = |q: &Question| q.levels > 0 && q.low <= q.high;
        questions.iter().all(sound).then(|| Self {
            uuid: uuid.to_owned(),
            phi: phi.to_owned(),
            questions,
            limit,
            key,
        })
    }

    /// How many ciphertexts a ballot has.
    #[must_use]
    pub fn size(&self) -> usize {
        self.questions.iter().map(|question| question.levels).sum()
    }

    /// Decodes a ballot that its credential signed; checks no other proof.
    ///
    /// # Errors
    /// The first check that failed.
    pub fn decode(&self, raw: &[u8]) -> Result<Ballot, Refusal> {
        Ok(self.read(raw)?.1)
    }

    /// Decodes a ballot and makes every check that depends on no other ballot.
    ///
    /// # Errors
    /// The first check that failed.
    pub fn check(&self, raw: &[u8]) -> Result<Ballot, Refusal> {
        let (written, ballot) = self.read(raw)?;
        // Honest ciphertexts never repeat; two equal ones would tell that two choices are alike.
        let distinct: HashSet<&[u8; PAIR]> = ballot.ciphertexts.iter().collect();
        if distinct.len() != ballot.ciphertexts.len() {
            return Err(Refusal::of(Kind::Repeated));
        }
        self.check_proofs(&written, &ballot)?;
        Ok(ballot)
    }

    fn read<'a>(&self, raw: &'a [u8]) -> Result<(Written<'a>, Ballot), Refusal> {
        let written = self.parse(raw).ok_or(Refusal::of(Kind::Spelling))?;
        check_signature(&written)?;
        let mut ciphertexts = Vec::with_capacity(self.size());
        let mut points = Vec::with_capacity(self.size());
        for (i, line) in written.lines.iter().enumerate() {
            for (j, choice) in line.choices.iter().enumerate() {
                let refusal = Refusal { kind: Kind::Element, line: i, level: j };
                let [alpha, beta] = &choice.bytes;
                let point = |bytes| element(bytes, false).ok_or(refusal);
                points.push((point(alpha)?, point(beta)?));
                ciphertexts.push(pair(alpha, beta));
            }
        }
        let tracker = unpadded(&Sha256::digest(raw).into());
        let credential = written.credential;
        Ok((written, Ballot { tracker, credential, ciphertexts, points }))
    }

    fn parse<'a>(&self, raw: &'a [u8]) -> Option<Written<'a>> {
        if raw.len() > self.limit {
            return None;
        }
        let mut reader = Reader::new(raw);
        reader.literal(b"{\"election_uuid\":\"")?;
        reader.literal(self.uuid.as_bytes())?;
        reader.literal(b"\",\"election_hash\":\"")?;
        reader.literal(self.phi.as_bytes())?;
        reader.literal(b"\",\"credential\":\"")?;
        let (credential_digits, credential) = reader.element()?;
        reader.literal(b"\",\"answers\":[")?;
        let mut lines = Vec::with_capacity(self.questions.len());
        for (i, question) in self.questions.iter().enumerate() {
            if i > 0 {
                reader.literal(b",")?;
            }
            lines.push(line(&mut reader, question)?);
        }
        reader.literal(b"]")?;
        let signed = raw.get(..reader.position())?;
        reader.literal(b",\"signature\":{\"hash\":\"")?;
        let hash = reader.take(43)?;
        reader.literal(b"\",\"proof\":")?;
        let signature = reader.proof()?;
        reader.literal(b"}}")?;
        reader.end()?;
        Some(Written { credential_digits, credential, lines, signed, hash, signature })
    }

    /// §5.3, items 2 and 3: each choice holds 0 or 1, each line as many marks as it may.
    fn check_proofs(&self, written: &Written, ballot: &Ballot) -> Result<(), Refusal> {
        let mut commitments = Vec::new();
        let mut points = ballot.points.as_slice();
        for (line, question) in written.lines.iter().zip(&self.questions) {
            let (own, rest) = points.split_at_checked(question.levels).unwrap_or_default();
            points = rest;
            for (branches, (alpha, beta)) in line.individual.iter().zip(own) {
                self.commit(branches, 0, alpha, beta, &mut commitments);
            }
            // Sums of members of the subgroup are members; the identity is legal here.
            let (mut alpha, mut beta) = (EdwardsPoint::identity(), EdwardsPoint::identity());
            for (a, b) in own {
                alpha += a;
                beta += b;
            }
            self.commit(&line.overall, question.low, &alpha, &beta, &mut commitments);
            commitments.extend([alpha, beta]);
        }
        // One inversion for all.
        let compressed = EdwardsPoint::compress_batch_alloc(&commitments);
        let mut digits_of = compressed.iter().map(|commitment| digits(commitment.as_bytes()));
        for (i, line) in written.lines.iter().enumerate() {
            self.check_line(i, line, written.credential_digits, &mut digits_of)?;
        }
        Ok(())
    }

    /// §4.4: Aj = g^rj · α^cj and Bj = y^rj · β^cj · g^(−Mj·cj) of every branch.
    fn commit(
        &self,
        branches: &[Proof],
        low: u32,
        alpha: &EdwardsPoint,
        beta: &EdwardsPoint,
        commitments: &mut Vec<EdwardsPoint>,
    ) {
        for (branch, value) in branches.iter().zip(low..) {
            let Proof { challenge, response } = branch;
            let minus_mc = -(Scalar::from(value) * challenge);
            commitments.push(with_generator(challenge, alpha, response));
            commitments.push(self.key.product(response, &minus_mc, beta, challenge));
        }
    }

    /// Compares the hash of every statement of a line with the sum of its challenges.
    ///
    /// `commitments` are those of `check_proofs`, in its order.
    fn check_line(
        &self,
        number: usize,
        line: &Line,
        credential: &[u8],
        commitments: &mut impl Iterator<Item = [u8; 64]>,
    ) -> Result<(), Refusal> {
        let mut context = Sha256::new();
        context.update(b"prove|");
        context.update(self.phi.as_bytes());
        context.update(b"|");
        context.update(credential);
        context.update(b"|");
        for (j, (choice, branches)) in line.choices.iter().zip(&line.individual).enumerate() {
            let [alpha, beta] = choice.digits;
            let mut statement = context.clone();
            statement.update(alpha);
            statement.update(b",");
            statement.update(beta);
            statement.update(b"|");
            if !holds(statement, branches, commitments) {
                return Err(Refusal { kind: Kind::Choice, line: number, level: j });
            }
        }
        let mut statement = context;
        for (j, choice) in line.choices.iter().enumerate() {
            let [alpha, beta] = choice.digits;
            statement.update(if j == 0 { &b""[..] } else { b"," });
            statement.update(alpha);
            statement.update(b",");
            statement.update(beta);
        }
        statement.update(b"|");
        let ours: Vec<[u8; 64]> = commitments.take(2 * line.overall.len() + 2).collect();
        let Some((own, [alpha, beta])) = ours.split_last_chunk::<2>() else {
            return Err(Refusal { kind: Kind::Panic, line: number, level: 0 });
        };
        statement.update(alpha);
        statement.update(b",");
        statement.update(beta);
        statement.update(b"|");
        if !holds(statement, &line.overall, &mut own.iter().copied()) {
            return Err(Refusal { kind: Kind::Line, line: number, level: 0 });
        }
        Ok(())
    }
}

/// §5.3, item 4: the credential signed these very bytes.
fn check_signature(written: &Written) -> Result<(), Refusal> {
    let refusal = Refusal::of(Kind::Signature);
    let credential = element(&written.credential, false).ok_or(Refusal::of(Kind::Element))?;
    let hash = Sha256::new().chain_update(written.signed).chain_update(b"}").finalize();
    if unpadded(&hash.into()).as_bytes() != written.hash {
        return Err(refusal);
    }
    let Proof { challenge, response } = written.signature;
    let commitment = with_generator(&challenge, &credential, &response).compress();
    let mut statement = Sha256::new();
    statement.update(b"sig|");
    statement.update(written.hash);
    statement.update(b"|");
    statement.update(digits(commitment.as_bytes()));
    (scalar(statement) == challenge).then_some(()).ok_or(refusal)
}

fn line<'a>(reader: &mut Reader<'a>, question: &Question) -> Option<Line<'a>> {
    let mut choices = Vec::with_capacity(question.levels);
    let mut individual = Vec::with_capacity(question.levels);
    let mut overall = Vec::new();
    reader.literal(b"{\"choices\":[")?;
    for j in 0..question.levels {
        reader.literal(if j == 0 { b"{\"alpha\":\"" } else { b",{\"alpha\":\"" })?;
        let (alpha_digits, alpha) = reader.element()?;
        reader.literal(b"\",\"beta\":\"")?;
        let (beta_digits, beta) = reader.element()?;
        reader.literal(b"\"}")?;
        choices.push(Choice { digits: [alpha_digits, beta_digits], bytes: [alpha, beta] });
    }
    reader.literal(b"],\"individual_proofs\":[")?;
    for j in 0..question.levels {
        reader.literal(if j == 0 { b"[" } else { b",[" })?;
        let zero = reader.proof()?;
        reader.literal(b",")?;
        individual.push([zero, reader.proof()?]);
        reader.literal(b"]")?;
    }
    reader.literal(b"],\"overall_proof\":[")?;
    for value in question.low..=question.high {
        if value > question.low {
            reader.literal(b",")?;
        }
        overall.push(reader.proof()?);
    }
    reader.literal(b"]}")?;
    Some(Line { choices, individual, overall })
}

/// Whether the hash of a statement and its commitments is the sum of the challenges (§4.4).
fn holds(
    mut statement: Sha256,
    branches: &[Proof],
    commitments: &mut impl Iterator<Item = [u8; 64]>,
) -> bool {
    let mut total = Scalar::ZERO;
    for (j, branch) in branches.iter().enumerate() {
        let (Some(a), Some(b)) = (commitments.next(), commitments.next()) else { return false };
        statement.update(if j == 0 { &b""[..] } else { b"," });
        statement.update(a);
        statement.update(b",");
        statement.update(b);
        total += branch.challenge;
    }
    scalar(statement) == total
}

/// The hash as a big-endian integer, mod q (§2.4).
fn scalar(hash: Sha256) -> Scalar {
    let mut bytes: [u8; 32] = hash.finalize().into();
    bytes.reverse();
    Scalar::from_bytes_mod_order(bytes)
}

/// The 64 hex digits of an element (§2.3).
fn digits(bytes: &[u8; 32]) -> [u8; 64] {
    let digit = |nibble: u8| if nibble < 10 { b'0' + nibble } else { b'a' - 10 + nibble };
    let mut digits = [0; 64];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes.iter().rev()) {
        pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
    }
    digits
}

fn pair(alpha: &[u8; 32], beta: &[u8; 32]) -> [u8; PAIR] {
    let mut both = [0; PAIR];
    let (first, second) = both.split_at_mut(32);
    first.copy_from_slice(alpha);
    second.copy_from_slice(beta);
    both
}
