import type { Modes } from './modes.ts';
import { createRateWindow, type RateState, type RateWindow } from './rate-window.ts';
import { type ApiResponse, type ResponseHeaders, rateLimitedResponse } from './responses.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** Limit in the headers of a workspace without a limit: that of the documented example. */
const DOCUMENTED_LIMIT = 100;

/** The calls of one workspace since the start or the last reset. */
export interface WorkspaceReport {
  readonly calls: number;
  /** Calls over the limit of the workspace. */
  readonly rejected: number;
  /** Largest number of calls in one second, including rejected ones. */
  readonly peakPerSecond: number;
}

/** The bot and the workspace that a call counts for. */
interface RateTarget {
  readonly botId: string;
  readonly workspaceId: string;
  /** Limit of the bot; undefined means that of the mode, null none. */
  readonly eventsPerMinute: number | null | undefined;
}

export type RateResult =
  | { readonly ok: true; readonly headers: ResponseHeaders }
  | { readonly ok: false; readonly response: ApiResponse };

/** The documented limits: calls per second of a workspace, events and messages per minute of a bot. */
export interface RateLimits {
  /**
   * Counts a call.
   *
   * @param isEvent whether it creates an event or a message; the limit of the bot does not count reads
   * @param errorId id of the error in the response, if the call is rejected
   */
  take(target: RateTarget, isEvent: boolean, now: number, errorId: () => string): RateResult;
  report(): Readonly<Record<string, WorkspaceReport>>;
  /** Empties the window of a bot. */
  resetBot(botId: string): void;
  /** Empties all windows and reports. */
  clear(): void;
}

interface Workspace {
  readonly window: RateWindow;
  report: WorkspaceReport;
  /** All calls of the last second, including rejected ones. */
  readonly recent: RateWindow;
}

/** Creates limits without any call. */
export function createRateLimits(modes: Modes): RateLimits {
  const bots = new Map<string, RateWindow>();
  const workspaces = new Map<string, Workspace>();

  /** A changed limit begins with an empty window. */
  function windowOf(botId: string, own: number | null | undefined): RateWindow | undefined {
    const limit = own === undefined ? modes.get('eventsPerMinute') : own;
    if (limit === null) return undefined;
    const known = bots.get(botId);
    if (known?.limit === limit) return known;
    const window = createRateWindow(limit, MINUTE_MS);
    bots.set(botId, window);
    return window;
  }
  function workspaceOf(id: string): Workspace {
    const limit = modes.get('workspaceCallsPerSecond') ?? DOCUMENTED_LIMIT;
    const known = workspaces.get(id);
    if (known?.window.limit === limit) return known;
    const workspace: Workspace = {
      window: createRateWindow(limit, SECOND_MS),
      recent: known?.recent ?? createRateWindow(Number.POSITIVE_INFINITY, SECOND_MS),
      report: known?.report ?? { calls: 0, rejected: 0, peakPerSecond: 0 },
    };
    workspaces.set(id, workspace);
    return workspace;
  }
  function countCall(workspace: Workspace, now: number, isRejected: boolean): void {
    const { calls, rejected, peakPerSecond } = workspace.report;
    workspace.report = {
      calls: calls + 1,
      rejected: rejected + (isRejected ? 1 : 0),
      peakPerSecond: Math.max(peakPerSecond, workspace.recent.take(now).used),
    };
  }
  function reject(state: RateState, unit: string, now: number, errorId: () => string): RateResult {
    const message = `The limit of ${state.limit} ${unit} is reached.`;
    const headers = { ...rateHeaders(state, modes), ...retryAfter(state, modes, now) };
    const body = modes.get('rateLimitBody');
    return { ok: false, response: rateLimitedResponse(body, errorId(), headers, message) };
  }

  return {
    take({ botId, workspaceId, eventsPerMinute }, isEvent, now, errorId) {
      const workspace = workspaceOf(workspaceId);
      const inWorkspace = workspace.window.take(now);
      const isRejected = !inWorkspace.allowed && modes.get('workspaceCallsPerSecond') !== null;
      countCall(workspace, now, isRejected);
      if (isRejected) return reject(inWorkspace, 'calls per second', now, errorId);

      const window = windowOf(botId, eventsPerMinute);
      const isCounted = isEvent || modes.get('countReads');
      const inBot = isCounted ? window?.take(now) : window?.peek(now);
      if (isCounted && inBot?.allowed === false) return reject(inBot, 'events per minute', now, errorId);
      const shown = modes.get('rateLimitHeaders') === 'bot' ? inBot : inWorkspace;
      return { ok: true, headers: shown ? rateHeaders(shown, modes) : {} };
    },
    report: () => Object.fromEntries([...workspaces].map(([id, { report }]) => [id, report])),
    resetBot: (botId) => void bots.delete(botId),
    clear() {
      bots.clear();
      workspaces.clear();
    },
  };
}

function rateHeaders({ limit, remaining, resetSeconds }: RateState, modes: Modes): ResponseHeaders {
  if (modes.get('rateLimitHeaders') === 'none') return {};
  return {
    'RateLimit-Limit': String(limit),
    'RateLimit-Remaining': String(remaining),
    'RateLimit-Reset': String(resetSeconds),
  };
}

function retryAfter({ resetSeconds }: RateState, modes: Modes, now: number): ResponseHeaders {
  switch (modes.get('retryAfter')) {
    case 'none':
      return {};
    case 'seconds':
      return { 'Retry-After': String(resetSeconds) };
    case 'date':
      return { 'Retry-After': httpDate(now, resetSeconds) };
  }
}

/** An HTTP-date has whole seconds. Rounding up keeps it from being earlier than meant. */
export function httpDate(now: number, seconds: number): string {
  return new Date((Math.ceil(now / 1000) + seconds) * 1000).toUTCString();
}
