// X25519 keys to which envelopes are sealed, and keys derived from others.

import { randomBytes } from '@noble/ciphers/webcrypto';
import { x25519 } from '@noble/curves/ed25519';
import { hkdf } from '@noble/hashes/hkdf';
import { sha256 } from '@noble/hashes/sha2';
import { bytes } from './bytes.js';

// A fresh secret of 32 bytes: a data key, a label key, or a secret key to which envelopes are sealed.
export const randomKey = () => randomBytes(32);

// The public key to register on chain with `participants.setEncryptionKey`.
export const publicKeyOf = (secret) => x25519.getPublicKey(bytes(secret, 'secret', 32));

// HKDF-SHA256 without salt.
export const derive = (secret, info, length) => hkdf(sha256, secret, undefined, info, length);
