// Each opens what the other sealed, and neither opens it as anything else.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  commitmentOf, openContent, openDataKey, openLabelKey, publicKeyOf, revealLabels, SENSITIVITIES,
} from '../src/index.js';
import { blinded, fromHex, hex, vectors } from './vectors.js';

const corrupted = { name: 'EnvelopeError', code: 'corrupted' };
const OTHER = `0x${'5c'.repeat(32)}`;

const files = Object.entries(await vectors());

// Each field of a context in turn replaced by another value.
const wrongContexts = (context) =>
  Object.entries(context).map(([name, value]) => ({
    ...context,
    [name]: typeof value === 'number' ? (value ^ 1) >>> 0 : OTHER,
  }));

// Copies each altered in another place, and copies that are too short or too long.
function altered(digits) {
  const bytes = fromHex(digits);
  const flipped = Array.from(bytes, (_, at) => {
    const copy = Uint8Array.from(bytes);
    copy[at] ^= 1;
    return copy;
  });
  return [...flipped, bytes.slice(0, -1), Uint8Array.from([...bytes, 0]), new Uint8Array()];
}

const fields = (context) => Object.keys(context).sort();

for (const [maker, { dataKeys, labelKeys, contents, labels, sensitivities }] of files) {
  test(`data keys that ${maker} sealed open for their context only`, async () => {
    assert.equal(dataKeys.length, 4);
    for (const { context, dataKey, secret, sealed } of dataKeys) {
      assert.deepEqual(fields(context), ['commitment', 'epoch', 'genesis', 'recipient', 'record', 'request', 'version']);
      assert.equal(hex(publicKeyOf(secret)), context.recipient);
      assert.equal(fromHex(sealed).length, 80);
      assert.equal(hex(await openDataKey(context, sealed, secret)), dataKey);
      for (const wrong of wrongContexts(context)) {
        await assert.rejects(openDataKey(wrong, sealed, secret), corrupted);
      }
      await assert.rejects(openDataKey(context, sealed, OTHER), corrupted);
      for (const wrong of altered(sealed)) await assert.rejects(openDataKey(context, wrong, secret), corrupted);
    }
  });

  test(`label keys that ${maker} sealed open for their context only`, async () => {
    assert.equal(labelKeys.length, 3);
    for (const { context, labelKey, secret, sealed } of labelKeys) {
      assert.deepEqual(fields(context), ['epoch', 'genesis', 'labelEpoch', 'patient', 'recipient']);
      assert.equal(hex(await openLabelKey(context, sealed, secret)), labelKey);
      for (const wrong of wrongContexts(context)) {
        await assert.rejects(openLabelKey(wrong, sealed, secret), corrupted);
      }
      await assert.rejects(openLabelKey(context, sealed, OTHER), corrupted);
      for (const wrong of altered(sealed)) await assert.rejects(openLabelKey(context, wrong, secret), corrupted);
    }
  });

  test(`content that ${maker} sealed opens as what was committed to only`, async () => {
    const { blake2b } = await import('@noble/hashes/blake2');
    assert.equal(contents.length, 4);
    for (const { dataKey, record, version, plaintext, object, digest, commitment, locator } of contents) {
      assert.equal(hex(openContent(dataKey, record, version, commitment, object)), plaintext);
      assert.equal(hex(blake2b(fromHex(object), { dkLen: 32 })), digest);
      assert.equal(`0x${locator}`, digest);
      assert.equal(hex(commitmentOf(dataKey, digest)), commitment);

      assert.throws(() => openContent(OTHER, record, version, commitment, object), corrupted);
      assert.throws(() => openContent(dataKey, OTHER, version, commitment, object), corrupted);
      assert.throws(() => openContent(dataKey, record, (version ^ 1) >>> 0, commitment, object), corrupted);
      assert.throws(() => openContent(dataKey, record, version, OTHER, object), corrupted);
      for (const wrong of altered(object)) {
        assert.throws(() => openContent(dataKey, record, version, commitment, wrong), corrupted);
        // Not even if it was committed to.
        const recommitted = commitmentOf(dataKey, blake2b(wrong, { dkLen: 32 }));
        assert.throws(() => openContent(dataKey, record, version, recommitted, wrong), corrupted);
      }
    }
  });

  test(`labels and identifiers are those of ${maker}`, () => {
    assert.deepEqual(sensitivities, SENSITIVITIES);
    assert.equal(labels.length, 8);
    for (const entry of labels) {
      assert.deepEqual(blinded(entry), entry);
      for (const [bit, code] of SENSITIVITIES.entries()) {
        assert.deepEqual(revealLabels(entry.labelKey, entry.blinded[bit]), [code]);
      }
    }
  });
}
