//! Code systems: enums with their official code strings, and bit sets over them.
//!
//! Sources: HL7 v3 ActReason (purposes of use, refrain policies), v3 Confidentiality, v3 ActCode (sensitivity and
//! obligation policies), FHIR R4 `consent-action` and resource types. The SCALE index of a code is its position
//! here and never changes; new codes are appended.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

/// Declares an enum of codes.
macro_rules! codes {
	($(#[$meta:meta])* $name:ident { $($variant:ident = $code:literal,)+ }) => {
		$(#[$meta])*
		#[derive(
			Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug,
		)]
		pub enum $name {
			$(#[doc = concat!("Code `", $code, "`.")] $variant,)+
		}

		impl $name {
			/// Every code, in the order of its SCALE index.
			pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

			/// The official code string.
			pub const fn code(self) -> &'static str {
				match self { $(Self::$variant => $code,)+ }
			}

			/// The code with this official string, which is case-sensitive.
			pub fn from_code(code: &str) -> Option<Self> {
				match code { $($code => Some(Self::$variant),)+ _ => None }
			}
		}

		impl core::fmt::Display for $name {
			fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
				f.write_str(self.code())
			}
		}

		impl serde::Serialize for $name {
			fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
				s.serialize_str(self.code())
			}
		}

		impl<'de> serde::Deserialize<'de> for $name {
			fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
				let code = alloc::string::String::deserialize(d)?;
				Self::from_code(&code).ok_or_else(|| {
					serde::de::Error::custom(alloc::format!(concat!("unknown ", stringify!($name), " code `{}`"), code))
				})
			}
		}
	};
}

/// Declares an enum of codes and the bit set over it.
macro_rules! code_system {
	(
		$(#[$meta:meta])* $name:ident, $(#[$set_meta:meta])* $set:ident($int:ty), $expected:literal {
			$($variant:ident = $code:literal,)+
		}
	) => {
		$crate::codes::codes! {
			$(#[$meta])* $name { $($variant = $code,)+ }
		}

		$(#[$set_meta])*
		#[derive(
			Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo, Clone, Copy, PartialEq, Eq, Default, Debug,
		)]
		pub struct $set(pub $int);

		impl $set {
			/// The set without members.
			pub const EMPTY: Self = Self(0);

			/// The set of these codes.
			pub fn of(codes: &[$name]) -> Self {
				codes.iter().fold(Self::EMPTY, |set, code| set.with(*code))
			}

			/// This set and one code more.
			pub const fn with(self, code: $name) -> Self {
				Self(self.0 | (1 << (code as u8)))
			}

			/// Whether the code is a member.
			pub const fn contains(self, code: $name) -> bool {
				self.0 & (1 << (code as u8)) != 0
			}

			/// Whether the two sets share a member.
			pub const fn intersects(self, other: Self) -> bool {
				self.0 & other.0 != 0
			}

			/// The members of either set.
			pub const fn union(self, other: Self) -> Self {
				Self(self.0 | other.0)
			}

			/// Whether there are no members.
			pub const fn is_empty(self) -> bool {
				self.0 == 0
			}

			/// Whether every bit names a known code.
			pub fn is_known(self) -> bool {
				self.0 == self.iter().fold(Self::EMPTY, |set, code| set.with(code)).0
			}

			/// The members, in the order of their SCALE index.
			pub fn iter(self) -> impl Iterator<Item = $name> {
				$name::ALL.iter().copied().filter(move |code| self.contains(*code))
			}
		}

		impl FromIterator<$name> for $set {
			fn from_iter<I: IntoIterator<Item = $name>>(codes: I) -> Self {
				codes.into_iter().fold(Self::EMPTY, |set, code| set.with(code))
			}
		}

		impl serde::Serialize for $set {
			fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
				s.collect_seq(self.iter())
			}
		}

		impl<'de> serde::Deserialize<'de> for $set {
			fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
				Ok(alloc::vec::Vec::<$name>::deserialize(d)?.into_iter().collect())
			}
		}

		const _: () = assert!($name::ALL.len() == $expected, concat!("number of codes in ", stringify!($name)));
		const _: () = assert!($name::ALL.len() <= <$int>::BITS as usize);
	};
}

pub(crate) use {code_system, codes};

code_system! {
	/// Purpose of use: HL7 v3 ActReason, value set PurposeOfUse.
	Purpose,
	/// A set of purposes of use.
	PurposeSet(u64), 59 {
		Treat = "TREAT", Clintrl = "CLINTRL", Coc = "COC", Pophlth = "POPHLTH", Etreat = "ETREAT", Btg = "BTG",
		Ertreat = "ERTREAT",
		Hpaymt = "HPAYMT", Clmattch = "CLMATTCH", Covauth = "COVAUTH", Coverage = "COVERAGE", Eligdtrm = "ELIGDTRM",
		Eligver = "ELIGVER", Enrollm = "ENROLLM", Mildcrg = "MILDCRG", Remitadv = "REMITADV",
		Hoperat = "HOPERAT", Caremgt = "CAREMGT", Donat = "DONAT", Fraud = "FRAUD", Gov = "GOV", Haccred = "HACCRED",
		Hcompl = "HCOMPL", Hdecd = "HDECD", Hdirect = "HDIRECT", Hdm = "HDM", Hlegal = "HLEGAL", Houtcoms = "HOUTCOMS",
		Hprgrp = "HPRGRP", Hqualimp = "HQUALIMP", Hsysadmin = "HSYSADMIN", Labeling = "LABELING", Metamgt = "METAMGT",
		Memadmin = "MEMADMIN", Milcdm = "MILCDM", Patadmin = "PATADMIN", Patsfty = "PATSFTY", Perfmsr = "PERFMSR",
		Recordmgt = "RECORDMGT", Sysdev = "SYSDEV", Htest = "HTEST", Train = "TRAIN",
		Hresch = "HRESCH", Biorch = "BIORCH", Clintrch = "CLINTRCH", Clintrchnpc = "CLINTRCHNPC",
		Clintrchpc = "CLINTRCHPC", Preclintrch = "PRECLINTRCH", Dsrch = "DSRCH", Poarch = "POARCH",
		Transrch = "TRANSRCH",
		Patrqt = "PATRQT", Famrqt = "FAMRQT", Pwatrny = "PWATRNY", Supnwk = "SUPNWK",
		Pubhlth = "PUBHLTH", Disaster = "DISASTER", Threat = "THREAT",
		Hmarkt = "HMARKT",
	}
}

impl Purpose {
	/// The purpose directly above this one, as ActReason arranges them.
	pub const fn parent(self) -> Option<Self> {
		use Purpose::*;
		Some(match self {
			Treat | Hpaymt | Hoperat | Hresch | Patrqt | Pubhlth | Hmarkt => return None,
			Clintrl | Coc | Pophlth | Etreat => Treat,
			Btg | Ertreat => Etreat,
			Clmattch | Covauth | Coverage | Remitadv => Hpaymt,
			Eligdtrm | Eligver | Enrollm | Mildcrg => Coverage,
			Caremgt | Donat | Fraud | Gov | Haccred | Hcompl | Hdecd | Hdirect | Hdm | Hlegal | Houtcoms | Hprgrp
			| Hqualimp | Hsysadmin | Labeling | Metamgt | Memadmin | Milcdm | Patadmin | Patsfty | Perfmsr
			| Recordmgt | Sysdev | Train => Hoperat,
			Htest => Sysdev,
			Biorch | Clintrch | Dsrch | Poarch | Transrch => Hresch,
			Clintrchnpc | Clintrchpc | Preclintrch => Clintrch,
			Famrqt | Pwatrny | Supnwk => Patrqt,
			Disaster | Threat => Pubhlth,
		})
	}

	/// Whether this is `other` or lies below it.
	pub fn is_within(self, other: Self) -> bool {
		self == other || self.parent().is_some_and(|parent| parent.is_within(other))
	}
}

code_system! {
	/// Confidentiality: HL7 v3 Confidentiality, from unrestricted to very restricted; later codes are stricter.
	Confidentiality,
	/// A set of confidentiality levels.
	ConfidentialitySet(u8), 6 {
		Unrestricted = "U", Low = "L", Moderate = "M", Normal = "N", Restricted = "R", VeryRestricted = "V",
	}
}

code_system! {
	/// What may be done with data: FHIR R4 `consent-action`.
	Action,
	/// A set of actions.
	ActionSet(u8), 5 {
		Collect = "collect", Access = "access", Use = "use", Disclose = "disclose", Correct = "correct",
	}
}

code_system! {
	/// Sensitivity: HL7 v3 ActCode, information sensitivity policies. On chain a patient's labels are a secret
	/// permutation of these bits.
	Sensitivity,
	/// A set of sensitivity codes in their plain order: never written on chain.
	SensitivitySet(u32), 25 {
		Eth = "ETH", Gdis = "GDIS", Hiv = "HIV", Mst = "MST", Sca = "SCA", Sickle = "SICKLE", Sdv = "SDV", Sex = "SEX",
		Std = "STD", Tboo = "TBOO", Vio = "VIO", Spi = "SPI", Bh = "BH", Cogn = "COGN", Dvd = "DVD",
		Emotdis = "EMOTDIS", Mh = "MH", Psy = "PSY", Psythpn = "PSYTHPN", Sud = "SUD", Ethud = "ETHUD",
		Opioidud = "OPIOIDUD", Adol = "ADOL", Cel = "CEL", Prs = "PRS",
	}
}

impl Sensitivity {
	/// The code directly above this one, as ActCode arranges them.
	pub const fn parent(self) -> Option<Self> {
		use Sensitivity::*;
		match self {
			Bh | Mh | Psy | Psythpn | Sud => Some(Spi),
			Cogn | Dvd | Emotdis => Some(Bh),
			Ethud | Opioidud => Some(Sud),
			_ => None,
		}
	}

	/// Whether this is `other` or lies below it.
	pub fn is_within(self, other: Self) -> bool {
		self == other || self.parent().is_some_and(|parent| parent.is_within(other))
	}
}

impl SensitivitySet {
	/// The set and every code below its members. Decisions compare bits, so a rule names what it subsumes.
	pub fn expanded(self) -> Self {
		Sensitivity::ALL.iter().copied().filter(|code| self.iter().any(|member| code.is_within(member))).collect()
	}
}

code_system! {
	/// What a permit obliges its user to: HL7 v3 ActCode obligation and refrain policies.
	Obligation,
	/// A set of obligations.
	ObligationSet(u16), 11 {
		Redact = "REDACT", Mask = "MASK", Deid = "DEID", Pseud = "PSEUD", Delau = "DELAU", Aod = "AOD",
		Encrypt = "ENCRYPT", Nordsclcd = "NORDSCLCD", Noreuse = "NOREUSE", Norelink = "NORELINK", Noauth = "NOAUTH",
	}
}

code_system! {
	/// What an organisation is accredited for.
	OrgRole,
	/// A set of organisation roles.
	OrgRoleSet(u16), 10 {
		Provider = "provider", Dispenser = "dispenser", Manufacturer = "manufacturer", Distributor = "distributor",
		Carrier = "carrier", Regulator = "regulator", ResearchBody = "research-body",
		EthicsCommittee = "ethics-committee", PatientOrganisation = "patient-organisation", Auditor = "auditor",
	}
}

code_system! {
	/// What a member does in their organisation.
	MemberRole,
	/// A set of member roles.
	MemberRoleSet(u16), 8 {
		Clinician = "clinician", Researcher = "researcher", Pharmacist = "pharmacist", Registrar = "registrar",
		Gateway = "gateway", Quality = "quality", Logistics = "logistics", EthicsReviewer = "ethics-reviewer",
	}
}

code_system! {
	/// FHIR R4 resource types that can be about a patient; definitional and terminology types are not listed.
	ResourceType,
	/// A set of resource types.
	ResourceTypeSet(u128), 96 {
		Account = "Account", AdverseEvent = "AdverseEvent", AllergyIntolerance = "AllergyIntolerance",
		Appointment = "Appointment", AppointmentResponse = "AppointmentResponse", AuditEvent = "AuditEvent",
		Basic = "Basic", Binary = "Binary", BiologicallyDerivedProduct = "BiologicallyDerivedProduct",
		BodyStructure = "BodyStructure", CarePlan = "CarePlan", CareTeam = "CareTeam", ChargeItem = "ChargeItem",
		Claim = "Claim", ClaimResponse = "ClaimResponse", ClinicalImpression = "ClinicalImpression",
		Communication = "Communication", CommunicationRequest = "CommunicationRequest", Composition = "Composition",
		Condition = "Condition", Consent = "Consent", Contract = "Contract", Coverage = "Coverage",
		CoverageEligibilityRequest = "CoverageEligibilityRequest",
		CoverageEligibilityResponse = "CoverageEligibilityResponse", DetectedIssue = "DetectedIssue",
		Device = "Device", DeviceMetric = "DeviceMetric", DeviceRequest = "DeviceRequest",
		DeviceUseStatement = "DeviceUseStatement", DiagnosticReport = "DiagnosticReport",
		DocumentManifest = "DocumentManifest", DocumentReference = "DocumentReference", Encounter = "Encounter",
		EnrollmentRequest = "EnrollmentRequest", EnrollmentResponse = "EnrollmentResponse",
		EpisodeOfCare = "EpisodeOfCare", ExplanationOfBenefit = "ExplanationOfBenefit",
		FamilyMemberHistory = "FamilyMemberHistory", Flag = "Flag", Goal = "Goal", Group = "Group",
		GuidanceResponse = "GuidanceResponse", HealthcareService = "HealthcareService", ImagingStudy = "ImagingStudy",
		Immunization = "Immunization", ImmunizationEvaluation = "ImmunizationEvaluation",
		ImmunizationRecommendation = "ImmunizationRecommendation", InsurancePlan = "InsurancePlan",
		Invoice = "Invoice", Linkage = "Linkage", List = "List", Location = "Location",
		MeasureReport = "MeasureReport", Media = "Media", Medication = "Medication",
		MedicationAdministration = "MedicationAdministration", MedicationDispense = "MedicationDispense",
		MedicationRequest = "MedicationRequest", MedicationStatement = "MedicationStatement",
		MessageHeader = "MessageHeader", MolecularSequence = "MolecularSequence", NutritionOrder = "NutritionOrder",
		Observation = "Observation", Organization = "Organization",
		OrganizationAffiliation = "OrganizationAffiliation", Patient = "Patient", PaymentNotice = "PaymentNotice",
		PaymentReconciliation = "PaymentReconciliation", Person = "Person", Practitioner = "Practitioner",
		PractitionerRole = "PractitionerRole", Procedure = "Procedure", Provenance = "Provenance",
		QuestionnaireResponse = "QuestionnaireResponse", RelatedPerson = "RelatedPerson",
		RequestGroup = "RequestGroup", ResearchStudy = "ResearchStudy", ResearchSubject = "ResearchSubject",
		RiskAssessment = "RiskAssessment", Schedule = "Schedule", ServiceRequest = "ServiceRequest", Slot = "Slot",
		Specimen = "Specimen", Substance = "Substance", SupplyDelivery = "SupplyDelivery",
		SupplyRequest = "SupplyRequest", Task = "Task", VerificationResult = "VerificationResult",
		VisionPrescription = "VisionPrescription", Bundle = "Bundle", CatalogEntry = "CatalogEntry",
		Endpoint = "Endpoint", MedicationKnowledge = "MedicationKnowledge",
		SubstanceSpecification = "SubstanceSpecification", Parameters = "Parameters",
	}
}

#[cfg(test)]
mod tests;
