import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadConnections, loadSourceRegistry, readDemoSettings } from '@sluice/config';
import { buildApps, buildPage } from '@sluice/testing';
import { Narrator } from './narrator.ts';
import { type Pipeline, startPipeline } from './pipeline.ts';
import { sendFirstOrder } from './send-first-order.ts';

const PROJECT_ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const print = (line: string) => void process.stdout.write(`${line}\n`);

/** Ends the demo: what went wrong, in words, and exit code 1. */
function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

// A closed terminal must not keep the rest from being stopped.
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
  const stopEarly = new AbortController();
  // SIGHUP: the terminal was closed.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopEarly.abort());
  const pipeline = await startPipeline({
    projectRoot: PROJECT_ROOT,
    env,
    connectionsPath,
    dataFolder: resolve(PROJECT_ROOT, dataFolder),
    redisPort,
    log: print,
  });
  stopOnSignal(pipeline, stopEarly.signal);

  const narrator = new Narrator(print, Date.now);
  narrator.follow(pipeline.ingest);
  narrator.follow(pipeline.worker);
  print(await describeEarlier(pipeline));
  print('One order, signed as Shopify signs it:');
  const sent = await sendFirstOrder(connections, pipeline, Date.now());
  if (!sent) print(`  none: there is no Shopify connection in ${connectionsPath}`);
  print(describe(pipeline, connectionsPath));

  const broken = await pipeline.broken;
  if (stopEarly.signal.aborted) return;
  await pipeline.stop();
  fail(`${broken} ended by itself; everything else has been stopped. Run npm start again.`);
}

function stopOnSignal(pipeline: Pipeline, signal: AbortSignal): void {
  const stop = async () => {
    print('\nStopping: finishing what was accepted …');
    await pipeline.stop();
    print('Stopped. The data stays for the next start.');
    process.exit(0);
  };
  if (signal.aborted) void stop();
  else signal.addEventListener('abort', () => void stop());
}

async function describeEarlier({ sandbox }: Pipeline): Promise<string> {
  const ledger = (await (await fetch(`${sandbox.url}/sandbox/ledger`)).json()) as { commits: number };
  return ledger.commits === 0
    ? ''
    : `Found the data of earlier starts: ${ledger.commits} events are at the sandbox.\n`;
}

function describe(
  { ingest, worker, sandbox, redis, console: { url } }: Pipeline,
  connectionsPath: string,
): string {
  const running = [
    ['ingest', `${ingest.url}/webhooks/<connection id>`, `connections: ${connectionsPath}`],
    ['sandbox', `${sandbox.url}/v1/chat/events`, 'in the place of Botpress'],
    ['worker', `${worker.url}/metrics`, 'metrics'],
    ['console', url, 'for operators: open it in a browser'],
    ['redis', redis.url, 'the queue, on disk'],
  ] as const;
  const tries = [
    ['npm run sluice -- send shopify orders/create --count 20', 'twenty orders'],
    ['npm run sluice -- send shopify orders/create --count 5 --same', 'one order five times: one event'],
    [`curl -s ${sandbox.url}/sandbox/ledger`, 'what the bot got'],
    [`REDIS_URL=${redis.url} npm run sluice -- ledger`, 'what became of it all'],
    [`curl -s ${url}/api/dead-letters/groups`, 'what died, by cause'],
  ] as const;
  return [
    '\nRunning, until Ctrl-C:',
    ...running.map(([name, url, what]) => `  ${name.padEnd(10)}${url.padEnd(48)}${what}`),
    '\nTry, in another terminal:',
    ...tries.map(([command, what]) => `  ${command.padEnd(64)}${what}`),
    '',
  ].join('\n');
}

main().catch(fail);
