import { Client } from '@botpress/client';

export type ClientClass = typeof Client;

/** Result of `buildClient2` of @sluice/testing, which only tests may import. */
type Client2 = { readonly clientClass: unknown } | { readonly missing: string };

/** Returns the clients of both majors; `undefined` for 2.x if it cannot be built here, which is reported. */
export function bothMajors(client2: Client2): ReadonlyMap<'1.x' | '2.x', ClientClass | undefined> {
  if ('missing' in client2) {
    process.stderr.write(`SKIPPED: tests of @botpress/client 2.x: ${client2.missing}\n`);
  }
  return new Map([
    ['1.x', Client],
    ['2.x', 'missing' in client2 ? undefined : (client2.clientClass as ClientClass)],
  ]);
}

/** Returns a client class that `useUndici` leaves unchanged. */
export const ofAnotherShape = (Base: ClientClass): ClientClass =>
  class extends Base {
    constructor(...args: ConstructorParameters<ClientClass>) {
      super(...args);
      Object.assign(this, { config: undefined });
    }
  };
