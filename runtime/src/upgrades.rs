//! # How the council authorises an upgrade
//!
//! Replacing the runtime is the one privileged act of `frame_system` that the consortium needs, and that pallet lets
//! only Root do it. Rather than giving the council a way to become Root, and with it every other Root call, this
//! pallet lets a configured majority do exactly this: authorise the hash of a runtime. The code itself is then brought
//! by anyone through `System::apply_authorized_upgrade`, which checks hash, spec name and a higher spec version.
//!
//! An authorisation is withdrawn by authorising another hash; one of zeros can never be met.

pub use pallet::*;

/// The pallet.
#[allow(missing_docs)]
#[frame_support::pallet]
pub mod pallet {
	use frame_support::pallet_prelude::*;
	use frame_system::{pallet_prelude::*, WeightInfo};

	/// The pallet.
	#[pallet::pallet]
	pub struct Pallet<T>(_);

	/// The configuration.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// Who may authorise an upgrade.
		type AuthorizeOrigin: EnsureOrigin<Self::RuntimeOrigin>;
	}

	#[pallet::call]
	impl<T: Config> Pallet<T> {
		/// Authorises the runtime whose code has the hash `code_hash`, in place of any authorised before.
		///
		/// ## Dispatch Origin
		/// [`Config::AuthorizeOrigin`].
		///
		/// ## Events
		/// `System::UpgradeAuthorized`.
		#[pallet::call_index(0)]
		#[pallet::weight((T::SystemWeightInfo::authorize_upgrade(), DispatchClass::Operational))]
		pub fn authorize(origin: OriginFor<T>, code_hash: T::Hash) -> DispatchResult {
			T::AuthorizeOrigin::ensure_origin(origin)?;
			frame_system::Pallet::<T>::do_authorize_upgrade(code_hash, true);
			Ok(())
		}
	}
}
