import { secretOf } from '../connections.ts';
import { post, toStatus } from '../post.ts';
import type { Row } from '../row.ts';
import { sign, signed, signedBody } from '../signed.ts';
import { eventOf, finalLogLine, type Target, withWorkerFrozen } from '../target.ts';

/** Posts an order with this body and returns its delivery. */
async function order(target: Target, text: string): Promise<string> {
  const answer = await post(target, 'shopify', signedBody('shopify', text));
  const [delivery] = answer.deliveries;
  if (delivery === undefined) throw new Error(`The order was not stored: ${toStatus(answer)}`);
  return delivery;
}

/** Returns the stored body of a delivery. */
async function storedBody({ redis }: Target, delivery: string): Promise<string> {
  const [key] = await redis.keys(`*:${delivery}`);
  const data = await redis.hget(key ?? '', 'data');
  return (JSON.parse(data ?? '{}') as { body: string }).body;
}

const POISON =
  '{"confirmation_number":"POLLUTED","order_status_url":"POLLUTED","currency":"POLLUTED","polluted":"POLLUTED"}';
const BARE = '"created_at":"2026-01-01T00:00:00Z"';

const NUMBERS =
  `{"id":9007199254740993,"admin_graphql_api_id":"gid://shopify/Order/9007199254740993",${BARE},` +
  '"a":1e999,"b":-1e999,"c":1E-400,"d":-0,"e":1.0,"f":123456789012345678901234567890.10}';

export const json: readonly Row[] = [
  {
    row: 11,
    input: '__proto__ and constructor as keys, at every level',
    expected: 'no pollution, all other keys unchanged',
    run: async (target) => {
      const nested = `{"__proto__":${POISON},"constructor":{"prototype":${POISON}},"kept":{"to_string":[1]}}`;
      const poisoned = await order(
        target,
        `{"id":1,${BARE},"__proto__":${POISON},"constructor":{"prototype":${POISON}},"note_attributes":[${nested}],"x":${nested}}`,
      );
      const clean = await order(target, `{"id":2,${BARE}}`);
      const [first, second] = [await eventOf(target, poisoned), await eventOf(target, clean)];
      const isClean = second !== undefined && !second.text.includes('POLLUTED');
      const { fullBody, ...fields } = first?.payload ?? {};
      const ownFields = !JSON.stringify(fields).includes('POLLUTED');
      // The HTTP library of the Botpress client drops keys with these names.
      const others = Object.entries((fullBody as { x?: object }).x ?? {}).filter(([key]) => key === 'kept');
      const kept = JSON.stringify(others) === '[["kept",{"to_string":[1]}]]';
      if (isClean && ownFields && kept) return 'no pollution, all other keys unchanged';
      return `the next order is ${isClean ? 'clean' : 'polluted'}, its own fields ${ownFields ? 'clean' : 'polluted'}, nested ${kept ? 'kept' : 'changed'}`;
    },
  },
  {
    row: 12,
    input: 'the same key twice',
    expected: 'the last wins: order 2; the text is kept with both',
    run: async (target) => {
      const text = `{"id":1,"id":2,${BARE},"currency":"EUR","currency":"USD"}`;
      const [delivery, stored] = await withWorkerFrozen(target, async () => {
        const id = await order(target, text);
        return [id, await storedBody(target, id)] as const;
      });
      const event = await eventOf(target, delivery);
      const which = event?.payload.currency === 'USD' ? event.payload.order_id : 'mixed';
      return `the last wins: order ${which}; the text is ${stored === text ? 'kept with both' : 'changed'}`;
    },
  },
  {
    row: 12,
    input: 'a signed timestamp twice, the last one old',
    expected: '401',
    run: async (target) => {
      const { headers, body } = signed('linear');
      const twice = body.replace(/}$/, ',"webhookTimestamp":1}');
      return toStatus(
        await post(target, 'linear', sign('linear', { headers, body: twice }, secretOf('linear'))),
      );
    },
  },
  {
    row: 13,
    input: 'integers above 2^53, 1e999 and other numbers that parsing changes',
    expected: 'the exact text is kept; order_gid exact; delivered',
    run: async (target) => {
      const [delivery, stored] = await withWorkerFrozen(target, async () => {
        const id = await order(target, NUMBERS);
        return [id, await storedBody(target, id)] as const;
      });
      const event = await eventOf(target, delivery);
      const exact = event?.payload.order_gid === 'gid://shopify/Order/9007199254740993';
      const { outcome } = await finalLogLine(target, delivery);
      return `${stored === NUMBERS ? 'the exact text is kept' : 'the text is changed'}; order_gid ${exact ? 'exact' : 'rounded'}; ${outcome}`;
    },
  },
  {
    row: 13,
    input: '1e999 as an id',
    expected: '200 quarantined; dead: invalid_input',
    run: async (target) => {
      const answer = await post(target, 'shopify', signedBody('shopify', `{"id":1e999,${BARE}}`));
      const { outcome, reason } = await finalLogLine(target, answer.deliveries[0] ?? '');
      return `${toStatus(answer)}; ${outcome}: ${reason}`;
    },
  },
];
