//! The node's JSON-RPC: everything that a Substrate node serves, and the `salus_*` methods.
//!
//! A `salus_*` method decodes its parameters, calls a runtime API of `salus-primitives` at the block asked (the best
//! one by default), and encodes the answer: it never knows a pallet. Whoever prefers SCALE calls the same runtime API
//! with `state_call`.

pub mod care;
pub mod consent;
pub mod dev;
pub mod drug;
pub mod error;
pub mod metrics;
pub mod participants;
pub mod records;
pub mod research;
pub mod streams;
pub mod subscription;

use crate::service::{Block, Client, Pool};
use care::CareRpcServer;
use consent::ConsentRpcServer;
use drug::DrugRpcServer;
use error::Error;
use jsonrpsee::RpcModule;
use metrics::Metrics;
use participants::ParticipantsRpcServer;
use records::RecordsRpcServer;
use research::ResearchRpcServer;
use salus_primitives::views::MAX_PAGE;
use salus_runtime::Hash;
use sc_rpc::SubscriptionTaskExecutor;
use sp_api::{ApiError, ApiExt, ApiRef, ProvideRuntimeApi};
use sp_blockchain::HeaderBackend;
use std::sync::Arc;
use streams::StreamsRpcServer;
use subscription::SubscriptionRpcServer;

type Api<'a> = ApiRef<'a, <Client as ProvideRuntimeApi<Block>>::Api>;

/// Calls the runtime for the methods of every namespace.
#[derive(Clone)]
pub struct Salus {
	client: Arc<Client>,
	executor: SubscriptionTaskExecutor,
	metrics: Option<Metrics>,
}

impl Salus {
	/// Calls the runtime API `A` at a block, the best one if none is given.
	fn call<A: ?Sized + sp_api::RuntimeApiInfo, T>(
		&self,
		at: Option<Hash>,
		ask: impl FnOnce(&Api<'_>, Hash) -> Result<T, ApiError>,
	) -> Result<T, Error> {
		let at = at.unwrap_or_else(|| self.client.info().best_hash);
		let known = self.client.number(at).map_err(|error| Error::Database(error.to_string()))?;
		if known.is_none() {
			return Err(Error::UnknownBlock(at));
		}
		let api = self.client.runtime_api();
		if !api.has_api::<A>(at).map_err(|error| state_error(at, error))? {
			return Err(Error::Unsupported(at));
		}
		ask(&api, at).map_err(|error| state_error(at, error))
	}
}

/// Tells a pruned state from a runtime that failed.
fn state_error(at: Hash, error: ApiError) -> Error {
	match &error {
		ApiError::UnknownBlock(_) => Error::StateUnavailable(at),
		ApiError::Application(inner) => match inner.downcast_ref::<sp_blockchain::Error>() {
			Some(sp_blockchain::Error::UnknownBlock(_) | sp_blockchain::Error::StateDatabase(_)) => {
				Error::StateUnavailable(at)
			}
			_ => Error::Runtime(error.to_string()),
		},
		_ => Error::Runtime(error.to_string()),
	}
}

/// How many to answer with: the most there can be, if nothing is asked.
fn limit_or(most: u32, limit: Option<u32>) -> Result<u32, Error> {
	match limit {
		None => Ok(most),
		Some(limit) if (1..=most).contains(&limit) => Ok(limit),
		Some(limit) => Err(Error::InvalidLimit { limit, most }),
	}
}

/// The number of items of a page.
fn page_limit(limit: Option<u32>) -> Result<u32, Error> {
	limit_or(MAX_PAGE, limit)
}

/// Builds what this node serves beyond the methods that every Substrate node has.
pub fn build(
	client: Arc<Client>,
	pool: Arc<Pool>,
	executor: SubscriptionTaskExecutor,
	metrics: Option<Metrics>,
	dev: Option<dev::Dev>,
) -> Result<RpcModule<()>, sc_service::Error> {
	use dev::DevClockApiServer;
	use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
	use sc_rpc::dev::DevApiServer;
	use substrate_frame_rpc_system::{System, SystemApiServer};

	let merge = || -> Result<RpcModule<()>, jsonrpsee::core::RegisterMethodError> {
		let salus = Salus { client: client.clone(), executor, metrics };
		let mut module = RpcModule::new(());
		module.merge(System::new(client.clone(), pool).into_rpc())?;
		module.merge(TransactionPayment::new(client.clone()).into_rpc())?;
		module.merge(sc_rpc::dev::Dev::<Block, _>::new(client).into_rpc())?;
		module.merge(ParticipantsRpcServer::into_rpc(salus.clone()))?;
		module.merge(ConsentRpcServer::into_rpc(salus.clone()))?;
		module.merge(RecordsRpcServer::into_rpc(salus.clone()))?;
		module.merge(StreamsRpcServer::into_rpc(salus.clone()))?;
		module.merge(CareRpcServer::into_rpc(salus.clone()))?;
		module.merge(DrugRpcServer::into_rpc(salus.clone()))?;
		module.merge(ResearchRpcServer::into_rpc(salus.clone()))?;
		module.merge(SubscriptionRpcServer::into_rpc(salus))?;
		if let Some(dev) = dev {
			module.merge(dev.into_rpc())?;
		}
		Ok(module)
	};
	merge().map_err(|error| sc_service::Error::Application(Box::new(error)))
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_page_has_from_one_to_the_most_items() {
		assert_eq!(page_limit(None).unwrap(), MAX_PAGE);
		assert_eq!(page_limit(Some(1)).unwrap(), 1);
		assert_eq!(page_limit(Some(MAX_PAGE)).unwrap(), MAX_PAGE);
		assert!(matches!(page_limit(Some(0)), Err(Error::InvalidLimit { limit: 0, .. })));
		assert!(matches!(page_limit(Some(MAX_PAGE + 1)), Err(Error::InvalidLimit { most: MAX_PAGE, .. })));
	}

	#[test]
	fn a_pruned_state_is_told_from_a_failing_runtime() {
		let at = Hash::zero();
		let pruned = ApiError::Application(Box::new(sp_blockchain::Error::UnknownBlock("pruned".into())));
		assert!(matches!(state_error(at, pruned), Error::StateUnavailable(_)));
		let failed = ApiError::Application(Box::new(sp_blockchain::Error::Backend("trap".into())));
		assert!(matches!(state_error(at, failed), Error::Runtime(_)));
	}
}
