import { createHash, timingSafeEqual } from 'node:crypto';
import type { ConsoleToken } from '@sluice/config';
import type { Principal } from '../principal.ts';

/** Who signs in with which token. It keeps digests, not tokens. */
export class KnownTokens {
  readonly #known: readonly { readonly digest: Buffer; readonly who: Principal }[];

  constructor(tokens: readonly ConsoleToken[]) {
    this.#known = tokens.map(({ name, role, token }) => ({
      digest: digestOf(token.reveal()),
      who: { name, role },
    }));
  }

  /** Finds whose token that is. It compares with all of them to the end, so its time tells nothing. */
  find(token: string): Principal | undefined {
    const digest = digestOf(token);
    let found: Principal | undefined;
    for (const known of this.#known) {
      const isIt = timingSafeEqual(known.digest, digest);
      found = isIt ? known.who : found;
    }
    return found;
  }
}

/** All of one length, whatever is sent. */
function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
