//! The manufacturer's endpoint: a scanned pack carries no proof, and whoever scans it gets one here.
//!
//! | request | answer |
//! |---|---|
//! | `GET /health` | [`Health`] |
//! | `GET /scan?scan=…` | [`Proven`], or [`Refusal`] |
//!
//! What was scanned is percent-encoded. Anyone may ask: the answer proves a unit to those who have its serial number, and
//! tells nothing to others.

use super::{
	scans::{self, Proven, UNKNOWN_UNIT},
	Book, Units,
};
use crate::{
	chain::Chain,
	gateway::{
		http::{bound, refused, run, Gate},
		GatewayError, Limits, Refusal, Tls,
	},
	Error, Result,
};
use axum::{
	extract::{rejection::QueryRejection, Query, State},
	http::{StatusCode, Uri},
	middleware::from_fn_with_state,
	response::{IntoResponse, Response},
	routing::get,
	Json, Router,
};
use salus_primitives::{
	drug::BatchId,
	gs1::{Gtin, ScannedUnit},
	OrgId, H256,
};
use serde::{Deserialize, Serialize};
use std::{
	collections::BTreeMap,
	future::Future,
	sync::Arc,
	time::{Duration, Instant},
};
use tokio::{
	net::TcpListener,
	sync::{Mutex, RwLock},
};

/// How long a serial number that is not known waits before the book and the chain are looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// The answer to `GET /health`.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Health {
	/// The manufacturer.
	pub org: OrgId,
	/// Genesis hash of the chain that the proofs are for.
	pub genesis: H256,
	/// Batches whose units are known.
	pub batches: usize,
	/// Units that are known.
	pub units: usize,
}

/// A batch that scans are answered for.
struct Served {
	batch: BatchId,
	units: Units,
}

#[derive(Default)]
struct Known {
	products: BTreeMap<Gtin, Vec<Arc<Served>>>,
	/// As the book tells it.
	version: usize,
	/// Whether the book has units that were not on the chain then.
	pending: bool,
}

struct Inner {
	chain: Chain,
	book: Book,
	org: OrgId,
	known: RwLock<Known>,
	looked: Mutex<Instant>,
}

/// The endpoint. Cheap to clone.
#[derive(Clone)]
pub struct Endpoint {
	inner: Arc<Inner>,
}

impl Endpoint {
	/// Reads the batches that an organisation commissioned.
	pub async fn open(chain: Chain, book: Book, org: OrgId) -> Result<Self> {
		let inner = Inner { chain, book, org, known: RwLock::default(), looked: Mutex::new(Instant::now()) };
		let endpoint = Self { inner: Arc::new(inner) };
		endpoint.read().await?;
		Ok(endpoint)
	}

	/// Reads the book again.
	async fn read(&self) -> Result<()> {
		let Inner { chain, book, org, known, .. } = &*self.inner;
		let mut fresh = Known { version: book.version()?, ..Known::default() };
		let mut lots = BTreeMap::new();
		for units in book.all()? {
			let lot = (units.gtin, units.lot.clone());
			if !lots.contains_key(&lot) {
				let runs = chain.lot(units.gtin, &units.lot).await?;
				lots.insert(lot.clone(), runs);
			}
			match lots[&lot].iter().find(|view| view.root == units.root) {
				Some(view) if view.producer == *org => {
					let served = Arc::new(Served { batch: view.id, units });
					fresh.products.entry(served.units.gtin).or_default().push(served);
				}
				Some(_) => {}
				None => fresh.pending = true,
			}
		}
		*known.write().await = fresh;
		Ok(())
	}

	/// What it says of itself.
	pub async fn health(&self) -> Health {
		let known = self.inner.known.read().await;
		let batches = || known.products.values().flatten();
		Health {
			org: self.inner.org,
			genesis: self.inner.chain.genesis(),
			batches: batches().count(),
			units: batches().map(|served| served.units.known()).sum(),
		}
	}

	/// What proves a unit; `None` if there is no unit with this serial number.
	pub async fn prove(&self, scanned: &ScannedUnit) -> Result<Option<Proven>> {
		let mut found = self.find(scanned).await;
		if found.is_none() && self.has_changed().await? {
			self.read().await?;
			found = self.find(scanned).await;
		}
		let Some((served, index)) = found else { return Ok(None) };
		let work = move || {
			let Served { batch, units } = &*served;
			let proven = Proven::of(units, index, *batch)?;
			// The serial number, under its own key, is in the tree that the chain has the root of.
			match proven.unit.holds(units.gtin, &units.lot, units.run, &units.root, units.count) {
				true => Ok(Some(proven)),
				false => Err(Error::Corrupted(format!("what is kept of batch {batch} does not prove unit {index}"))),
			}
		};
		tokio::task::spawn_blocking(work).await.map_err(|error| Error::unexpected("proving a unit", error))?
	}

	async fn find(&self, scanned: &ScannedUnit) -> Option<(Arc<Served>, u32)> {
		let known = self.inner.known.read().await;
		let batches = known.products.get(&scanned.gtin)?;
		batches.iter().find_map(|served| Some((served.clone(), served.units.find(&scanned.serial)?)))
	}

	async fn has_changed(&self) -> Result<bool> {
		let mut looked = self.inner.looked.lock().await;
		if looked.elapsed() < LOOK_AGAIN {
			return Ok(false);
		}
		*looked = Instant::now();
		let known = self.inner.known.read().await;
		Ok(known.pending || known.version != self.inner.book.version()?)
	}

	/// Serves until `stop` is ready.
	pub async fn serve(
		self,
		listener: TcpListener,
		stop: impl Future<Output = ()> + Send + 'static,
		limits: Limits,
		tls: Option<&Tls>,
	) -> Result<()> {
		run(self.router(limits), listener, stop, tls).await
	}

	fn router(self, limits: Limits) -> Router {
		let bounded = Router::new().route("/scan", get(scan)).layer(from_fn_with_state(Gate::new(limits), bound));
		Router::new()
			.route("/health", get(|State(endpoint): State<Self>| async move { Json(endpoint.health().await) }))
			.fallback(|uri: Uri| async move { refused(&uri, &GatewayError::UnknownPath) })
			.merge(bounded)
			.with_state(self)
	}
}

#[derive(Deserialize)]
struct Asked {
	scan: String,
}

async fn scan(State(endpoint): State<Endpoint>, asked: Result<Query<Asked>, QueryRejection>) -> Response {
	let refuse = |status: StatusCode, error: &str, message: String| {
		(status, Json(Refusal { error: error.into(), message, answer: None })).into_response()
	};
	let scanned = match asked {
		Ok(Query(Asked { scan })) => scans::read(&scan),
		Err(error) => return refuse(StatusCode::BAD_REQUEST, "bad-query", error.body_text()),
	};
	let scanned = match scanned {
		Ok(scanned) => scanned,
		Err(error) => return refuse(StatusCode::BAD_REQUEST, error.code(), error.to_string()),
	};
	match endpoint.prove(&scanned).await {
		Ok(Some(proven)) => Json(proven).into_response(),
		Ok(None) => refuse(StatusCode::NOT_FOUND, UNKNOWN_UNIT, "no unit with this serial number was made here".into()),
		Err(error @ Error::NodeUnreachable { .. }) => {
			refuse(StatusCode::SERVICE_UNAVAILABLE, error.code(), error.to_string())
		}
		Err(error) => refuse(StatusCode::INTERNAL_SERVER_ERROR, error.code(), error.to_string()),
	}
}
