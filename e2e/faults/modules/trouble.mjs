import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Faults by name. */
const TROUBLES = {
  /** Kills the process on every attempt, like a mapper that exhausts memory. */
  abort: () => process.abort(),
  /** Blocks the event loop the first time that this delivery is mapped. */
  block: ({ id, ms }) => {
    const done = fileURLToPath(new URL(`./blocked-${id}`, import.meta.url));
    if (existsSync(done)) return;
    writeFileSync(done, '');
    for (const end = Date.now() + ms; Date.now() < end; );
  },
  throw: () => {
    throw new TypeError('the mapper has a bug');
  },
};

/** A source with a faulty mapper, for the rows of the fault matrix. */
export default ({ defineSource, defineEvent, verifyHmac, z }) => {
  const troubled = defineEvent({
    name: 'troubled',
    title: 'Troubled',
    description: 'An event of the faulty mapper.',
    topic: 'troubled',
    input: z.looseObject({ id: z.string(), trouble: z.string().nullish() }),
    schema: z.object({ id: z.string() }),
    map: (input) => {
      TROUBLES[input.trouble]?.(input);
      return { id: input.id };
    },
  });
  const trouble = defineSource({
    name: 'trouble',
    title: 'Trouble',
    settings: z.strictObject({}),
    deduplicationWindow: 3_600_000,
    keepHeaders: [],
    verify: ({ body, headers }, { secrets }) =>
      verifyHmac({ message: body, signature: headers['x-trouble'] ?? '', encoding: 'hex', secrets })
        ? { ok: true }
        : { ok: false, why: 'signature does not match' },
    unpack: ({ text, json }) => [
      { topic: 'troubled', idempotencyKey: String(json?.id ?? text), body: text, input: json },
    ],
    events: [troubled],
  });
  return { sources: [trouble] };
};
