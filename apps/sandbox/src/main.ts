import { systemClock } from './clock-and-ids.ts';
import { createSandbox } from './sandbox.ts';
import { type RunningServer, startServer } from './server.ts';
import { readSettings, type Settings } from './settings.ts';

const warn = (message: string) => void process.stderr.write(`sandbox: ${message}\n`);

function fail(message: string): never {
  warn(message);
  process.exit(1);
}

function describeStartError(error: unknown, { host, port }: Settings): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return `Port ${port} on ${host} is in use. Set SLUICE_SANDBOX_PORT to a free port, or to 0 for any free port.`;
  }
  return `Cannot start: ${message}`;
}

async function start(settings: Settings): Promise<RunningServer> {
  const sandbox = await createSandbox({ ...settings, clock: systemClock, random: Math.random, warn });
  return startServer(sandbox, settings);
}

const result = readSettings(process.env);
if (!result.ok) fail(result.issues.join('\nsandbox: '));
const server = await start(result.settings).catch((error: unknown) =>
  fail(describeStartError(error, result.settings)),
);

let closing = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, async () => {
    if (closing) return;
    closing = true;
    await server.close();
    // Delayed calls would otherwise keep the process alive until their latency ends.
    process.exit(0);
  });
}

process.stdout.write(`${JSON.stringify({ level: 'info', msg: 'sandbox listening', url: server.url })}\n`);
