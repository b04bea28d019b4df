import { Client } from '@botpress/client';
import type { Call } from '../call-log.ts';
import type { LedgerReport } from '../ledger.ts';
import { seededRandom } from '../random.ts';
import { createSandbox, type SandboxOptions } from '../sandbox.ts';
import { startServer } from '../server.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';

export interface ControlAnswer<Body> {
  readonly status: number;
  readonly body: Body;
}

/** A sandbox on a free port, in this process, under a fake clock; it is asked over HTTP only. */
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
  }): Client;
  /** One call of the Runtime API without the client, which hides status and headers. */
  post(body: string, headers?: Record<string, string>, signal?: AbortSignal): Promise<Response>;
  control<Body = unknown>(method: string, path: string, body?: unknown): Promise<ControlAnswer<Body>>;
  ledger(): Promise<LedgerReport>;
  calls(query?: string): Promise<Call[]>;
  close(): Promise<void>;
}

/** Starts one; what is not given is what the sandbox starts with by default, without a data folder. */
export async function startTestSandbox(options: Partial<SandboxOptions> = {}): Promise<TestSandbox> {
  const clock = createFakeClock();
  const warnings: string[] = [];
  const sandbox = await createSandbox({
    clock,
    random: seededRandom(7),
    keep: 20_000,
    eventsPerMinute: 600,
    dataFolder: undefined,
    warn: (message) => warnings.push(message),
    ...options,
  });
  const { url, close } = await startServer(sandbox, { host: '127.0.0.1', port: 0 });

  async function control<Body>(method: string, path: string, body?: unknown): Promise<ControlAnswer<Body>> {
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
