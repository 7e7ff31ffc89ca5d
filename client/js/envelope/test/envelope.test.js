// What a caller meets: round trips, shapes, errors.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as library from '../src/index.js';
import {
  blindLabels, commitmentOf, EnvelopeError, episodeOf, NO_REQUEST, openContent, openDataKey, openLabelKey, publicKeyOf,
  randomKey, recordIdOf, revealLabels, SEALED_KEY_LENGTH, sealContent, sealDataKey, sealLabelKey, SENSITIVITIES,
} from '../src/index.js';
import { hex } from './vectors.js';

const error = (code) => ({ name: 'EnvelopeError', code });
const filled = (byte) => new Uint8Array(32).fill(byte);

const context = (secret) => ({
  genesis: filled(1),
  record: filled(7),
  version: 1,
  commitment: filled(2),
  recipient: publicKeyOf(secret),
  epoch: 3,
  request: filled(4),
});

test('the public key is that of RFC 7748, section 6.1', () => {
  const secret = '0x77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a';
  const expected = '0x8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a';
  assert.equal(hex(publicKeyOf(secret)), expected);
});

test('what was sealed opens, also when arguments are hexadecimal', async () => {
  const [secret, dataKey] = [randomKey(), randomKey()];
  const bound = context(secret);
  const sealed = await sealDataKey(bound, dataKey);
  assert.equal(sealed.length, SEALED_KEY_LENGTH);
  assert.deepEqual(await openDataKey(bound, sealed, secret), dataKey);
  const told = { ...bound };
  for (const [name, value] of Object.entries(bound)) if (value instanceof Uint8Array) told[name] = hex(value);
  assert.deepEqual(await openDataKey(told, hex(sealed), hex(secret)), dataKey);
  assert.deepEqual(await openDataKey(told, hex(sealed).toUpperCase().replace('0X', '0x'), hex(secret)), dataKey);

  const owned = { genesis: filled(1), patient: filled(5), labelEpoch: 0, recipient: publicKeyOf(secret), epoch: 1 };
  const labelKey = randomKey();
  assert.deepEqual(await openLabelKey(owned, await sealLabelKey(owned, labelKey), secret), labelKey);

  const plaintext = new TextEncoder().encode('a diagnosis');
  const { object, digest, commitment, locator } = sealContent(dataKey, filled(7), 1, plaintext);
  assert.equal(object.length, 24 + plaintext.length + 16);
  assert.equal(`0x${locator}`, hex(digest));
  assert.deepEqual(openContent(dataKey, filled(7), 1, commitment, object), plaintext);
});

test('nothing is sealed twice alike', async () => {
  const [secret, key] = [randomKey(), randomKey()];
  assert.notDeepEqual(await sealDataKey(context(secret), key), await sealDataKey(context(secret), key));
  const [one, other] = [0, 1].map(() => sealContent(key, filled(7), 1, new Uint8Array(8)));
  assert.notDeepEqual(one.object, other.object);
  assert.notDeepEqual(one.commitment, other.commitment);
});

test("an envelope for a request does not open as the patient's own", async () => {
  const [secret, key] = [randomKey(), randomKey()];
  const own = { ...context(secret), request: NO_REQUEST };
  assert.deepEqual(await openDataKey(own, await sealDataKey(own, key), secret), key);
  await assert.rejects(openDataKey(own, await sealDataKey(context(secret), key), secret), error('corrupted'));
});

test('a data key does not open as a label key', async () => {
  const secret = randomKey();
  const bound = { ...context(secret), patient: filled(5), labelEpoch: 1, request: NO_REQUEST };
  await assert.rejects(openLabelKey(bound, await sealDataKey(bound, randomKey()), secret), error('corrupted'));
});

test('nothing is sealed to a key of low order', async () => {
  // The point of order 1, that of order 2 is 0 again, and one of order 8 (RFC 7748, section 7).
  const one = Uint8Array.from({ length: 32 }, (_, at) => (at === 0 ? 1 : 0));
  const eight = '0xe0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800';
  for (const recipient of [filled(0), one, eight]) {
    const bound = { ...context(randomKey()), recipient };
    await assert.rejects(sealDataKey(bound, randomKey()), error('bad-encryption-key'));
  }
});

test('a guess of the content can be checked against neither commitment nor identifier', () => {
  const guess = new TextEncoder().encode('HIV positive');
  const { digest, commitment } = sealContent(randomKey(), filled(7), 1, guess);
  assert.notDeepEqual(commitmentOf(randomKey(), digest), commitment);
  const labelKey = randomKey();
  assert.deepEqual(recordIdOf(labelKey, guess), recordIdOf(labelKey, guess));
  assert.notDeepEqual(recordIdOf(randomKey(), guess), recordIdOf(labelKey, guess));
  assert.equal(recordIdOf(labelKey, guess).length, 32);
  assert.equal(episodeOf(labelKey, 'Encounter/1').length, 16);
  assert.notDeepEqual(episodeOf(labelKey, 'Encounter/1'), episodeOf(labelKey, 'Encounter/2'));
});

test('labels come back from their permutation', () => {
  const labelKey = randomKey();
  for (const codes of [[], ['HIV'], ['PSY', 'SUD'], [...SENSITIVITIES]]) {
    const blinded = blindLabels(labelKey, codes);
    assert.equal(blinded.toString(2).replaceAll('0', '').length, codes.length);
    assert.deepEqual(revealLabels(labelKey, blinded), codes);
  }
  assert.deepEqual(revealLabels(labelKey, 0xffff_ffff), [...SENSITIVITIES]);
  assert.throws(() => blindLabels(labelKey, ['HIV', 'hiv']), error('bad-input'));
  assert.throws(() => revealLabels(labelKey, -1), error('bad-input'));
});

test('an argument of the wrong type, length or range is refused by name', async () => {
  const secret = randomKey();
  const [good, key] = [context(secret), randomKey()];
  const sealed = await sealDataKey(good, key);
  const noHex = ['', '0x', `0x${'zz'.repeat(32)}`, 'ab'.repeat(32), `0x${'ab'.repeat(31)}a`];
  const wrongBytes = [undefined, null, 7, new Uint8Array(31), new Uint8Array(33), [...filled(1)], ...noHex];
  for (const name of ['genesis', 'record', 'commitment', 'recipient', 'request']) {
    for (const wrong of wrongBytes) {
      const refused = { ...error('bad-input'), message: new RegExp(`^${name} must be`) };
      await assert.rejects(openDataKey({ ...good, [name]: wrong }, sealed, secret), refused);
      await assert.rejects(sealDataKey({ ...good, [name]: wrong }, key), refused);
    }
  }
  for (const name of ['version', 'epoch']) {
    for (const wrong of [undefined, null, -1, 1.5, 2 ** 32, NaN, '1', 1n]) {
      await assert.rejects(openDataKey({ ...good, [name]: wrong }, sealed, secret), error('bad-input'));
    }
  }
  await assert.rejects(sealDataKey(good, new Uint8Array(16)), error('bad-input'));
  await assert.rejects(openDataKey(good, sealed, new Uint8Array(16)), error('bad-input'));
  await assert.rejects(openDataKey(good, 'sealed', secret), error('bad-input'));
  assert.throws(() => sealContent(key, filled(7), 1, 'a string is not bytes'), error('bad-input'));
  assert.throws(() => sealContent(new Uint8Array(16), filled(7), 1, filled(1)), error('bad-input'));
  assert.throws(() => episodeOf(key, 7), error('bad-input'));
});

test('an object that was never sealed does not open even if committed to', async () => {
  const { blake2b } = await import('@noble/hashes/blake2');
  const key = randomKey();
  for (const object of [new Uint8Array(5), new Uint8Array(64)]) {
    const commitment = commitmentOf(key, blake2b(object, { dkLen: 32 }));
    assert.throws(() => openContent(key, filled(7), 1, commitment, object), error('corrupted'));
  }
});

test('a runtime without X25519 is told apart from a broken envelope', async (t) => {
  const secret = randomKey();
  const sealed = await sealDataKey(context(secret), randomKey());
  const refuse = async () => {
    throw new DOMException('X25519 is not known', 'NotSupportedError');
  };
  for (const name of ['importKey', 'generateKey']) t.mock.method(globalThis.crypto.subtle, name, refuse);
  await assert.rejects(openDataKey(context(secret), sealed, secret), error('unsupported'));
  await assert.rejects(sealDataKey(context(secret), randomKey()), error('unsupported'));
});

test('errors tell neither keys nor content, and are errors', async () => {
  const secret = randomKey();
  const failed = await openDataKey(context(secret), new Uint8Array(80), secret).catch((thrown) => thrown);
  assert.ok(failed instanceof EnvelopeError && failed instanceof Error);
  assert.ok(failed.cause instanceof Error, 'what the library said is kept');
  assert.doesNotMatch(`${failed.stack}`, new RegExp(hex(secret).slice(2)));
});

test('index.d.ts declares what there is', () => {
  const typings = readFileSync(new URL('../index.d.ts', import.meta.url), 'utf8');
  const declared = [...typings.matchAll(/^export (?:function|const|class) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(declared.sort(), Object.keys(library).sort());
});
