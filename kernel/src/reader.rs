//! Reads the one spelling of a ballot (docs/protocol.md §2.1, §5.3), byte by byte.
//!
//! Every value in a ballot is a string of plain ASCII, so canonical JSON comes down to literal
//! text between them: whatever is not exactly this text is refused.

use curve25519_dalek::Scalar;

/// Digits of q, the most that a scalar may have.
const MOST_DIGITS: usize = 76;
/// Digits that fit into a `u64` at once.
const CHUNK: usize = 19;

/// A place in the bytes of a ballot.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bytes have been read.
    pub(crate) fn position(&self) -> usize {
        self.at
    }

    /// Exactly these bytes.
    pub(crate) fn literal(&mut self, text: &[u8]) -> Option<()> {
        (self.take(text.len())? == text).then_some(())
    }

    /// So many bytes, whatever they are.
    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.at.checked_add(count)?;
        let bytes = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(bytes)
    }

    /// Nothing follows.
    pub(crate) fn end(&self) -> Option<()> {
        (self.at == self.bytes.len()).then_some(())
    }

    /// 64 lower-case hex digits of an element: the digits, and the 32 bytes they stand for.
    pub(crate) fn element(&mut self) -> Option<(&'a [u8], [u8; 32])> {
        let digits = self.take(64)?;
        let mut bytes = [0; 32];
        // The digits are a little-endian integer, the highest first (§2.3): bytes from the end.
        for (byte, pair) in bytes.iter_mut().rev().zip(digits.chunks_exact(2)) {
            let &[high, low] = pair else { return None };
            *byte = nibble(high)? << 4 | nibble(low)?;
        }
        Some((digits, bytes))
    }

    /// The shortest decimal spelling of a number below q, in quotes.
    pub(crate) fn scalar(&mut self) -> Option<Scalar> {
        self.literal(b"\"")?;
        let rest = self.bytes.get(self.at..)?;
        let size = rest.iter().take(MOST_DIGITS).take_while(|b| b.is_ascii_digit()).count();
        let digits = self.take(size)?;
        self.literal(b"\"")?;
        decimal(digits)
    }

    /// `{"challenge":…,"response":…}`.
    pub(crate) fn proof(&mut self) -> Option<Proof> {
        self.literal(b"{\"challenge\":")?;
        let challenge = self.scalar()?;
        self.literal(b",\"response\":")?;
        let response = self.scalar()?;
        self.literal(b"}")?;
        Some(Proof { challenge, response })
    }
}

/// A challenge and a response (§4).
#[derive(Clone, Copy)]
pub(crate) struct Proof {
    pub(crate) challenge: Scalar,
    pub(crate) response: Scalar,
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// The scalar of 1 to 76 decimal digits: no leading zero, below q.
pub(crate) fn decimal(digits: &[u8]) -> Option<Scalar> {
    match digits {
        [] | [b'0', _, ..] => return None,
        _ if digits.len() > MOST_DIGITS => return None,
        _ => {}
    }
    // 10^76 is below 2^253: four words never overflow.
    let mut words = [0_u64; 4];
    let (first, rest) = digits.split_at(digits.len() % CHUNK);
    for chunk in core::iter::once(first).chain(rest.chunks_exact(CHUNK)) {
        let mut value = 0_u64;
        let mut weight = 1_u64;
        for &digit in chunk {
            value = value * 10 + u64::from(digit.checked_sub(b'0').filter(|&d| d < 10)?);
            weight *= 10;
        }
        let mut carry = u128::from(value);
        for word in &mut words {
            carry += u128::from(*word) * u128::from(weight);
            let [low, high] = halves(carry);
            *word = low;
            carry = u128::from(high);
        }
    }
    let mut bytes = [0; 32];
    for (target, word) in bytes.chunks_exact_mut(8).zip(words) {
        target.copy_from_slice(&word.to_le_bytes());
    }
    Scalar::from_canonical_bytes(bytes).into_option()
}

#[allow(clippy::cast_possible_truncation)] // the halves are what is asked for
fn halves(number: u128) -> [u64; 2] {
    [number as u64, (number >> 64) as u64]
}

#[cfg(test)]
mod tests {
    use super::*;

    const Q: &str = "7237005577332262213973186563042994240857116359379907606001950938285454250989";

    /// The only spelling of a number below q is accepted, and is that number.
    #[test]
    fn decimals() {
        let minus_one = Q.replace("989", "988");
        assert_eq!(decimal(b"0"), Some(Scalar::ZERO));
        assert_eq!(decimal(b"1"), Some(Scalar::ONE));
        assert_eq!(decimal(minus_one.as_bytes()), Some(-Scalar::ONE));
        assert_eq!(decimal(b"18446744073709551616"), Some(Scalar::from(1_u128 << 64)));
        let wide = Scalar::from(1_u128 << 127) * Scalar::from(2_u8);
        assert_eq!(decimal(b"340282366920938463463374607431768211456"), Some(wide));
    }

    /// Every other text is refused.
    #[test]
    fn no_decimals() {
        let nines = "9".repeat(76);
        let long = "1".repeat(77);
        for text in ["", "00", "01", "+1", "-1", " 1", "1 ", "1_0", "0x1", "١", Q, &nines, &long] {
            assert_eq!(decimal(text.as_bytes()), None, "{text}");
        }
    }

    /// Lower-case digits only, the highest byte first.
    #[test]
    fn elements() {
        let digits = format!("0102{}ff", "0".repeat(58));
        let (_, bytes) = Reader::new(digits.as_bytes()).element().expect("64 digits");
        assert_eq!((bytes[31], bytes[30], bytes[0]), (1, 2, 255));
        for other in [&digits[..63], &digits.to_uppercase(), &digits.replacen('1', "g", 1)] {
            assert!(Reader::new(other.as_bytes()).element().is_none(), "{other}");
        }
    }
}
