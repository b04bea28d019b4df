/** A source module with a bug in its mapper, which requires a coupon. */
export default ({ defineSource, defineEvent, verifyHmac, z }) => {
  const orderPlaced = defineEvent({
    name: 'orderPlaced',
    title: 'Order placed',
    description: 'A customer placed an order.',
    topic: 'order.placed',
    input: z.looseObject({
      order_id: z.number(),
      email: z.string(),
      coupon: z.string().nullish(),
      placed_at: z.iso.datetime(),
    }),
    schema: z.object({ order_id: z.number(), email: z.string(), coupon: z.string().optional() }),
    map: (order) => ({
      order_id: order.order_id,
      email: order.email,
      coupon: order.coupon.toUpperCase(),
    }),
  });
  const shop = defineSource({
    name: 'shop',
    title: 'Shop',
    settings: z.strictObject({}),
    deduplicationWindow: 3_600_000,
    keepHeaders: [],
    verify: ({ body, headers }, { secrets }) =>
      verifyHmac({ message: body, signature: headers['x-shop'] ?? '', encoding: 'hex', secrets })
        ? { ok: true }
        : { ok: false, why: 'signature does not match' },
    unpack: ({ text, json }) => [
      { topic: 'order.placed', idempotencyKey: String(json?.order_id ?? text), body: text, input: json },
    ],
    events: [orderPlaced],
  });
  return { sources: [shop] };
};
