//! Every way to fail: a message that says what to do, a stable code, a stable exit code.
//!
//! Codes are in lower case (`node-unreachable`); those of refused documents, which come with a JSON pointer, and of GS1
//! strings, which come with the AI concerned, are names (`AmbiguousBase`, `MalformedFhir`, `BadCheckDigit`).
//!
//! | exit code | meaning |
//! |---|---|
//! | 0 | done |
//! | 1 | something unexpected |
//! | 2 | the input is refused: wrong arguments, a passphrase that is missing or wrong, malformed FHIR, a resource type or code that is not known, a consent that cannot be taken exactly, a malformed GS1 string |
//! | 3 | the node cannot be reached |
//! | 4 | the node runs another chain than the one asked for |
//! | 5 | the chain's decision is to deny |
//! | 6 | the ciphertext or its key is missing |
//! | 7 | ciphertext, envelope, signature or the package of a shipment do not verify |
//! | 8 | the object store is full or cannot be written or reached |
//! | 9 | no encryption key is registered for an account, or it is not the one held here |
//! | 10 | the account cannot pay |
//! | 11 | the signed request expired or was used before |
//! | 12 | the transaction failed on chain |
//! | 13 | not found: a key, a patient, a record, an organisation, a file |
//! | 14 | the gateway cannot be reached |
//! | 15 | the gateway's node is syncing or behind the clock, so that it refuses to decide |
//! | 16 | the work is done in part; the same command again completes it |
//! | 17 | a pack, or one of many, is not genuine: it must not be given to a patient |

use salus_primitives::gs1::Gs1Error;
use std::path::{Path, PathBuf};

/// What the client's functions answer.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Every way to fail. [`Error::exit_code`] and [`Error::code`] are stable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
	/// Something that nobody planned for.
	#[error("{0}")]
	Unexpected(String),
	/// Input that cannot be taken.
	#[error("{message}{}", at.as_ref().map(|at| format!(" (at {at:?})")).unwrap_or_default())]
	Refused {
		/// What is wrong with it, in one stable word.
		code: &'static str,
		/// JSON pointer (RFC 6901) to the place; `None` where the input is not JSON.
		at: Option<String>,
		/// What is wrong and what would be right.
		message: String,
	},
	/// A GS1 string that cannot be taken.
	#[error("{0}")]
	Gs1(#[from] Gs1Error),
	/// No answer from the node.
	#[error("no node answers at {url}: {reason}. Start one (`salus-node --dev`) or name another with --node")]
	NodeUnreachable {
		/// Where it should be.
		url: String,
		/// What the transport said.
		reason: String,
	},
	/// The node's genesis is not the expected one.
	#[error("the node runs the chain with genesis {found}, but {expected} was asked for: name the right node with --node, or the right chain with --genesis")]
	WrongGenesis {
		/// As asked for.
		expected: String,
		/// As the node says.
		found: String,
	},
	/// The chain's decision is to deny.
	#[error("access denied: {reason}{}{}", consent.map(|id| format!(", consent {id}")).unwrap_or_default(), rule.map(|rule| format!(", rule {rule}")).unwrap_or_default())]
	Denied {
		/// The decision's reason code.
		reason: String,
		/// The consent that made it.
		consent: Option<u32>,
		/// The rule of that consent.
		rule: Option<u8>,
	},
	/// The object is not in the store.
	#[error("the object store has no ciphertext at {locator}: restore it from a backup, or anchor the record again")]
	CiphertextMissing {
		/// Where it should be.
		locator: String,
	},
	/// The gateway holds no data key for this version.
	#[error(
		"there is no data key for record {record}, version {version}: it was destroyed, or belongs to another gateway"
	)]
	DataKeyMissing {
		/// The record.
		record: String,
		/// Its version.
		version: u32,
	},
	/// Something that does not verify.
	#[error("{0}")]
	Corrupted(String),
	/// No space left.
	#[error("the object store at {place} is full: free some space or choose another with --store, then run the command again")]
	StoreFull {
		/// Its directory or URL.
		place: String,
	},
	/// Writing or reading is refused or impossible.
	#[error("the object store at {place} cannot be used: {reason}. Check its permissions, credentials and address")]
	StoreUnusable {
		/// Its directory or URL.
		place: String,
		/// What it said.
		reason: String,
	},
	/// The account has no encryption key on chain.
	#[error("account {account} has registered no encryption key: run `salus key register` with it first")]
	KeyNotRegistered {
		/// SS58 address.
		account: String,
	},
	/// The key on chain is not the one held here.
	#[error("the encryption key that account {account} registered is not the one in the key file: import that one, or register this one")]
	KeyMismatch {
		/// SS58 address.
		account: String,
	},
	/// Fees or deposit cannot be paid.
	#[error("account {account} cannot pay: {reason}. Transfer some SLS to it")]
	InsufficientFunds {
		/// SS58 address.
		account: String,
		/// What the chain said.
		reason: String,
	},
	/// The request is too old, or its expiry lies too far ahead.
	#[error("the signed request has expired: {reason}. Check both clocks and sign a new one")]
	RequestExpired {
		/// By how much.
		reason: String,
	},
	/// The nonce was seen before.
	#[error("the signed request was used before: sign a new one")]
	RequestReplayed,
	/// The chain refused or undid the transaction.
	#[error("the transaction failed: {pallet}.{error}{}", docs_suffix(docs))]
	TransactionFailed {
		/// The pallet, or `Transaction` if it never came into a block.
		pallet: String,
		/// The name of the error.
		error: String,
		/// What the chain's metadata says about it.
		docs: String,
	},
	/// Nothing there.
	#[error("{what} was not found{}", hint_suffix(hint))]
	NotFound {
		/// What was looked for.
		what: String,
		/// What to do; may be empty.
		hint: String,
	},
	/// No answer from the gateway.
	#[error("no gateway answers at {url}: {reason}. Start one (`salus gateway run`) or name another with --gateway")]
	GatewayUnreachable {
		/// Where it should be.
		url: String,
		/// What the transport said.
		reason: String,
	},
	/// The gateway cannot know the present state.
	#[error("the gateway's node is not up to date: {reason}. Wait until it has caught up")]
	NodeBehind {
		/// By how much.
		reason: String,
	},
	/// Part of the work is done.
	#[error("{done} of {total} done, then: {reason}. Run the same command again: it completes what is missing and repeats nothing")]
	Incomplete {
		/// How many are done.
		done: usize,
		/// Of how many.
		total: usize,
		/// What stopped it.
		reason: String,
	},
	/// The sealed package that came is not the one that was committed to.
	#[error("the package is {found}, but the sender committed to {committed}: it does not belong to this shipment. Ask for the right one, or tell the chain with `salus drug dispute`")]
	PackageMismatch {
		/// As the chain has it.
		committed: String,
		/// Of the file.
		found: String,
	},
	/// A pack, or some of many, must not be given to a patient.
	#[error("{message}")]
	NotGenuine {
		/// Which, and why.
		message: String,
		/// The answer as JSON.
		answer: serde_json::Value,
	},
	/// None of a document's events could be taken.
	#[error("none of the events is a step of a parcel's life")]
	NothingTaken {
		/// The answer as JSON: each event and why it was refused.
		answer: serde_json::Value,
	},
	/// A file cannot be read or written.
	#[error("{}: {reason}", path.display())]
	File {
		/// The file.
		path: PathBuf,
		/// What the system said.
		reason: String,
	},
}

fn docs_suffix(docs: &str) -> String {
	if docs.is_empty() {
		String::new()
	} else {
		format!(" ({docs})")
	}
}

fn hint_suffix(hint: &str) -> String {
	if hint.is_empty() {
		String::new()
	} else {
		format!(": {hint}")
	}
}

impl Error {
	/// The process's exit code.
	pub const fn exit_code(&self) -> u8 {
		match self {
			Self::Unexpected(_) | Self::File { .. } => 1,
			Self::Refused { .. } | Self::Gs1(_) | Self::NothingTaken { .. } => 2,
			Self::NodeUnreachable { .. } => 3,
			Self::WrongGenesis { .. } => 4,
			Self::Denied { .. } => 5,
			Self::CiphertextMissing { .. } | Self::DataKeyMissing { .. } => 6,
			Self::Corrupted(_) | Self::PackageMismatch { .. } => 7,
			Self::StoreFull { .. } | Self::StoreUnusable { .. } => 8,
			Self::KeyNotRegistered { .. } | Self::KeyMismatch { .. } => 9,
			Self::InsufficientFunds { .. } => 10,
			Self::RequestExpired { .. } | Self::RequestReplayed => 11,
			Self::TransactionFailed { .. } => 12,
			Self::NotFound { .. } => 13,
			Self::GatewayUnreachable { .. } => 14,
			Self::NodeBehind { .. } => 15,
			Self::Incomplete { .. } => 16,
			Self::NotGenuine { .. } => 17,
		}
	}

	/// The code in JSON answers.
	pub const fn code(&self) -> &'static str {
		match self {
			Self::Unexpected(_) => "unexpected",
			Self::Refused { code, .. } => code,
			Self::Gs1(error) => error.code(),
			Self::NodeUnreachable { .. } => "node-unreachable",
			Self::WrongGenesis { .. } => "wrong-genesis",
			Self::Denied { .. } => "denied",
			Self::CiphertextMissing { .. } => "ciphertext-missing",
			Self::DataKeyMissing { .. } => "data-key-missing",
			Self::Corrupted(_) => "corrupted",
			Self::StoreFull { .. } => "store-full",
			Self::StoreUnusable { .. } => "store-unusable",
			Self::KeyNotRegistered { .. } => "key-not-registered",
			Self::KeyMismatch { .. } => "key-mismatch",
			Self::InsufficientFunds { .. } => "insufficient-funds",
			Self::RequestExpired { .. } => "request-expired",
			Self::RequestReplayed => "request-replayed",
			Self::TransactionFailed { .. } => "transaction-failed",
			Self::NotFound { .. } => "not-found",
			Self::GatewayUnreachable { .. } => "gateway-unreachable",
			Self::NodeBehind { .. } => "node-behind",
			Self::Incomplete { .. } => "incomplete",
			Self::PackageMismatch { .. } => "package-mismatch",
			Self::NotGenuine { .. } => "not-genuine",
			Self::NothingTaken { .. } => "nothing-taken",
			Self::File { .. } => "file",
		}
	}

	/// `{"error": code, "message": …}`, with what else the error names: `at` for refused input, `ai` for GS1's, `reason`, `consent` and
	/// `rule` for a denial, `pallet` and `name` for a failed transaction, `done` and `total` for work done in part,
	/// `committed` and `found` for a package, and all that is known of packs that are not genuine and of events that were
	/// not taken.
	pub fn to_json(&self) -> serde_json::Value {
		let mut json = serde_json::json!({ "error": self.code(), "message": self.to_string() });
		match self {
			Self::Refused { at: Some(at), .. } => json["at"] = at.as_str().into(),
			Self::Gs1(error) => json["ai"] = error.ai().into(),
			Self::Denied { reason, consent, rule } => {
				json["reason"] = reason.as_str().into();
				json["consent"] = (*consent).into();
				json["rule"] = (*rule).into();
			}
			Self::TransactionFailed { pallet, error, .. } => {
				json["pallet"] = pallet.as_str().into();
				json["name"] = error.as_str().into();
			}
			Self::PackageMismatch { committed, found } => {
				json["committed"] = committed.as_str().into();
				json["found"] = found.as_str().into();
			}
			Self::NotGenuine { answer, .. } | Self::NothingTaken { answer } => {
				for (name, value) in answer.as_object().into_iter().flatten() {
					json[name] = value.clone();
				}
			}
			Self::Incomplete { done, total, .. } => {
				json["done"] = (*done).into();
				json["total"] = (*total).into();
			}
			_ => {}
		}
		json
	}

	/// Input refused at a JSON pointer.
	pub fn refused(code: &'static str, at: impl Into<String>, message: impl Into<String>) -> Self {
		Self::Refused { code, at: Some(at.into()), message: message.into() }
	}

	/// Input refused that is not JSON: an argument, an option, a table.
	pub fn usage(code: &'static str, message: impl Into<String>) -> Self {
		Self::Refused { code, at: None, message: message.into() }
	}

	/// Nothing there, and what to do about it.
	pub fn not_found(what: impl Into<String>, hint: impl Into<String>) -> Self {
		Self::NotFound { what: what.into(), hint: hint.into() }
	}

	/// A file that could not be read or written.
	pub fn file(path: &Path, error: std::io::Error) -> Self {
		if error.kind() == std::io::ErrorKind::NotFound {
			return Self::not_found(path.display().to_string(), "");
		}
		if error.kind() == std::io::ErrorKind::InvalidData {
			return Self::usage("not-text", format!("{} is no text in UTF-8", path.display()));
		}
		Self::File { path: path.to_owned(), reason: error.to_string() }
	}

	/// Something that nobody planned for, with what was being done.
	pub fn unexpected(doing: &str, error: impl std::fmt::Display) -> Self {
		Self::Unexpected(format!("{doing}: {error}"))
	}
}
