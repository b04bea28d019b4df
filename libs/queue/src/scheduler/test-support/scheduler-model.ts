import type { ConnectionQueue } from '../../records/outcome.ts';
import { dispatch } from '../dispatcher.ts';
import type { Permit } from '../types.ts';
import { PREFIX, queueOf, type Reserved, type RigWorker, type SchedulerRig } from './scheduler-rig.ts';

/** What happens to a delivery that a worker has. */
export const FATES = [
  'sent',
  'answer lost',
  'refused',
  'may not go',
  'may not go for long',
  'crash before asking',
  'crash before sending',
] as const;

export type Fate = (typeof FATES)[number];

const LIMITS = { x: 60, y: 3 } as const;

export type Bot = keyof typeof LIMITS;

/** Three connections of two bots, driven step by step; it knows at any time where each delivery must be. */
export class GateWorld {
  /** By bot, when events were sent: milliseconds, in which the time that was let pass counts. */
  readonly sent: Record<Bot, number[]> = { x: [], y: [] };
  /** Of connections; the configuration may change. */
  readonly bots: Record<string, Bot> = { a: 'x', b: 'x', c: 'y' };
  readonly #rig: SchedulerRig;
  readonly #worker: RigWorker;
  readonly #open = new Set<string>();
  /** Put off for a reason of their own: nothing calls them back but their time. */
  readonly #putOff = new Set<string>();
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

  giveTurns(): Promise<unknown> {
    return dispatch(this.#worker.getBackend());
  }

  /** Takes the next delivery and lets that become of it. */
  async take(fate: Fate): Promise<boolean> {
    const taking = await this.#rig.reserve(this.#worker);
    if (!taking) return false;
    this.#putOff.delete(taking.id);
    if (fate === 'crash before asking') await this.#crash(taking);
    else await this.#follow(taking, await this.#begin(taking, fate), fate);
    return true;
  }

  /** What waits comes back though its permit has not come: the net. */
  async fallIntoNet(index: number): Promise<void> {
    const ids = await this.#rig.redis.zrange(`${PREFIX}:deliveries:delayed`, '0', '-1');
    const id = ids[index % Math.max(1, ids.length)];
    if (!id) return;
    await this.#worker.getBackend().promote(id);
    this.#putOff.delete(id);
  }

  /** An operator erases what waits. */
  async erase(index: number): Promise<void> {
    const id = [...this.#open][index % Math.max(1, this.#open.size)];
    if (!id || (await this.#rig.queue.remove(id)) !== 1) return;
    this.#open.delete(id);
    this.#putOff.delete(id);
  }

  /** Why a delivery that waits would never be called back, if there is one. */
  async findStranded(): Promise<string | undefined> {
    const { redis } = this.#rig;
    for (const id of await redis.zrange(`${PREFIX}:deliveries:delayed`, '0', '-1')) {
      if (this.#putOff.has(id)) continue;
      const why = await this.#whyStranded(id);
      if (why) return `${id} ${why}`;
    }
    return undefined;
  }

  /** Lets time pass and workers work until all is sent, without the net. */
  async drain(): Promise<void> {
    for (let step = 0; step < 1_000 && this.#open.size > 0; step++) {
      await this.#endPuttingOff();
      await this.giveTurns();
      while (await this.take('sent'));
      await this.age(2_000);
    }
  }

  async #endPuttingOff(): Promise<void> {
    for (const id of this.#putOff) {
      // One that could not go yet may have been in its lane, and have got a permit.
      const isDelayed = (await this.#rig.redis.zscore(`${PREFIX}:deliveries:delayed`, id)) !== null;
      if (isDelayed) await this.#worker.getBackend().promote(id);
    }
    this.#putOff.clear();
  }

  #queueOf(connection: string): ConnectionQueue {
    const bot = this.bots[connection] ?? 'x';
    return queueOf(connection, { bot, limit: LIMITS[bot], share: connection === 'a' ? 3 : 1 });
  }

  async #begin({ id, lock, job }: Reserved, fate: Fate, absentSince?: number): Promise<Permit> {
    return this.#rig.scheduler.acquire({
      ...this.#queueOf(job.data.connection),
      deliveryId: id,
      lock,
      ...(fate === 'may not go' ? { notBefore: 100 } : {}),
      ...(fate === 'may not go for long' ? { notBefore: 5_000 } : {}),
      ...(absentSince === undefined ? {} : { absentSince }),
    });
  }

  async #follow(taking: Reserved, permit: Permit, fate: Fate): Promise<void> {
    const { id, job } = taking;
    switch (permit.kind) {
      case 'granted':
        return this.#send(taking, permit.startedAt, fate);
      case 'paced':
      case 'held': {
        const current = { ...taking, job: Object.assign(job, { data: this.#queueOf(job.data.connection) }) };
        return this.#rig.wait({ ...current, permit });
      }
      case 'in_doubt':
        // The events of lost answers were not created, here; whether that shows at once depends.
        if (fate !== 'answer lost') {
          return this.#follow(taking, await this.#begin(taking, fate, permit.startedAt), fate);
        }
        return this.#putOffFor(taking);
      case 'later':
        return this.#putOffFor(taking);
      case 'lost':
        throw new Error(`${id} was lost`);
    }
  }

  async #send(taking: Reserved, startedAt: number, fate: Fate): Promise<void> {
    const { id, job, lock } = taking;
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
          ...taking,
          permit: {
            kind: 'held',
            until: Date.now() + 3_600_000,
            cause: 'refusals',
            reason: '401 Unauthorized',
          },
        });
      }
      case 'answer lost':
        return this.#putOffFor(taking);
      default:
        return this.#crash(taking);
    }
  }

  async #putOffFor({ id, job, lock }: Reserved): Promise<void> {
    this.#putOff.add(id);
    await job.moveToDelayed(Date.now() + 600_000, lock);
  }

  /** Its lock runs out, and BullMQ finds that it has stalled. */
  async #crash({ id, backend }: Reserved): Promise<void> {
    const { redis } = this.#rig;
    await redis.del(`${PREFIX}:deliveries:${id}:lock`);
    for (let look = 1; look <= 2; look++) {
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
        return 'has a permit that is not watched';
      const delay = await redis.zscore(`${PREFIX}:deliveries:delayed`, id);
      if (delay === (await redis.hget(job, 'sl:turn'))) return undefined;
    }
    if ((await redis.zscore(key(`lane:${connection}`), id)) === null) return 'is in no lane';
    if (by) {
      const probe = await redis.zscore(key('held'), connection);
      if (probe === null) return 'is in a forgotten hold';
      return by === 'refusals' && probe === 'inf' ? 'is in a hold without a probe' : undefined;
    }
    if ((await redis.zscore(key(`lanes:${bot}`), connection)) === null) return 'is in a lane out of line';
    return (await redis.zscore(key('due'), bot ?? '')) === null
      ? 'is in a line that is not served'
      : undefined;
  }
}

/** The most events that a bot was sent in any minute, and how many it takes. */
export function busiestMinute(sent: readonly number[], bot: Bot): { most: number; limit: number } {
  const times = [...sent].sort((one, other) => one - other);
  const most = times.reduce((max, from, index) => {
    const until = times.findIndex((time) => time >= from + 60_000);
    return Math.max(max, (until === -1 ? times.length : until) - index);
  }, 0);
  return { most, limit: LIMITS[bot] };
}
