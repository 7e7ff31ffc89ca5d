/** Bytes, or a string of `0x` and hexadecimal digits. */
export type Bytes = Uint8Array | `0x${string}`;

/** What an envelope around a data key is bound to. It opens for exactly this. */
export interface DataKeyContext {
  /** Genesis hash of the chain, 32 bytes. */
  genesis: Bytes;
  /** The record, 32 bytes. */
  record: Bytes;
  /** Its version. */
  version: number;
  /** The commitment to its content, as on chain. */
  commitment: Bytes;
  /** Public key of the recipient, as registered on chain. */
  recipient: Bytes;
  /** Epoch of that key. */
  epoch: number;
  /** Hash of the signed request that the envelope answers; `NO_REQUEST` in the patient's own. */
  request: Bytes;
}

/** What an envelope around a patient's label key is bound to. It opens for exactly this. */
export interface LabelKeyContext {
  /** Genesis hash of the chain, 32 bytes. */
  genesis: Bytes;
  /** The patient, 32 bytes. */
  patient: Bytes;
  /** Epoch of the label key. */
  labelEpoch: number;
  /** Public key of the recipient, as registered on chain. */
  recipient: Bytes;
  /** Epoch of that key. */
  epoch: number;
}

/** A record's content, encrypted. */
export interface SealedContent {
  /** What the object store keeps: nonce (24), ciphertext, tag (16). */
  object: Uint8Array;
  /** BLAKE2b-256 of the object. */
  digest: Uint8Array;
  /** What the chain keeps. */
  commitment: Uint8Array;
  /** Where the object is stored: its digest in hexadecimal, without `0x`. */
  locator: string;
}

export type ErrorCode = 'bad-input' | 'bad-encryption-key' | 'corrupted' | 'unsupported';

/** Everything that this package throws. The message contains neither keys nor content. */
export class EnvelopeError extends Error {
  readonly name: 'EnvelopeError';
  readonly code: ErrorCode;
}

/** Bytes of an envelope: 80. */
export const SEALED_KEY_LENGTH: 80;

/** The `request` of an envelope that answers no request: 32 zeros. */
export const NO_REQUEST: Uint8Array;

/** Codes of HL7 v3 ActCode, information sensitivity policies, in the order of their bits. */
export const SENSITIVITIES: readonly string[];

/** A fresh secret of 32 bytes. */
export function randomKey(): Uint8Array;

/** The X25519 public key of a secret. */
export function publicKeyOf(secret: Bytes): Uint8Array;

/** Wraps a data key to the recipient that the context names. */
export function sealDataKey(context: DataKeyContext, dataKey: Bytes): Promise<Uint8Array>;

/** Unwraps a data key with the recipient's secret. */
export function openDataKey(context: DataKeyContext, sealed: Bytes, secret: Bytes): Promise<Uint8Array>;

/** Wraps a patient's label key to the recipient that the context names. */
export function sealLabelKey(context: LabelKeyContext, labelKey: Bytes): Promise<Uint8Array>;

/** Unwraps a patient's label key with the recipient's secret. */
export function openLabelKey(context: LabelKeyContext, sealed: Bytes, secret: Bytes): Promise<Uint8Array>;

/** Encrypts a version of a record. */
export function sealContent(dataKey: Bytes, record: Bytes, version: number, plaintext: Bytes): SealedContent;

/** Verifies an object against its commitment, and decrypts it. */
export function openContent(
  dataKey: Bytes,
  record: Bytes,
  version: number,
  commitment: Bytes,
  object: Bytes,
): Uint8Array;

/** The commitment to an object, given its BLAKE2b-256. */
export function commitmentOf(dataKey: Bytes, objectDigest: Bytes): Uint8Array;

/** Sensitivity labels as the chain keeps them: 32 bits, permuted. */
export function blindLabels(labelKey: Bytes, codes: readonly string[]): number;

/** The codes that blinded labels stand for. */
export function revealLabels(labelKey: Bytes, blinded: number): string[];

/** The identifier of a record with this plaintext, 32 bytes. */
export function recordIdOf(labelKey: Bytes, plaintext: Bytes): Uint8Array;

/** The blinded identifier of an encounter, 16 bytes, from its reference. */
export function episodeOf(labelKey: Bytes, encounter: string): Uint8Array;
