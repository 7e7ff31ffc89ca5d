//! Base 64 (RFC 4648, section 4), as FHIR's `base64Binary` has it.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Writes bytes, with padding.
pub fn encode(bytes: &[u8]) -> String {
	let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
	for chunk in bytes.chunks(3) {
		let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
		let bits = at(0) << 16 | at(1) << 8 | at(2);
		for place in 0..4 {
			if place <= chunk.len() {
				text.push(ALPHABET[(bits >> (18 - 6 * place)) as usize & 63].into());
			} else {
				text.push('=');
			}
		}
	}
	text
}

/// Reads what [`encode`] writes; `None` if it is anything else.
pub fn decode(text: &str) -> Option<Vec<u8>> {
	let digits = text.trim_end_matches('=');
	if text.len() % 4 != 0 || text.len() - digits.len() > 2 {
		return None;
	}
	let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
	for chunk in digits.as_bytes().chunks(4) {
		let mut bits = 0u32;
		for digit in chunk {
			bits = bits << 6 | ALPHABET.iter().position(|known| known == digit)? as u32;
		}
		bits <<= 6 * (4 - chunk.len());
		let three = bits.to_be_bytes();
		let (whole, rest) = three[1..].split_at(chunk.len() - 1);
		// Bits beyond the last byte are zero, so that each value has one form.
		if rest.iter().any(|byte| *byte != 0) {
			return None;
		}
		bytes.extend(whole);
	}
	Some(bytes)
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn the_test_vectors_of_rfc_4648_come_and_go() {
		for (bytes, text) in [
			("", ""),
			("f", "Zg=="),
			("fo", "Zm8="),
			("foo", "Zm9v"),
			("foob", "Zm9vYg=="),
			("fooba", "Zm9vYmE="),
			("foobar", "Zm9vYmFy"),
		] {
			assert_eq!(encode(bytes.as_bytes()), text);
			assert_eq!(decode(text).unwrap(), bytes.as_bytes());
		}
		let all: Vec<u8> = (0..=255).collect();
		assert_eq!(decode(&encode(&all)).unwrap(), all);
		assert!(encode(&[0xfb, 0xff]).starts_with("+/"));
	}

	#[test]
	fn nothing_else_is_read() {
		for text in ["Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "Zm9v\n", "Z-8=", "=Zg="] {
			assert_eq!(decode(text), None, "{text}");
		}
	}
}
