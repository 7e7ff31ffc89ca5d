use super::*;
use frame_support::dispatch::GetDispatchInfo;

fn declared(call: Call<Test>) -> Weight {
	call.get_dispatch_info().call_weight
}
