import type { Worker } from 'node:cluster';
import { type Health, type HealthChecks, toHealth } from '../health.ts';

/** Milliseconds between what a process tells of itself. */
const EVERY = 1_000;

/**
 * Times that a process is silent before it counts as one that hangs: ten seconds. They are counted and not taken from
 * a clock, so that a machine that slept, and all processes with it, takes none of them for hanging.
 */
const SILENCES = 10;

/** What one of several processes tells the first. */
interface Told {
  readonly kind: 'sluice:health';
  readonly ready: Health;
  readonly started: Health;
}

/** Tells the first process every second how this one is, for as long as its loop turns. */
export function reportHealth({ ready, started }: Omit<HealthChecks, 'alive'>): void {
  const tell = async () => {
    const told: Told = { kind: 'sluice:health', ready: await ready(), started: started() };
    if (process.connected) process.send?.(told);
  };
  setInterval(() => void tell(), EVERY).unref();
}

/** What the first process has been told by the others. */
export class HealthReports {
  readonly #latest = new Map<Worker, Told>();

  /** Of all of them: alive as long as the first is, which replaces those that are not; ready as soon as one is. */
  readonly checks = {
    alive: () => toHealth(undefined),
    ready: () => this.#any(({ ready }) => ready),
    started: () => this.#any(({ started }) => started),
  } satisfies HealthChecks;

  /** Listens to a process that has begun its work. One that tells nothing for ten seconds hangs: that is told. */
  follow(one: Worker, onHanging: () => void): void {
    let silences = 0;
    const timer = setInterval(() => {
      if (++silences !== SILENCES) return;
      this.#latest.delete(one);
      onHanging();
    }, EVERY);
    one.on('message', (message: unknown) => {
      if (!isTold(message)) return;
      silences = 0;
      this.#latest.set(one, message);
    });
    one.once('exit', () => {
      clearInterval(timer);
      this.#latest.delete(one);
    });
  }

  #any(of: (told: Told) => Health): Health {
    const all = [...this.#latest.values()].map(of);
    return all.find(({ ok }) => ok) ?? all[0] ?? toHealth('no process has said yet that it listens');
  }
}

function isTold(message: unknown): message is Told {
  return (
    typeof message === 'object' && message !== null && 'kind' in message && message.kind === 'sluice:health'
  );
}
