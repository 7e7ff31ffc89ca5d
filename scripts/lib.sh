# Shared by the scripts in this folder: sourced, never run.

set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
WASM_TARGET=wasm32v1-none

# One profile for everything a newcomer or CI builds, so that no dependency is compiled twice.
export CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-auto}"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$ROOT/target}"
SALUS_BIN_DIR="$CARGO_TARGET_DIR/release"

say() { printf '\n== %s\n' "$*"; }
note() { printf '   %s\n' "$*"; }
die() { printf '\nFAILED: %s\n' "$*" >&2; exit 1; }

# Runs a command as root: directly, or through sudo.
as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# True when the toolchain named by $1 (empty: the default one) can compile for the WASM target.
toolchain_has_wasm() {
	local dir
	dir="$(RUSTUP_TOOLCHAIN="${1:-${RUSTUP_TOOLCHAIN:-}}" rustc --print target-libdir --target "$WASM_TARGET" 2>/dev/null)" || return 1
	compgen -G "$dir/libcore-*.rlib" >/dev/null
}

# Puts rustup's programs on the path.
load_rustup() {
	if [ -f "$HOME/.cargo/env" ]; then . "$HOME/.cargo/env"; fi
	export PATH="$HOME/.cargo/bin:$PATH"
}

# True when Debian's Rust is there as a toolchain and can compile for the WASM target.
debian_has_wasm() {
	rustup toolchain list 2>/dev/null | grep -q '^debian' && toolchain_has_wasm debian
}

# Chooses the toolchain that `scripts/setup` prepared and exports it.
use_toolchain() {
	load_rustup
	[ -n "${RUSTUP_TOOLCHAIN:-}" ] || unset RUSTUP_TOOLCHAIN
	if toolchain_has_wasm ""; then return; fi
	if debian_has_wasm; then
		export RUSTUP_TOOLCHAIN=debian
		return
	fi
	die "no Rust toolchain here can compile for $WASM_TARGET; run ./scripts/setup first"
}

seconds_as_text() { printf '%d min %02d s' $(($1 / 60)) $(($1 % 60)); }

# The node without the relay chain's client, which demo and tests do not need.
# One selection of packages and features for demo and tests alike, so that neither builds what the other built.
SALUS_BUILD=(--release --locked --workspace --no-default-features)

build_salus() {
	say "Building the node and the command line (cold: some 30 minutes on two cores)"
	local began=$SECONDS
	(cd "$ROOT" && cargo build "${SALUS_BUILD[@]}")
	note "built in $(seconds_as_text $((SECONDS - began)))"
}
