/** Set while the fixture was written: the mapper then fails as `trouble` of the body says. */
const hasBug = process.env.PARCELS_BUG === 'on';

const TROUBLES = {
  abort: () => process.abort(),
  throw: () => {
    throw new TypeError('the mapper has a bug');
  },
  invalid: () => ({ parcel: 7 }),
};

/** A source of the user, whose mapper has a bug in the old release and none in the new one. */
export default ({ defineSource, defineEvent, verifyHmac, z }) => {
  const parcelMoved = defineEvent({
    name: 'parcelMoved',
    title: 'Parcel moved',
    description: 'A parcel was scanned.',
    topic: 'parcel.moved',
    input: z.looseObject({ parcel: z.string(), trouble: z.string().nullish() }),
    schema: z.object({ parcel: z.string() }),
    map: (input) => (hasBug && TROUBLES[input.trouble]?.()) || { parcel: input.parcel },
  });
  const parcels = defineSource({
    name: 'parcels',
    title: 'Parcels',
    settings: z.strictObject({}),
    deduplicationWindow: 3_600_000,
    keepHeaders: [],
    verify: ({ body, headers }, { secrets }) =>
      verifyHmac({ message: body, signature: headers['x-parcels'] ?? '', encoding: 'hex', secrets })
        ? { ok: true }
        : { ok: false, why: 'signature does not match' },
    unpack: ({ text, json }) => [
      { topic: 'parcel.moved', idempotencyKey: String(json?.id ?? text), body: text, input: json },
    ],
    events: [parcelMoved],
  });
  return { sources: [parcels] };
};
