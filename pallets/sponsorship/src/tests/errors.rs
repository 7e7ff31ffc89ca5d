//! The errors as clients see them.

use crate::{mock::Test, Error};
use sp_runtime::DispatchError;

/// Every error, in the order of its index: appending is the only change that clients survive. The other tests meet
/// each of them.
#[test]
fn errors_keep_their_index() {
	use Error::*;
	let errors: [Error<Test>; 7] =
		[NotFound, NotAuthorized, NotInStanding, NotSponsoring, AlreadyEnrolled, NotEnrolled, TooManyEnrolled];
	for (index, error) in errors.into_iter().enumerate() {
		let DispatchError::Module(module) = DispatchError::from(error) else { panic!("an error of a pallet") };
		assert_eq!(usize::from(module.error[0]), index, "{:?}", module.message);
	}
}
