//! Sequences of calls against a model that knows every contributor and divides by walking over them.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A turn. Numbers choose among what there is.
#[derive(Clone, Debug)]
enum Turn {
	/// Contributes, with so many shares, counting for so many days.
	Contribute {
		n: u32,
		shares: u64,
		days: u64,
	},
	Withdraw {
		n: u32,
	},
	Remove {
		n: u32,
	},
	Fund {
		amount: u128,
	},
	Claim {
		n: u32,
	},
	Roll,
	/// Lets so many hours pass.
	Wait {
		hours: u64,
	},
	/// Asks for a grant and begins it.
	Grant,
	Sweep,
	Retire,
}

/// Numbers of contributors.
const PEOPLE: u32 = 40;

#[derive(Clone, Debug)]
struct Person {
	shares: u64,
	start: Day,
	end: Day,
	at: Moment,
	live: bool,
	owed: U256,
}

/// What should be.
#[derive(Default)]
struct Model {
	people: BTreeMap<u32, Person>,
	/// The last day that was counted in: what a fund sees.
	rolled: Day,
	remainder: U256,
	funded: u128,
	paid: BTreeMap<u32, u128>,
	swept: u128,
	retired: bool,
	requests: u32,
}

impl Model {
	/// Who counts on a day.
	fn counted(&self, day: Day) -> impl Iterator<Item = u32> + '_ {
		let counts = move |person: &Person| person.live && person.start <= day && day < person.end;
		self.people.iter().filter(move |(_, person)| counts(person)).map(|(n, _)| *n)
	}

	fn divide(&mut self, amount: u128) {
		let parts = U256::from(amount) * U256::from(SCALE) + self.remainder;
		self.funded += amount;
		let who: Vec<u32> = self.counted(self.rolled).collect();
		let shares: u64 = who.iter().map(|n| self.people[n].shares).sum();
		if shares == 0 {
			self.remainder = parts;
			return;
		}
		let each = parts / U256::from(shares);
		self.remainder = parts % U256::from(shares);
		for n in who {
			let person = self.people.get_mut(&n).expect("who counts is there");
			person.owed += each * U256::from(person.shares);
		}
	}

	/// Counts in days as a call does; whether that reaches today.
	fn catch_up(&mut self) -> bool {
		let today = day_of(now());
		let most = if self.people.is_empty() { today } else { self.rolled + MAX_ROLL };
		self.rolled = today.min(most.max(self.rolled));
		self.rolled == today
	}

	/// Whether what the day has ended is settled when it is touched.
	fn over(&self, person: &Person) -> bool {
		!person.live || person.end <= self.rolled
	}

	fn play(&mut self, turn: &Turn) {
		let today = day_of(now());
		match *turn {
			Turn::Contribute { n, shares, days } => {
				Shares::set(shares);
				let until = Moment::from(today + 1) * DAY + days * DAY;
				let done = contribute(ContributionInput { until, ..contribution(n, (n % 2) as u8) });
				if self.retired {
					assert_eq!(done, Err(Refusal::WrongState.into()));
				} else if self.people.contains_key(&n) {
					assert_eq!(done, Err(Refusal::AlreadyExists.into()));
				} else {
					assert_ok!(done);
					if self.people.is_empty() {
						self.rolled = today;
					}
					let (start, end) = (today + 1, today + 1 + days as Day);
					let person = Person { shares, start, end, at: now(), live: true, owed: U256::zero() };
					self.people.insert(n, person);
				}
			}
			Turn::Withdraw { n } => {
				let done = withdraw(n);
				match self.people.get(&n).cloned() {
					None => assert_eq!(done, Err(Refusal::NotFound.into())),
					Some(person) if self.over(&person) => assert_eq!(done, Err(Refusal::NotLive.into())),
					Some(_) => {
						assert_ok!(done);
						self.people.get_mut(&n).expect("it is there").live = false;
					}
				}
			}
			Turn::Remove { n } => {
				let done = remove(n);
				let Some(person) = self.people.get(&n).cloned() else {
					assert_eq!(done, Err(Refusal::NotFound.into()));
					return;
				};
				let (units, _) = Rewards::whole(person.owed);
				if !self.over(&person) && !self.retired {
					assert_eq!(done, Err(Refusal::WrongState.into()));
				} else if now() - person.at <= ATTESTATION_WINDOW {
					assert_eq!(done, Err(Refusal::TooEarly.into()));
				} else if units >= MINIMUM {
					assert_eq!(done, Err(Refusal::Unclaimed.into()));
				} else {
					assert_ok!(done);
					self.remainder += person.owed;
					self.people.remove(&n);
				}
			}
			Turn::Fund { amount } => {
				let before = self.rolled;
				let done = fund(amount);
				if self.retired {
					assert_eq!(done, Err(Refusal::WrongState.into()));
				} else if !self.catch_up() {
					self.rolled = before;
					assert_eq!(done, Err(Refusal::RollFirst.into()));
				} else if self.counted(self.rolled).next().is_none() {
					self.rolled = before;
					assert_eq!(done, Err(Refusal::NoContributors.into()));
				} else {
					assert_ok!(done);
					self.divide(amount);
				}
			}
			Turn::Claim { n } => {
				let before = total(&contributor(n));
				let done = claim(n);
				let Some(person) = self.people.get_mut(&n) else {
					assert_eq!(done, Err(Refusal::NotFound.into()));
					return;
				};
				let (units, rest) = Rewards::whole(person.owed);
				if units < MINIMUM {
					assert_eq!(done, Err(Refusal::BelowMinimum.into()));
				} else {
					assert_ok!(done);
					person.owed = rest;
					*self.paid.entry(n).or_default() += units;
					assert_eq!(total(&contributor(n)), before + units);
				}
			}
			Turn::Roll => {
				let due = today > self.rolled;
				assert_eq!(roll().is_ok(), due);
				self.catch_up();
			}
			Turn::Wait { hours } => wait(hours * HOUR),
			Turn::Grant => {
				if self.retired {
					assert_noop!(submit(&CURIE, RequestInput { groups: GroupSet(0b11), ..ask() }), Refusal::WrongState);
					return;
				}
				let (id, _) = submitted(&CURIE, RequestInput { groups: GroupSet(0b11), ..ask() });
				self.requests += 1;
				let before = self.rolled;
				let done = activate(&CURIE, id);
				if !self.catch_up() {
					self.rolled = before;
					assert_eq!(done, Err(Refusal::RollFirst.into()));
				} else if (self.counted(self.rolled).count() as u32) < COHORT {
					self.rolled = before;
					assert_eq!(done, Err(Refusal::CohortTooSmall.into()));
				} else {
					assert_ok!(done);
					self.divide(FEE);
					return;
				}
				assert_ok!(ResearchDatasets::withdraw_request(signed(&CURIE), id));
				assert_ok!(ResearchDatasets::remove_request(signed(&CURIE), id));
				self.requests -= 1;
			}
			Turn::Retire => {
				let done = ResearchDatasets::retire_dataset(signed(&REGISTRAR), 0);
				assert_eq!(done.is_ok(), !self.retired);
				if !self.retired {
					self.retired = true;
					self.sweep();
				}
			}
			Turn::Sweep => {
				if !self.retired || self.people.is_empty() && self.requests == 0 {
					return;
				}
				let some = Rewards::whole(self.remainder).0 > 0;
				assert_eq!(ResearchDatasets::sweep(signed(&REGISTRAR), 0).is_ok(), some);
				self.sweep();
			}
		}
	}

	fn sweep(&mut self) {
		let (units, rest) = Rewards::whole(self.remainder);
		self.swept += units;
		self.remainder = rest;
	}

	/// Compares everything, and what always holds.
	fn check(&self) {
		let stored = dataset();
		assert_eq!((stored.funded, stored.swept), (self.funded, self.swept));
		assert_eq!(stored.paid, self.paid.values().sum::<u128>());
		assert_eq!(stored.rewards.remainder, self.remainder);
		assert_eq!(stored.entries as usize, self.people.len());
		assert_eq!(stored.rolled, self.rolled);
		if !self.retired {
			let shares: u64 = self.counted(self.rolled).map(|n| self.people[&n].shares).sum();
			assert_eq!(stored.shares, shares);
		}
		for (n, person) in &self.people {
			let owed = ResearchDatasets::accrued(0, &stored, &entry(*n)).expect("it fits");
			assert_eq!(owed, person.owed, "contributor {n}");
		}
		ResearchDatasets::do_try_state().expect("what always holds of the storage holds");
	}
}

/// Opens dataset 0 with two groups.
fn begin() -> Model {
	populate();
	Balances::set_balance(&SPONSOR, u128::MAX / 4);
	Balances::set_balance(&attester(), u128::MAX / 4);
	opened(&[gru(), gru()]);
	Model { rolled: TODAY, ..Default::default() }
}

fn turn() -> impl Strategy<Value = Turn> {
	let n = || 0..PEOPLE;
	prop_oneof![
		8 => (n(), 1..9u64, 1..60u64).prop_map(|(n, shares, days)| Turn::Contribute { n, shares, days }),
		2 => n().prop_map(|n| Turn::Withdraw { n }),
		2 => n().prop_map(|n| Turn::Remove { n }),
		3 => (1..10_000u128).prop_map(|amount| Turn::Fund { amount }),
		1 => any::<u64>().prop_map(|amount| Turn::Fund { amount: u128::from(amount) + 1 }),
		3 => n().prop_map(|n| Turn::Claim { n }),
		1 => Just(Turn::Roll),
		3 => (1..30u64).prop_map(|hours| Turn::Wait { hours }),
		1 => (30..1_200u64).prop_map(|hours| Turn::Wait { hours }),
		1 => Just(Turn::Grant),
	]
}

proptest! {
	#![proptest_config(ProptestConfig { cases: 48, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

	/// Every call answers as the model says, and nothing is made or lost; then the dataset is wound up to nothing.
	#[test]
	fn calls_do_what_the_model_says(turns in proptest::collection::vec(turn(), 1..120)) {
		bare_ext().execute_with(|| {
			let mut model = begin();
			for turn in &turns {
				model.play(turn);
				model.check();
			}
			for turn in [Turn::Retire, Turn::Wait { hours: 2 }] {
				model.play(&turn);
				model.check();
			}
			for n in 0..PEOPLE {
				for turn in [Turn::Claim { n }, Turn::Remove { n }, Turn::Sweep] {
					model.play(&turn);
				}
				if model.requests > 0 || !model.people.is_empty() {
					model.check();
				}
			}
			assert_eq!(model.people.len(), 0);
		});
	}
}

/// A stream of numbers that is the same in every run.
struct Numbers(u64);

impl Numbers {
	fn next(&mut self, below: u64) -> u64 {
		// Marsaglia's xorshift64.
		self.0 ^= self.0 << 13;
		self.0 ^= self.0 >> 7;
		self.0 ^= self.0 << 17;
		self.0 % below
	}
}

/// "10^5 random fund/claim/withdraw/roll steps conserve exactly."
#[test]
fn a_hundred_thousand_random_steps_conserve_exactly() {
	bare_ext().execute_with(|| {
		let mut model = begin();
		let mut numbers = Numbers(0x5a1u64);
		let issuance = pallet_balances::TotalIssuance::<Test>::get();
		for step in 0..100_000u32 {
			let n = numbers.next(u64::from(PEOPLE)) as u32;
			let turn = match numbers.next(20) {
				0..=3 => Turn::Contribute { n, shares: 1 + numbers.next(1_000), days: 1 + numbers.next(90) },
				4..=8 => Turn::Fund { amount: 1 + u128::from(numbers.next(1_000_000)) },
				9..=12 => Turn::Claim { n },
				13..=14 => Turn::Withdraw { n },
				15..=16 => Turn::Remove { n },
				17 => Turn::Roll,
				_ => Turn::Wait { hours: 1 + numbers.next(if step % 1_000 == 0 { 1_500 } else { 20 }) },
			};
			model.play(&turn);
			if step % 1_000 == 0 {
				model.check();
				System::reset_events();
			}
		}
		model.check();
		assert_eq!(pallet_balances::TotalIssuance::<Test>::get(), issuance, "no unit is made or lost");
		assert!(model.funded > 0 && model.paid.len() > 30);
	});
}
