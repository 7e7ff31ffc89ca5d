//! Streams of what patients' devices measure.

use super::{error::Error, page_limit, Salus};
use crate::service::Block;
use jsonrpsee::proc_macros::rpc;
use salus_primitives::{api::StreamsApi, stream::StreamView, views::Page, PatientId, StreamId};
use salus_runtime::Hash;

/// What is anchored of a patient's measurements.
#[rpc(client, server)]
pub trait StreamsRpc {
	/// A stream, or `null`.
	#[method(name = "salus_stream", blocking)]
	fn stream(&self, patient: PatientId, stream: StreamId, at: Option<Hash>) -> Result<Option<StreamView>, Error>;

	/// The patient's streams, from after the cursor.
	#[method(name = "salus_streams", blocking)]
	fn streams(
		&self,
		patient: PatientId,
		cursor: Option<StreamId>,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> Result<Page<StreamView, StreamId>, Error>;
}

impl StreamsRpcServer for Salus {
	fn stream(&self, patient: PatientId, stream: StreamId, at: Option<Hash>) -> Result<Option<StreamView>, Error> {
		self.call::<dyn StreamsApi<Block>, _>(at, |api, at| api.stream(at, patient, stream))
	}

	fn streams(
		&self,
		patient: PatientId,
		cursor: Option<StreamId>,
		limit: Option<u32>,
		at: Option<Hash>,
	) -> Result<Page<StreamView, StreamId>, Error> {
		let limit = page_limit(limit)?;
		self.call::<dyn StreamsApi<Block>, _>(at, |api, at| api.streams(at, patient, cursor, limit))
	}
}
