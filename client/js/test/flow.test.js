// The main job through an unmodified polkadot.js: a clinician may read a record under consent, and no longer once it
// is withdrawn.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Chain, YEAR, anywhere, hex, observation, organisation, people } from './support.js';

describe('a consent, from grant to withdrawal', { timeout: 300_000 }, () => {
  let chain;
  let warnings;
  const { council, ward, clinician, patient, gateway } = people();
  const id = hex(32);
  const record = hex(32);
  const notices = [];
  let home;
  let away;

  const check = (query = {}) =>
    chain.api.rpc.salus
      .checkAccess({ actor: clinician.address, patient: id, purpose: 'TREAT', action: 'access', record, ...query })
      .then((answer) => answer.toJSON());

  const refusal = (call, signer, error) => assert.rejects(chain.send(call, signer), { message: error });

  before(async () => {
    chain = await Chain.start('--dev-block-time', '500');
    warnings = await chain.connect();
  });
  after(() => chain.stop());

  it('connects without a warning', () => {
    // Methods of the newer JSON-RPC specification and a few of Substrate's own, which polkadot.js does not define.
    const foreign =
      /^(archive|bitswap|chainHead|chainSpec|transaction|transactionWatch)_|^author_rotateKeysWithOwner$|^state_callRecorded$/;
    const left = warnings.filter((warning) => {
      const [, methods] = warning.match(/RPC methods not decorated: (.*)$/) ?? [];
      return !methods || !methods.split(', ').every((method) => foreign.test(method));
    });
    assert.deepEqual(left, []);
  });

  it('knows every transaction extension', () => {
    const known = chain.api.registry.signedExtensions;
    assert.ok(known.includes('CheckMetadataHash'), known.join());
    assert.ok(known.includes('ChargeTransactionPayment'), known.join());
  });

  it('admits two hospitals by the council', async () => {
    const { api } = chain;
    for (const [name, admin] of [['Northern Hospital', council[0]], ['Southern Hospital', council[1]]]) {
      const call = api.tx.participants.admitOrganisation(organisation(name), admin.address);
      const events = await chain.council(call, council);
      const admitted = events.find((event) => api.events.participants.OrganisationAdmitted.is(event));
      const org = admitted.data.org.toNumber();
      if (home === undefined) home = org;
      else away = org;
    }
    const answer = (await api.rpc.salus.organisation(away)).toJSON();
    assert.equal(answer.name, 'Southern Hospital');
    assert.deepEqual(answer.roles, ['provider']);
    assert.equal(answer.in_standing, true);
    await refusal(
      api.tx.participants.admitOrganisation(organisation('Nobody'), patient.address),
      patient,
      'BadOrigin',
    );
  });

  it('lets each hospital appoint a clinician, and the first a gateway', async () => {
    const { api } = chain;
    const CLINICIAN = 1;
    const GATEWAY = 1 << 4;
    await chain.send(api.tx.participants.addMember(home, ward.address, CLINICIAN, null, null), council[0]);
    await chain.send(api.tx.participants.addMember(home, gateway.address, GATEWAY, null, null), council[0]);
    await chain.send(api.tx.participants.addMember(away, clinician.address, CLINICIAN, null, null), council[1]);
    const member = (await api.rpc.salus.member(clinician.address)).toJSON();
    assert.deepEqual([member.org, member.roles, member.in_standing], [away, ['clinician'], true]);
  });

  it('registers a patient and anchors a record of theirs', async () => {
    const { api } = chain;
    // polkadot.js tells that it has subscribed with the first notice.
    const subscribed = api.rpc.salus.subscribePatient(id, (notice) => notices.push(notice.toJSON()));
    await chain.send(api.tx.consent.registerPatient(id, 'Deny', 'Forbidden'), patient);
    await subscribed;
    await chain.send(api.tx.consent.openCare(id, home, Date.now() + YEAR, ward.address, hex(80)), patient);
    const input = observation(record);
    await refusal(api.tx.healthRecords.anchor(id, { ...input, labelEpoch: 2 }), ward, 'healthRecords.WrongLabelEpoch');
    await chain.send(api.tx.healthRecords.anchor(id, input), ward);
    await refusal(api.tx.healthRecords.anchor(id, input), ward, 'healthRecords.AlreadyExists');
    const anchored = (await api.rpc.salus.record(id, record)).toJSON();
    assert.deepEqual([anchored.resource_type, anchored.custodian, anchored.version], ['Observation', home, 1]);
  });

  it("refuses the second hospital's clinician without consent", async () => {
    const { effect, reason } = await check();
    assert.deepEqual([effect, reason], ['deny', 'no-consent']);
  });

  it('permits under a consent, by its rule', async () => {
    const { api } = chain;
    const consent = {
      base: 'Deny',
      root: anywhere,
      rules: [
        {
          effect: 'Permit',
          conditions: { ...anywhere, actors: [{ Org: away }], purposes: 1, actions: 0b00110 },
          obligations: 0,
        },
      ],
      start: null,
      end: Date.now() + YEAR,
      supersedes: null,
      policy: hex(32),
      receipt: hex(32),
      eraseBy: null,
    };
    await refusal(
      api.tx.consent.grant(id, { ...consent, root: { ...anywhere, purposes: 0 } }),
      patient,
      'consent.EmptySet',
    );
    await chain.send(api.tx.consent.grant(id, consent), patient);
    const answer = await check();
    assert.deepEqual(
      [answer.effect, answer.reason, answer.consent, answer.rule],
      ['permit', 'consent', 0, 0],
    );
    assert.equal((await check({ purpose: 'HRESCH' })).effect, 'deny');
  });

  it('asks the runtime directly, without a custom method', async () => {
    const { api } = chain;
    const query = {
      actor: clinician.address,
      patient: id,
      purpose: 'Treat',
      action: 'Access',
      record,
      resource: null,
    };
    const answer = await api.call.consentApi.checkAccess(query);
    assert.equal(answer.decision.effect.toString(), 'Permit');
  });

  it('keeps a receipt of the access', async () => {
    const { api } = chain;
    const receipt = {
      actor: clinician.address,
      record,
      version: 1,
      purpose: 'Treat',
      action: 'Access',
      effect: 'Permit',
      reason: 'Consent',
      consent: 0,
      rule: 0,
      at: Date.now(),
      request: hex(32),
    };
    await refusal(api.tx.healthRecords.logAccess(id, receipt), clinician, 'healthRecords.NotAuthorized');
    await chain.send(api.tx.healthRecords.logAccess(id, receipt), gateway);
    const { items } = (await api.rpc.salus.accessReceipts(id)).toJSON();
    assert.equal(items.length, 1);
    assert.deepEqual(
      [items[0].actor, items[0].purpose, items[0].effect, items[0].consent, items[0].org],
      [clinician.address, 'TREAT', 'permit', 0, home],
    );
  });

  it('refuses once the consent is withdrawn, from that block on', async () => {
    const { api } = chain;
    await refusal(api.tx.consent.withdraw(id, 0), clinician, 'consent.NotAuthorized');
    const { block } = await chain.send(api.tx.consent.withdraw(id, 0), patient);
    const query = { actor: clinician.address, patient: id, purpose: 'TREAT', action: 'access', record };
    const answer = (await api.rpc.salus.checkAccess(query, block)).toJSON();
    assert.deepEqual([answer.effect, answer.reason], ['deny', 'no-consent']);
    await refusal(api.tx.consent.withdraw(id, 0), patient, 'consent.NotActive');
  });

  it('told the subscriber everything, first in a best block and then final', async () => {
    const kinds = (finalized) =>
      notices.filter((notice) => notice.finalized === finalized).map(({ event }) => event.kind);
    const expected = [
      'registered',
      'care-opened',
      'record-anchored',
      'consent-granted',
      'access-logged',
      'consent-ended',
    ];
    for (let tries = 0; tries < 40 && kinds(true).length < expected.length; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    assert.deepEqual(kinds(false), expected);
    assert.deepEqual(kinds(true), expected);
  });

  it('answers a bad question with its own error', async () => {
    await assert.rejects(chain.api.rpc.salus.patientConsents(id, null, 1000), /20005|limit/);
    await assert.rejects(chain.api.rpc.salus.patient('0x12'), /32 bytes|Invalid params/);
    assert.equal((await chain.api.rpc.salus.patient(hex(32))).toJSON(), null);
  });

  it('expires a consent by the clock', async () => {
    const { api } = chain;
    const consent = {
      base: 'Permit',
      root: { ...anywhere, actors: [{ Account: clinician.address }] },
      rules: [],
      start: null,
      end: Date.now() + 3_600_000,
      supersedes: null,
      policy: hex(32),
      receipt: hex(32),
      eraseBy: null,
    };
    await chain.send(api.tx.consent.grant(id, consent), patient);
    assert.equal((await check()).effect, 'permit');
    await api.rpc.dev.advanceTime(3_600_000);
    await new Promise((resolve) => api.rpc.chain.subscribeNewHeads(resolve));
    let last;
    for (let tries = 0; tries < 20; tries++) {
      last = await check();
      if (last.effect === 'deny') break;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    assert.deepEqual([last.effect, last.reason], ['deny', 'no-consent']);
  });
});
