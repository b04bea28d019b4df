import { createSourceRegistry } from '@sluice/events';
import { type RunningPipeline, startPipeline } from '@sluice/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

const sources = createSourceRegistry();

let pipeline: RunningPipeline;

beforeAll(async () => {
  pipeline = await startPipeline();
});

afterEach(() => pipeline.sandbox.reset());
afterAll(() => pipeline.stop());

/** Posts a body with the signature of a platform, and returns the result. */
async function post(
  source: string,
  body: unknown,
): Promise<{ result?: string; deliveries?: string[] } | undefined> {
  const headers = { 'content-type': 'application/json' };
  const request = sources
    .get(source)
    ?.samples?.sign({ headers, body: JSON.stringify(body) }, `${source}-demo-secret`);
  const answer = await fetch(pipeline.webhookUrl(`demo-${source}`), { method: 'POST', ...request });
  expect(answer.status).toBe(200);
  const text = await answer.text();
  return text === '' ? undefined : JSON.parse(text);
}

test('1,000 WhatsApp messages, one of them invalid, become 999 events and one dead letter, and nothing more when resent', async () => {
  const messages = Array.from({ length: 1_000 }, (_, number) => ({
    id: `wamid.${number}`,
    from: '15550101',
    timestamp: '1790000000',
    type: 'text',
    text: { body: number === 499 ? 5 : `Grüße ${number}` },
  }));
  const value = { messaging_product: 'whatsapp', metadata: { phone_number_id: '106' }, messages };
  const batch = {
    object: 'whatsapp_business_account',
    entry: [{ id: '9', changes: [{ field: 'messages', value }] }],
  };

  const first = await post('whatsapp', batch);
  expect(first).toMatchObject({ result: 'quarantined' });
  expect(new Set(first?.deliveries).size).toBe(1_000);
  await pipeline.sandbox.waitFor({ distinct: 999 });
  const dead = await pipeline.worker.lines.waitFor((line) => line.outcome === 'dead');
  expect(dead).toMatchObject({ reason: 'invalid_input', delivery: first?.deliveries?.[499] });

  expect(await post('whatsapp', batch)).toEqual({ result: 'duplicate', deliveries: first?.deliveries });
  // One more message: it is processed after anything that the resend might have added.
  await post('whatsapp', {
    entry: [
      {
        id: '9',
        changes: [
          { field: 'messages', value: { ...value, messages: [{ ...messages[0], id: 'wamid.last' }] } },
        ],
      },
    ],
  });
  await pipeline.sandbox.waitFor({ distinct: 1_000 });
  expect(await pipeline.sandbox.ledger()).toMatchObject({ commits: 1_000, distinct: 1_000 });
});

test('five users who join a group at once become five events, even if each join is reported twice', async () => {
  const chat = { id: -1_001_234_567_890, type: 'supergroup', title: 'Group' };
  const date = 1_790_000_000;
  const members = [1, 2, 3, 4, 5].map((id) => ({
    id: 700_000_000 + id,
    is_bot: false,
    first_name: `Person ${id}`,
  }));
  const from = members[0];
  await post('telegram', {
    update_id: 1,
    message: { message_id: 1, date, chat, from, new_chat_members: members },
  });
  await pipeline.sandbox.waitFor({ distinct: 5 });
  for (const [index, user] of members.entries()) {
    const [old_chat_member, new_chat_member] = [
      { user, status: 'left' },
      { user, status: 'member' },
    ];
    await post('telegram', {
      update_id: 2 + index,
      chat_member: { chat, from: user, date, old_chat_member, new_chat_member },
    });
  }
  const left = { user: from, status: 'member' };
  const gone = { user: from, status: 'left' };
  await post('telegram', {
    update_id: 9,
    chat_member: { chat, from, date: date + 60, old_chat_member: left, new_chat_member: gone },
  });
  await pipeline.sandbox.waitFor({ distinct: 6 });
  const types = (await pipeline.sandbox.calls()).map(({ type }) => type);
  expect(types).toEqual([...Array.from({ length: 5 }, () => 'memberJoined'), 'memberLeft']);
});
