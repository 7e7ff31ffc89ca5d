// The vectors that Rust and JavaScript check of one another. Rust's come from `client/tests/vectors.rs`; with
// SALUS_WRITE_VECTORS set, ours are made anew of the same inputs.

import { readFileSync, writeFileSync } from 'node:fs';
import {
  blindLabels, episodeOf, recordIdOf, sealContent, sealDataKey, sealLabelKey, SENSITIVITIES,
} from '../src/index.js';

const file = (name) => new URL(name, import.meta.url);
const load = (name) => JSON.parse(readFileSync(file(name), 'utf8'));

export const hex = (bytes) => `0x${Buffer.from(bytes).toString('hex')}`;
export const fromHex = (digits) => Uint8Array.from(Buffer.from(digits.slice(2), 'hex'));

export const blinded = ({ labelKey, encounter }) => ({
  labelKey,
  blinded: SENSITIVITIES.map((code) => blindLabels(labelKey, [code])),
  recordId: hex(recordIdOf(labelKey, new TextEncoder().encode(encounter))),
  encounter,
  episode: hex(episodeOf(labelKey, encounter)),
});

async function made(rust) {
  const dataKeys = rust.dataKeys.map(async ({ context, dataKey, secret }) => {
    const sealed = hex(await sealDataKey(context, dataKey));
    return { context, dataKey, secret, sealed };
  });
  const labelKeys = rust.labelKeys.map(async ({ context, labelKey, secret }) => {
    const sealed = hex(await sealLabelKey(context, labelKey));
    return { context, labelKey, secret, sealed };
  });
  const contents = rust.contents.map(({ dataKey, record, version, plaintext }) => {
    const { object, digest, commitment, locator } = sealContent(dataKey, record, version, plaintext);
    const outputs = { object: hex(object), digest: hex(digest), commitment: hex(commitment), locator };
    return { dataKey, record, version, plaintext, ...outputs };
  });
  return {
    contents,
    dataKeys: await Promise.all(dataKeys),
    labelKeys: await Promise.all(labelKeys),
    labels: rust.labels.map(blinded),
    sensitivities: SENSITIVITIES,
  };
}

export async function vectors() {
  const rust = load('vectors.json');
  if (process.env.SALUS_WRITE_VECTORS) {
    writeFileSync(file('vectors-js.json'), `${JSON.stringify(await made(rust), null, 2)}\n`);
  }
  return { rust, javascript: load('vectors-js.json') };
}
