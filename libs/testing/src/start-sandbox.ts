import { type RunningApp, startApp } from './start-app.ts';

/** The events that the sandbox committed: a ledger that the pipeline does not write. */
export interface SandboxLedger {
  readonly commits: number;
  /** Distinct delivery ids. */
  readonly distinct: number;
  /** Delivery ids committed more than once, with their counts. */
  readonly doubled: Readonly<Record<string, number>>;
}

/** A call of createEvent. Other calls are not recorded. */
export interface SandboxCall {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly botId: string | null;
  readonly type: string | null;
  readonly deliveryId: string | null;
  readonly status: number | null;
  /** `open` until the call ends. */
  readonly outcome: string;
  /** Set when the event was committed, even if the caller got no response. */
  readonly eventId: string | null;
}

export interface SandboxFault {
  readonly id: string;
  /** Number of affected calls. */
  readonly hits: number;
}

export interface RunningSandbox {
  readonly url: string;
  readonly app: RunningApp;
  /** Adds a fault. `apps/sandbox/README.md` lists its fields. */
  addFault(fault: Readonly<Record<string, unknown>>): Promise<SandboxFault>;
  faults(): Promise<readonly SandboxFault[]>;
  clearFaults(): Promise<void>;
  /** Sets the token, limit or state of a bot. */
  setBot(botId: string, bot: Readonly<Record<string, unknown>>): Promise<void>;
  /** Registers the events of an integration: names with their JSON Schemas. */
  putIntegration(id: string, events: Readonly<Record<string, unknown>>): Promise<void>;
  /** Changes modes. `apps/sandbox/README.md` lists them. */
  setModes(modes: Readonly<Record<string, unknown>>): Promise<void>;
  /** Restores the modes of the start. */
  resetModes(): Promise<void>;
  /** Adds a rule for the final status of later events. `apps/sandbox/README.md` lists its fields. */
  addStatusRule(rule: Readonly<Record<string, unknown>>): Promise<void>;
  /** Reads a route of the control API, e.g. `conversations?botId=bot-1`. */
  read<T>(path: string): Promise<T>;
  ledger(): Promise<SandboxLedger>;
  /** Returns the ids of all committed deliveries with their counts. */
  delivered(): Promise<ReadonlyMap<string, number>>;
  /** Returns the newest 100,000 calls in order of arrival, optionally filtered. */
  calls(fits?: Readonly<Record<string, string>>): Promise<readonly SandboxCall[]>;
  /** Waits for a number of distinct committed deliveries or of calls. Throws after a minute. */
  waitFor(what: { readonly distinct?: number; readonly calls?: number }): Promise<void>;
  /** Waits until a delivery is committed. Throws after a minute without any commit. */
  waitForDelivery(id: string): Promise<void>;
  /** Clears commits and calls. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

const WAIT_MS = 60_000;

/** Without limits of bots and workspaces, for tests and benchmarks that are faster than Botpress allows. */
const UNLIMITED = {
  SLUICE_SANDBOX_EVENTS_PER_MINUTE: 'unlimited',
  SLUICE_SANDBOX_WORKSPACE_CALLS_PER_SECOND: 'unlimited',
};

/** Starts a sandbox on a free port, without a rate limit unless `env` sets one. */
export async function startSandbox(env: Readonly<Record<string, string>> = {}): Promise<RunningSandbox> {
  const app = await startApp('sandbox', {
    env: { SLUICE_SANDBOX_PORT: '0', ...UNLIMITED, ...env },
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
  const sandbox: RunningSandbox = {
    url: app.url,
    app,
    addFault: async (fault) => {
      const answer = await call('POST', 'faults', fault);
      return ((await answer.json()) as { fault: SandboxFault }).fault;
    },
    faults: async () => (await read<{ faults: SandboxFault[] }>('faults')).faults,
    clearFaults: async () => void (await call('DELETE', 'faults')),
    setBot: async (botId, bot) => void (await call('PUT', `bots/${botId}`, bot)),
    putIntegration: async (id, events) => void (await call('PUT', `integrations/${id}`, { events })),
    setModes: async (modes) => void (await call('PATCH', 'modes', modes)),
    resetModes: async () => void (await call('DELETE', 'modes')),
    addStatusRule: async (rule) => void (await call('POST', 'statuses', rule)),
    read,
    ledger: () => read('ledger'),
    delivered: async () => {
      const text = await (await call('GET', 'ledger/deliveries')).text();
      const lines = text.split('\n').filter(Boolean);
      return new Map(
        lines.map((line) => {
          const { deliveryId, count } = JSON.parse(line) as { deliveryId: string; count: number };
          return [deliveryId, count];
        }),
      );
    },
    calls: async (fits = {}) => {
      const query = new URLSearchParams({ limit: '100000', ...fits });
      return (await read<{ calls: SandboxCall[] }>(`calls?${query}`)).calls;
    },
    waitFor: async ({ distinct, calls }) => {
      const what = calls === undefined ? `commits=${distinct}&distinct=true` : `calls=${calls}`;
      await call('GET', `wait?${what}&timeoutMs=${WAIT_MS}`);
    },
    waitForDelivery: async (id) => {
      for (;;) {
        const delivered = await sandbox.delivered();
        if (delivered.has(id)) return;
        await sandbox.waitFor({ distinct: delivered.size + 1 });
      }
    },
    reset: async () => void (await call('DELETE', 'ledger')),
    stop: async () => void (await app.stop()),
  };
  return sandbox;
}
