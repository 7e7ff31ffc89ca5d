//! Tables that people give: the units of a run, a plan of packing, scans. What is wrong is told line by line.

use crate::{Error, Result};
use salus_primitives::{
	drug::MAX_UNITS,
	gs1::{is_valid_lot, is_valid_serial, Date, Gtin, Lot, Sscc},
};
use std::{
	collections::{BTreeMap, HashMap},
	ops::Range,
	str::FromStr,
};

/// Bad lines that are told one by one; of more only the number.
const TOLD: usize = 20;

/// A packaging run: units of one lot, in the order of packing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
	/// The product.
	pub gtin: Gtin,
	/// The lot.
	pub lot: Lot,
	/// The last day on which it may be used.
	pub expiry: Date,
	/// Serial numbers.
	pub serials: Vec<String>,
}

impl Run {
	/// Reads CSV (RFC 4180) with the columns `serial`, `lot` and `expiry` (`YYYY-MM-DD`) in any order, named by the first
	/// line. All lines must be of one lot, that one if it is given, and expire on one day. One bad line refuses all.
	pub fn read(text: &str, gtin: Gtin, lot: Option<&str>) -> Result<Self> {
		let table = Table::read(text, ["serial", "lot", "expiry"])?;
		let mut bad = BadLines::default();
		let mut serials = Vec::with_capacity(table.rows.len());
		let mut seen = HashMap::with_capacity(table.rows.len());
		let mut common: Option<(String, Date)> = None;
		for (line, fields) in table.rows {
			let [serial, of_lot, expiry] = match fields {
				Ok(fields) => fields,
				Err(reason) => {
					bad.add(line, reason);
					continue;
				}
			};
			if !is_valid_serial(serial.as_bytes()) {
				bad.add(line, format!("{serial:?} is no serial number: 1 to 20 characters of GS1's set 82"));
				continue;
			}
			if !is_valid_lot(of_lot.as_bytes()) {
				bad.add(line, format!("{of_lot:?} is no lot: 1 to 20 characters of GS1's set 82"));
				continue;
			}
			let Ok(expiry) = Date::from_str(&expiry) else {
				bad.add(line, format!("{expiry:?} is no date such as 2027-01-31"));
				continue;
			};
			let (common_lot, common_expiry) =
				common.get_or_insert_with(|| (lot.map_or(of_lot.clone(), str::to_owned), expiry));
			if of_lot != *common_lot {
				bad.add(line, format!("lot {of_lot:?}, but this run is of lot {common_lot:?}"));
			} else if expiry != *common_expiry {
				bad.add(line, format!("expires on {expiry}, but this run on {common_expiry}"));
			} else if let Some(first) = seen.insert(serial.clone(), line) {
				bad.add(line, format!("serial number {serial:?} is on line {first} already"));
			} else {
				serials.push(serial);
			}
		}
		bad.settle()?;
		let Some((lot, expiry)) = common else {
			return Err(Error::usage("no-units", "there is no unit in the file"));
		};
		if serials.len() > MAX_UNITS as usize {
			return Err(Error::usage("too-many-units", format!("a run has at most {MAX_UNITS} units: split the file")));
		}
		let lot = lot.into_bytes().try_into();
		let lot = lot.map_err(|_| Error::usage("bad-lot", "a lot has 1 to 20 characters of GS1's set 82"))?;
		Ok(Self { gtin, lot, expiry, serials })
	}
}

/// What goes into a unit of logistics.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Item {
	/// Units of the batch.
	Units(Range<u32>),
	/// A unit of logistics that is packed before.
	Logistic(Sscc),
}

/// How a batch is packed: units of logistics in the order of packing.
pub type Plan = Vec<(Sscc, Vec<Item>)>;

/// Reads a plan: CSV with the columns `sscc` and `contents`; the contents are ranges `A..B` (from A up to before B) and
/// SSCCs, with blanks between.
pub fn read_plan(text: &str) -> Result<Plan> {
	let table = Table::read(text, ["sscc", "contents"])?;
	let (mut bad, mut plan, mut seen) = (BadLines::default(), Plan::new(), BTreeMap::new());
	for (line, fields) in table.rows {
		let read = || {
			let [sscc, contents] = fields?;
			let sscc = Sscc::from_str(&sscc).map_err(|error| format!("{sscc:?} is no SSCC: {error}"))?;
			let items: Vec<_> = contents.split_whitespace().map(item).collect::<Result<_, _>>()?;
			if items.is_empty() {
				return Err("nothing is packed".into());
			}
			if let Some(first) = seen.insert(sscc, line) {
				return Err(format!("{sscc} is on line {first} already"));
			}
			Ok((sscc, items))
		};
		let read: std::result::Result<_, String> = { read }();
		match read {
			Ok(packed) => plan.push(packed),
			Err(reason) => bad.add(line, reason),
		}
	}
	bad.settle()?;
	Ok(plan)
}

fn item(text: &str) -> std::result::Result<Item, String> {
	// Units have at most seven digits.
	match text.contains("..") || text.len() < 8 {
		true => range(text).map(Item::Units),
		false => text.parse().map(Item::Logistic).map_err(|error| format!("{text:?} is no SSCC: {error}")),
	}
}

/// A range of units: `A..B` (from A up to before B), `A..=B` or a single number.
pub fn range(text: &str) -> std::result::Result<Range<u32>, String> {
	let expected = || "expected units such as 0..100, which ends before unit 100, or a single number".to_string();
	let number = |text: &str| text.trim().parse::<u32>().map_err(|_| expected());
	let (start, end) = match text.split_once("..") {
		None => (number(text)?, number(text)?.checked_add(1)),
		Some((start, last)) if last.starts_with('=') => (number(start)?, number(&last[1..])?.checked_add(1)),
		Some((start, end)) => (number(start)?, Some(number(end)?)),
	};
	let range = start..end.filter(|end| *end > start).ok_or_else(expected)?;
	Ok(range)
}

/// Cases, and pallets of them, for a batch: `case` units and `pallet` cases each, with numbers counted up from the first.
pub fn cut(count: u32, case: u32, pallet: Option<u32>, first: Sscc) -> Result<Plan> {
	if case == 0 || pallet == Some(0) {
		return Err(Error::usage("bad-quantity", "a case or pallet of none is none"));
	}
	let mut number = first;
	let mut next = || -> Result<Sscc> {
		let used = number;
		number =
			following(used).ok_or_else(|| Error::usage("bad-sscc", format!("after {used} there are no numbers")))?;
		Ok(used)
	};
	let mut plan = Plan::new();
	for start in (0..count).step_by(case as usize) {
		let units = start..count.min(start.saturating_add(case));
		plan.push((next()?, vec![Item::Units(units)]));
	}
	if let Some(pallet) = pallet {
		let cases: Vec<_> = plan.iter().map(|(sscc, _)| Item::Logistic(*sscc)).collect();
		for cases in cases.chunks(pallet as usize) {
			plan.push((next()?, cases.to_vec()));
		}
	}
	Ok(plan)
}

/// The SSCC after this one: its 17 digits counted up, with their own check digit.
fn following(sscc: Sscc) -> Option<Sscc> {
	let digits = format!("{:017}", sscc.0 / 10 + 1);
	let check = salus_primitives::gs1::check_digit(digits.as_bytes())?;
	format!("{digits}{}", char::from(check)).parse().ok()
}

/// A table by the names of its columns.
struct Table<const N: usize> {
	/// Numbers of lines, and their fields in the order asked.
	rows: Vec<(usize, std::result::Result<[String; N], String>)>,
}

impl<const N: usize> Table<N> {
	fn read(text: &str, columns: [&str; N]) -> Result<Self> {
		let text = text.strip_prefix('\u{feff}').unwrap_or(text);
		let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
		let refused = |message: String| Error::usage("bad-header", message);
		let expected = || refused(format!("the first line must name the columns: {}", columns.join(",")));
		let (_, header) = lines.next().ok_or_else(expected)?;
		let header = split(header).map_err(refused)?;
		let place = |name: &&str| header.iter().position(|column| column.trim().eq_ignore_ascii_case(name));
		let places: Vec<_> = columns.iter().map(|name| place(name).ok_or_else(expected)).collect::<Result<_>>()?;
		let rows = lines.map(|(number, line)| {
			let fields = split(line).and_then(|mut fields| {
				if fields.len() != header.len() {
					return Err(format!("{} fields, but the first line names {}", fields.len(), header.len()));
				}
				let mut chosen = places.iter().map(|place| std::mem::take(&mut fields[*place]));
				Ok(std::array::from_fn(|_| chosen.next().unwrap_or_default()))
			});
			(number, fields)
		});
		Ok(Self { rows: rows.collect() })
	}
}

/// The fields of a line; one that begins with a quote ends with one, and has two for each within.
fn split(line: &str) -> std::result::Result<Vec<String>, String> {
	let mut fields = Vec::new();
	let mut rest = line;
	loop {
		let Some(quoted) = rest.strip_prefix('"') else {
			let (field, more) = rest.split_once(',').map_or((rest, None), |(field, more)| (field, Some(more)));
			fields.push(field.to_owned());
			match more {
				Some(more) => rest = more,
				None => return Ok(fields),
			}
			continue;
		};
		let (mut field, mut after) = (String::new(), quoted);
		loop {
			let (part, more) = after.split_once('"').ok_or("a quote that opens a field is not closed")?;
			field.push_str(part);
			match more.strip_prefix('"') {
				Some(more) => {
					field.push('"');
					after = more;
				}
				None => {
					after = more;
					break;
				}
			}
		}
		fields.push(field);
		match after.strip_prefix(',') {
			Some(more) => rest = more,
			None if after.is_empty() => return Ok(fields),
			None => return Err("there is something behind a closing quote".into()),
		}
	}
}

/// Lines that cannot be taken.
#[derive(Default)]
struct BadLines {
	told: Vec<String>,
	count: usize,
}

impl BadLines {
	fn add(&mut self, line: usize, reason: String) {
		self.count += 1;
		if self.told.len() < TOLD {
			self.told.push(format!("line {line}: {reason}"));
		}
	}

	fn settle(self) -> Result<()> {
		if self.count == 0 {
			return Ok(());
		}
		let more = match self.count - self.told.len() {
			0 => String::new(),
			more => format!("; and {more} more"),
		};
		Err(Error::usage("bad-lines", format!("nothing was done. {}{more}", self.told.join("; "))))
	}
}

#[cfg(test)]
mod tests {
	use super::*;

	const GTIN: Gtin = Gtin(9506000134352);

	fn refusal(text: &str) -> String {
		Run::read(text, GTIN, None).unwrap_err().to_string()
	}

	#[test]
	fn a_run_is_read_in_its_order_whatever_the_columns() {
		let text = "\u{feff}Lot,serial,note,EXPIRY\r\nABC,S1,x,2027-01-31\r\n\r\n\"ABC\",\"S\"\"2,\",,2027-01-31\r\n";
		let run = Run::read(text, GTIN, Some("ABC")).unwrap();
		assert_eq!((run.lot.as_slice(), run.serials), (&b"ABC"[..], vec!["S1".to_string(), "S\"2,".into()]));
		assert_eq!(run.expiry, Date::new(2027, 1, 31).unwrap());
	}

	#[test]
	fn one_bad_line_among_many_is_named_and_refuses_all() {
		let mut text = String::from("serial,lot,expiry\n");
		for number in 0..99_999 {
			text += &format!("S{number},ABC,2027-01-31\n");
		}
		text += "S Z,ABC,2027-01-31\n";
		let refused = refusal(&text);
		assert!(refused.contains("nothing was done") && refused.contains("line 100001"), "{refused}");
	}

	#[test]
	fn every_kind_of_bad_line_is_named() {
		let lines =
			"serial,lot,expiry\nA,L,2027-01-31\nA,L,2027-01-31\nB,M,2027-01-31\nC,L,2027-02-01\nD,L\nE,L,2027-02-30\n\
			,L,2027-01-31\n\"F,L,2027-01-31\nG,,2027-01-31\n";
		let refused = refusal(lines);
		for line in 3..=10 {
			assert!(refused.contains(&format!("line {line}: ")), "{line}: {refused}");
		}
		assert!(!refused.contains("line 2: ") && refused.contains("is on line 2 already"));
		let many = format!("serial,lot,expiry\n{}", "?? ,L,2027-01-31\n".repeat(50));
		assert!(refusal(&many).contains("and 30 more"));
	}

	#[test]
	fn a_file_without_header_or_units_is_refused() {
		for (text, code) in
			[("", "bad-header"), ("A,L,2027-01-31\n", "bad-header"), ("serial,lot,expiry\n", "no-units")]
		{
			assert!(matches!(Run::read(text, GTIN, None), Err(Error::Refused { code: found, .. }) if found == code));
		}
		let other = Run::read("serial,lot,expiry\nA,L,2027-01-31\n", GTIN, Some("M"));
		assert!(other.unwrap_err().to_string().contains("line 2"));
	}

	#[test]
	fn a_batch_is_cut_into_cases_and_pallets() {
		let first = Sscc(395_060_001_343_520_018);
		let plan = cut(100_000, 100, Some(50), first).unwrap();
		assert_eq!(plan.len(), 1_020);
		assert_eq!(plan[0], (first, vec![Item::Units(0..100)]));
		assert_eq!(plan[999].1, [Item::Units(99_900..100_000)]);
		assert_eq!(plan[1_019].1.len(), 50);
		assert!(plan.iter().all(|(sscc, _)| sscc.is_valid()));
		let uneven = cut(250, 100, None, first).unwrap();
		assert_eq!(uneven[2].1, [Item::Units(200..250)]);
		assert!(cut(1, 0, None, first).is_err());
	}

	#[test]
	fn a_plan_is_read_in_its_order() {
		let (one, two) = (Sscc(395_060_001_343_520_018), following(Sscc(395_060_001_343_520_018)).unwrap());
		let plan = read_plan(&format!("sscc,contents\n{one},0..10 20..=29\n{two},{one} 30\n")).unwrap();
		assert_eq!(plan[0], (one, vec![Item::Units(0..10), Item::Units(20..30)]));
		assert_eq!(plan[1], (two, vec![Item::Logistic(one), Item::Units(30..31)]));
		for wrong in ["1,0..1", "395060001343520018,", "395060001343520018,5..5", "395060001343520018,a..b"] {
			assert!(read_plan(&format!("sscc,contents\n{wrong}\n")).is_err(), "{wrong}");
		}
	}
}
