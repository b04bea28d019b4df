import { loadConnections, loadSourceRegistry } from '@sluice/config';
import type { Command } from 'commander';
import { chooseConnection, chooseSamples } from '../choose-connection.ts';
import { alwaysTheFirst, composeWebhooks } from '../compose-webhooks.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { parseCount, parseIngestUrl, parseRate } from '../option-values.ts';
import { type Outcome, openPoster } from '../post-webhook.ts';
import { renderOutcome, renderSummary } from '../render-summary.ts';
import { sendWebhooks } from '../send-webhooks.ts';
import { type Summary, summariseOutcomes } from '../summarise-outcomes.ts';
import type { Surroundings } from '../surroundings.ts';

interface Options {
  readonly connection?: string;
  readonly count: number;
  readonly rate?: number;
  readonly url: URL;
  readonly connections: string;
  readonly same?: true;
  readonly json?: true;
}

const DEFAULT_FILE = 'config/connections.demo.yaml';

/** Enough to see ingest's groups of concurrent enqueues at work, below its own cap in flight. */
const CONCURRENCY = 50;

/** Adds `send`: realistic, signed webhooks, as the platform would send them. */
export function sendCommand(
  parent: Command,
  surroundings: Surroundings,
  end: (code: ExitCode) => void,
): void {
  parent
    .command('send')
    .description('sends signed sample webhooks to ingest, each a different one')
    .argument('<source>', 'e.g. shopify')
    .argument('<topic>', "the platform's name for what happened, e.g. orders/create")
    .option('--connection <id>', 'the connection to send to (default: the first of the source)')
    .option('--count <n>', 'how many', parseCount, 1)
    .option('--rate <r>', 'how many a second (default: as fast as answers come)', parseRate)
    .option('--url <url>', 'address of ingest', parseIngestUrl, new URL('http://127.0.0.1:3000'))
    .option('--connections <path>', 'the connections file, which has the secrets', DEFAULT_FILE)
    .option('--same', 'send the very same webhook each time, to see deduplication')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: sluice send shopify orders/create --count 100 --rate 20')
    .action(async (source: string, topic: string, options: Options) =>
      end(await send(source, topic, options, surroundings)),
    );
}

async function send(
  sourceName: string,
  topic: string,
  options: Options,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { clock } = surroundings;
  const { count, rate } = options;
  const registry = await loadSourceRegistry(options.connections);
  const samples = chooseSamples(registry, sourceName, topic);
  const connections = loadConnections(options.connections, { registry });
  const connection = chooseConnection(connections, sourceName, options.connection, options.connections);
  const each = composeWebhooks(connection, samples, topic, clock.now);
  const compose = options.same ? alwaysTheFirst(each) : each;

  const url = new URL(`${options.url.href.replace(/\/+$/, '')}/webhooks/${connection.id}`);
  const { post, close } = openPoster(url, CONCURRENCY);
  const started = clock.now();
  const outcomes = await sendWebhooks({ count, rate, concurrency: CONCURRENCY, compose, post, clock });
  close();
  const seconds = (clock.now() - started) / 1_000;

  const summary = summariseOutcomes(outcomes, count);
  const sending = {
    what: `${sourceName} ${topic}`,
    connection: connection.id,
    url,
    outcomes,
    summary,
    seconds,
  };
  if (options.json) surroundings.out(toJson(sending));
  else report(sending, count, surroundings);
  return summary.ok ? EXIT.ok : EXIT.failed;
}

interface Sending {
  readonly what: string;
  readonly connection: string;
  readonly url: URL;
  readonly outcomes: readonly Outcome[];
  readonly summary: Summary;
  readonly seconds: number;
}

function report(sending: Sending, count: number, { out, err }: Surroundings): void {
  const { url, outcomes, summary, seconds } = sending;
  const what = `${sending.what} to ${url.href}`;
  const isRefused = summary.failures.some(({ code }) => code === 'ECONNREFUSED');
  const isSilent = summary.answers.length === 0;
  if (isRefused) err(`error: nothing listens at ${url.origin}  — is ingest running? npm start`);
  if (isRefused && isSilent) return;
  const [only] = outcomes;
  out(count === 1 && only ? renderOutcome(what, only) : renderSummary(what, summary, seconds));
}

function toJson({ connection, url, outcomes, summary, seconds }: Sending): string {
  const [only] = outcomes;
  const body = outcomes.length === 1 && only?.ok ? { body: only.body } : {};
  return JSON.stringify({ connection, url: url.href, seconds, ...summary, ...body }, null, 2);
}
