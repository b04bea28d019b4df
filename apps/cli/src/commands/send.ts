import { type Connection, type Connections, loadConnections, loadSourceRegistry } from '@sluice/config';
import type { SampleRequest, SourceDefinition, SourceRegistry, SourceSamples } from '@sluice/events';
import type { Command } from 'commander';
import { openIngestClient, type PostResult, parseResponse, sendWebhooks } from '../client/ingest.ts';
import type { CliContext, End } from '../context.ts';
import { EXIT, type ExitCode, UsageError } from '../errors.ts';
import { parseCount, parseIngestUrl, parseRate } from '../options/parsers.ts';
import { oneLine } from '../render/format.ts';

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

export interface SendSummary {
  /** Whether all requested webhooks were sent and answered with 2xx. */
  readonly ok: boolean;
  readonly sent: number;
  readonly answers: readonly {
    readonly status: number;
    readonly result: string | null;
    readonly count: number;
  }[];
  /** Webhooks without a response, by error code. */
  readonly failures: readonly { readonly code: string; readonly count: number }[];
  /** Response time in milliseconds; null without a response. */
  readonly latencyMs: { readonly p50: number; readonly p99: number } | null;
}

/** Counts results by status and error code, the most frequent first. */
export function summarizeResults(results: readonly PostResult[], requested: number): SendSummary {
  const answers = new Map<string, { status: number; result: string | null; count: number }>();
  const failures = new Map<string, { code: string; count: number }>();
  const latencies: number[] = [];
  for (const response of results) {
    if (!response.ok) {
      const { code } = response;
      failures.set(code, { code, count: (failures.get(code)?.count ?? 0) + 1 });
      continue;
    }
    const { status } = response;
    const { result } = parseResponse(response.body);
    const key = `${status} ${result}`;
    answers.set(key, { status, result, count: (answers.get(key)?.count ?? 0) + 1 });
    latencies.push(response.ms);
  }
  const accepted = results.filter((result) => result.ok && result.status >= 200 && result.status < 300);
  return {
    ok: accepted.length === requested,
    sent: results.length,
    answers: [...answers.values()].sort((a, b) => b.count - a.count),
    failures: [...failures.values()].sort((a, b) => b.count - a.count),
    latencyMs: percentiles(latencies),
  };
}

/** By nearest rank, to a hundredth of a millisecond. */
function percentiles(latencies: readonly number[]): SendSummary['latencyMs'] {
  const sorted = [...latencies].sort((a, b) => a - b);
  const rank = (share: number) => Math.round((sorted[Math.ceil(sorted.length * share) - 1] ?? 0) * 100) / 100;
  return sorted.length === 0 ? null : { p50: rank(0.5), p99: rank(0.99) };
}

/** Renders the summary of several webhooks. */
function renderSummary(subject: string, summary: SendSummary, seconds: number): string {
  const { sent, answers, failures, latencyMs } = summary;
  const rate = seconds > 0 ? ` (${Math.round(sent / seconds)} per second)` : '';
  return [
    `Sent ${sent} × ${subject} in ${seconds.toFixed(1)} s${rate}`,
    ...answers.map(
      ({ status, result, count }) => `  ${count} × ${[status, result].filter(Boolean).join(' ')}`,
    ),
    ...failures.map(({ code, count }) => `  ${count} × no response (${code})`),
    ...(latencyMs ? [`Response time: ${latencyMs.p50} ms (p50), ${latencyMs.p99} ms (p99)`] : []),
  ].join('\n');
}

/** Characters shown of a body that is not from ingest. */
const SHOWN_BODY = 500;

/** Renders the response to a single webhook in one line. */
function renderResult(subject: string, result: PostResult): string {
  if (!result.ok) return `${subject}: no response (${result.code})`;
  const response = parseResponse(result.body);
  // The server may not be ingest: control characters must not reach the terminal.
  const body = oneLine(result.body).slice(0, SHOWN_BODY).trim();
  const text = response.result === null ? body : [response.result, ...response.deliveries].join(' ');
  return `${subject}: ${[result.status, text].filter((part) => part !== '').join(' ')} in ${result.ms.toFixed(1)} ms`;
}
