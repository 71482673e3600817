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
