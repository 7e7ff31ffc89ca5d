//! The lists of CBV 2.0 that documents name by short words, and the full URIs of their members.

use super::context::{Context, CBV, GS1_VOCABULARY};

/// A list of the Core Business Vocabulary, or of the GS1 Web Vocabulary where CBV refers to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vocabulary {
	/// What a business process was doing.
	BizStep,
	/// The condition of things.
	Disposition,
	/// Kinds of business documents.
	BizTransaction,
	/// Kinds of sources and destinations.
	SourceDest,
	/// Why an event is declared wrong.
	ErrorReason,
	/// Parts of a vector or coordinate that a sensor measures.
	Component,
	/// What a sensor measures.
	Measurement,
	/// What a sensor warns of.
	Alert,
}

const BIZ_STEPS: &[&str] = &[
	"accepting",
	"arriving",
	"assembling",
	"collecting",
	"commissioning",
	"consigning",
	"creating_class_instance",
	"cycle_counting",
	"decommissioning",
	"departing",
	"destroying",
	"disassembling",
	"dispensing",
	"encoding",
	"entering_exiting",
	"holding",
	"inspecting",
	"installing",
	"killing",
	"loading",
	"other",
	"packing",
	"picking",
	"receiving",
	"removing",
	"repackaging",
	"repairing",
	"replacing",
	"reserving",
	"retail_selling",
	"sampling",
	"sensor_reporting",
	"shipping",
	"staging_outbound",
	"stock_taking",
	"stocking",
	"storing",
	"transporting",
	"unloading",
	"unpacking",
	"void_shipping",
];

const DISPOSITIONS: &[&str] = &[
	"active",
	"available",
	"completeness_inferred",
	"completeness_verified",
	"conformant",
	"container_closed",
	"container_open",
	"damaged",
	"destroyed",
	"dispensed",
	"disposed",
	"encoded",
	"expired",
	"in_progress",
	"in_transit",
	"inactive",
	"mismatch_class",
	"mismatch_instance",
	"mismatch_quantity",
	"needs_replacement",
	"no_pedigree_match",
	"non_conformant",
	"non_sellable_other",
	"partially_dispensed",
	"recalled",
	"reserved",
	"retail_sold",
	"returned",
	"sellable_accessible",
	"sellable_not_accessible",
	"stolen",
	"unavailable",
	"unknown",
];

const BIZ_TRANSACTIONS: &[&str] = &[
	"bol",
	"cert",
	"desadv",
	"inv",
	"pedigree",
	"po",
	"poc",
	"prodorder",
	"recadv",
	"rma",
	"testprd",
	"testres",
	"upevt",
];

const COMPONENTS: &[&str] = &[
	"altitude",
	"axial_distance",
	"azimuth",
	"easting",
	"elevation_angle",
	"height",
	"latitude",
	"longitude",
	"northing",
	"polar_angle",
	"spherical_radius",
	"x",
	"y",
	"z",
];

const MEASUREMENTS: &[&str] = &[
	"AbsoluteHumidity",
	"AbsorbedDose",
	"AbsorbedDoseRate",
	"Acceleration",
	"Altitude",
	"AmountOfSubstance",
	"AmountOfSubstancePerUnitVolume",
	"Angle",
	"AngularAcceleration",
	"AngularMomentum",
	"AngularVelocity",
	"Area",
	"Capacitance",
	"Conductance",
	"Conductivity",
	"Count",
	"Density",
	"Dimensionless",
	"DoseEquivalent",
	"DoseEquivalentRate",
	"DynamicViscosity",
	"ElectricCharge",
	"ElectricCurrent",
	"ElectricCurrentDensity",
	"ElectricFieldStrength",
	"Energy",
	"Exposure",
	"Force",
	"Frequency",
	"Illuminance",
	"Inductance",
	"Irradiance",
	"KinematicViscosity",
	"Length",
	"LinearMomentum",
	"Luminance",
	"LuminousFlux",
	"LuminousIntensity",
	"MagneticFlux",
	"MagneticFluxDensity",
	"MagneticVectorPotential",
	"Mass",
	"MassConcentration",
	"MassFlowRate",
	"MassPerAreaTime",
	"MemoryCapacity",
	"MolalityOfSolute",
	"MolarEnergy",
	"MolarMass",
	"MolarVolume",
	"Power",
	"Pressure",
	"RadiantFlux",
	"RadiantIntensity",
	"Radioactivity",
	"RelativeHumidity",
	"Resistance",
	"Resistivity",
	"SolidAngle",
	"SpecificVolume",
	"Speed",
	"SurfaceDensity",
	"SurfaceTension",
	"Temperature",
	"Time",
	"Torque",
	"Voltage",
	"Volume",
	"VolumeFlowRate",
	"VolumeFraction",
	"VolumetricFlux",
	"Wavenumber",
];

impl Vocabulary {
	/// Its short words.
	pub const fn words(self) -> &'static [&'static str] {
		match self {
			Self::BizStep => BIZ_STEPS,
			Self::Disposition => DISPOSITIONS,
			Self::BizTransaction => BIZ_TRANSACTIONS,
			Self::SourceDest => &["location", "owning_party", "possessing_party"],
			Self::ErrorReason => &["did_not_occur", "incorrect_data"],
			Self::Component => COMPONENTS,
			Self::Measurement => MEASUREMENTS,
			Self::Alert => &["ALARM_CONDITION", "ERROR_CONDITION"],
		}
	}

	/// Its name in messages.
	pub const fn title(self) -> &'static str {
		match self {
			Self::BizStep => "business steps",
			Self::Disposition => "dispositions",
			Self::BizTransaction => "business transaction types",
			Self::SourceDest => "source and destination types",
			Self::ErrorReason => "error reasons",
			Self::Component => "components",
			Self::Measurement => "measurement types",
			Self::Alert => "sensor alerts",
		}
	}

	/// What comes before the word in the full URI, after the namespace.
	const fn stem(self) -> &'static str {
		match self {
			Self::BizStep => "BizStep-",
			Self::Disposition => "Disp-",
			Self::BizTransaction => "BTT-",
			Self::SourceDest => "SDT-",
			Self::ErrorReason => "ER-",
			Self::Component => "Comp-",
			Self::Measurement | Self::Alert => "",
		}
	}

	/// What comes before the word in the URN that EPCIS 1 had for it.
	const fn urn(self) -> Option<&'static str> {
		match self {
			Self::BizStep => Some("urn:epcglobal:cbv:bizstep:"),
			Self::Disposition => Some("urn:epcglobal:cbv:disp:"),
			Self::BizTransaction => Some("urn:epcglobal:cbv:btt:"),
			Self::SourceDest => Some("urn:epcglobal:cbv:sdt:"),
			Self::ErrorReason => Some("urn:epcglobal:cbv:er:"),
			Self::Component | Self::Measurement | Self::Alert => None,
		}
	}

	/// Whether this is one of its short words.
	pub fn has(self, word: &str) -> bool {
		self.words().contains(&word)
	}

	/// The full URI of a short word, an EPCIS 1 URN or a compact URI; what is none of those stands as it is.
	pub fn full(self, text: &str, context: &Context) -> String {
		let word = if self.has(text) { Some(text) } else { self.urn().and_then(|urn| text.strip_prefix(urn)) };
		match (word, self) {
			(Some(word), Self::Measurement | Self::Alert) => {
				format!("{}{word}", context.namespace("gs1").unwrap_or(GS1_VOCABULARY))
			}
			(Some(word), _) => format!("{CBV}{}{word}", self.stem()),
			(None, _) => context.expand(text).unwrap_or_else(|| text.to_owned()),
		}
	}

	/// The short word of any spelling; `None` for what is not in the list.
	pub fn word(self, text: &str, context: &Context) -> Option<&'static str> {
		let full = self.full(text, context);
		self.words().iter().copied().find(|word| self.full(word, context) == full)
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn every_spelling_is_the_same_word() {
		let context = Context::default();
		for (list, texts, full) in [
			(
				Vocabulary::BizStep,
				&["shipping", "urn:epcglobal:cbv:bizstep:shipping", "cbv:BizStep-shipping"][..],
				"https://ref.gs1.org/cbv/BizStep-shipping",
			),
			(Vocabulary::Disposition, &["recalled", "cbv:Disp-recalled"], "https://ref.gs1.org/cbv/Disp-recalled"),
			(Vocabulary::BizTransaction, &["po", "urn:epcglobal:cbv:btt:po"], "https://ref.gs1.org/cbv/BTT-po"),
			(Vocabulary::Measurement, &["Temperature", "gs1:Temperature"], "https://gs1.org/voc/Temperature"),
			(Vocabulary::Component, &["x", "cbv:Comp-x"], "https://ref.gs1.org/cbv/Comp-x"),
		] {
			for text in texts {
				assert_eq!(list.full(text, &context), full, "{text}");
				assert_eq!(list.word(text, &context), Some(texts[0]), "{text}");
			}
			assert_eq!(list.word(full, &context), Some(texts[0]));
			assert_eq!((list.full("_", &context), list.word("_", &context)), ("_".into(), None));
		}
	}
}
