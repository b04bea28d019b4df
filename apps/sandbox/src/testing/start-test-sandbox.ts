import { Client } from '@botpress/client';
import type { Call } from '../call-log.ts';
import { type Clock, seededRandom } from '../clock-and-ids.ts';
import type { LedgerReport } from '../ledger.ts';
import { createSandbox, type SandboxOptions } from '../sandbox.ts';
import { startServer } from '../server.ts';

export interface ControlResponse<Body> {
  readonly status: number;
  readonly body: Body;
}

/** A sandbox in this process, on a free port, with a fake clock. Tests use it over HTTP. */
export interface TestSandbox {
  readonly url: string;
  readonly clock: FakeClock;
  readonly warnings: readonly string[];
  /** The real client: as a bot, or with `integrationId` as an integration. */
  client(identity?: {
    botId?: string;
    integrationId?: string;
    integrationAlias?: string;
    token?: string;
    workspaceId?: string;
  }): Client;
  /** Calls createEvent without the client, which hides status and headers. */
  post(body: string, headers?: Record<string, string>, signal?: AbortSignal): Promise<Response>;
  control<Body = unknown>(method: string, path: string, body?: unknown): Promise<ControlResponse<Body>>;
  ledger(): Promise<LedgerReport>;
  calls(query?: string): Promise<Call[]>;
  close(): Promise<void>;
}

/** No limit of the workspace: the fake clock puts all calls of a test into one second. */
const UNLIMITED = { workspaceCallsPerSecond: null };

/** Starts a sandbox with the default settings, no data folder and no limit of the workspace. */
export async function startTestSandbox(options: Partial<SandboxOptions> = {}): Promise<TestSandbox> {
  const clock = createFakeClock();
  const warnings: string[] = [];
  const sandbox = await createSandbox({
    clock,
    random: seededRandom(7),
    keep: 20_000,
    dataFolder: undefined,
    warn: (message) => warnings.push(message),
    ...options,
    modes: { ...UNLIMITED, ...options.modes },
  });
  const { url, close } = await startServer(sandbox, { host: '127.0.0.1', port: 0 });

  async function control<Body>(method: string, path: string, body?: unknown): Promise<ControlResponse<Body>> {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await fetch(`${url}/sandbox${path}`, init);
    return { status: response.status, body: (await response.json()) as Body };
  }

  return {
    ...{ url, clock, warnings, control, close },
    client: ({ botId = 'bot-1', token = 'token-1', ...identity } = {}) =>
      new Client({ apiUrl: url, botId, token, ...identity }),
    post: (body, headers = {}, signal) =>
      fetch(`${url}/v1/chat/events`, {
        method: 'POST',
        body,
        ...(signal && { signal }),
        headers: {
          authorization: 'Bearer token-1',
          'x-bot-id': 'bot-1',
          'content-type': 'application/json',
          ...headers,
        },
      }),
    ledger: async () => (await control<LedgerReport>('GET', '/ledger')).body,
    calls: async (query = '') => (await control<{ calls: Call[] }>('GET', `/calls${query}`)).body.calls,
  };
}

/** A clock that only moves with `advance`. */
export interface FakeClock extends Clock {
  /** Moves the time by `ms` milliseconds and runs due tasks. */
  advance(ms: number): void;
  /** Resolves when a task is scheduled, so that a test knows when to advance. */
  whenScheduled(): Promise<void>;
}

/** Creates a clock that starts at `start`, in milliseconds since the epoch. */
function createFakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let now = start;
  const tasks = new Map<symbol, { readonly due: number; readonly task: () => void }>();
  const watchers = new Set<() => void>();
  return {
    now: () => now,
    schedule(ms, task) {
      const key = Symbol();
      tasks.set(key, { due: now + ms, task });
      for (const notify of watchers) notify();
      watchers.clear();
      return () => void tasks.delete(key);
    },
    advance(ms) {
      now += ms;
      for (const [key, { due, task }] of [...tasks]) {
        if (due > now) continue;
        tasks.delete(key);
        task();
      }
    },
    whenScheduled: () =>
      tasks.size > 0 ? Promise.resolve() : new Promise<void>((resolve) => void watchers.add(resolve)),
  };
}
