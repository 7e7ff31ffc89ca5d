// The records flow on a fork that Chopsticks serves: `node network/fork.js ws://127.0.0.1:8000`. The fork keeps to itself
// what is done on it. Its node has no salus_* methods, so decisions are asked of the runtime.

import assert from 'node:assert/strict';
import { Chain, YEAR, anywhere, hex, observation, organisation, people } from '../test/support.js';

const [url] = process.argv.slice(2);
if (!url) {
  console.error('usage: node network/fork.js URL-OF-THE-FORK');
  process.exit(2);
}
const { council, ward, clinician, patient } = people();
const [id, record] = [hex(32), hex(32)];
const chain = Chain.at(url);
await chain.connect();
const { api } = chain;

const told = (text) => console.log(`ok  ${text}`);
const decision = async () => {
  const query = { actor: clinician.address, patient: id, purpose: 'Treat', action: 'Access', record, resource: null };
  const { effect, reason } = (await api.call.consentApi.checkAccess(query)).decision;
  return [effect.toString(), reason.toString()];
};

const orgs = [];
for (const [name, admin] of [['Forked Hospital', council[0]], ['Other Forked Hospital', council[1]]]) {
  const events = await chain.council(api.tx.participants.admitOrganisation(organisation(name), admin.address), council);
  const admitted = events.find((event) => api.events.participants.OrganisationAdmitted.is(event));
  orgs.push(admitted.data.org.toNumber());
}
const [home, away] = orgs;
const CLINICIAN = 1;
await chain.send(api.tx.participants.addMember(home, ward.address, CLINICIAN, null, null), council[0]);
await chain.send(api.tx.participants.addMember(away, clinician.address, CLINICIAN, null, null), council[1]);
told('the council admits two hospitals, each appoints a clinician');

await chain.send(api.tx.consent.registerPatient(id, 'Deny', 'Forbidden'), patient);
await chain.send(api.tx.consent.openCare(id, home, Date.now() + YEAR, ward.address, hex(80)), patient);
const input = observation(record);
await chain.send(api.tx.healthRecords.anchor(id, input), ward);
told('a patient registers, a record is anchored');
assert.deepEqual(await decision(), ['Deny', 'NoConsent']);
told('the other hospital is refused');

const consent = {
  base: 'Permit',
  root: { ...anywhere, actors: [{ Org: away }], purposes: 1 },
  rules: [],
  start: null,
  end: Date.now() + YEAR,
  supersedes: null,
  policy: hex(32),
  receipt: hex(32),
  eraseBy: null,
};
await chain.send(api.tx.consent.grant(id, consent), patient);
assert.deepEqual(await decision(), ['Permit', 'Consent']);
told('it is permitted under a consent');
await chain.send(api.tx.consent.withdraw(id, 0), patient);
assert.deepEqual(await decision(), ['Deny', 'NoConsent']);
told('it is refused once the consent is withdrawn');
await chain.stop();
