import { describe, expect, test } from 'vitest';
import { createSourceRegistry } from '../registry.ts';
import { cpuTimeOf } from '../test-support/cpu-time.ts';
import { MASK, maskPersonalData } from './mask-personal-data.ts';

const ADDRESS = '•••@•••';
const NOW = 1_790_000_000_000;

/** Returns a sample of a topic, masked and unmasked. */
function sampled(source: string, topic: string, settings: object, number: number) {
  const definition = createSourceRegistry().get(source);
  const request = definition?.samples?.compose(topic, {
    number,
    now: NOW,
    settings: definition.settings.parse(settings),
  });
  const body: unknown = JSON.parse(request?.body ?? 'null');
  return { body, masked: maskPersonalData(body), text: JSON.stringify(maskPersonalData(body)) };
}

describe('maskPersonalData masks personal data and keeps the rest', () => {
  test('in a Shopify order', () => {
    const { masked, text } = sampled('shopify', 'orders/create', { shopName: 'acme' }, 1);
    expect(text).not.toMatch(/Jörg|Weiß|Köln|Rua|example\.com|203\.0\.113|10001|authenticate/);
    expect(masked).toMatchObject({
      id: 5_600_000_000_001,
      admin_graphql_api_id: 'gid://shopify/Order/5600000000001',
      name: '#1001',
      order_number: 1001,
      created_at: new Date(NOW).toISOString(),
      currency: 'EUR',
      email: ADDRESS,
      contact_email: ADDRESS,
      browser_ip: MASK,
      phone: null,
      billing_address: { first_name: MASK, city: MASK, zip: MASK, country_code: 'DE' },
      customer: { id: 6_900_000_000_001, state: 'enabled', verified_email: true },
      line_items: [{ title: 'Enamel mug', sku: 'MUG-BLU', price: '18.00' }, {}, {}],
    });
  });

  test('in a Telegram membership update', () => {
    const { masked, text } = sampled('telegram', 'chat_member.joined', {}, 2);
    expect(text).not.toMatch(/Marta|Núñez|martan|Grace/);
    expect(masked).toMatchObject({
      chat_member: {
        chat: { id: -1_001_734_205_518, title: 'Sluice & friends' },
        from: { first_name: MASK, username: MASK, language_code: 'es' },
        old_chat_member: { status: 'left' },
      },
    });
  });

  test('in WhatsApp messages', () => {
    const { masked, text } = sampled('whatsapp', 'messages', {}, 1);
    expect(text).not.toMatch(/日本|佐藤|予約|15551000001|15550100000/);
    expect(masked).toMatchObject({
      entry: [
        {
          changes: [
            {
              value: {
                metadata: { phone_number_id: '106540352242922', display_phone_number: MASK },
                contacts: [{ profile: { name: MASK }, wa_id: MASK, user_id: 'US.13491208000001' }],
                messages: [{ from: MASK, timestamp: '1790000000', type: 'text', text: { body: MASK } }],
              },
            },
          ],
        },
      ],
    });
    const place = sampled('whatsapp', 'messages', {}, 5).text;
    expect(place).toContain('"location":{"latitude":"•••","longitude":"•••"');
    expect(sampled('whatsapp', 'statuses', {}, 1).text).not.toContain('15551000001');
  });

  test('in a Linear issue', () => {
    const { masked, text } = sampled('linear', 'Issue.create', {}, 1);
    expect(text).not.toMatch(/Jörg|Weiß|03:12/);
    expect(masked).toMatchObject({
      type: 'Issue',
      data: { identifier: 'ENG-101', description: MASK, number: 101, priorityLabel: 'Urgent' },
      url: 'https://linear.app/acme/issue/ENG-101',
    });
  });
});

describe('by name', () => {
  test.each([
    ...[
      'firstName',
      'first_name',
      'First-Name',
      'FIRST_NAME',
      'customer_first_name',
      'clientIp',
      'browserIP',
    ],
    ...['billing_phone', 'Zip', 'postalCode', 'shipping_city', 'date_of_birth', 'cart_token', 'address2'],
  ])('masks the value of %s', (key) => {
    expect(maskPersonalData({ [key]: 'x1' })).toEqual({ [key]: MASK });
  });

  test.each([
    ...['id', 'capacity', 'zipped', 'ip_count', 'email_marketing', 'phone_number_id', 'shop_domain', 'topic'],
    ...['toString', 'status', 'fromage', 'username_id'],
  ])('keeps the value of %s', (key) => {
    expect(maskPersonalData({ [key]: 'x1' })).toEqual({ [key]: 'x1' });
  });
});

describe('e-mail addresses and phone numbers', () => {
  test.each([
    ['write to ada@okafor.example, please', `write to ${ADDRESS}, please`],
    ['https://x.example/?email=ada%40okafor.example&n=1', `https://x.example/?email=${ADDRESS}&n=1`],
    ['Ada <a.b+c@d.co.uk>', `Ada <${ADDRESS}>`],
    ['jörg@köln.example', ADDRESS],
    ['call +49 (170) 123-4567 now', `call ${MASK} now`],
    ['2026-11-25T12:00:00+02:00', '2026-11-25T12:00:00+02:00'],
    ['+12.50', '+12.50'],
    ['a @ b', 'a @ b'],
  ])('in the text %j become %j', (text, masked) => {
    expect(maskPersonalData({ title: text, [text]: [text] })).toEqual({ title: masked, [masked]: [masked] });
  });

  test('in JSON inside a string are masked', () => {
    const form = JSON.stringify({ first_name: 'Ada', size: 3 });
    expect(maskPersonalData({ response_json: form })).toEqual({
      response_json: JSON.stringify({ first_name: MASK, size: 3 }),
    });
    expect(maskPersonalData('[broken')).toBe('[broken');
  });

  test('in a pair of name and value are masked by the name', () => {
    const pairs = [
      { name: 'gift_phone', value: '0170 1234' },
      { name: 'colour', value: 'red' },
    ];
    expect(maskPersonalData(pairs)).toEqual([
      { name: 'gift_phone', value: MASK },
      { name: 'colour', value: 'red' },
    ]);
    expect(maskPersonalData({ phone: { value: '0170 1234' }, email: ['x'] })).toEqual({
      phone: { value: MASK },
      email: [MASK],
    });
  });

  test('as JSON numbers are masked under phone names, unlike ids', () => {
    expect(maskPersonalData({ from: 491_701_234_567, zip: 50_667, to: 42, id: 491_701_234_567 })).toEqual({
      from: MASK,
      zip: MASK,
      to: 42,
      id: 491_701_234_567,
    });
  });
});

test('changes no prototype and not the original', () => {
  const body: unknown = JSON.parse('{"__proto__":{"name":"Ada"},"constructor":{"email":"a@b.c"}}');
  const before = JSON.stringify(body);
  expect(JSON.stringify(maskPersonalData(body))).toBe(
    `{"__proto__":{"name":"${MASK}"},"constructor":{"email":"${ADDRESS}"}}`,
  );
  expect(JSON.stringify(body)).toBe(before);
});

test('masks values nested deeper than any accepted body as a whole', () => {
  const deep: unknown = JSON.parse(`${'['.repeat(50_000)}"Ada"${']'.repeat(50_000)}`);
  const text = JSON.stringify(maskPersonalData(deep));
  expect(text).toContain(MASK);
  expect(text).not.toContain('Ada');
  const within = JSON.stringify(maskPersonalData(JSON.parse(`${'['.repeat(100)}"Ada"${']'.repeat(100)}`)));
  expect(within).toContain('Ada');
});

test.each([
  ['no @ at all', 'x'.repeat(4_000_000)],
  ['nothing but @', '@'.repeat(1_000_000)],
  ['a@ again and again', 'a@'.repeat(500_000)],
  ['dots', `a@${'b.'.repeat(500_000)}`],
  ['pluses and digits', '+1'.repeat(500_000)],
  ['brackets', '[{'.repeat(500_000)],
])('masks a long text in linear time: %s', (_name, text) => {
  expect(cpuTimeOf(() => maskPersonalData({ title: text }))).toBeLessThan(1_500);
});
