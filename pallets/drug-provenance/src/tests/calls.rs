//! Every call, dispatched as a block dispatches it: a refused one is rolled back.

use super::*;
use sp_runtime::traits::Dispatchable;

/// Dispatches a call and leaves out what it weighed.
pub fn take(who: &AccountId, call: Call<Test>) -> DispatchResult {
	RuntimeCall::from(call).dispatch(signed(who)).map(|_| ()).map_err(|refusal| refusal.error)
}

macro_rules! calls {
	($($name:ident($($argument:ident: $type:ty),+);)+) => {$(
		pub fn $name(who: &AccountId, $($argument: $type),+) -> DispatchResult {
			take(who, Call::$name { $($argument),+ })
		}
	)+};
}

calls! {
	register_product(product: ProductInput);
	delegate(gtin: Gtin, org: OrgId, allowed: bool);
	commission(batch: BatchInput);
	split(units: UnitRange);
	merge(batch: BatchId, last: u32);
	pack(unit: UnitId, contents: Contents, event: H256);
	unpack(unit: UnitId, event: H256);
	ship(shipment: Shipment);
	receive(load: Load, missing: Ranges, event: H256);
	refuse(load: Load, deadline: Moment, event: H256);
	retract(load: Load, event: H256);
	dispense(dispense: Dispense);
	dispense_many(dispenses: Dispenses);
	undo_dispense(batch: BatchId, index: u32);
	decommission_range(ranges: Ranges, kind: RemovalKind, event: H256);
	destroy(ranges: Ranges, event: H256);
	report_stolen(load: Load, event: H256);
	report_lost(load: Load, event: H256);
	return_saleable(load: Load, deadline: Moment, event: H256);
	report_suspect(load: Load);
	clear_suspect(load: Load, report: Option<ReportId>, unfounded: bool);
	mark_illegitimate(load: Load);
	recall(scope: RecallScope, class: RecallClass, reason: RecallReason);
	lift_recall(scope: RecallScope);
	acknowledge_recall(units: UnitRange);
	release_quarantine(load: Load);
	log_excursion(load: Load, readings: Readings, evidence: H256);
	release_excursion(load: Load, evidence: H256);
	set_reorder_rule(gtin: Gtin, rule: Option<ReorderInput>);
	cancel_order(supplier: OrgId, order: OrderId);
	fulfil_order(supplier: OrgId, order: OrderId);
	prune(what: Prunable);
	dispute_package(load: Load, found: H256);
}
