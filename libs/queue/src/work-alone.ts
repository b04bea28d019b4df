import type { Job } from 'bullmq';
import type { DeliveryOutcome } from './delivery-outcome.ts';
import type { Solitary } from './solitary.ts';

/** Crashes after which a delivery is a suspect. The first is mostly a deploy or a machine that went. */
const SUSPECT = 2;

/** Milliseconds until a suspect asks again, one to two times this. */
const ASK_AGAIN = 500;

/**
 * Works on a delivery: as it comes, or alone where its process has died with it before.
 *
 * @param work does not reject for anything that a delivery can cause
 */
export async function workAlone(
  { job, lock, solitary }: { readonly job: Job; readonly lock: string; readonly solitary: Solitary },
  work: () => Promise<DeliveryOutcome>,
): Promise<DeliveryOutcome> {
  if (job.stalledCounter < SUSPECT) return work();
  const id = job.id ?? '';
  const admission = await solitary.enter(id, lock);
  switch (admission) {
    case 'lost':
      return { kind: 'lost' };
    case 'busy':
      return { kind: 'paced', until: Math.ceil(Date.now() + ASK_AGAIN * (1 + Math.random())) };
    case 'condemned': {
      const message = `its process died ${job.stalledCounter} times while working on it, at last with nothing beside it`;
      return { kind: 'dead', reason: 'crashed', detail: { message } };
    }
    case 'alone':
      try {
        return await work();
      } finally {
        await solitary.leave(id, lock);
      }
  }
}
