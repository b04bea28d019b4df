import { createHash } from 'node:crypto';

/** A UUID that is the same for the same seed, so that sending the same number again is a resend. */
export function sampleId(seed: string): string {
  const hex = createHash('sha256').update(seed).digest('hex');
  const version = `4${hex.slice(13, 16)}`;
  const variant = `a${hex.slice(17, 20)}`;
  return [hex.slice(0, 8), hex.slice(8, 12), version, variant, hex.slice(20, 32)].join('-');
}
