// Research datasets through an unmodified polkadot.js: one is created, listed and asked for, and the request is decoded.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Chain, hex, organisation, people } from './support.js';

const PROVIDER = 1 << 0;
const RESEARCH_BODY = 1 << 6;
const RESEARCHER = 1 << 1;
const REGISTRAR = 1 << 3;
const BIOMEDICAL = 1 << 6;
const DRUG_DEVELOPMENT = 1 << 8;

describe('a research dataset', { timeout: 300_000 }, () => {
  let chain;
  let org;
  const { council, gateway: staff } = people();
  const protocol = hex(32);
  const purpose = (uses, commercial) => ({
    uses,
    care: false,
    commercial,
    diseases: [],
    researchType: null,
    project: null,
    sensitive: 0,
  });
  const ask = async (uses, commercial) => {
    const request = {
      dataset: 0,
      purpose: purpose(uses, commercial),
      groups: 1,
      days: 30,
      protocol,
      ethics: null,
      closures: [],
      coSignatures: [],
      renews: null,
    };
    const { events } = await chain.send(chain.api.tx.researchDatasets.submitRequest(request), staff);
    const { RequestSubmitted } = chain.api.events.researchDatasets;
    return events.find((event) => RequestSubmitted.is(event)).data.request.toNumber();
  };

  before(async () => {
    chain = await Chain.start('--dev-block-time', '500');
    await chain.connect();
  });
  after(() => chain.stop());

  it('is not there before anybody creates it', async () => {
    const { salus } = chain.api.rpc;
    for (const nothing of [
      salus.dataset(0),
      salus.request(0),
      salus.grant(0),
      salus.contribution(0, hex(32)),
      salus.ethicsApproval(hex(32)),
      salus.ontologyRelease('MONDO'),
    ]) {
      assert.equal((await nothing).toJSON(), null);
    }
    for (const page of [salus.datasets(), salus.requests(0, null, 10)]) {
      assert.deepEqual((await page).toJSON(), { items: [], next: null });
    }
  });

  it('is listed with its groups, and without exact counts', async () => {
    const { api } = chain;
    const roles = PROVIDER | RESEARCH_BODY;
    const hospital = { ...organisation('University Hospital'), roles };
    const events = await chain.council(api.tx.participants.admitOrganisation(hospital, council[0].address), council);
    org = events.find((event) => api.events.participants.OrganisationAdmitted.is(event)).data.org.toNumber();
    const member = api.tx.participants.addMember(org, staff.address, RESEARCHER | REGISTRAR, null, null);
    await chain.send(member, council[0]);

    const group = { permission: 'Hmb', diseases: [], modifiers: ['Ncu', { Rtn: { deadline: null } }] };
    const dataset = { dataUse: [group], schema: hex(32), content: hex(32), fee: 5_000_000_000_000n };
    await chain.send(api.tx.researchDatasets.createDataset(dataset), staff);
    await chain.send(api.tx.researchDatasets.openDataset(0), staff);

    const { items, next } = (await api.rpc.salus.datasets()).toJSON();
    assert.deepEqual([items.length, next], [1, null]);
    const [view] = items;
    assert.deepEqual(
      [view.id, view.steward, view.steward_name, view.state, view.fee],
      [0, org, 'University Hospital', 'open', '5000000000000'],
    );
    assert.deepEqual(view.contributors, { from: 0, to: 20 });
    assert.deepEqual(
      view.groups.map(({ index, open, contributors }) => [index, open, contributors]),
      [[0, true, { from: 0, to: 20 }]],
    );
    assert.equal(view.groups[0].terms.permission, 'DUO:0000006');
  });

  it('is asked for: a request is judged at once, and its answer decodes', async () => {
    const { salus } = chain.api.rpc;
    const allowed = (await salus.request(await ask(BIOMEDICAL, false))).toJSON();
    assert.deepEqual([allowed.dataset, allowed.researcher, allowed.org], [0, staff.address, org]);
    assert.deepEqual([allowed.state, allowed.groups, allowed.granted], ['auto-approved', [0], [0]]);
    assert.equal(allowed.outcome.groups[0].verdict, 'approve');
    assert.deepEqual([allowed.escrow, allowed.protocol], ['5000000000000', protocol]);

    const denied = (await salus.request(await ask(DRUG_DEVELOPMENT, true))).toJSON();
    assert.deepEqual([denied.state, denied.granted, denied.escrow], ['auto-denied', [], '0']);
    assert.deepEqual(denied.outcome.groups[0], { verdict: 'deny', reasons: ['ncu-commercial'] });

    const { items } = (await salus.requests(0)).toJSON();
    assert.deepEqual(items.map(({ id }) => id).sort(), [allowed.id, denied.id].sort());
    await assert.rejects(salus.grantAccess(allowed.id, staff.address, hex(32)), /must not be released.*unknown-grant/);
  });

  it('tells how a request would be judged', async () => {
    const query = {
      dataset: 0,
      researcher: staff.address,
      purpose: {
        uses: ['DUO:0000037'],
        care: false,
        commercial: false,
        diseases: [],
        research_type: null,
        project: null,
        sensitive: ['stigmatising'],
      },
      ethics: null,
      closures: [],
      co_signers: [],
    };
    assert.match(JSON.stringify((await chain.api.rpc.salus.matchDataset(query)).toJSON()), /sensitive-stigmatising/);
  });

  it('cannot be used by a grant before 21 contribute', async () => {
    const request = await ask(BIOMEDICAL, false);
    await assert.rejects(
      chain.send(chain.api.tx.researchDatasets.activate(request), staff),
      /researchDatasets.CohortTooSmall/,
    );
  });
});
