//! The group of docs/protocol.md §2.3, by the public operations of curve25519-dalek.
//!
//! Everything here takes time that depends on its operands: for public data only.

use curve25519_dalek::edwards::{CompressedEdwardsY, VartimeEdwardsPrecomputation};
use curve25519_dalek::traits::{Identity, IsIdentity, VartimePrecomputedMultiscalarMul};
use curve25519_dalek::{EdwardsPoint, Scalar, constants};

/// The identity's only encoding.
pub(crate) const IDENTITY: [u8; 32] = {
    let mut bytes = [0; 32];
    bytes[0] = 1;
    bytes
};

/// A member of the subgroup of order q, from its only encoding (RFC 8032 §5.1.3).
///
/// The identity is refused unless `identity` permits it.
pub(crate) fn element(bytes: &[u8; 32], identity: bool) -> Option<EdwardsPoint> {
    if *bytes == IDENTITY {
        return identity.then(EdwardsPoint::identity);
    }
    let point = point(bytes)?;
    // The identity with another encoding (a negative zero) would pass the check of the order.
    (!point.is_identity() && is_torsion_free(&point)).then_some(point)
}

/// A point of the curve from a reduced coordinate; of any order.
///
/// The crate's `decompress` takes coordinates that are not reduced: refused here first.
pub(crate) fn point(bytes: &[u8; 32]) -> Option<EdwardsPoint> {
    let [first, middle @ .., last] = bytes;
    // p = 2^255 − 19: not reduced are the 19 numbers from there to 2^255 − 1.
    if *first >= 0xed && last & 0x7f == 0x7f && middle.iter().all(|&byte| byte == 0xff) {
        return None;
    }
    CompressedEdwardsY(*bytes).decompress()
}

/// Whether q·P is the identity: (q − 1)·P = −P.
fn is_torsion_free(point: &EdwardsPoint) -> bool {
    let minus_one = -Scalar::ONE;
    let opposite =
        EdwardsPoint::vartime_double_scalar_mul_basepoint(&minus_one, point, &Scalar::ZERO);
    opposite == -point
}

/// g^b · base^a.
pub(crate) fn with_generator(a: &Scalar, base: &EdwardsPoint, b: &Scalar) -> EdwardsPoint {
    EdwardsPoint::vartime_double_scalar_mul_basepoint(a, base, b)
}

/// Tables of one key and of g.
pub(crate) struct KeyTable(VartimeEdwardsPrecomputation);

impl KeyTable {
    pub(crate) fn new(key: &EdwardsPoint) -> Self {
        Self(VartimeEdwardsPrecomputation::new([*key, constants::ED25519_BASEPOINT_POINT]))
    }

    /// key^a · g^b · base^c.
    pub(crate) fn product(
        &self,
        a: &Scalar,
        b: &Scalar,
        base: &EdwardsPoint,
        c: &Scalar,
    ) -> EdwardsPoint {
        if *b == Scalar::ZERO {
            return self.0.vartime_mixed_multiscalar_mul([a], [c], [base]);
        }
        self.0.vartime_mixed_multiscalar_mul([a, b], [c], [base])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No point with a part of small order is an element, nor a coordinate that is not reduced.
    #[test]
    fn no_elements() {
        for torsion in constants::EIGHT_TORSION {
            assert!(element(&torsion.compress().0, false).is_none());
            let mixed = constants::ED25519_BASEPOINT_POINT + torsion;
            assert_eq!(element(&mixed.compress().0, true).is_some(), torsion.is_identity());
        }
        let mut high = [255; 32];
        for (first, last) in (0xed..=0xff).flat_map(|low| [(low, 0x7f), (low, 0xff)]) {
            (high[0], high[31]) = (first, last);
            assert!(element(&high, true).is_none());
        }
        let mut negative_zero = IDENTITY;
        negative_zero[31] = 0x80;
        assert!(element(&negative_zero, true).is_none());
    }

    /// The identity is an element where it is permitted.
    #[test]
    fn identity() {
        assert!(element(&IDENTITY, true).is_some());
        assert!(element(&IDENTITY, false).is_none());
    }
}
