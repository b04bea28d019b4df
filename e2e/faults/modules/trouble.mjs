import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Does to the process what `trouble` says, or nothing. */
const TROUBLES = {
  /** Kills it, whoever works on it, as a regular expression does that eats all memory. */
  abort: () => process.abort(),
  /** Blocks its event loop, the first time that this delivery is mapped. */
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

/** A source whose mapper is trouble, for the rows of the fault matrix that need one. */
export default ({ defineSource, defineEvent, verifyHmac, z }) => {
  const troubled = defineEvent({
    name: 'troubled',
    title: 'Troubled',
    description: 'Something whose mapper was trouble.',
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
