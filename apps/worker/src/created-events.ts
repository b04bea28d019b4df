import { type BotTarget, callerKey } from '@sluice/botpress';

interface CreatedEvent {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Lists of events that are remembered, and events per list. */
const MAX_LISTS = 1_000;
const MAX_EVENTS = 32;

/**
 * Remembers some events that Botpress confirmed, per target and type. A list that does not contain a confirmed event is
 * behind, and proves of no other event that it is absent.
 */
export class CreatedEvents {
  readonly #spacing: number;
  /** Oldest first; the list with the latest event is the last. */
  readonly #lists = new Map<string, CreatedEvent[]>();

  /** @param verifyAfterMs milliseconds in which an event must be listed; eight events are remembered in that time */
  constructor(verifyAfterMs: number) {
    this.#spacing = verifyAfterMs / 8;
  }

  /** Remembers an event, unless another one was created shortly before. */
  record(target: BotTarget, type: string, event: CreatedEvent): void {
    const key = keyOf(target, type);
    const events = this.#lists.get(key) ?? [];
    const last = events.at(-1);
    if (last && event.at - last.at < this.#spacing) return;
    events.push(event);
    if (events.length > MAX_EVENTS) events.shift();
    this.#lists.delete(key);
    this.#lists.set(key, events);
    const [oldest] = this.#lists.keys();
    if (this.#lists.size > MAX_LISTS && oldest !== undefined) this.#lists.delete(oldest);
  }

  /** Returns the remembered events of a period, oldest first. */
  between(target: BotTarget, type: string, from: number, to: number): readonly CreatedEvent[] {
    return (this.#lists.get(keyOf(target, type)) ?? []).filter(({ at }) => at >= from && at <= to);
  }
}

function keyOf(target: BotTarget, type: string): string {
  return JSON.stringify([callerKey(target), type]);
}
