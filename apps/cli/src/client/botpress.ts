import { type BotTarget, checkTarget, type TargetCheck } from '@sluice/botpress';
import type { Connection } from '@sluice/config';

export interface CheckTargetsOptions {
  /** Address for connections without an `apiUrl`. */
  readonly apiUrl: string;
  readonly workspaceId?: string | undefined;
  /** Milliseconds per call. */
  readonly timeout: number;
  /** Targets checked at a time. */
  readonly concurrency: number;
}

/** A target and the events of all connections that send to it with the same token. */
interface Group {
  readonly target: BotTarget;
  readonly events: Set<string>;
}

/** Timeouts after which an address is not called again: 5,000 timeouts would take 40 minutes. */
const MAX_TIMEOUTS = 10;

/**
 * Checks the target of each connection at Botpress, each target once.
 *
 * @returns checks in the order of the connections
 */
export async function checkTargets(
  connections: readonly Connection[],
  options: CheckTargetsOptions,
): Promise<readonly TargetCheck[]> {
  const groups = new Map<string, Group>();
  const keys = connections.map((connection) => {
    const target = targetOf(connection, options.apiUrl);
    const key = JSON.stringify(target);
    const group = groups.get(key) ?? { target, events: new Set() };
    for (const name of eventNames(connection)) group.events.add(name);
    groups.set(key, group);
    return key;
  });
  const checks = await checkGroups([...groups], options);
  return connections.map((connection, index) => narrow(checks.get(keys[index] ?? ''), connection));
}

/** Returns the names of the events that a connection may send. */
export function eventNames({ events }: Connection): readonly string[] {
  return [...new Set([...events.values()].flatMap((event) => event?.name ?? []))];
}

async function checkGroups(
  groups: readonly (readonly [string, Group])[],
  { concurrency, ...options }: CheckTargetsOptions,
): Promise<ReadonlyMap<string, TargetCheck>> {
  const checks = new Map<string, TargetCheck>();
  const timeouts = new Map<string, number>();
  const queue = groups.values();
  const checkNext = async () => {
    for (const [key, { target, events }] of queue) {
      const isSkipped = (timeouts.get(target.apiUrl) ?? 0) >= MAX_TIMEOUTS;
      const check: TargetCheck = isSkipped
        ? { kind: 'not_reachable', reason: `skipped after ${MAX_TIMEOUTS} targets without a response` }
        : await checkTarget(target, [...events], options);
      checks.set(key, check);
      // One response proves that the address is reachable.
      const count = timeouts.get(target.apiUrl) ?? 0;
      timeouts.set(target.apiUrl, check.kind === 'not_reachable' ? count + 1 : Number.NEGATIVE_INFINITY);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, checkNext));
  return checks;
}

function targetOf({ botpress }: Connection, apiUrl: string): BotTarget {
  return { apiUrl, ...botpress, token: botpress.token.reveal() };
}

/** Limits the undefined events of a target to those that the connection may send. */
function narrow(check: TargetCheck | undefined, connection: Connection): TargetCheck {
  if (check === undefined) throw new Error('a target was not checked');
  if (check.kind !== 'events_undefined') return check;
  const own = new Set(eventNames(connection));
  const events = check.events.filter((name) => own.has(name));
  return events.length > 0 ? { ...check, events } : { kind: 'ok', definitions: { known: true } };
}
