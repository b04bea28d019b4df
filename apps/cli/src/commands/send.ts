import { type Connection, type Connections, loadConnections, loadSourceRegistry } from '@sluice/config';
import type { SampleRequest, SourceDefinition, SourceRegistry, SourceSamples } from '@sluice/events';
import type { Command } from 'commander';
import { openIngestClient, type PostResult, sendWebhooks } from '../client/ingest.ts';
import type { CliContext, End } from '../context.ts';
import { EXIT, type ExitCode, UsageError } from '../errors.ts';
import { parseCount, parseIngestUrl, parseRate } from '../options/parsers.ts';
import { renderResult, renderSummary, type SendSummary, summarizeResults } from '../render/send-summary.ts';

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

/** Exercises the batches of ingest, below its own limit of concurrent requests. */
const CONCURRENCY = 50;

/** Adds `send`. */
export function sendCommand(parent: Command, context: CliContext, end: End): void {
  parent
    .command('send')
    .description('Send signed sample webhooks to ingest')
    .argument('<source>', 'source, for example shopify')
    .argument('<topic>', 'topic, for example orders/create')
    .option('--connection <id>', 'target connection (default: the first of the source)')
    .option('--count <n>', 'number of webhooks, each different', parseCount, 1)
    .option('--rate <r>', 'maximum webhooks per second (default: no limit)', parseRate)
    .option('--url <url>', 'address of ingest', parseIngestUrl, new URL('http://127.0.0.1:3000'))
    .option('--connections <path>', 'connections file with the secrets', DEFAULT_FILE)
    .option('--same', 'the same webhook each time, to test deduplication')
    .option('--json', 'JSON output')
    .addHelpText('after', '\nExample: sluice send shopify orders/create --count 100 --rate 20')
    .action(async (source: string, topic: string, options: Options) =>
      end(await send(source, topic, options, context)),
    );
}

async function send(
  sourceName: string,
  topic: string,
  options: Options,
  context: CliContext,
): Promise<ExitCode> {
  const { clock } = context;
  const { count, rate } = options;
  const registry = await loadSourceRegistry(options.connections);
  const samples = findSamples(registry, sourceName, topic);
  const connections = loadConnections(options.connections, { registry });
  const connection = findConnection(connections, sourceName, options.connection, options.connections);
  const compose = createComposer(connection, samples, topic, clock.now);
  const first = options.same ? compose(1) : undefined;

  const url = new URL(`${options.url.href.replace(/\/+$/, '')}/webhooks/${connection.id}`);
  const { post, close } = openIngestClient(url, CONCURRENCY);
  const started = clock.now();
  const results = await sendWebhooks({
    ...{ count, rate, concurrency: CONCURRENCY, post, clock },
    compose: first ? () => first : compose,
  });
  close();
  const seconds = (clock.now() - started) / 1_000;

  const summary = summarizeResults(results, count);
  const report = {
    subject: `${sourceName} ${topic} to ${url.href}`,
    ...{ connection: connection.id, url, results, summary, seconds },
  };
  if (options.json) context.out(toJson(report));
  else print(report, count, context);
  return summary.ok ? EXIT.ok : EXIT.failed;
}

/** Returns the samples of a source that include the topic. Throws UsageError with the known names. */
function findSamples(registry: SourceRegistry, sourceName: string, topic: string): SourceSamples {
  const source = registry.get(sourceName);
  if (!source) {
    const known = [...registry.values()].filter(({ samples }) => samples).map(listTopics);
    throw new UsageError(`Unknown source "${sourceName}". Sources and topics:\n${known.join('\n')}`);
  }
  if (!source.samples) throw new UsageError(`Source ${source.name} has no samples. Use another source.`);
  if (!source.samples.topics.includes(topic)) {
    throw new UsageError(`No sample for topic "${topic}". Sources and topics:\n${listTopics(source)}`);
  }
  return source.samples;
}

/** Returns the connection with the id, by default the first of the source. Throws UsageError. */
function findConnection(
  connections: Connections,
  sourceName: string,
  id: string | undefined,
  file: string,
): Connection {
  const ofSource = connections.all().filter(({ source }) => source.name === sourceName);
  if (id === undefined) {
    const [first] = ofSource;
    if (!first) throw new UsageError(`No ${sourceName} connection in ${file}. Pass --connections.`);
    return first;
  }
  const named = connections.get(id);
  if (named?.source.name === sourceName) return named;
  const problem = named ? `is a ${named.source.name} connection` : `is not in ${file}`;
  const ids = ofSource.map((connection) => connection.id).join(', ') || 'none';
  throw new UsageError(`Connection "${id}" ${problem}. Connections of ${sourceName}: ${ids}.`);
}

function listTopics({ name, samples }: SourceDefinition): string {
  return (samples?.topics ?? []).map((topic) => `  ${name} ${topic}`).join('\n');
}

/**
 * Creates a function that composes the signed webhook with a number, from 1.
 *
 * @param now milliseconds since the epoch, read for each webhook because some platforms sign the time
 */
function createComposer(
  { settings, secrets }: Connection,
  samples: SourceSamples,
  topic: string,
  now: () => number,
): (number: number) => SampleRequest {
  return (number) =>
    samples.sign(samples.compose(topic, { number, now: now(), settings }), secrets[0]?.reveal() ?? '');
}

interface Report {
  readonly subject: string;
  readonly connection: string;
  readonly url: URL;
  readonly results: readonly PostResult[];
  readonly summary: SendSummary;
  readonly seconds: number;
}

function print({ subject, url, results, summary, seconds }: Report, count: number, context: CliContext) {
  const isRefused = summary.failures.some(({ code }) => code === 'ECONNREFUSED');
  if (isRefused) context.err(`error: Nothing listens at ${url.origin}. Start ingest, for example npm start.`);
  if (isRefused && summary.answers.length === 0) return;
  const [only] = results;
  context.out(count === 1 && only ? renderResult(subject, only) : renderSummary(subject, summary, seconds));
}

function toJson({ connection, url, results, summary, seconds }: Report): string {
  const [only] = results;
  const body = results.length === 1 && only?.ok ? { body: only.body } : {};
  return JSON.stringify({ connection, url: url.href, seconds, ...summary, ...body }, null, 2);
}
