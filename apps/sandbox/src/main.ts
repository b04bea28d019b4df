import { systemClock } from './clock.ts';
import { createSandbox } from './sandbox.ts';
import { type RunningServer, startServer } from './server.ts';
import { readSettings, type Settings } from './settings.ts';

const warn = (message: string) => void process.stderr.write(`sandbox: ${message}\n`);

function fail(message: string): never {
  warn(message);
  process.exit(1);
}

function tell(error: unknown, { host, port }: Settings): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    return `port ${port} is busy: something else listens on ${host}:${port}; set SLUICE_SANDBOX_PORT to a free port, or to 0 for any`;
  }
  return `cannot start: ${message}`;
}

async function start(settings: Settings): Promise<RunningServer> {
  const sandbox = await createSandbox({ ...settings, clock: systemClock, random: Math.random, warn });
  return startServer(sandbox, settings);
}

const reading = readSettings(process.env);
if (!reading.ok) fail(reading.mistakes.join('\nsandbox: '));
const server = await start(reading.settings).catch((error: unknown) => fail(tell(error, reading.settings)));

let closing = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, async () => {
    if (closing) return;
    closing = true;
    await server.close();
    // Calls that a latency still delays would keep the process for as long.
    process.exit(0);
  });
}

process.stdout.write(`${JSON.stringify({ level: 'info', msg: 'sandbox listening', url: server.url })}\n`);
