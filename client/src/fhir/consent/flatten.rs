//! Provisions within provisions as rules side by side.

use super::{
	effect,
	node::{Node, Period},
	provision::{state, Inside, Stated},
	Dialect,
};
use crate::{
	fhir::{names::Resolver, pointer},
	Error, Result,
};
use salus_primitives::consent::{Effect, MAX_ACTIVE_CONSENTS};
use std::collections::BTreeSet;

/// A document, its provisions flattened.
pub(super) struct Whole {
	pub(super) base: Effect,
	/// Where the root stands.
	pub(super) at: String,
	pub(super) root: Stated,
	pub(super) rules: Vec<Draft>,
	pub(super) period: Period,
}

/// A rule before it is written down.
pub(super) struct Draft {
	pub(super) at: String,
	pub(super) effect: Effect,
	pub(super) stated: Stated,
	/// The rule that it lies in.
	pub(super) parent: Option<usize>,
	pub(super) period: Period,
}

/// Takes the provisions within one, in document order, each before those within it.
pub(super) fn flatten(
	node: &Node,
	inside: &Inside,
	dialect: Dialect,
	names: &mut impl Resolver,
	rules: &mut Vec<Draft>,
) -> Result<()> {
	for nested in node.items("provision")? {
		let effect = match (dialect, inside.effect) {
			(Dialect::R4, _) => effect(&nested.required("type")?)?,
			(Dialect::R5, Effect::Permit) => Effect::Deny,
			(Dialect::R5, Effect::Deny) => Effect::Permit,
		};
		if inside.rule.is_some() && inside.effect == Effect::Deny && effect == Effect::Permit {
			let message = "a denial wins over every permit, so nothing can be permitted within one";
			return Err(nested.refused("TooDeep", message));
		}
		let period = match nested.get("period") {
			None => inside.period,
			Some(own) => {
				let (from, to) = own.period()?;
				let latest = from.max(inside.period.0);
				let earliest = match (to, inside.period.1) {
					(Some(one), Some(two)) => Some(one.min(two)),
					(one, two) => one.or(two),
				};
				if latest.zip(earliest).is_some_and(|(from, to)| from >= to) {
					let message = "this period and that of what is around it share no time";
					return Err(own.refused("InvertedPeriod", message));
				}
				(latest, earliest)
			}
		};
		let stated = state(&nested, effect, Some(inside), dialect, names)?;
		let number = rules.len();
		let at = nested.at.clone();
		rules.push(Draft { at, effect, stated: stated.clone(), parent: inside.rule, period });
		let inside = Inside { effect, stated: &stated, rule: Some(number), period };
		flatten(&nested, &inside, dialect, names, rules)?;
	}
	Ok(())
}

/// A denial within a permit is an exception from that one; as a rule it reaches every permit. That is the same only
/// where the others share no data with it.
pub(super) fn check_exceptions(rules: &[Draft]) -> Result<()> {
	for exception in rules.iter().filter(|rule| rule.effect == Effect::Deny && rule.parent.is_some()) {
		let mut above = Vec::new();
		let mut next = exception.parent;
		while let Some(number) = next {
			above.push(number);
			next = rules[number].parent;
		}
		let reached = rules.iter().enumerate().find(|(number, rule)| {
			rule.effect == Effect::Permit && !above.contains(number) && !rule.stated.disjoint(&exception.stated)
		});
		if let Some((_, permit)) = reached {
			let message = format!("as a rule this exception would also reach the permit at {:?}", permit.at);
			return Err(Error::refused("TooDeep", exception.at.clone(), message));
		}
	}
	Ok(())
}

impl Whole {
	/// The stretches of time in which the same rules are in force, with those rules' numbers.
	pub(super) fn stretches(&self) -> Result<Vec<(Period, Vec<usize>)>> {
		let all: Vec<_> = (0..self.rules.len()).collect();
		if self.rules.iter().all(|rule| rule.period == self.period) {
			return Ok(vec![(self.period, all)]);
		}
		// What lies before 1970 cannot be asked for.
		let first = self.period.0.unwrap_or(0).max(0);
		let within = |cut: &i64| first < *cut && self.period.1.is_none_or(|end| *cut < end);
		let sides = self.rules.iter().flat_map(|rule| [rule.period.0, rule.period.1]).flatten();
		let cuts: BTreeSet<i64> = sides.filter(within).collect();
		let starts = std::iter::once(self.period.0.map(|_| first)).chain(cuts.iter().copied().map(Some));
		let ends = cuts.iter().copied().map(Some).chain([self.period.1]);
		let mut stretches = Vec::new();
		let permits = |numbers: &[usize]| numbers.iter().any(|number| self.rules[*number].effect == Effect::Permit);
		for (start, end) in starts.zip(ends) {
			let at = start.unwrap_or(first);
			let in_force = |number: &usize| {
				let (from, to) = self.rules[*number].period;
				from.is_none_or(|from| from <= at) && to.is_none_or(|to| at < to)
			};
			let numbers: Vec<_> = all.iter().copied().filter(in_force).collect();
			// A denial that has permits yields to the permits of other consents; one that has none does not.
			if self.base == Effect::Deny && permits(&all) && !permits(&numbers) {
				let ended = self.rules.iter().find(|rule| rule.effect == Effect::Permit && rule.period != self.period);
				let at = ended.map_or(self.at.as_str(), |rule| rule.at.as_str());
				let message = "at times nothing would be permitted, and the consent would be an opt-out";
				return Err(Error::refused("UnsupportedPeriod", pointer(at, "period"), message));
			}
			stretches.push(((start, end), numbers));
		}
		if stretches.len() > MAX_ACTIVE_CONSENTS as usize {
			let message = format!("the periods in it make more than {MAX_ACTIVE_CONSENTS} consents");
			return Err(Error::refused("TooMany", self.at.clone(), message));
		}
		Ok(stretches)
	}
}
