import { type BinaryToTextEncoding, createHash, createHmac, timingSafeEqual } from 'node:crypto';

export interface HmacScheme {
  /**
   * The signed message: usually the raw body. Several parts are hashed in order, so the body is not copied.
   */
  readonly message: Buffer | string | readonly (Buffer | string)[];
  /** The received signature without its prefix, or several candidates of which any may match. */
  readonly signature: string | readonly string[];
  readonly encoding: Extract<BinaryToTextEncoding, 'base64' | 'hex'>;
  /** Any of these may have signed: during a rotation the old and the new secret are both valid. */
  readonly secrets: readonly (string | Buffer)[];
  /** Default `sha256`. */
  readonly algorithm?: 'sha256' | 'sha1' | 'sha512';
}

/**
 * Returns whether one of the secrets signed the message.
 *
 * The message is hashed once per secret, regardless of the number of signatures, which the sender controls.
 *
 * Compares encoded texts, not decoded bytes: Node's decoders skip invalid characters, so several texts decode
 * to the same bytes. Every secret is tried and every comparison takes constant time, so the time taken
 * reveals neither which secret matched nor how much of a forged signature was right.
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

/** The length of a digest is public, so only its content is compared in constant time. */
function equalInConstantTime(received: Buffer, expected: Buffer): boolean {
  const comparable = received.length === expected.length ? received : Buffer.alloc(expected.length);
  return timingSafeEqual(comparable, expected) && comparable === received;
}

/**
 * Returns whether a received token equals one of the secrets.
 *
 * Compares SHA-256 digests and tries every secret, so the time taken reveals neither the length nor the
 * beginning of a secret, nor which one matched. An empty token equals an empty secret: callers reject it.
 */
export function verifyToken(token: string | Buffer, secrets: readonly string[]): boolean {
  const received = digest(token);
  let matches = false;
  for (const secret of secrets) if (timingSafeEqual(received, digest(secret))) matches = true;
  return matches;
}

function digest(text: string | Buffer): Buffer {
  return createHash('sha256').update(text).digest();
}
