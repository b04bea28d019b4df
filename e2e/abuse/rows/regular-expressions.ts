import { createContext, Script } from 'node:vm';
import {
  chooseEvents,
  createSourceRegistry,
  mapDelivery,
  parseWebhook,
  type SampleRequest,
  type SourceDefinition,
  type UnverifiedWebhook,
  unpackWebhook,
  type VerifiedWebhook,
  validateDelivery,
  verifyWebhook,
} from '@sluice/events';
import { SETTINGS, SOURCES, type SourceName, secretOf } from '../connections.ts';
import type { Row } from '../row.ts';
import { SIGNATURE_HEADERS, sign, signed } from '../signed.ts';

/** Size as JSON, where quotes and backslashes take two characters. */
const SIZE = 100_000;
const LIMIT_MS = 50;

/** Long repetitions that patterns match, each with an end that makes the match fail. */
const BOMBS = [
  'a',
  '0',
  ' ',
  '/',
  '=',
  'A+',
  '1,',
  '.',
  '-',
  'a.',
  '\\"',
  '%',
  '2026-01-01T00:00',
  'v1,',
  '\t',
  'ä',
].map((text) => `${text.repeat(SIZE / (JSON.stringify(text).length - 2))}!`);

/** Attempts per input: the first ones include compilation and garbage collection. */
const TRIES = 5;

/** Milliseconds after which a run is aborted: an exponential pattern would not end. */
const GIVE_UP_MS = 3_000;

/** A separate context, because synchronous code can only be stopped there. */
const context = createContext({ run: () => {} });
const script = new Script('run()');

/** Returns the best CPU time of up to five attempts in milliseconds. */
function timed(run: () => void): number {
  context.run = run;
  let best = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < TRIES && best > LIMIT_MS / 5; tries++) {
    const start = process.cpuUsage();
    if (!ends()) return GIVE_UP_MS;
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1_000);
  }
  return best;
}

function ends(): boolean {
  try {
    script.runInContext(context, { timeout: GIVE_UP_MS });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false;
    throw error;
  }
}

/** Processes a webhook from its headers to its event. */
function handle(source: SourceDefinition, settings: unknown, webhook: UnverifiedWebhook): void {
  verifyWebhook(source, webhook, { secrets: [secretOf(source.name as SourceName)], settings });
  source.account?.ofWebhook(webhook);
  source.handshake?.({ 'hub.mode': 'subscribe', ...webhook.headers } as Record<string, string>, {
    secrets: ['x'],
    settings,
  });
  const parsing = parseWebhook(webhook as VerifiedWebhook);
  if (!parsing.ok) return;
  const choice = chooseEvents(source, settings);
  const connection = { id: 'x', settings, events: choice.ok ? choice.events : new Map() };
  for (const unpacked of unpackWebhook(source, connection, parsing.parsed).deliveries) {
    validateDelivery(unpacked);
    mapDelivery(unpacked.event, unpacked.delivery, settings);
  }
}

/** Returns the headers and query parameters that a source reads, by observing it. */
function headersOf(source: SourceDefinition, settings: unknown, webhook: UnverifiedWebhook): string[] {
  const seen = new Set<string>(['hub.challenge', 'hub.verify_token']);
  const headers = new Proxy(webhook.headers, {
    get: (all, name) => {
      seen.add(String(name));
      return all[String(name)];
    },
  });
  handle(source, settings, { ...webhook, headers });
  return [...seen];
}

/** Yields the body with each of its strings replaced by a bomb. */
function* bodiesWith(body: string, bomb: string): Generator<string> {
  const strings = body.match(/(?<=:)"[^"]*"/g)?.length ?? 0;
  for (let target = 0; target < strings; target++) {
    let index = 0;
    yield body.replace(/(?<=:)"[^"]*"/g, (text) => (index++ === target ? JSON.stringify(bomb) : text));
  }
}

function slowestOf(name: SourceName): { ms: number; where: string; tried: number } {
  const source = createSourceRegistry().get(name);
  if (!source) throw new Error(`no source ${name}`);
  const settings = source.settings.parse(SETTINGS[name]);
  const { headers, body } = signed(name);
  const webhook = { headers, body: Buffer.from(body), receivedAt: Date.now() };
  let slowest = { ms: 0, where: '' };
  let tried = 0;
  // Signed, so that verification does not stop it.
  const resign = (request: SampleRequest) => sign(name, request, secretOf(name));
  const attempt = (where: string, { headers, body }: SampleRequest) => {
    tried += 1;
    const input = { headers, body: Buffer.from(body), receivedAt: webhook.receivedAt };
    const ms = timed(() => handle(source, settings, input));
    if (ms > slowest.ms) slowest = { ms, where: `${name}, ${where}` };
  };
  for (const bomb of BOMBS) {
    for (const header of headersOf(source, settings, webhook)) {
      const changed = { body, headers: { ...headers, [header]: bomb } };
      attempt(`header ${header}`, header === SIGNATURE_HEADERS[name] ? changed : resign(changed));
    }
    for (const text of bodiesWith(body, bomb)) attempt('body', resign({ headers, body: text }));
    attempt('no JSON', resign({ headers, body: bomb }));
    if (slowest.ms >= GIVE_UP_MS) break;
  }
  return { ...slowest, tried };
}

export const regularExpressions: readonly Row[] = [
  {
    row: 26,
    input: '100 kB that cause backtracking in regular expressions, in every header and field, every source',
    expected: '< 50 ms',
    run: async () => {
      const all = SOURCES.map(slowestOf);
      const worst = all.reduce((a, b) => (a.ms > b.ms ? a : b));
      const tried = all.reduce((sum, { tried }) => sum + tried, 0);
      const detail = `${tried} tried; slowest ${worst.ms.toFixed(1)} ms: ${worst.where}`;
      return { got: worst.ms < LIMIT_MS ? '< 50 ms' : `${worst.ms.toFixed(0)} ms`, detail };
    },
  },
];
