import { type BotClient, BotClients, type BotTarget, type CallOptions } from './bot-client.ts';
import { memberOf } from './read-response.ts';
import type { FailedCall } from './results.ts';

/** The status of an event, as Botpress reports it. */
export interface EventStatus {
  readonly id: string;
  /** Creation time in milliseconds since the epoch, by Botpress' clock. */
  readonly createdAt: number;
  /** Name of the event, without the integration, which some listings put before it. */
  readonly name: string;
  /** `pending`, `processed`, `ignored`, `failed`, `scheduled`, `canceled`, or a status that is not documented. */
  readonly status: string;
  /** Undefined if Botpress reports none. */
  readonly failureReason?: string;
}

/** Events, newest first. */
export interface StatusPage {
  readonly kind: 'page';
  readonly events: readonly EventStatus[];
  /** Undefined on the last page. */
  readonly nextToken?: string;
}

/** A read without a result. */
export type FailedRead =
  | FailedCall
  /** The response has not the documented form. */
  | { readonly kind: 'unreadable'; readonly reason: string };

/** The API's default is 20, and it documents no sizes over 100. A page may contain fewer. */
const PAGE_SIZE = 100;

/** Reads the statuses of events. Each method makes one call and never rejects. */
export class EventStatuses {
  readonly #clients: BotClients;

  constructor(options: CallOptions) {
    this.#clients = new BotClients(options);
  }

  /**
   * Lists events of a target, of all types: Botpress documents two forms of a type, so events are identified by their id
   * alone.
   *
   * @param nextToken from the previous page; undefined for the first page
   */
  async list(target: BotTarget, nextToken?: string): Promise<StatusPage | FailedRead> {
    const client = this.#clients.get(target);
    const result = await client.call<unknown>((api) =>
      api.listEvents({ pageSize: PAGE_SIZE, ...(nextToken === undefined ? {} : { nextToken }) }),
    );
    return result.kind === 'answered' ? readPage(result.body) : result;
  }

  /** Reads one event. */
  async get(
    target: BotTarget,
    id: string,
  ): Promise<{ readonly kind: 'event'; readonly event: EventStatus } | FailedRead> {
    const result = await this.#clients.get(target).call<unknown>((api: Api) => api.getEvent({ id }));
    if (result.kind !== 'answered') return result;
    const event = readEvent(memberOf(result.body, 'event'));
    if (event?.id === id) return { kind: 'event', event };
    return { kind: 'unreadable', reason: 'answered 200 without the event' };
  }

  /** Drops all clients so that none keeps a rotated token. Calls in progress complete. */
  clearClients(): void {
    this.#clients.clear();
  }
}

type Api = Parameters<Parameters<BotClient['call']>[0]>[0];

const NO_LIST = { kind: 'unreadable', reason: 'answered 200 without a list of events' } as const;

function readPage(body: unknown): StatusPage | FailedRead {
  const listed = memberOf(body, 'events');
  const nextToken = memberOf(memberOf(body, 'meta'), 'nextToken') ?? '';
  if (!Array.isArray(listed) || typeof nextToken !== 'string') return NO_LIST;
  const events: EventStatus[] = [];
  for (const entry of listed) {
    const event = readEvent(entry);
    if (!event) return NO_LIST;
    events.push(event);
  }
  return { kind: 'page', events, ...(nextToken === '' ? {} : { nextToken }) };
}

/** Returns `undefined` if a documented field is missing. */
function readEvent(value: unknown): EventStatus | undefined {
  const [id, type, status, created, reason] = ['id', 'type', 'status', 'createdAt', 'failureReason'].map(
    (name) => memberOf(value, name),
  );
  const createdAt = typeof created === 'string' ? Date.parse(created) : Number.NaN;
  if (typeof id !== 'string' || id === '' || typeof type !== 'string' || typeof status !== 'string') {
    return undefined;
  }
  if (Number.isNaN(createdAt)) return undefined;
  return {
    ...{ id, createdAt, status, name: type.slice(type.lastIndexOf(':') + 1) },
    ...(typeof reason === 'string' && reason !== '' ? { failureReason: reason } : {}),
  };
}
