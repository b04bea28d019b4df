import { fileURLToPath } from 'node:url';
import { loadConnections } from '@sluice/config';
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

async function main(): Promise<void> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const connectionsPath = env.SLUICE_CONNECTIONS ?? 'config/connections.demo.yaml';
  const connections = loadConnections(connectionsPath);

  print('Sluice: starting Redis, sandbox, worker and ingest …');
  const stopEarly = new AbortController();
  process.on('SIGINT', () => stopEarly.abort()).on('SIGTERM', () => stopEarly.abort());
  const pipeline = await startPipeline({
    projectRoot: PROJECT_ROOT,
    env,
    connectionsPath,
    redisPort: Number(env.SLUICE_REDIS_PORT ?? 6390),
    log: print,
  });
  stopOnSignal(pipeline, stopEarly.signal);

  const narrator = new Narrator(print, Date.now);
  narrator.follow(pipeline.ingest);
  narrator.follow(pipeline.worker);
  print('\nOne order, signed as Shopify signs it:');
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
    print('Stopped. The data stays in .sluice/ for the next start.');
    process.exit(0);
  };
  if (signal.aborted) void stop();
  else signal.addEventListener('abort', () => void stop());
}

function describe({ ingest, worker, sandbox, redis }: Pipeline, connectionsPath: string): string {
  return `
Running:
  ingest    ${ingest.url}/webhooks/<connection id>   (connections: ${connectionsPath})
  sandbox   ${sandbox.url}/v1/chat/events            (stands in for Botpress)
  worker    ${worker.url}/metrics
  redis     ${redis.url}                            (data in .sluice/)

Try, in another terminal:
  npm run sluice -- send shopify orders/create --count 20     twenty more orders
  npm run sluice -- send shopify orders/create --count 5 --same   one order five times: one event
  curl -s ${sandbox.url}/sandbox/ledger                    what the bot got

Ctrl-C stops everything.
`;
}

main().catch(fail);
