//! Benchmarks of every call at its worst.

use super::*;

/// Arranges what the directory knows.
pub trait BenchmarkHelper {
	/// Admits one more organisation, in standing for years, that is accredited as these and is a legal entity of its own.
	fn organisation(roles: &[OrgRole]) -> OrgId;
	/// Makes an account a member of an organisation in standing, in these roles, with balance enough for any deposit.
	fn member(org: OrgId, who: &AccountId, roles: &[MemberRole]);
	/// Gives an account balance enough for any payment.
	fn fund(who: &AccountId);
	/// Sets the block's time.
	fn set_time(now: Moment);
}
