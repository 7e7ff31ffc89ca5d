// Opens and makes what Salus encrypts. Nothing here talks to a network.

export { commitmentOf, openContent, sealContent } from './content.js';
export { NO_REQUEST, openDataKey, openLabelKey, SEALED_KEY_LENGTH, sealDataKey, sealLabelKey } from './envelope.js';
export { EnvelopeError } from './error.js';
export { publicKeyOf, randomKey } from './keys.js';
export { blindLabels, episodeOf, recordIdOf, revealLabels, SENSITIVITIES } from './labels.js';
