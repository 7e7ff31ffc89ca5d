//! What the pallet does, by behaviour. Each test ends with a check of what always holds.
