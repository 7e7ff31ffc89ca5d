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
	#[cfg(any(test, feature = "next-version"))]
	use salus_primitives::OrgId;

	/// The version of what is stored.
	#[cfg(not(any(test, feature = "next-version")))]
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(1);
	/// The version of what is stored.
	#[cfg(any(test, feature = "next-version"))]
	const STORAGE_VERSION: StorageVersion = StorageVersion::new(2);

	/// The pallet.
	#[pallet::pallet]
	#[pallet::storage_version(STORAGE_VERSION)]
	pub struct Pallet<T>(_);

	/// The configuration.
	#[pallet::config]
	pub trait Config: frame_system::Config {
		/// Who may authorise an upgrade.
		type AuthorizeOrigin: EnsureOrigin<Self::RuntimeOrigin>;
	}

	/// What the chain held when it was upgraded.
	#[cfg(any(test, feature = "next-version"))]
	#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
	pub struct CensusOf<BlockNumber> {
		/// The last block before the upgrade, whose state is counted.
		pub at: BlockNumber,
		/// Organisations that were ever admitted.
		pub organisations: OrgId,
		/// Patients, as far as they are counted.
		pub patients: u64,
		/// Records of all patients and in any status, as far as they are counted.
		pub records: u64,
	}

	/// What the chain held at its last upgrade ([`crate::migrations`]).
	#[cfg(any(test, feature = "next-version"))]
	#[pallet::storage]
	pub type Census<T: Config> = StorageValue<_, CensusOf<BlockNumberFor<T>>>;

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
