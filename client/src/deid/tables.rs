//! What may stay: elements by resource type, code systems with the form of their codes, words, units.
//!
//! All of it is what is let through; whatever is not here is left out.

use regex::Regex;
use std::sync::LazyLock;

/// How an element's value is let through.
pub(super) enum Rule {
	/// `true` or `false`.
	Bool,
	/// A number.
	Number,
	/// A word of [`WORDS`].
	Word,
	/// A `date`, `dateTime` or `instant`, moved.
	Date,
	/// A `CodeableConcept`: its codings of known systems.
	Concept,
	/// A `Coding` of a known system.
	Coding,
	/// A `Quantity`, `Age`, `Duration` or `SimpleQuantity` in UCUM.
	Quantity,
	/// A `Reference`, by a pseudonymous id.
	Reference,
	/// Elements of their own.
	Group(&'static [Element]),
}

/// An element's name, and how its value is let through.
pub(super) type Element = (&'static str, Rule);

use Rule::*;

/// The pattern of a code system of HL7's own.
macro_rules! hl7 {
	($name:literal) => {
		concat!(r"http://terminology\.hl7\.org/CodeSystem/", $name)
	};
}

const PERIOD: &[Element] = &[("start", Date), ("end", Date)];
const RANGE: &[Element] = &[("low", Quantity), ("high", Quantity)];
const RATIO: &[Element] = &[("numerator", Quantity), ("denominator", Quantity)];
const REPEAT: &[Element] = &[
	("boundsDuration", Quantity),
	("boundsRange", Group(RANGE)),
	("boundsPeriod", Group(PERIOD)),
	("count", Number),
	("countMax", Number),
	("duration", Number),
	("durationMax", Number),
	("durationUnit", Word),
	("frequency", Number),
	("frequencyMax", Number),
	("period", Number),
	("periodMax", Number),
	("periodUnit", Word),
	("when", Word),
	("offset", Number),
];
const TIMING: &[Element] = &[("event", Date), ("repeat", Group(REPEAT)), ("code", Concept)];
const DOSE_AND_RATE: &[Element] = &[
	("type", Concept),
	("doseQuantity", Quantity),
	("doseRange", Group(RANGE)),
	("rateQuantity", Quantity),
	("rateRange", Group(RANGE)),
	("rateRatio", Group(RATIO)),
];
const DOSAGE: &[Element] = &[
	("sequence", Number),
	("additionalInstruction", Concept),
	("timing", Group(TIMING)),
	("asNeededBoolean", Bool),
	("asNeededCodeableConcept", Concept),
	("site", Concept),
	("route", Concept),
	("method", Concept),
	("doseAndRate", Group(DOSE_AND_RATE)),
	("maxDosePerPeriod", Group(RATIO)),
	("maxDosePerAdministration", Quantity),
];
const REFERENCE_RANGE: &[Element] =
	&[("low", Quantity), ("high", Quantity), ("type", Concept), ("appliesTo", Concept), ("age", Group(RANGE))];
const COMPONENT: &[Element] = &[
	("code", Concept),
	("valueQuantity", Quantity),
	("valueCodeableConcept", Concept),
	("valueBoolean", Bool),
	("valueInteger", Number),
	("valueRange", Group(RANGE)),
	("valueRatio", Group(RATIO)),
	("dataAbsentReason", Concept),
	("interpretation", Concept),
	("referenceRange", Group(REFERENCE_RANGE)),
];

/// What may stay of a resource of this type besides its id; `None` if nothing of it may.
///
/// `Patient.birthDate` is not here: it has a rule of its own.
pub(super) fn elements(resource_type: &str) -> Option<&'static [Element]> {
	Some(match resource_type {
		"Patient" => {
			&[("gender", Word), ("maritalStatus", Concept), ("deceasedBoolean", Bool), ("deceasedDateTime", Date)]
		}
		"Observation" => &[
			("status", Word),
			("category", Concept),
			("code", Concept),
			("subject", Reference),
			("encounter", Reference),
			("partOf", Reference),
			("effectiveDateTime", Date),
			("effectiveInstant", Date),
			("effectivePeriod", Group(PERIOD)),
			("effectiveTiming", Group(TIMING)),
			("issued", Date),
			("performer", Reference),
			("valueQuantity", Quantity),
			("valueCodeableConcept", Concept),
			("valueBoolean", Bool),
			("valueInteger", Number),
			("valueRange", Group(RANGE)),
			("valueRatio", Group(RATIO)),
			("dataAbsentReason", Concept),
			("interpretation", Concept),
			("bodySite", Concept),
			("method", Concept),
			("specimen", Reference),
			("referenceRange", Group(REFERENCE_RANGE)),
			("hasMember", Reference),
			("derivedFrom", Reference),
			("component", Group(COMPONENT)),
		],
		"Condition" => &[
			("clinicalStatus", Concept),
			("verificationStatus", Concept),
			("category", Concept),
			("severity", Concept),
			("code", Concept),
			("bodySite", Concept),
			("subject", Reference),
			("encounter", Reference),
			("onsetDateTime", Date),
			("onsetAge", Quantity),
			("onsetPeriod", Group(PERIOD)),
			("onsetRange", Group(RANGE)),
			("abatementDateTime", Date),
			("abatementAge", Quantity),
			("abatementPeriod", Group(PERIOD)),
			("abatementRange", Group(RANGE)),
			("recordedDate", Date),
			("stage", Group(&[("summary", Concept), ("assessment", Reference), ("type", Concept)])),
			("evidence", Group(&[("code", Concept), ("detail", Reference)])),
		],
		"Procedure" => &[
			("basedOn", Reference),
			("partOf", Reference),
			("status", Word),
			("statusReason", Concept),
			("category", Concept),
			("code", Concept),
			("subject", Reference),
			("encounter", Reference),
			("performedDateTime", Date),
			("performedPeriod", Group(PERIOD)),
			("performedAge", Quantity),
			("performedRange", Group(RANGE)),
			("reasonCode", Concept),
			("reasonReference", Reference),
			("bodySite", Concept),
			("outcome", Concept),
			("report", Reference),
			("complication", Concept),
			("complicationDetail", Reference),
			("followUp", Concept),
			("usedCode", Concept),
		],
		"MedicationRequest" => &[
			("status", Word),
			("statusReason", Concept),
			("intent", Word),
			("category", Concept),
			("priority", Word),
			("doNotPerform", Bool),
			("medicationCodeableConcept", Concept),
			("medicationReference", Reference),
			("subject", Reference),
			("encounter", Reference),
			("authoredOn", Date),
			("requester", Reference),
			("reasonCode", Concept),
			("reasonReference", Reference),
			("courseOfTherapyType", Concept),
			("dosageInstruction", Group(DOSAGE)),
			(
				"dispenseRequest",
				Group(&[
					("dispenseInterval", Quantity),
					("validityPeriod", Group(PERIOD)),
					("numberOfRepeatsAllowed", Number),
					("quantity", Quantity),
					("expectedSupplyDuration", Quantity),
				]),
			),
			("priorPrescription", Reference),
		],
		"MedicationStatement" => &[
			("status", Word),
			("statusReason", Concept),
			("category", Concept),
			("medicationCodeableConcept", Concept),
			("medicationReference", Reference),
			("subject", Reference),
			("context", Reference),
			("effectiveDateTime", Date),
			("effectivePeriod", Group(PERIOD)),
			("dateAsserted", Date),
			("reasonCode", Concept),
			("reasonReference", Reference),
			("dosage", Group(DOSAGE)),
		],
		"MedicationAdministration" => &[
			("status", Word),
			("statusReason", Concept),
			("category", Concept),
			("medicationCodeableConcept", Concept),
			("medicationReference", Reference),
			("subject", Reference),
			("context", Reference),
			("effectiveDateTime", Date),
			("effectivePeriod", Group(PERIOD)),
			("reasonCode", Concept),
			("reasonReference", Reference),
			("request", Reference),
			(
				"dosage",
				Group(&[
					("site", Concept),
					("route", Concept),
					("method", Concept),
					("dose", Quantity),
					("rateRatio", Group(RATIO)),
					("rateQuantity", Quantity),
				]),
			),
		],
		"MedicationDispense" => &[
			("status", Word),
			("category", Concept),
			("medicationCodeableConcept", Concept),
			("medicationReference", Reference),
			("subject", Reference),
			("context", Reference),
			("authorizingPrescription", Reference),
			("type", Concept),
			("quantity", Quantity),
			("daysSupply", Quantity),
			("whenPrepared", Date),
			("whenHandedOver", Date),
			("dosageInstruction", Group(DOSAGE)),
		],
		"Medication" => &[
			("code", Concept),
			("status", Word),
			("form", Concept),
			("amount", Group(RATIO)),
			("ingredient", Group(&[("itemCodeableConcept", Concept), ("isActive", Bool), ("strength", Group(RATIO))])),
		],
		"Immunization" => &[
			("status", Word),
			("statusReason", Concept),
			("vaccineCode", Concept),
			("patient", Reference),
			("encounter", Reference),
			("occurrenceDateTime", Date),
			("recorded", Date),
			("primarySource", Bool),
			("site", Concept),
			("route", Concept),
			("doseQuantity", Quantity),
			("reasonCode", Concept),
			("reasonReference", Reference),
			("isSubpotent", Bool),
			("subpotentReason", Concept),
			("reaction", Group(&[("date", Date), ("detail", Reference), ("reported", Bool)])),
			(
				"protocolApplied",
				Group(&[
					("targetDisease", Concept),
					("doseNumberPositiveInt", Number),
					("seriesDosesPositiveInt", Number),
				]),
			),
		],
		"AllergyIntolerance" => &[
			("clinicalStatus", Concept),
			("verificationStatus", Concept),
			("type", Word),
			("category", Word),
			("criticality", Word),
			("code", Concept),
			("patient", Reference),
			("encounter", Reference),
			("onsetDateTime", Date),
			("onsetAge", Quantity),
			("onsetPeriod", Group(PERIOD)),
			("onsetRange", Group(RANGE)),
			("recordedDate", Date),
			("lastOccurrence", Date),
			(
				"reaction",
				Group(&[
					("substance", Concept),
					("manifestation", Concept),
					("onset", Date),
					("severity", Word),
					("exposureRoute", Concept),
				]),
			),
		],
		"DiagnosticReport" => &[
			("basedOn", Reference),
			("status", Word),
			("category", Concept),
			("code", Concept),
			("subject", Reference),
			("encounter", Reference),
			("effectiveDateTime", Date),
			("effectivePeriod", Group(PERIOD)),
			("issued", Date),
			("specimen", Reference),
			("result", Reference),
			("conclusionCode", Concept),
		],
		"Specimen" => &[
			("status", Word),
			("type", Concept),
			("subject", Reference),
			("receivedTime", Date),
			("parent", Reference),
			(
				"collection",
				Group(&[
					("collectedDateTime", Date),
					("collectedPeriod", Group(PERIOD)),
					("duration", Quantity),
					("quantity", Quantity),
					("method", Concept),
					("bodySite", Concept),
					("fastingStatusCodeableConcept", Concept),
					("fastingStatusDuration", Quantity),
				]),
			),
			("condition", Concept),
		],
		"Encounter" => &[
			("status", Word),
			("class", Coding),
			("type", Concept),
			("serviceType", Concept),
			("priority", Concept),
			("subject", Reference),
			("period", Group(PERIOD)),
			("length", Quantity),
			("reasonCode", Concept),
			("reasonReference", Reference),
			("diagnosis", Group(&[("condition", Reference), ("use", Concept), ("rank", Number)])),
			("serviceProvider", Reference),
			(
				"hospitalization",
				Group(&[
					("admitSource", Concept),
					("reAdmission", Concept),
					("dietPreference", Concept),
					("dischargeDisposition", Concept),
				]),
			),
			("partOf", Reference),
		],
		"CarePlan" => &[
			("basedOn", Reference),
			("partOf", Reference),
			("status", Word),
			("intent", Word),
			("category", Concept),
			("subject", Reference),
			("encounter", Reference),
			("period", Group(PERIOD)),
			("created", Date),
			("addresses", Reference),
			(
				"activity",
				Group(&[
					("outcomeCodeableConcept", Concept),
					("outcomeReference", Reference),
					(
						"detail",
						Group(&[
							("code", Concept),
							("reasonCode", Concept),
							("reasonReference", Reference),
							("status", Word),
							("statusReason", Concept),
							("doNotPerform", Bool),
							("scheduledTiming", Group(TIMING)),
							("scheduledPeriod", Group(PERIOD)),
							("productCodeableConcept", Concept),
							("dailyAmount", Quantity),
							("quantity", Quantity),
						]),
					),
				]),
			),
		],
		"ServiceRequest" => &[
			("basedOn", Reference),
			("status", Word),
			("intent", Word),
			("category", Concept),
			("priority", Word),
			("doNotPerform", Bool),
			("code", Concept),
			("quantityQuantity", Quantity),
			("subject", Reference),
			("encounter", Reference),
			("occurrenceDateTime", Date),
			("occurrencePeriod", Group(PERIOD)),
			("authoredOn", Date),
			("reasonCode", Concept),
			("reasonReference", Reference),
			("bodySite", Concept),
		],
		// Who and where are told apart, and not told.
		"Practitioner" => &[],
		"Organization" => &[("type", Concept)],
		_ => return None,
	})
}

/// Words that coded elements of FHIR are made of: statuses, intents, units and times of day of a timing.
pub(super) const WORDS: &[&str] = &[
	// Statuses.
	"registered",
	"preliminary",
	"final",
	"amended",
	"corrected",
	"appended",
	"partial",
	"cancelled",
	"entered-in-error",
	"unknown",
	"active",
	"inactive",
	"on-hold",
	"completed",
	"stopped",
	"draft",
	"ended",
	"revoked",
	"planned",
	"arrived",
	"triaged",
	"in-progress",
	"onleave",
	"finished",
	"preparation",
	"not-done",
	"intended",
	"not-taken",
	"declined",
	"available",
	"unavailable",
	"unsatisfactory",
	"not-started",
	"scheduled",
	// Intents and priorities.
	"proposal",
	"plan",
	"directive",
	"order",
	"original-order",
	"reflex-order",
	"filler-order",
	"instance-order",
	"option",
	"routine",
	"urgent",
	"asap",
	"stat",
	// Allergies.
	"allergy",
	"intolerance",
	"food",
	"medication",
	"environment",
	"biologic",
	"low",
	"high",
	"unable-to-assess",
	"mild",
	"moderate",
	"severe",
	// Administrative gender.
	"male",
	"female",
	"other",
	// Timings.
	"s",
	"min",
	"h",
	"d",
	"wk",
	"mo",
	"a",
	"MORN",
	"MORN.early",
	"MORN.late",
	"NOON",
	"AFT",
	"AFT.early",
	"AFT.late",
	"EVE",
	"EVE.early",
	"EVE.late",
	"NIGHT",
	"PHS",
	"HS",
	"WAKE",
	"C",
	"CM",
	"CD",
	"CV",
	"AC",
	"ACM",
	"ACD",
	"ACV",
	"PC",
	"PCM",
	"PCD",
	"PCV",
];

/// Code systems, and the form of their codes: a code of another form is none of theirs, whatever it may tell.
static SYSTEMS: LazyLock<Vec<(Regex, Regex)>> = LazyLock::new(|| {
	[
		(r"http://loinc\.org", r"(LA|LP)?[0-9]{1,7}-[0-9]"),
		(r"http://snomed\.info/sct", r"[0-9]{6,18}"),
		(r"http://www\.nlm\.nih\.gov/research/umls/rxnorm", r"[0-9]{1,8}"),
		(r"http://hl7\.org/fhir/sid/cvx", r"[0-9]{1,3}"),
		(r"http://hl7\.org/fhir/sid/icd-10(-cm)?", r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?"),
		(r"http://hl7\.org/fhir/sid/icd-9-cm", r"[EV]?[0-9]{2,3}(\.[0-9]{1,2})?"),
		(r"http://id\.who\.int/icd/release/11/mms", r"[0-9A-Z][A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,3})?"),
		(r"http://hl7\.org/fhir/sid/ndc", r"[0-9]{4,5}-[0-9]{3,4}-[0-9]{1,2}|[0-9]{11}"),
		(r"http://www\.whocc\.no/atc", r"[A-Z]([0-9]{2}([A-Z]([A-Z]([0-9]{2})?)?)?)?"),
		(r"http://www\.ama-assn\.org/go/cpt", r"[0-9]{4}[0-9FTU]"),
		(hl7!("observation-category"), "vital-signs|laboratory|imaging|procedure|survey|exam|therapy|activity|social-history"),
		(
			hl7!("(condition-clinical|condition-ver-status|allergyintolerance-clinical|allergyintolerance-verification)"),
			"active|recurrence|relapse|inactive|remission|resolved|unconfirmed|provisional|differential|confirmed|refuted|\
			 entered-in-error",
		),
		(hl7!("condition-category"), "problem-list-item|encounter-diagnosis"),
		(hl7!("diagnosis-role"), "AD|DD|CC|CM|pre-op|post-op|billing"),
		(hl7!("discharge-disposition"), "home|alt-home|other-hcf|hosp|long|aadvice|exp|psy|rehab|snf|oth"),
		(hl7!("admit-source"), "hosp-trans|emd|outp|born|gp|mp|nursing|psych|rehab|other"),
		(
			hl7!("data-absent-reason"),
			"unknown|asked-unknown|temp-unknown|not-asked|asked-declined|masked|not-applicable|unsupported|error|\
			 not-performed|not-permitted",
		),
		(hl7!("(medicationrequest-category|medication-statement-category)"), "inpatient|outpatient|community|discharge|\
			 patientspecified"),
		(hl7!("medicationrequest-course-of-therapy"), "continuous|acute|seasonal"),
		(hl7!("dose-rate-type"), "calculated|ordered"),
		(hl7!("referencerange-meaning"), "normal|recommended|treatment|therapeutic|pre|post|endocrine|pre-puberty|\
			 follicular|midcycle|luteal|postmenopausal"),
		(hl7!("organization-type"), "prov|dept|team|govt|ins|pay|edu|reli|crs|cg|bus|other"),
		(hl7!("v3-ActCode"), "AMB|EMER|FLD|HH|IMP|ACUTE|NONAC|OBSENC|PRENC|SS|VR"),
		(hl7!("v3-ActPriority"), "A|CR|CS|CSP|CSR|EL|EM|P|PRN|R|RR|S|T|UD|UR"),
		(hl7!("v3-ObservationInterpretation"), "[HLNARSI]|HH|LL|AA|HU|LU|POS|NEG|IND|ND|DET|NR|RR|WR|[BDUW]|<|>|E"),
		(hl7!("v3-MaritalStatus"), "A|C|D|I|L|M|P|S|T|U|W"),
		(hl7!("v3-NullFlavor"), "NI|INV|OTH|UNK|ASKU|NAV|NASK|QS|TRC|MSK|NA|NP"),
		(hl7!("v3-GTSAbbreviation"), "BID|TID|QID|AM|PM|QD|QOD|Q1H|Q2H|Q3H|Q4H|Q6H|Q8H|BED|WK|MO"),
		(hl7!("v2-0074"), "[A-Z]{2,3}"),
		(hl7!("v2-0092"), "R"),
	]
	.map(|(system, code)| (whole(system), whole(code)))
	.into()
});

fn whole(pattern: &str) -> Regex {
	Regex::new(&format!("^(?:{pattern})$")).expect("the patterns are of this module; qed")
}

/// Whether a code is one of a code system that is known here, as far as its form tells.
pub(super) fn is_code(system: &str, code: &str) -> bool {
	(system == super::UCUM && is_ucum(code))
		|| SYSTEMS.iter().any(|(systems, codes)| systems.is_match(system) && codes.is_match(code))
}

/// Whether it is a unit of UCUM, made of the atoms that health data is measured in. Comments, which stand in braces and
/// may be anything, are these only.
pub(super) fn is_ucum(code: &str) -> bool {
	static UNIT: LazyLock<Regex> = LazyLock::new(|| {
		let comment = r"\{(score|count|tbl|beats|breaths|steps|cells|#)\}";
		let metric = r"(da|[YZEPTGMkhdcmunpf])?(m|g|s|L|l|K|mol|eq|osm|U|Pa|Hz|J|W|V|A|N|cal|bar|Cel|rad|kat|Bq|Gy|Sv|m\[Hg\]|m\[H2O\]|\[iU\]|\[IU\])";
		let other = r"%|min|h|d|wk|mo|a|deg|\[(degF|in_i|ft_i|lb_av|oz_av|mi_i|pH|ppm|ppb|ppth|CFU|arb'U|drp|diop)\]";
		let part =
			format!(r"(({metric}|{other})[+-]?[0-9]{{0,2}}({comment})?|10[*^]-?[0-9]{{1,2}}|[0-9]{{1,4}}|{comment})");
		whole(&format!(r"/?{part}([./]{part}){{0,4}}"))
	});
	UNIT.is_match(code)
}

/// Measures of Open mHealth whose value is a number with a unit.
pub(super) const MEASURES: &[&str] = &[
	"blood_glucose",
	"body_temperature",
	"heart_rate",
	"step_count",
	"systolic_blood_pressure",
	"diastolic_blood_pressure",
	"body_weight",
	"body_height",
	"body_fat_percentage",
	"body_mass_index",
	"oxygen_saturation",
	"oxygen_flow_rate",
	"respiratory_rate",
	"expiratory_time",
	"minute_volume",
	"rr_interval",
	"kcal_burned",
	"distance",
	"minutes_moderate_activity",
	"total_sleep_time",
	"sleep_duration",
	"latency_to_sleep_onset",
	"latency_to_arising",
	"wake_after_sleep_onset",
	"number_of_awakenings",
	"sleep_maintenance_efficiency_percentage",
	"duration",
];

/// Units of those measures.
pub(super) const MEASURE_UNITS: &[&str] = &[
	"mg/dL",
	"mmol/L",
	"beats/min",
	"breaths/min",
	"steps",
	"C",
	"F",
	"K",
	"mmHg",
	"kg",
	"g",
	"lb",
	"oz",
	"m",
	"cm",
	"mm",
	"in",
	"ft",
	"yd",
	"km",
	"mi",
	"%",
	"L/min",
	"kcal",
	"cal",
	"kJ",
	"J",
	"kg/m2",
	"ms",
	"s",
	"sec",
	"min",
	"h",
	"d",
	"wk",
	"Mo",
	"yr",
];

/// What else a body of Open mHealth may tell in words.
pub(super) const MEASURE_WORDS: &[(&str, &[&str])] = &[
	(
		"descriptive_statistic",
		&[
			"average",
			"count",
			"maximum",
			"median",
			"minimum",
			"standard deviation",
			"variance",
			"sum",
			"1st quartile",
			"3rd quartile",
		],
	),
	("descriptive_statistic_denominator", &["h", "d", "wk", "Mo", "session"]),
	(
		"temporal_relationship_to_meal",
		&[
			"fasting",
			"not fasting",
			"before meal",
			"after meal",
			"before breakfast",
			"after breakfast",
			"before lunch",
			"after lunch",
			"before dinner",
			"after dinner",
			"2 hours postprandial",
			"with meal",
			"with food",
		],
	),
	("temporal_relationship_to_sleep", &["before sleeping", "during sleep", "on waking"]),
	(
		"temporal_relationship_to_physical_activity",
		&["at rest", "active", "before exercise", "after exercise", "during exercise"],
	),
	(
		"specimen_source",
		&[
			"interstitial fluid",
			"capillary blood",
			"plasma",
			"serum",
			"tears",
			"whole blood",
			"urine",
			"saliva",
			"sweat",
		],
	),
	(
		"measurement_location",
		&[
			"axillary",
			"finger",
			"forehead",
			"oral",
			"rectal",
			"temporal artery",
			"toe",
			"tympanic",
			"vaginal",
			"wrist",
			"left wrist",
			"right wrist",
			"left upper arm",
			"right upper arm",
			"left thigh",
			"right thigh",
		],
	),
	("body_posture", &["sitting", "lying down", "standing", "semi-recumbent"]),
	("part_of_day", &["morning", "afternoon", "evening", "night"]),
];
