/** Slots of a Redis Cluster. */
export const SLOTS = 16_384;

/**
 * The slot of a hash tag: its CRC16 (XMODEM), as the specification of Redis Cluster has it.
 *
 * @param tag what stands between the braces; ASCII
 */
export function slotOf(tag: string): number {
  let crc = 0;
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc % SLOTS;
}
