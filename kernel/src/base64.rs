//! A SHA-256 in standard base64 without padding, as φ, trackers and a ballot's hash are written.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The 43 characters of 32 bytes (RFC 4648 §4), unused bits 0.
pub(crate) fn unpadded(digest: &[u8; 32]) -> String {
    let mut text = String::with_capacity(43);
    for chunk in digest.chunks(3) {
        let mut bits = 0_u32;
        for place in 0..3 {
            bits = bits << 8 | u32::from(chunk.get(place).copied().unwrap_or(0));
        }
        for place in 0..=chunk.len() {
            let index = (bits >> (18 - 6 * place) & 63) as usize;
            text.push(char::from(ALPHABET.get(index).copied().unwrap_or(b'A')));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 43 characters; the last has two bits that are 0.
    #[test]
    fn digests() {
        assert_eq!(unpadded(&[0; 32]), "A".repeat(43));
        assert_eq!(unpadded(&[255; 32]), format!("{}8", "/".repeat(42)));
        let counted: [u8; 32] = core::array::from_fn(|i| u8::try_from(i).unwrap_or(0));
        assert_eq!(unpadded(&counted), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
    }
}
