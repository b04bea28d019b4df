import type { ReplayRecord, Replays } from '@sluice/queue';
import { Problem } from './http/problem.ts';

/** Milliseconds between two reads of a watched replay. */
const INTERVAL = 500;

/** Watchers of all replays together. Each has an open connection. */
const MAX_WATCHERS = 100;

/** Called when a replay has changed. `isOver`: no further call follows. */
type Listener = (replay: ReplayRecord, isOver: boolean) => void;

interface WatchedReplay {
  readonly listeners: Set<Listener>;
  timer: NodeJS.Timeout | undefined;
  /** The replay that all listeners know, as JSON. Empty if they know different ones. */
  known: string;
}

/** Watches replays. All watchers of a replay share one read. */
export class ReplayWatch {
  readonly #replays: Pick<Replays, 'get'>;
  readonly #watched = new Map<string, WatchedReplay>();
  readonly #onClose = new Set<() => void>();

  constructor(replays: Pick<Replays, 'get'>) {
    this.#replays = replays;
  }

  /** Number of watchers. */
  get size(): number {
    return [...this.#watched.values()].reduce((sum, { listeners }) => sum + listeners.size, 0);
  }

  /**
   * Watches a replay for changes.
   *
   * @param current the replay as the watcher knows it
   * @returns a function that ends the watch
   * @throws Problem `unavailable` with too many watchers
   */
  watch(current: ReplayRecord, listener: Listener): () => void {
    if (this.size >= MAX_WATCHERS) {
      throw new Problem(
        'unavailable',
        `The limit of ${MAX_WATCHERS} watchers is reached. Retry in a few seconds.`,
        {
          headers: { 'Retry-After': '5' },
        },
      );
    }
    const watched = this.#watched.get(current.id) ?? this.#begin(current);
    // The new watcher may know an older or newer state than the others, so the next read is sent to all.
    if (watched.known !== JSON.stringify(current)) watched.known = '';
    watched.listeners.add(listener);
    return () => {
      watched.listeners.delete(listener);
      if (watched.listeners.size === 0) this.#end(current.id, watched);
    };
  }

  /** Calls back when the watch is closed. Returns a function that removes the callback. */
  onClose(callback: () => void): () => void {
    this.#onClose.add(callback);
    return () => void this.#onClose.delete(callback);
  }

  close(): void {
    for (const [id, watched] of this.#watched) this.#end(id, watched);
    for (const callback of this.#onClose) callback();
  }

  #begin(current: ReplayRecord): WatchedReplay {
    const watched: WatchedReplay = {
      listeners: new Set(),
      timer: undefined,
      known: JSON.stringify(current),
    };
    this.#watched.set(current.id, watched);
    this.#schedule(current.id, watched);
    return watched;
  }

  #end(id: string, watched: WatchedReplay): void {
    clearTimeout(watched.timer);
    if (this.#watched.get(id) === watched) this.#watched.delete(id);
  }

  #schedule(id: string, watched: WatchedReplay): void {
    watched.timer = setTimeout(() => void this.#read(id, watched), INTERVAL);
  }

  async #read(id: string, watched: WatchedReplay): Promise<void> {
    // While Redis is unavailable, watchers get heartbeats only.
    const replay = await this.#replays.get(id).catch(() => undefined);
    if (this.#watched.get(id) !== watched) return;
    const text = replay ? JSON.stringify(replay) : watched.known;
    if (replay && text !== watched.known) {
      watched.known = text;
      const isOver = replay.state !== 'running';
      for (const listener of [...watched.listeners]) listener(replay, isOver);
    }
    if (this.#watched.get(id) === watched) this.#schedule(id, watched);
  }
}
