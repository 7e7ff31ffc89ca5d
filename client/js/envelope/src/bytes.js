// Arguments as bytes. Numbers are 32 bits, little-endian, as everywhere in Salus.

import { EnvelopeError } from './error.js';

const bad = (name, expected) => new EnvelopeError('bad-input', `${name} must be ${expected}`);

// The bytes of a `Uint8Array` or of a string `0x…`; of exactly `length` bytes if that is given.
export function bytes(value, name, length) {
  const expected = `${length === undefined ? '' : `${length} bytes, `}a Uint8Array or 0x and hexadecimal digits`;
  let read;
  if (value instanceof Uint8Array) {
    read = Uint8Array.from(value);
  } else if (typeof value === 'string' && /^0x(?:[0-9a-fA-F]{2})*$/.test(value)) {
    read = Uint8Array.from(value.slice(2).match(/../g) ?? [], (pair) => parseInt(pair, 16));
  } else {
    throw bad(name, expected);
  }
  if (length !== undefined && read.length !== length) throw bad(name, expected);
  return read;
}

export function u32(value, name) {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) throw bad(name, 'a whole number below 2^32');
  const written = new Uint8Array(4);
  new DataView(written.buffer).setUint32(0, value, true);
  return written;
}

export function text(value, name) {
  if (typeof value !== 'string') throw bad(name, 'a string');
  return new TextEncoder().encode(value);
}

export const ascii = (value) => new TextEncoder().encode(value);

export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const toHex = (value) => Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('');

// Whether two secrets of one length are equal, in a time that does not tell where they differ.
export function equal(one, other) {
  let difference = one.length ^ other.length;
  for (let at = 0; at < one.length; at++) difference |= one[at] ^ other[at];
  return difference === 0;
}
