import type { Caller } from './bots.ts';
import { type StatusPlan, statusAt } from './event-status.ts';
import type { Modes } from './modes.ts';

/** An event and its position in the order of creation, from 0. */
export interface StoredEvent {
  readonly sequence: number;
  readonly event: SandboxEvent;
}

/** The newest events with their payloads. */
export interface EventStore {
  add(event: SandboxEvent): void;
  /** Returns undefined if the event is unknown or no longer kept. */
  get(id: string): SandboxEvent | undefined;
  /** Returns events, newest first; with `beforeSequence` only those created before it. */
  newestFirst(beforeSequence?: number): Iterable<StoredEvent>;
  clear(): void;
}

/** Creates a store of the newest `keep` events: a benchmark with a million events must fit in memory. */
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
      const position = added % keep;
      const replaced = ring[position];
      if (replaced) byId.delete(replaced.id);
      ring[position] = event;
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

/** A stored event. Its status follows from the plan and the time. */
export interface SandboxEvent extends StatusPlan {
  readonly id: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly botId: string;
  /** Absent if the bot itself created the event. */
  readonly integrationId?: string | undefined;
  readonly integrationAlias?: string | undefined;
  /** Event type as sent: without a prefix if an integration sent it. */
  readonly type: string;
  /** JSON text. A parsed payload of 8 kB takes five times the memory, and the sandbox only returns it. */
  readonly payload: string;
  /** The payload's `deliveryId`, if present. */
  readonly deliveryId?: string | undefined;
  readonly conversationId?: string | undefined;
  readonly userId?: string | undefined;
  readonly messageId?: string | undefined;
  readonly workflowId?: string | undefined;
}

/** Returns whether the caller sees the event: a bot sees all its events, an integration its own on that bot. */
export function isVisible(event: SandboxEvent, caller: Caller): boolean {
  if (event.botId !== caller.botId) return false;
  return caller.integrationId === undefined || caller.integrationId === event.integrationId;
}

/** Returns the type as the caller sees it: `alias:type` for the bot, and for the integration as the mode says. */
export function typeFor(event: SandboxEvent, caller: Caller, modes: Modes): string {
  const isBare = caller.integrationId !== undefined && modes.get('eventType') === 'bare';
  if (event.integrationId === undefined || isBare) return event.type;
  return `${event.integrationAlias ?? event.integrationId}:${event.type}`;
}

/**
 * Returns the event as JSON text of the Runtime API, as the caller sees it.
 *
 * @param now time that its status is shown for, in milliseconds since the epoch
 */
export function serializeEvent(event: SandboxEvent, caller: Caller, modes: Modes, now: number): string {
  const rest = JSON.stringify({
    conversationId: event.conversationId,
    userId: event.userId,
    messageId: event.messageId,
    ...statusAt(event, now),
  });
  const type = JSON.stringify(typeFor(event, caller, modes));
  const head = `{"id":"${event.id}","createdAt":"${event.createdAt}","type":${type}`;
  return `${head},"payload":${event.payload},${rest.slice(1)}`;
}
