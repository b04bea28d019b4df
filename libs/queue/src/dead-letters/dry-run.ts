import {
  type BotpressEvent,
  type ConnectionMapping,
  type Delivery,
  type EventLink,
  hasRecords,
  prepareEvent,
} from '@sluice/events';
import { createPatch, type Operation } from 'rfc6902';
import type { DeadLetters } from './dead-letters.ts';
import type { DeadLetterFilter } from './filter.ts';

/** The connections with their mappers. */
export interface Mappers {
  /** Returns a connection by its id, if there is one. */
  get(connection: string): ConnectionMapping | undefined;
}

/** Deliveries that would fail again for the same reason. */
export interface PreviewedFailure {
  readonly reason: string;
  readonly connection: string;
  readonly topic: string;
  readonly message: string;
  readonly example: string;
  count: number;
}

/** Deliveries that would become the same event. */
export interface PreviewedEvent {
  readonly event: string;
  /** The first of them; with mappers to compare, the first that changes. */
  example: { readonly id: string; readonly event: BotpressEvent; readonly changes?: readonly Operation[] };
  count: number;
  /** How many are sent without their full body because of their size. */
  leftOut: number;
  /** How many name tags of a conversation, user or message. Absent if no connection links the event. */
  linked?: number;
  /** How many become another event with the mappers to compare. */
  changed: number;
}

/** Previews what the current mappers make of dead letters, without sending anything. */
export class DryRun {
  readonly #connections: Mappers;
  readonly #others: Mappers | undefined;
  readonly #events = new Map<string, PreviewedEvent>();
  readonly #failures = new Map<string, PreviewedFailure>();
  #withoutEvent = 0;

  /** @param others mappers to compare with */
  constructor(connections: Mappers, others?: Mappers) {
    this.#connections = connections;
    this.#others = others;
  }

  /** Previews a delivery. */
  add(delivery: Delivery): void {
    const prepared = prepareEvent(this.#connections.get(delivery.connection), delivery);
    switch (prepared.kind) {
      case 'ready':
        this.#addEvent(delivery, prepared.event, prepared.link);
        return;
      case 'compliance':
      case 'forward':
        this.#withoutEvent++;
        return;
      case 'dead': {
        const [issue] = prepared.issues ?? [];
        const message = issue ? `${issue.path}: ${issue.message}` : prepared.message;
        this.addFailure(delivery, prepared.reason, message);
      }
    }
  }

  /** Adds a delivery that is known to fail. */
  addFailure(
    { id, connection, topic }: Pick<Delivery, 'connection' | 'topic'> & { readonly id: string },
    reason: string,
    message: string,
  ): void {
    const key = JSON.stringify([reason, connection, topic, message]);
    const same = this.#failures.get(key) ?? { reason, connection, topic, message, example: id, count: 0 };
    same.count++;
    this.#failures.set(key, same);
  }

  #addEvent(delivery: Delivery, event: BotpressEvent, link?: EventLink): void {
    const { id } = delivery;
    const changes = this.#changesOf(delivery, event);
    const same = this.#events.get(event.type) ?? {
      ...{ event: event.type, example: { id, event }, count: 0, leftOut: 0, changed: 0 },
    };
    same.count++;
    if (event.payload.fullBodyLeftOut === true) same.leftOut++;
    if (link) same.linked = (same.linked ?? 0) + (hasRecords(link) ? 1 : 0);
    if (changes.length > 0) {
      if (same.changed === 0) same.example = { id, event, changes };
      same.changed++;
    }
    this.#events.set(event.type, same);
  }

  /** Returns the changes from the event of the other mappers; empty where those create none. */
  #changesOf(delivery: Delivery, event: BotpressEvent): readonly Operation[] {
    if (!this.#others) return [];
    const other = prepareEvent(this.#others.get(delivery.connection), delivery);
    return other.kind === 'ready' ? createPatch(other.event, event) : [];
  }

  /**
   * The counts, largest first. `duties` are compliance requests and forwards, which succeed without an event;
   * `leftOut` are events without their full body because of their size.
   */
  get result() {
    const byCount = (one: { count: number }, other: { count: number }) => other.count - one.count;
    const become = [...this.#events.values()].sort(byCount);
    const die = [...this.#failures.values()].sort(byCount);
    const sum = (list: readonly { count: number }[]) => list.reduce((total, { count }) => total + count, 0);
    const duties = this.#withoutEvent;
    const leftOut = become.reduce((total, { leftOut: size }) => total + size, 0);
    return { succeed: sum(become) + duties, fail: sum(die), leftOut, become, die, duties };
  }
}

export type DryRunResult = DryRun['result'];

/** Bodies per round trip; 8 kB each. */
const PAGE = 100;

/**
 * Previews the newest dead letters that match.
 *
 * @param limit most dead letters
 * @param onProgress called with the number of dead letters so far
 */
export async function executeDryRun(
  deadLetters: Pick<DeadLetters, 'find' | 'bodies'>,
  filter: DeadLetterFilter,
  limit: number,
  dryRun: DryRun,
  onProgress: (count: number) => void,
): Promise<void> {
  let cursor: string | undefined;
  let left = limit;
  let count = 0;
  do {
    const page = await deadLetters.find(filter, { order: 'newest', limit: Math.min(PAGE, left), cursor });
    const byId = new Map(page.letters.map((letter) => [letter.id, letter]));
    for (const reading of await deadLetters.bodies([...byId.keys()])) {
      if (reading.ok) dryRun.add(reading.delivery);
      else {
        const { connection = '', topic = '' } = byId.get(reading.id) ?? {};
        dryRun.addFailure({ id: reading.id, connection, topic }, 'invalid_input', reading.why);
      }
    }
    count += page.letters.length;
    onProgress(count);
    left -= page.letters.length;
    cursor = page.next;
  } while (cursor && left > 0);
}
