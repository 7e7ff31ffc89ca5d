//! Compiles the runtime to WASM for the native build to embed.

fn main() {
	#[cfg(feature = "std")]
	{
		// The target directory may lie outside the workspace, where the builder would not find `Cargo.lock`.
		if std::env::var_os("WASM_BUILD_WORKSPACE_HINT").is_none() {
			std::env::set_var(
				"WASM_BUILD_WORKSPACE_HINT",
				format!("{}/..", std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")),
			);
		}
		let builder = substrate_wasm_builder::WasmBuilder::init_with_defaults();
		#[cfg(feature = "metadata-hash")]
		let builder = builder.enable_metadata_hash("SLS", 12);
		// A file of its own: the runtime that is upgraded from stays beside it.
		#[cfg(feature = "next-version")]
		let builder = builder.set_file_name("next_version");
		builder.build();
	}
}
