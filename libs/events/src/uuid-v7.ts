import { randomBytes } from 'node:crypto';

/**
 * Makes a UUID of version 7 (RFC 9562): sorts by time, so ids, logs and Redis keys read in order of arrival.
 *
 * @param now milliseconds since the epoch, the first 48 bits
 * @param random ten random bytes; passed in by tests
 */
export function uuidV7(now: number, random: Uint8Array = randomBytes(10)): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes.set(random.subarray(0, 10), 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
