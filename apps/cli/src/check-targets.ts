import { type BotTarget, checkTarget, type TargetCheck } from '@sluice/botpress';
import type { Connection } from '@sluice/config';
import { eventNames } from './describe-connection.ts';

export interface CheckTargetsOptions {
  /** Where connections without an address of their own send. */
  readonly apiUrl: string;
  readonly workspaceId?: string | undefined;
  /** Milliseconds a call may take. */
  readonly timeout: number;
  /** How many targets are asked at once. */
  readonly concurrency: number;
}

/** Connections that send to the same target as the same caller, and the events of all of them. */
interface Group {
  readonly target: BotTarget;
  readonly events: Set<string>;
}

/** An address that left so many without any answer is taken to be away: 5,000 timeouts would take 40 minutes. */
const MAX_SILENT = 10;

/**
 * Asks Botpress about the target of each connection, each target once.
 *
 * @returns in the order of the connections
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

async function checkGroups(
  groups: readonly (readonly [string, Group])[],
  { concurrency, ...options }: CheckTargetsOptions,
): Promise<ReadonlyMap<string, TargetCheck>> {
  const checks = new Map<string, TargetCheck>();
  const silence = new Map<string, number>();
  const queue = groups.values();
  const work = async () => {
    for (const [key, { target, events }] of queue) {
      const silent = silence.get(target.apiUrl) ?? 0;
      const check: TargetCheck =
        silent >= MAX_SILENT
          ? { kind: 'not_reachable', reason: `not asked: ${MAX_SILENT} others there had no answer` }
          : await checkTarget(target, [...events], options);
      checks.set(key, check);
      // One answer proves that somebody is there.
      const isSilent = check.kind === 'not_reachable';
      const before = silence.get(target.apiUrl) ?? 0;
      silence.set(target.apiUrl, isSilent ? before + 1 : Number.NEGATIVE_INFINITY);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return checks;
}

function targetOf({ botpress }: Connection, apiUrl: string): BotTarget {
  return { apiUrl, ...botpress, token: botpress.token.reveal() };
}

/** Of the events that a target lacks, only the connection's own concern it. */
function narrow(check: TargetCheck | undefined, connection: Connection): TargetCheck {
  if (check === undefined) throw new Error('every target is checked');
  if (check.kind !== 'events_undefined') return check;
  const own = new Set(eventNames(connection));
  const events = check.events.filter((name) => own.has(name));
  return events.length > 0 ? { ...check, events } : { kind: 'ok', definitions: { known: true } };
}
