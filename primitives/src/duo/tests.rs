mod matching;
mod ontology;
mod terms;

use super::*;

pub fn group(permission: Permission, modifiers: &[Modifier]) -> Group {
	Group { permission, diseases: Diseases::default(), modifiers: modifiers.to_vec().try_into().expect("few") }
}

pub fn diseases(list: &[Disease]) -> Diseases {
	list.to_vec().try_into().expect("few")
}

pub fn names(list: &[&str]) -> Names {
	list.iter().map(|text| Name::of(text)).collect::<Vec<_>>().try_into().expect("few")
}

pub fn countries(list: &[&str]) -> Countries {
	list.iter().map(|text| text.parse().expect("a country")).collect::<Vec<_>>().try_into().expect("few")
}

/// Cancer above breast cancer above male breast cancer; diabetes apart.
pub const CANCER: Disease = Disease::doid(162);
pub const BREAST: Disease = Disease::doid(1612);
pub const MALE_BREAST: Disease = Disease::doid(1614);
pub const DIABETES: Disease = Disease::doid(9351);

/// These four, and nothing else.
pub struct Small;

impl Ontology for Small {
	fn is_below(&self, disease: &Disease, ancestor: &Disease) -> Option<bool> {
		let above = |disease: &Disease| match *disease {
			CANCER | DIABETES => Some(&[][..]),
			BREAST => Some(&[CANCER][..]),
			MALE_BREAST => Some(&[CANCER, BREAST][..]),
			_ => None,
		};
		above(ancestor)?;
		above(disease).map(|above| above.contains(ancestor))
	}
}
