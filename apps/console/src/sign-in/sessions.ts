import { createHash, randomBytes } from 'node:crypto';
import type { Principal } from '../principal.ts';

/** Milliseconds. How long a session is good for, and how long without a request. */
const LASTS = 12 * 3_600_000;
const IDLE = 2 * 3_600_000;

/** More are those of nobody who is still there: the oldest goes. */
const MOST = 1_000;

interface Session {
  readonly who: Principal;
  readonly openedAt: number;
  readonly usedAt: number;
}

/** Who has signed in with the page. It keeps digests, not ids, and forgets everybody when the process ends. */
export class Sessions {
  readonly #now: () => number;
  /** By the digest of their ids, the oldest first. */
  readonly #open = new Map<string, Session>();

  /** @param now milliseconds of a clock */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Opens a session; returns its id, which nobody guesses and nobody is shown again. */
  open(who: Principal): string {
    const id = randomBytes(32).toString('base64url');
    const [oldest] = this.#open.keys();
    if (oldest !== undefined && this.#open.size >= MOST) this.#open.delete(oldest);
    const at = this.#now();
    this.#open.set(digestOf(id), { who, openedAt: at, usedAt: at });
    return id;
  }

  /** Finds whose session that is, and keeps it from ending for another while. */
  find(id: string): Principal | undefined {
    const digest = digestOf(id);
    const session = this.#open.get(digest);
    if (!session) return undefined;
    const at = this.#now();
    if (at - session.openedAt >= LASTS || at - session.usedAt >= IDLE) {
      this.#open.delete(digest);
      return undefined;
    }
    this.#open.set(digest, { ...session, usedAt: at });
    return session.who;
  }

  end(id: string): void {
    this.#open.delete(digestOf(id));
  }
}

const digestOf = (id: string): string => createHash('sha256').update(id).digest('base64url');
