import { type RunningApp, startApp } from './start-app.ts';

/** What the stand-in committed: the one ledger that the pipeline does not write. */
export interface SandboxLedger {
  readonly commits: number;
  /** Delivery ids among them. */
  readonly distinct: number;
  /** Delivery ids committed more than once, with how often. */
  readonly doubled: Readonly<Record<string, number>>;
}

export interface SandboxCall {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly botId: string | null;
  readonly type: string | null;
  readonly deliveryId: string | null;
  readonly status: number | null;
}

export interface RunningSandbox {
  readonly url: string;
  readonly app: RunningApp;
  /** Switches a fault on, as `apps/sandbox/README.md` lists them. */
  addFault(fault: Readonly<Record<string, unknown>>): Promise<void>;
  clearFaults(): Promise<void>;
  /** Gives a bot a token, a limit or a state of its own. */
  setBot(botId: string, bot: Readonly<Record<string, unknown>>): Promise<void>;
  ledger(): Promise<SandboxLedger>;
  /** Ids of all deliveries that were committed. */
  delivered(): Promise<ReadonlySet<string>>;
  calls(): Promise<readonly SandboxCall[]>;
  /** Resolves when so many distinct deliveries are committed, or so many calls came. Throws after a minute. */
  waitFor(what: { readonly distinct?: number; readonly calls?: number }): Promise<void>;
  /** Forgets commits and calls. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

const WAIT_MS = 60_000;

/** Starts a sandbox on a free port, without a rate limit unless `env` sets one. */
export async function startSandbox(env: Readonly<Record<string, string>> = {}): Promise<RunningSandbox> {
  const app = await startApp('sandbox', {
    env: { SLUICE_SANDBOX_PORT: '0', SLUICE_SANDBOX_EVENTS_PER_MINUTE: 'unlimited', ...env },
  });
  const call = async (method: string, path: string, body?: unknown): Promise<Response> => {
    const answer = await fetch(`${app.url}/sandbox/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`sandbox: ${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  const read = async <T>(path: string): Promise<T> => (await (await call('GET', path)).json()) as T;
  return {
    url: app.url,
    app,
    addFault: async (fault) => void (await call('POST', 'faults', fault)),
    clearFaults: async () => void (await call('DELETE', 'faults')),
    setBot: async (botId, bot) => void (await call('PUT', `bots/${botId}`, bot)),
    ledger: () => read('ledger'),
    delivered: async () => {
      const text = await (await call('GET', 'ledger/deliveries')).text();
      return new Set(
        text
          .split('\n')
          .filter(Boolean)
          .map((line) => (JSON.parse(line) as { deliveryId: string }).deliveryId),
      );
    },
    calls: async () => (await read<{ calls: SandboxCall[] }>('calls?limit=100000')).calls,
    waitFor: async ({ distinct, calls }) => {
      const what = calls === undefined ? `commits=${distinct}&distinct=true` : `calls=${calls}`;
      await call('GET', `wait?${what}&timeoutMs=${WAIT_MS}`);
    },
    reset: async () => void (await call('DELETE', 'ledger')),
    stop: async () => void (await app.stop()),
  };
}
