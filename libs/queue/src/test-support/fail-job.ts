import { type Job, UnrecoverableError } from 'bullmq';
import { attachFailure } from '../bullmq/backend.ts';
import type { WrittenFailure } from '../records/failure.ts';

/** Fails a reserved job as a worker does. */
export async function failJob(job: Job, { message, failure }: WrittenFailure): Promise<void> {
  attachFailure(job, failure);
  await job.moveToFailed(new UnrecoverableError(message), 'lock', false);
}

/** Fails a reserved job as earlier versions did: they wrote the whole failure as BullMQ's failed reason. */
export async function failJobAsEarlier(job: Job, { message, failure }: WrittenFailure): Promise<void> {
  const { detail, ...rest } = JSON.parse(failure) as { readonly detail: object };
  const { '~sieve': bloomFilter, ...properties } = rest as Record<string, unknown>;
  const earlier = { ...properties, detail: { message, ...detail }, '~sieve': bloomFilter };
  await job.moveToFailed(new UnrecoverableError(JSON.stringify(earlier)), 'lock', false);
}
