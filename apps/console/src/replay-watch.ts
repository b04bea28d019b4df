import type { ReplayRecord, Replays } from '@sluice/queue';
import { Problem } from './problem.ts';

/** Milliseconds between two looks at a replay that somebody watches. */
const EVERY = 500;

/** Watchers at once, of all replays: each has an open connection. */
const MAX_WATCHERS = 100;

/** Told of a replay whenever it has changed. `isOver`: nothing more will come. */
type Listener = (replay: ReplayRecord, isOver: boolean) => void;

interface Watched {
  readonly listeners: Set<Listener>;
  timer: NodeJS.Timeout | undefined;
  /** As it was told last. */
  told: string;
}

/** Looks at replays that somebody watches: one look for all who watch the same. */
export class ReplayWatch {
  readonly #replays: Pick<Replays, 'get'>;
  readonly #watched = new Map<string, Watched>();
  readonly #onClose = new Set<() => void>();

  constructor(replays: Pick<Replays, 'get'>) {
    this.#replays = replays;
  }

  /** How many watch. */
  get size(): number {
    return [...this.#watched.values()].reduce((sum, { listeners }) => sum + listeners.size, 0);
  }

  /**
   * Watches a replay. What is known of it already is `now`: only what is different is told.
   *
   * @returns ends it
   * @throws Problem `unavailable` when too many watch
   */
  watch(now: ReplayRecord, listener: Listener): () => void {
    if (this.size >= MAX_WATCHERS) {
      throw new Problem('unavailable', `${MAX_WATCHERS} watch already`, { headers: { 'Retry-After': '5' } });
    }
    const watched = this.#watched.get(now.id) ?? this.#begin(now);
    // Whoever joins may know something older or newer than the others: the next look tells all.
    if (watched.told !== JSON.stringify(now)) watched.told = '';
    watched.listeners.add(listener);
    return () => {
      watched.listeners.delete(listener);
      if (watched.listeners.size === 0) this.#end(now.id, watched);
    };
  }

  /** Calls that when the watch is closed, unless the returned function was called before. */
  onClose(callback: () => void): () => void {
    this.#onClose.add(callback);
    return () => void this.#onClose.delete(callback);
  }

  close(): void {
    for (const [id, watched] of this.#watched) this.#end(id, watched);
    for (const callback of this.#onClose) callback();
  }

  #begin(now: ReplayRecord): Watched {
    const watched: Watched = { listeners: new Set(), timer: undefined, told: JSON.stringify(now) };
    this.#watched.set(now.id, watched);
    this.#schedule(now.id, watched);
    return watched;
  }

  #end(id: string, watched: Watched): void {
    clearTimeout(watched.timer);
    if (this.#watched.get(id) === watched) this.#watched.delete(id);
  }

  #schedule(id: string, watched: Watched): void {
    watched.timer = setTimeout(() => void this.#look(id, watched), EVERY);
  }

  async #look(id: string, watched: Watched): Promise<void> {
    // While Redis is away nothing is told; the heartbeat says that the console is there.
    const replay = await this.#replays.get(id).catch(() => undefined);
    if (this.#watched.get(id) !== watched) return;
    const text = replay ? JSON.stringify(replay) : watched.told;
    if (replay && text !== watched.told) {
      watched.told = text;
      const isOver = replay.state !== 'running';
      for (const listener of [...watched.listeners]) listener(replay, isOver);
    }
    if (this.#watched.get(id) === watched) this.#schedule(id, watched);
  }
}
