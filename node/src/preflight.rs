//! What is looked at before a node starts: its folder and its ports.
//!
//! The SDK finds most of this out later, in the middle of starting, and says it in the terms of the part that failed, or
//! takes another port in silence. Here it is said before anything is touched, with what to do about it.

use sc_cli::{Error, Result};
use sc_network::{multiaddr::Protocol, Multiaddr};
use sc_service::Configuration;
use std::{
	fs,
	io::{self, ErrorKind},
	net::{IpAddr, SocketAddr, TcpListener},
	path::Path,
};

/// Refuses a folder that cannot be written. The database would fail on it later, and without the folder's name.
pub fn check_folder(folder: &Path) -> Result<()> {
	let probe = folder.join(format!(".writable-{}", std::process::id()));
	let written =
		fs::create_dir_all(folder).and_then(|()| fs::write(&probe, b"salus")).and_then(|()| fs::remove_file(&probe));
	written.map_err(|error| {
		// An empty file may be left where the disk is full.
		let _ = fs::remove_file(&probe);
		let advice = match error.kind() {
			ErrorKind::StorageFull => "Free space on that disk; the chain that is there is not harmed",
			_ => "Name a folder that this user may write with --base-path",
		};
		Error::Input(format!("{} cannot be written: {error}. {advice}", folder.display()))
	})
}

/// Refuses to start when the JSON-RPC port is taken. The SDK would take another one in silence, and clients would
/// talk to somebody else's node.
pub fn check_rpc_ports(config: &mut Configuration) -> Result<()> {
	for endpoint in config.rpc.addr.iter_mut().flatten() {
		endpoint.retry_random_port = false;
		if !endpoint.is_optional {
			bindable(endpoint.listen_addr).map_err(|error| {
				Error::Input(format!(
					"JSON-RPC cannot listen on {}: {error}. Stop what uses the port or choose another with --rpc-port \
					 (0 takes any)",
					endpoint.listen_addr,
				))
			})?;
		}
	}
	Ok(())
}

/// Refuses to start when the port of metrics is taken: a node that nobody watches would go unnoticed. On a development
/// chain, where nobody asked for a port, goes without metrics.
pub fn check_prometheus_port(config: &mut Configuration, may_go_without: bool) -> Result<()> {
	let Some(address) = config.prometheus_config.as_ref().map(|prometheus| prometheus.port) else { return Ok(()) };
	let Err(error) = bindable(address) else { return Ok(()) };
	if !may_go_without {
		return Err(Error::Input(format!(
			"metrics cannot be served on {address}: {error}. Stop what uses the port or choose another with \
			 --prometheus-port"
		)));
	}
	log::warn!("metrics are not served, {address}: {error}");
	config.prometheus_config = None;
	Ok(())
}

/// Refuses to start when the port for other nodes is taken. The SDK would go on, and nobody would find this node.
pub fn check_peer_port(config: &Configuration) -> Result<()> {
	match taken(&config.network.listen_addresses) {
		None => Ok(()),
		Some((address, error)) => Err(Error::Input(format!(
			"other nodes cannot be listened for on {address}: {error}. Stop what uses the port or choose another with \
			 --port"
		))),
	}
}

/// Warns when the port of the relay chain's node is taken: it finds others, but is not found.
#[cfg_attr(not(feature = "collator"), allow(dead_code))]
pub fn warn_of_relay_port(config: &Configuration) {
	if let Some((address, error)) = taken(&config.network.listen_addresses) {
		log::warn!(
			"the relay chain's node cannot listen for others on {address}: {error}. Stop what uses the port or choose \
			 another after --, with --port"
		);
	}
}

/// The first address that cannot be listened on, and why. What this machine does not have (IPv6, a name to resolve)
/// says nothing about the port.
fn taken(addresses: &[Multiaddr]) -> Option<(SocketAddr, io::Error)> {
	addresses.iter().filter_map(socket).find_map(|address| match bindable(address) {
		Err(error) if matches!(error.kind(), ErrorKind::AddrInUse | ErrorKind::PermissionDenied) => {
			Some((address, error))
		}
		_ => None,
	})
}

fn socket(address: &Multiaddr) -> Option<SocketAddr> {
	let mut parts = address.iter();
	let ip = match parts.next()? {
		Protocol::Ip4(ip) => IpAddr::from(ip),
		Protocol::Ip6(ip) => IpAddr::from(ip),
		_ => return None,
	};
	match parts.next()? {
		Protocol::Tcp(port) => Some(SocketAddr::new(ip, port)),
		_ => None,
	}
}

fn bindable(address: SocketAddr) -> io::Result<()> {
	TcpListener::bind(address).map(drop)
}

#[cfg(test)]
mod tests {
	use super::*;

	fn address(text: &str) -> Multiaddr {
		text.parse().unwrap()
	}

	#[test]
	fn a_taken_port_is_told_with_its_address() {
		let holder = TcpListener::bind("127.0.0.1:0").unwrap();
		let held = holder.local_addr().unwrap();
		let port = held.port();
		let addresses = [address("/dns/example.org/tcp/1"), address(&format!("/ip4/127.0.0.1/tcp/{port}/ws"))];
		let (told, error) = taken(&addresses).unwrap();
		assert_eq!((told, error.kind()), (held, ErrorKind::AddrInUse));
		drop(holder);
		assert!(taken(&addresses).is_none());
	}

	#[test]
	fn addresses_of_other_machines_say_nothing_about_the_port() {
		// Of the range for documentation (RFC 5737): no machine has it.
		assert!(taken(&[address("/ip4/192.0.2.1/tcp/30333"), address("/ip4/127.0.0.1/udp/1")]).is_none());
	}

	#[test]
	fn a_folder_below_a_file_is_refused_by_name() {
		let file = std::env::temp_dir().join(format!("salus-no-folder-{}", std::process::id()));
		fs::write(&file, "").unwrap();
		let error = check_folder(&file.join("chains")).unwrap_err().to_string();
		fs::remove_file(&file).unwrap();
		assert!(error.contains(&file.display().to_string()) && error.contains("--base-path"), "{error}");
	}

	#[test]
	fn a_writable_folder_is_left_as_it_was() {
		let folder = std::env::temp_dir().join(format!("salus-folder-{}", std::process::id()));
		check_folder(&folder).unwrap();
		assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
		fs::remove_dir(&folder).unwrap();
	}
}
