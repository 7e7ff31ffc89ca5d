//! Streams of what patients' devices measure.

use super::*;
use access::may_keep_records;
use salus_primitives::stream::Range;

impl<T: Config> Pallet<T> {
	/// Opens a stream and tells what that really cost the capability traits.
	pub(crate) fn do_open_stream(
		who: AccountId,
		patient: PatientId,
		input: StreamInput,
	) -> Result<Weight, DispatchError> {
		let now = Self::now();
		let revision = T::Patients::revision(&patient).ok_or(Error::<T>::UnknownPatient)?;
		let custodian = if Self::acts_in_full(&who, &patient, now) {
			None
		} else {
			let member = Self::member(&who, now)?;
			ensure!(may_keep_records(member.org_roles), Error::<T>::NotAccredited);
			ensure!(input.writer.is_none(), Error::<T>::NotAuthorized);
			Some(member.org)
		};
		let stream = StreamId::of(&patient, &input.nonce);
		ensure!(!Streams::<T>::contains_key(patient, stream), Error::<T>::AlreadyExists);
		let ticket = T::Consideration::new(&who, Self::stream_footprint())?;
		let opened = Stream {
			device: input.device,
			confidentiality: input.confidentiality,
			custodian,
			author: who.clone(),
			writer: input.writer,
			range: Range::default(),
			last_time: 0,
			revision,
			status: StreamStatus::Open,
			ticket,
		};
		let decided = match custodian {
			Some(org) => Self::ensure_may_collect(&who, &patient, org, &opened, (now, now), now)?,
			None => false,
		};
		Streams::<T>::insert(patient, stream, opened);
		Self::deposit_event(Event::StreamOpened { patient, stream });
		Ok(Self::appending_weight(custodian.is_some(), decided))
	}

	/// Adds batches and tells what that really cost the capability traits.
	pub(crate) fn do_append_stream(
		who: AccountId,
		patient: PatientId,
		stream: StreamId,
		batches: &[Batch],
	) -> Result<Weight, DispatchError> {
		let now = Self::now();
		let mut stored = Streams::<T>::get(patient, stream).ok_or(Error::<T>::NotFound)?;
		let org = Self::ensure_appends(&who, &patient, &stored, now)?;
		ensure!(stored.status == StreamStatus::Open, Error::<T>::WrongStatus);
		let revision = T::Patients::revision(&patient).ok_or(Error::<T>::UnknownPatient)?;
		let (first, last) = batches.first().zip(batches.last()).ok_or(Error::<T>::Empty)?;
		let time = (first.from, last.to);

		for batch in batches {
			ensure!(batch.count > 0, Error::<T>::Empty);
			ensure!(batch.revision == revision, Error::<T>::StaleRevision);
			ensure!(batch.from <= batch.to, Error::<T>::InvertedPeriod);
			ensure!(batch.from >= stored.last_time, Error::<T>::BackDated);
			ensure!(batch.to <= now.saturating_add(SAMPLE_AHEAD), Error::<T>::InFuture);
			let leaf = batch.leaf(&stream, stored.range.batches);
			stored.range.append(leaf).ok_or(Error::<T>::TooMany)?;
			stored.last_time = batch.to;
		}
		let decided = match org {
			Some(org) => Self::ensure_may_collect(&who, &patient, org, &stored, time, now)?,
			None => false,
		};
		stored.revision = revision;
		let batches = stored.range.batches;
		Streams::<T>::insert(patient, stream, stored);
		Self::deposit_event(Event::StreamGrown { patient, stream, batches });
		Ok(Self::appending_weight(true, decided))
	}

	/// Closes a stream.
	pub(crate) fn do_close_stream(who: AccountId, patient: PatientId, stream: StreamId) -> DispatchResult {
		let now = Self::now();
		Streams::<T>::try_mutate(patient, stream, |stored| {
			let stored = stored.as_mut().ok_or(Error::<T>::NotFound)?;
			let may_close = stored.writer.as_ref() == Some(&who)
				|| Self::acts_in_full(&who, &patient, now)
				|| stored.custodian.is_some_and(|org| Self::member(&who, now).is_ok_and(|member| member.org == org));
			ensure!(may_close, Error::<T>::NotAuthorized);
			ensure!(stored.status == StreamStatus::Open, Error::<T>::WrongStatus);
			let needed = Self::closed_stream_footprint(&stored.range);
			stored.ticket = stored.ticket.clone().update(&stored.author, needed)?;
			stored.status = StreamStatus::Closed;
			Ok::<_, DispatchError>(())
		})?;
		Self::deposit_event(Event::StreamClosed { patient, stream });
		Ok(())
	}

	/// Refuses who may not append to the stream; tells the organisation that it is done for, which must be permitted to
	/// collect.
	fn ensure_appends(
		who: &AccountId,
		patient: &PatientId,
		stream: &Stream<TicketOf<T>>,
		now: Moment,
	) -> Result<Option<OrgId>, Error<T>> {
		if Self::acts_in_full(who, patient, now) {
			return Ok(None);
		}
		let is_writer = stream.writer.as_ref() == Some(who);
		if is_writer && T::Directory::standing(who, now) == Standing::Never {
			return Ok(None);
		}
		let member = Self::member(who, now)?;
		ensure!(is_writer || stream.custodian == Some(member.org), Error::NotAuthorized);
		ensure!(may_keep_records(member.org_roles), Error::NotAccredited);
		Ok(Some(member.org))
	}

	/// Refuses an organisation that neither cares for the patient nor is permitted to collect samples from this time; tells
	/// whether that took a decision.
	fn ensure_may_collect(
		who: &AccountId,
		patient: &PatientId,
		org: OrgId,
		stream: &Stream<TicketOf<T>>,
		(from, to): (Moment, Moment),
		now: Moment,
	) -> Result<bool, Error<T>> {
		if T::Patients::in_care(patient, org, now) {
			return Ok(false);
		}
		let request = Request {
			actor: who.clone(),
			purpose: Purpose::Treat,
			action: Action::Collect,
			resource: stream.resource(who, org, from, to),
		};
		let decision = T::Patients::decide(patient, &request, RecordStatus::Active, now);
		ensure!(decision.is_permit(), Error::NotPermitted);
		Ok(true)
	}

	/// What opening or appending asks of the capability traits: of anybody but the patient the standing, and a decision
	/// where there is no care relationship.
	pub(crate) fn appending_weight(by_other: bool, decided: bool) -> Weight {
		// The signer's capacity and the revision.
		let mut weight = T::Patients::lookup_weight().saturating_mul(2);
		if by_other {
			// A writer's standing is asked for twice.
			let standing = T::Directory::standing_weight().saturating_mul(2);
			weight.saturating_accrue(standing.saturating_add(T::Patients::in_care_weight()));
		}
		if decided {
			weight.saturating_accrue(T::Patients::decide_weight());
		}
		weight
	}
}
