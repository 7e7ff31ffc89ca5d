// What a patient's label key is for: sensitivity labels blinded by a secret permutation of their bits, and identifiers of
// records and episodes that nobody can compute from a guess of the content.

import { blake2b } from '@noble/hashes/blake2';
import { ascii, bytes, concat, text, u32 } from './bytes.js';
import { digest } from './content.js';
import { EnvelopeError } from './error.js';
import { derive } from './keys.js';

const RECORD_ID = ascii('salus/record-id/1');
const EPISODE = ascii('salus/episode/1');
const LABELS = ascii('salus/labels/1');

// HL7 v3 ActCode, information sensitivity policies, in the order of their bits.
export const SENSITIVITIES = Object.freeze([
  'ETH', 'GDIS', 'HIV', 'MST', 'SCA', 'SICKLE', 'SDV', 'SEX', 'STD', 'TBOO', 'VIO', 'SPI', 'BH', 'COGN', 'DVD',
  'EMOTDIS', 'MH', 'PSY', 'PSYTHPN', 'SUD', 'ETHUD', 'OPIOIDUD', 'ADOL', 'CEL', 'PRS',
]);

const BITS = 32;
const BLOCK_LENGTH = 64;

// The permutation that a label key stands for, `order[plain bit] = blinded bit`: Fisher–Yates on the stream
// `HKDF-SHA256(label key, "salus/labels/1" ‖ counter)` of blocks of 64 bytes.
function permutation(labelKey) {
  const key = bytes(labelKey, 'labelKey', 32);
  const order = Array.from({ length: BITS }, (_, bit) => bit);
  let [counter, block, at] = [0, new Uint8Array(), 0];
  const draw = () => {
    if (at === block.length) {
      block = derive(key, concat(LABELS, u32(counter, 'counter')), BLOCK_LENGTH);
      [counter, at] = [counter + 1, 0];
    }
    return block[at++];
  };
  for (let last = BITS - 1; last > 0; last--) {
    // Draws that would favour small numbers are thrown away: 256 is no multiple of every size.
    const size = last + 1;
    const fair = 256 - (256 % size);
    let drawn = draw();
    while (drawn >= fair) drawn = draw();
    const pick = drawn % size;
    [order[last], order[pick]] = [order[pick], order[last]];
  }
  return order;
}

// Labels as the chain keeps them, a number of 32 bits. `codes` are of `SENSITIVITIES`; what lies below a code is not
// added.
export function blindLabels(labelKey, codes) {
  const order = permutation(labelKey);
  return codes.reduce((blinded, code) => {
    const bit = SENSITIVITIES.indexOf(code);
    if (bit < 0) throw new EnvelopeError('bad-input', `${code} is no sensitivity code`);
    return (blinded | (1 << order[bit])) >>> 0;
  }, 0);
}

// The codes that blinded labels stand for. Bits that stand for no code are dropped.
export function revealLabels(labelKey, blinded) {
  u32(blinded, 'blinded');
  const order = permutation(labelKey);
  return SENSITIVITIES.filter((_, bit) => (blinded & (1 << order[bit])) !== 0);
}

// The identifier of a record with this plaintext: the same content is found again.
export function recordIdOf(labelKey, plaintext) {
  const key = derive(bytes(labelKey, 'labelKey', 32), RECORD_ID, 32);
  return blake2b(digest(bytes(plaintext, 'plaintext')), { key, dkLen: 32 });
}

// The blinded identifier of an encounter, from its reference.
export function episodeOf(labelKey, encounter) {
  const key = derive(bytes(labelKey, 'labelKey', 32), EPISODE, 32);
  return blake2b(text(encounter, 'encounter'), { key, dkLen: 16 });
}
