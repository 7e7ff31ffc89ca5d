//! HTTP to gateways.

use crate::{Error, Result};
use reqwest::{header::RETRY_AFTER, Certificate, Client, Response, StatusCode};
use std::{path::Path, sync::OnceLock, time::Duration};

/// How long a gateway may take to answer.
const GATEWAY_TIMEOUT: Duration = Duration::from_secs(60);
/// How often a gateway that is busy is asked again.
const TRIES: u32 = 5;
/// The longest pause that a busy gateway can ask for.
const MAX_PAUSE: Duration = Duration::from_secs(5);
/// Environment variable with a file of root certificates that are trusted besides the public ones.
const GATEWAY_CA: &str = "SALUS_GATEWAY_CA";

static EXTRA_ROOTS: OnceLock<Vec<Certificate>> = OnceLock::new();

/// Trusts the root certificates in a PEM file, besides the public ones, for as long as this process lives. The first file
/// counts; without one, that of the variable `SALUS_GATEWAY_CA` does.
pub fn trust_gateway_ca(path: &Path) -> Result<()> {
	let certificates = read(path)?;
	EXTRA_ROOTS.get_or_init(|| certificates);
	Ok(())
}

fn read(path: &Path) -> Result<Vec<Certificate>> {
	let refused = |reason: String| Error::usage("bad-certificate", format!("{}: {reason}", path.display()));
	let text = std::fs::read(path).map_err(|error| Error::file(path, error))?;
	let certificates = Certificate::from_pem_bundle(&text).map_err(|error| refused(error.to_string()))?;
	if certificates.is_empty() {
		return Err(refused("there is no certificate in it".into()));
	}
	Ok(certificates)
}

fn client() -> Result<Client> {
	if let (None, Some(path)) = (EXTRA_ROOTS.get(), std::env::var_os(GATEWAY_CA)) {
		trust_gateway_ca(Path::new(&path))?;
	}
	let mut builder = Client::builder().timeout(GATEWAY_TIMEOUT).no_proxy();
	for certificate in EXTRA_ROOTS.get().into_iter().flatten() {
		builder = builder.add_root_certificate(certificate.clone());
	}
	builder.build().map_err(|error| Error::unexpected("starting the HTTP client", error))
}

/// Sends a request, again if the gateway is busy: then it has not looked at it.
pub(crate) async fn send(gateway: &str, target: &str, headers: &[(&'static str, String)]) -> Result<Response> {
	let client = client()?;
	let url = format!("{}{target}", gateway.trim_end_matches('/'));
	let mut tries = 1;
	loop {
		let mut request = client.get(&url);
		for (name, value) in headers {
			request = request.header(*name, value);
		}
		let response = request.send().await.map_err(|error| unreachable(gateway, &error))?;
		let pause = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
		match pause.map(Duration::from_secs) {
			Some(pause) if response.status() == StatusCode::SERVICE_UNAVAILABLE && tries < TRIES => {
				tokio::time::sleep(pause.min(MAX_PAUSE)).await;
				tries += 1;
			}
			_ => return Ok(response),
		}
	}
}

pub(crate) fn unreachable(gateway: &str, error: &reqwest::Error) -> Error {
	let mut cause: &dyn std::error::Error = error;
	while let Some(inner) = cause.source() {
		cause = inner;
	}
	Error::GatewayUnreachable { url: gateway.into(), reason: cause.to_string() }
}
