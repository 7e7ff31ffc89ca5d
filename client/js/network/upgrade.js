// A polkadot.js client that stays connected through an upgrade of the runtime: `node network/upgrade.js URL`. It says
// `connected` once it is, waits for the next spec version, and sends a transaction with the metadata that it then has.

import assert from 'node:assert/strict';
import { Chain, people } from '../test/support.js';

// How long the network may take to upgrade.
const PATIENCE = 900_000;

const [url] = process.argv.slice(2);
if (!url) {
  console.error('usage: node network/upgrade.js URL');
  process.exit(2);
}
const chain = Chain.at(url);
await chain.connect();
const { api } = chain;
let lost = 0;
api.on('disconnected', () => (lost += 1));
const before = api.runtimeVersion.specVersion.toNumber();
console.log('connected');

const deadline = Date.now() + PATIENCE;
while (api.runtimeVersion.specVersion.toNumber() === before) {
  assert.ok(Date.now() < deadline, 'no upgrade came');
  await new Promise((resolve) => setTimeout(resolve, 500));
}
const after = api.runtimeVersion.specVersion.toNumber();
assert.equal(after, before + 1);
assert.equal(lost, 0, 'the connection was lost');
const { patient, ward } = people();
const { block } = await chain.send(api.tx.balances.transferKeepAlive(ward.address, 1_000_000_000_000n), patient);
console.log(`spec version ${before} to ${after}; a transaction signed for it is in block ${block}`);
await chain.stop();
