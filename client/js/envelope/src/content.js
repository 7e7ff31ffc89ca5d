// A record's content: XChaCha20-Poly1305 under the data key, `nonce (24) ‖ ciphertext ‖ tag (16)`, and the commitment to
// it that the chain keeps: `BLAKE2b-256("salus/commitment/1" ‖ salt ‖ BLAKE2b-256(object))` with
// `salt = HKDF-SHA256(data key, "salus/commitment-salt/1")`.

import { xchacha20poly1305 } from '@noble/ciphers/chacha';
import { randomBytes } from '@noble/ciphers/webcrypto';
import { blake2b } from '@noble/hashes/blake2';
import { ascii, bytes, concat, equal, toHex, u32 } from './bytes.js';
import { EnvelopeError } from './error.js';
import { derive } from './keys.js';

const CONTENT = ascii('salus/content/1');
const COMMITMENT = ascii('salus/commitment/1');
const COMMITMENT_SALT = ascii('salus/commitment-salt/1');

const NONCE_LENGTH = 24;
const TAG_LENGTH = 16;

// BLAKE2b-256.
export const digest = (...parts) => blake2b(concat(...parts), { dkLen: 32 });

const additionalData = (record, version) =>
  concat(CONTENT, bytes(record, 'record', 32), u32(version, 'version'));

// The commitment to an object, given its BLAKE2b-256. Without the data key nobody can compute it from a guess.
export function commitmentOf(dataKey, objectDigest) {
  const salt = derive(bytes(dataKey, 'dataKey', 32), COMMITMENT_SALT, 32);
  return digest(COMMITMENT, salt, bytes(objectDigest, 'objectDigest', 32));
}

// Encrypts a version of a record. The object goes to the object store under `locator`, the commitment to the chain.
export function sealContent(dataKey, record, version, plaintext) {
  const [key, content] = [bytes(dataKey, 'dataKey', 32), bytes(plaintext, 'plaintext')];
  const nonce = randomBytes(NONCE_LENGTH);
  const ciphertext = xchacha20poly1305(key, nonce, additionalData(record, version)).encrypt(content);
  const object = concat(nonce, ciphertext);
  const objectDigest = digest(object);
  return { object, digest: objectDigest, commitment: commitmentOf(key, objectDigest), locator: toHex(objectDigest) };
}

// Verifies an object against the commitment on chain, and decrypts it.
export function openContent(dataKey, record, version, commitment, object) {
  const [key, data] = [bytes(dataKey, 'dataKey', 32), bytes(object, 'object')];
  const [aad, expected] = [additionalData(record, version), bytes(commitment, 'commitment', 32)];
  if (!equal(commitmentOf(key, digest(data)), expected)) {
    throw new EnvelopeError('corrupted', 'the object is not the one that was committed to');
  }
  if (data.length < NONCE_LENGTH + TAG_LENGTH) {
    throw new EnvelopeError('corrupted', 'the object is too short to have been sealed');
  }
  try {
    return xchacha20poly1305(key, data.subarray(0, NONCE_LENGTH), aad).decrypt(data.subarray(NONCE_LENGTH));
  } catch (cause) {
    throw new EnvelopeError('corrupted', 'the object does not decrypt as this version of this record', cause);
  }
}
