//! Many ballots, and products of public powers.

use curve25519_dalek::traits::{Identity, VartimeMultiscalarMul};
use curve25519_dalek::{EdwardsPoint, Scalar};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::ballot::{Ballot, Kind, PAIR, Refusal, Session};
use crate::group::point;

/// Some ballots that passed, one entry for each.
#[derive(Default)]
pub struct Batch {
    /// Their trackers.
    pub trackers: Vec<String>,
    /// Their credentials, compressed.
    pub credentials: Vec<[u8; 32]>,
    /// α and β of all their ciphertexts, ballot by ballot and line by line.
    pub ciphertexts: Vec<[u8; PAIR]>,
    /// The product of the ballots: α and β for each level of each line.
    pub product: Vec<[u8; PAIR]>,
}

/// How much is asked of each ballot.
#[derive(Clone, Copy)]
pub enum Depth {
    /// `Session::decode`: for ballots whose proofs were checked when they were cast.
    Decode,
    /// `Session::check`.
    Check,
}

impl Session {
    /// Judges ballots in their order and multiplies them.
    ///
    /// # Errors
    /// The number of the first refused ballot, from 0, and why.
    pub fn batch<B: AsRef<[u8]>>(
        &self,
        ballots: &[B],
        depth: Depth,
    ) -> Result<Batch, (usize, Refusal)> {
        let mut batch = Batch::default();
        let mut product = vec![(EdwardsPoint::identity(), EdwardsPoint::identity()); self.size()];
        for (number, raw) in ballots.iter().enumerate() {
            let judged = self.judge(raw.as_ref(), depth).map_err(|refusal| (number, refusal))?;
            for ((alpha, beta), (a, b)) in product.iter_mut().zip(&judged.points) {
                *alpha += a;
                *beta += b;
            }
            batch.trackers.push(judged.tracker);
            batch.credentials.push(judged.credential);
            batch.ciphertexts.extend(judged.ciphertexts);
        }
        let points: Vec<EdwardsPoint> = product.into_iter().flat_map(|(a, b)| [a, b]).collect();
        let compressed = EdwardsPoint::compress_batch_alloc(&points);
        batch.product = compressed
            .chunks_exact(2)
            .filter_map(|both| both.iter().flat_map(|c| c.0).collect::<Vec<u8>>().try_into().ok())
            .collect();
        Ok(batch)
    }

    /// A panic in here is a refusal like any other: libsodium judges the ballot again.
    fn judge(&self, raw: &[u8], depth: Depth) -> Result<Ballot, Refusal> {
        catch_unwind(AssertUnwindSafe(|| match depth {
            Depth::Decode => self.decode(raw),
            Depth::Check => self.check(raw),
        }))
        .unwrap_or(Err(Refusal::of(Kind::Panic)))
    }
}

/// A compressed base and a little-endian exponent.
pub type Power = ([u8; 32], [u8; 32]);

/// For each row of (base, exponent), the product of its powers.
///
/// Bases are compressed elements that were checked before, the identity among them; exponents
/// are little-endian numbers below q. None where one is no point or not below q.
#[must_use]
pub fn products(rows: &[Vec<Power>]) -> Option<Vec<[u8; 32]>> {
    let mut results = Vec::with_capacity(rows.len());
    for row in rows {
        let mut scalars = Vec::with_capacity(row.len());
        let mut points = Vec::with_capacity(row.len());
        for (base, exponent) in row {
            points.push(point(base)?);
            scalars.push(Scalar::from_canonical_bytes(*exponent).into_option()?);
        }
        results.push(EdwardsPoint::vartime_multiscalar_mul(scalars, points));
    }
    Some(compressed(&results))
}

/// The product of rows of elements, column by column.
///
/// Rows are compressed elements that were checked before, 32 bytes each. None where one is no
/// point, or rows differ in length.
#[must_use]
pub fn multiply<B: AsRef<[u8]>>(rows: &[B]) -> Option<Vec<[u8; 32]>> {
    let size = rows.first()?.as_ref().len();
    let mut columns = vec![EdwardsPoint::identity(); size / 32];
    for row in rows {
        let row = row.as_ref();
        if row.len() != size || size % 32 != 0 {
            return None;
        }
        for (column, bytes) in columns.iter_mut().zip(row.chunks_exact(32)) {
            *column += point(bytes.try_into().ok()?)?;
        }
    }
    Some(compressed(&columns))
}

/// Whether 32 bytes are the only encoding of an element; for the differential tests.
#[must_use]
pub fn is_element(bytes: &[u8; 32], identity: bool) -> bool {
    crate::group::element(bytes, identity).is_some()
}

fn compressed(points: &[EdwardsPoint]) -> Vec<[u8; 32]> {
    // The crate inverts all coordinates at once, and none of nothing.
    if points.is_empty() {
        return Vec::new();
    }
    EdwardsPoint::compress_batch_alloc(points).into_iter().map(|c| c.0).collect()
}
