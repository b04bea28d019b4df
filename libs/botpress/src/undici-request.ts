import { Agent } from 'undici';
import { type Answer, UndiciExchange } from './undici-exchange.ts';

export interface Request {
  /** In capitals. */
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** Milliseconds, until the answer begins, and for each pause in it. */
  readonly timeout: number;
}

/** Bytes, the client's own limit. */
const LARGEST_ANSWER = 100 * 1024 * 1024;

/**
 * Milliseconds that a connection is kept which nobody uses, where its server does not say for how long. Load
 * balancers keep theirs for a minute and more; who closes first never resets a request of ours.
 */
const KEPT_IDLE = 30_000;

/** For each timeout one agent, whose connections all clients share. A worker has one timeout. */
const agents = new Map<number, Agent>();

function agentOf(timeout: number): Agent {
  let agent = agents.get(timeout);
  if (!agent) {
    // Heads and bodies have a clock of their own: undici's is good to a second.
    const clocks = { headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: KEPT_IDLE };
    agent = new Agent({ ...clocks, connect: { timeout }, pipelining: 1, maxResponseSize: LARGEST_ANSWER });
    agents.set(timeout, agent);
  }
  return agent;
}

/**
 * Sends one request over undici, which has it before this returns. It follows no redirects and retries nothing.
 *
 * @returns rejects with a `RawError` if no answer begins
 */
export function sendOverUndici({ method, url, headers, body, timeout }: Request): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const exchange = new UndiciExchange(timeout, { resolve, reject });
    try {
      const { origin, protocol, pathname, search } = new URL(url);
      if (protocol !== 'http:' && protocol !== 'https:') throw new UnknownProtocol(protocol);
      const path = `${pathname}${search}`;
      agentOf(timeout).dispatch({ origin, path, method, headers, body: body ?? null }, exchange);
    } catch (error) {
      exchange.fail(error instanceof Error ? error : new Error(String(error)));
    }
  });
}

class UnknownProtocol extends Error {
  /** Axios' own. */
  readonly code = 'ERR_BAD_REQUEST';
}
