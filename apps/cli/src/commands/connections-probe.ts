import { setTimeout } from 'node:timers/promises';
import {
  type ApiFacts,
  type BotTarget,
  callerOf,
  type FailedCall,
  type ProbeResult,
  parseFacts,
  probeApi,
} from '@sluice/botpress';
import type { Connection } from '@sluice/config';
import { createRecordedFacts, type RecordedFacts } from '@sluice/queue';
import { withRedis } from '../client/redis.ts';
import type { CliContext } from '../context.ts';
import { EXIT, type ExitCode, RedisUnavailableError, UsageError } from '../errors.ts';
import { formatTime } from '../render/format.ts';

/** Type of the probe's event. An integration that rejects undefined events has to define it. */
export const PROBE_TYPE = 'sluiceProbe';

/** Milliseconds per call, and until a list has to contain the event. */
const TIMEOUT_MS = 15_000;
const LIST_WITHIN_MS = 60_000;

export interface ProbeOptions {
  /** Id of the connection; `true` for the only one. */
  readonly probe: string | true;
  readonly probeType: string;
  readonly offline?: true;
  readonly yes?: true;
  readonly json?: true;
}

/**
 * Creates one event at the bot of a connection, finds it again, and records the facts of its API in Redis.
 *
 * @param targetOf returns where a connection sends
 * @throws UsageError for an unknown connection, and without confirmation; RedisUnavailableError before any call
 */
export async function probeConnection(
  connections: readonly Connection[],
  targetOf: (connection: Connection) => BotTarget,
  options: ProbeOptions,
  { out, err, confirm }: Pick<CliContext, 'out' | 'err' | 'confirm'>,
): Promise<ExitCode> {
  if (options.offline) throw new UsageError('--probe calls Botpress. Omit --offline.');
  const connection = select(connections, options.probe);
  const target = targetOf(connection);
  const statement = `One event of type ${options.probeType} will be created in bot ${target.botId} at ${target.apiUrl}.`;
  if (!options.yes) {
    if (!confirm) throw new UsageError(`${statement} Pass --yes to confirm.`);
    if (!(await confirm(statement))) return EXIT.failed;
  }
  // Redis is opened first: facts that cannot be recorded are not worth an event in a real bot.
  const result = await withRedis(createRecordedFacts, async (recorded) => {
    const probed = await probeApi(target, {
      ...{ type: options.probeType, connection: connection.id, timeout: TIMEOUT_MS },
      ...{ listWithin: LIST_WITHIN_MS, now: Date.now, delay: (ms: number) => setTimeout(ms) },
    });
    if (probed.kind === 'probed') await record(recorded, target, probed.facts);
    return probed;
  });
  return report(result, { connection, target, options }, { out, err });
}

function select(connections: readonly Connection[], id: string | true): Connection {
  const ids = connections.map((connection) => connection.id).join(', ');
  if (id === true) {
    const [only, ...others] = connections;
    if (only && others.length === 0) return only;
    throw new UsageError(`--probe needs the id of a connection. Connections: ${ids}.`);
  }
  const connection = connections.find((one) => one.id === id);
  if (!connection) throw new UsageError(`Connection "${id}" does not exist. Connections: ${ids}.`);
  return connection;
}

async function record(recorded: RecordedFacts, target: BotTarget, facts: ApiFacts): Promise<void> {
  const { apiUrl, caller } = callerOf(target);
  await recorded.record(apiUrl, caller, JSON.stringify(facts));
}

function report(
  result: ProbeResult,
  { connection, target, options }: { connection: Connection; target: BotTarget; options: ProbeOptions },
  { out, err }: Pick<CliContext, 'out' | 'err'>,
): ExitCode {
  if (result.kind === 'failed') {
    if (options.json)
      out(JSON.stringify({ ok: false, connection: connection.id, call: result.call }, null, 2));
    else err(`error: ${toError(result.call)} Nothing was recorded.`);
    return EXIT.failed;
  }
  const { facts, eventId } = result;
  if (options.json) {
    out(
      JSON.stringify({ ok: true, connection: connection.id, eventId, ...callerOf(target), facts }, null, 2),
    );
  } else {
    const lines = renderFacts([{ ...callerOf(target), facts }]);
    out([`Event ${eventId} created. Its facts are recorded.`, ...lines].join('\n'));
  }
  return EXIT.ok;
}

function toError(call: FailedCall): string {
  if (call.kind === 'not_sent') return `Botpress is unreachable: ${call.reason}.`;
  if (call.kind === 'ambiguous') return `No usable answer: ${call.reason}. The event may exist.`;
  const { status, type } = call.refusal;
  const hint =
    status === 400
      ? ' The integration or bot has to define the type of the event. Define sluiceProbe, or pass --probe-type with a type that it defines.'
      : '';
  return `Botpress rejected the event: ${status} ${type}.${hint}`;
}

/** Facts of one API for one kind of caller; `undefined` if it was not probed. */
export interface CallerFacts {
  readonly apiUrl: string;
  readonly caller: string;
  readonly facts: ApiFacts | undefined;
}

/**
 * Returns the recorded facts of the targets, one entry per API and kind of caller.
 *
 * @returns the reason if Redis does not respond
 */
export async function readRecordedFacts(
  targets: readonly BotTarget[],
): Promise<readonly CallerFacts[] | string> {
  const callers = new Map(targets.map((target) => [JSON.stringify(callerOf(target)), callerOf(target)]));
  try {
    return await withRedis(createRecordedFacts, (recorded) =>
      Promise.all(
        [...callers.values()].map(async ({ apiUrl, caller }) => ({
          ...{ apiUrl, caller, facts: parseFacts(await recorded.read(apiUrl, caller)) },
        })),
      ),
    );
  } catch (error) {
    if (error instanceof RedisUnavailableError) return error.message;
    throw error;
  }
}

/** Renders facts, or the reason why they are unknown, as lines. */
export function renderFacts(callers: readonly CallerFacts[] | string): readonly string[] {
  if (typeof callers === 'string') return [`API facts: unknown. ${callers}`];
  return callers.flatMap(({ apiUrl, caller, facts }) =>
    facts
      ? [`API facts: ${apiUrl} as ${caller}`, ...toLines(facts).map((line) => `  ${line}`)]
      : [
          `API facts: ${apiUrl} as ${caller}: not probed. After a lost answer, Sluice reads all events of the bot. Probe with --probe <connection>.`,
        ],
  );
}

function toLines(facts: ApiFacts): readonly string[] {
  const { probedAt, client, botId, typeForm, isFoundByType, isFoundInAll, listedAfter } = facts;
  const headers = Object.entries(facts.headers).map(([name, value]) => `${name}: ${value}`);
  const lists = [isFoundByType ? 'by type' : '', isFoundInAll ? 'without a type' : ''].filter(Boolean);
  return [
    `probed      ${formatTime(probedAt)}, bot ${botId}, @botpress/client ${client}`,
    `type        ${typeForm}`,
    `listed      ${listedAfter === null ? 'not within a minute: no lookup can prove that an event is absent' : `${lists.join(' and ')}, after ${listedAfter} ms`}`,
    `pageSize    ${facts.pageSize}; ${facts.pageLength ?? 'unknown'} events on a page of 100`,
    `headers     ${headers.join(', ') || 'no rate limit headers'}`,
    `reads count ${facts.readsCount === null ? 'unknown' : facts.readsCount ? 'yes' : 'no'}`,
  ];
}
