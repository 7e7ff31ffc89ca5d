use super::*;
use codec::{Decode, Encode};
use serde_json::{from_value, json, to_value};
use std::collections::BTreeSet;

/// What holds of every code system and the set over it.
macro_rules! holds_for {
	($($test:ident: $code:ident, $set:ident;)+) => {$(
		#[test]
		fn $test() {
			let mut seen = BTreeSet::new();
			let mut set = $set::EMPTY;
			assert!(set.is_empty() && set.is_known());
			for (index, code) in $code::ALL.iter().copied().enumerate() {
				assert!(seen.insert(code.code()), "{code} twice");
				assert_eq!($code::from_code(code.code()), Some(code));
				assert_eq!(code.to_string(), code.code());
				assert_eq!(code.encode(), [index as u8], "SCALE index of {code}");
				assert_eq!($code::decode(&mut &[index as u8][..]), Ok(code));
				assert_eq!(to_value(code).expect("a string"), json!(code.code()));
				assert_eq!(from_value::<$code>(json!(code.code())).expect("its code"), code);

				assert!(!set.contains(code));
				let only = $set::of(&[code]);
				assert!(!set.intersects(only));
				set = set.with(code);
				assert!(set.contains(code) && set.intersects(only) && set.is_known() && !set.is_empty());
				assert_eq!(only.0, 1 << index, "bit of {code}");
			}
			assert_eq!(set, $code::ALL.iter().copied().collect());
			assert!(set.iter().eq($code::ALL.iter().copied()));
			assert_eq!(set.union($set::EMPTY), set);
			assert_eq!($set::decode(&mut &set.encode()[..]), Ok(set));
			let told = to_value(set).expect("a list");
			assert_eq!(told.as_array().map(Vec::len), Some($code::ALL.len()));
			assert_eq!(from_value::<$set>(told).expect("the same form"), set);

			assert_eq!($code::from_code(""), None);
			assert!($code::decode(&mut &[$code::ALL.len() as u8][..]).is_err());
			assert!(from_value::<$code>(json!("nothing of the kind")).is_err());
			assert!(from_value::<$set>(json!(["nothing of the kind"])).is_err());
			// A bit beyond the last code, where the integer has room for one.
			if let Some(beyond) = set.0.checked_add(1) {
				assert!(!$set(beyond).is_known() && !$set(beyond | 1).is_known());
			}
		}
	)+};
}

holds_for! {
	purposes: Purpose, PurposeSet;
	confidentiality: Confidentiality, ConfidentialitySet;
	actions: Action, ActionSet;
	sensitivities: Sensitivity, SensitivitySet;
	obligations: Obligation, ObligationSet;
	roles_of_organisations: OrgRole, OrgRoleSet;
	roles_of_members: MemberRole, MemberRoleSet;
	resource_types: ResourceType, ResourceTypeSet;
}

#[test]
fn purposes_are_arranged_as_act_reason_arranges_them() {
	assert_eq!(Purpose::ALL.len(), 59);
	/// A code and all below it, as `CODE{BELOW,…}`.
	fn drawn(code: Purpose) -> String {
		let below: Vec<_> =
			Purpose::ALL.iter().filter(|other| other.parent() == Some(code)).map(|other| drawn(*other)).collect();
		if below.is_empty() {
			code.code().into()
		} else {
			format!("{}{{{}}}", code.code(), below.join(","))
		}
	}
	let roots: Vec<_> = Purpose::ALL.iter().filter(|code| code.parent().is_none()).map(|code| drawn(*code)).collect();
	assert_eq!(
		roots,
		[
			"TREAT{CLINTRL,COC,POPHLTH,ETREAT{BTG,ERTREAT}}",
			"HPAYMT{CLMATTCH,COVAUTH,COVERAGE{ELIGDTRM,ELIGVER,ENROLLM,MILDCRG},REMITADV}",
			"HOPERAT{CAREMGT,DONAT,FRAUD,GOV,HACCRED,HCOMPL,HDECD,HDIRECT,HDM,HLEGAL,HOUTCOMS,HPRGRP,HQUALIMP,\
			 HSYSADMIN,LABELING,METAMGT,MEMADMIN,MILCDM,PATADMIN,PATSFTY,PERFMSR,RECORDMGT,SYSDEV{HTEST},TRAIN}",
			"HRESCH{BIORCH,CLINTRCH{CLINTRCHNPC,CLINTRCHPC,PRECLINTRCH},DSRCH,POARCH,TRANSRCH}",
			"PATRQT{FAMRQT,PWATRNY,SUPNWK}",
			"PUBHLTH{DISASTER,THREAT}",
			"HMARKT",
		]
	);
}

#[test]
fn a_purpose_lies_within_itself_and_what_is_above_it() {
	use Purpose::*;
	assert!(Btg.is_within(Btg) && Btg.is_within(Etreat) && Btg.is_within(Treat));
	assert!(!Treat.is_within(Btg) && !Btg.is_within(Ertreat) && !Btg.is_within(Hresch));
}

#[test]
fn later_levels_of_confidentiality_are_stricter() {
	let codes: Vec<_> = Confidentiality::ALL.iter().map(|level| level.code()).collect();
	assert_eq!(codes, ["U", "L", "M", "N", "R", "V"]);
	assert!(Confidentiality::ALL.windows(2).all(|pair| pair[0] < pair[1]));
}

#[test]
fn a_sensitivity_brings_those_below_it() {
	use Sensitivity::*;
	let expanded = |codes: &[Sensitivity]| SensitivitySet::of(codes).expanded();
	assert_eq!(expanded(&[Hiv]), SensitivitySet::of(&[Hiv]));
	assert_eq!(expanded(&[Sud, Psy]), SensitivitySet::of(&[Sud, Ethud, Opioidud, Psy]));
	assert_eq!(expanded(&[Bh]), SensitivitySet::of(&[Bh, Cogn, Dvd, Emotdis]));
	let all_of_spi = [Spi, Bh, Cogn, Dvd, Emotdis, Mh, Psy, Psythpn, Sud, Ethud, Opioidud];
	assert_eq!(expanded(&[Spi]), SensitivitySet::of(&all_of_spi));
	assert_eq!(expanded(&[Spi]).expanded(), expanded(&[Spi]));
	assert!(expanded(&[]).is_empty());
}

#[test]
fn obligations_and_refrains_have_their_official_codes() {
	let codes: Vec<_> = Obligation::ALL.iter().map(|code| code.code()).collect();
	assert_eq!(
		codes,
		["REDACT", "MASK", "DEID", "PSEUD", "DELAU", "AOD", "ENCRYPT", "NORDSCLCD", "NOREUSE", "NORELINK", "NOAUTH"]
	);
}
