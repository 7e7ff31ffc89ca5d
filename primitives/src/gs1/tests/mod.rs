//! Tests.

mod ais;
mod keys;
mod links;
mod packs;
mod properties;
mod refusals;

use super::*;

/// The pairs of AI and value that a text says.
#[track_caller]
fn elements(text: &str) -> Vec<(String, String)> {
	let parsed = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
	parsed.elements.into_iter().map(|element| (element.ai, element.value)).collect()
}

/// The code and the AI of the error that a text is refused with.
#[track_caller]
fn refused(text: &str) -> (&'static str, Option<String>) {
	let error = parse(text).expect_err(text);
	(error.code(), error.ai().map(Into::into))
}
