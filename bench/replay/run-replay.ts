import { setTimeout as pause } from 'node:timers/promises';
import type { ReplayRecord } from '@sluice/queue';
import type { Stage } from './stage.ts';

export const BY = { who: 'bench', reason: 'to be measured' };

/** Lets all dead letters be replayed. Returns the replay's id. */
export function startReplay({ replays }: Stage, perMinute?: number): Promise<string> {
  return replays.run({ filter: {}, until: Date.now(), ...(perMinute ? { perMinute } : {}) }, BY);
}

/** Waits until a replay does not run any more. */
export async function untilEnded({ replays }: Stage, id: string): Promise<ReplayRecord> {
  for (;;) {
    const replay = await replays.get(id);
    if (!replay) throw new Error(`there is no replay ${id} any more`);
    if (replay.state !== 'running') return replay;
    await pause(100);
  }
}
