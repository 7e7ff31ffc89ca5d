// Patients' rights through an unmodified polkadot.js: a patient who holds no tokens, and an emergency.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { Keyring } from '@polkadot/api';
import { Chain, anywhere, hex, organisation, people } from './support.js';

const HOUR = 3_600_000;
const CLINICIAN = 1;
const QUALITY = 1 << 5;

describe('a patient without tokens', { timeout: 300_000 }, () => {
  let chain;
  let org;
  const { council, ward, clinician, gateway: reviewer } = people();
  const patient = new Keyring({ type: 'sr25519', ss58Format: 42 }).addFromSeed(randomBytes(32));
  const id = hex(32);
  const notices = [];

  const owned = async () => (await chain.api.query.system.account(patient.address)).data;
  const refusal = (call, signer, error) => assert.rejects(chain.send(call, signer), { message: error });
  const emergency = async () => {
    const resource = { type: 'Observation', confidentiality: 'N', labels: 0 };
    const query = { actor: clinician.address, patient: id, purpose: 'BTG', action: 'access', resource };
    const { effect, reason, obligations } = (await chain.api.rpc.salus.checkAccess(query)).toJSON();
    return [effect, reason, obligations];
  };

  before(async () => {
    chain = await Chain.start('--dev-block-time', '500');
    await chain.connect();
    const { api } = chain;
    const events = await chain.council(
      api.tx.participants.admitOrganisation(organisation('Northern Hospital'), council[0].address),
      council,
    );
    org = events.find((event) => api.events.participants.OrganisationAdmitted.is(event)).data.org.toNumber();
    await chain.send(api.tx.participants.addMember(org, clinician.address, CLINICIAN, null, null), council[0]);
    await chain.send(api.tx.participants.addMember(org, reviewer.address, QUALITY, null, null), council[0]);
  });
  after(() => chain.stop());

  it('reaches no block before a hospital enrols the account', async () => {
    const { api } = chain;
    await assert.rejects(
      chain.send(api.tx.consent.registerPatient(id, 'Deny', 'Allowed'), patient),
      /Inability to pay|1010/,
    );
    const terms = { perAccount: 1_000_000_000_000n, perDay: 10_000_000_000_000n };
    await refusal(api.tx.sponsorship.setTerms(org, terms), ward, 'sponsorship.NotAuthorized');
    await chain.send(api.tx.sponsorship.setTerms(org, terms), council[0]);
    await chain.send(api.tx.sponsorship.enrol(org, patient.address), council[0]);
    const granted = (await api.rpc.salus.sponsorship(patient.address)).toJSON();
    assert.deepEqual([granted.sponsor, granted.left_today], [org, '1000000000000']);
  });

  it('registers, consents and withdraws, and never owns anything', async () => {
    const { api } = chain;
    const subscribed = api.rpc.salus.subscribePatient(id, (notice) => notices.push(notice.toJSON()));
    await chain.send(api.tx.consent.registerPatient(id, 'Deny', 'Allowed'), patient);
    await subscribed;
    const consent = {
      base: 'Permit',
      root: { ...anywhere, actors: [{ Org: org }] },
      rules: [],
      start: null,
      end: null,
      supersedes: null,
      policy: hex(32),
      receipt: hex(32),
      eraseBy: null,
    };
    await chain.send(api.tx.consent.grant(id, consent), patient);
    await chain.send(api.tx.consent.withdraw(id, 0), patient);
    const data = await owned();
    assert.equal(data.free.toBigInt() + data.reserved.toBigInt(), 0n);
    const granted = (await api.rpc.salus.sponsorship(patient.address)).toJSON();
    assert.ok(BigInt(granted.left_today) < 1_000_000_000_000n, granted.left_today);
    assert.ok(BigInt(granted.storage) > 0n, granted.storage);
  });

  it('is told of an emergency access that the default policy would have refused', async () => {
    const { api } = chain;
    assert.deepEqual(await emergency(), ['deny', 'no-break-glass', []]);
    await refusal(api.tx.consent.breakGlass(id, 'EmergencyTreatment', hex(32)), ward, 'consent.NotAuthorized');
    await chain.send(api.tx.consent.breakGlass(id, 'EmergencyTreatment', hex(32)), clinician);
    assert.deepEqual(await emergency(), ['permit', 'break-glass', ['AOD']]);
    for (let tries = 0; tries < 40 && !notices.some(({ event }) => event.kind === 'glass-broken'); tries++) {
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    const { event } = notices.find((notice) => notice.event.kind === 'glass-broken');
    assert.deepEqual([event.actor, event.org, event.reason], [clinician.address, org, 'OVRER']);
  });

  it('objects, which ends the access at once', async () => {
    const { api } = chain;
    await chain.send(api.tx.consent.objectToGlass(id, clinician.address, hex(32)), patient);
    assert.deepEqual(await emergency(), ['deny', 'no-break-glass', []]);
    await refusal(api.tx.consent.breakGlass(id, 'EmergencyTreatment', hex(32)), clinician, 'consent.Objected');
  });

  it('lets the organisation review it, but not the clinician', async () => {
    const { api } = chain;
    const review = api.tx.consent.reviewGlass(id, clinician.address, 'Justified', hex(32));
    await refusal(review, clinician, 'consent.SelfReview');
    await chain.send(review, reviewer);
    const { items } = (await api.rpc.salus.glasses(id)).toJSON();
    assert.equal(items.length, 1);
    assert.equal(items[0].review[0], 'justified');
    assert.ok(items[0].until - items[0].opened <= 4 * HOUR);
  });
});
