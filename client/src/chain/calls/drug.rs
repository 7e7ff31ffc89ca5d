//! Calls about medicines and devices.

use super::{Arguments, Call};
use codec::Encode;
use salus_primitives::{
	drug::{
		BatchId, BatchInput, Dispense, Load, OrderId, ProductInput, Prunable, Readings, RecallClass, RecallReason,
		RecallScope, RemovalKind, ReorderInput, ReportId, Shipment, UnitId, UnitRange,
	},
	gs1::Gtin,
	Moment, OrgId, H256,
};

/// Registers a product, as a regulator.
pub fn register_product(product: &ProductInput) -> Call {
	call!(DrugProvenance.register_product(product))
}

/// Lets an organisation commission a product of the signer's, or no longer.
pub fn delegate(gtin: Gtin, org: OrgId, allowed: bool) -> Call {
	call!(DrugProvenance.delegate(gtin, org, allowed))
}

/// Commissions a packaging run.
pub fn commission(batch: &BatchInput) -> Call {
	call!(DrugProvenance.commission(batch))
}

/// Makes a parcel of its own out of units of one.
pub fn split(units: UnitRange) -> Call {
	call!(DrugProvenance.split(units))
}

/// Makes one parcel of the one that ends with this unit and the next.
pub fn merge(batch: BatchId, last: u32) -> Call {
	call!(DrugProvenance.merge(batch, last))
}

/// Packs goods into a unit of logistics.
pub fn pack(unit: UnitId, contents: &[Load], event: H256) -> Call {
	call!(DrugProvenance.pack(unit, contents, event))
}

/// Takes everything out of a unit of logistics.
pub fn unpack(unit: UnitId, event: H256) -> Call {
	call!(DrugProvenance.unpack(unit, event))
}

/// Ships goods.
pub fn ship(shipment: &Shipment) -> Call {
	call!(DrugProvenance.ship(shipment))
}

/// Receives goods; the missing ones are disputed.
pub fn receive(load: &Load, missing: &[UnitRange], event: H256) -> Call {
	call!(DrugProvenance.receive(load, missing, event))
}

/// Sends goods back instead of receiving them.
pub fn refuse(load: &Load, deadline: Moment, event: H256) -> Call {
	call!(DrugProvenance.refuse(load, deadline, event))
}

/// Takes back what nobody received, or what was found.
pub fn retract(load: &Load, event: H256) -> Call {
	call!(DrugProvenance.retract(load, event))
}

/// Dispenses a unit.
pub fn dispense(dispense: &Dispense) -> Call {
	call!(DrugProvenance.dispense(dispense))
}

/// Dispenses units, each judged by itself.
pub fn dispense_many(dispenses: &[Dispense]) -> Call {
	call!(DrugProvenance.dispense_many(dispenses))
}

/// Undoes a dispense.
pub fn undo_dispense(batch: BatchId, index: u32) -> Call {
	call!(DrugProvenance.undo_dispense(batch, index))
}

/// Takes units off the market otherwise than by dispensing or destroying them.
pub fn decommission_range(ranges: &[UnitRange], kind: RemovalKind, event: H256) -> Call {
	call!(DrugProvenance.decommission_range(ranges, kind, event))
}

/// Destroys units.
pub fn destroy(ranges: &[UnitRange], event: H256) -> Call {
	call!(DrugProvenance.destroy(ranges, event))
}

/// Says that goods were stolen.
pub fn report_stolen(load: &Load, event: H256) -> Call {
	call!(DrugProvenance.report_stolen(load, event))
}

/// Says that goods were lost on the way.
pub fn report_lost(load: &Load, event: H256) -> Call {
	call!(DrugProvenance.report_lost(load, event))
}

/// Sends goods back to their seller, saleable.
pub fn return_saleable(load: &Load, deadline: Moment, event: H256) -> Call {
	call!(DrugProvenance.return_saleable(load, deadline, event))
}

/// Reports suspicion.
pub fn report_suspect(load: &Load) -> Call {
	call!(DrugProvenance.report_suspect(load))
}

/// Clears goods of suspicion, as a regulator, and settles a report.
pub fn clear_suspect(load: &Load, report: Option<ReportId>, unfounded: bool) -> Call {
	call!(DrugProvenance.clear_suspect(load, report, unfounded))
}

/// Marks goods as illegitimate, for good.
pub fn mark_illegitimate(load: &Load) -> Call {
	call!(DrugProvenance.mark_illegitimate(load))
}

/// Recalls goods.
pub fn recall(scope: &RecallScope, class: RecallClass, reason: RecallReason) -> Call {
	call!(DrugProvenance.recall(scope, class, reason))
}

/// Ends a recall.
pub fn lift_recall(scope: &RecallScope) -> Call {
	call!(DrugProvenance.lift_recall(scope))
}

/// Acknowledges a recall and sets the goods apart.
pub fn acknowledge_recall(units: UnitRange) -> Call {
	call!(DrugProvenance.acknowledge_recall(units))
}

/// Lets goods out of quarantine.
pub fn release_quarantine(load: &Load) -> Call {
	call!(DrugProvenance.release_quarantine(load))
}

/// Reports an excursion from the storage rule.
pub fn log_excursion(load: &Load, readings: &Readings, evidence: H256) -> Call {
	call!(DrugProvenance.log_excursion(load, readings, evidence))
}

/// Releases goods after an excursion.
pub fn release_excursion(load: &Load, evidence: H256) -> Call {
	call!(DrugProvenance.release_excursion(load, evidence))
}

/// Says when the signer's organisation orders more; `None` ends it.
pub fn set_reorder_rule(gtin: Gtin, rule: Option<&ReorderInput>) -> Call {
	call!(DrugProvenance.set_reorder_rule(gtin, rule))
}

/// Cancels an order.
pub fn cancel_order(supplier: OrgId, order: OrderId) -> Call {
	call!(DrugProvenance.cancel_order(supplier, order))
}

/// Says that an order was fulfilled.
pub fn fulfil_order(supplier: OrgId, order: OrderId) -> Call {
	call!(DrugProvenance.fulfil_order(supplier, order))
}

/// Removes what nothing needs any more.
pub fn prune(what: &Prunable) -> Call {
	call!(DrugProvenance.prune(what))
}

/// Says that the package which came with goods is not the one that was committed to.
pub fn dispute_package(load: &Load, found: H256) -> Call {
	call!(DrugProvenance.dispute_package(load, found))
}
