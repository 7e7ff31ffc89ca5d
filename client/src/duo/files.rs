//! Datasets and purposes as files, and the answer.
//!
//! What is not understood is refused where it stands, never left out: a restriction that nobody reads would open data.
//! What a purpose does not state is not known, which never helps it. `null` states nothing.

use super::Taxonomy;
use crate::{
	fhir::{parse_json, pointer, time::parse_rfc3339},
	Error, Result,
};
use salus_primitives::{
	duo::{
		matches, DataUse, Disease, Diseases, Facts, Group, Modifier, Name, Namespace, Outcome, Permission, Purpose,
		Sensitive, SensitiveSet, Term, TermKind, Use, UseSet, MAX_COUNTRIES, MAX_CO_SIGNERS, MAX_DISEASES, MAX_GROUPS,
		MAX_MODIFIERS, MAX_NAMES,
	},
	AccountId, Moment,
};
use serde_json::{json, Value};

/// Judges a purpose by a dataset at a moment: `{"verdict", "reasons", "group"}`; with `all`, each group's verdict and
/// reasons besides. Without an ontology a disease is within itself only.
pub fn answer(dataset: &str, purpose: &str, ontology: Option<&str>, now: Moment, all: bool) -> Result<Value> {
	let ontology = ontology.map(Taxonomy::read).transpose().map_err(|error| within("ontology", error))?;
	let taxonomy = ontology.unwrap_or_default();
	let groups = self::dataset(dataset, &taxonomy).map_err(|error| within("dataset", error))?;
	let (purpose, facts) = self::purpose(purpose, &taxonomy, now).map_err(|error| within("purpose", error))?;
	Ok(tell(&matches(&groups, &purpose, &facts, &taxonomy), all))
}

/// An outcome as JSON.
pub fn tell(outcome: &Outcome, all: bool) -> Value {
	let mut told = json!({
		"verdict": outcome.verdict(),
		"reasons": outcome.reasons(),
		"group": outcome.best(),
	});
	if all {
		told["groups"] = json!(outcome.groups);
	}
	told
}

/// A pointer is into one of several files: the message says into which.
fn within(file: &str, error: Error) -> Error {
	match error {
		Error::Refused { code, at, message } => Error::Refused { code, at, message: format!("{file}: {message}") },
		other => other,
	}
}

/// The groups of a dataset; none if it is not tagged.
pub fn dataset(text: &str, ontology: &Taxonomy) -> Result<DataUse> {
	let json = parse_json(text)?;
	let root = At { value: &json, at: String::new() };
	root.only(&["groups"])?;
	root.list("groups", MAX_GROUPS, |group| group.group(ontology))
}

/// A purpose, with the facts that it states beside it.
pub fn purpose(text: &str, ontology: &Taxonomy, now: Moment) -> Result<(Purpose, Facts)> {
	let json = parse_json(text)?;
	let root = At { value: &json, at: String::new() };
	root.only(&[
		"uses",
		"diseases",
		"clinical_care",
		"commercial",
		"nonprofit",
		"genetic",
		"ethics_approval",
		"location",
		"institution",
		"project",
		"user",
		"collaborators",
		"research_type",
		"population",
		"sensitive",
	])?;
	let mut uses: UseSet = root.require("uses")?.items()?.iter().map(At::named_use).collect::<Result<_>>()?;
	let stated = match root.get("sensitive") {
		Some(list) => list.items()?.iter().map(At::sensitive).collect::<Result<Vec<_>>>()?,
		None => Vec::new(),
	};
	let mut sensitive = SensitiveSet::of(&stated);
	if root.flag("genetic")? == Some(true) {
		uses = uses.with(Use::Genetic);
	}
	if let Some(population) = root.get("population") {
		population.only(&["paediatric", "gender", "ancestry", "vulnerable"])?;
		let flags = [
			(population.flag("paediatric")?, Sensitive::Paediatric),
			(population.flag("vulnerable")?, Sensitive::Vulnerable),
			(population.described("gender")?, Sensitive::Gender),
		];
		let set = flags.into_iter().filter(|(stated, _)| *stated == Some(true)).map(|(_, flag)| flag);
		sensitive = set.fold(sensitive, SensitiveSet::with);
		if population.described("ancestry")? == Some(true) {
			uses = uses.with(Use::Ancestry);
		}
	}
	let ethics_until = match root.get("ethics_approval") {
		Some(approval) => {
			approval.only(&["expires"])?;
			Some(approval.require("expires")?.moment()?)
		}
		None => None,
	};
	let co_signers = match root.get("collaborators") {
		Some(list) => Some(list.bounded(MAX_CO_SIGNERS, At::name)?),
		None => None,
	};
	let optional = |name| root.get(name).map(|value| value.name()).transpose();
	let purpose = Purpose {
		uses,
		care: root.flag("clinical_care")? == Some(true),
		commercial: root.flag("commercial")?,
		diseases: root.list("diseases", MAX_DISEASES, |disease| disease.disease(ontology))?,
		research_type: optional("research_type")?,
		project: optional("project")?,
		sensitive,
	};
	let facts = Facts {
		now,
		nonprofit: root.flag("nonprofit")?,
		location: root.get("location").map(|country| country.country()).transpose()?,
		user: optional("user")?,
		institution: optional("institution")?,
		ethics_until,
		co_signers,
	};
	Ok((purpose, facts))
}

/// A value and where it stands.
struct At<'a> {
	value: &'a Value,
	at: String,
}

impl<'a> At<'a> {
	fn refused(&self, code: &'static str, message: impl Into<String>) -> Error {
		Error::refused(code, self.at.clone(), message)
	}

	/// It is an object of no other members.
	fn only(&self, names: &[&str]) -> Result<()> {
		let object = self.value.as_object().ok_or_else(|| self.refused("WrongType", "expected an object"))?;
		match object.keys().find(|name| !names.contains(&name.as_str())) {
			Some(name) => {
				let message = format!("no member of this name has a meaning here; expected {}", names.join(", "));
				Err(Error::refused("UnknownMember", pointer(&self.at, name), message))
			}
			None => Ok(()),
		}
	}

	fn get(&self, name: &str) -> Option<At<'a>> {
		let value = self.value.get(name).filter(|value| !value.is_null())?;
		Some(At { value, at: pointer(&self.at, name) })
	}

	fn require(&self, name: &str) -> Result<At<'a>> {
		let missing = || Error::refused("Missing", pointer(&self.at, name), format!("`{name}` is missing"));
		self.get(name).ok_or_else(missing)
	}

	fn items(&self) -> Result<Vec<At<'a>>> {
		let items = self.value.as_array().ok_or_else(|| self.refused("WrongType", "expected a list"))?;
		Ok(items.iter().enumerate().map(|(number, value)| At { value, at: pointer(&self.at, number) }).collect())
	}

	fn bounded<T, L: TryFrom<Vec<T>>>(&self, most: u32, read: impl Fn(&At<'a>) -> Result<T>) -> Result<L> {
		let items = self.items()?.iter().map(read).collect::<Result<Vec<_>>>()?;
		items.try_into().map_err(|_| self.refused("TooMany", format!("there can be {most} of these at most")))
	}

	/// A member that is a list; empty if there is none.
	fn list<T, L: TryFrom<Vec<T>> + Default>(
		&self,
		name: &str,
		most: u32,
		read: impl Fn(&At<'a>) -> Result<T>,
	) -> Result<L> {
		self.get(name).map_or_else(|| Ok(L::default()), |list| list.bounded(most, read))
	}

	fn flag(&self, name: &str) -> Result<Option<bool>> {
		let wrong =
			|value: At| value.value.as_bool().ok_or_else(|| value.refused("WrongType", "expected true or false"));
		self.get(name).map(wrong).transpose()
	}

	/// A member that says that something is so, or which: `true`, or a text.
	fn described(&self, name: &str) -> Result<Option<bool>> {
		match self.get(name) {
			Some(At { value: Value::Bool(stated), .. }) => Ok(Some(*stated)),
			Some(value) => value.text().map(|_| Some(true)),
			None => Ok(None),
		}
	}

	fn text(&self) -> Result<&'a str> {
		match self.value.as_str() {
			Some("") => Err(self.refused("Empty", "an empty text says nothing: leave it out")),
			Some(text) => Ok(text),
			None => Err(self.refused("WrongType", "expected a text")),
		}
	}

	/// A term that is neither unknown, nor withdrawn, nor a heading.
	fn term(&self) -> Result<Term> {
		let text = self.text()?;
		let term = Term::parse(text).ok_or_else(|| self.refused("UnknownTerm", format!("{text} is no term of DUO")))?;
		match term.kind() {
			TermKind::Obsolete => {
				Err(self
					.refused("ObsoleteTerm", format!("the Data Use Ontology has withdrawn {term}: use a present term")))
			}
			TermKind::Abstract => {
				Err(self.refused("AbstractTerm", format!("{term} is a heading of the ontology: use a term below it")))
			}
			_ => Ok(term),
		}
	}

	fn named_use(&self) -> Result<Use> {
		let term = self.term()?;
		match term.kind() {
			TermKind::Use(named) => Ok(named),
			_ => Err(self.refused("NotAUse", format!("{term} is no use, such as DUO:0000037"))),
		}
	}

	fn sensitive(&self) -> Result<Sensitive> {
		let text = self.text()?;
		Sensitive::from_code(text).ok_or_else(|| {
			let known: Vec<_> = Sensitive::ALL.iter().map(|flag| flag.code()).collect();
			self.refused("UnknownFlag", format!("{text} is none of {}", known.join(", ")))
		})
	}

	fn disease(&self, ontology: &Taxonomy) -> Result<Disease> {
		let text = self.text()?;
		let disease: Disease = text.parse().map_err(|wrong| self.refused("BadDisease", format!("{text}: {wrong}")))?;
		if ontology.is_obsolete(&disease) {
			return Err(self.refused("ObsoleteDisease", format!("the ontology has withdrawn {disease}")));
		}
		Ok(disease)
	}

	fn country(&self) -> Result<salus_primitives::duo::Country> {
		let text = self.text()?;
		text.parse().map_err(|wrong| self.refused("UnknownCountry", format!("{text}: {wrong}")))
	}

	/// Who or what a text names: an account if it is one's address, else whatever has this name.
	fn name(&self) -> Result<Name> {
		let text = self.text()?;
		Ok(text.parse::<AccountId>().map_or_else(|_| Name::of(text), |account| Name::account(&account)))
	}

	fn moment(&self) -> Result<Moment> {
		let text = self.text()?;
		let millis = parse_rfc3339(text).and_then(|millis| Moment::try_from(millis).ok());
		millis.ok_or_else(|| self.refused("BadTime", format!("{text}: expected a moment after 1970 as in RFC 3339")))
	}

	/// A moment, or a date, which is its start in UTC.
	fn date(&self) -> Result<Moment> {
		let text = self.text()?;
		let day = (text.len() == 10).then(|| parse_rfc3339(&format!("{text}T00:00:00Z"))).flatten();
		match day.map(Moment::try_from) {
			Some(Ok(day)) => Ok(day),
			_ => self.moment(),
		}
	}

	fn months(&self) -> Result<u16> {
		let months =
			self.value.as_u64().ok_or_else(|| self.refused("WrongType", "expected a whole number of months"))?;
		let months = u16::try_from(months).ok().filter(|months| *months > 0);
		months.ok_or_else(|| self.refused("BadMonths", format!("expected 1 to {} months", u16::MAX)))
	}

	fn group(&self, ontology: &Taxonomy) -> Result<Group> {
		self.only(&["permission", "diseases", "modifiers"])?;
		let stated = self.require("permission")?;
		let term = stated.term()?;
		let permission = [Permission::Nres, Permission::Gru, Permission::Hmb, Permission::Ds, Permission::Poa]
			.into_iter()
			.find(|permission| permission.term() == term)
			.ok_or_else(|| stated.refused("NotAPermission", format!("{term} is no permission, such as DUO:0000042")))?;
		let diseases: Diseases = self.list("diseases", MAX_DISEASES, |disease| disease.disease(ontology))?;
		if permission != Permission::Ds && !diseases.is_empty() {
			let message = format!("{term} does not look at diseases: what should they restrict?");
			return Err(Error::refused("NotExpected", pointer(&self.at, "diseases"), message));
		}
		let modifiers = self.list("modifiers", MAX_MODIFIERS, At::modifier)?;
		Ok(Group { permission, diseases, modifiers })
	}

	fn modifier(&self) -> Result<Modifier> {
		if !self.value.is_object() {
			return Err(self.refused("WrongType", "expected an object with a `term`"));
		}
		let stated = self.require("term")?;
		let term = stated.term()?;
		let parameters: &[&str] = match term {
			Term::Rs => &["research_type"],
			Term::Pub | Term::Rtn => &["deadline"],
			Term::Col => &["account"],
			Term::Gs => &["countries"],
			Term::Mor => &["date"],
			Term::Ts => &["months"],
			Term::Us => &["users"],
			Term::Ps => &["projects"],
			Term::Is => &["institutions"],
			_ => &[],
		};
		self.only(&[&["term"], parameters].concat())?;
		let names = |name| self.require(name)?.bounded(MAX_NAMES, At::name);
		let deadline = || self.get("deadline").map(|moment| moment.date()).transpose();
		Ok(match term {
			Term::Cc => Modifier::Cc,
			Term::Rs => Modifier::Rs { research_type: self.get("research_type").map(|kind| kind.name()).transpose()? },
			Term::Nmds => Modifier::Nmds,
			Term::Gso => Modifier::Gso,
			Term::Npuncu => Modifier::Npuncu,
			Term::Pub => Modifier::Pub { deadline: deadline()? },
			Term::Col => Modifier::Col { account: self.require("account")?.name()? },
			Term::Irb => Modifier::Irb,
			Term::Gs => Modifier::Gs { countries: self.require("countries")?.bounded(MAX_COUNTRIES, At::country)? },
			Term::Mor => Modifier::Mor { date: self.require("date")?.date()? },
			Term::Ts => Modifier::Ts { months: self.require("months")?.months()? },
			Term::Us => Modifier::Us { users: names("users")? },
			Term::Ps => Modifier::Ps { projects: names("projects")? },
			Term::Is => Modifier::Is { institutions: names("institutions")? },
			Term::Rtn => Modifier::Rtn { deadline: deadline()? },
			Term::Npoa => Modifier::Npoa,
			Term::Npu => Modifier::Npu,
			Term::Ncu => Modifier::Ncu,
			_ => return Err(stated.refused("NotAModifier", format!("{term} is no modifier, such as DUO:0000046"))),
		})
	}
}

/// An ontology's name.
pub fn namespace(text: &str) -> std::result::Result<Namespace, String> {
	Namespace::from_code(text).ok_or_else(|| "expected MONDO or DOID".into())
}
