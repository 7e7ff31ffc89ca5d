//! What people write: data uses, purposes, releases of disease ontologies. Formats are in `docs/DUO.md`.

use crate::{
	duo::{self, ReleaseFile, Taxonomy},
	gateway::now,
	Error, Result,
};
use salus_primitives::{
	duo::{DataUse, Disease, Purpose, Release},
	research::Closures,
};
use std::{
	collections::BTreeMap,
	path::{Path, PathBuf},
};

/// The consent groups of a dataset.
pub fn data_use(path: &Path) -> Result<DataUse> {
	duo::dataset(&read(path)?, &Taxonomy::default())
}

/// What a request is for. What the file says of the researcher is passed over: that the chain knows itself.
pub fn purpose(path: &Path) -> Result<Purpose> {
	Ok(duo::purpose(&read(path)?, &Taxonomy::default(), now())?.0)
}

/// A proof for each of a purpose's diseases, out of releases of their ontologies.
pub fn closures(purpose: &Purpose, releases: &[PathBuf]) -> Result<Closures> {
	let mut named: BTreeMap<_, Vec<Disease>> = BTreeMap::new();
	for disease in &purpose.diseases {
		named.entry(disease.namespace).or_default().push(*disease);
	}
	let mut closures = Vec::new();
	for path in releases {
		let file = ReleaseFile::read(&read(path)?)?;
		closures.extend(file.prove(&named.remove(&file.release.namespace).unwrap_or_default())?);
	}
	if let Some(namespace) = named.keys().next() {
		let message = format!("the purpose names diseases of {namespace}: give its release with --ontology");
		return Err(Error::usage("no-ontology", message));
	}
	closures.try_into().map_err(|_| Error::usage("too-many", "a request names at most eight diseases"))
}

/// What the chain is told of a release.
pub fn release(path: &Path) -> Result<Release> {
	Ok(ReleaseFile::read(&read(path)?)?.release)
}

fn read(path: &Path) -> Result<String> {
	std::fs::read_to_string(path).map_err(|error| Error::file(path, error))
}
