//! Whether one data use is stricter than another.

use crate::duo::{Group, Modifier, Permission};

/// Whether nothing that `new` allows was not allowed by `old`, and nothing is owed any less: whatever `new` approves,
/// `old` approved, and whatever it leaves to people, `old` approved or left to people.
///
/// Read from the two alone, so it says no where only a closer look would say yes.
pub fn tightens(old: &Group, new: &Group) -> bool {
	let has_care = |group: &Group| group.permission == Permission::Nres || group.modifiers.contains(&Modifier::Cc);
	let narrower = match (old.permission, new.permission) {
		(Permission::Ds, Permission::Ds) => new.diseases.iter().all(|disease| old.diseases.contains(disease)),
		(before, after) => before == after || is_narrower(before, after),
	};
	// Care is no restriction: it must not be added, and may go.
	let restrictions = old.modifiers.iter().filter(|modifier| **modifier != Modifier::Cc);
	narrower
		&& (has_care(old) || !has_care(new))
		&& restrictions.into_iter().all(|before| new.modifiers.iter().any(|after| implies(after, before)))
}

/// Whether a permission other than the first is within it, whatever the diseases.
fn is_narrower(before: Permission, after: Permission) -> bool {
	use Permission::*;
	matches!((before, after), (Nres, _) | (Gru, Hmb | Ds | Poa) | (Hmb, Ds))
}

/// Whether one modifier restricts at least as much as another.
fn implies(after: &Modifier, before: &Modifier) -> bool {
	use Modifier::*;
	let earlier = |after: &Option<_>, before: &Option<_>| match (after, before) {
		(Some(after), Some(before)) => after <= before,
		(after, before) => after == before,
	};
	match (after, before) {
		(Npuncu, Npu | Ncu) => true,
		(Gs { countries: after }, Gs { countries: before }) => after.iter().all(|country| before.contains(country)),
		(Us { users: after }, Us { users: before })
		| (Ps { projects: after }, Ps { projects: before })
		| (Is { institutions: after }, Is { institutions: before }) => after.iter().all(|name| before.contains(name)),
		(Ts { months: after }, Ts { months: before }) => after <= before,
		(Mor { date: after }, Mor { date: before }) => after >= before,
		(Pub { deadline: after }, Pub { deadline: before }) | (Rtn { deadline: after }, Rtn { deadline: before }) => {
			earlier(after, before)
		}
		(after, before) => after == before,
	}
}
