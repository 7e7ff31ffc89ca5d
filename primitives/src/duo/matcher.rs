//! The verdict, row by row.

use super::{
	ontology::Ontology,
	reasons::{Reason, ReasonSet, Verdict, MAX_REASONS},
	terms::{Name, Sensitive, SensitiveSet, Use, UseSet},
	types::{Facts, Group, Modifier, Permission, Purpose, MAX_GROUPS},
};
use crate::Moment;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::ConstU32;
use sp_runtime::BoundedVec;

/// What is said of one group.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct GroupOutcome {
	/// The verdict.
	pub verdict: Verdict,
	/// What made it, in the order of the tables; the first sixteen, should there be more.
	pub reasons: BoundedVec<Reason, ConstU32<MAX_REASONS>>,
}

/// What is said of a request.
#[derive(Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, PartialEq, Eq, Default, Debug)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct Outcome {
	/// Of each group, in their order; empty for a dataset without groups, which allows nothing.
	pub groups: BoundedVec<GroupOutcome, ConstU32<MAX_GROUPS>>,
}

impl Outcome {
	/// The group whose verdict is mildest, the first of them: its number from 0; `None` if all are denied.
	pub fn best(&self) -> Option<u8> {
		let allowed = (0u8..).zip(&self.groups).filter(|(_, group)| group.verdict != Verdict::Deny);
		allowed.min_by_key(|(_, group)| group.verdict).map(|(number, _)| number)
	}

	/// The verdict of the best group.
	pub fn verdict(&self) -> Verdict {
		self.groups.iter().map(|group| group.verdict).min().unwrap_or(Verdict::Deny)
	}

	/// The reasons of the best group; if all are denied, those of the first.
	pub fn reasons(&self) -> &[Reason] {
		match self.groups.get(self.best().unwrap_or(0) as usize) {
			Some(group) => &group.reasons,
			None => &[Reason::UntaggedDataset],
		}
	}
}

/// Judges a request by each of a dataset's groups, of which there are at most [`MAX_GROUPS`].
pub fn matches(groups: &[Group], purpose: &Purpose, facts: &Facts, ontology: &impl Ontology) -> Outcome {
	let judge = |group: &Group| {
		let reasons = judge(group, purpose, facts, ontology);
		let verdict = reasons.verdict();
		let kept = reasons.iter().filter(|reason| reason.verdict() == verdict).collect();
		GroupOutcome { verdict, reasons: BoundedVec::truncate_from(kept) }
	};
	Outcome { groups: BoundedVec::truncate_from(groups.iter().map(judge).collect()) }
}

/// What every row says.
fn judge(group: &Group, purpose: &Purpose, facts: &Facts, ontology: &impl Ontology) -> ReasonSet {
	let mut reasons = ReasonSet::default();
	if purpose.is_empty() {
		reasons.add(Reason::EmptyRequest);
		return reasons;
	}
	permission(group, purpose, ontology, &mut reasons);
	for row in &group.modifiers {
		modifier(row, purpose, facts, &mut reasons);
	}
	for flag in purpose.flags().iter() {
		reasons.add(sensitive(flag));
	}
	reasons
}

impl Purpose {
	/// Whether it names neither a use nor care.
	pub const fn is_empty(&self) -> bool {
		self.uses.is_empty() && !self.care
	}

	/// What makes people decide: what is stated, and what the uses say.
	pub fn flags(&self) -> SensitiveSet {
		let implied = [(Use::Population, Sensitive::Population), (Use::Controls, Sensitive::Controls)];
		let implied = implied.into_iter().filter(|(named, _)| self.uses.contains(*named)).map(|(_, flag)| flag);
		implied.fold(self.sensitive, SensitiveSet::with)
	}
}

fn permission(group: &Group, purpose: &Purpose, ontology: &impl Ontology, reasons: &mut ReasonSet) {
	use Reason::*;
	let care = purpose.care && !group.modifiers.contains(&Modifier::Cc);
	let mut refused = ReasonSet::default();
	let (met, care_refused) = match group.permission {
		Permission::Nres => {
			reasons.add(NresMet);
			return;
		}
		Permission::Gru => (GruMet, GruCare),
		Permission::Hmb => {
			biomedical(purpose.uses, HmbUse, HmbNotBiomedical, &mut refused);
			(HmbMet, HmbCare)
		}
		Permission::Ds => {
			biomedical(purpose.uses, DsUse, DsNotBiomedical, &mut refused);
			diseases(group, purpose, ontology, &mut refused);
			(DsMet, DsCare)
		}
		Permission::Poa => {
			if !purpose.uses.is_empty() && purpose.uses != UseSet::EMPTY.with(Use::Ancestry) {
				refused.add(PoaUse);
			}
			(PoaMet, PoaCare)
		}
	};
	if care {
		refused.add(care_refused);
	}
	if refused == ReasonSet::default() {
		refused.add(met);
	}
	*reasons = reasons.union(refused);
}

/// Research is biomedical, and none of it is on population or ancestry. A request for care alone names no research.
fn biomedical(uses: UseSet, beyond: Reason, not_biomedical: Reason, refused: &mut ReasonSet) {
	if uses.intersects(UseSet::EMPTY.with(Use::Population).with(Use::Ancestry)) {
		refused.add(beyond);
	}
	if !uses.is_empty() && !uses.is_biomedical() {
		refused.add(not_biomedical);
	}
}

/// There are diseases, and each is one of the group's or lies below one.
fn diseases(group: &Group, purpose: &Purpose, ontology: &impl Ontology, refused: &mut ReasonSet) {
	if purpose.diseases.is_empty() {
		refused.add(Reason::DsNoDisease);
	}
	for disease in &purpose.diseases {
		let within = |one| if disease == one { Some(true) } else { ontology.is_below(disease, one) };
		let mut found = group.diseases.iter().map(within);
		if found.clone().any(|found| found == Some(true)) {
			continue;
		}
		let known = found.all(|found| found.is_some());
		refused.add(if known { Reason::DsOtherDisease } else { Reason::DsUnknownDisease });
	}
}

fn modifier(modifier: &Modifier, purpose: &Purpose, facts: &Facts, reasons: &mut ReasonSet) {
	use Reason::*;
	let reason = match modifier {
		Modifier::Cc if purpose.care => CcMet,
		// What it allows is not asked for.
		Modifier::Cc => return,
		Modifier::Rs { .. } => RsReview,
		Modifier::Nmds if !purpose.uses.contains(Use::Methods) => NmdsMet,
		Modifier::Nmds if purpose.diseases.is_empty() => NmdsMethods,
		Modifier::Nmds => NmdsReview,
		Modifier::Gso => either(purpose.uses.contains(Use::Genetic), GsoMet, GsoNotGenetic),
		Modifier::Npuncu => {
			reasons.add(known(facts.nonprofit, NpuncuMet, NpuncuForProfit, NpuncuUnknownOrganisation));
			known(purpose.commercial.map(|commercial| !commercial), NpuncuMet, NpuncuCommercial, NpuncuUnknownUse)
		}
		Modifier::Pub { .. } => PubOwed,
		Modifier::Col { account } => {
			let signed = facts.co_signers.as_ref().map(|signers| signers.contains(account));
			known(signed, ColMet, ColNotSigned, ColUnknown)
		}
		Modifier::Irb => ethics(facts.ethics_until, facts.now),
		Modifier::Gs { countries } => {
			known(facts.location.map(|location| countries.contains(&location)), GsMet, GsOutside, GsUnknown)
		}
		Modifier::Mor { .. } => MorOwed,
		Modifier::Ts { .. } => TsLimited,
		Modifier::Us { users } => known(member(users, facts.user), UsMet, UsNotMember, UsUnknown),
		Modifier::Ps { projects } => known(member(projects, purpose.project), PsMet, PsNotMember, PsUnknown),
		Modifier::Is { institutions } => known(member(institutions, facts.institution), IsMet, IsNotMember, IsUnknown),
		Modifier::Rtn { .. } => RtnOwed,
		Modifier::Npoa => either(!purpose.uses.contains(Use::Ancestry), NpoaMet, NpoaAncestry),
		Modifier::Npu => known(facts.nonprofit, NpuMet, NpuForProfit, NpuUnknown),
		Modifier::Ncu => known(purpose.commercial.map(|commercial| !commercial), NcuMet, NcuCommercial, NcuUnknown),
	};
	reasons.add(reason);
}

fn either(holds: bool, met: Reason, refused: Reason) -> Reason {
	if holds {
		met
	} else {
		refused
	}
}

fn known(holds: Option<bool>, met: Reason, refused: Reason, unknown: Reason) -> Reason {
	holds.map_or(unknown, |holds| either(holds, met, refused))
}

fn member(list: &[Name], one: Option<Name>) -> Option<bool> {
	one.map(|one| list.contains(&one))
}

fn ethics(until: Option<Moment>, now: Moment) -> Reason {
	match until {
		None => Reason::IrbMissing,
		Some(until) => either(now < until, Reason::IrbMet, Reason::IrbExpired),
	}
}

const fn sensitive(flag: Sensitive) -> Reason {
	use Reason::*;
	match flag {
		Sensitive::Paediatric => SensitivePaediatric,
		Sensitive::Vulnerable => SensitiveVulnerable,
		Sensitive::Gender => SensitiveGender,
		Sensitive::Population => SensitivePopulation,
		Sensitive::Controls => SensitiveControls,
		Sensitive::IllegalBehaviour => SensitiveIllegalBehaviour,
		Sensitive::SexualDisease => SensitiveSexualDisease,
		Sensitive::PsychologicalTraits => SensitivePsychologicalTraits,
		Sensitive::Stigmatising => SensitiveStigmatising,
		Sensitive::NonHealth => SensitiveNonHealth,
	}
}
