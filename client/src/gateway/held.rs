//! What a gateway answers while the best block and the finalised one differ.

use std::collections::BTreeMap;

/// Refusals seen at best blocks that finality has not passed, by what was asked: each with that block's height.
pub(super) struct Held<K, R>(BTreeMap<K, (u32, R)>);

impl<K, R> Default for Held<K, R> {
	fn default() -> Self {
		Self(BTreeMap::new())
	}
}

impl<K: Ord, R> FromIterator<(K, (u32, R))> for Held<K, R> {
	fn from_iter<I: IntoIterator<Item = (K, (u32, R))>>(refusals: I) -> Self {
		Self(refusals.into_iter().collect())
	}
}

impl<K: Ord, R: Clone> Held<K, R> {
	/// What holds: a refusal at the best block, else one that is held, else what the finalised block says, and only if
	/// that permits what the best block does. `heads` are the heights of the two.
	pub(super) fn judge<A>(
		&mut self,
		asked: K,
		heads: (u32, u32),
		at_best: Result<A, R>,
		at_finalised: Result<A, R>,
	) -> Result<A, R> {
		let (best, finalised) = heads;
		self.0.retain(|_, (height, _)| *height > finalised);
		match (at_best, self.0.get(&asked)) {
			(Err(refusal), _) => {
				self.0.insert(asked, (best, refusal.clone()));
				Err(refusal)
			}
			(Ok(_), Some((_, earlier))) => Err(earlier.clone()),
			(at_best, None) => at_finalised.and(at_best),
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	/// What holds for a question.
	fn judge(
		held: &mut Held<char, &'static str>,
		asked: char,
		heads: (u32, u32),
		answers: [Result<u8, &'static str>; 2],
	) -> Result<u8, &'static str> {
		let [at_best, at_finalised] = answers;
		held.judge(asked, heads, at_best, at_finalised)
	}

	#[test]
	fn what_is_new_waits_for_finality_and_its_end_works_at_once() {
		let mut held = Held::default();
		assert_eq!(judge(&mut held, 'a', (9, 7), [Ok(1), Err("not yet")]), Err("not yet"));
		assert_eq!(judge(&mut held, 'a', (10, 9), [Ok(1), Ok(2)]), Ok(1));
		assert_eq!(judge(&mut held, 'a', (11, 9), [Err("ended"), Ok(2)]), Err("ended"));
	}

	#[test]
	fn a_refusal_survives_the_block_that_it_was_seen_in() {
		let mut held = Held::default();
		assert_eq!(judge(&mut held, 'a', (9, 7), [Err("ended"), Ok(1)]), Err("ended"));
		// Block 9 is retracted; what takes its place permits.
		assert_eq!(judge(&mut held, 'a', (9, 8), [Ok(1), Ok(1)]), Err("ended"));
		assert_eq!(judge(&mut held, 'b', (9, 8), [Ok(1), Ok(1)]), Ok(1));
		assert_eq!(judge(&mut held, 'a', (11, 9), [Ok(1), Ok(1)]), Ok(1));
	}

	#[test]
	fn refusals_of_before_a_restart_are_held() {
		let mut held: Held<_, _> = [('a', (9, "ended"))].into_iter().collect();
		assert_eq!(judge(&mut held, 'a', (10, 8), [Ok(1), Ok(1)]), Err("ended"));
		assert_eq!(judge(&mut held, 'a', (10, 9), [Ok(1), Ok(1)]), Ok(1));
	}
}
