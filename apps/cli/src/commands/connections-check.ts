import {
  type AcquireCall,
  type BotTarget,
  builtInIntegrations,
  checkTarget,
  type TargetCheck,
} from '@sluice/botpress';
import {
  ConfigError,
  type Connection,
  type Connections,
  readBotpressApiUrl,
  readConnectionsPath,
  readTelegramApiUrl,
} from '@sluice/config';
import { findUnusedTags, neverMatches } from '@sluice/events';
import type { Command } from 'commander';
import { openCallPacing } from '../client/call-pacing.ts';
import { REDIS_HELP } from '../client/redis.ts';
import type { CliContext, End } from '../context.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { CONNECTIONS_OPTION, loadConnectionsFile } from '../options/files.ts';
import { renderTable } from '../render/format.ts';
import { PROBE_TYPE, probeConnection, readRecordedFacts, renderFacts } from './connections-probe.ts';
import { checkTelegramWebhook, renderTelegram, type TelegramCheck } from './telegram-webhook.ts';

interface Options {
  readonly connections?: string;
  readonly offline?: true;
  readonly workspace?: string;
  readonly botEvents?: true;
  readonly probe?: string | true;
  readonly probeType: string;
  readonly yes?: true;
  readonly json?: true;
}

const TIMEOUT_MS = 5_000;
const CONCURRENCY = 10;

/** Adds `connections check`. */
export function connectionsCheckCommand(parent: Command, context: CliContext, end: End): void {
  parent
    .command('check')
    .description('Check the connections file and its bots, integrations, tokens and events at Botpress')
    .option(...CONNECTIONS_OPTION)
    .option('--offline', 'check of the file only, without calls to Botpress')
    .option(
      '--workspace <id>',
      'workspace of the integrations; required for personal access tokens to read them',
    )
    .option('--bot-events', 'events sent as the bot accepted: an ADK or SDK bot defines them')
    .option(
      '--probe [connection]',
      'creation of one event in the bot of a connection, to record facts of the API',
    )
    .option('--probe-type <event>', 'type of that event', PROBE_TYPE)
    .option('--yes', 'confirmation of --probe')
    .option('--json', 'JSON output')
    .addHelpText(
      'after',
      `\nCalls Botpress at the apiUrl of the connection, else at BOTPRESS_API_URL, and the Telegram Bot API for connections with\nsettings.botToken.${REDIS_HELP}\nWithout Redis, only the recorded facts of the API are missing, and the calls do not count toward the limit that the\nworkers share (SLUICE_WORKSPACE_CALLS_PER_SECOND).`,
    )
    .action(async (options: Options) => end(await check(options, context)));
}

async function check(options: Options, context: CliContext): Promise<ExitCode> {
  const { out, err } = context;
  const file = options.connections ?? readConnectionsPath();
  try {
    const loaded = (await loadConnectionsFile(file)).connections;
    const connections = loaded.all();
    const { probe, offline } = options;
    if (probe !== undefined) {
      const toTarget = (connection: Connection) => targetOf(connection, readBotpressApiUrl());
      return await probeConnection(connections, toTarget, { ...options, probe }, context);
    }
    const checks = offline ? undefined : await checkAtBotpress(loaded, options);
    const apiFacts = offline ? undefined : await readFactsOf(connections);
    const telegram = offline ? [] : await checkAtTelegram(connections);
    const ok = !checks?.some(isFailed) && telegram.every((one) => one === undefined || one.result === 'ok');
    const rows = connections.map((connection, index) => ({
      ...toRow(connection),
      ...(checks ? { botpress: checks[index] } : {}),
      ...(telegram[index] ? { telegram: telegram[index] } : {}),
    }));
    if (options.json) {
      const known = typeof apiFacts === 'string' ? null : apiFacts;
      out(JSON.stringify({ ok, file, connections: rows, apiFacts: known }, null, 2));
    } else {
      const webhooks = rows.flatMap((row) => (row.telegram ? renderTelegram(row.id, row.telegram) : []));
      out([toText(file, rows, checks), ...webhooks, ...renderFacts(apiFacts ?? [])].join('\n'));
    }
    return ok ? EXIT.ok : EXIT.failed;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const { problems, diagnostics } = error;
    if (options.json) out(JSON.stringify({ ok: false, file, problems, diagnostics }, null, 2));
    else err(error.message);
    return EXIT.failed;
  }
}

async function checkAtBotpress(
  loaded: Connections,
  { workspace: workspaceId, botEvents }: Options,
): Promise<readonly CheckResult[]> {
  const apiUrl = readBotpressApiUrl();
  const { acquireCall, close } = await openCallPacing(loaded);
  const options = {
    apiUrl,
    workspaceId,
    botEvents,
    acquireCall,
    timeout: TIMEOUT_MS,
    concurrency: CONCURRENCY,
  };
  const connections = loaded.all();
  const checks = await checkTargets(connections, options).finally(close);
  return connections.map((connection, index) => toResult(checks[index] as TargetCheck, connection));
}

function readFactsOf(connections: readonly Connection[]): ReturnType<typeof readRecordedFacts> {
  const apiUrl = readBotpressApiUrl();
  return readRecordedFacts(connections.map((connection) => targetOf(connection, apiUrl)));
}

/** Checks who has the webhook of each Telegram bot whose token is known. */
function checkAtTelegram(
  connections: readonly Connection[],
): Promise<readonly (TelegramCheck | undefined)[]> {
  const options = { apiUrl: readTelegramApiUrl(), timeout: TIMEOUT_MS };
  return Promise.all(connections.map((connection) => checkTelegramWebhook(connection, options)));
}

/** A connection without its secrets. */
interface ConnectionRow {
  readonly id: string;
  readonly source: string;
  readonly bot: string;
  /** Id or alias of the sending integration; null if events are sent as the bot. */
  readonly integration: string | null;
  /** Number of secrets. */
  readonly secrets: number;
  readonly events: readonly string[];
  /** Problems that do not invalidate the connection. */
  readonly warnings: readonly string[];
}

function toRow(connection: Connection): ConnectionRow {
  const { id, source, secrets, botpress } = connection;
  return {
    id,
    source: source.name,
    bot: botpress.botId,
    integration: botpress.integrationId ?? botpress.integrationAlias ?? null,
    secrets: secrets.length,
    events: eventNames(connection),
    warnings: findWarnings(connection),
  };
}

function findWarnings({ events, unless = [], link = {} }: Connection): string[] {
  const unused = findUnusedTags(link, events).map(
    (tag) => `link.${tag} never applies: no event has text or a number at its path. Correct the path.`,
  );
  const rules = unless.flatMap((rule, index) =>
    neverMatches(rule, events)
      ? [
          `unless[${index}] never matches: no event has such a value at this path. Correct the path or the value.`,
        ]
      : [],
  );
  return [...rules, ...unused];
}

/** Result of the check of a target, as printed and as JSON. Contains neither token nor payload. */
interface CheckResult {
  readonly result: TargetCheck['kind'] | 'ok_unknown_events';
  /** The problem and its fix; null if ok. */
  readonly detail: string | null;
  /** Events that the integration, or the bot, does not define. */
  readonly undefinedEvents: readonly string[];
}

function toResult(check: TargetCheck, connection: Connection): CheckResult {
  const result = (kind: CheckResult['result'], detail: string | null, events: readonly string[] = []) => ({
    result: kind,
    detail,
    undefinedEvents: events,
  });
  switch (check.kind) {
    case 'ok':
      if (check.definitions.known) return result('ok', null);
      return result('ok_unknown_events', `events unknown (${check.definitions.reason})`);
    case 'token_refused':
      return result(check.kind, `token rejected (${check.status}): revoked, or not a token of this bot`);
    case 'bot_unknown':
      return result(check.kind, 'unknown bot: check botId');
    case 'integration_unknown':
      return result(
        check.kind,
        'unknown integration: check integrationId, its installation in the bot, and --workspace',
      );
    case 'not_installed':
      return result(check.kind, 'integration not installed or disabled: install and enable it in the bot');
    case 'events_undefined': {
      const { events } = check;
      const fix = findIntegration(connection, events);
      return result(check.kind, `undefined events [${events.join(', ')}]: ${fix}`, events);
    }
    case 'no_trigger': {
      const { events } = check;
      const problem = `no bot in Studio has a trigger for [${events.join(', ')}], sent without an integration`;
      const fix = `${findIntegration(connection, events)}; an ADK or SDK bot that defines them needs --bot-events`;
      return result(check.kind, `${problem}: ${fix}`, events);
    }
    case 'refused':
      return result(check.kind, `rejected: ${check.reason}`);
    case 'not_reachable':
      return result(check.kind, `unreachable: ${check.reason}`);
  }
}

/** Returns the instruction that leads to an integration which defines these events. */
function findIntegration({ id, source }: Connection, events: readonly string[]): string {
  for (const folder of [source.name, 'generic']) {
    const defined =
      builtInIntegrations()
        .get(folder)
        ?.events.map(({ name }) => name) ?? [];
    if (!events.every((name) => defined.includes(name))) continue;
    return `deploy integration/${folder}, install it in the bot and set its id as integrationId`;
  }
  return `run "sluice integration generate --connection ${id}", deploy it and set its id as integrationId`;
}

/** Unknown events are not a failure. */
const isFailed = ({ result }: CheckResult): boolean => result !== 'ok' && result !== 'ok_unknown_events';

function toText(
  file: string,
  rows: readonly (ConnectionRow & {
    readonly botpress?: CheckResult | undefined;
    readonly telegram?: TelegramCheck | undefined;
  })[],
  checks: readonly CheckResult[] | undefined,
): string {
  const table = rows.map(({ botpress, telegram: _telegram, warnings: _, ...row }) =>
    botpress ? { ...row, botpress: botpress.detail ?? 'ok' } : row,
  );
  return [
    ...(rows.length > 0 ? [renderTable(table)] : []),
    ...rows.flatMap(({ id, warnings }) => warnings.map((warning) => `Warning: ${id}: ${warning}`)),
    `${file}: ${rows.length} ${rows.length === 1 ? 'connection' : 'connections'}, no problems`,
    ...(checks ? [summarize(checks)] : []),
  ].join('\n');
}

function summarize(checks: readonly CheckResult[]): string {
  const failed = checks.filter(isFailed).length;
  const unknown = checks.filter(({ result }) => result === 'ok_unknown_events').length;
  const suffix = unknown > 0 ? `; ${unknown} with unknown events` : '';
  return `Botpress: ${checks.length - failed} ok, ${failed} failed${suffix}`;
}

interface CheckTargetsOptions {
  /** Address for connections without an `apiUrl`. */
  readonly apiUrl: string;
  readonly workspaceId?: string | undefined;
  readonly botEvents?: boolean | undefined;
  readonly acquireCall: AcquireCall;
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
async function checkTargets(
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
function eventNames({ events }: Connection): readonly string[] {
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

function targetOf({ botpress: { workspaceId: _, ...botpress } }: Connection, apiUrl: string): BotTarget {
  return { apiUrl, ...botpress, token: botpress.token.reveal() };
}

/** Limits the undefined events of a target to those that the connection may send. */
function narrow(check: TargetCheck | undefined, connection: Connection): TargetCheck {
  if (check === undefined) throw new Error('a target was not checked');
  if (check.kind !== 'events_undefined' && check.kind !== 'no_trigger') return check;
  const own = new Set(eventNames(connection));
  const events = check.events.filter((name) => own.has(name));
  return events.length > 0 ? { ...check, events } : { kind: 'ok', definitions: { known: true } };
}
