// Keys of 32 bytes, sealed to the X25519 key that somebody registered on chain: HPKE (RFC 9180), base mode, with
// DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and ChaCha20-Poly1305. An envelope is
// `encapsulated key (32) ‖ ciphertext (32) ‖ tag (16)`, and opens for exactly the context that it was sealed for.

import { Chacha20Poly1305 } from '@hpke/chacha20poly1305';
import { CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { ascii, bytes, concat, u32 } from './bytes.js';
import { EnvelopeError } from './error.js';

const DATA_KEY_ENVELOPE = ascii('salus/data-key/1');
const LABEL_KEY_ENVELOPE = ascii('salus/label-key/1');

const ENCAPSULATED_LENGTH = 32;

// Bytes of an envelope.
export const SEALED_KEY_LENGTH = 80;

// The `request` of an envelope that answers no request: the patient's own.
export const NO_REQUEST = new Uint8Array(32);

const suite = new CipherSuite({
  kem: new DhkemX25519HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Chacha20Poly1305(),
});

// What an envelope around a data key is bound to:
// `info = "salus/data-key/1" ‖ genesis ‖ record ‖ version ‖ commitment ‖ recipient ‖ epoch`, and as additional data the
// hash of the signed request that it answers.
function dataKeyBinding(context) {
  return {
    recipient: bytes(context.recipient, 'recipient', 32),
    info: concat(
      DATA_KEY_ENVELOPE,
      bytes(context.genesis, 'genesis', 32),
      bytes(context.record, 'record', 32),
      u32(context.version, 'version'),
      bytes(context.commitment, 'commitment', 32),
      bytes(context.recipient, 'recipient', 32),
      u32(context.epoch, 'epoch'),
    ),
    aad: bytes(context.request, 'request', 32),
  };
}

// What an envelope around a patient's label key is bound to:
// `info = "salus/label-key/1" ‖ genesis ‖ patient ‖ label epoch ‖ recipient ‖ epoch`, without additional data.
function labelKeyBinding(context) {
  return {
    recipient: bytes(context.recipient, 'recipient', 32),
    info: concat(
      LABEL_KEY_ENVELOPE,
      bytes(context.genesis, 'genesis', 32),
      bytes(context.patient, 'patient', 32),
      u32(context.labelEpoch, 'labelEpoch'),
      bytes(context.recipient, 'recipient', 32),
      u32(context.epoch, 'epoch'),
    ),
    aad: new Uint8Array(),
  };
}

// What to throw when HPKE did not work: a runtime without X25519 is not the fault of key or envelope.
async function failure(code, message, cause) {
  const works = await suite.kem.generateKeyPair().then(() => true, () => false);
  if (works) return new EnvelopeError(code, message, cause);
  return new EnvelopeError('unsupported', 'this runtime has no Web Crypto API with X25519', cause);
}

async function seal({ recipient, info, aad }, key) {
  try {
    const recipientPublicKey = await suite.kem.deserializePublicKey(recipient);
    const { enc, ct } = await suite.seal({ recipientPublicKey, info }, key, aad);
    return concat(new Uint8Array(enc), new Uint8Array(ct));
  } catch (cause) {
    throw await failure('bad-encryption-key', 'the recipient is no X25519 key that can be sealed to', cause);
  }
}

async function open({ info, aad }, sealed, secret) {
  try {
    const recipientKey = await suite.kem.deserializePrivateKey(secret);
    const enc = sealed.slice(0, ENCAPSULATED_LENGTH);
    return new Uint8Array(await suite.open({ recipientKey, enc, info }, sealed.slice(ENCAPSULATED_LENGTH), aad));
  } catch (cause) {
    const message = 'the envelope does not open: it was altered, or sealed for another key or purpose';
    throw await failure('corrupted', message, cause);
  }
}

function envelope(sealed) {
  const read = bytes(sealed, 'sealed');
  if (read.length !== SEALED_KEY_LENGTH) {
    throw new EnvelopeError('corrupted', `an envelope is ${SEALED_KEY_LENGTH} bytes, this one ${read.length}`);
  }
  return read;
}

// Wraps a data key to the recipient that the context names.
export const sealDataKey = async (context, dataKey) =>
  seal(dataKeyBinding(context), bytes(dataKey, 'dataKey', 32));

// Unwraps a data key with the recipient's secret.
export const openDataKey = async (context, sealed, secret) =>
  open(dataKeyBinding(context), envelope(sealed), bytes(secret, 'secret', 32));

// Wraps a patient's label key to the recipient that the context names.
export const sealLabelKey = async (context, labelKey) =>
  seal(labelKeyBinding(context), bytes(labelKey, 'labelKey', 32));

// Unwraps a patient's label key with the recipient's secret.
export const openLabelKey = async (context, sealed, secret) =>
  open(labelKeyBinding(context), envelope(sealed), bytes(secret, 'secret', 32));
