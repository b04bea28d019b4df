/**
 * Reads something of each shard; undefined if one of them cannot be reached: what a part of them has would be taken for
 * what all have.
 */
export async function readOfAll<Shard, Part>(
  shards: readonly Shard[],
  read: (shard: Shard) => Promise<Part | undefined>,
): Promise<readonly Part[] | undefined> {
  const parts = await Promise.all(shards.map(read));
  const known = parts.filter((part) => part !== undefined);
  return known.length === parts.length ? known : undefined;
}

/** Whether something is so in any shard; undefined if it is in none that can be reached, and one cannot. */
export async function isInAny<Shard>(
  shards: readonly Shard[],
  ask: (shard: Shard) => Promise<boolean | undefined>,
): Promise<boolean | undefined> {
  const told = await Promise.all(shards.map(ask));
  return told.includes(true) || (told.includes(undefined) ? undefined : false);
}
