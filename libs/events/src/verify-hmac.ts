import { type BinaryToTextEncoding, createHmac, timingSafeEqual } from 'node:crypto';

export interface HmacScheme {
  /** What is signed: usually the raw body. */
  readonly message: Buffer | string;
  /** The signature as it came, without its prefix. */
  readonly signature: string;
  readonly encoding: Extract<BinaryToTextEncoding, 'base64' | 'hex'>;
  /** Any of these may have signed: during a rotation old and new are both live. */
  readonly secrets: readonly (string | Buffer)[];
  readonly algorithm?: 'sha256' | 'sha1' | 'sha512';
}

/**
 * Tells whether one of the secrets signed the message.
 *
 * Compares the encoded texts, not decoded bytes: Node's decoders skip what they do not know, so several
 * texts decode alike. Every secret is tried and each comparison takes constant time, so the time taken
 * tells neither which secret matched nor how much of a forgery was right.
 */
export function verifyHmac(scheme: HmacScheme): boolean {
  const received = Buffer.from(scheme.signature, 'latin1');
  let matches = false;
  for (const secret of scheme.secrets) {
    const digest = createHmac(scheme.algorithm ?? 'sha256', secret).update(scheme.message);
    if (equalInConstantTime(received, Buffer.from(digest.digest(scheme.encoding), 'latin1'))) matches = true;
  }
  return matches;
}

/** The length of a digest is public, so only its content needs constant time. */
function equalInConstantTime(received: Buffer, expected: Buffer): boolean {
  const comparable = received.length === expected.length ? received : Buffer.alloc(expected.length);
  return timingSafeEqual(comparable, expected) && comparable === received;
}
