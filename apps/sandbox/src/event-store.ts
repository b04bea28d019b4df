import type { SandboxEvent } from './event.ts';

/** An event and its place in the order of creation, from 0. */
export interface StoredEvent {
  readonly sequence: number;
  readonly event: SandboxEvent;
}

/** The newest events, with their payloads. */
export interface EventStore {
  add(event: SandboxEvent): void;
  /** Undefined when there is none, or when it is too old to be kept. */
  get(id: string): SandboxEvent | undefined;
  /** Newest first, only those before `sequence` if one is given. */
  newestFirst(beforeSequence?: number): Iterable<StoredEvent>;
  clear(): void;
}

/** Makes a store that keeps the newest `keep` events: a benchmark of a million of them must fit in memory. */
export function createEventStore(keep: number): EventStore {
  let ring: SandboxEvent[] = [];
  let added = 0;
  const byId = new Map<string, SandboxEvent>();

  function* newestFirst(beforeSequence = added): Generator<StoredEvent> {
    const oldest = Math.max(0, added - keep);
    for (let sequence = Math.min(beforeSequence, added) - 1; sequence >= oldest; sequence--) {
      const event = ring[sequence % keep];
      if (event) yield { sequence, event };
    }
  }

  return {
    add(event) {
      const place = added % keep;
      const replaced = ring[place];
      if (replaced) byId.delete(replaced.id);
      ring[place] = event;
      byId.set(event.id, event);
      added++;
    },
    get: (id) => byId.get(id),
    newestFirst,
    clear() {
      ring = [];
      added = 0;
      byId.clear();
    },
  };
}
