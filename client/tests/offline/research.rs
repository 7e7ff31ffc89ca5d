//! What contributors, attesters and researchers keep and sign.

use salus_client::{
	keys::{AtRest, Keys},
	research::{Attested, AttestedRecord, Book, Draft, Mine, Offer},
	Error,
};
use salus_primitives::{
	consent::{Decision, Reason},
	research::{is_signed, DatasetId, GroupSet, RequestInput},
	PatientId, Pseudonym, RecordId, H256,
};
use std::fs;

fn book() -> (tempfile::TempDir, Book) {
	let home = tempfile::tempdir().unwrap();
	let book = Book::open_with(home.path(), &AtRest::ClearText).unwrap();
	(home, book)
}

fn mine(dataset: DatasetId) -> Mine {
	Mine::draw(dataset, 0, PatientId([7; 32]), vec![RecordId([1; 32])])
}

fn attested() -> Attested {
	let records = vec![AttestedRecord {
		record: RecordId([1; 32]),
		version: 1,
		decision: Decision::refusal(Reason::NoConsent, 1),
	}];
	let (pseudonym, patient) = (Pseudonym([2; 32]), PatientId([7; 32]));
	let (salt, data) = (H256([3; 32]), H256([4; 32]));
	Attested { salt, dataset: 5, pseudonym, patient, records, block: 9, data }
}

#[test]
fn contributions_come_back_after_a_restart_until_they_are_forgotten() {
	let (home, book) = book();
	let (one, two) = (mine(4), mine(3));
	book.keep(&one).unwrap();
	book.keep(&two).unwrap();
	book.keep_attested(&attested()).unwrap();
	let book = Book::open_with(home.path(), &AtRest::ClearText).unwrap();
	assert_eq!(book.all_mine().unwrap(), [two.clone(), one.clone()]);
	assert_eq!(book.mine(4, &one.pseudonym).unwrap().unwrap().account(), one.account());
	assert_eq!(book.mine(3, &one.pseudonym).unwrap(), None);
	assert_eq!(book.attested(5, &attested().pseudonym).unwrap(), Some(attested()));
	book.forget(4, &one.pseudonym).unwrap();
	book.forget(4, &one.pseudonym).unwrap();
	assert_eq!(book.all_mine().unwrap(), [two]);
}

#[test]
fn neither_content_nor_names_on_the_disk_tell_who_contributed_to_what() {
	let (_home, book) = book();
	let mine = mine(4);
	book.keep(&mine).unwrap();
	let dir = book.dir().join("mine");
	let path = fs::read_dir(&dir).unwrap().next().unwrap().unwrap().path();
	let bytes = fs::read(&path).unwrap();
	let name = path.file_name().unwrap().to_str().unwrap();
	assert!(!name.contains(&hex::encode(&mine.pseudonym.0[..4])));
	for secret in [mine.pseudonym.0, mine.patient.0, *AsRef::<[u8; 32]>::as_ref(&mine.account())] {
		assert!(!bytes.windows(8).any(|window| window == &secret[..8]));
	}
	// What lies at another place is none.
	fs::write(dir.join("0".repeat(32)), &bytes).unwrap();
	assert!(matches!(book.all_mine(), Err(Error::Corrupted(_))));
}

#[test]
fn a_book_under_a_passphrase_does_not_open_without() {
	let home = tempfile::tempdir().unwrap();
	Book::open_with(home.path(), &AtRest::passphrase("correct horse")).unwrap().keep(&mine(0)).unwrap();
	let wrong = Book::open_with(home.path(), &AtRest::passphrase("battery staple"));
	assert!(matches!(wrong.map(|_| ()), Err(Error::Refused { code: "wrong-passphrase", .. })));
}

#[test]
fn the_same_data_has_one_nullifier_in_a_dataset_that_nobody_without_the_secret_can_compute() {
	let ((_one, book), (_two, other)) = (book(), book());
	let data = H256([1; 32]);
	let nullifier = book.nullifier(0, &data).unwrap();
	assert_eq!(book.nullifier(0, &data).unwrap(), nullifier);
	assert_ne!(book.nullifier(1, &data).unwrap(), nullifier);
	assert_ne!(book.nullifier(0, &H256([2; 32])).unwrap(), nullifier);
	assert_ne!(other.nullifier(0, &data).unwrap(), nullifier);
}

#[test]
fn commitments_cover_all_that_they_open_to() {
	let first = attested();
	let mut changed = first.clone();
	changed.patient = PatientId([8; 32]);
	assert_ne!(changed.permit(), first.permit());
	let mut changed = first.clone();
	changed.records[0].decision.consent = Some(1);
	assert_ne!(changed.permit(), first.permit());
	let mut changed = first.clone();
	changed.data = H256([5; 32]);
	assert_ne!(changed.commitment(), first.commitment());
	let mut salted = first.clone();
	salted.salt = H256([6; 32]);
	assert_ne!((salted.permit(), salted.commitment()), (first.permit(), first.commitment()));
}

#[test]
fn every_offer_has_a_pseudonym_and_an_account_of_its_own() {
	let (one, two) = (mine(0), mine(0));
	assert_ne!(one.pseudonym, two.pseudonym);
	assert_ne!(one.account(), two.account());
	let offer: Offer = one.offer();
	assert_eq!((offer.pseudonym, &offer.account), (one.pseudonym, &one.account()));
}

fn draft() -> Draft {
	let input = RequestInput {
		dataset: 1,
		purpose: Default::default(),
		groups: GroupSet::default().with(0),
		days: 30,
		protocol: H256([1; 32]),
		ethics: None,
		closures: Default::default(),
		co_signatures: Default::default(),
		renews: None,
	};
	Draft::new(&input, Keys::of_dev_uri("//Alice").unwrap().account(), H256([2; 32]))
}

#[test]
fn co_signatures_are_of_this_request_and_each_counts_once() {
	let (mut draft, genesis) = (draft(), H256([3; 32]));
	let bob = Keys::of_dev_uri("//Bob").unwrap();
	assert_eq!(draft.co_sign(&bob, &genesis), Ok(1));
	let input = draft.input().unwrap();
	let signed = &input.co_signatures[0];
	let message = input.message(&genesis, &draft.researcher);
	assert!(is_signed(&message, &signed.signature, &bob.account()));
	let elsewhere = input.message(&H256([4; 32]), &draft.researcher);
	assert!(!is_signed(&elsewhere, &signed.signature, &bob.account()));
	for again in ["//Bob", "//Alice"] {
		let refused = draft.co_sign(&Keys::of_dev_uri(again).unwrap(), &genesis);
		assert!(matches!(refused, Err(Error::Refused { code: "already-signed", .. })), "{again}");
	}
}

#[test]
fn what_is_no_request_is_refused() {
	let mut told = serde_json::to_value(draft()).unwrap();
	told["request"] = format!("{}00", told["request"].as_str().unwrap()).into();
	let longer: Draft = serde_json::from_value(told).unwrap();
	assert!(matches!(longer.input(), Err(Error::Refused { code: "bad-draft", .. })));
}
