// Starts a real node for the tests and sends transactions to it.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import { salusRpc } from '../src/rpc.js';

export const YEAR = 365 * 86_400_000;
// How long a node may take to start on a machine that is busy.
const PATIENCE = 180_000;
export const hex = (length) => `0x${randomBytes(length).toString('hex')}`;

// A hospital, as the council admits it.
export const organisation = (name) => ({
  name,
  country: 'PT',
  roles: 1, // provider
  nonProfit: true,
  gln: null,
  legalEntity: hex(32),
  licenceUntil: Date.now() + 5 * YEAR,
  requiresAgreement: false,
});

// An observation, as its author anchors it.
export const observation = (id) => ({
  id,
  resourceType: 'Observation',
  confidentiality: 'Normal',
  labels: 0,
  labelEpoch: 1,
  dataFrom: 650,
  dataTo: 650,
  episode: hex(16),
  commitment: hex(32),
  locator: `records/${id.slice(2, 34)}`,
});

// Conditions that limit nothing.
export const anywhere = {
  actors: null,
  custodians: null,
  authors: null,
  purposes: null,
  actions: null,
  confidentiality: null,
  labels: 0,
  resourceTypes: null,
  records: null,
  episode: null,
  dataFrom: null,
  dataTo: null,
};

const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

// Everything polkadot.js complains about while `work` runs.
export async function warningsOf(work) {
  const heard = [];
  const kept = { warn: console.warn, error: console.error, log: console.log };
  const listen = (...parts) => heard.push(parts.map(String).join(' '));
  console.warn = listen;
  console.error = listen;
  console.log = listen;
  try {
    return [await work(), heard];
  } finally {
    Object.assign(console, kept);
  }
}

// A running chain, and an API connected to it.
export class Chain {
  // One that somebody else runs.
  static at(url) {
    const chain = new Chain();
    chain.url = url;
    return chain;
  }

  // A development chain of one's own.
  static async start(...options) {
    const program = process.env.SALUS_NODE_BIN;
    if (!program || !existsSync(program)) {
      throw new Error(`SALUS_NODE_BIN must name the salus-node program, but is ${program}`);
    }
    const chain = new Chain();
    chain.data = mkdtempSync(join(tmpdir(), 'salus-js-'));
    const port = await freePort();
    chain.url = `ws://127.0.0.1:${port}`;
    chain.log = '';
    chain.node = spawn(
      program,
      ['--dev', '--base-path', chain.data, '--rpc-port', String(port), '--no-prometheus', '--port', '0', ...options],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    chain.node.stderr.on('data', (part) => (chain.log += part));
    chain.ended = new Promise((resolve) => chain.node.once('exit', resolve));
    try {
      await chain.answering(port);
    } catch (error) {
      // A node that is left would keep the tests from ending.
      await chain.stop();
      throw error;
    }
    return chain;
  }

  async answering(port) {
    for (const deadline = Date.now() + PATIENCE; Date.now() < deadline; ) {
      if (this.node.exitCode !== null) throw new Error(`the node stopped:\n${this.log}`);
      try {
        const answer = await fetch(`http://127.0.0.1:${port}`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'chain_getHeader', params: [] }),
          signal: AbortSignal.timeout(10_000),
        });
        if (answer.ok) return;
      } catch {
        // Not listening yet.
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    throw new Error(`the node does not answer:\n${this.log}`);
  }

  // Connects with nothing but the definitions of our JSON-RPC; returns what polkadot.js complained about.
  async connect() {
    const [api, warnings] = await warningsOf(() =>
      ApiPromise.create({ provider: new WsProvider(this.url), rpc: salusRpc }),
    );
    this.api = api;
    return warnings;
  }

  async stop() {
    await this.api?.disconnect();
    if (!this.node) return;
    this.node.kill('SIGTERM');
    await this.ended;
    rmSync(this.data, { recursive: true, force: true });
  }

  // Sends a transaction; resolves with its block and events, rejects with `Pallet.Error`.
  send(call, signer) {
    return new Promise((resolve, reject) => {
      call
        .signAndSend(signer, { nonce: -1 }, ({ status, events, dispatchError }) => {
          if (dispatchError) {
            if (!dispatchError.isModule) return reject(new Error(dispatchError.toString()));
            const { section, name } = this.api.registry.findMetaError(dispatchError.asModule);
            return reject(new Error(`${section}.${name}`));
          }
          if (status.isInBlock) resolve({ block: status.asInBlock.toHex(), events: events.map(({ event }) => event) });
          if (status.isInvalid || status.isDropped || status.isUsurped) reject(new Error(status.type));
        })
        .catch(reject);
    });
  }

  // Has the council carry out a call; resolves with the event that tells its outcome and the events beside it.
  async council(call, members) {
    const [first, second] = members;
    const { api } = this;
    const length = call.method.encodedLength;
    const { weight } = await call.paymentInfo(first);
    const proposed = await this.send(api.tx.council.propose(members.length, call, length), first);
    const [, index, hash] = proposed.events.find((event) => api.events.council.Proposed.is(event)).data;
    for (const member of [first, second]) await this.send(api.tx.council.vote(hash, index, true), member);
    const { events } = await this.send(api.tx.council.close(hash, index, weight, length), first);
    const { result } = events.find((event) => api.events.council.Executed.is(event)).data;
    if (result.isErr) throw new Error(result.asErr.toString());
    return events;
  }
}

export const people = () => {
  const keyring = new Keyring({ type: 'sr25519', ss58Format: 42 });
  const person = (uri) => keyring.addFromUri(uri);
  return {
    council: ['//Alice', '//Bob'].map(person),
    ward: person('//Charlie'),
    clinician: person('//Dave'),
    patient: person('//Eve'),
    gateway: person('//Ferdie'),
  };
};
