// The salus_* JSON-RPC methods of a Salus node, for polkadot.js: `ApiPromise.create({ provider, rpc: salusRpc })`.
// Answers are plain JSON (see docs/RPC.md), so no types are needed.

const json = (name, optional = false) => ({ name, type: 'Json', isOptional: optional });
const id = (name, optional = false) => ({ name, type: 'H256', isOptional: optional });
const account = { name: 'account', type: 'AccountId' };
const text = (name, optional = false) => ({ name, type: 'Text', isOptional: optional });
const number = (name, optional = false) => ({ name, type: 'u32', isOptional: optional });
const at = { name: 'at', type: 'BlockHash', isHistoric: true, isOptional: true };
const paged = [number('cursor', true), number('limit', true), at];

const method = (description, params, type = 'Json') => ({ description, params, type });
const lookup = (description, params) => method(description, params, 'Option<Json>');
const list = (description, params) => method(description, params, 'Vec<Json>');

export const salusRpc = {
  salus: {
    checkAccess: method('Decides who may do what with which data.', [json('query'), at]),
    patient: lookup('A patient, or null.', [id('patient'), at]),
    care: lookup("The patient's care relationship with an organisation, or null.", [id('patient'), number('org'), at]),
    patientConsents: method("The patient's consents, latest first.", [id('patient'), ...paged]),
    record: lookup("A record's anchor, or null.", [id('patient'), id('record'), at]),
    patientRecords: method("The patient's records.", [id('patient'), id('cursor', true), number('limit', true), at]),
    stream: lookup('A stream of samples with the peaks over its batches, or null.', [id('patient'), id('stream'), at]),
    streams: method("The patient's streams.", [id('patient'), id('cursor', true), number('limit', true), at]),
    careRules: method('The rules of the patient\'s care plan.', [id('patient'), at]),
    accessReceipts: method("The patient's access receipts, latest first.", [id('patient'), ...paged]),
    organisation: lookup('An organisation, or null.', [number('org'), at]),
    member: lookup('A present or past member of an organisation, or null.', [account, at]),
    encryptionKey: lookup('The encryption key that an account registered, or null.', [account, at]),
    agreements: list('Data sharing agreements between a custodian and a recipient.', [
      number('custodian'),
      number('recipient'),
      at,
    ]),
    sponsor: lookup('What an organisation pays for the patients that it enrols, or null.', [number('org'), at]),
    sponsorship: method('Who pays for an account, and what is left today.', [account, at]),
    glasses: method("Emergency accesses to the patient's records.", [
      id('patient'),
      { name: 'cursor', type: 'AccountId', isOptional: true },
      number('limit', true),
      at,
    ]),
    recovery: lookup('Who may help the patient with a lost key, or null.', [id('patient'), at]),
    receiptBatch: lookup('The root of a batch of receipts, or null.', [
      number('org'),
      { name: 'index', type: 'u64' },
      at,
    ]),
    custodyOffer: lookup('Another custodian that a record was offered to, or null.', [id('patient'), id('record'), at]),
    subscribePatient: {
      description: 'Tells what happens to what is stored for a patient.',
      params: [id('patient')],
      pubsub: ['patientEvent', 'subscribePatient', 'unsubscribePatient'],
      type: 'Json',
    },
    subscribeCareAlerts: {
      description: "Tells an account of samples that meet the rules of patients' care plans.",
      params: [account],
      pubsub: ['careAlert', 'subscribeCareAlerts', 'unsubscribeCareAlerts'],
      type: 'Json',
    },
    verifyUnit: method('The verdict on a pack.', [json('query'), at]),
    product: lookup('A product, or null.', [text('gtin'), at]),
    batch: lookup('A packaging run, or null.', [number('batch'), at]),
    lot: list('The packaging runs of a lot.', [text('gtin'), text('lot'), at]),
    parcel: lookup('The parcel that a unit lies in, or null.', [number('batch'), number('index'), at]),
    parcels: method('The parcels of a batch.', [number('batch'), ...paged]),
    unit: lookup('A unit, or null.', [number('batch'), number('index'), at]),
    logisticUnit: lookup('A unit of logistics, or null.', [id('unit'), at]),
    custody: lookup('How the parcel that a unit lies in came to where it is, latest first, or null.', [
      number('batch'),
      number('index'),
      number('limit', true),
      at,
    ]),
    stock: method('What an organisation has, by product.', [
      number('org'),
      text('cursor', true),
      number('limit', true),
      at,
    ]),
    orders: method('Orders to a supplier that are under way.', [number('supplier'), ...paged]),
    datasets: method('Research datasets.', paged),
    dataset: lookup('A research dataset, or null.', [number('dataset'), at]),
    matchDataset: method('How a request to use a dataset would be judged.', [json('query'), at]),
    request: lookup('A request to use a dataset, or null.', [number('request'), at]),
    requests: method('Requests to use a dataset.', [number('dataset'), ...paged]),
    grant: lookup('The grant that a request led to, or null.', [number('grant'), at]),
    contribution: lookup('A contribution to a dataset, or null.', [number('dataset'), id('pseudonym'), at]),
    grantAccess: method('Whether a contribution may be released under a grant, and why not.', [
      number('grant'),
      { name: 'researcher', type: 'AccountId' },
      id('pseudonym'),
      at,
    ]),
    ontologyRelease: lookup('The latest release of a disease ontology, or null.', [text('namespace'), at]),
    ethicsApproval: lookup('An ethics approval, or null.', [id('document'), at]),
    subscribeAlerts: {
      description: 'Tells who tries to dispense what must not be dispensed.',
      params: [],
      pubsub: ['alert', 'subscribeAlerts', 'unsubscribeAlerts'],
      type: 'Json',
    },
  },
  dev: {
    advanceTime: method("Moves a development chain's clock forward.", [{ name: 'milliseconds', type: 'u64' }]),
  },
};
