//! HTTP: paths, limits, TLS.

use super::{
	fhir,
	request::{RequestError, SignedRequest},
	server::Gateway,
	GatewayError,
};
use crate::{Error, Result};
use axum::{
	extract::{FromRequestParts, Path, Request, State},
	http::{
		header::{CONTENT_LENGTH, RETRY_AFTER, TRANSFER_ENCODING},
		request::Parts,
		HeaderValue, Uri,
	},
	middleware::{from_fn_with_state, Next},
	response::{IntoResponse, Response},
	routing::get,
	Json, Router,
};
use axum_server::{
	tls_rustls::{RustlsAcceptor, RustlsConfig},
	Handle, Server,
};
use rustls::{
	pki_types::{pem::PemObject, CertificateDer, PrivateKeyDer},
	ServerConfig,
};
use serde_json::Value;
use std::{convert::Infallible, future::Future, net::SocketAddr, path::Path as FilePath, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::Semaphore};

/// Most bytes of a request's line and headers.
const MAX_HEAD: usize = 16 * 1024;
/// How long a connection may take to make its first request.
const FIRST_REQUEST: Duration = Duration::from_secs(10);
/// How long requests that are being answered may take after the gateway was told to end.
const FAREWELL: Duration = Duration::from_secs(30);

/// What a gateway takes at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
	/// Requests that are answered at the same time; more are told to come again.
	pub in_flight: usize,
	/// How long an answer may take.
	pub timeout: Duration,
}

impl Default for Limits {
	fn default() -> Self {
		Self { in_flight: 64, timeout: Duration::from_secs(30) }
	}
}

/// A certificate and its key.
#[derive(Clone)]
pub struct Tls(RustlsConfig);

impl std::fmt::Debug for Tls {
	fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
		f.write_str("Tls(…)")
	}
}

impl Tls {
	/// Reads a chain of certificates, the gateway's own first, and its key, both PEM.
	pub fn read(certificates: &FilePath, key: &FilePath) -> Result<Self> {
		let refused = |path: &FilePath, error: &dyn std::fmt::Display| {
			Error::usage("bad-certificate", format!("{}: {error}", path.display()))
		};
		let text = |path: &FilePath| std::fs::read(path).map_err(|error| Error::file(path, error));
		let chain = CertificateDer::pem_slice_iter(&text(certificates)?)
			.collect::<Result<Vec<_>, _>>()
			.map_err(|error| refused(certificates, &error))?;
		if chain.is_empty() {
			return Err(refused(certificates, &"there is no certificate in it"));
		}
		let secret = PrivateKeyDer::from_pem_slice(&text(key)?).map_err(|error| refused(key, &error))?;
		let provider = Arc::new(rustls::crypto::ring::default_provider());
		let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
		let builder = builder.map_err(|error| Error::unexpected("starting TLS", error))?.with_no_client_auth();
		let mut config = builder.with_single_cert(chain, secret).map_err(|error| refused(certificates, &error))?;
		config.alpn_protocols = vec![b"http/1.1".to_vec()];
		Ok(Self(RustlsConfig::from_config(Arc::new(config))))
	}
}

/// Serves until `stop` is ready, then ends what is being answered.
pub(super) async fn serve(
	gateway: Gateway,
	listener: TcpListener,
	stop: impl Future<Output = ()> + Send + 'static,
	limits: &Limits,
	tls: Option<&Tls>,
) -> Result<()> {
	run(router(gateway, *limits), listener, stop, tls).await
}

/// Serves what a router has until `stop` is ready, then ends what is being answered.
pub(crate) async fn run(
	router: Router,
	listener: TcpListener,
	stop: impl Future<Output = ()> + Send + 'static,
	tls: Option<&Tls>,
) -> Result<()> {
	let failed = |error: std::io::Error| Error::unexpected("serving HTTP", error);
	let router = router.into_make_service();
	let listener = listener.into_std().map_err(failed)?;
	let handle = Handle::<SocketAddr>::new();
	let ending = handle.clone();
	let waiting = tokio::spawn(async move {
		stop.await;
		ending.graceful_shutdown(Some(FAREWELL));
	});
	let mut server = axum_server::from_tcp(listener)
		.map_err(failed)?
		.handle(handle)
		.http1_only()
		.first_request_timeout(FIRST_REQUEST);
	server.http_builder().http1().max_buf_size(MAX_HEAD);
	let served = match tls {
		Some(Tls(config)) => {
			let server: Server<SocketAddr, _> = server.acceptor(RustlsAcceptor::new(config.clone()));
			server.serve(router).await
		}
		None => server.serve(router).await,
	};
	waiting.abort();
	served.map_err(failed)
}

/// What bounds the work.
#[derive(Clone)]
pub(crate) struct Gate {
	in_flight: Arc<Semaphore>,
	timeout: Duration,
}

impl Gate {
	pub(crate) fn new(limits: Limits) -> Self {
		Self { in_flight: Arc::new(Semaphore::new(limits.in_flight)), timeout: limits.timeout }
	}
}

fn router(gateway: Gateway, limits: Limits) -> Router {
	let gate = Gate::new(limits);
	let bounded = Router::new()
		.route("/records/{patient}/{record}", get(record))
		.route("/custody/{patient}/{record}", get(custody))
		.route("/receipts/{patient}", get(receipts))
		.route("/label-key/{patient}", get(label_key))
		.route("/datasets/{dataset}/contributions", get(contributions))
		.route("/datasets/{dataset}/contributions/{pseudonym}", get(contribution))
		.route("/alerts/{patient}/{alert}", get(alert))
		.route("/fhir/{type}", get(search))
		.route("/fhir/{type}/{id}", get(read))
		.layer(from_fn_with_state(gate, bound));
	// These cost nothing, and tell that the gateway lives when it is busy, too.
	Router::new()
		.route("/health", get(|State(gateway): State<Gateway>| async move { Json(gateway.health()) }))
		.route("/fhir/metadata", get(|| async { fhir::response(fhir::capabilities()) }))
		.fallback(|uri: Uri| async move { refused(&uri, &GatewayError::UnknownPath) })
		.merge(bounded)
		.with_state(gateway)
}

/// Lets so many requests in at once, without bodies, and for so long.
pub(crate) async fn bound(State(gate): State<Gate>, request: Request, next: Next) -> Response {
	let uri = request.uri().clone();
	let headers = request.headers();
	let empty = headers.get(CONTENT_LENGTH).is_none_or(|length| length == "0");
	if !empty || headers.contains_key(TRANSFER_ENCODING) {
		return refused(&uri, &GatewayError::Body);
	}
	let Ok(_permit) = gate.in_flight.try_acquire() else {
		let mut response = refused(&uri, &GatewayError::Busy);
		response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
		return response;
	};
	match tokio::time::timeout(gate.timeout, next.run(request)).await {
		Ok(response) => response,
		Err(_) => refused(&uri, &GatewayError::Timeout),
	}
}

/// A refusal in the form that the path's clients read.
pub(crate) fn refused(uri: &Uri, error: &GatewayError) -> Response {
	if uri.path().starts_with("/fhir/") {
		(error.status(), fhir::response(fhir::outcome(error))).into_response()
	} else {
		(error.status(), Json(error.refusal())).into_response()
	}
}

/// What every signed path is asked with.
struct Asked {
	gateway: Gateway,
	uri: Uri,
	/// The signed request that HTTP carried.
	signed: Result<SignedRequest, RequestError>,
}

impl FromRequestParts<Gateway> for Asked {
	type Rejection = Infallible;

	async fn from_request_parts(parts: &mut Parts, gateway: &Gateway) -> Result<Self, Infallible> {
		let target = parts.uri.path_and_query().map_or(parts.uri.path(), |target| target.as_str());
		let header = |name: &'static str| parts.headers.get(name).and_then(|value| value.to_str().ok());
		let signed = SignedRequest::read(parts.method.as_str(), target, b"", header);
		Ok(Self { gateway: gateway.clone(), uri: parts.uri.clone(), signed })
	}
}

fn parsed<T: std::str::FromStr>(name: &'static str, text: &str) -> Result<T, RequestError> {
	text.parse().map_err(|_| RequestError::Field(name))
}

/// A parameter of the query.
fn parameter<T: std::str::FromStr>(uri: &Uri, name: &'static str) -> Result<Option<T>, RequestError> {
	let pairs = uri.query().unwrap_or_default().split('&');
	let value = pairs.filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name);
	value.map(|(_, value)| parsed(name, value)).transpose()
}

async fn answer<T: serde::Serialize>(
	uri: &Uri,
	work: impl Future<Output = std::result::Result<T, GatewayError>>,
) -> Response {
	match work.await {
		Ok(answer) => Json(answer).into_response(),
		Err(error) => refused(uri, &error),
	}
}

async fn fhir_answer(uri: &Uri, work: impl Future<Output = std::result::Result<Value, GatewayError>>) -> Response {
	match work.await {
		Ok(resource) => fhir::response(resource),
		Err(error) => refused(uri, &error),
	}
}

async fn record(asked: Asked, Path((patient, record)): Path<(String, String)>) -> Response {
	let Asked { gateway, uri, signed } = asked;
	answer(&uri, async { gateway.release(signed?, parsed("patient", &patient)?, parsed("record", &record)?).await })
		.await
}

async fn custody(asked: Asked, Path((patient, record)): Path<(String, String)>) -> Response {
	let Asked { gateway, uri, signed } = asked;
	answer(&uri, async { gateway.hand_over(signed?, parsed("patient", &patient)?, parsed("record", &record)?).await })
		.await
}

async fn receipts(asked: Asked, Path(patient): Path<String>) -> Response {
	let Asked { gateway, uri, signed } = asked;
	answer(&uri, async {
		let signed = signed?;
		let from = parameter(&uri, "_cursor")?.unwrap_or(0);
		gateway.receipts(signed, parsed("patient", &patient)?, from).await
	})
	.await
}

async fn alert(asked: Asked, Path((patient, alert)): Path<(String, String)>) -> Response {
	let Asked { gateway, uri, signed } = asked;
	answer(&uri, async { gateway.alert(signed?, parsed("patient", &patient)?, parsed("alert", &alert)?).await }).await
}

async fn label_key(asked: Asked, Path(patient): Path<String>) -> Response {
	let Asked { gateway, uri, signed } = asked;
	answer(&uri, async { gateway.label_key(signed?, parsed("patient", &patient)?).await }).await
}

async fn contributions(asked: Asked, Path(dataset): Path<String>) -> Response {
	let Asked { gateway, uri, signed } = asked;
	answer(&uri, async {
		let signed = signed?;
		let grant = parameter(&uri, "grant")?.ok_or(RequestError::Field("grant"))?;
		let after = parameter(&uri, "_cursor")?;
		gateway.contributions(signed, parsed("dataset", &dataset)?, grant, after).await
	})
	.await
}

async fn contribution(asked: Asked, Path((dataset, pseudonym)): Path<(String, String)>) -> Response {
	let Asked { gateway, uri, signed } = asked;
	answer(&uri, async {
		let signed = signed?;
		let grant = parameter(&uri, "grant")?.ok_or(RequestError::Field("grant"))?;
		let (dataset, pseudonym) = (parsed("dataset", &dataset)?, parsed("pseudonym", &pseudonym)?);
		gateway.contribution(signed, dataset, pseudonym, grant).await
	})
	.await
}

async fn search(asked: Asked, Path(resource_type): Path<String>) -> Response {
	let Asked { gateway, uri, signed } = asked;
	fhir_answer(&uri, async {
		let resource_type = fhir::resource_type(&resource_type)?;
		let signed = signed?;
		let patient = parameter(&uri, "patient")?.ok_or(RequestError::Field("patient"))?;
		let count = parameter(&uri, "_count")?;
		let cursor = parameter(&uri, "_cursor")?;
		gateway.search(signed, resource_type, patient, count, cursor).await
	})
	.await
}

async fn read(asked: Asked, Path((resource_type, id)): Path<(String, String)>) -> Response {
	let Asked { gateway, uri, signed } = asked;
	fhir_answer(&uri, async {
		let resource_type = fhir::resource_type(&resource_type)?;
		let signed = signed?;
		let patient = parameter(&uri, "patient")?.ok_or(RequestError::Field("patient"))?;
		gateway.read(signed, resource_type, patient, parsed("id", &format!("0x{id}"))?).await
	})
	.await
}
