import type { RedisQueueBackend } from 'bullmq';
import { type Extension, extendScript } from '../extend-script.ts';
import { gateBase } from './gate-keys.ts';
import { prefixOf } from './prefix-of.ts';
import { GIVE_TURNS, MOST_TURNS } from './scripts/give-turns.ts';

const EXTENSION: Extension = { command: 'gate:giveTurns', extended: 'promote', lua: GIVE_TURNS };

/**
 * Gives the turns that are due, of all bots, and puts those who get one where workers take them. Any process
 * may call it at any time.
 *
 * @returns how many there were, at most 200, and in how many milliseconds there may be more
 */
export async function giveTurns(backend: RedisQueueBackend): Promise<{ given: number; next: number }> {
  const client = await backend.client;
  extendScript(client, EXTENSION);
  const { delayed, wait, paused, meta, prioritized, active, pc, events, marker } = backend.keys;
  const theirs = [delayed, wait, paused, meta, prioritized, active, pc, events, marker];
  const args = [...theirs, gateBase(prefixOf(backend)), backend.toKey(''), '', MOST_TURNS];
  const [given, next] = (await client.runCommand(EXTENSION.command, args)) as [number, number];
  return { given, next };
}
