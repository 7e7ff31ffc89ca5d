// Every way to fail. The message never contains a key or content.
//
// | code | meaning |
// |---|---|
// | `bad-input` | an argument has the wrong type, length or range: a mistake of the caller |
// | `bad-encryption-key` | the recipient's public key is no X25519 key that can be sealed to |
// | `corrupted` | an envelope or object does not open or is not the one committed to: altered, or made for something else |
// | `unsupported` | the runtime has no Web Crypto API with X25519 |
export class EnvelopeError extends Error {
  constructor(code, message, cause) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'EnvelopeError';
    this.code = code;
  }
}
