//! What can go wrong in a `salus_*` or `dev_*` method, each with a code that never changes its meaning.
//!
//! | code | name | when |
//! |---|---|---|
//! | 20001 | `unknown-block` | the block asked is not in this node's database |
//! | 20002 | `state-unavailable` | the block is known, but its state is pruned |
//! | 20003 | `unsupported` | the runtime of the block asked has no such question |
//! | 20004 | `runtime-failed` | the runtime did not answer |
//! | 20005 | `invalid-limit` | a page has from 1 to 100 items, a chain of custody from 1 to 256 steps |
//! | 20006 | `database-failed` | the database did not answer |
//! | 20007 | `history-pruned` | the state of a block that holds a step of the chain of custody is pruned: ask an archive node |
//! | 20008 | `history-changed` | the best chain lacks a step of the chain of custody: the block asked is on another fork |
//! | 20009 | `not-judged` | a request like this cannot be judged; the detail says why (`unknown-dataset`, `not-researcher`, …) |
//! | 20010 | `not-granted` | a gateway must not release the contribution under the grant; the detail says why (`not-active`, …) |
//! | 20101 | `time-out-of-range` | the clock cannot be advanced so far |
//! | 20102 | `seal-failed` | the block was not made |
//!
//! Parameters that cannot be read give JSON-RPC's -32602, and unsafe methods on an exposed interface -32601, as in
//! every Substrate node. Something that is not there is no error: the answer is `null`, or an empty page. The name
//! is in the error's `data`, beside the detail.

use jsonrpsee::types::{ErrorObject, ErrorObjectOwned};
use salus_primitives::research::{AccessRefusal, MatchRefusal};
use salus_runtime::Hash;
use sc_rpc_api::UnsafeRpcError;
use std::fmt;

/// An error of a `salus_*` or `dev_*` method.
#[derive(Debug)]
pub enum Error {
	/// The block asked is not in this node's database.
	UnknownBlock(Hash),
	/// The block is known, but its state is pruned.
	StateUnavailable(Hash),
	/// The runtime of the block asked has no such question.
	Unsupported(Hash),
	/// The runtime did not answer.
	Runtime(String),
	/// No page has so many items, or no chain so many steps.
	InvalidLimit {
		/// What was asked.
		limit: u32,
		/// The most there can be.
		most: u32,
	},
	/// The database did not answer.
	Database(String),
	/// The state of the block of this number is pruned, and with it a step of the chain of custody.
	HistoryPruned(u32),
	/// The best chain's block of this number lacks the step of the chain of custody that it should hold.
	HistoryChanged(u32),
	/// A request like this cannot be judged.
	NotJudged(MatchRefusal),
	/// A gateway must not release the contribution under the grant.
	NotGranted(AccessRefusal),
	/// The clock cannot be advanced so far.
	TimeOutOfRange(String),
	/// The block was not made.
	Seal(String),
	/// The method is refused on this interface.
	Unsafe(UnsafeRpcError),
}

impl Error {
	/// The stable code.
	pub fn code(&self) -> i32 {
		match self {
			Self::UnknownBlock(_) => 20_001,
			Self::StateUnavailable(_) => 20_002,
			Self::Unsupported(_) => 20_003,
			Self::Runtime(_) => 20_004,
			Self::InvalidLimit { .. } => 20_005,
			Self::Database(_) => 20_006,
			Self::HistoryPruned(_) => 20_007,
			Self::HistoryChanged(_) => 20_008,
			Self::NotJudged(_) => 20_009,
			Self::NotGranted(_) => 20_010,
			Self::TimeOutOfRange(_) => 20_101,
			Self::Seal(_) => 20_102,
			Self::Unsafe(_) => jsonrpsee::types::ErrorCode::MethodNotFound.code(),
		}
	}

	/// The stable name.
	pub fn name(&self) -> &'static str {
		match self {
			Self::UnknownBlock(_) => "unknown-block",
			Self::StateUnavailable(_) => "state-unavailable",
			Self::Unsupported(_) => "unsupported",
			Self::Runtime(_) => "runtime-failed",
			Self::InvalidLimit { .. } => "invalid-limit",
			Self::Database(_) => "database-failed",
			Self::HistoryPruned(_) => "history-pruned",
			Self::HistoryChanged(_) => "history-changed",
			Self::NotJudged(_) => "not-judged",
			Self::NotGranted(_) => "not-granted",
			Self::TimeOutOfRange(_) => "time-out-of-range",
			Self::Seal(_) => "seal-failed",
			Self::Unsafe(_) => "unsafe",
		}
	}

	fn detail(&self) -> Option<String> {
		match self {
			Self::UnknownBlock(hash) | Self::StateUnavailable(hash) | Self::Unsupported(hash) => {
				Some(format!("{hash:?}"))
			}
			Self::Runtime(text) | Self::Database(text) | Self::TimeOutOfRange(text) | Self::Seal(text) => {
				Some(text.clone())
			}
			Self::InvalidLimit { limit: number, .. } | Self::HistoryPruned(number) | Self::HistoryChanged(number) => {
				Some(number.to_string())
			}
			Self::NotJudged(refusal) => Some(refusal.to_string()),
			Self::NotGranted(refusal) => Some(refusal.to_string()),
			Self::Unsafe(_) => None,
		}
	}
}

impl fmt::Display for Error {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match self {
			Self::UnknownBlock(_) => f.write_str("this node does not know the block"),
			Self::StateUnavailable(_) => f.write_str("this node no longer has the state of the block"),
			Self::Unsupported(_) => f.write_str("the runtime of the block cannot answer this"),
			Self::Runtime(_) => f.write_str("the runtime did not answer"),
			Self::InvalidLimit { most, .. } => write!(f, "the limit must be from 1 to {most}"),
			Self::Database(_) => f.write_str("the database did not answer"),
			Self::HistoryPruned(_) => f.write_str(
				"this node pruned a block that the chain of custody leads through and cannot replay it; an archive node can",
			),
			Self::HistoryChanged(_) => {
				f.write_str("the best chain lacks a step of this chain of custody; ask again at a block of the best chain")
			}
			Self::NotJudged(refusal) => write!(f, "a request like this cannot be judged: {refusal}"),
			Self::NotGranted(refusal) => write!(f, "the contribution must not be released under the grant: {refusal}"),
			Self::TimeOutOfRange(_) => f.write_str("the clock cannot be advanced so far"),
			Self::Seal(_) => f.write_str("the block was not made"),
			Self::Unsafe(error) => error.fmt(f),
		}
	}
}

impl std::error::Error for Error {}

impl From<UnsafeRpcError> for Error {
	fn from(error: UnsafeRpcError) -> Self {
		Self::Unsafe(error)
	}
}

impl From<Error> for ErrorObjectOwned {
	fn from(error: Error) -> Self {
		let data = serde_json::json!({ "name": error.name(), "detail": error.detail() });
		ErrorObject::owned(error.code(), error.to_string(), Some(data))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	fn all() -> Vec<Error> {
		vec![
			Error::UnknownBlock(Hash::zero()),
			Error::StateUnavailable(Hash::zero()),
			Error::Unsupported(Hash::zero()),
			Error::Runtime("r".into()),
			Error::InvalidLimit { limit: 0, most: 100 },
			Error::Database("d".into()),
			Error::HistoryPruned(0),
			Error::HistoryChanged(0),
			Error::NotJudged(MatchRefusal::UnknownDataset),
			Error::NotGranted(AccessRefusal::NotActive),
			Error::TimeOutOfRange("t".into()),
			Error::Seal("s".into()),
			Error::Unsafe(UnsafeRpcError),
		]
	}

	#[test]
	fn codes_and_names_never_change() {
		let codes: Vec<_> = all().iter().map(|error| (error.code(), error.name())).collect();
		assert_eq!(
			codes,
			[
				(20_001, "unknown-block"),
				(20_002, "state-unavailable"),
				(20_003, "unsupported"),
				(20_004, "runtime-failed"),
				(20_005, "invalid-limit"),
				(20_006, "database-failed"),
				(20_007, "history-pruned"),
				(20_008, "history-changed"),
				(20_009, "not-judged"),
				(20_010, "not-granted"),
				(20_101, "time-out-of-range"),
				(20_102, "seal-failed"),
				(-32_601, "unsafe"),
			]
		);
	}

	#[test]
	fn the_name_and_the_detail_travel_in_the_data() {
		let object = ErrorObjectOwned::from(Error::InvalidLimit { limit: 101, most: 100 });
		assert_eq!(object.code(), 20_005);
		assert_eq!(object.message(), "the limit must be from 1 to 100");
		assert_eq!(object.data().unwrap().get(), r#"{"detail":"101","name":"invalid-limit"}"#);
	}

	#[test]
	fn the_documented_codes_are_those_of_the_enum() {
		let docs = include_str!("error.rs");
		for error in all().iter().filter(|error| error.code() > 0) {
			assert!(docs.contains(&format!("//! | {} | `{}` |", error.code(), error.name())));
		}
	}
}
