//! The custodian's HTTP service: releases a record only after the chain has permitted it.
//!
//! | request | answer |
//! |---|---|
//! | `GET /health` | [`Health`] |
//! | `GET /records/{patient}/{record}` | [`Release`], or [`Refusal`] |
//! | `GET /receipts/{patient}` | [`receipts::ReceiptsPage`]: proved against what the chain has |
//! | `GET /alerts/{patient}/{alert}` | [`care::AlertRelease`], to who was alerted |
//! | `GET /label-key/{patient}` | [`LabelKeyRelease`] |
//! | `GET /custody/{patient}/{record}` | [`HandOver`], to the gateway of the next custodian |
//! | `GET /datasets/{dataset}/contributions…` | contributions to research datasets: see [`contributions`] |
//! | `GET /fhir/metadata`, `GET /fhir/{type}/{id}`, `GET /fhir/{type}` | FHIR R4: see [`fhir`] |
//!
//! All but the health and the metadata are signed as in [`request`], with `?purpose=…&action=…` in the target.
//!
//! A record is released if the chain permits it at the best block *and* at the latest finalised one, and if no refusal
//! that was seen at a best block is waiting for finality to pass its height. So a consent waits for finality, its end
//! works at once, and neither a reorganisation nor a stalled node opens anything. What was given or refused is on the
//! gateway's disk before the answer leaves, and on the chain soon after.

pub mod anchor;
pub mod care;
pub mod contributions;
mod custody;
pub mod fhir;
mod held;
pub(crate) mod http;
pub mod journal;
pub mod leaving;
pub mod metrics;
pub mod receipts;
pub mod request;
pub mod server;

use axum::http::StatusCode;
use request::RequestError;
use salus_primitives::{
	research::AccessRefusal,
	views::{AccessAnswer, RecordView},
	AccountId, Moment, ObligationSet, OrgId, PatientId, H256,
};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

pub use http::{Limits, Tls};
pub use server::{Config, Gateway};

/// Where a custodian keeps what, below the home of Salus.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Folders {
	home: PathBuf,
}

impl Folders {
	/// Below this folder.
	pub fn of(home: &Path) -> Self {
		Self { home: home.to_owned() }
	}

	/// The home of Salus.
	pub fn home(&self) -> &Path {
		&self.home
	}

	/// Ciphertext, unless another object store is named.
	pub fn store(&self) -> PathBuf {
		self.home.join("store")
	}

	/// Data keys.
	pub fn data_keys(&self) -> PathBuf {
		self.home.join("gateway").join("data-keys")
	}

	/// Receipts and nonces of the gateway.
	pub fn journal(&self) -> PathBuf {
		self.home.join("gateway").join("journal")
	}

	/// Notes on records whose key and ciphertext are to be destroyed.
	pub fn leaving(&self) -> PathBuf {
		self.home.join("gateway").join("leaving")
	}

	/// What is known of the streams that are held here.
	pub fn streams(&self) -> PathBuf {
		self.home.join("streams")
	}

	/// Care plan rules that are evaluated here, and what was alerted of.
	pub fn care(&self) -> PathBuf {
		self.home.join("gateway").join("care")
	}

	/// Notes on records that are being added.
	pub fn under_way(&self) -> PathBuf {
		self.home.join("gateway").join("under-way")
	}
}

/// The answer to `GET /health`.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Health {
	/// The gateway's account: requests are signed for it.
	pub gateway: AccountId,
	/// The custodian.
	pub org: OrgId,
	/// Genesis hash of the chain that decides.
	pub genesis: H256,
	/// Receipts that are on the disk and not yet on the chain.
	pub receipts_pending: u64,
	/// Receipts that the chain did not take.
	pub receipts_failed: u64,
}

/// A record that is released.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Release {
	/// The record's anchor at the best block.
	pub record: RecordView,
	/// The decision at the best block.
	pub answer: AccessAnswer,
	/// What the reader is obliged to: by either decision.
	pub obligations: ObligationSet,
	/// Height of the finalised block that also permits it.
	pub finalised: u32,
	/// The data key, sealed to the requester's registered key; hexadecimal.
	pub envelope: String,
	/// The encrypted record; hexadecimal.
	pub ciphertext: String,
	/// Hash of the signed request, as in the receipt.
	pub request: H256,
	/// Place of the receipt in the gateway's journal.
	pub receipt: u64,
}

/// The answer to `GET /label-key/{patient}`.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct LabelKeyRelease {
	/// The patient.
	pub patient: PatientId,
	/// Epoch of the label key.
	pub label_epoch: u32,
	/// The label key, sealed to the requester's registered key; hexadecimal.
	pub envelope: String,
}

/// The answer to `GET /custody/{patient}/{record}`.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct HandOver {
	/// The record's anchor at the best block.
	pub record: RecordView,
	/// The data key, sealed to the requester's registered key; hexadecimal.
	pub envelope: String,
	/// The encrypted record; hexadecimal.
	pub ciphertext: String,
}

/// The answer to a request that is not served.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
	/// A stable code: see [`GatewayError::code`].
	pub error: String,
	/// What it means.
	pub message: String,
	/// The chain's decision, if it is the reason.
	#[serde(default, skip_serializing_if = "Option::is_none")]
	pub answer: Option<AccessAnswer>,
}

/// Why a request is not served.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum GatewayError {
	/// The request itself.
	#[error(transparent)]
	Request(#[from] RequestError),
	/// The chain's decision, or an earlier one that still holds.
	#[error("the chain refuses it: {}", .0.decision.reason.code())]
	Denied(Box<AccessAnswer>),
	/// There is no such patient or record.
	#[error("there is no such record")]
	UnknownRecord,
	/// Another organisation keeps the record.
	#[error("this gateway does not keep the record")]
	NotCustodian,
	/// The requester does not act for the patient.
	#[error("the account does not act for the patient")]
	NotForPatient,
	/// The record was not offered to the requester's organisation, or the patient has not agreed.
	#[error("the record was not offered to the account's organisation, or the patient has not agreed")]
	NotOffered,
	/// The grant does not give the contribution.
	#[error("the grant does not give it: {}", .0.code())]
	NotGranted(AccessRefusal),
	/// What the contribution stands for is not kept here.
	#[error("what the contribution stands for is not kept here any more")]
	ContributionMissing,
	/// What the contribution stands for is not what was committed to.
	#[error("what is kept is not what was contributed: it was corrected since, or is damaged")]
	ContributionChanged,
	/// No such alert was raised here.
	#[error("this gateway raised no such alert")]
	UnknownAlert,
	/// The alert told somebody else.
	#[error("the alert told another account")]
	NotRecipient,
	/// The patient's label key was not sealed to this gateway.
	#[error("the patient's label key was not sealed to this gateway")]
	NoLabelKey,
	/// No such type of resources, or the record is of another.
	#[error("there is nothing of this type")]
	UnknownType,
	/// No such path.
	#[error("this gateway serves nothing there")]
	UnknownPath,
	/// Requests have no body here.
	#[error("a request has no body")]
	Body,
	/// As many requests as the gateway takes are being answered.
	#[error("the gateway is busy: ask again")]
	Busy,
	/// The answer took too long.
	#[error("the answer took too long")]
	Timeout,
	/// The requester has no encryption key.
	#[error("the account has registered no encryption key")]
	KeyNotRegistered,
	/// The requester's encryption key has been rotated.
	#[error("the account's encryption key has epoch {actual}")]
	KeyEpoch {
		/// The present epoch.
		actual: u32,
	},
	/// The data key is gone.
	#[error("the data key of version {version} is not here")]
	DataKeyMissing {
		/// Of the record.
		version: u32,
	},
	/// The ciphertext is gone.
	#[error("the ciphertext is not in the object store")]
	CiphertextMissing,
	/// The ciphertext is not what was anchored.
	#[error("the stored ciphertext is not the one that was anchored")]
	CiphertextCorrupted,
	/// The node cannot be asked.
	#[error("the node cannot be asked: {0}")]
	Node(String),
	/// The node's state is not the present one.
	#[error("the node is not up to date: {0}")]
	NodeBehind(String),
	/// Receipts cannot be written down, or the store cannot be read.
	#[error("the gateway's storage does not work: {0}")]
	Storage(String),
}

impl GatewayError {
	/// The stable code.
	pub const fn code(&self) -> &'static str {
		match self {
			Self::Request(error) => error.code(),
			Self::Denied(_) => "denied",
			Self::UnknownRecord => "unknown-record",
			Self::NotCustodian => "not-custodian",
			Self::NotForPatient => "not-for-patient",
			Self::NotOffered => "not-offered",
			Self::NotGranted(refusal) => refusal.code(),
			Self::ContributionMissing => "contribution-missing",
			Self::ContributionChanged => "contribution-changed",
			Self::UnknownAlert => "unknown-alert",
			Self::NotRecipient => "not-recipient",
			Self::NoLabelKey => "no-label-key",
			Self::UnknownType => "unknown-type",
			Self::UnknownPath => "unknown-path",
			Self::Body => "body",
			Self::Busy => "busy",
			Self::Timeout => "timeout",
			Self::KeyNotRegistered => "key-not-registered",
			Self::KeyEpoch { .. } => "key-epoch",
			Self::DataKeyMissing { .. } => "data-key-missing",
			Self::CiphertextMissing => "ciphertext-missing",
			Self::CiphertextCorrupted => "ciphertext-corrupted",
			Self::Node(_) => "node-unreachable",
			Self::NodeBehind(_) => "node-behind",
			Self::Storage(_) => "storage",
		}
	}

	/// The HTTP status.
	pub const fn status(&self) -> StatusCode {
		match self {
			Self::Request(RequestError::Field(_)) => StatusCode::BAD_REQUEST,
			Self::Request(_) => StatusCode::UNAUTHORIZED,
			Self::Denied(_) | Self::NotForPatient | Self::NotOffered | Self::NotGranted(_) | Self::NotRecipient => {
				StatusCode::FORBIDDEN
			}
			Self::UnknownRecord | Self::UnknownAlert | Self::NoLabelKey | Self::UnknownType | Self::UnknownPath => {
				StatusCode::NOT_FOUND
			}
			Self::Body => StatusCode::PAYLOAD_TOO_LARGE,
			Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
			Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
			Self::NotCustodian => StatusCode::MISDIRECTED_REQUEST,
			Self::KeyNotRegistered | Self::KeyEpoch { .. } | Self::ContributionChanged => StatusCode::CONFLICT,
			Self::DataKeyMissing { .. } | Self::CiphertextMissing | Self::ContributionMissing => StatusCode::GONE,
			Self::CiphertextCorrupted | Self::Storage(_) => StatusCode::INTERNAL_SERVER_ERROR,
			Self::Node(_) | Self::NodeBehind(_) => StatusCode::SERVICE_UNAVAILABLE,
		}
	}

	/// What is sent.
	pub fn refusal(&self) -> Refusal {
		let answer = match self {
			Self::Denied(answer) => Some((**answer).clone()),
			_ => None,
		};
		Refusal { error: self.code().into(), message: self.to_string(), answer }
	}
}

/// The wall clock, in unix milliseconds.
pub fn now() -> Moment {
	chrono::Utc::now().timestamp_millis().try_into().unwrap_or(0)
}
