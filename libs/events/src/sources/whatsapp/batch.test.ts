import { describe, expect, test } from 'vitest';
import { unlessRule } from '../../pipeline/unless-rules.ts';
import { cpuTimeOf } from '../../test-support/cpu-time.ts';
import type { VerifiedWebhook } from '../../verification/webhook.ts';
import { receive } from './test-support/receive.ts';
import { unpackWhatsApp } from './unpack.ts';

const metadata = { display_phone_number: '15550100000', phone_number_id: '106' };
const change = (value: object) => ({ field: 'messages', value });
const wrap = (...changes: object[]) => JSON.stringify({ entry: [{ id: '9', changes }] });
const message = { id: 'wamid.A', from: '15550101', timestamp: '1790000000', type: 'text' };

describe('a WhatsApp batch of 1,000 items with one invalid item', () => {
  const sent = Array.from({ length: 1_000 }, (_, id) => ({
    ...message,
    id: `wamid.${id}`,
    text: { body: `Nachricht ${id} für dich 👋` },
  }));
  const poisoned = sent.with(499, { ...message, id: 'wamid.499', text: { body: 5 as unknown as string } });
  const halves = [poisoned.slice(0, 500), poisoned.slice(500)];
  const batch = wrap(change({ metadata, messages: halves[0] }));
  const [first, second] = halves.map((messages) => change({ metadata, messages }));
  const cut = JSON.stringify({
    entry: [
      { id: '9', changes: [first] },
      { id: '9', changes: [second] },
    ],
  });

  test('becomes 999 events and one dead letter with different keys', () => {
    const { items } = receive(cut);
    expect(items).toHaveLength(1_000);
    const poison = items.filter(({ issues }) => issues.length > 0);
    expect(poison).toMatchObject([{ issues: [{ path: 'message.text.body' }], mapping: { ok: false } }]);
    expect(poison[0]?.key).toContain('wamid.499');
    expect(items.filter(({ mapping }) => mapping.ok)).toHaveLength(999);
    expect(new Set(items.map(({ key }) => key)).size).toBe(1_000);
  });

  test('has the same 1,000 keys when resent, also if Meta splits it differently', () => {
    const keys = receive(cut).items.map(({ key }) => key);
    expect(receive(cut).items.map(({ key }) => key)).toEqual(keys);
    expect(receive(batch).items.map(({ key }) => key)).toEqual(keys.slice(0, 500));
  });
});

test('an unless rule is applied to each item of a WhatsApp batch', () => {
  const from = (id: string, sender: string) => ({ ...message, id, from: sender });
  const messages = [from('wamid.A', '1'), from('wamid.B', '2'), from('wamid.C', '1')];
  const rule = unlessRule.parse({ path: 'message.from', value: 1 });
  const { items, ...ignored } = receive(wrap(change({ metadata, messages })), undefined, [rule]);
  expect(items.map(({ key }) => key)).toEqual([expect.stringContaining('wamid.B')]);
  expect(ignored).toEqual({ ignored: 2, ignoredBy: { unless: 2 } });
});

test('1,000 items in 3 MB are unpacked in linear time and size, however the batch is split', () => {
  const webhook = { headers: {}, body: Buffer.alloc(0), receivedAt: 0 } as unknown as VerifiedWebhook;
  const messageOf = (id: number) => ({ id: `wamid.${id}`, from: `${id}`, text: { body: 'ü\n'.repeat(740) } });
  const ids = Array.from({ length: 1_000 }, (_, id) => id);
  const contacts = ids.map((id) => ({ wa_id: `${id}`, profile: { name: `Person ${id}` } }));
  const shapes = [
    wrap(change({ metadata, contacts, messages: ids.map(messageOf) })),
    wrap(...ids.map((id) => change({ metadata, contacts: [contacts[id]], messages: [messageOf(id)] }))),
    JSON.stringify({
      entry: ids.map((id) => ({ id: '9', changes: [change({ metadata, messages: [messageOf(id)] })] })),
    }),
    wrap(change({ metadata, messages: ids.map((id) => ({ ...messageOf(id), id })) })),
  ];
  for (const text of shapes) {
    const json: unknown = JSON.parse(text);
    expect(Buffer.byteLength(text)).toBeGreaterThan(2_900_000);
    const times = [1, 2, 3].map(() =>
      cpuTimeOf(() => expect(unpackWhatsApp({ webhook, text, json })).toHaveLength(1_000)),
    );
    expect(Math.min(...times)).toBeLessThan(200);
    const total = unpackWhatsApp({ webhook, text, json }).reduce(
      (sum, { body }) => sum + Buffer.byteLength(body),
      0,
    );
    expect(total).toBeLessThan(1.2 * Buffer.byteLength(text));
  }
});
