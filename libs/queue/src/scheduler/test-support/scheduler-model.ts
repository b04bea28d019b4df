import type { ConnectionQueue } from '../../records/outcome.ts';
import { runScript } from '../../redis/scripts.ts';
import type { ReadPurpose } from '../call-windows.ts';
import { dispatch } from '../dispatcher.ts';
import { WINDOW_SCRIPTS } from '../scripts.ts';
import type { Permit } from '../types.ts';
import { planWindows, windowText } from '../workspace-window.ts';
import { PREFIX, queueOf, type Reserved, type RigWorker, type SchedulerRig } from './scheduler-rig.ts';

/** What happens to a delivery that a worker has reserved. */
export const FATES = [
  'sent',
  'response lost',
  'refused',
  'has to wait',
  'has to wait long',
  'crash before the permit',
  'crash before sending',
] as const;

export type Fate = (typeof FATES)[number];

const LIMITS = { x: 60, y: 3 } as const;

/** Calls a second of the workspace that both bots belong to. */
export const CALLS_PER_SECOND = 3;

const WINDOWS = planWindows(
  Object.entries(LIMITS).map(([id, eventsPerMinute]) => ({ id, eventsPerMinute, workspace: 'w' })),
  { callsPerSecond: CALLS_PER_SECOND, shards: 1 },
);

export type Bot = keyof typeof LIMITS;

/** Three connections of two bots, driven step by step. The model knows where each delivery must be after each step. */
export class SchedulerModel {
  /** When events were sent, by bot: milliseconds, including the time that `age` skipped. */
  readonly sent: Record<Bot, number[]> = { x: [], y: [] };
  /** When reads started, on the same clock. */
  readonly read: number[] = [];
  /** The bot of each connection; the configuration may change. */
  readonly bots: Record<string, Bot> = { a: 'x', b: 'x', c: 'y' };
  readonly #rig: SchedulerRig;
  readonly #worker: RigWorker;
  readonly #open = new Set<string>();
  /** Delayed by their worker until a fixed time. */
  readonly #delayed = new Set<string>();
  #aged = 0;

  constructor(rig: SchedulerRig, worker: RigWorker) {
    this.#rig = rig;
    this.#worker = worker;
  }

  get open(): ReadonlySet<string> {
    return this.#open;
  }

  async enqueue(connection: string): Promise<void> {
    for (const id of await this.#rig.enqueue(this.#queueOf(connection))) this.#open.add(id);
  }

  async age(ms: number): Promise<void> {
    this.#aged += ms;
    await this.#rig.age(ms);
  }

  /** Takes a call that only reads, if its share of the window allows it. */
  async readOnce(purpose: ReadPurpose): Promise<void> {
    const { redis } = this.#rig;
    const args = [this.#rig.key(''), windowText(WINDOWS.windowOf('x')), purpose, 1] as const;
    const [isTaken, wait] = (await runScript(redis, WINDOW_SCRIPTS.takeCall, ...args)) as [number, number];
    const [seconds = 0, micros = 0] = (await redis.time()).map(Number);
    if (isTaken === 1) this.read.push(seconds * 1_000 + Math.floor(micros / 1_000) + wait + this.#aged);
  }

  dispatch(): Promise<unknown> {
    return dispatch(this.#worker.getBackend());
  }

  /** Reserves the next delivery and applies the given event to it. Returns whether a delivery was waiting. */
  async process(fate: Fate): Promise<boolean> {
    const reserved = await this.#rig.reserve(this.#worker);
    if (!reserved) return false;
    this.#delayed.delete(reserved.id);
    if (fate === 'crash before the permit') await this.#crash(reserved);
    else await this.#follow(reserved, await this.#acquire(reserved, fate), fate);
    return true;
  }

  /** A parked delivery is promoted without a permit, as after its timeout. */
  async timeOut(index: number): Promise<void> {
    const ids = await this.#rig.redis.zrange(`${PREFIX}:deliveries:delayed`, '0', '-1');
    const id = ids[index % Math.max(1, ids.length)];
    if (!id) return;
    await this.#worker.getBackend().promote(id);
    this.#delayed.delete(id);
  }

  /** An operator erases a waiting delivery. */
  async erase(index: number): Promise<void> {
    const id = [...this.#open][index % Math.max(1, this.#open.size)];
    if (!id || (await this.#rig.queue.remove(id)) !== 1) return;
    this.#open.delete(id);
    this.#delayed.delete(id);
  }

  /** Returns why a parked delivery would never be dispatched, if there is one. */
  async findStranded(): Promise<string | undefined> {
    const { redis } = this.#rig;
    for (const id of await redis.zrange(`${PREFIX}:deliveries:delayed`, '0', '-1')) {
      if (this.#delayed.has(id)) continue;
      const why = await this.#whyStranded(id);
      if (why) return `${id} ${why}`;
    }
    return undefined;
  }

  /** Lets time pass and workers process until all are sent, without timeouts. */
  async drain(): Promise<void> {
    for (let step = 0; step < 1_000 && this.#open.size > 0; step++) {
      await this.#endDelays();
      await this.dispatch();
      while (await this.process('sent'));
      await this.age(2_000);
    }
  }

  async #endDelays(): Promise<void> {
    for (const id of this.#delayed) {
      // A delivery that had to wait may have been queued, and have a permit.
      const isDelayed = (await this.#rig.redis.zscore(`${PREFIX}:deliveries:delayed`, id)) !== null;
      if (isDelayed) await this.#worker.getBackend().promote(id);
    }
    this.#delayed.clear();
  }

  #queueOf(connection: string): ConnectionQueue {
    const bot = this.bots[connection] ?? 'x';
    const workspace = WINDOWS.windowOf(bot);
    return queueOf(connection, {
      ...{ bot, limit: LIMITS[bot], share: connection === 'a' ? 3 : 1 },
      ...(workspace ? { workspace } : {}),
    });
  }

  async #acquire({ id, lock, job }: Reserved, fate: Fate, absentSince?: number): Promise<Permit> {
    return this.#rig.scheduler.acquire({
      ...this.#queueOf(job.data.connection),
      deliveryId: id,
      lock,
      ...(fate === 'has to wait' ? { notBefore: 100 } : {}),
      ...(fate === 'has to wait long' ? { notBefore: 5_000 } : {}),
      ...(absentSince === undefined ? {} : { absentSince }),
    });
  }

  async #follow(reserved: Reserved, permit: Permit, fate: Fate): Promise<void> {
    const { id, job } = reserved;
    switch (permit.kind) {
      case 'granted':
        return this.#send(reserved, permit.startedAt, fate);
      case 'paced':
      case 'held': {
        const current = {
          ...reserved,
          job: Object.assign(job, { data: this.#queueOf(job.data.connection) }),
        };
        return this.#rig.wait({ ...current, permit });
      }
      case 'in_doubt':
        // Here, attempts whose response was lost created no event. The lookup may not see that at once.
        if (fate !== 'response lost') {
          return this.#follow(reserved, await this.#acquire(reserved, fate, permit.startedAt), fate);
        }
        return this.#delay(reserved);
      case 'later':
        return this.#delay(reserved);
      case 'lost':
        throw new Error(`${id} is lost.`);
    }
  }

  async #send(reserved: Reserved, startedAt: number, fate: Fate): Promise<void> {
    const { id, job, lock } = reserved;
    this.sent[this.bots[job.data.connection] ?? 'x'].push(startedAt + this.#aged);
    switch (fate) {
      case 'sent':
        this.#open.delete(id);
        await job.moveToCompleted({ eventId: 'evt' }, lock, false);
        await this.#rig.scheduler.recordSuccess(job.data.connection);
        return;
      case 'refused': {
        const { connection } = job.data;
        await this.#rig.scheduler.clearAttempt(id, startedAt);
        await this.#rig.scheduler.recordFailure(connection, {
          kind: 'bot',
          reason: '401 Unauthorized',
          limit: 3,
        });
        return this.#rig.wait({
          ...reserved,
          permit: {
            kind: 'held',
            until: Date.now() + 3_600_000,
            cause: 'refusals',
            reason: '401 Unauthorized',
          },
        });
      }
      case 'response lost':
        return this.#delay(reserved);
      default:
        return this.#crash(reserved);
    }
  }

  async #delay({ id, job, lock }: Reserved): Promise<void> {
    this.#delayed.add(id);
    await job.moveToDelayed(Date.now() + 600_000, lock);
  }

  /** Its lock expires, and BullMQ finds that it has stalled. */
  async #crash({ id, backend }: Reserved): Promise<void> {
    const { redis } = this.#rig;
    await redis.del(`${PREFIX}:deliveries:${id}:lock`);
    for (let check = 1; check <= 2; check++) {
      await redis.del(`${PREFIX}:deliveries:stalled-check`);
      await backend.moveStalledJobsToWait();
    }
  }

  async #whyStranded(id: string): Promise<string | undefined> {
    const { redis } = this.#rig;
    const key = (name: string) => this.#rig.key(name);
    const job = `${PREFIX}:deliveries:${id}`;
    const { connection } = JSON.parse((await redis.hget(job, 'data')) ?? '{}') as ConnectionQueue;
    const [bot, by] = await redis.hmget(key(`connection:${connection}`), 'bot', 'by');
    for (const name of Object.keys(LIMITS)) {
      if ((await redis.zscore(key(`turns:${name}`), id)) === null) continue;
      if ((await redis.zscore(key('turns'), `${id}:${name}`)) === null)
        return 'has a permit that is never checked';
      const delay = await redis.zscore(`${PREFIX}:deliveries:delayed`, id);
      if (delay === (await redis.hget(job, 'sl:turn'))) return undefined;
    }
    if ((await redis.zscore(key(`lane:${connection}`), id)) === null) return 'is in no queue';
    if (by) {
      const probe = await redis.zscore(key('held'), connection);
      if (probe === null) return 'is held by a hold that is never checked';
      return by === 'refusals' && probe === 'inf' ? 'is held without a probe' : undefined;
    }
    if ((await redis.zscore(key(`lanes:${bot}`), connection)) === null)
      return 'is in a queue outside of the fair queue';
    return (await redis.zscore(key('due'), bot ?? '')) === null
      ? 'is in a fair queue that is never served'
      : undefined;
  }
}

/** Returns the most events that a bot received within a minute, and its limit. */
export function busiestMinute(sent: readonly number[], bot: Bot): { most: number; limit: number } {
  return { most: mostWithin(60_000, sent), limit: LIMITS[bot] };
}

/** Returns the most of these times within any `ms` milliseconds. */
export function mostWithin(ms: number, of: readonly number[]): number {
  const times = [...of].sort((one, other) => one - other);
  return times.reduce((max, from, index) => {
    const until = times.findIndex((time) => time >= from + ms);
    return Math.max(max, (until === -1 ? times.length : until) - index);
  }, 0);
}
