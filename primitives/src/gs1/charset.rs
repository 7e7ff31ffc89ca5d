//! The character sets of GS1's General Specifications, section 7.11.

/// Which characters a component is made of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Set {
	/// Digits.
	N,
	/// CSET 82.
	X,
	/// CSET 39.
	Y,
	/// CSET 64: base64 that is safe in file names and URIs, with its padding.
	Z,
}

/// CSET 82 in its order, which gives each character its value in a check pair.
const CSET_82: &[u8; 82] = b"!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

impl Set {
	/// Whether it has this character.
	pub(super) fn has(self, byte: u8) -> bool {
		match self {
			Self::N => byte.is_ascii_digit(),
			Self::X => CSET_82.binary_search(&byte).is_ok(),
			Self::Y => byte.is_ascii_digit() || byte.is_ascii_uppercase() || b"#-/".contains(&byte),
			Self::Z => byte.is_ascii_alphanumeric() || b"-_=".contains(&byte),
		}
	}
}

/// The place of a character in CSET 82, from 0.
pub(super) fn place(byte: u8) -> Option<u32> {
	CSET_82.binary_search(&byte).ok().map(|place| place as u32)
}
