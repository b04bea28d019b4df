import { type BinaryToTextEncoding, createHmac, timingSafeEqual } from 'node:crypto';

export interface HmacScheme {
  /** What is signed: usually the raw body; or its parts in order, so that the body need not be copied. */
  readonly message: Buffer | string | readonly (Buffer | string)[];
  /** The signature as it came, without its prefix; or several, of which any may match. */
  readonly signature: string | readonly string[];
  readonly encoding: Extract<BinaryToTextEncoding, 'base64' | 'hex'>;
  /** Any of these may have signed: during a rotation old and new are both live. */
  readonly secrets: readonly (string | Buffer)[];
  readonly algorithm?: 'sha256' | 'sha1' | 'sha512';
}

/**
 * Tells whether one of the secrets signed the message.
 *
 * The message is hashed once a secret, however many signatures came with it: those are the sender's to choose.
 *
 * Compares the encoded texts, not decoded bytes: Node's decoders skip what they do not know, so several
 * texts decode alike. Every secret is tried and each comparison takes constant time, so the time taken
 * tells neither which secret matched nor how much of a forgery was right.
 */
export function verifyHmac(scheme: HmacScheme): boolean {
  const received = [scheme.signature].flat().map((signature) => Buffer.from(signature, 'latin1'));
  let matches = false;
  for (const secret of scheme.secrets) {
    const hmac = createHmac(scheme.algorithm ?? 'sha256', secret);
    for (const part of [scheme.message].flat()) hmac.update(part);
    const expected = Buffer.from(hmac.digest(scheme.encoding), 'latin1');
    for (const signature of received) if (equalInConstantTime(signature, expected)) matches = true;
  }
  return matches;
}

/** The length of a digest is public, so only its content needs constant time. */
function equalInConstantTime(received: Buffer, expected: Buffer): boolean {
  const comparable = received.length === expected.length ? received : Buffer.alloc(expected.length);
  return timingSafeEqual(comparable, expected) && comparable === received;
}
