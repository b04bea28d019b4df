import { type BotpressEvent, type ConnectionMapping, type Delivery, prepareEvent } from '@sluice/events';
import { createPatch, type Operation } from 'rfc6902';
import type { DeadLetters } from './dead-letters.ts';
import type { DeadLetterFilter } from './filter.ts';

/** Connections, with what each makes of its deliveries. */
export interface Mappers {
  /** Undefined if there is none of that id. */
  get(connection: string): ConnectionMapping | undefined;
}

/** Deliveries that would die again of the same. */
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
  /** The first of them; of those that other mappers would make another event of, if those were given. */
  example: { readonly id: string; readonly event: BotpressEvent; readonly changes?: readonly Operation[] };
  count: number;
  /** Of which the other mappers would make another event. */
  changed: number;
}

/** What today's mappers make of deliveries that are dead, without sending anything. */
export class DryRun {
  readonly #connections: Mappers;
  readonly #others: Mappers | undefined;
  readonly #become = new Map<string, PreviewedEvent>();
  readonly #die = new Map<string, PreviewedFailure>();
  #duties = 0;

  /** @param others whose mappers are to be compared with */
  constructor(connections: Mappers, others?: Mappers) {
    this.#connections = connections;
    this.#others = others;
  }

  /** Tries one. */
  add(delivery: Delivery): void {
    const prepared = prepareEvent(this.#connections.get(delivery.connection), delivery);
    switch (prepared.kind) {
      case 'ready':
        this.#becomes(delivery, prepared.event);
        return;
      case 'compliance':
        this.#duties++;
        return;
      case 'dead': {
        const [issue] = prepared.issues ?? [];
        const message = issue ? `${issue.path}: ${issue.message}` : prepared.message;
        this.diesOf(delivery, prepared.reason, message);
      }
    }
  }

  /** One that is known to die. */
  diesOf(
    { id, connection, topic }: Pick<Delivery, 'connection' | 'topic'> & { readonly id: string },
    reason: string,
    message: string,
  ): void {
    const key = JSON.stringify([reason, connection, topic, message]);
    const same = this.#die.get(key) ?? { reason, connection, topic, message, example: id, count: 0 };
    same.count++;
    this.#die.set(key, same);
  }

  #becomes(delivery: Delivery, event: BotpressEvent): void {
    const { id } = delivery;
    const changes = this.#changesOf(delivery, event);
    const same = this.#become.get(event.type) ?? {
      ...{ event: event.type, example: { id, event }, count: 0, changed: 0 },
    };
    same.count++;
    if (changes.length > 0) {
      if (same.changed === 0) same.example = { id, event, changes };
      same.changed++;
    }
    this.#become.set(event.type, same);
  }

  /** From what the others' mappers make to what ours do; nothing where theirs make nothing. */
  #changesOf(delivery: Delivery, event: BotpressEvent): readonly Operation[] {
    if (!this.#others) return [];
    const other = prepareEvent(this.#others.get(delivery.connection), delivery);
    return other.kind === 'ready' ? createPatch(other.event, event) : [];
  }

  /** The most first. Duties are what platforms demand, which becomes no event and is done. */
  get result() {
    const byCount = (one: { count: number }, other: { count: number }) => other.count - one.count;
    const become = [...this.#become.values()].sort(byCount);
    const die = [...this.#die.values()].sort(byCount);
    const sum = (list: readonly { count: number }[]) => list.reduce((total, { count }) => total + count, 0);
    return { succeed: sum(become) + this.#duties, fail: sum(die), become, die, duties: this.#duties };
  }
}

export type DryRunResult = DryRun['result'];

/** Bodies a round trip: 100 of 8 kB. */
const PAGE = 100;

/**
 * Tries the newest dead letters that fit.
 *
 * @param limit how many at most
 */
export async function executeDryRun(
  deadLetters: Pick<DeadLetters, 'find' | 'bodies'>,
  filter: DeadLetterFilter,
  limit: number,
  trial: DryRun,
  onProgress: (tried: number) => void,
): Promise<void> {
  let cursor: string | undefined;
  let left = limit;
  let tried = 0;
  do {
    const page = await deadLetters.find(filter, { order: 'newest', limit: Math.min(PAGE, left), cursor });
    const byId = new Map(page.letters.map((letter) => [letter.id, letter]));
    for (const reading of await deadLetters.bodies([...byId.keys()])) {
      if (reading.ok) trial.add(reading.delivery);
      else {
        const { connection = '', topic = '' } = byId.get(reading.id) ?? {};
        trial.diesOf({ id: reading.id, connection, topic }, 'invalid_input', reading.why);
      }
    }
    tried += page.letters.length;
    onProgress(tried);
    left -= page.letters.length;
    cursor = page.next;
  } while (cursor && left > 0);
}
