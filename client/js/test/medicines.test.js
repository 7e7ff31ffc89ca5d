// Medicines through an unmodified polkadot.js: a pack is commissioned, verified and dispensed, and its clone is an alert.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Chain, YEAR, hex, organisation, people } from './support.js';

const GTIN = '09506000134352';
const LOT = 'A1-2027';
const DISPENSER = 1 << 1;
const MANUFACTURER = 1 << 2;
const REGULATOR = 1 << 5;
const PHARMACIST = 1 << 2;
const QUALITY = 1 << 5;
const LOGISTICS = 1 << 6;

describe('a pack, from the factory to the patient', { timeout: 300_000 }, () => {
  let chain;
  let org;
  const { council, gateway: staff } = people();
  const mac = hex(32);
  const alerts = [];
  // A run of one pack: its tree is a leaf, and its proof empty.
  const scan = { gtin: GTIN, lot: LOT, run: 0, expiry: Date.now() + YEAR, index: 0, mac, proof: [], other: null };
  const dispense = () =>
    chain.send(chain.api.tx.drugProvenance.dispense({ batch: 0, unit: { index: 0, mac, proof: [] }, at: null }), staff);
  const verdict = async () => (await chain.api.rpc.salus.verifyUnit(scan)).toJSON();

  const root = () => {
    const bytes = Buffer.alloc(1 + 4 + 8 + 1 + LOT.length + 2 + 32);
    bytes.writeBigUInt64LE(BigInt(GTIN), 5);
    bytes.writeUInt8(LOT.length, 13);
    bytes.write(LOT, 14);
    bytes.write(mac.slice(2), 16 + LOT.length, 'hex');
    return chain.api.registry.hash(bytes).toHex();
  };

  before(async () => {
    chain = await Chain.start('--dev-block-time', '500');
    await chain.connect();
  });
  after(() => chain.stop());

  it('knows nothing of a product that nobody registered', async () => {
    const { salus } = chain.api.rpc;
    const answer = await verdict();
    assert.deepEqual([answer.verdict, answer.batch, answer.custodian], ['unknown-product', null, null]);
    for (const nothing of [
      salus.product(GTIN),
      salus.batch(0),
      salus.parcel(0, 0),
      salus.unit(0, 0),
      salus.logisticUnit(hex(32)),
      salus.custody(0, 0),
    ]) {
      assert.equal((await nothing).toJSON(), null);
    }
    assert.deepEqual((await salus.lot(GTIN, LOT)).toJSON(), []);
    for (const page of [salus.parcels(0), salus.stock(0), salus.orders(0, null, 10)]) {
      assert.deepEqual((await page).toJSON(), { items: [], next: null });
    }
    await assert.rejects(salus.product('09506000134353'), /check digit|Invalid params/);
  });

  it('takes a batch, and answers for its packs', async () => {
    const { api } = chain;
    const works = { ...organisation('Pharmaceutical Works'), roles: DISPENSER | MANUFACTURER | REGULATOR };
    const events = await chain.council(api.tx.participants.admitOrganisation(works, council[0].address), council);
    org = events.find((event) => api.events.participants.OrganisationAdmitted.is(event)).data.org.toNumber();
    const roles = PHARMACIST | QUALITY | LOGISTICS;
    await chain.send(api.tx.participants.addMember(org, staff.address, roles, null, null), council[0]);

    const product = { gtin: BigInt(GTIN), owner: org, storage: { min: 20, max: 80, interval: 10 }, device: false };
    await chain.send(api.tx.drugProvenance.registerProduct(product), staff);
    const batch = {
      gtin: BigInt(GTIN),
      lot: LOT,
      run: 0,
      expiry: scan.expiry,
      units: 1,
      root: root(),
      meta: hex(32),
      event: hex(32),
    };
    await chain.send(api.tx.drugProvenance.commission(batch), staff);

    const answer = await verdict();
    assert.deepEqual([answer.verdict, answer.batch, answer.custodian], ['genuine', 0, org]);
    assert.equal(answer.custodian_name, 'Pharmaceutical Works');
    const stored = (await api.rpc.salus.lot(GTIN, LOT)).toJSON();
    assert.deepEqual([stored.length, stored[0].gtin, stored[0].lot, stored[0].state], [1, GTIN, LOT, 'active']);
    const stock = (await api.rpc.salus.stock(org)).toJSON();
    assert.deepEqual([stock.items[0].gtin, stock.items[0].units], [GTIN, 1]);
  });

  it('replays the chain of custody', async () => {
    const { ends, steps, complete } = (await chain.api.rpc.salus.custody(0, 0)).toJSON();
    assert.deepEqual([ends.length, steps.length, complete], [1, 1, true]);
    assert.deepEqual([steps[0].kind, steps[0].to, steps[0].within], ['commissioned', org, null]);
    const { chain: end } = (await chain.api.rpc.salus.parcel(0, 0)).toJSON();
    assert.deepEqual([end.head, end.block], [ends[0], steps[0].block]);
  });

  it('dispenses a pack once, and tells of the second time', async () => {
    // polkadot.js tells that it has subscribed with the first notice.
    const subscribed = chain.api.rpc.salus.subscribeAlerts((notice) => alerts.push(notice.toJSON()));
    await dispense();
    const answer = await verdict();
    assert.deepEqual([answer.verdict, answer.left.status, answer.left.org], ['already-dispensed', 'dispensed', org]);
    await dispense();
    await subscribed;
    for (let tries = 0; tries < 40 && alerts.length < 2; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    assert.deepEqual(alerts.map(({ finalized }) => finalized), [false, true]);
    for (const { event } of alerts) {
      assert.deepEqual(
        [event.batch, event.index, event.verdict, event.org, event.who],
        [0, 0, 'already-dispensed', org, staff.address],
      );
    }
  });
});
