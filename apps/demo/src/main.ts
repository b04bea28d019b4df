import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Connections, loadConnections, loadSourceRegistry, readDemoSettings } from '@sluice/config';
import { buildApps, buildPage } from '@sluice/testing';
import { ActivityPrinter } from './activity-printer.ts';
import { type Pipeline, startPipeline } from './pipeline.ts';

const PROJECT_ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const print = (line: string) => void process.stdout.write(`${line}\n`);

/** Prints the error message and exits with 1. */
function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

// A closed terminal must not prevent the processes from being stopped.
process.stdout.on('error', () => {});

async function main(): Promise<void> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const { connectionsPath, dataFolder, redisPort } = readDemoSettings(env);
  const registry = await loadSourceRegistry(connectionsPath);
  const connections = loadConnections(connectionsPath, { registry });

  await Promise.all([buildApps(print), buildPage(print)]);
  print('Sluice: starting Redis, sandbox, worker, ingest and console …');
  const stopRequested = new AbortController();
  // The terminal sends SIGHUP when it is closed.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => stopRequested.abort());
  }
  const pipeline = await startPipeline({
    projectRoot: PROJECT_ROOT,
    env,
    connectionsPath,
    dataFolder: resolve(PROJECT_ROOT, dataFolder),
    redisPort,
    log: print,
  });
  stopOnAbort(pipeline, stopRequested.signal);

  const activity = new ActivityPrinter(print, Date.now);
  activity.follow(pipeline.ingest);
  activity.follow(pipeline.worker);
  print(await describeRestoredEvents(pipeline));
  print('Sending one signed Shopify order:');
  const isSent = await sendFirstOrder(connections, pipeline, Date.now());
  if (!isSent) print(`  not sent: no Shopify connection in ${connectionsPath}`);
  print(describePipeline(pipeline, connectionsPath));

  const exited = await pipeline.exited;
  if (stopRequested.signal.aborted) return;
  await pipeline.stop();
  fail(`The process ${exited} exited unexpectedly. All others were stopped. Run npm start again.`);
}

function stopOnAbort(pipeline: Pipeline, signal: AbortSignal): void {
  const stop = async () => {
    print('\nStopping: draining accepted webhooks …');
    await pipeline.stop();
    print('Stopped. The next start continues with the same data.');
    process.exit(0);
  };
  if (signal.aborted) void stop();
  else signal.addEventListener('abort', () => void stop());
}

async function describeRestoredEvents({ sandbox }: Pipeline): Promise<string> {
  const ledger = (await (await fetch(`${sandbox.url}/sandbox/ledger`)).json()) as { commits: number };
  return ledger.commits === 0
    ? ''
    : `Continuing with earlier data: ${ledger.commits} events in the sandbox.\n`;
}

/**
 * Sends one signed order to the first Shopify connection. Resolves after the worker's first attempt to deliver it.
 *
 * @returns false if there is no Shopify connection
 */
async function sendFirstOrder(
  connections: Connections,
  { ingest, worker }: Pick<Pipeline, 'ingest' | 'worker'>,
  now: number,
): Promise<boolean> {
  const connection = connections.all().find(({ source }) => source.name === 'shopify');
  const secret = connection?.secrets[0];
  const samples = connection?.source.samples;
  if (!connection || !secret || !samples) return false;

  const { settings } = connection;
  const order = samples.sign(samples.compose('orders/create', { number: 1, now, settings }), secret.reveal());
  const response = await fetch(`${ingest.url}/webhooks/${connection.id}`, { method: 'POST', ...order });
  if (!response.ok) {
    throw new Error(`Ingest responded to the first order with ${response.status}: ${await response.text()}`);
  }
  const { deliveries } = (await response.json()) as { deliveries: string[] };
  await worker.lines.waitFor((line) => line.msg === 'delivery.attempted' && line.delivery === deliveries[0]);
  return true;
}

function describePipeline(
  { ingest, worker, sandbox, redis, console: { url } }: Pipeline,
  connectionsPath: string,
): string {
  const processes = [
    ['ingest', `${ingest.url}/webhooks/<connection id>`, `connections: ${connectionsPath}`],
    ['sandbox', `${sandbox.url}/v1/chat/events`, 'stand-in for Botpress'],
    ['worker', `${worker.url}/metrics`, 'metrics'],
    ['console', url, 'operator console, for a browser'],
    ['redis', redis.url, 'queue, stored on disk'],
  ] as const;
  const commands = [
    ['npm run sluice -- send shopify orders/create --count 20', 'send 20 orders'],
    ['npm run sluice -- send shopify orders/create --count 5 --same', 'send one order 5 times: one event'],
    [`curl -s ${sandbox.url}/sandbox/ledger`, 'count the events of the bot'],
    [`REDIS_URL=${redis.url} npm run sluice -- ledger`, 'show the ledger'],
    [`curl -s ${url}/api/dead-letters/groups`, 'list failure groups'],
  ] as const;
  return [
    '\nRunning. Stop with Ctrl-C.',
    ...processes.map(([name, url, text]) => `  ${name.padEnd(10)}${url.padEnd(48)}${text}`),
    '\nCommands for another terminal:',
    ...commands.map(([command, text]) => `  ${command.padEnd(64)}${text}`),
    '',
  ].join('\n');
}

main().catch(fail);
