//! Ciphertext in an object store: a local directory, or S3 (and what speaks its protocol).
//!
//! A local object is written beside its place, put there in one step, and flushed to disk before [`Store::put`]
//! answers, so that what is anchored afterwards is there after a power cut. S3 answers once it is durable.

use crate::{Error, Result};
use object_store::{
	aws::AmazonS3Builder, local::LocalFileSystem, path::Path as ObjectPath, prefix::PrefixStore, ObjectStore,
};
use std::{
	error::Error as StdError,
	io,
	path::{Path, PathBuf},
	sync::Arc,
};

/// An object store. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
	inner: Arc<dyn ObjectStore>,
	place: String,
	/// The directory, if it is local.
	root: Option<PathBuf>,
}

impl Store {
	/// Opens `s3://BUCKET/PREFIX`, configured by `AWS_…` variables (`AWS_REGION`, `AWS_ACCESS_KEY_ID`,
	/// `AWS_SECRET_ACCESS_KEY`, `AWS_ENDPOINT`, `AWS_ALLOW_HTTP` …), or a directory.
	pub fn open(place: &str) -> Result<Self> {
		match place.strip_prefix("s3://") {
			Some(rest) => Self::s3(place, rest),
			None if place.contains("://") => {
				Err(Error::usage("bad-store", format!("{place}: expected a directory or s3://BUCKET/PREFIX")))
			}
			None => Self::directory(Path::new(place)),
		}
	}

	/// Opens a directory, which is created if it is missing.
	pub fn directory(root: &Path) -> Result<Self> {
		let place = root.display().to_string();
		std::fs::create_dir_all(root).map_err(|e| unwritable(&place, &e))?;
		let inner = LocalFileSystem::new_with_prefix(root).map_err(|e| refused(&place, e))?;
		Ok(Self { inner: Arc::new(inner), place, root: Some(root.to_owned()) })
	}

	fn s3(place: &str, rest: &str) -> Result<Self> {
		let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
		if bucket.is_empty() {
			return Err(Error::usage("bad-store", format!("{place}: the bucket is missing")));
		}
		let bucket = AmazonS3Builder::from_env().with_bucket_name(bucket).build().map_err(|e| refused(place, e))?;
		let inner: Arc<dyn ObjectStore> = match prefix.trim_matches('/') {
			"" => Arc::new(bucket),
			prefix => Arc::new(PrefixStore::new(bucket, prefix)),
		};
		Ok(Self { inner, place: place.to_owned(), root: None })
	}

	/// Its directory or URL.
	pub fn place(&self) -> &str {
		&self.place
	}

	/// Stores an object; one that is already there is replaced in one step.
	pub async fn put(&self, locator: &str, object: Vec<u8>) -> Result<()> {
		let path = self.path(locator)?;
		self.inner.put(&path, object.into()).await.map_err(|e| refused(&self.place, e))?;
		self.flush(&path)
	}

	/// Reads an object.
	pub async fn get(&self, locator: &str) -> Result<Vec<u8>> {
		let failed = |e| self.failed(locator, e);
		let found = self.inner.get(&self.path(locator)?).await.map_err(failed)?;
		Ok(found.bytes().await.map_err(failed)?.to_vec())
	}

	/// Whether there is such an object.
	pub async fn contains(&self, locator: &str) -> Result<bool> {
		match self.inner.head(&self.path(locator)?).await {
			Ok(_) => Ok(true),
			Err(object_store::Error::NotFound { .. }) => Ok(false),
			Err(e) => Err(refused(&self.place, e)),
		}
	}

	/// Removes an object; whether it was there does not matter.
	pub async fn delete(&self, locator: &str) -> Result<()> {
		match self.inner.delete(&self.path(locator)?).await {
			Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
			Err(e) => Err(refused(&self.place, e)),
		}
	}

	/// The object's path: two levels, so that no directory grows with the number of records.
	fn path(&self, locator: &str) -> Result<ObjectPath> {
		let plain = locator.len() > 2 && locator.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
		if !plain {
			return Err(Error::usage("bad-locator", format!("{locator:?} is no locator of an object")));
		}
		Ok(ObjectPath::from_iter([&locator[..2], locator]))
	}

	fn flush(&self, path: &ObjectPath) -> Result<()> {
		let Some(root) = &self.root else { return Ok(()) };
		let file = root.join(path.as_ref());
		let directory = file.parent().unwrap_or(root);
		let flushed = [file.as_path(), directory, root].into_iter().try_for_each(sync);
		flushed.map_err(|e| unwritable(&self.place, &e))
	}

	fn failed(&self, locator: &str, error: object_store::Error) -> Error {
		match error {
			object_store::Error::NotFound { .. } => Error::CiphertextMissing { locator: locator.into() },
			error => refused(&self.place, error),
		}
	}
}

/// Flushes a file or a directory to disk.
fn sync(path: &Path) -> io::Result<()> {
	if cfg!(windows) && path.is_dir() {
		return Ok(());
	}
	std::fs::File::open(path)?.sync_all()
}

/// What a failed operation of the store means.
fn refused(place: &str, error: object_store::Error) -> Error {
	let mut cause: Option<&(dyn StdError + 'static)> = Some(&error);
	while let Some(current) = cause {
		if let Some(io) = current.downcast_ref::<io::Error>() {
			return unwritable(place, io);
		}
		cause = current.source();
	}
	Error::StoreUnusable { place: place.into(), reason: error.to_string() }
}

fn unwritable(place: &str, error: &io::Error) -> Error {
	match error.kind() {
		io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
			Error::StoreFull { place: place.into() }
		}
		_ => Error::StoreUnusable { place: place.into(), reason: error.to_string() },
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const LOCATOR: &str = "00ff00ff";

	fn store() -> (tempfile::TempDir, Store) {
		let dir = tempfile::tempdir().unwrap();
		let store = Store::open(dir.path().join("a/b").to_str().unwrap()).unwrap();
		(dir, store)
	}

	#[tokio::test]
	async fn an_object_comes_back_until_it_is_deleted() {
		let (_dir, store) = store();
		assert!(!store.contains(LOCATOR).await.unwrap());
		store.put(LOCATOR, b"one".to_vec()).await.unwrap();
		store.put(LOCATOR, b"two".to_vec()).await.unwrap();
		assert_eq!(store.get(LOCATOR).await.unwrap(), b"two");
		assert!(store.contains(LOCATOR).await.unwrap());
		store.delete(LOCATOR).await.unwrap();
		store.delete(LOCATOR).await.unwrap();
		assert_eq!(store.get(LOCATOR).await, Err(Error::CiphertextMissing { locator: LOCATOR.into() }));
	}

	#[tokio::test]
	async fn a_locator_cannot_leave_the_store() {
		let (_dir, store) = store();
		for locator in ["", "ab", "../../etc/passwd", "ab/cd", "ab.cd"] {
			assert!(matches!(store.get(locator).await, Err(Error::Refused { code: "bad-locator", .. })), "{locator}");
		}
	}

	#[test]
	fn a_full_disk_and_a_forbidden_one_are_told_apart() {
		let wrapped = |kind: io::ErrorKind| object_store::Error::Generic {
			store: "LocalFileSystem",
			source: Box::new(io::Error::from(kind)),
		};
		assert_eq!(refused("here", wrapped(io::ErrorKind::StorageFull)), Error::StoreFull { place: "here".into() });
		assert!(matches!(refused("here", wrapped(io::ErrorKind::PermissionDenied)), Error::StoreUnusable { .. }));
	}

	#[test]
	fn a_place_that_is_no_directory_is_refused() {
		let file = tempfile::NamedTempFile::new().unwrap();
		assert!(matches!(Store::directory(file.path()), Err(Error::StoreUnusable { .. })));
		assert!(matches!(Store::open("ftp://elsewhere"), Err(Error::Refused { code: "bad-store", .. })));
		assert!(matches!(Store::open("s3:///prefix"), Err(Error::Refused { code: "bad-store", .. })));
	}
}
